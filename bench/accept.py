"""Durable acceptance by SMTP, against Postfix with its hold queue. `python -m bench.accept [--rounds 5]`.

Both get the same mails by the same client, answer 250 only once a mail is on the disk, and do nothing else with it.
"""

from __future__ import annotations

import argparse
import functools

from bench import servers
from bench.figures import ROUNDS, Figure, Lap, interleaved, rate, ratio, report, timed

#: Name, bytes, connections, mails in a round, and how many times Postfix it is to be.
LOADS = (
    ("2 KB, 1 connection", 2_000, 1, 500, None),
    ("2 KB, 20 connections", 2_000, 20, 2_000, 1.2),
    ("40 KB, 1 connection", 40_000, 1, 300, None),
    ("40 KB, 20 connections", 40_000, 20, 1_000, 1.0),
)


def lap(pid: int, port: int, mails: int, size: int, connections: int) -> Lap:
    """Hand them in; the CPU time is that of all the server's processes."""
    before = servers.computed(pid)
    with timed(mails) as laps:
        servers.source(port, mails, size, connections)
    return Lap(mails, laps[0].seconds, servers.computed(pid) - before)


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Interleaved rounds of every load on both servers."""
    if why := servers.why_no_postfix():
        print(f"no Postfix here: {why}")
        return []
    figures = []
    with (
        servers.temporary() as home,
        servers.temporary() as other,
        servers.serving(home, "--only", "smtp") as ours,
        servers.postfix(other) as theirs,
    ):
        for name, size, connections, mails, least in LOADS:
            load = (mails, size, connections)
            laps = interleaved(
                {
                    "ours": functools.partial(lap, ours.process.pid, ours.port, *load),
                    "Postfix": functools.partial(lap, theirs.pid, theirs.port, *load),
                },
                rounds,
            )
            figures += [rate(f"ours, {name}", laps["ours"]), rate(f"Postfix, {name}", laps["Postfix"])]
            figures.append(ratio(f"ours : Postfix, {name}", laps["ours"], laps["Postfix"], least=least))
        sent = (rounds + 1) * sum(mails for _, _, _, mails, _ in LOADS)
        if (ours.accepted(), theirs.held()) != (sent, sent):
            raise AssertionError(f"{sent} sent, {ours.accepted()} accepted, {theirs.held()} held")
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    report("accept", measure(parser.parse_args().rounds))
