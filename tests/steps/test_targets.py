"""Targets of a queue: agents hear when a first answer or a solution is nearly late, and when it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk import ANA, JOAO, Desk, config_text
from tests.steps.clock import at

CAIO = "caio@aurora.example"
WARNED = "target_warning"


@pytest.fixture
def timed(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Ten business hours (one day) for an answer, twenty for a solution."""
    text = config_text(tmp_path, database_url, response_hours="10", solution_hours="20")
    desk = Desk.open(text, tmp_path)
    yield desk
    desk.close()


def test_the_agents_of_the_queue_hear_twice_of_a_ticket_that_nobody_takes(timed: Desk) -> None:
    timed.send(JOAO)
    timed.out()
    assert at(timed, "24/11 17:59") == []
    assert at(timed, "24/11 18:00") == [(ANA, WARNED), (CAIO, WARNED)]
    assert "Primeira resposta com prazo perto" in str(timed.last(ANA, WARNED).mail["Subject"])
    assert at(timed, "25/11 09:59") == []
    assert at(timed, "25/11 10:00") == [(ANA, WARNED), (CAIO, WARNED)]
    assert "Primeira resposta atrasada" in str(timed.last(ANA, WARNED).mail["Subject"])
    assert at(timed, "25/11 10:01") == []


def test_the_assignee_hears_of_the_solution_and_pauses_do_not_count(timed: Desk) -> None:
    timed.send(JOAO)
    asked = timed.last(ANA, "agent_ticket_opened")
    timed.reply(asked, "#assumir")
    timed.reply(asked, "#pausar: aguardando peça")  # at once, on Tuesday at 10:00
    timed.out()
    assert at(timed, "27/11 12:00") == []
    timed.reply(asked, "#retomar")
    timed.out()
    assert at(timed, "30/11 17:59") == []
    assert at(timed, "30/11 18:00") == [(ANA, WARNED)]  # 16 hours after it went on
    assert "Solução com prazo perto" in str(timed.last(ANA, WARNED).mail["Subject"])
    assert at(timed, "01/12 12:00") == [(ANA, WARNED)]
    assert "Solução atrasada" in str(timed.last(ANA, WARNED).mail["Subject"])
    assert at(timed, "10/12 12:00") == []


def test_a_note_is_no_answer_and_a_reply_is(timed: Desk) -> None:
    timed.send(JOAO)
    asked = timed.last(ANA, "agent_ticket_opened")
    timed.reply(asked, "#nota: ligar amanhã")
    timed.out()
    assert [n for _, n in at(timed, "24/11 18:00")] == [WARNED, WARNED]
    timed.reply(asked, "Vou olhar hoje.")
    timed.out()
    assert at(timed, "25/11 10:00") == []


def test_a_solution_in_time_is_not_spoken_of(timed: Desk) -> None:
    timed.send(JOAO)
    timed.reply(timed.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    timed.out()
    assert at(timed, "26/11 10:00") == []


def test_after_a_month_each_target_is_told_once(timed: Desk) -> None:
    timed.send(JOAO)
    timed.out()
    told = at(timed, "24/12 10:00")
    assert told == [(ANA, WARNED), (CAIO, WARNED)] * 2
    subjects = {str(o.mail["Subject"]).split("]")[1].split(":")[0] for o in timed._all if o.notice == WARNED}
    assert subjects == {" Primeira resposta atrasada", " Solução atrasada"}


def test_a_queue_without_targets_warns_of_nothing(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    small_desk.out()
    assert at(small_desk, "24/12 10:00") == []
