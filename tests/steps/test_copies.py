"""The same mail twice, by whatever ways: one effect, one answer; a copy with other words is never dropped."""

from __future__ import annotations

from tests.desk import ANA, JOAO, MX, Desk


def test_the_same_mail_by_two_ways_is_one_ticket_and_one_answer(desk: Desk) -> None:
    raw = desk.mail(JOAO)
    desk.receive(raw)
    desk.process()
    first = desk.counts()
    again = desk.receive(b"Received: from relay by mx\r\n" + raw)
    desk.process()
    assert desk.item(again).outcome == "duplicate"
    assert desk.item(again).ticket == 1
    assert desk.counts() == first


def test_two_copies_in_one_batch_are_one_ticket(desk: Desk) -> None:
    raw = desk.mail(JOAO)
    for _ in range(3):
        desk.receive(raw)
    desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "duplicate", "duplicate"]


def test_a_mail_without_message_id_is_told_by_its_words(desk: Desk) -> None:
    raw = desk.mail(JOAO, message_id="<x@y>").replace(b"Message-ID: <x@y>\r\n", b"")
    for _ in range(2):
        desk.receive(raw)
    desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "duplicate"]


def test_a_copy_with_other_words_becomes_a_comment(desk: Desk) -> None:
    raw = desk.mail(JOAO, "O caixa 3 parou.")
    desk.receive(raw)
    desk.receive(raw.replace(b"O caixa 3 parou.", b"O caixa 4 parou."))
    desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "commented"]
    assert desk.history()[-1].text == "O caixa 4 parou."


def test_a_better_proven_copy_is_judged_for_its_acts(desk: Desk) -> None:
    desk.send(JOAO)
    request = desk.last(ANA, "agent_ticket_opened")
    weak = desk.mail(ANA, "#assumir", subject=f"RES: {request.mail['Subject']}", auth="", to="suporte@aurora.example")
    desk.receive(weak)
    desk.process()
    strong = f"Authentication-Results: {MX}; dmarc=pass header.from=aurora.example\r\n".encode() + weak
    item = desk.receive(strong)
    desk.process()
    assert desk.item(item).outcome == "acted"
    assert desk.ticket().status == "in_service"


def test_numbers_increase_and_are_never_used_again(desk: Desk) -> None:
    for _ in range(3):
        desk.send(JOAO)
    assert [desk.exists(n) for n in (1, 2, 3, 4)] == [True, True, True, False]


def test_each_copy_is_told_from_all_that_we_hold(desk: Desk) -> None:
    raw = desk.mail(JOAO, "O caixa 3 parou.")
    other = raw.replace(b"O caixa 3 parou.", b"O caixa 4 parou.")
    for copy in (raw, other, raw, other, other):
        desk.receive(copy)
    desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "commented", "duplicate", "duplicate", "duplicate"]
    assert "outras palavras" in desk.items()[1].reason


def test_a_better_proven_copy_acts_once_and_its_words_are_kept_once(desk: Desk) -> None:
    desk.send(JOAO)
    request = desk.last(ANA, "agent_ticket_opened")
    headers = {"In-Reply-To": str(request.mail["Message-ID"])}
    weak = desk.mail(ANA, "#assumir\n\nVou aí amanhã.", auth="", headers=headers)
    strong = f"Authentication-Results: {MX}; dmarc=pass header.from=aurora.example\r\n".encode() + weak
    for raw in (weak, strong, strong, weak):
        desk.receive(raw)
        desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "asked", "acted", "duplicate", "duplicate"]
    assert desk.reply(desk.last(ANA, "challenge"), "Sim") == "refused"  # the copy has answered the question
    assert sum("Vou aí" in e.text for e in desk.history()) == 1
    assert len([e for e in desk.history() if e.to_status == "in_service"]) == 1


def test_a_better_proven_copy_of_plain_words_is_a_copy(desk: Desk) -> None:
    weak = desk.mail(JOAO, "O caixa 3 parou.", auth="")
    strong = f"Authentication-Results: {MX}; dmarc=pass header.from=cliente.example\r\n".encode() + weak
    for raw in (weak, strong):
        desk.receive(raw)
        desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "duplicate"]
    assert len(desk.history()) == 1


def test_a_real_mail_is_heard_although_a_forged_copy_came_first(desk: Desk) -> None:
    desk.send(JOAO)
    headers = {"In-Reply-To": str(desk.last(JOAO, "ticket_opened").mail["Message-ID"])}
    raw = desk.mail(JOAO, "Ainda parada.", auth="", headers=headers)
    for verdict in ("fail", "pass"):
        desk.out()
        stated = f"Authentication-Results: {MX}; dmarc={verdict} header.from=cliente.example\r\n"
        desk.receive(stated.encode() + raw)
        desk.process()
    assert [(e.text, e.unverified) for e in desk.history()[1:]] == [("Ainda parada.", True), ("Ainda parada.", False)]
    assert (ANA, "commented") in desk.notices()
