"""The benchmarks still run, and what they measure happens; how long it takes is nobody's verdict here."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from bench import costs, fill, scale, scene
from bench.figures import Figure, Lap, ratio
from bench.station import Station, station

OLD = 200


@pytest.fixture(scope="module")
def desk() -> Iterator[Station]:
    with station() as one:
        yield one


@pytest.fixture(scope="module")
def large() -> Iterator[Station]:
    with contextlib.ExitStack() as stack:
        yield scale.filled(stack, OLD)


def test_each_kind_of_mail_has_its_effect(desk: Station) -> None:
    desk.lap([scene.plain(n) for n in desk.fresh(2)], "opened", 3)
    desk.lap([scene.rich(n) for n in desk.fresh(1)], "opened", 3)
    desk.lap(desk.comments(1), "commented", 2)
    desk.lap(desk.approvals(1), "acted", 5)


def test_nothing_is_held_back_however_many_come(desk: Station) -> None:
    desk.lap([scene.plain(n) for n in desk.fresh(100)], "opened", 3)


def test_a_mail_without_its_effect_is_told(desk: Station) -> None:
    with pytest.raises(AssertionError, match="0 acted, 3 mails out instead of 5 each"):
        desk.lap([scene.plain(n) for n in desk.fresh(1)], "acted", 5)


def test_the_mails_have_their_sizes() -> None:
    assert scene.SMALL * 0.95 < len(scene.plain(7)) <= scene.SMALL
    assert scene.RICH * 0.95 < len(scene.rich(7)) <= scene.RICH * 1.02


def test_every_stage_is_still_called_what_the_table_calls_it(desk: Station) -> None:
    spent = costs.one_run(desk, [scene.plain(n) for n in desk.fresh(1)], "opened", 3)
    assert {stage for stage, _, _ in costs.STAGES} | {"render html", "render txt", "database: commit"} <= spent.keys()


def test_what_is_filled_is_sound(large: Station) -> None:
    with contextlib.closing(sqlite3.connect(large.folder / "desk.db")) as database:
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        for table, key, rows in (("tickets", "number", OLD), ("entries", "id", fill.ENTRIES * OLD)):
            filled = f"SELECT count(*) FROM {table} WHERE {key} <= {rows}"  # other tests of this desk add more
            assert database.execute(filled).fetchone() == (rows,)


@pytest.mark.parametrize("work", [pytest.param(work, id=what) for what, work, _ in scale.KINDS])
def test_a_filled_desk_works(large: Station, monkeypatch: pytest.MonkeyPatch, work: scale.Work) -> None:
    for name in ("MAILS", "PAGES", "ALONE"):
        monkeypatch.setattr(scale, name, 2)
    assert work(large, OLD).mails == 2


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    ours, theirs = [Lap(10, 1.0), Lap(10, 2.0), Lap(10, 5.0)], [Lap(10, 4.0), Lap(10, 4.0), Lap(10, 5.0)]
    found = ratio("ours : theirs", ours, theirs, least=2.5)
    assert (found.value, found.low, found.high, found.met) == (2.0, 1.0, 4.0, False)
    assert Figure("wait", 0.5, "s", most=1.0).met
    assert Figure("wait", 0.5, "s").met is None
