"""Memory of the whole service: while it takes and reads one mail of 50 MB, and after very many small ones.

`python -m bench.memory [--mails 100000]`. What is counted is the proportional share (PSS) of all its processes, so that
memory which they share counts once.
"""

from __future__ import annotations

import argparse
import contextlib
import smtplib
import threading
from collections.abc import Iterator
from pathlib import Path

from bench import client, scene, servers
from bench.figures import Figure, report

HEAVY = 50_000_000  # bytes
CUT_OUT, PARSED = 3.0, 9.0  # times its size that it may cost: with large parts cut out before parsing, or without
MAILS, STEPS = 100_000, 10
LOOK = 0.02  # seconds between two looks
MB = 1_000_000


def pss(service: servers.Service) -> int:
    """Bytes that the service holds."""
    held = 0
    for pid in servers.family(service.process.pid):
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return held * 1024


@contextlib.contextmanager
def watched(service: servers.Service) -> Iterator[list[int]]:
    """What it holds, look by look, for as long as the block lasts."""
    seen, over = [pss(service)], threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            seen.append(pss(service))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def heavy(service: servers.Service) -> list[Figure]:
    """One large mail: while it is taken, and while it is read."""
    raw = scene.heavy(1, HEAVY)
    with watched(service) as taking, smtplib.SMTP("127.0.0.1", service.port, timeout=120) as peer:
        peer.sendmail(scene.author_of(1), [scene.QUEUE], raw)
    with watched(service) as reading:
        servers.wait_for(lambda: service.waiting() == 0, within=120)
    taken, read = ((max(seen) - taking[0]) / HEAVY for seen in (taking, taking + reading))
    outcome = service.say("inbox", "list")[0]["outcome"]
    note = f"times its size, above what it held before; it was {outcome}"
    return [
        Figure("a mail of 50 MB, while it is accepted", taken, "×", note=note),
        Figure("a mail of 50 MB, accepted and read", read, "×", most=PARSED, note="the whole mail is parsed"),
    ]


def flat(service: servers.Service, mails: int) -> list[Figure]:
    """Many small mails in steps; what is held after each, once all is quiet."""
    held: list[int] = []
    for step in range(STEPS):
        first = 2 + step * mails // STEPS
        client.hand_in(service.port, range(first, first + mails // STEPS))
        servers.wait_for(lambda: service.waiting() + service.owed() == 0, within=3600, every=0.5)
        held.append(pss(service))
        print(f"  after {(step + 1) * mails // STEPS} mails: {held[-1] / MB:.0f} MB", flush=True)
    return [
        Figure(f"held after {mails // STEPS:,} mails", held[0] / MB, "MB"),
        Figure(f"held after {mails:,} mails", held[-1] / MB, "MB"),
        Figure(f"held after {mails:,} mails : after {mails // STEPS:,}", held[-1] / held[0], "×", most=1.1),
    ]


def measure(mails: int = MAILS) -> list[Figure]:
    """Everything in one service, the large mail last."""
    with servers.temporary() as folder, servers.sink() as host, servers.serving(folder, smart_host=host) as service:
        idle = Figure("held by the idle service", pss(service) / MB, "MB", note=f"{len(_processes(service))} processes")
        return [idle, *flat(service, mails), *heavy(service)]


def _processes(service: servers.Service) -> list[int]:
    return servers.family(service.process.pid)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS)
    report("memory", measure(parser.parse_args().mails))
