"""Where a quotation begins: the lines that mail programs put above the mail that is answered.

Each finder gets the lines and yields the ranges of the headings it knows. A heading must prove itself: a line "De: …"
alone, or "ontem a Ana escreveu:", is prose. All patterns are anchored or bounded, so that no text is slow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

Range = tuple[int, int]


def is_quoted(line: str) -> bool:
    """Whether the line begins with a quotation mark: ">", or with initials "AB>"."""
    return ">" in line[:20] and bool(_QUOTED.match(line))


_QUOTED = re.compile(r"[ \t]{0,16}[A-Z]{0,3}>")

# --- lines that say it outright -------------------------------------------------------------------------------------

_QUALIFIER = (
    r"original|originale|originalt?|reply|forwarded|encaminhad[ao]|reenviado|reenviada|ursprüngliche|antwort|svar"
    r"|weitergeleitete|d.origine|transféré|inoltrato|oorspronkelijk|doorgestuurd bericht|oprindelig|opprinnelig"
    r"|ursprungligt|alkuperäinen|původní|oryginalna|исходное|пересылаемое"
)
_MESSAGE = (
    r"message|mail|e-mail|mensagem|mensaje|nachricht|messaggio|bericht|meddelelse|meddelande|melding|besked|viesti"
    r"|zpráva|wiadomość|сообщение"
)
_RULED = re.compile(
    rf"(?:{_QUALIFIER})\s?(?:{_MESSAGE})|(?:{_MESSAGE})\s?(?:{_QUALIFIER})|originalmeddelande|forwarded by .{{1,60}}",
    re.IGNORECASE,
)
_SAID = re.compile(
    r"(?:begin forwarded message|início da mensagem encaminhada|inicio del mensaje reenviado"
    r"|anfang der weitergeleiteten nachricht|début du message (?:transféré|réexpédié)|inizio messaggio inoltrato)\s?:",
    re.IGNORECASE,
)


def separators(lines: Sequence[str]) -> Iterator[Range]:
    """`-----Mensagem original-----` and its kin."""
    for i, line in enumerate(lines):
        if 4 < len(line) < 160:
            text = line.strip("> \t*")
            words = text.strip("-_= \t")
            is_ruled = text[:2] in ("--", "__", "==") and text[-2:] in ("--", "__", "==")
            if (is_ruled and _RULED.fullmatch(words)) or _SAID.fullmatch(text):
                yield i, i + 1


# --- header blocks --------------------------------------------------------------------------------------------------

_LABELS = {
    "from": "from de von da van fra från frå od от lähettäjä kimden 差出人 发件人 寄件者 보낸사람 보낸|사람",
    "date": "date sent data fecha datum dato enviado enviada|em enviado|em enviado|el enviada gesendet|am gesendet"
    " envoyé envoyé|le message|du inviato verzonden sendt skickat дата отправлено odesláno wysłano lähetetty tarih"
    " 送信日時 发送时间 日付 傳送日期 보낸날짜 보낸|날짜",
    "to": "to para an à a aan til till do komu кому pro vastaanottaja kime 宛先 收件人 받는사람 받는|사람",
    "subject": "subject assunto asunto betreff objet sujet oggetto onderwerp emne ämne тема předmět temat aihe konu"
    " 件名 主题 主旨 제목",
}
_KIND_OF = {label.replace("|", " "): kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(r"[>\s*|]{0,20}([^\W\d_]{1,14}(?: [^\W\d_]{1,3})?)\*?\s?[:：]")
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


def _label(line: str) -> str:
    if ":" not in line[:30] and "：" not in line[:30]:
        return ""
    found = _LABEL.match(line)
    return _KIND_OF.get(found[1].lower(), "") if found else ""


def _block(hits: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The labels that stand close together: a wrapped list of recipients or a blank line may lie between two."""
    block = hits[:1]
    for hit in hits[1:]:
        if hit[0] - block[-1][0] > _MOST_BETWEEN:
            break
        block.append(hit)
    return block


# --- attribution lines ----------------------------------------------------------------------------------------------

_VERB = re.compile(
    r"(?:\b(?:escreveu|escreveram|escribió|escribio|wrote|writes|schrieb|schreef|geschreven|a écrit|ha scritto|skrev"
    r"|kirjoitti|napsal|napsala|napisał|napisała|пишет|пише|писал|писала|написал|написала|написав|yazdı"
    r"|va escriure|escrigué|đã viết|pisze|a scris)\b"
    r"|写道|寫道|のメッセージ|wrote(?=:))(?:\(a\))?",
    re.IGNORECASE,
)
_VERB_AT_END = re.compile(_VERB.pattern + r"\Z", re.IGNORECASE)
_OPENING = re.compile(
    r"[>\s*<\[(-]{0,20}(?:(?:em|on|el|le|am|il|op|den|dne|dnia|w dniu|mon|tue|wed|thu|fri|sat|sun)\b|\d{1,4}[-./ ])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>@]@[^\s<>@]{1,190}\.[^\s<>@]")
_TIME = re.compile(r"\b\d{1,2}\s?[:hH.]\s?\d{2}\b")
_DATE = re.compile(r"\b(?:19|20)\d\d(?!\d)|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b|\b\d{1,2}\.? [^\W\d_]{3,9}\b")
_NAME = re.compile(r"[,\d)>.]\s*[\"'“]?[^\W\d_a-zà-þ][^,]{0,60}$")  # not "o cliente": that is somebody's sentence
# Gmail until 2014 wrote no verb: "2013/7/20 Ana <ana@example.com>".
_DATED_ADDRESS = re.compile(r"\s*\d{4}[-/]\d{1,2}[-/]\d{1,2} [^<>@]{1,80}<[^\s<>@]+@[^\s<>@]+>:?\s*")
# A moment, an address in brackets, at most two words and a colon: an attribution in whatever language.
_ENDS_IN_ADDRESS = re.compile(r"<[^\s<>@]+@[^\s<>@]+ ?>(?: ?[^\W\d_]{1,15}){0,2} ?[:：]$")
_MOST_WRAPPED = 5
_LONGEST = 300


def attributions(lines: Sequence[str]) -> Iterator[Range]:
    """`Em seg, 3 de fev de 2025 às 10:00, Ana <ana@x> escreveu:`, wrapped or not, in the languages of the table."""
    for i, line in enumerate(lines):
        if len(line) > _LONGEST:
            continue
        if _DATED_ADDRESS.fullmatch(line):
            yield i, i + 1
        elif _may_end_attribution(line):
            start = _first_line(lines, i)
            if _proves_itself(_joined(lines, start, i), _next_line(lines, i + 1)):
                yield start, i + 1


def _may_end_attribution(line: str) -> bool:
    text = line.rstrip(" \t\xa0*>-_")
    return text.endswith((":", "：")) or bool(_VERB_AT_END.search(text[-40:]))


def _first_line(lines: Sequence[str], last: int) -> int:
    """The nearest line above (or the last itself) from which the text opens like an attribution, or holds its parts."""
    for i in range(last, max(-1, last - _MOST_WRAPPED), -1):
        if not lines[i].strip():
            return i + 1
        text = _joined(lines, i, last)
        if _evidence(text) == 3 or (_VERB.search(text) and (_OPENING.match(lines[i]) or _evidence(text) == 2)):
            return i
    return last


def _joined(lines: Sequence[str], start: int, last: int) -> str:
    return " ".join(line.strip() for line in lines[start : last + 1])[:_LONGEST].replace("\xa0", " ")


def _evidence(text: str) -> int:
    return sum(bool(pattern.search(text)) for pattern in (_ADDRESS, _TIME, _DATE))


def _proves_itself(text: str, following: str) -> bool:
    """A verb with nothing but a name or a date behind it, and two of address, date and time, or a quotation below."""
    if _evidence(text) == 3 and _ENDS_IN_ADDRESS.search(text):
        return True
    verb = _VERB.search(text)
    if verb is None:
        return False
    before, after = text[: verb.start()].rstrip(), text[verb.end() :].strip(" :：*>-_")
    if after and not _evidence(after):
        return False
    if is_quoted(following) or (before.endswith(">") and _ADDRESS.search(before)):
        return True
    return _evidence(text) >= 2 and bool(_ADDRESS.search(text) or _NAME.search(before))


def _next_line(lines: Sequence[str], start: int) -> str:
    return next((line.lstrip() for line in lines[start : start + 4] if line.strip()), "")


# --- all of them ----------------------------------------------------------------------------------------------------

FINDERS: tuple[Callable[[Sequence[str]], Iterator[Range]], ...] = (separators, header_blocks, attributions)


def headings(lines: Sequence[str]) -> list[Range]:
    """All headings, topmost first, without those inside a quotation that is marked as such."""
    found = sorted(heading for finder in FINDERS for heading in finder(lines))
    return [(first, end) for first, end in found if not is_quoted(lines[first]) or not _quoted_above(lines, first)]


def _quoted_above(lines: Sequence[str], first: int) -> bool:
    return is_quoted(next((line for line in reversed(lines[max(0, first - 4) : first]) if line.strip()), ""))
