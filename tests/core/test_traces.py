"""What leads to a person in what others wrote goes; what is another's stays."""

from __future__ import annotations

import pytest

from mailgateway.core.people import Person
from mailgateway.core.traces import trace

JOAO = Person(12, "João da Silva", "joao@cliente.example", ("joao@cliente.example", "j.silva@xn--caf-dma.example"))
WRITTEN = ["A impressora do balcão não imprime desde ontem.\nMe ligue: (11) 98765-4321", "Obrigado."]
TRACES = trace(JOAO, "Pessoa apagada 12", WRITTEN, ["Impressora do balcão parada", "Oi"], ["João Reis", "Ana Lima"])
ALONE = trace(JOAO, "Pessoa apagada 12", WRITTEN)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Escreva a joao@cliente.example.", "Escreva a Pessoa apagada 12."),
        ("JOAO@CLIENTE.EXAMPLE ligou", "Pessoa apagada 12 ligou"),
        ('"João da Silva" <joao@cliente.example> escreveu:', "Pessoa apagada 12 escreveu:"),
        ("João <joao@cliente.example>, Ana Lima", "Pessoa apagada 12, Ana Lima"),
        ("Falei com Joao Silva e JOÃO DA  SILVA.", "Falei com Pessoa apagada 12 e Pessoa apagada 12."),
        ("j.silva@café.example", "Pessoa apagada 12"),
        ("mailto:joao%40cliente.example", "mailto:Pessoa apagada 12"),
        ("João, sua impressora chegou.", "João, sua impressora chegou."),  # João Reis is here too
        ("outrojoao@cliente.example e joao@cliente.example.br", "outrojoao@cliente.example e joao@cliente.example.br"),
        ("Sobre «Impressora do balcão parada»: trocada.", "Sobre «…»: trocada."),
        ("> a impressora do balcão não\n> imprime desde ontem.\nVou ver.", "…\n…\nVou ver."),
        ("Liguei para 11 98765 4321, e para 11 91234-0000.", "Liguei para …, e para 11 91234-0000."),
        ("Obrigado.", "Obrigado."),
        ("", ""),
    ],
)
def test_beside_him_nothing_leads_to_him(text: str, left: str) -> None:
    assert TRACES.beside_him(text) == left
    assert TRACES.beside_him(left) == left


def test_a_first_name_that_nobody_shares_is_his() -> None:
    assert ALONE.beside_him("Olá João, tudo bem? João?") == "Olá Pessoa apagada 12, tudo bem? Pessoa apagada 12?"
    assert ALONE.beside_him("Joãozinho") == "Joãozinho"


def test_elsewhere_only_his_addresses_are_his() -> None:
    text = "João da Silva <joao@cliente.example>: (11) 98765-4321"
    assert TRACES.elsewhere(text) == "João da Silva Pessoa apagada 12: (11) 98765-4321"


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("fale com joao@cliente.example", True),
        ("fale com João da Silva", True),
        ("[#7] Impressora do balcão parada", True),
        ("fale com João", False),
        ("fale com joao@outro.example", False),
        ("Oi", False),
    ],
)
def test_what_speaks_of_him_for_certain(text: str, certain: bool) -> None:
    assert TRACES.tell_of_him(text) is certain


def test_somebody_without_a_name_is_traced_by_his_address() -> None:
    nobody = trace(Person(3, "", "x@y.example", ("x@y.example",)), "Pessoa apagada 3", [])
    assert nobody.beside_him("x@y.example e Ana") == "Pessoa apagada 3 e Ana"
    assert not nobody.tell_of_him("Ana")
