"""`templates`: every mail that the gateway can send, to look at."""

from __future__ import annotations

from pathlib import Path

import click

from mailgateway import resources
from mailgateway.cli import output
from mailgateway.cli.session import Session, json_option, pass_session

LANGUAGES = resources.languages()


@click.group()
def templates() -> None:
    """The mails that the gateway sends."""


@templates.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--lang", type=click.Choice(LANGUAGES), help="One language; default: all.")
@json_option
@pass_session
def preview(session: Session, folder: Path, lang: str | None, as_json: bool) -> None:
    """Write every mail with sample data into DIR, as .eml and .html.

    A configuration is used for its templates, name and zone; without one the shipped templates are shown.
    """
    from mailgateway import app
    from mailgateway.mail import samples

    mails = app.open_templates(session.settings) if session.path else app.shipped_templates()
    count = 0
    for path in samples.preview(folder, mails, [lang] if lang else LANGUAGES):
        count += 1
        if as_json:
            output.print_json({"file": str(path)})
    if not as_json:
        output.say(f"{count} files in {folder}; open the .html files in a browser, the .eml files in a mail program.")
