"""How long each stage takes, how the mailboxes and the smart host fare, in memory that all children of `serve` share.

There is no lock between them: one that a killed child held would never be free again. Each child writes to a place of
its own, and whoever reads adds the places up.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, MutableSequence, Sequence
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawArray

#: What one mail goes through: made durable, read, decided and written, handed to the smart host.
STAGES = ("accept", "prepare", "decide", "send")
BUCKETS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)  # seconds, upper bounds
WRITERS = ("serve", "front", "work", "mail")  # processes; the first is whoever is none of the others

_CELLS = len(BUCKETS) + 2  # one a bucket, one for all that is slower, and the sum of seconds
_FAILING_SINCE = 1  # beside when it last was well


@dataclass(frozen=True, slots=True)
class Health:
    """How somebody fares whom we depend on: in seconds since 1970, 0 = never and not at all."""

    last_ok: float
    failing_since: float


class Watch:
    """See the module. `mailboxes` are the names of those that are polled."""

    def __init__(self, mailboxes: Sequence[str] = ()) -> None:
        self._seconds = RawArray("d", len(WRITERS) * len(STAGES) * _CELLS)
        self._mailboxes = {name: RawArray("d", 2) for name in mailboxes}
        self._smart_host = RawArray("d", 2)
        self._threads = threading.Lock()
        self._writer = 0

    def be(self, writer: str) -> None:
        """From now on this process writes to the place of that name; who has none, to the first."""
        self._writer = WRITERS.index(writer) if writer in WRITERS else 0
        self._threads = threading.Lock()  # the parent's may have been held when we were forked

    @contextlib.contextmanager
    def stage(self, name: str, mails: int = 1) -> Iterator[None]:
        """The time that so many mails take together to get through a stage; each counts with its share."""
        begun = time.perf_counter()
        yield
        if mails:
            self._add(name, (time.perf_counter() - begun) / mails, mails)

    def _add(self, name: str, seconds: float, mails: int) -> None:
        start = (self._writer * len(STAGES) + STAGES.index(name)) * _CELLS
        bucket = sum(seconds > bound for bound in BUCKETS)
        with self._threads:
            self._seconds[start + bucket] += mails
            self._seconds[start + _CELLS - 1] += seconds * mails

    def seconds(self, name: str) -> tuple[list[int], float]:
        """How many mails fell into each bucket, the last for all that is slower; and all their seconds together."""
        starts = [(w * len(STAGES) + STAGES.index(name)) * _CELLS for w in range(len(WRITERS))]
        cells = [sum(self._seconds[start + cell] for start in starts) for cell in range(_CELLS)]
        return [int(n) for n in cells[:-1]], cells[-1]

    def mailbox(self, name: str, at: float, *, fails: bool) -> None:
        """A mailbox was read without trouble, or cannot be; `at` in seconds since 1970."""
        if name in self._mailboxes:
            _note(self._mailboxes[name], at, fails)

    def smart_host(self, at: float, *, fails: bool) -> None:
        """The smart host took a mail, or lets nobody in."""
        _note(self._smart_host, at, fails)

    def mailboxes(self) -> dict[str, Health]:
        """How each of them fares."""
        return {name: Health(*cells) for name, cells in self._mailboxes.items()}

    def sender(self) -> Health:
        """How the smart host fares."""
        return Health(*self._smart_host)


def _note(cells: MutableSequence[float], at: float, fails: bool) -> None:
    if not fails:
        cells[:] = [at, 0.0]
    elif not cells[_FAILING_SINCE]:
        cells[_FAILING_SINCE] = at
