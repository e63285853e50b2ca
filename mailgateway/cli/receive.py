"""`receive`: raw mail from another program, kept durably; what a mail server's pipe calls."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgateway.cli import output
from mailgateway.cli.session import Session, json_option, pass_session
from mailgateway.core.errors import Refused, TooLarge

if TYPE_CHECKING:
    from mailgateway.edges.pipe import Stated
    from mailgateway.steps.receive import Receiver


@click.command()
@click.option(
    "--mail-from", metavar="ADDRESS", help="The envelope sender; '' is the null sender. Default: Return-Path."
)
@click.option("--rcpt-to", multiple=True, metavar="ADDRESS", help="A recipient. Default: Delivered-To, To, Cc.")
@click.argument("files", nargs=-1, metavar="[FILE…|-]")
@json_option
@pass_session
def receive(
    session: Session, mail_from: str | None, rcpt_to: tuple[str, ...], files: tuple[str, ...], as_json: bool
) -> int:
    """Accept raw mail durably and print its inbox id.

    Exit code 0: kept on disk. 1: never send it again, it is too large or not for us. 75: our own trouble, nothing was
    kept, try again. In Postfix: `pipe … argv=mailgateway -c FILE receive --mail-from ${sender} --rcpt-to ${recipient}`
    """
    from mailgateway import app
    from mailgateway.edges.pipe import Stated

    code = 0
    with contextlib.closing(app.open_receiver(session.gateway)) as receiver:
        for file in files or ("-",):
            try:
                item = _accept(session, receiver, file, Stated(mail_from, rcpt_to))
            except (TooLarge, Refused) as error:
                click.echo(f"mailgateway: {file}: {error}", err=True)
                code = 1
            else:
                _show(item, file, as_json)
    return code


def _accept(session: Session, receiver: Receiver, file: str, stated: Stated) -> int:
    from mailgateway.edges import pipe

    raw = _read(file, session.settings.smtp_listener.max_size)
    return receiver.submit(raw, pipe.envelope(raw, stated, session.gateway.house)).result()


def _read(file: str, max_size: int) -> bytes:
    """The mail, but no more of it than shows that it is too large."""
    if file == "-":
        return sys.stdin.buffer.read(max_size + 1)
    with Path(file).open("rb") as stream:
        return stream.read(max_size + 1)


def _show(item: int, file: str, as_json: bool) -> None:
    if as_json:
        output.print_json({"id": item, "file": file})
    else:
        click.echo(item)
