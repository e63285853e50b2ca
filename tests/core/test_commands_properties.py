"""What holds for any text: nothing decides by chance, no word is lost, nothing raises, and time stays linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.conftest import SITUATIONS
from tests.core.replies import a_doubt_changes_nothing, no_word_is_lost, plain, prose_decides_nothing, reading

people = st.sampled_from(sorted(SITUATIONS))

FRAGMENTS = [
    *[
        "aprovado",
        "Aprovado",
        "reprovado:",
        "reprovo",
        "sim",
        "não",
        "ok",
        "5",
        "obrigado",
        "mas",
        "resolvido",
        "2",
        "4831-7719",
        "Maria",
        "a@x",
        "#124",
        "?",
        "⭐",
        "#",
        ":",
        ">",
        "*",
    ],
    *["#aprovar", "#reprovar", "#resolver", "#interno", "#nota", "#adicionar", "#xyz"],
    *("nota 5", "bom dia", "Oi Ana,", "#pausar até 10/03:", "até 31/02", "chamado 123", "escreva o motivo", "- "),
    *("\u200b", "\u00a0", "\n", "\n\n", "\r\n", "\u2028", "\x0b"),
]
COMMON = [
    "impressora",
    "do",
    "caixa",
    "cabo",
    "segue",
    "print",
    "loja",
    "ontem",
    "the",
    "printer",
    "la",
    "caja",
    "aprovação",
    "para",
]
replies = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=14).map(" ".join)


@given(people, replies | st.text(max_size=300))
@settings(max_examples=1500, deadline=None)
def test_reading_never_raises_and_loses_no_word(who: str, text: str) -> None:
    no_word_is_lost(who, text)


@given(people, replies | st.text(max_size=300))
@settings(max_examples=1000, deadline=None)
def test_a_doubt_acts_on_nothing_and_says_what_to_send(who: str, text: str) -> None:
    a_doubt_changes_nothing(who, text)


words = st.sampled_from(COMMON) | st.text(st.characters(categories=["L"]), min_size=2, max_size=9)
shouted = st.sampled_from([str.lower, str.upper, str.title])


@given(people, st.lists(words, min_size=7, max_size=20), shouted, st.sampled_from(["", ".", "!", ",", "…"]))
@settings(max_examples=1500, deadline=None)
def test_no_prose_ever_decides(who: str, prose: list[str], shout, end: str) -> None:
    prose_decides_nothing(who, shout(" ".join(plain(prose))) + end)


@given(st.lists(words, min_size=1, max_size=6), st.sampled_from(["aprovado", "approved", "resolvido", "sim", "5"]))
@settings(max_examples=500, deadline=None)
def test_a_decision_word_inside_a_line_decides_nothing(prose: list[str], decision: str) -> None:
    before = " ".join(plain(prose))
    for who in ("approver", "accepter", "rater", "asked", "requester"):
        assert not reading(who, f"Isto {before} {decision} aqui").acts


HUGE = {
    "one line": "a" * 1_000_000,
    "one phrase": "Reprovado: " + "x " * 500_000,
    "lines": "linha\n" * 170_000,
    "thanks": "obrigado\n" * 110_000,
    "hashes": "#a\n" * 330_000,
    "same verb": "#assumir\n" * 110_000,
    "addresses": "#adicionar " + "a@x, " * 200_000,
    "almost an address": "#adicionar " + "a" * 1_000_000,
    "separators": ": - , " * 160_000,
    "spaces": "Aprovado" + " " * 1_000_000 + "x",
    "references": "aprovado " + "no " * 330_000,
    "blank lines": "\n" * 1_000_000 + "Aprovado",
    "greetings": "oi " * 330_000,
    "stars": "⭐" * 300_000,
    "digits": "#pausar até " + "1/" * 500_000,
}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("who", ["approver", "rater", "agent", "asked", "new"])
def test_a_megabyte_is_read_in_no_time(who: str, text: str) -> None:
    started = time.process_time()
    reading(who, text)
    assert time.process_time() - started < 3


def test_a_usual_reply_takes_microseconds() -> None:
    text = "Bom dia, Ana\n\nAprovado o chamado nº 123\n\nObrigada,\nMaria Costa"
    started = time.process_time()
    for _ in range(200):
        reading("approver", text)
    assert (time.process_time() - started) / 200 < 0.001  # 40 µs on a quiet machine
