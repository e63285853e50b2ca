"""Where a quotation begins: the lines that mail programs put above the mail that is answered.

Each finder gets the lines and yields the ranges of the headings it knows. A heading must prove itself: a line "De: …"
alone is prose, and so is a block of such lines without an address or a moment. All patterns are anchored or bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from mailgateway.mail.attributions import ADDRESS, TIME, Range, attributions
from mailgateway.mail.heading_words import ANOTHER, BEGINS, KIND_OF, MESSAGE, PASSED_ON_BY, VERB
from mailgateway.mail.quoting import is_quoted

# --- lines that say it outright -------------------------------------------------------------------------------------

_RULED = re.compile(r"([-_=‐‑‒–—―─]{2,60}) ?([^-_=‐‑‒–—―─].{1,120}?) ?[-_=‐‑‒–—―─]{2,60}")
_PASSED_ON = re.compile(rf"(?:{PASSED_ON_BY}) (?:by|por|von|par|da) .{{1,100}}", re.IGNORECASE)
_WROTE = re.compile(rf".{{3,100}}(?:{VERB}) ?[:：]?", re.IGNORECASE)
_MOST_WORDS = 8
_MOST_WORDS_OF_BEGIN = 5


def separators(lines: Sequence[str]) -> Iterator[Range]:
    """`-----Mensagem original-----` and its kin, and `Início da mensagem encaminhada:`."""
    for i, line in enumerate(lines):
        if 4 < len(line) < 200:
            text = line.strip("> \t*\xa0")
            words = ruled(text)
            if (words and _says_another(words)) or (text.endswith((":", "：")) and _says_begin(text)):
                yield i, i + 1


def ruled(line: str) -> str:
    """What stands between two rules on one line, "" where there are none."""
    found = _RULED.fullmatch(line) if line[:2].strip("-_=‐‑‒–—―─") == "" else None
    return found[2].strip() if found else ""


def _says_another(words: str) -> bool:
    low = words.lower()
    return len(low.split()) <= _MOST_WORDS and (
        (_holds(low, MESSAGE) and _holds(low, ANOTHER))
        or bool(_PASSED_ON.fullmatch(words))
        or bool(_WROTE.fullmatch(words))
    )


def _says_begin(text: str) -> bool:
    low = text.lower()
    return (
        len(low.split()) <= _MOST_WORDS_OF_BEGIN
        and low.startswith(BEGINS)
        and _holds(low, MESSAGE)
        and _holds(low, ANOTHER)
    )


def _holds(text: str, stems: Sequence[str]) -> bool:
    return any(stem in text for stem in stems)


# --- header blocks --------------------------------------------------------------------------------------------------

_LABEL = re.compile(r"[>\s*|_\u200e\u200f]{0,20}([^\W\d_][^\d:：<>@*_\n]{0,20})[*_]{0,2}\s{0,3}[:：]")
_INNER_LABEL = re.compile(r"(?:^|\s)\*{0,2}([^\W\d_]{1,14}(?: [^\W\d_]{1,3})?)\*{0,2} ?[:：]")
_WRITTEN_DATE = re.compile(r"[^\W\d_]{3}.{0,12}\b(?:19|20)\d\d|年|년")  # "10/10/2025" is typed by people too
_MOST_BETWEEN = 4  # lines from one label to the next
_MOST_RECIPIENTS = 60  # lines of them between two labels
_MOST_OF_BLOCK = 8000
_MOST_NOTES_LINES = 12
_MOST_LABELS = 8
_LONGEST_ONE_LINE = 1000


def header_blocks(lines: Sequence[str]) -> Iterator[Range]:
    """Outlook's block: From, Date, and To or Subject, close together, with an address or a moment in it."""
    hits = [(i, kind) for i, line in enumerate(lines) if (kind := _label(line))]
    end = 0
    for position, (start, kind) in enumerate(hits):
        if start < end:
            continue
        near = _block(lines, hits[position : position + _MOST_LABELS])
        last = near[-1][0]
        if _is_block({kind: _value(lines, i) for i, kind in near}, " ".join(lines[start : last + 2])[:_MOST_OF_BLOCK]):
            end = last + 1
            yield start, end
        elif kind == "from" and _is_one_line(lines[start]):
            end = start + 1
            yield start, end


def _label(line: str) -> str:
    if ":" not in line[:48] and "：" not in line[:48]:
        return ""
    found = _LABEL.match(line)
    return KIND_OF.get(" ".join(found[1].split()).casefold(), "") if found else ""


def _block(lines: Sequence[str], hits: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The labels that stand close together: a wrapped list of recipients or a blank line may lie between two."""
    block = hits[:1]
    for hit in hits[1:]:
        above = block[-1][0]
        between = lines[above + 1 : min(hit[0], above + _MOST_RECIPIENTS)]
        others = sum("@" not in line and ";" not in line[-80:] for line in between)
        if hit[0] - above > _MOST_RECIPIENTS or others >= _MOST_BETWEEN or any(hit[1] == kind for _, kind in block):
            break
        block.append(hit)
    return block


def _value(lines: Sequence[str], i: int) -> str:
    """What stands behind a label, or on the next line where nothing does."""
    value = _LABEL.sub("", lines[i][:_LONGEST_ONE_LINE], count=1)
    return value if value.strip(" *_\t\xa0") or i + 1 == len(lines) else lines[i + 1][:_LONGEST_ONE_LINE]


def _is_block(rows: dict[str, str], text: str) -> bool:
    kinds = rows.keys()
    if {"from", "date"} <= kinds and kinds & {"to", "subject"}:
        return bool(ADDRESS.search(text) or TIME.search(rows["date"]) or _WRITTEN_DATE.search(rows["date"]))
    if {"from", "to", "subject"} <= kinds:
        return bool(ADDRESS.search(rows["from"]))
    return {"from", "date"} <= kinds and bool(ADDRESS.search(rows["from"]) and TIME.search(rows["date"]))


def _is_one_line(line: str) -> bool:
    """The whole block on one line, as some programs flatten it."""
    kinds = {KIND_OF.get(found[1].casefold()) for found in _INNER_LABEL.finditer(line[:_LONGEST_ONE_LINE])}
    return {"from", "date", "to"} <= kinds and bool(ADDRESS.search(line) or TIME.search(line))


def notes_blocks(lines: Sequence[str]) -> Iterator[Range]:
    """Notes until version 7: name, moment, and then "Para", "cc", "Assunto" alone on their lines, without a colon."""
    bare = [(i, kind) for i, line in enumerate(lines) if (kind := KIND_OF.get(line.strip("> \t")[:20].casefold()))]
    for (i, kind), (last, following) in pairwise(bare):
        moment = next((j for j in range(i - 1, max(-1, i - 5), -1) if lines[j].strip()), -1)
        is_near = (kind, following) == ("to", "subject") and last - i <= _MOST_NOTES_LINES
        if is_near and moment > 0 and TIME.search(lines[moment][:80]) and lines[moment - 1].strip():
            yield moment - 1, last + 1


# --- all of them ----------------------------------------------------------------------------------------------------

FINDERS: tuple[Callable[[Sequence[str]], Iterator[Range]], ...] = (
    separators,
    header_blocks,
    notes_blocks,
    attributions,
)


def headings(lines: Sequence[str]) -> list[Range]:
    """All headings, topmost first, without those inside a quotation that is marked as such."""
    found = sorted(heading for finder in FINDERS for heading in finder(lines))
    return [(first, end) for first, end in found if not is_quoted(lines[first]) or not _quoted_above(lines, first)]


def _quoted_above(lines: Sequence[str], first: int) -> bool:
    return is_quoted(next((line for line in reversed(lines[max(0, first - 4) : first]) if line.strip()), ""))
