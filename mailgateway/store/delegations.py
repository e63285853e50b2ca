"""Delegations as they are stored: looked up for whoever is about to be asked, the latest of each person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from mailgateway.core.people import Person
from mailgateway.core.rounds import Delegation
from mailgateway.store import people as people_store
from mailgateway.store import tables as t
from mailgateway.store.people import Known


class Delegations:
    """Those of the database, and those that a batch adds."""

    def __init__(self, connection: Connection, known: Known) -> None:
        self._connection = connection
        self._known = known
        self._new: dict[int, Delegation] = {}

    def standing(self, people: Iterable[Person], now: datetime) -> tuple[Delegation, ...]:
        """For each of these people who has let somebody else decide too: the latest that holds now."""
        by_id = {p.id: p for p in people}
        found = {d.person.id: d for d in (*self._stored(by_id, now), *self._new.values()) if d.person.id in by_id}
        return tuple(d for d in found.values() if d.holds(now))

    def _stored(self, people: dict[int, Person], now: datetime) -> list[Delegation]:
        mine = t.delegations.c.person_id.in_(people) & (t.delegations.c.ends_at >= now)
        rows = list(self._connection.execute(select(t.delegations).where(mine).order_by(t.delegations.c.id)))
        people_store.extend(self._connection, self._known, ids={r.delegate_id for r in rows})
        known = self._known.by_id
        return [Delegation(people[r.person_id], known[r.delegate_id], r.starts_at, r.ends_at) for r in rows]

    def put(self, number: int, delegation: Delegation) -> None:
        """A new one, which ends whatever the same person said before."""
        self._new[number] = delegation

    def save(self) -> None:
        """Write what is new."""
        for number, new in self._new.items():
            earlier = (t.delegations.c.person_id == new.person.id) & (t.delegations.c.ends_at > new.starts_at)
            self._connection.execute(update(t.delegations).where(earlier).values(ends_at=new.starts_at))
            self._connection.execute(insert(t.delegations).values(_row(number, new)))
        self._new.clear()


def _row(number: int, delegation: Delegation) -> dict[str, Any]:
    return {
        "id": number,
        "person_id": delegation.person.id,
        "delegate_id": delegation.delegate.id,
        "starts_at": delegation.starts_at,
        "ends_at": delegation.ends_at,
    }
