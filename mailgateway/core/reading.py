"""What reading a reply needs to know and what it finds out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from enum import StrEnum

from mailgateway.core.messages import Line
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import QUERIES, Act, Role, Status


class Pending(StrEnum):
    """What we asked this person and still wait for."""

    APPROVAL = "approval"  # a named approver: strict words only
    ACCEPTANCE = "acceptance"  # the requester himself: yes and no count too
    RATING = "rating"
    QUESTION = "question"  # a yes/no question at a `confirm` address


class DoubtKind(StrEnum):
    """Why a text that smells of a command is asked about instead of applied."""

    AMBIGUOUS = "ambiguous"
    CONDITIONAL = "conditional"  # "aprovado, mas …"
    CONFLICT = "conflict"
    TOO_MANY = "too_many"  # more `#verb` lines than a person writes
    TWO_PENDING = "two_pending"  # the answer fits two of our questions
    EMPTY = "empty"  # nothing written although a decision is awaited
    OTHER_TICKET = "other_ticket"
    NEEDS_REASON = "needs_reason"
    PLACEHOLDER = "placeholder"  # "escreva o motivo", sent as it stood
    SCALE = "scale"  # a score that is not 1 to 5
    BAD_DATE = "bad_date"
    UNKNOWN_VERB = "unknown_verb"
    UNKNOWN_VIEW = "unknown_view"
    UNKNOWN_PRIORITY = "unknown_priority"
    NEEDS_ADDRESS = "needs_address"
    NEEDS_NUMBER = "needs_number"
    NEEDS_QUEUE = "needs_queue"
    NEEDS_SUBJECT = "needs_subject"


def _six_in_the_evening(day: date) -> datetime:
    return datetime.combine(day, time(18), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Who writes, about which ticket, and what we wait for. `number` None: no ticket yet, the text is a description.

    `verbs_only`: weak signs of a robot, only explicit `#verb` lines count. `certain` false: where the new text ends was
    a guess, only `#verb` lines at its very top count. `purpose` is that of the reply address, "" where there is none.
    """

    number: int | None = None
    status: Status | None = None
    roles: frozenset[Role] = frozenset()
    pending: frozenset[Pending] = frozenset()
    purpose: str = ""
    verbs_only: bool = False
    certain: bool = True
    language: str = "pt-BR"
    timezone: tzinfo = UTC
    end_of_business_day: Callable[[date], datetime] = _six_in_the_evening


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question: the one line that was read, the act it seemed to ask for, and the exact lines to send instead."""

    kind: DoubtKind
    line: str = ""
    act: Act | None = None
    suggestions: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text asks for, in order, and what remains of it. With a doubt there are no acts and all is comment."""

    acts: tuple[Asked, ...] = ()
    comment: str = ""
    doubt: Doubt | None = None
    internal: bool = False  # `#interno` stands somewhere: nothing an agent wrote here may reach a contact, doubt or not
    thanks: bool = False  # pure thanks: kept, changes nothing, answers nothing
    persists: bool = False  # says that the fault is still there
    answer: bool | None = None  # to the pending yes/no question
    code: str = ""  # the eight digits of a challenge, "aprovo 4831-7719"
    decision_phrase: Asked | None = None  # in a mail without ticket: asks for a challenge, decides nothing

    @property
    def queries(self) -> tuple[Asked, ...]:
        """What it asks to be told."""
        return tuple(a for a in self.acts if a.act in QUERIES)

    def without_queries(self) -> Reading:
        """The same text as far as it asks for something to be done."""
        return replace(self, acts=tuple(a for a in self.acts if a.act not in QUERIES))
