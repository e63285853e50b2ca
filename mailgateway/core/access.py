"""PERMISSIONS: what each act needs of the person, the channel and the key; and what a person may see."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

from mailgateway.core.keys import Key, Purpose
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Entry, EntryKind, Round, Ticket
from mailgateway.core.workflow import QUERIES, Act, Role, doers, no_role


class Evidence(IntEnum):
    """What speaks for it that a mail is from whom it says, weakest first."""

    NONE = 0
    THREAD = 1  # a valid reference of this ticket
    ALIGNED = 2  # SPF, DKIM or a login that fits the From address
    KEY = 3  # a valid reply address of this ticket whose owner is the From address


@dataclass(frozen=True, slots=True)
class Proof:
    """All that is known about who wrote a mail, as far as one ticket is concerned.

    `failed`: somebody whom we believe says that the From address is forged. `key` is the reply address used, whoever
    its owner is: `foreign` if that is somebody else, `owned` if it is the author's own and still holds.
    `once_aligned`: this address was aligned before.
    """

    thread: bool = False
    aligned: bool = False
    failed: bool = False
    key: Key | None = None
    owned: bool = False
    foreign: bool = False
    once_aligned: bool = False
    operator: bool = False

    def evidence(self, purposes: frozenset[Purpose]) -> Evidence:
        """The strongest evidence for an act that these purposes count for."""
        if self.operator:
            return Evidence.KEY
        if self.failed:
            return Evidence.THREAD if self.thread else Evidence.NONE
        if self.owned and self.key and self.key.purpose in purposes:
            return Evidence.KEY
        if self.aligned:
            return Evidence.ALIGNED
        return Evidence.THREAD if self.thread else Evidence.NONE


@dataclass(frozen=True, slots=True)
class Permission:
    """What an act needs: at least this evidence, where a key counts only with one of these purposes."""

    evidence: Evidence
    purposes: frozenset[Purpose]
    strict: bool = False  # also `aligned`, as `require_aligned` says


_TALK = frozenset({Purpose.TALK, Purpose.DECIDE, Purpose.RATE})
_DECISION = Permission(Evidence.KEY, frozenset({Purpose.DECIDE}), strict=True)
_PROVEN = Permission(Evidence.ALIGNED, _TALK)

PERMISSIONS: dict[Act, Permission] = {
    **{act: _PROVEN for act in Act},
    Act.COMMENT: Permission(Evidence.THREAD, _TALK | {Purpose.NOTE}),
    Act.OPEN: Permission(Evidence.NONE, _TALK),
    Act.APPROVE: _DECISION,
    Act.REJECT: _DECISION,
    Act.CONTEST: _DECISION,
    Act.DELEGATE: _DECISION,
    Act.NOTE: Permission(Evidence.ALIGNED, _TALK | {Purpose.NOTE}),
    Act.LEAVE: Permission(Evidence.ALIGNED, _TALK | {Purpose.LEAVE}),
    Act.LIST: Permission(Evidence.ALIGNED, _TALK | {Purpose.PAGE}),
}

#: Acts that need no role on the ticket.
_ANYBODYS = QUERIES | {Act.OPEN}


def refusal(
    act: Act, roles: frozenset[Role], proof: Proof, require_aligned: str = "auto", round_: Round | None = None
) -> str:
    """Why this act is not this person's, as a code; "" where it is allowed.

    `require_aligned` is `always`, `never`, or `auto`: once an address was aligned, its decisions must always be.
    `round_` is the ticket's latest round, with which a key to decide lives.
    """
    if act is Act.CLOSE and round_ and round_.open and Role.APPROVER in roles:
        act = Act.APPROVE  # which it is then
    permission = PERMISSIONS[act]
    if proof.foreign and act is not Act.COMMENT:
        return "wrong_owner"
    if act not in _ANYBODYS and not doers(act) & roles:
        return no_role(act)
    if proof.operator:
        return ""
    if proof.failed:
        return "needs_aligned" if permission.evidence else ""  # `fail` closes no door to a new ticket
    if permission.strict:
        return _why_no_decision(permission, proof, require_aligned, round_)
    if proof.key and not _lives(proof.key, round_):
        proof = replace(proof, owned=False)
    return "" if proof.evidence(permission.purposes) >= permission.evidence else "needs_proof"


def _lives(key: Key, round_: Round | None) -> bool:
    """Whether the round that a key to decide was made for still goes on; others live by themselves."""
    return key.purpose is not Purpose.DECIDE or round_ is None or (key.round_id == round_.id and round_.open)


def _why_no_decision(permission: Permission, proof: Proof, require_aligned: str, round_: Round | None) -> str:
    """A decision needs the key of this very round, whose being over is for `core.decide` to say."""
    if proof.evidence(permission.purposes) < permission.evidence:
        return "expired" if proof.key and not proof.owned else "needs_key"
    if proof.key and round_ and proof.key.round_id != round_.id:
        return "superseded"
    return "needs_aligned" if must_align(proof, require_aligned) and not proof.aligned else ""


def must_align(proof: Proof, require_aligned: str) -> bool:
    """Whether a decision must be `aligned` too: `always`, `never`, or `auto`: once this address ever was."""
    return require_aligned == "always" or (require_aligned == "auto" and proof.once_aligned)


def roles_of(person: Person | None, ticket: Ticket, queues: tuple[Queue, ...]) -> frozenset[Role]:
    """Everything that this person is to this ticket; nobody at all for None.

    A delegate is an approver, after his last day too: that he decides no more is for `core.decide` to say.
    """
    if person is None:
        return frozenset()
    roles = set()
    if ticket.requester and ticket.requester.id == person.id:
        roles.add(Role.REQUESTER)
    if ticket.follows(person):
        roles.add(Role.FOLLOWER)
    if ticket.round and ticket.round.seat_of(person):
        roles.add(Role.APPROVER)
    if any(q.has_agent(person) for q in queues if q.name in (ticket.queue, *ticket.other_queues)):
        roles.add(Role.AGENT)
    return frozenset(roles)


def sees(entry: Entry, person: Person, roles: frozenset[Role], ticket: Ticket, now: datetime) -> bool:
    """Whether this person may read this line of the ticket's history.

    Agents and the requester see all that is public, agents also what is internal or unverified; who may decide in an
    open round sees the whole public history, a follower what came since he joined.
    """
    if Role.AGENT in roles:
        return True
    if entry.internal or entry.unverified or entry.kind is EntryKind.NOTE:
        return False
    if Role.REQUESTER in roles or (ticket.open_round and ticket.open_round.seat_at(person, now)):
        return True
    joined = [f.joined_at for f in ticket.followers if f.person.id == person.id]
    return bool(joined) and entry.at >= joined[0]
