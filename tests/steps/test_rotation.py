"""The secret is replaced while people answer: the first of a list signs, all verify, one that is gone does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgateway.core import keys
from tests.desk import ANA, JOAO, MARIA, Desk, config_text

OLD, NEW = "a-first-secret-of-32-characters-or-more", "another-secret-of-32-characters-or-more"


@pytest.fixture
def with_secrets(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """The same desk, started anew with these secrets."""
    opened = list[Desk]()

    def start(*secrets: str) -> Desk:
        said = config_text(tmp_path, database_url)
        line = next(line for line in said.splitlines() if line.startswith("secret"))
        opened.append(Desk.open(said.replace(line, f"secret = {list(secrets)}"), tmp_path))
        opened[-1]._count = 100 * len(opened)
        return opened[-1]

    yield start
    for desk in opened:
        desk.close()


def test_replies_to_mails_of_before_count_until_their_secret_is_left_out(with_secrets: Callable[..., Desk]) -> None:
    first = with_secrets(OLD)
    first.send(JOAO)
    asked_before = first.last(ANA, "agent_ticket_opened")
    second = with_secrets(NEW, OLD)
    assert second.reply(asked_before, "#resolver: troquei o cabo", auth="") == "acted"  # by its key alone
    request = second.last(MARIA, "approval_requested")
    assert keys.read(request.reply_to, (NEW,))
    assert keys.read(request.reply_to, (OLD,)) is None
    third = with_secrets(NEW)
    assert third.reply(asked_before, "#retirar", auth="") != "acted"
    assert third.ticket().status == "awaiting_approval"
    assert third.reply(request, "Aprovado") == "acted"
    assert third.ticket().status == "finished"
