"""Questions: an act that is held until its author says that it was he, and what may become of it.

Whoever cannot prove himself (no reply address, a forged From, a second address) decides nothing by that mail: his act
is held, and the registered address is asked once. "Sim" from there, or the code that stands in the question, frees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from mailgateway.core import keys
from mailgateway.core.calendar import Calendar
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import QUERIES, Act

BUSINESS_HOURS = 24
TRIES = 5  # of the code

DECISIONS = frozenset({Act.APPROVE, Act.REJECT, Act.CONTEST, Act.DELEGATE})
#: What is kept, shown or done whoever asks needs no question; the words of a note or a comment are kept anyway.
_NEVER_HELD = QUERIES | {Act.OPEN, Act.COMMENT, Act.NOTE, Act.FOLLOW, Act.LEAVE}
#: Refusals that only say that nothing proves who wrote; `expired` is that of a used reply address.
_UNPROVEN = frozenset({"needs_key", "needs_aligned", "needs_proof", "expired"})


class QuestionState(StrEnum):
    """What became of a question."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    EXPIRED = "expired"
    SPENT = "spent"  # too many wrong codes
    OVERTAKEN = "overtaken"  # by the round's end, a new round, or another question


@dataclass(frozen=True, slots=True)
class Question:
    """One question to one person: whether these acts on this ticket were asked for by him.

    `round_id` is that of the ticket's round when it was asked; `key_id` the reply address that answers it; `why` the
    refusal that it stands for.
    """

    id: int
    person_id: int
    ticket: int
    round_id: int | None
    key_id: int
    acts: tuple[Asked, ...]
    why: str
    asked_at: datetime
    expires_at: datetime
    tries: int = 0
    state: QuestionState = QuestionState.OPEN

    @property
    def act(self) -> Act:
        """What is held, by its first act."""
        return self.acts[0].act

    @property
    def approves(self) -> bool | None:
        """The vote that is held; None where it is another act."""
        return {Act.APPROVE: True, Act.REJECT: False}.get(self.act)

    def holds(self, moment: datetime) -> bool:
        """Whether an answer that arrives at this moment counts."""
        return self.state is QuestionState.OPEN and moment <= self.expires_at

    def bars(self, moment: datetime) -> bool:
        """Whether nobody is asked anew: one that was guessed at stays in the way, or guessing would never end."""
        return self.state in (QuestionState.OPEN, QuestionState.SPENT) and moment <= self.expires_at

    def became(self, state: QuestionState) -> Question:
        """The same question at its end."""
        return replace(self, state=state)

    def missed(self) -> Question:
        """After one wrong code."""
        tried = replace(self, tries=self.tries + 1)
        return tried.became(QuestionState.SPENT) if tried.tries >= TRIES else tried

    def answers(self, code: str, secrets: tuple[str, ...]) -> bool:
        """Whether this is the code of this question."""
        return keys.is_code(code, self.id, secrets)

    def as_key(self, key: Key, ticket: Ticket) -> Key:
        """The reply address that the held acts would have come with: what a confirmed answer counts for."""
        decides = not DECISIONS.isdisjoint(a.act for a in self.acts)
        decides = decides or bool(ticket.open_round and ticket.open_round.id == self.round_id)
        return replace(key, purpose=Purpose.DECIDE if decides else Purpose.TALK, round_id=self.round_id)


def may_hold(acts: Sequence[Asked], reasons: Iterable[str]) -> bool:
    """Whether acts that were refused for these reasons ("" = not at all) can wait for a proof, all of them."""
    said = set(reasons) - {""}
    return bool(said) and said <= _UNPROVEN and all(a.act not in _NEVER_HELD for a in acts)


def until(now: datetime, calendar: Calendar) -> datetime:
    """When a question that is asked now expires."""
    return calendar.after(now, BUSINESS_HOURS)


def in_the_way(asked: Iterable[Question], person_id: int, round_id: int | None, moment: datetime) -> bool:
    """Whether this person has been asked about this round already: one question per seat and round."""
    return any(q.person_id == person_id and q.round_id == round_id and q.bars(moment) for q in asked)


def overtaken(asked: Iterable[Question], person_id: int, moment: datetime) -> list[Question]:
    """What remains of a person's earlier questions on a ticket when a new one is asked."""
    mine = (q for q in asked if q.person_id == person_id and q.state is QuestionState.OPEN)
    return [q.became(QuestionState.OVERTAKEN if q.holds(moment) else QuestionState.EXPIRED) for q in mine]
