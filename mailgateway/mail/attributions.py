"""`Em seg., 3 de fev. de 2025 às 10:00, Ana <ana@x> escreveu:`: the line above a quotation that says whose it is.

It is known by what it consists of, in whatever language: an address, a date, a time, a name and a verb. One that does
not prove itself is prose: "ontem a Ana escreveu:". All patterns are anchored or bounded, so that no text is slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from mailgateway.mail.heading_words import CITING, OPENINGS, VERB
from mailgateway.mail.quoting import is_quoted

Range = tuple[int, int]

_MOST_WRAPPED = 5  # lines
_LONGEST = 300  # characters, unwrapped
_VERB = re.compile(VERB, re.IGNORECASE)
_VERB_AT_END = re.compile(rf"(?:{VERB})\Z", re.IGNORECASE)
_ENDS_SENTENCE = (".", ",", ";", "!", "?")  # no verb ends so, and most lines do
_OPENING = rf"(?:{OPENINGS})[ ,.]{{1,3}}(?:[^\W\d_]{{1,15}}[.,]{{0,2}}[ ]{{1,2}}){{0,3}}\d"
_OPENS = re.compile(rf"[>\s*<\[(-]{{0,20}}{_OPENING}", re.IGNORECASE)
_OPENS_INSIDE = re.compile(r"(?<=[\s-])(?:On|Em|El|Le|Am|Il|Op|Den|Dne) (?:[^\W\d_]{1,15}[.,]{0,2} ){0,2}\d")

ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]{1,190}\.[^\s<>@]")
TIME = re.compile(r"(?<![\d.:])\d{1,2}(?:\s?[:hH]\s?\d{2}|\.\d{2})(?![\d.])(?!:\d{3})|(?<!\d)\d{1,2}:\d{2}:\d{2}")
DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2}(?!\d)"
    r"|(?<![\d:.])\d{1,2}\.? [^\W\d_]{3,9}\b|\b[A-Z][a-z]{2,8}\.? \d{1,2}\b"
)
_NAME = r"[\"'“]?[^\W\d_a-zà-þ][^,:<>@]{0,60}"
_NAME_AT_END = re.compile(rf"(?:^|[,\d)>.] ?|\b[AP]M ){_NAME}$")  # not "o cliente": that is somebody's sentence
_NAME_ALONE = re.compile(r"[\"'“(]{0,2}[^\W\d_a-zà-þ][\w.'’-]{0,25}(?: [\w.'’-]{1,25}){0,4}[\"'”)]{0,2}")
_NAME_AND_ADDRESS = re.compile(rf"(?:{_NAME_ALONE.pattern} )?[<(]{{1,2}}[^\s<>@]+@[^\s<>@]+[>)]{{1,2}}")
# Gmail until 2014 wrote no verb: "2013/7/20 Ana <ana@example.com>".
_DATED_ADDRESS = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2} [^<>@]{1,80}<[^\s<>@]+@[^\s<>@]+>:?\s*")
# A moment, an address in brackets, at most two words and a colon: an attribution in whatever language.
_ENDS_IN_ADDRESS = re.compile(r"[<(][^\s<>@]+@[^\s<>@]+[>)]{1,2}(?: ?[^\s\d<>@:：]{1,15}){0,2} ?[:：]$")
_CITES = re.compile(rf"(?:{CITING}) [^@]{{1,160}}@.{{1,200}}[:：]$", re.IGNORECASE)
# Notes: "Ana Souza ---03/02/2025 10:00:12---Prezados,"; GroupWise: ">>> Ana <ana@x> 3/2/2025 10:00 >>>".
_BETWEEN_MARKS = re.compile(r"[^-\n]{2,80} -{2,5}\d{1,2}[./-]\d{1,2}[./-]\d{2,4} \d.{4,20}-{2,5}.*|>>> ?.{3,150} >>>")

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DOUBLED = re.compile(r"<?([^\s<>@]{1,100}@[\w.-]{1,190}) ?[<\[(]mailto:[^\s>\])]{1,200}[>\])]>?")
_MAILTO = re.compile(r"\[mailto:([^\s\]]{1,200})\]|mailto:")


def attributions(lines: Sequence[str]) -> Iterator[Range]:
    """The attribution lines, wrapped or not."""
    for i, line in enumerate(lines):
        if len(line) > _LONGEST:
            continue
        if _DATED_ADDRESS.fullmatch(line) or (_BETWEEN_MARKS.fullmatch(line) and _evidence(line)):
            yield i, i + 1
        elif _may_end(line):
            start = _first_line(lines, i)
            if _proves_itself(_joined(lines, start, i), _next_line(lines, i + 1)):
                yield start, i + 1


def parted(lines: list[str]) -> list[str]:
    """The lines, with an attribution on a line of its own where a program glued it to the end of what was written."""
    parts: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        at = _glued(line) if is_quoted(following) and not is_quoted(line) and _may_end(line) else 0
        parts.extend([line[:at], line[at:]] if at else [line])
    return parts


def _glued(line: str) -> int:
    """Where the attribution begins that shares the line, 0 where it has it for itself."""
    found = None if len(line) > _LONGEST or _OPENS.match(line) else _OPENS_INSIDE.search(line)
    if not found or ADDRESS.search(line, 0, found.start()) or _evidence(line[found.start() :]) < 3:
        return 0
    return len(line[: found.start()].rstrip("- "))


def _may_end(line: str) -> bool:
    if line.rstrip(" \t\xa0*>-_)\u202c\u200f").endswith((":", "：")):
        return True
    text = line.rstrip(" \t\xa0*>-_")
    return not text.endswith(_ENDS_SENTENCE) and bool(_VERB_AT_END.search(text[-40:]))


def _first_line(lines: Sequence[str], last: int) -> int:
    """The nearest line that opens like an attribution; else the nearest from which the text holds most evidence."""
    best, most = last, 0
    for i in range(last, max(-1, last - _MOST_WRAPPED), -1):
        if not lines[i].strip():
            if lines[i + 1].lstrip("> ").startswith("<"):
                continue  # only the address stands apart
            break
        if sum(map(len, lines[i : last + 1])) > _LONGEST:
            break
        above = lines[i - 1].rstrip() if i else ""
        if above and (above.endswith(("<", "(")) or lines[i].lstrip("> ").startswith("<")):
            continue  # name and address belong together
        text = _joined(lines, i, last)
        evidence = _evidence(text)
        if evidence > 1 and _OPENS.match(lines[i]):
            return i
        if evidence > most:
            best, most = i, evidence
    return best


def _joined(lines: Sequence[str], start: int, last: int) -> str:
    """The lines as one, as they were before a program wrapped them and doubled the address."""
    text = " ".join(line.strip() for line in lines[start : last + 1])
    text = _INVISIBLE.sub("", text.replace("\xa0", " ").replace("\u202f", " "))
    if "mailto:" in text:
        text = _MAILTO.sub(lambda found: f"<{found[1]}>" if found[1] else "", _DOUBLED.sub(r"<\1>", text))
    return text.replace("< ", "<").replace(" >", ">").replace("( ", "(").strip(" *_-").lstrip(" >")


def _evidence(text: str) -> int:
    return sum(bool(pattern.search(text)) for pattern in (ADDRESS, TIME, DATE))


def _proves_itself(text: str, following: str) -> bool:
    """An address with date and time, or a verb with who and when around it, or with a quotation below."""
    evidence, is_marked = _evidence(text), is_quoted(following)
    if (evidence == 3 and (is_marked or _ENDS_IN_ADDRESS.search(text))) or _CITES.match(text):
        return True
    verb = _VERB.search(text)
    if verb is None:
        return False
    before, after = text[: verb.start()].rstrip(), text[verb.end() :].strip(" :：*>-_")
    is_named = bool(_NAME_ALONE.fullmatch(after))
    if after and not _evidence(after) and not is_named:
        return False
    if is_marked or evidence == 3:
        return True
    if not text.endswith((":", "：")):
        return False
    is_by_address = bool(ADDRESS.search(text))
    return bool(_NAME_AND_ADDRESS.fullmatch(before)) or (
        evidence >= 2 and (is_by_address or is_named or bool(_NAME_AT_END.search(before)))
    )


def _next_line(lines: Sequence[str], start: int) -> str:
    return next((line.lstrip() for line in lines[start : start + 4] if line.strip()), "")
