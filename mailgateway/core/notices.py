"""NOTICES: who hears of which event by which mail, as a table; and the value that a template is given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailgateway.core.keys import Purpose
from mailgateway.core.lists import Chapter, Listed, Match, Told, Trouble
from mailgateway.core.messages import Attachment, Line
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, Seat, Ticket
from mailgateway.core.workflow import Act, Status


class Event(StrEnum):
    """What happened to a ticket, as far as somebody must hear of it."""

    OPENED = "opened"
    COMMENTED = "commented"  # by a requester, follower or approver
    REPLIED = "replied"  # by an agent
    NOTED = "noted"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    PAUSED = "paused"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    VOTED = "voted"  # a vote that ends no round, or takes one back while it is open
    REJECTED = "rejected"
    FINISHED = "finished"  # approved, closed by the requester, accepted by time, or nobody to ask
    CONTESTED = "contested"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    RATED = "rated"
    RATED_LOW = "rated_low"
    JOINED = "joined"
    LEFT = "left"
    MOVED = "moved"  # to another queue
    UNCLEAR = "unclear"  # words of a participant that asked for something and changed nothing
    EXPIRED = "expired"  # a request whose reply address was used up
    SUBSTITUTED = "substituted"  # nobody answered, so the substitute is asked too
    DELEGATED = "delegated"  # an approver lets somebody else decide too
    CHANGED = "changed"  # priority, requester: told to whoever asked for it


class Who(StrEnum):
    """A group of people around a ticket."""

    ACTOR = "actor"
    REQUESTER = "requester"
    FOLLOWERS = "followers"
    NEW_FOLLOWERS = "new_followers"
    PARTICIPANTS = "participants"  # requester, followers and the seats of an open round
    QUEUE = "queue"  # the agents of the queue
    ASSIGNEE = "assignee"  # else the agents of the queue
    NEW_ASSIGNEE = "new_assignee"
    SEATS = "seats"
    SILENT_SEATS = "silent_seats"  # those that had not voted; who is asked anew or later


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    `also` gives the mail beside another one for the same event. The rest are conditions: `survey` where the queue asks
    for ratings, `decided` where a vote brought it about, `by_requester` where he did.
    """

    event: Event
    who: Who
    notice: str
    purpose: Purpose = Purpose.TALK
    also: bool = False
    survey: bool = False
    decided: bool = False
    by_requester: bool = False


_E, _W, _P = Event, Who, Purpose

#: One person gets one mail per event: the first row that fits.
NOTICES: tuple[Row, ...] = (
    Row(_E.OPENED, _W.REQUESTER, "ticket_opened"),
    Row(_E.OPENED, _W.FOLLOWERS, "follower_added"),
    Row(_E.OPENED, _W.QUEUE, "agent_ticket_opened"),
    Row(_E.COMMENTED, _W.ASSIGNEE, "commented"),
    Row(_E.COMMENTED, _W.PARTICIPANTS, "commented"),
    Row(_E.UNCLEAR, _W.ASSIGNEE, "commented"),
    Row(_E.REPLIED, _W.REQUESTER, "commented"),
    Row(_E.REPLIED, _W.FOLLOWERS, "commented"),
    Row(_E.NOTED, _W.QUEUE, "note_added", _P.NOTE),
    Row(_E.TAKEN, _W.REQUESTER, "taken"),
    Row(_E.ASSIGNED, _W.NEW_ASSIGNEE, "agent_assigned"),
    Row(_E.PAUSED, _W.REQUESTER, "paused"),
    Row(_E.RESUMED, _W.REQUESTER, "resumed"),
    Row(_E.RESOLVED, _W.SEATS, "approval_requested", _P.DECIDE),
    Row(_E.RESOLVED, _W.REQUESTER, "resolved"),
    Row(_E.EXPIRED, _W.SILENT_SEATS, "approval_requested", _P.DECIDE),
    Row(_E.SUBSTITUTED, _W.SILENT_SEATS, "approval_requested", _P.DECIDE),
    Row(_E.DELEGATED, _W.SILENT_SEATS, "approval_requested", _P.DECIDE),
    Row(_E.WITHDRAWN, _W.SILENT_SEATS, "request_withdrawn"),
    Row(_E.VOTED, _W.ACTOR, "decision_receipt", _P.DECIDE),
    Row(_E.REJECTED, _W.ACTOR, "decision_receipt", _P.DECIDE),
    Row(_E.REJECTED, _W.ASSIGNEE, "agent_rejected"),
    Row(_E.REJECTED, _W.REQUESTER, "rejected"),
    Row(_E.REJECTED, _W.FOLLOWERS, "rejected"),
    # Says that the ticket is finished: no `finished` beside it.
    Row(_E.FINISHED, _W.ACTOR, "decision_receipt", _P.DECIDE, decided=True),
    Row(_E.FINISHED, _W.REQUESTER, "finished"),
    Row(_E.FINISHED, _W.FOLLOWERS, "finished"),
    Row(_E.FINISHED, _W.ASSIGNEE, "agent_finished"),
    Row(_E.FINISHED, _W.REQUESTER, "rating_requested", _P.RATE, also=True, survey=True),
    Row(_E.CONTESTED, _W.ASSIGNEE, "resumed"),
    Row(_E.CONTESTED, _W.REQUESTER, "resumed"),
    Row(_E.REOPENED, _W.ASSIGNEE, "resumed"),
    Row(_E.REOPENED, _W.REQUESTER, "resumed"),
    Row(_E.CANCELLED, _W.REQUESTER, "cancelled"),
    Row(_E.CANCELLED, _W.FOLLOWERS, "cancelled"),
    Row(_E.CANCELLED, _W.ASSIGNEE, "agent_cancelled", by_requester=True),
    Row(_E.RATED, _W.REQUESTER, "rating_receipt", _P.RATE),
    Row(_E.RATED_LOW, _W.QUEUE, "agent_rated"),
    Row(_E.JOINED, _W.NEW_FOLLOWERS, "follower_added"),
    Row(_E.LEFT, _W.ACTOR, "left"),
    Row(_E.MOVED, _W.QUEUE, "agent_ticket_opened"),  # of the new queue: nobody else would tell them
)

#: Answers to whoever wrote, beside the table: `receipt` where no row gave the author of a command a mail.
DIRECT: dict[str, Purpose] = {
    "receipt": Purpose.TALK,
    "asked": Purpose.TALK,
    "refused": Purpose.TALK,
    "warning": Purpose.TALK,  # somebody else used a reply address of yours
    "view": Purpose.PAGE,
    "status": Purpose.TALK,
    "faq": Purpose.TALK,
    "help": Purpose.TALK,
    "reminder": Purpose.DECIDE,  # or RATE, as its notice says
    "challenge": Purpose.CONFIRM,
    "digest": Purpose.TALK,
    "alarm": Purpose.TALK,  # to whoever looks after the gateway
    "target_warning": Purpose.TALK,  # to agents: a first response or a solution is, or will be, late
    "auto_close_warning": Purpose.TALK,  # to a requester whose answer a pause waits for
}

#: Mails that ask a seat for its decision.
REQUESTS = frozenset({"approval_requested", "reminder"})

#: The class that is limited per address and per ticket; every other notice is owed and never dropped.
ANSWERS = frozenset({"ticket_opened", "asked", "refused", "view", "status", "faq", "help"})

#: Every mail that we can send.
NAMES: tuple[str, ...] = tuple(dict.fromkeys([*(row.notice for row in NOTICES), *DIRECT]))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an address that a mail named: `reason` is a code such as `follows`, `ours`, `no_domain_end`."""

    email: str
    followed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """One line of a receipt: what was asked, and what became of it."""

    act: Act
    line: str
    from_status: Status | None = None
    to_status: Status | None = None
    number: int | None = None  # the second ticket that it concerned


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail the gateway owes somebody, before it is written. What does not apply stays empty."""

    name: str
    to: Person
    role: str  # requester, follower, approver, agent or author: the words of "why you get this"
    purpose: Purpose
    at: datetime
    ticket: Ticket | None = None  # as it is after the event
    actor: Person | None = None  # who did it; None = the gateway itself
    actor_role: str = ""  # agent, requester, follower, approver
    text: str = ""  # what was said: comment, note, solution, reason
    evidence: tuple[Attachment, ...] = ()
    contacts: tuple[Verdict, ...] = ()
    lines: tuple[Line, ...] = ()  # what may be typed in reply, the first one first
    done: tuple[Done, ...] = ()
    line: str = ""  # the line that was read and not understood or not allowed
    reason: str = ""  # why asked or refused: a code
    from_status: Status | None = None
    until: datetime | None = None  # answer, return or change by then
    score: int | None = None
    approved: bool | None = None  # the vote that a decision receipt speaks of
    acceptance: bool = False  # the approver is the requester himself: asked for yes or no
    in_reply_to: str = ""  # the Message-ID that this answers
    own_words_only: bool = False  # to a sender below `aligned`: nothing of his in it (no mail bomb)
    view: str = ""  # the name of the list, one of VIEWS
    page: int = 1  # of the list, PAGE_ROWS rows each
    listed: tuple[Listed, ...] = ()  # the rows of this page
    total: int = 0  # rows of all pages; alarm: answers before the silence, or all that is in trouble
    others: tuple[tuple[str, int], ...] = ()  # the other lists and how many tickets each has
    terms: str = ""  # what the FAQ was asked
    matches: tuple[Match, ...] = ()  # what it knows; in `ticket_opened` closed by "resolvido 1"
    chapters: tuple[Chapter, ...] = ()  # of the help, as `core.manual` makes them
    entries: tuple[Entry, ...] = ()  # of a status mail: the latest public lines of the history, newest first
    told: tuple[Told, ...] = ()  # of a digest: what was held back, oldest first; of an alarm: its ticket
    troubles: tuple[Trouble, ...] = ()  # of an alarm: mails that wait for an operator, the first of them
    reminded: int = 0  # which reminder this is, from 1
    substitute: Person | None = None  # who is asked after `until`: of the last reminder
    code: str = ""  # of a challenge, eight digits; its line is one of `lines`
    about: str = ""  # of an alarm: the address that it speaks of; of a delegate's request: why he is asked
    item: int | None = None  # of an alarm: the inbox item that caused it
    since: datetime | None = None  # of a reminder or a warning: since when it waits, when `text` was written
    seat: Seat | None = None  # the place in the round that it speaks of: a vote's, the reader's; a delegate's request

    @property
    def instead_of(self) -> Person | None:
        """For whom its reader decides or has decided, where he does not for himself."""
        if self.seat is None or self.name not in REQUESTS | {"decision_receipt"}:
            return None
        voted = self.name == "decision_receipt" and self.seat.decider.id == self.seat.person.id
        return None if voted else self.seat.person
