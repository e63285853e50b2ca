"""A desk's clock in São Paulo, where the tests of time think."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mailgateway.steps import sweep
from tests.desk import Desk

ZONE = ZoneInfo("America/Sao_Paulo")


def at(desk: Desk, local: str) -> list[tuple[str, str]]:
    """It is that moment there ("26/11 14:00"): do what is due; who gets which mail, in order, each of them sent."""
    day, clock = local.split()
    (number, month), (hour, minute) = day.split("/"), clock.split(":")
    desk.now = datetime(desk.now.year, int(month), int(number), int(hour), int(minute), tzinfo=ZONE).astimezone(UTC)
    sweep.sweep(desk.gateway, desk.now)
    sent = desk.out()
    assert {o.state for o in sent} <= {"waiting"}
    return [(o.to, o.notice) for o in sent]
