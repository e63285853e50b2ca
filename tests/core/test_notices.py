"""Who hears of what: the contract's table of notices, written down a second time."""

from __future__ import annotations

from typing import Any

import pytest

from mailgateway.core.keys import Purpose
from mailgateway.core.notices import ANSWERS, DIRECT, NAMES, NOTICES, Event, Who
from mailgateway.core.people import Person
from mailgateway.core.tickets import Rule
from mailgateway.core.workflow import Act, Status
from tests.core.cast import ANA, BIA, CARLOS, CLOCK, DORA, FABIO, SONIA, STRANGER, at

E, W = Event, Who

#: event: whom, which mail, the purpose of its reply address, and the condition; in the order in which they count.
CONTRACT: dict[Event, list[tuple[Who, str, str, str]]] = {
    E.OPENED: [
        (W.REQUESTER, "ticket_opened", "talk", ""),
        (W.FOLLOWERS, "follower_added", "talk", ""),
        (W.QUEUE, "agent_ticket_opened", "talk", ""),
    ],
    E.COMMENTED: [(W.ASSIGNEE, "commented", "talk", ""), (W.PARTICIPANTS, "commented", "talk", "")],
    E.UNCLEAR: [(W.ASSIGNEE, "commented", "talk", "")],
    E.EXPIRED: [(W.SILENT_SEATS, "approval_requested", "decide", "")],
    E.SUBSTITUTED: [(W.SILENT_SEATS, "approval_requested", "decide", "")],
    E.DELEGATED: [(W.SILENT_SEATS, "approval_requested", "decide", "")],
    E.REPLIED: [(W.REQUESTER, "commented", "talk", ""), (W.FOLLOWERS, "commented", "talk", "")],
    E.NOTED: [(W.QUEUE, "note_added", "note", "")],
    E.TAKEN: [(W.REQUESTER, "taken", "talk", "")],
    E.PAUSED: [(W.REQUESTER, "paused", "talk", "")],
    E.RESUMED: [(W.REQUESTER, "resumed", "talk", "")],
    E.ASSIGNED: [(W.NEW_ASSIGNEE, "agent_assigned", "talk", "")],
    E.RESOLVED: [(W.SEATS, "approval_requested", "decide", ""), (W.REQUESTER, "resolved", "talk", "")],
    E.WITHDRAWN: [(W.SILENT_SEATS, "request_withdrawn", "talk", "")],
    E.VOTED: [(W.ACTOR, "decision_receipt", "decide", "")],
    E.REJECTED: [
        (W.ACTOR, "decision_receipt", "decide", ""),
        (W.ASSIGNEE, "agent_rejected", "talk", ""),
        (W.REQUESTER, "rejected", "talk", ""),
        (W.FOLLOWERS, "rejected", "talk", ""),
    ],
    E.FINISHED: [
        (W.ACTOR, "decision_receipt", "decide", "decided"),
        (W.REQUESTER, "finished", "talk", ""),
        (W.FOLLOWERS, "finished", "talk", ""),
        (W.ASSIGNEE, "agent_finished", "talk", ""),
        (W.REQUESTER, "rating_requested", "rate", "also survey"),
    ],
    E.CONTESTED: [(W.ASSIGNEE, "resumed", "talk", ""), (W.REQUESTER, "resumed", "talk", "")],
    E.REOPENED: [(W.ASSIGNEE, "resumed", "talk", ""), (W.REQUESTER, "resumed", "talk", "")],
    E.CANCELLED: [
        (W.REQUESTER, "cancelled", "talk", ""),
        (W.FOLLOWERS, "cancelled", "talk", ""),
        (W.ASSIGNEE, "agent_cancelled", "talk", "by_requester"),
    ],
    E.RATED: [(W.REQUESTER, "rating_receipt", "rate", "")],
    E.RATED_LOW: [(W.QUEUE, "agent_rated", "talk", "")],
    E.JOINED: [(W.NEW_FOLLOWERS, "follower_added", "talk", "")],
    E.LEFT: [(W.ACTOR, "left", "talk", "")],
    E.MOVED: [(W.QUEUE, "agent_ticket_opened", "talk", "")],
    E.CHANGED: [],  # the receipt tells whoever asked
}
CONDITIONS = ("decided", "also", "survey", "by_requester")


@pytest.mark.parametrize("event", Event)
def test_an_event_is_told_as_the_contract_says(event: Event) -> None:
    rows = [
        (row.who, row.notice, row.purpose.value, " ".join(c for c in CONDITIONS if getattr(row, c)))
        for row in NOTICES
        if row.event is event
    ]
    assert rows == CONTRACT[event]


#: who does what, from which status, with what → the mails that are owed, by the names of their rows.
STORIES: list[tuple[Status, Person | None, Act, dict[str, Any], set[str]]] = [
    (Status.WAITING, ANA, Act.TAKE, {}, {"taken"}),
    (Status.WAITING, ANA, Act.ASSIGN, {"emails": (BIA.email,)}, {"agent_assigned"}),
    (Status.IN_SERVICE, ANA, Act.PAUSE, {}, {"paused"}),
    (Status.PAUSED, ANA, Act.RESUME, {}, {"resumed"}),
    (Status.PAUSED, SONIA, Act.COMMENT, {}, {"commented"}),
    (Status.PAUSED, CLOCK, Act.AUTO_CLOSE, {}, {"cancelled"}),
    (Status.WAITING, ANA, Act.COMMENT, {}, {"commented"}),
    (Status.WAITING, ANA, Act.NOTE, {}, {"note_added"}),
    (Status.WAITING, ANA, Act.RESOLVE, {}, {"approval_requested", "resolved"}),
    (Status.AWAITING_APPROVAL, ANA, Act.RESOLVE, {}, {"approval_requested", "resolved"}),
    (
        Status.AWAITING_APPROVAL,
        ANA,
        Act.REQUEST_APPROVAL,
        {"emails": (DORA.email,)},
        {"approval_requested", "resolved", "request_withdrawn"},
    ),
    (Status.AWAITING_APPROVAL, ANA, Act.WITHDRAW, {}, {"request_withdrawn"}),
    (Status.AWAITING_APPROVAL, CARLOS, Act.REJECT, {}, {"decision_receipt", "agent_rejected", "rejected"}),
    (
        Status.AWAITING_APPROVAL,
        CARLOS,
        Act.APPROVE,
        {},
        {"decision_receipt", "finished", "agent_finished", "rating_requested"},
    ),
    (Status.IN_SERVICE, SONIA, Act.CLOSE, {}, {"finished", "agent_finished", "rating_requested"}),
    (Status.AWAITING_APPROVAL, SONIA, Act.CLOSE, {}, {"commented"}),
    (Status.IN_SERVICE, SONIA, Act.CANCEL, {}, {"commented"}),
    (Status.WAITING, SONIA, Act.CANCEL, {}, {"cancelled", "agent_cancelled"}),
    (Status.WAITING, ANA, Act.CANCEL, {}, {"cancelled"}),
    (Status.AWAITING_APPROVAL, ANA, Act.CANCEL, {}, {"cancelled", "request_withdrawn"}),
    (Status.FINISHED, CARLOS, Act.CONTEST, {}, {"resumed"}),
    (Status.FINISHED, SONIA, Act.REOPEN, {}, {"resumed"}),
    (Status.FINISHED, SONIA, Act.RATE, {"score": 5}, {"rating_receipt"}),
    (Status.FINISHED, SONIA, Act.RATE, {"score": 2}, {"rating_receipt", "agent_rated"}),
    (Status.WAITING, SONIA, Act.ADD_FOLLOWER, {"emails": (STRANGER.email,)}, {"follower_added"}),
    (Status.WAITING, SONIA, Act.REMOVE_FOLLOWER, {"emails": (FABIO.email,)}, set()),
    (Status.WAITING, FABIO, Act.LEAVE, {}, {"left"}),
    (Status.WAITING, ANA, Act.CHANGE_PRIORITY, {"name": "high"}, set()),
    (Status.WAITING, ANA, Act.CHANGE_QUEUE, {"name": "compras"}, {"agent_ticket_opened"}),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda s: f"{s[1].name if s[1] else 'clock'}-{s[2]}-{s[0]}")
def test_an_act_owes_the_mails_of_the_contract(
    story: tuple[Status, Person | None, Act, dict[str, Any], set[str]],
) -> None:
    status, who, act, asked, names = story
    assert owed(at(status).judge(who, act, "porque sim", **asked), who) == names


def owed(decision: Any, who: Person | None) -> set[str]:
    """The notices of the rows whose conditions hold."""
    assert not decision.refusal
    found = set[str]()
    for happening in decision.happenings:
        for row in (row for row in NOTICES if row.event is happening.event):
            if not (row.decided and happening.approved is None) and (who is SONIA or not row.by_requester):
                found.add(row.notice)
    return found


def test_a_vote_of_several_owes_its_receipt_and_nothing_else() -> None:
    made = at(Status.AWAITING_APPROVAL, approvers=(CARLOS, DORA), rule=Rule.ALL)
    assert owed(made.judge(CARLOS, Act.APPROVE), CARLOS) == {"decision_receipt"}


def test_every_event_has_its_line_and_every_name_its_row() -> None:
    assert set(CONTRACT) == set(Event)
    assert {name for rows in CONTRACT.values() for _, name, _, _ in rows} | set(DIRECT) == set(NAMES)
    assert len(NAMES) == len(set(NAMES))


def test_one_notice_has_one_purpose() -> None:
    for name in NAMES:
        assert len({row.purpose for row in NOTICES if row.notice == name} | {DIRECT.get(name, None)} - {None}) == 1


def test_what_carries_a_decision_and_what_is_limited() -> None:
    carriers = {row.notice for row in NOTICES if row.purpose is Purpose.DECIDE}
    assert carriers == {"approval_requested", "decision_receipt"}
    assert {"ticket_opened", "asked", "refused", "view", "status", "faq", "help"} == ANSWERS


def test_internal_notes_are_told_to_agents_only() -> None:
    assert {row.who for row in NOTICES if row.event is E.NOTED} == {W.QUEUE}
    assert {row.event for row in NOTICES if row.purpose is Purpose.NOTE} == {E.NOTED}
