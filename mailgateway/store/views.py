"""The views as conditions, which say which rows this person sees in each.

Pages go by number, never by OFFSET: the thousandth page costs what the first one does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, true

from mailgateway.core.people import Person
from mailgateway.core.queues import House
from mailgateway.core.views import VIEWS, Whose
from mailgateway.core.workflow import Status
from mailgateway.store import tables as t
from mailgateway.store.tickets import may_decide

__all__ = ["VIEWS", "Viewer", "count", "page", "viewer"]

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


Where = Callable[[Viewer], ColumnElement[bool]]


def _all(who: Viewer) -> ColumnElement[bool]:
    """An agent sees the tickets of his queues; everybody sees those that he opened or follows."""
    if who.person is None:
        return true()
    theirs = select(t.ticket_queues.c.ticket).where(t.ticket_queues.c.queue.in_(who.queues))
    at_work = [_TICKET.queue.in_(who.queues), _TICKET.number.in_(theirs)] if who.queues else []
    return or_(_own(who.person), *at_work)


def _own(person: Person) -> ColumnElement[bool]:
    followed = select(t.followers.c.ticket).where(t.followers.c.person_id == person.id)
    return or_(_TICKET.requester_id == person.id, _TICKET.number.in_(followed))


def _mine(who: Viewer) -> ColumnElement[bool]:
    """Assigned to the agent; of everybody else those that he opened or follows."""
    if who.person is None:
        return true()
    return _TICKET.assignee_id == who.person.id if who.queues else _own(who.person)


def _my_approval(who: Viewer) -> ColumnElement[bool]:
    """Waits for this person's vote, in a round that is open."""
    asked = select(t.rounds.c.ticket).join(t.seats, t.seats.c.round_id == t.rounds.c.id)
    asked = asked.where(t.seats.c.vote.is_(None), t.rounds.c.result.is_(None), t.rounds.c.void.is_(False))
    if who.person is not None:
        asked = asked.where(may_decide(who.person.id, who.now))
    return and_(_TICKET.status == Status.AWAITING_APPROVAL, _TICKET.number.in_(asked))


def _to_rate(who: Viewer) -> ColumnElement[bool]:
    """Finished and not rated, where the queue asks; only its requester rates."""
    rated = and_(
        _TICKET.status == Status.FINISHED, _TICKET.rating_score.is_(None), _TICKET.queue.in_(who.surveyed or ("",))
    )
    return and_(rated, _TICKET.requester_id == who.person.id) if who.person else rated


_WHOSE: dict[Whose, Where] = {
    Whose.SEEN: _all,
    Whose.MINE: _mine,
    Whose.TO_DECIDE: _my_approval,
    Whose.TO_RATE: _to_rate,
}


def _where(view: str, who: Viewer) -> ColumnElement[bool]:
    asked = VIEWS[view]
    theirs = _WHOSE[asked.whose](who)
    return theirs if asked.statuses is None else and_(_TICKET.status.in_(asked.statuses), theirs)


def count(connection: Connection, view: str, who: Viewer, most: int = 1000) -> int:
    """How many tickets a view has; counting ends at `most`, so that it costs the same in a large desk."""
    some = select(_TICKET.number).where(_where(view, who)).limit(most).subquery()
    return connection.execute(select(func.count()).select_from(some)).scalar_one()


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
    requester, assignee = t.people.alias("requester"), t.people.alias("assignee")
    query = (
        select(
            *(_TICKET.number, _TICKET.subject, _TICKET.status, _TICKET.queue, _TICKET.opened_at, _TICKET.updated_at),
            *(requester.c.name.label("requester_name"), requester.c.email.label("requester_email")),
            *(assignee.c.name.label("assignee_name"), assignee.c.email.label("assignee_email")),
        )
        .outerjoin(requester, requester.c.id == _TICKET.requester_id)
        .outerjoin(assignee, assignee.c.id == _TICKET.assignee_id)
        .where(_where(view, who))
        .order_by(_TICKET.number.desc() if newest_first else _TICKET.number)
    )
    if after is not None:
        query = query.where(_TICKET.number < after if newest_first else _TICKET.number > after)
    return list(connection.execute(query.limit(limit) if limit else query))
