"""Every row of tests/attacks: nothing changes, nobody learns, the right person is told, and nobody is locked out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.attacks import judge
from tests.attacks.every import ATTACKS
from tests.attacks.judge import Seen
from tests.attacks.stage import Stage, Theatre
from tests.attacks.table import HONEST, Attack, Honest, commit


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Theatre:
    """The desk, set once for all rows."""
    return Theatre(tmp_path_factory.mktemp("theatre"))


@pytest.fixture
def stage(theatre: Theatre) -> Iterator[Stage]:
    """A copy of it."""
    stage = theatre.stage()
    yield stage
    stage.close()


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_an_attack_changes_nothing_and_the_honest_mail_still_counts_afterwards(stage: Stage, attack: Attack) -> None:
    assert commit(attack, stage)[1] == []
    works(stage, HONEST[attack.family])


@pytest.mark.parametrize("family", sorted(HONEST.keys() - {"storm"}))  # which is that of "flood", an hour later
def test_the_honest_mail_of_each_family_counts_and_would_be_seen(stage: Stage, family: str) -> None:
    before = Seen.of(stage)
    works(stage, HONEST[family])
    after = Seen.of(stage)
    assert [*judge.changed(before, after, by="")] or judge.left(before, after) == "comment"


def works(stage: Stage, honest: Honest) -> None:
    """The honest mail has its effect, and whom it concerns hears of it."""
    before = Seen.of(stage)
    honest.act(stage)
    assert honest.works(stage)
    assert judge.told(stage, before)[honest.told] == 1


def test_a_leak_would_be_seen(stage: Stage) -> None:
    before = Seen.of(stage)
    HONEST["read"].act(stage)
    shown = " ".join(judge.leaks(stage, before, by="", knows=0, speaks=True))
    assert "'ZAFIRA'" in shown
    assert "'Quartzo'" in shown
    assert "the key of" not in shown


def test_no_two_rows_have_one_name() -> None:
    assert len({attack.id for attack in ATTACKS}) == len(ATTACKS)
