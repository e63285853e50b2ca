"""`contacts`: addresses and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mailgateway.cli import output
from mailgateway.cli.output import Column
from mailgateway.cli.session import Session, json_option, page_options, pass_session
from mailgateway.core.errors import NotFound

if TYPE_CHECKING:
    from mailgateway.store.people import Contact

_COLUMNS = (
    Column("id", lambda r: r["id"], right=True),
    Column("email", lambda r: r["email"], grow=3),
    Column("name", lambda r: r["name"], grow=2),
    Column("language", lambda r: r["language"]),
    Column("deliverable", lambda r: r["deliverable"]),
    Column("tickets", lambda r: r["tickets"], right=True),
)


@click.group()
def contacts() -> None:
    """Addresses and whose they are."""


@contacts.command("list")
@page_options
@json_option
@pass_session
def list_(session: Session, limit: int | None, after: int | None, newest_first: bool, as_json: bool) -> None:
    """Every address, oldest person first. --limit and --after count persons."""
    from mailgateway.store import people

    with session.gateway.database.read() as connection:
        rows = people.contacts(connection, limit=limit, after=after, newest_first=newest_first)
    output.show_list((_row(r) for r in rows), _COLUMNS, as_json=as_json, empty="Nobody has written yet.")


@contacts.command()
@click.argument("email")
@json_option
@pass_session
def show(session: Session, email: str, as_json: bool) -> None:
    """One address: whose it is, whether mail reaches it, how many tickets that person opened or follows."""
    from mailgateway.store import people

    email = email.strip().lower()
    with session.gateway.database.read() as connection:
        rows = people.contacts(connection, email=email)
    if not rows:
        raise NotFound(f"nobody has the address {email}; `mailgateway contacts list` shows who is known")
    _show(_row(rows[0]), as_json)


@contacts.command()
@click.argument("keep", metavar="A")
@click.argument("other", metavar="B")
@json_option
@pass_session
def link(session: Session, keep: str, other: str, as_json: bool) -> None:
    """Make B an address of A's person: what belonged to B's becomes his, tickets, history and rights alike."""
    from mailgateway.steps import link as step
    from mailgateway.store import people

    person = step.link(session.gateway, keep, other)
    with session.gateway.database.read() as connection:
        rows = people.contacts(connection, email=person.email)
    _show(_row(rows[0]), as_json)


def _show(row: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.print_json(row)
        return
    row["addresses"] = ", ".join(row["addresses"])
    output.console().print(output.facts((k, v) for k, v in row.items()))


def _row(contact: Contact) -> dict[str, Any]:
    person = contact.person
    return {
        "id": person.id,
        "email": contact.email,
        "name": person.name,
        "language": person.language,
        "deliverable": contact.deliverable,
        "tickets": contact.tickets,
        "addresses": list(person.addresses),
    }
