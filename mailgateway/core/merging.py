"""One ticket joins another: it ends, its people follow the other one from then on, and each names the other."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Case, Decision, line, moved, refused, round_ended, told
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.tickets import MERGED_FROM, MERGED_INTO, Asked, EntryKind, Follower, Link, Ticket
from mailgateway.core.workflow import Role, Status


def merge(case: Case, asked: Asked) -> Decision:
    """`beside` is the other ticket as it is then. Whoever may not act there learns nothing of it."""
    if asked.number is None or asked.number == case.ticket.number:
        return refused(case, "needs_number")
    if case.other is None or Role.AGENT not in case.other_roles:
        return refused(case, "no_right")
    if not case.other.open:
        return refused(case, "wrong_status")
    return replace(_ended(case, asked, case.other), beside=_received(case, case.other))


def _ended(case: Case, asked: Asked, other: Ticket) -> Decision:
    number = f"#{other.number}"
    over, overtaken = round_ended(case, case.ticket)
    link = Link(other.number, MERGED_INTO)
    ended = replace(over, status=Status.CANCELLED, pause=None, finished_at=case.now, links=(*over.links, link))
    entry = replace(moved(case, Status.CANCELLED, text=asked.text, label=MERGED_INTO), about=number)
    said = f"{number}: {asked.text}" if asked.text else number
    return Decision(ended, (entry,), (*told(Event.CANCELLED, case, said), *overtaken))


def _received(case: Case, other: Ticket) -> Decision:
    """Nobody is lost to the limit on followers: they were in copy before."""
    people = tuple(p for p in _people(case.ticket) if not other.follows(p) and p != other.requester)
    followers = tuple(replace(f, held=False) for f in other.followers)
    received = replace(
        other,
        followers=followers + tuple(Follower(p, case.now) for p in people),
        links=(*other.links, Link(case.ticket.number, MERGED_FROM)),
        updated_at=case.now,
        touched=True,
    )
    entry = line(case, EntryKind.LINK, label=MERGED_FROM, about=f"#{case.ticket.number}")
    joined = (line(case, EntryKind.PARTICIPANT, label="joined", about=p.shown) for p in people)
    return Decision(received, (entry, *joined))


def _people(ticket: Ticket) -> tuple[Person, ...]:
    """Requester and followers."""
    everybody = [ticket.requester, *(f.person for f in ticket.followers)]
    return tuple({p.id: p for p in everybody if p}.values())
