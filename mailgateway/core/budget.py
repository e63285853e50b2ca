"""What may go out now: answers are limited per address and per ticket; owed notices wait for a digest in a storm.

What junk can bring about spends a purse of its own: unproven mail, and warnings whoever wrote. So junk in somebody's
name never silences what he is owed.
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


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

#: That somebody tries to speak in another one's name: how often a person hears of it before the digest tells the rest.
WARNINGS = Limit("warnings60", _HOUR, 5)
#: That an address, or a ticket, is answered no more: said once, and by the whole gateway not more often than that.
SILENCE = Limit("silence1440", _DAY, 1)
SILENCES = Limit("silences60", _HOUR, 5)
#: What an operator must mend: the sum of it.
TROUBLE = Limit("trouble60", _HOUR, 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on answers: an unproven address, a proven one, and a ticket; and those on a person's owed notices.

    Notices that an unproven mail causes have a purse of their own, and so have warnings.
    """

    unproven: tuple[Limit, ...]
    proven: tuple[Limit, ...]
    ticket: tuple[Limit, ...]
    notices: Limit
    notices_unproven: Limit

    def owed(self, notice: str, *, proven: bool) -> Limit:
        """From which purse of his a person is told this."""
        if notice == "warning":
            return WARNINGS
        return self.notices if proven else self.notices_unproven


def spend(purse: Purse | None, limit: Limit, now: datetime) -> Purse | None:
    """The purse with one answer more, or None where the limit is reached."""
    if purse is None or now - purse.since >= limit.window:
        return Purse(now, 1)
    return Purse(purse.since, purse.spent + 1) if purse.spent < limit.most else None
