"""The purse of answers: so many in a window, then none until it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.budget import Limit, Purse, spend
from tests.core.cast import NOW

LIMIT = Limit("unproven10", timedelta(minutes=10), 3)


@pytest.mark.parametrize(
    ("purse", "minutes", "after"),
    [
        (None, 0, Purse(NOW, 1)),
        (Purse(NOW, 1), 1, Purse(NOW, 2)),
        (Purse(NOW, 2), 9, Purse(NOW, 3)),
        (Purse(NOW, 3), 9, None),
        (Purse(NOW, 3), 9.99, None),
        (Purse(NOW, 3), 10, Purse(NOW + timedelta(minutes=10), 1)),
    ],
)
def test_an_answer_is_spent_or_refused(purse: Purse | None, minutes: float, after: Purse | None) -> None:
    assert spend(purse, LIMIT, NOW + timedelta(minutes=minutes)) == after


@given(st.lists(st.integers(0, 300), max_size=40), st.integers(1, 5))
def test_no_window_ever_holds_more_than_the_limit(gaps: list[int], most: int) -> None:
    limit, purse, now = Limit("x", timedelta(minutes=10), most), None, NOW
    given_out: dict[object, int] = {}
    for gap in gaps:
        now += timedelta(seconds=gap)
        if (spent := spend(purse, limit, now)) is not None:
            purse = spent
            given_out[purse.since] = given_out.get(purse.since, 0) + 1
    assert all(count <= most for count in given_out.values())


def test_a_limit_of_nothing_lets_one_through_only_in_a_fresh_window() -> None:
    assert spend(Purse(NOW, 0), Limit("x", timedelta(hours=1), 0), NOW) is None
