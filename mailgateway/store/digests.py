"""Mails that were held back in a storm and wait for the next digest, which says that there are so many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, text, update

from mailgateway.core.people import Person
from mailgateway.store import people
from mailgateway.store.tables import entries, outbox

#: As the partial index says it: "digest = 1" or "digest IS 1" would not be found by it on SQLite.
_HELD = text("outbox.digest")


def owed(connection: Connection, before: datetime) -> list[str]:
    """The addresses of those whose mails of before that moment wait."""
    query = select(outbox.c.to).where(_HELD, outbox.c.created_at < before)
    return sorted(connection.execute(query.distinct()).scalars())


def held(connection: Connection, addresses: Sequence[str], before: datetime) -> list[Row[Any]]:
    """What waits for these people, oldest first."""
    query = select(outbox.c.id, outbox.c.to, outbox.c.ticket, outbox.c.inbox_id, outbox.c.notice, outbox.c.created_at)
    due = and_(_HELD, outbox.c.created_at < before, outbox.c.to.in_(addresses))
    return list(connection.execute(query.where(due).order_by(outbox.c.id)))


def carried(connection: Connection, ids: Sequence[int]) -> None:
    """A digest has told of these: they stay withheld and wait no more."""
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(digest=False))


def authors(connection: Connection, rows: Collection[Row[Any]]) -> dict[int, Person]:
    """Who wrote the mails that caused these, by their inbox ids."""
    tickets = {row.ticket for row in rows if row.ticket}
    query = select(entries.c.inbox_id, entries.c.author_id).where(
        entries.c.ticket.in_(tickets),
        entries.c.inbox_id.in_({row.inbox_id for row in rows if row.inbox_id}),
        entries.c.author_id.is_not(None),
    )
    found = {row.inbox_id: row.author_id for row in connection.execute(query)}
    known = people.load(connection, ids=set(found.values())).by_id if found else {}
    return {inbox_id: known[person_id] for inbox_id, person_id in found.items()}
