"""What is new, what is signature, what is quoted."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize(
    "prose",
    [
        "De: tudo um pouco.\nPara: quem quiser.",
        "A Ana escreveu:\no sistema caiu\nE eu não sei o que fazer.",
        "O log diz:\nFrom: db1\nTo: db2\nfalhou",
        "Ontem o cliente escreveu que a data 03/02/2025 está errada.\nPode corrigir?",
        "----- Mensagem de erro -----\nfalha 49",
        "Assunto: impressora\nLocal: terceiro andar",
        "Em 10/03/2025 às 14:00 o cliente escreveu:\nnão funciona\n\nO que faço?",
    ],
)
def test_prose_is_not_cut(prose: str) -> None:
    assert split(prose, is_reply=True).new == prose


def test_a_new_mail_is_not_all_quotation() -> None:
    text = "De: São Paulo\nPara: Rio\nData: 10/10/2025\nAssunto: viagem\n\nPreciso de passagem."
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


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nJoão Silva\nRamal 12",
        "Enviado do meu iPhone",
        "Obter o Outlook para iOS<https://aka.ms/o0ukef>",
        "Sent from my Samsung Galaxy smartphone.",
        "Enviado via UOL Mail",
        "Atenciosamente,\n\nJoão Silva\nDepto Aprovado ISO 9001",
        "Att.\nJoão",
        "AVISO LEGAL: esta mensagem é confidencial e não autoriza ninguém a nada.",
        "Esta mensagem e seus anexos são confidenciais e destinados exclusivamente a quem consta acima.",
        "_______________________________\nlista mailing list\nlista@example.com",
    ],
)
def test_a_signature_is_not_new_text(signature: str) -> None:
    parts = split(f"A impressora parou.\n\n{signature}")
    assert parts.new == "A impressora parou."
    assert parts.signature == signature


def test_a_sentence_is_no_footer() -> None:
    text = "Segue o contrato\nenviado pelo cliente ontem"
    assert split(text).new == text


@pytest.mark.parametrize(
    "banner",
    [
        "CUIDADO: e-mail externo. Não clique em links nem abra anexos sem conhecer o remetente.",
        "CAUTION: This email originated from outside of the organization.\nDo not click links from unknown senders.",
        "[EXTERNO]",
        "*** E-MAIL EXTERNO ***",
    ],
)
def test_a_banner_is_cut(banner: str) -> None:
    parts = split(f"{banner}\n\nAprovado.")
    assert parts.new == "Aprovado."
    assert parts.quoted == banner


def test_a_sentence_is_no_banner() -> None:
    text = "O monitor externo da recepção não liga."
    assert split(text).new == text


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


def test_other_marker_lines_may_be_given() -> None:
    assert split("Oi\n-- corte aqui --\nvelho", markers=("-- corte aqui --",)).new == "Oi"


LINES = st.sampled_from(
    ["", "texto", "> citado", ">> mais", "-- ", "Enviado do meu iPhone", "De: a", "Data: b", "Para: c", "Att,", "_____"]
    + [line for heading in HEADINGS for line in heading.split("\n")]
)


@given(st.lists(LINES | st.text(max_size=30), max_size=40).map("\n".join), st.booleans())
def test_no_line_is_lost(text: str, is_reply: bool) -> None:
    parts = split(text, is_reply=is_reply)
    pieces = [line for part in (parts.new, parts.signature, parts.quoted) for line in part.split("\n")]
    assert Counter(filter(str.strip, pieces)) == Counter(filter(str.strip, text.split("\n")))


@pytest.mark.parametrize(
    "pattern",
    [
        "a",
        "\n",
        "> x\n",
        ": ",
        "De: a\nData: b\nPara: c\n",
        "(",
        "-",
        "--\n",
        "wrote: ",
        "1:1 ",
        "_" * 60 + "\n",
        "x" * 250 + ":\n",
        "Em 1 de jan de 2020 10:00, A <a@b.c> escreveu:\n> x\ny\n",
        "Enviado do meu iPhone\n",
        "Att,\n",
        " \n",
        "@",
    ],
)
def test_five_megabytes_take_less_than_a_second(pattern: str) -> None:
    text = (pattern * (5_000_000 // len(pattern)))[:5_000_000]
    start = time.perf_counter()
    split(text, is_reply=True)
    assert time.perf_counter() - start < 3  # under 1 s on a quiet machine
