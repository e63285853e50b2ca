"""What whoever takes part may do: write, follow, leave, and bring or remove others."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Case, Decision, Happening, line, refused, same, told
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.tickets import Asked, EntryKind, Follower
from mailgateway.core.workflow import Role, Status


def comment(case: Case, asked: Asked) -> Decision:
    """Somebody writes; a requester's words end a pause that waits for him."""
    ticket, entry = case.ticket, line(case, EntryKind.COMMENT, text=asked.text)
    by_agent = Role.AGENT in case.roles and Role.REQUESTER not in case.roles
    happenings = told(Event.REPLIED if by_agent else Event.COMMENTED, case, asked.text)
    if Role.REQUESTER in case.roles and ticket.pause and ticket.pause.for_requester:
        ticket = replace(ticket, status=Status.IN_SERVICE, pause=None)
        entry = replace(entry, from_status=Status.PAUSED, to_status=Status.IN_SERVICE)
    return Decision(replace(ticket, updated_at=case.now), (entry,), happenings)


def follow(case: Case, asked: Asked) -> Decision:
    """The actor wants to hear of it."""
    return _joined(case, (case.actor,) if case.actor else ())


def add_follower(case: Case, asked: Asked) -> Decision:
    """Others shall hear of it."""
    return _joined(case, case.named) if case.named else refused(case, "needs_address", ", ".join(asked.emails))


def _joined(case: Case, people: tuple[Person, ...]) -> Decision:
    ticket = case.ticket
    unique = {p.id: p for p in people if not ticket.follows(p) and not same(ticket.requester, p)}
    new = tuple(unique.values())
    if not new:
        return Decision(ticket)
    if len(ticket.followers) + len(new) > case.max_followers:
        return refused(case, "too_many")
    held = not (ticket.proven or ticket.touched)
    followers = ticket.followers + tuple(Follower(p, case.now, held) for p in new)
    entries = tuple(line(case, EntryKind.PARTICIPANT, label="joined", about=p.shown) for p in new)
    return Decision(replace(ticket, followers=followers), entries, told(Event.JOINED, case, people=new))


def leave(case: Case, asked: Asked) -> Decision:
    """The actor has heard enough."""
    return _left(case, (case.actor,) if case.actor else (), told(Event.LEFT, case))


def remove_follower(case: Case, asked: Asked) -> Decision:
    """Others shall hear no more of it."""
    return _left(case, case.named, ()) if case.named else refused(case, "needs_address", ", ".join(asked.emails))


def _left(case: Case, people: tuple[Person, ...], happenings: tuple[Happening, ...]) -> Decision:
    gone = {p.id for p in people}
    left = tuple(f for f in case.ticket.followers if f.person.id in gone)
    if not left:
        return Decision(case.ticket)
    followers = tuple(f for f in case.ticket.followers if f.person.id not in gone)
    entries = tuple(line(case, EntryKind.PARTICIPANT, label="left", about=f.person.shown) for f in left)
    return Decision(replace(case.ticket, followers=followers), entries, happenings)
