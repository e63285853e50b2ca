"""Mails that the gateway owes: as finished bytes, until the smart host has taken them or said no for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from mailgateway.core.errors import NotFound
from mailgateway.core.lists import Trouble
from mailgateway.core.notices import ANSWERS
from mailgateway.store.tables import outbox, outbox_raw

#: States of a row: `waiting` and `sending` will go out, `withheld` and `cancelled` say why not, the others are final.
STATES = ("waiting", "sending", "delivered", "failed", "withheld", "cancelled")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail that is written and waits to be sent."""

    id: int
    ticket: int | None
    inbox_id: int | None
    person_id: int | None
    to: str
    mail_from: str
    notice: str
    subject: str
    message_id: str
    created_at: datetime
    raw: bytes
    state: str = "waiting"
    reason: str = ""
    digest: bool = False  # withheld until the next digest carries it


@dataclass(frozen=True, slots=True)
class Due:
    """A mail claimed for sending; `attempts` counts this one."""

    id: int
    ticket: int | None
    inbox_id: int | None
    to: str
    mail_from: str
    attempts: int
    created_at: datetime
    raw: bytes


def put(connection: Connection, mails: Sequence[Outgoing]) -> None:
    """Keep mails to be sent, in the transaction that makes them owed."""
    if not mails:
        return
    connection.execute(insert(outbox), [_row(m) for m in mails])
    connection.execute(insert(outbox_raw), [{"outbox_id": m.id, "raw": m.raw} for m in mails])


def claim(connection: Connection, holder: str, now: datetime, lease: datetime, limit: int) -> list[Due]:
    """Claim mails that are due, oldest first."""
    due = (
        select(outbox.c.id)
        .where(outbox.c.state == "waiting", outbox.c.due_at <= now)
        .order_by(outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(connection.execute(due).scalars())
    if not ids:
        return []
    values = {"state": "sending", "claimed_by": holder, "claimed_until": lease, "attempts": outbox.c.attempts + 1}
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))
    rows = connection.execute(
        select(outbox, outbox_raw.c.raw).join(outbox_raw).where(outbox.c.id.in_(ids)).order_by(outbox.c.id)
    )
    return [Due(r.id, r.ticket, r.inbox_id, r.to, r.mail_from, r.attempts, r.created_at, bytes(r.raw)) for r in rows]


def has_due(connection: Connection, now: datetime) -> bool:
    """Whether any mail is due: a look that takes no lock."""
    due = select(outbox.c.id).where(outbox.c.state == "waiting", outbox.c.due_at <= now)
    return connection.execute(due.limit(1)).first() is not None


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one attempt: `state` is `delivered`, `failed`, or `waiting` until `due_at`.

    `seconds` that it took; None where the mail was put off without one, which counts as none.
    """

    id: int
    state: str
    reason: str = ""
    due_at: datetime | None = None
    seconds: float | None = None


def record(connection: Connection, results: Sequence[Sent], holder: str, now: datetime) -> None:
    """Write what became of claimed mails. A mail whose lease went to somebody else is left to him."""
    for result in results:
        values: dict[str, Any] = {"state": result.state, "reason": result.reason, "claimed_by": None}
        values |= {"due_at": result.due_at} if result.due_at else {"done_at": now}
        if result.due_at and result.seconds is None:
            values["attempts"] = outbox.c.attempts - 1
        mine = (outbox.c.id == result.id) & (outbox.c.claimed_by == holder)
        connection.execute(update(outbox).where(mine).values(values | {"claimed_until": None}))


def put_off(connection: Connection, now: datetime, until: datetime, reason: str) -> None:
    """Let all that is due wait until then: the host that it would go to is not there for anything."""
    due = (outbox.c.state == "waiting") & (outbox.c.due_at <= now)
    connection.execute(update(outbox).where(due).values(due_at=until, reason=reason))


def fail(connection: Connection, reasons: Mapping[int, str], now: datetime) -> None:
    """Mails that were handed over and came back."""
    for outbox_id, reason in reasons.items():
        values = {"state": "failed", "reason": reason, "done_at": now}
        connection.execute(update(outbox).where(outbox.c.id == outbox_id).values(values))


def release(connection: Connection, holder: str) -> int:
    """Give back what this holder claimed and did not send, or all whose names begin with "…/"."""
    whose = outbox.c.claimed_by
    is_his = whose.startswith(holder, autoescape=True) if holder.endswith("/") else whose == holder
    mine = (outbox.c.state == "sending") & is_his
    return connection.execute(update(outbox).where(mine).values(_FREE | {"attempts": outbox.c.attempts - 1})).rowcount


def holders(connection: Connection, host: str) -> frozenset[str]:
    """Who on this host has claimed mails."""
    mine = (outbox.c.state == "sending") & outbox.c.claimed_by.startswith(f"{host}/", autoescape=True)
    return frozenset(connection.execute(select(outbox.c.claimed_by).where(mine).distinct()).scalars())


def release_expired(connection: Connection, now: datetime) -> int:
    """Give back claims whose lease is over."""
    expired = (outbox.c.state == "sending") & (outbox.c.claimed_until < now)
    return connection.execute(update(outbox).where(expired).values(_FREE)).rowcount


_FREE: dict[str, Any] = {"state": "waiting", "claimed_by": None, "claimed_until": None}


def returned(connection: Connection, outbox_ids: Sequence[int], message_ids: Sequence[str]) -> list[Row[Any]]:
    """Mails of ours that a report speaks of, by their envelope sender or Message-ID."""
    columns = (outbox.c.id, outbox.c.ticket, outbox.c.to, outbox.c.message_id, outbox.c.notice)
    mine = outbox.c.id.in_(outbox_ids) | outbox.c.message_id.in_(message_ids)
    return list(connection.execute(select(*columns, outbox.c.state, outbox.c.created_at).where(mine)))


def last_sent(connection: Connection, numbers: Collection[int]) -> dict[tuple[int, str], datetime]:
    """When the latest mail on each of these tickets left for each address; one that has not yet counts as written."""
    left = func.max(func.coalesce(outbox.c.done_at, outbox.c.created_at))
    mine = outbox.c.ticket.in_(numbers) & outbox.c.state.in_(("waiting", "sending", "delivered"))
    query = select(outbox.c.ticket, outbox.c.to, left).where(mine).group_by(outbox.c.ticket, outbox.c.to)
    return {(number, to): at for number, to, at in connection.execute(query)}


def failed(connection: Connection, since: datetime, until: datetime) -> list[Trouble]:
    """Owed mails that did not arrive, as was known from a moment on and before another one, the first of them first.

    Alarms are left out: one that fails is no reason for another.
    """
    owed = (outbox.c.state == "failed") & outbox.c.notice.not_in((*ANSWERS, "alarm"))
    query = select(outbox.c.id, outbox.c.done_at, outbox.c.to, outbox.c.reason).where(
        owed, outbox.c.done_at >= since, outbox.c.done_at < until
    )
    rows = connection.execute(query.order_by(outbox.c.done_at, outbox.c.id))
    return [Trouble(row.id, row.done_at, row.to, row.reason) for row in rows]


def late(connection: Connection, before: datetime) -> list[Trouble]:
    """Mails written before that moment that have not left, alarms left out: the oldest and how many, or nothing."""
    at = outbox.c.created_at
    query = select(func.count(), func.min(outbox.c.id), func.min(at), func.max(at))
    waits = outbox.c.state.in_(("waiting", "sending")) & (outbox.c.notice != "alarm")
    count, oldest, since, newest = connection.execute(query.where(waits, at < before)).one()
    return [Trouble(oldest, since, "", one(connection, oldest).reason or "", "outbox", count, newest)] if count else []


def alarm_waits(connection: Connection) -> bool:
    """Whether an alarm is written and has not left yet."""
    waits = outbox.c.state.in_(("waiting", "sending")) & (outbox.c.notice == "alarm")
    return connection.execute(select(outbox.c.id).where(waits).limit(1)).first() is not None


def retry(connection: Connection, outbox_id: int, now: datetime) -> None:
    """Let a failed mail be tried again at once. Raises `NotFound` where there is no such mail."""
    mine = (outbox.c.id == outbox_id) & outbox.c.state.in_(("failed", "withheld", "waiting"))
    mine &= outbox.c.gone_at.is_(None)
    values = {"state": "waiting", "due_at": now, "attempts": 0, "done_at": None, "digest": False}
    if connection.execute(update(outbox).where(mine).values(values)).rowcount == 0:
        raise NotFound(f"no mail {outbox_id} failed or waits, with its bytes; only such a mail can be sent again")


def page(connection: Connection, *, limit: int | None, after: int | None, newest_first: bool) -> list[Row[Any]]:
    """Mails that go out, oldest first unless told."""
    query = select(outbox).order_by(outbox.c.id.desc() if newest_first else outbox.c.id)
    if after is not None:
        query = query.where(outbox.c.id < after if newest_first else outbox.c.id > after)
    return list(connection.execute(query.limit(limit) if limit else query))


def one(connection: Connection, outbox_id: int) -> Row[Any]:
    """One mail's row. Raises `NotFound`."""
    row = connection.execute(select(outbox).where(outbox.c.id == outbox_id)).first()
    if row is None:
        raise NotFound(f"there is no mail {outbox_id} in the outbox; `mailgateway outbox list` shows them")
    return row


def raw(connection: Connection, outbox_id: int) -> bytes:
    """The bytes as they are sent. Raises `NotFound`."""
    row = one(connection, outbox_id)
    if row.gone_at:
        gone = f"the bytes of mail {outbox_id} went on {row.gone_at:%Y-%m-%d}, by retention or erasure"
        raise NotFound(f"{gone}; what became of it stays")
    return bytes(connection.execute(select(outbox_raw.c.raw).where(outbox_raw.c.outbox_id == outbox_id)).scalar_one())


def _row(mail: Outgoing) -> dict[str, Any]:
    return {
        "id": mail.id,
        "ticket": mail.ticket,
        "inbox_id": mail.inbox_id,
        "person_id": mail.person_id,
        "to": mail.to,
        "mail_from": mail.mail_from,
        "notice": mail.notice,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "created_at": mail.created_at,
        "state": mail.state,
        "reason": mail.reason,
        "attempts": 0,
        "due_at": mail.created_at,
        "digest": mail.digest,
    }
