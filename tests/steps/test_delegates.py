"""`#delegar` by mail: who is asked, who decides until when, what everybody reads, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgateway.cli import shown_ticket
from mailgateway.core.access import roles_of
from mailgateway.core.errors import Refused
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act, Status
from mailgateway.steps import act, link
from mailgateway.store import tables, views
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, Out, config_text
from tests.steps.clock import at

DORA, EVA, SILAS = "dora@cliente.example", "eva@fora.example", "silas@aurora.example"
CAIO = "caio@aurora.example"


def said_in(mail: Out) -> str:
    """Its text without line breaks."""
    return " ".join(mail.text.split())


def resolved(desk: Desk, **mail: str) -> int:
    """A ticket of João's that awaits Maria's approval; its number."""
    desk.send(JOAO, **mail)
    number = desk.items()[-1].ticket
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    desk.out()
    return int(number)


def delegated(desk: Desk, line: str = f"#delegar {DORA} até 27/11: férias", to: str = DORA) -> Out:
    """Maria, who says that she is called Maria Costa, lets somebody else decide too; the request to him."""
    request = desk.last(MARIA, "approval_requested")
    assert desk.reply(request, "Vou ver.", author=f"Maria Costa <{MARIA}>") == "commented"
    assert desk.reply(request, line) == "acted"
    return desk.last(to, "approval_requested")


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """A desk on which ticket 1 waits for Maria; on both databases."""
    resolved(desk)
    return desk


@pytest.fixture
def small(small_desk: Desk) -> Desk:
    """The same on SQLite."""
    resolved(small_desk)
    return small_desk


@pytest.fixture
def substituted(tmp_path: Path) -> Iterator[Desk]:
    """A desk with a substitute, on which ticket 1 waits for Maria."""
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", substitute=f'"{SILAS}"'), tmp_path)
    resolved(desk)
    yield desk
    desk.close()


# ---- from the line to the decision


def test_the_delegate_is_asked_at_an_address_of_her_own_and_the_approver_gets_a_receipt(waiting: Desk) -> None:
    asked = waiting.last(MARIA, "approval_requested")
    request = delegated(waiting)
    assert request.reply_to != asked.reply_to
    assert request.reply_to.startswith("suporte+")
    for said in ("Você aprova por Maria Costa?", "27/11/2026, às 18h", "férias", "troquei o cabo", "decide por Maria"):
        assert said in said_in(request), said
    assert "pediu aprovação" not in request.text, "only the words of the solution are quoted"
    receipt = waiting.last(MARIA, "receipt")
    for said in ("Outra pessoa também pode decidir por você", DORA, "27/11/2026, às 18h", "próximos pedidos"):
        assert said in said_in(receipt), said
    entry = waiting.history()[-1]
    assert (entry.kind, entry.text) == ("participant", f"delegou a decisão a {DORA}, até 27/11/2026: férias")
    assert waiting.ticket().status is Status.AWAITING_APPROVAL


def test_her_vote_is_recorded_as_hers_for_the_approver(waiting: Desk) -> None:
    request = delegated(waiting)
    waiting.out()
    assert waiting.reply(request, "Aprovado", author=f"Dora Reis <{DORA}>") == "acted"
    ticket = waiting.ticket()
    assert ticket.status is Status.FINISHED
    assert ticket.round
    (seat,) = ticket.round.seats
    assert (seat.person.email, seat.vote, seat.decider.email) == (MARIA, True, DORA)
    entry = waiting.history()[-1]
    assert entry.author
    assert (entry.author.email, entry.text) == (DORA, "aprovou (Dora Reis por Maria Costa)")
    both = "Dora Reis por Maria Costa"
    receipt = waiting.last(DORA, "decision_receipt")
    assert "você aprovou o chamado 1 por Maria Costa" in said_in(receipt)
    assert both in receipt.text
    assert both in waiting.last(JOAO, "finished").text
    assert both in waiting.last(ANA, "agent_finished").text


def test_a_rejection_says_for_whom(small: Desk) -> None:
    request = delegated(small)
    assert small.reply(request, "Reprovado: continua parada", author=f"Dora Reis <{DORA}>") == "acted"
    assert small.history()[-1].text == "reprovou (Dora Reis por Maria Costa): continua parada"
    for mail in (small.last(JOAO, "rejected"), small.last(ANA, "agent_rejected"), small.last(DORA, "decision_receipt")):
        assert "Dora Reis por Maria Costa" in mail.text, mail.notice


def test_on_the_day_after_she_is_refused_in_plain_words_and_the_approver_decides(waiting: Desk) -> None:
    request = delegated(waiting)
    waiting.now += timedelta(days=4)
    waiting.out()
    assert waiting.reply(request, "Aprovado") == "refused"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    answer = waiting.last(DORA, "refused")
    for said in (
        "O prazo para decidir por Maria Costa terminou.",
        "Nada foi alterado.",
        "Quem decide agora é Maria Costa",
    ):
        assert said in said_in(answer), said
    assert "    Aprovado" not in answer.text, "no line is offered that would be refused"
    assert waiting.history()[-1].text == "Aprovado", "her words are kept"
    assert waiting.reply(waiting.last(MARIA, "approval_requested"), "Aprovado") == "acted"


def test_a_mail_that_came_in_time_counts_whenever_it_is_read(waiting: Desk) -> None:
    request = delegated(waiting)
    waiting.now = waiting.now.replace(day=27, hour=20, minute=59)
    body = waiting.mail(DORA, "Aprovado", to=request.reply_to)
    waiting.receive(body, request.reply_to)
    waiting.now += timedelta(hours=5)
    waiting.process()
    assert waiting.ticket().status is Status.FINISHED


def test_without_a_date_it_is_until_the_round_closes(small: Desk) -> None:
    request = delegated(small, f"#delegar {DORA}")
    assert small.history()[-1].text == f"delegou a decisão a {DORA}, só neste pedido"
    assert "só neste pedido" in small.last(MARIA, "receipt").text
    small.now += timedelta(days=40)
    assert small.reply(request, "Aprovado") == "acted"
    assert small.ticket().status is Status.FINISHED


@pytest.mark.parametrize(("first", "second"), [(MARIA, DORA), (DORA, MARIA)])
def test_whichever_votes_first_decides_and_the_other_hears_by_whom(tmp_path: Path, first: str, second: str) -> None:
    rules = {"approvers": f'["{MARIA}", "{BIA}"]', "rule": '"all"'}
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", **rules), tmp_path)
    try:
        resolved(desk)
        delegated(desk)
        requests = {who: desk.last(who, "approval_requested") for who in (MARIA, DORA)}
        assert desk.reply(requests[first], "Aprovado") == "acted"
        assert desk.reply(requests[second], "Reprovado: não") == "refused"
        who = "Maria Costa" if first == MARIA else f"{DORA} por Maria Costa"
        answer = said_in(desk.last(second, "refused"))
        assert f"{who} já aprovou em 24/11/2026".casefold() in answer.casefold()
        assert "Nada foi alterado." in answer
    finally:
        desk.close()


def test_only_who_decided_contests(small: Desk) -> None:
    small.reply(delegated(small), "Aprovado")
    receipt = small.last(DORA, "decision_receipt")
    assert small.reply(small.last(MARIA, "approval_requested"), "#contestar") == "refused"
    assert small.reply(receipt, "#contestar") == "acted"
    assert small.ticket().status is Status.IN_SERVICE


def test_naming_another_takes_it_from_the_first_who_is_told(small: Desk) -> None:
    request = delegated(small)
    small.out()
    assert small.reply(small.last(MARIA, "approval_requested"), f"#delegar {EVA} até 27/11") == "acted"
    assert {(EVA, "approval_requested"), (DORA, "request_withdrawn"), (MARIA, "receipt")} <= small.notices()
    assert "Maria Costa passou o pedido a outra pessoa." in small.last(DORA, "request_withdrawn").text
    assert small.reply(request, "Aprovado") == "commented"
    assert small.history()[-1].unverified
    assert small.ticket().status is Status.AWAITING_APPROVAL
    assert small.reply(small.last(EVA, "approval_requested"), "Aprovado") == "acted"


# ---- later rounds


def test_a_dated_delegation_holds_for_later_rounds_until_its_day(waiting: Desk) -> None:
    delegated(waiting)
    second = resolved(waiting)
    request = waiting.last(DORA, "approval_requested")
    assert f"[#{second}]" in str(request.mail["Subject"])
    assert "Você aprova por Maria Costa?" in request.text
    assert waiting.history(second)[-1].text == f"pediu aprovação a Maria Costa / {DORA}: troquei o cabo"
    assert waiting.reply(request, "Aprovado") == "acted"
    assert waiting.ticket(second).status is Status.FINISHED
    waiting.now += timedelta(days=4)
    third = resolved(waiting)
    round_ = waiting.ticket(third).round
    assert round_
    assert [s.delegate for s in round_.seats] == [None]


def test_an_undated_one_does_not(small: Desk) -> None:
    delegated(small, f"#delegar {DORA}")
    round_ = small.ticket(resolved(small)).round
    assert round_
    assert [s.delegate for s in round_.seats] == [None]


def test_a_later_dated_one_replaces_it_for_later_rounds(waiting: Desk) -> None:
    delegated(waiting)
    waiting.now += timedelta(hours=1)
    waiting.reply(waiting.last(MARIA, "approval_requested"), f"#delegar {EVA} até 26/11")
    second = waiting.ticket(resolved(waiting)).round
    assert second
    assert [s.delegate and s.delegate.email for s in second.seats] == [EVA]
    waiting.now += timedelta(days=2, hours=12)
    third = waiting.ticket(resolved(waiting)).round
    assert third
    assert [s.delegate for s in third.seats] == [None], "Dora's went when Eva came"
    with waiting.gateway.database.read() as connection:
        rows = connection.execute(select(tables.delegations).order_by(tables.delegations.c.id)).all()
    assert [r.ends_at - r.starts_at for r in rows] == [timedelta(hours=1), timedelta(days=2, hours=7)]


def test_one_that_comes_in_the_same_batch_counts_for_the_next_mail(
    waiting: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    delegated(waiting)
    waiting.send(JOAO)
    opened = waiting.last(ANA, "agent_ticket_opened")
    waiting.now += timedelta(hours=1)
    with monkeypatch.context() as patched:
        patched.setattr(Desk, "process", lambda _: None)
        waiting.reply(waiting.last(MARIA, "approval_requested"), f"#delegar {EVA} até 26/11")
        waiting.reply(opened, "#resolver: troquei o cabo")
    waiting.process()
    round_ = waiting.ticket(2).round
    assert round_
    assert [s.delegate and s.delegate.email for s in round_.seats] == [EVA]


def test_whoever_writes_the_solution_is_not_asked_as_a_delegate(small: Desk) -> None:
    delegated(small, f"#delegar {CAIO} até 27/11", CAIO)
    small.send(JOAO)
    small.reply(small.last(CAIO, "agent_ticket_opened"), "#resolver: fui eu")
    round_ = small.ticket(2).round
    assert round_
    assert [(s.person.email, s.delegate) for s in round_.seats] == [(MARIA, None)]


# ---- what time does


def test_reminders_go_to_the_delegate_too_while_she_may_decide(substituted: Desk) -> None:
    delegated(substituted, f"#delegar {DORA} até 27/11")
    substituted.out()
    assert at(substituted, "26/11 14:00") == [(MARIA, "reminder"), (DORA, "reminder")]
    reminder = substituted.last(DORA, "reminder")
    assert "Você decide por Maria Costa, até sexta-feira, 27/11/2026, às 18h." in said_in(reminder)
    assert SILAS not in reminder.text
    assert at(substituted, "03/12 12:00") == [(MARIA, "reminder")]
    assert at(substituted, "07/12 16:00") == [(SILAS, "approval_requested")]
    assert substituted.reply(reminder, "Aprovado") == "refused"


def test_a_reply_to_her_reminder_decides(substituted: Desk) -> None:
    delegated(substituted, f"#delegar {DORA}")
    at(substituted, "26/11 14:00")
    assert substituted.reply(substituted.last(DORA, "reminder"), "Aprovado") == "acted"


def test_who_decides_for_the_substitute_is_asked_with_him(substituted: Desk) -> None:
    at(substituted, "07/12 16:00")
    request = substituted.last(SILAS, "approval_requested")
    assert substituted.reply(request, f"#delegar {DORA} até 31/12") == "acted"
    resolved(substituted)
    sent = at(substituted, "22/12 12:00")
    assert {(SILAS, "approval_requested"), (DORA, "approval_requested")} <= set(sent)


def test_a_delegates_request_that_bounces_asks_no_substitute(substituted: Desk) -> None:
    request = delegated(substituted)
    substituted.out()
    report = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {substituted.envelope_sender(request.id)}\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nno such user\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {DORA}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "--b--\r\n"
    )
    substituted.receive(report.encode(), substituted.envelope_sender(request.id), mail_from="")
    substituted.process()
    assert substituted.items()[-1].outcome == "bounce"
    assert substituted.out(SILAS) == []


# ---- lists, the command line, one human with two addresses


def test_her_list_shows_it_until_her_last_day(waiting: Desk) -> None:
    delegated(waiting)
    dora = waiting.person(DORA)

    def seen() -> list[int]:
        with waiting.gateway.database.read() as connection:
            viewer = views.viewer(dora, waiting.gateway.house, waiting.now)
            return [r.number for r in views.page(connection, "my_approval", viewer)]

    assert seen() == [1]
    assert waiting.send(DORA, "#chamados minha aprovação", subject="Lista") == "answered"
    view = waiting.last(DORA, "view")
    assert "    Aprovado" in view.text
    waiting.now += timedelta(days=4)
    assert seen() == []


def test_a_decision_without_a_reference_finds_her_only_seat(small: Desk) -> None:
    delegated(small)
    assert small.send(DORA, "Aprovado", subject="Sobre o chamado") == "asked"
    assert small.last(DORA, "challenge").text
    assert small.reply(small.last(DORA, "challenge"), "Sim") == "acted"
    assert small.ticket().status is Status.FINISHED


def test_she_sees_the_whole_history_until_her_last_day(small: Desk) -> None:
    request = delegated(small)
    assert small.reply(request, "#status") == "answered"
    assert "Impressora" in small.last(DORA, "status").text
    assert f"Maria Costa / {DORA}" in small.last(DORA, "status").text
    with small.gateway.database.read() as connection:
        for days, lines in ((0, True), (4, False)):
            now = small.now + timedelta(days=days)
            shown = shown_ticket.load(connection, small.gateway, 1, small.person(DORA), now)
            assert bool(shown["entries"]) is lines


def test_the_command_line_delegates_for_an_approver_and_shows_it(waiting: Desk) -> None:
    until = waiting.now + timedelta(days=3)
    asked = Asked(Act.DELEGATE, "férias", until=until, emails=(DORA,))
    with pytest.raises(Refused):
        act.act(waiting.gateway, 1, asked, "", waiting.now)
    act.act(waiting.gateway, 1, asked, MARIA, waiting.now)
    assert (DORA, "approval_requested") in waiting.notices()
    act.act(waiting.gateway, 1, Asked(Act.APPROVE), DORA, waiting.now)
    with waiting.gateway.database.read() as connection:
        shown = shown_ticket.load(connection, waiting.gateway, 1, None, waiting.now)
    dora = {"name": "", "email": DORA}
    assert shown["approvers"] == [
        {"name": "", "email": MARIA, "delegate": dora, "delegate_until": "2026-11-27T13:00:00Z", "decided_by": dora}
    ]
    assert shown["entries"][-1]["text"] == f"aprovou ({DORA} por {MARIA}) (pela linha de comando)"


def test_when_approver_and_delegate_turn_out_to_be_one_human_nothing_is_left_of_it(waiting: Desk) -> None:
    delegated(waiting)
    link.link(waiting.gateway, MARIA, DORA)
    round_ = waiting.ticket().round
    assert round_
    assert [(s.person.email, s.delegate, s.delegate_until) for s in round_.seats] == [(MARIA, None, None)]
    with waiting.gateway.database.read() as connection:
        assert connection.execute(select(tables.delegations)).all() == []


def test_a_delegate_who_turns_out_to_be_somebody_known_is_that_somebody(waiting: Desk) -> None:
    delegated(waiting)
    link.link(waiting.gateway, JOAO, DORA)
    assert waiting.reply(waiting.last(DORA, "approval_requested"), "Aprovado") == "acted"
    assert waiting.history()[-1].text == f"aprovou ({JOAO} por Maria Costa)"


# ---- the requester's own acceptance


def test_a_requester_may_let_somebody_accept_for_him(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers="[]"), tmp_path)
    try:
        resolved(desk)
        assert desk.reply(desk.last(JOAO, "approval_requested"), f"#delegar {DORA}") == "acted"
        request = desk.last(DORA, "approval_requested")
        assert "Podemos finalizar?" in request.text
        assert desk.reply(request, "Sim") == "acted"
        assert desk.ticket().status is Status.FINISHED
    finally:
        desk.close()


# ---- what somebody would try


def test_her_key_in_other_hands_decides_nothing(small: Desk) -> None:
    request = delegated(small)
    small.out()
    for author in (EVA, BIA, JOAO, ANA):
        assert small.reply(request, "Aprovado", author=author) == "refused"
    assert small.ticket().status is Status.AWAITING_APPROVAL
    assert {(DORA, "challenge"), (ANA, "warning")} <= small.notices()


def test_the_approvers_key_is_not_hers(small: Desk) -> None:
    asked = small.last(MARIA, "approval_requested")
    delegated(small)
    assert small.reply(asked, "Aprovado", author=DORA) == "refused"
    assert small.ticket().status is Status.AWAITING_APPROVAL


def test_a_forged_mail_of_hers_is_held(small: Desk) -> None:
    request = delegated(small)
    assert small.reply(request, "Aprovado", auth="fail") == "asked"
    assert small.ticket().status is Status.AWAITING_APPROVAL


@pytest.mark.parametrize("author", [BIA, EVA, JOAO])
def test_only_the_seat_delegates(small: Desk, author: str) -> None:
    asked = small.last(MARIA, "approval_requested")
    small.reply(asked, f"#delegar {EVA}", author=author)
    small.send(author, f"#delegar {EVA}", subject="[#1] Delegar")
    assert all(s.delegate is None for s in _seats(small))
    assert small.out(EVA, "approval_requested") == []


def test_a_key_to_talk_does_not_delegate(small: Desk) -> None:
    """A line without the reply address of the request is held until its author says that it is hers."""
    number = {"In-Reply-To": str(small.last(MARIA, "approval_requested").mail["Message-ID"])}
    assert small.send(MARIA, f"#delegar {DORA} até 27/11", headers=number) == "asked"
    assert all(s.delegate is None for s in _seats(small))
    assert small.out(DORA) == []
    assert small.reply(small.last(MARIA, "challenge"), "Sim") == "acted"
    assert [s.delegate and s.delegate.email for s in _seats(small)] == [DORA]


def test_what_was_held_until_its_date_had_passed_is_asked_about(small: Desk) -> None:
    number = {"In-Reply-To": str(small.last(MARIA, "approval_requested").mail["Message-ID"])}
    assert small.send(MARIA, f"#delegar {DORA} até hoje", headers=number) == "asked"
    small.now += timedelta(hours=20)
    assert small.reply(small.last(MARIA, "challenge"), "Sim") == "asked"
    assert all(s.delegate is None for s in _seats(small))


def test_a_quoted_line_delegates_nothing(small: Desk) -> None:
    asked = small.last(MARIA, "approval_requested")
    assert small.reply(asked, f"Recebi isto:\n> #delegar {EVA} até 27/11") == "commented"
    assert all(s.delegate is None for s in _seats(small))


def test_a_delegate_does_not_pass_it_on(small: Desk) -> None:
    request = delegated(small)
    assert small.reply(request, f"#delegar {EVA}") == "refused"
    answer = said_in(small.last(DORA, "refused"))
    assert "Quem decide por Maria Costa não passa a decisão adiante." in answer
    assert small.out(EVA) == []


@pytest.mark.parametrize("who", [ANA, MARIA, QUEUE, f"suporte+x@{QUEUE.partition('@')[2]}", "noreply@cliente.example"])
def test_who_may_not_decide_is_not_named(small: Desk, who: str) -> None:
    small.out()
    assert small.reply(small.last(MARIA, "approval_requested"), f"#delegar {who}") == "refused"
    assert all(s.delegate is None for s in _seats(small))
    assert "Nada foi alterado." in small.last(MARIA, "refused").text


def test_several_addresses_and_past_dates_are_asked_about(small: Desk) -> None:
    asked = small.last(MARIA, "approval_requested")
    for line in (
        f"#delegar {DORA}, {EVA}",
        f"#delegar {DORA} até 31/02",
        f"#delegar {DORA} até 01/01/2020",
        "#delegar",
    ):
        assert small.reply(asked, line) == "asked", line
    assert all(s.delegate is None for s in _seats(small))
    assert small.out(DORA) == []


def test_a_lapsed_delegate_is_told_nothing_more(small: Desk) -> None:
    delegated(small)
    small.now += timedelta(days=4)
    small.out()
    small.reply(small.last(JOAO, "ticket_opened"), "Alguma novidade?")
    assert small.out(DORA) == []


def test_while_she_may_decide_she_hears_what_is_written(small: Desk) -> None:
    delegated(small)
    small.out()
    small.reply(small.last(JOAO, "ticket_opened"), "Alguma novidade?")
    assert (DORA, "commented") in small.notices()


def test_a_known_address_may_be_named(small: Desk) -> None:
    small.send(DORA)
    dora = small.person(DORA)
    request = delegated(small)
    assert request.to == DORA
    assert _seats(small)[0].delegate == dora
    assert roles_of(dora, small.ticket(), ())


def _seats(desk: Desk):  # type: ignore[no-untyped-def]
    round_ = desk.ticket().round
    assert round_
    return round_.seats
