"""What every command is given: where the configuration is, and the opened gateway once a command asks for it."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mailgateway.core.errors import Misconfigured

if TYPE_CHECKING:
    from mailgateway.config import Settings
    from mailgateway.steps.context import Gateway
    from mailgateway.store.accesses import By

VARIABLE = "MAILGATEWAY_CONFIG"
PLACES = (Path("mailgateway.toml"), Path("/etc/mailgateway/mailgateway.toml"))

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass
class Session:
    """One run of the program. `named` is the file that -c gives."""

    named: str | None = None

    @property
    def explicit(self) -> str | None:
        """The file that somebody names, by -c or in the environment."""
        return self.named or os.environ.get(VARIABLE) or None

    @property
    def path(self) -> Path | None:
        """The configuration file; None where nobody names one and none lies where it is looked for."""
        return Path(self.explicit) if self.explicit else next((p for p in PLACES if p.is_file()), None)

    @cached_property
    def settings(self) -> Settings:
        """The checked configuration. Raises `Misconfigured`."""
        from mailgateway import config

        if self.path is None:
            places = " or ".join(map(str, PLACES))
            raise Misconfigured(f"there is no configuration in {places}; `mailgateway init` writes one, -c names one")
        return config.load(self.path)

    @cached_property
    def gateway(self) -> Gateway:
        """The opened gateway; its database is created or brought up to date first."""
        from mailgateway import app

        return app.open_gateway(self.settings)

    @property
    def by(self) -> By:
        """Who holds the command line, and where."""
        import socket  # slow to import for a command that needs it not

        from mailgateway.store.accesses import By

        return By(_login(), f"cli@{socket.gethostname()}")

    def accessed(self, action: str, about: str) -> None:
        """Log that somebody is about to read this."""
        from mailgateway import app
        from mailgateway.steps import log_access

        log_access.log_access(self.gateway, self.by, action, about, app.now())

    def close(self) -> None:
        """Give back what was opened."""
        if "gateway" in self.__dict__:
            self.gateway.database.close()


def _login() -> str:
    """The login name; of somebody who became root by sudo, his own as well."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user that nobody named
        name = str(os.getuid())
    before = os.environ.get("SUDO_USER")
    return f"{before} as {name}" if before and before != name else name


pass_session = click.make_pass_decorator(Session)


def json_option(command: Command) -> Command:
    """`--json`: for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on stdout.")(command)


def page_options(command: Command) -> Command:
    """How much of a list, and from which end."""
    for option in (
        click.option("--newest-first", is_flag=True, help="Begin with the newest."),
        click.option("--after", type=int, metavar="ID", help="Only what comes after this one."),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many."),
    ):
        command = option(command)
    return command
