"""`serve`, `run-once`, `migrate`: the gateway at work."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from mailgateway.cli import output
from mailgateway.cli.session import Session, json_option, pass_session

SERVED = ("smtp", "imap", "process", "deliver", "sweep")
ONCE = ("imap", "process", "deliver", "sweep")


class Parts(click.ParamType[frozenset[str]]):
    """A comma-separated choice of parts."""

    name = "PARTS"

    def __init__(self, known: tuple[str, ...]) -> None:
        self._known = known

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        """The parts, or a usage error that names the unknown one."""
        parts = [p.strip() for p in str(value).split(",") if p.strip()]
        if wrong := [p for p in parts if p not in self._known]:
            self.fail(f"{wrong[0]!r} is none of {', '.join(self._known)}.", param, ctx)
        return frozenset(parts)


class Moment(click.ParamType[datetime]):
    """A moment in ISO 8601; without a zone it is UTC."""

    name = "ISO"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The moment, or a usage error."""
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; write it like 2026-03-10T09:00:00Z.", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.command("run-once")
@click.option("--only", type=Parts(ONCE), metavar="PARTS", help=f"Some of {','.join(ONCE)}; default: all.")
@click.option("--now", "at", type=Moment(), metavar="ISO", help="As if it were this moment.")
@json_option
@pass_session
def run_once(session: Session, only: frozenset[str] | None, at: datetime | None, as_json: bool) -> int:
    """Do all that is due, until nothing is, then exit."""
    from mailgateway import app

    parts = only or frozenset(ONCE)
    fetched, trouble = app.fetch(session.gateway, at) if "imap" in parts else (0, [])
    done = app.run_once(session.gateway, parts, at)
    if as_json:
        output.print_json({"fetched": fetched, "processed": done.processed, "tried": done.tried})
    else:
        output.say(f"{fetched} fetched, {done.processed} processed, {done.tried} tried to deliver; nothing is due now.")
    for line in trouble:
        click.echo(f"mailgateway: {line}; all other work was done", err=True)
    return 1 if trouble else 0


@click.command()
@json_option
@pass_session
def migrate(session: Session, as_json: bool) -> None:
    """Create the database or bring it up to date. Every other command does so by itself."""
    database = session.gateway.database
    if as_json:
        output.print_json({"database": database.shown, "version": database.version()})
    else:
        output.say(f"{database.shown} is up to date (version {database.version()}).")


@click.command()
@click.option("--only", type=Parts(SERVED), metavar="PARTS", help=f"Some of {','.join(SERVED)}; default: all.")
@pass_session
def serve(session: Session, only: frozenset[str] | None) -> int:
    """Run: accept, fetch, process, deliver, sweep. SIGTERM or Ctrl-C ends it within 30 seconds.

    One line an event goes to stderr. Under systemd use Type=notify.
    """
    from mailgateway import app

    return app.serve(session.gateway, only or frozenset(SERVED))
