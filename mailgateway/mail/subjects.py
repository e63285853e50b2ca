"""Subjects: what mail programs and gateways put before them, and who wrote a mail that was forwarded."""

from __future__ import annotations

import re

from mailgateway.core.people import Mailbox
from mailgateway.mail.addresses import parse_list

_REPLIES = "re|res|ref|aw|sv|vs|antw|antwort|odp|ynt|rv|r"
_FORWARDS = "enc|fw|fwd|wg|tr|i|vl|doorst|encaminhado|encaminhada|enviado|reenviado"
_TAGS = r"\[\s*(?:#\s?\d+|externo|externa|external(?:\s+email)?|ext|e-?mail externo|spam|suspeito|caution|cuidado)\s*\]"

# "RES:", "Re[2]:", "RE (2):", "ENC:", "[EXTERNO]", "[#1042]": a prefix and the blanks behind it.
_PREFIX = re.compile(rf"\s*(?:(?:{_REPLIES}|{_FORWARDS})\s?(?:[\[(]\d+[\])])?\s?[:：]|{_TAGS})\s*", re.I)
_NUMBER = re.compile(r"\[#\s?\d{1,12}\]")
_FORWARD = re.compile(rf"\s*(?:{_TAGS}\s*)*(?:{_FORWARDS})\s?[:：]|\s*(?:{_TAGS}\s*)*\[fwd:", re.I)
_ANSWER = re.compile(rf"\s*(?:{_TAGS}\s*)*(?:(?:{_REPLIES}|{_FORWARDS})\s?(?:[\[(]\d+[\])])?\s?[:：]|\[fwd:)", re.I)


def strip_prefixes(subject: str) -> str:
    """The subject without reply and forward prefixes, gateway tags and `[#n]` of whatever desk.

    >>> strip_prefixes("RES: ENC: [EXTERNO] Re: [#12] Impressora parada")
    'Impressora parada'
    """
    subject, at = " ".join(_NUMBER.sub(" ", subject).split()), 0
    while found := _PREFIX.match(subject, at):
        at = found.end()
    return subject[at:]


def is_answer(subject: str) -> bool:
    """Whether a prefix says that the mail answers or forwards another one."""
    return bool(_ANSWER.match(subject))


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix says that somebody else's mail is passed on (ENC:, FW:, Fwd:)."""
    return bool(_FORWARD.match(subject))


_FROM_LINE = re.compile(r"^[> \t*]{0,20}(?:De|From|Von|Da|Van)[ \t]?:\*?[ \t]*(\S[^\n]{0,300})$", re.I | re.M)


def original_author(text: str) -> tuple[Mailbox, ...]:
    """The author of a forwarded mail: its first `De:` line that holds an address."""
    for found in _FROM_LINE.finditer(text[:50_000]):
        line = found[1].replace("[mailto:", "<").replace("]", ">").replace("*", "")
        mailboxes, _ = parse_list([line])
        if mailboxes:
            return mailboxes[:1]
    return ()
