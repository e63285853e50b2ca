"""Business hours: when the desk works, and how its time is counted. Holidays come in as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_FARTHEST = 3660  # days that a search looks ahead: a calendar without working days must not loop for ever


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days (0 = Monday), the hours of each, and the days off."""

    zone: ZoneInfo
    days: frozenset[int]
    start: time
    end: time
    holidays: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether the desk works on that day."""
        return day.weekday() in self.days and day not in self.holidays

    def end_of(self, day: date) -> datetime:
        """When the desk closes on that day, or on the next working day where it is closed."""
        for _ in range(_FARTHEST):
            if self.works(day):
                break
            day += timedelta(days=1)
        return datetime.combine(day, self.end, self.zone)

    def days_after(self, moment: datetime, days: int) -> datetime:
        """The end of the day that lies so many working days after that of a moment."""
        day = moment.astimezone(self.zone).date()
        for _ in range(_FARTHEST):
            if days <= 0:
                break
            day += timedelta(days=1)
            days -= self.works(day)
        return self.end_of(day)

    def after(self, moment: datetime, hours: float) -> datetime:
        """The moment that lies so many business hours after another one.

        >>> from datetime import UTC
        >>> desk = Calendar(ZoneInfo("America/Sao_Paulo"), frozenset(range(5)), time(8), time(18))
        >>> friday = datetime(2026, 11, 20, 17, tzinfo=desk.zone)
        >>> desk.after(friday, 2).isoformat()
        '2026-11-23T09:00:00-03:00'
        """
        left, at = timedelta(hours=hours), moment.astimezone(self.zone)
        for _ in range(_FARTHEST):
            opens = datetime.combine(at.date(), self.start, self.zone)
            closes = datetime.combine(at.date(), self.end, self.zone)
            if self.works(at.date()) and at < closes:
                begin = max(at, opens)
                if begin + left <= closes:
                    return begin + left
                left -= closes - begin
            at = datetime.combine(at.date() + timedelta(days=1), time(0), self.zone)
        return at

    def between(self, start: datetime, end: datetime) -> float:
        """The business hours from one moment to a later one; 0 where it is not later.

        >>> from datetime import UTC
        >>> desk = Calendar(ZoneInfo("America/Sao_Paulo"), frozenset(range(5)), time(8), time(18))
        >>> desk.between(datetime(2026, 11, 20, 17, tzinfo=desk.zone), datetime(2026, 11, 23, 9, tzinfo=desk.zone))
        2.0
        """
        start, end, worked = start.astimezone(self.zone), end.astimezone(self.zone), timedelta(0)
        for ahead in range(max(0, min((end.date() - start.date()).days + 1, _FARTHEST))):
            day = start.date() + timedelta(days=ahead)
            if self.works(day):
                opens, closes = (datetime.combine(day, at, self.zone) for at in (self.start, self.end))
                worked += max(timedelta(0), min(end, closes) - max(start, opens))
        return worked / timedelta(hours=1)
