"""Where a person is found: the tickets that he is or was on, and the mails whose bytes we still hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, or_, select, union

from mailgateway.core.errors import NotFound
from mailgateway.core.people import Person
from mailgateway.core.tickets import EntryKind
from mailgateway.store import people
from mailgateway.store import tables as t
from mailgateway.store.blobs import Blobs

_PAGE = 200  # mails at a time: their bytes are in memory


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail and its bytes, or the first of them; `readable` is false for one that nobody could read."""

    id: int
    ticket: int | None
    raw: bytes
    readable: bool = True


def person(connection: Connection, email: str) -> Person:
    """Whoever has this address. Raises `NotFound`."""
    email = email.strip().lower()
    found = people.load(connection, emails=[email]).by_address.get(email)
    if found is None:
        raise NotFound(f"nobody has the address {email}; `mailgateway contacts list` shows who is known")
    return found


def tickets(connection: Connection, person: Person) -> set[int]:
    """Every ticket that a person is or was on, or that a mail of ours told him of."""
    seats = t.seats.c.person_id, t.seats.c.voter_id, t.seats.c.delegate_id
    mine: tuple[Select[int | None], ...] = (
        select(t.tickets.c.number).where(
            or_(t.tickets.c.requester_id == person.id, t.tickets.c.assignee_id == person.id)
        ),
        select(t.followers.c.ticket).where(t.followers.c.person_id == person.id),
        select(t.rounds.c.ticket).join(t.seats).where(or_(*(column == person.id for column in seats))),
        select(t.entries.c.ticket).where(t.entries.c.author_id == person.id),
        select(t.questions.c.ticket).where(t.questions.c.person_id == person.id),
        select(t.keys.c.ticket).where(t.keys.c.person_id == person.id),
        select(t.outbox.c.ticket).where(t.outbox.c.person_id == person.id),
        select(t.named.c.ticket).where(t.named.c.email.in_(person.addresses)),
    )
    return {number for query in mine for number in connection.execute(query).scalars() if number is not None}


def opened(connection: Connection, person: Person) -> set[int]:
    """The tickets whose subject and description are his words: he opened them, or they were opened for him."""
    wrote = (t.entries.c.author_id == person.id) & (t.entries.c.kind == EntryKind.OPENED)
    for_him = select(t.tickets.c.number).where(t.tickets.c.requester_id == person.id)
    return {n for q in (for_him, select(t.entries.c.ticket).where(wrote)) for n in connection.execute(q).scalars()}


def beside(connection: Connection, person: Person, numbers: Collection[int]) -> set[str]:
    """The names of all others who are or were on these tickets."""
    e, f, k = t.entries.c, t.followers.c, t.tickets.c
    found: set[str] = set()
    for start in range(0, len(some := sorted(numbers)), _PAGE):
        part = some[start : start + _PAGE]
        ids = union(
            select(e.author_id).where(e.ticket.in_(part)),
            select(f.person_id).where(f.ticket.in_(part)),
            select(k.requester_id).where(k.number.in_(part)),
        ).subquery()
        found.update(
            connection.execute(
                select(t.people.c.name).where(t.people.c.id.in_(select(ids)), t.people.c.id != person.id)
            ).scalars()
        )
    return found


def received(connection: Connection, blobs: Blobs, first: int | None = None) -> Iterator[Kept]:
    """Every accepted mail that is done with and whose bytes we hold; at most the `first` so many of them."""
    raw = func.substr(t.inbox_raw.c.raw, 1, first) if first else t.inbox_raw.c.raw
    columns = (t.inbox.c.id, t.inbox.c.ticket, t.inbox.c.outcome, t.inbox.c.blob, t.inbox.c.sha256, raw.label("raw"))
    query = select(*columns).outerjoin(t.inbox_raw).where(t.inbox.c.state == "done", t.inbox.c.gone_at.is_(None))
    last = 0
    while rows := connection.execute(query.where(t.inbox.c.id > last).order_by(t.inbox.c.id).limit(_PAGE)).all():
        for row in rows:
            held = blobs.get(row.sha256, first) if row.blob else bytes(row.raw)
            yield Kept(row.id, row.ticket, held, row.outcome != "quarantined")
        last = rows[-1].id


def sent(connection: Connection) -> Iterator[Kept]:
    """Every mail of ours whose bytes we hold."""
    query = select(t.outbox.c.id, t.outbox.c.ticket, t.outbox_raw.c.raw).join(t.outbox_raw)
    last = 0
    while rows := connection.execute(query.where(t.outbox.c.id > last).order_by(t.outbox.c.id).limit(_PAGE)).all():
        yield from (Kept(row.id, row.ticket, bytes(row.raw)) for row in rows)
        last = rows[-1].id
