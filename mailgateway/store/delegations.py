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
        self._looked_up: set[int] = set()  # people
        self._latest: dict[int, Delegation] = {}  # by whom they stand in for
        self._new: dict[int, Delegation] = {}

    def standing(self, people: Iterable[Person], now: datetime) -> tuple[Delegation, ...]:
        """For each of these people who has let somebody else decide too: the latest that holds now.

        Those of everybody who is known are looked up when the first is wanted.
        """
        asked = {p.id for p in people}
        if asked - self._looked_up:
            self._load({*asked, *self._known.by_id} - self._looked_up, now)
        return tuple(d for i in asked if (d := self._latest.get(i)) and d.holds(now))

    def _load(self, people: set[int], now: datetime) -> None:
        mine = t.delegations.c.person_id.in_(people) & (t.delegations.c.ends_at >= now)
        rows = list(self._connection.execute(select(t.delegations).where(mine).order_by(t.delegations.c.id)))
        people_store.extend(self._connection, self._known, ids={r.delegate_id for r in rows})
        known = self._known.by_id
        stored = {
            r.person_id: Delegation(known[r.person_id], known[r.delegate_id], r.starts_at, r.ends_at) for r in rows
        }
        self._latest = stored | self._latest
        self._looked_up |= people

    def put(self, number: int, delegation: Delegation) -> None:
        """A new one, which ends whatever the same person said before."""
        self._new[number] = self._latest[delegation.person.id] = delegation

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
