"""The views as the places where this person's tickets stand: each place is one index, in the order of the numbers.

A list is what its places say together. Each of them gives no more rows than are asked for, so the thousandth page and
the millionth ticket cost what the first ones do. Pages go by number, never by OFFSET.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Subquery, false, func, select, true, union

from mailgateway.core import lists
from mailgateway.core.people import Person
from mailgateway.core.queues import House
from mailgateway.core.views import VIEWS, Whose
from mailgateway.core.workflow import Status
from mailgateway.store import tables as t
from mailgateway.store.tickets import open_seats

__all__ = ["VIEWS", "Viewer", "count", "numbers", "page", "viewer"]

_TICKET = t.tickets.c


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `person` None is the operator, who sees everything."""

    person: Person | None
    queues: tuple[str, ...]  # whose agent he is
    surveyed: tuple[str, ...]  # queues that ask for ratings
    now: datetime


def viewer(person: Person | None, house: House, now: datetime) -> Viewer:
    """Somebody with what the configuration says about him, looking now."""
    mine = tuple(q.name for q in house.queues if person and q.has_agent(person))
    return Viewer(person, mine, tuple(q.name for q in house.queues if q.survey), now)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where numbers of tickets stand, and which of them are meant."""

    number: ColumnElement[int]
    where: ColumnElement[bool]


def _seen(who: Viewer) -> list[_Place]:
    """An agent sees the tickets of his queues; everybody sees those that he opened or follows."""
    if who.person is None:
        return [_Place(_TICKET.number, true())]
    theirs = [_Place(_TICKET.number, _TICKET.queue == queue) for queue in who.queues]
    others = [_Place(t.ticket_queues.c.ticket, t.ticket_queues.c.queue == queue) for queue in who.queues]
    return [*_own(who.person), *theirs, *others]


def _own(person: Person) -> list[_Place]:
    return [
        _Place(_TICKET.number, _TICKET.requester_id == person.id),
        _Place(t.followers.c.ticket, t.followers.c.person_id == person.id),
    ]


def _mine(who: Viewer) -> list[_Place]:
    """Assigned to the agent; of everybody else those that he opened or follows."""
    if who.person and who.queues:
        return [_Place(_TICKET.number, _TICKET.assignee_id == who.person.id)]
    return _seen(who)


def _to_decide(who: Viewer) -> list[_Place]:
    """Wait for this person's vote."""
    if who.person is None:
        awaited = select(t.seats.c.open_on).where(t.seats.c.open_on.is_not(None))
        return [_Place(_TICKET.number, _TICKET.number.in_(awaited))]
    return [_Place(t.seats.c.open_on, seats) for seats in open_seats(who.person.id, who.now)]


def _to_rate(who: Viewer) -> list[_Place]:
    """Not rated, where the queue asks; only its requester rates."""
    asked = _TICKET.rating_score.is_(None) & _TICKET.queue.in_(who.surveyed or ("",))
    return [_Place(_TICKET.number, asked & (_TICKET.requester_id == who.person.id) if who.person else asked)]


_WHOSE: dict[Whose, Callable[[Viewer], list[_Place]]] = {
    Whose.SEEN: _seen,
    Whose.MINE: _mine,
    Whose.TO_DECIDE: _to_decide,
    Whose.TO_RATE: _to_rate,
}


@dataclass(frozen=True, slots=True)
class _Part:
    """So many numbers from one end, after one of them; None: all."""

    limit: int | None = None
    after: int | None = None
    newest_first: bool = False

    def of(self, number: ColumnElement[int], query: Select[Any]) -> Select[Any]:
        """These numbers of a query."""
        if self.after is not None:
            query = query.where(number < self.after if self.newest_first else number > self.after)
        if self.limit is None:
            return query
        return query.order_by(number.desc() if self.newest_first else number).limit(self.limit)


def _numbers(view: str, who: Viewer, part: _Part) -> Subquery:
    """The numbers of a view's tickets, each once; of each place not more than the part may need."""
    asked = VIEWS[view]
    statuses = (None,) if asked.statuses is None else sorted(asked.statuses)
    places = _WHOSE[asked.whose](who)
    found = [part.of(place.number, _standing(place, status)) for place in places for status in statuses]
    if not found:
        return select(_TICKET.number).where(false()).subquery()
    return union(*(select(some.subquery().c[0].label("number")) for some in found)).subquery()


def _standing(place: _Place, status: Status | None) -> Select[Any]:
    query = select(place.number).where(place.where)
    if status is None:
        return query
    if place.number is not _TICKET.number:
        query = query.join(t.tickets, _TICKET.number == place.number)
    return query.where(_TICKET.status == status)


def count(connection: Connection, view: str, who: Viewer) -> int:
    """How many tickets a view has; counting ends at `COUNTED`, so that it costs the same in a large desk."""
    some = select(_numbers(view, who, _Part(lists.COUNTED))).limit(lists.COUNTED).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


def numbers(connection: Connection, view: str, who: Viewer, limit: int) -> list[int]:
    """The first so many numbers of a view's tickets, oldest first."""
    found = _numbers(view, who, _Part(limit))
    return list(connection.execute(select(found).order_by(found.c.number).limit(limit)).scalars())


def page(
    connection: Connection,
    view: str,
    who: Viewer,
    *,
    limit: int | None = None,
    after: int | None = None,
    newest_first: bool = False,
) -> list[Row[Any]]:
    """The tickets of a view as rows of a list, with names and addresses, oldest first unless told."""
    found = _numbers(view, who, _Part(limit, after, newest_first))
    requester, assignee = t.people.alias("requester"), t.people.alias("assignee")
    query = (
        select(
            *(_TICKET.number, _TICKET.subject, _TICKET.status, _TICKET.queue, _TICKET.opened_at, _TICKET.updated_at),
            *(requester.c.name.label("requester_name"), requester.c.email.label("requester_email")),
            *(assignee.c.name.label("assignee_name"), assignee.c.email.label("assignee_email")),
        )
        .join(found, found.c.number == _TICKET.number)
        .outerjoin(requester, requester.c.id == _TICKET.requester_id)
        .outerjoin(assignee, assignee.c.id == _TICKET.assignee_id)
        .order_by(_TICKET.number.desc() if newest_first else _TICKET.number)
    )
    return list(connection.execute(query.limit(limit) if limit else query))
