"""The words of all languages, built once from the tables of `languages/*.toml`: adding a word is a line of data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from mailgateway.core.dates import DateWords
from mailgateway.core.parsed import Table
from mailgateway.core.views import VIEWS
from mailgateway.core.words import fold, plain, undotted
from mailgateway.core.workflow import SEGMENTS, STANDINGS, Act, Role, Status

Meaning = TypeVar("Meaning")

PRIORITIES = ("low", "medium", "high", "urgent")
SCORES = (1, 2, 3, 4, 5, 9)  # 9 declines
TRAIL = (*SEGMENTS, *(standing.word for standing in STANDINGS.values() if standing.word))
#: A comment is what remains, and time alone closes: nobody asks for these by a verb.
ACTS_WITH_VERB = tuple(act for act in Act if act not in (Act.COMMENT, Act.AUTO_CLOSE))
#: Acts that mean nothing without words: what the placeholder of a printed line stands for.
WORDED = (Act.REJECT, Act.PAUSE, Act.CANCEL, Act.RESOLVE, Act.REQUEST_APPROVAL, Act.NOTE, Act.SPLIT)
PRINTED = (
    *("approve", "reject", "approve_by_code", "reject_by_code", "yes", "no", "close", "open"),
    *("until", "address", "queue", "terms", "marker"),
)
#: The tables of a file whose keys are not named by an enumeration, and those keys.
KEYS = {
    "rating": ("forms", "numbers", "praise", "words"),
    "greetings": ("words",),
    "veto": ("words", "first"),
    "reference": ("articles", "nouns", "numbers"),
    "pause": ("for_requester",),
    "dates": ("until", "order", "joiners", "months", "weekdays", "today", "tomorrow"),
    "near": ("lead", "decision"),
    "trouble": ("words",),
    "labels": ("statuses", "stands", "trail", "roles", "views", "ratings", "priorities", "acts"),
}
SECTIONS = (*KEYS, "language", "name", "desk", "phrases", "verbs", "placeholders", "printed", "views", "priorities")
ORDERS = ("day_month", "ask")  # how 10/03 is read
FREE = ("reasons", "entries")  # sentences that the mails and pages print, none of this module's business


class Intent(StrEnum):
    """What a phrase wants, by the key of its list; `commands.MEANINGS` says for whom and when it means something."""

    APPROVE = "approve"
    REJECT = "reject"
    CLOSE = "close"
    PERSISTS = "persists"
    CANCEL = "cancel"
    STATUS = "status"
    TAKE = "take"
    PAUSE = "pause"
    RESUME = "resume"
    RESOLVE = "resolve"
    REQUEST_APPROVAL = "request_approval"
    FOLLOW = "follow"
    LEAVE = "leave"
    OPEN = "open"
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    THANKS = "thanks"
    CLOSING = "closings"


@dataclass(frozen=True, slots=True)
class Labels:
    """What one language calls things."""

    language: str
    name: str
    desk: str  # what a queue is called where nobody says
    statuses: Mapping[Status, str]
    stands: Mapping[Status, str]  # the same, as what a sentence says of a ticket
    trail: Mapping[str, str]
    roles: Mapping[Role, str]
    views: Mapping[str, str]
    ratings: Mapping[int, str]
    priorities: Mapping[str, str]
    acts: Mapping[Act, str]
    verbs: Mapping[Act, str]  # the printed one, with its "#"
    printed: Mapping[str, str]  # whole-line words
    placeholders: Mapping[Act, str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """Every word that is read or printed. All languages are always read; keys and words are folded."""

    intents: Mapping[str, frozenset[Intent]]
    verbs: Mapping[str, Act]
    scores: Mapping[str, int]  # "nota 5", "excelente"
    off_scale: re.Pattern[str]  # "nota 10", "4,5", "100%": a score that is none
    praise: frozenset[str]
    greetings: frozenset[str]
    veto: re.Pattern[str]
    veto_first: frozenset[str]
    reference: re.Pattern[str]  # " o chamado nº 1042" at the end of a phrase
    leading_reference: re.Pattern[str]  # "#1042: " at the beginning of a verb's arguments
    near: tuple[str, ...]  # how words of a decision begin
    trouble: re.Pattern[str]  # words of somebody who still needs help
    near_lead: frozenset[str]  # words that may stand before them
    pause_for_requester: tuple[str, ...]
    dates: DateWords
    until: re.Pattern[str]
    month_may_come_first: frozenset[str]  # languages in which 03/10 has two meanings
    placeholders: frozenset[str]
    views: Mapping[str, str]
    priorities: Mapping[str, str]
    _labels: Mapping[str, Labels]

    @staticmethod
    def build(tables: Mapping[str, Mapping[str, Any]]) -> Phrases:
        """From the parsed files, by language; ValueError names the key that is missing, unknown or misshapen."""
        roots = [_checked(Table(f"{language}.toml", content)) for language, content in tables.items()]
        dates = _dates(roots)
        return Phrases(
            intents=_intents(roots),
            verbs=_verbs(roots),
            scores=_scores(roots),
            off_scale=_off_scale(roots),
            praise=frozenset(_folded(roots, "rating", "praise")),
            greetings=frozenset(_folded(roots, "greetings", "words")),
            veto=_any_of(roots, "veto"),
            trouble=_any_of(roots, "trouble"),
            veto_first=frozenset(_folded(roots, "veto", "first")),
            reference=_reference(roots),
            leading_reference=_leading_reference(roots),
            near_lead=frozenset(_folded(roots, "near", "lead")),
            near=(*_folded(roots, "near", "decision"), *_decisions(roots)),
            pause_for_requester=tuple(_folded(roots, "pause", "for_requester")),
            dates=dates,
            until=dates.pattern(),
            month_may_come_first=frozenset(r.text("language") for r in roots if _asks_for_order(r)),
            placeholders=frozenset(_placeholders(roots)),
            views=_named(roots, "views", tuple(VIEWS)),
            priorities=_named(roots, "priorities", PRIORITIES),
            _labels={root.text("language"): _labels(root) for root in roots},
        )

    def labels(self, language: str) -> Labels:
        """The labels of a language; those of the first one where nobody has written that language yet."""
        return self._labels.get(language) or next(iter(self._labels.values()))

    def is_placeholder(self, text: str) -> bool:
        """Whether this is what a mail prints where the reason belongs, sent back as it stands."""
        return fold(text.strip().strip("()[]<>{}")) in self.placeholders

    def vetoed(self, text: str) -> bool:
        """Whether the words after an approving phrase make it doubtful ("mas", "desde que", "?")."""
        words = fold(text)
        return bool(self.veto.search(words)) or words.partition(" ")[0].strip(",;:") in self.veto_first

    def waits_for_requester(self, reason: str) -> bool:
        """Whether a pause with this reason ends when the requester answers."""
        return fold(reason).startswith(self.pause_for_requester)


def _checked(root: Table) -> Table:
    root.exactly(SECTIONS, FREE)
    for section, keys in KEYS.items():
        root.table(section).exactly(keys)
    return root


def _asks_for_order(root: Table) -> bool:
    order = root.table("dates").text("order")
    if order not in ORDERS:
        raise ValueError(f"{root.path}: dates.order must be one of {', '.join(ORDERS)}")
    return order == "ask"


def _folded(roots: Iterable[Table], section: str, key: str) -> list[str]:
    return [fold(word) for root in roots for word in root.table(section).words(key)]


def _intents(roots: Iterable[Table]) -> dict[str, frozenset[Intent]]:
    """One meaning a phrase, beside `open`, which is read where there is no ticket."""
    found: dict[str, Intent] = {}
    opening: dict[str, Intent] = {}
    for root in roots:
        table = root.table("phrases")
        for intent, words in table.lists(Intent).items():
            _add(opening if intent is Intent.OPEN else found, table, intent, map(fold, words))
    return {word: frozenset(m[word] for m in (found, opening) if word in m) for word in found | opening}


def _decisions(roots: Iterable[Table]) -> list[str]:
    """The single words that approve or reject: whatever more a line says after one makes it doubtful."""
    words = (_folded(roots, "phrases", intent) for intent in (Intent.APPROVE, Intent.REJECT))
    return [word for some in words for word in some if " " not in word]


def _add(found: dict[str, Meaning], table: Table, meaning: Meaning, words: Iterable[str]) -> None:
    """What these words mean, beside what was found; ValueError where one means another thing, in whatever language."""
    for word in words:
        if found.setdefault(word, meaning) != meaning:
            raise ValueError(f"{table.path}.{meaning}: {word} already means {found[word]}")


def _verbs(roots: Iterable[Table]) -> dict[str, Act]:
    found: dict[str, Act] = {}
    for root in roots:
        table = root.table("verbs")
        for act, words in table.lists(ACTS_WITH_VERB).items():
            _add(found, table, act, map(fold, words))
    return found


def _scores(roots: Iterable[Table]) -> dict[str, int]:
    found: dict[str, int] = {}
    for root in roots:
        table = root.table("rating")
        for score, words in table.table("words").lists(SCORES).items():
            _add(found, table.table("words"), score, map(fold, words))
            _add(found, table, score, (fold(form.format(n=score)) for form in table.words("forms")))
    return found


def _off_scale(roots: Iterable[Table]) -> re.Pattern[str]:
    """The same forms with any number, in digits or letters."""
    numbers = "|".join(_folded(roots, "rating", "numbers"))
    forms = {re.escape(f).replace(re.escape("{n}"), "@") for f in _folded(roots, "rating", "forms")} | {"@%", "@"}
    return re.compile("|".join(forms).replace("@", rf"(?:\d+(?:[.,]\d+)?|{numbers})"))


def _any_of(roots: Iterable[Table], section: str) -> re.Pattern[str]:
    """A question mark, or one of the section's words; "*" ends a beginning."""
    words = [word for root in roots for word in root.table(section).words("words")]
    patterns = [re.escape(fold(word)) + (r"\w*" if word.endswith("*") else "") for word in words]
    return re.compile(rf"\?|\b(?:{'|'.join(patterns)})\b")


def _reference_parts(roots: Iterable[Table]) -> tuple[str, str]:
    """What may stand before a ticket's number, and the number."""
    articles, nouns, numbers = (
        "|".join(
            sorted({re.escape(plain(w)) for r in roots for w in r.table("reference").words(key)}, key=len, reverse=True)
        )
        for key in ("articles", "nouns", "numbers")
    )
    return (
        rf"(?:(?:{articles}) )?(?:(?:{nouns})(?: |$|(?=#)))?",
        rf"(?:(?:{numbers}) ?|# ?){{0,2}}(?P<number>\d{{1,10}})",
    )


def _reference(roots: Iterable[Table]) -> re.Pattern[str]:
    before, number = _reference_parts(roots)
    return re.compile(rf" (?=.){before}(?:{number})?$")


def _leading_reference(roots: Iterable[Table]) -> re.Pattern[str]:
    before, number = _reference_parts(roots)
    return re.compile(rf"{before}{number} ?(?=$|[:,]|[-–—] )")


def _dates(roots: Iterable[Table]) -> DateWords:
    tables = [r.table("dates") for r in roots]

    def numbered(key: str, count: int, first: int) -> dict[str, int]:
        return {plain(w): n for t in tables for n, group in enumerate(t.groups(key, count), first) for w in group}

    return DateWords(
        until=tuple(plain(word) for t in tables for word in t.words("until")),
        months=numbered("months", 12, 1),
        weekdays=numbered("weekdays", 7, 0),
        days={plain(word): n for t in tables for n, key in enumerate(("today", "tomorrow")) for word in t.words(key)},
        joiners=tuple(plain(word) for t in tables for word in t.words("joiners")),
    )


def _placeholders(roots: Iterable[Table]) -> Iterator[str]:
    for root in roots:
        yield fold(root.table("printed").text("address"))
        yield from map(fold, root.table("placeholders").texts(WORDED).values())


def _named(roots: Iterable[Table], section: str, names: tuple[str, ...]) -> dict[str, str]:
    """What people call a view or a priority: its other words, its label, its own name."""
    found = {name.replace("_", " "): name for name in names}
    for root in roots:
        table, labels = root.table(section), root.table("labels").table(section)
        for name, words in table.lists(names).items():
            _add(found, table, name, map(undotted, words))
            _add(found, labels, name, [undotted(labels.text(name))])
    return found


def _labels(root: Table) -> Labels:
    table = root.table("labels")
    return Labels(
        language=root.text("language"),
        name=root.text("name"),
        desk=root.text("desk"),
        statuses=table.table("statuses").texts(Status),
        stands=table.table("stands").texts(Status),
        trail=table.table("trail").texts(TRAIL),
        roles=table.table("roles").texts(Role),
        views=table.table("views").texts(VIEWS),
        ratings=table.table("ratings").texts(SCORES),
        priorities=table.table("priorities").texts(PRIORITIES),
        acts=table.table("acts").texts(Act),
        verbs={act: "#" + words[0] for act, words in root.table("verbs").lists(ACTS_WITH_VERB).items()},
        printed=root.table("printed").texts(PRINTED),
        placeholders=root.table("placeholders").texts(WORDED),
    )
