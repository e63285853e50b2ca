"""What a mail asks of the database is no more in a large desk: SQLite's own steps are counted, not time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from bench import scale, scene
from bench.statements import OUR_OWN
from bench.station import Station
from mailgateway.core import lists

SMALL, LARGE = 1_000, 8_000  # tickets; a person has opened twenty in both
MOST = 1.3
EVERY = 10  # steps of its virtual machine between two looks


class Steps:
    """Counts what SQLite does on all connections of one desk, but for what the benchmark asks by itself."""

    def __init__(self, desk: Station) -> None:
        self.count = 0
        self._each = EVERY
        engine = desk.gateway.database.engine
        desk.gateway.database.close()  # connections that are open are not counted
        event.listen(engine, "connect", lambda connection, _: connection.set_progress_handler(self._tick, EVERY))
        event.listen(engine, "before_cursor_execute", self._begin)

    def _begin(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._each = 0 if " ".join(statement.split()).startswith(OUR_OWN) else EVERY

    def _tick(self) -> int:
        self.count += self._each
        return 0


@pytest.fixture(scope="module")
def desks() -> Iterator[dict[int, tuple[Station, Steps]]]:
    with contextlib.ExitStack() as stack:
        filled = {size: scale.filled(stack, size) for size in (SMALL, LARGE)}
        yield {size: (desk, Steps(desk)) for size, desk in filled.items()}


@pytest.mark.parametrize("work", [pytest.param(work, id=what) for what, work, _ in scale.KINDS])
def test_no_mail_costs_more_in_a_large_desk(
    desks: dict[int, tuple[Station, Steps]], monkeypatch: pytest.MonkeyPatch, work: scale.Work
) -> None:
    for name in ("MAILS", "PAGES", "ALONE"):
        monkeypatch.setattr(scale, name, 2)
    monkeypatch.setattr(lists, "COUNTED", SMALL // 50)  # so that counting ends in the small desk, too
    spent = {}
    for size, (desk, steps) in desks.items():
        before = steps.count
        work(desk, size)
        spent[size] = steps.count - before
    assert spent[LARGE] <= MOST * spent[SMALL], spent


def test_what_a_comment_leaves_as_it_is_is_not_written(desks: dict[int, tuple[Station, Steps]]) -> None:
    """SQLite writes an entry of each index whose column an UPDATE names, also where it stays the same."""
    desk, _ = desks[SMALL]
    written: set[str] = set()

    def look(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        written.add(" ".join(statement.split()))

    event.listen(desk.gateway.database.engine, "before_cursor_execute", look)
    desk.lap(scale.old_comments(desk, SMALL)[:2], "commented", 2)
    event.remove(desk.gateway.database.engine, "before_cursor_execute", look)
    assert {s for s in written if s.startswith("UPDATE tickets")} == {
        "UPDATE tickets SET updated_at=? WHERE tickets.number = ?"
    }


@pytest.mark.parametrize("kind", ["new", "comment", "approval"])
def test_a_batch_asks_the_database_as_often_however_many_mails_it_has(
    desks: dict[int, tuple[Station, Steps]], kind: str
) -> None:
    desk, _ = desks[SMALL]
    asked = []
    for mails in (5, 25):
        match kind:
            case "comment":
                desk.take(desk.comments(mails))
            case "approval":
                desk.take(desk.approvals(mails))
            case _:
                desk.take([scene.plain(number) for number in desk.fresh(mails)])
        asked.append(0)

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked[-1] += "faq" not in statement  # each new ticket is a search of its own

        event.listen(desk.gateway.database.engine, "before_cursor_execute", count)
        desk.work()
        event.remove(desk.gateway.database.engine, "before_cursor_execute", count)
    assert asked[1] <= asked[0] + 5, asked
