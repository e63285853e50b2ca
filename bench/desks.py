"""Other mail-driven desks on the same mails in the same run. `make bench-peers`.

Each peer lives in an environment of its own and is fed in process, mail by mail, as its own gateway does. Ours is
measured twice: from inbox to outbox, and with the durable acceptance before it, which the peers do not have.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench import scene
from bench.figures import Figure, Lap, interleaved, rate, ratio, report, timed
from bench.peers import ENVIRONMENTS, installed
from bench.station import Station, station

PEERS = {
    "roundup": ("roundup==2.6.0",),
    "django-helpdesk": ("django-helpdesk==2.6.1", "Django==5.2.19"),
}
#: Addresses that each mail is answered to. Roundup writes one mail to both, and none to who had the mail himself.
OWED = {"ours": 3, "roundup": 2, "django-helpdesk": 3}
SIZES: dict[str, Callable[[int], bytes]] = {"2 KB": scene.plain, "46 KB": scene.rich}
TARGETS = {"2 KB": 12.0, "46 KB": 6.0}
OURS, THEIRS = 300, 60  # mails in a round: a round is to take about as long for everybody


class Peer:
    """A peer's process, which takes mails as it is told."""

    def __init__(self, name: str, form: str, folder: Path) -> None:
        self._name, self._owed, self._folder = f"{name} {form}", OWED[name], folder
        script = Path(__file__).with_name("peer_desks.py")
        python = ENVIRONMENTS / name / "bin" / "python"
        self._log = (folder / "log").open("w+")
        command = [python, "-W", "ignore", script, name, folder, form]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )

    def lap(self, mails: Sequence[bytes]) -> Lap:
        files = []
        for number, raw in enumerate(mails):
            file = self._folder / f"mail{number}"
            file.write_bytes(raw)
            files.append(str(file))
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(files) + "\n")
        self._process.stdin.flush()
        if not (line := self._process.stdout.readline()):
            self._log.seek(0)
            raise RuntimeError(f"{self._name} ended: {self._log.read()[-2000:]}")
        answer = json.loads(line)
        if (answer["tickets"], answer["out"]) != (len(mails), self._owed * len(mails)):
            raise AssertionError(f"{self._name}: {len(mails)} mails, {answer}")
        return Lap(len(mails), answer["seconds"], answer["cpu"])

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._log.close()


@contextlib.contextmanager
def peer(name: str, form: str) -> Iterator[Peer]:
    """A fresh installation, away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mgw-peer-"))
    running = Peer(name, form, folder)
    try:
        yield running
    finally:
        running.close()
        shutil.rmtree(folder, ignore_errors=True)


def with_acceptance(desk: Station, mails: Sequence[bytes]) -> Lap:
    """The same with the durable acceptance before it."""
    with timed(len(mails)) as laps:
        desk.take(mails)
        desk.work()
    return laps[0]


def compare(size: str, names: Sequence[str], rounds: int) -> list[Figure]:
    """One table: ours and each peer, as shipped and in its kinder form."""
    write = SIZES[size]
    with contextlib.ExitStack() as stack:
        desk, accepting = (stack.enter_context(station()) for _ in range(2))
        contenders = {
            "ours": lambda: desk.lap([write(n) for n in desk.fresh(OURS)], "opened", OWED["ours"]),
            "ours with acceptance": lambda: with_acceptance(accepting, [write(n) for n in accepting.fresh(OURS)]),
        }
        for name in names:
            for form in ("as shipped", "kind"):
                running, numbers = stack.enter_context(peer(name, form)), iter(range(1, 1_000_000))
                contenders[f"{name}, {form}"] = lambda running=running, numbers=numbers: running.lap(
                    [write(next(numbers)) for _ in range(THEIRS)]
                )
        laps = interleaved(contenders, rounds)
    figures = [rate(f"{name}, new tickets, {size}", some) for name, some in laps.items()]
    shipped = [f"{name}, as shipped" for name in names]
    faster = max(shipped, key=lambda name: sorted(lap.rate for lap in laps[name])[len(laps[name]) // 2])
    figures.append(ratio(f"ours : {faster}, {size}", laps["ours"], laps[faster], least=TARGETS[size]))
    figures.append(ratio(f"ours with acceptance : {faster}, {size}", laps["ours with acceptance"], laps[faster]))
    for name in names:
        figures.append(ratio(f"ours : {name}, kind, {size}", laps["ours"], laps[f"{name}, kind"]))
    return figures


def measure(rounds: int = 3) -> list[Figure]:
    """All peers that can be installed here."""
    names = []
    for name, requirements in PEERS.items():
        if reason := installed(name, *requirements):
            print(f"{name}: cannot be installed here: {reason}")
        else:
            names.append(name)
    return [figure for size in SIZES for figure in compare(size, names, rounds)] if names else []


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench-peers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    report("desks", measure(parser.parse_args().rounds))
