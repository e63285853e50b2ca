"""The lines that a mail prints for somebody to send back, made of the same words that are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from difflib import get_close_matches

from mailgateway.core.messages import Line
from mailgateway.core.phrases import PRIORITIES, Labels, Phrases
from mailgateway.core.reading import Doubt, DoubtKind, Pending, Situation
from mailgateway.core.views import VIEWS
from mailgateway.core.words import fold
from mailgateway.core.workflow import OPEN, Act, Role, Status, step

#: Acts that name a person by his address.
ADDRESSED = frozenset((Act.ASSIGN, Act.ADD_FOLLOWER, Act.REMOVE_FOLLOWER, Act.CHANGE_REQUESTER, Act.DELEGATE))
_OFFERED_TO_AGENTS = (Act.TAKE, Act.RESUME, Act.RESOLVE, Act.PAUSE, Act.WITHDRAW, Act.CANCEL)
_DECIDED = frozenset({Status.FINISHED, Status.REJECTED})
_SCORES_OFFERED = (5, 4, 3, 2, 1)
_MOST_SUGGESTIONS = 5


def lines_for(situation: Situation, phrases: Phrases, language: str) -> tuple[Line, ...]:
    """The exact lines that this person may send now, what we wait for first."""
    labels = phrases.labels(language)
    return (
        *_pending_lines(situation, labels),
        *_participant_lines(situation, labels),
        *_agent_lines(situation, labels),
    )


def line_of(act: Act, labels: Labels) -> Line:
    """`#verb`, and what has to be written behind it."""
    verb, placeholder = labels.verbs[act], labels.placeholders.get(act, "")
    return Line(f"{verb}: ", placeholder, act) if placeholder else Line(verb, "", act)


def listing(verb: str, label: str, page: int = 1) -> str:
    """`#chamados ag minha aprovação 2`: the line that asks for a list, by its label, and for a page of it."""
    name = " ".join(label.replace(".", " ").lower().split())
    return f"{verb} {name} {page}" if page > 1 else f"{verb} {name}"


def code_line(act: Act, code: str, labels: Labels) -> Line:
    """`aprovo 4831-7719`: the decision that a challenge holds, and the code that is the key of its question."""
    word = labels.printed["approve_by_code" if act is Act.APPROVE else "reject_by_code"]
    placeholder = labels.placeholders.get(act, "")
    return Line(f"{word} {code[:4]}-{code[-4:]}" + (": " if placeholder else ""), placeholder, act)


def suggest(doubt: Doubt, situation: Situation, phrases: Phrases, now: datetime) -> tuple[Line, ...]:
    """The lines that would have been clear instead of the one that was read."""
    labels = phrases.labels(situation.language)
    pending = tuple(_pending_lines(situation, labels))
    match doubt.kind:
        case DoubtKind.UNKNOWN_VERB:
            lines = tuple(line_of(act, labels) for act in _similar(doubt.line, phrases)) or (line_of(Act.HELP, labels),)
        case DoubtKind.UNKNOWN_VIEW:
            lines = tuple(Line(listing(labels.verbs[Act.LIST], labels.views[view]), "", Act.LIST) for view in VIEWS)
        case DoubtKind.UNKNOWN_PRIORITY:
            verb = labels.verbs[Act.CHANGE_PRIORITY]
            lines = tuple(Line(f"{verb} {labels.priorities[p]}", "", Act.CHANGE_PRIORITY) for p in PRIORITIES)
        case _ if doubt.act is not None and doubt.act not in {line.act for line in pending}:
            lines = (_with_argument(doubt.kind, doubt.act, labels, now),)
        case _:
            lines = pending[:_MOST_SUGGESTIONS] or lines_for(situation, phrases, situation.language)[:_MOST_SUGGESTIONS]
    return lines


def _with_argument(kind: DoubtKind, act: Act, labels: Labels, now: datetime) -> Line:
    verb, line = labels.verbs[act], line_of(act, labels)
    match kind:
        case DoubtKind.NEEDS_QUEUE:
            return Line(f"{verb} ", labels.printed["queue"], act)
        case DoubtKind.NEEDS_NUMBER:
            return Line(f"{verb} ", "1042", act)
        case DoubtKind.SCALE | DoubtKind.AMBIGUOUS if act is Act.RATE:
            return Line(f"{verb} 5", "", act)
        case DoubtKind.BAD_DATE:
            until = f"{labels.printed['until']} {(now + timedelta(days=7)).date().isoformat()}"
            if act is Act.DELEGATE:
                return Line(f"{verb} ", f"{labels.printed['address']} {until}", act)
            return Line(line.text.replace(verb, f"{verb} {until}"), line.placeholder, act)
        case _ if kind is DoubtKind.NEEDS_ADDRESS or act in ADDRESSED:
            return Line(f"{verb} ", labels.printed["address"], act)
        case _:
            return line


def _similar(line: str, phrases: Phrases) -> dict[Act, None]:
    """The acts whose verbs look like the one that nobody knows, the most similar first."""
    name = fold(line.split()[0]).lstrip("#")
    return dict.fromkeys(phrases.verbs[verb] for verb in get_close_matches(name, phrases.verbs, n=3, cutoff=0.7))


def _pending_lines(situation: Situation, labels: Labels) -> Iterator[Line]:
    printed, reason = labels.printed, labels.placeholders[Act.REJECT]
    if Pending.QUESTION in situation.pending:
        yield from (Line(printed["yes"]), Line(printed["no"]))
    elif Pending.ACCEPTANCE in situation.pending:
        yield from (Line(printed["yes"], "", Act.APPROVE), Line(f"{printed['no']}: ", reason, Act.REJECT))
    elif Pending.APPROVAL in situation.pending:
        yield from (Line(printed["approve"], "", Act.APPROVE), Line(f"{printed['reject']}: ", reason, Act.REJECT))
    elif Pending.RATING in situation.pending:
        yield from (Line(str(score), "", Act.RATE) for score in _SCORES_OFFERED)


def _participant_lines(situation: Situation, labels: Labels) -> Iterator[Line]:
    if situation.number is None and situation.purpose:
        yield Line(labels.printed["open"], "", Act.OPEN)
    if Role.REQUESTER in situation.roles and situation.status in OPEN - {Status.AWAITING_APPROVAL}:
        yield Line(labels.printed["close"], "", Act.CLOSE)
    if Role.REQUESTER in situation.roles and situation.status is Status.WAITING:
        yield Line(labels.verbs[Act.CANCEL], "", Act.CANCEL)
    if Role.APPROVER in situation.roles and situation.status in _DECIDED and not situation.pending:
        yield Line(labels.verbs[Act.CONTEST], "", Act.CONTEST)
    if Role.FOLLOWER in situation.roles:
        yield Line(labels.verbs[Act.LEAVE], "", Act.LEAVE)


def _agent_lines(situation: Situation, labels: Labels) -> Iterator[Line]:
    if Role.AGENT not in situation.roles or situation.status is None:
        return
    for act in _OFFERED_TO_AGENTS:
        row = step(act, situation.status, frozenset({Role.AGENT}))
        if row is not None and row.target is not situation.status:
            yield line_of(act, labels)
    yield line_of(Act.NOTE, labels)
