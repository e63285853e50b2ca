"""Sudden death of one of the gateway's processes, or of all of them, at whatever they are doing."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.soak.world import Serve, World

LIFE = 0.05  # seconds that such a child lives at least


def _isolated(world: World, dice: random.Random) -> bool:
    """The child of `work` that has mails in its hands, somewhere in its short life."""
    until = time.monotonic() + 1.0
    while (work := _roles(world.main).get("work")) and time.monotonic() < until:
        for _ in range(100):
            if found := _children(work):
                time.sleep(dice.uniform(0.0, LIFE))
                return _dies(found[0])
            time.sleep(0.001)
    return False


KILLS: dict[str, Callable[[World, random.Random], bool]] = {
    "kill -9 of the whole service": lambda world, _: world.main.kill(),
    "kill -9 of front": lambda world, _: _dies(_roles(world.main).get("front")),
    "kill -9 of work": lambda world, _: _dies(_roles(world.main).get("work")),
    "kill -9 of work's isolated child": _isolated,
    "kill -9 of mail": lambda world, _: _dies(_roles(world.main).get("mail")),
    "kill -9 of the second service": lambda world, _: world.second.kill(),
    "kill -9 of the second service's front": lambda world, _: _dies(_roles(world.second).get("front")),
}
_SENDS = ("kill -9 of the whole service", "kill -9 of mail")


def kill(world: World, name: str, dice: random.Random) -> bool:
    """Kill one thing now; False where it is not there."""
    with world.steady:
        done = KILLS[name](world, dice)
        if done and name in _SENDS:
            world.kills.append(time.monotonic())
    world.did[name] += done
    return done


def _dies(pid: int | None) -> bool:
    with contextlib.suppress(ProcessLookupError):
        if pid:
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(p) for task in Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]
    return []


def _roles(service: Serve) -> dict[str, int]:
    """The children by what they are: front listens, mail has threads, work is alone with what it does."""
    roles = dict[str, int]()
    for pid in _children(service.process.pid) if service.process else ():
        with contextlib.suppress(OSError):
            threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
            roles["front" if _listens(pid, service.port) else "mail" if threads > 1 else "work"] = pid
    return roles


def _listens(pid: int, port: int) -> bool:
    rows = (line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines())
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"}
    return any(str(fd.readlink()) in sockets for fd in Path(f"/proc/{pid}/fd").iterdir())
