"""Files that old programs put into the text of a mail: lines between `begin 644 name` and `end` (POSIX uuencode)."""

from __future__ import annotations

import binascii
import re

_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r*\n", re.MULTILINE)
_END = re.compile(rb"^end[ \t]*\r*$", re.MULTILINE)
MOST_GROWTH = 4  # a line whose blanks were lost on the way holds more than it shows, a file of such lines does not


def uuencoded(data: bytes) -> bytes:
    """The file between `begin` and `end`, as far as it can be read; the data itself where they hold none."""
    begin = _BEGIN.search(data)
    end = _END.search(data, begin.end()) if begin else None
    return _decode(data[begin.end() if begin else 0 : end.start() if end else len(data)]) or data


def take_files(text: bytes, most: int) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without its files, and the name and content of each; only the first so many are looked for.

    Words that only look like a file stay text.
    """
    kept, files, at = [], [], 0
    for _ in range(most):
        begin = _BEGIN.search(text, at)
        end = _END.search(text, begin.end()) if begin else None
        if begin is None or end is None:
            break
        content = _decode(text[begin.end() : end.start()])
        kept.append(text[at : begin.start() if content else end.end()])
        if content:
            files.append((begin[1].strip(), content))
        at = end.end()
    kept.append(text[at:])
    return b"".join(kept), files


def _decode(lines: bytes) -> bytes:
    """The content of these lines; b"" where they only claim it: what a line lacks of its length counts as zeros."""
    decoded = []
    for line in lines.splitlines():
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    size = sum(map(len, decoded))
    return b"".join(decoded) if size <= MOST_GROWTH * len(lines) else b""
