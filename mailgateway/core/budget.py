"""What may go out now: answers are limited per address and per ticket; owed notices wait for a digest in a storm.

Unproven mail spends a purse of its own, so that junk in somebody's name never silences what he is owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Purse:
    """How many answers were given in the window that began at `since`."""

    since: datetime
    spent: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` answers from this purse in a window of that length."""

    purse: str
    window: timedelta
    most: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on answers: an unproven address, a proven one, and a ticket; and those on a person's owed notices.

    Notices that an unproven mail causes have a purse of their own.
    """

    unproven: tuple[Limit, ...]
    proven: tuple[Limit, ...]
    ticket: tuple[Limit, ...]
    notices: Limit
    notices_unproven: Limit


def spend(purse: Purse | None, limit: Limit, now: datetime) -> Purse | None:
    """The purse with one answer more, or None where the limit is reached."""
    if purse is None or now - purse.since >= limit.window:
        return Purse(now, 1)
    return Purse(purse.since, purse.spent + 1) if purse.spent < limit.most else None
