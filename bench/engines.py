"""PostgreSQL beside SQLite, and how soon another decider goes on where one was killed. `python -m bench.engines`.

PostgreSQL is the tests' private server, with fsync on and otherwise as Debian ships it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from bench import scene, servers
from bench.figures import Figure, interleaved, rate, ratio, report
from bench.station import Station, station
from mailgateway.store import inbox, tables
from tests.postgres import Postgres

MAILS = 200
BACKLOG = 1_500  # mails that wait when a decider is killed
LEASED = 300.0  # seconds; longer than any claim lasts, and the sweep that ends it
WITHIN = 10.0  # seconds


@contextlib.contextmanager
def running() -> Iterator[Postgres | None]:
    """A durable server; None where it is not installed."""
    try:
        server = Postgres.start(durable=True)
    except pytest.skip.Exception as reason:
        print(reason)
        yield None
        return
    try:
        yield server
    finally:
        server.stop()


def rates(server: Postgres) -> list[Figure]:
    """New tickets and approvals on both."""
    with station() as lite, station(server.new_database()) as big:
        desks = {"SQLite": lite, "PostgreSQL": big}
        new = {
            name: lambda desk=desk: desk.lap([scene.plain(n) for n in desk.fresh(MAILS)], "opened", 3)
            for name, desk in desks.items()
        }
        votes = {name: lambda desk=desk: desk.lap(desk.approvals(MAILS), "acted", 5) for name, desk in desks.items()}
        figures = []
        for what, contenders, least in (("new tickets, 2 KB", new, 0.6), ("approvals", votes, None)):
            laps = interleaved(contenders)
            figures += [rate(f"{what}, {name}", some) for name, some in laps.items()]
            figures.append(ratio(f"PostgreSQL : SQLite, {what}", laps["PostgreSQL"], laps["SQLite"], least=least))
    return figures


def child_killed() -> Figure:
    """One service on SQLite: its working process and that one's child die, the supervisor starts another."""
    with station() as desk, _at_work(desk, "one") as service:
        desk.take([scene.plain(number) for number in desk.fresh(BACKLOG)])
        taken = _kill_and_wait(desk, service, lambda pid: _kill(servers.family(pid)))
    return Figure("the work process is killed: next mail decided after", taken, "s", most=WITHIN)


def host_killed(server: Postgres) -> list[Figure]:
    """Two services on one PostgreSQL: all of one dies while it holds claims."""
    with station(server.new_database()) as desk, _at_work(desk, "one") as first, _at_work(desk, "two"):
        desk.take([scene.plain(number) for number in desk.fresh(BACKLOG)])
        taken = _kill_and_wait(desk, first, lambda _: first.kill())
        began = time.monotonic()
        servers.wait_for(lambda: _done(desk) == BACKLOG, within=LEASED)
        last = taken + time.monotonic() - began
    return [
        Figure("one of two services is killed: next mail decided after", taken, "s", most=WITHIN),
        Figure(
            "and the last of its mails after",
            last,
            "s",
            note="the next sweep of the same host frees its claims; of another host their lease ends, 180 s",
        ),
    ]


def _at_work(desk: Station, name: str) -> contextlib.AbstractContextManager[servers.Service]:
    """A service of its own that decides for this desk."""
    folder = desk.folder / name
    folder.mkdir()
    return servers.serving(folder, "--only", "process,sweep", database=desk.gateway.settings.gateway.database)


def _kill_and_wait(desk: Station, service: servers.Service, kill: Callable[[int], object]) -> float:
    """Kill while mails are claimed by it and others wait; seconds until another mail has an outcome."""
    holder = 0

    def holds() -> bool:
        nonlocal holder
        family = set(servers.family(service.process.pid))
        with desk.gateway.database.read() as connection:
            claimed = inbox.holders(connection, socket.gethostname()[:40])
        holder = next((pid for name in claimed if (pid := int(name.split("/")[-2])) in family), 0)
        return bool(holder) and _done(desk) > 50

    servers.wait_for(holds, every=0.01)
    kill(holder)
    began, before = time.monotonic(), _done(desk)
    if before > BACKLOG - 200:
        raise AssertionError("the backlog was too small")
    servers.wait_for(lambda: _done(desk) > before, within=LEASED, every=0.01)
    return time.monotonic() - began


def _done(desk: Station) -> int:
    with desk.gateway.database.read() as connection:
        query = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.state == "done")
        return connection.execute(query).scalar_one()


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def measure() -> list[Figure]:
    """Everything; without PostgreSQL what needs none."""
    with running() as server:
        figures = rates(server) if server else []
        figures.append(child_killed())
        return figures + (host_killed(server) if server else [])


if __name__ == "__main__":
    report("engines", measure())
