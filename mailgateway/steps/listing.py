"""One ticket as a row of a list by mail: what it is, until when, and what its reader may do about it."""

from __future__ import annotations

from datetime import datetime

from mailgateway.core import access, rounds
from mailgateway.core.acts_of_requesters import may_rate
from mailgateway.core.keys import Purpose
from mailgateway.core.lists import ROW_LINKS, Listed
from mailgateway.core.messages import Line
from mailgateway.core.people import Person
from mailgateway.core.printed import line_of
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Act, Role, Status
from mailgateway.steps import post, tell
from mailgateway.steps.context import Work


def listed(work: Work, person: Person, ticket: Ticket) -> Listed:
    """One row: what he may do about it are its links, sent to an address of his for this ticket."""
    purpose, lines = _actions(work, person, ticket)
    return Listed(
        number=ticket.number,
        subject=ticket.subject,
        status=ticket.status,
        requester=ticket.requester,
        since=ticket.updated_at,
        until=_until(work, ticket),
        lines=lines,
        reply_to=post.reply_address(work, person, ticket, purpose),
    )


def _actions(work: Work, person: Person, ticket: Ticket) -> tuple[Purpose, tuple[Line, ...]]:
    """A decision or a rating where one is awaited of him, else what may be done; his state of it always."""
    labels = work.gateway.phrases.labels(person.language or work.gateway.language)
    status = line_of(Act.STATUS, labels)
    roles = access.roles_of(person, ticket, work.gateway.house.queues)
    open_ = ticket.open_round
    if open_ and (seat := open_.seat_at(person, work.now)) and seat.vote is None:
        purpose = Purpose.DECIDE
    elif Role.REQUESTER in roles and _awaits_rating(work, ticket):
        purpose = Purpose.RATE
    else:
        purpose = Purpose.TALK
    return purpose, (*tell.lines_by(work, ticket, person, purpose)[: ROW_LINKS - 1], status)


def _awaits_rating(work: Work, ticket: Ticket) -> bool:
    return ticket.status is Status.FINISHED and ticket.rating is None and may_rate(ticket, work.now)


def _until(work: Work, ticket: Ticket) -> datetime | None:
    if ticket.open_round:
        return rounds.answer_by(ticket.open_round, work.queue(ticket), work.gateway.calendar)
    return ticket.pause.until if ticket.pause else None
