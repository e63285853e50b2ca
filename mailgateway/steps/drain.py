"""Everything that is due, until nothing is: what `run-once` does after it has fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailgateway.steps import deliver, process, sweep
from mailgateway.steps.context import Gateway


@dataclass(frozen=True, slots=True)
class Drained:
    """How many mails ended, and how many attempts were made to send one."""

    processed: int = 0
    tried: int = 0


def drain(gateway: Gateway, only: frozenset[str], now: Callable[[], datetime], send: deliver.Send) -> Drained:
    """Process, sweep and deliver, again and again until a round finds nothing to do."""
    processed = tried = 0
    while True:
        ended = process.drain(gateway, now) if "process" in only else 0
        if "sweep" in only:
            sweep.sweep(gateway, now())
        sent = deliver.drain(gateway, send, now) if "deliver" in only else 0
        processed, tried = processed + ended, tried + sent
        if not ended and not sent:
            return Drained(processed, tried)
