"""What one mail costs, stage by stage, in microseconds of computing. `python -m bench.costs [--mails 200]`.

The functions that are a stage are wrapped with a clock for as long as it runs. A stage that calls another one is not
charged for it, so that the sum is the whole. The clock counts this thread's CPU time: a busy machine changes it little.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jinja2 import Template
from sqlalchemy import event

from bench import scene
from bench.figures import Figure, Table, keep_table, report
from bench.station import Station, station

MAILS, ROUNDS = 200, 3
#: What is charged to a stage: module, and the name by which it is called there. The rest of a batch is `decide`.
STAGES = (
    ("claim and load mails", "mailgateway.store.inbox", "claim"),
    ("claim and load mails", "mailgateway.store.inbox", "load"),
    ("parse", "mailgateway.steps.prepare", "parse"),
    ("new text", "mailgateway.mail.newtext", "split"),
    ("screen, route, prove", "mailgateway.core.screening", "screen"),
    ("screen, route, prove", "mailgateway.core.routing", "references"),
    ("screen, route, prove", "mailgateway.mail.authenticity", "judge"),
    ("prepare, the rest", "mailgateway.steps.process", "prepare"),
    ("load the workset", "mailgateway.store.workset", "Workset.__init__"),
    ("load the workset", "mailgateway.store.workset", "Workset.load_purses"),
    ("who hears what", "mailgateway.steps.tell", "spread"),
    ("letter", "mailgateway.steps.post", "send"),
    ("keys and their signatures", "mailgateway.core.keys", "address"),
    ("keys and their signatures", "mailgateway.core.keys", "bounce_address"),
    ("keys and their signatures", "mailgateway.core.keys", "root_id"),
    ("budgets", "mailgateway.steps.context", "Work.spend"),
    ("search the FAQ", "mailgateway.steps.suggesting", "suggest"),
    ("fill in the person", "mailgateway.mail.templates", "Rendered.filled"),
    ("render, the rest", "mailgateway.mail.templates", "Templates.render"),
    ("compose", "mailgateway.mail.compose", "compose"),
    ("save the workset", "mailgateway.store.workset", "Workset.save"),
    ("finish the mails", "mailgateway.store.inbox", "finish"),
)
DECIDE, GARBAGE, WAIT = "decide", "collect garbage", "wait for disk and CPU"


class Clock:
    """CPU seconds by stage; the innermost stage is charged."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._stack = [DECIDE]
        self._last = 0.0

    def begin(self) -> None:
        self._last = time.thread_time()

    def enter(self, stage: str) -> None:
        self._charge()
        self._stack.append(stage)

    def leave(self) -> None:
        self._charge()
        self._stack.pop()

    def _charge(self) -> None:
        now = time.thread_time()
        self.seconds[self._stack[-1]] += now - self._last
        self._last = now

    def wrapped(self, function: Callable[..., Any], stage: Callable[..., str]) -> Callable[..., Any]:
        def call(*args: Any, **kw: Any) -> Any:
            self.enter(stage(*args))
            try:
                return function(*args, **kw)
            finally:
                self.leave()

        return call


@contextlib.contextmanager
def watched(desk: Station, clock: Clock) -> Iterator[None]:
    """The whole pipeline of this desk runs by that clock."""
    with contextlib.ExitStack() as stack:
        for stage, module, path in STAGES:
            owner: Any = importlib.import_module(module)
            *classes, name = path.split(".")
            for part in classes:
                owner = getattr(owner, part)
            _patch(stack, owner, name, clock.wrapped(getattr(owner, name), lambda *_, stage=stage: stage))
        _patch(stack, Template, "render", clock.wrapped(Template.render, _kind))
        _watch_database(stack, desk.gateway.database.engine, clock)
        _watch_garbage(stack, clock)
        clock.begin()
        yield
        clock.enter("")


def _kind(template: Template, *_: Any) -> str:
    return f"render {(template.name or '').rpartition('.')[2]}"


def _patch(stack: contextlib.ExitStack, owner: Any, name: str, value: object) -> None:
    stack.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _watch_database(stack: contextlib.ExitStack, engine: Any, clock: Clock) -> None:
    """The driver's part of each statement, and the commit: what is left of load and save is SQLAlchemy's and ours."""
    hooks = (
        ("before_cursor_execute", lambda *_: clock.enter("database: statements")),
        ("after_cursor_execute", lambda *_: clock.leave()),
    )
    for name, hook in hooks:
        event.listen(engine, name, hook)
        stack.callback(event.remove, engine, name, hook)
    commit = engine.dialect.do_commit
    _patch(stack, engine.dialect, "do_commit", clock.wrapped(commit, lambda *_: "database: commit"))


def _watch_garbage(stack: contextlib.ExitStack, clock: Clock) -> None:
    def hook(phase: str, _: object) -> None:
        clock.enter(GARBAGE) if phase == "start" else clock.leave()

    gc.callbacks.append(hook)
    stack.callback(gc.callbacks.remove, hook)


def one_run(desk: Station, mails: Sequence[bytes], outcome: str, owed: int) -> dict[str, float]:
    """Microseconds a mail by stage."""
    clock = Clock()
    lap = desk.lap(mails, outcome, owed, watched(desk, clock))
    costs = {stage: 1e6 * seconds / len(mails) for stage, seconds in clock.seconds.items()}
    costs[WAIT] = max(0.0, 1e6 * lap.seconds / len(mails) - sum(costs.values()))
    return costs


def measure(mails: int = MAILS) -> tuple[Table, list[Figure]]:
    """The table, one column for each kind of mail, and what the kinds cost in all."""
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    with station() as desk, station() as wise:
        wise.learn()
        kinds: dict[str, tuple[Station, Callable[[], Sequence[bytes]], str, int]] = {
            "new, 2 KB": (desk, lambda: [scene.plain(n) for n in desk.fresh(mails)], "opened", 3),
            "new, 46 KB": (desk, lambda: [scene.rich(n) for n in desk.fresh(mails)], "opened", 3),
            "new, 2 KB, with a FAQ": (wise, lambda: [scene.plain(n) for n in wise.fresh(mails)], "opened", 3),
            "comment": (desk, lambda: desk.comments(mails), "commented", 2),
            "approval": (desk, lambda: desk.approvals(mails), "acted", 5),
        }
        for turn in range(ROUNDS + 1):
            for kind, (place, write, outcome, owed) in kinds.items():
                run = one_run(place, write(), outcome, owed)
                if turn:
                    runs[kind].append(run)
    medians = {kind: _median(some) for kind, some in runs.items()}
    first = next(iter(medians.values()))
    stages = sorted(first, key=lambda stage: (stage == WAIT, -first[stage]))
    rows = [[stage, *(f"{medians[kind].get(stage, 0):.0f}" for kind in medians)] for stage in stages]
    sums = {kind: sum(cost for stage, cost in costs.items() if stage != WAIT) for kind, costs in medians.items()}
    rows.append(["**computing, in all**", *(f"**{total:.0f}**" for total in sums.values())])
    table = Table("µs a mail", list(medians), rows)
    return table, [Figure(f"computing for one mail: {kind}", total, "µs") for kind, total in sums.items()]


def _median(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {stage: statistics.median(run.get(stage, 0.0) for run in runs) for stage in {s for run in runs for s in run}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=MAILS, help="in each round")
    table, figures = measure(parser.parse_args().mails)
    keep_table("costs", table)
    report("costs", figures)
