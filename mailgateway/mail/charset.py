"""Bytes to text: the declared charset where it fits, else UTF-8, else what Windows and old Unix wrote.

A Latin-1 label fits everything, so it is the one that senders get wrong: what is well-formed UTF-8 under it is UTF-8
("JoÃ£o" is a name of nobody). No statistics: guessers turn short Portuguese text into Chinese. The ladder is the same
for headers and bodies.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# Names that mail uses and Python does not know.
ALIASES = {
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "gb_2312-80": "gb2312",
    "x-sjis": "shift_jis",
    "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "ansi": "cp1252",
}
# Senders who declare the left one write the right one (the same widening as the WHATWG encoding standard).
WIDER = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso2022_jp": "iso2022_jp_ext",
}
# "windows1252", "win-1252", "cp-850", "x-cp1252", "IBM 850": a code page, however it is called.
_CODE_PAGE = re.compile(r"(?:x-)?(?:windows|win|ibm|cp|ms)[-_ ]?(\d{3,4})")
# Codecs of Python that are no charset of mail; punycode is also slow on purpose-made input.
NEVER = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})

# NUL, control and unpaired surrogate characters: nothing that a person writes, and what databases refuse.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BREAKS = re.compile("(?<!\r)\r++\n|\r|\x85|\u2028|\u2029")


def decode(data: bytes, charset: str = "") -> str:
    """The text of these bytes; never raises."""
    if data.isascii() and codec_of(charset) in _ASCII_SUPERSETS:
        return data.decode("ascii")
    codec = codec_of(charset)
    if codec.startswith(_SEVEN_BIT) and data.isascii():
        return data.decode(codec, "replace")  # one unknown sign; any other reading of it shows escape sequences
    if codec in _LATIN and (text := _strictly(data, "utf-8")) is not None:
        return text
    for candidate in (codec, "utf-8"):
        if candidate and (text := _try(data, candidate)) is not None:
            return text
    return _try(data, "cp1252") or data.decode("latin-1")


@lru_cache(maxsize=512)
def codec_of(charset: str) -> str:
    """The codec for a declared charset, or "" where there is none that mail may use."""
    # RFC 2231 section 5: a language may follow the charset, "iso-8859-1*pt".
    name = _CODE_PAGE.sub(r"cp\1", charset.partition("*")[0].strip(" \t\"';,").lower())
    try:
        codec = codecs.lookup(ALIASES.get(name, name)).name
        codec = WIDER.get(codec, codec)
        "".encode(codec)  # a LookupError for "base64" and others that are no charset
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec.replace("-", "_") in NEVER else codec


def clean(text: str) -> str:
    """With plain line feeds, without NUL, control characters and lone surrogates; tabs stay."""
    # Three passes that skip what mails are full of take a tenth of the time of one that looks for what they lack.
    if text.replace("\n", "").replace("\t", "").replace("\xa0", "").isprintable():
        return text
    return _CONTROL.sub("", _BREAKS.sub("\n", text))


_ASCII_SUPERSETS = frozenset({"", "ascii", "utf-8", "cp1252", "iso8859-15", "iso8859-2", "cp1250", "cp1254"})
_SEVEN_BIT = ("iso2022", "hz", "utf-7")
_LATIN = ("cp1252", "iso8859-15")


def _try(data: bytes, codec: str) -> str | None:
    """The text in this codec; with UTF-8 one torn character does not condemn the others."""
    text = _strictly(data, codec)
    if text is not None or codec != "utf-8":
        return text
    text = data.decode("utf-8", "replace")
    torn = text.count("\ufffd")
    whole = sum(1 for _ in _NON_ASCII.finditer(text)) - torn
    return text if torn * 2 <= whole else None


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


_NON_ASCII = re.compile(r"[^\x00-\x7f]")
