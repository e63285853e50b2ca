"""Authentication-Results fields (RFC 8601): which one counts, and what it states.

The field is read from the raw bytes: an RFC 2047 word in it must not become structure (RFC 2047 section 5), else a
local part such as `=?utf-8?q?x=3B_dmarc=3Dpass?=`, honestly reported, would turn into a result. One pass, lenient,
never raising.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailgateway.mail.headers import unfold

LONGEST_HEAD = 262_144  # what counts stands at the very top

_FIELD = re.compile(rb"^(received|authentication-results)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|\(|\\.|[^"\\(]+|.', re.DOTALL)
_BRACKET = re.compile(r"\\.|[()]", re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n]+")  # no others: an ideographic space may be part of a local part (RFC 6531)
_MEANING = re.compile(r"[\s;=\\]")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result, such as `dkim=pass`, with the properties that it was judged by."""

    method: str
    value: str
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str) -> str:
        """The value of a property; "" where it is missing or stated twice with different values."""
        values = {v for n, v in self.properties if n == name}
        return values.pop() if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one field says; `authserv_id` is "" in the form of Microsoft 365, which names nobody."""

    authserv_id: str
    results: tuple[Result, ...] = ()


def topmost(raw: bytes, authserv_id: str, hops: int) -> Statement | None:
    """The topmost statement of that service with at most `hops` Received fields above it.

    Only the topmost counts: whoever writes fields stacks his above all that came with the mail (RFC 8601 section 5).
    Only the head of the mail itself is looked at, never that of a mail inside it (section 4.1).
    """
    for field in _FIELD.finditer(head(raw)):
        if field[1].lower() == b"received":
            hops -= 1
        elif (statement := parse(unfold(field[2]))).authserv_id == authserv_id.lower():
            return statement
        if hops < 0:
            return None
    return None


def head(raw: bytes, longest: int = LONGEST_HEAD) -> bytes:
    """The header section without the empty line that ends it; cut at `longest`."""
    ends = [raw.find(b"\n\n", 0, longest), raw.find(b"\n\r\n", 0, longest)]
    return raw[: min((end + 1 for end in ends if end >= 0), default=longest)]


def parse(value: str) -> Statement:
    """What an unfolded field states. What is not understood states nothing."""
    text = _BLANKS.sub(" ", "".join(_plain(value))).lower().replace(" =", "=")
    first, *others = [[word for word in statement.split(" ") if word] for statement in text.split(";")]
    named = bool(first) and "=" not in first[0]
    # Behind the name a version number may stand (section 2.2); nothing else there is a result.
    found = (_result(words) for words in (others if named else [first, *others]))
    return Statement(first[0] if named else "", tuple(r for r in found if r))


def _plain(value: str) -> Iterator[str]:
    """The field without comments; in quoted strings nothing is left that has a meaning outside of them."""
    position = 0
    while position < len(value):
        token = _TOKEN.match(value, position)
        if token is None:  # cannot be: the last alternative takes anything
            return
        position = token.end()
        if token[0] == "(":
            position = _comment_end(value, position)
            yield " "
        elif token[0][0] == '"':
            yield _MEANING.sub("_", token[0].strip('"'))
        else:
            yield token[0]


def _comment_end(value: str, position: int) -> int:
    """Where the comment ends. Comments nest, and a quote means nothing in them (RFC 5322 section 3.2.2)."""
    depth = 1
    for match in _BRACKET.finditer(value, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(value)


def _result(words: list[str]) -> Result | None:
    """`method/version=value property=value …`; a blank may stand behind an equals sign."""
    pairs: list[tuple[str, str]] = []
    waiting = ""
    for word in words:
        if waiting:
            pairs.append((waiting, word))
            waiting = ""
            continue
        name, sign, value = word.partition("=")
        if value:
            pairs.append((name, value))
        elif sign:
            waiting = name
    method = pairs[0][0].partition("/")[0] if pairs else ""
    return Result(method, pairs[0][1], tuple(pairs[1:])) if method else None
