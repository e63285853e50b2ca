"""What those do who hold a seat in a round: decide, take back their own decision, let somebody else decide too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core import rounds
from mailgateway.core.cases import Case, Decision, Happening, finished, line, moved, refused, same, seat_of_actor, told
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.queues import House
from mailgateway.core.rounds import Delegation
from mailgateway.core.screening import NO_REPLY_SENDERS
from mailgateway.core.tickets import Asked, Entry, EntryKind, Round, Seat, Ticket
from mailgateway.core.workflow import Act, Status

CONTEST_DAYS = 7


def vote(case: Case, asked: Asked) -> Decision:
    """One seat approves or rejects; the round's rule says whether that ends it. Time alone may accept, see below."""
    approves, open_, seat = asked.act is Act.APPROVE, case.ticket.open_round, seat_of_actor(case)
    if case.actor is None:
        return _accept_by_time(case)
    if open_ is None or seat is None:
        return refused(case, "no_seat" if open_ else "not_open")
    if code := _why_no_vote(case, open_, seat, case.actor):
        return refused(case, code)
    if not approves and not asked.text:
        return refused(case, "needs_reason")
    voted = rounds.vote(open_, seat.person, approves, case.now, asked.text, case.actor)
    return _counted(case, asked, replace(case.ticket, round=voted), _vote_line(case, asked, seat, approves), approves)


def _why_no_vote(case: Case, open_: Round, seat: Seat, actor: Person) -> str:
    """The code, or "": a delegate votes until his last day; whoever of the two is second finds it decided."""
    if same(open_.solution_by, actor):
        return "self_approval"
    if open_.seat_at(actor, case.moment) is None:
        return "delegation_over"
    return "late" if seat.vote is not None and not same(seat.decider, actor) else ""


def _vote_line(case: Case, asked: Asked, seat: Seat, approves: bool) -> Entry:
    if same(seat.person, case.actor):
        return line(case, EntryKind.VOTE, text=asked.text, label="approved" if approves else "rejected")
    label = "approved_for" if approves else "rejected_for"
    return line(case, EntryKind.VOTE, text=asked.text, label=label, about=seat.person.shown)


def _counted(case: Case, asked: Asked, ticket: Ticket, entry: Entry, approves: bool) -> Decision:
    """What the round's result makes of the ticket."""
    result, before = ticket.round and ticket.round.result, ticket.status
    if result is None:
        said = Happening(Event.VOTED, asked.text, from_status=before, approved=approves)
        return Decision(ticket, (entry,), (said,))
    entry = replace(entry, from_status=before, to_status=Status.FINISHED if result else Status.REJECTED)
    if result:
        return finished(case, ticket, entry, approved=approves, text=asked.text)
    said = Happening(Event.REJECTED, asked.text, from_status=before, approved=approves)
    return Decision(replace(ticket, status=Status.REJECTED), (entry,), (said,))


def _accept_by_time(case: Case) -> Decision:
    """Silence ends only the acceptance of a requester; when that is due, `core.rounds.answer_by` says."""
    open_ = case.ticket.open_round
    if open_ is None or not open_.acceptance or not case.queue.acceptance_days:
        return refused(case, "no_right")
    ticket = replace(case.ticket, round=replace(open_, result=True, closed_at=case.now))
    return finished(case, ticket, moved(case, Status.FINISHED, label="accepted_by_time"))


def contest(case: Case, asked: Asked) -> Decision:
    """Take back one's own decision: while the round is open only the vote, later the result that it made."""
    round_, seat, ticket = case.ticket.round, seat_of_actor(case), case.ticket
    if round_ is None or seat is None:
        return refused(case, "no_vote")
    if code := _why_not_contested(case, round_, seat):
        return refused(case, code)
    entry = line(case, EntryKind.VOTE, text=asked.text, label="contested")
    unvoted = rounds.vote(round_, seat.person, None, case.now)
    if round_.open:
        said = Happening(Event.VOTED, asked.text, from_status=ticket.status)
        return Decision(replace(ticket, round=unvoted), (entry,), (said,))
    entry = replace(entry, from_status=ticket.status, to_status=Status.IN_SERVICE)
    void = rounds.voided(replace(unvoted, result=round_.result), case.now)
    back = replace(ticket, status=Status.IN_SERVICE, finished_at=None, round=void)
    return Decision(back, (entry,), told(Event.CONTESTED, case, asked.text))


def _why_not_contested(case: Case, round_: Round, seat: Seat) -> str:
    """The code, or "": only a vote that made this very status may be taken back, and for some days."""
    silent = round_.acceptance and seat.vote is None and round_.result is True
    if round_.void or (seat.vote is None and not silent):
        return "no_vote"
    if not same(seat.decider, case.actor):
        return "not_his_result"  # of approver and delegate it was the other
    if round_.open:
        return ""
    if round_.closed_at is None or case.now > round_.closed_at + timedelta(days=CONTEST_DAYS):
        return "contest_window"
    made = Status.FINISHED if round_.result else Status.REJECTED
    later = made is Status.FINISHED and case.ticket.finished_at != round_.closed_at  # finished again, without a round
    return "not_his_result" if later or case.ticket.status is not made or seat.vote is (not round_.result) else ""


# ---- delegates


def delegate(case: Case, asked: Asked) -> Decision:
    """Somebody else may decide in the actor's place too; with a date on all rounds that open until then."""
    round_, seat = case.ticket.open_round, seat_of_actor(case)
    if round_ is None or seat is None:
        return refused(case, "no_seat" if round_ else "not_open")
    if code := _why_not_delegated(case, asked, round_, seat):
        return refused(case, code, ", ".join(asked.emails))
    new = case.named[0]
    ticket = replace(case.ticket, round=rounds.delegated(round_, seat, new, asked.until))
    entry = line(case, EntryKind.PARTICIPANT, text=asked.text, label="delegated", about=new.shown)
    if asked.until:
        entry = replace(entry, label="delegated_until", until=asked.until)
    lost = tuple(p for p in seat.deciders(case.now)[1:] if not same(p, new))
    told_ = Happening(Event.DELEGATED, asked.text, (new,), from_status=ticket.status)
    lasting = Delegation(seat.person, new, case.now, asked.until) if asked.until else None
    overtaken = told(Event.WITHDRAWN, case, people=lost) if lost else ()
    return Decision(ticket, (entry,), (told_, *overtaken), delegation=lasting)


def _why_not_delegated(case: Case, asked: Asked, round_: Round, seat: Seat) -> str:
    """The code, or "": whose seat it is names one person who has no other say in this round."""
    if not same(seat.person, case.actor):
        return "delegates_not_on"
    if seat.vote is not None:
        return "late"
    if len(case.named) != 1 or len(asked.emails) != 1:
        return "needs_address"
    if asked.until and asked.until <= case.now:
        return "bad_date"
    delegate = case.named[0]
    return "not_a_delegate" if _is_machine(case, delegate.email) else rounds.why_no_delegate(round_, seat, delegate)


def _is_machine(case: Case, email: str) -> bool:
    """Whether nobody reads there: an address of ours, a robot's."""
    queues = (case.queue, *case.queues)
    robots = {address for queue in queues for address in queue.robots_open}
    return email in robots or House(queues, "").ours(email) or bool(NO_REPLY_SENDERS.match(email))
