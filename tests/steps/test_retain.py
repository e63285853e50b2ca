"""What is kept too long goes by its kind and days; every count stays, and what is under legal hold stays whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from mailgateway.core.errors import NotFound
from mailgateway.core.tickets import EntryKind
from mailgateway.steps import retain, retry
from mailgateway.store import accesses, inbox, integrity, outbox, tables
from mailgateway.store.accesses import By
from tests.desk import ANA, BIA, JOAO, Desk, config_text

LARGE = b"x" * 1_200_000
BY = By("root", "test")


def findings(desk: Desk) -> list[str]:
    with desk.gateway.database.read() as connection:
        return list(integrity.findings(connection, desk.gateway.blobs))


def sent(desk: Desk) -> None:
    """Everything left."""
    change(desk, update(tables.outbox).where(tables.outbox.c.state == "waiting").values(state="delivered"))


def change(desk: Desk, statement: Any) -> None:
    with desk.gateway.database.write() as connection:
        connection.execute(statement)


def kept(desk: Desk) -> tuple[list[int], list[int]]:
    """The mails in and out whose bytes are here."""
    with desk.gateway.database.read() as connection:
        found = [
            list(connection.execute(select(t.c.id).where(t.c.gone_at.is_(None)).order_by(t.c.id)).scalars())
            for t in (tables.inbox, tables.outbox)
        ]
    return found[0], found[1]


def retained(desk: Desk, **later: int) -> dict[str, int] | None:
    desk.now += timedelta(**later)
    return retain.retain(desk.gateway, BY, desk.now)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A small and a large mail that opened tickets, one in quarantine, answers of ours that left."""
    desk.send(JOAO)
    desk.send(BIA, "Sem rede.", subject="Rede", attach=(("cupom.pdf", LARGE),))
    item = desk.receive(desk.mail(JOAO, "Que mata."))
    change(desk, update(tables.inbox).where(tables.inbox.c.id == item).values(state="done", outcome="quarantined"))
    sent(desk)
    return desk


def test_each_kind_goes_after_its_days_and_every_count_stays(busy: Desk) -> None:
    with busy.gateway.database.read() as connection:
        before = integrity.contents(connection)
    ours = kept(busy)[1]
    assert retained(busy, days=14) == {"raw": 0, "quarantine": 0, "outbox": 0}
    assert retained(busy, days=2) == {"raw": 0, "quarantine": 1, "outbox": 0}
    assert kept(busy) == ([1, 2], ours)
    assert retained(busy, days=15) == {"raw": 2, "quarantine": 0, "outbox": 0}
    assert kept(busy) == ([], ours)
    assert retained(busy, days=60) == {"raw": 0, "quarantine": 0, "outbox": len(ours)}
    assert kept(busy) == ([], [])
    with busy.gateway.database.read() as connection:
        after = integrity.contents(connection)
        assert (
            connection.execute(select(tables.inbox_raw)).all()
            == connection.execute(select(tables.outbox_raw)).all()
            == []
        )
    assert (after.accepted, after.outcomes, after.tickets, after.outbox) == (
        *(before.accepted, before.outcomes, before.tickets),
        before.outbox,
    )
    assert after.blobs == 1  # the evidence
    assert len(list(busy.gateway.blobs.names())) == 1
    assert busy.balances()
    assert findings(busy) == []


def test_whoever_asks_for_what_is_gone_is_told_since_when(busy: Desk) -> None:
    retained(busy, days=100)
    with busy.gateway.database.read() as connection:
        for ask in (
            lambda: inbox.raw(connection, 1, busy.gateway.blobs),
            lambda: inbox.raw(connection, 2, busy.gateway.blobs),
            lambda: outbox.raw(connection, 1),
        ):
            with pytest.raises(NotFound, match="went on 2027-03-04"):
                ask()
    for again in (
        lambda: retry.process_again(busy.gateway, 3),
        lambda: retry.send_again(busy.gateway, 1, busy.now),
    ):
        with pytest.raises(NotFound):
            again()


def test_the_history_says_it_once_when_nothing_is_left(busy: Desk) -> None:
    busy.now += timedelta(days=20)
    busy.reply(busy.last(ANA, "agent_ticket_opened"), "Vou ver.")
    sent(busy)

    def corrections() -> list[str]:
        return [e.text for e in busy.history(2) if e.kind is EntryKind.CORRECTION]

    retained(busy, days=11)
    assert corrections() == []  # the reply's original is still here
    retained(busy, days=20)
    assert len(corrections()) == 1
    assert "os originais dos e-mails recebidos foram apagados" in corrections()[0]
    retained(busy, days=60)
    assert len(corrections()) == 2
    assert "enviados" in corrections()[1]


def test_what_waits_never_goes(busy: Desk) -> None:
    item = busy.receive(busy.mail(JOAO, "Espera."))
    change(busy, update(tables.outbox).where(tables.outbox.c.id == 1).values(state="waiting"))
    change(busy, update(tables.outbox).where(tables.outbox.c.id == 2).values(state="withheld", digest=True))
    retained(busy, days=400)
    assert kept(busy) == ([item], [1, 2])
    assert findings(busy) == []


@pytest.fixture
def held_desk(database_url: str, tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    opened: list[Desk] = []

    def make(hold: str) -> Desk:
        opened.append(Desk.open(config_text(tmp_path, database_url) + f"[retention]\nhold = {hold}\n", tmp_path))
        return opened[-1]

    yield make
    for desk in opened:
        desk.close()


def test_a_ticket_under_legal_hold_stays_whole(held_desk: Callable[[str], Desk]) -> None:
    desk = held_desk("[1]")
    desk.send(JOAO)
    desk.send(BIA)
    sent(desk)
    retained(desk, days=400)
    mails, ours = kept(desk)
    assert mails == [1]
    with desk.gateway.database.read() as connection:
        assert {outbox.one(connection, i).ticket for i in ours} == {1}


def test_a_person_under_legal_hold_keeps_all_that_names_him(held_desk: Callable[[str], Desk]) -> None:
    desk = held_desk(f'["{JOAO.upper()}"]')
    desk.send(JOAO)
    desk.send(BIA)
    desk.send(BIA, f"Falem com {JOAO}.", subject="Outro")
    desk.send(BIA, "Nada.", subject="Mais um")
    item = desk.receive(desk.mail(JOAO, "Que mata."))
    change(desk, update(tables.inbox).where(tables.inbox.c.id == item).values(state="done", outcome="quarantined"))
    sent(desk)
    retained(desk, days=400)
    assert kept(desk)[0] == [1, 3, item]


def test_the_sweep_does_it_once_a_day_and_says_so(busy: Desk) -> None:
    def runs() -> list[Any]:
        with busy.gateway.database.read() as connection:
            return accesses.page(connection, limit=None, after=None, newest_first=False)

    busy.sweep(days=31)
    busy.sweep(hours=1)
    assert [(r.actor, r.action, r.about) for r in runs()] == [("service", "retention", "raw 2 quarantine 1 outbox 0")]
    busy.sweep(hours=24)
    assert len(runs()) == 2
    assert runs()[1].at == busy.now


def test_what_a_sweep_has_no_time_for_is_for_the_next_one(busy: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retain, "_SECONDS", 1e-9)
    busy.sweep(days=31)
    with busy.gateway.database.read() as connection:
        assert accesses.latest(connection, "retention") is None
    for _ in range(5):
        busy.sweep(minutes=1)
    assert kept(busy)[0] == []
    with busy.gateway.database.read() as connection:
        assert accesses.latest(connection, "retention")


@pytest.mark.parametrize("statement", [update(tables.accesses).values(actor="x"), delete(tables.accesses)])
def test_the_log_only_grows(desk: Desk, statement: Any) -> None:
    desk.sweep()
    with pytest.raises(DBAPIError, match="only grow"):
        change(desk, statement)


def test_orphans_go_after_a_day(small_desk: Desk) -> None:
    small_desk.send(JOAO, attach=(("cupom.pdf", LARGE),))
    blobs, folder = small_desk.gateway.blobs, Path(small_desk.gateway.settings.gateway.blobs)
    small_desk.now = datetime.now(UTC)  # noqa: TID251 - beside the clock of the file system
    old, young = blobs.put(b"old"), blobs.put(b"young")
    os.utime(folder / old[:2] / old, (1, 1))
    assert retain.remove_orphans(small_desk.gateway, small_desk.now) == 1
    assert young in set(blobs.names())
    assert retain.remove_orphans(small_desk.gateway, small_desk.now + timedelta(hours=25)) == 1
    assert len(list(blobs.names())) == 2
    assert findings(small_desk) == []
