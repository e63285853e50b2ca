"""The pipeline in this process, inbox → tickets, history and finished mails: new tickets, comments, approvals.

`python -m bench.pipeline [--mails 200]`. One decider on SQLite, the default install. Every mail must have its effect.
"""

from __future__ import annotations

import argparse
import base64
import subprocess

import dkim

from bench import scene
from bench.figures import Figure, interleaved, rate, ratio, report
from bench.station import station

MAILS = 200


class Signer:
    """Mails whose author's domain has signed them, and the DNS that has its key. None states that they are proven."""

    def __init__(self) -> None:
        generated = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, check=True)
        self._key = generated.stdout
        shown = subprocess.run(
            ["openssl", "rsa", "-pubout", "-outform", "DER"], input=self._key, capture_output=True, check=True
        )
        self._record = f"v=DKIM1; k=rsa; p={base64.b64encode(shown.stdout).decode()}"

    def lookup(self, name: str, kind: str) -> list[str]:
        """Answers at once: what the network takes is not ours to measure."""
        return [self._record] if (name, kind) == ("bench._domainkey.cliente.example", "TXT") else []

    def signed(self, number: int) -> bytes:
        raw = scene.plain(number).partition(b"\r\n")[2]
        signature: bytes = dkim.sign(
            raw, b"bench", b"cliente.example", self._key, include_headers=[b"from", b"subject"]
        )
        return signature + raw


def measure(mails: int = MAILS) -> list[Figure]:
    """Interleaved rounds on desks that grow alike."""
    signer = Signer()
    with (
        station() as small,
        station() as rich,
        station() as replies,
        station() as votes,
        station(lookup=signer.lookup) as own,
    ):
        laps = interleaved(
            {
                "2 KB": lambda: small.lap([scene.plain(n) for n in small.fresh(mails)], "opened", 3),
                "46 KB": lambda: rich.lap([scene.rich(n) for n in rich.fresh(mails)], "opened", 3),
                "comments": lambda: replies.lap(replies.comments(mails), "commented", 2),
                "approvals": lambda: votes.lap(votes.approvals(mails), "acted", 5),
                "own check": lambda: own.lap([signer.signed(n) for n in own.fresh(mails)], "opened", 3),
            }
        )
    return [
        rate("new tickets, 2 KB, three mails out", laps["2 KB"]),
        rate("new tickets, 46 KB multipart, three mails out", laps["46 KB"]),
        rate("comments, two mails out", laps["comments"]),
        rate("approvals, five mails out", laps["approvals"]),
        rate("new tickets, 2 KB, DKIM checked by ourselves", laps["own check"]),
        ratio("46 KB : 2 KB", laps["46 KB"], laps["2 KB"]),
        ratio("comments : new tickets", laps["comments"], laps["2 KB"]),
        ratio("approvals : new tickets", laps["approvals"], laps["2 KB"], least=0.65),
        ratio("DKIM checked by ourselves : believed", laps["own check"], laps["2 KB"]),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help="in each round")
    report("pipeline", measure(parser.parse_args().mails))
