"""The margins of what was written: banners of mail gateways above it, signatures and disclaimers below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mailgateway.mail.quoting import is_quoted

_RULE = re.compile(r"[ \t]*(?:[-_=*~]{5,}|[─—]{3,}|====)[ \t]*")
_OUTSIDE = r"(?:extern[oa]s?|external|outside|fora d[aeo])\b"

# --- above ----------------------------------------------------------------------------------------------------------

_BANNER = re.compile(
    r"\W{0,8}(?:"
    r"(?:cuidado|caution|atenção|atencao|atención|aviso|alerta|warning|alert|importante?|security|segurança)\b"
    rf"(?:.{{0,60}}\b)?{_OUTSIDE}"
    r"|(?:(?:this|esta?e?) (?:e-?mail|message|mensagem|mensaje)|mensagem|e-?mail)\b.{0,40}\b"
    r"(?:originat\w+|origem|originad[oa]|veio|came|sent|enviad[oa]|recebid[oa]|provém)\b.{0,30}\b"
    rf"{_OUTSIDE}"
    r"|(?:e-?mail |mensagem |mensaje |correo )?(?:extern[oa]|external)(?: (?:e-?mail|sender|message))?\W{0,8}$)",
    re.IGNORECASE,
)
_BANNER_MORE = re.compile(
    r"\b(?:cli(?:que|ck|car)|links?|anexos?|attachments?|sender|remetente|organiza\w+|organization|conteúdo|content"
    r"|seguro|safe|reconhe\w+|recogni[sz]e|suspeit\w+)\b",
    re.IGNORECASE,
)
_MOST_BANNER = 8


def banner_end(lines: Sequence[str]) -> int:
    """The first line behind a mail gateway's banner, 0 where there is none."""
    start = next((i for i, line in enumerate(lines[:10]) if line.strip() and not is_rule(line)), 0)
    if not lines or not _BANNER.match(lines[start][:300]):
        return 0
    for end in range(start + 1, min(len(lines), start + _MOST_BANNER)):
        if not is_rule(lines[end]) and not _BANNER_MORE.search(lines[end][:300]):
            return end
    return min(len(lines), start + _MOST_BANNER)


# --- below ----------------------------------------------------------------------------------------------------------

_DASHES = re.compile(r"(?:--|__|—|–|-- --|- -)[ \t]?")
_FOOTER = re.compile(
    r"[\W_]{0,6}(?:"
    r"(?:sent|posted) (?:from|via|with|using|on|by) .{1,80}|(?:\w{1,20} )?from (?:my |a )?(?:mobile|i?phone)\b.{0,20}"
    r"|(?:get|baixe|obte(?:r|nha)|obtener|obtén|descarga\w*|télécharge\w*|downloade?n?) (?:o )?\[?outlook .{1,60}"
    r"|enviad[oa] (?:d[oae]|desde|via|a partir d[oea]|pel[oa]|com|por) .{1,80}"
    r"|envoyé (?:de|depuis|à partir d\w*) .{1,80}"
    r"|(?:von meine[mr] .{1,40}|diese nachricht wurde von .{1,60}) gesendet\W{0,2}|gesendet (?:von|mit) .{1,80}"
    r"|(?:inviato da|verzonden (?:vanaf|met|via)|skickat från|sendt fra|lähetetty|wysłano z|отправлено (?:с"
    r"|из)) .{1,80}"
    r"|(?:從我的|从我的|发自我的).{1,40})",
    re.IGNORECASE,
)
# A program's own words, not somebody's sentence about a file "enviado por e-mail".
_DEVICE = re.compile(
    r"\b(?:i?phone|ipad|ipod|android|outlook|blackberry|galaxy|samsung|motorola|xiaomi|huawei|yahoo|gmail"
    r"|windows|mobile"
    r"|celular|móvil|handy|smartphone|telefone|mobil\w*|device|mailbox|airmail|cell|mail|uol|bol|zimbra|mobiltelefon"
    r"|alcatel|htc|nokia|ti-85|spark|proton\w*)\b",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\W{0,3}(?:(?:muito )?(?:atenciosamente|cordialmente|respeitosamente)|att|abs|abra[cç]os?|um abraço|sds|saudações"
    r"|(?:best|kind|warm|many)?(?: (?:and )?(?:best|kind|warm))? ?regards|sincerely|yours (?:sincerely|truly"
    r"|faithfully)"
    r"|cheers|kr|rgds|saludos(?: cordiales)?|atentamente|un saludo|cordialement|bien à vous|mit freundlichen grüßen|mfg"
    r"|(?:viele|beste|liebe|freundliche|schöne) grü(?:ß|ss)e|met vriendelijke groet(?:en)?|cordiali saluti"
    r"|distinti saluti|med vänlig(?:a)? hälsning(?:ar)?|(?:med )?vennlig hilsen|(?:med )?venlig hilsen|mvh|kh|vh"
    r"|ystävällisin terveisin|s pozdravem|z poważaniem|pozdrawiam)\W{0,3}",
    re.IGNORECASE,
)
_INITIAL_NAME = re.compile(r"[ \t]*[-–—~/] ?[A-ZÀ-Ý][\w.'-]{1,20}(?: (?:d[aeo]s? )?[A-ZÀ-Ý][\w.'-]{0,20}){0,3}[ \t]*")
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
_MOST_SIGNATURE = 30  # lines
_WIDEST_SIGNATURE = 100  # characters


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or stars."""
    return bool(_RULE.fullmatch(line))


def signature_start(lines: Sequence[str], start: int, end: int) -> int:
    """Where the signature begins in these lines; `end` where there is none."""
    last = at = _without_blanks(lines, start, end)
    for cut in _CUTS:
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
        if is_quoted(lines[i]):
            break
        numbers.append(i)
    return numbers


def _disclaimer(lines: Sequence[str], start: int, end: int) -> int:
    found = [i for i in _last_lines(lines, start, end) if i > start and _DISCLAIMER.match(lines[i][:400])]
    return min(found, default=end)


def _dashes(lines: Sequence[str], start: int, end: int) -> int:
    """RFC 3676 section 4.3: the line "-- "."""
    return next((i for i in _last_lines(lines, start, end) if _DASHES.fullmatch(lines[i])), end)


def _rule(lines: Sequence[str], start: int, end: int) -> int:
    """A line of underscores above a few short lines: what mailing lists add."""
    for i in _last_lines(lines, start, end)[:8]:
        if len(lines[i]) > _WIDEST_SIGNATURE:
            break
        if i > start and is_rule(lines[i]) and "_" in lines[i] and not lines[i - 1].strip():
            return i
    return end


def _footers(lines: Sequence[str], start: int, end: int) -> int:
    """`Enviado do meu iPhone` and its kin; below it stands nothing that was typed."""
    found = [i for i in _last_lines(lines, start, end) if _is_footer(lines[i])]
    lone = [i for i in found if i == start or not lines[i - 1].strip() or i - 1 in found or i == end - 1]
    return min(lone, default=end)


def _is_footer(line: str) -> bool:
    return len(line) <= 120 and bool(_FOOTER.fullmatch(line.strip()) and _DEVICE.search(line))


def _sign_off(lines: Sequence[str], start: int, end: int) -> int:
    """`Atenciosamente,` above a few short lines, or a last line `-Ana`."""
    last = end - 1
    if last > start and _INITIAL_NAME.fullmatch(lines[last]) and not lines[last - 1].strip():
        return last
    for i in _last_lines(lines, start, end)[:12]:
        if len(lines[i]) > _WIDEST_SIGNATURE:
            break
        if i > start and len(lines[i]) < 50 and _SIGN_OFF.fullmatch(lines[i]):
            return i
    return end


_CUTS: tuple[Callable[[Sequence[str], int, int], int], ...] = (_disclaimer, _dashes, _rule, _footers, _sign_off)
