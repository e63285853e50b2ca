"""The attachments inside a winmail.dat (MS-OXTNEF), and nothing else of it.

One forward pass: each step moves ahead by what it read, a length that goes beyond the end stops the reading, so no
input makes it loop. Outlook hides a mail's files in this form from everybody but Exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack_from

from mailgateway.mail.charset import clean, decode

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
MOST = 200  # attachments

_SIGNATURE = b"\x78\x9f\x3e\x22"
_HEADER = 6  # signature and key
_BEGIN, _TITLE, _DATA, _PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005

_LONG_FILENAME = 0x3707
_STRING8, _UNICODE = 0x001E, 0x001F
_VARIABLE = frozenset({_STRING8, _UNICODE, 0x000D, 0x0102})
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8}


def read(content: bytes) -> tuple[tuple[str, bytes], ...]:
    """Name and content of each attachment, as far as the bytes are sound."""
    found: list[tuple[str, bytes]] = []
    name, data = "", None
    for attribute, value in _attributes(content):
        if attribute == _BEGIN:
            if data is not None:
                found.append((name, data))
            name, data = "", None
        elif attribute == _TITLE:
            name = name or _text(value, "")
        elif attribute == _PROPERTIES:
            name = _long_filename(value) or name
        elif attribute == _DATA:
            data = value
    if data is not None:
        found.append((name, data))
    return tuple(found[:MOST])


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


def _long_filename(properties: bytes) -> str:
    """PR_ATTACH_LONG_FILENAME; the title holds only eight and three letters."""
    at = 4  # the number of properties
    while at + 4 <= len(properties):
        kind, number = unpack_from("<HH", properties, at)
        at += 4
        if kind in _FIXED and number < 0x8000:
            at += _FIXED[kind]
            continue
        if kind not in _VARIABLE or number >= 0x8000 or at + 8 > len(properties):
            return ""  # a named or unknown property: its length is not known
        length = unpack_from("<I", properties, at + 4)[0]
        at += 8
        if number == _LONG_FILENAME:
            return _text(properties[at : at + length], "utf-16-le" if kind == _UNICODE else "")
        at += length + (-length % 4)
    return ""


def _text(value: bytes, charset: str) -> str:
    return clean(decode(value[:2000], charset)).strip()
