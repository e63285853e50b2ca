"""Of several things that became of one mail, the first that holds."""

from __future__ import annotations

from itertools import permutations

import pytest

from mailgateway.core.outcomes import PRECEDENCE, Outcome, strongest

ORDER = ["opened", "acted", "answered", "asked", "refused", "commented"]
ALONE = {"duplicate", "robot", "bounce", "ignored", "quarantined"}


def test_there_are_eleven_and_no_more() -> None:
    assert set(Outcome) == {*ORDER, *ALONE}
    assert list(PRECEDENCE) == ORDER


def test_the_order_of_the_contract_decides_whatever_came_first() -> None:
    for some in permutations(PRECEDENCE, 3):
        assert strongest(some) == min(some, key=lambda outcome: ORDER.index(outcome))


@pytest.mark.parametrize("outcome", sorted(ALONE))
def test_what_ends_a_mail_alone_mixes_with_nothing(outcome: str) -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        strongest([Outcome(outcome), Outcome.ACTED])
