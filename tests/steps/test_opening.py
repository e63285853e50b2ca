"""What a mail gives a new ticket: queue, subject, contacts, evidence, and who may open one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, QUEUE, Desk, config_text

COMPRAS = "compras@aurora.example"
CAIO = "caio@aurora.example"


def test_a_mail_to_two_queues_opens_one_ticket_and_both_hear(small_desk: Desk) -> None:
    assert small_desk.send(JOAO, to=f"{COMPRAS}, {QUEUE}") == "opened"
    ticket = small_desk.ticket()
    assert (ticket.queue, ticket.other_queues) == ("compras", ("suporte",))
    assert {(ANA, "agent_ticket_opened"), (CAIO, "agent_ticket_opened")} <= small_desk.notices()
    assert not small_desk.exists(2)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#assumir")
    assert small_desk.ticket().status is Status.IN_SERVICE


def test_in_a_mail_by_blind_copy_nobody_becomes_a_follower(small_desk: Desk) -> None:
    small_desk.send(JOAO, to=BIA)  # our address stands only in the envelope
    assert small_desk.ticket().followers == ()
    assert small_desk.ticket().named == (BIA,)


def test_each_address_in_copy_gets_a_verdict(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=f"Bia <{BIA}>, noreply@cliente.example, {COMPRAS}")
    assert [f.person.email for f in small_desk.ticket().followers] == [BIA]
    text = small_desk.last(JOAO, "ticket_opened").text
    for address in (BIA, "noreply@cliente.example", COMPRAS):
        assert address in text


def test_a_copy_bomb_makes_ten_followers_and_names_the_rest(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=", ".join(f"p{n}@cliente.example" for n in range(60)))
    ticket = small_desk.ticket()
    assert len(ticket.followers) == 10
    assert len(ticket.named) == 50
    assert len(small_desk.out(notice="follower_added")) == 10


def test_a_reply_prefix_and_a_foreign_number_are_no_part_of_the_subject(small_desk: Desk) -> None:
    small_desk.send(JOAO, subject="RES: ENC: [EXTERNO] Impressora [#77]")
    assert small_desk.ticket().subject == "Impressora"


def test_an_agent_who_forwards_a_known_persons_mail_opens_it_for_him(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    forwarded = (
        "Segue.\n\n---------- Forwarded message ---------\nDe: João <joao@cliente.example>\n"
        "Date: ter., 24 de nov. de 2026 às 09:00\nSubject: Monitor\nTo: <ana@aurora.example>\n\nO monitor piscou.\n"
    )
    assert small_desk.send(ANA, forwarded, subject="ENC: Monitor") == "opened"
    requester = small_desk.ticket(2).requester
    assert requester
    assert requester.email == JOAO
    assert "O monitor piscou." in small_desk.ticket(2).description


@pytest.mark.parametrize(
    ("open_to", "opens"),
    [('"anyone"', True), ('"known"', False), ('["cliente.example"]', True), ('["outro.example"]', False)],
)
def test_a_queue_opens_only_to_whom_it_says(tmp_path: Path, open_to: str, opens: bool) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", open_to=open_to), tmp_path)
    try:
        assert desk.send(JOAO) == ("opened" if opens else "refused")
        assert desk.exists(1) is opens
    finally:
        desk.close()


def test_monitoring_that_may_open_tickets_is_not_answered(tmp_path: Path) -> None:
    robot = "zabbix@aurora.example"
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", robots_open=f'["{robot}"]'), tmp_path)
    try:
        desk.receive(desk.mail(robot, "CPU 100%", headers={"Auto-Submitted": "auto-generated"}))
        desk.process()
        assert desk.items()[0].outcome == "opened"
        assert robot not in {o.to for o in desk.out() if o.state == "waiting"}
    finally:
        desk.close()


def test_a_forged_sender_still_opens_a_ticket_that_says_so(small_desk: Desk) -> None:
    assert small_desk.send(JOAO, auth="fail") == "opened"
    assert not small_desk.ticket().proven


def test_followers_of_an_unproven_sender_hear_from_the_agents_first_public_act_on(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA, auth="")
    assert BIA not in {o.to for o in small_desk.out()}
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "Estamos vendo.")
    assert (BIA, "commented") in small_desk.notices()


def test_a_mail_without_key_to_another_queue_opens_its_own_linked_ticket(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    first = small_desk.last(JOAO, "ticket_opened")
    ids = {"In-Reply-To": str(first.mail["Message-ID"])}
    assert small_desk.send(JOAO, "Comprem outra.", subject="RES: x", to=COMPRAS, headers=ids) == "opened"
    assert small_desk.ticket(2).queue == "compras"
    assert small_desk.ticket(2).links[0].number == 1


@pytest.mark.parametrize("tries", [("Parou.", "Parou mesmo."), ("#chamados meus", "Parou.")])
def test_a_stranger_who_was_answered_is_no_known_person_for_it(tmp_path: Path, tries: tuple[str, str]) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", open_to='"known"'), tmp_path)
    try:
        desk.send(JOAO, tries[0])
        assert desk.send(JOAO, tries[1]) == "refused"
        assert not desk.exists(1)
    finally:
        desk.close()


def test_somebody_who_takes_part_in_a_ticket_is_known(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", open_to='"known"'), tmp_path)
    try:
        assert desk.send(ANA, cc=JOAO) == "opened"
        assert desk.send(JOAO, "Outra coisa parou.") == "opened"
    finally:
        desk.close()


def test_a_mail_that_nobody_can_read_says_so_on_its_ticket(small_desk: Desk) -> None:
    raw = (
        f"From: {JOAO}\r\nTo: suporte@aurora.example\r\nSubject: Contrato\r\nMessage-ID: <a@b>\r\n"
        "Content-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"
        "--b\r\nContent-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
        "-----BEGIN PGP MESSAGE-----\r\n--b--\r\n"
    )
    small_desk.receive(raw.encode(), mail_from=JOAO)
    small_desk.process()
    ticket = small_desk.ticket()
    assert "criptografada" in ticket.description
    assert "encrypted.asc" in [a.filename for entry in small_desk.history() for a in entry.evidence]
