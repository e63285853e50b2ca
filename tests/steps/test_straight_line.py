"""A ticket's whole life by mail: opened, taken, resolved, approved, rated. On both databases."""

from __future__ import annotations

from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, MARIA, Desk


def test_a_mail_opens_a_ticket_and_everybody_hears(desk: Desk) -> None:
    outcome = desk.send(f"João Pereira <{JOAO}>", cc=f"Bia <{BIA}>", attach=(("foto.png", b"\x89PNG" * 9000),))
    ticket = desk.ticket()
    assert outcome == "opened"
    assert ticket.status is Status.WAITING
    assert ticket.requester
    assert ticket.requester.email == JOAO
    assert [f.person.email for f in ticket.followers] == [BIA]
    assert [a.filename for e in desk.history() for a in e.evidence] == ["foto.png"]
    assert desk.notices() == {
        (JOAO, "ticket_opened"),
        (BIA, "follower_added"),
        (ANA, "agent_ticket_opened"),
        ("caio@aurora.example", "agent_ticket_opened"),
    }


def test_a_ticket_goes_its_whole_way_by_mail(desk: Desk) -> None:
    desk.send(f"João Pereira <{JOAO}>")
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#assumir")
    assert desk.ticket().status is Status.IN_SERVICE
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    assert desk.ticket().status is Status.AWAITING_APPROVAL
    assert desk.reply(desk.last(MARIA, "approval_requested"), "Aprovado") == "acted"
    assert desk.ticket().status is Status.FINISHED
    assert desk.reply(desk.last(JOAO, "rating_requested"), "5\n\nÓtimo") == "acted"
    rating = desk.ticket().rating
    assert rating
    assert (rating.score, rating.comment) == (5, "Ótimo")
    kinds = [e.kind for e in desk.history()]
    assert kinds == [
        EntryKind.OPENED,
        EntryKind.STATUS,
        EntryKind.APPROVAL_REQUESTED,
        EntryKind.VOTE,
        EntryKind.RATING,
    ]
    assert desk.balances()


def test_a_reply_comments_and_the_agents_hear_but_not_the_author(desk: Desk) -> None:
    desk.send(JOAO)
    confirmation = desk.last(JOAO, "ticket_opened")
    assert desk.reply(confirmation, "Ainda parada.") == "commented"
    told = desk.notices()
    assert (ANA, "commented") in told
    assert not any(to == JOAO for to, _ in told)
    assert desk.history()[-1].text == "Ainda parada."


def test_an_agents_reply_goes_to_requester_and_followers(desk: Desk) -> None:
    desk.send(JOAO, cc=BIA)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "Qual é o modelo?")
    assert {(JOAO, "commented"), (BIA, "commented")} <= desk.notices()


def test_a_rejection_needs_a_reason(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: feito")
    request = desk.last(MARIA, "approval_requested")
    assert desk.reply(request, "Reprovo") == "asked"
    assert desk.ticket().status is Status.AWAITING_APPROVAL
    assert desk.reply(request, "Reprovado: continua sem imprimir") == "acted"
    assert desk.ticket().status is Status.REJECTED
    assert {(ANA, "agent_rejected"), (JOAO, "rejected"), (MARIA, "decision_receipt")} <= desk.notices()


def test_a_reply_to_a_finished_ticket_opens_a_linked_one(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(JOAO, "ticket_opened"), "#encerrar")
    assert desk.ticket().status is Status.FINISHED
    assert desk.reply(desk.last(JOAO, "finished"), "Voltou a falhar hoje cedo, ninguém imprime.") == "opened"
    assert desk.ticket(1).status is Status.FINISHED
    assert [(link.number, link.kind) for link in desk.ticket(2).links] == [(1, "follows")]
