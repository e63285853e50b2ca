"""What an opaque S/MIME signature wraps (RFC 8551 section 3.5.2, RFC 5652): the mail inside, without a library.

Reads the first elements of the BER tree and no certificate. Each step moves ahead or goes one level down in a bounded
number of levels, so that no input makes it loop.
"""

from __future__ import annotations

from typing import NamedTuple

_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SEQUENCE, _OID, _EXPLICIT, _OCTETS = 0x30, 0x06, 0xA0, 0x04
_CONSTRUCTED = 0x20
_PKCS7 = bytes.fromhex("2a864886f70d0107")
_DATA, _SIGNED, _ENVELOPED = _PKCS7 + b"\x01", _PKCS7 + b"\x02", _PKCS7 + b"\x03"
_DEEPEST = 10
_MOST = 100_000  # pieces of one octet string


class _Element(NamedTuple):
    tag: int
    start: int  # of its content
    end: int  # of its content; of the whole data where the length is indefinite
    after: int  # where the next element begins, -1 where only its content tells


def is_smime(content_type: str, name: str) -> bool:
    """Whether a part is S/MIME's, by its type or by its file name (RFC 8551 section 3.2.2)."""
    return content_type in _TYPES or (content_type == "application/octet-stream" and name.lower().endswith(".p7m"))


def signed_content(data: bytes) -> bytes | None:
    """The signed content, None where this is no signature around something."""
    try:
        info = _enter(data, 0, _SEQUENCE)
        kind = _element(data, info)
        if data[kind.start : kind.end] != _SIGNED:
            return None
        signed = _enter(data, _enter(data, kind.after, _EXPLICIT), _SEQUENCE)
        version = _element(data, signed)
        digests = _element(data, version.after)
        wrapped = _enter(data, _skip(data, digests, 0), _SEQUENCE)
        kind = _element(data, wrapped)
        if data[kind.start : kind.end] != _DATA or kind.after >= len(data):
            return None
        return b"".join(_octets(data, _enter(data, kind.after, _EXPLICIT), 0))
    except (IndexError, ValueError):
        return None


def is_encrypted(data: bytes) -> bool:
    """Whether it is an envelope that only its addressee can open."""
    return _ENVELOPED in data[:40]


def _element(data: bytes, at: int) -> _Element:
    tag, length = data[at], data[at + 1]
    start = at + 2
    if length == 0x80:
        return _Element(tag, start, len(data), -1)
    if length > 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + size], "big"), start + size
    end = min(start + length, len(data))
    return _Element(tag, start, end, end)


def _enter(data: bytes, at: int, tag: int) -> int:
    """Where the content of this element begins; ValueError where it is another one."""
    element = _element(data, at)
    if element.tag != tag:
        raise ValueError(tag)
    return element.start


def _skip(data: bytes, element: _Element, depth: int) -> int:
    """Where the element behind this one begins."""
    if element.after >= 0:
        return element.after
    if depth > _DEEPEST:
        raise ValueError(depth)
    at = element.start
    while data[at : at + 2] != b"\0\0":
        at = _skip(data, _element(data, at), depth + 1)
    return at + 2


def _octets(data: bytes, at: int, depth: int) -> list[bytes]:
    """The pieces of an octet string, which may be cut into octet strings."""
    element = _element(data, at)
    if element.tag == _OCTETS:
        return [data[element.start : element.end]]
    if element.tag != _OCTETS | _CONSTRUCTED or depth > _DEEPEST:
        raise ValueError(element.tag)
    pieces: list[bytes] = []
    at = element.start
    while at < element.end and data[at : at + 2] != b"\0\0" and len(pieces) < _MOST:
        pieces.extend(_octets(data, at, depth + 1))
        at = _skip(data, _element(data, at), 0)
    return pieces
