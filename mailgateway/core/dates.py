"""Dates as people write them after "até": 10/03, 10 de março, 2026-03-10, sexta, amanhã."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

#: Nobody pauses a ticket for longer; a further year is a slip of the pen.
_FURTHEST = timedelta(days=3 * 366)
_ORDINAL = r"(?:st|nd|rd|th|o|º)?"


@dataclass(frozen=True, slots=True)
class Today:
    """What a date needs to know of the day it is written on."""

    now: datetime
    timezone: tzinfo
    end_of_business_day: Callable[[date], datetime]
    month_may_come_first: bool = False  # 03/10 has two meanings, so it has none


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of dates in all languages; keys are without case and accents."""

    until: tuple[str, ...]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]  # Monday is 0
    days: Mapping[str, int]  # days from today
    joiners: tuple[str, ...]

    def pattern(self) -> re.Pattern[str]:
        """The word "até" and a date in any form; group `date` is what `read` takes."""
        month, join = _any(self.months), rf"(?: (?:{_any(self.joiners)}))? "
        forms = (
            r"\d+[/.-]\d+(?:[/.-]\d+)*",
            rf"\d+{_ORDINAL}{join}(?:{month})(?:{join}\d{{4}})?",
            rf"(?:{month}) \d+{_ORDINAL}(?:,? \d{{4}})?",
            _any([*self.weekdays, *self.days]),
        )
        return re.compile(rf"(?:{_any(self.until)}) (?P<date>{'|'.join(forms)})(?!\w)")

    def read(self, written: str, today: Today) -> datetime | None:
        """The end of that business day; None for a date that is past, impossible or has two meanings."""
        day = self._day(written, today)
        if day is None or day - _local_date(today) > _FURTHEST:
            return None
        end = today.end_of_business_day(day)
        return end if end > today.now else None

    def _day(self, written: str, today: Today) -> date | None:
        start = _local_date(today)
        if written in self.days:
            return start + timedelta(days=self.days[written])
        if written in self.weekdays:
            return start + timedelta(days=(self.weekdays[written] - start.weekday() - 1) % 7 + 1)
        numbers = [int(n) for n in re.findall(r"\d+", written)]
        named = next((self.months[w] for w in re.findall(r"[^\W\d]+", written) if w in self.months), None)
        if named is not None:
            return _occurrence(numbers[0], named, numbers[1:], start)
        if re.match(r"\d{4}\D", written):
            return _occurrence(numbers[2], numbers[1], numbers[:1], start) if len(numbers) == 3 else None
        return _numeric(numbers, start, today.month_may_come_first)


def _numeric(numbers: list[int], start: date, month_may_come_first: bool) -> date | None:
    day, month = numbers[:2]
    if month_may_come_first and day != month:
        if day <= 12 and month <= 12:
            return None
        if month > 12:
            day, month = month, day
    return _occurrence(day, month, numbers[2:], start)


def _occurrence(day: int, month: int, year: list[int], start: date) -> date | None:
    """That day of that year, or without a year the next time that it comes."""
    years = [y + 2000 if y < 100 else y for y in year] or [start.year, start.year + 1]
    days = (_date(y, month, day) for y in years) if len(year) <= 1 else ()
    return next((d for d in days if d is not None and d >= start), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def _local_date(today: Today) -> date:
    return today.now.astimezone(today.timezone).date()


def _any(words: Mapping[str, int] | tuple[str, ...] | list[str]) -> str:
    """An alternation, the longest first so that "até o dia" wins over "até"."""
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
