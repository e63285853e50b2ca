"""A random walk over one ticket: many people, every act, days that pass; what must hold after each step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mailgateway.core.cases import Decision
from mailgateway.core.people import Person
from mailgateway.core.rounds import Delegation
from mailgateway.core.tickets import Round, Rule, Ticket
from mailgateway.core.workflow import OPEN, Act, Status
from tests.core.cast import ANA, BIA, CARLOS, CLOCK, DORA, EVA, FABIO, RULES, SHOP, SONIA, STRANGER, desk

PEOPLE = (ANA, BIA, CARLOS, DORA, EVA, SONIA, FABIO, STRANGER)
NAMED = st.lists(st.sampled_from([p.email for p in PEOPLE] + ["nobody"]), max_size=2).map(tuple)
WORK = (Act.TAKE, Act.PAUSE, Act.RESOLVE, Act.RESOLVE, Act.WITHDRAW, Act.SPLIT, Act.CHANGE_QUEUE, Act.CHANGE_REQUESTER)
WISHES = (Act.CLOSE, Act.REOPEN, Act.RATE, Act.COMMENT)
_FINISH = frozenset({Act.APPROVE, Act.CLOSE, Act.RESOLVE, Act.REQUEST_APPROVAL})


class Walk(RuleBasedStateMachine):
    """See the module."""

    @initialize(
        approval=st.sampled_from(["always", "never", "on_request"]),
        rule=st.sampled_from(RULES),
        approvers=st.lists(st.sampled_from([CARLOS, DORA, EVA, ANA]), max_size=3, unique=True).map(tuple),
        days=st.sampled_from([0, 5]),
        proven=st.booleans(),
    )
    def open(self, approval: str, rule: Rule, approvers: tuple[Person, ...], days: int, proven: bool) -> None:
        self.desk = desk(approval=approval, rule=rule, approvers=approvers, reopen_days=days)
        self.desk.ticket = replace(self.desk.ticket, proven=proven)
        self.desk.more = {"queues": (self.desk.queue, SHOP)}
        self.lasting: dict[int, Delegation] = {}
        self.length = 0

    @rule(
        who=st.sampled_from((*PEOPLE, CLOCK)),
        act=st.sampled_from(Act),
        text=st.sampled_from(["", "motivo"]),
        emails=NAMED,
        score=st.sampled_from([None, 1, 3, 9, 10]),
        waits=st.booleans(),
    )
    def anything(
        self, who: Person | None, act: Act, text: str, emails: tuple[str, ...], score: int | None, waits: bool
    ) -> None:
        name = "compras" if act is Act.CHANGE_QUEUE else "requester" if waits else "outside"
        self._do(who, act, text, emails=emails, score=score, name=name)

    @rule(act=st.sampled_from(WORK), until=st.booleans(), waits=st.booleans())
    def work(self, act: Act, until: bool, waits: bool) -> None:
        """What an agent may well do, so that the walk gets somewhere."""
        more = {"name": "compras" if act is Act.CHANGE_QUEUE else "requester" if waits else "outside"}
        back = self.desk.now + timedelta(hours=1) if until else None
        self._do(ANA, act, "motivo", until=back, emails=(FABIO.email,) if act is Act.CHANGE_REQUESTER else (), **more)

    @precondition(lambda self: self.desk.ticket.requester)
    @rule(act=st.sampled_from(WISHES), score=st.integers(1, 5))
    def wish(self, act: Act, score: int) -> None:
        """What a requester may well do."""
        self._do(self.desk.ticket.requester, act, "", score=score)

    @precondition(lambda self: self.desk.ticket.open_round)
    @rule(data=st.data(), yes=st.booleans())
    def vote(self, data: st.DataObject, yes: bool) -> None:
        now, round_ = self.desk.now, self.desk.ticket.open_round
        who = data.draw(st.sampled_from(round_.deciders(now)))
        seat = round_.seat_at(who, now)
        decision = self._do(who, Act.APPROVE if yes else Act.REJECT, "motivo")
        by_the_other = seat.vote is not None and seat.decider != who
        assert decision.refusal == ("late" if by_the_other else "")

    @precondition(lambda self: self.desk.ticket.open_round)
    @rule(data=st.data(), to=st.sampled_from(PEOPLE), days=st.sampled_from([None, 1, 30]))
    def delegate(self, data: st.DataObject, to: Person, days: int | None) -> None:
        """What an approver may well do before he goes away."""
        who = data.draw(st.sampled_from([s.person for s in self.desk.ticket.open_round.seats]))
        until = self.desk.now + timedelta(days=days) if days else None
        decision = self._do(who, Act.DELEGATE, "férias", emails=(to.email,), until=until)
        if decision.delegation:
            self.lasting[who.id] = decision.delegation

    @precondition(lambda self: self.desk.ticket.round and not self.desk.ticket.round.void)
    @rule(who=st.sampled_from([CARLOS, DORA, EVA, SONIA]))
    def contest(self, who: Person) -> None:
        self._do(who, Act.CONTEST, "não fui eu")

    @rule(hours=st.sampled_from([1, 24 * 8]))
    def wait(self, hours: int) -> None:
        self.desk.later(hours=hours)

    def _do(self, who: Person | None, act: Act, text: str, **asked: object) -> Decision:
        before = self.desk.ticket
        self.desk.standing = tuple(self.lasting.values())
        decision = self.desk.do(who, act, text, **asked)
        if decision.refusal:
            assert (decision.ticket, decision.entries, decision.happenings) == (before, (), ())
            assert decision.beside is None
        else:
            self._check_step(before, self.desk.ticket, act, decision)
        return decision

    def _check_step(self, before: Ticket, after: Ticket, act: Act, decision: Decision) -> None:
        if after.status is not before.status:
            assert decision.entries[-1].to_status is after.status, "a change of status is in the history"
            assert decision.entries[0].from_status is before.status
        if after.status is Status.FINISHED and before.status is not Status.FINISHED:
            assert act in _FINISH
        if after != before:
            assert after.updated_at == self.desk.now
        if act is Act.SPLIT:
            self._check_split(before, after, decision)
        self._check_round(before.round, after.round)

    @staticmethod
    def _check_split(before: Ticket, after: Ticket, decision: Decision) -> None:
        """Nothing moves but the new ticket, which waits for the same people."""
        assert decision.beside
        new = decision.beside.ticket
        assert (after.status, after.round, after.pause) == (before.status, before.round, before.pause)
        assert (new.status, new.requester, new.round) == (Status.WAITING, before.requester, None)
        assert [f.person for f in new.followers] == [f.person for f in before.followers]
        assert not any(f.held for f in new.followers)

    @staticmethod
    def _check_round(before: Round | None, after: Round | None) -> None:
        """Seats are fixed when the round opens, and a new round leaves no older one open."""
        if before is None:
            return
        assert after is not None, "rounds are never forgotten"
        if after.number == before.number:
            assert [s.person for s in after.seats] == [s.person for s in before.seats]
            assert not (before.void and after.open)
            assert before.open or not after.open, "what is over is never open again"
        else:
            assert after.number == before.number + 1

    @invariant()
    def a_requester_can_always_be_heard(self) -> None:
        ticket = self.desk.ticket
        assert not self.desk.judge(ticket.requester, Act.COMMENT, "alguma novidade?").refusal

    @invariant()
    def history_only_grows(self) -> None:
        assert len(self.desk.history) >= self.length
        self.length = len(self.desk.history)

    @invariant()
    def what_is_over_says_since_when_and_what_is_open_does_not(self) -> None:
        assert (self.desk.ticket.finished_at is None) == (self.desk.ticket.status in OPEN)

    @invariant()
    def a_round_is_open_exactly_while_approval_is_awaited(self) -> None:
        assert (self.desk.ticket.open_round is not None) == (self.desk.ticket.status is Status.AWAITING_APPROVAL)

    @invariant()
    def nobody_decides_on_his_own_solution_and_nobody_has_two_places(self) -> None:
        if round_ := self.desk.ticket.round:
            seats = [s.person.id for s in round_.seats]
            places = seats + [s.delegate.id for s in round_.seats if s.delegate]
            assert seats
            assert len(places) == len(set(places))
            assert round_.solution_by
            assert round_.solution_by.id not in places
            assert all(s.decider.id in places for s in round_.seats)

    @invariant()
    def a_pause_is_kept_exactly_while_it_lasts(self) -> None:
        assert (self.desk.ticket.pause is not None) == (self.desk.ticket.status is Status.PAUSED)

    @invariant()
    def a_score_is_one_that_may_be_given(self) -> None:
        assert self.desk.ticket.rating is None or self.desk.ticket.rating.score in (1, 2, 3, 4, 5, 9)

    @invariant()
    def the_requester_never_follows_and_nobody_follows_twice(self) -> None:
        followers = [f.person for f in self.desk.ticket.followers]
        assert len(followers) == len(set(followers)) <= 10
        assert self.desk.ticket.requester not in followers


Walk.TestCase.settings = settings(max_examples=70, stateful_step_count=40, deadline=None)
TestWalk = Walk.TestCase
