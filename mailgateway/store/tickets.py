"""Tickets as they are stored: loading them whole, set-based, and writing the next state of many at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, bindparam, delete, func, insert, select, update

from mailgateway.core.messages import Attachment
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Follower, Link, Pause, Rating, Round, Rule, Seat, Ticket
from mailgateway.core.workflow import Status
from mailgateway.store import people as people_store
from mailgateway.store import tables as t
from mailgateway.store.people import Known


def load(connection: Connection, numbers: Collection[int], known: Known) -> dict[int, Ticket]:
    """These tickets, whole, with everybody on them; a fixed number of statements however many they are."""
    if not numbers:
        return {}
    rows = list(connection.execute(select(t.tickets).where(t.tickets.c.number.in_(numbers))))
    followers = _children(connection, t.followers, numbers)
    queues = _children(connection, t.ticket_queues, numbers)
    links = _children(connection, t.links, numbers)
    named = _children(connection, t.named, numbers)
    latest = _latest_rounds(connection, numbers)
    seats = _seats(connection, [r.id for r in latest.values()])
    ids = {i for row in rows for i in (row.requester_id, row.assignee_id) if i}
    ids |= {f.person_id for some in followers.values() for f in some}
    ids |= {i for some in seats.values() for s in some for i in (s.person_id, s.voter_id, s.delegate_id) if i}
    ids |= {r.solution_by for r in latest.values() if r.solution_by}
    people_store.extend(connection, known, ids=ids)
    found = {}
    for row in rows:
        round_ = latest.get(row.number)
        found[row.number] = replace(
            _ticket(row, known.by_id),
            followers=tuple(
                Follower(known.by_id[f.person_id], f.joined_at, f.held) for f in followers.get(row.number, ())
            ),
            other_queues=tuple(q.queue for q in queues.get(row.number, ())),
            named=tuple(n.email for n in named.get(row.number, ())),
            links=tuple(Link(link.other, link.kind) for link in links.get(row.number, ())),
            round=_round(round_, seats.get(round_.id, ()), known.by_id) if round_ else None,
        )
    return found


def _children(connection: Connection, table: Table, numbers: Collection[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(select(table).where(table.c.ticket.in_(numbers))):
        grouped.setdefault(row.ticket, []).append(row)
    return grouped


def _latest_rounds(connection: Connection, numbers: Collection[int]) -> dict[int, Row[Any]]:
    newest = select(t.rounds.c.ticket, func.max(t.rounds.c.number).label("number"))
    newest = newest.where(t.rounds.c.ticket.in_(numbers)).group_by(t.rounds.c.ticket)
    last = newest.subquery()
    both = and_(t.rounds.c.ticket == last.c.ticket, t.rounds.c.number == last.c.number)
    return {r.ticket: r for r in connection.execute(select(t.rounds).join(last, both))}


def _seats(connection: Connection, round_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    grouped: dict[int, list[Row[Any]]] = {}
    if round_ids:
        for row in connection.execute(select(t.seats).where(t.seats.c.round_id.in_(round_ids))):
            grouped.setdefault(row.round_id, []).append(row)
    return grouped


def _ticket(row: Row[Any], people: Mapping[int, Person]) -> Ticket:
    pause = Pause(row.pause_reason, row.pause_for_requester, row.pause_until) if row.pause_reason is not None else None
    rating = Rating(row.rating_score, row.rating_comment, row.rating_at) if row.rating_score is not None else None
    return Ticket(
        number=row.number,
        queue=row.queue,
        subject=row.subject,
        description=row.description,
        status=Status(row.status),
        requester=people.get(row.requester_id),
        assignee=people.get(row.assignee_id),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
        pause=pause,
        rating=rating,
        priority=row.priority,
        proven=row.proven,
        touched=row.touched,
        subject_derived=row.subject_derived,
    )


def _round(row: Row[Any], seats: Sequence[Row[Any]], people: Mapping[int, Person]) -> Round:
    return Round(
        id=row.id,
        number=row.number,
        rule=Rule(row.rule),
        seats=tuple(_seat(s, people) for s in seats),
        opened_at=row.opened_at,
        solution_by=people.get(row.solution_by) if row.solution_by else None,
        acceptance=row.acceptance,
        result=row.result,
        closed_at=row.closed_at,
        void=row.void,
    )


def _seat(row: Row[Any], people: Mapping[int, Person]) -> Seat:
    return Seat(
        person=people[row.person_id],
        vote=row.vote,
        at=row.at,
        reason=row.reason,
        voter=people.get(row.voter_id or 0),
        stands_in=row.stands_in,
        delegate=people.get(row.delegate_id or 0),
        delegate_until=row.delegate_until,
    )


# ---- writing


def save(
    connection: Connection,
    before: Mapping[int, Ticket],
    after: Mapping[int, Ticket],
    overtaken: Sequence[Ticket],
) -> None:
    """Write what changed between the two, table by table. Tickets missing from `before` are new.

    `overtaken`: states in between whose round was replaced by another; their rounds are rows too.
    """
    new = [a for n, a in after.items() if n not in before]
    changed = [(before[n], a) for n, a in after.items() if n in before and before[n] != a]
    _insert(connection, t.tickets, [_ticket_row(a) for a in new])
    rows = [changes(("number",), _ticket_row(b), _ticket_row(a)) for b, a in changed]
    update_rows(connection, t.tickets, ("number",), rows)
    pairs: list[tuple[Ticket | None, Ticket]] = [*((None, a) for a in new), *changed]
    _replace_rows(connection, t.ticket_queues, ("ticket", "queue"), pairs, _queue_rows)
    _replace_rows(connection, t.named, ("ticket", "email"), pairs, _named_rows)
    _replace_rows(connection, t.followers, ("ticket", "person_id"), pairs, _follower_rows)
    _replace_rows(connection, t.links, ("ticket", "other", "kind"), pairs, _link_rows)
    pairs += [(None, ticket) for ticket in overtaken]
    _replace_rows(connection, t.rounds, ("id",), pairs, _round_rows, keep=True)
    _replace_rows(connection, t.seats, ("round_id", "person_id"), pairs, _seat_rows, keep=True)


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def changes(key: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """A row's key and what is different in it: a column that is not named costs no look at its indexes."""
    return {name: value for name, value in after.items() if name in key or before[name] != value}


def update_rows(connection: Connection, table: Table, key: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    """Bring rows of one table, found by their key columns, to these values; a row that has only its key stays."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if names := tuple(name for name in row if name not in key):
            named = {f"{'key' if n in key else 'new'}_{n}": value for n, value in row.items()}
            alike.setdefault(names, []).append(named)
    where = [table.c[name] == bindparam(f"key_{name}") for name in key]
    for names, some in alike.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        connection.execute(update(table).where(*where).values(values), some)


def _replace_rows(
    connection: Connection,
    table: Table,
    key: tuple[str, ...],
    pairs: Sequence[tuple[Ticket | None, Ticket]],
    rows_of: Callable[[Ticket], list[dict[str, Any]]],
    *,
    keep: bool = False,
) -> None:
    """Bring one child table from the rows before to those after; `keep` leaves what is no longer named."""
    old = {tuple(r[k] for k in key): r for before, _ in pairs if before for r in rows_of(before)}
    new = {tuple(r[k] for k in key): r for _, after in pairs for r in rows_of(after)}
    gone = [] if keep else [dict(zip((f"key_{k}" for k in key), k_, strict=True)) for k_ in old if k_ not in new]
    if gone:
        connection.execute(delete(table).where(*(table.c[k] == bindparam(f"key_{k}") for k in key)), gone)
    _insert(connection, table, [r for k, r in new.items() if k not in old])
    update_rows(connection, table, key, [changes(key, old[k], r) for k, r in new.items() if k in old])


def _ticket_row(ticket: Ticket) -> dict[str, Any]:
    pause, rating = ticket.pause, ticket.rating
    return {
        "number": ticket.number,
        "queue": ticket.queue,
        "subject": ticket.subject,
        "description": ticket.description,
        "status": ticket.status,
        "requester_id": ticket.requester.id if ticket.requester else None,
        "assignee_id": ticket.assignee.id if ticket.assignee else None,
        "opened_at": ticket.opened_at,
        "updated_at": ticket.updated_at,
        "finished_at": ticket.finished_at,
        "pause_reason": pause.reason if pause else None,
        "pause_for_requester": pause.for_requester if pause else None,
        "pause_until": pause.until if pause else None,
        "rating_score": rating.score if rating else None,
        "rating_comment": rating.comment if rating else None,
        "rating_at": rating.at if rating else None,
        "priority": ticket.priority,
        "proven": ticket.proven,
        "touched": ticket.touched,
        "subject_derived": ticket.subject_derived,
    }


def _queue_rows(ticket: Ticket) -> list[dict[str, Any]]:
    return [{"ticket": ticket.number, "queue": q} for q in ticket.other_queues]


def _named_rows(ticket: Ticket) -> list[dict[str, Any]]:
    return [{"ticket": ticket.number, "email": email} for email in ticket.named]


def _follower_rows(ticket: Ticket) -> list[dict[str, Any]]:
    return [
        {"ticket": ticket.number, "person_id": f.person.id, "joined_at": f.joined_at, "held": f.held}
        for f in ticket.followers
    ]


def _link_rows(ticket: Ticket) -> list[dict[str, Any]]:
    return [{"ticket": ticket.number, "other": link.number, "kind": link.kind} for link in ticket.links]


def _round_rows(ticket: Ticket) -> list[dict[str, Any]]:
    if (r := ticket.round) is None:
        return []
    return [
        {
            "id": r.id,
            "ticket": ticket.number,
            "number": r.number,
            "rule": r.rule,
            "opened_at": r.opened_at,
            "solution_by": r.solution_by.id if r.solution_by else None,
            "acceptance": r.acceptance,
            "result": r.result,
            "closed_at": r.closed_at,
            "void": r.void,
        }
    ]


def _seat_rows(ticket: Ticket) -> list[dict[str, Any]]:
    if (r := ticket.round) is None:
        return []
    return [
        {
            "round_id": r.id,
            "person_id": s.person.id,
            "vote": s.vote,
            "at": s.at,
            "reason": s.reason,
            "voter_id": s.voter.id if s.voter else None,
            "stands_in": s.stands_in,
            "delegate_id": s.delegate.id if s.delegate else None,
            "delegate_until": s.delegate_until,
            "open_on": ticket.number if r.open and s.vote is None else None,
        }
        for s in r.seats
    ]


def takes_part(connection: Connection, person_id: int) -> bool:
    """Whether this person is on any ticket: its requester, a follower, an approver or his delegate."""
    places = (t.tickets.c.requester_id, t.followers.c.person_id, t.seats.c.person_id, t.seats.c.delegate_id)
    some = (select(place).where(place == person_id).limit(1) for place in places)
    return any(connection.execute(query).first() is not None for query in some)


def pauses_until(connection: Connection, now: datetime) -> set[int]:
    """Paused tickets whose return date has come."""
    due = (t.tickets.c.status == Status.PAUSED) & (t.tickets.c.pause_until <= now)
    return set(connection.execute(select(t.tickets.c.number).where(due)).scalars())


def awaiting_acceptance(connection: Connection) -> set[int]:
    """Tickets whose requester was asked to accept and has not answered."""
    asked = t.rounds.c.acceptance.is_(True) & t.rounds.c.result.is_(None) & t.rounds.c.void.is_(False)
    query = select(t.rounds.c.ticket).join(t.tickets).where(t.tickets.c.status == Status.AWAITING_APPROVAL, asked)
    return set(connection.execute(query).scalars())


def open_seats(person_id: int, moment: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Seats whose vote is awaited of this person at that moment: his own, and those whose delegate he is then."""
    c = t.seats.c
    lent = (c.delegate_id == person_id) & (c.delegate_until.is_(None) | (c.delegate_until >= moment))
    return (c.person_id == person_id) & c.open_on.is_not(None), lent & c.open_on.is_not(None)


def awaiting_vote_of(connection: Connection, person_id: int, beside: Collection[int], moment: datetime) -> list[int]:
    """Up to three tickets, beside these, on which this person may vote at that moment and nobody has in his seat."""
    found: set[int] = set()
    for mine in open_seats(person_id, moment):
        query = select(t.seats.c.open_on).where(mine, t.seats.c.open_on.not_in(beside)).limit(3)
        found.update(connection.execute(query).scalars())
    return sorted(found)[:3]


# ---- history


def history(connection: Connection, number: int, known: Known) -> list[tuple[int, Entry]]:
    """A ticket's entries with their ids, oldest first."""
    rows = list(connection.execute(select(t.entries).where(t.entries.c.ticket == number).order_by(t.entries.c.id)))
    people_store.extend(connection, known, ids={r.author_id for r in rows if r.author_id})
    attached = evidence(connection, number)
    return [
        (
            r.id,
            Entry(
                kind=EntryKind(r.kind),
                at=r.at,
                author=known.by_id.get(r.author_id) if r.author_id else None,
                text=r.text,
                internal=r.internal,
                unverified=r.unverified,
                from_status=Status(r.from_status) if r.from_status else None,
                to_status=Status(r.to_status) if r.to_status else None,
                evidence=tuple(a for entry_id, a in attached if entry_id == r.id),
                html=r.html,
                cut=r.cut,
            ),
        )
        for r in rows
    ]


def evidence(connection: Connection, number: int) -> list[tuple[int, Attachment]]:
    """What was attached to a ticket, with the entry that brought it; the bytes lie in the blob store."""
    rows = connection.execute(select(t.evidence).where(t.evidence.c.ticket == number).order_by(t.evidence.c.id))
    return [
        (r.entry_id, Attachment(r.filename, r.content_type, r.size, r.sha256, r.inline, r.content_id)) for r in rows
    ]
