"""From what happened to notices: who hears of it, by which mail, and what he may send back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailgateway.core import rounds
from mailgateway.core.access import roles_of
from mailgateway.core.acts_of_requesters import RATING_DAYS, may_rate
from mailgateway.core.cases import Happening
from mailgateway.core.commands import Pending, Situation, lines_for
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import DIRECT, NOTICES, REQUESTS, Event, Notice, Row, Who
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.queues import Agent, Queue
from mailgateway.core.tickets import Round, Seat, Ticket
from mailgateway.core.workflow import Role
from mailgateway.steps import post
from mailgateway.steps.context import Cause, Work

#: Events whose author needs to hear nothing: he wrote the words himself.
_OWN_WORDS = frozenset({Event.COMMENTED, Event.UNCLEAR, Event.REPLIED, Event.NOTED})
#: Events after which somebody is asked what others were asked before.
_ASKED_LATER = frozenset({Event.EXPIRED, Event.SUBSTITUTED, Event.DELEGATED})

#: Groups in which nobody needs to hear of what he did himself.
_AGENTS = frozenset({Who.QUEUE, Who.ASSIGNEE})


def spread(
    work: Work, ticket: Ticket, actor: Person | None, actor_role: Role | None, told: Sequence[Happening], cause: Cause
) -> set[int]:
    """Write the mails of these happenings; returns the ids of the persons who got one."""
    mailed: set[int] = set()
    for happening in told:
        mailed |= _spread(work, ticket, actor, actor_role, happening, cause)
    return mailed


def _spread(
    work: Work, ticket: Ticket, actor: Person | None, actor_role: Role | None, happening: Happening, cause: Cause
) -> set[int]:
    queue = work.queue(ticket)
    first: set[int] = set()
    for row in NOTICES:
        if row.event is not happening.event or not _applies(row, happening, queue, ticket, actor):
            continue
        for person in _people(work, row.who, ticket, queue, happening, actor):
            if not row.also and (person.id in first or _knows(row, person, actor, happening, cause)):
                continue
            first.add(person.id)
            notice = _notice(work, row, ticket, person, actor, actor_role, happening)
            if happening.event in _ASKED_LATER:
                notice = _with_solution(work, replace(notice, about=happening.text), ticket)
            post.send(work, notice, cause)
    return first


def _applies(row: Row, happening: Happening, queue: Queue, ticket: Ticket, actor: Person | None) -> bool:
    if row.survey and not queue.survey:
        return False
    if row.decided and happening.approved is None:
        return False
    by_requester = actor is not None and ticket.requester is not None and actor.id == ticket.requester.id
    return not row.by_requester or by_requester


def _knows(row: Row, person: Person, actor: Person | None, happening: Happening, cause: Cause) -> bool:
    """Whether the person has it already: from himself, or from the mail itself where he stood in To or Cc."""
    is_actor = actor is not None and person.id == actor.id
    if is_actor and (happening.event in _OWN_WORDS or (row.who in _AGENTS and happening.event is not Event.OPENED)):
        return True
    return row.notice == "commented" and any(person.owns(a) for a in cause.heard)


def _people(
    work: Work, who: Who, ticket: Ticket, queue: Queue, happening: Happening, actor: Person | None
) -> Iterable[Person]:
    followers = [f.person for f in ticket.followers if not f.held]
    seats = ticket.open_round.deciders(work.now) if ticket.open_round else ()
    requester = [ticket.requester] if ticket.requester else []
    agents = [agent_person(work, a) for q in _queues(work, ticket) for a in q.agents]
    match who:
        case Who.ACTOR:
            return [actor] if actor else []
        case Who.REQUESTER:
            return requester
        case Who.FOLLOWERS:
            return followers
        case Who.NEW_FOLLOWERS:
            held = {f.person.id for f in ticket.followers if f.held}
            return [p for p in happening.people if p.id not in held]
        case Who.PARTICIPANTS:
            return [*requester, *followers, *seats]
        case Who.QUEUE:
            return agents
        case Who.ASSIGNEE:
            return [ticket.assignee] if ticket.assignee else agents
        case Who.NEW_ASSIGNEE | Who.SILENT_SEATS:
            return happening.people
        case Who.SEATS:
            return seats


def _queues(work: Work, ticket: Ticket) -> list[Queue]:
    named = (work.gateway.house.named(name) for name in (ticket.queue, *ticket.other_queues))
    return [q for q in named if q]


def agent_person(work: Work, agent: Agent) -> Person:
    """The person behind a configured agent."""
    return work.person(Mailbox(agent.name, agent.email))


def _notice(
    work: Work,
    row: Row,
    ticket: Ticket,
    person: Person,
    actor: Person | None,
    actor_role: Role | None,
    happening: Happening,
) -> Notice:
    # A decision receipt belongs to the round that was decided; a request to a requester asks for yes or no.
    role = role_of(work, ticket, person, row.who)
    round_, seat = ticket.round, _seat(row, ticket, person, actor, happening)
    return Notice(
        name=row.notice,
        to=person,
        role=role,
        purpose=row.purpose,
        at=work.now,
        ticket=ticket,
        actor=actor,
        actor_role=actor_role or "",
        text=happening.text,
        evidence=happening.evidence,
        contacts=happening.contacts if row.notice == "ticket_opened" else (),
        matches=happening.matches if row.notice == "ticket_opened" and ticket.proven else (),
        lines=(*(happening.offers if person is actor else ()), *lines(work, ticket, person, row.notice)),
        from_status=happening.from_status,
        until=_until(work, row.notice, ticket, happening, seat),
        score=happening.score,
        approved=happening.approved,
        acceptance=bool(round_ and round_.acceptance),
        own_words_only=row.notice == "ticket_opened" and not ticket.proven,
        seat=seat,
    )


def _seat(row: Row, ticket: Ticket, person: Person, actor: Person | None, happening: Happening) -> Seat | None:
    """The place that a mail speaks of: where a vote was given, or where somebody is asked to decide for another."""
    if ticket.round is None:
        return None
    if row.notice in REQUESTS:
        return lent(ticket.round, person)
    return ticket.round.seat_of(actor) if actor and happening.approved is not None else None


def lent(round_: Round, person: Person) -> Seat | None:
    """The seat in which this person decides for somebody else; None where he holds one himself."""
    seat = round_.seat_of(person)
    return seat if seat and seat.person.id != person.id else None


def _with_solution(work: Work, notice: Notice, ticket: Ticket) -> Notice:
    """A request with the words that everybody was asked with, by whom they are, and when he wrote them."""
    said, at = solution_of(work, ticket)
    author = ticket.round.solution_by if ticket.round else None
    return replace(notice, text=said, since=at, actor=author, actor_role=Role.AGENT)


def solution_of(work: Work, ticket: Ticket) -> tuple[str, datetime]:
    """The words with which approval was asked for, and when."""
    found = work.set.solution(ticket.number)
    return (work.gateway.sentences.words("asked_approval_of", found.text), found.at) if found else ("", work.now)


def role_of(work: Work, ticket: Ticket, person: Person, who: Who = Who.PARTICIPANTS) -> str:
    """What the person is here, for "why you get this"."""
    if who in (Who.QUEUE, Who.ASSIGNEE, Who.NEW_ASSIGNEE):
        return Role.AGENT
    if who in (Who.SEATS, Who.SILENT_SEATS):
        return Role.APPROVER
    if ticket.requester and ticket.requester.id == person.id:
        return Role.REQUESTER
    if ticket.follows(person) or who is Who.NEW_FOLLOWERS:
        return Role.FOLLOWER
    if ticket.round and ticket.round.seat_of(person):
        return Role.APPROVER
    return Role.AGENT if any(q.has_agent(person) for q in _queues(work, ticket)) else Role.FOLLOWER


def _until(work: Work, notice: str, ticket: Ticket, happening: Happening, seat: Seat | None) -> datetime | None:
    """The date that a mail names: answer by, return on, change until."""
    if happening.until:
        return happening.until
    if notice == "approval_requested" and ticket.round:
        by = rounds.answer_by(ticket.round, work.queue(ticket), work.gateway.calendar)
        return sooner(by if by and by > work.now else None, seat)  # who is asked later waits for nobody
    if notice == "rating_requested" and ticket.finished_at:
        return ticket.finished_at + timedelta(days=RATING_DAYS)
    return None


def sooner(until: datetime | None, seat: Seat | None) -> datetime | None:
    """Until when an answer is asked for; of a delegate not beyond his last day."""
    return min((m for m in (until, seat and seat.delegate_until) if m), default=None)


def lines(work: Work, ticket: Ticket, person: Person, notice: str) -> tuple[Line, ...]:
    """The lines that this person may send back in reply to that mail: only what its reply address counts for."""
    return lines_by(work, ticket, person, purpose_of(notice))


def lines_by(work: Work, ticket: Ticket, person: Person, purpose: Purpose) -> tuple[Line, ...]:
    """The lines that this person may send to a reply address of this purpose."""
    situation = situation_of(work, ticket, person, purpose)
    vain = set[Pending]() if purpose is Purpose.DECIDE else {Pending.APPROVAL, Pending.ACCEPTANCE}
    if not may_rate(ticket, work.now):
        vain.add(Pending.RATING)
    situation = replace(situation, pending=situation.pending - vain)
    return lines_for(situation, work.gateway.phrases, person.language or work.gateway.language)


def purpose_of(notice: str) -> Purpose:
    """The purpose of the reply address that a notice carries."""
    if notice in DIRECT:
        return DIRECT[notice]
    return next(row.purpose for row in NOTICES if row.notice == notice)


def situation_of(work: Work, ticket: Ticket, person: Person, purpose: str) -> Situation:
    """What somebody is to a ticket and what we wait for, as the grammar wants to know it."""
    roles = roles_of(person, ticket, work.gateway.house.queues)
    pending: set[Pending] = set()
    if ticket.open_round and (seat := ticket.open_round.seat_at(person, work.now)) and seat.vote is None:
        pending.add(Pending.ACCEPTANCE if ticket.open_round.acceptance else Pending.APPROVAL)
    if Role.REQUESTER in roles and ticket.finished_at and ticket.status == "finished" and work.queue(ticket).survey:
        pending.add(Pending.RATING)
    calendar = work.gateway.calendar
    return Situation(
        number=ticket.number,
        status=ticket.status,
        roles=roles,
        pending=frozenset(pending),
        purpose=purpose,
        language=person.language or work.gateway.language,
        timezone=calendar.zone,
        end_of_business_day=calendar.end_of,
    )
