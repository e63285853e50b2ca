"""README says what is true: its table of verbs is made from the words that are read, every command stands in it."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mailgateway import config
from mailgateway.cli.root import COMMANDS
from mailgateway.core.manual import chapters
from mailgateway.core.messages import Line
from mailgateway.core.workflow import Role

README = Path(__file__).resolve().parents[1] / "README.md"
TABLE = re.compile(r"(<!-- verbs[^\n]*-->\n).*?(\n<!-- end -->)", re.DOTALL)
WHO = {"anybody": "anybody", "requester": "requester, follower", "approver": "approver", "agent": "agent"}


def _table() -> str:
    """The help of each role, as the help mail prints it, in Portuguese."""
    labels = config.phrases().labels("pt-BR")
    rows = ["| who | writes |", "|---|---|"]
    for chapter in chapters(frozenset(Role), labels):
        rows.append(f"| {WHO[chapter.name]} | {' · '.join(map(_line, chapter.lines))} |")
    return "\n".join(rows)


def _line(line: Line) -> str:
    return f"`{line.text.strip()}`" + (f" *{line.placeholder}*" if line.placeholder else "")


def test_the_table_of_verbs_is_the_help_that_mails_print() -> None:
    text = README.read_text(encoding="utf-8")
    wanted = TABLE.sub(lambda m: m[1] + _table() + m[2], text)
    if os.environ.get("MAILGATEWAY_SNAPSHOTS") == "write":
        text = wanted
        README.write_text(text, encoding="utf-8")
    assert text == wanted, "MAILGATEWAY_SNAPSHOTS=write make test writes it anew"


def test_every_command_stands_in_it() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}" not in text and f"mailgateway {name}" not in text] == []


def test_every_file_that_it_names_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []
