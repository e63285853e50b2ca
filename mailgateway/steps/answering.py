"""A mail on its ticket: who wrote it and how well that is proven, the line it leaves, and the direct answer to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailgateway.core import access
from mailgateway.core.access import Evidence, Proof
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply, tell
from mailgateway.steps.context import Cause, Work
from mailgateway.steps.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail on its ticket, with who wrote it and how well that is proven."""

    mail: Prepared
    ticket: Ticket
    author: Person
    roles: frozenset[Role]
    proof: Proof

    @property
    def proven(self) -> bool:
        """At least `aligned`."""
        return self.proof.evidence(access.PERMISSIONS[Act.LEAVE].purposes) >= Evidence.ALIGNED

    @property
    def purpose(self) -> Purpose | None:
        """Of the reply address, where it is the author's own."""
        return self.proof.key.purpose if self.proof.key and self.proof.owned else None

    @property
    def written(self) -> str:
        """The newly written text."""
        return self.mail.mail.parts.new.strip()

    @property
    def cause(self) -> Cause:
        """What our mails about it answer; who stood in To or Cc of a proven mail has its text already."""
        mail = self.mail.mail
        heard = frozenset(m.email for m in (*mail.to, *mail.cc)) if self.proof.aligned else frozenset()
        return Cause(self.mail.item.id, mail.message_id, heard, self.proven, self.mail.screen.may_answer)


def line(work: Work, it: Reply, text: str, *, internal: bool = False, unverified: bool = False) -> Entry:
    """The words of a mail as a line of the history, with everything the mail brought."""
    kind = EntryKind.NOTE if internal else EntryKind.COMMENT
    return filled(it, Entry(kind, work.now, it.author, text, internal=internal, unverified=unverified))


def filled(it: Reply, entry: Entry) -> Entry:
    """A history line with the evidence of the mail, its HTML, and what was cut from its text."""
    parts = it.mail.mail.parts
    cut = "\n".join(p for p in (parts.signature, parts.quoted) if p)
    return replace(entry, evidence=it.mail.evidence, html=it.mail.mail.html, cut=cut)


def lines(work: Work, it: Reply) -> tuple[Line, ...]:
    """What the author may send instead."""
    seated = it.ticket.open_round and it.ticket.open_round.seat_of(it.author)
    return tell.lines(work, it.ticket, it.author, "approval_requested" if seated else "asked")[:5]


def blank(work: Work, it: Reply, name: str, *, own_words: bool = False) -> Notice:
    """A direct answer before its words: to the author, at his registered address.

    A question to a seat carries a key to decide, whichever way he wrote: it reaches him and nobody else. A question to
    a rater carries one to rate, so that the next reply counts.
    """
    round_ = it.ticket.open_round
    if name == "asked" and round_ and round_.seat_of(it.author):
        purpose = Purpose.DECIDE
    else:
        purpose = Purpose.RATE if name == "asked" and it.purpose is Purpose.RATE else Purpose.TALK
    role = apply.foremost(it.roles, it.ticket)
    return Notice(
        name=name,
        to=it.author,
        role=role or "author",
        purpose=purpose,
        at=work.now,
        ticket=work.set.tickets[it.ticket.number] if it.roles else None,
        own_words_only=own_words,
        acceptance=bool(round_ and round_.acceptance),
    )


def answer(work: Work, it: Reply, notice: Notice) -> None:
    """Send a direct answer."""
    tell.send(work, notice, it.cause, answer=True)
