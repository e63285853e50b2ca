"""Between naming a blob and removing it: nothing that a row needs ever goes, whoever comes first."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from mailgateway.core.errors import Temporary
from mailgateway.core.messages import Envelope
from mailgateway.steps import prepare, process
from mailgateway.store import blob_rows, tables
from mailgateway.store.blobs import Blobs
from tests.desk import JOAO, Desk

LARGE = b"x" * 1_200_000


def names(desk: Desk) -> set[str]:
    return set(desk.gateway.blobs.names())


def name_it(desk: Desk, name: str) -> dict[str, object]:
    envelope = {"source": "pipe", "rcpt_to": [], "peer": "", "helo": "", "login": "", "mailbox": ""}
    row = {"received_at": desk.now, "size": 1, "sha256": name, "blob": True, "state": "waiting", "alone": False}
    return {**envelope, **row, "attempts": 0}


def test_what_no_row_names_goes_and_what_one_names_stays(desk: Desk) -> None:
    desk.send(JOAO, attach=(("cupom.pdf", LARGE),))
    needed = names(desk)
    orphan = desk.gateway.blobs.put(b"nobody's")
    assert blob_rows.remove_unnamed(desk.gateway.database, desk.gateway.blobs, {*needed, orphan, "0" * 64}) == 1
    assert names(desk) == needed


def test_what_was_put_again_stays(desk: Desk) -> None:
    blobs = desk.gateway.blobs
    name = blobs.put(b"old")
    path = Path(desk.gateway.settings.gateway.blobs) / name[:2] / name
    os.utime(path, (1, 1))
    blobs.put(b"old")
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - beside the clock of the file system
    assert blob_rows.remove_unnamed(desk.gateway.database, blobs, {name}, an_hour_ago) == 0
    os.utime(path, (1, 1))
    assert blob_rows.remove_unnamed(desk.gateway.database, blobs, {name}, an_hour_ago) == 1


def test_who_names_a_blob_that_was_removed_meanwhile_hears_of_it(desk: Desk) -> None:
    name = desk.gateway.blobs.put(b"wanted")
    assert blob_rows.remove_unnamed(desk.gateway.database, desk.gateway.blobs, {name}) == 1
    with pytest.raises(Temporary, match="removed"), desk.gateway.database.write() as connection:
        blob_rows.hold(connection, desk.gateway.blobs, [name])


def test_who_removes_waits_for_whoever_is_about_to_name(desk: Desk) -> None:
    name = desk.gateway.blobs.put(b"wanted")
    removed: list[int] = []

    def remove() -> None:
        removed.append(blob_rows.remove_unnamed(desk.gateway.database, desk.gateway.blobs, {name}))

    with desk.gateway.database.write() as connection:
        blob_rows.hold(connection, desk.gateway.blobs, [name])
        connection.execute(insert(tables.inbox), [name_it(desk, name)])
        remover = threading.Thread(target=remove)
        remover.start()
        remover.join(0.5)
        assert remover.is_alive()
    remover.join(30)
    assert removed == [0]
    assert names(desk) == {name}


def test_a_large_mail_whose_blob_was_just_removed_is_not_accepted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was there when the same bytes came before, and was removed between the look at it and the row."""
    put = Blobs.put

    def put_and_lose(blobs: Blobs, data: bytes) -> str:
        name = put(blobs, data)
        blobs.remove(name)
        return name

    mail, envelope = (
        desk.mail(JOAO, attach=(("cupom.pdf", LARGE),)),
        Envelope("pipe", JOAO, ("suporte@aurora.example",)),
    )
    with monkeypatch.context() as patched:
        patched.setattr(Blobs, "put", put_and_lose)
        with pytest.raises(Temporary):
            desk.receiver.submit(mail, envelope).result(30)
    assert desk.items() == []
    assert desk.receiver.submit(mail, envelope).result(30)


def test_evidence_that_was_just_removed_is_put_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item = desk.receive(desk.mail(JOAO, attach=(("cupom.pdf", b"%PDF-1.4 paid"),)))
    kept = prepare._kept

    def keep_and_lose(gateway: object, attachment: object) -> object:
        done = kept(gateway, attachment)  # type: ignore[arg-type]
        desk.gateway.blobs.remove(done.sha256)
        return done

    with monkeypatch.context() as patched:
        patched.setattr(prepare, "_kept", keep_and_lose)
        with pytest.raises(Temporary):
            process.batch(desk.gateway, desk.now, "test")
    assert not desk.exists(1)
    desk.take_up("test")
    desk.process()
    assert desk.item(item).outcome == "opened"
    assert len(names(desk)) == 1
