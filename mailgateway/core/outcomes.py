"""What can become of an accepted mail: exactly one of these, with a reason a person can read."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Outcome(StrEnum):
    """The end of an inbox item."""

    OPENED = "opened"
    COMMENTED = "commented"
    ACTED = "acted"
    ANSWERED = "answered"
    ASKED = "asked"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    ROBOT = "robot"
    BOUNCE = "bounce"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


#: Of several in one mail the first that holds.
PRECEDENCE = (Outcome.OPENED, Outcome.ACTED, Outcome.ANSWERED, Outcome.ASKED, Outcome.REFUSED, Outcome.COMMENTED)


def strongest(outcomes: Iterable[Outcome]) -> Outcome:
    """The one outcome of a mail in which several things happened."""
    return min(outcomes, key=PRECEDENCE.index)
