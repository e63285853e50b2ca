"""Strangers whom a mail brings into copy: a few are told at once, whoever is more than that waits for an agent's act.

Else somebody could open tickets with other people in copy, and we would carry his words to all of them.
"""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.people import Person
from mailgateway.core.tickets import Ticket
from mailgateway.steps.context import Work


def restrained(work: Work, ticket: Ticket, author: Person | None) -> Ticket:
    """A ticket about to be written, on which the new followers beyond the author's purse are held."""
    if author is None or work.queue(ticket).has_agent(author):
        return ticket
    before = work.set.tickets.get(ticket.number)
    followers = before.followers if before else ()
    there = {f.person.id for f in followers}
    return replace(
        ticket,
        followers=tuple(
            f if f.held or f.person.id in there or _may_tell(work, author, f.person) else replace(f, held=True)
            for f in ticket.followers
        ),
    )


def _may_tell(work: Work, author: Person, person: Person) -> bool:
    return not work.is_stranger(person) or not work.spend(work.gateway.limits.invitation(author.email, person.email))
