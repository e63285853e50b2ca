"""What a reply is read as, in three languages, both ways: what must act and what must not."""

from __future__ import annotations

import pytest

from mailgateway.core.commands import subject_query

CASES = {
    "decisions": [
        *(
            ("approver", w, "approve")
            for w in ("aprovo", "APROVADO", "aprovada", "aprovar", "De acordo", "Autorizo", "liberado", "está aprovado")
        ),
        *(
            ("approver", w, "approve")
            for w in ("Approved", "I approve", "approve", "Apruebo", "aprobado", "De acuerdo.")
        ),
        *(
            ("approver", f"{w}: x", "reject: x")
            for w in ("reprovo", "Reprovada", "não aprovo", "nao autorizo", "negado", "recusado")
        ),
        *(
            ("approver", f"{w}: x", "reject: x")
            for w in ("rejected", "Not approved", "rechazo", "Rechazado", "no apruebo")
        ),
        ("approver", "Reprovado - falta o cabo", "reject: falta o cabo"),
        ("approver", "Reprovado – falta o cabo", "reject: falta o cabo"),
        ("approver", "Reprovado, falta o cabo", "reject: falta o cabo"),
        ("approver", "Reprovado\n\nFalta o cabo.\nE a tampa.", "reject: Falta o cabo.\nE a tampa."),
        ("approver", "Reprovado\n\nAtt,\nMaria Costa", "?needs_reason"),
        ("approver", "Reprovado: escreva o motivo", "?placeholder"),
        ("approver", "Reprovado: (escreva o motivo)", "?placeholder"),
        ("approver", "Rejected: write the reason", "?placeholder"),
        ("approver", "Reprovado: escreva o motivo\nNão imprime", "reject: Não imprime"),
        ("approver", "Aprovado: ótimo trabalho", "approve: ótimo trabalho"),
        ("approver", "Aprovado\nReprovado: x", "?conflict"),
        ("approver", "Reprovado: x\n\nAprovado", "?conflict"),
        ("approver", "Aprovado\n#reprovar: x", "?conflict"),
        ("approver", "#aprovar\n#reprovar: x", "?conflict"),
        ("approver", "Aprovado\n#aprovar", "approve"),
        ("approver", "Resolvido", "?ambiguous"),
        ("approver", "Aprovado. Obrigado", "?ambiguous"),
        ("approver", "Sim, aprovado", "?ambiguous"),
        ("approver", "ok, pode seguir", "?ambiguous"),
        ("approver", "não: falta o cabo", "?ambiguous"),
        ("approver", "Vou olhar amanhã", "-"),
        ("approver", "Quem trocou o cabo?", "-"),
        ("approver", "Approved with conditions", "?ambiguous"),
        ("approver", "Aprobado con reservas", "?ambiguous"),
        ("approver", "Aprobado, no hace falta más", "?conditional"),
        ("approver", "5", "-"),
        ("voted", "Aprovado", "approve"),
        ("voted", "aprovado com ressalvas", "-"),
        ("follower", "aprovado com ressalvas", "-"),
        ("follower", "Reprovado: x", "reject: x"),
        ("requester", "Aprovado", "-"),
        ("finished", "Aprovado!", "-"),
    ],
    "form": [
        ("approver", "*Aprovado*", "approve"),
        ("approver", "**Aprovado**: tudo certo", "approve: tudo certo"),
        ("approver", "“Aprovado”", "approve"),
        ("approver", "- Aprovado", "approve"),
        ("approver", "• Aprovado!!!", "approve"),
        ("approver", "Aprovado…", "approve"),
        ("approver", "A\u200bprovado\u00a0", "approve"),
        ("approver", "Ａｐｒｏｖａｄｏ", "approve"),
        ("approver", "de   acordo", "approve"),
        ("approver", "APROVÁDO", "approve"),
        ("approver", "Aprovado?", "?ambiguous"),
        ("approver", "Aprovado o chamado 123", "approve"),
        ("approver", "Aprovado #123", "approve"),
        ("approver", "Aprovo o chamado nº 123: bom", "approve: bom"),
        ("approver", "Aprovo este chamado", "approve"),
        ("approver", "I approve ticket no. 123", "approve"),
        ("approver", "Apruebo la solicitud n.º 123", "approve"),
        ("approver", "Aprovado chamado 124", "?other_ticket"),
        ("approver", "#aprovar 124", "?other_ticket"),
        ("approver", "#aprovar 123", "approve"),
        ("approver", "#reprovar #123: falta", "reject: falta"),
        ("approver", "#reprovar 3 caixas paradas", "reject: 3 caixas paradas"),
    ],
    "greetings": [
        ("approver", "Bom dia,\n\nAprovado", "approve"),
        ("approver", "Olá, Ana!\nBoa tarde.\nAprovado", "approve"),
        ("approver", "Hi Ana,\nApproved", "approve"),
        ("approver", "Hola Ana,\n\nAprobado", "approve"),
        ("approver", "Prezados,\nAprovado\n\nAtt,\nMaria", "approve"),
        ("approver", "Oi\nOi\nOi\nAprovado", "-"),
        ("approver", "Bom dia, aprovado", "?ambiguous"),
        ("approver", "Segue\nAprovado", "-"),
        ("approver", "Bom dia a todos da equipe de suporte\nAprovado", "-"),
    ],
    "acceptance": [
        *(
            ("accepter", w, "approve")
            for w in ("Sim", "s", "OK", "confirmo", "pode finalizar", "Yes", "sí", "Aprovado")
        ),
        ("accepter", "Não: ainda falha", "reject: ainda falha"),
        ("accepter", "Não", "?needs_reason"),
        ("accepter", "Não\nA impressora ainda falha", "reject: A impressora ainda falha"),
        ("accepter", "No: it still fails", "reject: it still fails"),
        ("accepter", "Ainda não funciona: a tela apaga", "reject: a tela apaga"),
        ("accepter", "Não resolvido", "?needs_reason"),
        ("accepter", "Resolvido", "close"),
        ("accepter", "Sim, mas falta a tampa", "?conditional"),
        ("accepter", "Sim\nNão", "?conflict"),
        ("accepter", "beleza", "?ambiguous"),
        ("accepter", "Sim, a impressora", "approve: a impressora"),
        ("accepter", "Simone vai olhar", "-"),
    ],
    "questions": [
        *(("asked", w, "yes") for w in ("sim", "S", "ok", "Confirmo", "yes", "Sim.\n\nObrigado!\nMaria Costa")),
        *(("asked", w, "no") for w in ("não", "Nao", "no", "não confirmo")),
        ("asked", "sim, se for hoje", "?ambiguous"),
        ("asked", "não, pode seguir", "?ambiguous"),
        ("asked", "sim\nmas só amanhã", "?ambiguous"),
        ("asked", "talvez", "?ambiguous"),
        ("asked", "aprovo 4831-7719", "approve + code 48317719"),
        ("asked", "Aprovado 48317719", "approve + code 48317719"),
        ("asked", "reprovo 4831 7719: falta", "reject: falta + code 48317719"),
        ("asked", "sim 4831-7719", "yes + code 48317719"),
        ("asked", "Não sei do que se trata", "-"),
    ],
    "ratings": [
        *(
            ("rater", w, "rate 5")
            for w in (
                "5",
                "nota 5",
                "Nota: 5",
                "5 estrelas",
                "5/5",
                "5 de 5",
                "excelente",
                "⭐⭐⭐⭐⭐",
                "rating 5",
                "5 stars",
                "nota 5 de 5",
            )
        ),
        *(("rater", w, "rate 1") for w in ("1", "péssimo", "⭐", "★☆☆☆☆", "1 estrela", "terrible", "1 estrella")),
        *(("rater", w, "rate 9") for w in ("9", "não avaliar", "no calificar", "do not rate")),
        ("rater", "⭐️⭐️⭐️", "rate 3"),
        ("rater", "⭐⭐⭐⭐⭐⭐", "?scale"),
        ("rater", "4: demorou um pouco", "rate 4: demorou um pouco"),
        ("rater", "4\nDemorou um pouco", "rate 4: Demorou um pouco"),
        ("rater", "Bom - mas demorou", "rate 4: mas demorou"),
        ("rater", "Excelente, obrigado!", "rate 5: obrigado!"),
        ("rater", "5, ótimo atendimento", "rate 5: ótimo atendimento"),
        ("rater", "Bom, o problema continua", "?ambiguous"),
        ("rater", "2, 3 e 4 não ligam", "?ambiguous"),
        ("rater", "nota quatro", "?scale"),
        ("rater", "excelente atendimento", "?scale"),
        ("rater", "Obrigado!", "thanks"),
        ("rater", "A impressora parou de novo", "-"),
        ("rater", "#nota 4 demorou", "rate 4: demorou"),
        ("rater", "#nota 10", "?scale"),
        ("rater", "#nota", "?scale"),
        ("rater", "#nota excelente", "rate 5"),
        ("rater", "#rate 3: slow", "rate 3: slow"),
        ("rater", "#nota 4\n#nota 5", "?conflict"),
        ("finished", "5", "-"),
        ("finished", "#nota 5", "rate 5"),
    ],
    "requesters": [
        *(
            ("requester", w, "close")
            for w in (
                "Resolvido",
                "pode encerrar",
                "Pode fechar",
                "problema resolvido",
                "resolved",
                "Resuelto",
                "close",
            )
        ),
        ("requester", "Pode fechar o chamado 123", "close"),
        ("requester", "Pode fechar o chamado", "close"),
        ("opener", "resolvido 2", "close 2"),
        ("opener", "#encerrar 2", "close 2"),
        ("opener", "resolvido 99", "?other_ticket"),
        ("requester", "Resolvido, mas demorou", "?conditional"),
        ("requester", "Resolvido?", "-"),
        ("finished", "Resolvido", "-"),
        ("agent", "Resolvido", "-"),
        ("requester", "não resolvido", "persists"),
        ("requester", "Ainda não funciona!", "persists"),
        ("requester", "Still failing", "persists"),
        ("requester", "sigue fallando", "persists"),
        ("opener", "Cancelar", "cancel"),
        ("opener", "favor desconsiderar", "cancel"),
        ("opener", "Cancelar: não preciso mais", "cancel: não preciso mais"),
        ("opener", "#cancelar", "cancel"),
        ("opener", "please cancel", "cancel"),
        ("follower", "cancelar", "-"),
        ("requester", "Status", "status"),
        ("requester", "andamento", "status"),
        ("requester", "posição 3 da fila", "-"),
        ("follower", "sair", "leave"),
        ("follower", "Parar de acompanhar", "leave"),
        ("follower", "unsubscribe", "leave"),
        ("requester", "sair", "-"),
        ("requester", "#reabrir: voltou a falhar", "reopen: voltou a falhar"),
        ("requester", "#adicionar ana@x.com, beto@y.com", "add_follower ana@x.com beto@y.com"),
        ("requester", "#adicionar Ana <Ana@X.com>", "add_follower ana@x.com"),
        ("requester", "#adicionar Ana", "?needs_address"),
        ("requester", "#remover ana@x.com", "remove_follower ana@x.com"),
        ("voted", "#contestar", "contest"),
        ("approver", "#delegar carlos@x até 10/12", "delegate carlos@x until 10/12/2026 18h"),
        ("onlooker", "Ok", "-"),
        ("requester", "5", "-"),
        ("requester", "Obrigado pela ajuda, Ana", "thanks"),
        ("requester", "Valeu!\n\nAtt,\nJoão da Silva\nLoja 3", "-"),
        ("requester", "Muito obrigada!\nAbraços,\nMaria Costa", "thanks"),
        ("requester", "Thank you!", "thanks"),
        ("requester", "Muchas gracias, Ana", "thanks"),
        ("requester", "Obrigado\nimpressora quebrou", "-"),
        ("requester", "Obrigado, mas ainda falha", "-"),
    ],
    "agents": [
        ("agent", "assumir", "take"),
        ("agent", "Atender", "take"),
        ("agent", "pausar: aguardando o cliente", "pause: aguardando o cliente"),
        ("agent", "pausar", "?needs_reason"),
        ("agent", "retomar", "resume"),
        ("agent", "finalizar: cabo trocado", "resolve: cabo trocado"),
        ("agent", "solicitar aprovação: cabo trocado", "request_approval: cabo trocado"),
        ("requester", "assumir", "-"),
        ("agent", "#assumir\n#resolver: cabo trocado\ne testado", "take + resolve: cabo trocado\ne testado"),
        ("agent", "#Solicitar aprovação a@x, b@y: texto", "request_approval a@x b@y: texto"),
        ("agent", "#solicitar-aprovação", "?needs_reason"),
        ("agent", "#solicitar-aprovacao Maria: texto", "?needs_address"),
        ("agent", "#request-approval a@x done", "request_approval a@x: done"),
        ("agent", "#resolver\n\nTroquei o cabo", "resolve: Troquei o cabo"),
        ("agent", "#resolver", "?needs_reason"),
        ("agent", "#resolver: escreva a solução", "?placeholder"),
        ("agent", "#finalizar cabo", "resolve: cabo"),
        ("agent", "#resolve: done", "resolve: done"),
        ("agent", "#retirar", "withdraw"),
        ("agent", "#atribuir bia@x", "assign bia@x"),
        ("agent", "#atribuir Bia", "?needs_address"),
        ("agent", "#mesa Financeiro", "change_queue financeiro"),
        ("agent", "#mesa", "?needs_queue"),
        ("agent", "#prioridade Crítica", "change_priority urgent"),
        ("agent", "#prioridade já", "?unknown_priority"),
        ("agent", "#juntar 1041", "merge 1041"),
        ("agent", "#juntar com o chamado #1041", "merge 1041"),
        ("agent", "#juntar", "?needs_number"),
        ("agent", "#dividir: outro assunto", "split: outro assunto"),
        ("agent", "#solicitante maria@x", "change_requester maria@x"),
        ("agent", "#cancelar", "?needs_reason"),
        ("agent", "#cancelar: duplicado", "cancel: duplicado"),
        ("agent", "#aprovr", "?unknown_verb"),
        ("agent", "#123", "-"),
        ("agent", "#1 item", "-"),
        ("agent", "# título", "-"),
        ("agent", "veja #assumir no meio", "-"),
        ("agent", "Olá\n- #assumir", "take"),
        ("agent", "**#assumir**", "take"),
        ("agent", "＃assumir", "take"),
        ("agent", "#assumir\n" * 60, "?too_many"),
    ],
    "dates": [
        ("agent", "#pausar até 10/03: peça", "pause until 10/03/2027 18h: peça"),
        ("agent", "#pausar até 30/11 peça", "pause until 30/11/2026 18h: peça"),
        ("agent", "#pausar até o dia 30/11/2026: peça", "pause until 30/11/2026 18h: peça"),
        ("agent", "#pausar até 10 de março: peça", "pause until 10/03/2027 18h: peça"),
        ("agent", "#pausar até 1º de dezembro de 2026: peça", "pause until 01/12/2026 18h: peça"),
        ("agent", "#pausar até 2026-12-01: peça", "pause until 01/12/2026 18h: peça"),
        ("agent", "#pausar: peça até 01/12", "pause until 01/12/2026 18h: peça até 01/12"),
        ("agent", "#pausar até amanhã: peça", "pause until 25/11/2026 18h: peça"),
        ("agent", "#pausar até sexta-feira: peça", "pause until 27/11/2026 18h: peça"),
        ("agent", "#pausar até terça: peça", "pause until 01/12/2026 18h: peça"),
        ("agent", "#pausar até hoje: peça", "pause until 24/11/2026 18h: peça"),
        ("agent", "pausar: até 01/12 peça", "pause until 01/12/2026 18h: peça"),
        ("agent", "#pausar hasta el 10 de marzo: pieza", "pause until 10/03/2027 18h: pieza"),
        ("agent", "#pausar até o cliente responder", "pause: até o cliente responder"),
        ("agent", "#pausar até 31/02: peça", "?bad_date"),
        ("agent", "#pausar até 23/11/2026: peça", "?bad_date"),
        ("agent", "#pausar até 10: peça", "?bad_date"),
        ("agent", "#pausar até 01/12/2099: peça", "?bad_date"),
        ("agent", "#pausar até 01/12", "?needs_reason"),
        ("english agent", "#pause until 03/10: part", "?bad_date"),
        ("english agent", "#pause until 25/12: part", "pause until 25/12/2026 18h: part"),
        ("english agent", "#pause until 12/25: part", "pause until 25/12/2026 18h: part"),
        ("english agent", "#pause until 10 Mar: part", "pause until 10/03/2027 18h: part"),
        ("english agent", "#pause until March 10, 2027: part", "pause until 10/03/2027 18h: part"),
        ("english agent", "#pause until 2027-03-10: part", "pause until 10/03/2027 18h: part"),
    ],
    "queries": [
        ("requester", "#chamados", "list mine"),
        ("requester", "#chamados Ag. Aprovação", "list awaiting_approval"),
        ("requester", "#chamados ag aprovacao", "list awaiting_approval"),
        ("requester", "#chamados ag. minha aprovação 2", "list 2 my_approval"),
        ("requester", "#tickets in progress", "list in_service"),
        ("requester", "#solicitudes mías", "list mine"),
        ("requester", "#chamados xyz", "?unknown_view"),
        ("requester", "#status", "status"),
        ("requester", "#status 1042", "status 1042"),
        ("requester", "#ajuda", "help"),
        ("requester", "#help", "help"),
        ("requester", "#faq", "faq"),
    ],
    "internal": [
        ("agent", "Vejam:\n#interno senha trocada\n\nNova: x", "note: Vejam:\nsenha trocada\n\nNova: x"),
        ("agent", "#interno senha trocada\n#assumir", "note: senha trocada\n#assumir + take"),
        ("agent", "#interno senha\n#resolver: trocada", "?conflict"),
        ("agent", "#interno", "?needs_reason"),
        ("agent", "#interno: escreva a nota", "?placeholder"),
        ("note", "qualquer coisa\n#assumir", "note: qualquer coisa\n#assumir"),
        ("note", "", "-"),
        ("leave", "qualquer coisa", "leave"),
    ],
    "doubtful senders": [
        ("robotic", "Aprovado", "-"),
        ("robotic", "Olá\n#aprovar", "approve"),
        ("uncut", "Aprovado", "-"),
        ("uncut", "#aprovar\n\nEm 24/11 Ana escreveu", "approve"),
        ("uncut", "Bom dia\n#aprovar", "approve"),
        ("uncut", "texto\n#aprovar", "-"),
        ("uncut agent", "#resolver: cabo trocado\ncitação sem marca", "resolve: cabo trocado"),
        ("uncut agent", "#resolver\ncitação sem marca", "?needs_reason"),
        ("uncut agent", "#assumir\n\n#prioridade alta\ntexto\n#resolver: x", "take + change_priority high"),
    ],
    "new mails": [
        ("new", "A impressora parou", "-"),
        ("new", "Aprovado", "later approve"),
        ("new", "Aprovado chamado 99", "later approve 99"),
        ("new", "Reprovado: falta", "later reject: falta"),
        ("new", "Reprovado", "-"),
        ("new", "aprovo 4831-7719", "later approve + code 48317719"),
        ("new", "Aprovado, mas troquem o cabo", "-"),
        ("new", "5", "-"),
        ("new", "#include <stdio.h>\nnão compila", "-"),
        ("new", "#chamados meus", "list mine"),
        ("new", "#status 1042", "status 1042"),
        ("new", "#aprovar 1042", "approve 1042"),
        ("new", "abrir", "-"),
        ("new reply", "abrir", "open"),
        ("new reply", "#abrir: a impressora parou", "open: a impressora parou"),
    ],
}


@pytest.mark.parametrize(
    ("who", "text", "expected"),
    [pytest.param(*case, id=f"{kind}-{case[1][:40]}") for kind, cases in CASES.items() for case in cases],
)
def test_a_reply_is_read(told, who, text, expected):
    assert told(who, text) == expected


@pytest.mark.parametrize(
    ("subject", "act", "name", "number"),
    [
        ("#chamados meus", "list", "mine", None),
        ("#chamados ag. aprovação 2", "list", "awaiting_approval", 2),
        ("#status 1042", "status", "", 1042),
        ("#ajuda", "help", "", None),
        ("#faq impressora", "faq", "", None),
    ],
)
def test_a_subject_may_ask(phrases, subject, act, name, number):
    asked = subject_query(subject, phrases)
    assert (asked.act, asked.name, asked.number) == (act, name, number)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "chamados meus",
        "#aprovar",
        "#resolver: x",
        "Aprovado",
        "RES: #chamados",
        "#1042",
        "#chamados que não abrem",
        "status",
    ],
)
def test_a_subject_never_commands(phrases, subject):
    assert subject_query(subject, phrases) is None


def test_what_is_no_command_stays_a_comment(heard):
    assert heard("approver", "Oi Ana\n\nAprovado\nObrigado!\nMaria").comment == "Oi Ana\nObrigado!\nMaria"
    assert heard("agent", "Vi aqui\n#assumir já vou\nAté já").comment == "Vi aqui\njá vou\nAté já"


def test_an_internal_mark_is_reported_even_in_doubt(heard):
    assert heard("agent", "#interno senha\n#resolver: trocada").internal
    assert heard("uncut agent", "texto\n#interno senha").internal


def test_an_unknown_verb_suggests_similar_ones(heard):
    assert [line.text for line in heard("agent", "#asumirr").doubt.suggestions] == ["#assumir"]
    assert [line.text for line in heard("agent", "#xyzzy").doubt.suggestions] == ["#ajuda"]
