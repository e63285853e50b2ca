"""From what happened to finished mails in the outbox: who hears of it, in which words, within which budget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mailgateway.core import budget, keys, rounds
from mailgateway.core.access import roles_of
from mailgateway.core.acts_of_requesters import RATING_CHANGE_DAYS, RATING_DAYS
from mailgateway.core.budget import Limit
from mailgateway.core.cases import Happening
from mailgateway.core.commands import Pending, Situation, lines_for
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import ANSWERS, DIRECT, NOTICES, Event, Notice, Row, Who
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.queues import Agent, Queue
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Role
from mailgateway.mail import compose
from mailgateway.mail.templates import Rendered
from mailgateway.steps.context import Cause, Work
from mailgateway.store.outbox import Outgoing

#: Events whose author needs to hear nothing: he wrote the words himself.
_OWN_WORDS = frozenset({Event.COMMENTED, Event.REPLIED, Event.NOTED})


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
            send(work, notice, cause)
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
    if is_actor and (happening.event in _OWN_WORDS or row.who in (Who.QUEUE, Who.ASSIGNEE)):
        return True
    return row.notice == "commented" and any(person.owns(a) for a in cause.heard)


def _people(
    work: Work, who: Who, ticket: Ticket, queue: Queue, happening: Happening, actor: Person | None
) -> Iterable[Person]:
    followers = [f.person for f in ticket.followers if not f.held]
    seats = [s.person for s in ticket.open_round.seats] if ticket.open_round else []
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
    role = _role(work, row.who, ticket, person)
    round_ = ticket.round
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
        lines=lines(work, ticket, person, row.notice),
        from_status=happening.from_status,
        until=_until(work, row.notice, ticket, happening),
        score=happening.score,
        approved=happening.approved,
        acceptance=bool(round_ and round_.acceptance),
        own_words_only=row.notice == "ticket_opened" and not ticket.proven,
    )


def _role(work: Work, who: Who, ticket: Ticket, person: Person) -> str:
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


def _until(work: Work, notice: str, ticket: Ticket, happening: Happening) -> datetime | None:
    """The date that a mail names: answer by, return on, change until."""
    if happening.until:
        return happening.until
    if notice == "approval_requested" and ticket.round:
        return rounds.answer_by(ticket.round, work.queue(ticket), work.gateway.calendar)
    if notice == "rating_requested" and ticket.finished_at:
        return ticket.finished_at + timedelta(days=RATING_DAYS)
    return None


def lines(work: Work, ticket: Ticket, person: Person, notice: str) -> tuple[Line, ...]:
    """The lines that this person may send back in reply to that mail: only what its reply address counts for."""
    purpose = purpose_of(notice)
    situation = situation_of(work, ticket, person, purpose)
    if purpose is not Purpose.DECIDE:
        situation = replace(situation, pending=situation.pending - {Pending.APPROVAL, Pending.ACCEPTANCE})
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
    if ticket.open_round and (seat := ticket.open_round.seat_of(person)) and seat.vote is None:
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


# ---- one mail


def send(work: Work, notice: Notice, cause: Cause, *, answer: bool = False) -> None:
    """Write one notice for one person and put it into the outbox, within the budget.

    `answer`: to the author of the mail that caused it (RFC 3834 section 5: auto-replied).
    """
    ticket, person = notice.ticket, notice.to
    queue = work.queue(ticket) if ticket else work.gateway.house.queues[0]
    language = person.language or work.gateway.language
    reply_to = _reply_address(work, notice, queue, notice.purpose)
    leave_to = _reply_address(work, notice, queue, Purpose.LEAVE) if notice.role == Role.FOLLOWER and ticket else ""
    rendered = _rendered(work, notice, language).filled(person.first_name, reply_to, leave_to)
    settings, secret = work.gateway.settings.gateway, work.gateway.secrets[0]
    outbox_id = work.set.next_id("outbox")
    message_id = work.set.message_id(ticket.number if ticket else None, settings.domain)
    root = (keys.root_id(ticket.number, settings.domain, secret),) if ticket else ()
    letter = compose.Outgoing(
        from_name=work.gateway.desk_name(queue),
        from_email=queue.email,
        to_name=person.name if not notice.own_words_only else "",
        to_email=person.email,
        reply_to=reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        date=notice.at,
        message_id=message_id,
        in_reply_to=cause.message_id or (root[0] if root else ""),
        references=(*root, *((cause.message_id,) if cause.message_id else ())),
        auto_submitted="auto-replied" if answer or notice.name in ANSWERS else "auto-generated",
        language=language,
        loop_id=f"{settings.domain}/{outbox_id}",
        list_id=f"<t{ticket.number}.{queue.name}.{settings.domain}>" if leave_to and ticket else "",
        list_unsubscribe=f"<mailto:{leave_to}>" if leave_to else "",
    )
    state, reason = _state(work, notice, cause)
    work.set.send(
        Outgoing(
            id=outbox_id,
            ticket=ticket.number if ticket else None,
            inbox_id=cause.inbox_id,
            person_id=person.id,
            to=person.email,
            mail_from=keys.bounce_address(outbox_id, queue.email, secret),
            notice=notice.name,
            subject=rendered.subject,
            message_id=message_id,
            created_at=work.now,
            raw=compose.compose(letter),
            state=state,
            reason=reason,
        )
    )


def _rendered(work: Work, notice: Notice, language: str) -> Rendered:
    """One rendering serves everybody who gets the same notice in the same role and language."""
    shared = replace(notice, to=_ANYBODY)
    found = work.rendered.get(language)
    if isinstance(found, tuple) and found[0] == shared:
        rendered: Rendered = found[1]
        return rendered
    rendered = work.gateway.templates.render(notice, language)
    work.rendered[language] = (shared, rendered)
    return rendered


_ANYBODY = Person(0, "", "")


def _reply_address(work: Work, notice: Notice, queue: Queue, purpose: Purpose) -> str:
    ticket = notice.ticket
    if ticket is None or queue.reply_address == "none":
        return queue.email
    expires = None
    if purpose is Purpose.RATE and ticket.finished_at:
        expires = ticket.finished_at + timedelta(days=RATING_DAYS + RATING_CHANGE_DAYS)
    key = work.set.key(notice.to, ticket, purpose, expires)
    return keys.address(key.id, queue.email, work.gateway.secrets[0], queue.reply_address)


def _state(work: Work, notice: Notice, cause: Cause) -> tuple[str, str]:
    """Whether this mail goes out now: what is owed always does, answers within their limits."""
    sentences = work.gateway.sentences
    if notice.to.deliverable == "false":
        return "withheld", sentences.reason("undeliverable", notice.to.email)
    if notice.name not in ANSWERS:
        return "waiting", ""
    if not cause.may_answer:
        return "withheld", sentences.reason("wants_no_answer")
    limits = work.gateway.limits
    purses = [(notice.to.email, limit) for limit in (limits.proven if cause.proven else limits.unproven)]
    if notice.ticket:
        purses += [(f"#{notice.ticket.number}", limit) for limit in limits.ticket]
    return ("waiting", "") if _afford(work, purses) else ("withheld", sentences.reason("too_many_answers"))


def _afford(work: Work, purses: Sequence[tuple[str, Limit]]) -> bool:
    """Take one answer from each of these purses, or from none."""
    after = [
        (owner, limit, budget.spend(work.set.purse(owner, limit.purse), limit, work.now)) for owner, limit in purses
    ]
    if any(purse is None for _, _, purse in after):
        return False
    for owner, limit, purse in after:
        if purse is not None:
            work.set.spent(owner, limit.purse, purse)
    return True
