"""`backup`, `restore`, `verify`, `rekey`: what lets an administrator sleep."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgateway.cli import output
from mailgateway.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from mailgateway.store.integrity import Contents

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@json_option
@pass_session
def backup(session: Session, folder: Path, as_json: bool) -> None:
    """Copy the database and all it names into DIR, while the service runs.

    DIR may hold an older backup: only what is new is copied, and the older one is replaced once this one is whole. The
    configuration with its secret is no part of it: keep a copy elsewhere, old reply addresses need it.
    """
    from mailgateway import app
    from mailgateway.steps import backup as step

    _tell(f"Backed up into {folder}", step.back_up(session.gateway, folder, app.now()), as_json=as_json)


@click.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@json_option
@pass_session
def restore(session: Session, folder: Path, as_json: bool) -> None:
    """Put the backup in DIR where the configuration says, which must be empty.

    Ticket numbers go on 1000 later, so that no old mail can mean a new ticket. What the backup did not hold yet lies in
    the mailboxes' processed folders: move it back into the inbox to have it read again.
    """
    from mailgateway.steps import backup as step
    from mailgateway.store.blobs import Blobs
    from mailgateway.store.db import Database

    said = session.settings.gateway
    database = Database(said.database)
    try:
        held = step.restore(database, Blobs(said.blobs), folder)
    finally:
        database.close()
    _tell(f"Restored from {folder}", held, as_json=as_json)


@click.command()
@json_option
@pass_session
def rekey(session: Session, as_json: bool) -> None:
    """Put every reply address out of use, because somebody may have read them; open requests are sent anew.

    Where gateway.secret itself may be known, write a new one first and leave the old one out.
    """
    from mailgateway import app
    from mailgateway.steps import rekey as step

    done = step.rekey(session.gateway, app.now())
    if as_json:
        output.print_json(asdict(done))
    else:
        output.say(f"{done.voided} reply addresses are out of use; {done.requests} open requests are sent anew.")


@click.command()
@json_option
@pass_session
def verify(session: Session, as_json: bool) -> int:
    """Read every byte that is kept and say what is missing, damaged or contradicts itself. Exit 1 if anything is."""
    from mailgateway.store import integrity

    with session.gateway.database.read() as connection:
        held = integrity.contents(connection)
        found = list(integrity.findings(connection, session.gateway.blobs))
    if as_json:
        output.print_json(asdict(held) | {"findings": found})
    else:
        for finding in found:
            output.say(f"✕ {finding}", style="red")
        _tell(f"{len(found)} findings" if found else "All is well", held, as_json=False)
    return 1 if found else 0


def _tell(what: str, held: Contents, *, as_json: bool) -> None:
    if as_json:
        output.print_json(asdict(held))
        return
    done = ", ".join(f"{n} {outcome}" for outcome, n in held.outcomes.items() if n)
    output.say(
        f"{what}: {held.accepted} mails accepted ({held.waiting} wait{f', {done}' if done else ''}), {held.tickets} "
        f"tickets, {sum(held.outbox.values())} mails in the outbox, {held.blobs} blobs."
    )
