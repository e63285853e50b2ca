"""Owed mails leave, wait, or fail for all to see; a kill repeats a mail at most, never loses one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mailgateway.core.errors import Permanent, Temporary, Unreachable
from mailgateway.core.tickets import EntryKind
from mailgateway.steps import deliver
from mailgateway.store import outbox
from mailgateway.store.outbox import Due
from tests.desk import ANA, BIA, JOAO, Desk


class Host:
    """A smart host that answers as it is told and remembers what it took."""

    def __init__(self, answer: Callable[[str], None] = lambda to: None) -> None:
        self.took: list[tuple[str, str, bytes]] = []
        self._answer = answer

    def send(self, mail_from: str, to: str, raw: bytes) -> str:
        """Take a mail, or raise."""
        self._answer(to)
        self.took.append((mail_from, to, raw))
        return "250 ok"


def _deliver(desk: Desk, host: Host, **later: int) -> None:
    desk.now += timedelta(**later)
    deliver.drain(desk.gateway, host.send, lambda: desk.now)


def test_every_owed_mail_leaves_byte_for_byte_with_an_envelope_sender_of_its_own(desk: Desk) -> None:
    desk.send(JOAO, cc=BIA)
    host = Host()
    _deliver(desk, host)
    rows = desk.out()
    assert {o.state for o in rows} == {"delivered"}
    assert sorted(raw for _, _, raw in host.took) == sorted(o.raw for o in rows)
    assert len({mail_from for mail_from, _, _ in host.took}) == len(rows)


def test_a_temporary_no_is_tried_again_after_1_5_15_60_minutes_then_hourly(small_desk: Desk) -> None:
    desk = small_desk
    desk.send(JOAO)
    tries: list[str] = []

    def no(to: str) -> None:
        tries.append(to)
        raise Temporary("451 later")

    waits = []
    for minutes in (0, 1, 5, 15, 60, 60):
        before = len(tries)
        if minutes:
            _deliver(desk, Host(no), minutes=minutes - 1, seconds=50)
            assert len(tries) == before, "too early"
        _deliver(desk, Host(no), seconds=10 if minutes else 0)
        waits.append(len(tries) - before)
    assert waits == [3] * 6
    assert {o.state for o in desk.out()} == {"waiting"}


def test_after_five_days_it_fails(small_desk: Desk) -> None:
    small_desk.send(JOAO)

    def no(to: str) -> None:
        raise Temporary("451 later")

    _deliver(small_desk, Host(no), days=5)
    assert {o.state for o in small_desk.out()} == {"failed"}


def test_a_final_no_is_shown_on_the_ticket_and_to_no_contact(desk: Desk) -> None:
    desk.send(JOAO, cc=BIA)

    def no(to: str) -> None:
        if to == BIA:
            raise Permanent("550 5.1.1 unknown", 550)

    _deliver(desk, Host(no))
    states = {o.to: o.state for o in desk.out()}
    assert states[BIA] == "failed"
    assert states[JOAO] == states[ANA] == "delivered"
    failure = desk.history()[-1]
    assert failure.kind is EntryKind.FAILURE
    assert failure.internal
    assert BIA in failure.text


def test_unknown_trouble_is_temporary(small_desk: Desk) -> None:
    small_desk.send(JOAO)

    def breaks(to: str) -> None:
        raise ValueError("nobody thought of this")

    _deliver(small_desk, Host(breaks))
    assert {o.state for o in small_desk.out()} == {"waiting"}


def test_a_kill_between_the_hosts_yes_and_our_commit_repeats_the_same_bytes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.send(JOAO)
    host = Host()
    with monkeypatch.context() as patched:
        patched.setattr(deliver, "_record", _killed)
        patched.setattr(outbox, "release", lambda *_: 0)  # a killed process releases nothing
        with pytest.raises(KeyboardInterrupt):
            _deliver(desk, host)
    assert {o.state for o in desk.out()} == {"sending"}
    with desk.gateway.database.write() as connection:
        outbox.release_expired(connection, desk.now + timedelta(days=900))
    _deliver(desk, host)
    assert len(host.took) == 6
    assert len({raw for _, _, raw in host.took}) == 3
    assert {o.state for o in desk._states()} == {"delivered"}


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_claim_of_somebody_else_is_left_alone(desk: Desk) -> None:
    desk.send(JOAO)
    with desk.gateway.database.write() as connection:
        claimed = outbox.claim(connection, "other", desk.now, desk.now + timedelta(days=900), 100)
    host = Host()
    _deliver(desk, host)
    assert host.took == []
    assert len(claimed) == 3


def test_the_pause_grows_with_the_attempts() -> None:
    minutes = [deliver.pause(n) / timedelta(minutes=1) for n in range(1, 8)]
    assert minutes == [1, 5, 15, 60, 60, 60, 60]


def test_an_attempt_says_what_became_of_it(small_desk: Desk) -> None:
    now = small_desk.now
    mail = Due(1, 1, None, JOAO, "x@y.example", 1, now, b"raw")
    assert deliver.attempt(mail, lambda *_: "250 ok", lambda: now).state == "delivered"


def test_a_host_that_is_away_is_knocked_at_once_a_claim_and_all_follow_a_minute_later(small_desk: Desk) -> None:
    desk, knocks = small_desk, list[str]()
    for _ in range(10):
        desk.send(JOAO, cc=BIA)

    def away(to: str) -> None:
        knocks.append(to)
        raise Unreachable("mx: connection refused")

    for minutes in range(120):  # two hours
        _deliver(desk, Host(away), minutes=int(minutes > 0))
    assert {(o.state, o.reason) for o in desk._states()} == {("waiting", "mx: connection refused")}
    assert len(knocks) <= 120 * 4  # a claim's threads may knock at the same time, nobody after them
    host = Host()
    _deliver(desk, host, minutes=1)
    assert len(host.took) == 40


def test_a_host_that_is_away_for_five_days_is_given_up(small_desk: Desk) -> None:
    desk = small_desk
    desk.send(JOAO)

    def away(_: str) -> None:
        raise Unreachable("mx: connection refused")

    _deliver(desk, Host(away), days=5)
    assert {o.state for o in desk._states()} == {"failed"}


def test_what_is_not_begun_before_the_end_waits_as_if_it_had_not_been_claimed(small_desk: Desk) -> None:
    desk = small_desk
    desk.send(JOAO, cc=BIA)
    host, over = Host(), iter((False, True, True, True))
    deliver.deliver_some(desk.gateway, host.send, lambda: desk.now, 1, lambda: next(over))
    assert len(host.took) == 1
    assert sorted((o.state, o.attempts) for o in desk._states()) == [("delivered", 1), *[("waiting", 0)] * 3]


def test_nothing_is_begun_that_could_outlast_its_lease(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that keeps each mail for a minute: what is left of the claim is not sent by two at a time."""
    desk, clock = small_desk, iter((0.0, 0.0, 61.0, 61.0))
    desk.send(JOAO, cc=BIA)
    faked = SimpleNamespace(monotonic=lambda: next(clock, 61.0), perf_counter=time.perf_counter)
    monkeypatch.setattr(deliver, "time", faked)
    host = Host()
    deliver.deliver_some(desk.gateway, host.send, lambda: desk.now, 1)
    assert len(host.took) == 1


def test_a_database_that_is_away_when_a_mail_has_left_is_waited_for_and_nothing_leaves_twice(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, record, away = small_desk, outbox.record, iter([True] * 3)
    desk.send(JOAO, cc=BIA)

    def recorded(*arguments: Any) -> None:
        if next(away, False):
            raise Temporary("the disk is full")
        record(*arguments)

    monkeypatch.setattr(outbox, "record", recorded)
    monkeypatch.setattr(deliver, "TROUBLE", 0.01)
    host = Host()
    _deliver(desk, host)
    assert len(host.took) == 4
    assert {o.state for o in desk._states()} == {"delivered"}


def test_no_more_leaves_than_one_kill_may_repeat_before_it_is_written_down(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is locked by somebody else for a while: what leaves meanwhile, a kill would send again."""
    desk, record, host, before = small_desk, outbox.record, Host(), list[int]()
    for _ in range(20):
        desk.send(JOAO)

    def recorded(connection: Any, results: Any, *arguments: Any) -> None:
        time.sleep(0.2)
        before.append(len(host.took) - sum(o.state == "delivered" for o in desk._states()))
        record(connection, results, *arguments)

    monkeypatch.setattr(outbox, "record", recorded)
    _deliver(desk, host)
    assert len(host.took) == 60
    assert max(before) <= deliver.RESULTS + 4


def test_what_a_claim_could_not_give_back_is_free_for_the_next(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, host, works = small_desk, Host(), iter([True])
    desk.send(JOAO, cc=BIA)

    def release(*_: object) -> None:
        if not next(works, False):
            raise Temporary("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "release", release)
        with pytest.raises(Temporary):
            deliver.deliver_some(desk.gateway, host.send, lambda: desk.now, 1, lambda: True)
    assert {o.state for o in desk._states()} == {"sending"}
    _deliver(desk, host)
    assert {o.state for o in desk._states()} == {"delivered"}


@pytest.mark.parametrize("where", ["a thread that sends", "who writes down"])
def test_after_trouble_that_nobody_foresaw_nothing_is_sent_that_is_not_claimed_any_more(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    desk, host = small_desk, Host()
    for _ in range(20):
        desk.send(JOAO)

    def fail(*_: object) -> Any:
        raise RuntimeError("a mistake of ours")

    with monkeypatch.context() as patched:
        patched.setattr(*((deliver, "attempt") if where == "a thread that sends" else (outbox, "record")), fail)
        with pytest.raises(RuntimeError):
            deliver.deliver_some(desk.gateway, host.send, lambda: desk.now)
        left = len(host.took)
        assert {o.state for o in desk._states()} == {"waiting"}
        assert not [t for t in threading.enumerate() if t.name == "deliver"]
    assert left <= deliver.RESULTS + 4
    _deliver(desk, host)
    assert {o.state for o in desk._states()} == {"delivered"}
