"""Rounds: who gets a seat, and when the votes of each rule make a result."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from mailgateway.core import rounds
from mailgateway.core.calendar import Calendar
from mailgateway.core.people import Person
from mailgateway.core.rounds import Candidates
from mailgateway.core.tickets import Round, Rule, Seat
from tests.core.cast import ANA, BIA, CARLOS, DESK, DORA, EVA, NOW, SONIA, SUBSTITUTE, TICKET

# named, queue's approvers, substitute, who wrote the solution → who is asked, and whether it is an acceptance
SEATS: dict[str, tuple[tuple[Person, ...], tuple[Person, ...], Person | None, Person, list[Person], bool]] = {
    "whom the agent names": ((DORA, EVA), (CARLOS,), SUBSTITUTE, ANA, [DORA, EVA], False),
    "else the queue's approvers": ((), (CARLOS, DORA), SUBSTITUTE, ANA, [CARLOS, DORA], False),
    "else the requester": ((), (), SUBSTITUTE, ANA, [SONIA], True),
    "nobody twice": ((DORA, DORA), (), None, ANA, [DORA], False),
    "never whoever wrote the solution": ((ANA, DORA), (), None, ANA, [DORA], False),
    "the substitute where that leaves nobody": ((ANA,), (CARLOS,), SUBSTITUTE, ANA, [SUBSTITUTE], False),
    "the substitute of a requester who solved it himself": ((), (), SUBSTITUTE, SONIA, [SUBSTITUTE], False),
    "a named requester is a named approver": ((SONIA,), (), None, ANA, [SONIA], False),
    "nobody, where the substitute wrote it": ((), (ANA,), ANA, ANA, [], False),
    "nobody, where there is no substitute": ((), (), None, SONIA, [], False),
}


@pytest.mark.parametrize("name", SEATS)
def test_the_seats_go_to(name: str) -> None:
    named, approvers, substitute, author, asked, acceptance = SEATS[name]
    opened = rounds.open_round(TICKET, DESK, Candidates(named, approvers, substitute), author, NOW)
    if not asked:
        assert opened is None
        return
    assert opened is not None
    assert [s.person for s in opened.seats] == asked
    assert (opened.acceptance, opened.number, opened.solution_by, opened.open) == (acceptance, 1, author, True)


def test_the_bar_is_on_the_person_not_on_the_address() -> None:
    elsewhere = replace(ANA, email="ana@casa.example", addresses=("ana@casa.example",))
    assert rounds.open_round(TICKET, DESK, Candidates((elsewhere,)), ANA, NOW) is None


def test_a_ticket_without_requester_asks_the_substitute_or_nobody() -> None:
    orphan = replace(TICKET, requester=None)
    assert rounds.open_round(orphan, DESK, Candidates(), ANA, NOW) is None
    opened = rounds.open_round(orphan, DESK, Candidates(substitute=SUBSTITUTE), ANA, NOW)
    assert opened
    assert not opened.acceptance


def test_rounds_are_numbered_within_their_ticket() -> None:
    first = rounds.open_round(TICKET, DESK, Candidates((DORA,)), ANA, NOW)
    second = rounds.open_round(replace(TICKET, round=first), DESK, Candidates((DORA,)), ANA, NOW)
    assert first
    assert second
    assert (first.number, second.number) == (1, 2)


def round_of(rule: Rule, votes: str) -> Round:
    """Seats that voted: y, n, or - for not yet."""
    people = (CARLOS, DORA, EVA, SONIA, SUBSTITUTE)[: len(votes)]
    seats = tuple(Seat(p, {"y": True, "n": False, "-": None}[v]) for p, v in zip(people, votes, strict=True))
    return Round(1, 1, rule, seats, NOW, ANA)


RESULTS: dict[Rule, dict[str, bool | None]] = {
    Rule.ONE: {"-": None, "--": None, "y": True, "n": False, "-y": True, "n-": False, "--y": True},
    Rule.ALL: {"-": None, "y": True, "n": False, "y-": None, "yy": True, "yn": False, "n-": False, "yy-": None},
    Rule.MAJORITY: {
        **{"-": None, "y": True, "n": False},
        **{"--": None, "y-": None, "n-": False, "yy": True, "yn": False},  # of two, both are more than half
        **{"y--": None, "yy-": True, "n--": None, "yn-": None, "nn-": False, "yny": True},
        **{"yy--": None, "nn--": False, "yyn-": None, "yyy-": True, "nny-": False},
        **{"yy---": None, "yyy--": True, "nn---": None, "nnn--": False},
    },
}


@pytest.mark.parametrize(("rule", "votes"), [(rule, votes) for rule, table in RESULTS.items() for votes in table])
def test_the_votes_of_a_rule_make(rule: Rule, votes: str) -> None:
    assert rounds.result_of(round_of(rule, votes)) is RESULTS[rule][votes]


@pytest.mark.parametrize("rule", Rule)
def test_when_all_have_voted_the_round_is_over_whatever_they_said(rule: Rule) -> None:
    for votes in chain_of_votes():
        assert rounds.result_of(round_of(rule, votes)) is not None


def chain_of_votes() -> list[str]:
    return ["".join(votes) for count in range(1, 6) for votes in product("yn", repeat=count)]


@pytest.mark.parametrize("rule", Rule)
def test_a_result_stands_whatever_the_others_would_have_said(rule: Rule) -> None:
    if rule is Rule.ONE:
        return  # there the first one decides, as it is said
    for votes in ("".join(v) for count in range(1, 6) for v in product("yn-", repeat=count)):
        if (result := rounds.result_of(round_of(rule, votes))) is not None:
            for rest in product("yn", repeat=votes.count("-")):
                said = iter(rest)
                full = "".join(next(said) if v == "-" else v for v in votes)
                assert rounds.result_of(round_of(rule, full)) is result, (votes, full)


def test_a_vote_may_change_while_the_round_is_open() -> None:
    opened = round_of(Rule.ALL, "---")
    yes = rounds.vote(opened, CARLOS, True, NOW, "ok")
    taken_back = rounds.vote(yes, CARLOS, None, NOW)
    assert yes.open
    assert taken_back == opened
    no = rounds.vote(yes, CARLOS, False, NOW, "faltou")
    assert (no.result, no.closed_at, no.seats[0].reason) == (False, NOW, "faltou")


def test_a_delegates_vote_is_the_seats_and_names_him() -> None:
    voted = rounds.vote(round_of(Rule.ONE, "-"), CARLOS, True, NOW, voter=BIA)
    assert (voted.seats[0].person, voted.seats[0].voter) == (CARLOS, BIA)


def test_a_void_round_is_not_open() -> None:
    void = rounds.voided(round_of(Rule.ONE, "-"), NOW)
    assert (void.open, void.void, void.result) == (False, True, None)


# ---- the substitute


def substituted(rule: Rule, votes: str, his: bool | None) -> Round:
    """A round in which the substitute was asked after these votes, and what he said."""
    with_him = rounds.with_substitute(round_of(rule, votes), SUBSTITUTE)
    assert with_him
    return rounds.vote(with_him, SUBSTITUTE, his, NOW)


@pytest.mark.parametrize(
    ("rule", "votes", "his", "result"),
    [
        (Rule.ONE, "-", True, True),
        (Rule.ONE, "--", False, False),
        (Rule.ALL, "y-", True, True),
        (Rule.ALL, "y--", True, True),
        (Rule.ALL, "y-", False, False),
        (Rule.ALL, "y-", None, None),
        (Rule.MAJORITY, "y--", True, True),
        (Rule.MAJORITY, "yn-", True, True),
        (Rule.MAJORITY, "y--", False, False),
        (Rule.MAJORITY, "y--", None, None),
    ],
)
def test_the_vote_of_a_substitute_is_that_of_every_silent_seat(
    rule: Rule, votes: str, his: bool | None, result: bool | None
) -> None:
    assert substituted(rule, votes, his).result is result


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("votes", ["-", "--", "y--"])
def test_asking_the_substitute_decides_nothing_and_who_was_asked_first_may_still_vote(rule: Rule, votes: str) -> None:
    if rule is Rule.ONE and "y" in votes:
        return  # it is over
    asked = rounds.with_substitute(round_of(rule, votes), SUBSTITUTE)
    assert asked
    assert rounds.result_of(asked) is None
    for person in (CARLOS, DORA, EVA)[: len(votes)]:
        asked = rounds.vote(asked, person, True, NOW)
    assert (asked.result, asked.seats[-1]) == (True, Seat(SUBSTITUTE, stands_in=True))


def test_a_substitute_may_take_back_his_vote_and_still_stands_in() -> None:
    voted = rounds.vote(substituted(Rule.MAJORITY, "yn--", None), SUBSTITUTE, None, NOW)
    assert voted.seats[-1] == Seat(SUBSTITUTE, stands_in=True)


@pytest.mark.parametrize(
    ("round_", "substitute"),
    [
        (round_of(Rule.ONE, "-"), None),
        (round_of(Rule.ONE, "-"), CARLOS),  # asked already
        (round_of(Rule.ONE, "-"), ANA),  # he wrote the solution
        (round_of(Rule.ONE, "y"), SUBSTITUTE),
        (rounds.voided(round_of(Rule.ONE, "-"), NOW), SUBSTITUTE),
        (replace(round_of(Rule.ONE, "-"), acceptance=True), SUBSTITUTE),
        (rounds.with_substitute(round_of(Rule.ONE, "-"), SUBSTITUTE), BIA),  # there is one
    ],
)
def test_nobody_stands_in_who_may_not(round_: Round, substitute: Person | None) -> None:
    if round_.result is None and round_.seats[0].vote:
        round_ = replace(round_, result=True)
    assert rounds.with_substitute(round_, substitute) is None


SAO_PAULO = ZoneInfo("America/Sao_Paulo")
HOURS = Calendar(SAO_PAULO, frozenset(range(5)), time(8), time(18))


@pytest.mark.parametrize(
    ("acceptance", "days", "by"),
    [
        (True, 7, "2026-12-03T18:00:00-03:00"),  # seven business days
        (True, 0, None),  # never
        (False, 7, "2026-12-07T16:00:00-03:00"),  # 96 business hours of ten a day
    ],
)
def test_a_request_names_the_moment_until_which_it_waits(acceptance: bool, days: int, by: str | None) -> None:
    opened = replace(round_of(Rule.ONE, "-"), acceptance=acceptance)
    until = rounds.answer_by(opened, replace(DESK, acceptance_days=days), HOURS)
    assert (until.isoformat() if until else None) == by


def test_the_days_of_an_acceptance_leave_out_the_weekend() -> None:
    assert HOURS.days_after(NOW + timedelta(days=3), 1).isoformat() == "2026-11-30T18:00:00-03:00"
