"""What hostile mail costs: attack, answer, memory of all processes, how long an ordinary mail takes meanwhile."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.whole.hostile import Measured, measure, under_attack
from tests.whole.hostile_table import ATTACKS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="attacks whose names hold this")
    only = parser.parse_args().only
    wrong = 0
    with tempfile.TemporaryDirectory() as folder, under_attack(Path(folder)) as target:
        print(f"at rest {target.memory()} MB")
        for name, attack in ATTACKS.items():
            if only not in name or (attack.mailbox and target.mailboxes is None):
                continue
            found = measure(target, attack.run)
            wrong += found.outcome != attack.expected
            print(_line(name, found), "" if found.outcome == attack.expected else f"EXPECTED {attack.expected}")
        print(f"at rest {target.memory()} MB")
    return 1 if wrong else 0


def _line(name: str, found: Measured) -> str:
    return f"{name:45} {found.outcome:30} {found.peak:5} MB {found.seconds:6.1f} s, other mail {found.latency:5.2f} s"


if __name__ == "__main__":
    raise SystemExit(main())
