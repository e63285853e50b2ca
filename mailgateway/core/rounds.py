"""Rounds of approval: who gets a seat, how a vote is counted, when a round is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mailgateway.core.calendar import Calendar
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Round, Rule, Seat, Ticket

SUBSTITUTE_HOURS = 96  # business hours of silence after which the substitute is asked


@dataclass(frozen=True, slots=True)
class Delegation:
    """Who may decide in whose place too, on every round that opens while it lasts."""

    person: Person
    delegate: Person
    starts_at: datetime
    ends_at: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether it lasts at that moment."""
        return self.starts_at <= moment <= self.ends_at


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be asked: persons whom the agent names, else the queue's approvers, else the requester.

    `standing`: those of them who have let somebody else decide too, on every round that opens for a while.
    """

    named: tuple[Person, ...] = ()
    approvers: tuple[Person, ...] = ()
    substitute: Person | None = None
    standing: tuple[Delegation, ...] = ()


def open_round(ticket: Ticket, queue: Queue, who: Candidates, solution_by: Person, now: datetime) -> Round | None:
    """A new round, or None where nobody independent of the solution is left to ask.

    Nobody votes in a round whose solution he wrote; where that empties the seats the substitute is asked.
    """
    asked = who.named or who.approvers
    acceptance = not asked
    if acceptance and ticket.requester:
        asked = (ticket.requester,)
    seats = [p for p in asked if p.id != solution_by.id]
    if not seats and who.substitute and who.substitute.id != solution_by.id:
        seats, acceptance = [who.substitute], False
    if not seats:
        return None
    number = ticket.round.number + 1 if ticket.round else 1
    unique = {p.id: p for p in seats}
    opened = Round(0, number, queue.rule, tuple(map(Seat, unique.values())), now, solution_by, acceptance)
    return with_delegates(opened, who.standing, now)


def vote(
    round_: Round, person: Person, approves: bool | None, now: datetime, reason: str = "", voter: Person | None = None
) -> Round:
    """The round with this seat's vote (None takes it back), closed where that decides it."""
    cast = Seat(person) if approves is None else Seat(person, approves, now, reason, voter or person)
    voted = _seated(round_, person, vote=cast.vote, at=cast.at, reason=cast.reason, voter=cast.voter)
    result = result_of(voted)
    return replace(voted, result=result, closed_at=now if result is not None else None)


def _seated(round_: Round, person: Person, **what: Any) -> Round:
    """The round with other values in this person's seat."""
    return replace(round_, seats=tuple(replace(s, **what) if s.person.id == person.id else s for s in round_.seats))


def result_of(round_: Round) -> bool | None:
    """True = approved, False = rejected, None = still open.

    `one`: the first valid decision. `all`: the first rejection, or the last approval. `majority`: more than half of the
    seats approve, or that has become impossible. The vote of a substitute is that of every seat which is silent.
    """
    instead = next((s.vote for s in round_.seats if s.stands_in), None)
    votes = [instead if s.vote is None else s.vote for s in round_.seats if not s.stands_in]
    seats, yes, no = len(votes), votes.count(True), votes.count(False)
    match round_.rule:
        case Rule.ONE:
            return True if yes else False if no else None
        case Rule.ALL:
            return False if no else True if yes == seats else None
        case Rule.MAJORITY:
            return True if 2 * yes > seats else False if 2 * (seats - no) <= seats else None


def with_substitute(round_: Round, substitute: Person | None) -> Round | None:
    """The round in which the substitute is asked too; None where there is nobody to ask.

    He must be independent of the solution and not have been asked yet. A requester who accepts for himself has none.
    """
    if substitute is None or round_.acceptance or not round_.open:
        return None
    if any(s.person.id == substitute.id for s in round_.seats):  # whose delegate he is, he may stand in for as well
        return None
    if any(s.stands_in for s in round_.seats) or (round_.solution_by and round_.solution_by.id == substitute.id):
        return None
    return replace(round_, seats=(*round_.seats, Seat(substitute, stands_in=True)))


# ---- delegates


def delegated(round_: Round, seat: Seat, delegate: Person, until: datetime | None) -> Round:
    """The round in which somebody else may decide in this seat too; whoever might before may no more."""
    return _seated(round_, seat.person, delegate=delegate, delegate_until=until)


def why_no_delegate(round_: Round, seat: Seat, delegate: Person) -> str:
    """Why this person may not decide in this seat, as a code, or "": bars are judged on the person.

    Approver and delegate are one seat, so nobody has two places in a round.
    """
    if round_.solution_by and round_.solution_by.id == delegate.id:
        return "self_approval"
    place = round_.seat_of(delegate)
    elsewhere = place is not None and place.person.id != seat.person.id
    return "not_a_delegate" if elsewhere or delegate.id == seat.person.id else ""


def with_delegates(round_: Round, standing: Iterable[Delegation], now: datetime) -> Round:
    """The round in which whoever decides for a while in the place of a seat's holder is asked too, where he may."""
    for lent in standing:
        seat = next((s for s in round_.seats if s.person.id == lent.person.id), None)
        if seat and lent.holds(now) and not why_no_delegate(round_, seat, lent.delegate):
            round_ = delegated(round_, seat, lent.delegate, lent.ends_at)
    return round_


def answer_by(round_: Round, queue: Queue, calendar: Calendar) -> datetime | None:
    """The moment that a request names: silence accepts then, or the substitute is asked. None = no end."""
    if not round_.acceptance:
        return calendar.after(round_.opened_at, SUBSTITUTE_HOURS)
    return calendar.days_after(round_.opened_at, queue.acceptance_days) if queue.acceptance_days else None


def voided(round_: Round, now: datetime) -> Round:
    """The round without effect: a new solution or a withdrawal has overtaken it."""
    return replace(round_, void=True, closed_at=now)
