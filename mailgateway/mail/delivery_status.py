"""Delivery reports as RFC 3464 writes them: whose mail met which fate, and which mail it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailgateway.core.messages import Bounce, Kind
from mailgateway.mail.addresses import bare, normal
from mailgateway.mail.charset import clean, decode
from mailgateway.mail.headers import ids
from mailgateway.mail.mime import Part

LONGEST = 64 * 1024  # of a report's text, and of a returned mail's header
MOST = 200  # recipients
_RETURNED = ("message/rfc822", "message/global", "message/partial", "text/rfc822-header")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of mail it is, what shows it, and what a report says."""

    kind: Kind = Kind.PERSON
    machine: str = ""
    bounces: tuple[Bounce, ...] = ()
    returned_ids: tuple[str, ...] = ()


# Which kind of report tells of which fate.
KIND_OF_ACTION = {
    "failed": Kind.BOUNCE,
    "delayed": Kind.DELAY_REPORT,
    "delivered": Kind.DELIVERY_REPORT,
    "relayed": Kind.DELIVERY_REPORT,
    "expanded": Kind.DELIVERY_REPORT,
}
_ACTION_OF_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}


def recipients(text: str, said: str) -> list[Bounce]:
    """The per-recipient groups of a delivery status (RFC 3464 section 2.3); `said` is the same in words."""
    groups = [(_address(fields), fields) for fields in map(fields_of, _BLANK_LINES.split(text))]
    groups = [(address, fields) for address, fields in groups if address][:MOST]
    found, low = [], said.lower()
    for address, fields in groups:
        place = low.find(address) if len(groups) > 1 else 0
        words = said[place : place + 500 if len(groups) > 1 else None] if place >= 0 else ""
        code = _code(fields.get("diagnostic-code", ""), fields.get("status", ""), words)
        action = fields.get("action", "").split(" ")[0].strip(";").lower()
        if action not in KIND_OF_ACTION:
            action = _ACTION_OF_CLASS.get(code[:1], "failed")
        found.append(Bounce(address, action, code))
    return found


def _address(fields: dict[str, str]) -> str:
    """Who it was for, `rfc822; ana@example.com`; as it was sent where the final one is none (X.400)."""
    written = [bare(fields.get(name, "").rpartition(";")[2]) for name in ("final-recipient", "original-recipient")]
    address = next((address for address in written if "@" in address), "") or written[0] or written[1]
    return normal(address) or address.lower()


def _code(answer: str, status: str, words: str) -> str:
    """The best witness is the other server's answer, then the report's own field, then what it says in words."""
    code = telling_code(answer, status)
    is_late = code.endswith(_LATE)  # the reason stands in what was answered before
    return telling_code(code, words) if is_late or not STATUS.search(answer) else code


def telling_code(*texts: str) -> str:
    """The status code (RFC 3463) that says most, of several the first: "5.1.1" more than "5.0.0" and "too late"."""
    codes = [code for text in texts for code in STATUS.findall(text)]
    failures = [code for code in codes if code[0] != "2"]
    return max(failures or codes, key=_tells, default="")


def _tells(code: str) -> int:
    _, subject, detail = code.split(".")
    return (subject != "0") + (detail != "0" and not code.endswith(_LATE))


_LATE = ".4.7"


_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:([^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE)
# Not the version of a program: "Postfix-2.5.6", "v4.2.2".
STATUS = re.compile(r"(?<![\w.])(?<![A-Za-z][-/])[245]\.[0-7]\.\d{1,3}(?![\d.]*\d)")


def fields_of(group: str) -> dict[str, str]:
    """The fields of one group, the first of each name."""
    return {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(group))}


def kind_of(bounces: Iterable[Bounce]) -> Kind:
    """The worst fate of a recipient names the report."""
    kinds = {KIND_OF_ACTION[bounce.action] for bounce in bounces}
    return next((kind for kind in (Kind.BOUNCE, Kind.DELAY_REPORT, Kind.DELIVERY_REPORT) if kind in kinds), Kind.BOUNCE)


def is_returned(part: Part) -> bool:
    """Whether the part is a mail that a report gives back, or its header."""
    return part.content_type.startswith(_RETURNED)


def returned_ids(parts: list[Part]) -> tuple[str, ...]:
    """The Message-IDs of the mails that a report gives back."""
    return tuple(found for part in parts if is_returned(part) for found in ids_in(head_of(part)))


def ids_in(text: str) -> tuple[str, ...]:
    """The Message-ID that stands in the header of a returned mail."""
    fields = _MESSAGE_ID.findall(text)
    return ids(fields[0]) if fields else ()


_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID[ \t]*:\s*([^\n]{3,300})", re.IGNORECASE | re.MULTILINE)


def head_of(part: Part) -> str:
    """The beginning of a part as text."""
    return clean(decode(part.content()[:LONGEST], "utf-8"))
