"""One prepared mail against the workset: screening, copies, routing, and then opening or replying."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core import keys, routing
from mailgateway.core.outcomes import Outcome
from mailgateway.core.routing import Held, Route
from mailgateway.core.tickets import Ticket
from mailgateway.steps import alarming, bouncing, replying
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared, look_again
from mailgateway.store.inbox import Finished
from mailgateway.store.workset import Twin, Wanted

_LEVELS = {"fail": 0, "none": 1, "aligned": 2}
_ABOUT = 200  # characters
_WORDS_LAST = timedelta(hours=24)  # in which the same words without a Message-ID are the same mail


def wanted(mails: list[Prepared], work_addresses: frozenset[str], secrets: tuple[str, ...]) -> Wanted:
    """All that a batch refers to."""
    want = Wanted(emails=set(work_addresses))
    for mail in mails:
        found, parsed = mail.references, mail.mail
        want.emails |= {m.email for m in (*parsed.from_, *parsed.to, *parsed.cc, *parsed.forwarded)}
        want.emails |= {mail.author.email} if mail.author else set()
        want.key_ids |= set(found.key_ids)
        want.message_ids |= {*found.message_ids, *parsed.returned_ids}
        want.twin_keys.add(mail.twin_key)
        want.tickets |= {*found.roots, *((found.tag,) if found.tag else ())}
        to_bounce = (*mail.item.envelope.rcpt_to, *parsed.delivered_to, *(m.email for m in parsed.to))
        want.outbox_ids |= {i for a in to_bounce if (i := keys.read_bounce(a, secrets)) is not None}
    return want


def handle(work: Work, mail: Prepared) -> Finished:
    """What becomes of one mail."""
    ending = _ending(work, mail)
    number = ending.ticket
    twin = Twin(mail.item.id, number, mail.content_key, _LEVELS[mail.verdict.level], mail.item.received_at)
    work.set.remember(mail.mail.message_id, mail.twin_key, twin)
    if mail.verdict.level == "aligned" and mail.author and mail.author.email in work.set.people.by_address:
        work.set.aligned(mail.author.email)
    return Finished(
        id=mail.item.id,
        outcome=ending.outcome,
        reason=work.gateway.sentences.reason(ending.reason, _short(ending.about)),
        ticket=number,
        message_id=mail.mail.message_id,
        twin_key=mail.twin_key,
        content_key=mail.content_key,
        evidence=twin.evidence,
    )


def _short(about: str) -> str:
    """What a reason speaks of; a line that somebody wrote may be of any length."""
    line = " ".join(about.split())
    return line if len(line) <= _ABOUT else f"{line[:_ABOUT]}…"


def _ending(work: Work, mail: Prepared) -> Ending:
    if mail.screen.outcome == "bounce":
        return bouncing.report(work, mail)
    if mail.screen.reason == "own_loop":
        alarming.echoed(work, mail)
    if mail.screen.outcome:
        return Ending(Outcome(mail.screen.outcome), mail.screen.reason, mail.screen.about)
    copies = _copies(work, mail)
    same = [c for c in copies if c.content_key == mail.content_key]
    if twin := next((c for c in same if _LEVELS[mail.verdict.level] <= c.evidence), None):
        return Ending(Outcome.DUPLICATE, "duplicate", str(twin.inbox_id), twin.ticket)
    ending = _routed(work, mail, copies, same)
    told = ending.outcome in (Outcome.COMMENTED, Outcome.OPENED)
    return replace(ending, reason="other_copy") if told and copies and not same else ending


def _copies(work: Work, mail: Prepared) -> list[Twin]:
    """What we hold of this very mail; words without a Message-ID may be written again on another day."""
    held, at = work.set.twins.get(mail.twin_key, []), mail.item.received_at
    return [c for c in held if mail.mail.message_id or abs(at - c.received_at) < _WORDS_LAST]


def _routed(work: Work, mail: Prepared, copies: list[Twin], same: list[Twin]) -> Ending:
    """To its ticket, or to a new one; `same` are weaker proven copies, whose words need not be kept again."""
    route = route_of(work, mail)
    if route.ticket is None and (number := next((c.ticket for c in copies if c.ticket), None)):
        route = replace(route, ticket=number, why="other_copy", thread=True)
    ticket = work.set.tickets.get(route.ticket) if route.ticket else None
    if ticket is None or mail.author is None:
        return replying.without_ticket(work, mail, route.key)
    weaker = max(same, key=lambda c: c.evidence, default=None)
    author = work.author(mail.author, proven=mail.proven)
    return replying.reply(work, _looked_at_again(work, mail, ticket), route, ticket, author, weaker)


def _looked_at_again(work: Work, mail: Prepared, ticket: Ticket) -> Prepared:
    """One sign of a machine becomes two where the mail came sooner after ours than a person answers."""
    if not mail.screen.only_explicit or mail.author is None:
        return mail
    sent = work.set.last_sent(ticket.number, mail.author.email)
    came = mail.item.received_at
    return look_again(work.gateway, mail, came - sent) if sent and sent <= came else mail


def route_of(work: Work, mail: Prepared) -> Route:
    """Which ticket the references of this mail lead to, and by which rule."""
    merged = {number: into for number, ticket in work.set.tickets.items() if (into := ticket.merged_into)}
    known = frozenset(work.set.tickets)
    held = Held(work.set.keys, work.set.ours, work.set.received, known, merged, frozenset(work.set.notes))
    author = work.set.people.by_address.get(mail.author.email) if mail.author else None
    return routing.route(mail.references, held, author)
