"""What a mail that lists something is given: rows of tickets, answers of the FAQ, what happened, the help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgateway.core.messages import Line
from mailgateway.core.people import Person
from mailgateway.core.workflow import Status

#: Rows of one mail: what is more stands on the next page (mailboxes clip a mail at about 100 KB).
PAGE_ROWS = 20
#: Tickets of a list that are counted: fifty pages, and nobody reads further by mail.
COUNTED = 1000
#: Links of one row: what is more a phone cannot show side by side.
ROW_LINKS = 3


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticket in a list: `since` it is in this status, `until` it is due (paused: it returns).

    `lines` become its links, sent to `reply_to`: an address of this very person and ticket, "" for that of the mail.
    """

    number: int
    subject: str
    status: Status
    requester: Person | None
    since: datetime
    until: datetime | None = None
    lines: tuple[Line, ...] = ()
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One answer of the FAQ: `summary` is its first two lines, `url` its page in the portal, "" where there is none."""

    title: str
    summary: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One notice that was held back, by its name, as a line of a digest; links as those of a list's row."""

    notice: str
    at: datetime
    number: int | None = None
    subject: str = ""
    by: Person | None = None
    lines: tuple[Line, ...] = ()
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One mail that an operator must look at: its row in the inbox or outbox, whose it is, and what went wrong.

    Of what waits for too long, the oldest of `count` in one `box`: inbox, outbox, or mailbox.
    """

    id: int
    at: datetime
    email: str  # who sent it, or whom it was for; "" = the null sender; of a mailbox its name
    reason: str
    box: str = ""
    count: int = 1
    newest: datetime | None = None  # since when the last of them waits


@dataclass(frozen=True, slots=True)
class Chapter:
    """Lines of the help that belong together: `name` is the role that may write them, or `anybody`."""

    name: str
    lines: tuple[Line, ...]
