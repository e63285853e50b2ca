"""Whether everything that the database names is there and is what it was: sums, digests, references.

Each finding is a sentence for the administrator: what is wrong and where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Table, case, func, select, text

from mailgateway.store import blob_rows, inbox
from mailgateway.store import tables as t
from mailgateway.store.blobs import Blobs

_PAGE = 200  # mails at a time: their bytes are in memory


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds, as far as it can be counted."""

    accepted: int
    waiting: int
    outcomes: dict[str, int]
    tickets: int
    outbox: dict[str, int]
    blobs: int


def contents(connection: Connection) -> Contents:
    """Count it."""
    accepted, waiting, outcomes = inbox.stats(connection)
    states = connection.execute(select(t.outbox.c.state, func.count()).group_by(t.outbox.c.state))
    return Contents(
        accepted,
        waiting,
        dict(outcomes),
        connection.execute(select(func.count()).select_from(t.tickets)).scalar_one(),
        {state: n for state, n in states},
        connection.execute(select(func.count()).select_from(blob_rows.named().subquery())).scalar_one(),
    )


def findings(connection: Connection, blobs: Blobs) -> Iterator[str]:
    """All that is wrong; nothing where all is well. Reads every byte that is kept."""
    yield from _sqlite(connection)
    yield from _sums(connection)
    yield from _raw_mails(connection)
    yield from _blobs(connection, blobs)
    yield from _references(connection)
    yield from _counters(connection)


def _sqlite(connection: Connection) -> Iterator[str]:
    """PostgreSQL watches its own pages and references; SQLite does when asked."""
    if connection.dialect.name != "sqlite":
        return
    for (said,) in connection.execute(text("PRAGMA integrity_check")):
        if said != "ok":
            yield f"the database file is damaged: {said}"
    for table, row, parent, _ in connection.execute(text("PRAGMA foreign_key_check")):
        yield f"row {row} of {table} names a row of {parent} that is not there"


def _sums(connection: Connection) -> Iterator[str]:
    told = contents(connection)
    if told.accepted != told.waiting + sum(told.outcomes.values()):
        yield f"{told.accepted} mails were accepted, but {told.waiting} wait and {sum(told.outcomes.values())} are done"
    odd = (t.inbox.c.state == "done") != t.inbox.c.outcome.is_not(None)
    for number in connection.execute(select(t.inbox.c.id).where(odd)).scalars():
        yield f"mail {number} has an outcome and waits, or has none and is done"


def _raw_mails(connection: Connection) -> Iterator[str]:
    """The bytes of accepted mails that lie in the database, against their digest; and those we still have to send."""
    columns = (t.inbox.c.id, t.inbox.c.sha256, t.inbox_raw.c.raw)
    kept = t.inbox.c.blob.is_(False) & t.inbox.c.gone_at.is_(None)
    query = select(*columns).outerjoin(t.inbox_raw).where(kept).order_by(t.inbox.c.id)
    last = 0
    while rows := connection.execute(query.where(t.inbox.c.id > last).limit(_PAGE)).all():
        for number, digest, raw in rows:
            if raw is None:
                yield f"the bytes of accepted mail {number} are missing"
            elif hashlib.sha256(raw).hexdigest() != digest:
                yield f"the bytes of accepted mail {number} are not those that were accepted"
        last = rows[-1].id
    unsendable = select(t.outbox.c.id).outerjoin(t.outbox_raw)
    unsendable = unsendable.where(t.outbox.c.state.in_(("waiting", "sending")), t.outbox_raw.c.raw.is_(None))
    for number in connection.execute(unsendable).scalars():
        yield f"mail {number} of the outbox is owed and has no bytes"


def _blobs(connection: Connection, blobs: Blobs) -> Iterator[str]:
    for name in blob_rows.names(connection):
        found = blobs.digest(name)
        if found is None:
            yield f"blob {name} is missing"
        elif found != name:
            yield f"blob {name} holds other bytes than it was given"


def _references(connection: Connection) -> Iterator[str]:
    """What no foreign key watches."""
    numbers = select(t.tickets.c.number)
    lost = select(t.inbox.c.id, t.inbox.c.ticket).where(t.inbox.c.ticket.is_not(None), t.inbox.c.ticket.not_in(numbers))
    for mail, ticket in connection.execute(lost):
        yield f"mail {mail} belongs to ticket {ticket}, which is not there"
    moves = t.entries.c.to_status.is_not(None)
    latest = select(func.max(t.entries.c.id)).where(moves).group_by(t.entries.c.ticket)
    said = select(t.entries.c.ticket, t.entries.c.to_status, t.tickets.c.status).join(t.tickets)
    said = said.where(t.entries.c.id.in_(latest), t.entries.c.to_status != t.tickets.c.status)
    for ticket, told, status in connection.execute(said):
        yield f"ticket {ticket} is {status}, but its history ends with {told}"
    awaited = t.seats.c.vote.is_(None) & t.rounds.c.result.is_(None) & t.rounds.c.void.is_(False)
    seats = select(t.rounds.c.ticket, t.seats.c.person_id).join(t.seats)
    wrong = t.seats.c.open_on.is_distinct_from(case((awaited, t.rounds.c.ticket)))
    for ticket, person in connection.execute(seats.where(wrong)):
        yield f"a seat of person {person} on ticket {ticket} waits and is not listed, or is listed and does not wait"


_NUMBERED: tuple[Table, ...] = (t.tickets, t.people, t.entries, t.rounds, t.keys, t.outbox, t.questions, t.delegations)


def _counters(connection: Connection) -> Iterator[str]:
    """A number that is given out twice would give one person's reply address to another."""
    given = {name: value for name, value in connection.execute(select(t.counters))}
    for table in _NUMBERED:
        highest = connection.execute(select(func.max(next(iter(table.primary_key.columns))))).scalar_one() or 0
        if highest > given.get(table.name, 0):
            yield f"{table.name} has number {highest}, but its counter stands at {given.get(table.name, 0)}"
