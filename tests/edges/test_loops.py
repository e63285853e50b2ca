"""The loops of `serve`'s children, where no test of the whole service can see what they do in time."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mailgateway.edges import loops
from mailgateway.edges.loops import Bells
from mailgateway.edges.supervisor import Bell, Life
from tests.desk import Desk


def test_a_backlog_that_never_ends_keeps_no_alarm_and_no_reminder_waiting(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept = list[int]()

    def drain(gateway: object, now: object, stop: Callable[[], bool]) -> None:
        while not stop():
            pass

    monkeypatch.setattr(loops, "SWEEP", 0.05)
    monkeypatch.setattr(loops, "LOOK", 0.0)
    monkeypatch.setattr(loops.process, "has_work", lambda _: True)
    monkeypatch.setattr(loops.process, "drain", drain)
    monkeypatch.setattr(loops.sweep, "sweep", lambda *_: swept.append(1))
    life = cast(Life, SimpleNamespace(ready=lambda: None, over=lambda: len(swept) == 3))
    parts: Any = frozenset({"process", "sweep"})
    loops.work(small_desk.gateway, parts, Bells(Bell(), Bell()), life, lambda: small_desk.now)
    assert len(swept) == 3
