"""VIEWS: the named lists of tickets. The command line, the portal and the mails iterate this table.

What a view is called stands in languages/*.toml; `store.views` makes each one a condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailgateway.core.workflow import Status


class Whose(StrEnum):
    """Which tickets somebody sees in a list, whatever their status."""

    SEEN = "seen"  # an agent's: those of his queues; everybody's: those that he opened or follows
    MINE = "mine"  # an agent's: assigned to him
    TO_DECIDE = "to_decide"  # wait for his vote
    TO_RATE = "to_rate"  # wait for his rating


@dataclass(frozen=True, slots=True)
class View:
    """One list: whose tickets, and in which statuses; None: in any."""

    whose: Whose = Whose.SEEN
    statuses: frozenset[Status] | None = None


def _in(*statuses: Status, whose: Whose = Whose.SEEN) -> View:
    return View(whose, frozenset(statuses))


#: In the order in which people know them.
VIEWS: dict[str, View] = {
    "all": View(),
    "mine": View(Whose.MINE),
    "waiting": _in(Status.WAITING),
    "in_service": _in(Status.IN_SERVICE),
    "paused": _in(Status.PAUSED),
    "awaiting_approval": _in(Status.AWAITING_APPROVAL),
    "my_approval": _in(Status.AWAITING_APPROVAL, whose=Whose.TO_DECIDE),
    "rejected": _in(Status.REJECTED),
    "to_rate": _in(Status.FINISHED, whose=Whose.TO_RATE),
    "finished": _in(Status.FINISHED),
    "faq": _in(),  # articles, not tickets
}
