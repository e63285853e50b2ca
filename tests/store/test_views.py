"""VIEWS: what each person sees in each list, on both databases; pages by number; indexes that are used."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import event

from mailgateway.core import lists
from mailgateway.core.people import Person
from mailgateway.core.tickets import Asked
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import Act
from mailgateway.steps import act
from mailgateway.store import people, views
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, config_text

CAIO, OUTRA = "caio@aurora.example", "outra@fora.example"


def person(desk: Desk, email: str) -> Person | None:
    if not email:
        return None
    with desk.gateway.database.read() as connection:
        return people.load(connection, emails=[email]).by_address.get(email) or Person(0, "", email, (email,))


def seen(desk: Desk, view: str, email: str = "", **page: int | bool) -> list[int]:
    who = views.viewer(person(desk, email), desk.gateway.house, desk.now)
    with desk.gateway.database.read() as connection:
        return [r.number for r in views.page(connection, view, who, **page)]  # type: ignore[arg-type]


def do(desk: Desk, number: int, what: Act, as_email: str = "", **said: object) -> None:
    act.act(desk.gateway, number, Asked(what, **said), as_email, desk.now)  # type: ignore[arg-type]


@pytest.fixture
def house(desk: Desk) -> Desk:
    """1 waits, 2 in service, 3 paused, 4 awaits approval, 5 rejected, 6 finished, 7 cancelled, 8 is for purchases."""
    for _ in range(7):
        desk.send(f"João <{JOAO}>", cc=BIA)
    desk.send(OUTRA, to="compras@aurora.example")
    do(desk, 2, Act.TAKE, ANA)
    do(desk, 3, Act.PAUSE, text="peça")
    for number in (4, 5, 6):
        do(desk, number, Act.RESOLVE, ANA, text="pronto")
    do(desk, 5, Act.REJECT, MARIA, text="não")
    do(desk, 6, Act.APPROVE, MARIA)
    do(desk, 7, Act.CANCEL, text="engano")
    return desk


#: Who sees what: by view, then by person ("" is the operator).
EXPECTED: Mapping[str, Mapping[str, list[int]]] = {
    "all": {
        "": [1, 2, 3, 4, 5, 6, 7, 8],
        ANA: [1, 2, 3, 4, 5, 6, 7],
        CAIO: [1, 2, 3, 4, 5, 6, 7, 8],
        JOAO: [1, 2, 3, 4, 5, 6, 7],
        BIA: [1, 2, 3, 4, 5, 6, 7],
        OUTRA: [8],
        MARIA: [],
    },
    "mine": {ANA: [2, 4, 5, 6], CAIO: [], JOAO: [1, 2, 3, 4, 5, 6, 7], BIA: [1, 2, 3, 4, 5, 6, 7], OUTRA: [8]},
    "waiting": {"": [1, 8], ANA: [1], CAIO: [1, 8], JOAO: [1], OUTRA: [8]},
    "in_service": {"": [2], ANA: [2], JOAO: [2], OUTRA: []},
    "paused": {"": [3], JOAO: [3], OUTRA: []},
    "awaiting_approval": {"": [4], ANA: [4], JOAO: [4], OUTRA: []},
    "my_approval": {"": [4], MARIA: [4], JOAO: [], ANA: []},
    "rejected": {"": [5], ANA: [5], OUTRA: []},
    "to_rate": {"": [6], JOAO: [6], BIA: [], ANA: []},
    "finished": {"": [6], ANA: [6], BIA: [6], OUTRA: []},
    "faq": {"": [], ANA: [], JOAO: []},
}


def test_everybody_sees_what_is_his(house: Desk) -> None:
    found = {view: {who: seen(house, view, who) for who in people} for view, people in EXPECTED.items()}
    assert found == EXPECTED


def test_the_views_are_those_that_people_know() -> None:
    assert tuple(VIEWS) == tuple(EXPECTED)


def test_a_vote_and_a_rating_leave_their_views(house: Desk) -> None:
    do(house, 4, Act.APPROVE, MARIA)
    do(house, 6, Act.RATE, JOAO, score=5)
    assert seen(house, "my_approval", MARIA) == []
    assert seen(house, "to_rate", JOAO) == [4]


def test_a_round_that_is_over_waits_for_nobody(house: Desk) -> None:
    """Silent seats of a round that another has replaced, or that somebody's vote has ended, are in no list."""
    do(house, 4, Act.RESOLVE, ANA, text="de novo", emails=(MARIA, BIA))
    assert (seen(house, "my_approval", MARIA), seen(house, "my_approval", BIA)) == ([4], [4])
    assert seen(house, "my_approval") == [4]
    do(house, 4, Act.APPROVE, BIA)
    assert (seen(house, "my_approval", MARIA), seen(house, "my_approval", BIA)) == ([], [])


def test_a_person_with_several_places_sees_each_ticket_once(house: Desk) -> None:
    do(house, 2, Act.FOLLOW, ANA)
    assert seen(house, "all", ANA) == [1, 2, 3, 4, 5, 6, 7]
    who = views.viewer(person(house, ANA), house.gateway.house, house.now)
    with house.gateway.database.read() as connection:
        assert views.numbers(connection, "all", who, 3) == [1, 2, 3]
        assert views.count(connection, "all", who) == 7


def test_counting_ends_somewhere(house: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNTED", 3)
    who = views.viewer(person(house, JOAO), house.gateway.house, house.now)
    with house.gateway.database.read() as connection:
        assert [views.count(connection, view, who) for view in ("all", "waiting", "faq")] == [3, 1, 0]


def test_an_addressed_second_queue_sees_the_ticket_too(desk: Desk) -> None:
    desk.send(JOAO, to=f"compras@aurora.example, {QUEUE}")
    assert seen(desk, "all", ANA) == [1]


def test_nobody_known_sees_nothing(house: Desk) -> None:
    assert [view for view in VIEWS if seen(house, view, "ninguem@fora.example")] == []


def test_pages_go_by_number(house: Desk) -> None:
    assert seen(house, "all", limit=3) == [1, 2, 3]
    assert seen(house, "all", limit=3, after=3) == [4, 5, 6]
    assert seen(house, "all", limit=2, newest_first=True) == [8, 7]
    assert seen(house, "all", JOAO, limit=2, after=6, newest_first=True) == [5, 4]


def test_rows_name_requester_and_assignee(house: Desk) -> None:
    with house.gateway.database.read() as connection:
        rows = views.page(connection, "all", views.viewer(None, house.gateway.house, house.now), limit=2)
    assert [(r.requester_name, r.requester_email, r.assignee_email) for r in rows] == [
        ("João", JOAO, None),
        ("João", JOAO, ANA),
    ]


@pytest.mark.parametrize("view", [v for v in VIEWS if v != "faq"])
@pytest.mark.parametrize("who", [JOAO, ANA, MARIA])
def test_no_view_of_a_person_reads_all_tickets(small_desk: Desk, view: str, who: str) -> None:
    small_desk.send(f"João <{JOAO}>")
    database = small_desk.gateway.database
    statements: list[tuple[str, tuple[object, ...]]] = []
    viewer = views.viewer(person(small_desk, who), small_desk.gateway.house, small_desk.now)
    with database.read() as connection:
        event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
        views.page(connection, view, viewer, limit=20)
        statement, values = statements[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row[3] for row in plan]
    assert not [s for s in steps if re.match(r"SCAN tickets\b(?! USING)", s)], steps


def test_whoever_has_voted_waits_no_more_while_the_others_do(tmp_path: Path) -> None:
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers=f'["{MARIA}", "{BIA}"]', rule='"all"')
    with contextlib.closing(Desk.open(text, tmp_path)) as desk:
        desk.send(JOAO)
        do(desk, 1, Act.RESOLVE, ANA, text="pronto")
        assert [seen(desk, "my_approval", email) for email in (MARIA, BIA)] == [[1], [1]]
        do(desk, 1, Act.APPROVE, MARIA)
        assert [seen(desk, "my_approval", email) for email in (MARIA, BIA)] == [[], [1]]
        do(desk, 1, Act.APPROVE, BIA)
        assert seen(desk, "my_approval", BIA) == []
