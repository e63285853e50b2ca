"""A copy of everything while the service runs, and the way back.

A backup is a folder: the database as one file, the blobs it names, and `manifest.json`, whose appearing completes it.
The configuration with its secret is no part of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, case, update

from mailgateway.core.errors import NotFound, Refused
from mailgateway.steps.context import Gateway
from mailgateway.store import blob_rows, integrity, snapshots, tables
from mailgateway.store.blobs import Blobs, sync_folder
from mailgateway.store.db import Database
from mailgateway.store.integrity import Contents

_MANIFEST = "manifest.json"

#: Numbers that were given out after the backup was made must not be given out again: an address that somebody still
#: has in an old mail would open another one's row.
_GAP = 1_000_000
_GAP_OF_TICKETS = 1_000  # people read these


def back_up(gateway: Gateway, folder: Path, now: datetime) -> Contents:
    """Write a backup into a folder, where it takes the place of an older one once it is whole.

    Database first, blobs second: each blob was durable before a row named it. Raises `Refused` where one of them is
    missing or damaged; then the older backup stays as it was. What retention or an erasure removes meanwhile is no such
    case: the copy is made anew, without it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file, names = folder / f"database-{now:%Y%m%dT%H%M%S%f}", set[str]()
    try:
        with snapshots.dump(gateway.database, file) as connection:
            held = integrity.contents(connection)
            names = set(blob_rows.names(connection))
            _copy_blobs(names, gateway.blobs, Blobs(folder / "blobs"))
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, Refused) and not _all_needed(gateway, names):
            return back_up(gateway, folder, now)
        raise
    _complete(folder, file.name, held, now)
    _remove_older(folder, file.name, names)
    return held


def _all_needed(gateway: Gateway, names: set[str]) -> bool:
    with gateway.database.read() as connection:
        return names <= set(blob_rows.names(connection))


def restore(database: Database, blobs: Blobs, folder: Path) -> Contents:
    """Put a backup in the place of what is lost; returns what is there now.

    Numbers go on after a gap, and what was claimed waits again. Raises `Refused` where there is a database already, or
    where the backup is not what its manifest says.
    """
    said = _manifest(folder)
    snapshots.must_be_vacant(database)
    source = Blobs(folder / "blobs")
    _copy_blobs(source.names(), source, blobs)
    with snapshots.load(database, folder / said["database"]) as restored, restored.write() as connection:
        held = integrity.contents(connection)
        if asdict(held) != said["contents"]:
            raise Refused(f"{folder} does not hold what its {_MANIFEST} says; use another backup")
        _go_on(connection)
    return held


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads((folder / _MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        raise NotFound(f"{folder} holds no whole backup: it has no {_MANIFEST}") from None
    return said


def _go_on(connection: Connection) -> None:
    """Nobody holds a claim any more, and what was given out after the backup is not given out again."""
    for table in (tables.inbox, tables.outbox):
        claimed = table.c.claimed_by.is_not(None)
        connection.execute(update(table).where(claimed).values(state="waiting", claimed_by=None, claimed_until=None))
    gap = case((tables.counters.c.name == "tickets", _GAP_OF_TICKETS), else_=_GAP)
    connection.execute(update(tables.counters).values(value=tables.counters.c.value + gap))


def _copy_blobs(names: Iterable[str], source: Blobs, target: Blobs) -> None:
    target.create()
    for name in names:
        if not source.copy(name, target):
            raise Refused(f"blob {name} is missing or damaged; `mailgateway verify` says what names it")


def _complete(folder: Path, database: str, held: Contents, now: datetime) -> None:
    new = folder / f"{_MANIFEST}.new"
    told = {"made_at": now.isoformat(), "database": database, "contents": asdict(held)}
    with new.open("w", encoding="utf-8") as file:
        json.dump(told, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.rename(folder / _MANIFEST)
    sync_folder(folder)


def _remove_older(folder: Path, database: str, names: set[str]) -> None:
    """What the new backup does not need: an older database, blobs that were erased since."""
    for old in folder.glob("database-*"):
        if old.name != database:
            old.unlink()
    blobs = Blobs(folder / "blobs")
    for name in blobs.names():
        if name not in names:
            blobs.remove(name)
