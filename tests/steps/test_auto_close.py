"""A pause that waits for a requester who never answers: two warnings, then the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, Desk, config_text
from tests.steps.clock import at


def rests(desk: Desk, reason: str = "aguardando retorno do solicitante") -> None:
    """On Tuesday 24/11 at 10:00 an agent asks and waits."""
    desk.send(JOAO, cc=BIA)
    asked = desk.last(ANA, "agent_ticket_opened")
    desk.reply(asked, "#assumir")
    assert desk.reply(asked, f"#pausar: {reason}") == "acted"
    assert desk.ticket().status is Status.PAUSED
    desk.out()


def test_a_requester_who_never_answers_is_warned_twice_and_then_the_ticket_ends(desk: Desk) -> None:
    rests(desk)
    assert at(desk, "01/12 17:59") == []
    assert at(desk, "01/12 18:00") == [(JOAO, "auto_close_warning")]
    assert at(desk, "07/12 18:00") == [(JOAO, "auto_close_warning")]
    warning = desk.last(JOAO, "auto_close_warning")
    assert "08/12" in warning.text
    assert "aguardando retorno do solicitante" in warning.text
    assert at(desk, "08/12 17:59") == []
    assert at(desk, "08/12 18:00") == [(JOAO, "cancelled"), (BIA, "cancelled")]
    assert desk.ticket().status is Status.CANCELLED
    assert desk.history()[-1].text == "sem retorno"
    assert at(desk, "31/12 18:00") == []


def test_any_word_of_the_requester_ends_the_pause_and_the_next_one_counts_anew(small_desk: Desk) -> None:
    rests(small_desk)
    at(small_desk, "07/12 18:00")
    small_desk.reply(small_desk.last(JOAO, "auto_close_warning"), "Segue o número de série: 123.")
    assert small_desk.ticket().status is Status.IN_SERVICE
    small_desk.out()
    assert at(small_desk, "09/12 18:00") == []
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#pausar: aguardando retorno")
    small_desk.out()
    assert at(small_desk, "16/12 18:00") == [(JOAO, "auto_close_warning")]


def test_who_answers_a_warning_that_he_needs_no_more_has_closed_it(small_desk: Desk) -> None:
    rests(small_desk)
    at(small_desk, "01/12 18:00")
    assert small_desk.reply(small_desk.last(JOAO, "auto_close_warning"), "Resolvido.") == "acted"
    assert small_desk.ticket().status is Status.FINISHED


@pytest.mark.parametrize("reason", ["aguardando peça", "até 15/12: aguardando retorno"])
def test_a_pause_for_something_else_or_with_a_date_does_not_end_the_ticket(small_desk: Desk, reason: str) -> None:
    rests(small_desk) if not reason.startswith("até") else None
    if reason.startswith("até"):
        small_desk.send(JOAO)
        small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), f"#pausar {reason}")
    else:
        small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#retomar")
        small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), f"#pausar: {reason}")
    small_desk.out()
    assert at(small_desk, "14/12 18:00") == []
    assert small_desk.ticket().status is Status.PAUSED


def test_a_gateway_that_was_off_for_a_month_warns_first(small_desk: Desk) -> None:
    rests(small_desk)
    assert at(small_desk, "26/12 12:00") == [(JOAO, "auto_close_warning")]  # a Saturday
    assert "28/12" in small_desk.last(JOAO, "auto_close_warning").text
    assert at(small_desk, "28/12 17:59") == []
    assert (JOAO, "cancelled") in at(small_desk, "28/12 18:00")


def test_a_queue_may_say_never(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db", auto_close_days="0"), tmp_path)
    rests(desk)
    assert at(desk, "31/12 18:00") == []
    desk.close()
