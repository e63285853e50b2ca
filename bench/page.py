"""The page of figures, docs/performance.md, and its picture: made from what the benchmarks reported last."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench import desks, servers
from bench.figures import Figure, kept_table, reported

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PICTURE = DOCS / "performance.md", DOCS / "performance.png"
START, END = "<!-- figures: made by `make bench` and `make bench-peers` -->", "<!-- end -->"
#: The benchmarks in the order of the page, and their headings.
PARTS = {
    "accept": "Durable acceptance",
    "pipeline": "Pipeline, in process",
    "desks": "Other desks, in process",
    "costs": "What one mail costs",
    "engines": "PostgreSQL, and takeover",
    "scale": "Large desks",
    "latency": "End to end",
    "delivery": "Sender and poller",
    "memory": "Memory",
    "startup": "Cold start",
}
LIBRARIES = ("aiosmtpd", "jinja2", "sqlalchemy", "psycopg", "uvloop", "imapclient")
WORST = 0.01  # times a target; the picture goes no further, and no further than its inverse


def write() -> None:
    """Renew what is between the marks."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(START)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([f"{before}{START}", *_lines(), f"{END}{after}"]), encoding="utf-8")
    draw()


def _lines() -> Iterator[str]:
    yield from ("", "### Targets", "", "| what | measured | target | | |", "|---|---:|---:|---|---|")
    for _, figure in targeted():
        verdict = "met" if figure.met else "**missed**"
        yield f"| {figure.what} | {figure.shown} | {figure.target} | {verdict} | {figure.note} |"
    yield from ("", "![how many times better than its target each figure is](performance.png)")
    for part, heading in PARTS.items():
        said = reported(part)
        if not said:
            continue
        yield from ("", f"### {heading}", "", f"Measured on {said.at}.", "")
        if table := kept_table(part):
            yield from table.lines()
        else:
            yield from ("| what | measured | |", "|---|---:|---|")
            yield from (f"| {f.what} | {f.shown} | {f.note} |" for f in said.figures)
    yield from ("", "### Versions", "", *versions())


def targeted() -> list[tuple[str, Figure]]:
    """Every figure that has a target, with its part."""
    return [(part, f) for part in PARTS if (said := reported(part)) for f in said.figures if f.met is not None]


def versions() -> Iterator[str]:
    """What was measured, on what."""
    yield f"- mailgateway {version('mailgateway')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield "- " + ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield "- " + ", ".join(found for name, command in PROGRAMS.items() if (found := _version(name, command)))
    yield "- " + ", ".join(requirement for requirements in desks.PEERS.values() for requirement in requirements)
    yield f"- {_processor()}, {os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}"


PROGRAMS = {
    "Postfix": (servers.SBIN / "postconf", "-d", "mail_version"),
    "Dovecot": (servers.SBIN / "dovecot", "--version"),
    "PostgreSQL": ("psql", "--version"),
}


def _version(name: str, command: tuple[str | Path, ...]) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    found = re.search(r"\d+(\.\d+)+", said)
    return f"{name} {found[0]}" if found else ""


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def draw() -> None:
    """How many times better or worse than its target each figure is, as bars on a logarithmic axis."""
    from matplotlib.figure import Figure as Canvas  # no test and no other benchmark wants it

    shown = [figure for _, figure in targeted()][::-1]
    canvas = Canvas(figsize=(10, 0.32 * len(shown) + 0.8), layout="constrained")
    axes = canvas.subplots()
    widths = [_times(figure) - 1 for figure in shown]
    colours = ["#14592F" if figure.met else "#98201B" for figure in shown]
    axes.barh([figure.what for figure in shown], widths, left=1, color=colours, height=0.6)
    for row, figure in enumerate(shown):
        axes.text(1.15 / WORST, row, f"{figure.shown}   {figure.target}", va="center", fontsize=8)
    axes.axvline(1, color="#14262B", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlim(WORST, 60 / WORST)
    axes.set_xticks([0.01, 0.1, 1, 10, 100], ["100 × worse", "10 ×", "target", "10 ×", "100 × better"])
    axes.minorticks_off()
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    canvas.savefig(PICTURE, dpi=110)


def _times(figure: Figure) -> float:
    """How many times better than its target; above 1 it is met."""
    value = max(figure.value, 1e-9)
    times = value / figure.least if figure.least is not None else (figure.most or 1.0) / value
    return min(max(times, WORST), 1 / WORST)
