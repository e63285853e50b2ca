"""All reply addresses at once out of use, because somebody may have read them; who has yet to decide gets a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailgateway.core.cases import Happening
from mailgateway.core.notices import Event
from mailgateway.steps import tell
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.steps.parts import in_parts
from mailgateway.store import keys
from mailgateway.store.workset import Wanted, Workset


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """How many addresses are out of use now, and how many open requests were sent anew."""

    voided: int
    requests: int


def rekey(gateway: Gateway, now: datetime) -> Rekeyed:
    """Void every reply address and every question; then ask those again whose vote is awaited."""
    with gateway.database.write(decide=True) as connection:
        voided, waiting = keys.void_all(connection), keys.rounds_that_wait(connection)
    in_parts(waiting, lambda part: _ask_again(gateway, part, now))
    return Rekeyed(voided, len(waiting))


def _ask_again(gateway: Gateway, numbers: Sequence[int], now: datetime) -> None:
    wanted = Wanted(emails=set(gateway.house.agent_addresses()), tickets=set(numbers))
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, wanted), now)
        work.set.load_purses()
        for number in numbers:
            ticket = work.set.tickets[number]
            seats = ticket.open_round.seats if ticket.open_round else ()
            silent = tuple(p for seat in seats if seat.vote is None for p in seat.deciders(now))
            tell.spread(work, ticket, None, None, (Happening(Event.EXPIRED, people=silent),), Cause())
        work.set.save(now)
