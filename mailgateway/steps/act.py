"""One act on one ticket, asked for at the command line or on a page: judged like a mail, told like a mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailgateway.core import access
from mailgateway.core.access import Proof
from mailgateway.core.cases import Decision
from mailgateway.core.errors import NotFound, Refused
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import Role
from mailgateway.mail.addresses import normal
from mailgateway.steps import apply
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.store.workset import Wanted, Workset


def act(gateway: Gateway, number: int, asked: Asked, as_email: str, now: datetime) -> Ticket:
    """Apply one act as this person; "" is the operator, who is an agent of every queue.

    Raises `NotFound` for an unknown ticket and `Refused` where workflow or rights forbid it: nothing was changed.
    """
    house = gateway.house
    emails = {as_email, *house.agent_addresses(), *(q.email for q in house.queues)}
    emails |= {e for a in asked.emails if (e := normal(a))}
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, Wanted(emails=emails, tickets={number})), now)
        ticket = work.set.tickets.get(number)
        if ticket is None:
            raise NotFound(f"there is no ticket {number}; `mailgateway tickets list` shows them")
        actor, roles = _actor(work, ticket, as_email)
        if reason := access.refusal(asked.act, roles, Proof(operator=True)):
            raise Refused(gateway.sentences.reason(reason))
        decision = apply.judge(work, ticket, actor, asked, roles)
        if decision.refusal:
            raise Refused(gateway.sentences.reason(decision.refusal, decision.about))
        role = apply.foremost(roles, ticket, asked.act)
        ticket, _ = apply.apply(work, _by_operator(decision), actor, role, Cause())
        work.set.save(now)
    return ticket


def _by_operator(decision: Decision) -> Decision:
    """The same decision; its lines say where it was asked for."""
    entries = tuple(replace(e, by_operator=True) for e in decision.entries)
    return replace(decision, entries=entries, beside=_by_operator(decision.beside) if decision.beside else None)


def _actor(work: Work, ticket: Ticket, as_email: str) -> tuple[Person, frozenset[Role]]:
    """Who acts, and as what."""
    if as_email:
        actor = work.set.people.by_address.get(as_email) or _agent(work, as_email)
        if actor is None:
            raise NotFound(f"nobody has the address {as_email}; `mailgateway contacts list` shows who is known")
        return actor, access.roles_of(actor, ticket, work.gateway.house.queues)
    return operator(work, work.queue(ticket)), frozenset({Role.AGENT})


def _agent(work: Work, email: str) -> Person | None:
    """An agent of the configuration who has not been written to yet."""
    agents = (agent for queue in work.gateway.house.queues if (agent := queue.agent(email)))
    return next((work.person(Mailbox(a.name, a.email)) for a in agents), None)


def operator(work: Work, queue: Queue) -> Person:
    """Whoever holds the command line: he writes from the desk's own address."""
    return work.set.person(Mailbox(work.gateway.desk_name(queue), queue.email))
