"""All that a person may have of himself, as files: JSON for machines, his mails and evidence as they are.

He gets what he may see as requester, follower or approver, and what he wrote himself. Never an internal note, never a
key, and of others no address that no mail has shown him. What he did as an agent is the desk's, not his: of that he
gets his own public words.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from mailgateway.core import access, keys
from mailgateway.core.errors import Refused
from mailgateway.core.messages import Attachment
from mailgateway.core.people import Person
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Role
from mailgateway.mail.keyless import without_keys
from mailgateway.mail.searched import HEAD, authors, searchable
from mailgateway.steps import exported_ticket
from mailgateway.steps.context import Gateway
from mailgateway.steps.exported_ticket import Reader, moment
from mailgateway.store import accesses, footprint, inbox, outbox, tickets
from mailgateway.store import tables as t
from mailgateway.store.accesses import By
from mailgateway.store.people import Known

ACTION = "export"
_UNSAFE = re.compile(r"[^\w. -]+")
_FORGED = 0  # see `evidence` of an inbox row


@dataclass(frozen=True, slots=True)
class Exported:
    """How much was written: tickets, lines of their histories, and files."""

    tickets: int
    entries: int
    evidence: int
    mails_in: int
    mails_out: int


def export(gateway: Gateway, email: str, folder: Path, by: By, now: datetime) -> Exported:
    """Write all that whoever has this address may have into a folder, whole or not at all; the log tells of it.

    Raises `NotFound`, and `Refused` where the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty; nothing was written. Name a new folder")
    draft = folder.with_name(f"{folder.name}.part")
    draft.mkdir(mode=0o700, parents=True)
    try:
        with gateway.database.read() as connection:
            person = footprint.person(connection, email)
            done = _Export(gateway, connection, Reader(person, now), draft).write()
        with gateway.database.write() as connection:
            accesses.add(connection, by, ACTION, f"person {person.id}", now)
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft)
        raise
    return done


class _Export:
    """One person's export in the making."""

    def __init__(self, gateway: Gateway, connection: Connection, reader: Reader, folder: Path) -> None:
        self._gateway, self._connection, self._reader, self._folder = gateway, connection, reader, folder
        self._person, self._known = reader.person, Known()
        numbers = footprint.tickets(connection, reader.person)
        self._tickets = dict(sorted(tickets.load(connection, numbers, self._known).items()))
        queues = gateway.house.queues
        self._roles = {n: access.roles_of(reader.person, found, queues) for n, found in self._tickets.items()}
        self._is_agent = any(queue.has_agent(reader.person) for queue in queues)
        self._codes = _codes(gateway, connection, reader.person)
        reader.learn(" ".join((*reader.person.addresses, *(a for q in queues for a in q.addresses))))

    def write(self) -> Exported:
        """All of it."""
        mails_in, mails_out = self._mails_in(), self._mails_out()  # first: they tell which addresses he has seen
        written = [self._ticket(found) for found in self._tickets.values()]
        about = self._about() | {"mails_in": mails_in, "mails_out": mails_out, "tickets": sorted(self._tickets)}
        self._put_json("person.json", about)
        for content in written:
            self._put_json(f"tickets/{content['number']}.json", content)
        return Exported(
            tickets=len(written),
            entries=sum(len(content["entries"]) for content in written),
            evidence=sum(len(content["evidence"]) for content in written),
            mails_in=sum(bool(mail["file"]) for mail in mails_in),
            mails_out=sum(bool(mail["file"]) for mail in mails_out),
        )

    def _about(self) -> dict[str, Any]:
        person, questions = self._person, t.questions
        since = select(t.people.c.created_at).where(t.people.c.id == person.id)
        asked = select(questions).where(questions.c.person_id == person.id).order_by(questions.c.id)
        return {
            "exported_at": moment(self._reader.now),
            "name": person.name,
            "email": person.email,
            "addresses": list(person.addresses),
            "language": person.language,
            "deliverable": person.deliverable,
            "known_since": moment(self._connection.execute(since).scalar()),
            "questions": [
                {"ticket": q.ticket, "asked_at": moment(q.asked_at), "act": q.act, "state": q.state}
                for q in self._connection.execute(asked)
            ],
        }

    def _ticket(self, ticket: Ticket) -> dict[str, Any]:
        roles, reader = self._roles[ticket.number], self._reader
        history = [line for _, line in tickets.history(self._connection, ticket.number, self._known)]
        return exported_ticket.content(reader, ticket, roles, history) | {
            "evidence": exported_ticket.evidence(reader, ticket, roles, history, self._put_evidence),
            "votes": self._votes(ticket.number),
        }

    def _votes(self, number: int) -> list[dict[str, Any]]:
        """What he answered to requests for approval, in every round."""
        mine = (t.seats.c.person_id == self._person.id) | (t.seats.c.voter_id == self._person.id)
        query = select(t.rounds.c.number, t.seats.c.vote, t.seats.c.at, t.seats.c.reason).join(t.seats)
        rows = self._connection.execute(query.where(t.rounds.c.ticket == number, mine).order_by(t.rounds.c.id))
        return [{"round": r.number, "approved": r.vote, "at": moment(r.at), "reason": r.reason} for r in rows]

    # ---- mails

    def _mails_in(self) -> list[dict[str, Any]]:
        """What he wrote: mails whose From is his, none of them known to be forged."""
        mine = set(self._connection.execute(_told_by(self._person)).scalars())
        read: dict[int, bool] = {}
        for kept in footprint.received(self._connection, self._gateway.blobs, HEAD):
            if kept.id in mine or not authors(kept.raw).isdisjoint(self._person.addresses):
                read[kept.id] = kept.readable
        rows = [inbox.one(self._connection, i) for i in sorted(mine | read.keys())]
        return [self._mail_in(row, readable=read.get(row.id, False)) for row in rows if row.evidence != _FORGED]

    def _mail_in(self, row: Row[Any], *, readable: bool) -> dict[str, Any]:
        path = f"mails/in/{row.id}.eml" if readable and self._may_have(row.ticket) else ""
        if path:
            self._put_mail(path, inbox.raw(self._connection, row.id, self._gateway.blobs))
        return {
            "id": row.id,
            "received_at": moment(row.received_at),
            "outcome": row.outcome,
            "reason": keys.hidden(row.reason or ""),
            "ticket": row.ticket,
            "message_id": row.message_id,
            "file": path or None,
        }

    def _mails_out(self) -> list[dict[str, Any]]:
        """What we sent him, or would have, and what became of it."""
        mine = (t.outbox.c.person_id == self._person.id) | t.outbox.c.to.in_(self._person.addresses)
        rows = self._connection.execute(select(t.outbox).where(mine).order_by(t.outbox.c.id))
        return [self._mail_out(row) for row in rows if self._may_have(row.ticket)]

    def _mail_out(self, row: Row[Any]) -> dict[str, Any]:
        path = f"mails/out/{row.id}.eml" if row.gone_at is None and row.state in ("delivered", "failed") else ""
        if path:
            self._put_mail(path, outbox.raw(self._connection, row.id))
        return {
            "id": row.id,
            "written_at": moment(row.created_at),
            "to": row.to,
            "notice": row.notice,
            "subject": keys.hidden(row.subject),
            "state": row.state,
            "reason": keys.hidden(row.reason),
            "done_at": moment(row.done_at),
            "ticket": row.ticket,
            "file": path or None,
        }

    def _may_have(self, number: int | None) -> bool:
        """Whether a mail is his own: what an agent got and wrote may quote notes and speak of anybody."""
        return Role.AGENT not in self._roles[number] if number in self._roles else not self._is_agent

    # ---- files

    def _put_mail(self, path: str, raw: bytes) -> None:
        clean = without_keys(raw, self._codes)
        self._reader.learn(searchable(clean))
        self._put(path, clean)

    def _put_evidence(self, place: str, attachment: Attachment) -> str:
        name = _UNSAFE.sub("_", attachment.filename)[-80:].lstrip(". ") or "evidence"
        self._put(path := f"evidence/{place}-{name}", self._gateway.blobs.get(attachment.sha256))
        return path

    def _put_json(self, path: str, content: dict[str, Any]) -> None:
        self._put(path, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace"))

    def _put(self, path: str, content: bytes) -> None:
        target = self._folder / path
        for parent in reversed([p for p in target.parents if self._folder in p.parents]):
            parent.mkdir(mode=0o700, exist_ok=True)
        target.touch(mode=0o600)
        target.write_bytes(content)


def _told_by(person: Person) -> Any:
    """The mails that became lines of his in histories."""
    return select(t.entries.c.inbox_id).where(t.entries.c.author_id == person.id, t.entries.c.inbox_id.is_not(None))


def _codes(gateway: Gateway, connection: Connection, person: Person) -> Collection[str]:
    """The codes that still answer a question of his."""
    mine = (t.questions.c.person_id == person.id) & (t.questions.c.state == "open")
    ids: Iterable[int] = connection.execute(select(t.questions.c.id).where(mine)).scalars()
    return [keys.code(secret, i) for i in ids for secret in gateway.secrets]
