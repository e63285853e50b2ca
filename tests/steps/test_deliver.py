"""Owed mails leave, wait, or fail for all to see; a kill repeats a mail at most, never loses one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from mailgateway.core.errors import Permanent, Temporary
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
    mail = Due(1, 1, JOAO, "x@y.example", 1, now, b"raw")
    assert deliver.attempt(mail, lambda *_: "250 ok", lambda: now).state == "delivered"
