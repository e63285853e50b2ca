"""What time alone changes: pauses that end, silence, reminders, digests, lost claims, what was kept too long."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from mailgateway.core import rounds
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import alarming, apply, digesting, holders, reminding, retain
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.steps.parts import in_parts
from mailgateway.store import inbox, leases, outbox, tickets
from mailgateway.store.accesses import By
from mailgateway.store.people import Known
from mailgateway.store.workset import Wanted, Workset

log = logging.getLogger(__name__)

_ORPHAN = timedelta(hours=24)


def sweep(gateway: Gateway, now: datetime) -> None:
    """Do all that is due at this moment."""
    _end_pauses(gateway, now)
    _accept_by_time(gateway, now)
    reminding.remind(gateway, now)
    digesting.send_digests(gateway, now)
    alarming.tell_of_trouble(gateway, now)
    holders.release_dead(gateway)
    with gateway.database.write() as connection:
        clock = leases.clock(connection)
        inbox.release_expired(connection, clock)
        outbox.release_expired(connection, clock)
    _remove_drafts(gateway, now)
    retain.daily(gateway, By("service", socket.gethostname()), now)


def _end_pauses(gateway: Gateway, now: datetime) -> None:
    """A pause with a return date ends by itself."""
    with gateway.database.read() as connection:
        due = tickets.pauses_until(connection, now)
    _act(gateway, due, Asked(Act.RESUME), now)


def _accept_by_time(gateway: Gateway, now: datetime) -> None:
    """A requester who was asked to accept and said nothing has accepted; a named approver's silence never does."""
    with gateway.database.read() as connection:
        asked = tickets.load(connection, tickets.awaiting_acceptance(connection), Known())
    due = set()
    for number, ticket in asked.items():
        queue = gateway.house.named(ticket.queue) or gateway.house.queues[0]
        until = rounds.answer_by(ticket.round, queue, gateway.calendar) if ticket.round else None
        if until and until <= now:
            due.add(number)
    _act(gateway, due, Asked(Act.APPROVE), now)


def _act(gateway: Gateway, due: set[int], asked: Asked, now: datetime) -> None:
    """One act on each of these tickets, by the clock."""
    in_parts(sorted(due), lambda part: _act_on(gateway, part, asked, now))


def _act_on(gateway: Gateway, numbers: Sequence[int], asked: Asked, now: datetime) -> None:
    wanted = Wanted(emails=set(gateway.house.agent_addresses()), tickets=set(numbers))
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, wanted), now)
        work.set.load_purses()
        for number in numbers:
            decision = apply.judge(work, work.set.tickets[number], None, asked, frozenset({Role.SYSTEM}))
            if not decision.refusal:
                apply.apply(work, decision, None, Role.SYSTEM, Cause())
        work.set.save(now)
    log.info("%s by time: %s", asked.act, numbers)


def _remove_drafts(gateway: Gateway, now: datetime) -> None:
    """Blobs that a crash left half written."""
    for draft in gateway.blobs.drafts():
        if now - datetime.fromtimestamp(draft.stat().st_mtime, UTC) > _ORPHAN:
            draft.unlink(missing_ok=True)
