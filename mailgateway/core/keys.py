"""Reply addresses: `<queue>+<row id>.<16 base32 letters of an HMAC>@`, made for one person, ticket and purpose.

The MAC tells a forgery without a look-up; the row says to whom the address belongs and whether it still holds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# One way to write a number and a MAC: "012" or a letter that only looks like one of ours is no key.
_KEY = re.compile(r"[+-](b?)([1-9]\d{0,17})\.([a-z2-7]{16})(?=@)", re.IGNORECASE | re.ASCII)
_SHOWN = re.compile(r"(?:[+-]|%2b)b?[1-9]\d{0,17}\.[a-z2-7]{16}(?=@|%40)", re.IGNORECASE | re.ASCII)  # also in a link
_SIGNATURE = 16  # letters
_ROOT = re.compile(r"<t()([1-9]\d{0,17})\.([a-z2-7]{16})@", re.ASCII)


class Purpose(StrEnum):
    """What a reply address is for; it counts as a key for the acts that `core.access` lists beside it."""

    TALK = "talk"
    DECIDE = "decide"
    RATE = "rate"
    CONFIRM = "confirm"
    NOTE = "note"
    LEAVE = "leave"
    PAGE = "page"
    BOUNCE = "bounce"


class KeyState(StrEnum):
    """Whether a reply address still opens anything."""

    LIVE = "live"
    SPENT = "spent"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Key:
    """The row behind a reply address."""

    id: int
    person_id: int
    ticket: int | None
    purpose: Purpose
    round_id: int | None = None
    expires_at: datetime | None = None
    state: KeyState = KeyState.LIVE
    about: str = ""  # of a page: its list and the next page, "waiting:2"; of the FAQ's answer: what was asked

    def holds(self, now: datetime) -> bool:
        """Whether it is live and not expired at that moment."""
        return self.state is KeyState.LIVE and (self.expires_at is None or now <= self.expires_at)


def sign(secret: str, key_id: int) -> str:
    """The 16 base32 letters (80 bits) that prove we made the address of this row."""
    return _mac(secret, f"reply:{key_id}")


def _mac(secret: str, what: str) -> str:
    """Lower case, as some hops fold case."""
    return base64.b32encode(hmac.digest(secret.encode(), what.encode(), hashlib.sha256)[:10]).decode().lower()


def address(key_id: int, queue_email: str, secret: str, style: str = "plus") -> str:
    """The reply address of a row. `style` "domain" has no plus sign, "none" is the queue's address without a key."""
    local, _, domain = queue_email.partition("@")
    if style == "none":
        return queue_email
    separator = "+" if style == "plus" else "-"
    return f"{local}{separator}{key_id}.{sign(secret, key_id)}@{domain}"


def read(text: str, secrets: tuple[str, ...]) -> int | None:
    """The row id that an address names, if one of our secrets signed it."""
    found = _KEY.search(text)
    return _signed(found, "reply", secrets) if found and not found[1] else None


def bounce_address(outbox_id: int, queue_email: str, secret: str, style: str = "plus") -> str:
    """The envelope sender of one mail that goes out: reports sent there speak of this mail (VERP)."""
    local, _, domain = queue_email.partition("@")
    if style == "none":
        return queue_email
    separator = "+" if style == "plus" else "-"
    return f"{local}{separator}b{outbox_id}.{_mac(secret, f'bounce:{outbox_id}')}@{domain}"


def read_bounce(text: str, secrets: tuple[str, ...]) -> int | None:
    """The outbox row that an envelope sender of ours names, if one of our secrets signed it."""
    found = _KEY.search(text)
    return _signed(found, "bounce", secrets) if found and found[1] else None


def _signed(found: re.Match[str], what: str, secrets: tuple[str, ...]) -> int | None:
    row_id, mac = int(found[2]), found[3].lower()
    if any(hmac.compare_digest(mac, _mac(secret, f"{what}:{row_id}")) for secret in secrets):
        return row_id
    return None


def code(secret: str, question_id: int) -> str:
    """The eight digits that answer a question by themselves; made anew whenever they are needed, kept nowhere."""
    digest = hmac.digest(secret.encode(), f"code:{question_id}".encode(), hashlib.sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 10**8:08}"


def is_code(text: str, question_id: int, secrets: tuple[str, ...]) -> bool:
    """Whether these are the digits of that question, by one of our secrets."""
    return any(hmac.compare_digest(text.encode(), code(secret, question_id).encode()) for secret in secrets)


def root_id(ticket: int, domain: str, secret: str) -> str:
    """The Message-ID that stands first in the References of every notice of a ticket; no mail has it as its own."""
    return f"<t{ticket}.{_mac(secret, f'root:{ticket}')}@{domain}>"


def read_root(message_id: str, secrets: tuple[str, ...]) -> int | None:
    """The ticket whose signed root id this is."""
    found = _ROOT.match(message_id)
    return _signed(found, "root", secrets) if found else None


def hidden(text: str) -> str:
    """A text in which every reply address is shown without its key: keys are secrets outside the mail itself.

    >>> hidden("write to suporte+12.abcdefghijklmnop@desk.example.com")
    'write to suporte@desk.example.com'
    """
    return _SHOWN.sub("", text) if any(_may_end_key(text, at) for at in ("@", "%40")) else text


def _may_end_key(text: str, at: str) -> bool:
    """Whether a dot stands where a signature would begin before this sign: long texts hold few of them, and no key."""
    place = text.find(at)
    while place >= 0:
        if text[max(0, place - _SIGNATURE - 1)] == ".":
            return True
        place = text.find(at, place + 1)
    return False
