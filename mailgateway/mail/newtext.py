"""What was newly written in a mail, what is its signature, and what was quoted.

Principles, in this order: our own marker line cuts; a heading that mail programs put above a quotation cuts when it
proves itself; lines with ">" are a quotation, unless answers stand between them: then all of it is kept. Footers,
disclaimers and banners are cut where they stand at an edge. Doubt keeps text, and nothing is destroyed.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailgateway.core.messages import NewText
from mailgateway.mail.margins import banner_end, is_rule, signature_start
from mailgateway.mail.quoting import headings, is_quoted

MARKERS = (
    "##- Responda acima desta linha -##",
    "##- Reply above this line -##",
    "##- Responda por encima de esta línea -##",
)
SCANNED_LINES = 5000  # a quotation begins within them; nobody writes more by hand
UNCERTAIN_LINES = 40


def split(text: str, html: str = "", *, is_reply: bool = False, markers: Sequence[str] = MARKERS) -> NewText:
    """The three parts of a body; together they hold every line of it."""
    lines = text.split("\n")
    scanned = lines[:SCANNED_LINES]
    marker = _marker(scanned, markers)
    if marker is not None:
        scanned = scanned[:marker]
    banner = banner_end(scanned)
    cut = _cut(scanned, banner)
    if cut == len(scanned) < len(lines) and marker is None:
        cut = len(lines)  # no quotation in all that was scanned: what follows is text too
    signature = signature_start(lines, banner, cut)
    return NewText(
        new=_join(lines[banner:signature]),
        signature=_join(lines[signature:cut]),
        quoted=_join([*lines[:banner], *lines[cut:]]),
        certain=marker is not None or cut < len(lines) or not is_reply or len(lines) <= UNCERTAIN_LINES,
    )


def _join(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")


def _marker(lines: Sequence[str], markers: Sequence[str]) -> int | None:
    known = {_plain(marker) for marker in markers}
    return next((i for i, line in enumerate(lines) if "##" in line and _plain(line) in known), None)


def _plain(line: str) -> str:
    return " ".join(line.strip("> *\t\xa0").casefold().split())


def _cut(lines: Sequence[str], start: int) -> int:
    """The line at which the quotation begins that lasts to the end."""
    cut = len(lines)
    below = start  # text below this line would be an answer to what was quoted above it
    for first, end in headings(lines[start:]):
        first, end = first + start, end + start
        if cut < len(lines) and not _has_answer(lines, below, first):
            below = end
            continue
        cut, below = first, end
    if cut < len(lines) and _has_answer(lines, below, len(lines)):
        cut = len(lines)
    return _above(lines, start, cut)


def _has_answer(lines: Sequence[str], start: int, end: int) -> bool:
    """Whether somebody wrote below or between the quoted lines. Where none is marked with ">", all is quotation."""
    text = [line for line in lines[start:end] if line.strip()]
    if not text or not is_quoted(text[0]):
        return False
    return any(not is_quoted(line) and not is_rule(line) for line in text)


def _above(lines: Sequence[str], start: int, cut: int) -> int:
    """The cut, moved up over quoted lines, rules and blank lines that belong to it."""
    while cut > start and (not lines[cut - 1].strip() or is_quoted(lines[cut - 1]) or is_rule(lines[cut - 1])):
        cut -= 1
    return cut
