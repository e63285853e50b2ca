"""Many things done by time: some at once, and none of them in the way of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from mailgateway.core.errors import Temporary
from mailgateway.steps import journal

log = logging.getLogger(__name__)

AT_ONCE = 50  # in one transaction
Thing = TypeVar("Thing")


def in_parts(things: Sequence[Thing], do: Callable[[Sequence[Thing]], None]) -> None:
    """Do something to some of these at once; where that raises, to each of them alone.

    Whatever raises alone is logged and left for the next time. Trouble with the database is everybody's and goes up.
    """
    for start in range(0, len(things), AT_ONCE):
        part = things[start : start + AT_ONCE]
        if not _done(part, do):
            for thing in part:
                if not _done([thing], do):
                    log.error("left for the next time: %s", thing if isinstance(thing, int) else "one address")


def _done(part: Sequence[Thing], do: Callable[[Sequence[Thing]], None]) -> bool:
    try:
        do(part)
    except Temporary:
        raise
    except Exception as error:
        log.error("what is due could not be done: %s", journal.said(error))  # noqa: TRY400 - its text may be a mail's
        return False
    return True
