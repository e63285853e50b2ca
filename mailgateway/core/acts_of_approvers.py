"""What those do who hold a seat in a round: decide, and take back their own decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core import rounds
from mailgateway.core.cases import Case, Decision, Happening, finished, line, moved, refused, seat_of_actor, told
from mailgateway.core.notices import Event
from mailgateway.core.tickets import Asked, EntryKind, Round, Seat, Ticket
from mailgateway.core.workflow import Act, Status

CONTEST_DAYS = 7


def vote(case: Case, asked: Asked) -> Decision:
    """One seat approves or rejects; the round's rule says whether that ends it. Time alone may accept, see below."""
    approves, open_, seat = asked.act is Act.APPROVE, case.ticket.open_round, seat_of_actor(case)
    if case.actor is None:
        return _accept_by_time(case)
    if open_ is None or seat is None:
        return refused(case, "no_seat" if open_ else "not_open")
    if open_.solution_by and open_.solution_by.id == case.actor.id:
        return refused(case, "self_approval")
    if not approves and not asked.text:
        return refused(case, "needs_reason")
    voted = rounds.vote(open_, seat.person, approves, case.now, asked.text, case.actor)
    return _counted(case, asked, replace(case.ticket, round=voted), voted.result, approves=approves)


def _counted(case: Case, asked: Asked, ticket: Ticket, result: bool | None, *, approves: bool) -> Decision:
    """What the round's result makes of the ticket."""
    label = "approved" if approves else "rejected"
    if result:
        entry = moved(case, Status.FINISHED, kind=EntryKind.VOTE, text=asked.text, label=label)
        return finished(case, ticket, entry, approved=approves, text=asked.text)
    if result is None:
        entry = line(case, EntryKind.VOTE, text=asked.text, label=label)
        said = Happening(Event.VOTED, asked.text, from_status=ticket.status, approved=approves)
        return Decision(ticket, (entry,), (said,))
    entry = moved(case, Status.REJECTED, kind=EntryKind.VOTE, text=asked.text, label=label)
    said = Happening(Event.REJECTED, asked.text, from_status=ticket.status, approved=approves)
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
    by_silence = round_.acceptance and seat.vote is None and round_.result is True
    if round_.void or (seat.vote is None and not by_silence):
        return "no_vote"
    if round_.open:
        return ""
    if round_.closed_at is None or case.now > round_.closed_at + timedelta(days=CONTEST_DAYS):
        return "contest_window"
    made = Status.FINISHED if round_.result else Status.REJECTED
    later = made is Status.FINISHED and case.ticket.finished_at != round_.closed_at  # finished again, without a round
    return "not_his_result" if later or case.ticket.status is not made or seat.vote is (not round_.result) else ""
