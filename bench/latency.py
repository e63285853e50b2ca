"""From `250` to the confirmation in the smart host's hands, through all of `serve`. `python -m bench.latency`.

First as fast as it goes, which gives the peak rate end to end; then at half of that rate, which gives the waits.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import time
from collections.abc import Iterator

from bench import client, scene, servers
from bench.figures import Figure, report
from mailgateway.edges.sink import Caught, Sink

BURST, ROUNDS = 600, 3
STEADY = 30.0  # seconds at half of the peak rate
MOST = 1.0  # seconds, p99
OWED = 3
_CAUSE = re.compile(rb"^In-Reply-To: <m(\d+)@", re.MULTILINE)


class Host:
    """A smart host that notes when the confirmation of each mail was handed over."""

    def __init__(self) -> None:
        self.confirmed: dict[int, float] = {}
        self.caught = 0  # mails, confirmations and all others
        self._sink = Sink(self._caught)
        self.port, self.close = self._sink.port, self._sink.stop

    def _caught(self, caught: Caught) -> None:
        self.caught += 1
        if caught.to[0].startswith("pessoa") and (found := _CAUSE.search(caught.raw)):
            self.confirmed.setdefault(int(found[1]), time.monotonic())


@contextlib.contextmanager
def running() -> Iterator[tuple[Host, servers.Service]]:
    """A service and its smart host."""
    with contextlib.ExitStack() as stack:
        folder, host = stack.enter_context(servers.temporary()), stack.enter_context(contextlib.closing(Host()))
        yield host, stack.enter_context(servers.serving(folder, smart_host=host.port))


def wait_for_all(host: Host, taken: dict[int, float], caught: int) -> list[float]:
    """Wait until so many mails were handed over; seconds from each mail's 250 to its confirmation."""
    servers.wait_for(lambda: host.caught >= caught, within=300)
    return sorted(host.confirmed[number] - moment for number, moment in taken.items())


def measure(steady: float = STEADY) -> list[Figure]:
    """Bursts, then the steady stream."""
    peaks, last = [], 0
    with running() as (host, service):
        for turn in range(ROUNDS + 1):
            taken = client.hand_in(service.port, range(last + 1, last + 1 + BURST))
            last += BURST
            wait_for_all(host, taken, OWED * last)
            if turn:
                peaks.append(BURST / (time.monotonic() - min(taken.values())))
        peak = statistics.median(peaks)
        stream = range(last + 1, last + 1 + int(steady * peak / 2))
        waits = wait_for_all(host, client.hand_in(service.port, stream, rate=peak / 2), OWED * (stream.stop - 1))
    rest = f"{len(waits)} mails at {peak / 2:.0f}/s, 2 KB, {scene.PEOPLE} people"
    return [
        Figure("end to end, three mails out of each handed over", peak, "mails/s", min(peaks), max(peaks)),
        Figure("250 → confirmation handed over, median", statistics.median(waits), "s", note=rest),
        Figure("250 → confirmation handed over, p99", waits[int(0.99 * len(waits))], "s", most=MOST, note=rest),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=STEADY, help="of the steady stream")
    report("latency", measure(parser.parse_args().seconds))
