"""Acts that nothing proves: they are held, and whoever is said to want them is asked, once, at his own address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailgateway.core import access, keys, questions
from mailgateway.core.access import Evidence
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Person
from mailgateway.core.printed import code_line
from mailgateway.core.questions import Question
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply, post, tell
from mailgateway.steps.answering import Reply
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending


def can_ask(work: Work, ticket: Ticket, acts: Sequence[Asked]) -> bool:
    """Whether an answer could reach us: without reply addresses only a vote has a code that answers for it."""
    has_code = len(acts) == 1 and acts[0].act in (Act.APPROVE, Act.REJECT)
    return has_code or work.queue(ticket).reply_address != "none"


def hold(work: Work, it: Reply, acts: Sequence[Asked], why: str) -> Ending:
    """Hold the author's acts; whoever was asked about this round already is not asked again."""
    reason = "held" if ask(work, it, it.author, acts, why) else "already_asked"
    return Ending(Outcome.ASKED, reason, names(work, acts), it.ticket.number)


def ask(work: Work, it: Reply, person: Person, acts: Sequence[Asked], why: str) -> bool:
    """Ask this person whether what a mail wants is his; False where an earlier question is in the way."""
    ticket = work.set.tickets[it.ticket.number]
    before, round_id = work.set.questions_on(ticket.number), ticket.round.id if ticket.round else None
    if questions.in_the_way(before, person.id, round_id, work.now):
        return False
    for old in questions.overtaken(before, person.id, work.now):
        work.set.questions.put(old)
    expires = questions.until(work.now, work.gateway.calendar)
    key = work.set.fresh_key(person, ticket, Purpose.CONFIRM, expires)
    number = work.set.next_id("questions")
    question = Question(number, person.id, ticket.number, round_id, key.id, tuple(acts), why, work.now, expires)
    work.set.questions.put(question)
    _challenge(work, it, person, question)
    return True


def withdraw(work: Work, it: Reply) -> None:
    """A better proven copy of his mail answers what the other one was asked."""
    for old in questions.overtaken(work.set.questions_on(it.ticket.number), it.author.id, work.now):
        work.set.questions.put(old)


def _challenge(work: Work, it: Reply, person: Person, question: Question) -> None:
    """The mail that asks. Of a mail that is said to be forged, or that refers to nothing of ours, it shows no word."""
    ticket = work.set.tickets[question.ticket]
    quiet = it.proof.failed or it.proof.evidence(frozenset(Purpose)) is Evidence.NONE
    roles = access.roles_of(person, ticket, work.gateway.house.queues)
    notice = Notice(
        name="challenge",
        to=person,
        role=apply.foremost(roles, ticket, question.act) or "author",
        purpose=Purpose.CONFIRM,
        at=work.now,
        ticket=ticket,
        text=names(work, question.acts, person.language),
        line="\n".join(_said(a) for a in question.acts),
        lines=lines(work, question, person),
        until=question.expires_at,
        approved=question.approves,
        code=_code(work, question),
        about=it.mail.author.email if it.mail.author else "",
        own_words_only=quiet,
    )
    post.send(
        work, notice, replace(it.cause, message_id="" if quiet or person is not it.author else it.cause.message_id)
    )


def _said(asked: Asked) -> str:
    """What would be done, in the words that asked for it."""
    return asked.line if asked.text in asked.line else f"{asked.line}\n{asked.text}".strip()


def _code(work: Work, question: Question) -> str:
    """A vote has a code: what else may be asked about is answered by yes or no alone."""
    return "" if question.approves is None else keys.code(work.gateway.secrets[0], question.id)


def lines(work: Work, question: Question, person: Person) -> tuple[Line, ...]:
    """The exact lines that answer a question."""
    labels = work.gateway.phrases.labels(person.language or work.gateway.language)
    by_address = work.queue(work.set.tickets[question.ticket]).reply_address != "none"
    answers = (Line(labels.printed["yes"]), Line(labels.printed["no"])) if by_address else ()
    code = _code(work, question)
    return (*answers, code_line(question.act, code, labels)) if code else answers


def code_lines(work: Work, it: Reply) -> tuple[Line, ...]:
    """The line that answers an open question by itself, for somebody whose program drops our reply addresses."""
    if it.purpose:
        return ()
    mine = (q for q in work.set.questions_on(it.ticket.number) if q.person_id == it.author.id and q.holds(work.now))
    return tuple(lines(work, q, it.author)[-1] for q in mine if q.approves is not None)


def names(work: Work, acts: Sequence[Asked], language: str = "") -> str:
    """What is asked for, in a person's language or the gateway's."""
    labels = work.gateway.phrases.labels(language or work.gateway.language).acts
    return ", ".join(labels[a.act] for a in acts)


def warn_agents(work: Work, it: Reply, reason: str, but: Person | None = None) -> None:
    """Whoever treats the ticket must know that somebody may speak in another one's name."""
    everybody = [tell.agent_person(work, a) for a in work.queue(it.ticket).agents]
    for agent in [it.ticket.assignee] if it.ticket.assignee else everybody:
        if but is None or agent.id != but.id:
            warn(work, it, agent, Role.AGENT, reason)


def warn(work: Work, it: Reply, person: Person, role: Role, reason: str) -> None:
    """Tell one person what somebody tried."""
    notice = Notice("warning", person, role, Purpose.TALK, work.now, it.ticket, it.author, reason=reason)
    post.send(work, notice, replace(it.cause, message_id=""))
