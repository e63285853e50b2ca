"""Accepted mails and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, or_, select, update

from mailgateway.core.errors import NotFound
from mailgateway.core.lists import Trouble
from mailgateway.core.messages import Envelope
from mailgateway.core.outcomes import Outcome
from mailgateway.store.blobs import Blobs
from mailgateway.store.tables import inbox, inbox_raw, mailbox_uids

RAW_IN_DATABASE = 1_048_576  # bytes; larger mails are blobs
BATCH_MAILS = 50
BATCH_BYTES = 1_048_576
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Accepted:
    """A mail to be kept: its bytes, or where they lie in the blob store."""

    envelope: Envelope
    at: datetime
    size: int
    sha256: str
    raw: bytes | None  # None: a blob of that sha256


@dataclass(frozen=True, slots=True)
class Item:
    """One accepted mail, claimed for processing."""

    id: int
    envelope: Envelope
    received_at: datetime
    raw: bytes
    attempts: int


def add(connection: Connection, mails: Sequence[Accepted]) -> list[int]:
    """Keep these mails; returns their ids. A mailbox's mail that is already held keeps the id it has."""
    held = _held(connection, mails)
    new = [m for m in mails if _place(m.envelope) not in held]
    ids: list[int] = []
    if new:
        rows = insert(inbox).returning(inbox.c.id, sort_by_parameter_order=True)
        ids = list(connection.execute(rows, [_row(m) for m in new]).scalars())
        raws = [{"inbox_id": i, "raw": m.raw} for i, m in zip(ids, new, strict=True) if m.raw is not None]
        places = [
            {"mailbox": m.envelope.mailbox, "uidvalidity": m.envelope.uidvalidity, "uid": m.envelope.uid, "inbox_id": i}
            for i, m in zip(ids, new, strict=True)
            if m.envelope.mailbox
        ]
        for table, values in ((inbox_raw, raws), (mailbox_uids, places)):
            if values:
                connection.execute(insert(table), values)
    fresh = iter(ids)
    return [held[_place(m.envelope)] if _place(m.envelope) in held else next(fresh) for m in mails]


def known(connection: Connection, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
    """Which of a mailbox's UIDs are held already."""
    mine = (mailbox_uids.c.mailbox == mailbox) & (mailbox_uids.c.uidvalidity == uidvalidity)
    found: set[int] = set()
    for start in range(0, len(uids), 500):
        some = mailbox_uids.c.uid.in_(uids[start : start + 500])
        found.update(connection.execute(select(mailbox_uids.c.uid).where(mine, some)).scalars())
    return frozenset(found)


def claim(connection: Connection, holder: str, lease: datetime) -> list[int]:
    """Claim the oldest waiting mails that run together: at most 50, and 1 MB unless a single one is larger."""
    waiting = (
        select(inbox.c.id, inbox.c.size)
        .where(inbox.c.state == "waiting", inbox.c.alone.is_(False))
        .order_by(inbox.c.id)
        .limit(BATCH_MAILS)
        .with_for_update(skip_locked=True)
    )
    ids: list[int] = []
    total = 0
    for row in connection.execute(waiting):
        total += row.size
        if ids and total > BATCH_BYTES:
            break
        ids.append(row.id)
    _claimed(connection, ids, holder, lease)
    return ids


def claim_alone(
    connection: Connection, holder: str, lease: datetime, slow: Collection[int], *, again: bool
) -> int | None:
    """Claim the oldest mail that must run by itself, counting the attempt: whatever it does, this is remembered.

    It is none of the `slow`, or `again` one of them.
    """
    waiting = (
        select(inbox.c.id)
        .where(inbox.c.state == "waiting", inbox.c.alone.is_(True), inbox.c.attempts < ATTEMPTS)
        .where(inbox.c.id.in_(slow) if again else inbox.c.id.not_in(slow))
        .order_by(inbox.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found: int | None = connection.execute(waiting).scalar()
    if found is not None:
        _claimed(connection, [found], holder, lease)
        connection.execute(update(inbox).where(inbox.c.id == found).values(attempts=inbox.c.attempts + 1))
    return found


def _claimed(connection: Connection, ids: Sequence[int], holder: str, lease: datetime) -> None:
    values = {"state": "claimed", "claimed_by": holder, "claimed_until": lease}
    if ids:
        connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(values))


def load(connection: Connection, ids: Sequence[int], blobs: Blobs) -> list[Item]:
    """The claimed mails with their bytes, oldest first."""
    rows = connection.execute(
        select(inbox, inbox_raw.c.raw).outerjoin(inbox_raw).where(inbox.c.id.in_(ids)).order_by(inbox.c.id)
    )
    return [_item(row, blobs.get(row.sha256) if row.blob else row.raw) for row in rows]


def release(connection: Connection, holder: str, *, alone: bool, uncounted: bool = False) -> int:
    """Give back what this holder claimed and did not finish, or all whose names begin with "…/".

    `alone`: each is to run by itself from now on. `uncounted`: this attempt was none.
    """
    values: dict[str, Any] = {"state": "waiting", "claimed_by": None, "claimed_until": None}
    if alone:
        values["alone"] = True
    if uncounted:
        values["attempts"] = inbox.c.attempts - 1
    whose = inbox.c.claimed_by
    is_his = whose.startswith(holder, autoescape=True) if holder.endswith("/") else whose == holder
    mine = (inbox.c.state == "claimed") & is_his
    return connection.execute(update(inbox).where(mine).values(values)).rowcount


def holders(connection: Connection, host: str) -> frozenset[str]:
    """Who on this host has claimed mails."""
    mine = (inbox.c.state == "claimed") & inbox.c.claimed_by.startswith(f"{host}/", autoescape=True)
    return frozenset(connection.execute(select(inbox.c.claimed_by).where(mine).distinct()).scalars())


def release_expired(connection: Connection, now: datetime) -> int:
    """Give back claims whose lease is over: their holder died with its machine."""
    expired = (inbox.c.state == "claimed") & (inbox.c.claimed_until < now)
    values = {"state": "waiting", "claimed_by": None, "claimed_until": None, "alone": True}
    return connection.execute(update(inbox).where(expired).values(values)).rowcount


def spent(connection: Connection) -> list[int]:
    """Waiting mails that have used up their attempts."""
    query = select(inbox.c.id).where(inbox.c.state == "waiting", inbox.c.attempts >= ATTEMPTS)
    return list(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a mail."""

    id: int
    outcome: Outcome
    reason: str
    ticket: int | None = None
    message_id: str = ""
    twin_key: str = ""
    content_key: str = ""
    evidence: int = 0


def finish(connection: Connection, done: Iterable[Finished], holder: str, now: datetime) -> None:
    """Write the outcomes of claimed mails. Raises where one is no longer this holder's: then nothing may be applied."""
    statement = (
        update(inbox)
        .where(inbox.c.id == bindparam("the_id"), inbox.c.claimed_by == holder, inbox.c.state == "claimed")
        .values(
            state="done",
            claimed_by=None,
            claimed_until=None,
            done_at=now,
            outcome=bindparam("an_outcome"),
            reason=bindparam("a_reason"),
            ticket=bindparam("a_ticket"),
            message_id=bindparam("a_message_id"),
            twin_key=bindparam("a_twin_key"),
            content_key=bindparam("a_content_key"),
            evidence=bindparam("an_evidence"),
        )
    )
    rows = [
        {
            "the_id": d.id,
            "an_outcome": d.outcome,
            "a_reason": d.reason,
            "a_ticket": d.ticket,
            "a_message_id": d.message_id,
            "a_twin_key": d.twin_key,
            "a_content_key": d.content_key,
            "an_evidence": d.evidence,
        }
        for d in done
    ]
    if connection.execute(statement, rows).rowcount != len(rows):
        raise LostClaim("a mail of this batch is claimed by somebody else; nothing of the batch was applied")


class LostClaim(Exception):
    """A lease ran out while its batch was still at work."""


def quarantine(connection: Connection, ids: Sequence[int], reason: str, now: datetime) -> None:
    """Put mails aside that three attempts could not process; their bytes stay."""
    values = {"state": "done", "outcome": Outcome.QUARANTINED, "reason": reason, "done_at": now}
    connection.execute(update(inbox).where(inbox.c.id.in_(ids)).values(values))


def quarantined(connection: Connection, since: datetime, until: datetime) -> list[Trouble]:
    """Mails that were put aside from a moment on and before another one, the first of them first."""
    query = select(inbox.c.id, inbox.c.done_at, inbox.c.mail_from, inbox.c.reason).where(
        _QUARANTINED, inbox.c.done_at >= since, inbox.c.done_at < until
    )
    rows = connection.execute(query.order_by(inbox.c.done_at, inbox.c.id))
    return [Trouble(row.id, row.done_at, row.mail_from or "", row.reason) for row in rows]


def late(connection: Connection, before: datetime) -> list[Trouble]:
    """Mails of before that moment that have no outcome: the oldest and how many, or nothing."""
    at = inbox.c.received_at
    query = select(func.count(), func.min(inbox.c.id), func.min(at), func.max(at))
    count, oldest, since, newest = connection.execute(
        query.where(inbox.c.state.in_(("waiting", "claimed")), at < before)
    ).one()
    return [Trouble(oldest, since, "", "", "inbox", count, newest)] if count else []


#: As its index has it: a value that is bound would not be known to be that of the index.
_QUARANTINED = inbox.c.outcome == bindparam("quarantined", Outcome.QUARANTINED.value, literal_execute=True)


def retry(connection: Connection, item_id: int) -> None:
    """Let a quarantined mail wait again. Raises `NotFound` where there is no such mail in quarantine."""
    values = {"state": "waiting", "alone": True, "attempts": 0, "outcome": None, "reason": None, "done_at": None}
    mine = (inbox.c.id == item_id) & (inbox.c.outcome == Outcome.QUARANTINED) & inbox.c.gone_at.is_(None)
    if connection.execute(update(inbox).where(mine).values(values)).rowcount == 0:
        raise NotFound(f"no mail {item_id} is in quarantine with its bytes; only such a mail can be tried again")


def has_work(connection: Connection, *, alone: bool | None = None) -> bool:
    """Whether any mail waits; one that must run by itself, or one that must not, where `alone` says which."""
    query = select(inbox.c.id).where(inbox.c.state == "waiting").limit(1)
    if alone is not None:
        query = query.where(inbox.c.alone.is_(alone))
    return connection.execute(query).first() is not None


def waiting(connection: Connection) -> int:
    """How many mails have no outcome yet, claimed ones too; reads these only."""
    some = inbox.c.state.in_(("waiting", "claimed"))
    return connection.execute(select(func.count()).select_from(inbox).where(some)).scalar_one()


def stats(connection: Connection) -> tuple[int, int, Mapping[str, int]]:
    """How many were accepted, how many wait (claimed ones too), and how many ended in each outcome."""
    rows = connection.execute(
        select(inbox.c.state, inbox.c.outcome, func.count()).group_by(inbox.c.state, inbox.c.outcome)
    )
    counted = {(state, outcome): n for state, outcome, n in rows}
    outcomes = {o.value: counted.get(("done", o.value), 0) for o in Outcome}
    waiting = sum(n for (state, _), n in counted.items() if state != "done")
    return sum(counted.values()), waiting, outcomes


def page(connection: Connection, *, limit: int | None, after: int | None, newest_first: bool) -> list[Row[Any]]:
    """Accepted mails, oldest first unless told."""
    query = select(inbox).order_by(inbox.c.id.desc() if newest_first else inbox.c.id)
    if after is not None:
        query = query.where(inbox.c.id < after if newest_first else inbox.c.id > after)
    return list(connection.execute(query.limit(limit) if limit else query))


def one(connection: Connection, item_id: int) -> Row[Any]:
    """One accepted mail's row. Raises `NotFound`."""
    row = connection.execute(select(inbox).where(inbox.c.id == item_id)).first()
    if row is None:
        raise NotFound(f"there is no mail {item_id} in the inbox; `mailgateway inbox list` shows them")
    return row


def raw(connection: Connection, item_id: int, blobs: Blobs) -> bytes:
    """The bytes as they were accepted. Raises `NotFound`."""
    row = one(connection, item_id)
    if row.gone_at:
        gone = f"the bytes of mail {item_id} went on {row.gone_at:%Y-%m-%d}, by retention or erasure"
        raise NotFound(f"{gone}; what became of it stays")
    if row.blob:
        return blobs.get(row.sha256)
    return bytes(connection.execute(select(inbox_raw.c.raw).where(inbox_raw.c.inbox_id == item_id)).scalar_one())


def find(connection: Connection, message_ids: Sequence[str], twin_keys: Sequence[str]) -> list[Row[Any]]:
    """Finished mails, as only these have such keys, by their Message-ID or by the digest that copies share."""
    columns = (inbox.c.id, inbox.c.message_id, inbox.c.twin_key, inbox.c.content_key, inbox.c.evidence)
    query = select(*columns, inbox.c.ticket, inbox.c.outcome, inbox.c.received_at).where(
        or_(inbox.c.message_id.in_(message_ids), inbox.c.twin_key.in_(twin_keys))
    )
    return list(connection.execute(query.order_by(inbox.c.id)))


def lease(now: datetime, seconds: int) -> datetime:
    """Until when a claim holds."""
    return now + timedelta(seconds=seconds)


def _held(connection: Connection, mails: Sequence[Accepted]) -> dict[tuple[str, int, int], int]:
    places = [p for m in mails if (p := _place(m.envelope))[0]]
    found: dict[tuple[str, int, int], int] = {}
    for mailbox, uidvalidity in {p[:2] for p in places}:
        query = select(mailbox_uids.c.uid, mailbox_uids.c.inbox_id).where(
            mailbox_uids.c.mailbox == mailbox,
            mailbox_uids.c.uidvalidity == uidvalidity,
            mailbox_uids.c.uid.in_([p[2] for p in places if p[:2] == (mailbox, uidvalidity)]),
        )
        found.update({(mailbox, uidvalidity, uid): inbox_id for uid, inbox_id in connection.execute(query)})
    return found


def _place(envelope: Envelope) -> tuple[str, int, int]:
    return (envelope.mailbox, envelope.uidvalidity, envelope.uid)


def _row(mail: Accepted) -> dict[str, Any]:
    e = mail.envelope
    return {
        "source": e.source,
        "received_at": mail.at,
        "mail_from": e.mail_from,
        "rcpt_to": list(e.rcpt_to),
        "peer": e.peer,
        "helo": e.helo,
        "login": e.login,
        "mailbox": e.mailbox,
        "size": mail.size,
        "sha256": mail.sha256,
        "blob": mail.raw is None,
        "state": "waiting",
        "alone": False,
        "attempts": 0,
    }


def _item(row: Row[Any], raw_bytes: bytes) -> Item:
    envelope = Envelope(
        source=row.source,
        mail_from=row.mail_from,
        rcpt_to=tuple(row.rcpt_to),
        peer=row.peer,
        helo=row.helo,
        login=row.login,
        mailbox=row.mailbox,
    )
    return Item(row.id, envelope, row.received_at, bytes(raw_bytes), row.attempts)
