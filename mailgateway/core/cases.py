"""What an act is judged on and what comes of it: the values that `core.decide` takes and gives, and their parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from mailgateway.core import rounds
from mailgateway.core.lists import Match
from mailgateway.core.messages import Attachment, Line
from mailgateway.core.notices import Event, Verdict
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Entry, EntryKind, Seat, Ticket
from mailgateway.core.workflow import Role, Status

NOBODY = rounds.Candidates()


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, who acts on it, and the people whom the act may concern. `actor` None is the clock.

    `queues` are those that the ticket may move to; with none of them the name is not checked. `other` is the ticket
    that a merge names, with what the actor is there; `next_number` that of the next ticket to be opened. `arrived`:
    when the words came that ask for the act, by which a right that ends on a day is judged; None = now.
    """

    ticket: Ticket
    queue: Queue
    actor: Person | None
    roles: frozenset[Role]
    now: datetime
    candidates: rounds.Candidates = NOBODY
    named: tuple[Person, ...] = ()
    named_agents: frozenset[int] = frozenset()  # ids of those named who are agents of the queue
    max_followers: int = 10
    queues: tuple[Queue, ...] = ()
    other: Ticket | None = None
    other_roles: frozenset[Role] = frozenset()
    next_number: int = 0
    arrived: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The moment by which rights are judged."""
        return self.arrived or self.now


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that people must hear of, for `core.notices` to spread."""

    event: Event
    text: str = ""
    people: tuple[Person, ...] = ()  # the new assignee, the new followers, the seats that had not voted
    evidence: tuple[Attachment, ...] = ()
    from_status: Status | None = None
    until: datetime | None = None
    score: int | None = None
    approved: bool | None = None
    contacts: tuple[Verdict, ...] = ()  # what became of the addresses that the mail named
    matches: tuple[Match, ...] = ()  # what the FAQ knows about a new ticket
    offers: tuple[Line, ...] = ()  # lines for whoever acted, beside those that his mail has anyway


@dataclass(frozen=True, slots=True)
class Decision:
    """What the core answers. With a `refusal` (a code) nothing else holds; `about` says whom or when it speaks of.

    `beside`: what the same act does to a second ticket, perhaps a new one, to be written in the same transaction.
    `delegation`: what it lets hold on later rounds too.
    """

    ticket: Ticket
    entries: tuple[Entry, ...] = ()
    happenings: tuple[Happening, ...] = ()
    refusal: str = ""
    about: str = ""
    beside: Decision | None = None
    delegation: rounds.Delegation | None = None


def refused(case: Case, code: str, about: str = "") -> Decision:
    """Nothing changes, for this reason."""
    return Decision(case.ticket, refusal=code, about=about)


def moved(case: Case, to: Status, *, kind: EntryKind = EntryKind.STATUS, text: str = "", label: str = "") -> Entry:
    """The history line of a change of status."""
    return Entry(kind, case.now, case.actor, text, from_status=case.ticket.status, to_status=to, label=label)


def line(case: Case, kind: EntryKind, *, text: str = "", label: str = "", about: str = "") -> Entry:
    """A history line that changes no status."""
    return Entry(kind, case.now, case.actor, text, label=label, about=about)


def told(event: Event, case: Case, text: str = "", people: tuple[Person, ...] = ()) -> tuple[Happening, ...]:
    """One happening, as a tuple to be added to others."""
    return (Happening(event, text, people, from_status=case.ticket.status),)


def finished(case: Case, ticket: Ticket, entry: Entry, *, approved: bool | None = None, text: str = "") -> Decision:
    """The ticket at its end; whoever decided hears of it by a receipt."""
    over, overtaken = round_ended(case, ticket)
    done = replace(over, status=Status.FINISHED, finished_at=case.now)
    end = Happening(Event.FINISHED, text, from_status=case.ticket.status, approved=approved)
    return Decision(done, (entry,), (end, *overtaken))


def round_ended(case: Case, ticket: Ticket, text: str = "") -> tuple[Ticket, tuple[Happening, ...]]:
    """The ticket with its open round void, and what the seats hear that had not voted; the same ticket without one."""
    if (open_ := ticket.open_round) is None:
        return ticket, ()
    silent = tuple(p for s in open_.seats if s.vote is None for p in s.deciders(case.now))
    void = replace(ticket, round=rounds.voided(open_, case.now))
    return void, told(Event.WITHDRAWN, case, text, silent) if silent else ()


def seat_of_actor(case: Case) -> Seat | None:
    """The place of whoever acts in the latest round, open or not; a delegate's after his last day too."""
    round_ = case.ticket.round
    return round_.seat_of(case.actor) if round_ and case.actor else None


def same(one: Person | None, other: Person | None) -> bool:
    """Whether both are the same person."""
    return one is not None and other is not None and one.id == other.id
