"""`inbox`: what was accepted and what became of it."""

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
def inbox() -> None:
    """What was accepted and what became of it."""


@inbox.command("list")
@page_options
@json_option
@pass_session
def list_(session: Session, limit: int | None, after: int | None, newest_first: bool, as_json: bool) -> None:
    """Accepted mails, oldest first, each with its outcome and the reason."""
    from mailgateway.store import inbox as store

    with session.gateway.database.read() as connection:
        rows = store.page(connection, limit=limit, after=after, newest_first=newest_first)
    zone = ZoneInfo(session.settings.gateway.timezone)
    columns = (
        Column("id", lambda r: r["id"], right=True),
        Column("received", lambda r: output.local(r["received_at"], zone)),
        Column("source", lambda r: r["source"]),
        Column("outcome", lambda r: r["outcome"] or "waits"),
        Column("ticket", lambda r: r["ticket"], right=True),
        Column("reason", lambda r: r["reason"], grow=1),
    )
    empty = "Nothing has been accepted yet."
    output.show_list((_row(r) for r in rows), columns, as_json=as_json, empty=empty)


@inbox.command()
@click.argument("item", type=int, metavar="ID")
@click.option("--raw", is_flag=True, help="The bytes exactly as they were accepted.")
@json_option
@pass_session
def show(session: Session, item: int, raw: bool, as_json: bool) -> None:
    """One accepted mail."""
    from mailgateway.store import inbox as store

    if raw:
        session.accessed("show_raw", f"inbox {item}")
    with session.gateway.database.read() as connection:
        row = store.one(connection, item)
        content = store.raw(connection, item, session.gateway.blobs) if raw else b""
    if raw:
        sys.stdout.buffer.write(content)
        return
    shown = _row(row) | _envelope(row)
    if as_json:
        output.print_json(shown)
        return
    zone = ZoneInfo(session.settings.gateway.timezone)
    shown |= {k: output.local(shown[k], zone) for k in ("received_at", "done_at")}
    shown["recipients"] = ", ".join(shown.pop("rcpt_to"))
    shown["sender"] = "the null sender" if shown["mail_from"] == "" else shown["mail_from"]
    del shown["mail_from"]
    output.console().print(output.facts((k.replace("_", " "), v) for k, v in shown.items()))


@inbox.command()
@click.argument("item", type=int, metavar="ID")
@json_option
@pass_session
def retry(session: Session, item: int, as_json: bool) -> None:
    """Let a quarantined mail be processed again."""
    from mailgateway.steps import retry as step

    step.process_again(session.gateway, item)
    if as_json:
        output.print_json({"id": item, "state": "waiting"})
    else:
        output.say(f"Mail {item} waits again; `serve` takes it by itself, `run-once` now.")


@inbox.command()
@json_option
@pass_session
def stats(session: Session, as_json: bool) -> None:
    """How many were accepted, how many wait, and what became of the others."""
    from mailgateway.store import inbox as store

    with session.gateway.database.read() as connection:
        accepted, waiting, outcomes = store.stats(connection)
    if as_json:
        output.print_json({"accepted": accepted, "waiting": waiting, "outcomes": dict(outcomes)})
        return
    rows = [{"what": what, "n": n} for what, n in outcomes.items() if n]
    rows += [{"what": "waiting", "n": waiting}, {"what": "accepted in all", "n": accepted}]
    columns = (Column("outcome", lambda r: r["what"]), Column("mails", lambda r: r["n"], right=True))
    output.show_list(rows, columns, as_json=False, empty="")


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "received_at": moment(row.received_at),
        "outcome": row.outcome,
        "reason": row.reason and hidden(row.reason),
        "ticket": row.ticket,
        "message_id": row.message_id,
        "attempts": row.attempts,
    }


def _envelope(row: Any) -> dict[str, Any]:
    return {
        "state": row.state,
        "done_at": moment(row.done_at),
        "mail_from": row.mail_from and hidden(row.mail_from),
        "rcpt_to": [hidden(a) for a in row.rcpt_to],
        "peer": row.peer,
        "login": row.login,
        "size": row.size,
        "sha256": row.sha256,
    }
