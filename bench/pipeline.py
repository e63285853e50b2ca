"""The pipeline in this process, inbox → tickets, history and finished mails: new tickets, comments, approvals.

`python -m bench.pipeline [--mails 200]`. One decider on SQLite, the default install. Every mail must have its effect.
"""

from __future__ import annotations

import argparse

from bench import scene
from bench.figures import Figure, interleaved, rate, ratio, report
from bench.station import station

MAILS = 200


def measure(mails: int = MAILS) -> list[Figure]:
    """Interleaved rounds on four desks that grow alike."""
    with station() as small, station() as rich, station() as replies, station() as votes:
        laps = interleaved(
            {
                "2 KB": lambda: small.lap([scene.plain(n) for n in small.fresh(mails)], "opened", 3),
                "46 KB": lambda: rich.lap([scene.rich(n) for n in rich.fresh(mails)], "opened", 3),
                "comments": lambda: replies.lap(replies.comments(mails), "commented", 2),
                "approvals": lambda: votes.lap(votes.approvals(mails), "acted", 5),
            }
        )
    return [
        rate("new tickets, 2 KB, three mails out", laps["2 KB"]),
        rate("new tickets, 46 KB multipart, three mails out", laps["46 KB"]),
        rate("comments, two mails out", laps["comments"]),
        rate("approvals, five mails out", laps["approvals"]),
        ratio("46 KB : 2 KB", laps["46 KB"], laps["2 KB"]),
        ratio("comments : new tickets", laps["comments"], laps["2 KB"]),
        ratio("approvals : new tickets", laps["approvals"], laps["2 KB"], least=0.65),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help="in each round")
    report("pipeline", measure(parser.parse_args().mails))
