"""Lists, the state of a ticket, the FAQ and the help, asked for by mail: answered, and nothing is changed.

The answer goes to the registered address only, and only to somebody whose mail is proven: everybody else hears a
refusal that reveals nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from mailgateway.core import access
from mailgateway.core.arguments import joined
from mailgateway.core.commands import Reading, Situation, read, subject_query
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.lists import COUNTED, PAGE_ROWS, Match
from mailgateway.core.manual import chapters
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.outcomes import PRECEDENCE, Outcome
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import QUERIES, Act, Role
from mailgateway.steps import acting, listing, opening, post, tell
from mailgateway.steps.answering import Reply
from mailgateway.steps.context import Cause, Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared
from mailgateway.store import faq, tickets, views

PAGE_DAYS = 7
LAST_PAGE = COUNTED // PAGE_ROWS  # nobody reads further by mail; the portal does
_ENTRIES = 3  # of the latest public lines in a status mail


@dataclass(frozen=True, slots=True)
class Query:
    """One question of one person to one desk; `ticket` is the one that his mail is about, if any."""

    person: Person
    asked: Asked
    cause: Cause
    queue: Queue
    ticket: Ticket | None = None


# ---- which mails ask


def first(work: Work, mail: Prepared, key: Key | None) -> Ending | None:
    """A mail that leads to no ticket and asks something: by its subject, by `#verb` lines, by a page's address.

    None where it asks nothing. `key` is a reply address without a ticket.
    """
    author = work.author(mail.author, proven=mail.proven) if mail.author else None
    if author is None or not mail.screen.may_command:
        return None
    owned = key if key and key.person_id == author.id and key.holds(work.now) and mail.verdict.level != "fail" else None
    proven = mail.proven or owned is not None
    reading = _read(work, mail, owned)
    if not reading.acts:
        return None
    queue = opening.queues(work, mail)[0]
    cause = replace(mail.cause, proven=proven)
    queries = [Query(author, a, cause, queue) for a in reading.queries]
    if not proven:
        return refuse(work, queries[0])
    endings = [_open(work, mail, owned, reading)] if owned and len(queries) < len(reading.acts) else []
    return _foremost([*endings, *(answer(work, query) for query in queries)])


def _read(work: Work, mail: Prepared, key: Key | None) -> Reading:
    """The subject's question, else those of the text, else the next page of a list that is answered with anything.

    Below an answer of ours "abrir" opens a ticket. A text that asks for any other act asks nothing here.
    """
    phrases, calendar, parts = work.gateway.phrases, work.gateway.calendar, mail.mail.parts
    if (query := subject_query(mail.mail.subject, phrases)) and not key:
        return Reading(acts=(query,))
    situation = Situation(
        purpose=key.purpose if key else "",
        certain=parts.certain,
        verbs_only=mail.screen.only_explicit,
        timezone=calendar.zone,
        end_of_business_day=calendar.end_of,
    )
    reading = read(parts.new, situation, phrases, work.now)
    if key and key.purpose is Purpose.PAGE and not reading.acts:
        view, _, page = key.about.partition(":")
        return Reading(acts=(Asked(Act.LIST, name=view, number=int(page)),))
    known = QUERIES | {Act.OPEN} if key else QUERIES
    return reading if all(a.act in known for a in reading.acts) else Reading()


def _open(work: Work, mail: Prepared, key: Key, reading: Reading) -> Ending:
    """What the FAQ was asked and did not answer, and what is written below it."""
    asked = "" if key.purpose is Purpose.PAGE else key.about
    texts = (a.text for a in reading.acts if a.act is Act.OPEN)
    return opening.open_ticket(work, mail, "no_reference", text=joined(asked, *texts, reading.comment))


def after(work: Work, it: Reply, reading: Reading, act: Callable[[Work, Reply, Reading], Ending]) -> Ending:
    """What a reply asks to be done, all of it or none, and then each of its questions by a mail of its own.

    Questions change nothing: they are answered to whoever is proven, whatever became of the acts.
    """
    rest = reading.without_queries()
    endings = [act(work, it, rest)] if rest.acts else []
    if not rest.acts and (rest.comment.strip() or it.mail.evidence):
        acting.speak_along(work, it, rest, rest.comment.strip())
    ticket = work.set.tickets[it.ticket.number]
    queries = [Query(it.author, a, it.cause, work.queue(ticket), ticket) for a in reading.queries]
    if it.proven:
        endings += [answer(work, query) for query in queries]
    return _foremost(endings) if endings else refuse(work, queries[0])


def _foremost(endings: Sequence[Ending]) -> Ending:
    """The strongest; a ticket that was not opened for want of words is none."""
    counted = (e for e in endings if e.outcome in PRECEDENCE)
    return min(counted, key=lambda ending: PRECEDENCE.index(ending.outcome), default=endings[0])


# ---- answers


def answer(work: Work, query: Query) -> Ending:
    """Answer one query by one mail."""
    work.set.save(work.now)  # lists are read from the rows: what this batch did so far must be among them
    return _ANSWERS[query.asked.act](work, query)


def _list(work: Work, query: Query) -> Ending:
    view, page = query.asked.name or "mine", min(query.asked.number or 1, LAST_PAGE)
    if view == "faq":
        return _faq(work, query)
    viewer = views.viewer(query.person, work.gateway.house, work.now)
    numbers = views.numbers(work.set.connection, view, viewer, PAGE_ROWS * page)[PAGE_ROWS * (page - 1) :]
    work.set.fetch(numbers)
    listed = tuple(listing.listed(work, query.person, work.set.tickets[number]) for number in numbers)
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


def _status(work: Work, query: Query) -> Ending:
    number = query.asked.number or (query.ticket.number if query.ticket else 0)
    work.set.fetch([number])
    ticket = work.set.tickets.get(number)
    roles = access.roles_of(query.person, ticket, work.gateway.house.queues) if ticket else frozenset()
    if ticket is None or not roles:
        return refuse(work, query)
    history = [entry for _, entry in tickets.history(work.set.connection, number, work.set.people)]
    public = (e for e in history if not (e.internal or e.unverified))
    seen = [e for e in public if access.sees(e, query.person, roles, ticket, work.now)]
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
    found = faq.search(work.set.connection, query.asked.text, language, queue=query.queue.name)
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
    post.send(work, notice, query.cause, answer=True, queue=query.queue, key=key)


_ANSWERS: dict[Act, Callable[[Work, Query], Ending]] = {
    Act.LIST: _list,
    Act.STATUS: _status,
    Act.FAQ: _faq,
    Act.HELP: _help,
}
