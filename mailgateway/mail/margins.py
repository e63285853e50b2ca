"""The margins of what was written: banners of mail gateways above it, signatures and disclaimers below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from unicodedata import combining, normalize

from mailgateway.mail import margin_words as w
from mailgateway.mail.quoting import is_quoted

Cut = Callable[[Sequence[str], int, int], int]
_RULE = re.compile(r"[ \t]*(?:[-_=*~]{3,}|[─—]{3,}|====)[ \t]*")

# --- above ----------------------------------------------------------------------------------------------------------

_WARNED = rf"[^\w\n]{{0,8}}(?:(?:{w.WARNING})\b\W{{1,4}})?"
_ADVISED = rf"(?=.{{0,60}}\b(?:{w.ADVICE})\b)"
_BANNER = re.compile(
    "|".join(
        (
            rf"{_WARNED}(?:{w.OUTSIDE_MAIL})\W{{0,8}}(?:$|(?<=\W){_ADVISED})",  # "ATENÇÃO: e-mail externo"
            rf"{_WARNED}(?:{w.OUTSIDE})[:!-]{_ADVISED}",  # "EXTERNAL: do not click"
            rf"[\[*<(]{{1,3}} ?(?:{w.OUTSIDE}) ?[\]*>)]{{1,3}}\W{{0,4}}$",  # "[EXTERNO]"
            # "Este e-mail veio de fora da organização", but not "… enviado para fora da empresa"
            rf"{_WARNED}(?:{w.THIS_MAIL}|(?<=\W)(?:{w.MAIL}))\b.{{0,40}}\b(?:{w.ORIGIN})\b.{{0,40}}"
            rf"(?<!para )(?<!to )\b(?:{w.OUTSIDE})\b",
            rf"\W{{0,4}}(?:{w.RARE_SENDER})",
        )
    ),
    re.IGNORECASE,
)
_BANNER_MORE = re.compile(rf"\b(?:{w.BANNER_ADVICE})\b", re.IGNORECASE)
_MOST_BANNER = 8


def banner_end(lines: Sequence[str]) -> int:
    """The first line behind the banners of mail gateways, 0 where there are none."""
    end = 0
    while (start := _first_written(lines, end)) < len(lines) and _BANNER.match(lines[start][:300]):
        end = start + 1
        while end < min(len(lines), start + _MOST_BANNER) and _belongs_to_banner(lines[end - 1], lines[end]):
            end += 1
    return end


def _first_written(lines: Sequence[str], start: int) -> int:
    near = range(start, min(len(lines), start + 10))
    return next((i for i in near if lines[i].strip() and not is_rule(lines[i])), len(lines))


def _belongs_to_banner(above: str, line: str) -> bool:
    is_wrapped = len(above) > 60 and line[:1].islower()
    return is_wrapped or is_rule(line) or bool(_BANNER_MORE.search(line[:300]) or _BANNER.match(line[:300]))


# --- below ----------------------------------------------------------------------------------------------------------

_DASHES = re.compile(r"(?:--|__|—|–|-- --|- -)[ \t]?")
_LINK = r"(?:\W{0,3}(?:https?://|www\.)\S{1,200})?[\W_]{0,4}"
_MADE_BY = re.compile(
    rf"[\W_]{{0,6}}(?:(?:{w.SENT})\b.{{1,80}}|[从從发發](?:自)?我的.{{1,40}}|.{{2,60}}(?:{w.SENT_LAST})\W{{0,2}}"
    rf"|.{{1,60}} (?:{w.REACTED}) gmail\W{{0,2}}){_LINK}",
    re.IGNORECASE,
)
# A program's own words, not somebody's sentence about a file "enviado por e-mail".
_DEVICE = re.compile(
    rf"(?<![A-Za-zÀ-ÿ])(?:{w.BRAND})|\b(?:{w.DEVICE})\b|\b(?:{w.ALONE})\W{{0,3}}(?:$|http)"
    rf"|\b(?:{w.MY})(?: [\w+-]{{1,15}}){{1,4}}\W{{0,2}}$",
    re.IGNORECASE,
)
_ADVERTISED = re.compile(
    rf"\W{{0,3}}(?:(?:{w.GET})\b(?: [^\W\d_]{{1,10}}){{0,2}} \W?(?:{w.BRAND})\b.{{1,16}}\b(?:{w.PLATFORM})\b.{{0,12}}"
    rf"|取得.{{1,10}}outlook|.{{0,12}}outlook.{{1,16}}(?:{w.GET_LAST})){_LINK}",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(rf"\W{{0,3}}(?:{w.SIGN_OFF})\W{{0,3}}", re.IGNORECASE)
_INITIAL_NAME = re.compile(
    r"[ \t]*(?:-|[–—~/] ?)[A-ZÀ-Ý][\w.'-]{1,20}(?: (?:d[aeo]s? )?[A-ZÀ-Ý][\w.'-]{0,20}){0,3}[ \t]*"
)
_DISCLAIMER = re.compile(
    rf"\W{{0,6}}(?:{w.NOTICE}|{w.CHECKED}|(?:{w.THIS_MAIL})(?! de erro| aparece| appears)\b.{{0,200}}\b(?:{w.LEGAL})"
    rf"|(?:{w.IF_YOU})\b.{{0,200}}\b(?:{w.NOT_FOR_YOU})\b|(?:{w.PRINT})\b.{{0,80}}\b(?:{w.NATURE})\b)",
    re.IGNORECASE,
)
_LONE_LINK = re.compile(r"\s*<?https?://[^\s>]{1,500}>?[\s.]*")
_POSTSCRIPT = re.compile(r"\s*(?:p\.? ?s\.?|obs\.?|n\.? ?b\.?) ?[:.-]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_AROUND_NAME = 30  # characters of blanks and marks that a line may have beside the writer's name
_OFFICE = re.compile(r"[|/,–—]| - ")
_NAME = re.compile(r"[A-ZÀ-Ý][\w.'-]{1,20}(?: (?:d[aeo]s? )?[A-ZÀ-Ý][\w.'-]{0,20}){1,4}")
_CONTACT = re.compile(
    r"@|www\.|https?:|\b(?:tel|fone|cel|ramal|phone|mobile|whatsapp)\b|\d{3,}[ .-]?\d{4}", re.IGNORECASE
)
_MOST_SIGNATURE = 40  # lines
_MOST_BELOW_NAME = 16  # lines
_WIDEST_SIGNATURE = 100  # characters


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or stars."""
    return bool(_RULE.fullmatch(line))


def signature_start(lines: Sequence[str], start: int, end: int, author: str = "") -> int:
    """Where the signature begins in these lines; `end` where there is none. `author`: the name in From."""
    last = at = _without_blanks(lines, start, end)
    cuts: tuple[Cut, ...] = (*_CUTS, partial(_own_name, author=author))
    for cut in cuts:
        at = _without_blanks(lines, start, cut(lines, start, at))
    return at if at < last else end


def _without_blanks(lines: Sequence[str], start: int, end: int) -> int:
    while end > start and not lines[end - 1].strip():
        end -= 1
    return end


def _last_lines(lines: Sequence[str], start: int, end: int) -> list[int]:
    """The last lines, lowest first, as far as a signature may reach: not into a quotation."""
    numbers = []
    for i in range(end - 1, max(start, end - _MOST_SIGNATURE) - 1, -1):
        if is_quoted(lines[i]) or _POSTSCRIPT.match(lines[i][:12]):
            break
        numbers.append(i)
    return numbers


def _disclaimer(lines: Sequence[str], start: int, end: int) -> int:
    found = [i for i in _last_lines(lines, start, end) if i > start and _DISCLAIMER.match(_paragraph(lines, i, end))]
    at = min(found, default=end)
    while found and at - 1 > start and _LONE_LINK.fullmatch(lines[at - 1]):
        at -= 1
    return at


def _paragraph(lines: Sequence[str], i: int, end: int) -> str:
    """A line with those below it, as far as a wrapped sentence may reach."""
    return " ".join(line[:400] for line in lines[i : min(i + 4, end)])[:400]


def _dashes(lines: Sequence[str], start: int, end: int) -> int:
    """RFC 3676 section 4.3: the line "-- "."""
    return next((i for i in _last_lines(lines, start, end) if _DASHES.fullmatch(lines[i])), end)


def _rule(lines: Sequence[str], start: int, end: int) -> int:
    """A rule above a few short lines: underscores, as mailing lists add them, or any above somebody's name."""
    for i in _last_lines(lines, start, end)[:8]:
        if len(lines[i]) > _WIDEST_SIGNATURE:
            break
        if i > start and is_rule(lines[i]) and not lines[i - 1].strip():
            return i if "_" in lines[i] or _is_card(lines[i + 1 : end]) else end
    return end


def _is_card(lines: Sequence[str]) -> bool:
    """Whether these lines are somebody's name, alone or with how to reach him."""
    name, *others = [line.strip("* ") for line in lines if line.strip()] or [""]
    return bool(_NAME.fullmatch(name)) and (not others or any(_CONTACT.search(line) for line in others))


def _footers(lines: Sequence[str], start: int, end: int) -> int:
    """`Enviado do meu iPhone` and its kin; below it stands nothing that was typed, unless nothing was typed above."""
    found = [i for i in _last_lines(lines, start, end) if _is_footer(lines[i])]
    lone = [i for i in found if i > start and (not lines[i - 1].strip() or i - 1 in found or i == end - 1)]
    if start in found and all(i in found or not lines[i].strip() for i in range(start, end)):
        return start
    return min(lone, default=end)


def _is_footer(line: str) -> bool:
    text = line.strip()
    return (
        len(text) <= 160
        and text[-1:] not in (":", "?")
        and bool((_MADE_BY.fullmatch(text) and _DEVICE.search(text)) or _ADVERTISED.fullmatch(text))
    )


def _sign_off(lines: Sequence[str], start: int, end: int) -> int:
    """`Atenciosamente,` above a few short lines or somebody's name, or a last line `-Ana`."""
    last = end - 1
    if last > start and _INITIAL_NAME.fullmatch(lines[last]) and not lines[last - 1].strip():
        return last
    for i in _last_lines(lines, start, end)[:_MOST_BELOW_NAME]:
        if lines[i].rstrip().endswith("?"):
            break
        if len(lines[i]) < 50 and _SIGN_OFF.fullmatch(lines[i]):
            below = [line.strip("* ") for line in lines[i + 1 : end] if line.strip()]
            is_named = bool(below) and bool(_NAME.fullmatch(below[0]))
            is_short = all(len(line) <= _WIDEST_SIGNATURE or (is_named and _CONTACT.search(line)) for line in below)
            if is_short and (i > start or is_named):
                return i
    return end


_CUTS: tuple[Cut, ...] = (_disclaimer, _dashes, _rule, _footers, _sign_off)


def _own_name(lines: Sequence[str], start: int, end: int, *, author: str) -> int:
    """The writer's own name above a few short lines: his office, his numbers. By itself it may stay."""
    last = end - 1
    for i in _last_lines(lines, start, end)[:_MOST_BELOW_NAME] if author else ():
        if len(lines[i]) > _WIDEST_SIGNATURE or lines[i].rstrip().endswith(("?", ":")):
            break
        if start < i < last and _is_name_of(author, lines[i]) and _stands_apart(lines, start, i):
            return i
    return end


def _is_name_of(author: str, line: str) -> bool:
    """`Ana Souza`, `Ana` or `Ana Souza - Compras`, where Ana Maria de Souza writes."""
    name, *office = _OFFICE.split(line, maxsplit=1)
    if len(name) > len(author) + _AROUND_NAME:
        return False
    his, its = _author_words(author), _name_words(name)
    return bool(its) and set(its) <= set(his) and (len(its) > 1 or (not office and its[0] in (his[0], his[-1])))


@lru_cache(maxsize=256)
def _author_words(author: str) -> tuple[str, ...]:
    return tuple(_name_words(author))


def _name_words(text: str) -> list[str]:
    text = text.casefold()
    if not text.isascii():
        text = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return _WORD.findall(text)


def _stands_apart(lines: Sequence[str], start: int, i: int) -> bool:
    """Not in a list, and not what a colon announces."""
    above = next((lines[j].rstrip() for j in range(i - 1, start - 1, -1) if lines[j].strip()), "")
    return not above.endswith(":") and not lines[i - 1].strip()
