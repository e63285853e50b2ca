"""The children of `serve`: started, watched, restarted with back-off, and ended together.

The parent forks them, so it has no threads and holds no connection. A child whose parent is gone ends by itself: it
looks at its parent's id in every round of its loop, which works everywhere and leaves time to finish what it holds.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from multiprocessing.sharedctypes import RawValue
from types import FrameType
from typing import Any

from mailgateway.steps import journal

log = logging.getLogger(__name__)

LOOK = 0.1  # seconds between two looks at whether it is over
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0  # seconds before a child is started again
STEADY = 60.0  # a child that lived so long has no history of failures
GRACE = 25.0  # seconds that children have to end
SLOW = 130.0  # seconds after which a child is not ready: it waits for something longer than it should
SILENT = 300.0  # seconds after which a child has hung: far longer than anything one of them waits for

Beat = Any  #: a `RawValue("d")`, which ctypes makes and no type describes


class Bell:
    """Wakes a process that waits, from any process that was forked after it was made."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def ring(self) -> None:
        """Wake whoever waits, now or next time."""
        with contextlib.suppress(BlockingIOError):  # it has been rung often enough
            os.write(self._write, b".")

    def wait(self, seconds: float) -> bool:
        """Wait until it is rung, at most so long; whether it was."""
        ready, _, _ = select.select([self._read], [], [], seconds)
        return bool(ready) and bool(os.read(self._read, 4096))


class Life:
    """What a child knows of its end: its parent says so by SIGTERM, or is no longer there.

    `stop` is for threads; it is set by `over`, never by the signal itself: a handler that waits for the lock which the
    interrupted code holds would wait for ever.
    """

    def __init__(self, ready: Bell, beat: Beat) -> None:
        self.stop = threading.Event()
        self.ready = ready.ring
        self._beat = beat
        self._parent = os.getppid()
        self._told_to_end = False
        signal.signal(signal.SIGTERM, self._told)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides

    def over(self) -> bool:
        """Whether to finish what is at hand and end. Every loop of a child asks at least ten times a second."""
        self._beat.value = time.monotonic()
        if self._told_to_end or os.getppid() != self._parent:
            self.stop.set()
        return self.stop.is_set()

    def rest(self, seconds: float) -> None:
        """Wait so long, but not beyond the end."""
        until = time.monotonic() + seconds
        while not self.over() and time.monotonic() < until:
            time.sleep(min(LOOK, seconds))

    def _told(self, number: int, frame: FrameType | None) -> None:
        self._told_to_end = True


@dataclass(frozen=True, slots=True)
class Child:
    """One process: `run` calls `life.ready` once it is at work and returns when its life is over.

    `beat` is when it last asked about its end, in memory that all processes share.
    """

    name: str
    run: Callable[[Life], None]
    beat: Beat = field(default_factory=lambda: RawValue("d", 0.0))

    def silence(self) -> float:
        """Seconds since it last gave a sign of life."""
        return time.monotonic() - float(self.beat.value)


@dataclass(slots=True)
class _Place:
    """A child and the process that is it now."""

    child: Child
    process: ForkProcess | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0


class Supervisor:
    """See the module."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._places = [_Place(child) for child in children]
        self._stopping = False

    def run(self, ready: Callable[[], None]) -> bool:
        """Keep the children alive until SIGTERM or SIGINT; False where one of them could not even begin."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told)
        try:
            began = all(self._begin(place) for place in self._places)
            if began and not self._stopping:
                ready()
            while began and not self._stopping:
                self._look()
        finally:  # children that nobody watches any more must not live on
            self._end()
        return began

    def _told(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _begin(self, place: _Place) -> bool:
        """Start a child and wait until it is at work; whether it is."""
        bell = self._start(place)
        while not bell.wait(0.1) and not self._stopping:
            if place.process is None or not place.process.is_alive():
                return False
        return True

    def _start(self, place: _Place) -> Bell:
        bell = Bell()
        process = multiprocessing.get_context("fork").Process(
            target=_live, args=(place.child, bell), name=place.child.name
        )
        place.started = place.child.beat.value = time.monotonic()
        process.start()
        place.process = process
        return bell

    def _look(self) -> None:
        """Wait for an end, for a child whose time to start again has come, or for half a second."""
        alive = {p.process.sentinel: p for p in self._places if p.process}
        for sentinel in wait(list(alive), timeout=0.5):
            if not self._stopping:
                self._ended(alive[sentinel])  # type: ignore[index]
        for place in self._places:
            if place.process is None and time.monotonic() >= place.due and not self._stopping:
                self._start(place)
            elif place.process and place.child.silence() > SILENT:
                log.error("%s has been silent for %d s; it is killed", place.child.name, SILENT)
                place.process.kill()
        notify("WATCHDOG=1")

    def _ended(self, place: _Place) -> None:
        process = place.process
        if process is None:
            return
        process.join()
        lived = time.monotonic() - place.started
        place.failures = 1 if lived > STEADY else place.failures + 1
        pause = min(FIRST_PAUSE * 2 ** (place.failures - 1), LONGEST_PAUSE)
        log.error("%s ended with %s; it starts again in %.1f s", place.child.name, process.exitcode, pause)
        place.process, place.due = None, time.monotonic() + pause

    def _end(self) -> None:
        """Ask all to end and wait; those that do not are ended by force."""
        log.info("ending")
        processes = [p.process for p in self._places if p.process]
        until = time.monotonic() + GRACE
        while (alive := [p for p in processes if p.is_alive()]) and time.monotonic() < until:
            for process in alive:  # again and again: one that has just begun may not have heard
                process.terminate()
            wait([p.sentinel for p in alive], timeout=0.5)
        for process in processes:
            if process.is_alive():
                log.error("%s did not end in time; it is killed", process.name)
                process.kill()
            process.join()


def _live(child: Child, bell: Bell) -> None:
    try:
        child.run(Life(bell, child.beat))
    except Exception as error:
        log.error("%s: %s", child.name, journal.said(error))  # noqa: TRY400 - a traceback ends with words of a mail
        raise SystemExit(1) from None


def notify_ready() -> None:
    """Tell whoever waits for it that the service is at work."""
    log.info("ready")
    notify("READY=1")


def notify(state: str) -> None:
    """Tell systemd, where it started us (sd_notify(3))."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.connect("\0" + address[1:] if address.startswith("@") else address)
            sock.sendall(state.encode())
