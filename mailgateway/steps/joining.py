"""People whom a reply brings along in To and Cc: who may bring them, they follow; brought by others, they are named."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Decision, Happening
from mailgateway.core.notices import Event
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.screening import NO_REPLY_SENDERS
from mailgateway.core.tickets import Entry, EntryKind, Follower, Ticket
from mailgateway.core.workflow import Role
from mailgateway.steps.context import Work
from mailgateway.steps.opening import ADDRESSES
from mailgateway.steps.prepare import Prepared


def join(
    work: Work, mail: Prepared, ticket: Ticket, author: Person, roles: frozenset[Role], proven: bool
) -> tuple[Decision, tuple[Happening, ...]]:
    """The ticket with its new followers, the lines that tell of them, and the happenings that greet them.

    The requester and agents may bring people, where it is proven that they wrote and our address stands in To or Cc,
    so that everybody could know. Whom others name may write here from then on; an unproven mail gives nobody a say.
    """
    shown = any(work.gateway.house.ours(m.email) for m in (*mail.mail.to, *mail.mail.cc))
    brings = proven and shown and bool(roles & {Role.REQUESTER, Role.AGENT})
    fresh = [m for m in _others(work, mail) if not _takes_part(work, ticket, m.email)]
    room = work.gateway.settings.limits.followers - len(ticket.followers)
    people = [work.person(m) for m in fresh[: max(room, 0)]] if brings else []
    named = tuple(m.email for m in fresh if all(not p.owns(m.email) for p in (*people, author)))
    held = not (ticket.proven or ticket.touched)
    joined = replace(
        ticket,
        followers=ticket.followers + tuple(Follower(p, work.now, held) for p in people),
        named=tuple(dict.fromkeys((*ticket.named, *named))) if proven else ticket.named,
    )
    lines = [(p.shown, "joined") for p in people] + [(email, "named") for email in named if email not in ticket.named]
    entries = tuple(Entry(EntryKind.PARTICIPANT, work.now, author, "", label=label, about=a) for a, label in lines)
    more = (Happening(Event.JOINED, people=tuple(people)),) if people else ()
    return Decision(joined, entries), more


def _others(work: Work, mail: Prepared) -> list[Mailbox]:
    """Whom the mail was addressed to, beside us and robots."""
    everybody = {m.email: m for m in (*mail.mail.to, *mail.mail.cc)[:ADDRESSES]}
    house = work.gateway.house
    return [m for m in everybody.values() if not house.ours(m.email) and not NO_REPLY_SENDERS.match(m.email)]


def _takes_part(work: Work, ticket: Ticket, email: str) -> bool:
    known = work.set.people.by_address.get(email)
    if known is None:
        return False
    inside = [f.person for f in ticket.followers] + [p for p in (ticket.requester, ticket.assignee) if p]
    inside += ticket.open_round.deciders(work.now) if ticket.open_round else ()
    return any(p.id == known.id for p in inside) or work.queue(ticket).has_agent(known)
