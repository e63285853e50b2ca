"""`export`, `erase`, `retention`, `accesses`: what the law on personal data asks of whoever runs a desk (LGPD)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from mailgateway.cli import output
from mailgateway.cli.output import Column, moment
from mailgateway.cli.session import Session, json_option, page_options, pass_session

if TYPE_CHECKING:
    from mailgateway.steps.erase import Erased

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would go; nothing is changed.")
_UNCLEAN = (
    "The database's files still hold it: somebody reads them, or the disk is full. Run `mailgateway retention` later."
)


@click.command()
@click.argument("email")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@json_option
@pass_session
def export(session: Session, email: str, folder: Path, as_json: bool) -> None:
    """Write all that EMAIL's person may have of himself into DIR, which must be new or empty.

    JSON of him and his tickets, his evidence, the mails he wrote and got. No internal note, no key of a reply address,
    of others no address that no mail has shown him. Hand it over at his registered address only.
    """
    from mailgateway import app
    from mailgateway.steps import export as step

    done = step.export(session.gateway, email, folder, session.by, app.now())
    if as_json:
        output.print_json({"folder": str(folder)} | asdict(done))
        return
    output.say(
        f"Exported into {folder}: {done.tickets} tickets with {done.entries} lines and {done.evidence} files, "
        f"{done.mails_in} mails from and {done.mails_out} mails to {email.strip().lower()}."
    )


@click.command()
@click.argument("email")
@dry_run_option
@json_option
@pass_session
def erase(session: Session, email: str, dry_run: bool, as_json: bool) -> None:
    """Erase EMAIL's person for good: name, addresses, words, evidence, mails, keys; also what others quoted of him.

    What happened stays, under a pseudonym: states, times, decisions. Refused for whom the configuration names and for
    what is under legal hold ([retention] hold).
    """
    from mailgateway import app
    from mailgateway.steps import erase as step

    does = step.foresee if dry_run else step.erase
    erased = does(session.gateway, email, session.by, app.now())
    if as_json:
        output.print_json({"dry_run": dry_run} | _erased(erased))
        return
    output.console().print(output.facts(_facts(erased)))
    output.say(
        "Nothing was changed." if dry_run else "Erased for good. Backups from before still hold it: replace them."
    )
    if not erased.clean:
        output.say(_UNCLEAN, style="yellow")


def _erased(erased: Erased) -> dict[str, Any]:
    person = erased.person
    told = {"id": person.id, "name": person.name, "email": person.email, "addresses": list(person.addresses)}
    evidence = [{"ticket": ticket, "filename": filename} for ticket, filename in erased.evidence]
    return asdict(erased) | {"person": told, "evidence": evidence}


def _facts(erased: Erased) -> list[tuple[str, object]]:
    person = erased.person
    files = [f"{filename or 'no name'} (#{ticket})" for ticket, filename in erased.evidence]
    return [
        ("person", f"{person.name} <{person.email}> becomes {erased.pseudonym}"),
        ("addresses", ", ".join(person.addresses)),
        ("tickets", _listed(erased.tickets)),
        ("subjects, descriptions", _listed(erased.opened)),
        ("his lines of histories", _listed(erased.entries)),
        ("others' lines, rewritten", _listed(erased.rewritten)),
        ("evidence", _listed(files)),
        ("blobs", _listed([name[:12] for name in erased.blobs])),
        ("bytes of mails in", _listed(erased.mails_in)),
        ("bytes of mails out", _listed(erased.mails_out)),
        ("not sent any more", _listed(erased.stopped)),
        ("questions, keys", f"{erased.questions}, {erased.keys}"),
        ("not covered", f"{erased.waiting} accepted mails that wait to be read" if erased.waiting else ""),
    ]


def _listed(values: Collection[object]) -> str:
    return f"{len(values)}: {', '.join(map(str, values))}" if values else "0"


@click.command()
@dry_run_option
@json_option
@pass_session
def retention(session: Session, dry_run: bool, as_json: bool) -> None:
    """Remove the bytes of mails that were kept for their days ([retention]); `serve` does it daily by itself.

    Outcomes, digests and counts stay; what is under legal hold stays whole. On SQLite the file is written anew, and
    whoever hands in mail waits meanwhile.
    """
    from mailgateway import app
    from mailgateway.steps import retain as step

    if dry_run:
        due = step.due(session.gateway, app.now())
        told: dict[str, Any] = dict(due)
        said = ", ".join(f"{len(ids)} {kind}" for kind, ids in due.items())
        clean = True
    else:
        removed, clean = step.retain_now(session.gateway, session.by, app.now())
        told = dict(removed)
        said = ", ".join(f"{n} {kind}" for kind, n in removed.items())
    if as_json:
        output.print_json(told | {"dry_run": dry_run, "clean": clean})
        return
    output.say(f"{'Due' if dry_run else 'Removed'}: {said}.{' Nothing was changed.' if dry_run else ''}")
    if not clean:
        output.say(_UNCLEAN, style="yellow")


@click.command()
@page_options
@json_option
@pass_session
def accesses(session: Session, limit: int | None, after: int | None, newest_first: bool, as_json: bool) -> None:
    """Who read, exported or removed what, when and from where, oldest first. Nobody can change this log."""
    from mailgateway.store import accesses as store

    with session.gateway.database.read() as connection:
        rows = store.page(connection, limit=limit, after=after, newest_first=newest_first)
    zone = ZoneInfo(session.settings.gateway.timezone)
    columns = (
        Column("id", lambda r: r["id"], right=True),
        Column("when", lambda r: output.local(r["at"], zone)),
        Column("who", lambda r: r["actor"]),
        Column("did", lambda r: r["action"].replace("_", " ")),
        Column("about", lambda r: r["about"], grow=1),
        Column("from", lambda r: r["source"]),
    )
    shown = ({**row._mapping, "at": moment(row.at)} for row in rows)
    output.show_list(shown, columns, as_json=as_json, empty="Nobody has read or exported anything yet.")
