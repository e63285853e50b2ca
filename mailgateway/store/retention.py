"""KINDS of bytes that are kept for so many days; what of them is due, and how they go: rows and digests stay."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Select, Table, and_, delete, or_, select, update

from mailgateway.core.outcomes import Outcome
from mailgateway.store import tables as t

_AT_ONCE = 200  # mails in one transaction


@dataclass(frozen=True, slots=True)
class Kind:
    """Mails of one kind: their rows and bytes, since when a row counts, and which of them nobody waits for.

    `days` is the key of [retention] that says how long; `label` what a ticket's history says once none of it is left.
    """

    name: str
    days: str
    rows: Table
    raws: Table
    since: Column[datetime]
    final: ColumnElement[bool]
    label: str

    @property
    def row(self) -> Column[int]:
        """What the bytes belong to."""
        return next(iter(self.raws.primary_key.columns))


_done, _aside = t.inbox.c.state == "done", t.inbox.c.outcome == Outcome.QUARANTINED
_sent = t.outbox.c.state.not_in(("waiting", "sending")) & t.outbox.c.digest.is_(False)

KINDS = (
    Kind("raw", "raw_days", t.inbox, t.inbox_raw, t.inbox.c.received_at, _done & ~_aside, "originals_gone"),
    Kind(
        "quarantine", "quarantine_days", t.inbox, t.inbox_raw, t.inbox.c.received_at, _done & _aside, "originals_gone"
    ),
    Kind("outbox", "outbox_days", t.outbox, t.outbox_raw, t.outbox.c.created_at, _sent, "copies_gone"),
)


def due(connection: Connection, kind: Kind, before: datetime, after: Row[Any] | None) -> Sequence[Row[Any]]:
    """Some mails of this kind, older than that, whose bytes are still here: oldest first, behind the last one."""
    query = select(kind.rows.c.id, kind.rows.c.ticket, kind.since.label("since"))
    query = query.where(kind.rows.c.gone_at.is_(None), kind.since < before, kind.final)
    if after:
        later = or_(kind.since > after.since, and_(kind.since == after.since, kind.rows.c.id > after.id))
        query = query.where(kind.since >= after.since, later)
    return connection.execute(query.order_by(kind.since, kind.rows.c.id).limit(_AT_ONCE)).all()


def remove(connection: Connection, kind: Kind, ids: Collection[int], now: datetime) -> tuple[list[int], list[str]]:
    """Take the bytes of these mails away; which ones went, and the blobs that they were in.

    One that somebody lets go out again meanwhile keeps its bytes.
    """
    theirs = kind.rows.c.id.in_(ids) & kind.rows.c.gone_at.is_(None) & kind.final
    blobs = [kind.rows.c.sha256] if kind.rows is t.inbox else []
    told = connection.execute(update(kind.rows).where(theirs).values(gone_at=now).returning(kind.rows.c.id, *blobs))
    gone = told.all()
    removed = [row.id for row in gone]
    connection.execute(delete(kind.raws).where(kind.row.in_(removed)))
    return removed, [row.sha256 for row in gone] if blobs else []


def emptied(connection: Connection, kind: Kind, numbers: Collection[int]) -> set[int]:
    """Those of these tickets of which no mail of this kind has its bytes any more."""
    query: Select[int] = select(t.outbox.c.ticket).where(t.outbox.c.ticket.in_(numbers), t.outbox.c.gone_at.is_(None))
    if kind.rows is t.inbox:
        query = select(t.entries.c.ticket).join(t.inbox, t.inbox.c.id == t.entries.c.inbox_id)
        query = query.where(t.entries.c.ticket.in_(numbers), t.inbox.c.gone_at.is_(None))
    return set(numbers) - set(connection.execute(query.distinct()).scalars())


def forget_purses(connection: Connection, before: datetime) -> None:
    """Who was answered how often, in windows that are long over."""
    connection.execute(delete(t.purses).where(t.purses.c.since < before))
