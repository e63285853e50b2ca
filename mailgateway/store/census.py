"""How much there is of everything, and how long the oldest of what waits has waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from mailgateway.store import inbox
from mailgateway.store import tables as t


@dataclass(frozen=True, slots=True)
class Census:
    """Counts; ages in seconds, 0 where nothing waits."""

    accepted: int
    waiting: int
    outcomes: dict[str, int]
    outbox: dict[str, int]
    tickets: dict[str, int]
    inbox_age: float
    outbox_age: float


def take(connection: Connection, now: datetime) -> Census:
    """Count everything once."""
    accepted, waiting, outcomes = inbox.stats(connection)
    owed = select(func.min(t.outbox.c.created_at)).where(t.outbox.c.state.in_(("waiting", "sending")))
    unread = select(func.min(t.inbox.c.received_at)).where(t.inbox.c.state != "done")
    ages = [(now - at).total_seconds() if (at := connection.execute(q).scalar()) else 0.0 for q in (unread, owed)]
    return Census(
        accepted,
        waiting,
        dict(outcomes),
        _by(connection, t.outbox, "state"),
        _by(connection, t.tickets, "status"),
        *(max(0.0, age) for age in ages),
    )


def _by(connection: Connection, table: Table, column: str) -> dict[str, int]:
    rows = connection.execute(select(table.c[column], func.count()).group_by(table.c[column]))
    return {key: n for key, n in rows}
