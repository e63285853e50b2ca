"""A mail that leads to a ticket: who wrote it, whether it may speak here, and what becomes of its words."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core.cases import Decision
from mailgateway.core.commands import Doubt, DoubtKind, Pending, Reading, read
from mailgateway.core.courtesy import is_brief_remark
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Person
from mailgateway.core.printed import line_of
from mailgateway.core.routing import Route
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import Act
from mailgateway.mail.subjects import is_forward
from mailgateway.steps import acting, apply, confirming, joining, opening, querying, tell
from mailgateway.steps.answering import Reply, answer, blank, filled, keep, lines, received, speak
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared
from mailgateway.store.workset import Twin


def reply(work: Work, mail: Prepared, route: Route, ticket: Ticket, author: Person, weaker: Twin | None) -> Ending:
    """Judge a mail that a rule of threading has led to this ticket; `weaker` is a less proven copy of it."""
    it = received(work, mail, route, ticket, author, weaker)
    if route.why == "by_number" and not (it.roles and it.proof.aligned):
        return without_ticket(work, mail)  # a number proves nothing and tells nothing
    if route.key and route.key.purpose is Purpose.CONFIRM and (ending := confirming.answered(work, it, route.key)):
        return ending
    if _is_for_another_queue(it):
        follows = ticket.number if it.speaks else None
        return opening.open_ticket(work, mail, "other_queue" if follows else "no_reference", follows)
    reading = _read(work, it)
    if it.proof.failed or not (it.speaks or (it.proof.key and reading.acts)):
        return _keep_unverified(work, it, reading)
    acting.spend_if_shared(work, it)
    if reading.doubt:
        return acting.ask(work, it, reading, reading.doubt)
    if reading.acts:
        return querying.after(work, it, reading, _act)
    return _comment(work, it, reading, route.why)


def without_ticket(work: Work, mail: Prepared, key: Key | None = None) -> Ending:
    """A mail that no rule has led to a ticket: a decision, questions, or a new ticket."""
    asked = confirming.newcomer(work, mail) or querying.first(work, mail, key)
    return asked or opening.open_ticket(work, mail, "no_reference")


def _act(work: Work, it: Reply, reading: Reading) -> Ending:
    if [a.act for a in reading.acts] == [Act.OPEN] and it.speaks:
        text = reading.acts[0].text or reading.comment or work.set.last_words(it.ticket.number, it.author.id)
        return opening.open_ticket(work, it.mail, "asked_to_open", it.ticket.number, text)
    return confirming.by_code(work, it, reading) if reading.code else acting.act(work, it, reading)


def _is_for_another_queue(it: Reply) -> bool:
    """Without a key, a mail to another queue or a forward is a matter of its own."""
    queues = it.mail.references.queues
    if it.proof.key or it.is_note or not queues:
        return False
    mine = {it.ticket.queue, *it.ticket.other_queues}
    return is_forward(it.mail.mail.subject) or not any(q.name in mine for q in queues)


def _read(work: Work, it: Reply) -> Reading:
    parts, screen = it.mail.mail.parts, it.mail.screen
    if not screen.may_command and it.purpose not in (Purpose.LEAVE, Purpose.NOTE):
        return Reading(comment=parts.new, doubt=_reaction(work, it))
    owner, purpose = _meant(work, it)
    situation = tell.situation_of(work, it.ticket, owner, purpose)
    situation = replace(situation, certain=parts.certain, verbs_only=screen.only_explicit)
    return read(parts.new, situation, work.gateway.phrases, work.now)


def _meant(work: Work, it: Reply) -> tuple[Person, str]:
    """As whose words they are read: a decision at somebody else's address is his decision, and will be refused."""
    key = it.proof.key
    owner = work.set.people.by_id.get(key.person_id) if key and it.proof.foreign else None
    if key and owner and (not it.roles or key.purpose in (Purpose.DECIDE, Purpose.RATE)):
        return owner, key.purpose
    return it.author, it.purpose or ""


def _reaction(work: Work, it: Reply) -> Doubt | None:
    """A thumb up is a person's, and no decision: where one is awaited from him it is asked about."""
    pending = tell.situation_of(work, it.ticket, it.author, "").pending
    asked = it.mail.screen.reason == "reaction" and pending & {Pending.APPROVAL, Pending.ACCEPTANCE}
    return Doubt(DoubtKind.AMBIGUOUS, it.written) if asked else None


# ---- words alone


def _comment(work: Work, it: Reply, reading: Reading, why: str) -> Ending:
    """Nothing is asked for: the words are kept and told."""
    text, number = reading.comment.strip(), it.ticket.number
    if it.is_kept:
        return Ending(Outcome.DUPLICATE, "weaker_copy", ticket=number)
    if not text and not it.mail.evidence:
        return _say_nothing(work, it)
    if it.by_agent and not it.mail.mail.parts.certain:
        return acting.keep_inside(work, it, why)
    if not it.ticket.open and not it.by_agent:
        return _comment_on_finished(work, it, reading, why)
    joined, more = joining.join(work, it.mail, it.ticket, it.author, it.roles, it.proven)
    speak(work, it, joined, text, more)
    return Ending(Outcome.COMMENTED, why, ticket=number)


def _comment_on_finished(work: Work, it: Reply, reading: Reading, why: str) -> Ending:
    """A finished ticket stays as it is: within the window the words reopen it, later they open a linked one."""
    ticket, text = it.ticket, reading.comment.strip()
    brief = not it.mail.evidence and not reading.persists and is_brief_remark(text, work.gateway.phrases)
    surveyed = it.purpose is Purpose.RATE and brief
    if reading.thanks or it.by_machine or surveyed:
        keep(work, it, text)
        reason = "thanks" if reading.thanks else "survey_comment" if surveyed else why
        return Ending(Outcome.COMMENTED, reason, ticket=ticket.number)
    reopened = apply.judge(work, ticket, it.author, Asked(Act.REOPEN, text), it.roles)
    if not reopened.refusal and it.proven:
        reopened = replace(reopened, entries=(filled(it, reopened.entries[0]),))
        apply.apply(work, reopened, it.author, apply.foremost(it.roles, ticket), it.cause)
        return Ending(Outcome.ACTED, "reopened", ticket=ticket.number)
    if brief and it.proven:
        return _offer_to_open(work, it, text)
    return opening.open_ticket(work, it.mail, "finished", follows=ticket.number)


def _offer_to_open(work: Work, it: Reply, text: str) -> Ending:
    """A few words that hold no trouble: kept, with the line that opens a ticket if more was meant."""
    keep(work, it, text)
    labels = work.gateway.phrases.labels(it.author.language or work.gateway.language)
    offer = replace(blank(work, it, "asked"), reason="offer_open", lines=(line_of(Act.OPEN, labels),))
    answer(work, it, offer)
    return Ending(Outcome.ASKED, "offer_open", ticket=it.ticket.number)


def _say_nothing(work: Work, it: Reply) -> Ending:
    """Empty above the quotation: asked once where his decision is awaited, else nothing."""
    if tell.situation_of(work, it.ticket, it.author, "").pending and it.purpose in (Purpose.DECIDE, Purpose.RATE):
        answer(work, it, replace(blank(work, it, "asked"), reason="empty", lines=lines(work, it)))
        return Ending(Outcome.ASKED, "empty", ticket=it.ticket.number)
    return Ending(Outcome.IGNORED, "nothing_new", ticket=it.ticket.number)


def _keep_unverified(work: Work, it: Reply, reading: Reading) -> Ending:
    """Nothing shows who wrote this: agents may read it, and nothing changes.

    Nobody is answered, but where it asks for something in a participant's name that is said to be forged: then the
    registered address is asked, in our words only. Whose reply address it was hears of it like the agents.
    """
    if it.proof.failed and (held := acting.held(work, it, reading.without_queries())):
        return held
    if it.proof.foreign and reading.acts:
        return acting.refuse(work, it, reading, reading.acts[0], Decision(it.ticket, refusal="wrong_owner"))
    keep(work, it, it.written or it.mail.mail.text.strip(), unverified=True)
    if it.proof.failed and it.roles and reading.acts:
        answer(work, it, replace(blank(work, it, "asked", own_words=True), reason="needs_aligned"))
        return Ending(Outcome.ASKED, "needs_aligned", ticket=it.ticket.number)
    return Ending(Outcome.COMMENTED, "unverified", ticket=it.ticket.number)
