"""What is due by time alone, on business hours with weekends and Brazilian holidays in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core import rounds
from mailgateway.core.calendar import Calendar
from mailgateway.core.deadlines import Change, Due, Watch, What, due
from mailgateway.core.queues import Queue
from mailgateway.core.rounds import Candidates
from mailgateway.core.tickets import Pause, Rating, Ticket
from mailgateway.core.workflow import Status
from tests.core.cast import ANA, CARLOS, DESK, DORA, SONIA, SUBSTITUTE, TICKET

ZONE = ZoneInfo("America/Sao_Paulo")
HOLIDAYS = frozenset({date(2026, 11, 20), date(2026, 12, 25), date(2027, 1, 1)})  # Consciência Negra is a Friday
HOURS = Calendar(ZONE, frozenset(range(5)), time(8), time(18), HOLIDAYS)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


START = local("2026-11-18T10:00")  # a Wednesday; the Friday is a holiday


def asked(*people: Any, **queue: Any) -> Watch:
    """A ticket whose approvers (else its requester) were asked at the start."""
    of = replace(DESK, substitute=SUBSTITUTE.email, **queue)
    opened = rounds.open_round(TICKET, of, Candidates(approvers=people, substitute=SUBSTITUTE), ANA, START)
    assert opened
    ticket = replace(TICKET, status=Status.AWAITING_APPROVAL, round=replace(opened, id=5), touched=True)
    return Watch(ticket, of, HOURS, substitute=SUBSTITUTE)


def paused(until: datetime | None = None, *, for_requester: bool = True, **queue: Any) -> Watch:
    rest = Pause("aguardando retorno", for_requester, until)
    ticket = replace(TICKET, status=Status.PAUSED, pause=rest, touched=True, opened_at=START)
    return Watch(ticket, replace(DESK, **queue), HOURS, (Change(START, Status.PAUSED),))


def finished(**ticket: Any) -> Watch:
    return Watch(replace(TICKET, status=Status.FINISHED, finished_at=START, **ticket), DESK, HOURS)


def targeted(status: Status = Status.WAITING, changes: tuple[Change, ...] = (), **queue: Any) -> Watch:
    ticket = replace(TICKET, status=status, opened_at=START, touched=status is not Status.WAITING)
    return Watch(ticket, replace(DESK, **queue), HOURS, changes)


def told(found: tuple[Due, ...]) -> list[str]:
    return [f"{d.step.what} {d.step.number}" for d in found]


def life(watch: Watch, days: int = 40) -> list[str]:
    """What happens when the gateway looks every half hour: local time, what, which one."""
    now, seen = START, []
    while now < START + timedelta(days=days):
        for found in due(watch, now):
            seen.append(f"{now.astimezone(ZONE):%d/%m %H:%M} {found.step.what} {found.step.number}")
            watch = replace(watch, reached={**watch.reached, **dict.fromkeys(found.reached, now)})
            if found.step.what is What.CLOSE:
                return seen
        now += timedelta(minutes=30)
    return seen


STORIES: dict[str, tuple[Watch, list[str]]] = {
    "approvers: 24, 72 and 96 business hours, over a holiday and weekends": (
        asked(CARLOS, DORA),
        ["23/11 14:00 remind 1", "30/11 12:00 remind 2", "02/12 16:00 substitute 3"],
    ),
    "a requester: at a third of his days, and one before the end": (
        asked(),
        ["23/11 18:00 remind 1", "27/11 18:00 remind 2"],
    ),
    "a requester with two days: one reminder": (asked(acceptance_days=2), ["19/11 18:00 remind 1"]),
    "a requester with one day": (asked(acceptance_days=1), ["18/11 18:00 remind 1"]),
    "a requester without end is reminded all the same": (
        asked(acceptance_days=0),
        ["23/11 14:00 remind 1", "30/11 12:00 remind 2"],
    ),
    "a rating: three business days after the end": (finished(), ["24/11 18:00 rating 1"]),
    "a pause: half way, a day before, the end": (
        paused(),
        ["26/11 18:00 warn_close 1", "02/12 18:00 warn_close 2", "03/12 18:00 close 1"],
    ),
    "a pause of one day": (paused(auto_close_days=1), ["18/11 18:00 warn_close 1", "19/11 18:00 close 1"]),
    "a pause that never ends": (paused(auto_close_days=0), []),
    "a pause that waits for something else": (paused(for_requester=False), []),
    "a pause with a date": (paused(local("2027-03-01T18:00")), []),
    "a first answer: at 80 % and when it is late": (
        targeted(response_hours=10),
        ["18/11 18:00 response 1", "19/11 10:00 response 2"],
    ),
    "a first answer that was given": (targeted(Status.IN_SERVICE, response_hours=10), []),
    "no targets": (targeted(), []),
    "a solution": (
        targeted(Status.IN_SERVICE, solution_hours=20),
        ["19/11 16:00 solution 1", "23/11 10:00 solution 2"],
    ),
    "a solution of a paused ticket": (targeted(Status.PAUSED, (Change(START, Status.PAUSED),), solution_hours=1), []),
    "a solution that is there": (targeted(Status.AWAITING_APPROVAL, solution_hours=1), []),
}


@pytest.mark.parametrize("story", STORIES)
def test_in_time(story: str) -> None:
    watch, expected = STORIES[story]
    assert life(watch) == expected


def test_the_clock_of_a_solution_stands_still_in_pauses_and_while_others_decide() -> None:
    changes = (
        Change(local("2026-11-18T12:00"), Status.PAUSED),  # 2 h so far
        Change(local("2026-11-24T12:00"), Status.IN_SERVICE),
        Change(local("2026-11-24T14:00"), Status.AWAITING_APPROVAL),  # 4 h so far
        Change(local("2026-11-25T16:00"), Status.REJECTED),
    )
    watch = targeted(Status.REJECTED, changes, solution_hours=10)
    seen = [line for line in life(watch) if line]
    assert seen == ["26/11 10:00 solution 1", "26/11 12:00 solution 2"]
    late = [d.step.until for d in due(watch, local("2026-11-26T12:00"))]
    assert late == [local("2026-11-26T12:00")]


def test_a_target_missed_before_a_pause_is_told_after_it() -> None:
    changes = (Change(local("2026-11-19T10:00"), Status.PAUSED), Change(local("2026-11-24T09:00"), Status.IN_SERVICE))
    found = due(targeted(Status.IN_SERVICE, changes, solution_hours=5), local("2026-11-24T09:00"))
    assert [(d.step.number, d.step.until) for d in found] == [(2, local("2026-11-18T15:00"))]


# ---- what a step says


@pytest.mark.parametrize(("hours", "announced"), [(24, None), (72, SUBSTITUTE)])
def test_the_last_reminder_names_the_substitute_and_his_moment(hours: int, announced: Any) -> None:
    watch = asked(CARLOS)
    (found,) = due(watch, HOURS.after(START, hours))
    assert (found.step.substitute, found.step.until) == (announced, HOURS.after(START, 96))


@pytest.mark.parametrize("watch", [replace(asked(CARLOS), substitute=None), replace(asked(CARLOS), substitute=CARLOS)])
def test_it_names_none_where_nobody_would_be_asked(watch: Watch) -> None:
    (found,) = due(watch, HOURS.after(START, 72))
    assert found.step.substitute is None


def test_a_requester_hears_by_when_silence_accepts() -> None:
    (found,) = due(asked(), HOURS.days_after(START, 6))
    assert found.step.until == HOURS.days_after(START, 7)


# ---- a gateway that was away


def test_after_a_month_only_the_latest_of_each_kind_is_done_and_the_others_count_as_done() -> None:
    watch = asked(CARLOS)
    found = due(watch, START + timedelta(days=30))
    assert told(found) == ["remind 2", "substitute 3"]
    assert found[0].step.until is None, "a moment that is over is not announced"
    assert [d.reached for d in found] == [("round:5:remind:1", "round:5:remind:2"), ("round:5:substitute",)]
    reached = {name: START for d in found for name in d.reached}
    assert due(replace(watch, reached=reached), START + timedelta(days=31)) == ()


def test_after_a_month_a_pause_does_not_end_without_a_warning() -> None:
    late = local("2026-12-19T12:00")  # a Saturday
    (found,) = due(paused(), late)
    assert (told((found,)), found.step.until) == (["warn_close 2"], local("2026-12-21T18:00"))
    warned = replace(paused(), reached=dict.fromkeys(found.reached, late))
    assert due(warned, local("2026-12-21T17:59")) == ()
    assert told(due(warned, local("2026-12-21T18:00"))) == ["close 1"]


@pytest.mark.parametrize(
    "watch",
    [
        finished(rating=Rating(5, "", START)),
        finished(requester=SONIA, rating=Rating(9, "", START)),
        replace(finished(), queue=replace(DESK, survey=False)),
    ],
)
def test_nobody_is_reminded_of_a_rating_that_he_gave_or_was_not_asked_for(watch: Watch) -> None:
    assert life(watch) == []


def test_a_rating_from_before_a_reopening_does_not_count() -> None:
    assert life(finished(rating=Rating(5, "", START - timedelta(days=9)))) == ["24/11 18:00 rating 1"]


def test_after_a_month_nobody_is_reminded_of_what_he_cannot_do_any_more() -> None:
    assert told(due(finished(), START + timedelta(days=30))) == ["rating 1"]
    assert due(finished(), START + timedelta(days=31)) == ()


@given(st.lists(st.integers(1, 60 * 24 * 20), min_size=1, max_size=12), st.sampled_from(sorted(STORIES)))
def test_whenever_the_gateway_looks_no_step_is_done_twice_and_none_of_a_kind_together(
    gaps: list[int], name: str
) -> None:
    watch, now, seen = STORIES[name][0], START, list[str]()
    for gap in gaps:
        now += timedelta(minutes=gap)
        found = due(watch, now)
        kinds = [d.step.what for d in found]
        assert len(kinds) == len(set(kinds))
        seen += [name for d in found for name in d.reached]
        watch = replace(watch, reached={**watch.reached, **{n: now for d in found for n in d.reached}})
        assert due(watch, now) == ()
    assert len(seen) == len(set(seen))


# ---- a new round, a new pause


def test_milestones_belong_to_one_round_and_one_pause() -> None:
    watch = asked(CARLOS)
    ticket: Ticket = replace(watch.ticket, round=replace(watch.ticket.round, id=6))  # type: ignore[type-var]
    names = [d.step.name for w in (watch, replace(watch, ticket=ticket)) for d in due(w, HOURS.after(START, 24))]
    assert names == ["round:5:remind:1", "round:6:remind:1"]
    again = replace(paused(), changes=(Change(START, Status.PAUSED), Change(START + timedelta(days=1), Status.PAUSED)))
    names = [d.step.name for w in (paused(), again) for d in due(w, START + timedelta(days=60))]
    assert names == ["pause:20261118130000:end", "pause:20261119130000:end"]
    assert all(len(name) <= 60 for name in names)


def test_a_queue_has_no_targets_unless_it_says_so() -> None:
    plain = Queue("x", ("x@example.com",))
    assert (plain.response_hours, plain.solution_hours, plain.auto_close_days) == (0, 0, 10)
