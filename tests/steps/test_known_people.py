"""People who are known from elsewhere: named in a line, or authors of an old line, they are who they were."""

from __future__ import annotations

from tests.desk import ANA, BIA, JOAO, Desk

EVA = "eva@fora.example"


def _number(desk: Desk, author: str) -> int:
    desk.send(author)
    return desk.items()[-1].ticket


def test_an_address_that_is_known_from_another_ticket_may_be_named(desk: Desk) -> None:
    desk.send(EVA)
    eva = desk.person(EVA)
    number = _number(desk, JOAO)
    assert desk.reply(desk.last(ANA, "agent_ticket_opened"), f"#solicitar-aprovação {EVA}: troquei o cabo") == "acted"
    round_ = desk.ticket(number).round
    assert round_
    assert [s.person for s in round_.seats] == [eva]


def test_the_history_may_name_somebody_who_takes_part_no_more(desk: Desk) -> None:
    desk.send(JOAO, cc=BIA)
    added = desk.last(BIA, "follower_added")
    desk.reply(added, "Aqui também não imprime.")
    desk.reply(added, "#sair")
    assert desk.reply(desk.last(JOAO, "ticket_opened"), "#status") == "answered"
    assert "Aqui também não imprime." in desk.last(JOAO, "status").text
