"""The program with a reader that some words make raise, hang or die: what no mail that we know of does any more."""

from __future__ import annotations

import os
import select
import time
from multiprocessing.sharedctypes import RawValue
from typing import Any

from mailgateway import __main__ as program
from mailgateway.core.messages import Mail
from mailgateway.steps import isolation, prepare

DEADLINE = 2.0  # seconds for what hangs on purpose: the real deadline would have a test wait for minutes
HANGS = RawValue("d", 0.0)  # since when, in all processes


def _hang() -> None:
    HANGS.value = time.monotonic()
    time.sleep(600)


HARM = {b"VENENO-RAISE": lambda: 1 // 0, b"VENENO-HANG": _hang, b"VENENO-DIE": lambda: os._exit(9)}

read = prepare.parse


def parse(raw: bytes, *arguments: Any) -> Mail:
    for word, harm in HARM.items():
        if word in raw[:1000]:
            harm()
    return read(raw, *arguments)


def beats(read_end: int, deadline: float) -> bool:
    until = time.monotonic() + deadline
    while time.monotonic() < (HANGS.value + DEADLINE if HANGS.value else until):
        if select.select([read_end], [], [], 0.1)[0]:
            return os.read(read_end, 4096) != b""
    HANGS.value = 0.0
    return False


if __name__ == "__main__":
    prepare.parse = parse
    isolation._beats = beats
    program.main()
