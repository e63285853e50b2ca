"""One person's rows become a pseudonym's: his words go, what leads to him in the words of others goes, events stay.

One function a table. Whoever calls holds the decider's lock; where nothing may remain he rolls back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, delete, func, insert, or_, select, update

from mailgateway.core.keys import KeyState
from mailgateway.core.people import Person
from mailgateway.core.questions import QuestionState
from mailgateway.core.sentences import Sentences
from mailgateway.core.tickets import EntryKind
from mailgateway.core.traces import Traces
from mailgateway.store import tables as t
from mailgateway.store.tickets import update_rows

_SOME = 500  # values in one statement
_UNDELIVERABLE = 2  # bounces, see store/people.py

#: Lines whose whole text is what somebody wrote; in all others our words stand before it.
_WORDS = frozenset({EntryKind.OPENED, EntryKind.COMMENT, EntryKind.NOTE, EntryKind.EVIDENCE})


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is erased, and where he was. `placeholder` is the address that nobody has and that stands for his."""

    person: Person
    placeholder: str
    traces: Traces
    tickets: frozenset[int]
    opened: frozenset[int]  # his are the subject and the description
    sentences: Sentences

    @property
    def erased(self) -> str:
        """What stands where his words were."""
        return self.sentences.entry("erased_words")

    def cleaned(self, ticket: int | None, text: str) -> str:
        """Somebody else's text without what leads to him."""
        return self.traces.beside_him(text) if ticket in self.tickets else self.traces.elsewhere(text)


def written(connection: Connection, person: Person, opened: Collection[int]) -> tuple[list[str], list[str]]:
    """What he wrote on tickets, and the subjects under which he did."""
    texts = list(connection.execute(select(t.entries.c.text).where(t.entries.c.author_id == person.id)).scalars())
    subjects = []
    for part in parts(opened):
        rows = connection.execute(
            select(t.tickets.c.subject, t.tickets.c.description).where(t.tickets.c.number.in_(part))
        )
        for subject, description in rows:
            subjects.append(subject)
            texts.append(description)
    return texts, subjects


def tickets(connection: Connection, scope: Scope) -> None:
    """Subjects, descriptions, reasons of pauses, comments of ratings; who was only named is no more."""
    c = t.tickets.c
    texts = ("subject", "description", "pause_reason", "rating_comment")
    rows = rows_of(connection, scope, t.tickets, c.number, [c[name] for name in texts])
    changed = []
    for row in rows:
        new = {name: _cleaned(scope, row.number, getattr(row, name)) for name in texts}
        if row.number in scope.opened:
            new |= {"subject": scope.erased, "description": scope.erased if row.description else ""}
            new["rating_comment"] = "" if row.rating_comment is not None else None
        changed.append({"number": row.number, **new})
    update_rows(connection, t.tickets, ("number",), changed)
    connection.execute(delete(t.named).where(t.named.c.email.in_(scope.person.addresses)))
    connection.execute(delete(t.followers).where(t.followers.c.person_id == scope.person.id))


def entries(connection: Connection, scope: Scope) -> tuple[list[int], list[int]]:
    """The lines of histories: the ids of his own, whose words go, and of others' that are changed.

    What a mail of others was cut to, and its HTML, quote him; on his tickets both go.
    """
    c = t.entries.c
    his: list[int] = []
    changed: list[dict[str, Any]] = []
    rows = rows_of(connection, scope, t.entries, c.ticket, [c.text, c.html, c.cut], c.author_id == scope.person.id)
    for row in rows:
        mine = row.author_id == scope.person.id or (row.kind == EntryKind.OPENED and row.ticket in scope.opened)
        here = mine or row.ticket in scope.tickets
        text = _own_line(scope, row) if mine else scope.cleaned(row.ticket, row.text)
        new = {"text": text, **{n: "" if here else scope.cleaned(None, getattr(row, n)) for n in ("html", "cut")}}
        if mine:
            his.append(row.id)
        if any(getattr(row, name) != value for name, value in new.items()):
            changed.append({"id": row.id, **new})
    update_rows(connection, t.entries, ("id",), changed)
    return his, sorted({row["id"] for row in changed} - set(his))


def _own_line(scope: Scope, row: Row[Any]) -> str:
    """Our words stay: they say what happened."""
    label = "" if row.kind in _WORDS else scope.sentences.label(row.text)
    return scope.traces.beside_him(label) or (scope.erased if row.text else "")


def evidence(connection: Connection, scope: Scope, his: Collection[int]) -> list[Row[Any]]:
    """What his lines brought goes; returned are its rows, whose blobs nothing may need any more."""
    c, gone = t.evidence.c, list[Row[Any]]()
    for part in parts(his):
        gone += connection.execute(
            delete(t.evidence).where(c.entry_id.in_(part)).returning(c.ticket, c.filename, c.sha256)
        )
    rows = rows_of(connection, scope, t.evidence, c.ticket, [c.filename])
    _change(connection, t.evidence, scope, rows, "filename")
    return gone


def rounds(connection: Connection, scope: Scope) -> None:
    """His votes stay, his reasons do not; nobody decides for him any more, nor he for anybody."""
    c, me = t.seats.c, scope.person.id
    connection.execute(update(t.seats).where(or_(c.person_id == me, c.voter_id == me)).values(reason=""))
    connection.execute(update(t.seats).where(c.delegate_id == me).values(delegate_id=None, delegate_until=None))
    connection.execute(update(t.seats).where(c.person_id == me).values(delegate_id=None, delegate_until=None))
    d = t.delegations.c
    connection.execute(delete(t.delegations).where(or_(d.person_id == me, d.delegate_id == me)))
    rows = [
        row
        for part in parts(scope.tickets)
        for row in connection.execute(select(t.seats).join(t.rounds).where(t.rounds.c.ticket.in_(part), c.reason != ""))
    ]
    new = [
        {"round_id": r.round_id, "person_id": r.person_id, "reason": scope.traces.beside_him(r.reason)} for r in rows
    ]
    update_rows(connection, t.seats, ("round_id", "person_id"), new)


def questions(connection: Connection, scope: Scope) -> int:
    """What was held until he said that it was his: how many questions. Nobody answers them any more."""
    c, me = t.questions.c, scope.person.id
    rows = rows_of(connection, scope, t.questions, c.ticket, [c.text], c.person_id == me)
    for row in rows:
        said = json.loads(row.text)
        acts = [_silent(act) for act in said] if row.person_id == me else _mapped(said, scope, row.ticket)
        text = json.dumps(acts, ensure_ascii=False)
        connection.execute(update(t.questions).where(c.id == row.id).values(text=text))
    still = (c.person_id == me) & (c.state == QuestionState.OPEN)
    connection.execute(update(t.questions).where(still).values(state=QuestionState.OVERTAKEN))
    return sum(row.person_id == me for row in rows)


def _silent(act: Mapping[str, Any]) -> dict[str, Any]:
    return {**act, "text": "", "line": "", "name": "", "emails": []}


def _mapped(value: Any, scope: Scope, ticket: int) -> Any:
    match value:
        case str():
            return scope.cleaned(ticket, value)
        case list():
            return [_mapped(item, scope, ticket) for item in value]
        case dict():
            return {name: _mapped(item, scope, ticket) for name, item in value.items()}
    return value


def keys(connection: Connection, scope: Scope) -> int:
    """His reply addresses open nothing any more: how many."""
    mine = t.keys.c.person_id == scope.person.id
    return connection.execute(update(t.keys).where(mine).values(state=KeyState.VOID, about="")).rowcount


def person(connection: Connection, scope: Scope) -> None:
    """His name and addresses; what stands for them reaches nobody."""
    who, addresses = scope.person, scope.person.addresses
    connection.execute(delete(t.purses).where(t.purses.c.owner.in_(addresses)))
    connection.execute(delete(t.addresses).where(t.addresses.c.person_id == who.id))
    row = {"email": scope.placeholder, "person_id": who.id, "once_aligned": False, "bounces": _UNDELIVERABLE}
    connection.execute(insert(t.addresses).values(row))
    values = {"name": scope.traces.pseudonym, "email": scope.placeholder, "language": ""}
    connection.execute(update(t.people).where(t.people.c.id == who.id).values(values))


# ---- rows


def rows_of(
    connection: Connection,
    scope: Scope,
    table: Table,
    ticket: Column[Any],
    texts: Sequence[ColumnElement[Any]],
    *more: ColumnElement[bool],
) -> list[Row[Any]]:
    """Rows of his tickets, those in whose texts his address stands, and `more`; each once."""
    named = or_(*(func.lower(x).contains(a, autoescape=True) for x in texts for a in scope.person.addresses))
    wheres = (*(ticket.in_(part) for part in parts(scope.tickets)), named, *more)
    key = next(iter(table.primary_key.columns)).name
    return list(
        {getattr(r, key): r for where in wheres for r in connection.execute(select(table).where(where))}.values()
    )


def parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    """So many at a time as a statement takes."""
    found = sorted(values)
    return (found[start : start + _SOME] for start in range(0, len(found), _SOME))


def _cleaned(scope: Scope, ticket: int, text: str | None) -> str | None:
    return None if text is None else scope.cleaned(ticket, text)


def _change(connection: Connection, table: Table, scope: Scope, rows: Iterable[Row[Any]], name: str) -> None:
    new = [{"id": row.id, name: scope.cleaned(row.ticket, getattr(row, name))} for row in rows]
    update_rows(connection, table, ("id",), new)
