"""`#dividir`: what an agent separates is a new ticket, written and told with the act that made it."""

from __future__ import annotations

import pytest

from mailgateway.core.tickets import EntryKind, Link
from tests.desk import ANA, BIA, JOAO, Desk

CAIO = "caio@aurora.example"


@pytest.fixture
def opened(small_desk: Desk) -> Desk:
    """Ticket 1 of João, followed by Bia; its agents are Ana and Caio."""
    small_desk.send(f"João Pereira <{JOAO}>", "A impressora e o teclado falham.", cc=BIA)
    small_desk.out()
    return small_desk


def _split(desk: Desk, text: str, **kw: object) -> str:
    return desk.reply(desk.last(ANA, "agent_ticket_opened"), text, **kw)


def _entries(desk: Desk, number: int) -> list[tuple[str, str]]:
    return [(e.kind.value, e.text) for e in desk.history(number)]


def test_the_new_ticket_waits_for_the_same_people(opened: Desk) -> None:
    assert _split(opened, "#dividir: Teclado do caixa\nA tecla E falha.\nÉ o do caixa 3.") == "acted"
    old, new = opened.ticket(1), opened.ticket(2)
    assert (new.subject, new.description) == ("Teclado do caixa", "A tecla E falha.\nÉ o do caixa 3.")
    assert (new.status, new.queue, new.requester) == ("waiting", "suporte", old.requester)
    assert [f.person.email for f in new.followers] == [BIA]
    assert (old.links, new.links) == ((Link(2, "split_into"),), (Link(1, "split_from"),))
    assert _entries(opened, 1)[-1] == ("link", "dividido: #2")
    assert _entries(opened, 2) == [("opened", "A tecla E falha.\nÉ o do caixa 3."), ("link", "separado de #1")]
    assert opened.notices() == {
        (JOAO, "ticket_opened"),
        (BIA, "follower_added"),
        (ANA, "agent_ticket_opened"),
        (CAIO, "agent_ticket_opened"),
        (ANA, "receipt"),
    }


def test_it_is_stored_with_its_people_and_its_numbers_go_on(desk: Desk) -> None:
    desk.send(JOAO, cc=BIA)
    assert _split(desk, "#dividir: Teclado\nA tecla E falha.\n#dividir: Mouse") == "acted"
    assert [f.person.email for f in desk.ticket(3).followers] == [BIA]
    assert desk.ticket(1).links == (Link(2, "split_into"), Link(3, "split_into"))
    desk.send(JOAO, subject="Monitor")
    assert desk.ticket(4).subject == "Monitor"


def test_everybody_reads_where_it_comes_from(opened: Desk) -> None:
    _split(opened, "#dividir: Teclado do caixa\nA tecla E falha.")
    confirmed = opened.last(JOAO, "ticket_opened")
    assert "um assunto do seu chamado 1 agora é o chamado 2." in " ".join(confirmed.text.split())
    assert "Ana Lima separou este assunto do chamado 1, que continua aberto." in " ".join(confirmed.text.split())
    assert "A tecla E falha." in confirmed.text
    assert "Ana Lima separou este assunto do chamado 1" in " ".join(opened.last(BIA, "follower_added").text.split())
    told = " ".join(opened.last(CAIO, "agent_ticket_opened").text.split())
    assert "Este assunto veio do chamado 1." in told
    assert "João Pereira, solicitante" not in told, "he did not write it"
    assert "O chamado 2 foi aberto a partir deste." in opened.last(ANA, "receipt").text


def test_its_mails_are_a_thread_of_their_own(opened: Desk) -> None:
    _split(opened, "#dividir: Teclado do caixa", message_id="<split@aurora.example>")
    for to, notice in ((JOAO, "ticket_opened"), (BIA, "follower_added"), (CAIO, "agent_ticket_opened")):
        mail = opened.last(to, notice).mail
        assert "split@" not in f"{mail['In-Reply-To']} {mail['References']}"
    assert opened.last(ANA, "receipt").mail["In-Reply-To"] == "<split@aurora.example>"
    assert opened.reply(opened.last(JOAO, "ticket_opened"), "É o teclado preto.") == "commented"
    assert _entries(opened, 2)[-1] == ("comment", "É o teclado preto.")


def test_without_a_description_it_says_that_it_was_separated(opened: Desk) -> None:
    assert _split(opened, "#dividir: Teclado do caixa") == "acted"
    assert opened.ticket(2).description == "Este assunto foi separado do chamado 1."
    assert "Este assunto foi separado" not in opened.last(JOAO, "ticket_opened").text


def test_without_a_subject_it_asks_with_the_line(opened: Desk) -> None:
    for words in ("#dividir", "#dividir:", "#dividir: escreva o assunto"):
        assert _split(opened, words) == "asked"
        assert "#dividir: (escreva o assunto)" in opened.last(ANA, "asked").text
    assert "falta o assunto" in next(m for m in opened._all if m.notice == "asked").text
    assert not opened.exists(2)


def test_its_files_go_along_where_the_mail_only_splits(opened: Desk) -> None:
    _split(opened, "#dividir: Teclado\nVeja a foto.", attach=(("foto.png", b"png"),))
    (first, _) = opened.history(2)
    assert [a.filename for a in first.evidence] == ["foto.png"]
    assert (first.html, first.cut) == ("", ""), "what the mail quotes is the other ticket's"
    assert not any(e.evidence for e in opened.history(1))
    assert "foto.png" in opened.last(JOAO, "ticket_opened").text


@pytest.mark.parametrize("text", ["#dividir: Teclado\n#assumir", "Segue a foto.\n#dividir: Teclado"])
def test_beside_other_words_its_files_stay(opened: Desk, text: str) -> None:
    assert _split(opened, text, attach=(("foto.png", b"png"),)) == "acted"
    assert [a.filename for e in opened.history(1) for a in e.evidence] == ["foto.png"]
    assert not any(e.evidence for e in opened.history(2))


def test_two_splits_in_one_mail_are_two_tickets(opened: Desk) -> None:
    assert _split(opened, "#dividir: Teclado\nA tecla E falha.\n#dividir: Mouse\nNão clica.") == "acted"
    assert [opened.ticket(n).subject for n in (2, 3)] == ["Teclado", "Mouse"]
    assert [link.number for link in opened.ticket(1).links] == [2, 3]
    receipt = opened.last(ANA, "receipt").text
    assert "O chamado 2 foi aberto" in receipt
    assert "O chamado 3 foi aberto" in receipt
    opened.send(JOAO, "Outra coisa.", subject="Monitor")
    assert opened.ticket(4).subject == "Monitor"


def test_all_or_none(opened: Desk) -> None:
    assert _split(opened, "#dividir: Teclado\n#retirar") == "refused"
    assert not opened.exists(2)
    assert opened.ticket(1).links == ()


def test_nothing_internal_goes_along(opened: Desk) -> None:
    opened.reply(opened.last(ANA, "agent_ticket_opened"), "#interno: senha 1234")
    assert _split(opened, "#interno: o cliente é difícil\n#dividir: Teclado") == "asked"
    assert not opened.exists(2)
    _split(opened, "#dividir: Teclado")
    opened.process()
    everything = "".join(m.raw.decode() for m in opened.out() if m.to in (JOAO, BIA))
    assert "senha" not in everything
    assert "difícil" not in everything
    assert all(e.kind is not EntryKind.NOTE for e in opened.history(2))


@pytest.mark.parametrize("who", [JOAO, BIA])
def test_only_agents_split(opened: Desk, who: str) -> None:
    notice = "ticket_opened" if who == JOAO else "follower_added"
    assert opened.reply(opened.last(who, notice), "#dividir: Teclado") == "refused"
    assert not opened.exists(2)


def test_a_requester_hears_of_it_although_the_agent_wants_no_answer(opened: Desk) -> None:
    headers = {"X-Auto-Response-Suppress": "All"}
    answered = opened.last(ANA, "agent_ticket_opened")
    headers |= {"In-Reply-To": str(answered.mail["Message-ID"])}
    assert _split(opened, "#dividir: Teclado", headers=headers) == "acted"
    assert opened.last(JOAO, "ticket_opened").state == "waiting"
