"""Who takes part: following, leaving, writing."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Decision
from mailgateway.core.notices import Event
from mailgateway.core.tickets import EntryKind, Follower
from mailgateway.core.workflow import Act, Status
from tests.core.cast import (
    ANA,
    DORA,
    EVA,
    FABIO,
    NOW,
    SONIA,
    TICKET,
    Desk,
    desk,
    events,
    labels,
)

S, A, E = Status, Act, Event


# ---- who takes part


def test_following_twice_or_what_is_ones_own_changes_nothing() -> None:
    made = desk()
    assert made.judge(FABIO, A.FOLLOW) == Decision(made.ticket)
    assert made.judge(SONIA, A.FOLLOW) == Decision(made.ticket)
    assert made.judge(SONIA, A.ADD_FOLLOWER, emails=(FABIO.email, SONIA.email)) == Decision(made.ticket)


def test_an_agent_may_follow_and_then_leave() -> None:
    made = desk()
    joined = made.do(ANA, A.FOLLOW)
    assert made.ticket.follows(ANA)
    assert [(e.label, e.about) for e in joined.entries] == [("joined", "Ana")]
    assert [(h.event, h.people) for h in joined.happenings] == [(E.JOINED, (ANA,))]
    left = made.do(ANA, A.LEAVE)
    assert (made.ticket.follows(ANA), labels(left), events(left)) == (False, ["left"], [E.LEFT])


def test_one_person_joins_once_and_no_more_than_the_limit_join() -> None:
    made = desk()
    made.do(SONIA, A.ADD_FOLLOWER, emails=(DORA.email, DORA.email))
    assert [f.person for f in made.ticket.followers] == [FABIO, DORA]
    made.more = {"max_followers": 2}
    assert made.judge(SONIA, A.ADD_FOLLOWER, emails=(EVA.email,)).refusal == "too_many"


def test_followers_whom_an_unproven_requester_named_hear_nothing_before_an_agents_public_act() -> None:
    made = desk()
    made.ticket = replace(TICKET, proven=False, followers=(Follower(FABIO, NOW, held=True),))
    made.do(SONIA, A.ADD_FOLLOWER, emails=(DORA.email,))
    made.do(ANA, A.NOTE, "quem é?")
    assert [f.held for f in made.ticket.followers] == [True, True]
    made.do(ANA, A.COMMENT, "já vejo")
    assert [f.held for f in made.ticket.followers] == [False, False]


def test_an_agents_words_are_a_reply_and_those_of_an_agent_on_his_own_ticket_are_not() -> None:
    assert events(desk().judge(ANA, A.COMMENT, "oi")) == [E.REPLIED]
    mine = Desk(ticket=replace(TICKET, requester=ANA))
    assert events(mine.judge(ANA, A.COMMENT, "oi")) == [E.COMMENTED]


def test_a_note_is_internal() -> None:
    decision = desk().judge(ANA, A.NOTE, "senha trocada")
    assert [(e.kind, e.internal) for e in decision.entries] == [(EntryKind.NOTE, True)]
    assert decision.ticket.touched is False
