"""One target under atheris: `python -m tests.fuzz.run parse`, with libFuzzer's own options behind it.

What fails is written down once for each place where it fails, smallest input first, and the run goes on.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["mailgateway"]):
    from tests.fuzz.mutate import mutate, pump
    from tests.fuzz.seeds import LONGEST, SEEDS, TOKENS
    from tests.fuzz.targets import TARGETS

FOLDER = Path(".fuzz")
SLOW = 1.0  # seconds of processor time that no input may take, neither as it is nor pumped
PUMPED, EVERY = 100_000, 100  # to so many bytes one of so many inputs is pumped: only long ones show square time


class Watch:
    """Asks the target, and keeps what fails and what takes longest."""

    def __init__(self, target: str, folder: Path) -> None:
        self._check, self._folder = TARGETS[target], folder
        self._asked, self._slowest = 0, 0.0
        self._sizes: dict[str, int] = {}

    def ask(self, data: bytes) -> None:
        self._asked += 1
        taken = self._judge(data, "slow")
        if taken > self._slowest:
            self._slowest = taken
            (self._folder / "slowest").write_bytes(data)
            (self._folder / "slowest.txt").write_text(f"{taken * 1000:.0f} ms for {len(data)} bytes")
        if self._asked % EVERY == 0:
            pumped, piece = pump(data, Random(self._asked), PUMPED)
            self._judge(pumped, f"slow-{piece[:20].hex()}")

    def ask_again(self) -> None:
        """Ask what was found before; what holds by now is found no more."""
        paths = [path for path in (self._folder / "found").iterdir() if path.suffix != ".txt"]
        for path, data in [(path, path.read_bytes()) for path in paths]:
            path.unlink()
            path.with_name(f"{path.name}.txt").unlink(missing_ok=True)
            self._judge(data, path.name)

    def _judge(self, data: bytes, slow: str) -> float:
        start = time.process_time()
        try:
            self._check(data)
        except Exception as error:  # whatever it is: it is what we look for
            self._keep(_place(error), data, "".join(traceback.format_exception(error)))
        taken = time.process_time() - start
        if taken > SLOW:
            self._keep(slow, data, f"{taken:.2f} s")
        return taken

    def _keep(self, name: str, data: bytes, why: str) -> None:
        if len(data) < self._sizes.get(name, sys.maxsize):
            self._sizes[name] = len(data)
            (self._folder / "found" / name).write_bytes(data)
            (self._folder / "found" / f"{name}.txt").write_text(why)


def _place(error: Exception) -> str:
    """Where it failed: one name for one fault, however many inputs show it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "mailgateway" in frame.filename or "tests" in frame.filename]
    return f"{type(error).__name__}-{Path(ours[-1].filename).stem}-{ours[-1].lineno}"


def main() -> None:
    target, *options = sys.argv[1:]
    folder = FOLDER / target
    for name in ("corpus", "seeds", "found"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    seeds = [seed for seed in SEEDS[target]() if len(seed) <= LONGEST]
    for number, seed in enumerate(seeds):
        (folder / "seeds" / f"{number:04}").write_bytes(seed)

    def change(data: bytes, longest: int, seed: int) -> bytes:
        rng = Random(seed)
        if rng.random() < 0.5:
            return bytes(atheris.Mutate(data, longest))
        return mutate(data, rng, TOKENS[target], seeds, longest)

    watch = Watch(target, folder)
    watch.ask_again()
    where = [str(folder / "corpus"), str(folder / "seeds"), f"-artifact_prefix={folder / 'found'}/"]
    limits = [f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=2048", "-print_final_stats=1", "-len_control=0"]
    atheris.Setup([sys.argv[0], *where, *limits, *options], watch.ask, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
