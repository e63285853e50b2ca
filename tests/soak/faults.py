"""What goes wrong while mail comes in, besides death: each fault does its harm, lasts, and is made good again."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from imapclient import IMAPClient

from tests.edges.dovecot import Dovecot
from tests.soak.host import MOODS
from tests.soak.ways import MAILBOX
from tests.soak.world import World
from tests.whole.test_fetch import PROCESSED

FELT = 10.0  # seconds, the longest that it goes on because nobody has felt it yet

Lasting = Callable[[World, float], None]  # does harm for so many seconds


# ---- the disk and the database


def _disk_full(world: World, seconds: float) -> None:
    """Not one block is left; what is freed meanwhile is taken too."""
    filler, until = world.data.parent / "filler", time.monotonic() + seconds
    with filler.open("wb") as file:
        size = 0
        while time.monotonic() < until:
            disk = os.statvfs(filler)
            if free := disk.f_bavail * disk.f_frsize:
                with contextlib.suppress(OSError):
                    os.posix_fallocate(file.fileno(), size, free)
                    size += free
            time.sleep(0.02)
    filler.unlink()


def _locked(world: World, seconds: float) -> None:
    """Another process writes and does not come to an end."""
    with open(f"{world.database}.writer", "w") as lock, contextlib.closing(_connect(world)) as connection:  # noqa: PTH123
        fcntl.flock(lock, fcntl.LOCK_EX)
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.rollback()


def _connect(world: World) -> sqlite3.Connection:
    return sqlite3.connect(world.database, timeout=60, isolation_level=None)


def _read_only(world: World, seconds: float) -> None:
    """Nobody may write to the file; root ignores its mode, but not that it is immutable."""
    ways = ["chattr", "+i", "-i"] if os.geteuid() == 0 else ["chmod", "a-w", "u+w"]
    files = [f for f in (world.database, world.database.with_name("desk.db-wal")) if f.exists()]
    change = partial(subprocess.run, check=True)
    change([ways[0], ways[1], *files])
    try:
        time.sleep(seconds)
    finally:
        change([ways[0], ways[2], *files])


def _gone(world: World, seconds: float) -> None:
    """The folder is not where it should be. No service is started meanwhile: it would begin a new database there."""
    away = world.data.with_name("away")
    with world.at_peace():
        world.data.rename(away)
        try:
            time.sleep(seconds)
        finally:
            away.rename(world.data)


# ---- the mailbox


def _stopped(world: World, seconds: float) -> None:
    _server(world).stop()
    time.sleep(seconds)
    _server(world).start()


def _restarted(world: World, seconds: float) -> None:
    _server(world).restart()


def _other_uids(world: World, seconds: float) -> None:
    _server(world).forget_uids(MAILBOX)


def _read(world: World, seconds: float) -> None:
    """A person opens all that lies there."""
    _edit(world, "INBOX", lambda client, uids: client.add_flags(uids, [b"\\Seen"]), seconds)


def _deleted(world: World, seconds: float) -> None:
    """A person clears away what was processed."""

    def clear(client: IMAPClient, uids: list[int]) -> None:
        client.delete_messages(uids)
        client.expunge()

    _edit(world, PROCESSED, clear, 0.0)


def _edit(world: World, folder: str, act: Callable[[IMAPClient, list[int]], object], seconds: float) -> None:
    """Act on all mails of a folder, again and again."""
    until = time.monotonic() + seconds
    with _server(world).client(MAILBOX) as client:
        while client.folder_exists(folder):
            client.select_folder(folder)
            if uids := client.search():
                act(client, uids)
            if time.monotonic() >= until:
                return
            time.sleep(0.01)


def _server(world: World) -> Dovecot:
    assert world.dovecot
    return world.dovecot


# ---- the smart host


def _mood(mood: str) -> Lasting:
    def lasting(world: World, seconds: float) -> None:
        """And until somebody has felt it."""
        host, until = world.host, time.monotonic() + seconds
        before, host.mood = host.did[mood], mood
        while time.monotonic() < until or (host.did[mood] == before and time.monotonic() < until + FELT):
            time.sleep(0.05)
        host.mood = ""

    return lasting


def _refuses(world: World, seconds: float) -> None:
    world.host.close()
    time.sleep(seconds)
    world.host.open()


# ---- all of them


@dataclass(frozen=True, slots=True)
class Fault:
    """`lane`: only one fault of a lane at a time. `needs`: why it is not possible here, "" where it is."""

    name: str
    lane: str
    lasting: Lasting
    needs: Callable[[World], str] = lambda world: ""


def _a_disk(world: World) -> str:
    return "" if world.small else "mount is not permitted"


def _a_lock(world: World) -> str:
    return "" if world.guarded else "chattr is not permitted, and root ignores modes"


def _a_mailbox(world: World) -> str:
    return "" if world.dovecot else "there is no Dovecot"


FAULTS: tuple[Fault, ...] = (
    Fault("disk full", "disk", _disk_full, _a_disk),
    Fault("database locked", "disk", _locked),
    Fault("database read-only", "disk", _read_only, _a_lock),
    Fault("database gone and back", "disk", _gone),
    Fault("Dovecot stopped", "mailbox", _stopped, _a_mailbox),
    Fault("Dovecot restarted", "mailbox", _restarted, _a_mailbox),
    Fault("UIDVALIDITY changed", "mailbox", _other_uids, _a_mailbox),
    Fault("mails read by a person", "mailbox", _read, _a_mailbox),
    Fault("processed mails deleted by a person", "mailbox", _deleted, _a_mailbox),
    Fault("smart host: refuses connections", "host", _refuses),
    *(Fault(f"smart host: {mood}", "host", _mood(mood)) for mood in MOODS),
)
LANES = tuple(dict.fromkeys(f.lane for f in FAULTS))


def possible(world: World, lane: str) -> list[Fault]:
    """The faults of a lane that can be had here."""
    return [f for f in FAULTS if f.lane == lane and not f.needs(world)]
