"""The log of who read, exported or removed what, when and from where. It only grows; the database sees to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from mailgateway.store.tables import accesses


@dataclass(frozen=True, slots=True)
class By:
    """Who did something: a login name, and the way and the host by which he came."""

    actor: str
    source: str


def add(connection: Connection, by: By, action: str, about: str, now: datetime) -> None:
    """One more line. `about` names rows by their numbers: an erasure does not reach it."""
    row = {"at": now, "actor": by.actor[:80], "action": action, "about": about, "source": by.source[:80]}
    connection.execute(insert(accesses).values(row))


def latest(connection: Connection, action: str) -> datetime | None:
    """When this was last done."""
    return connection.execute(select(func.max(accesses.c.at)).where(accesses.c.action == action)).scalar()


def page(connection: Connection, *, limit: int | None, after: int | None, newest_first: bool) -> list[Row[Any]]:
    """Lines, oldest first unless told."""
    query = select(accesses).order_by(accesses.c.id.desc() if newest_first else accesses.c.id)
    if after is not None:
        query = query.where(accesses.c.id < after if newest_first else accesses.c.id > after)
    return list(connection.execute(query.limit(limit) if limit else query))
