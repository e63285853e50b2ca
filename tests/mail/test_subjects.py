"""Prefixes of subjects, and who wrote what was forwarded."""

from __future__ import annotations

import pytest

from mailgateway.mail.subjects import is_answer, is_forward, original_author, strip_prefixes


@pytest.mark.parametrize(
    ("subject", "stripped"),
    [
        ("Impressora", "Impressora"),
        ("RES: Impressora", "Impressora"),
        ("Re: RE: re[2]: Re (3): Impressora", "Impressora"),
        ("ENC: RES: [EXTERNO] Impressora", "Impressora"),
        ("[EXTERNAL] Fwd: FW: AW: Impressora", "Impressora"),
        ("RES: [#1042] Impressora", "Impressora"),
        ("[# 7]Impressora [#8]", "Impressora"),
        ("Re：Impressora", "Impressora"),
        ("Reforma: sala 3", "Reforma: sala 3"),
        ("Encerrar: chamado", "Encerrar: chamado"),
        ("[Projeto X] Impressora", "[Projeto X] Impressora"),
        ("RES:", ""),
        ("", ""),
    ],
)
def test_prefixes_are_taken_off(subject: str, stripped: str) -> None:
    assert strip_prefixes(subject) == stripped


@pytest.mark.parametrize("subject", ["ENC: x", "FW: x", "Fwd: x", "[EXTERNO] ENC: x", "[Fwd: x]", "WG: x"])
def test_forwards(subject: str) -> None:
    assert is_forward(subject)
    assert is_answer(subject)


@pytest.mark.parametrize("subject", ["RES: x", "Re[2]: x", "[EXTERNO] AW: x", "ENC: x"])
def test_answers(subject: str) -> None:
    assert is_answer(subject)
    assert not is_answer("[EXTERNO] x")


@pytest.mark.parametrize("subject", ["RES: ENC: x", "x", "Encontro: x", "Re: x"])
def test_what_is_no_forward(subject: str) -> None:
    assert not is_forward(subject)


@pytest.mark.parametrize(
    "text",
    [
        "Veja.\n\n---------- Mensagem encaminhada ---------\nDe: Maria <maria@x.com>\nDate: x\nSubject: y",
        "---------- Forwarded message ---------\nFrom: *Maria* <maria@x.com>\nDate: x",
        "*De:* Maria [mailto:maria@x.com]\n*Enviada em:* x",
        "> De: Maria <maria@x.com>\n> Enviada em: x",
    ],
)
def test_the_original_author(text: str) -> None:
    assert [(m.name, m.email) for m in original_author(text)] == [("Maria", "maria@x.com")]


def test_a_line_without_an_address_names_nobody() -> None:
    assert original_author("De: tudo um pouco") == ()


@pytest.mark.parametrize(
    "subject", ["RES  : Parou", "RES [#12]: Parou", "RES:\tENC  : Parou", "[#1] RES \u3000: Parou"]
)
def test_blanks_and_numbers_hide_no_prefix(subject: str) -> None:
    assert strip_prefixes(subject) == "Parou"
