"""What a mail is by itself: a person's, a report on a delivery, an automatic answer; and whom a report speaks of.

Reports in the standard form (RFC 3464, 5965, 8098) are believed by their form. Others are free text: they need both a
sender that is a mail system and the words of one, for people too quote "550 5.1.1 user unknown" when they ask for help.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailgateway.core.messages import Bounce, Kind
from mailgateway.core.screening import (
    LIST_HEADERS,
    STRONG_HEADERS,
    has_robot_subject,
    has_robot_words,
    header_evidence,
)
from mailgateway.mail.addresses import bare, normal, parse_list
from mailgateway.mail.charset import clean, decode
from mailgateway.mail.headers import ids
from mailgateway.mail.mime import Part

Headers = tuple[tuple[str, str], ...]
LONGEST = 64 * 1024  # of a report's text, and of a returned mail's header


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of mail it is, what shows it, and what a report says."""

    kind: Kind = Kind.PERSON
    machine: str = ""
    bounces: tuple[Bounce, ...] = ()
    returned_ids: tuple[str, ...] = ()


def classify(root: Part, headers: Headers, subject: str, text: str) -> Verdict:
    """The verdict on one mail; `headers` are decoded, `text` is its body."""
    parts = root.walk() if root.children else [root]
    return (
        _standard_report(parts, text[:LONGEST])
        or _calendar(parts)
        or _free_text_report(parts, headers, subject, text[:LONGEST])
        or _automatic(headers, subject, text)
        or Verdict()
    )


# --- reports in the standard form -----------------------------------------------------------------------------------

_STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT_PARTS = ("message/disposition-notification", "message/global-disposition-notification")
_RETURNED_PARTS = ("message/rfc822", "message/global", "message/partial")
_KIND_OF_ACTION = {
    "failed": Kind.BOUNCE,
    "delayed": Kind.DELAY_REPORT,
    "delivered": Kind.DELIVERY_REPORT,
    "relayed": Kind.DELIVERY_REPORT,
    "expanded": Kind.DELIVERY_REPORT,
}
_ACTION_OF_CLASS = {"2": "delivered", "4": "delayed", "5": "failed"}


def _standard_report(parts: list[Part], text: str) -> Verdict | None:
    types = {part.content_type: part for part in reversed(parts)}
    if "message/feedback-report" in types:
        return Verdict(Kind.FEEDBACK_REPORT, "message/feedback-report", (), _returned_ids(parts))
    for receipt in _RECEIPT_PARTS:
        if receipt in types:
            original = _fields(_head(types[receipt])).get("original-message-id", "")
            return Verdict(Kind.RECEIPT, receipt, (), ids(original) or _returned_ids(parts))
    if any(part.params.get("smime-type", "").lower() == "signed-receipt" for part in parts):
        return Verdict(Kind.RECEIPT, "signed-receipt")
    status = [part for part in parts if part.content_type in _STATUS_PARTS]
    if not status:
        return None
    bounces = tuple(bounce for part in status for bounce in _recipients(_head(part), text))
    return Verdict(_kind_of(bounces), status[0].content_type, bounces, _returned_ids(parts))


def _head(part: Part) -> str:
    return clean(decode(part.content()[:LONGEST], "utf-8"))


def _recipients(text: str, said: str) -> list[Bounce]:
    """The per-recipient groups of a delivery status (RFC 3464 section 2.3); `said` is the same in words."""
    found = []
    for group in _BLANK_LINES.split(text):
        fields = _fields(group)
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
        if action not in _KIND_OF_ACTION:
            action = _ACTION_OF_CLASS.get(code[:1], "failed")
        found.append(Bounce(normal(address) or address.lower(), action, code))
    return found


def _code(status: str, answer: str) -> str:
    """The status code; where it says only "failed" or "too late" and the other server's answer says why, that one."""
    stated = _STATUS.search(status)
    if stated is None:
        told = _STATUS.search(answer)
        return told[0] if told else ""
    reasons = [code for code in _STATUS.findall(answer) if code[0] == stated[0][0] and not code.endswith(".0.0")]
    if stated[0].endswith((".0", "4.4.7")):
        return next((code for code in reasons if code != stated[0]), stated[0])
    return stated[0]


_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_FIELD = re.compile(r"^([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:([^\n]*(?:\n[ \t]+[^\n]*)*)", re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")


def _fields(group: str) -> dict[str, str]:
    return {name.lower(): " ".join(value.split()) for name, value in reversed(_FIELD.findall(group))}


def _kind_of(bounces: Iterable[Bounce]) -> Kind:
    """The worst fate of a recipient names the report."""
    kinds = {_KIND_OF_ACTION[bounce.action] for bounce in bounces}
    return next((kind for kind in (Kind.BOUNCE, Kind.DELAY_REPORT, Kind.DELIVERY_REPORT) if kind in kinds), Kind.BOUNCE)


def _returned_ids(parts: list[Part]) -> tuple[str, ...]:
    returned = [p for p in parts if p.content_type in _RETURNED_PARTS or p.content_type.startswith("text/rfc822-head")]
    return tuple(found for part in returned for found in _ids_in(_head(part)))


def _ids_in(text: str) -> tuple[str, ...]:
    fields = _MESSAGE_ID.findall(text)
    return ids(fields[0]) if fields else ()


_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID[ \t]*:\s*([^\n]{3,300})", re.IGNORECASE | re.MULTILINE)

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


# --- reports in free text -------------------------------------------------------------------------------------------

_SYSTEM_SENDER = re.compile(
    r"mailer-?daemon|\bpo+st_?master|mail[ .-]delivery|delivery (?:sub)?system|system administrator|^\s*(?:<>)?\s*$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|has failed)|failure (?:notice|delivery)|mail delivery|delayed"
    r"|mail system error|could not be delivered|delivery failed|message .{0,20}failed|não (?:é possível entregar|entregue)"
    r"|falha na entrega|no se puede entregar|unzustellbar|non remis|не доставлено|配信できません",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:could not|cannot|can't|couldn't|was not|wasn't able to|unable to|not able to) (?:be )?deliver"
    r"|(?:delivery|message|mail).{0,40}\bfail|undeliver|did not reach the following|returned to (?:the )?sender"
    r"|permanent (?:error|failure)|(?:user|recipient|host|account) (?:is )?(?:unknown|not found|disabled|over quota)"
    r"|unknown (?:user|recipient)|no such user|invalid user|mailbox (?:is )?(?:full|unavailable|not found)|address(?:es)? failed"
    r"|error delivering|delivery error|unrouteable|rejected|bounced|has been delayed|is delayed|still being retried"
    r"|não (?:foi possível|pôde ser|pode ser) entreg|falha na entrega|não existe|caixa (?:postal )?cheia"
    r"|no (?:se pudo|pudo ser) entreg|nicht zugestellt|не доставлен|не может быть доставлено"
    r"|\b5\d\d[ -]#?5\.\d{1,3}\.\d{1,3}\b|\b55\d[ -]",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"\(delay\)|delayed|still being retried|warning(?: message)? only|temporary failure report|will (?:be retried|continue)"
    r"|delivery status notification: warning|atraso na entrega|entrega atrasada|entrega demorada",
    re.IGNORECASE,
)
# Where the report ends and the mail that it speaks of begins.
_COPY = re.compile(
    r"^[ \t>]*(?:-{2,}.{0,60}\b(?:copy|original|returned|message|unsent|headers?)\b.{0,60}|message headers? follow.{0,20}"
    r"|below is a copy.{0,60}|(?:the )?original message .{0,30}|(?:return-path|received|message-id)[ \t]*:.{0,200})$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"(?:^[ \t]*(?:to:[ \t]*)?[<\"]?|rcpt to:[ \t]*<?|(?:final|original)-recipient:[^;\n]{0,20};[ \t]*<?"
    r"|\b(?:(?:mail|message|deliver|delivered) to|recipients?|address(?:es)?|user)\b[^\n<@]{0,30}[<:(][ \t]*<?)"
    r"([^\s<>@,;:()\"]{1,64}@[^\s<>@,;:()\"]{1,190})",
    re.IGNORECASE | re.MULTILINE,
)


def _free_text_report(parts: list[Part], headers: Headers, subject: str, text: str) -> Verdict | None:
    fields: dict[str, str] = {}
    for name, value in headers:
        fields.setdefault(name, value)
    failed = fields.get("x-failed-recipients", "")
    is_system = bool(_SYSTEM_SENDER.search(fields.get("from", ""))) or fields.get("return-path", "").strip() == "<>"
    if not failed and not (is_system and (_SUBJECT.search(subject) or _WORDS.search(text))):
        return None
    if not failed and (has_robot_subject(subject) or not (_WORDS.search(text) or _SUBJECT.search(subject))):
        return None
    copy = _COPY.search(text)
    report, returned = (text[: copy.start()], text[copy.start() :]) if copy else (text, "")
    returned = "\n".join([*(_head(part) for part in parts if part.content_type in _RETURNED_PARTS), returned])
    action = "delayed" if _DELAY.search(subject) or _DELAY.search(report) else "failed"
    bounces = tuple(_recipients(text, report)) or _named(
        report, _places(report, failed, fields.get("to", ""), returned), action
    )
    kind = _kind_of(bounces) if bounces else _KIND_OF_ACTION[action]
    return Verdict(kind, "free-text report", bounces, _returned_ids(parts) or _ids_in(returned))


def _places(report: str, failed: str, to: str, returned: str) -> dict[str, int]:
    """Whom a free text names, and where: Exim's header field, else its lines, else the To of the returned mail."""
    stated, _ = parse_list([failed])
    if stated:
        return {mailbox.email: max(0, report.find(mailbox.email)) for mailbox in stated}
    places: dict[str, int] = {}
    for found in _NAMED.finditer(report):
        if email := normal(found[1].rstrip(".'")):
            places.setdefault(email, found.start())
    own = {mailbox.email for mailbox in parse_list([to])[0]}
    others = {email: place for email, place in places.items() if email not in own}
    addressees, _ = parse_list([_fields(returned).get("to", "")])
    return others or {mailbox.email: 0 for mailbox in addressees} or places


def _named(report: str, places: dict[str, int], action: str) -> tuple[Bounce, ...]:
    """The named recipients, each with the first status code behind its name."""
    first = _STATUS.search(report)
    ordered = sorted(places.items(), key=lambda place: place[1])[:200]
    ends = [start for _, start in ordered[1:]] + [len(report)]
    bounces = []
    for (email, start), end in zip(ordered, ends, strict=True):
        status = _STATUS.search(report, start, end) or first
        bounces.append(Bounce(email, action, status[0] if status else ""))
    return tuple(bounces)


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
