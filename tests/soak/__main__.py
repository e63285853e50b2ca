"""`python -m tests.soak --minutes 30 --kills 200 --seed N`: exit 1 where anything is lost, doubled or unanswered."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.report import table
from tests.soak.run import Plan, soak
from tests.soak.world import a_world

DISK_MB = 1024


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="how long mail comes in and things go wrong")
    parser.add_argument("--kills", type=int, default=200, help="how many processes are killed meanwhile")
    parser.add_argument("--seed", type=int, default=1)
    said = parser.parse_args()
    plan = Plan(said.minutes * 60, said.kills, said.seed, workers=2, pause=2.0, lasts=6.0, rest=6.0)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, a_world(Path(folder), DISK_MB) as world:
        town, found = soak(world, plan)
        sys.stdout.write(table(world, town, found, time.monotonic() - began))
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
