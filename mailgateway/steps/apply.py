"""The one writer of tickets: a decision becomes rows, and whoever must hear of it gets a mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mailgateway.core.access import roles_of
from mailgateway.core.cases import Case, Decision, Happening
from mailgateway.core.decide import decide
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.questions import DECISIONS
from mailgateway.core.rounds import Candidates
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.mail.addresses import normal
from mailgateway.steps import inviting, tell
from mailgateway.steps.context import Cause, Work

_ASKS = frozenset({Act.RESOLVE, Act.REQUEST_APPROVAL})  # open a round


def case_of(work: Work, ticket: Ticket, actor: Person | None, roles: frozenset[Role], asked: Asked) -> Case:
    """An act with everybody whom it may concern."""
    queue, house = work.queue(ticket), work.gateway.house
    other, other_roles = None, frozenset[Role]()
    if asked.act is Act.MERGE and asked.number:
        work.set.fetch([asked.number])
        if other := work.set.tickets.get(asked.number):
            operator = actor is not None and house.ours(actor.email)  # an agent of every queue
            other_roles = roles if operator else roles_of(actor, other, house.queues)
    named = tuple(work.person(Mailbox("", e)) for email in asked.emails if (e := normal(email)))
    approvers = tuple(work.person(Mailbox("", a)) for a in queue.approvers)
    substitute = work.person(Mailbox("", queue.substitute)) if queue.substitute else None
    asked_of = [p for p in (*named, *approvers, substitute, ticket.requester) if p] if asked.act in _ASKS else []
    return Case(
        ticket=ticket,
        queue=queue,
        actor=actor,
        roles=roles,
        now=work.now,
        candidates=Candidates((), approvers, substitute, work.set.delegations.standing(asked_of, work.now)),
        named=named,
        named_agents=frozenset(p.id for p in named if queue.has_agent(p)),
        max_followers=work.gateway.settings.limits.followers,
        queues=house.queues,
        other=other,
        other_roles=other_roles,
        next_number=work.set.upcoming("tickets"),
    )


def judge(
    work: Work,
    ticket: Ticket,
    actor: Person | None,
    asked: Asked,
    roles: frozenset[Role],
    arrived: datetime | None = None,
) -> Decision:
    """What one act does, without writing it. `arrived`: when the mail came that asks for it; None = now."""
    if asked.act is Act.PAUSE:
        waits = work.gateway.phrases.waits_for_requester(asked.text)
        asked = replace(asked, name="requester" if waits else "outside")
    if asked.act is Act.SPLIT:
        asked = replace(asked, name=work.gateway.sentences.entry("split_off", str(ticket.number)))
    return decide(replace(case_of(work, ticket, actor, roles, asked), arrived=arrived), asked)


def judge_all(
    work: Work, ticket: Ticket, actor: Person, acts: Iterable[Asked], arrived: datetime | None = None
) -> list[Decision]:
    """The decisions of several acts in order, each on what the one before it left; a refusal is the last one."""
    decisions: list[Decision] = []
    for asked in acts:
        roles = roles_of(actor, ticket, work.gateway.house.queues)
        decisions.append(judge(work, ticket, actor, asked, roles, arrived))
        if decisions[-1].refusal:
            break
        ticket = decisions[-1].ticket
    return decisions


def write(work: Work, decision: Decision, inbox_id: int | None) -> Ticket:
    """The decision's ticket and history into the workset."""
    sentences = work.gateway.sentences
    ticket = work.set.put(decision.ticket)
    for entry in decision.entries:
        until = entry.until.astimezone(work.gateway.calendar.zone) if entry.until else None
        by = entry.author.shown if entry.author else ""
        text = sentences.entry(entry.label, entry.about, entry.text, by=by, until=until)
        if entry.by_operator:
            text = f"{text} ({sentences.entry('by_operator')})".strip()
        work.set.append(ticket.number, entry, text, inbox_id)
    if decision.delegation:
        work.set.delegations.put(work.set.next_id("delegations"), decision.delegation)
    if decision.beside:
        write(work, decision.beside, inbox_id)
    return ticket


def apply(
    work: Work,
    decision: Decision,
    actor: Person | None,
    actor_role: Role | None,
    cause: Cause,
    more: tuple[Happening, ...] = (),
) -> tuple[Ticket, set[int]]:
    """Write a decision and its mails; returns the ticket and who was mailed.

    What happens beside is not what the mail answers: its mails are a thread of their own, and its people want to know.
    """
    if cause.inbox_id is not None:  # what an operator does is meant
        decision = replace(decision, ticket=inviting.restrained(work, decision.ticket, actor))
    ticket = write(work, decision, cause.inbox_id)
    mailed = tell.spread(work, ticket, actor, actor_role, (*decision.happenings, *more), cause)
    if beside := decision.beside:
        own = replace(cause, message_id="", may_answer=True)
        tell.spread(work, work.set.tickets[beside.ticket.number], actor, actor_role, beside.happenings, own)
    return ticket, mailed


def foremost(roles: frozenset[Role], ticket: Ticket, act: Act | None = None) -> Role | None:
    """The role in which somebody speaks: who decides as approver, who wrote the ticket as requester, and so on."""
    if act in DECISIONS and Role.APPROVER in roles:
        return Role.APPROVER
    order = (Role.REQUESTER, Role.AGENT, Role.APPROVER, Role.FOLLOWER)
    return next((r for r in order if r in roles), None)
