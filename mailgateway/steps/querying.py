"""Lists, the state of a ticket, the FAQ and the help, asked for by mail: answered, and nothing is changed.

The answer goes to the registered address only, and only to somebody whose mail is proven: everybody else hears a
refusal that reveals nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgateway.core import access, rounds
from mailgateway.core.commands import Reading, Situation, read, subject_query
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.lists import PAGE_ROWS, ROW_LINKS, Listed, Match
from mailgateway.core.manual import chapters
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Person
from mailgateway.core.printed import line_of
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import QUERIES, Act, Role, Status
from mailgateway.steps import answering, opening, post, tell
from mailgateway.steps.answering import Reply
from mailgateway.steps.context import Cause, Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared
from mailgateway.store import faq, tickets, views

PAGE_DAYS = 7
LAST_PAGE = 50  # nobody reads further by mail; the portal does
_ENTRIES = 3  # of the latest public lines in a status mail


@dataclass(frozen=True, slots=True)
class Query:
    """One question of one person; `ticket` is the one that his mail is about, if any."""

    person: Person
    asked: Asked
    cause: Cause
    ticket: Ticket | None = None


def first(work: Work, mail: Prepared, key: Key | None) -> Ending | None:
    """A mail that leads to no ticket and asks something: by its subject, by `#verb` lines, by a page's address.

    None where it asks nothing. `key` is a reply address without a ticket.
    """
    author = work.author(mail.author, proven=mail.proven) if mail.author else None
    if author is None or not mail.screen.may_command:
        return None
    owned = bool(key and key.person_id == author.id and key.holds(work.now)) and mail.verdict.level != "fail"
    asked = _asked(work, mail, key if owned else None)
    if key and [a.act for a in asked] == [Act.OPEN]:
        return opening.open_ticket(work, mail, "no_reference", text=key.about)
    if not asked:
        return None
    cause = Cause(mail.item.id, mail.mail.message_id, proven=mail.proven, may_answer=mail.screen.may_answer)
    queries = [Query(author, a, cause) for a in asked]
    if not (owned or mail.verdict.level == "aligned"):
        return refuse(work, queries[0])
    return [answer(work, query) for query in queries][-1]


def _asked(work: Work, mail: Prepared, key: Key | None) -> list[Asked]:
    """The subject's question, else those of the text, else the next page of a list that is answered with anything."""
    phrases = work.gateway.phrases
    calendar = work.gateway.calendar
    if (query := subject_query(mail.mail.subject, phrases)) and not key:
        return [query]
    purpose = key.purpose if key else ""
    situation = Situation(purpose=purpose, timezone=calendar.zone, end_of_business_day=calendar.end_of)
    acts = read(mail.mail.parts.new, situation, phrases, work.now).acts
    if acts:
        opens = key is not None and [a.act for a in acts] == [Act.OPEN]  # "abrir", below what the FAQ answered
        return list(acts) if opens or all(a.act in QUERIES for a in acts) else []
    if key and key.purpose is Purpose.PAGE:
        view, _, page = key.about.partition(":")
        return [Asked(Act.LIST, name=view, number=int(page))]
    return []


def on_ticket(work: Work, it: Reply, reading: Reading) -> Ending:
    """Questions in a reply; the words beside them are kept."""
    if reading.comment.strip():
        answering.keep(work, it, reading.comment.strip())
    queries = [Query(it.author, a, it.cause, work.set.tickets[it.ticket.number]) for a in reading.acts]
    if not it.proven or not it.mail.screen.may_answer:
        return refuse(work, queries[0])
    return [answer(work, query) for query in queries][-1]


def answer(work: Work, query: Query) -> Ending:
    """Answer one query by one mail."""
    work.set.save(work.now)  # lists are read from the rows: what this batch did so far must be among them
    return _ANSWERS[query.asked.act](work, query)


def _list(work: Work, query: Query) -> Ending:
    view, page = query.asked.name or "mine", min(query.asked.number or 1, LAST_PAGE)
    if view == "faq":
        return _faq(work, query)
    viewer = views.viewer(query.person, work.gateway.house)
    rows = views.page(work.set.connection, view, viewer, limit=PAGE_ROWS * page)
    numbers = [row.number for row in rows[PAGE_ROWS * (page - 1) :]]
    work.set.fetch(numbers)
    listed = tuple(_listed(work, query.person, work.set.tickets[number]) for number in numbers)
    counts = tuple((name, views.count(work.set.connection, name, viewer)) for name in views.VIEWS if name != "faq")
    notice = replace(
        _blank(work, query, "view", Purpose.PAGE),
        view=view,
        page=page,
        listed=tuple(sorted(listed, key=lambda row: (row.until is None, row.until or row.since))),
        total=dict(counts)[view],
        others=tuple((name, count) for name, count in counts if name != view),
        role=Role.AGENT if viewer.queues else "author",
    )
    _send(work, query, notice, about=f"{view}:{page + 1}")
    return Ending(Outcome.ANSWERED, "listed", work.gateway.phrases.labels(work.gateway.language).views[view])


def _listed(work: Work, person: Person, ticket: Ticket) -> Listed:
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
    if open_ and (seat := open_.seat_of(person)) and seat.vote is None:
        purpose = Purpose.DECIDE
    elif ticket.status is Status.FINISHED and Role.REQUESTER in roles and ticket.rating is None:
        purpose = Purpose.RATE
    else:
        purpose = Purpose.TALK
    return purpose, (*tell.lines_by(work, ticket, person, purpose)[: ROW_LINKS - 1], status)


def _until(work: Work, ticket: Ticket) -> datetime | None:
    if ticket.open_round:
        return rounds.answer_by(ticket.open_round, work.queue(ticket), work.gateway.calendar)
    return ticket.pause.until if ticket.pause else None


def _status(work: Work, query: Query) -> Ending:
    number = query.asked.number or (query.ticket.number if query.ticket else 0)
    work.set.fetch([number])
    ticket = work.set.tickets.get(number)
    roles = access.roles_of(query.person, ticket, work.gateway.house.queues) if ticket else frozenset()
    if ticket is None or not roles:
        return refuse(work, query)
    history = [entry for _, entry in tickets.history(work.set.connection, number, work.set.people)]
    seen = [e for e in history if not e.internal and access.sees(e, query.person, roles, ticket)]
    notice = replace(
        _blank(work, query, "status", Purpose.TALK),
        ticket=ticket,
        entries=tuple(reversed(seen[-_ENTRIES:])),
        lines=tell.lines(work, ticket, query.person, "status"),
        role=tell.role_of(work, ticket, query.person),
    )
    _send(work, query, notice)
    return Ending(Outcome.ANSWERED, "told_status", f"#{number}", number)


def _faq(work: Work, query: Query) -> Ending:
    language = query.person.language or work.gateway.language
    found = faq.search(work.set.connection, query.asked.text, language)
    labels = work.gateway.phrases.labels(language)
    notice = replace(
        _blank(work, query, "faq", Purpose.TALK),
        terms=query.asked.text,
        matches=tuple(Match(m.title, m.snippet) for m in found),
        lines=(Line(labels.printed["open"], "", Act.OPEN),),
    )
    _send(work, query, notice, about=query.asked.text)
    return Ending(Outcome.ANSWERED, "told_faq", str(len(found)))


def _help(work: Work, query: Query) -> Ending:
    agent = any(queue.has_agent(query.person) for queue in work.gateway.house.queues)
    roles = {Role.REQUESTER, *((Role.AGENT,) if agent else ())}
    if query.ticket:
        roles |= access.roles_of(query.person, query.ticket, work.gateway.house.queues)
    labels = work.gateway.phrases.labels(query.person.language or work.gateway.language)
    notice = replace(_blank(work, query, "help", Purpose.TALK), chapters=chapters(frozenset(roles), labels))
    _send(work, query, replace(notice, role=Role.AGENT if agent else "author"))
    return Ending(Outcome.ANSWERED, "told_help")


def refuse(work: Work, query: Query) -> Ending:
    """The same words whether there is such a ticket or not, and whoever asks."""
    notice = replace(_blank(work, query, "refused", Purpose.TALK), reason="not_participant", own_words_only=True)
    if query.cause.may_answer:
        _send(work, query, notice)
    return Ending(Outcome.REFUSED, "not_participant")


def _blank(work: Work, query: Query, name: str, purpose: Purpose) -> Notice:
    return Notice(name, query.person, "author", purpose, work.now)


def _send(work: Work, query: Query, notice: Notice, about: str = "") -> None:
    expires = work.now + timedelta(days=PAGE_DAYS)
    key = work.set.free_key(query.person, notice.purpose, expires, about) if notice.ticket is None else None
    post.send(work, notice, query.cause, answer=True, key=key)


_ANSWERS: dict[Act, Callable[[Work, Query], Ending]] = {
    Act.LIST: _list,
    Act.STATUS: _status,
    Act.FAQ: _faq,
    Act.HELP: _help,
}
