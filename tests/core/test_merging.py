"""One ticket joins another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailgateway.core.cases import Decision
from mailgateway.core.decide import decide
from mailgateway.core.notices import Event
from mailgateway.core.tickets import Asked, EntryKind, Follower, Link, Ticket
from mailgateway.core.workflow import Act, Role, Status
from tests.core.cast import (
    ANA,
    DORA,
    EVA,
    FABIO,
    NOW,
    SONIA,
    Desk,
    at,
    desk,
)

S, A, E = Status, Act, Event


# ---- merging

OTHER = Ticket(7, "suporte", "Outra", "", S.IN_SERVICE, DORA, NOW, NOW, followers=(Follower(EVA, NOW),))
AGENT = frozenset({Role.AGENT})


def merged(made: Desk, other: Ticket | None = OTHER, roles: frozenset[Role] = AGENT, number: int = 7) -> Decision:
    case = made.case(ANA, other=other, other_roles=roles)
    return decide(case, Asked(A.MERGE, "é o mesmo caso", number=number))


def test_a_merged_ticket_ends_and_its_people_follow_the_other_one() -> None:
    made = at(S.AWAITING_APPROVAL)
    decision = merged(made)
    assert decision.ticket.round
    assert (decision.ticket.status, decision.ticket.round.void) == (S.CANCELLED, True)
    assert (decision.ticket.links, decision.ticket.merged_into) == ((Link(7, "merged_into"),), 7)
    assert [(e.label, e.about) for e in decision.entries] == [("merged_into", "#7")]
    assert [(h.event, h.text) for h in decision.happenings] == [(E.CANCELLED, "#7: é o mesmo caso"), (E.WITHDRAWN, "")]
    beside = decision.beside
    assert beside
    assert [f.person for f in beside.ticket.followers] == [EVA, SONIA, FABIO]
    assert [f.joined_at for f in beside.ticket.followers if f.person == SONIA] == [made.now]
    assert (beside.ticket.status, beside.ticket.links) == (S.IN_SERVICE, (Link(123, "merged_from"),))
    assert [(e.kind, e.label, e.about) for e in beside.entries] == [
        (EntryKind.LINK, "merged_from", "#123"),
        (EntryKind.PARTICIPANT, "joined", "Sonia"),
        (EntryKind.PARTICIPANT, "joined", "Fabio"),
    ]


def test_nobody_follows_his_own_ticket_after_a_merge_or_any_twice() -> None:
    mine = replace(OTHER, requester=SONIA, followers=(Follower(FABIO, NOW),))
    beside = merged(desk(), mine).beside
    assert beside
    assert beside.ticket.followers == mine.followers


@pytest.mark.parametrize(
    ("other", "roles", "number", "refusal"),
    [
        (None, frozenset(), 7, "no_right"),
        (OTHER, frozenset(), 7, "no_right"),
        (OTHER, frozenset({Role.REQUESTER}), 7, "no_right"),
        (OTHER, AGENT, 123, "needs_number"),
        (replace(OTHER, status=S.FINISHED), AGENT, 7, "wrong_status"),
        (replace(OTHER, status=S.CANCELLED), AGENT, 7, "wrong_status"),
    ],
)
def test_a_merge_needs_an_open_ticket_of_a_queue_of_his(
    other: Ticket | None, roles: frozenset[Role], number: int, refusal: str
) -> None:
    made = desk()
    assert merged(made, other, roles, number) == Decision(made.ticket, refusal=refusal)


@pytest.mark.parametrize("status", [S.FINISHED, S.CANCELLED])
def test_what_is_over_is_not_merged(status: Status) -> None:
    assert merged(at(status)).refusal == "wrong_status"
