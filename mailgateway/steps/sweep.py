"""What time alone changes: pauses that end, claims that nobody holds any more, files that no row names."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.store import inbox, leases, outbox, tickets
from mailgateway.store.workset import Wanted, Workset

log = logging.getLogger(__name__)

_ORPHAN = timedelta(hours=24)


def sweep(gateway: Gateway, now: datetime) -> None:
    """Do all that is due at this moment."""
    _end_pauses(gateway, now)
    with gateway.database.write() as connection:
        clock = leases.clock(connection)
        inbox.release_expired(connection, clock)
        outbox.release_expired(connection, clock)
    _remove_drafts(gateway, now)


def _end_pauses(gateway: Gateway, now: datetime) -> None:
    """A pause with a return date ends by itself."""
    with gateway.database.read() as connection:
        due = tickets.pauses_until(connection, now)
    if not due:
        return
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, Wanted(emails=set(gateway.house.agent_addresses()), tickets=due)), now)
        for number in sorted(due):
            ticket = work.set.tickets[number]
            decision = apply.judge(work, ticket, None, Asked(Act.RESUME), frozenset({Role.SYSTEM}))
            if not decision.refusal:
                apply.apply(work, decision, None, Role.SYSTEM, Cause())
        work.set.save(now)
    log.info("pauses ended: %s", sorted(due))


def _remove_drafts(gateway: Gateway, now: datetime) -> None:
    """Blobs that a crash left half written."""
    for draft in gateway.blobs.drafts():
        if now - datetime.fromtimestamp(draft.stat().st_mtime, UTC) > _ORPHAN:
            draft.unlink(missing_ok=True)
