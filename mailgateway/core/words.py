"""One normal form for words: people write "APROVADO!", "*aprovado*" and "aprovádo" and mean the same."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = dict.fromkeys(
    [
        0xAD,
        0x34F,
        0x61C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFE0E,
        0xFE0F,
        0xFEFF,
    ]
)
_BULLET = re.compile(r"[-*+•·▪–—]\s+")
_MARKUP = " \t*_`~\"'“”„‘’«»"
_ENDING = _MARKUP + ".!…"
#: What stands between a phrase and its reason. A comma inside a number ("4,5") parts nothing.
_SEPARATOR = re.compile(r":|,(?!\d)|\s[-–—]+(?=\s|$)")


def clean(line: str) -> str:
    """The line in NFKC, its invisible characters gone and its ends bare, letters and case as written."""
    if not line.isascii():
        line = unicodedata.normalize("NFKC", line).translate(_INVISIBLE)
    return line.strip()


def fold(text: str) -> str:
    """The form in which words are compared: no case, accents, bullets, quotes, bold marks or final full stops."""
    text = bare(clean(text))
    text = text.rstrip(_ENDING).lstrip(_MARKUP).replace("’", "'").casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.split())


def undotted(text: str) -> str:
    """The folded text without abbreviation dots: "Ag. Aprovação" and "ag aprovacao" are one name."""
    return fold(text.replace(".", " "))


def plain(text: str) -> str:
    """Letter by letter the same text without case and accents: positions in it are those of the original."""
    return text.lower() if text.isascii() else "".join(map(_plain_letter, text))


def _plain_letter(letter: str) -> str:
    simple = unicodedata.normalize("NFKD", letter)[0].lower()
    return simple if len(simple) == 1 else letter


def bare(line: str) -> str:
    """A clean line without its list bullet and the marks around its first word."""
    bullet = _BULLET.match(line)
    return line[bullet.end() if bullet else 0 :].lstrip(_MARKUP)


def separate(line: str) -> tuple[str, str, str]:
    """What stands before the first separator, the separator, and what stands after it ("" where there is none)."""
    mark = _SEPARATOR.search(line)
    if mark is None:
        return line, "", ""
    return line[: mark.start()], mark.group().strip(), line[mark.end() :].strip()


def unseparated(args: str) -> str:
    """What follows a verb, without the separator that it may begin with (": motivo", "- motivo")."""
    return args.strip().lstrip(":,-–—").strip(_MARKUP)


def first_sentence(text: str) -> str:
    """The first non-blank line of a text, up to the mark that ends its first sentence, that mark included."""
    line = next((line for line in text.split("\n") if line.strip()), "")
    return re.split(r"(?<=[.!?…])\s", line.strip(), maxsplit=1)[0]
