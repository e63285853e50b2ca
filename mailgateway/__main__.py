"""The command `mailgateway`: runs one command and turns every end into an exit code and at most one line on stderr."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from mailgateway.cli.root import root
from mailgateway.core.errors import GatewayError, Misconfigured, Refused, TooLarge

DONE, REFUSED, USAGE, TRY_AGAIN = 0, 1, 2, 75


def main() -> None:
    """The entry point."""
    os.umask(0o077)  # whatever we make holds people's mail, and is for nobody else on this host
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a locale without "✓" is no reason to fail
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        code = root.main(list(arguments), prog_name="mailgateway", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except (Exception, KeyboardInterrupt) as error:
        if os.environ.get("MAILGATEWAY_DEBUG"):
            raise
        click.echo(f"mailgateway: {_line(error)}", err=True)
        return _code(error, arguments)
    return code if isinstance(code, int) else DONE


def _line(error: BaseException) -> str:
    """What happened and what to do, in one line."""
    match error:
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "mailgateway"
            text = f"{error.format_message()} See `{where} --help`."
        case click.ClickException():
            text = error.format_message()
        case GatewayError():
            text = str(error)
        case click.Abort() | KeyboardInterrupt():
            text = "interrupted; what was committed is kept"
        case _:
            cure = "MAILGATEWAY_DEBUG=1 shows where; please report it"
            text = f"something unexpected: {type(error).__name__}: {error}; what was committed is kept; {cure}"
    return " ".join(text.split())


def _code(error: BaseException, arguments: Sequence[str]) -> int:
    """A mail server keeps a mail for 75 and returns it to its sender for 1: only what is for good may be 1."""
    if _command(arguments) == "receive":
        return REFUSED if isinstance(error, (TooLarge, Refused)) else TRY_AGAIN
    return USAGE if isinstance(error, (click.UsageError, Misconfigured)) else REFUSED


def _command(arguments: Sequence[str]) -> str:
    """The command's name: the first word that is neither an option nor its value."""
    words = iter(arguments)
    for word in words:
        if word in ("-c", "--config"):
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""


if __name__ == "__main__":
    main()
