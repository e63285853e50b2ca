"""What requesters do with their own ticket: closing, wishing, cancelling, reopening, rating."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailgateway.core.notices import Event
from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Act, Status
from tests.core.cast import (
    ANA,
    CARLOS,
    NOW,
    SONIA,
    at,
    events,
    labels,
)

S, A, E = Status, Act, Event


# ---- the requester


def test_closing_says_so_and_ends_a_pause() -> None:
    decision = at(S.PAUSED).judge(SONIA, A.CLOSE)
    assert (labels(decision), events(decision)) == (["closed_by_requester"], [E.FINISHED])
    assert (decision.ticket.pause, decision.ticket.finished_at) == (None, NOW)


def test_closing_while_his_own_approval_is_awaited_is_that_approval() -> None:
    decision = at(S.AWAITING_APPROVAL, approvers=()).judge(SONIA, A.CLOSE, "resolvido")
    assert (decision.ticket.status, labels(decision)) == (S.FINISHED, ["approved"])
    assert decision.happenings[0].approved is True


@pytest.mark.parametrize(
    ("act", "label", "line", "text", "heard"),
    [
        (A.CLOSE, "wishes_to_close", "Resolvido", "", "Resolvido"),
        (A.CANCEL, "wishes_to_cancel", "#cancelar: comprei outra", "comprei outra", "#cancelar: comprei outra"),
        (A.CANCEL, "wishes_to_cancel", "#cancelar", "comprei outra", "#cancelar\ncomprei outra"),
        (A.CANCEL, "wishes_to_cancel", "", "comprei outra", "comprei outra"),
    ],
)
def test_a_wish_that_an_agent_grants_is_a_comment_in_his_words(
    act: Act, label: str, line: str, text: str, heard: str
) -> None:
    decision = at(S.AWAITING_APPROVAL).judge(SONIA, act, text, line=line)
    assert [(e.kind, e.label, e.text) for e in decision.entries] == [(EntryKind.COMMENT, label, text)]
    assert [(h.event, h.text) for h in decision.happenings] == [(E.COMMENTED, heard)]


def test_cancelling_ends_a_round() -> None:
    decision = at(S.AWAITING_APPROVAL).judge(ANA, A.CANCEL, "duplicado")
    assert decision.ticket.round
    assert decision.ticket.round.void
    assert [(h.event, h.people) for h in decision.happenings] == [(E.CANCELLED, ()), (E.WITHDRAWN, (CARLOS,))]


@pytest.mark.parametrize(
    ("days", "after", "refusal"),
    [(0, 0, "reopen_window"), (0, 1, "reopen_window"), (5, 5, ""), (5, 5.01, "reopen_window")],
)
def test_a_ticket_is_reopened_only_within_the_days_of_its_queue(days: int, after: float, refusal: str) -> None:
    made = at(S.FINISHED, reopen_days=days).later(days=after)
    decision = made.judge(SONIA, A.REOPEN, "voltou")
    assert decision.refusal == refusal
    if not refusal:
        assert (decision.ticket.finished_at, events(decision)) == (None, [E.REOPENED])


# ---- rating


@pytest.mark.parametrize("score", [None, 0, 6, 8, 10, -1])
def test_a_score_is_one_to_five_or_nine(score: int | None) -> None:
    assert at(S.FINISHED).judge(SONIA, A.RATE, score=score).refusal == "scale"


@pytest.mark.parametrize(
    ("score", "heard", "label"),
    [
        (1, [E.RATED, E.RATED_LOW], "rated"),
        (2, [E.RATED, E.RATED_LOW], "rated"),
        (3, [E.RATED], "rated"),
        (5, [E.RATED], "rated"),
        (9, [E.RATED], "declined_to_rate"),
    ],
)
def test_a_low_score_alerts_and_nine_declines(score: int, heard: list[Event], label: str) -> None:
    decision = at(S.FINISHED).judge(SONIA, A.RATE, "porque", score=score)
    assert (events(decision), labels(decision)) == (heard, [label])
    assert decision.ticket.rating
    assert (decision.ticket.rating.score, decision.ticket.rating.comment) == (score, "porque")


def test_the_first_rating_has_thirty_days_and_is_replaceable_for_seven_from_then() -> None:
    made = at(S.FINISHED).later(days=30, seconds=1)
    assert made.judge(SONIA, A.RATE, score=4).refusal == "rate_window_closed"
    first = made.later(seconds=-1).do(SONIA, A.RATE, score=4)
    assert first.happenings[0].until == made.now + timedelta(days=7)
    made.later(days=5).do(SONIA, A.RATE, score=2)
    assert made.later(days=2).judge(SONIA, A.RATE, score=5).refusal == ""
    assert made.later(seconds=1).judge(SONIA, A.RATE, score=5).refusal == "rate_window_closed"
    assert made.ticket.rating
    assert made.ticket.rating.score == 2
    assert [e.about for e in made.history if e.kind is EntryKind.RATING] == ["4", "2"]


def test_what_was_reopened_and_finished_again_may_be_rated_anew() -> None:
    made = at(S.FINISHED)
    made.do(SONIA, A.RATE, score=1)
    made.later(days=5).do(SONIA, A.REOPEN, "voltou")
    made.later(days=20).do(SONIA, A.CLOSE)
    assert made.judge(SONIA, A.RATE, score=5).refusal == ""
