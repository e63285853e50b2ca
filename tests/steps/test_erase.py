"""After an erasure nothing leads to the person: no table, no file. What happened stays, under a pseudonym."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from mailgateway.core.errors import NotFound, Refused
from mailgateway.core.tickets import Asked, EntryKind
from mailgateway.core.workflow import Act, Status
from mailgateway.steps import erase, retry
from mailgateway.steps.act import act
from mailgateway.store import accesses, db, integrity, tables
from mailgateway.store.accesses import By
from tests.desk import ANA, BIA, JOAO, MARIA, Desk, config_text

BY = By("root", "test")
NAME = "João Peçanha"
WORDS = ["zirconita", "balaustrada", "quiproquó", "98765-4321", "xilogravura", "Peçanha", "joao@cliente"]
SECRET = b"%PDF-1.4 laudo da balaustrada de Jo\xc3\xa3o Pe\xc3\xa7anha " + b"z" * 1_200_000
SHARED = b"%PDF-1.4 a manual that many send"


def sent(desk: Desk) -> None:
    change(desk, update(tables.outbox).where(tables.outbox.c.state == "waiting").values(state="delivered"))


def change(desk: Desk, statement: Any) -> None:
    with desk.gateway.database.write() as connection:
        connection.execute(statement)


def texts(desk: Desk) -> str:
    """Everything in every row, decoded as far as a reader of the database could."""
    with desk.gateway.database.read() as connection:
        rows = [r for t in tables.metadata.sorted_tables for r in connection.execute(select(t))]
    said = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for row in rows for v in row]
    return "\n".join(said).lower()


def files(desk: Desk) -> bytes:
    """Every byte of the database's files and of the blobs."""
    folder = Path(desk.gateway.settings.gateway.blobs)
    path = desk.gateway.database.path
    found = [f for f in folder.rglob("*") if f.is_file()] + (list(path.parent.glob("desk.db*")) if path else [])
    return b"".join(f.read_bytes() for f in found)


def traces(desk: Desk) -> list[str]:
    """Which of the words by which he is known are still anywhere."""
    rows, raw = texts(desk), files(desk).lower()
    return [w for w in WORDS if w.lower() in rows or w.lower().encode() in raw or quoted_printable(w.lower()) in raw]


def quoted_printable(word: str) -> bytes:
    return b"".join(bytes([b]) if b < 128 else b"=%02x" % b for b in word.encode())


def findings(desk: Desk) -> list[str]:
    with desk.gateway.database.read() as connection:
        return list(integrity.findings(connection, desk.gateway.blobs))


def kinds(desk: Desk, number: int = 1) -> list[tuple[Any, ...]]:
    """What happened on a ticket, when, and through which states."""
    return [(e.kind, e.at, e.author and e.author.id, e.from_status, e.to_status) for e in desk.history(number)]


@pytest.fixture
def story(desk: Desk) -> Desk:
    return told(desk)


def told(desk: Desk) -> Desk:
    """João opened a ticket that lived, follows Bia's, is named in a third, was asked what he meant, asked the FAQ."""
    who = f"{NAME} <{JOAO}>"
    desk.send(
        who,
        "A zirconita da balaustrada caiu.\nLigue para (11) 98765-4321.",
        subject="Quiproquó na balaustrada",
        cc=BIA,
        html="<p>A zirconita da balaustrada caiu.</p>",
        attach=(("laudo da zirconita.pdf", SECRET), ("manual.pdf", SHARED)),
    )
    opened = desk.last(ANA, "agent_ticket_opened")
    desk.reply(opened, "#assumir")
    desk.reply(opened, "João, é a do pátio? Liguei para 11 98765 4321.\n\n> A zirconita da balaustrada caiu.")
    desk.reply(desk.last(JOAO, "commented"), "Sim, a xilogravura também caiu.", author=who)
    desk.reply(opened, f"#interno: o {NAME} ligou duas vezes")
    desk.reply(opened, "#resolver: refeita")
    desk.reply(desk.last(MARIA, "approval_requested"), f"Aprovado: falei com {NAME}")
    desk.reply(desk.last(JOAO, "rating_requested"), "5 xilogravura perfeita", author=who)
    desk.reply(desk.last(JOAO, "rating_requested"), "#nota 5: xilogravura perfeita", author=who)
    desk.send(f"Bia <{BIA}>", "Sem rede.", subject="Rede", cc=who, attach=(("manual.pdf", SHARED),))
    desk.send(f"Bia <{BIA}>", f"Avisem {JOAO}.", subject="Recado")
    desk.send(JOAO, "#faq xilogravura", subject="Pergunta")
    desk.send(JOAO, "#chamados", subject="Lista")
    desk.send(ANA, "#chamados todos", subject="Lista")
    sent(desk)
    return desk


def test_nothing_leads_to_him_any_more(story: Desk) -> None:
    assert set(traces(story)) == set(WORDS)
    erased = erase.erase(story.gateway, JOAO.upper(), BY, story.now)
    assert erased.clean
    assert traces(story) == []
    assert findings(story) == []
    assert story.balances()


def test_what_happened_stays_under_a_pseudonym(story: Desk) -> None:
    person = story.person(JOAO)
    before, others = kinds(story), [e.text for e in story.history(2)]
    states = [r.state for r in story._states()]
    erase.erase(story.gateway, JOAO, BY, story.now)
    assert kinds(story)[:-1] == before
    last = story.history()[-1]
    assert (last.kind, last.author) == (EntryKind.CORRECTION, None)
    assert last.text == f"os dados pessoais de Pessoa apagada {person.id} foram apagados (pela linha de comando)"
    ticket = story.ticket()
    assert ticket.requester
    assert (ticket.requester.id, ticket.requester.name) == (person.id, f"Pessoa apagada {person.id}")
    assert (ticket.subject, ticket.description, ticket.status) == (
        "Conteúdo apagado",
        "Conteúdo apagado",
        Status.FINISHED,
    )
    assert ticket.rating
    assert (ticket.rating.score, ticket.rating.comment) == (5, "")
    assert ticket.round
    assert ticket.round.result is True
    assert [r.state for r in story._states()] == states
    assert [e.text.replace(f"Pessoa apagada {person.id}", NAME) for e in story.history(2)][:-1] == others
    assert not story.ticket(2).followers


def test_what_others_said_stays_as_far_as_it_does_not_lead_to_him(story: Desk) -> None:
    erase.erase(story.gateway, JOAO, BY, story.now)
    said = [e.text for e in story.history()]
    assert any(text.startswith("Pessoa apagada") and "Liguei para …." in text for text in said)
    assert any("ligou duas vezes" in text for text in said)
    assert any(text.startswith("aprovou: falei com Pessoa apagada") for text in said)
    assert "deu nota 5" in said
    assert "Avisem Pessoa apagada" in story.history(3)[0].text
    assert story.ticket(2).description == "Sem rede."


def test_evidence_that_somebody_else_sent_too_stays(story: Desk) -> None:
    erased = erase.erase(story.gateway, JOAO, BY, story.now)
    assert {name for _, name in erased.evidence} == {"laudo da zirconita.pdf", "manual.pdf"}
    assert hashlib.sha256(SECRET).hexdigest() in erased.blobs
    assert hashlib.sha256(SHARED).hexdigest() not in erased.blobs
    assert set(story.gateway.blobs.names()) == {hashlib.sha256(SHARED).hexdigest()}


def test_a_dry_run_says_what_would_go_and_changes_nothing(story: Desk) -> None:
    before = texts(story)
    foreseen = erase.foresee(story.gateway, JOAO, BY, story.now)
    assert texts(story) == before
    assert erase.erase(story.gateway, JOAO, BY, story.now) == foreseen
    assert foreseen.tickets == [1, 2]
    assert foreseen.opened == [1]
    assert foreseen.stopped == []


def test_his_old_reply_addresses_open_nothing(story: Desk) -> None:
    mine = story.last(JOAO, "ticket_opened")
    erase.erase(story.gateway, JOAO, BY, story.now)
    before = story.history()
    assert story.reply(mine, "#cancelar: não quero mais", author=JOAO) in ("refused", "commented", "opened")
    assert story.ticket().status is Status.FINISHED
    assert [e.text for e in story.history()][: len(before)] == [e.text for e in before]


def test_who_writes_again_is_somebody_new(story: Desk) -> None:
    old = story.person(JOAO).id
    erase.erase(story.gateway, JOAO, BY, story.now)
    assert story.send(JOAO, "Olá.", subject="De novo") == "opened"
    assert story.person(JOAO).id != old


def test_what_was_still_to_be_sent_to_him_or_of_him_is_not(desk: Desk) -> None:
    desk.send(f"{NAME} <{JOAO}>", "A zirconita caiu.", subject="Quiproquó na zirconita")
    desk.send(BIA, "Sem rede.", subject="Rede")
    before = {r.id: r for r in desk._states()}
    erased = erase.erase(desk.gateway, JOAO, BY, desk.now)
    after = {r.id: r for r in desk._states()}
    assert {before[i].ticket for i in erased.stopped} == {1}
    assert {after[i].state for i in erased.stopped} == {"cancelled"}
    assert {r.state for r in after.values() if r.ticket == 2} == {"waiting"}
    assert all("apagados" in after[i].reason for i in erased.stopped)
    with pytest.raises(NotFound):
        retry.send_again(desk.gateway, erased.stopped[0], desk.now)
    assert findings(desk) == []


def test_what_others_are_owed_on_a_ticket_he_only_follows_still_goes_out(desk: Desk) -> None:
    desk.send(BIA, "Sem rede.", subject="Rede", cc=JOAO)
    sent(desk)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "Vou ver a rede.")
    erase.erase(desk.gateway, JOAO, BY, desk.now)
    assert {(o.to, o.state) for o in desk._states() if o.notice == "commented" and o.state == "waiting"} == {
        (BIA, "waiting")
    }


def test_the_sweep_and_later_acts_work_with_a_pseudonym(story: Desk) -> None:
    story.send(f"{NAME} <{JOAO}>", "De novo.", subject="Balaustrada outra vez")
    erase.erase(story.gateway, JOAO, BY, story.now)
    act(story.gateway, 4, Asked(Act.TAKE), ANA, story.now)
    act(story.gateway, 4, Asked(Act.RESOLVE, "Feito."), ANA, story.now)
    story.sweep(days=40)
    assert {o.state for o in story._states() if o.to.endswith("erased.invalid")} <= {
        "delivered",
        "withheld",
        "cancelled",
    }
    assert traces(story) == []


def test_a_question_that_holds_his_words_is_over(desk: Desk) -> None:
    desk.send(JOAO, "A zirconita caiu.")
    desk.send(
        JOAO, "#cancelar: a xilogravura serve", auth="", to=desk.last(JOAO, "ticket_opened").reply_to.replace("+", "+x")
    )
    desk.reply(desk.last(JOAO, "ticket_opened"), "#cancelar: a xilogravura serve", auth="fail")
    erased = erase.erase(desk.gateway, JOAO, BY, desk.now)
    assert erased.questions == 1
    assert "xilogravura" not in texts(desk)
    with desk.gateway.database.read() as connection:
        row = connection.execute(select(tables.questions)).one()
    assert row.state == "overtaken"
    assert json.loads(row.text)[0]["act"] == "cancel"


@pytest.mark.parametrize("email", [ANA, MARIA, "suporte@aurora.example"])
def test_whom_the_configuration_names_is_not_erased(desk: Desk, email: str) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: pronto")
    act(desk.gateway, 1, Asked(Act.COMMENT, "Olá."), "", desk.now)
    before = texts(desk)
    with pytest.raises(Refused, match="the configuration names"):
        erase.erase(desk.gateway, email, BY, desk.now)
    assert texts(desk) == before


def test_nobody_is_erased_who_is_not_known(desk: Desk) -> None:
    with pytest.raises(NotFound, match="contacts list"):
        erase.erase(desk.gateway, JOAO, BY, desk.now)


@pytest.mark.parametrize("hold", ["[1]", f'["{JOAO}"]'])
def test_what_is_under_legal_hold_stays(tmp_path: Path, hold: str) -> None:
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db") + f"[retention]\nhold = {hold}\n"
    desk = Desk.open(text, tmp_path)
    desk.send(JOAO)
    before = texts(desk)
    for does in (erase.erase, erase.foresee):
        with pytest.raises(Refused, match="legal hold"):
            does(desk.gateway, JOAO, BY, desk.now)
    assert texts(desk) == before
    desk.close()


def test_the_log_says_who_erased_whom_by_number(story: Desk) -> None:
    person = story.person(JOAO)
    erase.foresee(story.gateway, JOAO, BY, story.now)
    erase.erase(story.gateway, JOAO, BY, story.now)
    with story.gateway.database.read() as connection:
        (row,) = accesses.page(connection, limit=None, after=None, newest_first=False)
    assert (row.actor, row.action, row.about, row.source, row.at) == (
        *("root", "erase", f"person {person.id}", "test"),
        story.now,
    )


def test_a_mail_that_waits_is_told_of_and_left_alone(desk: Desk) -> None:
    desk.send(JOAO, "A zirconita caiu.")
    item = desk.receive(desk.mail(JOAO, "Mais uma coisa.", subject="Outra"))
    assert erase.erase(desk.gateway, JOAO, BY, desk.now).waiting == 1
    assert desk.raw(item)
    desk.process()
    assert desk.item(item).outcome == "opened"


def test_beside_a_reader_the_file_is_not_clean_yet_and_that_is_said(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = told(small_desk)
    monkeypatch.setattr(db, "_PATIENCE", 0.2)
    with contextlib.closing(db.Database(story.gateway.database.url)) as hasty:
        gateway = replace(story.gateway, database=hasty)
        with story.gateway.database.read() as connection:
            connection.execute(select(tables.people)).all()
            assert not erase.erase(gateway, JOAO, BY, story.now).clean
        assert hasty.scrub()
    assert traces(story) == []
