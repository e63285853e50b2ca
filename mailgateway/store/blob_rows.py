"""Which blobs rows name; and how one is named and another removed without either getting in the other's way.

A blob is put first and named by a row later: in between nothing tells it from one that nobody needs. So whoever names
blobs holds them in that transaction, and whoever removes some takes the same lock and looks once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import Connection, Select, select, text, union

from mailgateway.core.errors import Temporary
from mailgateway.store import tables as t
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database

_LOCK = 7_003  # the advisory lock between the two (PostgreSQL); on SQLite the one writer's is enough
_AT_ONCE = 200  # blobs that are removed while everybody waits


def named(among: Collection[str] | None = None) -> Select[str]:
    """The query for the name of every blob that a row needs, or of those of these."""
    raws = select(t.inbox.c.sha256).where(t.inbox.c.blob, t.inbox.c.gone_at.is_(None))
    evidence = select(t.evidence.c.sha256)
    if among is not None:
        raws, evidence = (q.where(c.in_(among)) for q, c in ((raws, t.inbox.c.sha256), (evidence, t.evidence.c.sha256)))
    found = union(raws, evidence).subquery()
    return select(found.c.sha256).order_by(found.c.sha256)


def names(connection: Connection) -> Iterator[str]:
    """The name of every blob that a row needs."""
    yield from connection.execute(named()).scalars()


def hold(connection: Connection, blobs: Blobs, wanted: Collection[str]) -> None:
    """Before rows name these: none is removed until the transaction ends.

    Raises `Temporary` where one was removed since it was put; putting it again cures that.
    """
    if not wanted:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": _LOCK})
    if gone := [name for name in wanted if blobs.touched_at(name) is None]:
        raise Temporary(f"blob {gone[0]} was removed before a row could name it")


def remove_unnamed(database: Database, blobs: Blobs, some: Collection[str], before: datetime | None = None) -> int:
    """Remove those of these blobs that no row names, and that nobody put since `before`; returns how many went."""
    found, removed = sorted(some), 0
    for start in range(0, len(found), _AT_ONCE):
        part = found[start : start + _AT_ONCE]
        with database.write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            needed = set(connection.execute(named(part)).scalars())
            for name in (n for n in part if n not in needed):
                at = blobs.touched_at(name)
                if at and (before is None or at < before):
                    blobs.remove(name)
                    removed += 1
    return removed
