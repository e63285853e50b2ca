"""Addresses: normal form, why something is none, and address lists as people's programs really write them.

A list is read by one pass over its tokens, so that a hostile From of megabytes costs no more than its length. RFC 2047
words are decoded only after the structure is known: an address is never taken from inside a display name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from mailgateway.core.people import Mailbox
from mailgateway.mail.headers import decode_words

LONGEST = 254  # RFC 5321 section 4.5.3.1.3 less the two angle brackets
LONGEST_LOCAL = 64
MOST = 2000  # mailboxes read from one list

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_SIMPLE = re.compile(r'\s*(?:"([^"\\=]*)"|([^"\\<>(),;:@=\[\]]*))\s*<([^<>\s"(),;:@]+@[^<>\s"(),;:@]+)>\s*')

_SHORT = 500  # for longer ones its blanks could cost quadratic time

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\\.|<[^<>]*>?|[(),;:]|[^"\\<(),;:]+|.', re.DOTALL)
_QUOTE = re.compile(r'\\.|"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=8192)
def normal(address: str) -> str | None:
    """The address as addresses are compared: NFC, lower case, the domain as A-label; None where it is no address."""
    if len(address) > LONGEST:
        return None
    address = address.strip().lower()
    local, _, domain = address.rpartition("@")
    if len(local) > LONGEST_LOCAL or "." not in domain.strip("."):
        return None
    if address.isascii() and _PLAIN.fullmatch(address):
        return address
    try:
        # Names of closed networks ("empresa.local") are addresses here; whether they can be reached shows in delivery.
        found = validate_email(
            unicodedata.normalize("NFC", address),
            check_deliverability=False,
            allow_quoted_local=True,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        return None
    return f"{found.local_part.lower()}@{found.ascii_domain.lower()}"


def why_invalid(text: str) -> str:
    """A code for what is wrong with something that `normal` refuses; "" for an address."""
    text = bare(text)
    local, at, domain = text.rpartition("@")
    if normal(text):
        return ""
    tests = (
        ("empty", not text),
        ("no_at", not at),
        ("several_at", "@" in local and not local.startswith('"')),
        ("blank", any(c.isspace() for c in text)),
        ("no_local", not local),
        ("no_domain", not domain),
        ("too_long", len(text) > LONGEST or len(local) > LONGEST_LOCAL),
        ("no_domain_end", "." not in domain.strip(".")),
    )
    return next((code for code, holds in tests if holds), "syntax")


def bare(text: str) -> str:
    """What stands between angle brackets, or the text itself, trimmed: `Ana <ana@x.com>` → `ana@x.com`."""
    start, end = text.rfind("<"), text.rfind(">")
    return (text[start + 1 : end] if 0 <= start < end else text).strip()


def parse_list(values: Iterable[str]) -> tuple[tuple[Mailbox, ...], tuple[str, ...]]:
    """The mailboxes of address fields (each with an address in normal form), and the entries that are no address.

    The values are unfolded, with their RFC 2047 words still encoded.
    """
    mailboxes: list[Mailbox] = []
    invalid: list[str] = []
    for value in values:
        simple = _SIMPLE.fullmatch(value) if len(value) < _SHORT else None
        if simple and (email := normal(simple[3])):
            mailboxes.append(Mailbox(_tidy(simple[1] or simple[2] or ""), email))
            continue
        for entry in _entries(value):
            if len(mailboxes) + len(invalid) < MOST:
                _judge(entry, mailboxes, invalid)
    return tuple(mailboxes[:MOST]), tuple(invalid)  # one entry may hold many


class _Entry:
    """What stands between two commas, sorted by kind of token."""

    def __init__(self) -> None:
        self.phrase: list[str] = []  # words outside quotes, comments and brackets
        self.quoted: list[str] = []  # phrase and quoted strings, in order: the display name
        self.comments: list[str] = []
        self.angles: list[str] = []
        self.written: list[str] = []
        self.may_go_on = False  # behind a comma, not behind a semicolon

    def is_half_a_name(self) -> bool:
        """Whether these are words alone: no address, nothing in quotes."""
        is_words = bool(self.phrase) and self.written == self.phrase
        return self.may_go_on and is_words and "@" not in "".join(self.phrase)


def _entries(value: str) -> list[_Entry]:
    value = _balance(value)
    entries, open_comments = _sort_tokens(value)
    if open_comments:  # an unclosed bracket is a slip, not a comment over the rest of the list
        entries, _ = _sort_tokens(value.replace("(", " ").replace(")", " "))
    return _whole_names(entries)


def _whole_names(entries: list[_Entry]) -> list[_Entry]:
    """`Silva, Ana <ana@x.com>` without its quotes: what stands before the comma is no entry but half a name."""
    whole: list[_Entry] = []
    for entry in entries:
        start = len(whole)
        while entry.angles and entry.phrase and start and whole[start - 1].is_half_a_name():
            start -= 1
        halves = whole[start:]
        del whole[start:]
        entry.quoted[:0] = [piece for half in halves for piece in (*half.quoted, ",")]
        entry.written[:0] = [piece for half in halves for piece in (*half.written, ",")]
        whole.append(entry)
    return whole


def _balance(value: str) -> str:
    """The value without an unpaired last quote, which would swallow every address behind it."""
    if '"' not in value:
        return value
    quotes = [m.start() for m in _QUOTE.finditer(value) if m[0] == '"']
    if len(quotes) % 2 == 0:
        return value
    return value[: quotes[-1]] + " " + value[quotes[-1] + 1 :]


def _sort_tokens(value: str) -> tuple[list[_Entry], int]:
    entry, entries, depth = _Entry(), [], 0
    for match in _TOKEN.finditer(value):
        piece = match[0]
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth:
            entry.comments.append(piece)
        elif piece in ",;":
            entry.may_go_on = piece == ","
            if entry.written or entry.comments:
                entries.append(entry)
                entry = _Entry()
        elif piece == ":":
            entry = _Entry()  # what stood before is the name of a group (RFC 5322 section 3.4), or "mailto"
        else:
            _sort_token(entry, piece)
    entries.append(entry)
    return entries, depth


def _sort_token(entry: _Entry, piece: str) -> None:
    entry.written.append(piece)
    if piece[0] == "<":
        angle = piece.strip("<> \t")
        entry.angles.append(angle if '"' in angle else "".join(angle.split()))
    elif piece[0] == '"' and len(piece) > 1:
        entry.quoted.append(_ESCAPED.sub(r"\1", piece[1:-1]))
    else:
        entry.phrase.append(piece)
        entry.quoted.append(piece)


def _judge(entry: _Entry, mailboxes: list[Mailbox], invalid: list[str]) -> None:
    written = "".join(entry.written).strip()
    if not written or not any(entry.angles or [written]):
        return
    if entry.angles:
        name = _tidy("".join(entry.quoted)).strip("<>") or _tidy(" ".join(entry.comments))
        found = [normal(_route_end(angle)) for angle in entry.angles if angle]
    else:
        name = _tidy(" ".join(entry.comments))
        words = "".join(entry.quoted).split()
        addresses = [w for w in "".join(entry.phrase).split() if "@" in w]
        found = [normal(addresses[0].strip("[]>"))] if len(addresses) == 1 else [normal(written)]
        name = name or _tidy(" ".join(w for w in words if w not in addresses))
    mailboxes.extend(Mailbox(name, email) for email in found if email)
    if None in found:
        invalid.append(decode_words(written))


def _route_end(angle: str) -> str:
    """The address behind an RFC 822 route, `@a,@b:c@d`, or behind `mailto:`."""
    return angle.rpartition(":")[2].strip() if ":" in angle else angle


def _tidy(name: str) -> str:
    """A display name as text: words decoded, blanks collapsed, quotes that somebody encoded with it taken off."""
    return " ".join(decode_words(name).split()).strip("'\"")
