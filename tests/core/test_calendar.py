"""Business hours in São Paulo, Monday to Friday, 8 to 18, with a holiday and a weekend in the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.calendar import Calendar

ZONE = ZoneInfo("America/Sao_Paulo")
HOLIDAY = date(2026, 11, 20)  # a Friday: Consciência Negra
DESK = Calendar(ZONE, frozenset(range(5)), time(8), time(18), frozenset({HOLIDAY}))
NEVER = Calendar(ZONE, frozenset(), time(8), time(18))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "works"),
    [("2026-11-19", True), ("2026-11-20", False), ("2026-11-21", False), ("2026-11-22", False), ("2026-11-23", True)],
)
def test_the_desk_works_on_weekdays_that_are_no_holiday(day: str, works: bool) -> None:
    assert DESK.works(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    ("day", "end"),
    [
        ("2026-11-19", "2026-11-19T18:00"),
        ("2026-11-20", "2026-11-23T18:00"),  # the holiday and its weekend
        ("2026-11-21", "2026-11-23T18:00"),
    ],
)
def test_the_end_of_a_business_day_is_that_days_or_the_next_ones(day: str, end: str) -> None:
    assert DESK.end_of(date.fromisoformat(day)) == local(end)


@pytest.mark.parametrize(
    ("moment", "hours", "after"),
    [
        ("2026-11-24T09:00", 0, "2026-11-24T09:00"),
        ("2026-11-24T09:00", 2, "2026-11-24T11:00"),
        ("2026-11-24T09:00", 9, "2026-11-24T18:00"),  # just to the end of the day
        ("2026-11-24T09:00", 9.5, "2026-11-25T08:30"),
        ("2026-11-24T07:00", 1, "2026-11-24T09:00"),  # before it opens
        ("2026-11-24T18:00", 1, "2026-11-25T09:00"),  # just when it closes
        ("2026-11-24T23:30", 1, "2026-11-25T09:00"),
        ("2026-11-19T17:00", 2, "2026-11-23T09:00"),  # over the holiday and the weekend
        ("2026-11-20T12:00", 2, "2026-11-23T10:00"),
        ("2026-11-21T12:00", 0, "2026-11-23T08:00"),
        ("2026-11-24T10:00", 24, "2026-11-26T14:00"),
        ("2026-11-24T10:00", 72, "2026-12-03T12:00"),
        ("2026-11-24T10:00", 96, "2026-12-07T16:00"),
    ],
)
def test_so_many_business_hours_after_a_moment_it_is(moment: str, hours: float, after: str) -> None:
    assert DESK.after(local(moment), hours) == local(after)
    assert DESK.after(local(moment).astimezone(UTC), hours) == local(after)


@pytest.mark.parametrize(
    ("moment", "days", "after"),
    [
        ("2026-11-24T10:00", 1, "2026-11-25T18:00"),
        ("2026-11-18T10:00", 2, "2026-11-23T18:00"),
        ("2026-11-18T10:00", 7, "2026-11-30T18:00"),
        ("2026-11-21T10:00", 1, "2026-11-23T18:00"),
        ("2026-11-24T10:00", 0, "2026-11-24T18:00"),
    ],
)
def test_so_many_business_days_end_at(moment: str, days: int, after: str) -> None:
    assert DESK.days_after(local(moment), days) == local(after)


def test_the_evening_in_utc_is_still_the_same_day_here() -> None:
    assert DESK.days_after(datetime(2026, 11, 25, 1, 0, tzinfo=UTC), 1) == local("2026-11-25T18:00")


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(ZONE))  # noqa: DTZ001


@given(moments, st.floats(0, 100), st.floats(0, 100))
def test_hours_add_up_and_never_lie_in_the_past(moment: datetime, one: float, other: float) -> None:
    first = DESK.after(moment, one)
    assert first >= moment
    assert DESK.works(first.date())
    assert time(8) <= first.time() <= time(18)
    assert abs(DESK.after(first, other) - DESK.after(moment, one + other)) < timedelta(seconds=1) or first.time() == (
        time(18)
    )


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-24T09:00", "2026-11-24T11:30", 2.5),
        ("2026-11-24T06:00", "2026-11-24T23:00", 10),
        ("2026-11-24T17:00", "2026-11-25T09:00", 2),
        ("2026-11-19T17:00", "2026-11-23T09:00", 2),  # over the holiday and the weekend
        ("2026-11-20T09:00", "2026-11-22T17:00", 0),
        ("2026-11-24T12:00", "2026-11-24T12:00", 0),
        ("2026-11-24T12:00", "2026-11-20T12:00", 0),
    ],
)
def test_between_two_moments_lie_so_many_business_hours(start: str, end: str, hours: float) -> None:
    assert DESK.between(local(start), local(end)) == hours
    assert DESK.between(local(start).astimezone(UTC), local(end).astimezone(UTC)) == hours


@given(moments, st.integers(0, 200))
def test_so_many_hours_after_a_moment_so_many_hours_have_passed(moment: datetime, hours: int) -> None:
    assert DESK.between(moment, DESK.after(moment, hours)) == pytest.approx(hours)


def test_a_calendar_without_working_days_ends_all_the_same() -> None:
    moment = local("2026-11-24T10:00")
    assert NEVER.after(moment, 1) > moment
    assert NEVER.days_after(moment, 1) > moment
    assert NEVER.end_of(moment.date()) > moment
