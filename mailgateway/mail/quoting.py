"""Where a quotation begins: the lines that mail programs put above the mail that is answered.

Each finder gets the lines and yields the ranges of the headings it knows. A heading must prove itself: a line
"De: …" alone, or "ontem a Ana escreveu:", is prose. All patterns are anchored and bounded, so that no text is slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Range = tuple[int, int]

# --- lines that say it outright -------------------------------------------------------------------------------------

_SEPARATOR = re.compile(
    r"[>\s*_]*(?:"
    r"[-_=]{2,}\s*(?:original message|mensagem original|mensaje original|urspr\S+nachricht|urspr\S+ nachricht"
    r"|message d.origine|messaggio originale|oorspronkelijk bericht|originalmeddelande|oprindelig meddelelse"
    r"|opprinnelig melding|alkuper\S+ viesti|původní zpráva|wiadomość oryginalna|исходное сообщение"
    r"|forwarded message|forwarded by .{1,80}|mensagem encaminhada|mensaje reenviado|weitergeleitete nachricht"
    r"|message transféré|messaggio inoltrato|reply above.{0,40})\s*[-_=]*"
    r"|(?:begin forwarded message|início da mensagem encaminhada|inicio del mensaje reenviado"
    r"|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato)\s?:"
    r")\**\s*",
    re.IGNORECASE,
)


def separators(lines: Sequence[str]) -> Iterator[Range]:
    """`-----Mensagem original-----` and its kin."""
    for i, line in enumerate(lines):
        if 4 < len(line) < 160 and _SEPARATOR.fullmatch(line):
            yield i, i + 1


# --- header blocks --------------------------------------------------------------------------------------------------

_LABELS = {
    "from": "from de von da van fra från frå od от lähettäjä kimden 差出人 发件人 寄件者 보낸사람",
    "date": "date sent data fecha datum enviado enviada|em enviado|em enviado|el enviada gesendet|am gesendet envoyé"
    " envoyé|le inviato verzonden sendt skickat дата отправлено odesláno wysłano lähetetty dato tarih 送信日時 发送时间"
    " 日付 傳送日期 보낸날짜",
    "to": "to para an à a aan til till do komu кому pro vastaanottaja kime 宛先 收件人 받는사람",
    "subject": "subject assunto asunto betreff objet oggetto onderwerp emne ämne тема předmět temat aihe konu 件名 主题"
    " 主旨 제목",
}
_KIND_OF = {label.replace("|", " "): kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(r"[>\s*|]{0,20}([^\W\d_]{1,14}(?: [^\W\d_]{1,3})?)\*?\s?[:：]\*?\s?")
_MOST_BETWEEN = 4  # lines from one label to the next


def header_blocks(lines: Sequence[str]) -> Iterator[Range]:
    """Outlook's block: From, Date, and To or Subject, close together."""
    hits = [(i, kind) for i, line in enumerate(lines) if (kind := _label(line))]
    end = 0
    for position, (start, _) in enumerate(hits):
        near = _block(hits[position : position + 6])
        kinds = {kind for _, kind in near}
        if start >= end and {"from", "date"} <= kinds and kinds & {"to", "subject"}:
            end = near[-1][0] + 1
            yield start, end


def _block(hits: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The labels that stand close together: a wrapped list of recipients or a blank line may lie between two."""
    block = hits[:1]
    for hit in hits[1:]:
        if hit[0] - block[-1][0] > _MOST_BETWEEN:
            break
        block.append(hit)
    return block


def _label(line: str) -> str:
    if ":" not in line[:30] and "：" not in line[:30]:
        return ""
    found = _LABEL.match(line)
    return _KIND_OF.get(found[1].lower(), "") if found else ""


# --- attribution lines ----------------------------------------------------------------------------------------------

_VERB = re.compile(
    r"\b(?:wrote|writes|escreveu|escreveram|escribió|escribio|schrieb|schreef|a écrit|ha scritto|skrev|kirjoitti"
    r"|napisał|napisał\(a\)|napsal|napsal\(a\)|пишет|написал|написала|写道|寫道|のメッセージ|yazdı|escrigué|geschreven"
    r"|followed up|te escreveu)\b",
    re.IGNORECASE,
)
_LAST_VERB = re.compile(_VERB.pattern + r"\W{0,2}$", re.IGNORECASE)
_OPENING = re.compile(
    r"[>\s*<\[(-]{0,20}(?:em|on|el|le|am|il|op|den|dne|w dniu|ma|a|no|at|in reply|quoting|citando|\d{1,4}[-./ ]"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\b)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+")
_TIME = re.compile(r"\b\d{1,2}\s?[:hH.]\s?\d{2}\b")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b|\b\d{1,2}\.? ?[^\W\d_]{3,9}\b")
_MOST_WRAPPED = 5
_LONGEST = 500


def attributions(lines: Sequence[str]) -> Iterator[Range]:
    """`Em seg, 3 de fev de 2025 às 10:00, Ana <ana@x> escreveu:`, wrapped or not, in the languages of the table."""
    for i, line in enumerate(lines):
        if len(line) > _LONGEST or not _ends_attribution(line):
            continue
        start = _first_line(lines, i)
        if _proves_itself(" ".join(lines[start : i + 1]), _next_line(lines, i + 1)):
            yield start, i + 1


def _ends_attribution(line: str) -> bool:
    text = line.rstrip(" \t*>-_")
    if not text.endswith((":", "：")):
        return bool(_LAST_VERB.search(text[-40:]))
    return bool(_VERB.search(text)) or bool(_ADDRESS.search(text) and (_TIME.search(text) or _DATE.search(text)))


def _first_line(lines: Sequence[str], last: int) -> int:
    """Where the paragraph that ends here opens like an attribution, at most a few lines above."""
    for i in range(last, max(-1, last - _MOST_WRAPPED), -1):
        if not lines[i].strip():
            break
        if _OPENING.match(lines[i]):
            return i
    return last


def _proves_itself(text: str, following: str) -> bool:
    evidence = sum(bool(pattern.search(text)) for pattern in (_ADDRESS, _TIME, _DATE))
    return evidence >= 2 or following.startswith(">")


def _next_line(lines: Sequence[str], start: int) -> str:
    return next((line.lstrip() for line in lines[start : start + 4] if line.strip()), "")


FINDERS: tuple[Callable[[Sequence[str]], Iterator[Range]], ...] = (separators, header_blocks, attributions)


def headings(lines: Sequence[str]) -> list[Range]:
    """All headings that are not themselves quoted, topmost first."""
    found = [heading for finder in FINDERS for heading in finder(lines)]
    return sorted(heading for heading in found if not is_quoted(lines[heading[0]]))


def is_quoted(line: str) -> bool:
    """Whether the line carries a quotation mark at its beginning."""
    return line.lstrip().startswith(">")
