"""What time has brought about, once and never again; and the tickets on which it may bring about more.

The queries are coarse on purpose: business hours are fewer than hours, so what they leave out cannot be due, and what
they find is judged by `core.deadlines`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, cast, exists, insert, literal, select

from mailgateway.core.acts_of_requesters import RATING_DAYS
from mailgateway.core.deadlines import RATING_REMINDER_DAYS, RUNNING, SILENCE, TARGETS, Change
from mailgateway.core.queues import Queue
from mailgateway.core.workflow import OPEN, Status
from mailgateway.store.tables import entries, milestones, rounds, tickets


def candidates(connection: Connection, queues: Sequence[Queue], now: datetime) -> list[int]:
    """Numbers of the tickets on which something may be due that was not done yet, the oldest first."""
    queries = [_asked(now), _rated(now), *(q for queue in queues for q in _of_queue(queue, now))]
    found = {number for query in queries for number in connection.execute(query).scalars()}
    return sorted(found)


def _asked(now: datetime) -> Select[Any]:
    """Tickets with an open round that has not come to its last step."""
    round_ = literal("round:") + cast(rounds.c.id, String)
    first = now - timedelta(hours=SILENCE[0][0])
    return (
        select(tickets.c.number)
        .join(rounds, rounds.c.ticket == tickets.c.number)
        .where(
            tickets.c.status == Status.AWAITING_APPROVAL,
            rounds.c.result.is_(None),
            rounds.c.void.is_(False),
            rounds.c.acceptance | (rounds.c.opened_at <= first),
            _not_reached(round_ + ":substitute"),
            ~(rounds.c.acceptance & exists().where(_reached(round_ + ":remind:2"))),
        )
    )


def _rated(now: datetime) -> Select[Any]:
    """Finished tickets that may still be rated, were not, and whose requester was not reminded since."""
    oldest, newest = (now - timedelta(days=days) for days in (RATING_DAYS, RATING_REMINDER_DAYS - 1))
    reminded = (milestones.c.ticket == tickets.c.number) & milestones.c.name.startswith("rating:")
    return select(tickets.c.number).where(
        tickets.c.status == Status.FINISHED,
        tickets.c.finished_at.between(oldest, newest),
        tickets.c.rating_at.is_(None) | (tickets.c.rating_at < tickets.c.finished_at),
        ~exists().where(reminded & (milestones.c.at >= tickets.c.finished_at)),
    )


def _of_queue(queue: Queue, now: datetime) -> Iterable[Select[Any]]:
    mine = select(tickets.c.number).where(tickets.c.queue == queue.name)
    if queue.auto_close_days:
        waits = tickets.c.pause_for_requester.is_(True) & tickets.c.pause_until.is_(None)
        yield mine.where(tickets.c.status == Status.PAUSED, waits)
    for what, hours, statuses in (
        ("response", queue.response_hours, OPEN),
        ("solution", queue.solution_hours, RUNNING),
    ):
        if hours:
            late = tickets.c.opened_at <= now - timedelta(hours=hours * TARGETS[0][0])
            query = mine.where(tickets.c.status.in_(sorted(statuses)), late, _not_reached(literal(f"{what}:missed")))
            yield query.where(tickets.c.touched.is_(False)) if what == "response" else query


def _reached(name: ColumnElement[str]) -> ColumnElement[bool]:
    return (milestones.c.ticket == tickets.c.number) & (milestones.c.name == name)


def _not_reached(name: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(_reached(name))


# ---- what is known of some tickets' time


def reached(connection: Connection, numbers: Collection[int]) -> dict[int, dict[str, datetime]]:
    """The milestones of these tickets, by name, and when."""
    found: dict[int, dict[str, datetime]] = {number: {} for number in numbers}
    for row in connection.execute(select(milestones).where(milestones.c.ticket.in_(numbers))):
        found[row.ticket][row.name] = row.at
    return found


def mark(connection: Connection, new: Collection[tuple[int, str]], now: datetime) -> None:
    """These milestones, by ticket and name, are reached; one that was reached before keeps its moment."""
    if new:
        before = reached(connection, {number for number, _ in new})
        rows = [{"ticket": number, "name": name, "at": now} for number, name in new if name not in before[number]]
        if rows:
            connection.execute(insert(milestones), rows)


def changes(connection: Connection, numbers: Collection[int]) -> dict[int, list[Change]]:
    """When each of these tickets changed its status, oldest first."""
    found: dict[int, list[Change]] = {number: [] for number in numbers}
    query = select(entries.c.ticket, entries.c.at, entries.c.to_status).where(
        entries.c.ticket.in_(numbers), entries.c.to_status.is_not(None), entries.c.to_status != entries.c.from_status
    )
    for row in connection.execute(query.order_by(entries.c.id)):
        found[row.ticket].append(Change(row.at, Status(row.to_status)))
    return found


@dataclass(frozen=True, slots=True)
class Solution:
    """The words with which approval was asked for, as the history has them, and when."""

    text: str
    at: datetime


def solution(connection: Connection, number: int) -> Solution | None:
    """The latest request for approval of a ticket."""
    query = select(entries.c.text, entries.c.at).where(
        entries.c.ticket == number, entries.c.to_status == Status.AWAITING_APPROVAL
    )
    row = connection.execute(query.order_by(entries.c.id.desc()).limit(1)).first()
    return Solution(row.text, row.at) if row else None
