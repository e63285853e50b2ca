"""Persons and their addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from mailgateway.core.people import Person
from mailgateway.store.tables import (
    addresses,
    delegations,
    entries,
    followers,
    keys,
    outbox,
    people,
    questions,
    rounds,
    seats,
    tickets,
)

#: How many permanent bounces make a contact doubtful, then undeliverable.
_AT_ONCE = 5000  # values in one statement; SQLite takes 32,766 and a mail may name thousands
_DELIVERABLE = ("true", "doubtful", "false")


@dataclass(slots=True)
class Known:
    """Persons that were loaded, by id and by address. `stored` are they as the database has them."""

    by_id: dict[int, Person] = field(default_factory=dict)
    stored: dict[int, Person] = field(default_factory=dict)
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
    new_emails = [e for e in emails if e not in known.by_address]
    new_ids = [i for i in ids if i not in known.by_id]
    for start in range(0, max(len(new_emails), len(new_ids)), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        _load(connection, known, new_emails[part], new_ids[part])


def _load(connection: Connection, known: Known, emails: Sequence[str], ids: Sequence[int]) -> None:
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
        person = known.stored[person_id] = Person(
            id=person_id,
            name=first.name,
            email=first.email,
            addresses=tuple(r.address for r in own),
            language=first.language,
            deliverable=deliverable(bounced),
        )
        known.add(person)


def deliverable(bounces: int) -> str:
    """What so many permanent bounces in a row say of an address."""
    return _DELIVERABLE[min(bounces, 2)]


def everybody(connection: Connection) -> list[Person]:
    """All persons, oldest first."""
    known = Known()
    query = select(people, addresses.c.email.label("address"), addresses.c.once_aligned, addresses.c.bounces)
    _take(known, connection.execute(query.join(addresses).order_by(people.c.id)))
    return list(known.by_id.values())


# ---- contacts


@dataclass(frozen=True, slots=True)
class Contact:
    """An address, whose it is, whether mail reaches it, and how many tickets that person opened or follows."""

    email: str
    person: Person
    deliverable: str
    tickets: int


def contacts(
    connection: Connection,
    *,
    email: str | None = None,
    limit: int | None = None,
    after: int | None = None,
    newest_first: bool = False,
) -> list[Contact]:
    """Addresses, oldest person first unless told; `limit` and `after` count persons, by their ids."""
    query = select(people.c.id).order_by(people.c.id.desc() if newest_first else people.c.id)
    if email is not None:
        query = query.join(addresses, addresses.c.person_id == people.c.id).where(addresses.c.email == email)
    if after is not None:
        query = query.where(people.c.id < after if newest_first else people.c.id > after)
    ids = list(connection.execute(query.limit(limit) if limit else query).scalars())
    found: list[Contact] = []
    for start in range(0, len(ids), _SOME):
        found += _contacts_of(connection, ids[start : start + _SOME])
    return [c for c in found if email in (None, c.email)]


def _contacts_of(connection: Connection, ids: Sequence[int]) -> list[Contact]:
    known, counted = load(connection, ids=ids), _tickets_of(connection, ids)
    return [
        Contact(address, person, deliverable(known.bounces.get(address, 0)), counted.get(person.id, 0))
        for person in (known.by_id[i] for i in ids if i in known.by_id)
        for address in person.addresses
    ]


def _tickets_of(connection: Connection, ids: Collection[int]) -> dict[int, int]:
    opened = select(tickets.c.requester_id.label("person"), tickets.c.number).where(tickets.c.requester_id.in_(ids))
    followed = select(followers.c.person_id, followers.c.ticket).where(followers.c.person_id.in_(ids))
    both = opened.union(followed).subquery()
    rows = connection.execute(select(both.c.person, func.count()).group_by(both.c.person))
    return {person: count for person, count in rows}


def add_address(connection: Connection, person_id: int, email: str) -> None:
    """One more address of a person, which nobody had."""
    row = {"email": email, "person_id": person_id, "once_aligned": False, "bounces": 0}
    connection.execute(insert(addresses).values(row))


def merge(connection: Connection, keep: int, gone: int) -> None:
    """One human had two rows: all that is the second one's becomes the first one's, and the second row goes.

    Where both stand in one place (the same copy list, the same round) the first one's row wins, a seat that has voted
    before one that has not.
    """
    voted = select(seats.c.round_id).where(seats.c.person_id == gone, seats.c.vote.is_not(None))
    silent = (seats.c.person_id == keep) & seats.c.vote.is_(None)
    connection.execute(delete(seats).where(silent, seats.c.round_id.in_(voted)))
    for table, place in ((seats, seats.c.round_id), (followers, followers.c.ticket)):
        taken = select(place).where(table.c.person_id == keep)
        connection.execute(delete(table).where(table.c.person_id == gone, place.in_(taken)))
    for column in _REFERENCES:
        connection.execute(update(column.table).where(column == gone).values({column.name: keep}))
    connection.execute(delete(delegations).where(delegations.c.person_id == delegations.c.delegate_id))
    to_himself = seats.c.person_id == seats.c.delegate_id
    connection.execute(update(seats).where(to_himself).values(delegate_id=None, delegate_until=None))
    own = select(tickets.c.number).where(tickets.c.requester_id == keep)
    connection.execute(delete(followers).where(followers.c.person_id == keep, followers.c.ticket.in_(own)))
    connection.execute(delete(people).where(people.c.id == gone))


_SOME = 500  # ids in one statement

#: Every column that says whose something is.
_REFERENCES = (
    addresses.c.person_id,
    tickets.c.requester_id,
    tickets.c.assignee_id,
    followers.c.person_id,
    entries.c.author_id,
    rounds.c.solution_by,
    seats.c.person_id,
    seats.c.voter_id,
    seats.c.delegate_id,
    delegations.c.person_id,
    delegations.c.delegate_id,
    keys.c.person_id,
    questions.c.person_id,
    outbox.c.person_id,
)
