"""The first written line of a reply: a phrase that means something here and now, a doubt, or just the first words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mailgateway.core.arguments import Context, Request, asked, joined
from mailgateway.core.courtesy import after_greetings, has_thanks, is_courtesy, without_greeting
from mailgateway.core.phrases import Intent, Phrases
from mailgateway.core.reading import Doubt, DoubtKind, Pending, Reading, Situation
from mailgateway.core.words import clean, fold, separate
from mailgateway.core.workflow import OPEN, Act, Role, Status

_LONGEST_PHRASE = 200  # characters, its reference included
_SHORT_LINE = 6  # words: what is longer is about something else than a score
_LINES_COMPARED = 5  # below a decision, for a second one that contradicts it
_CODE = re.compile(r" (\d{4})[- ]?(\d{4})$")
_WORD = re.compile(r"[^\W_]+")
_STARS = re.compile(r"[⭐★🌟☆ ]+")
_DECIDING = frozenset({Pending.APPROVAL, Pending.ACCEPTANCE})
_AWAITED = _DECIDING | {Pending.QUESTION}
_DECISIONS = frozenset({Act.APPROVE, Act.REJECT, Act.CLOSE, Act.CANCEL})
_WEAK = frozenset({Intent.YES, Intent.NO, Intent.UNSURE, Intent.CLOSE, Intent.PERSISTS})
#: A reply address asks one thing: its purpose settles which of several pending questions is meant.
_MEANT = {
    "confirm": frozenset({Pending.QUESTION}),
    "decide": _DECIDING,
    "rate": frozenset({Pending.RATING}),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """A phrase of this intent asks for this act where all that is stated holds; an empty set states nothing."""

    intent: Intent
    act: Act
    pending: frozenset[Pending] = frozenset()
    roles: frozenset[Role] = frozenset()
    statuses: frozenset[Status] = frozenset()

    def holds(self, situation: Situation) -> bool:
        """Whether the phrase means something for this person now."""
        return (
            (not self.pending or bool(self.pending & situation.pending))
            and (not self.roles or bool(self.roles & situation.roles))
            and (not self.statuses or situation.status in self.statuses)
        )


_SEAT, _REQUESTER, _AGENT, _FOLLOWER = (
    frozenset({role}) for role in (Role.APPROVER, Role.REQUESTER, Role.AGENT, Role.FOLLOWER)
)
_ANYBODY = frozenset(Role)
_ROUND_OPEN = frozenset({Status.AWAITING_APPROVAL})
_ROUND_KNOWN = _ROUND_OPEN | {Status.FINISHED, Status.REJECTED}
_ACCEPTANCE = frozenset({Pending.ACCEPTANCE})

#: For whom and when a phrase means something. Rights are judged later, by `core.access`: somebody without a seat who
#: approves has to hear that he may not. The first row that holds wins.
MEANINGS: tuple[Meaning, ...] = (
    Meaning(Intent.APPROVE, Act.APPROVE, pending=_DECIDING),
    Meaning(Intent.APPROVE, Act.APPROVE, roles=_SEAT, statuses=_ROUND_KNOWN),  # late, or a change of mind
    Meaning(Intent.APPROVE, Act.APPROVE, roles=_ANYBODY, statuses=_ROUND_OPEN),
    Meaning(Intent.REJECT, Act.REJECT, pending=_DECIDING),
    Meaning(Intent.REJECT, Act.REJECT, roles=_SEAT, statuses=_ROUND_KNOWN),
    Meaning(Intent.REJECT, Act.REJECT, roles=_ANYBODY, statuses=_ROUND_OPEN),
    Meaning(Intent.YES, Act.APPROVE, pending=_ACCEPTANCE),
    Meaning(Intent.NO, Act.REJECT, pending=_ACCEPTANCE),
    Meaning(Intent.PERSISTS, Act.REJECT, pending=_ACCEPTANCE),
    Meaning(Intent.CLOSE, Act.CLOSE, roles=_REQUESTER, statuses=OPEN),
    Meaning(Intent.CANCEL, Act.CANCEL, roles=_REQUESTER | _AGENT, statuses=OPEN),
    Meaning(Intent.STATUS, Act.STATUS, roles=_ANYBODY),
    Meaning(Intent.TAKE, Act.TAKE, roles=_AGENT),
    Meaning(Intent.PAUSE, Act.PAUSE, roles=_AGENT),
    Meaning(Intent.RESUME, Act.RESUME, roles=_AGENT),
    Meaning(Intent.RESOLVE, Act.RESOLVE, roles=_AGENT),
    Meaning(Intent.REQUEST_APPROVAL, Act.REQUEST_APPROVAL, roles=_AGENT),
    Meaning(Intent.FOLLOW, Act.FOLLOW, roles=_ANYBODY),
    Meaning(Intent.LEAVE, Act.LEAVE, roles=_FOLLOWER),
)
_DECISION_ACTS = {Intent.APPROVE: Act.APPROVE, Intent.REJECT: Act.REJECT}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A line taken apart: what it says before the separator, the ticket or code it names, what follows."""

    line: str  # as written
    words: str  # folded, without reference and code
    intents: frozenset[Intent]
    args: str = ""  # the reason with its separator
    reason: str = ""
    number: int | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class _Top:
    """The first line and what stands around it."""

    phrase: Phrase
    before: str
    below: str
    context: Context

    @property
    def text(self) -> str:
        return "\n".join(filter(str.strip, (self.before, self.phrase.line, self.below)))

    def doubt(self, kind: DoubtKind, act: Act | None = None) -> Reading:
        return Reading(doubt=Doubt(kind, self.phrase.line, act), comment=self.text)


def read_opening(lines: list[str], context: Context) -> Reading:
    """What the text above the first `#verb` line says."""
    situation, phrases = context.situation, context.phrases
    text, start = "\n".join(lines), after_greetings(lines, phrases)
    if start == len(lines) or situation.verbs_only or not situation.certain:
        return Reading(comment=text)
    top = _Top(take_apart(lines[start], phrases), "\n".join(lines[:start]), "\n".join(lines[start + 1 :]), context)
    if situation.number is None:
        return _without_ticket(top)
    return _answered(top) or _rated(top) or _commanded(top) or _hesitant(top) or _remark(top)


def take_apart(line: str, phrases: Phrases) -> Phrase:
    """A line as a phrase; one that is none has no intents."""
    head, mark, reason = separate(clean(line))
    words = fold(head) if len(head) <= _LONGEST_PHRASE else ""
    phrase = Phrase(line.strip(), words, phrases.intents.get(words, frozenset()), f"{mark} {reason}".strip(), reason)
    if phrase.intents or not words:
        return phrase
    if (code := _CODE.search(words)) and (intents := phrases.intents.get(words[: code.start()])):
        return replace(phrase, words=words[: code.start()], intents=intents, code=code[1] + code[2])
    for reference in _references(words, phrases):
        if intents := phrases.intents.get(words[: reference.start()]):
            number = int(reference["number"]) if reference["number"] else None
            return replace(phrase, words=words[: reference.start()], intents=intents, number=number)
    return phrase


def _references(words: str, phrases: Phrases) -> Iterator[re.Match[str]]:
    """Every way to read the end of the words as a reference, the longest first ("o chamado 12", "12")."""
    position = words.find(" ")
    while position >= 0:
        if found := phrases.reference.match(words, position):
            yield found
        position = words.find(" ", position + 1)


def _without_ticket(top: _Top) -> Reading:
    """A description; a decision in it is only noted, an answer to the FAQ's "responda abrir" opens."""
    phrase, situation = top.phrase, top.context.situation
    if Intent.OPEN in phrase.intents and situation.purpose:
        return _applied(top, Act.OPEN)
    act = next((act for intent, act in _DECISION_ACTS.items() if intent in phrase.intents), None)
    applied = _applied(top, act) if act else Reading()
    decision = applied.acts[0] if applied.acts else None
    return Reading(comment=top.text, decision_phrase=decision, code=phrase.code, answer=_yes_or_no(phrase))


def _answered(top: _Top) -> Reading | None:
    """The answer to a yes/no question, which has to be the whole text."""
    meant, answer = _meant(top.context.situation), _yes_or_no(top.phrase)
    if Pending.QUESTION not in meant or answer is None:
        return None
    if Pending.ACCEPTANCE in meant:
        return top.doubt(DoubtKind.TWO_PENDING)
    rest = joined(top.phrase.reason, top.below)
    if not is_courtesy(rest, top.context.phrases):
        return top.doubt(DoubtKind.AMBIGUOUS)
    return Reading(answer=answer, comment=top.text, code=top.phrase.code)


def _rated(top: _Top) -> Reading | None:
    """A score where one is awaited."""
    pending, phrase, phrases = top.context.situation.pending, top.phrase, top.context.phrases
    if Pending.RATING not in pending:
        return None
    whole = fold(phrase.line) if len(phrase.line) <= _LONGEST_PHRASE else ""
    score, args = phrases.scores.get(whole) or _stars(whole), ""
    if score is None:
        score, args = phrases.scores.get(phrase.words), phrase.args
    if score is None:
        return None
    if pending & _DECIDING and top.context.situation.purpose != "rate":
        return top.doubt(DoubtKind.TWO_PENDING, Act.RATE)
    if not _belongs_to_score(args, phrases):
        return top.doubt(DoubtKind.AMBIGUOUS, Act.RATE)
    return _applied(top, Act.RATE, score, args)


def _belongs_to_score(args: str, phrases: Phrases) -> bool:
    """Whether the words behind a score are about it: "2, 3 e 4 não ligam" is none, nor "Bom, ainda não funciona"."""
    reason = args.lstrip(":,-–— ")
    if reason[:1].isdigit():
        return False
    return not args.startswith(",") or is_courtesy(reason, phrases) or bool(phrases.praise & set(fold(reason).split()))


def _stars(words: str) -> int | None:
    count = len(words.replace("☆", "").replace(" ", "")) if _STARS.fullmatch(words) else 0
    return count if 1 <= count <= 5 else None


def _commanded(top: _Top) -> Reading | None:
    """A phrase that means something for this person now."""
    act = _meaning(top.phrase, top.context.situation)
    if act is None:
        return None
    if act in _DECISIONS and any(other in _DECISIONS - {act} for other in _acts_below(top)):
        return top.doubt(DoubtKind.CONFLICT, act)
    return _applied(top, act)


def _meaning(phrase: Phrase, situation: Situation) -> Act | None:
    if not phrase.intents:
        return None
    if phrase.code:  # the code is the key of a question that holds the decision
        return next((act for intent, act in _DECISION_ACTS.items() if intent in phrase.intents), None)
    return next((row.act for row in MEANINGS if row.intent in phrase.intents and row.holds(situation)), None)


def _acts_below(top: _Top) -> Iterator[Act | None]:
    lines = [line for line in top.below.split("\n", 4 * _LINES_COMPARED) if line.strip()]
    for line in lines[:_LINES_COMPARED]:
        yield _meaning(take_apart(line, top.context.phrases), top.context.situation)


def _applied(top: _Top, act: Act, score: int | None = None, args: str | None = None) -> Reading:
    phrase = top.phrase
    given = phrase.args if args is None else args
    found = asked(Request(act, phrase.line, given, top.below, False, score, phrase.number), top.context)
    if isinstance(found, DoubtKind):
        return top.doubt(found, act)
    return Reading(acts=(found[0],), comment=joined(top.before, found[1]), code=phrase.code)


def _hesitant(top: _Top) -> Reading | None:
    """Words that smell of the decision or the score we wait for, and are none."""
    situation, phrases, phrase = top.context.situation, top.context.phrases, top.phrase
    if situation.pending & _AWAITED and (_is_weak(phrase, phrases) or _is_near(phrase, phrases)):
        return top.doubt(DoubtKind.AMBIGUOUS)
    if Pending.RATING in situation.pending and _is_off_scale(phrase, phrases):
        return top.doubt(DoubtKind.SCALE, Act.RATE)
    return None


def _is_weak(phrase: Phrase, phrases: Phrases) -> bool:
    """Words like "ok", "não: motivo", "sim, pode seguir"; "ok, vou ver" is only a comment."""
    if not phrase.intents & _WEAK:
        return False
    return Intent.NO in phrase.intents or not phrase.reason or fold(phrase.reason) in phrases.intents


def _is_near(phrase: Phrase, phrases: Phrases) -> bool:
    """The first word that says something begins like a decision: "aprovado com ressalvas", "não, aprovado"."""
    line = _said(phrase, phrases)
    words = _WORD.findall(line) if not line.startswith(">") else []  # a quoted line says nothing
    while words and (words[0] in phrases.near_lead or phrases.intents.get(words[0], frozenset()) & _WEAK):
        del words[0]
    return bool(words) and words[0].startswith(phrases.near)


def _is_off_scale(phrase: Phrase, phrases: Phrases) -> bool:
    """Lines like "nota 10", "4,5", "ótimo", "5 ótimo atendimento"; "5 computadores estão parados" is no score."""
    line = _said(phrase, phrases)
    praised = len(line.split()) <= _SHORT_LINE and not phrases.praise.isdisjoint(_WORD.findall(line))
    return bool(phrases.off_scale.fullmatch(line) or _STARS.fullmatch(line)) or praised


def _said(phrase: Phrase, phrases: Phrases) -> str:
    """The beginning of the line, folded, without a greeting."""
    line = phrase.line[:_LONGEST_PHRASE]
    return without_greeting(line, phrases) or fold(line)


def _remark(top: _Top) -> Reading:
    phrases = top.context.phrases
    thanks = is_courtesy(top.text, phrases) and has_thanks(top.text, phrases)
    return Reading(comment=top.text, thanks=thanks, persists=Intent.PERSISTS in top.phrase.intents)


def _yes_or_no(phrase: Phrase) -> bool | None:
    if Intent.YES in phrase.intents:
        return True
    return False if Intent.NO in phrase.intents else None


def _meant(situation: Situation) -> frozenset[Pending]:
    return situation.pending & _MEANT.get(situation.purpose, situation.pending) or situation.pending
