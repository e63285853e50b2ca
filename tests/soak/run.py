"""One soak from beginning to end: load and faults, two hours without a smart host, quiet, the count."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeVar

from mailgateway import app
from tests.soak import ways
from tests.soak.count import Count, count
from tests.soak.faults import LANES, possible
from tests.soak.kills import KILLS, kill
from tests.soak.people import Town
from tests.soak.world import World

TWO_HOURS = "smart host: down for two hours"
PATIENCE = 120.0  # seconds after which what has not come to its end by then never will

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard; times in seconds. `workers`: for each way in."""

    seconds: float
    kills: int
    seed: int
    workers: int
    pause: float  # the longest between two letters of one worker
    lasts: float  # the longest that a fault lasts
    rest: float  # the longest between two faults of a lane


def soak(world: World, plan: Plan) -> tuple[Town, Count]:
    """See the module."""
    town, until = Town(world.host, plan.seed, plan.pause, cut=0.15), time.monotonic() + plan.seconds
    with ThreadPoolExecutor(max_workers=100) as pool:
        writers = [pool.submit(w) for w in _writers(world, town, plan.workers)]
        try:
            _ended(pool.submit(devil) for devil in list(_devils(world, plan, until)))
            trouble = _two_hours(world)
            _calm_down(world, town)
        finally:  # also where somebody presses Ctrl-C
            town.no_more = town.over = True
            world.over.set()
        _ended(writers)
    _drain(world)
    found = count(world, town)
    found.wrong += trouble
    return town, found


def _ended(futures: Iterable[Future[None]]) -> None:
    """Wait for all; raises what one of them has raised."""
    for future in list(futures):
        future.result()


# ---- who writes, and who does harm


def _writers(world: World, town: Town, workers: int) -> Iterator[Callable[[], None]]:
    open_ways = {"smtp": ways.smtp(world.main.port), "lmtp": ways.lmtp(world.second.port)}
    if world.dovecot:
        open_ways["imap"] = ways.imap(world.dovecot)
        yield partial(town.work, "by hand", ways.by_hand(world.dovecot, world.did), plots=[("open",)])
    for way, mailed in open_ways.items():
        for number in range(workers):
            yield partial(town.work, f"{way}{number}", mailed)


def _devils(world: World, plan: Plan, until: float) -> Iterator[Callable[[], None]]:
    yield partial(_killer, world, plan)
    for lane in LANES:
        yield partial(_troubler, world, plan, lane, until)


def _killer(world: World, plan: Plan) -> None:
    """At random moments, now this and now that."""
    dice, done = random.Random(f"{plan.seed} kills"), 0
    for name in _rounds(world, list(KILLS), dice):
        if done >= plan.kills and all(world.did[kind] for kind in KILLS):
            return
        time.sleep(dice.uniform(0, 2 * plan.seconds / plan.kills))
        done += kill(world, name, dice)


def _troubler(world: World, plan: Plan, lane: str, until: float) -> None:
    """One fault after another, each of them at least once."""
    dice, faults = random.Random(f"{plan.seed} {lane}"), possible(world, lane)
    for number, fault in enumerate(_rounds(world, faults, dice)):
        if number >= len(faults) and time.monotonic() >= until:
            return
        time.sleep(dice.uniform(plan.rest / 3, plan.rest))
        fault.lasting(world, dice.uniform(plan.lasts / 3, plan.lasts))
        world.did[fault.name] += 1


def _rounds(world: World, things: Sequence[T], dice: random.Random) -> Iterator[T]:
    """All of them, shuffled anew in each round, until it is over."""
    while things and not world.over.is_set():
        yield from dice.sample(things, len(things))


# ---- how it comes to rest


def _two_hours(world: World) -> list[tuple[str, str]]:
    """By a clock of ours: nothing is given up meanwhile, and all of it leaves afterwards."""
    world.host.close()
    _until(lambda: len(world.owed()) > 10)
    with world.at_peace():
        for service in world.services:
            service.stop()
        began, waited = app.now(), len(world.owed())
        for minutes in range(0, 121, 15):
            world.run_once("deliver", began + timedelta(minutes=minutes))
        kept = len(world.owed())
        world.host.open()
        world.run_once("deliver", began + timedelta(hours=4))
        left = len(world.owed())
        for service in world.services:
            service.wanted = True
    world.did[TWO_HOURS] += 1
    return [] if kept == waited and not left else [("unanswered", f"{waited} waited, then {kept}, then {left}")]


def _calm_down(world: World, town: Town) -> None:
    """Nothing is broken any more: the stories come to their end."""
    town.no_more = True
    hours = itertools.count(5)

    def told() -> bool:
        _leaves(world, next(hours))
        return town.told

    _until(told)


def _drain(world: World) -> None:
    """All that waits, whenever it is due."""
    for service in world.services:
        service.stop()
    hours = itertools.count(60)

    def quiet() -> bool:
        world.run_once("imap,process,sweep")
        _leaves(world, next(hours))
        return not world.waiting() and not world.owed()

    _until(quiet)


def _leaves(world: World, hours: int) -> None:
    """What is due by then."""
    world.run_once("deliver", app.now() + timedelta(hours=hours))


def _until(condition: Callable[[], object]) -> None:
    """Wait for it; the count says what it did not come to."""
    patience = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < patience:
        time.sleep(0.3)
