"""All benchmarks and their page. `python -m bench [PART…]`: the named parts, else all but the peers."""

from __future__ import annotations

import argparse
import importlib

from bench import costs, page
from bench.figures import keep_table, report

PEERS = "desks"


def run(part: str) -> None:
    """Measure one part and keep what was found."""
    print(f"\n=== {page.PARTS[part]}", flush=True)
    if part == "costs":
        table, figures = costs.measure()
        keep_table(part, table)
    else:
        figures = importlib.import_module(f"bench.{part}").measure()
    if figures:
        report(part, figures)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*page.PARTS, []], help="what to measure")
    parser.add_argument("--page", action="store_true", help="measure nothing, only write the page")
    said = parser.parse_args()
    for part in [] if said.page else said.parts or [p for p in page.PARTS if p != PEERS]:
        run(part)
    page.write()


if __name__ == "__main__":
    main()
