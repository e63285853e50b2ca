"""`explain` decides a mail like any other, and not one row is another one afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mailgateway.core.messages import Envelope
from mailgateway.steps import faq as importing
from mailgateway.steps.foresee import foresee
from mailgateway.store import tables
from tests.desk import ANA, JOAO, QUEUE, Desk

EVA = "eva@fora.example"
ARTICLES = Path(__file__).parent.parent / "faq"


@pytest.fixture
def opened(desk: Desk) -> Desk:
    """Ticket 1 of João, whose confirmation offers an answer of the FAQ."""
    importing.import_folder(desk.gateway, ARTICLES, desk.now)
    desk.send(JOAO, "A impressora não imprime, já desliguei e liguei.", subject="Impressora não imprime")
    return desk


def _rows(desk: Desk) -> dict[str, Any]:
    """How many rows each table has, and the counters."""
    with desk.gateway.database.read() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables.metadata.sorted_tables
        }
        deflections = connection.execute(select(func.sum(tables.faq.c.deflections))).scalar_one()
        return counts | {
            "numbers": sorted((r.name, r.value) for r in connection.execute(select(tables.counters))),
            "deflections": deflections,
        }


@pytest.mark.parametrize(
    ("who", "answers", "text", "outcome"),
    [
        (EVA, "", "#chamados", "answered"),
        (EVA, "", "Outro caso.", "opened"),
        (ANA, "agent_ticket_opened", "#assumir\n#status", "acted"),
        (ANA, "agent_ticket_opened", "#dividir: teclado\n#status", "acted"),
        (JOAO, "ticket_opened", "#status\nAinda não imprime.", "answered"),
        (JOAO, "ticket_opened", "resolvido 1", "acted"),
    ],
)
def test_nothing_is_written(opened: Desk, who: str, answers: str, text: str, outcome: str) -> None:
    to = opened.last(who, answers).reply_to if answers else QUEUE
    before = _rows(opened)
    raw = opened.mail(who, text, subject="Oi", to=to)
    assert foresee(opened.gateway, raw, Envelope("pipe", who, (to,)), opened.now).ending.outcome == outcome
    assert _rows(opened) == before
    assert opened.ticket().status == "waiting"
