"""A mail that leads to a ticket: who wrote it, whether it may speak here, and what becomes of its words."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core import access
from mailgateway.core.access import Proof
from mailgateway.core.cases import Decision, Happening
from mailgateway.core.commands import Reading, read
from mailgateway.core.keys import KeyState, Purpose
from mailgateway.core.notices import Event
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Person
from mailgateway.core.routing import Route
from mailgateway.core.tickets import Asked, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.mail.subjects import is_forward
from mailgateway.steps import acting, apply, joining, opening, tell
from mailgateway.steps.answering import Reply, answer, blank, filled, line, lines
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared

_SPEAKS = frozenset({Event.COMMENTED, Event.REPLIED, Event.NOTED})


def reply(work: Work, mail: Prepared, route: Route, ticket: Ticket, author: Person) -> Ending:
    """Judge a mail that a rule of threading has led to this ticket."""
    roles = access.roles_of(author, ticket, work.gateway.house.queues)
    it = Reply(mail, ticket, author, roles, _proof(work, mail, route, author))
    if route.why == "by_number" and not (roles and it.proof.aligned):
        return opening.open_ticket(work, mail, "no_reference")  # a number proves nothing and tells nothing
    if _is_for_another_queue(it):
        return opening.open_ticket(work, mail, "other_queue", follows=ticket.number)
    reading = _read(work, it)
    if not _may_comment(it):
        return _keep_unverified(work, it, reading)
    if reading.doubt:
        return acting.ask(work, it, reading, reading.doubt)
    if reading.acts:
        ending = acting.act(work, it, reading)
        if ending.outcome is Outcome.ACTED and reading.comment.strip() and not reading.internal:
            _comment_along(work, it, reading)
        return ending
    return _comment(work, it, reading, route.why)


def _proof(work: Work, mail: Prepared, route: Route, author: Person) -> Proof:
    failed = mail.verdict.level == "fail"
    key = route.key if route.key and route.key.state is not KeyState.VOID else None
    return Proof(
        thread=route.thread,
        aligned=mail.verdict.level == "aligned",
        failed=failed,
        key=key,
        owned=bool(key and key.person_id == author.id and key.holds(work.now) and not failed),
        foreign=key is not None and key.person_id != author.id,
        once_aligned=any(a in work.set.people.once_aligned for a in (author.email, *author.addresses)),
    )


def _is_for_another_queue(it: Reply) -> bool:
    """Without a key, a mail to another queue or a forward is a matter of its own."""
    queues = it.mail.references.queues
    if it.proof.key or not queues:
        return False
    mine = {it.ticket.queue, *it.ticket.other_queues}
    return is_forward(it.mail.mail.subject) or not any(q.name in mine for q in queues)


def _may_comment(it: Reply) -> bool:
    """A participant with a reference, or somebody whom a participant named and whose address is proven."""
    if it.proof.failed:
        return False
    named = it.proof.aligned and any(it.author.owns(a) for a in it.ticket.named)
    return bool(it.roles) or named or it.purpose is not None or it.proof.key is not None


def _read(work: Work, it: Reply) -> Reading:
    parts, screen = it.mail.mail.parts, it.mail.screen
    if not screen.may_command and it.purpose is not Purpose.LEAVE:
        return Reading(comment=parts.new)
    situation = tell.situation_of(work, it.ticket, it.author, it.purpose or "")
    situation = replace(situation, certain=parts.certain, verbs_only=screen.only_explicit)
    return read(parts.new, situation, work.gateway.phrases, work.now)


def _comment(work: Work, it: Reply, reading: Reading, why: str) -> Ending:
    """Nothing is asked for: the words are kept and told."""
    text, number = reading.comment.strip(), it.ticket.number
    if not text and not it.mail.evidence:
        return _say_nothing(work, it)
    if not it.roles and not it.proof.aligned:
        return _keep_unverified(work, it, reading)  # somebody else's reply address, and nothing proves who he is
    if not it.ticket.open:
        return _comment_on_finished(work, it, reading)
    joined, more = joining.join(work, it.mail, it.ticket, it.author, it.roles, it.proven)
    _speak(work, it, joined, text, more)
    return Ending(Outcome.COMMENTED, why, ticket=number)


def _comment_along(work: Work, it: Reply, reading: Reading) -> None:
    """Words beside the acts of one mail; an agent's are public like any reply of his."""
    ticket = work.set.tickets[it.ticket.number]
    if reading.thanks:
        apply.write(work, Decision(ticket, (line(work, it, reading.comment.strip()),)), it.mail.item.id)
    else:
        _speak(work, it, Decision(ticket), reading.comment.strip(), ())


def _speak(work: Work, it: Reply, joined: Decision, text: str, more: tuple[Happening, ...]) -> None:
    """A comment with everything its mail brought, after the followers it brought along."""
    roles = access.roles_of(it.author, joined.ticket, work.gateway.house.queues) or frozenset({Role.FOLLOWER})
    decision = apply.judge(work, joined.ticket, it.author, Asked(Act.COMMENT, text), roles)
    told = tuple(replace(h, evidence=it.mail.evidence) if h.event in _SPEAKS else h for h in decision.happenings)
    said = (filled(it, decision.entries[0]), *decision.entries[1:])
    whole = Decision(decision.ticket, (*joined.entries, *said), told)
    apply.apply(work, whole, it.author, apply.foremost(roles, it.ticket), it.cause, more)


def _comment_on_finished(work: Work, it: Reply, reading: Reading) -> Ending:
    """A finished ticket stays as it is: within the window the words reopen it, later they open a linked one."""
    ticket, text = it.ticket, reading.comment.strip()
    if reading.thanks or (it.purpose is Purpose.RATE and not reading.persists):
        apply.write(work, Decision(ticket, (line(work, it, text),)), it.mail.item.id)
        return Ending(Outcome.COMMENTED, "thanks" if reading.thanks else "survey_comment", ticket=ticket.number)
    reopened = apply.judge(work, ticket, it.author, Asked(Act.REOPEN, text), it.roles)
    if not reopened.refusal and it.proven:
        reopened = replace(reopened, entries=(filled(it, reopened.entries[0]),))
        apply.apply(work, reopened, it.author, apply.foremost(it.roles, ticket), it.cause)
        return Ending(Outcome.ACTED, "reopened", ticket=ticket.number)
    return opening.open_ticket(work, it.mail, "finished", follows=ticket.number)


def _say_nothing(work: Work, it: Reply) -> Ending:
    """Empty above the quotation: asked once where his decision is awaited, else nothing."""
    if tell.situation_of(work, it.ticket, it.author, "").pending and it.purpose in (Purpose.DECIDE, Purpose.RATE):
        answer(work, it, replace(blank(work, it, "asked"), reason="empty", lines=lines(work, it)))
        return Ending(Outcome.ASKED, "empty", ticket=it.ticket.number)
    return Ending(Outcome.IGNORED, "nothing_new", ticket=it.ticket.number)


def _keep_unverified(work: Work, it: Reply, reading: Reading) -> Ending:
    """Nothing shows who wrote this: agents may read it, and nothing changes.

    Nobody is answered, but where it asks for something in a participant's name that is said to be forged: then the
    registered address is asked, in our words only.
    """
    text = it.written or it.mail.mail.text.strip()
    apply.write(work, Decision(it.ticket, (line(work, it, text, unverified=True),)), it.mail.item.id)
    if it.proof.failed and it.roles and reading.acts:
        answer(work, it, replace(blank(work, it, "asked", own_words=True), reason="needs_aligned"))
        return Ending(Outcome.ASKED, "needs_aligned", ticket=it.ticket.number)
    return Ending(Outcome.COMMENTED, "unverified", ticket=it.ticket.number)
