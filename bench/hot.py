"""Where the pipeline computes, function by function, by samples. `python -m bench.hot [--kind comment]`.

`in all` counts a function with all that it calls, `itself` without. Nothing is wrapped, so small functions cost what
they cost: a profiler that traces every call makes them look ten times as dear.
"""

from __future__ import annotations

import argparse
import signal
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

from bench import scene
from bench.station import Station, station

EVERY = 0.001  # seconds of CPU time between two samples; many kernels strike each four milliseconds only


class Sampler:
    """Counts who is at work when the clock strikes."""

    def __init__(self) -> None:
        self.samples = 0
        self.itself: Counter[str] = Counter()
        self.in_all: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        signal.signal(signal.SIGPROF, self._strike)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _strike(self, _: int, frame: FrameType | None) -> None:
        self.samples += 1
        seen: set[str] = set()
        while frame is not None:
            name = _name(frame.f_code)
            if not seen:
                self.itself[name] += 1
            seen.add(name)
            frame = frame.f_back
        self.in_all.update(seen)


def _name(code: CodeType) -> str:
    place = Path(code.co_filename)
    return f"{place.parent.name}/{place.name}:{code.co_firstlineno} {code.co_qualname}"


def mails_of(desk: Station, kind: str, count: int) -> list[bytes]:
    """So many fresh mails of a kind."""
    match kind:
        case "comment":
            return desk.comments(count)
        case "approval":
            return desk.approvals(count)
        case _:
            write = scene.rich if kind == "rich" else scene.plain
            return [write(number) for number in desk.fresh(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=("plain", "rich", "comment", "approval"), default="plain")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=45)
    said = parser.parse_args()
    with station() as desk:
        for warm in (True, False):
            desk.take(mails_of(desk, said.kind, 50 if warm else said.mails))
            began = time.process_time()
            with Sampler() as sampler:
                desk.work()
            micros = 1e6 * (time.process_time() - began)
    for title, counts in (("itself", sampler.itself), ("in all", sampler.in_all)):
        print(f"\nµs a mail, {title}; {micros / said.mails:.0f} altogether")
        for name, count in counts.most_common(said.rows):
            print(f"{micros / said.mails * count / sampler.samples:8.0f}  {name}")


if __name__ == "__main__":
    main()
