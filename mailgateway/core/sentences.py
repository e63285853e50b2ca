"""Short sentences of ours that are kept: labels of history lines, reasons of outcomes. Data, in languages/*.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailgateway.core.traces import GAP


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language's sentences; "{about}" in one stands for a name, a number or an address.

    "{by}" is whoever acted, "{until:%d/%m/%Y}" a date.
    """

    entries: Mapping[str, str]
    reasons: Mapping[str, str]

    @staticmethod
    def build(table: Mapping[str, Any]) -> Sentences:
        """From a parsed language file."""
        return Sentences(dict(table["entries"]), dict(table["reasons"]))

    def entry(self, label: str, about: str = "", text: str = "", *, by: str = "", until: datetime | None = None) -> str:
        """A history line: our words, then what somebody wrote."""
        ours = self.entries[label].format(about=about, by=by, until=until) if label else ""
        return f"{ours}: {text}" if ours and text else ours or text

    def words(self, label: str, line: str) -> str:
        """What somebody wrote, of a history line with this label: the reverse of `entry`.

        >>> Sentences({"asked_approval_of": "asked {about} to approve"}, {}).words(
        ...     "asked_approval_of", "asked Ana Lima to approve: A new cable."
        ... )
        'A new cable.'
        """
        ours = re.escape(self.entries[label]).replace(re.escape("{about}"), ".*?")
        found = re.fullmatch(f"{ours}(?:: (.*))?", line, re.DOTALL)
        return found[1] or "" if found else line

    def label(self, line: str) -> str:
        """Our words of a history line, without what somebody wrote behind them; "" where none of it is ours.

        >>> Sentences({"rejected": "rejected", "by_operator": "at the command line"}, {}).label("rejected: too dear")
        'rejected'
        """
        operator = f" ({self.entries['by_operator']})"
        said = line.removesuffix(operator)
        found = (re.fullmatch(f"({_pattern(ours)})(?:: .*)?", said, re.DOTALL) for ours in self.entries.values())
        label = next((match[1] for match in found if match), "")
        return label + operator if label and said != line else label

    def reason(self, code: str, about: str = "") -> str:
        """Why a mail ended as it did, or why one of ours was not sent."""
        return self.reasons[code].format(about=about)

    def bare_reason(self, reason: str) -> str:
        """Such a reason without the line or the address that it speaks of; "" where it is none of ours."""
        found = (ours for ours in self.reasons.values() if re.fullmatch(_pattern(ours), reason, re.DOTALL))
        return next((ours.format(about=GAP) for ours in found), "")


_PLACE = re.compile(r"\{[^}]*\}")


def _pattern(ours: str) -> str:
    """What a sentence can come out as, whatever it speaks of."""
    return ".*?".join(map(re.escape, _PLACE.split(ours)))
