"""A storm is over in one mail: what was held back is told at the next full hour, to each person once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from mailgateway.core.keys import Purpose
from mailgateway.core.lists import Told
from mailgateway.core.manual import example
from mailgateway.core.messages import Line
from mailgateway.core.notices import REQUESTS, Notice
from mailgateway.core.people import Person
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import post, tell
from mailgateway.steps.context import Cause, Gateway, Work
from mailgateway.steps.parts import in_parts
from mailgateway.store import digests
from mailgateway.store.workset import Wanted, Workset


def send_digests(gateway: Gateway, now: datetime) -> None:
    """One mail for each person who was spared some before this full hour."""
    hour = now.astimezone(gateway.calendar.zone).replace(minute=0, second=0, microsecond=0)
    with gateway.database.read() as connection:
        owed = digests.owed(connection, hour)
    in_parts(owed, lambda part: _send(gateway, part, hour, now))


def _send(gateway: Gateway, addresses: Sequence[str], hour: datetime, now: datetime) -> None:
    with gateway.database.write(decide=True) as connection:
        rows = digests.held(connection, addresses, hour)
        emails = set(gateway.house.agent_addresses()) | {row.to for row in rows}
        wanted = Wanted(emails=emails, tickets={row.ticket for row in rows if row.ticket})
        work = Work(gateway, Workset(connection, wanted), now)
        work.set.load_purses()
        authors = digests.authors(connection, rows)
        for address in dict.fromkeys(row.to for row in rows):
            person = work.set.people.by_address[address]
            told = [_told(work, row, person, authors.get(row.inbox_id)) for row in rows if row.to == address]
            _digest(work, person, tuple(told))
        digests.carried(connection, [row.id for row in rows])
        work.set.save(now)


def _digest(work: Work, person: Person, told: tuple[Told, ...]) -> None:
    """What was held back, oldest first."""
    last = next((work.set.tickets[item.number] for item in reversed(told) if item.number), None)
    labels = work.gateway.phrases.labels(person.language or work.gateway.language)
    see = example(Act.STATUS, labels)
    lines = (replace(see, text=f"{see.text}{last.number}", placeholder=""),) if last else ()
    role = tell.role_of(work, last, person) if last else Role.REQUESTER
    notice = Notice("digest", person, role, Purpose.TALK, work.now, told=told, lines=lines)
    post.send(work, notice, Cause(), queue=work.queue(last) if last else None)


def _told(work: Work, row: Row[Any], person: Person, author: Person | None) -> Told:
    ticket = work.set.tickets.get(row.ticket)
    if ticket is None:
        return Told(row.notice, row.created_at, by=author)
    lines, reply_to = _decision(work, ticket, person) if row.notice in REQUESTS else ((), "")
    return Told(row.notice, row.created_at, ticket.number, ticket.subject, author, lines, reply_to)


def _decision(work: Work, ticket: Ticket, person: Person) -> tuple[tuple[Line, ...], str]:
    """The two lines that decide, and where they go; nothing where it is decided."""
    seat = ticket.open_round.seat_at(person, work.now) if ticket.open_round else None
    if seat is None or seat.vote is not None or work.queue(ticket).reply_address == "none":
        return (), ""
    lines = tell.lines(work, ticket, person, "approval_requested")[:2]
    return lines, post.reply_address(work, person, ticket, Purpose.DECIDE)
