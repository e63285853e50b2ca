"""What was kept long enough goes: bytes of mails by their kind and days, and blobs that nothing needs any more.

Rows, digests and outcomes stay: every count is what it was. What is under legal hold stays whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from mailgateway.core.cases import Decision
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.mail.searched import searchable
from mailgateway.steps import apply
from mailgateway.steps.context import Gateway, Work
from mailgateway.store import accesses, blob_rows, footprint, inbox, outbox, people, retention
from mailgateway.store import tables as t
from mailgateway.store.accesses import By
from mailgateway.store.retention import KINDS, Kind
from mailgateway.store.workset import Wanted, Workset

ACTION = "retention"
_EVERY = timedelta(hours=24)
_ORPHAN = timedelta(hours=24)  # until then whoever put a blob may still be about to name it
_SECONDS = 2.0  # of one sweep; what is left is for the next one
_BETWEEN = 0.001  # seconds between two transactions: without it the other writers of SQLite starve


@dataclass(frozen=True, slots=True)
class Hold:
    """What is under legal hold: tickets by their numbers, and people by their addresses."""

    tickets: frozenset[int]
    addresses: frozenset[str]


def hold_of(gateway: Gateway, connection: Connection) -> Hold:
    """What the configuration holds, with the tickets of those whom it names."""
    said = gateway.settings.retention.hold
    named = {held for held in said if isinstance(held, str)}
    known = people.load(connection, emails=named).by_id.values()
    tickets = {held for held in said if isinstance(held, int)}
    tickets |= {number for person in known for number in footprint.tickets(connection, person)}
    return Hold(frozenset(tickets), frozenset(named | {a for person in known for a in person.addresses}))


def due(gateway: Gateway, now: datetime) -> dict[str, list[int]]:
    """What would go now: the ids of mails, by kind."""
    with gateway.database.read() as connection:
        hold = hold_of(gateway, connection)
    return {kind.name: [row.id for part in _parts(gateway, kind, hold, now) for row in part] for kind in KINDS}


def retain(gateway: Gateway, by: By, now: datetime, seconds: float | None = None) -> dict[str, int] | None:
    """Remove what is due; how many mails' bytes went, by kind. None where the time was over before all was done."""
    until = time.monotonic() + seconds if seconds else None
    removed = {kind.name: 0 for kind in KINDS}
    with gateway.database.read() as connection:
        hold = hold_of(gateway, connection)
    for kind in KINDS:
        for part in _parts(gateway, kind, hold, now):
            removed[kind.name] += _remove(gateway, kind, part, now)
            if until and time.monotonic() > until:
                return None
            time.sleep(_BETWEEN)
    with gateway.database.write() as connection:
        retention.forget_purses(connection, now - _EVERY)
        accesses.add(connection, by, ACTION, " ".join(f"{name} {n}" for name, n in removed.items()), now)
    return removed


def retain_now(gateway: Gateway, by: By, now: datetime) -> tuple[dict[str, int], bool]:
    """Remove all that is due, orphans too; also whether it is gone from the database's files."""
    removed = retain(gateway, by, now) or {}
    remove_orphans(gateway, now)
    return removed, gateway.database.scrub()


def daily(gateway: Gateway, by: By, now: datetime) -> None:
    """Once a day, a little at a time."""
    with gateway.database.read() as connection:
        last = accesses.latest(connection, ACTION)
    if (last is None or now - last >= _EVERY) and retain(gateway, by, now, _SECONDS) is not None:
        remove_orphans(gateway, now)


def remove_orphans(gateway: Gateway, now: datetime) -> int:
    """Remove blobs that no row names and nobody put since a day; returns how many."""
    with gateway.database.read() as connection:
        orphans = set(gateway.blobs.names()) - set(blob_rows.names(connection))
    return blob_rows.remove_unnamed(gateway.database, gateway.blobs, orphans, now - _ORPHAN)


def _parts(gateway: Gateway, kind: Kind, hold: Hold, now: datetime) -> Iterator[list[Row[Any]]]:
    """What is due of a kind and not held, some mails at a time."""
    days = getattr(gateway.settings.retention, kind.days)
    rows: Sequence[Row[Any]] = []
    while days:
        with gateway.database.read() as connection:
            rows = retention.due(connection, kind, now - timedelta(days=days), rows[-1] if rows else None)
            free = [row for row in rows if not _is_held(gateway, connection, kind, row, hold)]
        if not rows:
            return
        if free:
            yield free


def _is_held(gateway: Gateway, connection: Connection, kind: Kind, row: Row[Any], hold: Hold) -> bool:
    """Whether it must not go: by its ticket, or because somebody who is held stands in it."""
    if row.ticket in hold.tickets or not hold.addresses:
        return row.ticket in hold.tickets
    here = kind.rows is t.inbox
    raw = inbox.raw(connection, row.id, gateway.blobs) if here else outbox.raw(connection, row.id)
    text = raw.decode("latin-1") if kind.name == "quarantine" else searchable(raw)
    return any(address in text.lower() for address in hold.addresses)


def _remove(gateway: Gateway, kind: Kind, part: Sequence[Row[Any]], now: datetime) -> int:
    """The bytes of these mails; the history of a ticket says once that none of it is left."""
    with gateway.database.write(decide=True) as connection:
        removed, blobs = retention.remove(connection, kind, [row.id for row in part], now)
        numbers = {row.ticket for row in part if row.ticket and row.id in set(removed)}
        bare = retention.emptied(connection, kind, numbers)
        work = Work(gateway, Workset(connection, Wanted(tickets=bare)), now)
        for number in sorted(bare & work.set.tickets.keys()):
            entry = Entry(EntryKind.CORRECTION, now, None, "", label=kind.label)
            apply.write(work, Decision(work.set.tickets[number], (entry,)), None)
        work.set.save(now)
    blob_rows.remove_unnamed(gateway.database, gateway.blobs, blobs)
    return len(removed)
