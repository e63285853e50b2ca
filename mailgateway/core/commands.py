"""The reply grammar: newly written text → acts and the remaining words, or one question.

A reply commands by its first line, which is as a whole a phrase that means something for this person now (MEANINGS), or
by `#verb` lines. Everything else is a comment. What smells of a command and is none is a doubt: it changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mailgateway.core.arguments import Context, Request, asked, joined
from mailgateway.core.courtesy import after_greetings
from mailgateway.core.messages import Line
from mailgateway.core.opening import read_opening
from mailgateway.core.phrases import Phrases
from mailgateway.core.printed import lines_for, suggest
from mailgateway.core.reading import Doubt, DoubtKind, Pending, Reading, Situation
from mailgateway.core.tickets import Asked
from mailgateway.core.words import bare, clean, fold, unseparated
from mailgateway.core.workflow import QUERIES, Act

__all__ = ["Doubt", "DoubtKind", "Line", "Pending", "Reading", "Situation", "lines_for", "read", "subject_query"]

_VERB = re.compile(r"#([^\W\d_][\w-]{0,40})(?![\w-])(?: +([^\W\d_][\w-]{0,40})(?![\w-]))?")
_AWAITED = frozenset({Pending.APPROVAL, Pending.ACCEPTANCE, Pending.QUESTION})
_MOST_VERBS = 50
_ANY_TIME = datetime.min.replace(tzinfo=UTC)  # queries hold no dates
#: Of each group a mail may hold one act: two of them contradict each other.
_CONTRADICTIONS = (
    frozenset({Act.APPROVE, Act.REJECT, Act.CLOSE, Act.CANCEL, Act.CONTEST, Act.REOPEN, Act.DELEGATE}),
    frozenset({Act.FOLLOW, Act.LEAVE}),
)

#: Two different ones contradict each other as well.
_ONCE = frozenset({Act.RATE, Act.DELEGATE})


@dataclass(frozen=True, slots=True)
class _Verb:
    """A `#verb` line. `act` is None where nobody knows the verb."""

    index: int
    line: str
    name: str
    act: Act | None
    args: str


def read(text: str, situation: Situation, phrases: Phrases, now: datetime) -> Reading:
    """What this newly written text asks for, in order, and what remains of it."""
    reading = _read(text, Context(situation, phrases, now))
    if reading.doubt is None:
        return reading
    doubt = replace(reading.doubt, suggestions=suggest(reading.doubt, situation, phrases, now))
    return Reading(doubt=doubt, comment=text.strip(), internal=reading.internal)


def subject_query(subject: str, phrases: Phrases) -> Asked | None:
    """The view, status, FAQ or help verb that the subject of a new mail may be; nothing else commands there."""
    verb = _verb(0, subject, phrases)
    if verb is None or verb.act not in QUERIES:
        return None
    found = asked(Request(verb.act, verb.line, verb.args), Context(Situation(), phrases, _ANY_TIME))
    return None if isinstance(found, DoubtKind) else found[0]


def _read(text: str, context: Context) -> Reading:
    situation = context.situation
    if situation.purpose == "leave":
        return Reading(acts=(Asked(Act.LEAVE),), comment=text.strip())
    if not text.strip():
        return Reading(doubt=Doubt(DoubtKind.EMPTY) if situation.pending & _AWAITED else None)
    lines = text.splitlines()
    if situation.purpose == "note":
        return replace(_internal(lines, [], context), internal=True)
    written = _verbs(lines, context.phrases)
    verbs = _counting(written, lines, context)
    if len(verbs) > _MOST_VERBS:
        reading = Reading(doubt=Doubt(DoubtKind.TOO_MANY, verbs[_MOST_VERBS].line))
    elif any(verb.act is Act.NOTE for verb in verbs):
        reading = _internal(lines, verbs, context)
    else:
        reading = _public(lines, verbs, context)
    return replace(reading, internal=any(verb.act is Act.NOTE for verb in written))


def _verbs(lines: list[str], phrases: Phrases) -> list[_Verb]:
    return [verb for index, line in enumerate(lines) if (verb := _verb(index, line, phrases))]


def _verb(index: int, line: str, phrases: Phrases) -> _Verb | None:
    """The verb that a line begins with; "#123" and "#1 item" are none."""
    if "#" not in line and "＃" not in line:
        return None
    written = bare(clean(line))
    if (found := _VERB.match(written)) is None:
        return None
    name = fold(found[1]).replace("_", "-")
    pair = f"{name}-{fold(found[2])}" if found[2] else ""  # "#solicitar aprovação"
    if pair in phrases.verbs:
        return _Verb(index, line.strip(), pair, phrases.verbs[pair], written[found.end() :])
    return _Verb(index, line.strip(), name, phrases.verbs.get(name), written[found.end(1) :])


def _counting(verbs: list[_Verb], lines: list[str], context: Context) -> list[_Verb]:
    """The verbs that may command: in a description only known ones, above an uncertain cut only those at the top."""
    if context.situation.number is None:
        verbs = [verb for verb in verbs if verb.act is not None]
    if context.situation.certain:
        return verbs
    top, index = [], after_greetings(lines, context.phrases)
    for verb in verbs:
        if any(line.strip() for line in lines[index : verb.index]):
            break
        top.append(verb)
        index = verb.index + 1
    return top


def _public(lines: list[str], verbs: Sequence[_Verb], context: Context) -> Reading:
    opening = read_opening(lines[: verbs[0].index] if verbs else lines, context)
    verdicts: list[Asked | Doubt] = [*opening.acts, *filter(None, [opening.doubt])]
    rests = [opening.comment]
    for verb, below in _with_below(lines, verbs):
        verdict, rest = _verdict(verb, below, context)
        verdicts.append(verdict)
        rests.append(rest)
    if verbs:
        opening = replace(opening, thanks=False, answer=None)
    return _judged(verdicts, replace(opening, comment=joined(*rests)))


def _internal(lines: list[str], verbs: Sequence[_Verb], context: Context) -> Reading:
    """The whole mail is one note. Verbs beside it may act, as long as nothing they say would be public."""
    marks = {verb.index: unseparated(verb.args) for verb in verbs if verb.act is Act.NOTE}
    text = "\n".join(marks.get(index, line) for index, line in enumerate(lines)).strip()
    line = lines[min(marks)].strip() if marks else ""
    verdicts: list[Asked | Doubt] = [Asked(Act.NOTE, text, line)]
    if not text or context.phrases.is_placeholder(text):
        verdicts = [Doubt(DoubtKind.PLACEHOLDER if text else DoubtKind.NEEDS_REASON, line, Act.NOTE)]
    for verb in (verb for verb in verbs if verb.act is not Act.NOTE):
        verdict, _ = _verdict(verb, "", context)
        said = isinstance(verdict, Asked) and verdict.text
        verdicts.append(Doubt(DoubtKind.CONFLICT, verb.line, Act.NOTE) if said else verdict)
    return _judged(verdicts, Reading())


def _with_below(lines: list[str], verbs: Sequence[_Verb]) -> Iterator[tuple[_Verb, str]]:
    """Each verb with the lines under it, up to the next one."""
    ends = [*(verb.index for verb in verbs), len(lines)][1:]
    for verb, end in zip(verbs, ends, strict=True):
        yield verb, "\n".join(lines[verb.index + 1 : end])


def _verdict(verb: _Verb, below: str, context: Context) -> tuple[Asked | Doubt, str]:
    if verb.act is None:
        return Doubt(DoubtKind.UNKNOWN_VERB, verb.line), ""
    found = asked(Request(verb.act, verb.line, verb.args, below), context)
    return (Doubt(found, verb.line, verb.act), "") if isinstance(found, DoubtKind) else found


def _judged(verdicts: Sequence[Asked | Doubt], reading: Reading) -> Reading:
    """All acts, or the first doubt."""
    acts: list[Asked] = []
    for verdict in verdicts:
        if isinstance(verdict, Doubt):
            return Reading(doubt=verdict)
        if any(_contradict(verdict, other) for other in acts):
            return Reading(doubt=Doubt(DoubtKind.CONFLICT, verdict.line, verdict.act))
        twin = next((i for i, other in enumerate(acts) if _same(verdict, other)), None)
        if twin is None:
            acts.append(verdict)
        else:
            acts[twin] = replace(
                acts[twin], text=joined(acts[twin].text, verdict.text), line=joined(acts[twin].line, verdict.line)
            )
    return replace(reading, acts=tuple(acts))


def _contradict(one: Asked, other: Asked) -> bool:
    if one.act is other.act:
        return one.act in _ONCE and not _same(one, other)
    both = {one.act, other.act}
    return any(both <= group for group in _CONTRADICTIONS) or (Act.OPEN in both and both.isdisjoint(QUERIES))


def _same(one: Asked, other: Asked) -> bool:
    """The same act said twice ("Aprovado" and "#aprovar") is one act; each split makes a ticket."""
    return one.act is not Act.SPLIT and replace(one, text="", line="") == replace(other, text="", line="")
