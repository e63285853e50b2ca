"""The acts, one by one, against the rows of the contract's table of acts and its rules about rounds."""

from __future__ import annotations

from typing import Any

import pytest

from mailgateway.core.cases import Decision
from mailgateway.core.decide import ACTS
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.workflow import OPEN, TRANSITIONS, Act, Status
from tests.core.cast import (
    ANA,
    BIA,
    CARLOS,
    CLOCK,
    DORA,
    FABIO,
    SONIA,
    STRANGER,
    at,
)

S, A, E = Status, Act, Event


# ---- who may do what from where: one row a case

ROWS: list[tuple[Status, Person | None, Act, dict[str, Any], Status | str]] = [
    *((s, ANA, A.TAKE, {}, S.IN_SERVICE) for s in (S.WAITING, S.REJECTED, S.PAUSED, S.IN_SERVICE)),
    *((s, ANA, A.TAKE, {}, "wrong_status") for s in (S.AWAITING_APPROVAL, S.FINISHED, S.CANCELLED)),
    *((s, ANA, A.ASSIGN, {"emails": (BIA.email,)}, S.IN_SERVICE) for s in (S.WAITING, S.REJECTED, S.PAUSED)),
    (S.WAITING, ANA, A.ASSIGN, {"emails": (CARLOS.email,)}, "not_an_agent"),
    (S.WAITING, ANA, A.ASSIGN, {}, "not_an_agent"),
    *((s, ANA, A.PAUSE, {"text": "peça"}, S.PAUSED) for s in (S.WAITING, S.IN_SERVICE, S.REJECTED)),
    (S.IN_SERVICE, ANA, A.PAUSE, {}, "needs_reason"),
    (S.AWAITING_APPROVAL, ANA, A.PAUSE, {"text": "peça"}, "wrong_status"),
    (S.PAUSED, ANA, A.RESUME, {}, S.IN_SERVICE),
    (S.IN_SERVICE, ANA, A.RESUME, {}, "wrong_status"),
    *((s, ANA, A.RESOLVE, {"text": "troquei"}, S.AWAITING_APPROVAL) for s in OPEN),
    *((s, ANA, A.RESOLVE, {"text": "troquei"}, "wrong_status") for s in (S.FINISHED, S.CANCELLED)),
    *((s, ANA, A.REQUEST_APPROVAL, {"emails": (DORA.email,)}, S.AWAITING_APPROVAL) for s in OPEN),
    (S.AWAITING_APPROVAL, ANA, A.WITHDRAW, {}, S.IN_SERVICE),
    (S.IN_SERVICE, ANA, A.WITHDRAW, {}, "wrong_status"),
    (S.AWAITING_APPROVAL, CARLOS, A.APPROVE, {}, S.FINISHED),
    (S.AWAITING_APPROVAL, CARLOS, A.REJECT, {"text": "falta"}, S.REJECTED),
    (S.AWAITING_APPROVAL, CARLOS, A.REJECT, {}, "needs_reason"),
    (S.AWAITING_APPROVAL, SONIA, A.APPROVE, {}, "no_seat"),
    (S.AWAITING_APPROVAL, FABIO, A.APPROVE, {}, "no_seat"),
    (S.AWAITING_APPROVAL, ANA, A.APPROVE, {}, "no_seat"),
    (S.FINISHED, CARLOS, A.APPROVE, {}, "late"),
    (S.FINISHED, CARLOS, A.REJECT, {"text": "não"}, "late"),
    (S.REJECTED, CARLOS, A.APPROVE, {}, "late"),
    (S.FINISHED, CARLOS, A.CONTEST, {}, S.IN_SERVICE),
    (S.REJECTED, CARLOS, A.CONTEST, {}, S.IN_SERVICE),
    (S.AWAITING_APPROVAL, CARLOS, A.CONTEST, {}, "no_vote"),
    *((s, SONIA, A.CLOSE, {}, S.FINISHED) for s in (S.WAITING, S.IN_SERVICE, S.PAUSED, S.REJECTED)),
    (S.AWAITING_APPROVAL, SONIA, A.CLOSE, {}, S.AWAITING_APPROVAL),
    *((s, SONIA, A.CLOSE, {}, "wrong_status") for s in (S.FINISHED, S.CANCELLED)),
    (S.FINISHED, SONIA, A.RATE, {"score": 5}, S.FINISHED),
    *((s, SONIA, A.RATE, {"score": 5}, "not_finished") for s in Status if s is not S.FINISHED),
    (S.FINISHED, FABIO, A.RATE, {"score": 5}, "no_right"),
    (S.WAITING, SONIA, A.CANCEL, {}, S.CANCELLED),
    (S.IN_SERVICE, SONIA, A.CANCEL, {}, S.IN_SERVICE),
    (S.PAUSED, SONIA, A.CANCEL, {}, S.IN_SERVICE),  # a reply for which the pause waited
    (S.AWAITING_APPROVAL, SONIA, A.CANCEL, {}, S.AWAITING_APPROVAL),
    (S.REJECTED, SONIA, A.CANCEL, {}, S.REJECTED),
    *((s, SONIA, A.CANCEL, {}, "wrong_status") for s in (S.FINISHED, S.CANCELLED)),
    *((s, ANA, A.CANCEL, {"text": "duplicado"}, S.CANCELLED) for s in OPEN),
    (S.WAITING, ANA, A.CANCEL, {}, "needs_reason"),
    (S.WAITING, FABIO, A.CANCEL, {}, "no_right"),
    (S.PAUSED, CLOCK, A.AUTO_CLOSE, {}, S.CANCELLED),
    (S.WAITING, CLOCK, A.AUTO_CLOSE, {}, "wrong_status"),
    (S.FINISHED, SONIA, A.REOPEN, {}, S.IN_SERVICE),
    (S.FINISHED, ANA, A.REOPEN, {}, S.IN_SERVICE),
    (S.FINISHED, FABIO, A.REOPEN, {}, "no_right"),
    (S.CANCELLED, ANA, A.REOPEN, {}, "wrong_status"),
    *((s, who, A.COMMENT, {"text": "oi"}, s) for s in Status if s is not S.PAUSED for who in (SONIA, FABIO, ANA)),
    *((s, ANA, A.NOTE, {"text": "senha trocada"}, s) for s in Status),
    (S.WAITING, SONIA, A.NOTE, {"text": "senha trocada"}, "no_right"),
    (S.WAITING, ANA, A.NOTE, {}, "needs_reason"),
    *((s, FABIO, A.LEAVE, {}, s) for s in Status),
    (S.WAITING, SONIA, A.LEAVE, {}, "no_right"),
    *((s, SONIA, A.ADD_FOLLOWER, {"emails": (STRANGER.email,)}, s) for s in Status),
    (S.WAITING, FABIO, A.ADD_FOLLOWER, {"emails": (STRANGER.email,)}, "no_right"),
    (S.WAITING, SONIA, A.ADD_FOLLOWER, {"emails": ("ninguem",)}, "needs_address"),
    (S.WAITING, ANA, A.REMOVE_FOLLOWER, {"emails": (FABIO.email,)}, S.WAITING),
    (S.WAITING, ANA, A.REMOVE_FOLLOWER, {}, "needs_address"),
    *((s, ANA, A.CHANGE_PRIORITY, {"name": "high"}, s) for s in OPEN),
    (S.WAITING, ANA, A.CHANGE_PRIORITY, {}, "unknown_priority"),
    (S.FINISHED, ANA, A.CHANGE_PRIORITY, {"name": "high"}, "wrong_status"),
    *((s, ANA, A.CHANGE_QUEUE, {"name": "compras"}, s) for s in OPEN - {S.AWAITING_APPROVAL}),
    (S.AWAITING_APPROVAL, ANA, A.CHANGE_QUEUE, {"name": "compras"}, S.IN_SERVICE),
    *((s, ANA, A.CHANGE_REQUESTER, {"emails": (STRANGER.email,)}, s) for s in OPEN),
    (S.WAITING, ANA, A.CHANGE_REQUESTER, {}, "needs_address"),
    (S.AWAITING_APPROVAL, CARLOS, A.DELEGATE, {"emails": (DORA.email,)}, S.AWAITING_APPROVAL),
    (S.AWAITING_APPROVAL, CARLOS, A.DELEGATE, {}, "needs_address"),
    (S.AWAITING_APPROVAL, ANA, A.DELEGATE, {"emails": (DORA.email,)}, "no_seat"),
    (S.AWAITING_APPROVAL, SONIA, A.DELEGATE, {"emails": (DORA.email,)}, "no_seat"),
    (S.FINISHED, CARLOS, A.DELEGATE, {"emails": (DORA.email,)}, "late"),
    *((s, ANA, A.SPLIT, {"text": "outro assunto"}, s) for s in OPEN),
    (S.WAITING, ANA, A.SPLIT, {}, "needs_subject"),
    (S.FINISHED, ANA, A.SPLIT, {"text": "outro assunto"}, "wrong_status"),
    (S.WAITING, SONIA, A.SPLIT, {"text": "outro assunto"}, "no_right"),
    (S.WAITING, ANA, A.MERGE, {"number": 7}, "no_right"),
    (S.WAITING, SONIA, A.OPEN, {}, "no_right"),
    (S.WAITING, SONIA, A.LIST, {"name": "mine"}, "no_right"),
    (S.WAITING, FABIO, A.TAKE, {}, "no_right"),
    (S.WAITING, STRANGER, A.COMMENT, {"text": "oi"}, "no_right"),
]


def _named(row: tuple[Any, ...]) -> str:
    status, who, act, _, becomes = row
    return f"{status}-{who.name if who else 'clock'}-{act}-{becomes}"


@pytest.mark.parametrize("row", ROWS, ids=map(_named, ROWS))
def test_an_act_leads_where_the_table_says(
    row: tuple[Status, Person | None, Act, dict[str, Any], Status | str],
) -> None:
    status, who, act, asked, becomes = row
    made = at(status)
    before = made.ticket
    decision = made.judge(who, act, **asked)
    if isinstance(becomes, Status):
        assert (decision.refusal, decision.ticket.status) == ("", becomes)
    else:
        assert decision == Decision(before, refusal=becomes, about=decision.about)


@pytest.mark.parametrize("status", Status)
def test_nothing_that_can_be_asked_for_raises(status: Status) -> None:
    people = (ANA, CARLOS, SONIA, FABIO, STRANGER, CLOCK)
    texts, emails = ("", "motivo"), ((), (DORA.email,), (BIA.email, "x"))
    for act, who, text, named in ((a, w, t, n) for a in Act for w in people for t in texts for n in emails):
        made = at(status)
        before = made.ticket
        decision = made.judge(who, act, text, emails=named, name="compras", score=3, number=9)
        if decision.refusal:
            assert (decision.ticket, decision.entries, decision.happenings) == (before, (), ())


def test_every_offered_act_has_a_row() -> None:
    assert {act for _, _, act, _, becomes in ROWS if isinstance(becomes, Status)} == set(ACTS) - {A.FOLLOW, A.MERGE}
    assert {row.act for row in TRANSITIONS} <= {act for _, _, act, _, _ in ROWS} | {A.FOLLOW}
