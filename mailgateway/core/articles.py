"""An article of the FAQ, read from a Markdown file that begins with a few lines of TOML between two lines `+++`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, NoReturn

from mailgateway.core.errors import Refused
from mailgateway.core.words import fold

FENCE = "+++"
KEYS = ("id", "title", "language", "keywords", "queue", "updated")
MOST_LETTERS = 30_000
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class Article:
    """One answer in one language. `updated` None: nobody says when; `queue` "": for all of them."""

    id: str
    language: str
    title: str
    body: str
    keywords: tuple[str, ...] = ()
    queue: str = ""
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file lies and what it may name; `language` is what its folder says."""

    path: str
    stem: str
    language: str
    languages: Collection[str]
    queues: Collection[str]
    zone: tzinfo = UTC


def read(text: str, place: Place) -> Article:
    """The article that a file holds. Raises `Refused`: file, line, what is wrong, and the cure."""
    source = _Source(text.removeprefix("\ufeff").replace("\r\n", "\n"), place)
    head, body = source.parted()
    said = source.table(head)
    source.keys(said)
    return Article(
        id=source.value(said, "id", _NO_SLUG.sub("-", fold(place.stem)).strip("-")),
        language=source.value(said, "language", place.language),
        title=source.value(said, "title", ""),
        body=body,
        keywords=source.value(said, "keywords", ()),
        queue=source.value(said, "queue", ""),
        updated=source.value(said, "updated", None),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    text: str
    place: Place

    def refuse(self, line: int, what: str) -> NoReturn:
        raise Refused(f"{self.place.path}, line {line}: {what}")

    def parted(self) -> tuple[str, str]:
        """The lines between the fences, and what follows them."""
        if "\0" in self.text:
            self.refuse(self.text[: self.text.index("\0")].count("\n") + 1, "holds a NUL; remove it")
        if len(self.text) > MOST_LETTERS:
            self.refuse(1, f"is longer than {MOST_LETTERS} letters; divide it")
        lines = self.text.split("\n")
        fences = [i for i, line in enumerate(lines) if line.rstrip() == FENCE][:2]
        if not fences or fences[0]:
            self.refuse(1, f'does not begin with {FENCE}; write {FENCE}, then title = "…", then {FENCE}, then the text')
        if len(fences) < 2:
            self.refuse(1, f"{FENCE} begins and nothing ends it; write a second {FENCE} above the text")
        body = "\n".join(lines[fences[1] + 1 :]).strip()
        if not body:
            self.refuse(fences[1] + 1, "nothing follows; write the answer below it")
        return "\n".join(lines[1 : fences[1]]), body

    def table(self, head: str) -> dict[str, Any]:
        """The lines between the fences, as TOML."""
        try:
            return tomllib.loads(head)
        except tomllib.TOMLDecodeError as error:
            at = _AT_LINE.search(str(error))
            line = int(at[1]) + 1 if at and at[1] else head.count("\n") + 2
            self.refuse(line, f'{_AT_LINE.sub("", str(error))}; write key = "value", texts in quotes')

    def keys(self, said: dict[str, Any]) -> None:
        """Only keys that we know, and a title."""
        if unknown := next((key for key in said if key not in KEYS), None):
            self.refuse(self.line_of(unknown), f"the key {unknown!r} is not known; use {', '.join(KEYS)}")
        if "title" not in said:
            self.refuse(1, 'the title is missing; add title = "…"')

    def value(self, said: dict[str, Any], key: str, default: Any) -> Any:
        """What a key says, checked; the default is checked as well."""
        try:
            return _CHECKS[key](said.get(key, default), self.place)
        except ValueError as error:
            self.refuse(self.line_of(key), f"{key} {error}")

    def line_of(self, key: str) -> int:
        """Where a key stands; the first line for one that does not."""
        lines = self.text.split("\n")
        found = (i for i, line in enumerate(lines, 1) if re.match(rf"\s*[\"']?{re.escape(key)}\b", line))
        return next(found, 1)


def _id(said: Any, place: Place) -> str:
    if not isinstance(said, str) or not _SLUG.fullmatch(said) or len(said) > 80:
        raise ValueError('is not as it must be; write small letters, digits and "-", at most 80, like "senha-nova"')
    return said


def _title(said: Any, place: Place) -> str:
    title = " ".join(said.split()) if isinstance(said, str) else ""
    if not 0 < len(title) <= 200:
        raise ValueError('is not as it must be; write one line of text in quotes, at most 200 letters, like "…"')
    return title


def _language(said: Any, place: Place) -> str:
    if said not in place.languages:
        raise ValueError(f"is not one of ours; write one of {', '.join(place.languages)}")
    return str(said)


def _keywords(said: Any, place: Place) -> tuple[str, ...]:
    if not isinstance(said, list | tuple) or not all(isinstance(word, str) for word in said):
        raise ValueError('are not a list of texts; write keywords = ["toner", "papel"]')
    return tuple(said)


def _queue(said: Any, place: Place) -> str:
    if said and said not in place.queues:
        raise ValueError(f"is not configured; write one of {', '.join(place.queues)}, or leave it out for all")
    return str(said)


def _updated(said: Any, place: Place) -> datetime | None:
    if said is None:
        return None
    if isinstance(said, date):
        at = said if isinstance(said, datetime) else datetime.combine(said, time())
        return at if at.tzinfo else at.replace(tzinfo=place.zone)
    raise ValueError("is no date; write updated = 2026-03-10, without quotes")


_CHECKS: dict[str, Callable[[Any, Place], Any]] = {
    "id": _id,
    "title": _title,
    "language": _language,
    "keywords": _keywords,
    "queue": _queue,
    "updated": _updated,
}
