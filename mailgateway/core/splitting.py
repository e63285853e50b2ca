"""One ticket becomes two: what an agent separates is a new ticket for the same people, and each names the other."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Case, Decision, Happening, line, refused
from mailgateway.core.notices import Event
from mailgateway.core.tickets import (
    LONGEST_SUBJECT,
    SPLIT_FROM,
    SPLIT_INTO,
    Asked,
    Entry,
    EntryKind,
    Follower,
    Link,
    Ticket,
)
from mailgateway.core.workflow import Status


def split(case: Case, asked: Asked) -> Decision:
    """`beside` is the new ticket: it waits anew, and nothing that was said here goes along."""
    subject, written = _form(asked.text)
    if not subject:
        return refused(case, "needs_subject")
    link = Link(case.next_number, SPLIT_INTO)
    entry = line(case, EntryKind.LINK, label=SPLIT_INTO, about=f"#{link.number}")
    ticket = replace(case.ticket, links=(*case.ticket.links, link))
    return Decision(ticket, (entry,), beside=_opened(case, subject, written, asked.name))


def _form(text: str) -> tuple[str, str]:
    """The first line is the subject; one that is too long for that begins the description too."""
    subject, _, rest = text.strip().partition("\n")
    subject = subject.strip()
    return subject[:LONGEST_SUBJECT], rest.strip() if len(subject) <= LONGEST_SUBJECT else f"{subject}\n{rest}".strip()


def _opened(case: Case, subject: str, written: str, origin: str) -> Decision:
    old = case.ticket
    ticket = Ticket(
        number=case.next_number,
        queue=old.queue,
        subject=subject,
        description=written or origin,
        status=Status.WAITING,
        requester=old.requester,
        opened_at=case.now,
        updated_at=case.now,
        followers=tuple(Follower(f.person, case.now) for f in old.followers),
        other_queues=old.other_queues,
        links=(Link(old.number, SPLIT_FROM),),
    )
    opened = Entry(EntryKind.OPENED, case.now, case.actor, ticket.description, to_status=Status.WAITING)
    separated = line(case, EntryKind.LINK, label=SPLIT_FROM, about=f"#{old.number}")
    return Decision(ticket, (opened, separated), (Happening(Event.OPENED, written),))
