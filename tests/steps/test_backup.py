"""A backup while others write, the way back, and what `verify` says of anything that is missing or changed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from mailgateway.core.errors import NotFound, Refused
from mailgateway.steps import backup, retain
from mailgateway.store import integrity, tables
from mailgateway.store.accesses import By
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database
from tests.desk import ANA, BIA, JOAO, Desk, config_text

LARGE = b"x" * 1_200_000  # with it a mail lies in the blob store


def findings(desk: Desk) -> list[str]:
    with desk.gateway.database.read() as connection:
        return list(integrity.findings(connection, desk.gateway.blobs))


def change(desk: Desk, statement: Any) -> None:
    with desk.gateway.database.write() as connection:
        connection.execute(statement)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A desk with an open ticket that has evidence, a finished one, and mails that wait."""
    desk.send(JOAO, cc=BIA, attach=(("cupom.pdf", LARGE),))
    desk.send(JOAO, "Sem rede.", subject="Rede")
    desk.receive(desk.mail(JOAO, "Ainda esperando."))
    return desk


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the same kind, on a machine that has nothing yet."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    is_sqlite = database_url.startswith("sqlite")
    url = f"sqlite:///{folder}/desk.db" if is_sqlite else request.getfixturevalue("postgres").new_database()
    with contextlib.closing(Database(url)) as database:
        yield database


def test_all_is_well_where_nothing_happened(busy: Desk) -> None:
    assert findings(busy) == []


def test_a_restored_backup_holds_and_counts_the_same(busy: Desk, elsewhere: Database, tmp_path: Path) -> None:
    old = busy.last(JOAO, "ticket_opened")
    busy.claim("a/1/dead")
    held = backup.back_up(busy.gateway, tmp_path / "backup", busy.now)
    assert (held.accepted, held.waiting, held.tickets, held.blobs) == (3, 1, 2, 2)
    busy.send(JOAO, "Isto veio depois da cópia.", subject="Depois")
    after = busy.last(JOAO, "ticket_opened")

    blobs = Blobs(tmp_path / "elsewhere" / "blobs")
    assert backup.restore(elsewhere, blobs, tmp_path / "backup") == held
    path = tmp_path / "elsewhere" / "desk.toml"
    path.write_text(config_text(tmp_path / "elsewhere", elsewhere.url), encoding="utf-8")
    with contextlib.closing(Desk.open(path.read_text("utf-8"), tmp_path / "elsewhere")) as there:
        assert findings(there) == []
        there._count = busy._count
        there.process()  # what a dead process held is taken up
        assert there.balances()
        assert there.counts()[0] == 3
        assert there.reply(old, "O endereço antigo vale.") == "commented"
        there.send(JOAO, "Um chamado novo.", subject="Novo")
        numbers = [r.ticket for r in there.items()]
        assert numbers[-1] > 1000  # what was given out after the copy is not given out again
        assert there.reply(after, "Para um chamado que não existe mais.", subject="Oi") == "opened"


def test_a_backup_is_one_picture_while_mail_comes_in(busy: Desk, elsewhere: Database, tmp_path: Path) -> None:
    pending = [busy.receiver.submit(busy.mail(JOAO, f"Mail {n}"), busy_envelope()) for n in range(200)]
    held = backup.back_up(busy.gateway, tmp_path / "backup", busy.now)
    assert all(p.result(30) for p in pending)
    assert held.accepted == held.waiting + sum(held.outcomes.values())
    assert backup.restore(elsewhere, Blobs(tmp_path / "elsewhere" / "blobs"), tmp_path / "backup") == held
    with elsewhere.read() as connection:
        assert list(integrity.findings(connection, Blobs(tmp_path / "elsewhere" / "blobs"))) == []


def busy_envelope() -> Any:
    from mailgateway.core.messages import Envelope

    return Envelope("pipe", "x@cliente.example", ("suporte@aurora.example",))


def test_a_second_backup_replaces_the_first_and_forgets_what_was_erased(busy: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup.back_up(busy.gateway, folder, busy.now)
    Blobs(folder / "blobs").put(b"erased since")
    busy.now = busy.now.replace(hour=20)
    backup.back_up(busy.gateway, folder, busy.now)
    assert len(list(folder.glob("database-*"))) == 1
    assert len(list(Blobs(folder / "blobs").names())) == 2
    assert {p.stat().st_mode & 0o077 for p in (folder, *folder.glob("database-*"))} == {0}


def test_a_backup_that_cannot_be_whole_leaves_the_older_one(busy: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup.back_up(busy.gateway, folder, busy.now)
    before = sorted(p.name for p in folder.iterdir())
    busy.send(JOAO, attach=(("outro.pdf", LARGE[:-1]),))
    name = hashlib.sha256(LARGE[:-1]).hexdigest()
    busy.gateway.blobs.remove(name)
    with pytest.raises(Refused, match="verify"):
        backup.back_up(busy.gateway, folder, busy.now.replace(hour=21))
    assert sorted(p.name for p in folder.iterdir()) == before


def test_what_is_removed_while_it_is_copied_is_no_damage(
    busy: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, removed = Blobs.copy, []

    def copy_late(blobs: Blobs, name: str, other: Blobs) -> bool:
        if not removed:
            removed.append(retain.retain_now(busy.gateway, By("root", "test"), busy.now + timedelta(days=31)))
        return copy(blobs, name, other)

    monkeypatch.setattr(Blobs, "copy", copy_late)
    held = backup.back_up(busy.gateway, tmp_path / "backup", busy.now)
    assert removed[0][0]["raw"] == 2
    assert held.blobs == 1
    assert len(list(Blobs(tmp_path / "backup" / "blobs").names())) == 1
    assert len(list((tmp_path / "backup").glob("database-*"))) == 1


def test_nothing_is_ever_restored_over_something(busy: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup.back_up(busy.gateway, folder, busy.now)
    counts = busy.counts()
    with pytest.raises(Refused, match="nothing was changed"):
        backup.restore(busy.gateway.database, busy.gateway.blobs, folder)
    assert busy.counts() == counts
    (folder / "manifest.json").unlink()
    with pytest.raises(NotFound, match="whole backup"):
        backup.restore(busy.gateway.database, busy.gateway.blobs, folder)


def test_a_backup_that_was_tampered_with_is_not_put_in_place(
    small_desk: Desk, tmp_path: Path, elsewhere: Database
) -> None:
    small_desk.send(JOAO)
    folder = tmp_path / "backup"
    backup.back_up(small_desk.gateway, folder, small_desk.now)
    said = json.loads((folder / "manifest.json").read_text("utf-8"))
    said["contents"]["accepted"] += 1
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    if elsewhere.path is not None:
        with pytest.raises(Refused, match="manifest"):
            backup.restore(elsewhere, Blobs(tmp_path / "elsewhere" / "blobs"), folder)
        assert not elsewhere.path.exists()


def test_what_a_restore_that_died_left_behind_changes_nothing(small_desk: Desk, tmp_path: Path) -> None:
    small_desk.send(JOAO)
    held = backup.back_up(small_desk.gateway, tmp_path / "backup", small_desk.now)
    there = tmp_path / "there"
    there.mkdir()
    left, journal = there / "desk.db.restoring", there / "desk.db.restoring-wal"
    shutil.copyfile(next((tmp_path / "backup").glob("database-*")), left)
    with contextlib.closing(sqlite3.connect(left, isolation_level=None)) as died:
        died.execute("PRAGMA journal_mode=WAL")
        died.execute("DELETE FROM inbox_raw")
        written = journal.read_bytes()
    journal.write_bytes(written)
    with contextlib.closing(Database(f"sqlite:///{there}/desk.db")) as restored:
        assert backup.restore(restored, Blobs(there / "blobs"), tmp_path / "backup") == held
        with restored.read() as connection:
            assert list(integrity.findings(connection, Blobs(there / "blobs"))) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (update(tables.inbox_raw).where(tables.inbox_raw.c.inbox_id == 2).values(raw=b"x"), "mail 2 are not those"),
        (delete(tables.inbox_raw).where(tables.inbox_raw.c.inbox_id == 2), "mail 2 are missing"),
        (update(tables.inbox).where(tables.inbox.c.id == 2).values(ticket=77), "ticket 77, which is not there"),
        (update(tables.inbox).where(tables.inbox.c.id == 2).values(state="waiting"), "has an outcome and waits"),
        (update(tables.tickets).where(tables.tickets.c.number == 2).values(status="paused"), "ticket 2 is paused"),
        (delete(tables.outbox_raw).where(tables.outbox_raw.c.outbox_id == 1), "mail 1 of the outbox is owed"),
        (update(tables.counters).where(tables.counters.c.name == "keys").values(value=1), "keys has number"),
    ],
)
def test_what_is_wrong_is_said(busy: Desk, damage: Any, said: str) -> None:
    change(busy, damage)
    assert any(said in finding for finding in findings(busy))


def test_a_seat_that_is_listed_wrongly_is_said(busy: Desk) -> None:
    busy.reply(busy.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    assert findings(busy) == []
    change(busy, update(tables.seats).values(open_on=None))
    (said,) = findings(busy)
    assert "waits and is not listed" in said


def test_a_lost_and_a_changed_blob_are_said(busy: Desk) -> None:
    evidence, raw = hashlib.sha256(LARGE).hexdigest(), busy.items()[0].sha256
    busy.gateway.blobs.remove(evidence)
    path = Path(busy.gateway.settings.gateway.blobs) / raw[:2] / raw
    path.write_bytes(b"other bytes")
    assert sorted(findings(busy)) == sorted(
        [f"blob {evidence} is missing", f"blob {raw} holds other bytes than it was given"]
    )
