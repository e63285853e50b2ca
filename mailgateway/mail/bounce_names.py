"""Whom a delivery report in free text speaks of, and with which code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from mailgateway.core.messages import Bounce
from mailgateway.core.screening import Headers
from mailgateway.mail.addresses import normal, parse_list
from mailgateway.mail.bounce_words import SYSTEM
from mailgateway.mail.delivery_status import MOST, fields_of, head_of, is_returned, recipients, telling_code
from mailgateway.mail.mime import Part

# Where the report ends and the mail that it speaks of begins.
_COPY = re.compile(
    r"^[ \t>]*(?:--(?!.{0,120}\b(?:not|fail\w*|address\w*|recipients?|transcript|log)\b)"
    r".{0,120}\b(?:copy|original|returned|message|unsent|headers?)\b.{0,60}"
    r"|message headers? follow.{0,20}|below is a copy.{0,60}|a copy of the original.{0,60}"
    r"|(?:the )?original (?:message|mail)\b.{0,40})$"
    r"|^>?(?:return-path|received|message-id)[ \t]*:.{0,200}$",
    re.IGNORECASE | re.MULTILINE,
)

_ADDRESS = r"([^\s<>@,;:()\[\]\"'|]{1,64}@[^\s<>@,;:()\[\]\"'|=]{1,190})"
_OPENING = r"[<\"'\[(]{0,2}(?:smtp[:=])?(?:mailto:)?"
_ABOUT_THE_MAIL = (
    r"[ \t>*•·-]*(?:from|de|von|to|para|cc|reply-to|sender|sent|return-path|message-id|received|date|subject|assunto"
    r"|mail from|references|in-reply-to|x-[\w-]{1,40})[ \t]?:"
)
_WHOM_TO_ASK = r"[^\n]{0,200}\b(?:contact|questions?|assistance|support|help|visit|dúvidas|ajuda|suporte)\b"
#: Where reports name a recipient, the surest place first.
_PLACES = tuple(
    re.compile(place + _ADDRESS, re.IGNORECASE | re.MULTILINE)
    for place in (
        # At the beginning of a line.
        rf"^[ \t>*•·-]*(?:\d{{1,3}}[.)][ \t]+)?{_OPENING}",
        # Behind a word for it.
        r"(?:rcpt to:|(?:final|original)-recipient:[^;\n]{0,20};|error-for:"
        r"|\b(?:(?:mail|message|deliver(?:y|ed|ing)?|sent|send|addressed|entregar|enviad[ao]) (?:to|para|a)"
        r"|recipients?|address(?:es)?|user(?:id)?|mailbox|destinat[áa]ri[oa]s?|endereços?|usuário|caixa postal"
        rf"|usuario|empfänger|destinataire)\b[^\n<@]{{0,30}}[<:(\"'\[ ])[ \t]*{_OPENING}",
        # Anywhere.
        rf"^(?!{_ABOUT_THE_MAIL}|{_WHOM_TO_ASK})[^\n@]{{0,300}}?{_OPENING}",
        # Where the mail itself names them.
        r"^[ \t>*]*(?:to|para)[ \t]?:[^\n@]{0,100}?",
    )
)


def cut(parts: Iterable[Part], text: str) -> tuple[str, str]:
    """The report's own words, and what it gives back of the mail that it speaks of."""
    copy = _COPY.search(text)
    report, returned = (text[: copy.start()], text[copy.start() :]) if copy else (text, "")
    return report, "\n".join([*(head_of(part) for part in parts if is_returned(part)), returned])


def firsts(headers: Headers) -> dict[str, str]:
    """The first field of each name."""
    return dict(reversed([*headers]))


def named(parts: list[Part], headers: Headers, text: str, action: str) -> tuple[Bounce, ...]:
    """The recipients that a report names in its words, else those of the mail that it gives back."""
    report, returned = cut(parts, text)
    fields = firsts(headers)
    failed, _ = parse_list([fields.get("x-failed-recipients", "")])
    places = {mailbox.email: max(0, report.lower().find(mailbox.email)) for mailbox in failed}
    if not places:
        own = {mailbox.email for name in _OWN for mailbox in parse_list([fields.get(name, "")])[0]}
        places = _places(report, own)
        # A report on a report: the one inside knows more.
        if not places and (inside := recipients(returned, returned)):
            return tuple(inside)
        addressees, _ = parse_list([fields_of(returned).get("to", "")])
        places = places or {m.email: 0 for m in addressees} or _places(report, set())
    return _with_codes(report, places, action)


# Fields of the report itself that name no recipient of the mail that it speaks of.
_OWN = ("to", "from", "sender", "delivered-to", "x-original-to")


def _places(report: str, own: set[str]) -> dict[str, int]:
    """Whom the words name and in which line, without the system itself and those it writes to."""
    for place in _PLACES:
        found: dict[str, int] = {}
        for match in place.finditer(report):
            email = normal(match[1].rstrip(".'!?"))
            if email and email not in own and not SYSTEM.match(email):
                found.setdefault(email, report.rfind("\n", 0, match.start(1)) + 1)
        if found:
            return found
    return {}


def _with_codes(report: str, places: dict[str, int], action: str) -> tuple[Bounce, ...]:
    """Each with the code between its name and the next one, else the report's."""
    ordered = sorted(places.items(), key=lambda place: place[1])[:MOST]
    bounds = [start for _, start in ordered] + [len(report)]
    whole = telling_code(report)
    codes = (telling_code(report[start:end]) or whole for start, end in pairwise(bounds))
    # "2.0.12" is no failure but the version of something.
    return tuple(
        Bounce(email, action, code if code.startswith("2") is (action == "delivered") else "")
        for (email, _), code in zip(ordered, codes, strict=True)
    )
