"""Lists, states, the FAQ and the help by mail: answered to whoever is proven, revealing nothing to anybody else."""

from __future__ import annotations

import quopri
import re
from datetime import timedelta

import pytest

from mailgateway.core.articles import Article
from mailgateway.store import faq
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk

EVA = "eva@fora.example"


@pytest.fixture
def busy(small_desk: Desk) -> Desk:
    """Tickets 1 (João, waits for Maria), 2 (João, waiting, Bia follows) and 3 (Bia, waiting)."""
    small_desk.send(f"João Pereira <{JOAO}>", subject="Scanner")
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#resolver: trocado")
    small_desk.send(JOAO, subject="Monitor", cc=BIA)
    small_desk.send(BIA, subject="Teclado secreto")
    small_desk.out()
    return small_desk


def _asks(desk: Desk, who: str, line: str, *, auth: str = "pass") -> str:
    return desk.send(who, line, subject="Oi", auth=auth)


@pytest.mark.parametrize(
    ("who", "line", "shows", "hides"),
    [
        (JOAO, "#chamados meus", ("Scanner", "Monitor"), ("Teclado",)),
        (JOAO, "#chamados", ("Scanner", "Monitor"), ("Teclado",)),
        (BIA, "#chamados todos", ("Monitor", "Teclado"), ("Scanner",)),
        (JOAO, "#chamados ag aprovação", ("Scanner",), ("Monitor", "Teclado")),
        (JOAO, "#CHAMADOS AG ATENDIMENTO", ("Monitor",), ("Scanner", "Teclado")),
        (MARIA, "#chamados ag minha aprovacao", ("Scanner",), ("Monitor", "Teclado")),
        (ANA, "#chamados todos", ("Scanner", "Monitor", "Teclado"), ()),
        (JOAO, "#chamados pausados", (), ("Scanner", "Monitor", "Teclado")),
        (EVA, "#chamados todos", (), ("Scanner", "Monitor", "Teclado")),
    ],
)
def test_a_list_shows_what_its_reader_may_see(
    busy: Desk, who: str, line: str, shows: tuple[str, ...], hides: tuple[str, ...]
) -> None:
    assert _asks(busy, who, line) == "answered"
    (mail,) = busy.out()
    assert (mail.to, mail.notice) == (who, "view")
    everything = mail.text + mail.raw.decode()
    assert all(word in mail.text for word in shows)
    assert not any(word in everything for word in hides)
    assert not busy.exists(4)


def test_the_subject_of_a_new_mail_may_ask_too(busy: Desk) -> None:
    assert busy.send(JOAO, "", subject="#chamados meus") == "answered"
    assert busy.notices() == {(JOAO, "view")}


@pytest.mark.parametrize("auth", ["", "fail"])
def test_an_unproven_asker_learns_nothing_and_opens_nothing(busy: Desk, auth: str) -> None:
    assert _asks(busy, JOAO, "#chamados todos", auth=auth) == "refused"
    assert all("Scanner" not in m.text for m in busy.out())
    assert not busy.exists(4)


def test_a_row_of_a_list_decides_by_its_own_address(busy: Desk) -> None:
    _asks(busy, MARIA, "#chamados ag minha aprovação")
    mail = busy.last(MARIA, "view")
    address = next(a for a in _addresses(mail.raw.decode()) if a != mail.reply_to)
    assert busy.reply(mail, "Aprovado", to=address) == "acted"
    assert busy.ticket(1).status == "finished"


def _addresses(raw: str) -> list[str]:
    text = quopri.decodestring(raw.encode()).decode("utf-8", "replace").replace("%2B", "+").replace("%40", "@")
    return list(dict.fromkeys(re.findall(r"suporte\+\d+\.[a-z2-7]{16}@[a-z.]+", text)))


def test_a_long_list_is_paged_by_reply(small_desk: Desk) -> None:
    for n in range(25):
        small_desk.send(JOAO, subject=f"Caso {n:02}")
    small_desk.out()
    _asks(small_desk, JOAO, "#chamados meus")
    first = small_desk.last(JOAO, "view")
    assert "Caso 19" in first.text
    assert "Caso 20" not in first.text
    assert small_desk.reply(first, "#chamados meus 2") == "answered"
    assert "Caso 24" in small_desk.last(JOAO, "view").text
    assert small_desk.reply(first, "mais, por favor") == "answered"
    assert "Caso 24" in small_desk.last(JOAO, "view").text


def test_the_state_of_a_ticket_goes_to_its_people_only(busy: Desk) -> None:
    assert _asks(busy, JOAO, "#status 1") == "answered"
    assert "Aguardando aprovação" in busy.last(JOAO, "status").text
    assert _asks(busy, EVA, "#status 1") == "refused"
    assert all("Scanner" not in m.text for m in busy.out(EVA))
    assert _asks(busy, EVA, "#status 99") == "refused"


def test_a_reply_asks_about_its_own_ticket_and_comments_nothing(busy: Desk) -> None:
    before = len(busy.history(2))
    assert busy.reply(busy.last(BIA, "follower_added"), "#status") == "answered"
    assert (BIA, "status") in busy.notices()
    assert len(busy.history(2)) == before


@pytest.mark.parametrize(("who", "has"), [(JOAO, "#cancelar"), (ANA, "#assumir")])
def test_the_help_says_what_its_reader_may_write(busy: Desk, who: str, has: str) -> None:
    assert _asks(busy, who, "#ajuda") == "answered"
    text = busy.last(who, "help").text
    assert has in text
    assert ("#assumir" in text) is (who == ANA)


def test_the_faq_answers_without_a_ticket(busy: Desk) -> None:
    assert _asks(busy, JOAO, "#faq impressora não imprime") == "answered"
    assert (JOAO, "faq") in busy.notices()
    assert not busy.exists(4)


def test_a_query_sees_what_an_earlier_mail_of_its_batch_did(small_desk: Desk) -> None:
    small_desk.receive(small_desk.mail(JOAO, subject="Recém-chegado"))
    small_desk.receive(small_desk.mail(JOAO, "#chamados meus", subject="Oi"))
    small_desk.process()
    assert "Recém-chegado" in small_desk.last(JOAO, "view").text
    assert QUEUE in str(small_desk.last(JOAO, "view").mail["From"])


def test_abrir_below_the_faqs_answer_opens_a_ticket_about_what_was_asked(busy: Desk) -> None:
    _asks(busy, JOAO, "#faq impressora não imprime")
    assert busy.reply(busy.last(JOAO, "faq"), "abrir") == "opened"
    assert busy.ticket(4).description == "impressora não imprime"


# ---- words beside a question


def test_words_beside_a_question_are_told_like_any_others(busy: Desk) -> None:
    assert busy.reply(busy.last(BIA, "follower_added"), "#status\nO monitor apagou de novo.") == "answered"
    assert busy.history(2)[-1].text == "O monitor apagou de novo."
    assert {(JOAO, "commented"), (ANA, "commented"), (BIA, "status")} <= busy.notices()


def test_files_beside_a_question_are_kept_and_told(busy: Desk) -> None:
    assert busy.reply(busy.last(BIA, "follower_added"), "#status", attach=(("foto.png", b"png"),)) == "answered"
    assert [a.filename for a in busy.history(2)[-1].evidence] == ["foto.png"]
    assert "foto.png" in busy.last(ANA, "commented").text


def test_what_an_agents_program_may_have_quoted_beside_a_question_stays_inside(busy: Desk) -> None:
    request = busy.last(ANA, "agent_ticket_opened")
    text = "#status\n\n" + "Uma linha do histórico.\n" * 45 + "A senha é AZULEJO.\n"
    headers = {"References": str(request.mail["References"])}
    assert busy.send(ANA, text, subject="RES: x", to=request.reply_to, headers=headers) == "answered"
    assert busy.history(3)[-1].internal
    assert "AZULEJO" not in "".join(m.text for m in busy.out())


def test_a_list_that_is_quoted_without_a_mark_asks_nothing(busy: Desk) -> None:
    """Nobody can say where the quotation begins: only verbs at the very top are his."""
    _asks(busy, JOAO, "#chamados meus")
    answered = busy.last(JOAO, "view")
    text = "Vou olhar isto amanhã.\n\n" + "Uma linha da lista.\n" * 45 + "#chamados todos\n#faq segredo\n"
    headers = {"References": "<outra@aurora.example>"}
    busy.out()
    busy.send(JOAO, text, subject="RES: x", to=answered.reply_to, headers=headers)
    assert "faq" not in {m.notice for m in busy.out()}


def test_a_sender_who_wants_no_answer_is_refused_nothing(busy: Desk) -> None:
    asked = busy.last(BIA, "follower_added")
    headers = {"X-Auto-Response-Suppress": "All", "References": str(asked.mail["References"])}
    assert busy.reply(asked, "#status", headers=headers) == "answered"
    (mail,) = busy.out(BIA)
    assert (mail.notice, mail.state) == ("status", "withheld")


# ---- "abrir" below an answer


def test_what_is_written_below_abrir_describes_the_ticket_too(busy: Desk) -> None:
    _asks(busy, JOAO, "#faq impressora não imprime")
    answered = busy.last(JOAO, "faq")
    assert busy.reply(answered, "abrir\nNo caixa 3 o cupom sai em branco.") == "opened"
    assert busy.ticket(4).description == "impressora não imprime\nNo caixa 3 o cupom sai em branco."
    assert busy.reply(answered, "#abrir: o toner acabou\n#chamados") == "opened"
    assert busy.ticket(5).description == "impressora não imprime\no toner acabou"
    assert (JOAO, "view") in busy.notices()


def test_abrir_below_a_list_opens_no_ticket_about_the_list(busy: Desk) -> None:
    _asks(busy, JOAO, "#chamados meus")
    assert busy.reply(busy.last(JOAO, "view"), "abrir\nO mouse falha.") == "opened"
    assert busy.ticket(4).description == "O mouse falha."


# ---- which desk answers, and with what


def test_the_desk_that_was_asked_answers(busy: Desk) -> None:
    for line in ("#chamados", "#faq toner", "#ajuda", "#status 99"):
        busy.send(JOAO, line, subject="Oi", to="compras@aurora.example")
    mails = busy.out()
    assert [m.notice for m in mails] == ["view", "faq", "help", "refused"]
    assert all("compras" in str(m.mail["From"]) and m.reply_to.startswith("compras+") for m in mails)


def test_an_answer_of_the_faq_that_is_for_another_desk_is_not_told(busy: Desk) -> None:
    articles = [
        Article("prazo", "pt-BR", "Prazo de entrega do toner", "Três dias.", (), "compras", None),
        Article("troca", "pt-BR", "Troca do toner", "Abra a tampa.", (), "", None),
    ]
    with busy.gateway.database.write() as connection:
        faq.keep(connection, articles, busy.now, prune=True)
    _asks(busy, JOAO, "#faq toner")
    assert "Prazo" not in busy.last(JOAO, "faq").text
    busy.reply(busy.last(BIA, "follower_added"), "#faq toner")
    assert "Prazo" not in busy.last(BIA, "faq").text
    busy.send(JOAO, "#faq toner", subject="Oi", to="compras@aurora.example")
    assert "Prazo" in busy.last(JOAO, "faq").text


def test_a_stranger_who_names_a_ticket_by_number_asks_about_his_own(busy: Desk) -> None:
    assert busy.send(EVA, "#chamados todos", subject="RES: [#1] Scanner") == "answered"
    assert busy.notices() == {(EVA, "view")}
    assert not busy.exists(4)


def test_what_nobody_proved_takes_no_place_among_the_latest_lines(busy: Desk) -> None:
    for n in range(4):
        busy.reply(busy.last(BIA, "follower_added"), f"Recado {n}.")
    for n in range(3):
        busy.reply(busy.last(BIA, "follower_added"), f"Falso {n}.", auth="fail")
    _asks(busy, ANA, "#status 2")
    text = busy.last(ANA, "status").text
    assert [n for n in range(4) if f"Recado {n}." in text] == [1, 2, 3]
    assert "Falso" not in text


def test_a_row_of_a_list_still_opens_something_long_after_the_time_to_rate(busy: Desk) -> None:
    busy.reply(busy.last(MARIA, "approval_requested"), "Aprovado")
    busy.now += timedelta(days=60)
    _asks(busy, JOAO, "#chamados finalizados")
    mail = busy.last(JOAO, "view")
    address = next(a for a in _addresses(mail.raw.decode()) if a != mail.reply_to)
    assert busy.reply(mail, "#status", to=address, auth="") == "answered"
    assert "5" not in [line.strip() for line in mail.text.splitlines()]


def test_whoever_is_proven_by_his_reply_address_has_the_purse_of_the_proven(small_desk: Desk) -> None:
    for n in range(3):
        small_desk.send(JOAO, subject=f"Caso {n:02}")
    _asks(small_desk, JOAO, "#chamados meus")
    first = small_desk.last(JOAO, "view")
    small_desk.out()
    for _ in range(5):
        assert small_desk.reply(first, "mais", auth="") == "answered"
    assert [m.state for m in small_desk.out(JOAO)] == ["waiting"] * 5
