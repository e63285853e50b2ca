"""Cold starts. `python -m bench.startup`. `python -c pass` stands beside them: nothing in Python starts sooner."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

from bench import servers
from bench.figures import Figure, report

TIMES = 7
HELP = 0.3  # seconds


def program(what: str, *command: str, most: float | None = None) -> Figure:
    """Some runs of a program; the first one warms the disk's cache."""
    took, cpu = [], []
    for _ in range(TIMES + 1):
        began, before = time.monotonic(), _computed()
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        took.append(time.monotonic() - began)
        cpu.append(_computed() - before)
    return _figure(what, took[1:], most, f"CPU {statistics.median(cpu[1:]):.3f} s")


def _computed() -> float:
    """CPU seconds of all programs that were run and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _figure(what: str, took: list[float], most: float | None = None, note: str = "") -> Figure:
    return Figure(what, statistics.median(took), "s", min(took), max(took), most=most, note=note)


def serve(fresh: bool) -> list[float]:
    """Seconds until `serve` is ready, on a new database or on the one that is there."""
    took = []
    with servers.temporary() as folder:
        for _ in range(TIMES + 1):
            if fresh:
                for file in folder.glob("desk.db*"):
                    file.unlink()
            began = time.monotonic()
            with servers.serving(folder):
                took.append(time.monotonic() - began)
    return took[1:]


def measure() -> list[Figure]:
    """Help, then `serve`."""
    return [
        program("python -c pass", sys.executable, "-c", "pass"),
        program("mailgateway --help", *servers.PROGRAM, "--help", most=HELP),
        _figure("serve, until it is ready", serve(fresh=False)),
        _figure("serve with a new database, until it is ready", serve(fresh=True)),
    ]


if __name__ == "__main__":
    report("startup", measure())
