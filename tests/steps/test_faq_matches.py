"""The FAQ beside a new ticket: shown in the confirmation, closing the ticket by a reply, and counted."""

from __future__ import annotations

from pathlib import Path

from mailgateway.core.workflow import Status
from mailgateway.steps import faq as importing
from mailgateway.store import faq
from tests.desk import ANA, JOAO, Desk

ARTICLES = Path(__file__).parent.parent / "faq"


def _with_faq(desk: Desk) -> Desk:
    importing.import_folder(desk.gateway, ARTICLES, desk.now)
    return desk


def test_a_match_in_the_confirmation_closes_the_ticket_and_is_counted(desk: Desk) -> None:
    _with_faq(desk)
    desk.send(JOAO, "A impressora não imprime, já desliguei e liguei.", subject="Impressora não imprime")
    confirmation = desk.last(JOAO, "ticket_opened")
    assert "resolvido 1" in confirmation.text
    assert desk.reply(confirmation, "resolvido 1") == "acted"
    assert desk.ticket().status is Status.FINISHED
    with desk.gateway.database.read() as connection:
        counted = {s.article.title: s.deflections for s in faq.page(connection)}
    assert sum(counted.values()) == 1
    (title,) = [t for t, n in counted.items() if n]
    assert title in confirmation.text


def test_a_match_that_only_asks_to_close_is_not_counted(desk: Desk) -> None:
    """While an approval is awaited that is not his to say: his wish goes to the agents."""
    _with_faq(desk)
    desk.send(JOAO, "A impressora não imprime, já desliguei e liguei.", subject="Impressora não imprime")
    confirmation = desk.last(JOAO, "ticket_opened")
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: trocada")
    assert desk.reply(confirmation, "resolvido 1") == "commented"
    with desk.gateway.database.read() as connection:
        assert not any(s.deflections for s in faq.page(connection))


def test_without_a_match_nothing_is_offered(desk: Desk) -> None:
    _with_faq(desk)
    desk.send(JOAO, "Xilofone quebrado.", subject="Zebra")
    assert "resolvido 1" not in desk.last(JOAO, "ticket_opened").text


def test_an_unproven_sender_is_shown_no_match(desk: Desk) -> None:
    _with_faq(desk)
    desk.send(JOAO, "A impressora não imprime.", subject="Impressora não imprime", auth="")
    assert "resolvido 1" not in desk.last(JOAO, "ticket_opened").text
