"""What a mail is by itself: a person's, a report, an automatic answer; and whose delivery a report speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from mailgateway.core.messages import Bounce, Kind
from mailgateway.mail.mime import Part

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What kind of mail it is, what shows it, and what a report says."""

    kind: Kind = Kind.PERSON
    machine: str = ""
    bounces: tuple[Bounce, ...] = ()
    returned_ids: tuple[str, ...] = ()


def classify(root: Part, headers: Headers, subject: str, text: str) -> Verdict:
    """The verdict on one mail."""
    return Verdict()
