"""Header values to text: unfolding, RFC 2047 words, identifiers, dates. Lenient, linear, never raising."""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailgateway.mail.charset import clean, codec_of, decode

_FOLD = re.compile(r"\r?\n[ \t]*|\r")
# RFC 2047 section 2, and what is written instead: blanks and question marks inside the text of a word.
_WORD = re.compile(r"=\? ?([^?\s]{1,60}) ?\? ?([bBqQ]) ?\?([^?]*(?:\?(?!=)[^?]*){0,8})\?=")
# A word that lacks its end, because the field was cut or the next word follows.
_ENDLESS = re.compile(r"(=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]+)\??(?=$|\s+=\?)")
# What makes a program show a name or a subject in another order than it is written: "exe.fdp" for "pdf.exe".
_TURN = re.compile("[\u202a-\u202e\u2066-\u2069]")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_ID = re.compile(r"<[^<>\s]+>")
_BARE_ID = re.compile(r"[^<>\s@]{1,250}@[^<>\s@]{1,250}")


def unfold(raw: bytes) -> str:
    """One line of text, RFC 2047 words not yet decoded (they must not become structure, section 5)."""
    text = raw.decode("ascii") if raw.isascii() else decode(raw, "utf-8")
    if "\n" in text or "\r" in text:
        text = _FOLD.sub(" ", text)
    return text.strip()


def decode_words(text: str) -> str:
    """The text with its RFC 2047 words decoded, without control characters and marks that turn its direction."""
    if "=?" in text:
        text = _decode_words(text)
    return text if text.isprintable() else _TURN.sub("", clean(text)).replace("\n", " ").replace("\t", " ").strip()


def ids(text: str) -> tuple[str, ...]:
    """The Message-IDs of a Message-ID, In-Reply-To or References field, in order, each once.

    Some composers encode these fields as RFC 2047 words and join ids without a blank.
    """
    text = decode_words(text)
    found = _ID.findall(text) or [f"<{bare}>" for bare in _BARE_ID.findall(text)]
    return tuple(dict.fromkeys(found))


def date(text: str) -> datetime | None:
    """The moment of a Date field in UTC, or None."""
    try:
        moment = parsedate_to_datetime(text[:200])
        # RFC 5322 section 3.3: "-0000" says nothing of the zone; Python then returns a naive moment.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _decode_words(text: str) -> str:
    text = _ENDLESS.sub(r"\1?=", text)
    done: list[str] = []
    run: list[tuple[str, str]] = []  # adjacent words of one charset: a character may be split over two
    run_charset = ""
    end = 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        charset, encoding, content = word[1].lower(), word[2].upper(), word[3]
        if run and (charset != run_charset or between.strip()):
            done.append(_decode_run(run, run_charset))
            run = []
        if between.strip() or end == 0:
            done.append(between)
        if run and encoding == "B" == run[-1][0] and len(run[-1][1]) % 4 and not run[-1][1].endswith("="):
            content = run.pop()[1] + content  # cut in the middle of a base64 group
        run.append((encoding, content))
        run_charset = charset
        end = word.end()
    done.append(_decode_run(run, run_charset))
    done.append(text[end:])
    return "".join(done)


def _decode_run(run: list[tuple[str, str]], charset: str) -> str:
    return decode(b"".join(_word_bytes(encoding, content, charset) for encoding, content in run), charset)


def _word_bytes(encoding: str, text: str, charset: str) -> bytes:
    try:
        data = text.encode("ascii" if text.isascii() else codec_of(charset) or "utf-8")
    except UnicodeError:
        data = text.encode("utf-8", "replace")
    if encoding == "B":
        return base64(data)
    return _HEX.sub(lambda m: binascii.unhexlify(m[1]), data.replace(b"_", b" "))


def base64(data: bytes) -> bytes:
    """Base64 as far as it can be read: alien characters skipped, padding optional, a torn end dropped."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pass
    data = _NOT_BASE64.sub(b"", data)
    whole = data[: len(data) - (len(data) % 4 == 1)]
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
