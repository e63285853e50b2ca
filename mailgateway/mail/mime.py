"""A mail's bytes to a tree of parts (RFC 2045, 2046, 2231), bounded and without recursion.

Why not `email.parser`: it recurses once per nesting level (RecursionError at 2000), tests each line against every open
boundary and reads line by line (30 MB/s). Here a part is a span of the raw bytes, and boundaries are looked for in C.
"""

from __future__ import annotations

import binascii
import codecs
import re
from dataclasses import dataclass, field, replace

from mailgateway.mail import cms
from mailgateway.mail.headers import base64
from mailgateway.mail.parameters import parameters
from mailgateway.mail.uuencode import uuencoded


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one mail is read; what goes beyond is a defect, not an error."""

    depth: int = 50
    parts: int = 500
    header_bytes: int = 256 * 1024
    body_chars: int = 2_000_000
    html_chars: int = 1_500_000


@dataclass(slots=True)
class Part:
    """One node of the tree: its fields (lower-case names, raw values) and where its body lies in the raw mail."""

    raw: bytes = field(repr=False)
    start: int
    end: int
    fields: list[tuple[str, bytes]]
    content_type: str = "text/plain"
    params: dict[str, str] = field(default_factory=dict)
    children: list[Part] = field(default_factory=list)
    _disposition: tuple[str, dict[str, str]] | None = field(default=None, init=False, repr=False)

    def first(self, name: str) -> bytes:
        """The first raw value of that field, or b""."""
        return next((value for n, value in self.fields if n == name), b"")

    def body(self) -> bytes:
        """The body as it was sent, transfer encoding still on."""
        return self.raw[self.start : self.end]

    def content(self) -> bytes:
        """The body with its transfer encoding taken off."""
        # Also written "quoted-printable;", "Base-64" and with a comment.
        encoding = _NO_LETTER.sub(b"", self.first("content-transfer-encoding").partition(b"(")[0]).lower()
        decoder = _DECODERS.get(encoding)
        if decoder is base64 and self.content_type.startswith("text/") and _PROSE.match(self.body()):
            decoder = None  # words that only say that they were base64
        return decoder(self.body()) if decoder else self.body()

    def disposition(self) -> tuple[str, dict[str, str]]:
        """Content-Disposition (RFC 2183), "" where there is none."""
        if self._disposition is None:
            value = self.first("content-disposition")
            self._disposition = parameters(value) if value else ("", {})
        return self._disposition

    def walk(self) -> list[Part]:
        """The part itself and all below it, in the order of the mail."""
        found, stack = [], [self]
        while stack:
            part = stack.pop()
            found.append(part)
            stack.extend(reversed(part.children))
        return found


def read(raw: bytes, limits: Limits, defects: list[str]) -> Part:
    """The tree of parts of a mail; never raises. Defects are appended to the list."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    head = raw.removeprefix(codecs.BOM_UTF8)
    root = _part(raw, len(raw) - len(head.lstrip(b"\r\n \t")), len(raw), "text/plain", limits, defects)
    if cms.is_smime(root.content_type, root.params.get("name", "")):
        # Only around the whole mail: what somebody signed and another attached is a file, and files never command.
        if limits.depth <= 1:
            _note(defects, "too-deep")
        elif (inner := cms.signed_content(root.content())) is not None:
            root.children = [read(inner, replace(limits, depth=limits.depth - 1), defects)]
        return root
    waiting, count = [(root, 1)], 1
    while waiting:
        part, depth = waiting.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        if depth >= limits.depth:
            _note(defects, "too-deep")
            continue
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for start, end in _spans(part, limits.parts, defects):
            if count >= limits.parts:
                _note(defects, "too-many-parts")
                break
            part.children.append(_part(raw, start, end, default, limits, defects))
            count += 1
        waiting.extend((child, depth + 1) for child in part.children)
    return root


# A field: a name, a colon, a line, and the lines that continue it (RFC 5322 section 2.2).
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?")
_BLANK = re.compile(rb"\r*\n")
_BLANK_LINE = re.compile(rb"\n\r*\n")
_KNOWN = re.compile(
    rb"(?:[^\n]*\n){1,3}(?:from|to|cc|subject|date|message-id|content-[a-z-]+|mime-version|received|return-path):", re.I
)


def _part(raw: bytes, start: int, end: int, default: str, limits: Limits, defects: list[str]) -> Part:
    fields, body = _fields(raw, start, end, limits, defects)
    part = Part(raw, body, end, fields, default)
    value = part.first("content-type")
    if value:
        content_type, part.params = parameters(value)
        if _TYPE.fullmatch(content_type):
            part.content_type = content_type
        elif part.params.get("name"):
            part.content_type = "application/octet-stream"  # nobody knows what it is, but it is a file
    return part


_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+*-]+")


def _fields(
    raw: bytes, start: int, end: int, limits: Limits, defects: list[str]
) -> tuple[list[tuple[str, bytes]], int]:
    fields: list[tuple[str, bytes]] = []
    at = start
    while at < end:
        if blank := _BLANK.match(raw, at, end):
            return fields, blank.end()
        if at - start > limits.header_bytes:
            _note(defects, "header-too-large")
            gap = _BLANK_LINE.search(raw, at, end)
            return fields, gap.end() if gap else end
        stop = min(end, at + limits.header_bytes + 1)  # each folded line of one match costs memory
        if found := _FIELD.match(raw, at, stop):
            fields.append((found[1].decode("ascii").lower(), found[2].strip()))
            at = found.end()
            continue
        line_end = raw.find(b"\n", at, end) + 1 or end
        if at > start or not raw.startswith((b"From ", b">From "), at, end):
            _note(defects, "broken-header")
            if not _KNOWN.match(raw, at, min(end, at + 4000)):
                return fields, at  # the blank line is missing: this is text already
        at = line_end
    return fields, end


def _spans(part: Part, most: int, defects: list[str]) -> list[tuple[int, int]]:
    """Where the parts of a multipart lie; `most` of them are wanted."""
    boundary = part.params.get("boundary", "").encode("utf-8", "replace").rstrip()
    marks = _delimiters(part, b"--" + boundary, most) if boundary else []
    if not marks and (guessed := _GUESS.search(part.raw, part.start, part.end)):
        _note(defects, "wrong-boundary" if boundary else "no-boundary")
        marks = _delimiters(part, guessed[1], most)
    if not marks:
        _note(defects, "no-parts")
        part.content_type = "text/plain"
        return []
    spans = []
    for (_, start, closing), (end, _, _) in zip(marks, [*marks[1:], (part.end, 0, False)], strict=True):
        if closing:
            break
        spans.append((start, _before_line_end(part.raw, start, end)))
    else:
        _note(defects, "no-closing-boundary")
    if not spans:
        part.content_type, part.end = "text/plain", part.start  # a wrapping around nothing
    return spans


# A delimiter as it looks where nothing or the wrong thing is declared: fields of a part follow.
_GUESS = re.compile(rb"^(--\S{1,70})[ \t]*\r*\n(?=content-)", re.MULTILINE | re.IGNORECASE)


def _delimiters(part: Part, mark: bytes, most: int) -> list[tuple[int, int, bool]]:
    """Delimiter lines: where each begins, where the line behind it begins, whether it is the closing one."""
    raw, at, looked = part.raw, part.raw.find(mark, part.start, part.end), 0
    found: list[tuple[int, int, bool]] = []
    while at >= 0 and looked < most + _MOST_ALIKE:
        rest = at + len(mark)
        line_end = raw.find(b"\n", rest, part.end) + 1 or part.end
        if at == part.start or raw[at - 1 : at] == b"\n":
            tail = raw[rest : min(line_end, rest + 200)].strip()
            if tail in (b"", b"--"):
                found.append((at, line_end, tail == b"--"))
        looked += 1
        at = raw.find(mark, rest, part.end)
    return found


# Lines that only begin like a delimiter: an inner boundary often begins like the outer one, and each level looks again.
_MOST_ALIKE = 10_000


def _before_line_end(raw: bytes, start: int, end: int) -> int:
    """The end of a part: the line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1)."""
    if end > start and raw[end - 1 : end] == b"\n":
        end -= 1
        if end > start and raw[end - 1 : end] == b"\r":
            end -= 1
    return end


def quoted_printable(data: bytes) -> bytes:
    """RFC 2045 section 6.7; what is no valid escape stays as written."""
    return binascii.a2b_qp(_PADDED_BREAK.sub(b"=\n", data))


# Rule 3 of that section: blanks at the end of a line are the transport's, also behind a soft line break.
_PADDED_BREAK = re.compile(rb"=[ \t]+\r?\n")


_PROSE = re.compile(rb"\s*[^\s=]+ [^\s=]")
_NO_LETTER = re.compile(rb"[^A-Za-z0-9]")
_DECODERS = {
    b"base64": base64,
    b"quotedprintable": quoted_printable,
    b"xuuencode": uuencoded,
    b"uuencode": uuencoded,
    b"xuue": uuencoded,
}


def _note(defects: list[str], defect: str) -> None:
    if defect not in defects:
        defects.append(defect)
