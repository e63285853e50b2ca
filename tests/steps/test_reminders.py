"""Requests that nobody answers: reminders in business hours, then the substitute; silence decides for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Status
from mailgateway.steps import reminding
from mailgateway.steps.context import Work
from mailgateway.store import milestones
from tests.desk import ANA, JOAO, MARIA, QUEUE, Desk, Out, config_text
from tests.steps.clock import at
from tests.steps.test_time import DSN

SILAS, DAVI = "silas@aurora.example", "davi@cliente.example"


def opened(folder: Path, url: str, **queue: str) -> Iterator[Desk]:
    desk = Desk.open(config_text(folder, url, **queue), folder)
    yield desk
    desk.close()


@pytest.fixture
def asking(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A queue with an approver and a substitute, on both databases."""
    yield from opened(tmp_path, database_url, substitute=f'"{SILAS}"')


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite."""
    yield from opened(tmp_path, f"sqlite:///{tmp_path}/desk.db", substitute=f'"{SILAS}"')


@pytest.fixture
def accepting(tmp_path: Path) -> Iterator[Desk]:
    """A queue whose requesters accept themselves."""
    yield from opened(tmp_path, f"sqlite:///{tmp_path}/desk.db", approvers="[]", substitute=f'"{SILAS}"')


def resolved(desk: Desk) -> None:
    """On Tuesday 24/11 at 10:00 approval is asked for."""
    desk.send(JOAO)
    assert desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo") == "acted"
    desk.out()


def test_72_hours_of_silence_are_two_reminders_then_the_substitute_is_asked_and_none_decides(asking: Desk) -> None:
    resolved(asking)
    assert at(asking, "26/11 13:59") == []
    assert at(asking, "26/11 14:00") == [(MARIA, "reminder")]
    assert at(asking, "26/11 14:00") == []
    assert at(asking, "03/12 12:00") == [(MARIA, "reminder")]
    last = asking.last(MARIA, "reminder")
    assert "Último lembrete" in str(last.mail["Subject"])
    assert SILAS in last.text
    assert "07/12" in last.text
    assert at(asking, "07/12 15:59") == []
    assert at(asking, "07/12 16:00") == [(SILAS, "approval_requested")]
    assert asking.history()[-1].text == f"{SILAS} foi chamado a decidir como substituto"
    assert [at(asking, f"{day}/12 12:00") for day in range(8, 31)] == [[]] * 23
    with asking.gateway.database.read() as connection:
        left = milestones.candidates(connection, asking.gateway.house.queues, asking.now)
    assert left == [], "a request that came to its last step is not looked at any more"
    assert asking.ticket().status is Status.AWAITING_APPROVAL


def test_the_substitute_decides(asking: Desk) -> None:
    resolved(asking)
    at(asking, "07/12 16:00")
    request = asking.last(SILAS, "approval_requested")
    assert "troquei o cabo" in request.text
    assert "pediu aprovação" not in request.text, "only the words of the solution are quoted"
    assert "Responda até" not in request.text, "nobody is asked after him"
    assert asking.reply(request, "Aprovado.") == "acted"
    assert asking.ticket().status is Status.FINISHED


def test_whoever_was_asked_first_may_still_decide(small: Desk) -> None:
    resolved(small)
    at(small, "07/12 16:00")
    assert small.reply(small.last(MARIA, "approval_requested"), "Aprovado.") == "acted"
    assert small.ticket().status is Status.FINISHED


def test_a_reply_to_a_reminder_decides(small: Desk) -> None:
    resolved(small)
    at(small, "26/11 14:00")
    reminder = small.last(MARIA, "reminder")
    assert "troquei o cabo" in reminder.text
    assert small.reply(reminder, "Reprovado: continua parada") == "acted"
    assert small.ticket().status is Status.REJECTED
    small.out()
    assert at(small, "10/12 12:00") == [], "a round that is over has no reminders"


def test_only_who_kept_silent_is_reminded(tmp_path: Path) -> None:
    rules = {"approvers": f'["{MARIA}", "{DAVI}"]', "rule": '"all"', "substitute": f'"{SILAS}"'}
    for desk in opened(tmp_path, f"sqlite:///{tmp_path}/desk.db", **rules):
        resolved(desk)
        desk.reply(desk.last(DAVI, "approval_requested"), "Aprovado.")
        desk.out()
        assert at(desk, "26/11 14:00") == [(MARIA, "reminder")]
        at(desk, "07/12 16:00")
        desk.reply(desk.last(SILAS, "approval_requested"), "Aprovado.")
        assert desk.ticket().status is Status.FINISHED, "the substitute votes for who is silent"


def test_without_a_substitute_there_are_two_reminders_and_no_more(small_desk: Desk) -> None:
    resolved(small_desk)
    assert at(small_desk, "26/11 14:00") == [(MARIA, "reminder")]
    assert at(small_desk, "03/12 12:00") == [(MARIA, "reminder")]
    assert at(small_desk, "07/12 16:00") == []
    assert "Último lembrete" not in str(small_desk.last(MARIA, "reminder").mail["Subject"])


def test_nobody_is_asked_to_approve_what_he_did_himself(tmp_path: Path) -> None:
    for desk in opened(tmp_path, f"sqlite:///{tmp_path}/desk.db", substitute=f'"{ANA}"'):
        resolved(desk)
        at(desk, "26/11 14:00")
        assert at(desk, "07/12 16:00") == [(MARIA, "reminder")]
        assert len(desk.history()) == 3


def test_a_gateway_that_was_off_for_a_month_sends_one_reminder_and_asks_the_substitute(small: Desk) -> None:
    resolved(small)
    assert at(small, "28/12 12:00") == [(MARIA, "reminder"), (SILAS, "approval_requested")]
    assert "Responda até" not in small.last(MARIA, "reminder").text
    assert at(small, "29/12 12:00") == []


def test_a_new_solution_is_a_new_round_with_reminders_of_its_own(small: Desk) -> None:
    resolved(small)
    at(small, "26/11 14:00")
    small.reply(small.last(ANA, "agent_ticket_opened"), "#resolver: troquei a fonte")
    small.out()
    assert at(small, "27/11 17:00") == []
    assert at(small, "30/11 18:00") == [(MARIA, "reminder")]
    assert "troquei a fonte" in small.last(MARIA, "reminder").text


def _returned(desk: Desk, sent: Out) -> None:
    sender, message_id = desk.envelope_sender(sent.id), str(sent.mail["Message-ID"])
    report = DSN.format(to=sender, who=MARIA, id=message_id).replace("\n", "\r\n").encode()
    desk.receive(report, sender, mail_from="")
    desk.process()


def test_a_request_that_bounced_goes_to_the_substitute_at_once_and_only_once(asking: Desk) -> None:
    resolved(asking)
    request = asking.last(MARIA, "approval_requested")
    _returned(asking, request)
    assert asking.notices() == {(SILAS, "approval_requested")}
    assert asking.ticket().status is Status.AWAITING_APPROVAL
    _returned(asking, request)
    assert asking.notices() == set()
    assert (SILAS, "approval_requested") not in at(asking, "07/12 16:00")


def test_a_report_that_anybody_may_have_written_asks_no_substitute(small: Desk) -> None:
    resolved(small)
    seen = str(small.last(MARIA, "approval_requested").mail["Message-ID"])
    report = DSN.format(to=QUEUE, who=MARIA, id=seen).replace("\n", "\r\n").encode()
    small.receive(report, QUEUE, mail_from="")
    small.process()
    assert small.items()[-1].outcome == "bounce"
    assert small.notices() == set()


def test_a_report_on_an_older_request_or_on_one_that_is_answered_asks_nobody(small: Desk) -> None:
    resolved(small)
    older = small.last(MARIA, "approval_requested")
    small.sweep(hours=1)
    small.reply(small.last(ANA, "agent_ticket_opened"), "#resolver: troquei a fonte")
    small.out()
    _returned(small, older)
    assert small.notices() == set()
    newer = small.last(MARIA, "approval_requested")
    small.reply(newer, "Reprovado: continua parada")
    small.out()
    _returned(small, newer)
    assert small.notices() == set()


def test_a_kill_between_leaves_neither_reminder_nor_milestone(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved(small)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reminding.Workset, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            at(small, "26/11 14:00")
    assert small.out() == []
    assert at(small, "26/11 14:01") == [(MARIA, "reminder")]


def test_a_ticket_that_cannot_be_reminded_of_does_not_keep_the_others_waiting(
    small: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    resolved(small)
    resolved(small)
    real = reminding.solution_of

    def broken(work: Work, ticket: Ticket) -> tuple[str, datetime]:
        if ticket.number == 1:
            raise ValueError("broken")
        return real(work, ticket)

    with monkeypatch.context() as patched:
        patched.setattr(reminding, "solution_of", broken)
        assert at(small, "26/11 14:00") == [(MARIA, "reminder")]
    assert "left for the next time: 1" in caplog.text
    assert at(small, "26/11 14:01") == [(MARIA, "reminder")]


# ---- the requester


def test_a_requester_is_reminded_twice_and_then_has_accepted(accepting: Desk) -> None:
    resolved(accepting)
    assert at(accepting, "26/11 18:00") == [(JOAO, "reminder")]
    assert at(accepting, "02/12 18:00") == [(JOAO, "reminder")]
    last = accepting.last(JOAO, "reminder")
    assert "03/12" in last.text
    assert "finalizado" in last.text
    assert {(JOAO, "finished"), (JOAO, "rating_requested")} <= set(at(accepting, "03/12 18:00"))
    assert accepting.ticket().status is Status.FINISHED


def test_a_requester_says_yes_to_a_reminder(accepting: Desk) -> None:
    resolved(accepting)
    at(accepting, "26/11 18:00")
    assert accepting.reply(accepting.last(JOAO, "reminder"), "Sim") == "acted"
    assert accepting.ticket().status is Status.FINISHED


def test_after_a_month_he_has_accepted_and_is_not_reminded_of_it(accepting: Desk) -> None:
    resolved(accepting)
    assert (JOAO, "reminder") not in at(accepting, "23/12 12:00")


def test_a_rating_is_reminded_of_once(desk: Desk) -> None:
    resolved(desk)
    desk.reply(desk.last(MARIA, "approval_requested"), "Aprovado.")
    desk.out()
    assert at(desk, "27/11 17:59") == []
    assert at(desk, "27/11 18:00") == [(JOAO, "reminder")]
    assert [at(desk, f"{day}/12 12:00") for day in range(1, 31)] == [[]] * 30
    reminder = desk.last(JOAO, "reminder")
    assert desk.reply(reminder, "5") != "acted", "thirty days are over"


def test_a_reminder_of_a_rating_rates(small_desk: Desk) -> None:
    resolved(small_desk)
    small_desk.reply(small_desk.last(MARIA, "approval_requested"), "Aprovado.")
    at(small_desk, "27/11 18:00")
    assert small_desk.reply(small_desk.last(JOAO, "reminder"), "4") == "acted"
    rating = small_desk.ticket().rating
    assert rating
    assert rating.score == 4


def test_who_has_rated_is_not_reminded(small_desk: Desk) -> None:
    resolved(small_desk)
    small_desk.reply(small_desk.last(MARIA, "approval_requested"), "Aprovado.")
    small_desk.reply(small_desk.last(JOAO, "rating_requested"), "5")
    small_desk.out()
    assert at(small_desk, "30/11 12:00") == []
