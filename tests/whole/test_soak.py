"""The soak's short form: real processes and sockets, every fault at least once, and then every mail is counted."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.soak.faults import LANES, possible
from tests.soak.host import MOODS
from tests.soak.kills import KILLS
from tests.soak.report import table
from tests.soak.run import TWO_HOURS, Plan, soak
from tests.soak.ways import MOVED
from tests.soak.world import a_world

PLAN = Plan(seconds=8, kills=8, seed=6, workers=1, pause=0.4, lasts=1.0, rest=0.4)


@pytest.mark.timeout(400)
def test_nothing_is_lost_doubled_or_unanswered_whatever_goes_wrong(tmp_path: Path) -> None:
    began = time.monotonic()
    with a_world(tmp_path, disk_mb=96) as world:
        town, found = soak(world, PLAN)
        told = table(world, town, found, time.monotonic() - began)
    assert not found.wrong, told
    faults = [fault.name for lane in LANES for fault in possible(world, lane)]
    faults += [MOVED] if world.dovecot else []
    assert all(world.did[name] for name in (*KILLS, *faults, TWO_HOURS)), told
    assert all(world.host.did[mood] for mood in MOODS), told
    assert sum(world.did[name] for name in KILLS) >= PLAN.kills, told
    assert sum(len(story.letters) for story in town.stories) > 50, told
