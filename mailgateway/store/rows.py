"""The rows of what a workset changes, and how a table is brought from the rows before to those after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from mailgateway.core.budget import Purse
from mailgateway.core.keys import Key
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry
from mailgateway.store import tickets as ticket_store
from mailgateway.store.people import Known


def bring(
    connection: Connection, table: Any, key: tuple[str, ...], before: Mapping[Any, Any], after: Mapping[Any, Any]
) -> None:
    """Insert what is new and update what is different."""
    new = [row for k, row in after.items() if k not in before]
    if new:
        connection.execute(insert(table), new)
    changed = [ticket_store.changes(key, before[k], row) for k, row in after.items() if k in before]
    ticket_store.update_rows(connection, table, key, changed)


def entry(entry_id: int, number: int, line: Entry, text: str, inbox_id: int | None) -> dict[str, Any]:
    """A line of a ticket's history."""
    return {
        "id": entry_id,
        "ticket": number,
        "at": line.at,
        "kind": line.kind,
        "author_id": line.author.id if line.author else None,
        "text": text,
        "html": line.html,
        "cut": line.cut,
        "internal": line.internal,
        "unverified": line.unverified,
        "from_status": line.from_status,
        "to_status": line.to_status,
        "inbox_id": inbox_id,
    }


def evidence(entry_id: int, number: int, line: Entry) -> list[dict[str, Any]]:
    """What a line of the history brought."""
    return [
        {
            "ticket": number,
            "entry_id": entry_id,
            "filename": a.filename,
            "content_type": a.content_type,
            "size": a.size,
            "sha256": a.sha256,
            "content_id": a.content_id,
            "inline": a.inline,
        }
        for a in line.evidence
    ]


def keys(found: Mapping[int, Key]) -> dict[int, dict[str, Any]]:
    """Reply addresses by their ids."""
    return {
        k.id: {
            "id": k.id,
            "person_id": k.person_id,
            "ticket": k.ticket,
            "purpose": k.purpose,
            "round_id": k.round_id,
            "expires_at": k.expires_at,
            "state": k.state,
            "about": k.about,
        }
        for k in found.values()
    }


def purses(found: Mapping[tuple[str, str], Purse]) -> dict[tuple[str, str], dict[str, Any]]:
    """Purses by their owners and names."""
    return {
        (owner, name): {"owner": owner, "purse": name, "since": p.since, "spent": p.spent}
        for (owner, name), p in found.items()
    }


def person(who: Person) -> dict[str, Any]:
    """A person without his addresses."""
    return {"id": who.id, "name": who.name, "email": who.email, "language": who.language}


def address(email: str, known: Known, aligned: set[str], bounces: Mapping[str, int]) -> dict[str, Any]:
    """One address of a person."""
    return {
        "email": email,
        "person_id": known.by_address[email].id,
        "once_aligned": email in aligned,
        "bounces": bounces.get(email, 0),
    }
