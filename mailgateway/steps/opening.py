"""A mail that leads to no ticket opens one: the fields of the form, taken from the mail."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailgateway.core import keys
from mailgateway.core.cases import Decision, Happening
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Event, Notice, Verdict
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.queues import Queue
from mailgateway.core.screening import NO_REPLY_SENDERS
from mailgateway.core.tickets import LONGEST_SUBJECT, Entry, EntryKind, Follower, Ticket
from mailgateway.core.workflow import Act, Role, Status
from mailgateway.mail.addresses import why_invalid
from mailgateway.mail.subjects import is_forward, strip_prefixes
from mailgateway.steps import apply, inviting, post, suggesting, tell
from mailgateway.steps.context import Work
from mailgateway.steps.prepare import Prepared

ADDRESSES = 200  # in To and Cc that are looked at; nobody reads more verdicts


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a mail, before it is written down: the reason is a code of languages/*.toml."""

    outcome: Outcome
    reason: str
    about: str = ""
    ticket: int | None = None


def open_ticket(work: Work, mail: Prepared, why: str, follows: int | None = None, text: str = "") -> Ending:
    """Open a ticket from a mail, or say why not.

    `follows` is a ticket that this one takes up again; `text` what describes it, where that is not the whole mail.
    """
    queue, others = queues(work, mail)
    text = text.strip() or _description(mail)
    author = work.author(mail.author, proven=mail.proven) if mail.author else None
    if not text and not mail.evidence:
        return _refuse(work, mail, author, queue, "empty", Outcome.ASKED)
    if not _admitted(work, queue, mail):
        return _refuse(work, mail, author, queue, "not_admitted", Outcome.REFUSED)
    requester = _requester(work, mail, author, queue)
    contacts = _contacts(work, mail, queue, requester)
    form = replace(_form(work, mail, queue, text), requester=requester, followers=contacts[0], named=contacts[2])
    form = inviting.restrained(work, replace(form, other_queues=tuple(q.name for q in others)), author)
    ticket = apply.write(work, Decision(form, (_first_entry(work, mail, author, text),)), mail.item.id)
    if follows is not None:
        work.set.link(ticket.number, "follows", follows, "followed_by")
    offers = _offers(work, mail, author, requester)
    happening = Happening(
        Event.OPENED,
        text,
        evidence=mail.evidence,
        contacts=contacts[1],
        offers=offers,
        matches=suggesting.suggest(work, replace(ticket, description=text)),
    )
    role = Role.AGENT if author and queue.has_agent(author) else Role.REQUESTER
    tell.spread(work, work.set.tickets[ticket.number], author, role, (happening,), mail.cause)
    return Ending(Outcome.OPENED, why, str(follows or ""), ticket.number)


def _form(work: Work, mail: Prepared, queue: Queue, text: str) -> Ticket:
    """The ticket as the mail states it, before anybody is on it."""
    subject, derived = _subject(mail, text)
    return Ticket(
        number=0,
        queue=queue.name,
        subject=subject,
        description=text or work.gateway.sentences.entry(_without_words(mail)),
        status=Status.WAITING,
        requester=None,
        opened_at=work.now,
        updated_at=work.now,
        proven=mail.proven,
        subject_derived=derived,
    )


def _first_entry(work: Work, mail: Prepared, author: Person | None, text: str) -> Entry:
    return Entry(
        EntryKind.OPENED,
        work.now,
        author,
        text,
        to_status=Status.WAITING,
        evidence=mail.evidence,
        html=mail.mail.html,
        cut=_cut(mail),
    )


def queues(work: Work, mail: Prepared) -> tuple[Queue, tuple[Queue, ...]]:
    """The queue whose ticket it is, the first-named, and the others that were addressed too."""
    named = mail.references.queues
    if not named:
        mailbox = next((m.queue for m in work.gateway.settings.imap if m.name == mail.item.envelope.mailbox), "")
        named = (work.gateway.house.named(mailbox) or work.gateway.house.queues[0],)
    return named[0], named[1:]


def _description(mail: Prepared) -> str:
    """The newly written text; of a forward the whole, as what is forwarded is what it is about."""
    forwarded = is_forward(mail.mail.subject) or not mail.mail.parts.new.strip()
    return (mail.mail.text if forwarded else mail.mail.parts.new).strip()


def _without_words(mail: Prepared) -> str:
    """Which sentence stands where a description should."""
    return "encrypted" if "encrypted" in mail.mail.defects else "only_evidence"


def _cut(mail: Prepared) -> str:
    parts = mail.mail.parts
    return "\n".join(p for p in (parts.signature, parts.quoted) if p)


def _subject(mail: Prepared, text: str) -> tuple[str, bool]:
    """The subject without reply prefixes; an empty one is taken from the first written line, flagged."""
    subject = strip_prefixes(mail.mail.subject).strip()
    if subject:
        return subject, False
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    first = first or next((a.filename for a in mail.evidence), "")
    return first[:LONGEST_SUBJECT], True


def _admitted(work: Work, queue: Queue, mail: Prepared) -> bool:
    """Whether the queue's `open_to` lets this author in; agents always may."""
    if "anyone" in queue.open_to or mail.author is None:
        return "anyone" in queue.open_to
    known = work.set.people.by_address.get(mail.author.email)
    if known and queue.has_agent(known):
        return True
    if "known" in queue.open_to:
        configured = mail.author.email in work.gateway.house.agent_addresses()
        return configured or (known is not None and work.set.takes_part(known))
    return mail.author.email.rpartition("@")[2] in queue.open_to


def _requester(work: Work, mail: Prepared, author: Person | None, queue: Queue) -> Person | None:
    """The author; where an agent forwards the mail of somebody we know, that somebody."""
    original = mail.mail.forwarded[0] if mail.mail.forwarded else None
    if author and original and queue.has_agent(author) and original.email in work.set.people.by_address:
        return work.person(original)
    return author


def _offers(work: Work, mail: Prepared, author: Person | None, requester: Person | None) -> tuple[Line, ...]:
    """To an agent who forwards a stranger's mail: the line that makes it the stranger's ticket."""
    original = mail.mail.forwarded[0] if mail.mail.forwarded else None
    if not author or requester is not author or not original or author.owns(original.email):
        return ()
    if not any(q.has_agent(author) for q in work.gateway.house.queues):
        return ()
    verb = work.gateway.phrases.labels(author.language or work.gateway.language).verbs[Act.CHANGE_REQUESTER]
    return (Line(f"{verb} {original.email}", "", Act.CHANGE_REQUESTER),)


def _contacts(
    work: Work, mail: Prepared, queue: Queue, requester: Person | None
) -> tuple[tuple[Follower, ...], tuple[Verdict, ...], tuple[str, ...]]:
    """Everybody else in To and Cc: who follows, the verdict on each address, and who is only named.

    Where none of our addresses stands there (Bcc, a redirect) nobody becomes a follower: nobody knew he would.
    """
    house = work.gateway.house
    others = {m.email: m for m in (*mail.mail.to, *mail.mail.cc)[:ADDRESSES]}
    first = next((e for e in others if house.ours(e)), None)  # the one that was written to needs no verdict
    shown = first is not None
    others.pop(first or "", None)
    followers: list[Follower] = []
    verdicts: list[Verdict] = []
    for mailbox in others.values():
        reason = _verdict(work, mailbox, queue, requester, len(followers)) if shown else "not_shown"
        if reason == "self":
            continue
        if reason == "follows":
            called = replace(mailbox, name=mailbox.name if mail.proven else "")
            followers.append(Follower(work.person(called), work.now, held=not mail.proven))
        verdicts.append(Verdict(keys.hidden(mailbox.email), reason == "follows", reason))
    verdicts += [Verdict(text, False, why_invalid(text)) for text in mail.mail.invalid]
    named = tuple(v.email for v in verdicts if v.reason in ("too_many", "not_shown"))
    return tuple(followers), tuple(verdicts), named


def _verdict(work: Work, mailbox: Mailbox, queue: Queue, requester: Person | None, followers: int) -> str:
    """The code for one address: `follows`, or why not."""
    if requester and requester.owns(mailbox.email):
        return "self"
    if work.gateway.house.ours(mailbox.email):
        return "ours"
    if NO_REPLY_SENDERS.match(mailbox.email):
        return "robot"
    if queue.agent(mailbox.email):
        return "agent"
    return "too_many" if followers >= work.gateway.settings.limits.followers else "follows"


def _refuse(work: Work, mail: Prepared, author: Person | None, queue: Queue, reason: str, outcome: Outcome) -> Ending:
    """No ticket: say so once, where an answer is wanted."""
    if author is None or not mail.screen.may_answer or mail.verdict.level == "fail":
        return Ending(Outcome.IGNORED if outcome is Outcome.ASKED else outcome, reason)
    name = "asked" if outcome is Outcome.ASKED else "refused"
    notice = Notice(name, author, "author", Purpose.TALK, work.now, reason=reason, own_words_only=True)
    post.send(work, replace(notice, in_reply_to=mail.mail.message_id), mail.cause, answer=True, queue=queue)
    return Ending(outcome, reason)
