"""Persons and their addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from mailgateway.core.people import Person
from mailgateway.store.tables import addresses, people

#: How many permanent bounces make a contact doubtful, then undeliverable.
_DELIVERABLE = ("true", "doubtful", "false")


@dataclass(slots=True)
class Known:
    """Persons that were loaded, by id and by address."""

    by_id: dict[int, Person] = field(default_factory=dict)
    by_address: dict[str, Person] = field(default_factory=dict)
    once_aligned: set[str] = field(default_factory=set)
    bounces: dict[str, int] = field(default_factory=dict)

    def add(self, person: Person) -> None:
        """Know this person by all his addresses."""
        self.by_id[person.id] = person
        for address in (person.email, *person.addresses):
            self.by_address[address] = person


def load(connection: Connection, *, emails: Collection[str] = (), ids: Collection[int] = ()) -> Known:
    """The persons who have one of these addresses or ids, with all their addresses, in one statement."""
    known = Known()
    extend(connection, known, emails=emails, ids=ids)
    return known


def extend(connection: Connection, known: Known, *, emails: Collection[str] = (), ids: Collection[int] = ()) -> None:
    """Load whoever of these is not known yet."""
    emails = [e for e in emails if e not in known.by_address]
    ids = [i for i in ids if i not in known.by_id]
    if not emails and not ids:
        return
    mine: list[ColumnElement[bool]] = []
    if emails:
        mine.append(people.c.id.in_(select(addresses.c.person_id).where(addresses.c.email.in_(emails))))
    if ids:
        mine.append(people.c.id.in_(ids))
    query = select(people, addresses.c.email.label("address"), addresses.c.once_aligned, addresses.c.bounces)
    rows = connection.execute(query.join(addresses, addresses.c.person_id == people.c.id).where(or_(*mine)))
    _take(known, rows)


def _take(known: Known, rows: Iterable[Row[Any]]) -> None:
    by_person: dict[int, list[Row[Any]]] = {}
    for row in rows:
        by_person.setdefault(row.id, []).append(row)
        known.bounces[row.address] = row.bounces
        if row.once_aligned:
            known.once_aligned.add(row.address)
    for person_id, own in by_person.items():
        first = own[0]
        bounced = next((r.bounces for r in own if r.address == first.email), 0)
        known.add(
            Person(
                id=person_id,
                name=first.name,
                email=first.email,
                addresses=tuple(r.address for r in own),
                language=first.language,
                deliverable=_DELIVERABLE[min(bounced, 2)],
            )
        )


def everybody(connection: Connection) -> list[Person]:
    """All persons, oldest first."""
    known = Known()
    query = select(people, addresses.c.email.label("address"), addresses.c.once_aligned, addresses.c.bounces)
    _take(known, connection.execute(query.join(addresses).order_by(people.c.id)))
    return list(known.by_id.values())
