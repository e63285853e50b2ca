"""One notice for one person → finished bytes in the outbox, within the budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core import keys
from mailgateway.core.acts_of_requesters import RATING_CHANGE_DAYS, RATING_DAYS
from mailgateway.core.budget import Limit
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.notices import ANSWERS, Notice
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Ticket
from mailgateway.core.workflow import Role
from mailgateway.mail import compose
from mailgateway.mail.templates import Rendered
from mailgateway.steps.context import Cause, Silence, Work
from mailgateway.store.outbox import Outgoing

_AT_ONCE = frozenset({"challenge", "alarm", "digest"})  # never held back
_IN_DIGEST = "in_digest"
_ANYBODY = Person(0, "", "")  # stands for whoever gets a mail while its words are drawn for all of them


def send(
    work: Work,
    notice: Notice,
    cause: Cause,
    *,
    answer: bool = False,
    queue: Queue | None = None,
    key: Key | None = None,
) -> None:
    """Write one notice for one person and put it into the outbox, within the budget.

    `answer`: to the author of the mail that caused it (RFC 3834 section 5: auto-replied). `queue` and `key`: those of a
    notice without a ticket.
    """
    ticket = notice.ticket
    queue = work.queue(ticket) if ticket else queue or work.gateway.house.queues[0]
    outbox_id = work.set.next_id("outbox")
    letter = _letter(work, notice, cause, queue, outbox_id, key)
    letter = replace(letter, auto_submitted="auto-replied") if answer or notice.name in ANSWERS else letter
    withheld = _withheld(work, notice, cause, queue)
    secret, style = work.gateway.secrets[0], queue.reply_address
    work.set.send(
        Outgoing(
            id=outbox_id,
            ticket=ticket.number if ticket else None,
            inbox_id=cause.inbox_id,
            person_id=notice.to.id,
            to=notice.to.email,
            mail_from=keys.bounce_address(outbox_id, queue.email, secret, style),
            notice=notice.name,
            subject=letter.subject,
            message_id=letter.message_id,
            created_at=work.now,
            raw=compose.compose(letter),
            state="withheld" if withheld else "waiting",
            reason=work.gateway.sentences.reason(withheld, notice.to.email) if withheld else "",
            digest=withheld == _IN_DIGEST,
        )
    )


def _letter(
    work: Work, notice: Notice, cause: Cause, queue: Queue, outbox_id: int, key: Key | None
) -> compose.Outgoing:
    """The mail itself: whom it is from and to, its words, and the headers that keep threads together."""
    ticket, person, domain = notice.ticket, notice.to, work.gateway.settings.gateway.domain
    language = person.language or work.gateway.language
    reply_to = address_of(work, key, queue) if key else _reply_address(work, notice, queue, notice.purpose)
    leave_to = _reply_address(work, notice, queue, Purpose.LEAVE) if notice.role == Role.FOLLOWER and ticket else ""
    rendered = _rendered(work, notice, language).filled(person.first_name, reply_to, leave_to)
    root = (keys.root_id(ticket.number, domain, work.gateway.secrets[0]),) if ticket else ()
    caused = (cause.message_id,) if cause.message_id else ()
    return compose.Outgoing(
        from_name=work.gateway.desk_name(queue),
        from_email=queue.email,
        to_name=person.name if not notice.own_words_only else "",
        to_email=person.email,
        reply_to=reply_to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        date=notice.at,
        message_id=work.set.message_id(ticket.number if ticket else None, domain),
        in_reply_to=next(iter((*caused, *root)), ""),
        references=(*root, *caused),
        language=language,
        loop_id=f"{domain}/{outbox_id}",
        list_id=f"<t{ticket.number}.{queue.name}.{domain}>" if leave_to and ticket else "",
        list_unsubscribe=f"<mailto:{leave_to}>" if leave_to else "",
    )


def _rendered(work: Work, notice: Notice, language: str) -> Rendered:
    """One rendering serves everybody who gets the same notice in the same role and language."""
    shared = replace(notice, to=_ANYBODY)
    found = work.rendered.get(language)
    if isinstance(found, tuple) and found[0] == shared:
        rendered: Rendered = found[1]
        return rendered
    rendered = work.gateway.templates.render(notice, language)
    work.rendered[language] = (shared, rendered)
    return rendered


def _reply_address(work: Work, notice: Notice, queue: Queue, purpose: Purpose) -> str:
    return reply_address(work, notice.to, notice.ticket, purpose) if notice.ticket else queue.email


def reply_address(work: Work, person: Person, ticket: Ticket, purpose: Purpose) -> str:
    """Where this person writes on this ticket, for this purpose."""
    queue = work.queue(ticket)
    if queue.reply_address == "none":
        return queue.email
    expires = None
    if purpose is Purpose.RATE and ticket.finished_at:
        expires = ticket.finished_at + timedelta(days=RATING_DAYS + RATING_CHANGE_DAYS)
    return address_of(work, work.set.key(person, ticket, purpose, expires), queue)


def address_of(work: Work, key: Key, queue: Queue) -> str:
    """A key as an address of its queue."""
    return keys.address(key.id, queue.email, work.gateway.secrets[0], queue.reply_address)


def _withheld(work: Work, notice: Notice, cause: Cause, queue: Queue) -> str:
    """Why this mail does not go out now, as a code: answers have limits, in a storm what is owed is told later."""
    limits, email = work.gateway.limits, notice.to.email
    if notice.to.deliverable == "false":
        return "undeliverable"
    if any(email in q.robots_open for q in work.gateway.house.queues):
        return "wants_no_answer"  # it opens tickets and reads nothing
    if notice.name in _AT_ONCE:
        return ""
    if notice.name not in ANSWERS:
        return _IN_DIGEST if work.spend(_owed(work, notice, cause)) else ""
    if not cause.may_answer:
        return "wants_no_answer"
    purses = limits.answer(email, cause.network, proven=cause.proven)
    if notice.ticket:
        purses += [(f"#{notice.ticket.number}", limit) for limit in limits.ticket]
    empty = work.spend(purses)
    if empty:
        reason = "loop" if empty[0] == email else "loop_on_ticket" if empty[0].startswith("#") else "flood"
        work.silences.append(Silence(reason, empty[0], email, cause.inbox_id, queue, notice.ticket, empty[1].most))
    return "too_many_answers" if empty else ""


def _owed(work: Work, notice: Notice, cause: Cause) -> list[tuple[str, Limit]]:
    """Whose purses it spends that somebody is told now: his own, and one more of whoever was only brought along."""
    limits, email = work.gateway.limits, notice.to.email
    purses = [(email, limits.owed(notice.name, proven=cause.proven))]
    brought = notice.role == Role.FOLLOWER and cause.inbox_id is not None and notice.actor_role != Role.AGENT
    return [*purses, (email, limits.stranger)] if brought and work.is_stranger(notice.to) else purses
