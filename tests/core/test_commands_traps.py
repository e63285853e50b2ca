"""The traps of the domain's section 6: words that look like a decision and are none, and the other way round."""

from __future__ import annotations

import pytest

# who, what he writes, what it is read as
TRAPS = [
    ("approver", "não aprovado", "?needs_reason"),
    ("approver", "não aprovado: falta o cabo", "reject: falta o cabo"),
    ("approver", "aprovado com ressalvas", "?ambiguous"),
    ("approver", "aprovado, mas troquem o cabo", "?conditional"),
    ("approver", "aprovei ontem o outro", "?ambiguous"),
    ("approver", "Aprovado o 124?", "?ambiguous"),
    ("approver", "ok", "?ambiguous"),
    ("rater", "5 computadores estão parados", "-"),
    ("rater", "nota 10", "?scale"),
    ("rater", "nota fiscal 5", "-"),
    ("torn", "1", "?two_pending"),
    ("rater", "Bom dia", "-"),
    ("rater", "Bom", "rate 4"),
    ("finished", "Regular", "-"),
    ("follower", "Aprovado", "approve"),  # an attempt: the core refuses and explains
    ("approver", "Depto Aprovado ISO 9001", "-"),
    ("approver", "Segue o laudo.\n\nDepto\nAPROVADO", "-"),
    ("approver", "De acordo com o combinado, segue o print", "-"),
    ("approver", "Vejam abaixo\n> Liberado", "-"),
    ("approver", "> Liberado", "-"),
    ("approver", "> #aprovar", "-"),
    ("approver", "# Aprovado", "?ambiguous"),
    ("approver", "não, aprovado", "?ambiguous"),
    ("approver", "aprovado não", "?ambiguous"),
    ("approver", "desaprovado", "?ambiguous"),
    ("approver", "Não vejo motivo para reprovar", "-"),
    ("requester", "Pode fechar o chamado 99", "?other_ticket"),
    ("approver", "", "?empty"),
    ("approver", " \n\t\n", "?empty"),
    ("requester", "", "-"),
    # Never enough
    *(
        ("approver", words, "?ambiguous")
        for words in ("blz", "certo", "sim", "ciente", "👍", "pode seguir", "show", "ótimo")
    ),
    *(("approver", words, "?ambiguous") for words in ("não", "ainda não", "negativo", "não sei", "pode finalizar")),
    ("approver", "obrigado", "thanks"),
    *(("rater", words, "?scale") for words in ("0", "6", "7", "8", "10", "4,5", "ótimo", "nota dez", "100%")),
    ("rater", "dei 5 no meio de frase comprida sobre a loja", "-"),
    ("requester", "funcionou?", "-"),
    ("requester", "acho que sim", "-"),
    ("requester", "esquece", "-"),
    ("requester", "alguma novidade?", "-"),
    ("agent", "ok, vou ver", "-"),
    # Scenarios of section 8
    ("agent", "#solicitar-aprovacao maria@x: cabo trocado", "request_approval maria@x: cabo trocado"),
    ("approver", "Aprovado.", "approve"),
    ("approver", "Reprovo", "?needs_reason"),
    ("rater", "5 ótimo atendimento", "?scale"),
    ("rater", "#nota 5\nótimo atendimento", "rate 5: ótimo atendimento"),
    ("rater", "Bom dia, 5 computadores estão parados", "-"),
    ("follower", "#sair", "leave"),
    ("requester", "#tickets avaliar", "list to_rate"),
    ("requester", "#faq impressora não imprime", "faq: impressora não imprime"),
    ("agent", "#assumir", "take"),
    ("agent", "#pausar: aguardando peça", "pause: aguardando peça"),
    ("agent", "#interno senha trocada", "note: senha trocada"),
    ("requester", "#assumir", "take"),  # refused by core.access, not by the grammar
]


@pytest.mark.parametrize(("who", "text", "expected"), TRAPS)
def test_a_trap_is_not_walked_into(told, who, text, expected):
    assert told(who, text) == expected


VETOES = (
    *("mas", "porém", "contudo", "desde que", "se", "somente", "só", "exceto", "com ressalva", "condicionado"),
    *("parcialmente", "caso", "quando", "antes", "depois", "não", "nem"),
    *("but", "unless", "if", "pero", "si", "salvo", "hasta"),
)


@pytest.mark.parametrize("veto", VETOES)
@pytest.mark.parametrize(
    "form", ["Aprovado: {} x", "Aprovado, {} x", "Aprovado\n{} x", "#aprovar\n\n{} x", "#aprovar {} x"]
)
def test_an_approval_with_a_veto_word_is_asked_about(told, veto, form):
    assert told("approver", form.format(veto)) == "?conditional"


@pytest.mark.parametrize(
    "text", ["Reprovado: não funciona", "Reprovado: mas só no caixa 3", "#reprovar se fosse só isso"]
)
def test_a_rejection_may_say_what_it_likes(told, text):
    assert told("approver", text).startswith("reject: ")


@pytest.mark.parametrize("text", ["Aprovado\n\nObrigado. Não esqueçam o backup.", "Aprovado: instalem no caixa 3"])
def test_a_veto_counts_only_near_the_approval(told, text):
    assert told("approver", text).startswith("approve")


def test_the_question_names_the_line_and_what_to_send(heard):
    doubt = heard("approver", "Bom dia\naprovado com ressalvas\nfalta a tampa").doubt
    assert doubt.line == "aprovado com ressalvas"
    assert [line.text + line.placeholder for line in doubt.suggestions] == ["Aprovado", "Reprovado: escreva o motivo"]


def test_a_doubt_keeps_the_whole_text_as_comment(heard):
    text = "Aprovado\n#reprovar: falta\n#aprovr"
    reading = heard("approver", text)
    assert (reading.acts, reading.comment) == ((), text)
