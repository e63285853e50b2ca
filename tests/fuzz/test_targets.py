"""The properties of `tests.fuzz` on every mail of this folder, on broken ones, and on what `make fuzz` has found."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.messages import NewText
from mailgateway.mail.newtext import split
from tests.fuzz.__main__ import run_of
from tests.fuzz.mutate import mutate, pump
from tests.fuzz.seeds import LONGEST, SEEDS, TOKENS, mails
from tests.fuzz.targets import TARGETS


@cache
def seeds(target: str) -> tuple[bytes, ...]:
    return tuple(SEEDS[target]())


def test_every_target_has_its_seeds_and_tokens() -> None:
    assert TARGETS.keys() == SEEDS.keys() == TOKENS.keys()
    assert all(seeds(target) and TOKENS[target] for target in TARGETS)


def test_a_piece_is_pumped_to_the_size_asked_for() -> None:
    pumped, piece = pump(b"abc", Random(1), 1000)
    assert piece in b"abc\n"
    assert pumped.endswith(piece * 100)
    assert 900 < len(pumped) < 1100


def test_a_run_tells_its_log_and_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = tmp_path / ".fuzz/parse/found"
    found.mkdir(parents=True)
    for name in ("slow", "slow.txt"):
        (found / name).write_text("x")
    log = "#9\tINITED cov: 10 ft: 20 corp: 1\n#70\tDONE   cov: 30 ft: 40 corp: 2\nstat::number_of_executed_units: 70\n"
    (tmp_path / ".fuzz/parse/log").write_text(log)
    told = "parse: 70 runs; 10 → 30 edges, 20 → 40 features; slowest -; found slow; stopped early, see its log"
    assert str(run_of("parse", code=77)) == told


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
