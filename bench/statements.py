"""Which SQL statements cost more in a large desk. `python -m bench.statements [--tickets 100000] [--rows 15]`.

Each kind of mail of `bench.scale` runs on a small and on a large desk; what the driver takes is summed by statement,
and the slowest of the large desk are shown, with SQLite's plan where that scans a table.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import event

from bench.scale import KINDS, filled
from bench.station import Station

SMALL = 1_000
WIDTH = 260  # characters of a statement
#: By which a lap is checked; no lap's time has them.
OUR_OWN = tuple(f"SELECT count(*) AS count_1 FROM {table} WHERE {table}." for table in ("inbox", "outbox"))


@contextlib.contextmanager
def timed(desk: Station) -> Iterator[Counter[str]]:
    """Milliseconds by statement. The rows are fetched later, at a cost that is not counted."""
    spent: Counter[str] = Counter()
    began: list[float] = []

    def before(*_: Any) -> None:
        began.append(time.perf_counter())

    def after(_: Any, __: Any, statement: str, *rest: Any) -> None:
        spent[re.sub(r"\?(, \?)+", "?…", " ".join(statement.split()))] += round(
            1e6 * (time.perf_counter() - began.pop())
        )

    hooks = (("before_cursor_execute", before), ("after_cursor_execute", after))
    for name, hook in hooks:
        event.listen(desk.gateway.database.engine, name, hook)
    try:
        yield spent
    finally:
        for name, hook in hooks:
            event.remove(desk.gateway.database.engine, name, hook)


def scans(desk: Station, statement: str) -> str:
    """The parts of SQLite's plan that read a whole table or index."""
    statement = statement.replace("?…", "?")
    marks = statement.count("?")
    with contextlib.closing(sqlite3.connect(desk.folder / "desk.db")) as database:
        try:
            plan = database.execute(f"EXPLAIN QUERY PLAN {statement}", [None] * marks).fetchall()
        except sqlite3.Error:
            return ""
    return "; ".join(row[3] for row in plan if row[3].startswith(("SCAN", "USE TEMP")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=5, help="statements of each kind of mail")
    said = parser.parse_args()
    with contextlib.ExitStack() as stack:
        small, large = (filled(stack, size) for size in (SMALL, said.tickets))
        for what, work, _ in KINDS:
            with timed(small) as few:
                work(small, SMALL)
            with timed(large) as many:
                lap = work(large, said.tickets)
            print(f"\n{what}: ms a mail with {said.tickets:,} tickets, with {SMALL:,}, statement")
            theirs = Counter({statement: n for statement, n in many.items() if not statement.startswith(OUR_OWN)})
            for statement, spent in theirs.most_common(said.rows):
                here, there = (1e-3 * cost / lap.mails for cost in (spent, few[statement]))
                print(f"{here:9.3f}{there:9.3f}  {statement[:WIDTH]}")
                if found := scans(large, statement):
                    print(f"{'':20}{found[:WIDTH]}")


if __name__ == "__main__":
    main()
