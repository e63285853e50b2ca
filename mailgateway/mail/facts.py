"""FACTS: the rows below a mail's text, by the key that a template names: what each is called and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.core.messages import Attachment
from mailgateway.core.notices import Notice
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.words import Words


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: what it is called, and its values, one a line."""

    label: str
    values: tuple[str, ...]
    status: Status | None = None  # shown as a pill before the values
    strong: bool = False


def facts(words: Words, notice: Notice, keys: str) -> list[Fact]:
    """The rows that these keys name and that this notice has values for, in this order."""
    rows = (FACTS[key](words, notice) for key in keys.split())
    return [row for row in rows if row.values or row.status]


def _fact(words: Words, key: str, *values: str) -> Fact:
    return Fact(words.facts[key], tuple(v for v in values if v))


def _ticket(key: str, value: Callable[[Words, Ticket], str]) -> Callable[[Words, Notice], Fact]:
    return lambda words, notice: _fact(words, key, value(words, notice.ticket) if notice.ticket else "")


def _status(words: Words, notice: Notice) -> Fact:
    return Fact(words.facts["status"], (), notice.ticket.status if notice.ticket else None)


def _change(words: Words, notice: Notice) -> Fact:
    old, ticket = notice.from_status, notice.ticket
    before = (
        () if old is None or ticket is None or old is ticket.status else (words.w.before.format(words.status(old)),)
    )
    return Fact(words.facts["change"], before, ticket.status if ticket else None)


def _subject(words: Words, notice: Notice) -> Fact:
    return Fact(words.facts["subject"], (notice.ticket.subject,) if notice.ticket else (), strong=True)


def _evidence(words: Words, notice: Notice) -> Fact:
    return _fact(words, "evidence", *(_file(words, a) for a in notice.evidence))


def _file(words: Words, attachment: Attachment) -> str:
    return f"{attachment.filename or attachment.content_type} ({words.size(attachment.size)})"


def _until(key: str) -> Callable[[Words, Notice], Fact]:
    return lambda words, notice: _fact(words, key, words.deadline(notice.until) if notice.until else "")


def _requester(words: Words, ticket: Ticket) -> str:
    return ticket.requester.shown if ticket.requester else ""


def _sender(words: Words, notice: Notice) -> Fact:
    person = notice.ticket.requester if notice.ticket else None
    return _fact(words, "requester", *((person.name, person.email) if person else ()))


def _decider(words: Words, notice: Notice) -> Fact:
    """Only where one person has decided for another."""
    seat = notice.seat
    return _fact(words, "decider", words.decider(seat) if seat and seat.decider.id != seat.person.id else "")


def _delegate(words: Words, notice: Notice) -> Fact:
    """Whom an approver has just let decide too."""
    seat = notice.seat if any(d.act is Act.DELEGATE for d in notice.done) else None
    if seat is None or seat.delegate is None:
        return _fact(words, "delegate")
    who, until, say = seat.delegate.shown, seat.delegate_until, words.w
    if until is None:
        return _fact(words, "delegate", who, say.delegate_once)
    return _fact(words, "delegate", who, say.delegate_until.format(until=words.deadline(until)), say.delegate_later)


#: The rows of facts by the key that a template names.
FACTS: dict[str, Callable[[Words, Notice], Fact]] = {
    "subject": _subject,
    "ticket": lambda words, n: _fact(words, "ticket", *(f"#{t.number} {t.subject}" for t in n.told)),
    "status": _status,
    "change": _change,
    "queue": _ticket("queue", lambda w, t: w.desk.queue(t.queue)),
    "requester": _ticket("requester", _requester),
    "sender": _sender,
    "assignee": _ticket("assignee", lambda w, t: t.assignee.shown if t.assignee else ""),
    "approvers": lambda words, n: _fact(words, "approvers", words.approvers(n)),
    "decider": _decider,
    "delegate": _delegate,
    "followers": _ticket("followers", lambda w, t: w.names(f.person for f in t.followers)),
    "opened": _ticket("opened", lambda w, t: w.moment(t.opened_at)),
    "finished": _ticket("finished", lambda w, t: w.moment(t.finished_at) if t.finished_at else ""),
    "priority": _ticket("priority", lambda w, t: w.labels["priorities"].get(t.priority, t.priority)),
    "answer": _until("answer"),
    "back": _until("back"),
    "expires": _until("expires"),
    "pause": _ticket("pause", lambda w, t: t.pause.reason if t.pause else ""),
    "since": lambda words, n: _fact(words, "since", words.moment(n.since) if n.since else ""),
    "sender_address": lambda words, n: _fact(words, "sender_address", n.about),
    "evidence": _evidence,
    "score": lambda words, n: _fact(words, "score", words.score(n.score) if n.score else ""),
}
