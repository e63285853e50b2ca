"""Section 6 of the contract as one table, crossed with every kind of proof: act × role × evidence × purpose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from mailgateway.core import access
from mailgateway.core.access import Evidence, Proof, refusal, roles_of, sees
from mailgateway.core.keys import Key, KeyState, Purpose
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Follower, Round, Rule, Seat
from mailgateway.core.workflow import Act, Role, Status
from tests.core.cast import ANA, BIA, CARLOS, DESK, DORA, EVA, FABIO, NOW, SHOP, SONIA, STRANGER, TICKET, at

A, R, P = Act, Role, Purpose
Q, F, S, G = R.REQUESTER, R.FOLLOWER, R.APPROVER, R.AGENT  # requester, follower, seat, agent
NOBODY = frozenset[Role]()
EVERYBODY = {Q, F, S, G}

#: The least evidence, and whose: the words of the contract.
DECISION, PROVEN, THREAD, NONE = "decision", "proven", "thread", "none"
NEEDS: dict[Act, tuple[str, set[Role]]] = {
    A.OPEN: (NONE, set()),
    A.COMMENT: (THREAD, EVERYBODY),
    A.LIST: (PROVEN, set()),
    A.STATUS: (PROVEN, set()),
    A.FAQ: (PROVEN, set()),
    A.HELP: (PROVEN, set()),
    A.CANCEL: (PROVEN, {Q, G}),
    A.CLOSE: (PROVEN, {Q}),
    A.RATE: (PROVEN, {Q}),
    A.FOLLOW: (PROVEN, EVERYBODY),
    A.LEAVE: (PROVEN, {F}),
    A.APPROVE: (DECISION, {S}),
    A.REJECT: (DECISION, {S}),
    A.CONTEST: (DECISION, {S}),
    A.DELEGATE: (DECISION, {S}),
    A.REOPEN: (PROVEN, {Q, G}),
    A.RESUME: (PROVEN, {Q, G}),
    A.ADD_FOLLOWER: (PROVEN, {Q, G}),
    A.REMOVE_FOLLOWER: (PROVEN, {Q, G}),
    A.AUTO_CLOSE: (PROVEN, set()),  # the clock's own
    **dict.fromkeys(
        (A.NOTE, A.TAKE, A.ASSIGN, A.PAUSE, A.RESOLVE, A.REQUEST_APPROVAL, A.WITHDRAW, A.MERGE, A.SPLIT), (PROVEN, {G})
    ),
    **dict.fromkeys((A.CHANGE_QUEUE, A.CHANGE_PRIORITY, A.CHANGE_REQUESTER), (PROVEN, {G})),
}
NO_ROLE_NEEDED = {A.OPEN, A.LIST, A.STATUS, A.FAQ, A.HELP}
#: A key of each purpose counts for these acts only.
DECISIONS = {A.APPROVE, A.REJECT, A.CONTEST, A.DELEGATE}
TALK = set(Act) - DECISIONS
COUNTS_FOR: dict[Purpose, set[Act]] = {
    P.TALK: TALK,
    P.DECIDE: set(Act),
    P.RATE: TALK,
    P.CONFIRM: set(),
    P.NOTE: {A.NOTE, A.COMMENT},
    P.LEAVE: {A.LEAVE},
    P.PAGE: {A.LIST},
    P.BOUNCE: set(),
}


def key(purpose: Purpose, round_id: int | None = 1) -> Key:
    return Key(9, SONIA.id, 123, purpose, round_id)


def expected(act: Act, roles: frozenset[Role], proof: Proof, required: str) -> str:
    """The contract in a second wording: the code of the refusal, or ""."""
    need, whose = NEEDS[act]
    if proof.foreign and act is not A.COMMENT:
        return "wrong_owner"
    if act not in NO_ROLE_NEEDED and not roles & whose:
        return "no_seat" if act in DECISIONS else "no_right"
    if proof.failed and need != NONE:
        return "needs_aligned"
    has_key = proof.owned and proof.key is not None and act in COUNTS_FOR[proof.key.purpose]
    if need == DECISION:
        if not has_key:
            return "expired" if proof.key and not proof.owned else "needs_key"
        aligned_too = required == "always" or (required == "auto" and proof.once_aligned)
        return "needs_aligned" if aligned_too and not proof.aligned else ""
    enough = {NONE: True, THREAD: has_key or proof.aligned or proof.thread, PROVEN: has_key or proof.aligned}[need]
    return "" if enough else "needs_proof"


def proofs() -> list[Proof]:
    keyless = [
        Proof(thread=t, aligned=a, failed=f, once_aligned=o)
        for t, a, f, o in product((False, True), repeat=4)
        if not (a and f)
    ]
    keyed = [
        replace(proof, key=key(purpose), owned=owned and not proof.failed, foreign=foreign)
        for proof in keyless
        for purpose in Purpose
        for owned, foreign in ((True, False), (False, False), (False, True))
        if proof.thread
    ]
    return keyless + keyed


PROOFS = proofs()
ROLES = [frozenset(r for r, is_ in zip((Q, F, S, G), some, strict=True) if is_) for some in product((0, 1), repeat=4)]


@pytest.mark.parametrize("act", Act)
def test_an_act_is_allowed_exactly_where_the_contract_allows_it(act: Act) -> None:
    for roles, proof, required in product(ROLES, PROOFS, ("auto", "always", "never")):
        assert refusal(act, roles, proof, required) == expected(act, roles, proof, required), (roles, proof, required)


def test_the_table_speaks_of_every_act_and_purpose() -> None:
    assert set(NEEDS) == set(Act) == set(access.PERMISSIONS)
    assert set(COUNTS_FOR) == set(Purpose)


def test_the_operator_needs_the_role_and_nothing_else() -> None:
    for act, roles in product(Act, ROLES):
        need, whose = NEEDS[act]
        allowed = act in NO_ROLE_NEEDED or bool(roles & whose)
        assert (refusal(act, roles, Proof(operator=True), "always") == "") == allowed, (need, act, roles)


# ---- a key to decide lives with its round

LATEST = Round(1, 1, Rule.ONE, (Seat(SONIA),), NOW, ANA)
OVER = replace(LATEST, result=True, closed_at=NOW)
NEWER = replace(LATEST, id=2, number=2)
BOTH = frozenset({Q, S})
DECIDE = Proof(thread=True, key=key(P.DECIDE), owned=True)


@pytest.mark.parametrize(
    ("act", "round_", "reason"),
    [
        *((act, LATEST, "") for act in (*sorted(DECISIONS), A.RATE, A.CLOSE, A.CANCEL, A.COMMENT)),
        *((act, NEWER, "superseded") for act in sorted(DECISIONS)),
        (A.APPROVE, OVER, ""),  # `core.decide` says by whom it was decided
        (A.CONTEST, OVER, ""),
        (A.CLOSE, OVER, "needs_proof"),
        (A.RATE, OVER, "needs_proof"),
        (A.RATE, NEWER, "needs_proof"),
        (A.COMMENT, OVER, ""),
    ],
)
def test_the_key_of_a_round_opens_all_while_it_lasts_and_then_only_contests(
    act: Act, round_: Round, reason: str
) -> None:
    assert refusal(act, BOTH, DECIDE, "auto", round_) == reason


def test_an_aligned_sender_needs_no_key_that_lives() -> None:
    assert refusal(A.RATE, BOTH, replace(DECIDE, aligned=True), "auto", OVER) == ""


@pytest.mark.parametrize("proof", [Proof(aligned=True), Proof(thread=True, key=key(P.TALK), owned=True)])
def test_closing_what_awaits_his_own_approval_needs_what_the_approval_needs(proof: Proof) -> None:
    assert refusal(A.CLOSE, BOTH, proof, "auto", LATEST) == "needs_key"
    assert refusal(A.CLOSE, BOTH, DECIDE, "auto", LATEST) == ""
    assert refusal(A.CLOSE, frozenset({Q}), Proof(aligned=True), "auto", LATEST) == ""  # no seat: only a wish


def test_other_keys_outlive_every_round() -> None:
    talk = Proof(thread=True, key=key(P.TALK, None), owned=True)
    assert refusal(A.RATE, frozenset({Q}), talk, "auto", OVER) == ""


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"expires_at": NOW}, True),
        ({"expires_at": NOW - timedelta(seconds=1)}, False),
        ({"state": KeyState.SPENT}, False),
        ({"state": KeyState.VOID}, False),
    ],
)
def test_a_key_holds_while_it_is_live_and_not_expired(change: dict[str, Any], holds: bool) -> None:
    used = replace(key(P.DECIDE), **change)
    assert used.holds(NOW) is holds
    proof = Proof(thread=True, key=used, owned=used.holds(NOW))
    assert refusal(A.APPROVE, BOTH, proof) == ("" if holds else "expired")


@pytest.mark.parametrize(
    ("proof", "evidence"),
    [
        (Proof(), Evidence.NONE),
        (Proof(thread=True), Evidence.THREAD),
        (Proof(thread=True, aligned=True), Evidence.ALIGNED),
        (Proof(thread=True, key=key(P.TALK), owned=True), Evidence.KEY),
        (Proof(thread=True, key=key(P.LEAVE), owned=True), Evidence.THREAD),
        (Proof(thread=True, aligned=True, key=key(P.TALK), foreign=True), Evidence.ALIGNED),
        (Proof(thread=True, key=key(P.TALK), owned=True, failed=True), Evidence.THREAD),
        (Proof(failed=True), Evidence.NONE),
        (Proof(operator=True), Evidence.KEY),
    ],
)
def test_evidence_is_the_strongest_that_counts(proof: Proof, evidence: Evidence) -> None:
    assert proof.evidence(frozenset({P.TALK})) is evidence


# ---- roles and sight


@pytest.mark.parametrize(
    ("who", "roles"),
    [
        (SONIA, {Q}),
        (FABIO, {F}),
        (CARLOS, {S}),
        (ANA, {G}),
        (BIA, {G}),
        (STRANGER, set()),
        (None, set()),
        (replace(STRANGER, addresses=(STRANGER.email, ANA.email)), {G}),  # by any of his addresses
    ],
)
def test_roles_are_judged_on_the_person(who: Person | None, roles: set[Role]) -> None:
    assert roles_of(who, at(Status.AWAITING_APPROVAL).ticket, (DESK, SHOP)) == roles


def test_agents_of_a_queue_that_was_addressed_too_have_rights() -> None:
    moved = replace(TICKET, queue="vendas", other_queues=("compras",))
    assert roles_of(BIA, moved, (DESK, SHOP)) == {G}
    assert roles_of(ANA, moved, (DESK, SHOP)) == set()


BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
PUBLIC = Entry(EntryKind.COMMENT, BEFORE, SONIA, "oi")
LINES = {
    "public": PUBLIC,
    "public later": replace(PUBLIC, at=AFTER),
    "note": Entry(EntryKind.NOTE, AFTER, ANA, "senha", internal=True),
    "internal": replace(PUBLIC, at=AFTER, internal=True),
    "unverified": replace(PUBLIC, at=AFTER, unverified=True),
}
SIGHT: dict[str, tuple[Person, Status, set[str]]] = {
    "agents all": (ANA, Status.IN_SERVICE, set(LINES)),
    "the requester all that is public": (SONIA, Status.IN_SERVICE, {"public", "public later"}),
    "a follower what came since he joined": (FABIO, Status.IN_SERVICE, {"public later"}),
    "an approver of an open round all that is public": (
        CARLOS,
        Status.AWAITING_APPROVAL,
        {"public", "public later"},
    ),
    "an approver of a round that is over nothing": (CARLOS, Status.FINISHED, set()),
    "a stranger nothing": (STRANGER, Status.IN_SERVICE, set()),
}


@pytest.mark.parametrize("name", SIGHT)
def test_of_the_history_is_seen_by(name: str) -> None:
    who, status, seen = SIGHT[name]
    ticket = at(status).ticket
    roles = roles_of(who, ticket, (DESK,))
    assert {n for n, entry in LINES.items() if sees(entry, who, roles, ticket, NOW)} == seen


def test_an_approver_who_follows_sees_the_whole_only_while_the_round_is_open() -> None:
    for status, seen in ((Status.AWAITING_APPROVAL, True), (Status.FINISHED, False)):
        ticket = replace(at(status).ticket, followers=(Follower(CARLOS, NOW),))
        assert sees(PUBLIC, CARLOS, roles_of(CARLOS, ticket, (DESK,)), ticket, NOW) is seen


def test_seats_of_others_give_no_role() -> None:
    made = at(Status.AWAITING_APPROVAL, approvers=(CARLOS, DORA))
    assert roles_of(DORA, made.ticket, (DESK,)) == {S}
    assert roles_of(EVA, made.ticket, (DESK,)) == NOBODY
