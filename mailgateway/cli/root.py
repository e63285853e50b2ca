"""The command tree. Commands are listed in the order in which somebody meets them."""

from __future__ import annotations

import click

from mailgateway.cli import (
    check,
    contacts,
    demo,
    explain,
    faq,
    house,
    inbox,
    init,
    outbox,
    privacy,
    receive,
    safety,
    service,
    templates,
    tickets,
)
from mailgateway.cli.session import VARIABLE, Session

CONFIG = f"The configuration; default: ${VARIABLE}, else ./mailgateway.toml, else /etc/mailgateway/mailgateway.toml."


class InOrder(click.Group):
    """A group that lists its commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, first added first."""
        return list(self.commands)


@click.group(cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("-c", "--config", "named", metavar="FILE", help=CONFIG)
@click.version_option(package_name="mailgateway", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context, named: str | None) -> None:
    """A help desk that lives in e-mail.

    People open, follow, approve and rate tickets by writing and replying. `mailgateway demo` shows the whole way of a
    ticket; `mailgateway init` and `mailgateway serve` begin for real.
    """
    session = context.obj = Session(named)
    context.call_on_close(session.close)


for command in (
    demo.demo,
    init.init,
    check.check,
    service.migrate,
    service.serve,
    receive.receive,
    service.run_once,
    explain.explain,
    tickets.tickets,
    inbox.inbox,
    outbox.outbox,
    contacts.contacts,
    faq.faq,
    house.agents,
    house.queues,
    privacy.export,
    privacy.erase,
    privacy.retention,
    privacy.accesses,
    safety.backup,
    safety.restore,
    safety.verify,
    safety.rekey,
    templates.templates,
):
    root.add_command(command)
