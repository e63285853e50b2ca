"""What time alone brings about on a ticket: reminders, the substitute, warnings, the end of a pause."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from mailgateway.core import rounds
from mailgateway.core.cases import Decision, Happening
from mailgateway.core.deadlines import Step, Watch, What, due, milestone, paused_at
from mailgateway.core.keys import Purpose
from mailgateway.core.notices import DIRECT, REQUESTS, Event, Notice
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.tickets import Asked, Entry, EntryKind, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply, post, tell
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.steps.parts import in_parts
from mailgateway.steps.tell import solution_of
from mailgateway.store import milestones, tickets
from mailgateway.store.people import Known
from mailgateway.store.workset import Wanted, Workset

log = logging.getLogger(__name__)

_LOOKED_AT = 500  # tickets at once, to see whether anything is due


def remind(gateway: Gateway, now: datetime) -> None:
    """Find the tickets on which something is due, and do it, with its milestone in the same transaction."""
    with gateway.database.read() as connection:
        numbers = milestones.candidates(connection, gateway.house.queues, now)
        parts = (numbers[start : start + _LOOKED_AT] for start in range(0, len(numbers), _LOOKED_AT))
        late = [number for part in parts for number in _late(gateway, connection, part, now)]
    in_parts(late, lambda part: _carry_out(gateway, part, now))


def _late(gateway: Gateway, connection: Connection, numbers: Sequence[int], now: datetime) -> list[int]:
    found = list(tickets.load(connection, numbers, Known()).values())
    return [w.ticket.number for w in _watches(gateway, connection, found) if due(w, now)]


def _watches(gateway: Gateway, connection: Connection, found: Sequence[Ticket]) -> Iterator[Watch]:
    numbers = [ticket.number for ticket in found]
    changes, reached = milestones.changes(connection, numbers), milestones.reached(connection, numbers)
    for ticket in found:
        queue = gateway.house.named(ticket.queue) or gateway.house.queues[0]
        yield Watch(ticket, queue, gateway.calendar, changes[ticket.number], reached[ticket.number])


def _carry_out(gateway: Gateway, numbers: Sequence[int], now: datetime) -> None:
    wanted = Wanted(emails=set(gateway.house.agent_addresses()), tickets=set(numbers))
    with gateway.database.write(decide=True) as connection:
        work = Work(gateway, Workset(connection, wanted), now)
        work.set.load_purses()
        for watch in _watches(gateway, connection, [work.set.tickets[n] for n in numbers]):
            number = watch.ticket.number
            for found in due(replace(watch, substitute=substitute_of(work, watch.ticket)), now):
                STEPS[found.step.what](work, replace(watch, ticket=work.set.tickets[number]), found.step)
                work.set.reach(number, *found.reached)
                log.info("ticket %d: %s", number, found.step.name)
        work.set.save(now)


def _notice(work: Work, ticket: Ticket, step: Step, name: str, to: Person, role: Role) -> Notice:
    """What a step says to somebody; `lines` are what a reply to it may say."""
    rates = step.what is What.RATING
    return Notice(
        name=name,
        to=to,
        role=role,
        purpose=Purpose.RATE if rates else DIRECT[name],
        at=work.now,
        ticket=ticket,
        lines=tell.lines(work, ticket, to, "rating_requested" if rates else name),
        until=step.until,
        reminded=step.number,
    )


# ---- a round


def _remind_seats(work: Work, watch: Watch, step: Step) -> None:
    """Everybody who was asked and has said nothing, with whoever decides for him."""
    ticket, round_ = watch.ticket, watch.ticket.open_round
    if round_ is None:
        return
    said, at = solution_of(work, ticket)
    for person in (p for seat in round_.seats if seat.vote is None for p in seat.deciders(work.now)):
        seat = tell.lent(round_, person)
        role = Role.REQUESTER if round_.acceptance and seat is None else Role.APPROVER
        notice = replace(
            _notice(work, ticket, step, "reminder", person, role),
            actor=round_.solution_by,
            actor_role=Role.AGENT,
            text=said,
            since=at,
            until=tell.sooner(step.until, seat),
            acceptance=round_.acceptance,
            substitute=None if seat else step.substitute,
            seat=seat,
        )
        post.send(work, notice, Cause())


def ask_substitute(work: Work, ticket: Ticket, cause: Cause) -> None:
    """The queue's substitute gets a seat and the request, where he can have one."""
    substitute, round_ = substitute_of(work, ticket), ticket.open_round
    asked = rounds.with_substitute(round_, substitute) if round_ else None
    if round_ is None or asked is None or substitute is None:
        return
    asked = rounds.with_delegates(asked, work.set.delegations.standing([substitute], work.now), work.now)
    entry = Entry(EntryKind.APPROVAL_REQUESTED, work.now, None, "", label="asked_substitute", about=substitute.shown)
    told = Happening(Event.SUBSTITUTED, people=asked.seats[-1].deciders(work.now))
    decision = Decision(replace(ticket, round=asked, updated_at=work.now), (entry,))
    ticket = apply.write(work, decision, cause.inbox_id)
    tell.spread(work, ticket, None, None, (told,), cause)


def bounced(work: Work, ticket: Ticket, mail: Row[Any], cause: Cause) -> None:
    """A request came back: where it is one of the open round and not answered, the substitute is asked at once."""
    round_, person = ticket.open_round, work.set.people.by_address.get(mail.to)
    if round_ is None or person is None or mail.notice not in REQUESTS or mail.created_at < round_.opened_at:
        return
    seat = round_.seat_of(person)
    if seat and seat.person.id == person.id and seat.vote is None:  # where a delegate's came back, he was asked too
        work.set.reach(ticket.number, milestone(round_, What.SUBSTITUTE))
        ask_substitute(work, ticket, cause)


def substitute_of(work: Work, ticket: Ticket) -> Person | None:
    """Who is asked where approvers keep silent."""
    email = work.queue(ticket).substitute
    return work.person(Mailbox("", email)) if email else None


# ---- the requester


def _remind_to_rate(work: Work, watch: Watch, step: Step) -> None:
    if requester := watch.ticket.requester:
        post.send(work, _notice(work, watch.ticket, step, "reminder", requester, Role.REQUESTER), Cause())


def _warn_of_the_end(work: Work, watch: Watch, step: Step) -> None:
    ticket, requester = watch.ticket, watch.ticket.requester
    if requester and ticket.pause:
        notice = _notice(work, ticket, step, "auto_close_warning", requester, Role.REQUESTER)
        notice = replace(notice, text=ticket.pause.reason, since=paused_at(watch))
        post.send(work, replace(notice, actor=ticket.assignee, actor_role=Role.AGENT), Cause())


def _close(work: Work, watch: Watch, step: Step) -> None:
    decision = apply.judge(work, watch.ticket, None, Asked(Act.AUTO_CLOSE), frozenset({Role.SYSTEM}))
    if not decision.refusal:
        apply.apply(work, decision, None, Role.SYSTEM, Cause())


# ---- agents


def _warn_of_a_target(work: Work, watch: Watch, step: Step) -> None:
    """Whoever treats it, else everybody who might."""
    ticket = watch.ticket
    agents = [ticket.assignee] if ticket.assignee else [tell.agent_person(work, a) for a in watch.queue.agents]
    for agent in agents:
        notice = _notice(work, ticket, step, "target_warning", agent, Role.AGENT)
        post.send(work, replace(notice, reason=step.what), Cause())


STEPS: dict[What, Callable[[Work, Watch, Step], None]] = {
    What.REMIND: _remind_seats,
    What.SUBSTITUTE: lambda work, watch, step: ask_substitute(work, watch.ticket, Cause()),
    What.RATING: _remind_to_rate,
    What.WARN_CLOSE: _warn_of_the_end,
    What.CLOSE: _close,
    What.RESPONSE: _warn_of_a_target,
    What.SOLUTION: _warn_of_a_target,
}
