"""What requesters do with their own ticket: close it, give it up, rate it, take it up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from mailgateway.core.acts_of_approvers import vote
from mailgateway.core.acts_of_everybody import comment
from mailgateway.core.cases import (
    Case,
    Decision,
    Happening,
    finished,
    line,
    moved,
    refused,
    round_ended,
    seat_of_actor,
    told,
)
from mailgateway.core.notices import Event
from mailgateway.core.tickets import Asked, Entry, EntryKind, Rating, Ticket
from mailgateway.core.workflow import Act, Role, Status

RATING_DAYS = 30  # for the first rating
RATING_CHANGE_DAYS = 7  # for another one after it
DECLINED = 9
SCORES = frozenset({1, 2, 3, 4, 5, DECLINED})
LOW_SCORE = 2


def close(case: Case, asked: Asked) -> Decision:
    """He needs no more; while an approval is awaited that is for its seats to say."""
    if case.ticket.status is not Status.AWAITING_APPROVAL:
        entry = moved(case, Status.FINISHED, text=asked.text, label="closed_by_requester")
        return finished(case, replace(case.ticket, pause=None), entry, text=asked.text)
    if seat_of_actor(case):
        return vote(case, replace(asked, act=Act.APPROVE))
    return _wished(case, asked, "wishes_to_close")


def cancel(case: Case, asked: Asked) -> Decision:
    """It is given up: by its requester before anybody began, by an agent at any time."""
    if Role.AGENT in case.roles:
        return _cancelled(case, asked.text) if asked.text else refused(case, "needs_reason")
    if case.ticket.status is not Status.WAITING:
        return _wished(case, asked, "wishes_to_cancel")
    return _cancelled(case, asked.text)


def auto_close(case: Case, asked: Asked) -> Decision:
    """Nobody answered; only a pause that waits for the requester ends so."""
    if not (case.ticket.pause and case.ticket.pause.for_requester):
        return refused(case, "wrong_status")
    return _cancelled(case, asked.text, label="no_answer")


def _cancelled(case: Case, text: str, label: str = "") -> Decision:
    over, overtaken = round_ended(case, case.ticket)
    ticket = replace(over, status=Status.CANCELLED, pause=None, finished_at=case.now)
    entry = moved(case, Status.CANCELLED, text=text, label=label)
    return Decision(ticket, (entry,), (*told(Event.CANCELLED, case, text), *overtaken))


def _wished(case: Case, asked: Asked, label: str) -> Decision:
    """A wish that is the agent's to grant: kept as a comment that the agents hear of, in the words that he used."""
    said = comment(case, asked)
    used = asked.line if asked.text in asked.line else f"{asked.line}\n{asked.text}".strip()
    entries = (replace(said.entries[0], label=label), *said.entries[1:])
    return replace(said, entries=entries, happenings=tuple(replace(h, text=used) for h in said.happenings))


def rate(case: Case, asked: Asked) -> Decision:
    """A score for what was finished, replaceable for some days from the first one on; or the wish not to give one."""
    ticket, score = case.ticket, asked.score
    if score is None or score not in SCORES:
        return refused(case, "scale")
    if not may_rate(ticket, case.now):
        return refused(case, "rate_window_closed")
    before = _latest_rating(ticket)
    first = before.at if before else case.now
    happenings = [Happening(Event.RATED, asked.text, score=score, until=first + timedelta(days=RATING_CHANGE_DAYS))]
    if score <= LOW_SCORE:
        happenings.append(Happening(Event.RATED_LOW, asked.text, score=score))
    rated = replace(ticket, rating=Rating(score, asked.text, first))
    return Decision(rated, (_score_line(case, asked, score),), tuple(happenings))


def may_rate(ticket: Ticket, now: datetime) -> bool:
    """Whether a score, or another one, still counts."""
    before = _latest_rating(ticket)
    since, days = (before.at, RATING_CHANGE_DAYS) if before else (ticket.finished_at, RATING_DAYS)
    return since is not None and now <= since + timedelta(days=days)


def _latest_rating(ticket: Ticket) -> Rating | None:
    """The rating since it was last finished."""
    rating, finished_at = ticket.rating, ticket.finished_at
    return rating if rating and finished_at and rating.at >= finished_at else None


def _score_line(case: Case, asked: Asked, score: int) -> Entry:
    label = "declined_to_rate" if score == DECLINED else "rated"
    return line(case, EntryKind.RATING, text=asked.text, label=label, about=str(score))


def reopen(case: Case, asked: Asked) -> Decision:
    """It goes on, within the queue's days; with none of them a reply opens a linked ticket instead."""
    done, days = case.ticket.finished_at, case.queue.reopen_days
    if done is None or not days or case.now > done + timedelta(days=days):
        return refused(case, "reopen_window")
    entry = moved(case, Status.IN_SERVICE, text=asked.text, label="reopened")
    ticket = replace(case.ticket, status=Status.IN_SERVICE, finished_at=None)
    return Decision(ticket, (entry,), told(Event.REOPENED, case, asked.text))
