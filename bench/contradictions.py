"""Where a source contradicts the mail itself, the other sources or our design: by rule, never by case.

Such a result stays wrong in the sums; it is only told apart from one that is just wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mailgateway.mail.delivery_status import KIND_OF_ACTION


def _without_quoted(text: str) -> list[str]:
    return [word for line in text.split("\n") if not line.startswith(">") for word in line.split()]


#: The set, whether the rule holds of what was wanted and what was found, and what it says.
CONTRADICTIONS: tuple[tuple[str, Callable[[Any, Any], bool], str], ...] = (
    (
        "reply, full",
        lambda wanted, found: [word for word in wanted.split() if word.strip("-_=")] == found.split(),
        "the source keeps the rule above the quotation",
    ),
    (
        "reply, full",
        lambda wanted, found: wanted.split() != _without_quoted(wanted) == found.split(),
        "the source keeps the one quotation above an answer, which others cut",
    ),
    (
        "reply, full",
        lambda wanted, _: "\n---------- Forwarded message" in wanted,
        "the source takes a forwarded mail for newly written text",
    ),
    (
        "bounce, kind",
        lambda wanted, found: (wanted, found) == ("bounce", "delay_report"),
        "the source has no word for a mail that is still tried",
    ),
    (
        "bounce, action",
        lambda wanted, _: wanted.lower() not in KIND_OF_ACTION,
        "no action of RFC 3464 section 2.3.3",
    ),
    ("parse, fields", lambda wanted, _: "\ufffd" in str(wanted), "the source lost letters that can be read"),
    (
        "parse, text",
        lambda wanted, found: [word for word in wanted.split() if word != "--"] == found.split(),
        "the source puts a line of its own between two texts",
    ),
    (
        "parse, number of files",
        lambda wanted, found: isinstance(wanted, list) and len(wanted) < sum(bool(a.filename) for a in found),
        "the mail has more named files than the source lists",
    ),
    (
        "parse, number of files",
        lambda wanted, found: isinstance(wanted, int) and any(a.content_type == "message/rfc822" for a in found),
        "the source counts the files inside a mail that is a file itself",
    ),
)


def contradiction(what: str, wanted: Any, found: Any) -> str:
    """Which rule a wrong result falls under, "" where it is just wrong."""
    return next((why for name, holds, why in CONTRADICTIONS if name == what and holds(wanted, found)), "")
