"""Words in the form in which they are searched: singular and plural meet, and forming again changes nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.matching import Indexed, Term, score, snippet, telling
from mailgateway.core.searching import MOST_LETTERS, MOST_WORDS, STOP_WORDS, form, question, words

#: Each pair is one word, written in two ways.
PAIRS = """
situações situação|notas nota|impressoras impressora|impressores impressor|pães pão|fiscais fiscal|papéis papel
lençóis lençol|azuis azul|perfis perfil|fáceis fácil|níveis nível|imagens imagem|itens item|nuvens nuvem|raízes raiz
luzes luz|meses mês|redes rede|chaves chave|setores setor|portugueses português|botões botão|e-mails email|Wi-Fi WIFI
situaciones situación|contraseñas contraseña|papeles papel|imágenes imagen|nombres nombre|luces luz|facturas factura
buttons button|permissions permission|features feature|policies policy|processes process|addresses address
statuses status|boxes box|keys key|batteries battery|classes class|files file|ｎｏｔａｓ nota|SITUACOES situação
"""


@pytest.mark.parametrize("pair", [p.strip() for line in PAIRS.strip().splitlines() for p in line.split("|")])
def test_one_word_written_in_two_ways(pair: str) -> None:
    one, other = pair.split()
    assert words(one) == words(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("nota", "not"), ("senha", "sanha"), ("porto", "porta"), ("erro 404", "erro 500"), ("rede", "rádio")],
)
def test_other_words_stay_apart(one: str, other: str) -> None:
    assert words(one) != words(other)


def test_small_words_and_noise_are_left_out() -> None:
    assert words("Bom dia, a minha é o que não, please, por favor, gracias!") == []
    assert words("x " + "A" * 41 + " -- ___ 🖨️ \0 \ud800 7") == ["7"]
    assert all(word == word.casefold() and word.isascii() for word in STOP_WORDS)


@given(st.text())
def test_a_form_is_its_own_form(text: str) -> None:
    for word in words(text):
        assert form(word) == word
        assert word.isalnum()


@given(st.text(), st.text())
def test_case_and_order_of_texts_make_no_difference(one: str, other: str) -> None:
    assert words(f"{one} {other}") == words(one) + words(other)


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0301\u0316" * MOST_LETTERS,
        "ﷺ" * MOST_LETTERS,
        "e-" * MOST_LETTERS,
        "\n" * 90_000,
        "[" * 90_000,
        "_" * 90_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    asked = question(text)
    snippet(text, telling(asked, dict.fromkeys(asked.words, 1)))
    assert time.process_time() - began < 0.5


def test_a_long_question_is_cut() -> None:
    assert len(question(" ".join(f"palavra{n}" for n in range(5000))).words) == MOST_WORDS


# ---- matching


def test_the_rarest_words_are_searched() -> None:
    asked = question(" ".join(f"w{n}" for n in range(30)))
    terms = telling(asked, {f"w{n}": n for n in range(30)})
    assert [t.word for t in terms] == [f"w{n}" for n in range(1, 13)]


def test_the_last_word_may_be_unfinished() -> None:
    assert telling(question("trocar impres"), {"trocar": 1}) == (Term("trocar", 1), Term("impres", 1, begins=True))
    assert telling(question("trocar im"), {"trocar": 1}) == (Term("trocar", 1),)
    assert telling(question("intern"), {}) == (Term("intern", 1, begins=True),)


def test_more_words_count_more_than_better_places() -> None:
    asked = question("toner papel")
    terms = telling(asked, {"toner": 1, "papel": 1})
    in_title = score(terms, asked, Indexed(frozenset(["toner"]), frozenset()))
    in_body = score(terms, asked, Indexed(frozenset(), frozenset(["toner", "papel"])))
    assert 1 < in_title < 2 < in_body < 3


def test_one_word_of_many_is_not_enough() -> None:
    asked = question("comprar cadeira escritório novo andar diretor papel")
    terms = telling(asked, {"papel": 3})
    assert score(terms, asked, Indexed(frozenset(["papel"]), frozenset())) == 0


def test_a_snippet_is_plain_text_around_the_words() -> None:
    body = "# Toner\n\nAntes de tudo, *calma*.\n\n1. Abra a tampa.\n2. Tire o **toner** de [nome_do_modelo](http://x.example)."
    terms = [Term("toner", 1)]
    assert snippet(body, terms) == "Tire o toner de nome_do_modelo."
    assert snippet(body, []) == "Antes de tudo, calma."
    assert snippet("toner " * 100, terms).endswith("toner …")
    assert len(snippet("toner " * 100, terms)) <= 162
