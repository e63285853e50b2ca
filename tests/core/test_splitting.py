"""What an agent separates from a ticket is a new one for the same people."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailgateway.core.cases import Decision
from mailgateway.core.decide import decide
from mailgateway.core.notices import Event
from mailgateway.core.tickets import Asked, EntryKind, Follower, Link, Ticket
from mailgateway.core.workflow import OPEN, Act, Status
from tests.core.cast import ANA, EVA, FABIO, NOW, SONIA, Desk, at, desk, labels

A, S = Act, Status
ABOUT = "Separado do 123."


def split(made: Desk, text: str = "Teclado\nA tecla E falha.\nA do lado também.") -> Decision:
    return decide(made.case(ANA, next_number=200), Asked(A.SPLIT, text, name=ABOUT))


def new(made: Desk, text: str = "Teclado") -> Ticket:
    beside = split(made, text).beside
    assert beside
    return beside.ticket


def test_each_ticket_names_the_other() -> None:
    made = desk()
    decision = split(made)
    assert decision.ticket == replace(made.ticket, links=(Link(200, "split_into"),), updated_at=made.now, touched=True)
    assert [(e.kind, e.label, e.about) for e in decision.entries] == [(EntryKind.LINK, "split_into", "#200")]
    assert decision.happenings == ()
    beside = decision.beside
    assert beside
    assert (beside.ticket.number, beside.ticket.links) == (200, (Link(123, "split_from"),))
    assert beside.ticket.split_from == 123
    assert made.ticket.split_from is None
    assert [(e.kind, e.author, e.text, e.to_status) for e in beside.entries] == [
        (EntryKind.OPENED, ANA, "A tecla E falha.\nA do lado também.", S.WAITING),
        (EntryKind.LINK, ANA, "", None),
    ]
    assert labels(beside) == ["", "split_from"]
    assert [(h.event, h.text) for h in beside.happenings] == [(Event.OPENED, "A tecla E falha.\nA do lado também.")]


def test_the_first_line_is_the_subject_and_the_rest_describes_it() -> None:
    ticket = new(desk(), "Teclado\n\nA tecla E falha.")
    assert (ticket.subject, ticket.description) == ("Teclado", "A tecla E falha.")


def test_where_nothing_describes_it_the_description_says_where_it_comes_from() -> None:
    beside = split(desk(), "Teclado").beside
    assert beside
    assert (beside.ticket.subject, beside.ticket.description) == ("Teclado", ABOUT)
    assert beside.entries[0].text == ABOUT
    assert beside.happenings[0].text == "", "the mails say it in their own words"


def test_of_a_subject_that_is_too_long_no_word_is_lost() -> None:
    line = "muito " * 50
    ticket = new(desk(), f"{line}\nA tecla E falha.")
    assert len(ticket.subject) <= 200
    assert ticket.description == f"{line.strip()}\nA tecla E falha."


def test_the_same_people_and_nothing_else_goes_along() -> None:
    made = at(S.AWAITING_APPROVAL)
    made.ticket = replace(
        made.ticket,
        followers=(Follower(FABIO, NOW), Follower(EVA, NOW, held=True)),
        other_queues=("compras",),
        named=("x@fora.example",),
        priority="high",
        proven=False,
    )
    made.later(hours=1)
    ticket = new(made)
    assert ticket == Ticket(
        number=200,
        queue="suporte",
        subject="Teclado",
        description=ABOUT,
        status=S.WAITING,
        requester=SONIA,
        opened_at=made.now,
        updated_at=made.now,
        followers=(Follower(FABIO, made.now), Follower(EVA, made.now)),
        other_queues=("compras",),
        links=(Link(123, "split_from"),),
    )


@pytest.mark.parametrize("status", OPEN)
def test_the_ticket_itself_goes_on_as_it_was(status: Status) -> None:
    made = at(status)
    after = split(made).ticket
    assert (after.status, after.round, after.pause, after.assignee) == (
        made.ticket.status,
        made.ticket.round,
        made.ticket.pause,
        made.ticket.assignee,
    )


@pytest.mark.parametrize("text", ["", "  \n "])
def test_a_split_needs_a_subject(text: str) -> None:
    made = desk()
    assert split(made, text) == Decision(made.ticket, refusal="needs_subject")


@pytest.mark.parametrize("status", [S.FINISHED, S.CANCELLED])
def test_what_is_over_is_not_split(status: Status) -> None:
    assert split(at(status)).refusal == "wrong_status"
