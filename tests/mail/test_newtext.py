"""What is new, what is signature, what is quoted."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.mail.html import to_text
from mailgateway.mail.newtext import MARKERS, split

HEADINGS = [
    "Em seg., 3 de fev. de 2025 às 10:00, Ana Souza <ana@example.com> escreveu:",
    "Em seg., 3 de fev. de 2025 às 10:00, Ana Souza <\nana@example.com> escreveu:",
    "Em 03/02/2025 10:00, Ana Souza escreveu:",
    "On Mon, Feb 3, 2025 at 10:00 AM Ana Souza <ana@example.com> wrote:",
    "El lun, 3 feb 2025 a las 10:00, Ana Souza (<ana@example.com>) escribió:",
    "Le lun. 3 févr. 2025 à 10:00, Ana <ana@example.com> a écrit :",
    "Am Mo., 3. Feb. 2025 um 10:00 Uhr schrieb Ana <ana@example.com>:",
    "Il giorno lun 3 feb 2025 alle ore 10:00 Ana <ana@example.com> ha scritto:",
    "Op ma 3 feb 2025 om 10:00 schreef Ana <ana@example.com>:",
    "2025年2月3日(月) 10:00 Ana <ana@example.com>:",
    "-----Mensagem original-----",
    "---------- Mensagem encaminhada ---------",
    "________________________________\nDe: Ana <ana@example.com>\nEnviado: segunda-feira, 3 de fevereiro de 2025\n"
    "Para: Suporte <suporte@example.com>\nAssunto: Impressora",
    "*De:* Ana\n*Enviada em:* segunda-feira, 3 de fevereiro de 2025 10:00\n*Para:* Suporte\n*Assunto:* RES: Impressora",
    "From: Ana <ana@example.com>\nSent: Monday, February 3, 2025 10:00 AM\nTo: Support\nSubject: Printer",
    *MARKERS,
    "> ##- RESPONDA ACIMA DESTA LINHA -##",
]


@pytest.mark.parametrize("heading", HEADINGS)
@pytest.mark.parametrize("mark", ["", "> "])
def test_what_stands_below_a_heading_is_quoted(heading: str, mark: str) -> None:
    text = f"Aprovado.\n\n{heading}\n\n{mark}Você aprova?\n{mark}Responda até sexta."
    parts = split(text, is_reply=True)
    assert parts.new == "Aprovado."
    assert "Você aprova?" in parts.quoted
    assert parts.certain


def test_a_new_mail_is_not_all_quotation() -> None:
    text = "De: Ana <ana@example.com>\nPara: Rio\nData: 10/10/2025\nAssunto: viagem\n\nPreciso de passagem."
    parts = split(text)
    assert parts.new == text
    assert not parts.certain
    assert split(text, is_reply=True).new == ""


def test_answers_between_quoted_lines_are_kept_with_them() -> None:
    text = "Em 03/02/2025 10:00, Ana escreveu:\n> Qual cor?\nAzul\n> Qual modelo?\nX200\n> Obrigada"
    parts = split(text, is_reply=True)
    assert parts.new == "> Qual cor?\nAzul\n> Qual modelo?\nX200"
    assert "Ana escreveu" in parts.quoted


def test_an_answer_below_the_quotation_is_new() -> None:
    text = "Em 03/02/2025 10:00, Ana escreveu:\n> Você aprova?\n> Ana\n\nAprovado."
    assert split(text, is_reply=True).new == "Aprovado."


def test_a_long_reply_without_a_heading_is_uncertain() -> None:
    text = "\n".join(f"linha {i}" for i in range(60))
    assert not split(text, is_reply=True).certain
    assert split(text).certain
    assert split("curta", is_reply=True).certain


def test_the_html_shows_where_a_wrapped_quotation_begins() -> None:
    text = "Aprovado.\n\nVocê aprova?\nAna"
    html = '<p>Aprovado.</p><div class="yahoo_quoted"><p>Você aprova?</p><p>Ana</p></div>'
    assert split(text, html, is_reply=True).new == "Aprovado."
    assert split(text, html.replace("yahoo_quoted", "x"), is_reply=True).new == text


CLIENTS_WRITE = [
    *(
        "{}",
        "> {}",
        ">> {}",
        "| {}",
        "AB> {}",
        " \t{}  ",
        "*{}*",
        "**{}**",
        "_{}_",
        "\\{}",
        "\u200b{}\u200b",
        "\ufeff{}",
    ),
]


@pytest.mark.parametrize("written", CLIENTS_WRITE)
@pytest.mark.parametrize(
    "marker",
    [
        *(
            *MARKERS,
            MARKERS[0].upper(),
            MARKERS[0].replace(" ", "\xa0"),
            MARKERS[0].replace("- ", "-").replace(" -", "-"),
        ),
        "##- Responda acima\ndesta linha -##",
        "##- Responda acima\n> desta linha -##",
    ],
)
def test_the_marker_is_honoured_however_it_comes_back(written: str, marker: str) -> None:
    parts = split(f"Aprovado.\n\n{written.format(marker)}\nVocê aprova?\n#reprovar não")
    assert parts.new == "Aprovado."
    assert parts.quoted.endswith("Você aprova?\n#reprovar não")


def test_the_marker_may_share_the_line_of_what_was_written() -> None:
    parts = split(f"Aprovado. {MARKERS[0]}\nVocê aprova?")
    assert parts.new.strip() == "Aprovado."
    assert parts.quoted == f"{MARKERS[0]}\nVocê aprova?"


def test_a_sentence_may_name_the_marker() -> None:
    text = f"O que é a linha {MARKERS[0]} que aparece?\nObrigado."
    assert split(text).new == text


def test_other_marker_lines_may_be_given() -> None:
    assert split("Oi\n-- corte aqui --\nvelho", markers=("-- corte aqui --",)).new == "Oi"


LINES = st.sampled_from(
    ["", "texto", "> citado", ">> mais", "-- ", "Enviado do meu iPhone", "De: a", "Data: b", "Para: c", "Att,", "_____"]
    + [line for heading in HEADINGS for line in heading.split("\n")]
)


@given(st.lists(LINES | st.text(max_size=30), max_size=40).map("\n".join), st.booleans())
def test_nothing_is_lost(text: str, is_reply: bool) -> None:
    parts = split(text, is_reply=is_reply)
    assert Counter("".join((parts.new + parts.signature + parts.quoted).split())) == Counter("".join(text.split()))


FIVE_MEGABYTES = 5_000_000
PATTERNS = [
    *(
        "a",
        "\n",
        " ",
        "\t",
        "\xa0",
        "\u200b",
        ">",
        ">\n",
        "> x\n",
        "x\n> y\n",
        "C>",
        "_",
        "_" * 60 + "\n",
        "-",
        "--\n",
        "*",
    ),
    *(
        ": ",
        "(",
        "@",
        "<\n",
        "1:1 ",
        "10:00\n",
        "a@b.c ",
        "mailto:",
        "Em ",
        "Em 1 1\n",
        "wrote: ",
        "On a wrote:",
        "写道：\n",
    ),
    *("De: ", "De: \n", "De: a\nData: b\nPara: c\n", "De: a@b\n" + "a@b\n" * 55, "* De *: ", "x" * 250 + ":\n"),
    *("Ana wrote" * 30 + "\n", "2020 10:00 a@b.c:\n", "Em 1 de jan de 2020 10:00, A <a@b.c> escreveu:\n> x\ny\n"),
    *("- On 1 2020 10:00 a@b.c wrote:\n> ", "-----Original Message-----\n", "--- a ---\n", "Enviado do meu iPhone\n"),
    *("Sent from ", "Outlook iOS ", "Att,\n", "Esta mensagem ", "Se você \n", "Aviso externo ", "##- ", "##-\n"),
    *("##- Responda ", MARKERS[0], MARKERS[0] + " ", "A b ", "https://x ", "PS: "),
]


@pytest.mark.parametrize("pattern", PATTERNS, ids=[pattern[:20] for pattern in PATTERNS])
def test_five_megabytes_take_less_than_a_second(pattern: str) -> None:
    """Time of this process, so that others do not count. The slowest takes 0.3 s: the bound is for slow machines."""
    text = (pattern * (FIVE_MEGABYTES // len(pattern) + 1))[:FIVE_MEGABYTES]
    start = time.process_time()
    split(text, is_reply=True)
    assert time.process_time() - start < 2


def test_a_page_of_html_takes_less_than_a_second_to_split() -> None:
    html = "<blockquote>" * 100_000 + "x"
    start = time.process_time()
    split(to_text(html), html, is_reply=True)
    assert time.process_time() - start < 2
