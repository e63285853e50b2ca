"""The workflow's table against the contract's: written down here a second time, row by row."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from mailgateway.core.decide import ACTS
from mailgateway.core.workflow import OPEN, QUERIES, STANDINGS, TRANSITIONS, Act, Role, Status, doers, step
from tests.core.cast import STORIES, at

S, A, R = Status, Act, Role
W, I, P, AA, J, F, C = S.WAITING, S.IN_SERVICE, S.PAUSED, S.AWAITING_APPROVAL, S.REJECTED, S.FINISHED, S.CANCELLED  # noqa: E741
WORKING, ANY = {W, I, P, J}, set(S)
EVERYBODY = {R.REQUESTER, R.FOLLOWER, R.APPROVER, R.AGENT}
AGENT, REQUESTER = {R.AGENT}, {R.REQUESTER}

#: act: who, from where, to where (the same status where nothing else stands).
CONTRACT: dict[Act, list[tuple[set[Role], set[Status], set[Status | None]]]] = {
    A.TAKE: [(AGENT, WORKING, {I})],
    A.ASSIGN: [(AGENT, WORKING, {I})],
    A.PAUSE: [(AGENT, {W, I, J}, {P})],
    A.RESUME: [({R.AGENT, R.SYSTEM, R.REQUESTER}, {P}, {I})],
    A.RESOLVE: [(AGENT, OPEN, {AA, F})],
    A.REQUEST_APPROVAL: [(AGENT, OPEN, {AA, F})],
    A.WITHDRAW: [(AGENT, {AA}, {I})],
    A.APPROVE: [({R.APPROVER}, {AA}, {F, AA}), ({R.SYSTEM}, {AA}, {F})],
    A.REJECT: [({R.APPROVER}, {AA}, {J, AA})],
    A.CONTEST: [({R.APPROVER}, {F, J, AA}, {I, AA})],
    A.DELEGATE: [({R.APPROVER}, {AA}, {None})],
    A.CLOSE: [(REQUESTER, OPEN, {F, AA})],
    A.RATE: [(REQUESTER, {F}, {None})],
    A.CANCEL: [(AGENT, OPEN, {C}), (REQUESTER, {W}, {C}), (REQUESTER, OPEN - {W}, {None})],
    A.AUTO_CLOSE: [({R.SYSTEM}, {P}, {C})],
    A.REOPEN: [({R.AGENT, R.REQUESTER}, {F}, {I})],
    A.COMMENT: [(EVERYBODY, ANY, {None})],
    A.NOTE: [(AGENT, ANY, {None})],
    A.FOLLOW: [(EVERYBODY, ANY, {None})],
    A.LEAVE: [({R.FOLLOWER}, ANY, {None})],
    A.ADD_FOLLOWER: [({R.AGENT, R.REQUESTER}, ANY, {None})],
    A.REMOVE_FOLLOWER: [({R.AGENT, R.REQUESTER}, ANY, {None})],
    A.MERGE: [(AGENT, OPEN, {C})],
    A.SPLIT: [(AGENT, OPEN, {None})],
    A.CHANGE_QUEUE: [(AGENT, OPEN, {None, I})],
    A.CHANGE_PRIORITY: [(AGENT, OPEN, {None})],
    A.CHANGE_REQUESTER: [(AGENT, OPEN, {None})],
}


@pytest.mark.parametrize("act", Act)
def test_every_act_has_the_rows_of_the_contract(act: Act) -> None:
    rows = [(set(t.roles), set(t.sources), {t.target, t.instead} - {None}) for t in TRANSITIONS if t.act is act]
    assert rows == [(roles, sources, targets - {None}) for roles, sources, targets in CONTRACT.get(act, [])]


def test_every_act_is_in_the_table_or_touches_no_ticket() -> None:
    assert {t.act for t in TRANSITIONS} == set(Act) - QUERIES - {A.OPEN}


def test_what_is_in_the_table_is_done() -> None:
    assert set(ACTS) == {t.act for t in TRANSITIONS}


@pytest.mark.parametrize("status", Status)
def test_every_status_is_reached_by_honest_acts(status: Status) -> None:
    assert at(status).ticket.status is status
    assert status in STORIES


def test_from_every_open_status_there_is_a_way_out_for_agents() -> None:
    for status in OPEN:
        assert any((row := step(act, status, frozenset(AGENT))) and row.target is not status for act in Act)


def test_open_is_everything_but_finished_and_cancelled() -> None:
    assert {W, I, P, AA, J} == OPEN


def test_every_status_stands_somewhere_and_looks_like_no_other() -> None:
    assert set(STANDINGS) == set(Status)
    assert len({standing.glyph for standing in STANDINGS.values()}) == len(Status)
    assert {status for status, standing in STANDINGS.items() if standing.runs} == {W, I, J}


def _some(roles: type[Role]) -> list[frozenset[Role]]:
    return [frozenset(some) for some in chain.from_iterable(combinations(roles, n) for n in range(len(roles) + 1))]


@pytest.mark.parametrize("act", Act)
def test_a_step_is_allowed_where_a_row_says_so_and_nowhere_else(act: Act) -> None:
    for status in Status:
        for roles in _some(Role):
            allowed = any(roles & who and status in sources for who, sources, _ in CONTRACT.get(act, []))
            assert (step(act, status, roles) is not None) == allowed, (act, status, roles)


def test_more_roles_never_allow_less() -> None:
    assert step(A.CANCEL, I, frozenset({R.REQUESTER, R.AGENT})) == step(A.CANCEL, I, frozenset({R.AGENT}))


@pytest.mark.parametrize("act", CONTRACT)
def test_doers_are_all_who_may_do_it_somewhere(act: Act) -> None:
    assert doers(act) == set().union(*(roles for roles, _, _ in CONTRACT[act]))
