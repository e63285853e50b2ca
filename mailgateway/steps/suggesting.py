"""What the FAQ may already answer: shown in the confirmation of a ticket, counted when it closed one."""

from __future__ import annotations

from mailgateway.core.lists import Match
from mailgateway.core.tickets import Ticket
from mailgateway.steps.context import Work
from mailgateway.store import faq, milestones

_SHOWN = "faq"  # a milestone "faq:2:17": the second match that this ticket's confirmation showed is article 17


def suggest(work: Work, ticket: Ticket) -> tuple[Match, ...]:
    """Up to three articles about a new ticket; which ones they were is remembered under their numbers there."""
    if not (ticket.proven and _has_articles(work)):
        return ()
    person = ticket.requester
    language = (person.language if person else "") or work.gateway.language
    text = f"{ticket.subject}\n{ticket.description}"
    found = faq.search(work.set.connection, text, language, queue=ticket.queue)
    work.set.reach(ticket.number, *(f"{_SHOWN}:{n}:{match.number}" for n, match in enumerate(found, 1)))
    return tuple(Match(match.title, match.snippet) for match in found)


def _has_articles(work: Work) -> bool:
    """Looked up once a batch: most desks begin without any."""
    if work.has_articles is None:
        work.has_articles = bool(faq.page(work.set.connection, limit=1))
    return work.has_articles


def deflected(work: Work, ticket: Ticket, shown: int) -> None:
    """The requester says that the match with this number has solved his ticket."""
    work.set.save(work.now)
    for name in milestones.reached(work.set.connection, [ticket.number]).get(ticket.number, {}):
        if name.startswith(f"{_SHOWN}:{shown}:"):
            work.set.deflected(int(name.rpartition(":")[2]))
