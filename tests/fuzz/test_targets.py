"""The properties of `tests.fuzz` on every mail of this folder, on broken ones, and on what `make fuzz` has found."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.messages import NewText
from mailgateway.mail.newtext import split
from tests.fuzz.mutate import mutate
from tests.fuzz.seeds import LONGEST, SEEDS, TOKENS, mails
from tests.fuzz.targets import TARGETS


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    return tuple(SEEDS[target]())


def test_every_target_has_its_seeds_and_tokens() -> None:
    assert TARGETS.keys() == SEEDS.keys() == TOKENS.keys()
    assert all(seeds(target) and TOKENS[target] for target in TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_promised_holds_for_every_seed(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)


def test_of_the_new_text_of_a_real_mail_nothing_more_is_cut() -> None:
    """Not so of any text: one signature is cut, and what stands above it may look like another one."""
    for mail in mails():
        if mail.parts.new:
            assert split(mail.parts.new, author=mail.author.name if mail.author else "") == NewText(mail.parts.new)


@pytest.mark.parametrize("target", TARGETS)
@given(st.data(), st.randoms(use_true_random=False))
def test_what_is_promised_holds_for_broken_ones(target: str, data: st.DataObject, rng: Random) -> None:
    seed = data.draw(st.sampled_from(seeds(target)))
    TARGETS[target](mutate(seed, rng, TOKENS[target], seeds(target), LONGEST))


@pytest.mark.parametrize("target", TARGETS)
@given(st.data())
def test_what_is_promised_holds_for_its_pieces_in_any_order(target: str, data: st.DataObject) -> None:
    pieces = st.lists(st.sampled_from(TOKENS[target]) | st.binary(max_size=8), max_size=40)
    TARGETS[target](b"".join(data.draw(pieces)))
