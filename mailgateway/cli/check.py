"""`check`: tries the configuration for real and says what to do about what does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mailgateway.cli import output
from mailgateway.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from mailgateway.cli.findings import Finding

MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✕", "red")}


@click.command(short_help="Try the configuration for real, one line a finding.")
@click.option(
    "--round-trip",
    "seconds",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="Also send a mail to ourselves by the smart host and wait so long for it.",
)
@json_option
@pass_session
def check(session: Session, seconds: int | None, as_json: bool) -> int:
    """Try the configuration for real: secret, database, templates, mailboxes, smart host, DNS.

    One line for each finding, with the cure. Exit code 1 if anything fails.
    """
    from mailgateway.cli import findings

    failed = False
    for finding in findings.all_of(session.settings, session.path, seconds):
        failed = failed or finding.verdict == "fail"
        _show(finding, as_json)
    return 1 if failed else 0


def _show(finding: Finding, as_json: bool) -> None:
    if as_json:
        said = {"check": finding.check, "verdict": finding.verdict, "text": finding.text, "cure": finding.cure}
        output.print_json(said)
        return
    from rich.table import Table
    from rich.text import Text

    mark, colour = MARKS[finding.verdict]
    line = Table.grid(padding=(0, 1))
    for width in (1, 14, None):
        line.add_column(width=width, overflow="fold")
    cure = f"; {finding.cure}" if finding.cure else ""
    line.add_row(Text(mark, style=colour), Text(finding.check, style="cyan"), Text(f"{finding.text}{cure}"))
    output.console().print(line)
