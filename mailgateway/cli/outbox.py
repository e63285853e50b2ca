"""`outbox`: mails that the gateway owes somebody, and what became of them."""

from __future__ import annotations

import sys
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailgateway.cli import output
from mailgateway.cli.output import Column, moment
from mailgateway.cli.session import Session, json_option, page_options, pass_session
from mailgateway.core.keys import hidden


@click.group()
def outbox() -> None:
    """Mails that go out, and what became of them."""


@outbox.command("list")
@page_options
@json_option
@pass_session
def list_(session: Session, limit: int | None, after: int | None, newest_first: bool, as_json: bool) -> None:
    """Mails that go out, oldest first, each with its state."""
    from mailgateway.store import outbox as store

    with session.gateway.database.read() as connection:
        rows = store.page(connection, limit=limit, after=after, newest_first=newest_first)
    columns = (
        Column("id", lambda r: r["id"], right=True),
        Column("ticket", lambda r: r["ticket"], right=True),
        Column("to", lambda r: r["to"], grow=3),
        Column("notice", lambda r: r["notice"]),
        Column("state", lambda r: r["state"]),
        Column("tries", lambda r: r["attempts"], right=True),
        Column("subject, or why not sent", _subject_or_reason, grow=4),
    )
    empty = "No mail has been written yet."
    output.show_list((_row(r) for r in rows), columns, as_json=as_json, empty=empty)


@outbox.command()
@click.argument("item", type=int, metavar="ID")
@click.option("--raw", is_flag=True, help="The bytes exactly as they are sent, with the keys of their reply addresses.")
@json_option
@pass_session
def show(session: Session, item: int, raw: bool, as_json: bool) -> None:
    """One mail that goes out."""
    from mailgateway.store import outbox as store

    if raw:
        session.accessed("show_raw", f"outbox {item}")
    with session.gateway.database.read() as connection:
        row = store.one(connection, item)
        content = store.raw(connection, item) if raw else b""
    if raw:
        sys.stdout.buffer.write(content)
        return
    shown = _row(row) | {k: moment(getattr(row, k)) for k in ("created_at", "due_at", "done_at")}
    if as_json:
        output.print_json(shown)
        return
    zone = ZoneInfo(session.settings.gateway.timezone)
    shown |= {k: output.local(shown[k], zone) for k in ("created_at", "due_at", "done_at")}
    output.console().print(output.facts((k.replace("_", " "), v) for k, v in shown.items()))


@outbox.command()
@click.argument("item", type=int, metavar="ID")
@json_option
@pass_session
def retry(session: Session, item: int, as_json: bool) -> None:
    """Send a mail again that failed, waits or was withheld."""
    from mailgateway import app
    from mailgateway.steps import retry as step

    step.send_again(session.gateway, item, app.now())
    if as_json:
        output.print_json({"id": item, "state": "waiting"})
    else:
        output.say(f"Mail {item} is due now; `serve` sends it by itself, `run-once` now.")


def _subject_or_reason(row: output.Row) -> object:
    return row["subject"] if row["state"] == "delivered" or not row["reason"] else row["reason"]


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "ticket": row.ticket,
        "to": row.to,
        "notice": row.notice,
        "subject": row.subject,
        "state": row.state,
        "attempts": row.attempts,
        "message_id": row.message_id,
        "reason": hidden(row.reason),
    }
