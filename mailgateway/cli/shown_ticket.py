"""One ticket with its history, as far as somebody may see it: as JSON and for the eye."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from mailgateway.cli import output
from mailgateway.cli.output import Column, local, moment, named, person
from mailgateway.core import access
from mailgateway.core.errors import NotFound
from mailgateway.core.keys import hidden
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Seat, Ticket
from mailgateway.core.workflow import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailgateway.steps.context import Gateway


def load(connection: Connection, gateway: Gateway, number: int, who: Person | None, now: datetime) -> dict[str, Any]:
    """The ticket as JSON; `who` None is the operator, who sees everything. Raises `NotFound`, for a stranger too."""
    from mailgateway.store import tickets
    from mailgateway.store.people import Known

    known = Known()
    ticket = tickets.load(connection, [number], known).get(number)
    roles = access.roles_of(who, ticket, gateway.house.queues) if ticket else frozenset()
    if ticket is None or (who is not None and not roles):
        raise NotFound(f"there is no ticket {number}; `mailgateway tickets list` shows them")
    history = [entry for _, entry in tickets.history(connection, number, known)]
    if who is not None:
        history = [e for e in history if access.sees(e, who, roles, ticket, now)]
    return whole(ticket, history)


def row(ticket: Ticket) -> dict[str, Any]:
    """What a list says of a ticket."""
    return {
        "number": ticket.number,
        "subject": hidden(ticket.subject),
        "status": ticket.status.value,
        "queue": ticket.queue,
        "requester": person(ticket.requester),
        "assignee": person(ticket.assignee),
        "opened_at": moment(ticket.opened_at),
        "updated_at": moment(ticket.updated_at),
    }


def whole(ticket: Ticket, history: list[Entry]) -> dict[str, Any]:
    """The ticket with these lines of its history. Its description is the line that opened it."""
    rating, round_ = ticket.rating, ticket.round
    opened = any(e.kind is EntryKind.OPENED for e in history)
    return row(ticket) | {
        "description": hidden(ticket.description) if opened else "",
        "priority": ticket.priority,
        "followers": [person(f.person) for f in ticket.followers],
        "approvers": [_approver(s) for s in round_.seats] if round_ and not round_.void else [],
        "pause": _pause(ticket),
        "rating": {"score": rating.score, "comment": rating.comment, "at": moment(rating.at)} if rating else None,
        "evidence": [
            {"filename": a.filename, "content_type": a.content_type, "size": a.size, "sha256": a.sha256}
            for entry in history
            for a in entry.evidence
        ],
        "links": [{"number": link.number, "kind": link.kind} for link in ticket.links],
        "entries": [_entry(e) for e in history],
    }


def _approver(seat: Seat) -> dict[str, Any]:
    """The person; with whoever may decide for him too, and whoever has, where that was somebody else."""
    shown: dict[str, Any] = dict(person(seat.person) or {})
    if seat.delegate:
        shown |= {"delegate": person(seat.delegate), "delegate_until": moment(seat.delegate_until)}
    return shown | ({"decided_by": person(seat.voter)} if seat.decider.id != seat.person.id else {})


def _pause(ticket: Ticket) -> dict[str, Any] | None:
    pause = ticket.pause
    if pause is None:
        return None
    return {"reason": hidden(pause.reason), "for_requester": pause.for_requester, "until": moment(pause.until)}


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "at": moment(entry.at),
        "kind": entry.kind.value,
        "author": person(entry.author),
        "text": hidden(entry.text),
        "internal": entry.internal,
        "unverified": entry.unverified,
        "from_status": entry.from_status and entry.from_status.value,
        "to_status": entry.to_status and entry.to_status.value,
    }


# ---- for the eye


def show(ticket: Mapping[str, Any], zone: tzinfo) -> None:
    """The ticket as a sheet: what it is, what was said, what happened."""
    from rich.panel import Panel
    from rich.text import Text

    console = output.console()
    head = Text.assemble((f"#{ticket['number']} ", "bold cyan"), (ticket["subject"], "bold"))
    console.print(head, output.status(Status(ticket["status"])))
    console.print()
    console.print(output.facts(_facts(ticket, zone)))
    if ticket["description"]:
        console.print(Panel(Text(ticket["description"]), title="description", title_align="left", border_style="dim"))
    timeline(ticket, zone)


def timeline(ticket: Mapping[str, Any], zone: tzinfo) -> None:
    """The history as a table."""
    columns = (
        Column("when", lambda e: local(e["at"], zone)),
        Column("who", lambda e: named(e["author"]), grow=2),
        Column("what", lambda e: e["kind"].replace("_", " ")),
        Column("status", lambda e: Status(e["to_status"]) if e["to_status"] else ""),
        Column("text", lambda e: _text(e), grow=4),
    )
    output.console().print(output.table(ticket["entries"], columns))


def _facts(ticket: Mapping[str, Any], zone: tzinfo) -> list[tuple[str, object]]:
    rating, pause = ticket["rating"], ticket["pause"]
    return [
        ("requester", _people([ticket["requester"]])),
        ("queue", ticket["queue"]),
        ("priority", ticket["priority"]),
        ("assignee", _people([ticket["assignee"]])),
        ("followers", _people(ticket["followers"])),
        ("approvers", _people(ticket["approvers"])),
        ("paused", pause and pause["reason"]),
        ("until", pause and local(pause["until"], zone)),
        ("rating", rating and f"{rating['score']} {rating['comment']}".strip()),
        (
            "evidence",
            ", ".join(f"{e['filename'] or e['content_type']} ({e['size']} bytes)" for e in ticket["evidence"]),
        ),
        ("links", ", ".join(f"{link['kind'].replace('_', ' ')} #{link['number']}" for link in ticket["links"])),
        ("opened", local(ticket["opened_at"], zone)),
        ("updated", local(ticket["updated_at"], zone)),
    ]


def _people(people: list[dict[str, str] | None]) -> str:
    return ", ".join(f"{p['name']} <{p['email']}>" if p["name"] else p["email"] for p in people if p)


def _text(entry: Mapping[str, Any]) -> str:
    marks = [word for word in ("internal", "unverified") if entry[word]]
    text = "\n".join(line for line in entry["text"].splitlines() if line.strip())
    return f"[{', '.join(marks)}] {text}" if marks else text
