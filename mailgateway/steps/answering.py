"""A mail on its ticket: who wrote it and how well that is proven, the line it leaves, and the direct answer to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailgateway.core import access
from mailgateway.core.access import Evidence, Proof
from mailgateway.core.cases import Decision, Happening
from mailgateway.core.keys import KeyState, Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Event, Notice
from mailgateway.core.people import Person
from mailgateway.core.routing import Route
from mailgateway.core.tickets import Asked, Entry, EntryKind, Ticket
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply, post, tell
from mailgateway.steps.context import Cause, Work
from mailgateway.steps.prepare import Prepared
from mailgateway.store.workset import Twin

_FORGED = 0  # the evidence of a copy whose words agents alone may read
_SPEAKS = frozenset({Event.COMMENTED, Event.REPLIED, Event.NOTED})


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail on its ticket, with who wrote it and how well that is proven."""

    mail: Prepared
    ticket: Ticket
    author: Person
    roles: frozenset[Role]
    proof: Proof
    is_named: bool = False  # a participant's mail named him, and his address is proven
    is_note: bool = False  # it answers an internal note
    is_kept: bool = False  # its words are in the history already, by a less proven copy of this very mail

    @property
    def speaks(self) -> bool:
        """Whether he may comment: a participant with a reference of this ticket, or somebody whom one has named.

        What answers a note is for agents.
        """
        if self.proof.failed or self.proof.evidence(access.PERMISSIONS[Act.COMMENT].purposes) < Evidence.THREAD:
            return False
        return Role.AGENT in self.roles if self.is_note else bool(self.roles) or self.is_named

    @property
    def by_agent(self) -> bool:
        """Whether he speaks for the desk here."""
        return Role.AGENT in self.roles and Role.REQUESTER not in self.roles

    @property
    def by_machine(self) -> bool:
        """Whether it may have been written by one: kept, but it moves nothing."""
        return not self.mail.screen.may_command or self.mail.screen.only_explicit

    @property
    def proven(self) -> bool:
        """At least `aligned`."""
        return self.proof.evidence(access.PERMISSIONS[Act.LEAVE].purposes) >= Evidence.ALIGNED

    @property
    def purpose(self) -> Purpose | None:
        """What it is for: that of the reply address, where it is the author's own."""
        if self.is_note:
            return Purpose.NOTE
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
        return replace(self.mail.cause, heard=heard, proven=self.proven)


def received(
    work: Work, mail: Prepared, route: Route, ticket: Ticket, author: Person, weaker: Twin | None = None
) -> Reply:
    """A mail on the ticket that a rule of threading has led to; `weaker` is a less proven copy of it."""
    roles, proof = access.roles_of(author, ticket, work.gateway.house.queues), _proof(work, mail, route, author)
    left_unread = weaker is not None and weaker.evidence == _FORGED and route.why != "other_copy"
    return Reply(
        mail,
        ticket,
        author,
        roles,
        proof,
        is_named=proof.aligned and any(author.owns(a) for a in ticket.named),
        is_note=route.note,
        is_kept=weaker is not None and bool(roles) and not left_unread,
    )


def _proof(work: Work, mail: Prepared, route: Route, author: Person) -> Proof:
    failed = mail.verdict.level == "fail"
    key = route.key if route.key and route.key.state is not KeyState.VOID else None
    if key and key.purpose is Purpose.NOTE and key.person_id != author.id:
        key = None  # where notes are answered is a place among agents, not a right of one of them
    if not mail.mail.from_:
        return Proof(key=key, foreign=key is not None)  # an envelope sender, who stands in, proves nothing
    return Proof(
        thread=route.thread,
        aligned=mail.proven,
        failed=failed,
        key=key,
        owned=bool(key and key.person_id == author.id and key.holds(work.now) and not failed),
        foreign=key is not None and key.person_id != author.id,
        once_aligned=any(a in work.set.people.once_aligned for a in (author.email, *author.addresses)),
    )


def keep(work: Work, it: Reply, text: str, *, internal: bool = False, unverified: bool = False) -> None:
    """The words of a mail as a line of the history, with everything the mail brought; told by nobody."""
    if it.is_kept or not (text or it.mail.evidence):
        return
    kind = EntryKind.NOTE if internal else EntryKind.COMMENT
    entry = filled(it, Entry(kind, work.now, it.author, text, internal=internal, unverified=unverified))
    apply.write(work, Decision(work.set.tickets[it.ticket.number], (entry,)), it.mail.item.id)


def speak(work: Work, it: Reply, joined: Decision, text: str, more: tuple[Happening, ...] = ()) -> None:
    """A comment with everything its mail brought, after the followers it brought along."""
    roles = access.roles_of(it.author, joined.ticket, work.gateway.house.queues)
    if it.by_machine:
        roles -= {Role.REQUESTER}  # whose words would end a pause
    roles = roles or frozenset({Role.FOLLOWER})
    decision = apply.judge(work, joined.ticket, it.author, Asked(Act.COMMENT, text), roles)
    told = tuple(replace(h, evidence=it.mail.evidence) if h.event in _SPEAKS else h for h in decision.happenings)
    said = (filled(it, decision.entries[0]), *decision.entries[1:])
    whole = Decision(decision.ticket, (*joined.entries, *said), told)
    apply.apply(work, whole, it.author, apply.foremost(it.roles or roles, it.ticket), it.cause, more)


def filled(it: Reply, entry: Entry) -> Entry:
    """A history line with the evidence of the mail, its HTML, and what was cut from its text."""
    parts = it.mail.mail.parts
    cut = "\n".join(p for p in (parts.signature, parts.quoted) if p)
    return replace(entry, evidence=it.mail.evidence, html=it.mail.mail.html, cut=cut)


def lines(work: Work, it: Reply) -> tuple[Line, ...]:
    """What the author may send instead."""
    seated = it.ticket.open_round and it.ticket.open_round.seat_at(it.author, work.now)
    return tell.lines(work, it.ticket, it.author, "approval_requested" if seated else "asked")[:5]


def blank(work: Work, it: Reply, name: str, *, own_words: bool = False) -> Notice:
    """A direct answer before its words: to the author, at his registered address.

    A question to a seat carries a key to decide, whichever way he wrote: it reaches him and nobody else. A question to
    a rater carries one to rate, so that the next reply counts.
    """
    round_, now = it.ticket.open_round, work.set.tickets[it.ticket.number]
    if name == "asked" and round_ and round_.seat_at(it.author, work.now):
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
        ticket=now if it.roles else None,
        own_words_only=own_words,
        acceptance=bool(round_ and round_.acceptance),
        seat=now.round.seat_of(it.author) if now.round else None,
    )


def answer(work: Work, it: Reply, notice: Notice) -> None:
    """Send a direct answer."""
    post.send(work, notice, it.cause, answer=True, queue=work.queue(it.ticket))
