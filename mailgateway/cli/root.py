"""The command tree. Commands are listed in the order in which somebody meets them."""

from __future__ import annotations

from importlib import import_module

import click

from mailgateway.cli.session import VARIABLE, Session

CONFIG = f"The configuration; default: ${VARIABLE}, else ./mailgateway.toml, else /etc/mailgateway/mailgateway.toml."

#: Each command, the module that has it, and how its help begins, so that listing all of them loads none.
COMMANDS = {
    "demo": ("demo", "A ticket's whole life by real mail: opened, taken, resolved, approved, rated."),
    "init": ("init", "Write a working configuration."),
    "check": ("check", "Try the configuration for real, one line a finding."),
    "migrate": ("service", "Create the database or bring it up to date."),
    "serve": ("service", "Run: accept, fetch, process, deliver, sweep."),
    "receive": ("receive", "Accept raw mail durably and print its inbox id."),
    "run-once": ("service", "Do all that is due, until nothing is, then exit."),
    "explain": ("explain", "Say what is read in each mail: sender, new text, attachments, what it asks for."),
    "tickets": ("tickets", "Lists of tickets, one ticket, and acts on it."),
    "inbox": ("inbox", "What was accepted and what became of it."),
    "outbox": ("outbox", "Mails that go out, and what became of them."),
    "contacts": ("contacts", "Addresses and whose they are."),
    "faq": ("faq", "Answers that people get before they ask."),
    "agents": ("house", "Who treats tickets, as the configuration says."),
    "queues": ("house", "Where our addresses lead, as the configuration says."),
    "export": ("privacy", "Write all that EMAIL's person may have of himself into DIR, which must be new or empty."),
    "erase": (
        "privacy",
        "Erase EMAIL's person for good: name, addresses, words, evidence, mails, keys; also what others quoted of him.",
    ),
    "retention": (
        "privacy",
        "Remove the bytes of mails that were kept for their days ([retention]); `serve` does it daily by itself.",
    ),
    "accesses": ("privacy", "Who read, exported or removed what, when and from where, oldest first."),
    "backup": ("safety", "Copy the database and all it names into DIR, while the service runs."),
    "restore": ("safety", "Put the backup in DIR where the configuration says, which must be empty."),
    "verify": ("safety", "Read every byte that is kept and say what is missing, damaged or contradicts itself."),
    "rekey": (
        "safety",
        "Put every reply address out of use, because somebody may have read them; open requests are sent anew.",
    ),
    "templates": ("templates", "The mails that the gateway sends."),
}


class Lazy(click.Group):
    """A group that loads a command once it is called: a mail server that calls `receive` waits for nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, from its module."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mailgateway.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list that `--help` shows, as click writes it."""
        room = formatter.width - 6 - max(map(len, COMMANDS))
        shown = [click.Command(name, help=begins) for name, (_, begins) in COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl([(str(command.name), command.get_short_help_str(room)) for command in shown])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
