"""What those do who hold a seat: voting, contesting; and what their silence does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailgateway.core.notices import Event
from mailgateway.core.tickets import EntryKind, Rule
from mailgateway.core.workflow import Act, Status
from tests.core.cast import (
    ANA,
    CARLOS,
    CLOCK,
    DORA,
    EVA,
    SONIA,
    at,
    events,
    labels,
)

S, A, E = Status, Act, Event


# ---- voting


def test_a_vote_that_ends_no_round_leaves_the_ticket_where_it_is_and_may_change() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA, EVA), rule=Rule.MAJORITY)
    first = made.do(CARLOS, A.REJECT, "falta")
    assert (first.ticket.status, events(first)) == (S.AWAITING_APPROVAL, [E.VOTED])
    changed = made.do(CARLOS, A.APPROVE)
    assert events(changed) == [E.VOTED]
    last = made.do(DORA, A.APPROVE)
    assert (last.ticket.status, events(last)) == (S.FINISHED, [E.FINISHED])
    assert [e.label for e in made.history if e.kind is EntryKind.VOTE] == ["rejected", "approved", "approved"]
    assert made.judge(EVA, A.REJECT, "não").refusal == "late"


@pytest.mark.parametrize(("rule", "becomes"), [(Rule.ONE, S.REJECTED), (Rule.ALL, S.REJECTED)])
def test_the_first_rejection_ends_the_round_of(rule: Rule, becomes: Status) -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA), rule=rule)
    decision = made.do(DORA, A.REJECT, "falta")
    assert (decision.ticket.status, events(decision)) == (becomes, [E.REJECTED])


def test_nobody_votes_on_his_own_solution_even_where_a_seat_is_his() -> None:
    made = at(S.AWAITING_APPROVAL)
    assert made.ticket.round
    made.ticket = replace(made.ticket, round=replace(made.ticket.round, solution_by=CARLOS))
    assert made.judge(CARLOS, A.APPROVE).refusal == "self_approval"


def test_a_decision_on_a_round_that_is_void_finds_none_open() -> None:
    for act in (A.WITHDRAW, A.CANCEL):
        made = at(S.AWAITING_APPROVAL)
        made.do(ANA, act, "porque sim")
        assert made.judge(CARLOS, A.APPROVE).refusal == "not_open"


# ---- contesting


@pytest.mark.parametrize(("act", "decided"), [(A.APPROVE, S.FINISHED), (A.REJECT, S.REJECTED)])
def test_a_decision_may_be_taken_back_for_seven_days(act: Act, decided: Status) -> None:
    made = at(S.AWAITING_APPROVAL)
    made.do(CARLOS, act, "motivo")
    assert made.ticket.status is decided
    assert made.later(days=7, seconds=1).judge(CARLOS, A.CONTEST).refusal == "contest_window"
    back = made.later(seconds=-1).do(CARLOS, A.CONTEST, "não fui eu")
    assert (back.ticket.status, back.ticket.finished_at, events(back)) == (S.IN_SERVICE, None, [E.CONTESTED])
    assert back.ticket.round
    assert (back.ticket.round.void, back.ticket.round.result) == (True, decided is S.FINISHED)
    assert [s.vote for s in back.ticket.round.seats] == [None]
    assert made.judge(CARLOS, A.CONTEST).refusal == "wrong_status"


def test_while_the_round_is_open_only_the_vote_is_void() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA), rule=Rule.ALL)
    made.do(CARLOS, A.APPROVE)
    back = made.do(CARLOS, A.CONTEST)
    assert (back.ticket.status, events(back)) == (S.AWAITING_APPROVAL, [E.VOTED])
    assert back.ticket.open_round
    assert [s.vote for s in back.ticket.open_round.seats] == [None, None]
    assert made.judge(CARLOS, A.CONTEST).refusal == "no_vote"


def test_only_whose_vote_made_the_result_contests_it() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA, EVA), rule=Rule.MAJORITY)
    made.do(CARLOS, A.REJECT, "falta")
    made.do(DORA, A.APPROVE)
    made.do(EVA, A.APPROVE)
    assert made.judge(CARLOS, A.CONTEST).refusal == "not_his_result"
    assert made.judge(EVA, A.CONTEST).ticket.status is S.IN_SERVICE
    one = at(S.FINISHED, approvers=(CARLOS, DORA))
    assert one.judge(DORA, A.CONTEST).refusal == "no_vote"


def test_a_ticket_that_was_finished_otherwise_since_then_is_not_contested() -> None:
    closed = at(S.REJECTED).later(hours=1)
    closed.do(SONIA, A.CLOSE)
    assert closed.judge(CARLOS, A.CONTEST).refusal == "not_his_result"
    again = at(S.FINISHED).later(hours=1)
    again.do(SONIA, A.REOPEN, "voltou")
    again.do(SONIA, A.CLOSE)
    assert again.ticket.status is S.FINISHED
    assert again.judge(CARLOS, A.CONTEST).refusal == "not_his_result"


# ---- acceptance by time


def test_silence_accepts_for_a_requester_and_he_may_contest_it() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=())
    over = made.do(CLOCK, A.APPROVE)
    assert (over.ticket.status, labels(over), events(over)) == (S.FINISHED, ["accepted_by_time"], [E.FINISHED])
    assert made.judge(SONIA, A.APPROVE).refusal == "late"
    assert made.judge(SONIA, A.CONTEST).ticket.status is S.IN_SERVICE


def test_silence_never_replaces_a_named_approver_nor_where_the_queue_says_never() -> None:
    assert at(S.AWAITING_APPROVAL).judge(CLOCK, A.APPROVE).refusal == "no_right"
    assert at(S.AWAITING_APPROVAL, approvers=(), acceptance_days=0).judge(CLOCK, A.APPROVE).refusal == "no_right"
