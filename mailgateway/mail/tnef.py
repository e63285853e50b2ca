"""The attachments inside a winmail.dat (MS-OXTNEF), and nothing else of it.

One forward pass: each step moves ahead by what it read, a length that goes beyond the end stops the reading, so no
input makes it loop. Outlook hides a mail's files in this form from everybody but Exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import error, unpack_from

from mailgateway.mail.charset import clean, decode

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MOST = 200  # attachments

_SIGNATURE = b"\x78\x9f\x3e\x22"
_HEADER = 6  # signature and key
_BEGIN, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_DEEPEST = 3  # mails in mails

# MAPI properties of an attachment: number, and how its values are written.
_CONTENT, _DISPLAY_NAME, _FILENAME, _LONG_FILENAME = 0x3701, 0x3001, 0x3704, 0x3707
_STRING8, _UNICODE, _OBJECT = 0x001E, 0x001F, 0x000D
_VARIABLE = frozenset({_STRING8, _UNICODE, _OBJECT, 0x0102})
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8}
_FIXED[0x0048] = _INTERFACE_ID = 16
_MANY = 0x1000  # a type with this bit holds several values
_NAMED = 0x8000  # from this number on a GUID and a name or number stand before the values


def read(content: bytes, depth: int = 1) -> tuple[tuple[str, bytes], ...]:
    """Name and content of each attachment, as far as the bytes are sound; of an attached mail those inside it."""
    found: list[tuple[str, bytes]] = []
    name, data = "", None
    for attribute, value in (*_attributes(content), (_BEGIN, b"")):
        if attribute == _BEGIN:
            if data is not None:
                found.extend(read(data, depth + 1) if _is_mail(data, depth) else [(name, data)])
            name, data = "", None
        elif attribute == _TITLE:
            name = name or _text(value, "")
        elif attribute == _PROPERTIES:
            properties = _properties(value)
            stated = (properties.get(number, "") for number in (_LONG_FILENAME, _FILENAME, _DISPLAY_NAME))
            long, *others = (text if isinstance(text, str) else "" for text in stated)
            name = long or name or next(filter(None, others), "")
            held = properties.get(_CONTENT)
            data = held if data is None and isinstance(held, bytes) else data
        elif attribute == _DATA:
            data = value
    return tuple(found[:MOST])


def _is_mail(data: bytes, depth: int) -> bool:
    return data.startswith(_SIGNATURE) and depth < _DEEPEST


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Level, tag, length, value, checksum: one after the other."""
    at = _HEADER
    if not content.startswith(_SIGNATURE):
        return
    while at + 9 <= len(content):
        attribute, _, length = unpack_from("<HHI", content, at + 1)
        at += 9
        if at + length > len(content):
            return
        yield attribute, content[at : at + length]
        at += length + 2


def _properties(encoded: bytes) -> dict[int, str | bytes]:
    """The properties with one text or one stretch of bytes, as far as they can be read."""
    found: dict[int, str | bytes] = {}
    at = 4  # the number of properties
    try:
        while at + 4 <= len(encoded):
            kind, number = unpack_from("<HH", encoded, at)
            at = _behind_name(encoded, at + 4) if number >= _NAMED else at + 4
            base = kind & ~_MANY
            count, at = (1, at) if base == kind and kind in _FIXED else (unpack_from("<I", encoded, at)[0], at + 4)
            if base in _FIXED:
                at += _FIXED[base] * count
                continue
            if base not in _VARIABLE:
                break  # nobody knows how long it is
            for _ in range(min(count, len(encoded))):
                length = unpack_from("<I", encoded, at)[0]
                found[number] = _value(kind, encoded[at + 4 : at + 4 + length])
                at += 4 + length + (-length % 4)
    except error:
        pass
    return found


def _behind_name(encoded: bytes, at: int) -> int:
    """The GUID and, by a flag, a number or a text."""
    is_text: int = unpack_from("<I", encoded, at + 16)[0]
    if not is_text:
        return at + 24
    length: int = unpack_from("<I", encoded, at + 20)[0]
    return at + 24 + length + (-length % 4)


def _value(kind: int, encoded: bytes) -> str | bytes:
    if kind in (_STRING8, _UNICODE):
        return _text(encoded, "utf-16-le" if kind == _UNICODE else "")
    return encoded[_INTERFACE_ID:] if kind == _OBJECT else encoded


def _text(value: bytes, charset: str) -> str:
    return clean(decode(value[:2000], charset)).strip()
