"""Questions: how long they live, how often a code may be guessed, who is asked again; and the codes themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core import keys, questions
from mailgateway.core.calendar import Calendar
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.questions import Question, QuestionState
from mailgateway.core.tickets import Asked, Round, Rule, Seat
from mailgateway.core.workflow import Act
from tests.core.cast import CARLOS, NOW, TICKET

SECRET, OLDER, OTHERS = "a" * 32, "b" * 32, "c" * 32
OFFICE = Calendar(ZoneInfo("America/Sao_Paulo"), frozenset(range(5)), time(8), time(18))
ROUND = Round(7, 1, Rule.ONE, (Seat(CARLOS),), NOW, None)
ids = st.integers(1, 10**18)


def question(act: Act = Act.APPROVE, **fields: object) -> Question:
    made = Question(3, CARLOS.id, 123, 7, 9, (Asked(act, line="Aprovado"),), "needs_key", NOW, NOW + timedelta(days=2))
    return replace(made, **fields)  # type: ignore[arg-type]


def test_it_lives_for_24_business_hours() -> None:
    friday = datetime(2026, 11, 20, 17, tzinfo=OFFICE.zone)
    assert questions.until(friday, OFFICE) == datetime(2026, 11, 25, 11, tzinfo=OFFICE.zone)


def test_an_answer_counts_up_to_the_very_moment_and_only_once() -> None:
    asked = question()
    assert asked.holds(asked.expires_at)
    assert not asked.holds(asked.expires_at + timedelta(microseconds=1))
    assert not any(asked.became(s).holds(NOW) for s in QuestionState if s is not QuestionState.OPEN)


def test_the_fifth_wrong_code_is_the_last() -> None:
    asked = question()
    for n in range(1, 5):
        asked = asked.missed()
        assert (asked.tries, asked.state) == (n, QuestionState.OPEN)
    assert asked.missed().state is QuestionState.SPENT


def test_one_question_per_seat_and_round() -> None:
    asked = [question()]
    assert questions.in_the_way(asked, CARLOS.id, 7, NOW)
    assert not questions.in_the_way(asked, CARLOS.id + 1, 7, NOW)
    assert not questions.in_the_way(asked, CARLOS.id, 8, NOW)
    assert not questions.in_the_way(asked, CARLOS.id, 7, NOW + timedelta(days=3))


def test_one_that_was_guessed_at_stays_in_the_way_and_one_that_was_answered_does_not() -> None:
    barring = {s for s in QuestionState if questions.in_the_way([question(state=s)], CARLOS.id, 7, NOW)}
    assert barring == {QuestionState.OPEN, QuestionState.SPENT}


def test_a_new_question_ends_the_older_ones_of_the_same_person() -> None:
    late, denied = question(id=4, expires_at=NOW - timedelta(hours=1)), question(id=5, state=QuestionState.DENIED)
    ended = questions.overtaken([question(), late, denied, question(id=6, person_id=99)], CARLOS.id, NOW)
    assert [(q.id, q.state) for q in ended] == [(3, QuestionState.OVERTAKEN), (4, QuestionState.EXPIRED)]


@pytest.mark.parametrize(
    ("acts", "reasons", "may"),
    [
        ((Act.APPROVE,), ("needs_key",), True),
        ((Act.REJECT,), ("needs_aligned",), True),
        ((Act.APPROVE,), ("expired",), True),
        ((Act.TAKE, Act.PAUSE), ("needs_proof", "needs_proof"), True),
        ((Act.CANCEL,), ("needs_proof",), True),
        ((Act.RATE,), ("needs_proof",), True),
        ((Act.APPROVE,), ("",), False),
        ((Act.APPROVE,), ("no_seat",), False),
        ((Act.APPROVE,), ("wrong_owner",), False),
        ((Act.APPROVE,), ("superseded",), False),
        ((Act.TAKE, Act.APPROVE), ("needs_proof", "no_seat"), False),
        ((Act.LEAVE,), ("needs_proof",), False),
        ((Act.NOTE,), ("needs_proof",), False),
        ((Act.STATUS,), ("needs_proof",), False),
    ],
)
def test_only_what_lacks_nothing_but_proof_is_held(acts: tuple[Act, ...], reasons: tuple[str, ...], may: bool) -> None:
    assert questions.may_hold([Asked(a) for a in acts], reasons) is may


@pytest.mark.parametrize("act", sorted(Act))
def test_a_confirmed_question_counts_as_the_key_that_its_act_lacked(act: Act) -> None:
    key = Key(9, CARLOS.id, 123, Purpose.CONFIRM)
    closed = replace(TICKET, round=replace(ROUND, result=True))
    decides = act in questions.DECISIONS
    assert question(act).as_key(key, closed).purpose is (Purpose.DECIDE if decides else Purpose.TALK)
    assert question(act).as_key(key, replace(TICKET, round=ROUND)).purpose is Purpose.DECIDE
    assert question(act).as_key(key, closed).round_id == 7


def test_only_a_vote_says_which_way() -> None:
    assert [question(a).approves for a in (Act.APPROVE, Act.REJECT, Act.CONTEST)] == [True, False, None]


# ---- codes


@given(ids)
def test_a_code_is_eight_digits_that_each_of_our_secrets_verifies(number: int) -> None:
    code = keys.code(OLDER, number)
    assert len(code) == 8
    assert code.isdecimal()
    assert keys.is_code(code, number, (SECRET, OLDER))
    assert not keys.is_code(code[:7], number, (SECRET, OLDER))
    assert not keys.is_code(f"{code}0", number, (SECRET, OLDER))


def test_codes_differ_by_question_and_by_secret_and_from_every_other_signature() -> None:
    codes = {keys.code(secret, n) for secret in (SECRET, OLDER, OTHERS) for n in range(1, 400)}
    assert len(codes) > 1190
    assert not keys.is_code(keys.code(OTHERS, 3), 3, (SECRET, OLDER))


@given(st.text(max_size=12))
def test_no_text_makes_comparing_raise(text: str) -> None:
    keys.is_code(text.encode("utf-8", "replace").decode(), 1, (SECRET,))


def test_an_open_question_answers_to_its_own_code_alone() -> None:
    assert question().answers(keys.code(SECRET, 3), (SECRET,))
    assert not question().answers(keys.code(SECRET, 4), (SECRET,))
    assert datetime(2026, 1, 1, tzinfo=UTC) < question().asked_at
