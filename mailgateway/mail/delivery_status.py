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
RETURNED_PARTS = ("message/rfc822", "message/global", "message/partial")


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
    found = []
    for group in _BLANK_LINES.split(text):
        fields = fields_of(group)
        # RFC 3464 section 2.3.2: "rfc822; ana@example.com".
        recipient = fields.get("final-recipient") or fields.get("original-recipient") or ""
        address = bare(recipient.rpartition(";")[2])
        if not address:
            continue
        place = said.lower().find(address.lower())
        code = _code(
            fields.get("status", ""),
            fields.get("diagnostic-code") or (said[place : place + 500] if place >= 0 else ""),
        )
        action = fields.get("action", "").split(" ")[0].strip(";").lower()
        if action not in KIND_OF_ACTION:
            action = _ACTION_OF_CLASS.get(code[:1], "failed")
        found.append(Bounce(normal(address) or address.lower(), action, code))
    return found


def _code(status: str, answer: str) -> str:
    """The status code; where it says only "failed" or "too late" and the other server's answer says why, that one."""
    stated = STATUS.search(status)
    if stated is None:
        told = STATUS.search(answer)
        return told[0] if told else ""
    reasons = [code for code in STATUS.findall(answer) if code[0] == stated[0][0] and not code.endswith(".0.0")]
    if stated[0].endswith((".0", "4.4.7")):
        return next((code for code in reasons if code != stated[0]), stated[0])
    return stated[0]


_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:([^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE)
STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")


def fields_of(group: str) -> dict[str, str]:
    """The fields of one group, the first of each name."""
    return {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(group))}


def kind_of(bounces: Iterable[Bounce]) -> Kind:
    """The worst fate of a recipient names the report."""
    kinds = {KIND_OF_ACTION[bounce.action] for bounce in bounces}
    return next((kind for kind in (Kind.BOUNCE, Kind.DELAY_REPORT, Kind.DELIVERY_REPORT) if kind in kinds), Kind.BOUNCE)


def returned_ids(parts: list[Part]) -> tuple[str, ...]:
    """The Message-IDs of the mails that a report gives back."""
    returned = [p for p in parts if p.content_type in RETURNED_PARTS or p.content_type.startswith("text/rfc822-head")]
    return tuple(found for part in returned for found in ids_in(head_of(part)))


def ids_in(text: str) -> tuple[str, ...]:
    """The Message-ID that stands in the header of a returned mail."""
    fields = _MESSAGE_ID.findall(text)
    return ids(fields[0]) if fields else ()


_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID[ \t]*:\s*([^\n]{3,300})", re.IGNORECASE | re.MULTILINE)


def head_of(part: Part) -> str:
    """The beginning of a part as text."""
    return clean(decode(part.content()[:LONGEST], "utf-8"))
