"""What of a person stands in what others wrote: addresses, names, phone numbers, words of his that they quote."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from mailgateway.core.people import Person
from mailgateway.core.words import plain

GAP = "…"  # stands where words were
_TELLING = 15  # characters; what is shorter is anybody's: "Obrigado.", "Bom dia"
_SHORTEST_NAME = 3
_PHONE = re.compile(r"\+?\(?\d[\d\s().-]{6,}\d")
_DIGITS = 8  # of a phone number; what stands before them is written or left out
_MARKS = re.compile(r"^[\s>|]+")


@dataclass(frozen=True, slots=True)
class Traces:
    """One person's traces; `trace` makes them."""

    pseudonym: str
    addresses: re.Pattern[str]
    names: re.Pattern[str]  # addresses too
    certain: re.Pattern[str]  # addresses, the whole name and subjects: nobody else's
    subjects: re.Pattern[str]
    phones: frozenset[str]
    words: str

    def tell_of_him(self, text: str) -> bool:
        """Whether it speaks of him for certain, wherever it stands."""
        return self.certain.search(plain(text)) is not None

    def elsewhere(self, text: str) -> str:
        """A text of a ticket that he has nothing to do with, without his addresses: a name there may be another's."""
        return _replaced(self.addresses, lambda _: self.pseudonym, text)

    def beside_him(self, text: str) -> str:
        """A text of a ticket that he is or was on, without anything that leads to him."""
        text = "\n".join(self._unquoted(line) for line in text.split("\n"))
        text = _replaced(self.names, lambda _: self.pseudonym, text)
        text = _replaced(self.subjects, lambda _: GAP, text)
        return _replaced(_PHONE, lambda found: GAP if _tail(found) in self.phones else found, text)

    def _unquoted(self, line: str) -> str:
        said = _together(_MARKS.sub("", line))
        return GAP if len(said) >= _TELLING and said in self.words else line


def trace(
    person: Person, pseudonym: str, written: Iterable[str], subjects: Iterable[str] = (), others: Iterable[str] = ()
) -> Traces:
    """The traces of somebody who has written this, under these subjects, where people of these names are too."""
    written = list(written)
    addresses = "|".join(map(_address, dict.fromkeys((person.email, *person.addresses))))
    name, others = plain(person.name).split(), {word for other in others for word in plain(other).split()}
    titled = [re.escape(plain(s)) for s in subjects if len(s) >= _TELLING]
    names, whole, any_form = _names(name, others), _names(name, set(name)), _names(name, set())
    bracketed = rf"<(?:{addresses})>"
    return Traces(
        pseudonym=pseudonym,
        addresses=_any([bracketed, addresses]),
        names=_any([*(rf'"?{form}"?\s*{bracketed}' for form in any_form), bracketed, addresses, *names]),
        certain=_any([addresses, *(whole if len(name) > 1 else ()), *titled]),
        subjects=_any(titled),
        phones=frozenset(tail for text in written for found in _PHONE.findall(text) if (tail := _tail(found))),
        words=_together(" ".join(written)),
    )


def _address(email: str) -> str:
    """An address in any writing; one that only ends or begins like it is somebody else's."""
    local, _, domain = email.partition("@")
    spellings = "|".join(dict.fromkeys(map(re.escape, (domain, _spoken(domain)))))
    return rf"(?<![\w.+%-]){re.escape(local)}(?:@|%40)(?:{spellings})(?![\w-]|\.\w)"


def _spoken(domain: str) -> str:
    """The domain as people write it (RFC 5891), accents gone like everywhere here."""
    try:
        return plain(domain.encode("ascii").decode("idna"))
    except UnicodeError:
        return domain


def _names(words: list[str], shared: set[str]) -> list[str]:
    """A name as people write it: whole, first and last, and the first alone where nobody shares it; longest first."""
    forms = [words, [words[0], words[-1]]] if len(words) > 1 else []
    forms += [words[:1]] if words and words[0] not in shared and len(words[0]) >= _SHORTEST_NAME else []
    return [r"(?<!\w)" + r"\s+".join(map(re.escape, form)) + r"(?!\w)" for form in forms]


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)")


def _replaced(pattern: re.Pattern[str], by: Callable[[str], str], text: str) -> str:
    """The text with what matches in its plain letters replaced."""
    done, at = [], 0
    for found in pattern.finditer(plain(text)):
        done += [text[at : found.start()], by(text[found.start() : found.end()])]
        at = found.end()
    return "".join((*done, text[at:])) if done else text


def _together(text: str) -> str:
    return " ".join(plain(text).split())


def _tail(phone: str) -> str:
    """The digits by which a phone number is known; "" where there are too few."""
    digits = "".join(c for c in phone if c.isdigit())
    return digits[-_DIGITS:] if len(digits) >= _DIGITS else ""
