"""Fields with parameters, `text/plain; charset=utf-8`, and the three ways in which file names are written there."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from mailgateway.mail.charset import decode
from mailgateway.mail.headers import decode_words, unfold


def parameters(value: bytes) -> tuple[str, dict[str, str]]:
    """`text/plain; charset=utf-8` → its lower-case first word and its parameters, RFC 2231 forms put together."""
    text = unfold(value)
    head, semicolon, rest = text.partition(";")
    head = head.strip().lower()
    if not semicolon:
        return head, {}
    params: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, quoted, plain in _PARAM.findall(rest[:_LONGEST_PARAMETERS]):
        word, star, number = name.lower().partition("*")
        content = _UNESCAPE.sub(r"\1", quoted) if quoted else plain.strip()
        if star:
            section, _, encoded = number.partition("*")
            is_encoded = not section or number.endswith("*")
            index = int(section) if section.isascii() and section.isdigit() and len(section) < 5 else 0
            pieces.setdefault(word, []).append((index, is_encoded or encoded == "*", content))
        else:
            params.setdefault(word, decode_words(content))
    for word, sections in pieces.items():
        params[word] = _join_sections(sections)
    return head, params


_PARAM = re.compile(r'([^\s=;"]{1,100})\s{0,20}=\s{0,20}(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_LONGEST_PARAMETERS = 16 * 1024
_UNESCAPE = re.compile(r'\\(["\\])')


def _join_sections(sections: list[tuple[int, bool, str]]) -> str:
    """RFC 2231 section 3 and 4: numbered pieces, each percent-encoded or not, the charset in the first."""
    sections.sort(key=lambda section: section[0])
    charset, data = "", b""
    for position, (_, encoded, text) in enumerate(sections):
        if encoded and position == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        data += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return decode_words(decode(data, charset))
