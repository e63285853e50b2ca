"""What `demo` shows: mails as panels, the history as a table, the checks as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any

from rich.panel import Panel
from rich.text import Text

from mailgateway.cli import output, shown_ticket
from mailgateway.core.keys import hidden
from mailgateway.core.messages import Mail
from mailgateway.core.people import Mailbox
from mailgateway.core.workflow import Status
from mailgateway.edges.sink import Caught
from mailgateway.mail.parse import parse

LINES = 5  # of a mail that are shown


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be so, and what there was instead."""

    what: str
    passed: bool
    instead: str


def opening(port: int) -> None:
    """What this is."""
    output.console().print(
        Text.assemble(
            ("mailgateway demo\n", "bold cyan"),
            f"The gateway listens on 127.0.0.1:{port}. What it sends is caught here and reaches nobody.\n",
            "Each mail to it carries an Authentication-Results header, written by the demo in place of\n",
            "the mail server that would check the sender. Keys of reply addresses are not shown.",
        )
    )


def step(number: int, title: str, mail: Mail) -> None:
    """A step begins with the mail that somebody sends."""
    console = output.console()
    console.print()
    console.rule(Text(f"{number}  {title}", style="bold"), align="left", style="dim")
    _panel(mail, "yellow", "sent")


def letter(caught: Caught) -> None:
    """A mail of ours, as its recipient gets it."""
    _panel(parse(caught.raw), "cyan", "caught")


def _panel(mail: Mail, colour: str, what: str) -> None:
    head = [
        ("From", _people(mail.from_)),
        ("To", _people(mail.to)),
        ("Cc", _people(mail.cc)),
        ("Subject", mail.subject),
    ]
    files = ", ".join(a.filename for a in mail.attachments)
    text = Text()
    for label, value in [*head, ("Attached", files)]:
        if value:
            text.append(f"{label}: ", style="dim")
            text.append(hidden(value) + "\n", style="bold" if label == "Subject" else "")
    text.append("\n" + "\n".join(_first_lines(mail)))
    output.console().print(Panel(text, title=what, title_align="right", border_style=colour, width=100))


def _people(mailboxes: Sequence[Mailbox]) -> str:
    return ", ".join(f"{m.name} <{m.email}>" if m.name else m.email for m in mailboxes)


def _first_lines(mail: Mail) -> list[str]:
    """How the mail begins, without the line that parts replies from quotations."""
    written = hidden(mail.parts.new or mail.text).splitlines()
    lines = [line for line in written if line.strip() and not line.startswith("##-")]
    return lines[:LINES] + ["…"] * (len(lines) > LINES)


def status(value: Status | None) -> None:
    """Where the ticket stands after a step."""
    output.console().print(Text.assemble("  ticket #1: ", output.status(value) if value else "not there"))


def history(ticket: Mapping[str, Any], zone: tzinfo) -> None:
    """The ticket's way."""
    console = output.console()
    console.print()
    console.rule(Text(f"The history of #{ticket['number']}", style="bold"), align="left", style="dim")
    shown_ticket.timeline(ticket, zone)


def checklist(checks: Sequence[Check]) -> None:
    """Everything that must be so."""
    console = output.console()
    console.print()
    console.rule(Text("Checks", style="bold"), align="left", style="dim")
    for check in checks:
        mark, colour = ("✓", "green") if check.passed else ("✕", "red")
        instead = "" if check.passed else f" ({check.instead})"
        console.print(Text.assemble((f"{mark} ", colour), check.what, instead))


def stay(config: Path, port: int, queue: str) -> None:
    """How to go on by hand."""
    send = f"smtplib.SMTP('127.0.0.1', {port}).sendmail('voce@cliente.example', ['{queue}'], 'Subject: Teste\\n\\nOi.')"
    console = output.console()
    console.print()
    console.rule(Text("Your turn", style="bold"), align="left", style="dim")
    lines = (
        ("Open a ticket:", f'python3 -c "import smtplib; {send}"'),
        ("or, with swaks:", f"swaks -s 127.0.0.1:{port} -f voce@cliente.example -t {queue} --body Oi"),
        ("Look at it:", f"mailgateway -c {config} tickets list"),
        ("Act on it:", f"mailgateway -c {config} tickets act 2 take"),
        ("Caught mails:", f"{config.parent}/mails/*.eml (a reply to one's Reply-To address counts)"),
    )
    for label, line in lines:
        console.print(Text.assemble((f"{label:<16}", "cyan"), line), soft_wrap=True)
    console.print(
        Text("\nEach mail that leaves is shown below. Ctrl-C ends the demo and removes its folder.\n", style="dim")
    )
