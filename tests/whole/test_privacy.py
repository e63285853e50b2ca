"""`export`, `erase`, `retention`, `accesses` as whoever answers for personal data uses them."""

from __future__ import annotations

import json
import os
import pwd
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from mailgateway import __main__ as program
from tests.desk import ANA, BIA, JOAO, Desk, config_text

NAME = "João Peçanha"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    config = tmp_path / "desk.toml"
    config.write_text(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db"), encoding="utf-8")

    def run(*arguments: object, code: int = 0) -> str:
        capsys.readouterr()
        assert program.run(["-c", str(config), *map(str, arguments)]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def story(small_desk: Desk) -> Desk:
    small_desk.send(
        f"{NAME} <{JOAO}>", "A zirconita caiu.", cc=BIA, attach=(("laudo.pdf", b"%PDF zirconita" + b"z" * 1_200_000),)
    )
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#interno: o cliente 4711 é difícil")
    return small_desk


def grep(folder: Path, *words: str) -> list[str]:
    found = [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".toml"]
    return [w for w in words if any(w.lower().encode() in p.read_bytes().lower() for p in found)]


def test_a_person_gets_his_data_and_then_is_gone(run: Any, story: Desk, tmp_path: Path) -> None:
    exported = json.loads(run("export", JOAO, tmp_path / "out" / "joao", "--json"))
    assert exported == {
        "folder": str(tmp_path / "out" / "joao"),
        **{"tickets": 1, "entries": 1, "evidence": 1, "mails_in": 1, "mails_out": 0},
    }
    about = json.loads((tmp_path / "out" / "joao" / "person.json").read_text("utf-8"))
    assert about["name"] == NAME
    assert "not empty" in run("export", JOAO, tmp_path / "out" / "joao", code=1)

    before = (tmp_path / "desk.db").read_bytes()
    foreseen = json.loads(run("erase", JOAO, "--dry-run", "--json"))
    assert foreseen["dry_run"] is True
    assert foreseen["evidence"] == [{"ticket": 1, "filename": "laudo.pdf"}]
    assert "Nothing was changed" in run("erase", JOAO, "--dry-run")
    assert "laudo.pdf (#1)" in run("erase", JOAO, "--dry-run")
    assert json.loads(run("tickets", "show", 1, "--json"))["requester"] == {"name": NAME, "email": JOAO}
    assert before

    done = json.loads(run("erase", JOAO, "--json"))
    assert done == foreseen | {"dry_run": False}
    assert done["clean"] is True
    run("export", BIA, tmp_path / "out" / "bia")
    run("backup", tmp_path / "copy")
    for place in (tmp_path / "blobs", tmp_path / "copy", tmp_path / "out" / "bia"):
        assert grep(place, "zirconita", JOAO, "Peçanha") == []
    for file in tmp_path.glob("desk.db*"):
        assert not [w for w in ("zirconita", JOAO, "peçanha") if w.encode() in file.read_bytes().lower()], file

    shown = json.loads(run("tickets", "show", 1, "--json"))
    assert shown["requester"] == {"name": done["pseudonym"], "email": f"erased-{done['person']['id']}@erased.invalid"}
    assert shown["entries"][-1]["kind"] == "correction"
    assert f"{done['pseudonym']} foram apagados" in shown["entries"][-1]["text"]
    assert "All is well" in run("verify")
    assert "nobody has the address" in run("erase", JOAO, code=1)
    assert "nobody has the address" in run("export", JOAO, tmp_path / "again", code=1)


def test_whom_the_configuration_names_is_refused_with_the_cure(run: Any, story: Desk) -> None:
    for arguments in (("erase", ANA), ("erase", ANA, "--dry-run")):
        said = run(*arguments, code=1)
        assert f"the configuration names {ANA}; nothing was changed. Take it out" in said


def test_retention_says_first_and_does_then(run: Any, story: Desk, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "desk.db") as connection:
        connection.execute("UPDATE inbox SET received_at = '2020-01-01 00:00:00.000000'")
    assert json.loads(run("retention", "--dry-run", "--json")) == {
        **{"raw": [1, 2], "quarantine": [], "outbox": []},
        **{"dry_run": True, "clean": True},
    }
    assert "Due: 2 raw, 0 quarantine, 0 outbox. Nothing was changed." in run("retention", "--dry-run")
    assert "Removed: 2 raw, 0 quarantine, 0 outbox." in run("retention")
    assert json.loads(run("retention", "--json"))["raw"] == 0
    assert "by retention or erasure" in run("inbox", "show", 1, "--raw", code=1)
    assert json.loads(run("inbox", "stats", "--json"))["accepted"] == 2
    assert "All is well" in run("verify")
    assert grep(tmp_path / "blobs", "zirconita") == ["zirconita"]  # the evidence stays with its ticket


def test_the_log_tells_who_read_what(run: Any, story: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    me = pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert "Nobody has read" in run("accesses")
    run("tickets", "show", 1)
    run("tickets", "show", 1, "--as", BIA)
    run("inbox", "show", 1)
    run("inbox", "show", 1, "--raw")
    monkeypatch.setenv("SUDO_USER", "helena")
    run("outbox", "show", 2, "--raw")
    run("export", JOAO, tmp_path / "joao")
    run("retention", "--dry-run")
    run("retention")
    rows = lines(run("accesses", "--json"))
    person = story.person(JOAO).id
    assert [(r["action"], r["about"]) for r in rows] == [
        ("show_ticket", "ticket 1"),
        ("show_ticket", "ticket 1"),
        ("show_raw", "inbox 1"),
        ("show_raw", "outbox 2"),
        ("export", f"person {person}"),
        ("retention", "raw 0 quarantine 0 outbox 0"),
    ]
    assert [r["actor"] for r in rows[2:4]] == [me, f"helena as {me}"]
    assert {r["source"].partition("@")[0] for r in rows} == {"cli"}
    assert all(r["at"].endswith("Z") for r in rows)
    assert [r["id"] for r in lines(run("accesses", "--json", "--newest-first", "--limit", 2))] == [6, 5]
    assert "show ticket" in run("accesses")
