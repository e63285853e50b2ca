"""The workflow as a table: which act leads from which status to which, and who may do it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    IN_SERVICE = "in_service"
    PAUSED = "paused"
    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    FINISHED = "finished"
    CANCELLED = "cancelled"


OPEN = frozenset(Status) - {Status.FINISHED, Status.CANCELLED}


class Tone(StrEnum):
    """The colour of a status; what it is on a sheet and on a terminal is theirs to know."""

    SLATE = "slate"
    BLUE = "blue"
    AMBER = "amber"
    VIOLET = "violet"
    RED = "red"
    GREEN = "green"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a status shows beside its label: a glyph, a colour, and how far the ticket has come.

    `segment` counts the SEGMENTS from 0; None: the ticket has left the way. `word` stands there in place of the
    segment's own. `runs`: the time that a solution may take goes on.
    """

    glyph: str
    tone: Tone
    segment: int | None = None
    word: str = ""
    runs: bool = False


#: A ticket's way, by the keys of [labels.trail] in languages/*.toml.
SEGMENTS = ("opened", "service", "approval", "finished")

STANDINGS: dict[Status, Standing] = {
    Status.WAITING: Standing("○", Tone.SLATE, 0, runs=True),
    Status.IN_SERVICE: Standing("◐", Tone.BLUE, 1, runs=True),
    Status.PAUSED: Standing("‖", Tone.AMBER, 1, "paused"),
    Status.AWAITING_APPROVAL: Standing("?", Tone.VIOLET, 2),
    Status.REJECTED: Standing("✕", Tone.RED, 2, "rejected", runs=True),
    Status.FINISHED: Standing("✓", Tone.GREEN, 3),
    Status.CANCELLED: Standing("–", Tone.GREY),
}


class Role(StrEnum):
    """What somebody is to a ticket; one person may be several."""

    REQUESTER = "requester"
    FOLLOWER = "follower"
    APPROVER = "approver"
    AGENT = "agent"
    SYSTEM = "system"  # the clock, by `steps.sweep`


class Act(StrEnum):
    """What somebody can ask for. The values are the words of the command line, with "_" for "-"."""

    OPEN = "open"
    COMMENT = "comment"
    NOTE = "note"
    TAKE = "take"
    ASSIGN = "assign"
    PAUSE = "pause"
    RESUME = "resume"
    RESOLVE = "resolve"
    REQUEST_APPROVAL = "request_approval"  # resolve with named seats
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    CONTEST = "contest"
    DELEGATE = "delegate"
    CLOSE = "close"
    RATE = "rate"
    CANCEL = "cancel"
    AUTO_CLOSE = "auto_close"
    REOPEN = "reopen"
    FOLLOW = "follow"
    LEAVE = "leave"
    ADD_FOLLOWER = "add_follower"
    REMOVE_FOLLOWER = "remove_follower"
    MERGE = "merge"
    SPLIT = "split"
    CHANGE_QUEUE = "change_queue"
    CHANGE_PRIORITY = "change_priority"
    CHANGE_REQUESTER = "change_requester"
    LIST = "list"  # a view, answered and never kept on a ticket
    STATUS = "status"
    FAQ = "faq"
    HELP = "help"


#: Acts that are answered by a mail and change no ticket.
QUERIES = frozenset({Act.LIST, Act.STATUS, Act.FAQ, Act.HELP})


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: `act` by one of `roles` leads from each of `sources` to `target` (None = the status stays).

    Where the outcome depends on the round's rule or the queue's policy, `target` is what `core.decide` chooses when the
    rule is met, and `instead` what it chooses else.
    """

    act: Act
    sources: frozenset[Status]
    target: Status | None
    roles: frozenset[Role]
    instead: Status | None = None


def _from(*statuses: Status) -> frozenset[Status]:
    return frozenset(statuses)


_S, _A = Status, Act
_AGENT = frozenset({Role.AGENT})
_AGENT_OR_TIME = frozenset({Role.AGENT, Role.SYSTEM})
_SEAT = frozenset({Role.APPROVER})
_REQUESTER = frozenset({Role.REQUESTER})
_PARTICIPANTS = frozenset({Role.REQUESTER, Role.FOLLOWER, Role.APPROVER, Role.AGENT})
_ANY = frozenset(Status)
_WORKING = _from(_S.WAITING, _S.IN_SERVICE, _S.PAUSED, _S.REJECTED)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_A.TAKE, _WORKING, _S.IN_SERVICE, _AGENT),
    Transition(_A.ASSIGN, _WORKING, _S.IN_SERVICE, _AGENT),
    Transition(_A.PAUSE, _from(_S.WAITING, _S.IN_SERVICE, _S.REJECTED), _S.PAUSED, _AGENT),
    # By the requester where the pause waits for him.
    Transition(_A.RESUME, _from(_S.PAUSED), _S.IN_SERVICE, _AGENT_OR_TIME | _REQUESTER),
    # Finished at once where the queue asks nobody, or where no independent seat remains.
    Transition(_A.RESOLVE, OPEN, _S.AWAITING_APPROVAL, _AGENT, instead=_S.FINISHED),
    Transition(_A.REQUEST_APPROVAL, OPEN, _S.AWAITING_APPROVAL, _AGENT, instead=_S.FINISHED),
    Transition(_A.WITHDRAW, _from(_S.AWAITING_APPROVAL), _S.IN_SERVICE, _AGENT),
    # One vote of several leaves the ticket where it is until the round's rule is met.
    Transition(_A.APPROVE, _from(_S.AWAITING_APPROVAL), _S.FINISHED, _SEAT, instead=_S.AWAITING_APPROVAL),
    # Silence: only of a requester who is his own approver.
    Transition(_A.APPROVE, _from(_S.AWAITING_APPROVAL), _S.FINISHED, frozenset({Role.SYSTEM})),
    Transition(_A.REJECT, _from(_S.AWAITING_APPROVAL), _S.REJECTED, _SEAT, instead=_S.AWAITING_APPROVAL),
    # While the round is open only the vote is void.
    Transition(
        _A.CONTEST,
        _from(_S.FINISHED, _S.REJECTED, _S.AWAITING_APPROVAL),
        _S.IN_SERVICE,
        _SEAT,
        instead=_S.AWAITING_APPROVAL,
    ),
    Transition(_A.DELEGATE, _from(_S.AWAITING_APPROVAL), None, _SEAT),
    # In awaiting_approval it is the approval of a requester who holds a seat, else a comment that alerts the agents.
    Transition(_A.CLOSE, OPEN, _S.FINISHED, _REQUESTER, instead=_S.AWAITING_APPROVAL),
    Transition(_A.RATE, _from(_S.FINISHED), None, _REQUESTER),
    Transition(_A.CANCEL, OPEN, _S.CANCELLED, _AGENT),
    Transition(_A.CANCEL, _from(_S.WAITING), _S.CANCELLED, _REQUESTER),
    # Later than waiting a requester's cancel is a wish that goes to the agent.
    Transition(_A.CANCEL, OPEN - {_S.WAITING}, None, _REQUESTER),
    Transition(_A.AUTO_CLOSE, _from(_S.PAUSED), _S.CANCELLED, frozenset({Role.SYSTEM})),
    Transition(_A.REOPEN, _from(_S.FINISHED), _S.IN_SERVICE, _AGENT | _REQUESTER),
    Transition(_A.COMMENT, _ANY, None, _PARTICIPANTS),
    Transition(_A.NOTE, _ANY, None, _AGENT),
    Transition(_A.FOLLOW, _ANY, None, _PARTICIPANTS),
    Transition(_A.LEAVE, _ANY, None, frozenset({Role.FOLLOWER})),
    Transition(_A.ADD_FOLLOWER, _ANY, None, _AGENT | _REQUESTER),
    Transition(_A.REMOVE_FOLLOWER, _ANY, None, _AGENT | _REQUESTER),
    Transition(_A.MERGE, OPEN, _S.CANCELLED, _AGENT),
    Transition(_A.SPLIT, OPEN, None, _AGENT),
    # A round does not move along: it ends, and the ticket is in service again.
    Transition(_A.CHANGE_QUEUE, OPEN, None, _AGENT, instead=_S.IN_SERVICE),
    Transition(_A.CHANGE_PRIORITY, OPEN, None, _AGENT),
    Transition(_A.CHANGE_REQUESTER, OPEN, None, _AGENT),
)


def step(act: Act, status: Status, roles: frozenset[Role]) -> Transition | None:
    """The row that allows this act from this status to somebody with these roles, or None."""
    for row in TRANSITIONS:
        if row.act is act and status in row.sources and row.roles & roles:
            return row
    return None


def doers(act: Act) -> frozenset[Role]:
    """Every role that may do this act from some status."""
    return frozenset().union(*(row.roles for row in TRANSITIONS if row.act is act))


def no_role(act: Act) -> str:
    """The code for somebody who may not do this act from any status."""
    return "no_seat" if Role.APPROVER in (who := doers(act)) and who <= {Role.APPROVER, Role.SYSTEM} else "no_right"
