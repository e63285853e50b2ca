"""`explain`: what the gateway reads in a mail, and what it would do with it. Writes nothing, needs no database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailgateway.cli import output
from mailgateway.cli.output import moment, person
from mailgateway.cli.session import Session, json_option, pass_session
from mailgateway.core.errors import GatewayError
from mailgateway.core.keys import hidden
from mailgateway.core.messages import Kind
from mailgateway.core.people import Mailbox
from mailgateway.core.reading import DoubtKind, Pending, Situation
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Role, Status

if TYPE_CHECKING:
    from mailgateway.core.messages import Attachment, Mail
    from mailgateway.steps.context import Gateway


#: Who may have written a mail and what he was asked: first somebody who is everything at once and an approver who is
#: asked strictly (`Aprovado` counts, `ok` does not), then a requester who is asked to rate.
SITUATIONS = (
    Situation(
        status=Status.AWAITING_APPROVAL,
        roles=frozenset(Role) - {Role.SYSTEM},
        pending=frozenset({Pending.APPROVAL}),
    ),
    Situation(status=Status.FINISHED, roles=frozenset({Role.REQUESTER}), pending=frozenset({Pending.RATING})),
)
_TAG = re.compile(r"\[#(\d{1,10})\]")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False), metavar="FILE…")
@json_option
@pass_session
def explain(session: Session, files: Sequence[str], as_json: bool) -> None:
    """Say what is read in each mail: sender, new text, attachments, what it asks for.

    With a configuration and its database also where the mail would go and how it would end.
    """
    from mailgateway import app

    gateway, now = _gateway(session), app.now()
    for file in files:
        raw = Path(file).read_bytes()
        said = explained(file, raw, now) | _foreseen(gateway, raw, now)
        if as_json:
            output.print_json(said)
        else:
            _show(said)


def explained(file: str, raw: bytes, now: datetime) -> dict[str, Any]:
    """What stands in the mail itself."""
    from mailgateway.mail.parse import parse

    mail = parse(raw)
    return {
        "file": file,
        "message_id": mail.message_id,
        "from": _people(mail.from_),
        "to": _people(mail.to),
        "cc": _people(mail.cc),
        "subject": hidden(mail.subject),
        "text": hidden(mail.text),
        "new_text": hidden(mail.parts.new),
        "signature": hidden(mail.parts.signature),
        "quoted": hidden(mail.parts.quoted),
        "attachments": [_attachment(a) for a in mail.attachments],
        "kind": mail.kind.value,
        "bounces": [{"recipient": b.recipient, "action": b.action, "status": b.status} for b in mail.bounces],
        "acts": [_act(a) for a in _acts(mail, now)],
        "defects": list(mail.defects),
        "raw": {"size": mail.size, "sha256": mail.sha256},
    }


def _acts(mail: Mail, now: datetime) -> tuple[Asked, ...]:
    """What the new text asks for, in the first of SITUATIONS in which it asks for something or contradicts itself.

    Nobody knows here who writes, about which ticket and what was asked of him. So the text is read as generously as can
    be, as that of somebody who may do everything on the ticket that the subject names. A machine's words never command.
    """
    from mailgateway import config
    from mailgateway.core.commands import read, subject_query

    if mail.kind is not Kind.PERSON:
        return ()
    phrases, tag = config.phrases(), _TAG.search(mail.subject)
    query = subject_query(mail.subject, phrases) if not mail.references else None
    number, certain = int(tag[1]) if tag else 0, mail.parts.certain
    situations = (replace(s, number=number, certain=certain) for s in SITUATIONS)
    readings = (read(mail.parts.new, s, phrases, now) for s in situations)
    telling = next((r for r in readings if r.acts or (r.doubt and r.doubt.kind is DoubtKind.CONFLICT)), None)
    return (*((query,) if query else ()), *(telling.acts if telling else ()))


def _act(asked: Asked) -> dict[str, Any]:
    args = {
        "text": hidden(asked.text),
        "until": moment(asked.until),
        "score": asked.score,
        "emails": list(asked.emails),
        "number": asked.number,
        "name": asked.name,
    }
    args = {name: value for name, value in args.items() if value not in (None, "", [])}
    return {"act": asked.act.value, "args": args, "line": hidden(asked.line)}


def _people(mailboxes: Sequence[Mailbox]) -> list[dict[str, str] | None]:
    return [person(m) for m in mailboxes]


def _attachment(attachment: Attachment) -> dict[str, Any]:
    return {
        "filename": attachment.filename,
        "content_type": attachment.content_type,
        "size": attachment.size,
        "sha256": attachment.sha256,
        "inline": attachment.inline,
    }


# ---- with a database


def _gateway(session: Session) -> Gateway | None:
    """The gateway, if its database is there and up to date: nothing is created for a look.

    A configuration that somebody names must be right; one that only lies about is no reason to refuse.
    """
    from mailgateway import app

    if session.path is None:
        return None
    try:
        return app.look_at(session.settings)
    except GatewayError:
        if session.explicit:
            raise
        return None


def _foreseen(gateway: Gateway | None, raw: bytes, now: datetime) -> dict[str, Any]:
    from mailgateway.edges import pipe
    from mailgateway.steps.foresee import foresee

    nothing: dict[str, Any] = {"route": None, "outcome": None, "reason": None}
    if gateway is None:
        return nothing
    try:
        seen = foresee(gateway, raw, pipe.envelope(raw, pipe.Stated(), gateway.house), now)
    except GatewayError as error:
        return nothing | {"reason": str(error)}
    route = {"ticket": seen.route.ticket, "why": seen.route.why}
    return {"route": route, "outcome": seen.ending.outcome.value, "reason": hidden(seen.ending.reason)}


# ---- for the eye


def _show(said: dict[str, Any]) -> None:
    from rich.panel import Panel
    from rich.text import Text

    console = output.console()
    console.print(Text(said["file"], style="bold cyan"))
    console.print(output.facts(_facts(said)))
    for title in ("new_text", "signature", "quoted"):
        if said[title].strip():
            box = Panel(Text(said[title].strip()), title=title.replace("_", " "), title_align="left")
            box.border_style = "cyan" if title == "new_text" else "dim"
            console.print(box)
    console.print()


def _facts(said: dict[str, Any]) -> list[tuple[str, object]]:
    route = said["route"]
    goes = f"ticket {route['ticket']}" if route and route["ticket"] else "a new ticket" if route else ""
    return [
        *((field, ", ".join(_named(p) for p in said[field])) for field in ("from", "to", "cc")),
        ("subject", said["subject"]),
        ("kind", said["kind"]),
        ("acts", "\n".join(f"{a['act'].replace('_', ' ')} {_args(a['args'])}".strip() for a in said["acts"])),
        ("attachments", "\n".join(_file(a) for a in said["attachments"])),
        ("bounces", "\n".join(f"{b['recipient']} {b['action']} {b['status']}" for b in said["bounces"])),
        ("defects", ", ".join(said["defects"])),
        ("goes to", goes),
        ("outcome", said["outcome"]),
        ("reason", said["reason"]),
        ("raw", f"{said['raw']['size']} bytes, sha256 {said['raw']['sha256'][:12]}…"),
    ]


def _named(who: dict[str, str]) -> str:
    return f"{who['name']} <{who['email']}>" if who["name"] else who["email"]


def _args(args: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in args.items())


def _file(attachment: dict[str, Any]) -> str:
    inline = ", inline" if attachment["inline"] else ""
    return f"{attachment['filename'] or '(no name)'} ({attachment['content_type']}, {attachment['size']} bytes{inline})"
