"""A ticket and what hangs on it, as frozen values: `core.decide` takes one and answers with the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from mailgateway.core.messages import Attachment
from mailgateway.core.people import Person
from mailgateway.core.workflow import OPEN, Act, Status


class EntryKind(StrEnum):
    """What a line of the history tells."""

    OPENED = "opened"
    COMMENT = "comment"
    NOTE = "note"
    STATUS = "status"
    APPROVAL_REQUESTED = "approval_requested"
    VOTE = "vote"
    RATING = "rating"
    PARTICIPANT = "participant"
    EVIDENCE = "evidence"
    LINK = "link"
    FAILURE = "failure"
    CORRECTION = "correction"


class Rule(StrEnum):
    """How the votes of a round make its result."""

    ONE = "one"
    ALL = "all"
    MAJORITY = "majority"


@dataclass(frozen=True, slots=True)
class Seat:
    """One approver's place in a round. `vote` is True, False or None; `voter` differs from `person` for a delegate.

    `stands_in`: he was asked after others had kept silent, and his vote is theirs as long as they do. `delegate` may
    decide in his place too, until `delegate_until`, or without one until the round is over.
    """

    person: Person
    vote: bool | None = None
    at: datetime | None = None
    reason: str = ""
    voter: Person | None = None
    stands_in: bool = False
    delegate: Person | None = None
    delegate_until: datetime | None = None

    @property
    def decider(self) -> Person:
        """Whoever has decided here; its approver where nobody has."""
        return self.voter or self.person

    def deciders(self, moment: datetime) -> tuple[Person, ...]:
        """Who may decide here at that moment: its approver, and his delegate until the last day is over."""
        over = self.delegate_until is not None and moment > self.delegate_until
        return (self.person,) if self.delegate is None or over else (self.person, self.delegate)

    def shown(self, moment: datetime) -> str:
        """The names of those who may decide here at that moment, as one place: "Carlos Dias / Ana Lima"."""
        return " / ".join(p.shown for p in self.deciders(moment))


@dataclass(frozen=True, slots=True)
class Round:
    """One request for approval. `result` is None while it is open; a void round has `void` set.

    `acceptance` marks a request to the requester himself, where the words of yes and no also count.
    """

    id: int  # of its row; 0 until it is stored
    number: int  # within its ticket, from 1
    rule: Rule
    seats: tuple[Seat, ...]
    opened_at: datetime
    solution_by: Person | None
    acceptance: bool = False
    result: bool | None = None
    closed_at: datetime | None = None
    void: bool = False

    @property
    def open(self) -> bool:
        """Whether votes still count."""
        return self.result is None and not self.void

    def seat_of(self, person: Person) -> Seat | None:
        """The seat that this person holds; else the one whose delegate he is, or was until his last day."""
        held = (s for s in self.seats if s.person.id == person.id)
        lent = (s for s in self.seats if s.delegate and s.delegate.id == person.id)
        return next(chain(held, lent), None)

    def seat_at(self, person: Person, moment: datetime) -> Seat | None:
        """The seat in which this person may decide at that moment."""
        seat = self.seat_of(person)
        return seat if seat and person.id in {p.id for p in seat.deciders(moment)} else None

    def deciders(self, moment: datetime) -> tuple[Person, ...]:
        """Everybody who may decide at that moment."""
        return tuple(p for seat in self.seats for p in seat.deciders(moment))


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a ticket rests, until when, and whether a reply of the requester ends it."""

    reason: str
    for_requester: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """1 (Péssimo) to 5 (Excelente); 9 = declined."""

    score: int
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody in copy. `held`: named by an unproven requester, hears nothing before an agent's first public act."""

    person: Person
    joined_at: datetime
    held: bool = False


LONGEST_SUBJECT = 200  # characters of a first line that becomes a subject

MERGED_INTO, MERGED_FROM = "merged_into", "merged_from"
SPLIT_INTO, SPLIT_FROM = "split_into", "split_from"


@dataclass(frozen=True, slots=True)
class Link:
    """Another ticket and what it is to this one.

    `follows`, `followed_by`, `merged_into`, `merged_from`, `split_into` or `split_from`.
    """

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """The case. `number` is what people see."""

    number: int
    queue: str
    subject: str
    description: str
    status: Status
    requester: Person | None
    opened_at: datetime
    updated_at: datetime
    assignee: Person | None = None
    followers: tuple[Follower, ...] = ()
    other_queues: tuple[str, ...] = ()  # addressed too when it was opened: their agents have rights on it
    named: tuple[str, ...] = ()  # addresses in To or Cc of a participant's mail that do not follow
    round: Round | None = None  # the latest one, open or not
    pause: Pause | None = None
    rating: Rating | None = None
    finished_at: datetime | None = None
    links: tuple[Link, ...] = ()
    priority: str = ""
    proven: bool = True  # whether the mail that opened it was at least `aligned`
    touched: bool = False  # whether an agent has acted in public yet
    subject_derived: bool = False

    @property
    def open(self) -> bool:
        """Every status but finished and cancelled."""
        return self.status in OPEN

    def follows(self, person: Person) -> bool:
        """Whether this person is in copy."""
        return any(f.person.id == person.id for f in self.followers)

    @property
    def merged_into(self) -> int | None:
        """The ticket that it was joined to, where its mails lead now."""
        return self._linked(MERGED_INTO)

    @property
    def split_from(self) -> int | None:
        """The ticket that it was separated from."""
        return self._linked(SPLIT_FROM)

    def _linked(self, kind: str) -> int | None:
        return next((link.number for link in self.links if link.kind == kind), None)

    @property
    def open_round(self) -> Round | None:
        """The round whose votes still count."""
        return self.round if self.round and self.round.open else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's append-only history. `author` None is the gateway itself."""

    kind: EntryKind
    at: datetime
    author: Person | None
    text: str
    internal: bool = False
    unverified: bool = False  # kept although nothing proves who wrote it; agents see that
    from_status: Status | None = None
    to_status: Status | None = None
    evidence: tuple[Attachment, ...] = ()
    html: str = ""  # the mail's HTML as received; sanitised when it is shown
    cut: str = ""  # signature and quotation that were cut from the text
    label: str = ""  # words of ours before the text: a key of [entries] in languages/*.toml
    about: str = ""  # what the label speaks of: a person, a number, a queue
    until: datetime | None = None  # the date that the label names
    by_operator: bool = False  # asked for at the command line, which the text says


@dataclass(frozen=True, slots=True)
class Asked:
    """One act somebody asks for, with its arguments; `line` is the line that asked ("" for a purpose or a button)."""

    act: Act
    text: str = ""  # reason, solution, note or comment, as the verb means it
    line: str = ""
    until: datetime | None = None
    score: int | None = None
    emails: tuple[str, ...] = ()
    number: int | None = None  # another ticket, a page, or a FAQ match
    name: str = ""  # a view, a queue, a priority; for whom a pause waits; what describes a split that says no more
