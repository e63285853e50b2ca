"""The acts that a mail asks for: all of them or none, and the author hears which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailgateway.core import access, questions
from mailgateway.core.access import Evidence
from mailgateway.core.cases import Decision, Happening
from mailgateway.core.commands import Doubt, Reading
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.notices import Done, Event
from mailgateway.core.outcomes import Outcome, strongest
from mailgateway.core.people import Person
from mailgateway.core.tickets import Asked, Entry, EntryKind
from mailgateway.core.workflow import Act, Role, Status
from mailgateway.steps import apply, questioning, suggesting, tell
from mailgateway.steps.answering import Reply, answer, blank, filled, keep, lines, speak
from mailgateway.steps.context import Work
from mailgateway.steps.opening import Ending

#: Refusals that a clearer or better proven mail would mend: they are asked about.
_ASKED = frozenset({"needs_reason", "scale", "needs_key", "needs_aligned", "needs_address", "bad_date"})


def ask(work: Work, it: Reply, reading: Reading, doubt: Doubt) -> Ending:
    """Doubt changes nothing: the words are kept, the agents may read them, one question with the exact lines goes back.

    An agent's own words may hold what no contact should read: they stay inside.
    """
    keep_and_tell(work, it, internal=reading.internal)
    if it.proven and it.mail.screen.may_answer:
        notice = replace(blank(work, it, "asked"), reason=doubt.kind, line=doubt.line)
        answer(work, it, replace(notice, lines=(*questioning.code_lines(work, it), *doubt.suggestions)))
    return Ending(Outcome.ASKED, doubt.kind, doubt.line, it.ticket.number)


def keep_inside(work: Work, it: Reply, why: str) -> Ending:
    """An agent's reply of which nobody can say where the quotation begins: what it quotes may be internal."""
    whole = apply.judge(work, it.ticket, it.author, Asked(Act.NOTE, it.written), it.roles)
    apply.apply(work, _with_evidence(it, whole), it.author, Role.AGENT, it.cause)
    answer(work, it, replace(blank(work, it, "asked"), reason="uncertain_cut", lines=lines(work, it)))
    return Ending(Outcome.ASKED, "uncertain_cut", why, it.ticket.number)


def keep_and_tell(work: Work, it: Reply, *, internal: bool = False, tells: bool = True) -> None:
    """The words of a mail that has not the effect which it meant: kept, and the agents may read them."""
    inside = it.by_agent or (internal and Role.AGENT in it.roles)
    keep(work, it, it.written, internal=inside, unverified=not it.speaks)
    if tells and it.written and it.proven and it.speaks and not (it.by_agent or it.is_kept):
        told = (Happening(Event.UNCLEAR, it.written, evidence=it.mail.evidence),)
        role = apply.foremost(it.roles, it.ticket)
        tell.spread(work, work.set.tickets[it.ticket.number], it.author, role, told, it.cause)


def act(work: Work, it: Reply, reading: Reading) -> Ending:
    """Apply what is asked, all of it or none: first every act is judged, only then is any written."""
    if ending := held(work, it, reading):
        return ending
    if refused := why_not(work, it, reading.acts):
        return refuse(work, it, reading, *refused)
    if it.is_kept:
        questioning.withdraw(work, it)
    return _carry_out(work, it, reading)


def refusals(work: Work, it: Reply, acts: Sequence[Asked]) -> list[str]:
    """For each act the code why it is not this author's by this mail, or ""."""
    required = work.gateway.settings.authenticity.require_aligned
    return [access.refusal(a.act, it.roles, it.proof, required, it.ticket.round) for a in acts]


def why_not(work: Work, it: Reply, acts: Sequence[Asked]) -> tuple[Asked, Decision] | None:
    """The first act that rights or the workflow refuse; None where all may be done."""
    for asked, reason in zip(acts, refusals(work, it, acts), strict=True):
        if reason:
            return asked, Decision(it.ticket, refusal=reason)
    return _impossible(work, it, it.author, acts)


def _impossible(work: Work, it: Reply, person: Person, acts: Sequence[Asked]) -> tuple[Asked, Decision] | None:
    decisions = apply.judge_all(work, it.ticket, person, acts, it.mail.item.received_at)
    return (acts[len(decisions) - 1], decisions[-1]) if decisions[-1].refusal else None


def held(work: Work, it: Reply, reading: Reading) -> Ending | None:
    """What lacks nothing but a proof waits for one, and its author is asked; None where more is missing."""
    acts = reading.acts
    reasons = refusals(work, it, acts)
    if not it.roles or not questions.may_hold(acts, reasons) or not questioning.can_ask(work, it.ticket, acts):
        return None
    if impossible := _impossible(work, it, it.author, acts):
        return None if it.proof.failed else refuse(work, it, reading, *impossible)
    keep_and_tell(work, it, internal=reading.internal, tells=_says_more(reading))
    if "expired" in reasons and it.proof.aligned and _request_again(work, it):
        return Ending(Outcome.ASKED, "expired", ticket=it.ticket.number)
    return questioning.hold(work, it, acts, next(filter(None, reasons)))


def _says_more(reading: Reading) -> bool:
    """Whether there are words beside the bare commands."""
    return any(a.text for a in reading.acts) or bool(reading.comment.strip())


def _carry_out(work: Work, it: Reply, reading: Reading) -> Ending:
    """Write each act on what the one before it left, and one receipt where no other mail went to the author."""
    number, mailed = it.ticket.number, set[int]()
    rest = "" if reading.internal else reading.comment.strip()
    bearer = _bearer(it, reading, rest)
    done: list[Done] = []
    for asked in reading.acts:
        before = work.set.tickets[number]
        roles = access.roles_of(it.author, before, work.gateway.house.queues)
        decision = apply.judge(work, before, it.author, asked, roles, it.mail.item.received_at)
        if asked is bearer and decision.entries:
            decision, bearer = _with_evidence(it, decision), None
        ticket, told = apply.apply(work, decision, it.author, apply.foremost(roles, before, asked.act), it.cause)
        mailed |= told
        if asked.act is Act.CLOSE and asked.number and ticket.status is Status.FINISHED:
            suggesting.deflected(work, ticket, asked.number)
        act = Act.COMMENT if _is_wish(decision) else asked.act
        other = decision.beside.ticket.number if decision.beside else None
        done.append(Done(act, asked.line, before.status, ticket.status, other))
    if rest or (bearer and it.mail.evidence):
        speak_along(work, it, reading, rest)
    if it.author.id not in mailed:
        receipt = replace(blank(work, it, "receipt"), done=tuple(done))
        answer(work, it, replace(receipt, lines=tell.lines(work, work.set.tickets[number], it.author, "receipt")))
    return _done(work, reading, done, number)


def _done(work: Work, reading: Reading, done: list[Done], number: int) -> Ending:
    """A requester's wish that only an agent can grant is a comment, whatever verb it used."""
    names = work.gateway.phrases.labels(work.gateway.language).acts
    about = ", ".join(names[a.act] for a in reading.acts)
    outcome = strongest(Outcome.COMMENTED if d.act is Act.COMMENT else Outcome.ACTED for d in done)
    return Ending(outcome, "acted" if outcome is Outcome.ACTED else "wished", about, number)


def _bearer(it: Reply, reading: Reading, rest: str) -> Asked | None:
    """The act whose line holds what the mail brought: the note, where there is one; none where a comment does.

    The files of a mail that only splits are the new ticket's.
    """
    if rest or it.is_kept:
        return None
    return min(reading.acts, key=lambda a: (a.act is not Act.NOTE, a.act is Act.SPLIT))


def _with_evidence(it: Reply, decision: Decision) -> Decision:
    """A decision with what its mail brought. What it quotes is this ticket's, and is not told on a new one."""
    first, beside = filled(it, decision.entries[0]), decision.beside
    if beside and beside.entries[0].kind is EntryKind.OPENED:
        opened = replace(beside.entries[0], evidence=first.evidence)
        return replace(_led_by(replace(first, evidence=()), decision), beside=_led_by(opened, beside))
    return _led_by(first, decision)


def _led_by(first: Entry, decision: Decision) -> Decision:
    """A decision with this as its first line, whose evidence is shown to whoever hears of it."""
    told = tuple(replace(h, evidence=first.evidence) for h in decision.happenings)
    return replace(decision, entries=(first, *decision.entries[1:]), happenings=told)


def speak_along(work: Work, it: Reply, reading: Reading, rest: str) -> None:
    """Words and files beside what a mail asks for; an agent's are public like any reply of his, if they are his.

    Whoever asks by a reply address alone, and has no say here, has none by asking either.
    """
    if reading.thanks or it.is_kept or not it.speaks:
        keep(work, it, rest, unverified=not it.speaks)
    elif it.by_agent and not it.mail.mail.parts.certain:
        keep(work, it, rest, internal=True)
    else:
        speak(work, it, Decision(work.set.tickets[it.ticket.number]), rest)


def _is_wish(decision: Decision) -> bool:
    return any(h.event is Event.COMMENTED for h in decision.happenings)


def spend_if_shared(work: Work, it: Reply) -> None:
    """A key to decide that outsiders have seen in To or Cc is judged once: what we send from now on has another."""
    if it.purpose is not Purpose.DECIDE or it.proof.key is None:
        return
    people, queues = work.set.people.by_address, work.gateway.house.queues
    shown = {m.email for m in (*it.mail.mail.to, *it.mail.mail.cc) if not work.gateway.house.ours(m.email)}
    if any(not access.roles_of(people.get(email), it.ticket, queues) for email in shown):
        work.set.spend(it.proof.key)


def refuse(work: Work, it: Reply, reading: Reading, asked: Asked, decision: Decision) -> Ending:
    """Nothing is applied; the words are kept, the author and whoever is concerned hear why."""
    reason, number = decision.refusal, it.ticket.number
    keep_and_tell(work, it, internal=reading.internal, tells=reason != "wrong_owner" and _says_more(reading))
    if reason == "wrong_owner":
        _warn(work, it, reading.acts)
    name = "asked" if reason in _ASKED else "refused"
    known = it.proof.evidence(frozenset(Purpose)) > Evidence.NONE and not it.proof.failed
    if it.mail.screen.may_answer and known:
        notice = blank(work, it, name, own_words=not it.proven)
        shown = asked.line if it.proven else ""
        notice = replace(notice, reason=reason if it.roles else "not_participant", line=shown, text=decision.about)
        answer(work, it, replace(notice, lines=lines(work, it)))
    return Ending(Outcome.ASKED if name == "asked" else Outcome.REFUSED, reason, decision.about, number)


def _request_again(work: Work, it: Reply) -> bool:
    """The right person with a reply address that was used up: a fresh one, while his answer is awaited."""
    seat = it.ticket.open_round.seat_at(it.author, work.now) if it.ticket.open_round else None
    if seat is None or seat.vote is not None:
        return False
    tell.spread(work, it.ticket, None, None, (Happening(Event.EXPIRED, people=(it.author,)),), it.cause)
    return True


def _warn(work: Work, it: Reply, acts: Sequence[Asked]) -> None:
    """Somebody else used a reply address: its owner and the agents must know.

    Where it was made to decide, the owner is asked instead: the mail may come from a second address of his.
    """
    key = it.proof.key
    owner = work.set.people.by_id.get(key.person_id) if key else None
    if owner and key and _decides(work, it, key, owner, acts):
        if not questioning.ask(work, it, owner, acts, "wrong_owner"):
            return
    elif owner:
        role = apply.foremost(access.roles_of(owner, it.ticket, work.gateway.house.queues), it.ticket)
        questioning.warn(work, it, owner, role or Role.FOLLOWER, "wrong_owner")
    questioning.warn_agents(work, it, "wrong_owner", but=owner)


def _decides(work: Work, it: Reply, key: Key, owner: Person, acts: Sequence[Asked]) -> bool:
    """Whether these acts would count if the owner of this key had sent them."""
    round_ = it.ticket.open_round
    if not (acts and round_ and key.purpose is Purpose.DECIDE and key.holds(work.now) and key.round_id == round_.id):
        return False
    decide = all(a.act in questions.DECISIONS for a in acts)
    return decide and questioning.can_ask(work, it.ticket, acts) and _impossible(work, it, owner, acts) is None
