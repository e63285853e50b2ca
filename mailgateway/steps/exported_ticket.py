"""One ticket as a person may have it: what he sees of it without being an agent, and his own words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mailgateway.core import access, keys
from mailgateway.core.messages import Attachment
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Ticket
from mailgateway.core.traces import GAP
from mailgateway.core.workflow import Role

_ADDRESS = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who gets an export, at which moment, and the addresses that he has been shown before."""

    person: Person
    now: datetime
    shown: set[str] = field(default_factory=set)

    def is_me(self, person: Person | None) -> bool:
        """Whether this is he."""
        return person is not None and person.id == self.person.id

    def learn(self, text: str) -> None:
        """He has seen this, with the addresses in it."""
        self.shown.update(address.lower() for address in _ADDRESS.findall(text))

    def text(self, text: str) -> str:
        """Somebody else's words, without keys, and without addresses that he has not been shown."""
        return _ADDRESS.sub(lambda m: m[0] if m[0].lower() in self.shown else GAP, keys.hidden(text))

    def who(self, person: Person | None) -> dict[str, str] | None:
        """A person: others by their names alone."""
        if person is None:
            return None
        return {"name": person.name} | ({"email": person.email} if self.is_me(person) else {})


def content(reader: Reader, ticket: Ticket, roles: frozenset[Role], history: list[Entry]) -> dict[str, Any]:
    """The ticket as JSON; where he is nobody on it, only the lines that are his."""
    as_agent, roles = Role.AGENT in roles, roles - {Role.AGENT}
    lines = [e for e in history if _sees(reader, e, roles, ticket)]
    head = _head(reader, ticket, opened=any(e.kind is EntryKind.OPENED for e in lines)) if roles else {}
    entries = [_line(reader, line, whole=not as_agent) for line in lines]
    return {"number": ticket.number, "roles": sorted(roles), **head, "entries": entries}


def evidence(
    reader: Reader, ticket: Ticket, roles: frozenset[Role], history: list[Entry], put: Callable[[str, Attachment], str]
) -> list[dict[str, Any]]:
    """What the lines that he sees have brought; `put` writes a file, named by its place, and says where."""
    lines = [e for e in history if _sees(reader, e, roles - {Role.AGENT}, ticket)]
    return [
        {
            "filename": attachment.filename,
            "content_type": attachment.content_type,
            "size": attachment.size,
            "sha256": attachment.sha256,
            "file": put(f"{ticket.number}/{place}", attachment),
        }
        for place, attachment in enumerate((a for line in lines for a in line.evidence), 1)
    ]


def _sees(reader: Reader, entry: Entry, roles: frozenset[Role], ticket: Ticket) -> bool:
    if entry.internal or entry.kind is EntryKind.NOTE:
        return False
    return reader.is_me(entry.author) or access.sees(entry, reader.person, roles, ticket, reader.now)


def _head(reader: Reader, ticket: Ticket, *, opened: bool) -> dict[str, Any]:
    rating = ticket.rating if reader.is_me(ticket.requester) else None
    return {
        "subject": reader.text(ticket.subject),
        "description": reader.text(ticket.description) if opened else "",
        "status": ticket.status,
        "queue": ticket.queue,
        "priority": ticket.priority,
        "requester": reader.who(ticket.requester),
        "assignee": reader.who(ticket.assignee),
        "followers": [reader.who(f.person) for f in ticket.followers],
        "opened_at": moment(ticket.opened_at),
        "updated_at": moment(ticket.updated_at),
        "finished_at": moment(ticket.finished_at),
        "rating": rating and {"score": rating.score, "comment": rating.comment, "at": moment(rating.at)},
        "links": [{"number": link.number, "kind": link.kind} for link in ticket.links],
    }


def _line(reader: Reader, entry: Entry, *, whole: bool) -> dict[str, Any]:
    """A line of the history; of his own mails `whole` gives what they quoted too, which in an agent's may be a note."""
    mine = reader.is_me(entry.author)
    line = {
        "at": moment(entry.at),
        "kind": entry.kind,
        "author": reader.who(entry.author),
        "text": keys.hidden(entry.text) if mine else reader.text(entry.text),
        "from_status": entry.from_status,
        "to_status": entry.to_status,
    }
    return line | ({"html": keys.hidden(entry.html), "cut": keys.hidden(entry.cut)} if mine and whole else {})


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None
