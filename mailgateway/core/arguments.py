"""From a recognised phrase or `#verb` to the act it asks for: SHAPES says which arguments and words each act takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from mailgateway.core.courtesy import is_courtesy
from mailgateway.core.dates import Today
from mailgateway.core.phrases import Phrases
from mailgateway.core.reading import DoubtKind, Situation
from mailgateway.core.tickets import Asked
from mailgateway.core.words import first_sentence, fold, plain, separate, undotted, unseparated
from mailgateway.core.workflow import Act, Role

#: Arguments stand at the beginning; nobody writes a longer list of addresses or a longer date.
_HEAD = 2000
_NEAR_END = 60
#: `resolvido 2` names one of the FAQ matches that a confirmation offers; a greater number is a ticket's.
_LAST_FAQ_MATCH = 9
_ADDRESS = r"[^\s,;:<>()@\"']++@[^\s,;:<>()@\"']*[^\s,;:<>()@\"'.]"
_EMAIL = re.compile(rf"(?<![^\s,;:<>()\"']){_ADDRESS}")
_LEADING_EMAIL = re.compile(rf"[\s,;]*<?({_ADDRESS})>?[\s,;]*")
_NUMBER = re.compile(r"(?<!\d)\d{1,10}(?!\d)")
_FINISHING = frozenset({Act.APPROVE, Act.CLOSE})


@dataclass(frozen=True, slots=True)
class Request:
    """A phrase or verb that was recognised. `below` is the text under it, up to the next verb."""

    act: Act
    line: str  # as written
    args: str = ""  # the clean rest of the line, its separator included
    below: str = ""
    explicit: bool = True  # a `#verb`; else a phrase
    score: int | None = None  # of a phrase that is a score
    number: int | None = None  # the ticket that a phrase names


@dataclass(frozen=True, slots=True)
class Context:
    """What the arguments are read with."""

    situation: Situation
    phrases: Phrases
    now: datetime

    @property
    def today(self) -> Today:
        """The day on which the dates were written."""
        situation = self.situation
        ask = situation.language in self.phrases.month_may_come_first
        return Today(self.now, situation.timezone, situation.end_of_business_day, ask)


class Words(Enum):
    """Whether an act takes a text: on its own line, or also from the lines below; or must have one."""

    NONE = "none"
    LINE = "line"
    BELOW = "below"
    REQUIRED = "required"


#: Fills in what it finds and answers with the rest of the arguments.
Found = tuple[Asked, str] | DoubtKind
Reader = Callable[[Asked, str, Context], Found]


def asked(request: Request, context: Context) -> tuple[Asked, str] | DoubtKind:
    """The act and what remains of the words as a comment, or why it has to be asked about."""
    shape = SHAPES[request.act]
    found = _addressed(request, shape, context)
    if not isinstance(found, DoubtKind):
        found = shape.read(*found, context)
    if isinstance(found, DoubtKind):
        return found
    act, args = found
    text, rest = _worded(unseparated(args), request, shape, context)
    if not text and (shape.words is Words.REQUIRED or _owes_a_reason(request.act, context.situation)):
        printed = context.phrases.is_placeholder(unseparated(args))
        return DoubtKind.PLACEHOLDER if printed else shape.lacking
    if request.act in _FINISHING and any(map(context.phrases.vetoed, (args, first_sentence(request.below)))):
        return DoubtKind.CONDITIONAL
    return replace(act, text=text), rest


def _addressed(request: Request, shape: Shape, context: Context) -> Found:
    """The act without the ticket's number, if it is this ticket's; where there is none the number is kept."""
    act, args, number = Asked(request.act, line=request.line, score=request.score), request.args, request.number
    if request.explicit and shape.names_ticket:
        bare = unseparated(args)
        if named := context.phrases.leading_reference.match(plain(bare[:_HEAD])):
            number, args = int(named["number"]), bare[named.end() :]
    if number is None:
        return act, args
    names_match = request.act is Act.CLOSE and number <= _LAST_FAQ_MATCH  # on ticket 2, too
    if number == context.situation.number and not names_match:
        return act, args
    if context.situation.number is None or not shape.names_ticket or names_match:
        return replace(act, number=number), args
    return DoubtKind.OTHER_TICKET


def _worded(own: str, request: Request, shape: Shape, context: Context) -> tuple[str, str]:
    """The text of the act, and what is left of the words on its line and below it."""
    if shape.words is Words.NONE:
        return "", joined(own, request.below)
    if context.phrases.is_placeholder(own):
        own = ""
    below = request.below if context.situation.certain else ""  # a guess may have left a quotation there
    if not own and is_courtesy(below, context.phrases):
        below = ""
    takes_below = shape.words in (Words.BELOW, Words.REQUIRED) if request.explicit else _phrase_takes_below(own, shape)
    return (joined(own, below), "" if below else request.below) if takes_below else (own, request.below)


def _phrase_takes_below(own: str, shape: Shape) -> bool:
    return shape.read is _score or (shape.words is Words.REQUIRED and not own)


def _owes_a_reason(act: Act, situation: Situation) -> bool:
    """A requester's cancel speaks for itself; an agent's is explained to the requester."""
    return act is Act.CANCEL and Role.AGENT in situation.roles and Role.REQUESTER not in situation.roles


def joined(*texts: str) -> str:
    """The texts that have words, one below the other."""
    return "\n".join(text.strip("\r\n") for text in texts if text.strip())


def _nothing(act: Asked, args: str, context: Context) -> Found:
    return act, args


def _until(act: Asked, args: str, context: Context) -> Found:
    """`até 10/03: motivo`, or the date at the end of the reason, where it stays."""
    phrases, bare = context.phrases, unseparated(args)
    head, rest = phrases.until.match(plain(bare[:_HEAD])), args
    if head is not None:
        rest = bare[head.end() :]
    else:
        head = _last(phrases.until, plain(bare.rstrip(".! ")[-_NEAR_END:]))
    if head is None:
        begun = plain(bare[:_NEAR_END]).startswith(
            tuple(f"{word} {n}" for word in phrases.dates.until for n in range(10))
        )
        return DoubtKind.BAD_DATE if begun else (act, args)
    until = phrases.dates.read(head["date"], context.today)
    return DoubtKind.BAD_DATE if until is None else (replace(act, until=until), rest)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next((m for m in pattern.finditer(text) if m.end() == len(text)), None)


def _addresses(act: Asked, args: str, context: Context) -> Found:
    emails = _emails(args[:_HEAD])
    if any(map(context.phrases.is_placeholder, emails)):
        return DoubtKind.PLACEHOLDER
    return (replace(act, emails=emails), "") if emails else DoubtKind.NEEDS_ADDRESS


def _address_until(act: Asked, args: str, context: Context) -> Found:
    """`maria@x até 10/03: motivo`: one address, then nothing but a date and, behind a separator, a reason."""
    found = _addresses(act, args, context)
    if isinstance(found, DoubtKind):
        return found
    if len(found[0].emails) > 1:
        return DoubtKind.AMBIGUOUS
    rest = args[[m.end() for m in _EMAIL.finditer(args[:_HEAD])][-1] :].lstrip("> ")
    dated = _until(found[0], rest, context)
    if isinstance(dated, DoubtKind):
        return dated
    said = dated[1].strip()
    if not fold(said):  # a full stop
        return dated[0], ""
    if unseparated(said) != said:
        return dated
    dates = said[:1].isdigit() or plain(said).startswith(context.phrases.dates.until)
    return DoubtKind.BAD_DATE if dates else DoubtKind.AMBIGUOUS


def _addresses_and_text(act: Asked, args: str, context: Context) -> Found:
    """`maria@x, joao@y: texto`; without names the text alone. A name that is no address is asked about."""
    head, mark, rest = args.partition(":")
    if mark and head.strip():
        emails = _emails(head[:_HEAD])
        return (replace(act, emails=emails), rest) if emails else DoubtKind.NEEDS_ADDRESS
    position, emails = 0, ()
    while found := _LEADING_EMAIL.match(args, position, _HEAD):
        position, emails = found.end(), (*emails, found[1].casefold())
    return replace(act, emails=emails), args[position:]


def _emails(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(email.casefold() for email in _EMAIL.findall(text)))


def _score(act: Asked, args: str, context: Context) -> Found:
    """`5`, `5/5`, `excelente`, and a text behind it."""
    if act.score is not None:
        return act, args
    words = unseparated(args).split(maxsplit=3)
    for count in (3, 2, 1):
        score = context.phrases.scores.get(fold(" ".join(words[:count])).rstrip(":,;-–— "))
        rest = " ".join(words[count:])
        if score is not None and not rest[:1].isdigit():
            return replace(act, score=score), rest
    return DoubtKind.SCALE


def _view(act: Asked, args: str, context: Context) -> Found:
    """A view by any of its names, `mine` without one; a number behind it is a page."""
    name, page = undotted(unseparated(args)[:_HEAD]), None
    if paged := re.fullmatch(r"(.*?) ?(\d{1,4})", name):
        name, page = paged[1], int(paged[2])
    view = context.phrases.views.get(name) if name else "mine"
    return (replace(act, name=view, number=page), "") if view else DoubtKind.UNKNOWN_VIEW


def _number(act: Asked, args: str, context: Context) -> Found:
    found = _NUMBER.search(args[:_NEAR_END])
    return (replace(act, number=int(found[0])), args[found.end() :]) if found else DoubtKind.NEEDS_NUMBER


def _number_or_this(act: Asked, args: str, context: Context) -> Found:
    found = _number(act, args, context)
    return (act, args) if isinstance(found, DoubtKind) else found


def _priority(act: Asked, args: str, context: Context) -> Found:
    head, _, rest = separate(unseparated(args))
    priority = context.phrases.priorities.get(fold(head[:_NEAR_END]))
    return (replace(act, name=priority), rest) if priority else DoubtKind.UNKNOWN_PRIORITY


def _queue(act: Asked, args: str, context: Context) -> Found:
    head, _, rest = separate(unseparated(args))
    return (replace(act, name=head.strip().casefold()), rest) if head.strip() else DoubtKind.NEEDS_QUEUE


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands behind a verb. `names_ticket`: a number in front is this ticket's, or it is asked about.

    `lacking` is what is asked about where a text must stand and none does.
    """

    words: Words = Words.NONE
    read: Reader = _nothing
    names_ticket: bool = True
    lacking: DoubtKind = DoubtKind.NEEDS_REASON


#: An act that is not named takes nothing.
SHAPES: dict[Act, Shape] = {
    **{act: Shape() for act in Act},
    Act.OPEN: Shape(Words.BELOW, names_ticket=False),
    Act.NOTE: Shape(Words.REQUIRED, names_ticket=False),
    Act.ASSIGN: Shape(Words.NONE, _addresses),
    Act.PAUSE: Shape(Words.REQUIRED, _until),
    Act.RESOLVE: Shape(Words.REQUIRED),
    Act.REQUEST_APPROVAL: Shape(Words.REQUIRED, _addresses_and_text),
    Act.WITHDRAW: Shape(Words.LINE),
    Act.APPROVE: Shape(Words.LINE),
    Act.REJECT: Shape(Words.REQUIRED),
    Act.CONTEST: Shape(Words.BELOW),
    Act.DELEGATE: Shape(Words.LINE, _address_until),
    Act.CLOSE: Shape(Words.LINE),
    Act.RATE: Shape(Words.BELOW, _score, names_ticket=False),
    Act.CANCEL: Shape(Words.BELOW),
    Act.REOPEN: Shape(Words.BELOW),
    Act.ADD_FOLLOWER: Shape(Words.NONE, _addresses),
    Act.REMOVE_FOLLOWER: Shape(Words.NONE, _addresses),
    Act.MERGE: Shape(Words.LINE, _number, names_ticket=False),
    Act.SPLIT: Shape(Words.REQUIRED, lacking=DoubtKind.NEEDS_SUBJECT),
    Act.CHANGE_QUEUE: Shape(Words.LINE, _queue),
    Act.CHANGE_PRIORITY: Shape(Words.LINE, _priority),
    Act.CHANGE_REQUESTER: Shape(Words.NONE, _addresses),
    Act.LIST: Shape(Words.NONE, _view, names_ticket=False),
    Act.STATUS: Shape(Words.NONE, _number_or_this, names_ticket=False),
    Act.FAQ: Shape(Words.LINE, names_ticket=False),
    Act.HELP: Shape(names_ticket=False),
}
