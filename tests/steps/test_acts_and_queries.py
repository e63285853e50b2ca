"""Acts and questions in one mail: the acts as a whole first, then each question by a mail of its own."""

from __future__ import annotations

import pytest

from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, Out


@pytest.fixture
def opened(small_desk: Desk) -> Desk:
    """Ticket 1 of João, followed by Bia, whose agent is Ana."""
    small_desk.send(f"João Pereira <{JOAO}>", subject="Scanner", cc=BIA)
    small_desk.out()
    return small_desk


@pytest.fixture
def waiting(opened: Desk) -> Desk:
    """The same, when Maria is asked to approve."""
    opened.reply(opened.last(ANA, "agent_ticket_opened"), "#resolver: trocado")
    opened.out()
    return opened


def _mails(desk: Desk, to: str) -> list[str]:
    return [m.notice for m in desk.out(to)]


def _bare(answered: Out) -> dict[str, object]:
    """How a client answers that drops what follows the plus sign."""
    return {"to": QUEUE, "headers": {"References": str(answered.mail["References"])}}


@pytest.mark.parametrize("text", ["#assumir\n#status", "#status\n#assumir", "Assumir\n#status"])
def test_what_is_done_is_in_the_answer(opened: Desk, text: str) -> None:
    assert opened.reply(opened.last(ANA, "agent_ticket_opened"), text) == "acted"
    assert opened.ticket().assignee == opened.person(ANA)
    assert opened.items()[-1].reason == "fez o que pediu: assumir"
    status = opened.last(ANA, "status")
    assert "está em atendimento" in status.text
    assert "assumiu o chamado" in status.text


def test_each_question_has_its_own_mail_after_one_receipt(opened: Desk) -> None:
    text = "#assumir\n#chamados todos\n#pausar: aguardando peça\n#faq toner\n#ajuda"
    assert opened.reply(opened.last(ANA, "agent_ticket_opened"), text) == "acted"
    assert opened.ticket().status == "paused"
    assert _mails(opened, ANA) == ["receipt", "view", "faq", "help"]
    assert "#chamados" not in opened.last(ANA, "receipt").text


def test_acts_stay_all_or_none_and_the_question_is_answered(opened: Desk) -> None:
    assert opened.reply(opened.last(ANA, "agent_ticket_opened"), "#assumir\n#status\n#retirar") == "answered"
    assert opened.ticket().status == "waiting"
    assert _mails(opened, ANA) == ["refused", "status"]


def test_who_may_not_act_may_still_ask(opened: Desk) -> None:
    assert opened.reply(opened.last(JOAO, "ticket_opened"), "#assumir\n#status\n#chamados") == "answered"
    assert opened.ticket().status == "waiting"
    assert _mails(opened, JOAO) == ["refused", "status", "view"]


def test_a_decision_that_waits_for_its_proof_does_not_keep_the_answer_waiting(waiting: Desk) -> None:
    asked = waiting.last(MARIA, "approval_requested")
    assert waiting.reply(asked, "Aprovado\n#status", **_bare(asked)) == "answered"
    assert waiting.ticket().status == "awaiting_approval"
    assert _mails(waiting, MARIA) == ["challenge", "status"]
    assert waiting.reply(waiting.last(MARIA, "challenge"), "Sim") == "acted"
    assert waiting.ticket().status == "finished"


def test_a_code_decides_and_the_question_is_answered(waiting: Desk) -> None:
    asked = waiting.last(MARIA, "approval_requested")
    waiting.reply(asked, "Aprovado", **_bare(asked))
    line = next(li.strip() for li in waiting.last(MARIA, "challenge").text.splitlines() if "aprovo " in li)
    waiting.out()
    assert waiting.reply(asked, f"{line}\n#status", **_bare(asked)) == "acted"
    assert waiting.ticket().status == "finished"
    assert "status" in _mails(waiting, MARIA)


def test_a_new_mail_that_decides_and_asks_does_both(waiting: Desk) -> None:
    assert waiting.send(MARIA, "Aprovado\n#chamados ag minha aprovação", subject="Oi") == "answered"
    assert _mails(waiting, MARIA) == ["challenge", "view"]
    assert not waiting.exists(2)


@pytest.mark.parametrize("text", ["#cancelar\n#status", "#status\n#chamados todos"])
def test_a_forged_mail_does_nothing_and_learns_nothing(opened: Desk, text: str) -> None:
    opened.send(JOAO, "Outro assunto.", subject="Monitor secreto")
    opened.out()
    assert opened.reply(opened.last(JOAO, "ticket_opened"), text, auth="fail") == "asked"
    assert opened.ticket(2).status == "waiting"
    mails = opened.out()
    assert {m.to for m in mails} <= {JOAO}, "only whose name it used"
    assert {m.notice for m in mails} <= {"asked", "challenge"}
    assert all("Scanner" not in m.text for m in mails)


def test_somebody_elses_key_acts_on_nothing_and_shows_nothing_of_the_ticket(opened: Desk) -> None:
    address = opened.last(JOAO, "ticket_opened").reply_to
    assert opened.send("eva@fora.example", "#cancelar\n#status", subject="Oi", to=address) == "refused"
    assert opened.ticket().status == "waiting"
    assert all("Scanner" not in m.text for m in opened.out("eva@fora.example"))


def test_a_note_and_a_question(opened: Desk) -> None:
    assert opened.reply(opened.last(ANA, "agent_ticket_opened"), "#interno: senha azul\n#status") == "acted"
    assert opened.history()[-1].internal
    assert "senha" not in opened.last(ANA, "status").text
    assert not {JOAO, BIA} & {m.to for m in opened.out()}


def test_words_beside_both_are_said_once(opened: Desk) -> None:
    assert opened.reply(opened.last(ANA, "agent_ticket_opened"), "#assumir\nVou aí amanhã.\n#status") == "acted"
    assert [e.text for e in opened.history() if e.kind == "comment"] == ["Vou aí amanhã."]
    assert _mails(opened, JOAO) == ["taken", "commented"]


def test_a_new_ticket_and_a_question(opened: Desk) -> None:
    answered = opened.last(JOAO, "ticket_opened")
    assert opened.reply(answered, "#abrir: o teclado também falha\n#status 1") == "opened"
    assert opened.ticket(2).description == "o teclado também falha"
    assert opened.ticket(2).links[0].number == 1
    assert _mails(opened, JOAO) == ["ticket_opened", "status"]


def test_a_new_ticket_beside_other_acts_is_asked_about(opened: Desk) -> None:
    assert opened.reply(opened.last(JOAO, "ticket_opened"), "#cancelar\n#abrir: o teclado") == "asked"
    assert not opened.exists(2)
    assert opened.ticket().status == "waiting"


def test_answers_have_their_limit_and_acts_none(opened: Desk) -> None:
    for _ in range(22):
        opened.reply(opened.last(ANA, "agent_ticket_opened"), "#assumir\n#status")
    states = [m.state for m in opened.out() if m.notice == "status"]
    assert states.count("waiting") <= 20
    assert "withheld" in states
    assert [i.outcome for i in opened.items()[1:]] == ["acted"] * 22
