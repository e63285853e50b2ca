"""Delivery reports in free text (qmail, Exim, old Exchange, Gmail): a system's sender and a system's words.

Both are needed: people too quote "550 5.1.1 user unknown" when they ask for help.
"""

from __future__ import annotations

import re

from mailgateway.core.messages import Bounce
from mailgateway.core.screening import Headers, has_robot_subject
from mailgateway.mail.addresses import normal, parse_list
from mailgateway.mail.delivery_status import (
    KIND_OF_ACTION,
    RETURNED_PARTS,
    STATUS,
    Verdict,
    fields_of,
    head_of,
    ids_in,
    kind_of,
    recipients,
    returned_ids,
)
from mailgateway.mail.mime import Part

# --- reports in free text -------------------------------------------------------------------------------------------

_DAEMON = re.compile(
    r"mailer-?daemon|\bpost_master|mail[ .-]delivery|delivery (?:sub)?system|system administrator|^\s*(?:<>)?\s*$",
    re.IGNORECASE,
)
_POSTMASTER = re.compile(r"\bpo+stmaster", re.IGNORECASE)  # a robot or the administrator himself
_SUBJECT = re.compile(
    r"undeliver|returned mail|delivery (?:status|failure|has failed)|failure (?:notice|delivery)|mail delivery|delayed"
    r"|mail system error|could not be delivered|delivery failed|message .{0,20}failed"
    r"|não (?:é possível entregar|entregue)|falha na entrega|no se puede entregar|unzustellbar|non remis"
    r"|не доставлено|配信できません",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"(?:could not|cannot|can't|couldn't|was not|wasn't able to|unable to|not able to) (?:be )?deliver"
    r"|(?:delivery|message|mail).{0,40}\bfail|undeliver|did not reach the following|returned to (?:the )?sender"
    r"|permanent (?:error|failure)|(?:user|recipient|host|account) (?:is )?(?:unknown|not found|disabled|over quota)"
    r"|unknown (?:user|recipient)|no such user|invalid user|mailbox (?:is )?(?:full|unavailable|not found)"
    r"|address(?:es)? failed|error delivering|delivery error|unrouteable|rejected|bounced|has been delayed|is delayed"
    r"|still being retried"
    r"|não (?:foi possível|pôde ser|pode ser) entreg|falha na entrega|não existe|caixa (?:postal )?cheia"
    r"|no (?:se pudo|pudo ser) entreg|nicht zugestellt|не доставлен|не может быть доставлено"
    r"|\b5\d\d[ -]#?5\.\d{1,3}\.\d{1,3}\b|\b55\d[ -]",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"\(delay\)|delayed|still being retried|warning(?: message)? only|temporary failure report"
    r"|will (?:be retried|continue)|delivery status notification: warning|atraso na entrega|entrega atrasada"
    r"|entrega demorada",
    re.IGNORECASE,
)
# Where the report ends and the mail that it speaks of begins.
_COPY = re.compile(
    r"^[ \t>]*(?:-{2,}.{0,60}\b(?:copy|original|returned|message|unsent|headers?)\b.{0,60}"
    r"|message headers? follow.{0,20}|below is a copy.{0,60}|(?:the )?original message .{0,30}|(?:return-path"
    r"|received|message-id)[ \t]*:.{0,200})$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"(?:^[ \t]*(?:to:[ \t]*)?[<\"]?|rcpt to:[ \t]*<?|(?:final|original)-recipient:[^;\n]{0,20};[ \t]*<?"
    r"|\b(?:(?:mail|message|deliver|delivered) to|recipients?|address(?:es)?|user)\b[^\n<@]{0,30}[<:(][ \t]*<?)"
    r"([^\s<>@,;:()\"]{1,64}@[^\s<>@,;:()\"]{1,190})",
    re.IGNORECASE | re.MULTILINE,
)


def free_text_report(parts: list[Part], headers: Headers, subject: str, text: str) -> Verdict | None:
    """The verdict on a report in words, None where the mail is none."""
    fields: dict[str, str] = {}
    for name, value in headers:
        fields.setdefault(name, value)
    failed, sender = fields.get("x-failed-recipients", ""), fields.get("from", "")
    is_daemon = bool(_DAEMON.search(sender)) or fields.get("return-path", "").strip() == "<>"
    says_so = bool(_SUBJECT.search(subject)) and (is_daemon or bool(_POSTMASTER.search(sender)))
    if has_robot_subject(subject) or not (failed or says_so or (is_daemon and _WORDS.search(text))):
        return None
    copy = _COPY.search(text)
    report, returned = (text[: copy.start()], text[copy.start() :]) if copy else (text, "")
    returned = "\n".join([*(head_of(part) for part in parts if part.content_type in RETURNED_PARTS), returned])
    action = "delayed" if _DELAY.search(subject) or _DELAY.search(report) else "failed"
    bounces = tuple(recipients(text, report)) or _named(
        report, _places(report, failed, fields.get("to", ""), returned), action
    )
    kind = kind_of(bounces) if bounces else KIND_OF_ACTION[action]
    return Verdict(kind, "free-text report", bounces, returned_ids(parts) or ids_in(returned))


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
    addressees, _ = parse_list([fields_of(returned).get("to", "")])
    return others or {mailbox.email: 0 for mailbox in addressees} or places


def _named(report: str, places: dict[str, int], action: str) -> tuple[Bounce, ...]:
    """The named recipients, each with the first status code behind its name."""
    first = STATUS.search(report)
    ordered = sorted(places.items(), key=lambda place: place[1])[:200]
    ends = [start for _, start in ordered[1:]] + [len(report)]
    bounces = []
    for (email, start), end in zip(ordered, ends, strict=False):
        status = STATUS.search(report, start, end) or first
        bounces.append(Bounce(email, action, status[0] if status else ""))
    return tuple(bounces)
