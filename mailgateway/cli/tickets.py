"""`tickets`: lists, one ticket with its history, and acts by the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from mailgateway.cli import acts, output, shown_ticket
from mailgateway.cli.output import Column, moment
from mailgateway.cli.session import Session, json_option, page_options, pass_session
from mailgateway.core.errors import NotFound
from mailgateway.core.keys import hidden
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import Status

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailgateway.core.people import Person

as_option = click.option("--as", "as_email", default="", metavar="EMAIL", help="As this person; default: the operator.")


@click.group()
def tickets() -> None:
    """Lists of tickets, one ticket, and acts on it."""


@tickets.command("list")
@click.option("--view", type=click.Choice(VIEWS), default="all", show_default=True, help="Which list.")
@as_option
@page_options
@json_option
@pass_session
def list_(session: Session, /, view: str, as_email: str, as_json: bool, **page: Any) -> None:
    """A list of tickets; with --as what that person sees in it."""
    from mailgateway import app
    from mailgateway.store import views

    with session.gateway.database.read() as connection:
        person = who(session, connection, as_email) if as_email else None
        viewer = views.viewer(person, session.gateway.house, app.now())
        rows = views.page(connection, view, viewer, **page)
    zone = ZoneInfo(session.settings.gateway.timezone)
    columns = (
        Column("#", lambda r: r["number"], right=True),
        Column("status", lambda r: Status(r["status"])),
        Column("subject", lambda r: r["subject"], grow=3),
        Column("requester", lambda r: output.named(r["requester"]), grow=2),
        Column("assignee", lambda r: output.named(r["assignee"]), grow=2),
        Column("updated", lambda r: output.local(r["updated_at"], zone)),
    )
    empty = f"No ticket in the view {view}."
    output.show_list((_row(r) for r in rows), columns, as_json=as_json, empty=empty)


@tickets.command()
@click.argument("number", type=int, metavar="N")
@as_option
@json_option
@pass_session
def show(session: Session, number: int, as_email: str, as_json: bool) -> None:
    """One ticket with its history; with --as what that person may see of it."""
    session.accessed("show_ticket", f"ticket {number}")
    from mailgateway import app

    with session.gateway.database.read() as connection:
        person = who(session, connection, as_email) if as_email else None
        shown = shown_ticket.load(connection, session.gateway, number, person, app.now())
    if as_json:
        output.print_json(shown)
    else:
        shown_ticket.show(shown, ZoneInfo(session.settings.gateway.timezone))


@tickets.command(epilog=f"ACT is one of: {', '.join(acts.WORDS)}.")
@click.argument("number", type=int, metavar="N")
@click.argument("word", type=click.Choice(acts.WORDS), metavar="ACT")
@as_option
@click.option("--text", default="", help="The reason, solution, comment or note.")
@click.option("--until", default="", metavar="DATE", help="2026-03-10 or 10/03: the end of that business day.")
@click.option("--to", "to", multiple=True, metavar="EMAIL|NAME", help="Addresses, or the name of a queue or priority.")
@click.option("--score", type=click.IntRange(1, 9), metavar="N", help="1 to 5; 9 declines to rate.")
@json_option
@pass_session
def act(session: Session, /, number: int, word: str, as_email: str, as_json: bool, **said: Any) -> None:
    """Act on a ticket as the operator, or with --as as somebody else. The history says that it was done here."""
    from mailgateway import app
    from mailgateway.steps import act as step

    asked = acts.asked(acts.Said(**said), word, session.gateway, app.now())
    ticket = step.act(session.gateway, number, asked, as_email.strip().lower(), app.now())
    if as_json:
        output.print_json(shown_ticket.row(ticket))
    else:
        output.say(f"#{ticket.number} {ticket.subject}: {output.status(ticket.status)}")


def who(session: Session, connection: Connection, email: str) -> Person:
    """The person with this address. Raises `NotFound`."""
    from mailgateway.core.people import Person
    from mailgateway.store import people

    email = email.strip().lower()
    found = people.load(connection, emails=[email]).by_address.get(email)
    if found is not None:
        return found
    agents = (agent for queue in session.gateway.house.queues if (agent := queue.agent(email)))
    for agent in agents:  # one who has not been written to yet
        return Person(0, agent.name, agent.email, agent.emails)
    raise NotFound(f"nobody has the address {email}; `mailgateway contacts list` shows who is known")


def _row(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "subject": hidden(row.subject),
        "status": row.status,
        "queue": row.queue,
        "requester": _person(row.requester_name, row.requester_email),
        "assignee": _person(row.assignee_name, row.assignee_email),
        "opened_at": moment(row.opened_at),
        "updated_at": moment(row.updated_at),
    }


def _person(name: str | None, email: str | None) -> dict[str, str] | None:
    return {"name": name or "", "email": email} if email else None
