"""What agents do to a ticket: treat it, pause it, resolve it, hand it on, correct it."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core import rounds
from mailgateway.core.cases import Case, Decision, Happening, finished, line, moved, refused, round_ended, same, told
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.tickets import Asked, Entry, EntryKind, Pause, Round, Ticket
from mailgateway.core.workflow import Act, Role, Status


def take(case: Case, asked: Asked) -> Decision:
    """The actor becomes its assignee."""
    ticket = case.ticket
    if ticket.status is Status.IN_SERVICE and same(ticket.assignee, case.actor):
        return Decision(ticket)  # his already: nothing changes, the receipt says so
    entry = moved(case, Status.IN_SERVICE, label="took")
    taken = replace(ticket, status=Status.IN_SERVICE, assignee=case.actor, pause=None)
    return Decision(taken, (entry,), told(Event.TAKEN, case))


def assign(case: Case, asked: Asked) -> Decision:
    """Another agent becomes its assignee."""
    if len(case.named) != 1 or case.named[0].id not in case.named_agents:
        return refused(case, "not_an_agent", ", ".join(asked.emails))
    agent = case.named[0]
    if case.ticket.status is Status.IN_SERVICE and same(case.ticket.assignee, agent):
        return Decision(case.ticket)
    entry = replace(moved(case, Status.IN_SERVICE, label="assigned"), about=agent.shown)
    ticket = replace(case.ticket, status=Status.IN_SERVICE, assignee=agent, pause=None)
    return Decision(ticket, (entry,), told(Event.ASSIGNED, case, people=(agent,)))


def pause(case: Case, asked: Asked) -> Decision:
    """It rests, for a reason; `asked.name` says for whom."""
    if not asked.text:
        return refused(case, "needs_reason")
    rest = Pause(asked.text, for_requester=asked.name == "requester", until=asked.until)
    entry = moved(case, Status.PAUSED, text=asked.text)
    happening = Happening(Event.PAUSED, asked.text, from_status=case.ticket.status, until=asked.until)
    return Decision(replace(case.ticket, status=Status.PAUSED, pause=rest), (entry,), (happening,))


def resume(case: Case, asked: Asked) -> Decision:
    """The rest ends: an agent says so, its date has come, or the requester for whom it waits."""
    rest = case.ticket.pause
    if Role.SYSTEM in case.roles and not (rest and rest.until and rest.until <= case.now):
        return refused(case, "wrong_status")  # the clock looked before somebody set another date
    if not case.roles & {Role.AGENT, Role.SYSTEM} and not (rest and rest.for_requester):
        return refused(case, "no_right")
    entry = moved(case, Status.IN_SERVICE, text=asked.text, label="" if case.actor else "pause_ended")
    ticket = replace(case.ticket, status=Status.IN_SERVICE, pause=None)
    return Decision(ticket, (entry,), told(Event.RESUMED, case, asked.text))


# ---- resolving


def resolve(case: Case, asked: Asked) -> Decision:
    """The solution is written; from `waiting` its author takes the ticket first."""
    if case.actor is None:
        return refused(case, "no_right")
    if len(case.named) < len(asked.emails):
        return refused(case, "needs_address", ", ".join(asked.emails))  # nobody else is asked in a mistyped one's place
    ticket = case.ticket
    if ticket.status is not Status.WAITING:
        return _resolve(case, asked, case.actor)
    took = moved(case, Status.IN_SERVICE, label="took")
    taken = replace(ticket, status=Status.IN_SERVICE, assignee=ticket.assignee or case.actor)
    done = _resolve(replace(case, ticket=taken), asked, case.actor)
    happenings = tuple(replace(h, from_status=ticket.status) for h in done.happenings)
    return replace(done, entries=(took, *done.entries), happenings=happenings)


def _resolve(case: Case, asked: Asked, author: Person) -> Decision:
    ticket = replace(case.ticket, assignee=case.ticket.assignee or author, pause=None)
    if case.queue.approval != "always" and asked.act is not Act.REQUEST_APPROVAL:
        return finished(case, ticket, moved(case, Status.FINISHED, text=asked.text), text=asked.text)
    who = replace(case.candidates, named=case.named)
    opened = rounds.open_round(ticket, case.queue, who, author, case.now)
    if opened is None:
        entry = moved(case, Status.FINISHED, text=asked.text, label="no_independent_approver")
        return finished(case, ticket, entry, text=asked.text)
    entry = _request(case, asked, opened)
    _, overtaken = round_ended(case, ticket)
    again = {p.id for p in opened.deciders(case.now)}
    lost = tuple(replace(h, people=tuple(p for p in h.people if p.id not in again)) for h in overtaken)
    happenings = (*told(Event.RESOLVED, case, asked.text), *(h for h in lost if h.people))
    return Decision(replace(ticket, status=Status.AWAITING_APPROVAL, round=opened), (entry,), happenings)


def _request(case: Case, asked: Asked, opened: Round) -> Entry:
    entry = moved(case, Status.AWAITING_APPROVAL, kind=EntryKind.APPROVAL_REQUESTED, text=asked.text)
    return replace(entry, label="asked_approval_of", about=", ".join(s.shown(case.now) for s in opened.seats))


def withdraw(case: Case, asked: Asked) -> Decision:
    """The request for approval is taken back."""
    if case.ticket.open_round is None:
        return refused(case, "not_open")
    entry = moved(case, Status.IN_SERVICE, text=asked.text, label="withdrew")
    ticket, overtaken = round_ended(case, case.ticket, asked.text)
    return Decision(replace(ticket, status=Status.IN_SERVICE), (entry,), overtaken)


# ---- notes and corrections


def note(case: Case, asked: Asked) -> Decision:
    """Words among agents."""
    if not asked.text:
        return refused(case, "needs_reason")
    entry = replace(line(case, EntryKind.NOTE, text=asked.text), internal=True)
    ticket = replace(case.ticket, updated_at=case.now)
    return Decision(ticket, (entry,), (Happening(Event.NOTED, asked.text),))


def change_queue(case: Case, asked: Asked) -> Decision:
    """It moves to another queue, whose agents must hear of it; a round does not move along."""
    new = next((q for q in case.queues if q.name == asked.name), None)
    if not asked.name or (case.queues and new is None):
        return refused(case, "needs_queue", asked.name)
    if asked.name == case.ticket.queue:
        return Decision(case.ticket)
    ticket, overtaken = round_ended(case, replace(case.ticket, queue=asked.name))
    if overtaken or ticket.status is Status.AWAITING_APPROVAL:
        ticket = replace(ticket, status=Status.IN_SERVICE)
    if new and ticket.assignee and not new.has_agent(ticket.assignee):
        ticket = replace(ticket, assignee=None)
    entry = _correction(case, ticket, "queue_changed", f"{case.ticket.queue} → {asked.name}")
    return Decision(ticket, (entry,), (*told(Event.MOVED, case), *overtaken))


def change_priority(case: Case, asked: Asked) -> Decision:
    """It becomes more or less urgent."""
    if not asked.name:
        return refused(case, "unknown_priority")
    ticket = replace(case.ticket, priority=asked.name)
    return Decision(ticket, (_correction(case, ticket, "priority_changed", asked.name),), told(Event.CHANGED, case))


def change_requester(case: Case, asked: Asked) -> Decision:
    """It is somebody else's matter."""
    if len(case.named) != 1:
        return refused(case, "needs_address", ", ".join(asked.emails))
    new = case.named[0]
    followers = tuple(f for f in case.ticket.followers if f.person.id != new.id)
    ticket = replace(case.ticket, requester=new, followers=followers)
    return Decision(ticket, (_correction(case, ticket, "requester_changed", new.shown),), told(Event.CHANGED, case))


def _correction(case: Case, ticket: Ticket, label: str, about: str) -> Entry:
    entry = line(case, EntryKind.CORRECTION, label=label, about=about)
    if ticket.status is case.ticket.status:
        return entry
    return replace(entry, from_status=case.ticket.status, to_status=ticket.status)
