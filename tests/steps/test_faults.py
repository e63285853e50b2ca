"""Mails that raise, hang or kill; crashes between any two steps: all or nothing, once, and the others went on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from mailgateway.core.messages import Mail
from mailgateway.steps import prepare, process
from tests.desk import BIA, JOAO, Desk


def _poison(monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None]) -> None:
    """Reading a mail that holds the word VENENO does harm."""
    read = prepare.parse

    def parse(raw: bytes, *args: Any) -> Mail:
        if b"VENENO" in raw:
            harm()
        return read(raw, *args)

    monkeypatch.setattr(prepare, "parse", parse)


def _raise() -> None:
    raise RuntimeError("a reader fell over")


def _hang() -> None:
    time.sleep(600)


def _die() -> None:
    os._exit(9)


@pytest.mark.parametrize("harm", [_raise, _hang, _die])
def test_a_poisonous_mail_is_quarantined_and_its_neighbours_go_through(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch, harm: Callable[[], None]
) -> None:
    desk = small_desk
    for text in ("Primeiro.", "Segundo.", "VENENO", "Terceiro."):
        desk.receive(desk.mail(JOAO, text))
    _poison(monkeypatch, harm)
    process.drain(desk.gateway, lambda: desk.now, deadline=1.0)
    outcomes = [item.outcome for item in desk.items()]
    assert outcomes == ["opened", "opened", "quarantined", "opened"]
    assert desk.item(3).attempts == 3
    assert b"VENENO" in desk.raw(3)
    assert desk.balances()


def test_a_quarantined_mail_can_be_tried_again(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk
    desk.receive(desk.mail(JOAO, "VENENO"))
    with monkeypatch.context() as patched:
        _poison(patched, _raise)
        process.drain(desk.gateway, lambda: desk.now)
    assert desk.item(1).outcome == "quarantined"
    desk.retry(1)
    process.drain(desk.gateway, lambda: desk.now)
    assert desk.item(1).outcome == "opened"
    assert desk.balances()


def test_a_dead_batch_costs_nobody_an_attempt(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = small_desk
    for _ in range(3):
        desk.receive(desk.mail(JOAO))

    def parse(raw: bytes, *args: Any) -> Mail:
        if not marker.exists():
            marker.touch()
            os._exit(9)
        return read(raw, *args)

    marker = desk.folder / "died"
    read = prepare.parse
    monkeypatch.setattr(prepare, "parse", parse)
    process.drain(desk.gateway, lambda: desk.now)
    assert [(i.outcome, i.attempts) for i in desk.items()] == [("opened", 1)] * 3  # each ran alone, once
    assert desk.balances()


class _Crash(BaseException):
    """The process is gone: nothing may catch it."""


#: All that runs for a batch, from its claim to its last commit.
_STEPS = {f.__code__ for f in (process.batch, process._finish, process.decide_and_write)}


def _crash_at(line_number: int) -> Callable[[FrameType, str, Any], Any]:
    """A tracer that crashes before the nth line of these steps is run."""
    seen = 0

    def local(frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal seen
        if event == "line":
            seen += 1
            if seen == line_number:
                raise _Crash
        return local

    def tracer(frame: FrameType, event: str, _arg: Any) -> Any:
        return local if event == "call" and frame.f_code in _STEPS else None

    return tracer


def test_a_crash_between_any_two_steps_leaves_all_or_nothing(desk: Desk) -> None:
    """Kill it before each of its lines in turn, take up what it left, and count."""
    crashes = 0
    for line in range(1, 60):
        desk.receive(desk.mail(JOAO, f"Caso {line}.", cc=BIA))
        before = desk.counts()
        sys.settrace(_crash_at(line))
        try:
            process.batch(desk.gateway, desk.now, f"run-{line}")
            crashed = False
        except _Crash:
            crashed = True
        finally:
            sys.settrace(None)
        if not crashed:
            break
        crashes += 1
        tickets, mails = desk.counts()
        done = desk.items()[-1].outcome == "opened"
        assert (tickets, mails) == ((before[0] + 1, before[1] + 4) if done else before)
        desk.take_up(f"run-{line}")
        desk.process()
    assert crashes > 15, "the decider has more lines than that"
    assert desk.counts() == (crashes + 1, 4 * (crashes + 1))
    assert desk.balances()


def test_two_deciders_never_apply_one_mail_twice(desk: Desk) -> None:
    """A claim whose lease ran out while its holder was still at work: the slow one applies nothing."""
    desk.receive(desk.mail(JOAO))
    ids = desk.claim("slow")
    desk.take_up("slow")
    desk.process()
    with pytest.raises(Exception, match="claimed by somebody else"):
        process._finish(desk.gateway, ids, desk.now, "slow")
    assert desk.counts() == (1, 3)
