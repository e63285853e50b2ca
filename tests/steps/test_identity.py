"""Who may do what by which mail: the wrong person, the wrong key, the wrong channel. Nothing changes, nobody learns."""

from __future__ import annotations

import pytest

from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, Out, key_of

EVA = "eva@fora.example"


@pytest.fixture
def waiting(small_desk: Desk) -> Desk:
    """A desk on which ticket 1 waits for Maria's approval; she has never been proven before."""
    small_desk.send(JOAO, cc=BIA)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    assert small_desk.ticket().status is Status.AWAITING_APPROVAL
    return small_desk


def _request(desk: Desk) -> Out:
    return desk.last(MARIA, "approval_requested")


def test_the_right_key_from_the_wrong_person_decides_nothing_and_is_told(waiting: Desk) -> None:
    waiting.out()
    assert waiting.reply(_request(waiting), "Aprovado", author=BIA) == "refused"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    told = waiting.notices()
    assert (MARIA, "challenge") in told
    assert (ANA, "warning") in told or (ANA, "commented") in told


def test_a_stranger_with_a_forwarded_key_decides_nothing_and_learns_nothing(waiting: Desk) -> None:
    waiting.out()
    waiting.reply(_request(waiting), "Aprovado", author=EVA)
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    for mail in waiting.out(EVA):
        assert "Impressora" not in mail.text
        assert "cabo" not in mail.text


def test_a_key_with_one_letter_changed_is_no_key(waiting: Desk) -> None:
    request = _request(waiting)
    key = key_of(request.reply_to)
    altered = request.reply_to.replace(key, ("b" if key[0] != "b" else "c") + key[1:])
    assert waiting.reply(request, "Aprovado", to=altered) in ("asked", "refused")
    assert waiting.ticket().status is Status.AWAITING_APPROVAL


def test_a_reply_to_the_plain_queue_address_does_not_decide(waiting: Desk) -> None:
    waiting.out()
    request = _request(waiting)
    assert waiting.reply(request, "Aprovado", to=QUEUE) == "asked"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    assert waiting.notices() == {(MARIA, "challenge")}


def test_a_talk_key_does_not_decide(waiting: Desk) -> None:
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "Veja por favor.")
    talk = waiting.last(JOAO, "commented")
    assert waiting.reply(talk, "#aprovar") == "refused"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL


@pytest.mark.parametrize("auth", ["fail", ""])
def test_a_forged_decision_of_somebody_once_proven_is_held(waiting: Desk, auth: str) -> None:
    waiting.send(MARIA, "Outro assunto.", subject="Monitor")  # from now on she must be proven
    waiting.out()
    assert waiting.reply(_request(waiting), "Aprovado", auth=auth) == "asked"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    assert waiting.notices() == {(MARIA, "challenge")}


def test_somebody_never_proven_decides_by_key_alone(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Aprovado", auth="") == "acted"
    assert waiting.ticket().status is Status.FINISHED


def test_a_quoted_decision_decides_nothing(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Vou ver com o time.\n\n> Aprovado") == "commented"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL


def test_a_follower_cannot_approve_and_is_told_why(waiting: Desk) -> None:
    waiting.out()
    added = waiting.last(BIA, "follower_added")
    assert waiting.reply(added, "Aprovado") == "refused"
    assert (BIA, "refused") in waiting.notices()


@pytest.mark.parametrize("words", ["#assumir", "#resolver: feito", "#pausar: peça"])
def test_a_requester_cannot_act_as_an_agent(small_desk: Desk, words: str) -> None:
    small_desk.send(JOAO)
    assert small_desk.reply(small_desk.last(JOAO, "ticket_opened"), words) == "refused"
    assert small_desk.ticket().status is Status.WAITING


def test_an_agent_of_another_queue_is_nobody_here(small_desk: Desk) -> None:
    small_desk.send(JOAO, to="compras@aurora.example")
    small_desk.send(ANA, "#assumir", subject="Re: [#1] Impressora parada", to="compras@aurora.example")
    assert small_desk.ticket().status is Status.WAITING


def test_the_number_alone_shows_a_stranger_nothing(small_desk: Desk) -> None:
    small_desk.send(JOAO, "Segredo do caixa.")
    small_desk.out()
    assert small_desk.send(EVA, "O que houve?", subject="Re: [#1] Impressora parada") == "opened"
    assert all("Segredo" not in o.text for o in small_desk.out(EVA))
    assert len(small_desk.history(1)) == 1


def test_an_unproven_participant_is_kept_as_unverified_and_changes_nothing(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    small_desk.out()
    confirmation = small_desk.last(JOAO, "ticket_opened")
    assert small_desk.reply(confirmation, "Ainda parada.", author=EVA, to=QUEUE, auth="") == "commented"
    assert small_desk.history()[-1].unverified
    assert small_desk.notices() == set()


def test_a_colleague_who_was_named_joins_by_his_first_reply(small_desk: Desk) -> None:
    first = "<primeiro@cliente.example>"
    small_desk.send(JOAO, cc=BIA, message_id=first)
    raw = small_desk.mail(BIA, "No caixa 4 também.", headers={"In-Reply-To": first, "References": first})
    item = small_desk.receive(raw)
    small_desk.process()
    assert small_desk.item(item).outcome == "commented"
    assert not small_desk.history()[-1].unverified


def test_an_unproven_sender_hears_the_number_and_nothing_of_his_own(small_desk: Desk) -> None:
    small_desk.send(f"Compre já <{JOAO}>", "Clique em http://mau.example", subject="Ganhe dinheiro", cc=BIA, auth="")
    mails = small_desk.out()
    assert {(m.to, m.notice) for m in mails} == {
        (JOAO, "ticket_opened"),
        (ANA, "agent_ticket_opened"),
        ("caio@aurora.example", "agent_ticket_opened"),
    }
    confirmation = next(m for m in mails if m.to == JOAO)
    everything = confirmation.raw.decode() + confirmation.text + str(confirmation.mail["Subject"])
    for word in ("Compre", "mau.example", "Ganhe"):
        assert word not in everything


def test_junk_in_somebodys_name_does_not_silence_his_answers(small_desk: Desk) -> None:
    for n in range(8):
        small_desk.send(JOAO, f"Lixo {n}", auth="")
    states = [o.state for o in small_desk.out(JOAO, "ticket_opened")]
    assert states.count("waiting") == 3
    assert states.count("withheld") == 5
    small_desk.send(JOAO, "De verdade.")
    assert [o.state for o in small_desk.out(JOAO, "ticket_opened")] == ["waiting"]


def test_no_mail_of_ours_shows_a_key_of_somebody_else(waiting: Desk) -> None:
    waiting.out()
    keys = {o.to: {key_of(o.reply_to)} for o in waiting._all}
    for mail in waiting._all:
        others = {k for to, ks in keys.items() if to != mail.to for k in ks}
        assert not any(k in mail.raw.decode() for k in others)


def test_a_robot_is_never_answered(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    small_desk.out()
    confirmation = small_desk.last(JOAO, "ticket_opened")
    out_of_office = {"Auto-Submitted": "auto-replied", "In-Reply-To": str(confirmation.mail["Message-ID"])}
    item = small_desk.receive(
        small_desk.mail(JOAO, "Aprovado", subject="Resposta automática: x", headers=out_of_office)
    )
    small_desk.process()
    assert small_desk.item(item).outcome == "robot"
    assert small_desk.notices() == set()


def test_an_internal_note_reaches_no_contact(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA)
    small_desk.out()
    asked = small_desk.last(ANA, "agent_ticket_opened")
    assert small_desk.reply(asked, "#interno\nA senha do roteador é AZULEJO.") == "acted"
    assert small_desk.notices() >= {("caio@aurora.example", "note_added")}
    small_desk.reply(small_desk.last("caio@aurora.example", "note_added"), "Vi a AZULEJO.")
    small_desk.reply(asked, "Estamos vendo.")
    for mail in small_desk._all:
        if mail.to in (JOAO, BIA, MARIA):
            assert "AZULEJO" not in mail.text + mail.raw.decode()
