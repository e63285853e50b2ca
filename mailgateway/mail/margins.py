"""The margins of what was written: banners of mail gateways above it, signatures and disclaimers below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mailgateway.mail.quoting import is_quoted

_RULE = re.compile(r"[ \t]*(?:[-_=*~]{5,}|[─—]{3,})[ \t]*")

_BANNER = re.compile(
    r"\W{0,8}(?:(?:cuidado|caution|atenção|atencao|atención|aviso|alerta|warning|alert|importante?|security|segurança)"
    r"\b.{0,60}\b(?:extern[oa]s?|external|outside|fora d[aeo])\b"
    r"|(?:(?:this|esta?e?) (?:e-?mail|message|mensagem|mensaje)|mensagem|e-?mail)\b.{0,40}\b"
    r"(?:originat\w+|origem|originad[oa]|veio|came|sent|enviad[oa]|recebid[oa]|provém)\b.{0,30}\b"
    r"(?:extern[oa]s?|external|outside|fora d[aeo])\b"
    r"|(?:e-?mail |mensagem |mensaje |external |correo )?(?:extern[oa]|external)(?: (?:e-?mail|sender|message))?\W{0,8}$)",
    re.IGNORECASE,
)
_BANNER_MORE = re.compile(
    r"\b(?:cli(?:que|ck|car)|links?|anexos?|attachments?|sender|remetente|organiza\w+|organization|conteúdo|content"
    r"|seguro|safe|reconhe\w+|recogni[sz]e|suspeit\w+)\b",
    re.IGNORECASE,
)
_MOST_BANNER = 8

_DASHES = re.compile(r"(?:--|__|—|–|-- --|- -)[ \t]?")
_FOOTER = re.compile(
    r"[\W_]{0,6}(?:(?:sent|posted) (?:from|via|with|using|on) |get outlook for |enviad[oa] (?:do|da|de|desde|via|a partir d[oea]|pelo|"
    r"pela|com|por) |obte(?:r|nha) o outlook para |obtener outlook para |obtén outlook para |descarga\w* outlook |"
    r"envoyé (?:de|depuis|à partir d\w*) |télécharge\w* outlook |von meinem .{1,40} gesendet|gesendet (?:von|mit) |"
    r"diese nachricht wurde von meinem |inviato (?:da|dal) |verzonden (?:vanaf|met|via) |skickat från |sendt fra |"
    r"sent by |wysłano z |baixe o outlook |enviado por ).{1,80}",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"\W{0,6}(?:aviso (?:legal|de confidencialidade|de confidencialidad)|confidentiality (?:notice|note)"
    r"|nota de confidencialidade|legal (?:notice|disclaimer)|disclaimer\b"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication)\b.{0,160}"
    r"(?:confidential|privileged|intended (?:only|solely))"
    r"|(?:esta?e?|as informações contidas nesta|la información contenida en este) (?:e-?mail|mensagem|mensaje|correo)"
    r"\b.{0,160}(?:confidencia\w+|sigilos\w+|destina\w+ (?:exclusiv\w+|apenas|únic\w+)|privilegiad\w+)"
    r"|antes de imprimir\b|(?:please )?(?:consider|think) .{0,20}environment\b|virus[- ]free\b|livre de vírus)",
    re.IGNORECASE,
)
_MOST_SIGNATURE = 30


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or stars."""
    return bool(_RULE.fullmatch(line))


def banner_end(lines: Sequence[str]) -> int:
    """The first line behind a mail gateway's banner, 0 where there is none."""
    start = next((i for i, line in enumerate(lines[:10]) if line.strip() and not is_rule(line)), 0)
    if not lines or not _BANNER.match(lines[start][:300]):
        return 0
    end = start + 1
    while end < min(len(lines), start + _MOST_BANNER) and (
        is_rule(lines[end]) or _BANNER_MORE.search(lines[end][:300])
    ):
        end += 1
    return end


def signature_start(lines: Sequence[str], start: int, end: int) -> int:
    """Where the signature begins in these lines; `end` where there is none. What answers a quotation is none."""
    at = end
    for cut in (_disclaimer, _dashes, _footers):
        at = cut(lines, start, at)
    while at > start and at < end and not lines[at - 1].strip():
        at -= 1
    return at


def _disclaimer(lines: Sequence[str], start: int, end: int) -> int:
    for i in range(max(start, end - _MOST_SIGNATURE), end):
        if _DISCLAIMER.match(lines[i][:400]):
            return i if i > start else end
    return end


def _dashes(lines: Sequence[str], start: int, end: int) -> int:
    """RFC 3676 section 4.3: the line "-- "."""
    for i in range(end - 1, max(start, end - _MOST_SIGNATURE) - 1, -1):
        if is_quoted(lines[i]):
            break
        if _DASHES.fullmatch(lines[i]):
            return i
    return end


def _footers(lines: Sequence[str], start: int, end: int) -> int:
    """`Enviado do meu iPhone` and its kin, as the last lines."""
    at = end
    for i in range(end - 1, max(start, end - 12) - 1, -1):
        line = lines[i]
        if line.strip() and not (len(line) < 120 and _FOOTER.fullmatch(line)) and not is_rule(line):
            break
        at = i if line.strip() else at
    return at
