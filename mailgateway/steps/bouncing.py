"""A report that comes back: which mail of ours it speaks of, and how far it is believed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from mailgateway.core import keys
from mailgateway.core.cases import Decision
from mailgateway.core.messages import Kind
from mailgateway.core.outcomes import Outcome
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.steps import apply, reminding
from mailgateway.steps.context import Cause, Work
from mailgateway.steps.opening import Ending
from mailgateway.steps.prepare import Prepared


def report(work: Work, mail: Prepared) -> Ending:
    """A report counts only for a mail that we sent: by its signed envelope sender, or our Message-ID in it."""
    addressed = (*mail.item.envelope.rcpt_to, *mail.mail.delivered_to, *(m.email for m in mail.mail.to))
    signed = {i for a in addressed if (i := keys.read_bounce(a, work.gateway.secrets)) is not None}
    quoted = {*mail.mail.returned_ids, *mail.references.message_ids}
    ours = [r for r in work.set.returned if r.id in signed or r.message_id in quoted]
    if not ours:
        return Ending(Outcome.BOUNCE, "foreign_bounce")
    row = next((r for r in ours if r.id in signed), ours[0])
    if mail.mail.kind is not Kind.BOUNCE or any(b.status.startswith("4") for b in mail.mail.bounces):
        return Ending(Outcome.BOUNCE, "bounce_report", row.to, row.ticket)
    _came_back(work, mail, row, believed=row.id in signed)
    return Ending(Outcome.BOUNCE, "bounced", row.to, row.ticket)


def _came_back(work: Work, mail: Prepared, row: Row[Any], *, believed: bool) -> None:
    """Shown on the ticket and counted for the address.

    Whoever has seen a Message-ID of ours can forge a report (RFC 3464 section 4.1). Without the signed envelope sender
    it is shown once for each mail, makes the address doubtful at most, and asks nobody in the addressee's place.
    """
    fresh = work.set.failed(row.id, work.gateway.sentences.reason("bounced", row.to))
    work.set.bounced(row.to, believed=believed)
    ticket = work.set.tickets.get(row.ticket)
    if ticket is None or not (fresh or believed):
        return
    entry = Entry(EntryKind.FAILURE, work.now, None, "", label="bounced", about=row.to, internal=True)
    ticket = apply.write(work, Decision(replace(ticket, updated_at=work.now), (entry,)), mail.item.id)
    if believed:
        reminding.bounced(work, ticket, row, Cause(mail.item.id))
