"""What may go out now: answers are limited per address and per ticket; owed notices wait for a digest in a storm.

What junk can bring about spends a purse of its own: unproven mail, and warnings whoever wrote. So junk in somebody's
name never silences what he is owed. And whoever has not written to us himself is nobody's target: what unproven mail
brings about is limited for his domain, for the host that it came from and in all, and so are those whom others bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Purse:
    """How many answers were given in the window that began at `since`."""

    since: datetime
    spent: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` answers from this purse in a window of that length."""

    purse: str
    window: timedelta
    most: int


_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)

EVERYBODY = "gateway"  #: the owner of a purse that is nobody's own


def domain(email: str) -> str:
    """The owner of the purse of an address's domain."""
    return email[email.rindex("@") :]


def host(network: str) -> str:
    """The owner of the purse of a host."""
    return f"[{network}]"


#: That somebody tries to speak in another one's name: how often a person hears of it before the digest tells the rest.
WARNINGS = Limit("warnings60", _HOUR, 5)
#: That an address, or a ticket, is answered no more: said once, and by the whole gateway not more often than that.
SILENCE = Limit("silence1440", _DAY, 1)
SILENCES = Limit("silences60", _HOUR, 5)
#: What an operator must mend: the sum of it.
TROUBLE = Limit("trouble60", _HOUR, 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits on answers: an unproven address, a proven one, and a ticket; and those on a person's owed notices.

    Notices that an unproven mail causes have a purse of their own, and so have warnings. `unproven_domain`, `_host` and
    `_all` are for all unproven addresses of a domain, written to by one host, and together. `stranger`: what a follower
    who was never proven is told of others' mails. `invites`, `_domain` and `_all`: how many such followers one author
    may have us write to at once, how many of a domain, and how many there are together.
    """

    unproven: tuple[Limit, ...]
    unproven_domain: Limit
    unproven_host: Limit
    unproven_all: Limit
    stranger: Limit
    invites: Limit
    invites_domain: Limit
    invites_all: Limit
    proven: tuple[Limit, ...]
    ticket: tuple[Limit, ...]
    notices: Limit
    notices_unproven: Limit

    def answer(self, email: str, network: str, *, proven: bool) -> list[tuple[str, Limit]]:
        """Whose purses an answer to this address spends; `network` is whence the mail came, "" where nobody saw it."""
        if proven:
            return [(email, limit) for limit in self.proven]
        his = [(email, limit) for limit in self.unproven]
        hosts = [(host(network), self.unproven_host)] if network else []
        return [*his, (domain(email), self.unproven_domain), *hosts, (EVERYBODY, self.unproven_all)]

    def invitation(self, author: str, email: str) -> list[tuple[str, Limit]]:
        """Whose purses it spends that this author has us write to that stranger."""
        return [(author, self.invites), (domain(email), self.invites_domain), (EVERYBODY, self.invites_all)]

    def owed(self, notice: str, *, proven: bool) -> Limit:
        """From which purse of his a person is told this."""
        if notice == "warning":
            return WARNINGS
        return self.notices if proven else self.notices_unproven


def spend(purse: Purse | None, limit: Limit, now: datetime) -> Purse | None:
    """The purse with one answer more, or None where the limit is reached."""
    if purse is None or now - purse.since >= limit.window:
        return Purse(now, 1)
    return Purse(purse.since, purse.spent + 1) if purse.spent < limit.most else None
