"""What agents do: treating, resolving, correcting."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailgateway.core.cases import Decision
from mailgateway.core.notices import Event
from mailgateway.core.tickets import EntryKind, Rule
from mailgateway.core.workflow import Act, Status
from tests.core.cast import (
    ANA,
    BIA,
    CARLOS,
    CLOCK,
    DESK,
    DORA,
    EVA,
    FABIO,
    NOW,
    SHOP,
    SONIA,
    SUBSTITUTE,
    at,
    desk,
    events,
    labels,
)

S, A, E = Status, Act, Event


# ---- treating


def test_taking_what_is_ones_own_already_changes_nothing() -> None:
    made = at(S.IN_SERVICE)
    assert made.judge(ANA, A.TAKE) == Decision(made.ticket)
    assert made.judge(ANA, A.ASSIGN, emails=(ANA.email,)) == Decision(made.ticket)
    assert made.judge(BIA, A.TAKE).ticket.assignee == BIA


def test_a_pause_ends_when_it_is_left() -> None:
    for act, asked in ((A.TAKE, {}), (A.ASSIGN, {"emails": (BIA.email,)}), (A.RESUME, {}), (A.RESOLVE, {"text": "ok"})):
        assert at(S.PAUSED).judge(ANA, act, **asked).ticket.pause is None


def test_a_requester_ends_only_a_pause_that_waits_for_him() -> None:
    for name, becomes in (("requester", S.IN_SERVICE), ("outside", S.PAUSED)):
        made = at(S.IN_SERVICE)
        made.do(ANA, A.PAUSE, "aguardando", name=name)
        assert made.judge(SONIA, A.COMMENT, "pronto").ticket.status is becomes
        assert made.judge(SONIA, A.RESUME).ticket.status is becomes
        assert made.judge(FABIO, A.COMMENT, "pronto").ticket.status is S.PAUSED
    assert made.judge(SONIA, A.RESUME).refusal == "no_right"


def test_the_comment_that_ends_a_pause_says_so_in_the_history() -> None:
    entry = at(S.PAUSED).judge(SONIA, A.COMMENT, "pronto").entries[0]
    assert (entry.kind, entry.from_status, entry.to_status) == (EntryKind.COMMENT, S.PAUSED, S.IN_SERVICE)


def test_the_clock_ends_a_pause_on_its_date_and_no_other() -> None:
    made = at(S.IN_SERVICE)
    made.do(ANA, A.PAUSE, "peça", until=NOW + timedelta(days=2))
    assert made.judge(CLOCK, A.RESUME).refusal == "wrong_status"
    ended = made.later(days=2).judge(CLOCK, A.RESUME)
    assert (ended.ticket.status, labels(ended)) == (S.IN_SERVICE, ["pause_ended"])
    assert at(S.PAUSED).later(days=99).judge(CLOCK, A.RESUME).refusal == "wrong_status"


def test_only_a_pause_that_waits_for_the_requester_closes_by_itself() -> None:
    made = at(S.IN_SERVICE)
    made.do(ANA, A.PAUSE, "peça", name="outside")
    assert made.judge(CLOCK, A.AUTO_CLOSE).refusal == "wrong_status"
    assert labels(at(S.PAUSED).judge(CLOCK, A.AUTO_CLOSE)) == ["no_answer"]


# ---- resolving


def test_resolving_what_waits_takes_it_first() -> None:
    decision = desk().do(ANA, A.RESOLVE, "troquei o cabo")
    assert [(e.label, e.from_status, e.to_status) for e in decision.entries] == [
        ("took", S.WAITING, S.IN_SERVICE),
        ("asked_approval_of", S.IN_SERVICE, S.AWAITING_APPROVAL),
    ]
    assert decision.ticket.assignee == ANA
    assert [(h.event, h.from_status) for h in decision.happenings] == [(E.RESOLVED, S.WAITING)]


def test_the_assignee_stays_when_a_colleague_resolves() -> None:
    assert at(S.IN_SERVICE).judge(BIA, A.RESOLVE, "feito").ticket.assignee == ANA


def test_resolving_again_opens_a_new_round_and_the_seats_of_the_old_one_hear_of_it() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA, EVA), rule=Rule.ALL)
    made.do(CARLOS, A.APPROVE)
    again = made.do(ANA, A.REQUEST_APPROVAL, "agora sim", emails=(DORA.email,))
    assert again.ticket.round
    assert (again.ticket.round.number, [s.person for s in again.ticket.round.seats]) == (2, [DORA])
    assert [s.vote for s in again.ticket.round.seats] == [None]
    assert [(h.event, h.people) for h in again.happenings] == [(E.RESOLVED, ()), (E.WITHDRAWN, (EVA,))]


@pytest.mark.parametrize(
    ("approval", "act", "becomes"),
    [
        ("always", A.RESOLVE, S.AWAITING_APPROVAL),
        ("on_request", A.RESOLVE, S.FINISHED),
        ("on_request", A.REQUEST_APPROVAL, S.AWAITING_APPROVAL),
        ("never", A.RESOLVE, S.FINISHED),
        ("never", A.REQUEST_APPROVAL, S.AWAITING_APPROVAL),
    ],
)
def test_the_queue_says_whether_approval_is_asked(approval: str, act: Act, becomes: Status) -> None:
    decision = desk(approval=approval).judge(ANA, act, "feito")
    assert decision.ticket.status is becomes
    assert (decision.ticket.finished_at == NOW) == (becomes is S.FINISHED)


def test_finishing_at_once_ends_a_round_that_was_open() -> None:
    made = desk(approval="on_request")
    made.do(ANA, A.REQUEST_APPROVAL, "feito")
    ended = made.do(ANA, A.RESOLVE, "não precisa")
    assert ended.ticket.round
    assert (ended.ticket.status, ended.ticket.round.void) == (S.FINISHED, True)
    assert events(ended) == [E.FINISHED, E.WITHDRAWN]


def test_nobody_else_is_asked_in_the_place_of_a_mistyped_approver() -> None:
    decision = desk().judge(ANA, A.REQUEST_APPROVAL, "feito", emails=("dora@", DORA.email))
    assert decision.refusal == "needs_address"


def test_with_nobody_independent_the_substitute_is_asked_and_without_one_it_is_over() -> None:
    asked = desk(approvers=(ANA,), substitute=SUBSTITUTE.email).judge(ANA, A.RESOLVE, "feito").ticket.round
    assert asked
    assert [s.person for s in asked.seats] == [SUBSTITUTE]
    for last in ("", ANA.email):
        over = desk(approvers=(ANA,), substitute=last).judge(ANA, A.RESOLVE, "feito")
        assert (over.ticket.status, labels(over)[-1]) == (S.FINISHED, "no_independent_approver")
        assert over.ticket.round is None


def test_withdrawing_tells_the_seats_that_had_not_voted() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA), rule=Rule.ALL)
    made.do(CARLOS, A.APPROVE)
    decision = made.do(ANA, A.WITHDRAW, "esqueci o cabo")
    assert [(h.event, h.people, h.text) for h in decision.happenings] == [(E.WITHDRAWN, (DORA,), "esqueci o cabo")]
    assert made.judge(DORA, A.APPROVE).refusal == "not_open"


# ---- corrections


def test_moving_ends_the_round_and_leaves_an_agent_of_the_old_queue_behind() -> None:
    made = at(S.AWAITING_APPROVAL)
    made.more = {"queues": (DESK, SHOP)}
    decision = made.judge(ANA, A.CHANGE_QUEUE, name="compras")
    assert decision.ticket.round
    assert (decision.ticket.queue, decision.ticket.round.void, decision.ticket.assignee) == ("compras", True, None)
    assert events(decision) == [E.MOVED, E.WITHDRAWN]
    entry = decision.entries[0]
    assert (entry.kind, entry.about, entry.to_status) == (EntryKind.CORRECTION, "suporte → compras", S.IN_SERVICE)


def test_an_agent_of_both_queues_keeps_what_he_moves() -> None:
    made = desk()
    made.do(BIA, A.TAKE)
    made.more = {"queues": (DESK, SHOP)}
    assert made.judge(BIA, A.CHANGE_QUEUE, name="compras").ticket.assignee == BIA
    assert made.judge(BIA, A.CHANGE_QUEUE, name="vendas").refusal == "needs_queue"
    assert made.judge(BIA, A.CHANGE_QUEUE, name="suporte") == Decision(made.ticket)


def test_a_new_requester_follows_no_more() -> None:
    decision = desk().judge(ANA, A.CHANGE_REQUESTER, emails=(FABIO.email,))
    assert (decision.ticket.requester, decision.ticket.followers) == (FABIO, ())
    assert labels(decision) == ["requester_changed"]
