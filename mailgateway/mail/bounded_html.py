"""HTML that no parser takes quadratic time for: at most so deep, and with so many attributes in one tag.

Both bounds are far beyond what mail programs write. Tags are found as the HTML standard finds them (section 13.2.5), so
that nothing can hide from the count what a parser sees: comments and elements whose content nobody sees go as a whole,
and an end tag counts only where an element of that name is open in the same table or menu.
"""

from __future__ import annotations

import re
from collections import Counter
from html import escape
from typing import Final


def names(text: str) -> frozenset[str]:
    """A set of names, written as one line."""
    return frozenset(text.split())


DEEPEST: Final = 500  # parsers take quadratic time in the nesting
MOST_ATTRIBUTES: Final = 200  # and in the attributes of one tag
_HARMLESS = 10_000  # characters

_ATTRIBUTE = r"""[\s/]++|=?[^\s/>=]++(?:\s*+=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)?+|="""
_UNSEEN = "script|style|title|textarea|iframe|noscript"
_PLAIN = "xmp|noembed|noframes|plaintext"  # what looks like markup in them is text
_MARKUP = re.compile(
    rf"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?=[^a-z]))[^>]*+(?:>|\Z)"  # comments, also broken ones
    rf"|<({_UNSEEN})(?=[\s/>]).*?(?:</\1(?=[\s/>])[^>]*+(?:>|\Z)|\Z)"
    rf"|<({_PLAIN})(?=[\s/>])[^>]*+>(.*?)(?:</(?!plaintext)\2(?=[\s/>])[^>]*+(?:>|\Z)|\Z)"
    rf"|<(/?)([a-z][^\s/>]*+)((?:{_ATTRIBUTE})*+)(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_NO_END = names(
    "area base br col embed hr img input link meta source track wbr"  # void
    " p li dt dd option tr td th tbody thead tfoot colgroup"  # ended by their like
)
# In these no end tag closes what was opened outside.
_SCOPES = names("table select template button caption object applet marquee svg math")


def bounded(html: str) -> str:
    """The HTML without the tags that lie too deep and without the attributes of tags that have too many; text stays."""
    if html.count("<") <= DEEPEST and len(html) <= _HARMLESS:
        return html
    return _MARKUP.sub(_Bounds().keep, html)


class _Bounds:
    """What is open where a tag stands."""

    def __init__(self) -> None:
        self._depth = 0
        self._scopes: list[tuple[str, Counter[str]]] = [("", Counter())]

    def keep(self, found: re.Match[str]) -> str:
        """What is kept of a tag, a comment or an element without markup."""
        _, _, plain, closing, written, attributes = found.groups()
        if not written:
            return escape(plain or "", quote=False)
        name = written.lower()
        is_kept = name in _NO_END or (self._close(name) if closing else self._open(name))
        if not is_kept:
            return ""
        return f"<{closing}{name}>" if _are_many(attributes) else found[0]

    def _open(self, name: str) -> bool:
        self._depth += 1
        self._scopes[-1][1][name] += 1
        if name in _SCOPES:
            self._scopes.append((name, Counter()))
        return self._depth <= DEEPEST

    def _close(self, name: str) -> bool:
        scope, inside = self._scopes[-1]
        if scope == name:
            self._scopes.pop()
            self._scopes[-1][1].update(inside)  # what it left open may live on behind it
            inside = self._scopes[-1][1]
        if inside[name] > 0:
            inside[name] -= 1
            self._depth -= 1
        return self._depth < DEEPEST


def _are_many(attributes: str) -> bool:
    return len(attributes) > MOST_ATTRIBUTES and sum(1 for _ in _PIECE.finditer(attributes)) > 2 * MOST_ATTRIBUTES


_PIECE = re.compile(_ATTRIBUTE)  # an attribute, or what stands between two
