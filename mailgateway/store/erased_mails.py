"""One person's mails become a pseudonym's: what came from him, what went to him, what speaks of him."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, Text, cast, delete, or_, select, update

from mailgateway.core.people import Person
from mailgateway.store import tables as t
from mailgateway.store.erasure import Scope, parts, rows_of
from mailgateway.store.tickets import update_rows

_UNSENT = ("waiting", "sending")
_NOWHERE: dict[str, Any] = {"mail_from": None, "rcpt_to": [], "peer": "", "helo": "", "login": ""}


def inbox(
    connection: Connection, scope: Scope, authored: Collection[int], naming: Collection[int], now: datetime
) -> tuple[list[int], set[str]]:
    """Accepted mails: the ids of those whose bytes go (he wrote them, they name him, or belong to a ticket of his).

    Also the blobs that held them. What still waits is left alone.
    """
    c, by_him = t.inbox.c, t.entries.c.author_id == scope.person.id
    told = select(t.entries.c.inbox_id).where(by_him, t.entries.c.inbox_id.is_not(None))
    authored = {*authored, *connection.execute(told).scalars()}
    texts = [c.reason, c.mail_from, c.login, c.message_id, cast(c.rcpt_to, Text)]
    wanted = [c.id.in_(part) for part in parts({*authored, *naming})]
    rows = [r for r in rows_of(connection, scope, t.inbox, c.ticket, texts, *wanted) if r.state == "done"]
    update_rows(connection, t.inbox, ("id",), [_item(scope, row, row.id in authored) for row in rows])
    gone = [row for row in rows if row.gone_at is None]
    _remove_bytes(connection, t.inbox, t.inbox_raw.c.inbox_id, [row.id for row in gone], now)
    return [row.id for row in gone], {row.sha256 for row in gone if row.blob}


def _item(scope: Scope, row: Row[Any], authored: bool) -> dict[str, Any]:
    """What may be said of an accepted mail: its outcome and its digests stay, where it came from does not."""
    his = authored or row.mail_from in scope.person.addresses
    came = _NOWHERE if his else {name: getattr(row, name) for name in _NOWHERE}
    came = came | {"rcpt_to": [a for a in came["rcpt_to"] or () if a not in scope.person.addresses]}
    reason = scope.cleaned(row.ticket, row.reason)
    if his:
        reason = scope.sentences.bare_reason(row.reason) or scope.sentences.reason("erased_words")
    named = row.message_id and scope.traces.elsewhere(row.message_id) != row.message_id
    return {"id": row.id, **came, "reason": reason, "message_id": None if named else row.message_id}


def outbox(
    connection: Connection, scope: Scope, naming: Collection[int], speaks: Callable[[bytes], bool], now: datetime
) -> tuple[list[int], list[int]]:
    """Mails of ours: the ids of those whose bytes go, and of those among them that were still to be sent.

    Of the latter only those to him and those that `speaks` finds to speak of him: others are still owed.
    """
    c, me = t.outbox.c, scope.person
    wanted = [c.id.in_(part) for part in parts(naming)]
    to_him = or_(c.person_id == me.id, c.to.in_(me.addresses))
    rows = rows_of(connection, scope, t.outbox, c.ticket, [c.to, c.subject, c.reason], to_him, *wanted)
    unsent = [row for row in rows if row.state in _UNSENT]
    stopped = [row.id for row in unsent if _is_to(row, me) or _speaks(connection, row, speaks)]
    owed = {row.id for row in unsent} - set(stopped)
    gone = [row for row in rows if row.id not in owed]
    update_rows(connection, t.outbox, ("id",), [_letter(scope, row) for row in gone])
    for part in parts(stopped):
        free = {"state": "cancelled", "claimed_by": None, "claimed_until": None, "done_at": now}
        still = c.id.in_(part) & c.state.in_(_UNSENT)
        connection.execute(update(t.outbox).where(still).values(**free, reason=scope.sentences.reason("erased")))
    kept = [row.id for row in gone if row.gone_at is None]
    _remove_bytes(connection, t.outbox, t.outbox_raw.c.outbox_id, kept, now)
    return kept, stopped


def _letter(scope: Scope, row: Row[Any]) -> dict[str, Any]:
    his = _is_to(row, scope.person)
    return {
        "id": row.id,
        "to": scope.placeholder if his else row.to,
        "subject": scope.erased if his or row.ticket in scope.opened else scope.cleaned(row.ticket, row.subject),
        "reason": scope.cleaned(row.ticket, row.reason),
        "digest": row.digest and not his,
    }


def _is_to(row: Row[Any], person: Person) -> bool:
    return row.person_id == person.id or row.to in person.addresses


def _speaks(connection: Connection, row: Row[Any], speaks: Callable[[bytes], bool]) -> bool:
    raw = connection.execute(select(t.outbox_raw.c.raw).where(t.outbox_raw.c.outbox_id == row.id)).scalar()
    return raw is not None and speaks(bytes(raw))


def _remove_bytes(
    connection: Connection, table: Table, belongs: Column[int], ids: Sequence[int], now: datetime
) -> None:
    for part in parts(ids):
        connection.execute(delete(belongs.table).where(belongs.in_(part)))
        connection.execute(update(table).where(table.c.id.in_(part)).values(gone_at=now))
