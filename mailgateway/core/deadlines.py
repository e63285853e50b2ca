"""What is due on a ticket by time alone: reminders, the substitute, warnings, the end of a pause; as tables.

Each step is a milestone that is reached once. Of steps of one kind that are due together (the gateway was away) only
the latest is carried out: nobody gets three reminders at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby

from mailgateway.core import rounds
from mailgateway.core.acts_of_requesters import RATING_DAYS
from mailgateway.core.calendar import Calendar
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Round, Ticket
from mailgateway.core.workflow import OPEN, STANDINGS, Status


class What(StrEnum):
    """What a step does."""

    REMIND = "remind"  # the seats of a round that have not voted
    SUBSTITUTE = "substitute"  # a seat for the queue's substitute
    RATING = "rating"  # remind the requester that he may rate
    WARN_CLOSE = "warn_close"  # a pause that waits for the requester will end the ticket
    CLOSE = "close"
    RESPONSE = "response"  # the first answer is late, or nearly
    SOLUTION = "solution"


#: Business hours of silence after which a round's named approvers are reminded, and then the substitute is asked.
SILENCE = ((24, What.REMIND), (72, What.REMIND), (rounds.SUBSTITUTE_HOURS, What.SUBSTITUTE))
REMINDERS = 2  # of one request
#: Shares of a target's hours after which agents are warned.
TARGETS = ((0.8, "near"), (1.0, "missed"))
RATING_REMINDER_DAYS = 3  # business days after the end of a ticket
#: Where the clock of a solution runs: not while others are waited for, nor when it is done.
RUNNING = frozenset(status for status, standing in STANDINGS.items() if standing.runs)


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history that changed the status."""

    at: datetime
    to: Status


@dataclass(frozen=True, slots=True)
class Watch:
    """A ticket and what has to be known of its time. `reached`: milestones by name, and when."""

    ticket: Ticket
    queue: Queue
    calendar: Calendar
    changes: Sequence[Change] = ()
    reached: Mapping[str, datetime] = field(default_factory=dict)
    substitute: Person | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do from a moment on. `number` counts those of one kind; `until`: what is announced for when."""

    what: What
    name: str  # of its milestone, unique on its ticket
    at: datetime
    number: int = 1
    until: datetime | None = None
    substitute: Person | None = None  # whom the last reminder announces


@dataclass(frozen=True, slots=True)
class Due:
    """A step to carry out now, and the milestones that are reached by it: its own and those that it overtakes."""

    step: Step
    reached: tuple[str, ...]


def due(watch: Watch, now: datetime) -> tuple[Due, ...]:
    """All that is due on this ticket, in order."""
    steps = (step for chain in CHAINS for step in chain(watch, now))
    found = []
    for _, kind in groupby(steps, key=lambda step: step.what):
        late = [step for step in kind if step.at <= now and step.name not in watch.reached]
        if late:
            found.append(Due(late[-1], tuple(step.name for step in late)))
    return tuple(found)


# ---- a round


def _round(watch: Watch, now: datetime) -> Iterator[Step]:
    """A requester who accepts for himself has an end; for named approvers a substitute is asked, nothing else."""
    open_ = watch.ticket.open_round
    if open_ is None:
        return
    answer_by = rounds.answer_by(open_, watch.queue, watch.calendar)
    until = answer_by if answer_by and answer_by > now else None
    substitute = watch.substitute if rounds.with_substitute(open_, watch.substitute) else None
    moments = _acceptance(watch, open_) if answer_by and open_.acceptance else _silence(watch, open_)
    for number, (at, what) in enumerate(moments, 1):
        announced = substitute if until and number == REMINDERS else None
        yield Step(what, milestone(open_, what, number), at, number, until, announced)


def milestone(round_: Round, what: What, number: int = 0) -> str:
    """The name of a step of one round; there is one of asking the substitute."""
    return f"round:{round_.id}:{what}" if what is What.SUBSTITUTE else f"round:{round_.id}:{what}:{number}"


def _silence(watch: Watch, round_: Round) -> list[tuple[datetime, What]]:
    rows = [row for row in SILENCE if row[1] is What.REMIND or not round_.acceptance]
    return [(watch.calendar.after(round_.opened_at, hours), what) for hours, what in rows]


def _acceptance(watch: Watch, round_: Round) -> list[tuple[datetime, What]]:
    days = _before(watch.queue.acceptance_days, 3)
    return [(watch.calendar.days_after(round_.opened_at, day), What.REMIND) for day in days]


def _before(days: int, part: int) -> tuple[int, ...]:
    """Business days after which to speak of an end that comes after so many: at a part of them, and one day before."""
    return tuple(sorted({max(days // part, min(1, days - 1)), days - 1}))


# ---- a rating


def _rating(watch: Watch, now: datetime) -> Iterator[Step]:
    ticket = watch.ticket
    done = ticket.finished_at
    if done is None or ticket.status is not Status.FINISHED or not watch.queue.survey:
        return
    until = done + timedelta(days=RATING_DAYS)
    if now <= until and not (ticket.rating and ticket.rating.at >= done):
        yield Step(
            What.RATING, f"rating:{_stamp(done)}", watch.calendar.days_after(done, RATING_REMINDER_DAYS), 1, until
        )


# ---- a pause


def _pause(watch: Watch, now: datetime) -> Iterator[Step]:
    """No ticket ends without a day's warning: one that comes late puts off the end. A date ends a pause by itself."""
    ticket, days, calendar = watch.ticket, watch.queue.auto_close_days, watch.calendar
    if not (days and ticket.pause and ticket.pause.for_requester and ticket.pause.until is None):
        return
    since = paused_at(watch)
    end = calendar.days_after(since, days)
    last = f"pause:{_stamp(since)}:end"
    for number, day in enumerate(_before(days, 2), 1):
        until = max(end, calendar.days_after(now, 1))
        name = last if day == days - 1 else f"pause:{_stamp(since)}:half"
        yield Step(What.WARN_CLOSE, name, calendar.days_after(since, day), number, until)
    if warned := watch.reached.get(last):
        yield Step(What.CLOSE, f"pause:{_stamp(since)}:closed", max(end, calendar.days_after(warned, 1)))


def paused_at(watch: Watch) -> datetime:
    """When the ticket's pause began."""
    return next((c.at for c in reversed(watch.changes) if c.to is Status.PAUSED), watch.ticket.updated_at)


# ---- targets


def _response(watch: Watch, now: datetime) -> Iterator[Step]:
    """Until an agent has acted in public."""
    ticket, hours = watch.ticket, watch.queue.response_hours
    if hours and not ticket.touched and ticket.status in OPEN:
        yield from _target(What.RESPONSE, hours, lambda some: watch.calendar.after(ticket.opened_at, some))


def _solution(watch: Watch, now: datetime) -> Iterator[Step]:
    """Until there is one; what has passed in pauses does not count."""
    if watch.queue.solution_hours and watch.ticket.status in RUNNING:
        yield from _target(What.SOLUTION, watch.queue.solution_hours, lambda some: _run(watch, some))


def _target(what: What, hours: int, moment: Callable[[float], datetime]) -> Iterator[Step]:
    until = moment(hours)
    for number, (share, name) in enumerate(TARGETS, 1):
        yield Step(what, f"{what}:{name}", moment(share * hours), number, until)


def _run(watch: Watch, hours: float) -> datetime:
    """The moment at which the clock of the solution has run for so many business hours, if nothing stops it again."""
    began, running, left = watch.ticket.opened_at, True, hours
    for change in watch.changes:
        if running and change.to not in RUNNING:
            worked = watch.calendar.between(began, change.at)
            if worked >= left:
                break
            left -= worked
        elif not running and change.to in RUNNING:
            began = change.at
        running = change.to in RUNNING
    return watch.calendar.after(began, left)


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%d%H%M%S}"


#: In the order in which what they find is carried out.
CHAINS: tuple[Callable[[Watch, datetime], Iterator[Step]], ...] = (_round, _rating, _pause, _response, _solution)
