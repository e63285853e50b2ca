"""What an act does to a ticket: (ticket, act, person, now) → the next ticket and what happened, or a refusal.

Rights are judged before, by `core.access`; here stands what the workflow allows. One function an act, found by ACTS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailgateway.core import rounds
from mailgateway.core.messages import Attachment
from mailgateway.core.notices import Event, Verdict
from mailgateway.core.people import Person
from mailgateway.core.queues import Queue
from mailgateway.core.tickets import Asked, Entry, EntryKind, Follower, Pause, Rating, Round, Seat, Ticket
from mailgateway.core.workflow import Act, Role, Status, step

CONTEST_DAYS = 7
RATING_DAYS = 30  # for the first rating
RATING_CHANGE_DAYS = 7  # for another one after it
DECLINED = 9
LOW_SCORE = 2


NOBODY = rounds.Candidates()


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket, who acts on it, and the people whom the act may concern. `actor` None is the clock."""

    ticket: Ticket
    queue: Queue
    actor: Person | None
    roles: frozenset[Role]
    now: datetime
    candidates: rounds.Candidates = NOBODY
    named: tuple[Person, ...] = ()
    named_agents: frozenset[int] = frozenset()  # ids of those named who are agents of the queue
    max_followers: int = 10


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that people must hear of, for `core.notices` to spread."""

    event: Event
    text: str = ""
    people: tuple[Person, ...] = ()  # the new assignee, the new followers, the seats that had not voted
    evidence: tuple[Attachment, ...] = ()
    from_status: Status | None = None
    until: datetime | None = None
    score: int | None = None
    approved: bool | None = None
    contacts: tuple[Verdict, ...] = ()  # what became of the addresses that the mail named


@dataclass(frozen=True, slots=True)
class Decision:
    """What the core answers. With a `refusal` (a code) nothing else holds; `about` says whom or when it speaks of."""

    ticket: Ticket
    entries: tuple[Entry, ...] = ()
    happenings: tuple[Happening, ...] = ()
    refusal: str = ""
    about: str = ""


def decide(case: Case, asked: Asked) -> Decision:
    """Apply one act. A refused act changes nothing."""
    ticket = case.ticket
    if step(asked.act, ticket.status, case.roles) is None:
        return Decision(ticket, refusal=_why_not(case, asked.act))
    decision = ACTS[asked.act](case, asked)
    if decision.refusal or decision.ticket is ticket:
        return decision
    touched = ticket.touched or (Role.AGENT in case.roles and asked.act is not Act.NOTE)
    followers = tuple(replace(f, held=False) if touched else f for f in decision.ticket.followers)
    return replace(decision, ticket=replace(decision.ticket, updated_at=case.now, touched=touched, followers=followers))


def _why_not(case: Case, act: Act) -> str:
    """The code for an act that this status does not allow."""
    round_ = case.ticket.round
    if act in (Act.APPROVE, Act.REJECT):
        return "superseded" if round_ and round_.void else "late" if round_ and not round_.open else "not_open"
    return "not_finished" if act is Act.RATE else "wrong_status"


def _moved(case: Case, to: Status, *, kind: EntryKind = EntryKind.STATUS, text: str = "", label: str = "") -> Entry:
    """The history line of a change of status."""
    return Entry(kind, case.now, case.actor, text, from_status=case.ticket.status, to_status=to, label=label)


def _line(case: Case, kind: EntryKind, *, text: str = "", label: str = "", about: str = "") -> Entry:
    """A history line that changes no status."""
    return Entry(kind, case.now, case.actor, text, label=label, about=about)


def _told(event: Event, case: Case, text: str = "", people: tuple[Person, ...] = ()) -> tuple[Happening, ...]:
    return (Happening(event, text, people, from_status=case.ticket.status),)


# ---- the agent's acts


def _take(case: Case, asked: Asked) -> Decision:
    ticket = case.ticket
    if ticket.status is Status.IN_SERVICE and _is(ticket.assignee, case.actor):
        return Decision(ticket)  # his already: nothing changes, the receipt says so
    entry = _moved(case, Status.IN_SERVICE, label="took")
    taken = replace(ticket, status=Status.IN_SERVICE, assignee=case.actor, pause=None)
    return Decision(taken, (entry,), _told(Event.TAKEN, case))


def _assign(case: Case, asked: Asked) -> Decision:
    if len(case.named) != 1 or case.named[0].id not in case.named_agents:
        return Decision(case.ticket, refusal="not_an_agent", about=", ".join(asked.emails))
    agent = case.named[0]
    entry = replace(_moved(case, Status.IN_SERVICE, label="assigned"), about=agent.shown)
    ticket = replace(case.ticket, status=Status.IN_SERVICE, assignee=agent, pause=None)
    return Decision(ticket, (entry,), _told(Event.ASSIGNED, case, people=(agent,)))


def _pause(case: Case, asked: Asked) -> Decision:
    if not asked.text:
        return Decision(case.ticket, refusal="needs_reason")
    pause = Pause(asked.text, for_requester=asked.name == "requester", until=asked.until)
    entry = _moved(case, Status.PAUSED, text=asked.text)
    told = Happening(Event.PAUSED, asked.text, from_status=case.ticket.status, until=asked.until)
    return Decision(replace(case.ticket, status=Status.PAUSED, pause=pause), (entry,), (told,))


def _resume(case: Case, asked: Asked) -> Decision:
    label = "" if case.actor else "pause_ended"
    entry = _moved(case, Status.IN_SERVICE, text=asked.text, label=label)
    ticket = replace(case.ticket, status=Status.IN_SERVICE, pause=None)
    return Decision(ticket, (entry,), _told(Event.RESUMED, case, asked.text))


def _resolve(case: Case, asked: Asked) -> Decision:
    ticket, queue = case.ticket, case.queue
    if case.actor is None:
        return Decision(ticket, refusal="no_right")
    ticket = replace(ticket, assignee=ticket.assignee or case.actor, pause=None)
    asks = queue.approval == "always" or asked.act is Act.REQUEST_APPROVAL
    if not asks:
        return _finished(case, ticket, _moved(case, Status.FINISHED, text=asked.text), text=asked.text)
    who = replace(case.candidates, named=case.named)
    opened = rounds.open_round(ticket, queue, who, case.actor, case.now)
    if opened is None:
        entry = _moved(case, Status.FINISHED, text=asked.text, label="no_independent_approver")
        return _finished(case, ticket, entry, text=asked.text)
    entry = _moved(case, Status.AWAITING_APPROVAL, kind=EntryKind.APPROVAL_REQUESTED, text=asked.text)
    entry = replace(entry, label="asked_approval_of", about=", ".join(s.person.shown for s in opened.seats))
    again = {s.person.id for s in opened.seats}
    silent = tuple(p for p in _silent(ticket) if p.id not in again)
    told = _told(Event.RESOLVED, case, asked.text) + (_told(Event.WITHDRAWN, case, people=silent) if silent else ())
    return Decision(replace(ticket, status=Status.AWAITING_APPROVAL, round=opened), (entry,), told)


def _withdraw(case: Case, asked: Asked) -> Decision:
    if (open_ := case.ticket.open_round) is None:
        return Decision(case.ticket, refusal="not_open")
    entry = _moved(case, Status.IN_SERVICE, text=asked.text, label="withdrew")
    ticket = replace(case.ticket, status=Status.IN_SERVICE, round=rounds.voided(open_, case.now))
    return Decision(ticket, (entry,), _told(Event.WITHDRAWN, case, asked.text, _silent(case.ticket)))


def _note(case: Case, asked: Asked) -> Decision:
    entry = replace(_line(case, EntryKind.NOTE, text=asked.text), internal=True)
    ticket = replace(case.ticket, updated_at=case.now)
    return Decision(ticket, (entry,), (Happening(Event.NOTED, asked.text),))


def _change_queue(case: Case, asked: Asked) -> Decision:
    label, about = "queue_changed", f"{case.ticket.queue} → {asked.name}"
    return _corrected(case, replace(case.ticket, queue=asked.name), label, about)


def _change_priority(case: Case, asked: Asked) -> Decision:
    return _corrected(case, replace(case.ticket, priority=asked.name), "priority_changed", asked.name)


def _change_requester(case: Case, asked: Asked) -> Decision:
    if len(case.named) != 1:
        return Decision(case.ticket, refusal="needs_address")
    new = case.named[0]
    followers = tuple(f for f in case.ticket.followers if f.person.id != new.id)
    ticket = replace(case.ticket, requester=new, followers=followers)
    return _corrected(case, ticket, "requester_changed", new.shown)


def _corrected(case: Case, ticket: Ticket, label: str, about: str) -> Decision:
    entry = _line(case, EntryKind.CORRECTION, label=label, about=about)
    return Decision(ticket, (entry,), _told(Event.CHANGED, case))


# ---- the approver's acts


def _vote(case: Case, asked: Asked) -> Decision:
    approves, open_, seat = asked.act is Act.APPROVE, case.ticket.open_round, _seat(case)
    if open_ is None or seat is None or case.actor is None:
        return Decision(case.ticket, refusal="no_seat" if open_ else "not_open")
    if open_.solution_by and open_.solution_by.id == case.actor.id:
        return Decision(case.ticket, refusal="self_approval")
    if not approves and not asked.text:
        return Decision(case.ticket, refusal="needs_reason")
    voted = rounds.vote(open_, seat.person, approves, case.now, asked.text, case.actor)
    ticket = replace(case.ticket, round=voted)
    if voted.result is None:
        entry = replace(_line(case, EntryKind.VOTE, text=asked.text), label="approved" if approves else "rejected")
        told = Happening(Event.VOTED, asked.text, from_status=ticket.status, approved=approves)
        return Decision(ticket, (entry,), (told,))
    if voted.result:
        entry = _moved(case, Status.FINISHED, kind=EntryKind.VOTE, text=asked.text, label="approved")
        return _finished(case, ticket, entry, approved=True, text=asked.text)
    entry = _moved(case, Status.REJECTED, kind=EntryKind.VOTE, text=asked.text, label="rejected")
    told = Happening(Event.REJECTED, asked.text, from_status=ticket.status, approved=approves)
    return Decision(replace(ticket, status=Status.REJECTED), (entry,), (told,))


def _contest(case: Case, asked: Asked) -> Decision:
    """Take back one's own decision: while the round is open only the vote, later the result that it made."""
    round_, seat, ticket = case.ticket.round, _seat(case), case.ticket
    if round_ is None or round_.void or seat is None or seat.vote is None:
        return Decision(ticket, refusal="no_vote")
    if round_.open:
        without = replace(ticket, round=rounds.vote(round_, seat.person, None, case.now))
        told = Happening(Event.VOTED, asked.text, from_status=ticket.status)
        return Decision(without, (_line(case, EntryKind.VOTE, text=asked.text, label="contested"),), (told,))
    if round_.closed_at is None or case.now > round_.closed_at + timedelta(days=CONTEST_DAYS):
        return Decision(ticket, refusal="contest_window")
    if seat.vote is not round_.result:
        return Decision(ticket, refusal="not_his_result")
    entry = _moved(case, Status.IN_SERVICE, kind=EntryKind.VOTE, text=asked.text, label="contested")
    back = replace(
        ticket, status=Status.IN_SERVICE, finished_at=None, round=rounds.voided(_unvoted(round_, seat), case.now)
    )
    return Decision(back, (entry,), _told(Event.CONTESTED, case, asked.text))


def _unvoted(round_: Round, seat: Seat) -> Round:
    seats = tuple(replace(s, vote=None) if s is seat else s for s in round_.seats)
    return replace(round_, seats=seats)


# ---- the requester's acts


def _close(case: Case, asked: Asked) -> Decision:
    if case.ticket.status is not Status.AWAITING_APPROVAL:
        entry = _moved(case, Status.FINISHED, text=asked.text, label="closed_by_requester")
        return _finished(case, replace(case.ticket, pause=None), entry, text=asked.text)
    if _seat(case):
        return _vote(case, replace(asked, act=Act.APPROVE))
    return _wished(case, asked, "wishes_to_close")


def _cancel(case: Case, asked: Asked) -> Decision:
    round_ = case.ticket.open_round
    entry = _moved(case, Status.CANCELLED, text=asked.text)
    ticket = replace(
        case.ticket,
        status=Status.CANCELLED,
        pause=None,
        finished_at=case.now,
        round=rounds.voided(round_, case.now) if round_ else case.ticket.round,
    )
    silent = _silent(case.ticket)
    told = _told(Event.CANCELLED, case, asked.text) + (_told(Event.WITHDRAWN, case, people=silent) if silent else ())
    return Decision(ticket, (entry,), told)


def _wished(case: Case, asked: Asked, label: str) -> Decision:
    """A requester's wish that is the agent's to grant: kept as a comment that the agents hear of."""
    entry = _line(case, EntryKind.COMMENT, text=asked.text, label=label)
    ticket = replace(case.ticket, updated_at=case.now)
    return Decision(ticket, (entry,), _told(Event.COMMENTED, case, asked.text))


def _rate(case: Case, asked: Asked) -> Decision:
    ticket, score = case.ticket, asked.score
    if score is None or score not in (1, 2, 3, 4, 5, DECLINED):
        return Decision(ticket, refusal="scale")
    since, days = (ticket.rating.at, RATING_CHANGE_DAYS) if ticket.rating else (ticket.finished_at, RATING_DAYS)
    if since is None or case.now > since + timedelta(days=days):
        return Decision(ticket, refusal="rate_window_closed")
    first = ticket.rating.at if ticket.rating else case.now  # replaceable for seven days from the first one on
    label = "declined_to_rate" if score == DECLINED else "rated"
    entry = _line(case, EntryKind.RATING, text=asked.text, label=label, about=str(score))
    told = [Happening(Event.RATED, asked.text, score=score, until=first + timedelta(days=RATING_CHANGE_DAYS))]
    if score <= LOW_SCORE:
        told.append(Happening(Event.RATED_LOW, asked.text, score=score))
    return Decision(replace(ticket, rating=Rating(score, asked.text, first)), (entry,), tuple(told))


def _reopen(case: Case, asked: Asked) -> Decision:
    finished, days = case.ticket.finished_at, case.queue.reopen_days
    if finished is None or not days or case.now > finished + timedelta(days=days):
        return Decision(case.ticket, refusal="reopen_window")
    entry = _moved(case, Status.IN_SERVICE, text=asked.text, label="reopened")
    ticket = replace(case.ticket, status=Status.IN_SERVICE, finished_at=None)
    return Decision(ticket, (entry,), _told(Event.REOPENED, case, asked.text))


# ---- everybody's acts


def _comment(case: Case, asked: Asked) -> Decision:
    """Somebody writes; a requester's words end a pause that waits for him."""
    ticket, entry = case.ticket, _line(case, EntryKind.COMMENT, text=asked.text)
    by_agent = Role.AGENT in case.roles and Role.REQUESTER not in case.roles
    told = _told(Event.REPLIED if by_agent else Event.COMMENTED, case, asked.text)
    if Role.REQUESTER in case.roles and ticket.pause and ticket.pause.for_requester:
        ticket = replace(ticket, status=Status.IN_SERVICE, pause=None)
        entry = replace(entry, from_status=Status.PAUSED, to_status=Status.IN_SERVICE)
    return Decision(replace(ticket, updated_at=case.now), (entry,), told)


def _follow(case: Case, asked: Asked) -> Decision:
    return _joined(case, (case.actor,) if case.actor else ())


def _add_follower(case: Case, asked: Asked) -> Decision:
    return _joined(case, case.named)


def _joined(case: Case, people: tuple[Person, ...]) -> Decision:
    ticket = case.ticket
    new = tuple(p for p in people if not ticket.follows(p) and not _is(ticket.requester, p))
    if not new:
        return Decision(ticket)
    if len(ticket.followers) + len(new) > case.max_followers:
        return Decision(ticket, refusal="too_many")
    held = not (ticket.proven or ticket.touched)
    followers = ticket.followers + tuple(Follower(p, case.now, held) for p in new)
    entries = tuple(_line(case, EntryKind.PARTICIPANT, label="joined", about=p.shown) for p in new)
    return Decision(replace(ticket, followers=followers), entries, _told(Event.JOINED, case, people=new))


def _leave(case: Case, asked: Asked) -> Decision:
    return _left(case, (case.actor,) if case.actor else (), _told(Event.LEFT, case))


def _remove_follower(case: Case, asked: Asked) -> Decision:
    return _left(case, case.named, ())


def _left(case: Case, people: tuple[Person, ...], told: tuple[Happening, ...]) -> Decision:
    gone = {p.id for p in people if case.ticket.follows(p)}
    if not gone:
        return Decision(case.ticket)
    followers = tuple(f for f in case.ticket.followers if f.person.id not in gone)
    entries = tuple(
        _line(case, EntryKind.PARTICIPANT, label="left", about=f.person.shown)
        for f in case.ticket.followers
        if f.person.id in gone
    )
    return Decision(replace(case.ticket, followers=followers), entries, told)


def _finished(case: Case, ticket: Ticket, entry: Entry, *, approved: bool | None = None, text: str = "") -> Decision:
    """The ticket at its end; whoever decided hears of it by a receipt."""
    round_ = ticket.round
    if round_ and round_.open:
        round_ = rounds.voided(round_, case.now)
    done = replace(ticket, status=Status.FINISHED, finished_at=case.now, round=round_)
    told = [Happening(Event.FINISHED, text, from_status=case.ticket.status, approved=approved)]
    if approved is None and (silent := _silent(case.ticket)):
        told += _told(Event.WITHDRAWN, case, people=silent)
    return Decision(done, (entry,), tuple(told))


def _silent(ticket: Ticket) -> tuple[Person, ...]:
    """The seats of an open round that have not voted."""
    return tuple(s.person for s in ticket.open_round.seats if s.vote is None) if ticket.open_round else ()


def _seat(case: Case) -> Seat | None:
    round_ = case.ticket.round
    return round_.seat_of(case.actor) if round_ and case.actor else None


def _is(one: Person | None, other: Person | None) -> bool:
    return one is not None and other is not None and one.id == other.id


ACTS: dict[Act, Callable[[Case, Asked], Decision]] = {
    Act.TAKE: _take,
    Act.ASSIGN: _assign,
    Act.PAUSE: _pause,
    Act.RESUME: _resume,
    Act.RESOLVE: _resolve,
    Act.REQUEST_APPROVAL: _resolve,
    Act.WITHDRAW: _withdraw,
    Act.NOTE: _note,
    Act.CHANGE_QUEUE: _change_queue,
    Act.CHANGE_PRIORITY: _change_priority,
    Act.CHANGE_REQUESTER: _change_requester,
    Act.APPROVE: _vote,
    Act.REJECT: _vote,
    Act.CONTEST: _contest,
    Act.CLOSE: _close,
    Act.CANCEL: _cancel,
    Act.AUTO_CLOSE: _cancel,
    Act.RATE: _rate,
    Act.REOPEN: _reopen,
    Act.COMMENT: _comment,
    Act.FOLLOW: _follow,
    Act.LEAVE: _leave,
    Act.ADD_FOLLOWER: _add_follower,
    Act.REMOVE_FOLLOWER: _remove_follower,
}
