"""What was newly written in a mail, what is its signature, and what was quoted.

Principles, in this order: our own marker line cuts; a heading that mail programs put above a quotation cuts when it
proves itself; lines with ">" are a quotation, but answers below or between them are new text. Where answers alternate
with quoted lines, the quoted ones stay, for without them nobody understands the answers. Footers, disclaimers and
banners are cut where they stand at an edge. Doubt keeps text, and nothing is destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache

from mailgateway import config
from mailgateway.core.messages import NewText
from mailgateway.mail.attributions import parted
from mailgateway.mail.headings import headings, ruled
from mailgateway.mail.html import QUOTE_WRAPPERS, to_text
from mailgateway.mail.margins import banner_end, is_rule, signature_start
from mailgateway.mail.quoting import is_quoted

#: The line that each of our mails begins with, in every language.
MARKERS = tuple(table["printed"]["marker"] for table in config.languages().values())
SCANNED_LINES = 2000  # a quotation begins within them; nobody writes more by hand
UNCERTAIN_LINES = 40


class _Label(Enum):
    NEW = 0
    SIGNATURE = 1
    QUOTED = 2


def split(
    text: str, html: str = "", *, author: str = "", is_reply: bool = False, markers: Sequence[str] = MARKERS
) -> NewText:
    """The three parts of a body; together they hold every line of it.

    `html` is its other version, if any; `author` the name in From, which begins many a signature; `is_reply` says that
    the mail answers or forwards another one.
    """
    at = _marker(text, markers)
    lines = parted(text[:at].split("\n", SCANNED_LINES))  # the rest stays one piece, labelled as what is above it
    labels = [_Label.NEW] * len(lines)
    end = min(len(lines), SCANNED_LINES)
    banner = banner_end(lines[:end])
    _label(labels, 0, banner, _Label.QUOTED)
    _label_quotations(lines[:end], labels, banner, author)
    is_cut = at < len(text) or _Label.QUOTED in labels[banner:]
    if is_reply and html and not is_cut:
        _label(labels, _quoted_in_html(lines[:end], html, banner), end, _Label.QUOTED)
        is_cut = _Label.QUOTED in labels[banner:]
    _label(labels, end, len(lines), labels[end - 1])
    _label_signature(lines, labels, banner, author)
    new = _select(lines, labels, _Label.NEW)
    if is_cut and not is_reply and at == len(text) and not new.strip():
        return NewText(_join(lines), certain=False)  # neither an answer nor a forward: it only looks like a quotation
    return NewText(
        new=new,
        signature=_select(lines, labels, _Label.SIGNATURE),
        quoted=_join([_select(lines, labels, _Label.QUOTED), text[at:]]),
        certain=is_cut or not is_reply or len(lines) <= UNCERTAIN_LINES,
    )


def _join(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")


def _select(lines: Sequence[str], labels: Sequence[_Label], label: _Label) -> str:
    return _join(line for line, its in zip(lines, labels, strict=True) if its is label)


def _label(labels: list[_Label], start: int, end: int, label: _Label) -> None:
    labels[start:end] = [label] * (end - start)


# What programs put before, behind and into a line when they quote, emphasise or wrap it.
_FRAME = r"[\s>|*_\\\u200b-\u200f\ufeff]{0,20}"
_FRAMED = re.compile(rf"[A-Z]{{0,3}}{_FRAME}")


def _marker(text: str, markers: Sequence[str]) -> int:
    """Where the first marker begins; the end of the text where there is none. A line that goes on only names it."""
    return min((_place(text, marker) for marker in markers), default=len(text))


def _place(text: str, marker: str) -> int:
    found = _framed(marker).search(text)
    if found is None:
        return len(text)
    line = text.rfind("\n", 0, found.start()) + 1
    return line if _FRAMED.fullmatch(text, line, found.start()) else found.start()


@lru_cache(maxsize=64)
def _framed(marker: str) -> re.Pattern[str]:
    words = _FRAME.join(map(re.escape, marker.split()))
    return re.compile(rf"{words}(?:[^\w\n]|_){{0,20}}$", re.IGNORECASE | re.MULTILINE)


def _plain(line: str) -> str:
    return " ".join(line[:200].strip("> *\t\xa0").casefold().split())


def _label_quotations(lines: Sequence[str], labels: list[_Label], start: int, author: str) -> None:
    """Label each heading and what it heads; without a heading, quoted lines at the top and at the end."""
    ranges = headings(lines)
    first = ranges[0][0] if ranges else len(lines)
    _label_unheaded(lines, labels, range(start, first), author)
    for (above, below), (following, _) in zip(ranges, [*ranges[1:], (len(lines), 0)], strict=False):
        _label(labels, above, below, _Label.QUOTED)
        if below > following:
            continue
        blocks = list(_blocks(lines, below, following, author))
        if blocks and not blocks[0][2]:
            _label(labels, above, len(lines), _Label.QUOTED)  # nothing is marked: all below is the quotation
            break
        _label_answered(labels, blocks, below, following)
    if ranges:
        _take_rules_above(lines, labels, start, first)


def _label_unheaded(lines: Sequence[str], labels: list[_Label], places: range, author: str) -> None:
    """Without a heading only the quoted lines at the end are surely a quotation, if something stands above them."""
    if not any(is_quoted(lines[i]) for i in places):
        return
    blocks = list(_blocks(lines, places.start, places.stop, author))
    if blocks and blocks[-1][2] and (len(blocks) > 1 or places.stop < len(lines)):
        _label(labels, blocks[-1][0], blocks[-1][1], _Label.QUOTED)


def _label_answered(labels: list[_Label], blocks: list[tuple[int, int, bool]], start: int, end: int) -> None:
    """One quotation above an answer goes; of several that alternate with answers only the last one may go."""
    answers = [i for i, (_, _, quoted) in enumerate(blocks) if not quoted]
    if not answers:
        _label(labels, start, end, _Label.QUOTED)
        return
    for i, (top, bottom, quoted) in enumerate(blocks):
        if quoted and (i > answers[-1] or len(answers) == 1):
            _label(labels, top, bottom, _Label.QUOTED)


def _quoted_in_html(lines: Sequence[str], html: str, start: int) -> int:
    """Where the quotation begins that only the HTML version shows, because programs wrap it in elements of theirs."""
    if not any(wrapper in html for wrapper in QUOTE_WRAPPERS):
        return len(lines)
    quoted = next((line for line in to_text(html).split("\n") if is_quoted(line) and line.strip("> ")), "")
    wanted = _plain(quoted)
    places = [i for i, line in enumerate(lines) if i > start and wanted and _plain(line) == wanted]
    return places[0] if len(places) == 1 else len(lines)


def _blocks(lines: Sequence[str], start: int, end: int, author: str) -> Iterator[tuple[int, int, bool]]:
    """Runs of quoted and of unquoted lines, without the signature at the end; blank lines belong to the run above."""
    end = signature_start(lines, start, end, author)
    top, quoted = start, None
    for i in range(start, end):
        if not lines[i].strip():
            continue
        is_so = is_quoted(lines[i]) or bool(quoted and _is_wrapped(lines[i - 1], lines[i]))
        if quoted is not None and is_so != quoted:
            yield top, i, quoted
            top = i
        quoted = is_so
    if quoted is not None:
        yield top, end, quoted


def _is_wrapped(above: str, line: str) -> bool:
    """Whether an unmarked line is the end of the quoted one above it, which some program wrapped."""
    if not above.strip():
        return False
    closes_link = (above.count("(") > above.count(")") and ")" in line) or line.rstrip().endswith(" >")
    return closes_link or (len(above) > 60 and line[:1].islower())


def _take_rules_above(lines: Sequence[str], labels: list[_Label], start: int, first: int) -> None:
    """A line of dashes above the first heading belongs to it, and so does whatever stands in one directly above."""
    i = first - 1
    if i >= start and labels[i] is _Label.NEW and ruled(lines[i].strip("> ")):
        labels[i] = _Label.QUOTED
        i -= 1
    while i >= start and labels[i] is _Label.NEW and (not lines[i].strip() or is_rule(lines[i])):
        labels[i] = _Label.QUOTED
        i -= 1


def _label_signature(lines: Sequence[str], labels: list[_Label], start: int, author: str) -> None:
    """The signature ends the last stretch of new text, wherever the quotation stands."""
    end = next((i + 1 for i in range(len(labels) - 1, -1, -1) if labels[i] is _Label.NEW and lines[i].strip()), 0)
    top = end
    while top > start and labels[top - 1] is _Label.NEW:
        top -= 1
    for i in range(signature_start(lines, top, end, author), end):
        labels[i] = _Label.SIGNATURE
