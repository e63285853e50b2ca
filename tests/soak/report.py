"""What was done and what was found, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.soak.count import WRONG, Count
from tests.soak.faults import FAULTS
from tests.soak.kills import KILLS
from tests.soak.people import Town
from tests.soak.run import TWO_HOURS
from tests.soak.ways import MOVED
from tests.soak.world import World


def table(world: World, town: Town, found: Count, seconds: float) -> str:
    """All of it; what is wrong stands below."""
    lines = [*_faults(world, town), *_mails(town, found), ("", ""), ("seconds", f"{seconds:.0f}")]
    wide = max(len(what) for what, _ in lines)
    return "\n".join([f"{what:<{wide}}  {said}".rstrip() for what, said in lines] + ["", *_wrong(found), ""])


def _faults(world: World, town: Town) -> Iterator[tuple[str, str]]:
    yield "FAULTS", "times"
    for name in KILLS:
        yield name, str(world.did[name])
    for fault in FAULTS:
        reason = fault.needs(world)
        said = f"not possible here: {reason}" if reason else str(world.did[fault.name])
        mood = fault.name.removeprefix("smart host: ")
        yield fault.name, said + (f", felt by {n} connections" if (n := world.host.did[mood]) else "")
    yield MOVED, str(world.did[MOVED])
    yield "smart host: 550 to one recipient of several", str(world.host.did["550 to a recipient"])
    yield TWO_HOURS, f"{world.did[TWO_HOURS]} (simulated)"
    yield "connection cut in DATA by the client", str(town.did["cut"])
    yield "services that gave up and were started again", str(sum(s.gave_up for s in world.services))


def _mails(town: Town, found: Count) -> Iterator[tuple[str, str]]:
    letters = [(story.way, letter) for story in town.stories for letter in story.letters]
    yield "", ""
    yield "MAILS IN", f"{len(letters)} in {len(town.stories)} stories, {town.did['in vain']} tries in vain"
    for way, number in Counter(way for way, _ in letters).items():
        yield way, str(number)
    yield "", ""
    yield "OUTCOMES", str(sum(found.outcomes.values()))
    yield from ((outcome, str(number)) for outcome, number in found.outcomes.items() if number)
    yield "", ""
    yield "MAILS OUT", f"{found.copies} copies"
    yield from ((state, str(number)) for state, number in found.left.items())
    yield "repeats, same Message-ID and bytes", str(sum(found.repeats.values()))
    yield from ((f"  by a {why or 'thing that nobody knows'}", str(n)) for why, n in found.repeats.items())
    yield "", ""
    yield "WRONG", str(len(found.wrong))
    yield from ((what, str(found.number(what))) for what in WRONG)


def _wrong(found: Count) -> list[str]:
    return [f"{what}: {said}" for what, said in found.wrong]
