"""`python -m tests.fuzz --target parse --seconds 1200`: each target in a process of its own, then what came of it.

Without a target all of them run, one after the other. Everything lies in `.fuzz/<target>/`: inputs that reach new code
(`corpus`, where the next run goes on), what failed (`found`), what took longest (`slowest`) and the log. Exit 1 where
anything was found.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS

FOLDER = Path(".fuzz")
_COVERAGE = re.compile(r"#\d+\s+(?:INITED|NEW|REDUCE|pulse|DONE)\s+cov: (\d+) ft: (\d+)")
_EXECUTIONS = re.compile(r"stat::number_of_executed_units:\s+(\d+)|^#(\d+)\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """What came of one target. Coverage is edges and features, as the seeds alone reach them and at the end."""

    target: str
    executions: int
    first: tuple[int, int]
    last: tuple[int, int]
    slowest: str
    found: tuple[str, ...]
    stopped: bool  # before its time: a hang, too much memory, or no atheris

    def __str__(self) -> str:
        grown = f"{self.first[0]} → {self.last[0]} edges, {self.first[1]} → {self.last[1]} features"
        end = "; stopped early, see its log" if self.stopped else ""
        found = ", ".join(self.found) or "nothing"
        return f"{self.target}: {self.executions} runs; {grown}; slowest {self.slowest}; found {found}{end}"


def fuzz(target: str, seconds: int) -> Run:
    """Run one target for so many seconds and read its log."""
    folder = FOLDER / target
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "tests.fuzz.run", target, f"-max_total_time={seconds}"]
        code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
    return run_of(target, code)


def run_of(target: str, code: int) -> Run:
    """What the log and the folder of a target tell."""
    folder = FOLDER / target
    log = (folder / "log").read_text("utf-8", "replace")
    reached = [(int(edges), int(features)) for edges, features in _COVERAGE.findall(log)] or [(0, 0)]
    counts = [int(stat or line) for stat, line in _EXECUTIONS.findall(log)]
    slowest = folder / "slowest.txt"
    return Run(
        target,
        executions=max(counts, default=0),
        first=reached[0],
        last=reached[-1],
        slowest=slowest.read_text() if slowest.exists() else "-",
        found=tuple(sorted(_found(folder / "found"))),
        stopped=code != 0,
    )


def _found(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.glob("*") if path.suffix != ".txt")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--target", choices=TARGETS, help="one of them; else all, one after the other")
    parser.add_argument("--seconds", type=int, default=60, help="how long each runs")
    said = parser.parse_args()
    runs = []
    for target in [said.target] if said.target else TARGETS:
        runs.append(fuzz(target, said.seconds))
        sys.stdout.write(f"{runs[-1]}\n")
        sys.stdout.flush()
    return 1 if any(run.found or run.stopped for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
