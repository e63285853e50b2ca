"""What must hold for any reply, whoever writes it: asked by the tests beside this file and by `tests.fuzz`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache

from mailgateway.core.commands import Reading, read
from mailgateway.core.words import fold
from mailgateway.core.workflow import Act
from tests.core.conftest import NOW, SITUATIONS, load_phrases

phrases = cache(load_phrases)


def reading(who: str, text: str) -> Reading:
    return read(text, SITUATIONS[who], phrases(), NOW)


def no_word_is_lost(who: str, text: str) -> None:
    found = reading(who, text)
    kept = "\n".join([found.comment, *(f"{asked.text}\n{asked.line}" for asked in found.acts)])
    # The mark "#interno" itself is the line that asked; every other word is kept as written or in NFKC.
    lost = _visible(text) - _visible(kept)
    assert not {word for word in lost if unicodedata.normalize("NFKC", word) not in kept}


def a_doubt_changes_nothing(who: str, text: str) -> None:
    found = reading(who, text)
    if found.doubt:
        assert found.acts == ()
        assert found.comment == text.strip()
        assert "\n" not in found.doubt.line
        assert found.answer is None


def prose_decides_nothing(who: str, text: str) -> None:
    found = reading(who, f"Isto {text}")
    assert {asked.act for asked in found.acts} <= {Act.NOTE, Act.LEAVE}  # what the address alone asks for
    assert found.answer is None


def plain(words: Iterable[str]) -> list[str]:
    """The words of a text that are no part of any phrase."""
    known = phrases()
    folded = ((word, fold(word)) for word in words)
    return [w for w, f in folded if f and f.isalpha() and f not in known.intents and not f.startswith(known.near)]


def _visible(text: str) -> set[str]:
    return set("".join(c if c not in "\u200b\ufeff" else " " for c in text).split())
