"""Questions as they are stored: loaded when the first mail of a batch needs them, saved at once."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from mailgateway.core.questions import Question, QuestionState
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act
from mailgateway.store import tables as t


class Questions:
    """Those of the tickets that a batch has asked for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loaded: set[int] = set()
        self._before: dict[int, Question] = {}
        self._now: dict[int, Question] = {}

    def on(self, number: int, beside: Collection[int] = ()) -> list[Question]:
        """All questions about a ticket, oldest first; those about `beside` are loaded by the same statement."""
        if missing := {number, *beside} - self._loaded if number not in self._loaded else set():
            rows = self._connection.execute(select(t.questions).where(t.questions.c.ticket.in_(missing)))
            found = {row.id: _question(row) for row in rows}
            self._before |= found
            self._now |= found
            self._loaded |= missing
        return [q for _, q in sorted(self._now.items()) if q.ticket == number]

    def open_tickets(self, person_id: int) -> set[int]:
        """The tickets on which this person has been asked and has not answered."""
        mine = (t.questions.c.person_id == person_id) & (t.questions.c.state == QuestionState.OPEN)
        stored = set(self._connection.execute(select(t.questions.c.ticket).where(mine)).scalars())
        return stored | {q.ticket for q in self._now.values() if q.person_id == person_id}

    def put(self, question: Question) -> None:
        """A new question, or what became of one."""
        self._now[question.id] = question

    def save(self) -> None:
        """Write all that changed."""
        new = [_row(q) for i, q in self._now.items() if i not in self._before]
        if new:
            self._connection.execute(insert(t.questions), new)
        changed = [q for i, q in self._now.items() if i in self._before and self._before[i] != q]
        if changed:
            changing = update(t.questions).where(t.questions.c.id == bindparam("of"))
            rows = [{"of": q.id, "tries": q.tries, "state": q.state} for q in changed]
            self._connection.execute(changing, rows)
        self._before = dict(self._now)


def _row(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "person_id": question.person_id,
        "ticket": question.ticket,
        "round_id": question.round_id,
        "key_id": question.key_id,
        "act": question.act,
        "text": json.dumps([asdict(a) for a in question.acts], default=datetime.isoformat, ensure_ascii=False),
        "why": question.why,
        "asked_at": question.asked_at,
        "expires_at": question.expires_at,
        "tries": question.tries,
        "state": question.state,
    }


def _question(row: Row[Any]) -> Question:
    return Question(
        id=row.id,
        person_id=row.person_id,
        ticket=row.ticket,
        round_id=row.round_id,
        key_id=row.key_id,
        acts=tuple(_asked(said) for said in json.loads(row.text)),
        why=row.why,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        tries=row.tries,
        state=QuestionState(row.state),
    )


def _asked(said: dict[str, Any]) -> Asked:
    until = datetime.fromisoformat(said["until"]) if said["until"] else None
    return Asked(**{**said, "act": Act(said["act"]), "until": until, "emails": tuple(said["emails"])})
