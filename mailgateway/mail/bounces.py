"""What a mail is by itself: a person's, a report on a delivery, an automatic answer; and whom a report speaks of.

Reports in the standard form (RFC 3464, 5965, 8098) are believed by their form, others by sender and words.
"""

from __future__ import annotations

import re

from mailgateway.core.messages import Kind
from mailgateway.core.screening import (
    LIST_HEADERS,
    STRONG_HEADERS,
    Headers,
    has_robot_subject,
    has_robot_words,
    header_evidence,
)
from mailgateway.mail.bounce_texts import free_text_report
from mailgateway.mail.delivery_status import (
    LONGEST,
    Verdict,
    fields_of,
    head_of,
    kind_of,
    recipients,
    returned_ids,
)
from mailgateway.mail.headers import ids
from mailgateway.mail.mime import Part


def classify(root: Part, headers: Headers, subject: str, text: str) -> Verdict:
    """The verdict on one mail; `headers` are decoded, `text` is its body."""
    parts = root.walk() if root.children else [root]
    return (
        _standard_report(parts, text[:LONGEST])
        or _calendar(parts)
        or free_text_report(parts, headers, subject, text[:LONGEST])
        or _automatic(headers, subject, text)
        or Verdict()
    )


# --- reports in the standard form -----------------------------------------------------------------------------------

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_PARTS = ("message/disposition-notification", "message/global-disposition-notification")


def _standard_report(parts: list[Part], text: str) -> Verdict | None:
    types = {part.content_type: part for part in reversed(parts)}
    if "message/feedback-report" in types:
        return Verdict(Kind.FEEDBACK_REPORT, "message/feedback-report", (), returned_ids(parts))
    for receipt in _RECEIPT_PARTS:
        if receipt in types:
            original = fields_of(head_of(types[receipt])).get("original-message-id", "")
            return Verdict(Kind.RECEIPT, receipt, (), ids(original) or returned_ids(parts))
    if any(part.params.get("smime-type", "").lower() == "signed-receipt" for part in parts):
        return Verdict(Kind.RECEIPT, "signed-receipt")
    status = [part for part in parts if part.content_type in _STATUS_PARTS]
    if not status:
        return None
    bounces = tuple(bounce for part in status for bounce in recipients(head_of(part), text))
    return Verdict(kind_of(bounces), status[0].content_type, bounces, returned_ids(parts))


# --- calendars ------------------------------------------------------------------------------------------------------

_METHODS = frozenset({"request", "reply", "cancel", "counter", "declinecounter", "refresh"})
_METHOD = re.compile(rb"^METHOD[;:]\s*(\w+)", re.IGNORECASE | re.MULTILINE)


def _calendar(parts: list[Part]) -> Verdict | None:
    for part in parts:
        if part.content_type == "text/calendar" and part.disposition()[0] != "attachment":
            stated = _METHOD.search(part.content()[:LONGEST])
            method = part.params.get("method") or (stated[1].decode("ascii", "ignore") if stated else "")
            if method.lower() in _METHODS:
                return Verdict(Kind.CALENDAR, "text/calendar")
    return None


# --- automatic answers and lists ------------------------------------------------------------------------------------


def _automatic(headers: Headers, subject: str, text: str) -> Verdict | None:
    if strong := header_evidence(headers, STRONG_HEADERS):
        return Verdict(Kind.AUTO_REPLY, strong)
    if has_robot_subject(subject) and has_robot_words(text):
        return Verdict(Kind.AUTO_REPLY, "subject and text")
    for name, value in headers:
        if name in LIST_HEADERS or (name == "precedence" and value.strip().lower() in ("list", "bulk")):
            return Verdict(Kind.LIST, name)
    return None
