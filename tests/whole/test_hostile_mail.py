"""Hostile mail against the running service: each attack is answered as the table says, and other mail goes on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.whole.hostile import Target, measure, under_attack
from tests.whole.hostile_table import ATTACKS

MEMORY = 850  # MB, of all processes
LATENCY = 30.0  # seconds from an ordinary mail to its confirmation, on a machine that has much else to do

SLOW = [name for name, attack in ATTACKS.items() if attack.together]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with under_attack(tmp_path_factory.mktemp("hostile")) as target:
        yield target


@pytest.mark.parametrize("name", [n for n in ATTACKS if n not in SLOW])
def test_an_attack_is_answered_and_other_mail_goes_on(target: Target, name: str) -> None:
    attack = ATTACKS[name]
    if attack.mailbox and target.mailboxes is None:
        pytest.skip("apt-get install dovecot-imapd dovecot-lmtpd")
    measured = measure(target, attack.run)
    assert measured.outcome == attack.expected
    assert measured.peak < MEMORY
    assert measured.latency < LATENCY


def test_the_slow_are_ended_and_other_mail_goes_on(target: Target) -> None:
    outcomes: dict[str, Future[str]] = {}

    def all_at_once(target: Target) -> str:
        with ThreadPoolExecutor(len(SLOW)) as pool:
            outcomes.update({name: pool.submit(ATTACKS[name].run, target) for name in SLOW})
        return ""

    measured = measure(target, all_at_once)
    assert {n: o.result() for n, o in outcomes.items()} == {n: ATTACKS[n].expected for n in SLOW}
    assert measured.peak < MEMORY
    assert measured.latency < LATENCY
