"""A person gets what is his: nothing that he may not see, no right that a mail carries, nobody else's address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from mailgateway.core import keys
from mailgateway.core.errors import NotFound, Refused
from mailgateway.mail.searched import searchable
from mailgateway.steps.export import Exported, export
from mailgateway.store import accesses, tables
from mailgateway.store.accesses import By
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk

BY = By("root", "test")
CARLOS = "carlos@outro.example"


def change(desk: Desk, statement: Any) -> None:
    with desk.gateway.database.write() as connection:
        connection.execute(statement)


def sent(desk: Desk) -> None:
    change(desk, update(tables.outbox).where(tables.outbox.c.state == "waiting").values(state="delivered"))


def exported(desk: Desk, email: str) -> Path:
    folder = desk.folder / f"of {email}"
    export(desk.gateway, email, folder, BY, desk.now)
    return folder


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def everything(folder: Path) -> str:
    """All files, as they are and as a reader sees them."""
    raws = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()]
    return "\n".join(f"{raw.decode('utf-8', 'replace')}\n{searchable(raw)}" for raw in raws)


def ticket(folder: Path, number: int = 1) -> dict[str, Any]:
    return dict(json.loads((folder / "tickets" / f"{number}.json").read_text("utf-8")))


def said(folder: Path, number: int = 1) -> list[str]:
    return [line["text"] for line in ticket(folder, number)["entries"]]


@pytest.fixture
def story(desk: Desk) -> Desk:
    """João's ticket with evidence, a note, a later follower, an approval and a rating; Bia's with João in copy."""
    desk.send(f"João <{JOAO}>", "Não imprime.", attach=(("../cupom: 1.pdf", b"%PDF-1.4 cupom"),))
    desk.now = desk.now.replace(hour=14)
    opened = desk.last(ANA, "agent_ticket_opened")
    desk.reply(opened, "#interno: cliente difícil, ver contrato 4711")
    desk.reply(opened, "Vou ver.", cc=CARLOS, to=f"{opened.reply_to}")
    desk.reply(opened, "#resolver: troquei o cabo")
    desk.reply(desk.last(MARIA, "approval_requested"), "Aprovado: ficou bom")
    desk.reply(desk.last(JOAO, "rating_requested"), "#nota 5: ótimo")
    desk.send(f"Bia <{BIA}>", "Sem rede.", subject="Rede", cc=JOAO)
    sent(desk)
    return desk


def test_he_gets_all_that_is_his(story: Desk) -> None:
    folder = exported(story, JOAO.upper())
    about = json.loads((folder / "person.json").read_text("utf-8"))
    assert (about["name"], about["email"], about["addresses"], about["tickets"]) == ("João", JOAO, [JOAO], [1, 2])
    assert about["known_since"] == "2026-11-24T13:00:00Z"
    files = names(folder)
    assert {"person.json", "tickets/1.json", "tickets/2.json", "mails/in/1.eml"} <= files
    assert (folder / ticket(folder)["evidence"][0]["file"]).read_bytes() == b"%PDF-1.4 cupom"
    assert [name for name in files if name.startswith("evidence/")] == ["evidence/1/1-cupom_ 1.pdf"]
    his = [m for m in about["mails_out"] if m["file"]]
    assert {m["notice"] for m in his} >= {
        "ticket_opened",
        "commented",
        "finished",
        "rating_requested",
        "follower_added",
    }
    assert {m["file"] for m in (*about["mails_in"], *his)} == {n for n in files if n.startswith("mails/")}
    assert {m["outcome"] for m in about["mails_in"]} == {"opened", "acted"}
    mine = ticket(folder)
    assert (mine["roles"], mine["subject"], mine["rating"]["score"]) == (["requester"], "Impressora parada", 5)
    assert (mine["requester"]["email"], mine["assignee"]) == (JOAO, {"name": "Ana Lima"})
    assert "Não imprime." in said(folder)
    assert {p.stat().st_mode & 0o077 for p in (folder, *folder.rglob("*"))} == {0}


def test_no_note_no_key_and_no_address_of_anybody_else(story: Desk) -> None:
    story.send(ANA, "Nota.", subject="x")
    text = everything(exported(story, JOAO))
    assert "4711" not in text
    assert CARLOS not in text
    assert ANA not in text
    assert keys.read(text, story.gateway.secrets) is None
    assert keys.hidden(text) == text
    assert "…" in " ".join(said(story.folder / f"of {JOAO}"))


def test_the_keys_in_what_he_wrote_himself_are_hidden_too(story: Desk) -> None:
    raw = story.raw(story.items()[-2].id)  # his rating, to his reply address
    assert keys.read(searchable(raw), story.gateway.secrets)
    assert QUEUE in everything(exported(story, JOAO))


def test_a_follower_gets_what_came_since_he_joined(story: Desk) -> None:
    folder = exported(story, CARLOS)
    assert "Não imprime." not in everything(folder)
    assert "Vou ver." in said(folder)
    assert ticket(folder)["description"] == ""
    assert ticket(folder)["evidence"] == []
    assert JOAO not in everything(folder)


def test_an_approver_gets_his_votes(story: Desk) -> None:
    folder = exported(story, MARIA)
    (vote,) = ticket(folder)["votes"]
    assert (vote["approved"], vote["reason"]) == (True, "ficou bom")
    assert "4711" not in everything(folder)


def test_of_a_ticket_that_is_not_his_he_gets_only_his_words(story: Desk) -> None:
    stranger = "eva@outro.example"
    story.reply(story.last(JOAO, "ticket_opened"), "Eu vi a impressora.", author=stranger, auth="", to=QUEUE)
    folder = exported(story, stranger)
    assert ticket(folder).keys() == {"number", "roles", "entries", "evidence", "votes"}
    assert [line["text"] for line in ticket(folder)["entries"]] == ["Eu vi a impressora."]


def test_an_agent_gets_his_public_words_and_no_mail_of_the_desk(story: Desk) -> None:
    folder = exported(story, ANA)
    assert "4711" not in everything(folder)
    assert JOAO not in everything(folder)
    assert "Vou ver." in said(folder)
    assert not [name for name in names(folder) if name.startswith("mails/")]


def test_what_is_gone_by_retention_is_listed_without_its_bytes(story: Desk) -> None:
    change(story, update(tables.outbox).values(gone_at=story.now))
    change(story, update(tables.inbox).values(gone_at=story.now))
    folder = exported(story, JOAO)
    about = json.loads((folder / "person.json").read_text("utf-8"))
    assert [m["id"] for m in about["mails_in"]] == [1, 6]
    assert about["mails_out"]
    assert {m["file"] for m in (*about["mails_in"], *about["mails_out"])} == {None}


def test_what_somebody_forged_in_his_name_is_not_his(story: Desk) -> None:
    story.send(JOAO, "Quero as fotos da Bia.", subject="Fotos", auth="fail")
    item = story.receive(story.mail(JOAO, "Que mata."))
    change(story, update(tables.inbox).where(tables.inbox.c.id == item).values(state="done", outcome="quarantined"))
    folder = exported(story, JOAO)
    about = json.loads((folder / "person.json").read_text("utf-8"))
    assert not [m for m in about["mails_in"] if m["id"] == item - 1]
    assert [m["file"] for m in about["mails_in"] if m["id"] == item] == [None]


def test_a_code_that_still_answers_is_not_in_it(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    asked = desk.last(MARIA, "approval_requested")
    desk.reply(asked, "Aprovado", to=QUEUE)
    challenge = desk.last(MARIA, "challenge")
    sent(desk)
    code = keys.code(desk.gateway.secrets[0], 1)
    shown = f"{code[:4]}-{code[4:]}"
    assert shown in challenge.text
    text = everything(exported(desk, MARIA))
    assert "0000-0000" in text
    assert shown not in text


def test_it_is_whole_or_not_there(story: Desk, tmp_path: Path) -> None:
    for name in list(story.gateway.blobs.names()):
        story.gateway.blobs.remove(name)
    with pytest.raises(FileNotFoundError):
        export(story.gateway, JOAO, tmp_path / "out" / "joao", BY, story.now)
    assert names(tmp_path / "out") == set()
    with story.gateway.database.read() as connection:
        assert accesses.page(connection, limit=None, after=None, newest_first=False) == []


def test_nothing_is_written_over_and_nobody_is_made_up(story: Desk, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(Refused, match="not empty"):
        export(story.gateway, JOAO, tmp_path / "full", BY, story.now)
    with pytest.raises(NotFound, match=r"nobody@x\.example"):
        export(story.gateway, "nobody@x.example", tmp_path / "new", BY, story.now)
    assert not (tmp_path / "new").exists()
    (tmp_path / "empty").mkdir()
    assert export(story.gateway, JOAO, tmp_path / "empty", BY, story.now) == Exported(2, 8, 1, 2, 7)


def test_the_log_tells_of_it(story: Desk) -> None:
    exported(story, JOAO)
    with story.gateway.database.read() as connection:
        (row,) = accesses.page(connection, limit=None, after=None, newest_first=False)
    assert (row.actor, row.action, row.about) == ("root", "export", f"person {story.person(JOAO).id}")
