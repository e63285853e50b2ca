"""Delivery reports in free text (qmail, Exim, old Exchange, Gmail): a system's sender and a system's words.

Both are needed: people too quote "550 5.1.1 user unknown" when they ask for help.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mailgateway.core.screening import Headers, has_robot_subject
from mailgateway.mail.bounce_names import cut, firsts, named
from mailgateway.mail.bounce_words import DAEMON, DELAYED, DELIVERED, FAILED, POSTMASTER, PROGRAM, ROBOT, SUBJECT
from mailgateway.mail.delivery_status import (
    KIND_OF_ACTION,
    Verdict,
    ids_in,
    is_returned,
    kind_of,
    recipients,
    returned_ids,
)
from mailgateway.mail.mime import Part
from mailgateway.mail.subjects import is_answer

# Fields that only a mail system's report has.
_REPORT_FIELDS = frozenset({"x-failed-recipients", "x-ms-exchange-message-is-ndr"})
# What a mail's way left in its header: nobody quotes it by hand.
_TRACE = re.compile(r"^[ \t>]*(?:received|message-id|return-path)[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a report, besides its sender."""

    subject: bool
    text: bool
    gives_back: bool  # the mail that it speaks of, or its header
    hints: bool  # words that others use too

    def two(self) -> bool:
        return self.subject + self.text + self.gives_back > 1


# The less a sender is known for a mail system, the more else must speak for one. The first row that fits decides.
_ENOUGH: tuple[tuple[Callable[[dict[str, str]], bool], Callable[[_Signs], bool]], ...] = (
    (lambda fields: bool(_REPORT_FIELDS & fields.keys()), lambda signs: True),
    (
        lambda fields: is_mail_system(fields),
        lambda signs: signs.subject or signs.text or signs.gives_back or signs.hints,
    ),
    (lambda fields: _is_null(fields), lambda signs: signs.subject or signs.text),
    (
        lambda fields: bool(POSTMASTER.search(fields.get("from", ""))),
        lambda signs: signs.subject or (signs.text and signs.gives_back),
    ),
    (lambda fields: bool(PROGRAM.search(fields.get("from", ""))), lambda signs: signs.two()),
    # "Não foi possível entregar seu pedido" is what a shop writes.
    (lambda fields: bool(ROBOT.search(fields.get("from", ""))), lambda signs: signs.gives_back and signs.two()),
)


def free_text_report(parts: list[Part], headers: Headers, subject: str, text: str) -> Verdict | None:
    """The verdict on a report in words, None where the mail is none."""
    fields = firsts(headers)
    enough = next((enough for is_such, enough in _ENOUGH if is_such(fields)), None)
    if enough is None or has_robot_subject(subject):
        return None
    report, returned = cut(parts, text)
    action = _action(subject, report)
    signs = _Signs(
        subject=bool(SUBJECT.search(subject)) and not is_answer(subject),  # else it is that of the mail answered
        text=has_failure_words(report),
        gives_back=any(map(is_returned, parts)) or bool(_TRACE.search(returned)),
        hints=action != "failed" or bool(returned),
    )
    if not enough(signs):
        return None
    bounces = tuple(recipients(text, report)) or named(parts, headers, text, action)
    kind = kind_of(bounces) if bounces else KIND_OF_ACTION[action]
    return Verdict(kind, "free-text report", bounces, returned_ids(parts) or ids_in(returned))


def _action(subject: str, report: str) -> str:
    """What became of the mail; where nothing else is said, it failed."""
    said = f"{subject}\n{report}"
    if DELAYED.search(said):
        return "delayed"
    return "delivered" if DELIVERED.search(said) and not has_failure_words(said) else "failed"


def has_failure_words(text: str) -> bool:
    """Whether the text says, in a system's words, that a mail did not arrive."""
    return bool(FAILED.search(text))


def is_mail_system(fields: dict[str, str]) -> bool:
    """Whether the sender is a mail system by its name."""
    return bool(DAEMON.search(fields.get("from", ""))) or "mailer-daemon" in fields.get("return-path", "").lower()


def _is_null(fields: dict[str, str]) -> bool:
    """The null sender (RFC 5321 section 4.5.5), which automatic answers have too."""
    return "<>" in (fields.get("return-path", "").strip(), fields.get("from", "").strip())
