"""Mails as Brazilian programs write them, and what a careful person reads in each.

Each folder of `tests/mails/brazil` is a kind of program; its `expected.toml` has a table for each mail. What a table
leaves out is the ordinary: a person wrote it and asks for nothing, no file is attached, nothing bounced. A machine's
new text counts only where it is stated, its parts never.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest

from mailgateway.cli.explain import explained
from mailgateway.core.messages import Attachment, Mail
from mailgateway.core.people import Mailbox
from mailgateway.mail.parse import parse

MAILS = Path(__file__).parent.parent / "mails" / "brazil"
ORDINARY = {"kind": "person", "acts": [], "bounces": [], "returned": [], "forwarded": ""}
EXPECTED: dict[str, dict[str, Any]] = {
    f"{file.parent.name}/{name}": ORDINARY | stated
    for file in sorted(MAILS.glob("*/expected.toml"))
    for name, stated in tomllib.loads(file.read_text("utf-8")).items()
}
PEOPLE = [case for case, stated in EXPECTED.items() if stated["kind"] == "person"]


def raw(case: str) -> bytes:
    return (MAILS / f"{case}.eml").read_bytes()


def squeezed(text: str) -> str:
    """As people see it: runs of white space are one blank, an accent and its letter one sign."""
    return " ".join(normalize("NFC", text).split())


def named(mailboxes: tuple[Mailbox, ...]) -> str:
    return ", ".join(f"{mailbox.name} <{mailbox.email}>" if mailbox.name else mailbox.email for mailbox in mailboxes)


def described(attachment: Attachment) -> dict[str, Any]:
    return {"name": squeezed(attachment.filename), "type": attachment.content_type, "inline": attachment.inline}


def found(mail: Mail) -> dict[str, Any]:
    return {
        "subject": mail.subject,
        "from": named(mail.from_),
        "kind": mail.kind.value,
        "new_text": squeezed(mail.parts.new),
        "bounces": [{"recipient": b.recipient, "action": b.action, "status": b.status} for b in mail.bounces],
        "returned": list(mail.returned_ids),
        "forwarded": named(mail.forwarded),
    }


def test_there_are_enough_and_each_has_its_expectation() -> None:
    assert {f"{file.parent.name}/{file.stem}" for file in MAILS.glob("*/*.eml")} == set(EXPECTED)
    assert len(EXPECTED) >= 120
    assert all("new_text" in EXPECTED[case] for case in PEOPLE)


def test_the_bytes_are_those_that_a_server_hands_over() -> None:
    """CRLF at each line: what git or an editor changes would be another mail."""
    assert not [case for case in EXPECTED if raw(case).count(b"\n") != raw(case).count(b"\r\n")]


@pytest.mark.parametrize("case", EXPECTED)
def test_a_mail_is_read_as_a_careful_person_reads_it(case: str) -> None:
    wanted = {key: value for key, value in EXPECTED[case].items() if key not in ("acts", "attachments")}
    read = found(parse(raw(case)))
    assert {key: read[key] for key in wanted} == wanted


@pytest.mark.parametrize("case", PEOPLE)
def test_the_files_that_somebody_attached(case: str) -> None:
    wanted = [{"inline": False} | attachment for attachment in EXPECTED[case].get("attachments", [])]
    assert [described(attachment) for attachment in parse(raw(case)).attachments] == wanted


@pytest.mark.parametrize("case", EXPECTED)
def test_a_mail_asks_for_what_its_writer_meant(case: str) -> None:
    """In the situations of `explain`; of an act's arguments those that are stated, and `until` as on that day."""
    wanted, mail = EXPECTED[case]["acts"], parse(raw(case))
    assert mail.date is not None
    asked = explained(case, raw(case), mail.date)["acts"]
    assert [act["act"] for act in asked] == [act["act"] for act in wanted]
    for act, stated in zip(asked, wanted, strict=True):
        arguments = {key: squeezed(arg) if isinstance(arg, str) else arg for key, arg in act["args"].items()}
        assert {"act": act["act"], **arguments} | stated == {"act": act["act"], **arguments}
