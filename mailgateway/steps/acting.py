"""The acts that a mail asks for: all of them or none, and the author hears which."""

from __future__ import annotations

from dataclasses import replace

from mailgateway.core import access
from mailgateway.core.access import Evidence
from mailgateway.core.cases import Decision
from mailgateway.core.commands import Doubt, Reading
from mailgateway.core.keys import Purpose
from mailgateway.core.notices import Done, Event, Notice
from mailgateway.core.outcomes import Outcome, strongest
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act, Role
from mailgateway.steps import apply, tell
from mailgateway.steps.answering import Reply, answer, blank, filled, line, lines
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending

#: Refusals that a clearer or better proven mail would mend: they are asked about.
_ASKED = frozenset({"needs_reason", "scale", "needs_key", "needs_aligned", "needs_address"})


def ask(work: Work, it: Reply, reading: Reading, doubt: Doubt) -> Ending:
    """Doubt changes nothing: the words are kept, and one question with the exact lines goes back."""
    internal = reading.internal and Role.AGENT in it.roles
    apply.write(work, Decision(it.ticket, (line(work, it, it.written, internal=internal),)), it.mail.item.id)
    if it.proven and it.mail.screen.may_answer:
        notice = replace(blank(work, it, "asked"), reason=doubt.kind, line=doubt.line)
        answer(work, it, replace(notice, lines=doubt.suggestions))
    return Ending(Outcome.ASKED, doubt.kind, doubt.line, it.ticket.number)


def act(work: Work, it: Reply, reading: Reading) -> Ending:
    """Apply what is asked, all of it or none: first every act is judged, only then is any written."""
    required = work.gateway.settings.authenticity.require_aligned
    for asked in reading.acts:
        if reason := access.refusal(asked.act, it.roles, it.proof, required, it.ticket.round):
            return _refuse(work, it, reading, asked, Decision(it.ticket, refusal=reason))
    decisions = apply.judge_all(work, it.ticket, it.author, reading.acts)
    if decisions[-1].refusal:
        return _refuse(work, it, reading, reading.acts[len(decisions) - 1], decisions[-1])
    return _carry_out(work, it, reading)


def _carry_out(work: Work, it: Reply, reading: Reading) -> Ending:
    """Write each act on what the one before it left, and one receipt where no other mail went to the author."""
    number, mailed = it.ticket.number, set[int]()
    done: list[Done] = []
    outcomes: list[Outcome] = []
    for asked in reading.acts:
        before = work.set.tickets[number]
        roles = access.roles_of(it.author, before, work.gateway.house.queues)
        decision = apply.judge(work, before, it.author, asked, roles)
        if asked.act is Act.NOTE:
            decision = _with_evidence(it, decision)
        ticket, told = apply.apply(work, decision, it.author, apply.foremost(roles, before, asked.act), it.cause)
        mailed |= told
        done.append(Done(asked.act, asked.line, before.status, ticket.status))
        outcomes.append(_outcome(decision))
    _spend_shared(work, it)
    if it.author.id not in mailed:
        receipt = replace(blank(work, it, "receipt"), done=tuple(done))
        answer(work, it, replace(receipt, lines=tell.lines(work, work.set.tickets[number], it.author, "receipt")))
    names = work.gateway.phrases.labels(work.gateway.language).acts
    return Ending(strongest(outcomes), "acted", ", ".join(names[a.act] for a in reading.acts), number)


def _with_evidence(it: Reply, decision: Decision) -> Decision:
    """A note with what its mail brought."""
    told = tuple(replace(h, evidence=it.mail.evidence) for h in decision.happenings)
    return replace(decision, entries=(filled(it, decision.entries[0]), *decision.entries[1:]), happenings=told)


def _outcome(decision: Decision) -> Outcome:
    """A requester's wish that only an agent can grant is a comment, whatever verb it used."""
    wished = any(h.event is Event.COMMENTED for h in decision.happenings)
    return Outcome.COMMENTED if wished else Outcome.ACTED


def _spend_shared(work: Work, it: Reply) -> None:
    """A decision key that outsiders have seen in To or Cc is judged once and then opens nothing more."""
    if it.purpose is not Purpose.DECIDE or it.proof.key is None:
        return
    others = {m.email for m in (*it.mail.mail.to, *it.mail.mail.cc) if not work.gateway.house.ours(m.email)}
    insiders = [it.author, *(f.person for f in it.ticket.followers)]
    insiders += [p for p in (it.ticket.requester, it.ticket.assignee) if p]
    if any(not any(p.owns(e) for p in insiders) for e in others):
        work.set.spend(it.proof.key)


def _refuse(work: Work, it: Reply, reading: Reading, asked: Asked, decision: Decision) -> Ending:
    """Nothing is applied; the words are kept, the author and whoever is concerned hear why."""
    reason, number = decision.refusal, it.ticket.number
    internal = reading.internal and Role.AGENT in it.roles
    entry = line(work, it, it.written, internal=internal, unverified=not it.roles or it.proof.failed)
    apply.write(work, Decision(it.ticket, (entry,)), it.mail.item.id)
    if reason == "wrong_owner":
        _warn(work, it)
    name = "asked" if reason in _ASKED else "refused"
    if it.mail.screen.may_answer and it.proof.evidence(frozenset(Purpose)) > Evidence.NONE:
        notice = blank(work, it, name, own_words=not it.proven)
        shown = asked.line if it.proven else ""
        notice = replace(notice, reason=reason if it.roles else "not_participant", line=shown, text=decision.about)
        answer(work, it, replace(notice, lines=lines(work, it)))
    return Ending(Outcome.ASKED if name == "asked" else Outcome.REFUSED, reason, decision.about, number)


def _warn(work: Work, it: Reply) -> None:
    """Somebody else used a reply address: its owner and the agents must know."""
    key = it.proof.key
    owner = work.set.people.by_id.get(key.person_id) if key else None
    agents = [tell.agent_person(work, a) for a in work.queue(it.ticket).agents]
    agents = [it.ticket.assignee] if it.ticket.assignee else agents
    owner_role = apply.foremost(access.roles_of(owner, it.ticket, work.gateway.house.queues), it.ticket)
    told = {p: Role.AGENT for p in agents} | ({owner: owner_role or Role.FOLLOWER} if owner else {})
    for person, role in told.items():
        notice = Notice("warning", person, role, Purpose.TALK, work.now, it.ticket, it.author, reason="wrong_owner")
        tell.send(work, notice, replace(it.cause, message_id=""))
