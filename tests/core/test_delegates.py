"""Delegates: who may be one, until when he decides, and whose the decision then is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailgateway.core import rounds
from mailgateway.core.access import roles_of, sees
from mailgateway.core.cases import Decision
from mailgateway.core.decide import decide
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.rounds import Candidates, Delegation
from mailgateway.core.tickets import Asked, Entry, EntryKind, Round, Rule
from mailgateway.core.workflow import Act, Role, Status
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
    STRANGER,
    SUBSTITUTE,
    TICKET,
    Desk,
    at,
    events,
    labels,
)

S, A, E = Status, Act, Event
ROBOT = Person(20, "", "noreply@example.com", ("noreply@example.com",))
OURS = Person(21, "", "suporte+x@example.com", ("suporte+x@example.com",))
END = NOW + timedelta(days=3)


def lent(to: Person = STRANGER, until: bool = True, **queue: object) -> Desk:
    """A ticket that awaits approval, in which Carlos has let somebody else decide too, for three days or for good."""
    made = at(S.AWAITING_APPROVAL, **queue)
    assert not delegate(made, CARLOS, to, until=until).refusal
    return made


def delegate(made: Desk, who: Person, to: Person, *, until: bool = True) -> Decision:
    return made.do(who, A.DELEGATE, "férias", emails=(to.email,), until=END if until else None)


def seats(made: Desk) -> Round:
    assert made.ticket.round
    return made.ticket.round


# ---- whom an approver may name


def test_the_delegate_is_asked_and_the_history_says_who_and_until_when() -> None:
    made = at(S.AWAITING_APPROVAL)
    decision = delegate(made, CARLOS, STRANGER)
    (entry,) = decision.entries
    assert (entry.label, entry.about, entry.until, entry.text) == ("delegated_until", STRANGER.shown, END, "férias")
    assert [(h.event, h.people, h.text) for h in decision.happenings] == [(E.DELEGATED, (STRANGER,), "férias")]
    assert decision.delegation == Delegation(CARLOS, STRANGER, NOW, END)
    assert (decision.ticket.status, decision.ticket.updated_at) == (S.AWAITING_APPROVAL, NOW)


def test_without_a_date_it_is_for_this_round_alone() -> None:
    decision = delegate(at(S.AWAITING_APPROVAL), CARLOS, STRANGER, until=False)
    assert (labels(decision), decision.delegation) == (["delegated"], None)
    assert decision.ticket.round
    assert decision.ticket.round.seats[0].deciders(NOW + timedelta(days=999)) == (CARLOS, STRANGER)


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (CARLOS, "not_a_delegate"),
        (DORA, "not_a_delegate"),  # has a seat of her own
        (ANA, "self_approval"),  # wrote the solution
        (replace(ANA, email="ana@casa.example"), "self_approval"),
        (ROBOT, "not_a_delegate"),
        (OURS, "not_a_delegate"),
        (SONIA, ""),
        (FABIO, ""),
        (BIA, ""),
        (SUBSTITUTE, ""),
        (STRANGER, ""),
    ],
)
def test_the_bars_are_on_the_person(to: Person, why: str) -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA))
    case = replace(made.case(CARLOS), named=(to,), queues=(DESK, SHOP))
    assert decide(case, Asked(A.DELEGATE, emails=(to.email,))).refusal == why


def test_somebody_who_decides_for_one_does_not_for_another_too() -> None:
    made = lent(approvers=(CARLOS, DORA), rule=Rule.ALL)
    assert delegate(made, DORA, STRANGER).refusal == "not_a_delegate"
    assert not delegate(made, DORA, FABIO).refusal


@pytest.mark.parametrize("emails", [(), (DORA.email, EVA.email), ("nobody",), (STRANGER.email, "nobody")])
def test_it_is_exactly_one_person(emails: tuple[str, ...]) -> None:
    assert at(S.AWAITING_APPROVAL).judge(CARLOS, A.DELEGATE, emails=emails).refusal == "needs_address"


def test_a_date_that_has_passed_meanwhile_is_asked_about() -> None:
    made = at(S.AWAITING_APPROVAL).later(days=3)
    assert delegate(made, CARLOS, STRANGER).refusal == "bad_date"


def test_a_delegate_does_not_pass_it_on() -> None:
    assert delegate(lent(), STRANGER, FABIO).refusal == "delegates_not_on"


def test_what_is_decided_is_not_delegated() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=(CARLOS, DORA), rule=Rule.ALL)
    made.do(CARLOS, A.APPROVE)
    assert delegate(made, CARLOS, STRANGER).refusal == "late"


@pytest.mark.parametrize("act", [A.WITHDRAW, A.CANCEL])
def test_without_an_open_round_there_is_nothing_to_delegate(act: Act) -> None:
    made = at(S.AWAITING_APPROVAL)
    made.do(ANA, act, "porque sim")
    assert delegate(made, CARLOS, STRANGER).refusal == "not_open"


def test_naming_another_replaces_who_was_named_and_he_is_told() -> None:
    made = lent()
    decision = delegate(made, CARLOS, FABIO, until=False)
    assert [(h.event, h.people) for h in decision.happenings] == [(E.DELEGATED, (FABIO,)), (E.WITHDRAWN, (STRANGER,))]
    assert made.judge(STRANGER, A.APPROVE).refusal == "no_seat"
    again = delegate(made, CARLOS, FABIO)
    assert events(again) == [E.DELEGATED], "the same person again, with another date"
    assert made.judge(FABIO, A.APPROVE).ticket.status is S.FINISHED


# ---- deciding


@pytest.mark.parametrize(
    ("act", "becomes", "label"), [(A.APPROVE, S.FINISHED, "approved_for"), (A.REJECT, S.REJECTED, "rejected_for")]
)
def test_his_vote_is_the_seats_and_names_both(act: Act, becomes: Status, label: str) -> None:
    made = lent()
    decision = made.do(STRANGER, act, "motivo")
    (entry,) = decision.entries
    assert (decision.ticket.status, entry.label, entry.author, entry.about) == (becomes, label, STRANGER, CARLOS.shown)
    assert [(s.person, s.voter) for s in seats(made).seats] == [(CARLOS, STRANGER)]


def test_he_decides_until_the_last_moment_and_not_after_it() -> None:
    made = lent().later(days=3)
    assert made.judge(STRANGER, A.APPROVE).ticket.status is S.FINISHED
    made.later(seconds=1)
    assert made.judge(STRANGER, A.APPROVE).refusal == "delegation_over"
    assert made.judge(CARLOS, A.APPROVE).ticket.status is S.FINISHED


def test_the_moment_of_arrival_counts_not_that_of_reading() -> None:
    made = lent().later(days=4)
    assert decide(made.case(STRANGER, arrived=END), Asked(A.APPROVE)).ticket.status is S.FINISHED
    late = decide(made.case(STRANGER, arrived=END + timedelta(seconds=1)), Asked(A.APPROVE))
    assert late.refusal == "delegation_over"


@pytest.mark.parametrize(("first", "second"), [(CARLOS, STRANGER), (STRANGER, CARLOS)])
def test_of_the_two_the_first_decides_and_the_second_hears_so(first: Person, second: Person) -> None:
    made = lent(approvers=(CARLOS, DORA), rule=Rule.ALL)
    assert events(made.do(first, A.APPROVE)) == [E.VOTED]
    assert made.judge(second, A.REJECT, "não").refusal == "late"
    assert events(made.do(first, A.REJECT, "mudei de ideia")) == [E.REJECTED], "he himself may change it"
    assert made.judge(second, A.APPROVE).refusal == "late"


@pytest.mark.parametrize(("first", "second"), [(CARLOS, STRANGER), (STRANGER, CARLOS)])
def test_only_who_decided_takes_it_back(first: Person, second: Person) -> None:
    made = lent()
    made.do(first, A.APPROVE)
    assert made.judge(second, A.CONTEST).refusal == "not_his_result"
    made.later(days=5)
    assert made.judge(first, A.CONTEST).ticket.status is S.IN_SERVICE, "his last day as a delegate matters not"


def test_a_vote_that_was_taken_back_leaves_the_seat_to_both() -> None:
    made = lent(approvers=(CARLOS, DORA), rule=Rule.ALL)
    made.do(STRANGER, A.APPROVE)
    made.do(STRANGER, A.CONTEST)
    assert seats(made).seats[0].deciders(made.now) == (CARLOS, STRANGER)
    assert events(made.do(CARLOS, A.APPROVE)) == [E.VOTED]


def test_nobody_decides_on_his_own_solution_for_somebody_else() -> None:
    made = lent()
    made.ticket = replace(made.ticket, round=replace(seats(made), solution_by=STRANGER))
    assert made.judge(STRANGER, A.APPROVE).refusal == "self_approval"


def test_silence_that_accepted_is_the_requesters_to_contest() -> None:
    made = at(S.AWAITING_APPROVAL, approvers=())
    delegate(made, SONIA, STRANGER, until=False)
    made.do(CLOCK, A.APPROVE)
    assert made.judge(STRANGER, A.CONTEST).refusal == "not_his_result"
    assert made.judge(SONIA, A.CONTEST).ticket.status is S.IN_SERVICE


def test_when_the_round_ends_without_him_he_is_told_while_he_might_have_decided() -> None:
    for days, told in ((0, (CARLOS, STRANGER)), (4, (CARLOS,))):
        decision = lent().later(days=days).do(ANA, A.WITHDRAW)
        assert [h.people for h in decision.happenings] == [told]


# ---- what he is to the ticket


def test_he_is_an_approver_and_sees_the_history_until_his_last_day() -> None:
    made = lent()
    roles = roles_of(STRANGER, made.ticket, (DESK,))
    old = Entry(EntryKind.COMMENT, NOW, SONIA, "oi")
    assert roles == {Role.APPROVER}
    assert sees(old, STRANGER, roles, made.ticket, END)
    assert not sees(old, STRANGER, roles, made.ticket, END + timedelta(seconds=1))
    assert not sees(replace(old, internal=True), STRANGER, roles, made.ticket, NOW)


# ---- rounds that open later


def opened(*standing: Delegation, named: tuple[Person, ...] = (CARLOS, DORA), author: Person = ANA) -> Round:
    round_ = rounds.open_round(TICKET, DESK, Candidates(named, standing=standing), author, NOW)
    assert round_
    return round_


LASTING = Delegation(CARLOS, STRANGER, NOW - timedelta(days=1), END)


def test_a_round_that_opens_while_a_delegation_lasts_asks_the_delegate_too() -> None:
    assert [s.deciders(NOW) for s in opened(LASTING).seats] == [(CARLOS, STRANGER), (DORA,)]
    assert opened(LASTING).seats[0].delegate_until == END


@pytest.mark.parametrize(
    "lasting",
    [
        replace(LASTING, ends_at=NOW - timedelta(seconds=1)),
        replace(LASTING, starts_at=NOW + timedelta(seconds=1)),
        replace(LASTING, person=EVA),  # is not asked
        replace(LASTING, delegate=DORA),  # has a seat of her own
        replace(LASTING, delegate=ANA),  # wrote the solution
    ],
)
def test_it_does_not_where_that_is_over_or_he_may_not(lasting: Delegation) -> None:
    assert [s.delegate for s in opened(lasting).seats] == [None, None]


def test_one_delegate_of_two_approvers_has_one_place() -> None:
    both = opened(LASTING, replace(LASTING, person=DORA))
    assert [s.delegate for s in both.seats] == [STRANGER, None]


def resolved_again(made: Desk) -> Decision:
    """Ana writes a solution while Carlos lets Zeca decide for him."""
    made.standing = (LASTING,)
    return made.judge(ANA, A.RESOLVE, "de outro jeito")


def test_the_request_names_both_in_one_place() -> None:
    made = at(S.IN_SERVICE, approvers=(CARLOS, DORA))
    assert resolved_again(made).entries[-1].about == "Carlos / Zeca, Dora"


def test_whoever_is_asked_again_as_a_delegate_is_not_told_that_he_is_not() -> None:
    assert events(resolved_again(lent())) == [E.RESOLVED]


# ---- substitutes


def test_a_delegate_who_is_the_substitute_gets_a_seat_of_his_own_and_votes_for_all_who_are_silent() -> None:
    made = lent(SUBSTITUTE, approvers=(CARLOS, DORA), rule=Rule.ALL)
    asked = rounds.with_substitute(seats(made), SUBSTITUTE)
    assert asked
    seat = asked.seat_of(SUBSTITUTE)
    assert seat
    assert (seat.person, seat.stands_in) == (SUBSTITUTE, True)
    assert rounds.vote(asked, SUBSTITUTE, True, NOW).result is True


def test_a_substitute_may_let_somebody_decide_too() -> None:
    made = at(S.AWAITING_APPROVAL)
    asked = rounds.with_substitute(seats(made), SUBSTITUTE)
    made.ticket = replace(made.ticket, round=asked)
    delegate(made, SUBSTITUTE, STRANGER)
    assert made.do(STRANGER, A.APPROVE).ticket.status is S.FINISHED
    assert seats(made).seats[-1].stands_in
