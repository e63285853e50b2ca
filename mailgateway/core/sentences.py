"""Short sentences of ours that are kept: labels of history lines, reasons of outcomes. Data, in languages/*.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentences:
    """One language's sentences; "{about}" in one stands for a name, a number or an address."""

    entries: Mapping[str, str]
    reasons: Mapping[str, str]

    @staticmethod
    def build(table: Mapping[str, Any]) -> Sentences:
        """From a parsed language file."""
        return Sentences(dict(table["entries"]), dict(table["reasons"]))

    def entry(self, label: str, about: str = "", text: str = "") -> str:
        """A history line: our words, then what somebody wrote."""
        ours = self.entries[label].format(about=about) if label else ""
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

    def reason(self, code: str, about: str = "") -> str:
        """Why a mail ended as it did, or why one of ours was not sent."""
        return self.reasons[code].format(about=about)
