"""What a mail is by itself: a person's, a report on a delivery, an automatic answer; and whom a report speaks of.

Reports in the standard form (RFC 3464, 5965, 8098) are believed by their form, others by sender and words.
"""

from __future__ import annotations

import re
from itertools import islice

from mailgateway.core.messages import Kind
from mailgateway.core.screening import (
    LIST_HEADERS,
    STRONG_HEADERS,
    Headers,
    has_robot_subject,
    has_robot_words,
    header_evidence,
)
from mailgateway.mail.bounce_names import firsts, named
from mailgateway.mail.bounce_texts import free_text_report, has_failure_words, is_mail_system
from mailgateway.mail.delivery_status import (
    LONGEST,
    MOST,
    Verdict,
    fields_of,
    head_of,
    is_returned,
    kind_of,
    recipients,
    returned_ids,
)
from mailgateway.mail.headers import ids
from mailgateway.mail.mime import Part
from mailgateway.mail.service_reports import service_report
from mailgateway.mail.subjects import is_answer


def classify(root: Part, headers: Headers, subject: str, text: str) -> Verdict:
    """The verdict on one mail; `headers` are decoded, `text` is its body."""
    parts = root.walk() if root.children else [root]
    said = text[:LONGEST]
    return (
        _standard_report(root, parts, headers, subject, said)
        or _calendar(parts)
        or service_report(said)
        or free_text_report(parts, headers, subject, said)
        or _automatic(root, headers, subject, text)
        or Verdict()
    )


# --- reports in the standard form -----------------------------------------------------------------------------------

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_PARTS = ("message/disposition-notification", "message/global-disposition-notification")


def _standard_report(root: Part, parts: list[Part], headers: Headers, subject: str, text: str) -> Verdict | None:
    types = {part.content_type: part for part in reversed(parts)}
    if root.content_type != "multipart/report" and is_answer(subject) and not is_mail_system(firsts(headers)):
        return None  # somebody passes a report on, and his program took it apart
    if "message/feedback-report" in types or (_COMPLAINT.match(subject) and any(map(is_returned, parts))):
        return Verdict(Kind.FEEDBACK_REPORT, "message/feedback-report", (), returned_ids(parts))
    for receipt in _RECEIPT_PARTS:
        if receipt in types:
            return _receipt(parts, head_of(types[receipt]), receipt, text)
    if any(part.params.get("smime-type", "").lower() == "signed-receipt" for part in parts):
        return Verdict(Kind.RECEIPT, "signed-receipt")
    status = [part for part in parts if part.content_type in _STATUS_PARTS]
    if not status:
        return None
    bounces = tuple(islice((bounce for part in status for bounce in recipients(head_of(part), text)), MOST))
    bounces = bounces or named(parts, headers, text, "failed")
    return Verdict(kind_of(bounces), status[0].content_type, bounces, returned_ids(parts))


_COMPLAINT = re.compile(r"complaint about message from ", re.IGNORECASE)  # Microsoft's junk mail reporting


def _receipt(parts: list[Part], written: str, content_type: str, text: str) -> Verdict:
    """A read receipt (RFC 8098), or in the same form the answer of a filter that took nothing (RFC 5429)."""
    fields = fields_of(written)
    returned = ids(fields.get("original-message-id", "")) or returned_ids(parts)
    if _DISCARDED.match(fields.get("disposition", "")) and has_failure_words(text):
        return Verdict(Kind.BOUNCE, content_type, tuple(recipients(written, text)), returned)
    return Verdict(Kind.RECEIPT, content_type, (), returned)


_DISCARDED = re.compile(r"automatic-action\b[^;]*;\s*(?:deleted|failed)", re.IGNORECASE)


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


# What Outlook writes where it sends no RFC 8098 form, as its whole text.
_RECEIPT_SUBJECT = re.compile(r"\s*(?:não lida|lida|não lido|lido|not read|read|no leído|leído)\s?:", re.IGNORECASE)
_RECEIPT_WORDS = re.compile(
    r"(?:foi (?:lid|excluíd)[ao]|was (?:read|deleted without being read)|se (?:leyó|eliminó)|fue leído)\b",
    re.IGNORECASE,
)


def _automatic(root: Part, headers: Headers, subject: str, text: str) -> Verdict | None:
    if _RECEIPT_SUBJECT.match(subject) and _RECEIPT_WORDS.search(text[:1000]):
        return Verdict(Kind.RECEIPT, "subject and text")
    if root.content_type == "multipart/report":
        is_bounce = root.params.get("report-type", "").lower() == "delivery-status"
        return Verdict(Kind.BOUNCE if is_bounce else Kind.AUTO_REPLY, "multipart/report")
    if strong := header_evidence(headers, STRONG_HEADERS):
        return Verdict(Kind.AUTO_REPLY, strong)
    if has_robot_subject(subject) and has_robot_words(text):
        return Verdict(Kind.AUTO_REPLY, "subject and text")
    for name, value in headers:
        if name in LIST_HEADERS or (name == "precedence" and value.strip().lower() in ("list", "bulk")):
            return Verdict(Kind.LIST, name)
    return None
