"""`faq`: answers that people get before they ask."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from mailgateway.cli import output
from mailgateway.cli.output import Column, moment
from mailgateway.cli.session import Session, json_option, page_options, pass_session
from mailgateway.cli.templates import LANGUAGES

if TYPE_CHECKING:
    from mailgateway.store.faq import Match, Stored


@click.group()
def faq() -> None:
    """Answers that people get before they ask."""


@faq.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--prune", is_flag=True, help="Remove the articles that DIR does not have.")
@json_option
@pass_session
def import_(session: Session, folder: Path, prune: bool, as_json: bool) -> None:
    """Read every Markdown file below DIR; docs/faq.md says how they begin. Changes nothing if one of them is broken."""
    from mailgateway import app
    from mailgateway.steps import faq as step

    done = step.import_folder(session.gateway, folder, app.now(), prune=prune)
    if as_json:
        output.print_json(asdict(done))
        return
    output.say(f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged, {done.removed} removed")
    if done.kept:
        output.say(f"{done.kept} more that {folder} does not have; --prune removes them.")


@faq.command("list")
@page_options
@json_option
@pass_session
def list_(session: Session, limit: int | None, after: int | None, newest_first: bool, as_json: bool) -> None:
    """All articles, oldest first, and how often each closed a ticket."""
    from mailgateway.store import faq as store

    with session.gateway.database.read() as connection:
        rows = store.page(connection, limit=limit, after=after, newest_first=newest_first)
    zone = ZoneInfo(session.settings.gateway.timezone)
    columns = (
        Column("number", lambda r: r["number"], right=True),
        Column("id", lambda r: r["id"], grow=2),
        Column("language", lambda r: r["language"]),
        Column("title", lambda r: r["title"], grow=3),
        Column("queue", lambda r: r["queue"]),
        Column("updated", lambda r: output.local(r["updated_at"], zone)[:10]),
        Column("closed", lambda r: r["deflections"], right=True),
    )
    empty = "There are no articles; `mailgateway faq import DIR` reads them from files."
    output.show_list(map(_row, rows), columns, as_json=as_json, empty=empty)


@faq.command()
@click.argument("terms", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(LANGUAGES), help="Looked through first; default: the gateway's language.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="At most so many."
)
@json_option
@pass_session
def search(session: Session, terms: tuple[str, ...], lang: str | None, limit: int, as_json: bool) -> None:
    """The articles that answer TERMS best; other languages only where the first has none."""
    from mailgateway.store import faq as store

    with session.gateway.database.read() as connection:
        found = store.search(connection, " ".join(terms), lang or session.gateway.language, limit)
    columns = (
        Column("number", lambda r: r["number"], right=True),
        Column("language", lambda r: r["language"]),
        Column("title", lambda r: r["title"], grow=2),
        Column("text", lambda r: r["snippet"], grow=3),
        Column("score", lambda r: f"{r['score']:.2f}", right=True),
    )
    output.show_list(map(_match, found), columns, as_json=as_json, empty="Nothing answers that.")


def _row(stored: Stored) -> dict[str, Any]:
    article = stored.article
    return {
        "number": stored.number,
        "id": article.id,
        "language": article.language,
        "title": article.title,
        "keywords": list(article.keywords),
        "queue": article.queue or None,
        "updated_at": moment(article.updated),
        "deflections": stored.deflections,
    }


def _match(match: Match) -> dict[str, Any]:
    return asdict(match)
