"""Figures: what was measured, how it compares with its target, and how rounds are interleaved.

A figure is a ratio inside one run wherever it can be: the machine may be shared, and then single numbers mean nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

ROUNDS = 5
RESULTS = Path(__file__).resolve().parents[1] / ".bench"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `least` or `most` is its target, where it has one; `low` and `high` are its spread."""

    what: str
    value: float
    unit: str = "×"
    low: float | None = None
    high: float | None = None
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it is where it should be; None where there is no target."""
        if self.least is None and self.most is None:
            return None
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def target(self) -> str:
        signs = (("≥", self.least), ("≤", self.most))
        return ", ".join(f"{sign} {bound:g} {self.unit}" for sign, bound in signs if bound is not None)

    @property
    def shown(self) -> str:
        """The value with its spread."""
        spread = f" [{number(self.low)}–{number(self.high)}]" if self.low is not None and self.high is not None else ""
        return f"{number(self.value)}{spread} {self.unit}"


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True, slots=True)
class Lap:
    """What one contender did in one round. `cpu`: the seconds that it computed, where that can be told."""

    mails: int
    seconds: float
    cpu: float | None = None

    @property
    def rate(self) -> float:
        return self.mails / self.seconds


@contextlib.contextmanager
def timed(mails: int) -> Iterator[list[Lap]]:
    """The lap of the block is in the list once the block is over."""
    laps: list[Lap] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield laps
    laps.append(Lap(mails, time.perf_counter() - wall, time.process_time() - cpu))


def interleaved(contenders: Mapping[str, Callable[[], Lap]], rounds: int = ROUNDS) -> dict[str, list[Lap]]:
    """Each contender once a round, in turn, so that a busy minute hits all; every second round runs backwards.

    The first round only warms up.
    """
    laps: dict[str, list[Lap]] = {name: [] for name in contenders}
    for turn in range(rounds + 1):
        for name in list(contenders)[:: -1 if turn % 2 else 1]:
            lap = contenders[name]()
            if turn:
                laps[name].append(lap)
                print(f"  round {turn}: {name} {number(lap.rate)}/s", file=sys.stderr, flush=True)
    return laps


def rate(what: str, laps: Sequence[Lap], unit: str = "mails/s", note: str = "") -> Figure:
    """A contender's own number: the median with its spread, and how much of a mail's time is computing."""
    rates = [lap.rate for lap in laps]
    cpu = [1000 * lap.cpu / lap.mails for lap in laps if lap.cpu is not None]
    notes = [note] if note else []
    notes += [f"CPU {number(statistics.median(cpu))} ms a mail"] if cpu else []
    return Figure(what, statistics.median(rates), unit, min(rates), max(rates), note="; ".join(notes))


def ratio(
    what: str,
    ours: Sequence[Lap],
    theirs: Sequence[Lap],
    *,
    least: float | None = None,
    most: float | None = None,
    note: str = "",
) -> Figure:
    """How two contenders of one run compare: the median of the rounds' ratios; in the note, the same by CPU time."""
    pairs = list(zip(ours, theirs, strict=True))
    ratios = [a.rate / b.rate for a, b in pairs]
    cpu = [(b.cpu / b.mails) / (a.cpu / a.mails) for a, b in pairs if a.cpu and b.cpu]
    notes = [note] if note else []
    notes += [f"by CPU time {number(statistics.median(cpu))} ×"] if cpu else []
    return Figure(what, statistics.median(ratios), "×", min(ratios), max(ratios), least, most, "; ".join(notes))


def report(name: str, figures: Sequence[Figure]) -> None:
    """Print the figures of one benchmark and keep them for the page."""
    RESULTS.mkdir(exist_ok=True)
    at = f"{date.today():%d %b %Y}, load average {os.getloadavg()[2]:.1f}"  # noqa: DTZ011 - the page's date
    kept = {"at": at, "figures": [asdict(f) for f in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    print(f"\n{name}")
    for figure in figures:
        verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
        print(f"  {figure.what:<58}{figure.shown:>34}  {figure.target:<12}{verdict:<7}{figure.note}")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a benchmark said, when, and how busy the machine was in the quarter of an hour before."""

    at: str
    figures: list[Figure]


def reported(name: str) -> Reported | None:
    """What a benchmark reported when it ran last; None if it never did."""
    file = RESULTS / f"{name}.json"
    if not file.exists():
        return None
    said = json.loads(file.read_text("utf-8"))
    return Reported(said["at"], [Figure(**row) for row in said["figures"]])


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers that belong side by side: a corner, the columns, and rows that begin with their name."""

    corner: str
    columns: list[str]
    rows: list[list[str]]

    def lines(self) -> Iterator[str]:
        """As Markdown."""
        yield f"| {' | '.join([self.corner, *self.columns])} |"
        yield f"|---|{'---:|' * len(self.columns)}"
        yield from (f"| {' | '.join(row)} |" for row in self.rows)


def keep_table(name: str, table: Table) -> None:
    """Print a table and keep it for the page."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.table.json").write_text(json.dumps(asdict(table), indent=1), encoding="utf-8")
    print(*table.lines(), sep="\n")


def kept_table(name: str) -> Table | None:
    """The table that a benchmark kept when it ran last."""
    file = RESULTS / f"{name}.table.json"
    return Table(**json.loads(file.read_text("utf-8"))) if file.exists() else None
