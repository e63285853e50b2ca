"""Answers to our questions: yes or no to a `confirm` address, a code from anywhere; decisions without a reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from mailgateway.core import access
from mailgateway.core.cases import Decision
from mailgateway.core.commands import Pending, Reading, Situation, read
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Person
from mailgateway.core.questions import DECISIONS, Question, QuestionState, may_hold
from mailgateway.core.routing import Route
from mailgateway.core.tickets import Asked, Entry, EntryKind
from mailgateway.mail.subjects import is_forward
from mailgateway.steps import acting, answering, apply, querying, questioning, tell
from mailgateway.steps.answering import Reply, answer, blank
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared


def answered(work: Work, it: Reply, key: Key) -> Ending | None:
    """A mail to a `confirm` address; None where it is a mail like any other, which that address opens nothing for."""
    question = next((q for q in work.set.questions_on(it.ticket.number) if q.key_id == key.id), None)
    if question is None or not it.mail.screen.may_command:
        return None
    reading, in_time = _read(work, it), question.holds(it.mail.item.received_at)
    is_answer = reading.answer is not None or bool(reading.code)
    if it.proof.foreign:
        return _refuse(work, it, question, "wrong_owner") if is_answer else None
    if it.proof.failed:
        return _ask_again(work, it, question, "needs_aligned") if is_answer and in_time else None
    if reading.code and reading.acts:
        return querying.after(work, it, reading, by_code)
    if reading.answer is None:
        return _ask_again(work, it, question, "question_pending") if in_time else None
    if question.state is not QuestionState.OPEN:
        return _refuse(work, it, question, "question_over")
    if not reading.answer:
        return _deny(work, it, question)
    return _confirm(work, it, question, question.acts) if in_time else _renew(work, it, question)


def _refuse(work: Work, it: Reply, question: Question, reason: str) -> Ending:
    return acting.refuse(work, it, Reading(), question.acts[0], Decision(it.ticket, refusal=reason))


def _read(work: Work, it: Reply) -> Reading:
    """The words as an answer to our question."""
    parts, screen = it.mail.mail.parts, it.mail.screen
    situation = tell.situation_of(work, it.ticket, it.author, Purpose.CONFIRM)
    pending = situation.pending | {Pending.QUESTION}
    situation = replace(situation, pending=pending, certain=parts.certain, verbs_only=screen.only_explicit)
    return read(parts.new, situation, work.gateway.phrases, work.now)


# ---- what an answer does


def _confirm(work: Work, it: Reply, question: Question, acts: tuple[Asked, ...]) -> Ending:
    """What was held is judged anew, as if it had come with the key that it lacked."""
    if _lacks_proof(work, it, acts):
        return _ask_again(work, it, question, "needs_aligned")
    ending = acting.act(work, _as_proven(work, it, question), Reading(acts=acts))
    if ending.outcome is not Outcome.ASKED:
        refused = ending.outcome is Outcome.REFUSED
        _close(work, question, QuestionState.OVERTAKEN if refused else QuestionState.CONFIRMED)
    return ending


def _lacks_proof(work: Work, it: Reply, acts: tuple[Asked, ...]) -> bool:
    """Whether these acts ask for an aligned address, and this one is not."""
    required = work.gateway.settings.authenticity.require_aligned
    decides = any(a.act in DECISIONS for a in acts)
    return decides and not it.proof.aligned and access.must_align(it.proof, required)


def _as_proven(work: Work, it: Reply, question: Question) -> Reply:
    key = question.as_key(work.set.keys[question.key_id], it.ticket)
    return replace(it, proof=replace(it.proof, thread=True, key=key, owned=True, foreign=False))


def _close(work: Work, question: Question, state: QuestionState) -> None:
    """The question is over, and its reply address opens nothing any more."""
    work.set.questions.put(question.became(state))
    work.set.spend(work.set.keys[question.key_id])


def _deny(work: Work, it: Reply, question: Question) -> Ending:
    """It was not he: nothing changes, and whoever treats the ticket must know."""
    _close(work, question, QuestionState.DENIED)
    about = questioning.names(work, question.acts)
    entry = Entry(EntryKind.NOTE, work.now, it.author, "", internal=True, label="denied", about=about)
    apply.write(work, Decision(work.set.tickets[it.ticket.number], (entry,)), it.mail.item.id)
    questioning.warn_agents(work, it, "denied")
    answer(work, it, replace(blank(work, it, "refused", own_words=not it.proven), reason="denied"))
    return Ending(Outcome.ACTED, "denied", about, it.ticket.number)


def _renew(work: Work, it: Reply, question: Question) -> Ending:
    """The right person, too late: asked anew, if what was held is still possible."""
    his = _as_proven(work, it, question)
    reading = Reading(acts=question.acts)
    if refused := acting.why_not(work, his, reading.acts):
        _close(work, question, QuestionState.EXPIRED)
        return acting.refuse(work, his, reading, *refused)
    questioning.ask(work, it, it.author, question.acts, question.why)
    return Ending(Outcome.ASKED, "expired", ticket=it.ticket.number)


def _ask_again(work: Work, it: Reply, question: Question, reason: str) -> Ending:
    """Neither yes nor no: the words are kept, and the lines that answer go out once more."""
    acting.keep_and_tell(work, it)
    if it.mail.screen.may_answer:
        notice = replace(blank(work, it, "asked", own_words=not it.proven), purpose=Purpose.CONFIRM, reason=reason)
        answer(work, it, replace(notice, lines=questioning.lines(work, question, it.author)))
    return Ending(Outcome.ASKED, reason, ticket=it.ticket.number)


# ---- codes


def by_code(work: Work, it: Reply, reading: Reading) -> Ending:
    """A decision with a code: that of an open question of his is its key, by whatever way it comes.

    A mail that could not decide by a key is not looked at for its code: it neither guesses nor learns.
    """
    needed = may_hold(reading.acts, acting.refusals(work, it, reading.acts))
    if not needed or it.proof.failed or _lacks_proof(work, it, reading.acts):
        return acting.act(work, it, reading)
    mine = _open_questions(work, it)
    if not mine:
        return acting.act(work, it, reading)
    question = next((q for q in mine if q.answers(reading.code, work.gateway.secrets)), None)
    if question is None:
        return _missed(work, it, mine)
    it = _on(work, it, question.ticket)
    if [a.act for a in reading.acts] != [a.act for a in question.acts]:
        return _ask_again(work, it, question, "conflict")
    held = question.acts[0]
    return _confirm(work, it, question, (replace(held, text=reading.acts[0].text or held.text),))


def _open_questions(work: Work, it: Reply) -> list[Question]:
    numbers = sorted(work.set.questions.open_tickets(it.author.id))
    work.set.fetch(numbers)
    asked = [q for number in numbers for q in work.set.questions_on(number)]
    return [q for q in asked if q.person_id == it.author.id and q.holds(it.mail.item.received_at)]


def _on(work: Work, it: Reply, number: int) -> Reply:
    """The same mail, on the ticket that its code is for."""
    ticket = work.set.tickets[number]
    return replace(it, ticket=ticket, roles=access.roles_of(it.author, ticket, work.gateway.house.queues))


def _missed(work: Work, it: Reply, mine: list[Question]) -> Ending:
    """A code that answers nothing: it counts against every question that it might have been for."""
    for question in mine:
        tried = question.missed()
        work.set.questions.put(tried)
        if tried.state is QuestionState.SPENT:
            _close(work, tried, QuestionState.SPENT)
            questioning.warn_agents(work, _on(work, it, question.ticket), "guessed")
    acting.keep_and_tell(work, it)
    if it.mail.screen.may_answer:
        notice = replace(blank(work, it, "asked", own_words=not it.proven), reason="bad_code")
        answer(work, it, replace(notice, lines=answering.lines(work, it)))
    return Ending(Outcome.ASKED, "bad_code", ticket=it.ticket.number)


# ---- decisions that refer to nothing


def newcomer(work: Work, mail: Prepared) -> Ending | None:
    """A new mail that is a decision of somebody with exactly one open seat, or has a code; None for any other mail."""
    author = work.set.people.by_address.get(mail.author.email) if mail.author and mail.mail.from_ else None
    if author is None or not mail.screen.may_command or is_forward(mail.mail.subject):
        return None
    parts = mail.mail.parts
    situation = Situation(certain=parts.certain, verbs_only=mail.screen.only_explicit)
    reading = read(parts.new, situation, work.gateway.phrases, work.now)
    asked = reading.decision_phrase
    named = {asked.number, mail.references.tag} if asked else set()
    arrived = mail.item.received_at
    if asked is None or (number := _meant(work, author, named, reading.code, arrived)) is None:
        return None
    it = answering.received(work, mail, Route(number, "by_seat"), work.set.tickets[number], author)
    reading = replace(reading, acts=(asked, *reading.acts), comment="")
    return querying.after(work, it, reading, by_code if reading.code else acting.act)


def _meant(work: Work, author: Person, named: set[int | None], code: str, arrived: datetime) -> int | None:
    """The ticket of his only open seat, if he names no other one; with a code, else, one that he was asked about."""
    seats = work.set.open_seats(author, arrived)
    if len(seats) == 1 and named <= {None, seats[0]}:
        return seats[0]
    asked = sorted(work.set.questions.open_tickets(author.id)) if code else []
    work.set.fetch(asked)
    return asked[0] if asked else None
