"""Alarms to whoever looks after the gateway: each thing once in its time, so that no storm becomes one of alarms."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from mailgateway.core import budget, keys
from mailgateway.core.budget import EVERYBODY, SILENCE, SILENCES, TROUBLE
from mailgateway.core.keys import Purpose
from mailgateway.core.lists import PAGE_ROWS, Told, Trouble
from mailgateway.core.notices import Notice
from mailgateway.core.people import Person
from mailgateway.core.workflow import Role
from mailgateway.steps import post
from mailgateway.steps.context import Cause, Gateway, Silence, Work
from mailgateway.steps.prepare import Prepared
from mailgateway.store import inbox, outbox, purses
from mailgateway.store.workset import Wanted, Workset

log = logging.getLogger(__name__)

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _late(gateway: Gateway, connection: Connection, since: datetime, until: datetime) -> list[Trouble]:
    """What waits longer than it should, all of it as soon as something is new.

    While an alarm cannot leave itself there is no second one: /metrics is what calls then.
    """
    if outbox.alarm_waits(connection):
        return []
    said, found, is_new = gateway.settings.alarms, [], False
    for minutes, look in (
        (said.inbox_minutes, _unprocessed),
        (said.outbox_minutes, _unsent),
        (said.mailbox_minutes, _unread),
    ):
        patience = timedelta(minutes=minutes)
        for trouble in look(gateway, connection, until - patience) if minutes else ():
            found.append(trouble)
            is_new |= (trouble.newest or trouble.at) + patience >= since
    return found if is_new else []


def _unprocessed(_: Gateway, connection: Connection, before: datetime) -> list[Trouble]:
    return inbox.late(connection, before)


def _unsent(_: Gateway, connection: Connection, before: datetime) -> list[Trouble]:
    return outbox.late(connection, before)


def _unread(gateway: Gateway, _: Connection, before: datetime) -> list[Trouble]:
    health = gateway.watch.mailboxes().items()
    failing = [(name, datetime.fromtimestamp(h.failing_since, UTC)) for name, h in health if h.failing_since]
    return [Trouble(0, at, name, "", "mailbox") for name, at in failing if at < before]


#: What only an operator can mend, by the name under which it is told, and how that of some time is found.
_TROUBLES: dict[str, Callable[[Gateway, Connection, datetime, datetime], list[Trouble]]] = {
    "quarantined": lambda _, *times: inbox.quarantined(*times),
    "failed": lambda _, *times: outbox.failed(*times),
    "late": _late,
}


def echoed(work: Work, mail: Prepared) -> None:
    """A mail that a system like ours wrote: it is not answered, and somebody must know that it is there."""
    if mail.author:
        queue = next(iter(mail.references.queues), work.gateway.house.queues[0])
        work.silences.append(Silence("echo", mail.author.email, mail.author.email, mail.item.id, queue))


def tell_of_silence(work: Work) -> None:
    """Who was answered no more in this batch: once a day for each, and a few an hour for all."""
    for silence in work.silences:
        if work.spend([(silence.whose, SILENCE), (EVERYBODY, SILENCES)]) is None:
            _tell_of(work, silence)


def _tell_of(work: Work, silence: Silence) -> None:
    ticket = silence.ticket
    for person in work.keepers(silence.queue):
        notice = replace(
            _alarm(work, person, silence.reason),
            about=silence.about,
            told=(Told("alarm", work.now, ticket.number, ticket.subject),) if ticket else (),
            total=silence.answers,
            item=silence.inbox_id,
        )
        post.send(work, notice, Cause(silence.inbox_id), queue=silence.queue)


def tell_of_trouble(gateway: Gateway, now: datetime) -> None:
    """What waits for an operator: once an hour, in one mail, all of it that is new since the last one."""
    for kind in _TROUBLES:
        with gateway.database.read() as connection:
            is_due = _new(gateway, connection, kind, now)
        if is_due:
            _tell_of_all(gateway, kind, now)


def _new(gateway: Gateway, connection: Connection, kind: str, now: datetime) -> Sequence[Trouble]:
    """What came since the last time, before this moment: what comes at this moment is told the next time."""
    last = purses.load(connection, [kind]).get((kind, TROUBLE.purse))
    if budget.spend(last, TROUBLE, now) is None:
        return ()
    return _TROUBLES[kind](gateway, connection, last.since if last else _EVER, now)


def _tell_of_all(gateway: Gateway, kind: str, now: datetime) -> None:
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, Wanted(emails=set(gateway.staff))), now)
        found = _new(gateway, connection, kind, now)
        if not found or work.spend([(kind, TROUBLE)]):
            return
        shown = tuple(replace(t, email=keys.hidden(t.email), reason=keys.hidden(t.reason)) for t in found[:PAGE_ROWS])
        total = sum(t.count for t in found)
        for person in work.keepers():
            post.send(work, replace(_alarm(work, person, kind), total=total, troubles=shown), Cause())
        work.set.save(now)
    log.warning("%s: %d told", kind, total)


def _alarm(work: Work, person: Person, reason: str) -> Notice:
    return Notice("alarm", person, Role.AGENT, Purpose.TALK, work.now, reason=reason)
