"""What the children of `serve` do until their life is over: accept, process and sweep, deliver and fetch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailgateway.core.errors import Temporary
from mailgateway.edges.imap_poller import Poller
from mailgateway.edges.smtp_listener import Listener
from mailgateway.edges.supervisor import LOOK, Bell, Life
from mailgateway.steps import deliver, holders, process, sweep
from mailgateway.steps.context import Gateway

log = logging.getLogger(__name__)

SWEEP = 60.0
TROUBLE = 2.0  # seconds to wait where the database cannot be used

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Bells:
    """`accepted`: mails wait to be processed. `written`: mails wait to be sent."""

    accepted: Bell
    written: Bell


def listen(listener: Listener, life: Life) -> None:
    """Accept mail until the end; what is being handed in then may still be."""
    _run(_listen(listener, life))


async def _listen(listener: Listener, life: Life) -> None:
    await listener.start()
    log.info("listening on port %d", listener.port)
    life.ready()
    while not life.over():
        await asyncio.sleep(LOOK)
    await listener.stop()


def _run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where it is installed: it answers twice as many clients."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


def work(gateway: Gateway, parts: frozenset[str], bells: Bells, life: Life, now: Now) -> None:
    """Process what waits and sweep once a minute, however much waits: the sweep is what calls for help."""
    swept = time.monotonic() - SWEEP

    def is_due() -> bool:
        return "sweep" in parts and time.monotonic() - swept >= SWEEP

    life.ready()
    _take_over(gateway, life)
    while not life.over():
        with _patience(life):
            if is_due():
                swept = time.monotonic()
                sweep.sweep(gateway, now())
                bells.written.ring()
            if "process" in parts and process.has_work(gateway):
                process.drain(gateway, now, stop=lambda: life.over() or is_due())
                bells.written.ring()
        bells.accepted.wait(LOOK)


def poll(pollers: Sequence[Poller], life: Life) -> None:
    """Look into each mailbox, in a thread of its own."""
    threads = [threading.Thread(target=p.run, args=(life.stop,), name=p.settings.name) for p in pollers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def send(gateway: Gateway, by: deliver.Send, bells: Bells, life: Life, now: Now) -> None:
    """Deliver what is due."""
    _take_over(gateway, life)
    while not life.over():
        with _patience(life):
            while not life.over() and deliver.has_due(gateway, now()):
                deliver.deliver_some(gateway, by, now, gateway.settings.smtp_sender.connections, life.over)
        bells.written.wait(LOOK)


def _take_over(gateway: Gateway, life: Life) -> None:
    """Whoever did this before us may have died with mails in his hands: they are the first, in their order."""
    free = False
    while not free and not life.over():
        with _patience(life):
            holders.release_dead(gateway)
            free = True


@contextlib.contextmanager
def _patience(life: Life) -> Iterator[None]:
    """A database that is away comes back: nothing is lost meanwhile."""
    try:
        yield
    except Temporary as error:
        log.warning("%s; the next try is in %d s", error, TROUBLE)
        life.rest(TROUBLE)
