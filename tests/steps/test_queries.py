"""Lists, states, the FAQ and the help by mail: answered to whoever is proven, revealing nothing to anybody else."""

from __future__ import annotations

import quopri
import re

import pytest

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
