"""From the words of `tickets act` to what the core understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import click

from mailgateway.core.dates import Today
from mailgateway.core.decide import ACTS
from mailgateway.core.phrases import PRIORITIES, WORDED
from mailgateway.core.printed import ADDRESSED
from mailgateway.core.tickets import Asked
from mailgateway.core.words import plain, undotted
from mailgateway.core.workflow import Act

if TYPE_CHECKING:
    from mailgateway.steps.context import Gateway

#: What can be asked for here; only time closes by itself.
WORDS = tuple(act.replace("_", "-") for act in ACTS if act is not Act.AUTO_CLOSE)

_WORDED = frozenset({*WORDED, Act.COMMENT})  # mean nothing without --text
_MAY_NAME = ADDRESSED | {Act.REQUEST_APPROVAL}


@dataclass(frozen=True, slots=True)
class Said:
    """The options as they were given."""

    text: str
    until: str
    to: tuple[str, ...]
    score: int | None


def asked(said: Said, word: str, gateway: Gateway, now: datetime) -> Asked:
    """The act. Raises `click.UsageError` where an option is missing or cannot be read."""
    act = Act(word.replace("-", "_"))
    if act in _WORDED and not said.text.strip():
        raise click.UsageError(f"{word} needs --text.")
    if act is Act.RATE and said.score is None:
        raise click.UsageError("rate needs --score, 1 to 5, or 9 to decline.")
    return Asked(
        act,
        text=said.text.strip(),
        until=_until(said.until, gateway, now) if said.until else None,
        score=said.score,
        emails=_emails(act, said.to),
        number=_number(said.to) if act is Act.MERGE else None,
        name=_name(act, said.to, gateway),
    )


def _emails(act: Act, to: tuple[str, ...]) -> tuple[str, ...]:
    from mailgateway.mail.addresses import normal

    if act in ADDRESSED and not to:
        raise click.UsageError(f"{act.replace('_', '-')} needs --to with an e-mail address.")
    if act not in _MAY_NAME:
        return ()
    written = [a.strip() for some in to for a in some.split(",") if a.strip()]
    if wrong := [a for a in written if normal(a) is None]:
        raise click.UsageError(f"{wrong[0]!r} is no e-mail address; write it like ana@example.com.")
    return tuple(dict.fromkeys(e for a in written if (e := normal(a))))


def _number(to: tuple[str, ...]) -> int:
    if len(to) != 1 or not to[0].lstrip("#").isdecimal():
        raise click.UsageError("merge needs --to with the number of the other ticket.")
    return int(to[0].lstrip("#"))


def _name(act: Act, to: tuple[str, ...], gateway: Gateway) -> str:
    """The queue or priority that --to names."""
    if act is Act.CHANGE_QUEUE:
        queues = [q.name for q in gateway.house.queues]
        return _one_of(act, to, {to[0].strip().lower(): to[0].strip().lower()} if to else {}, queues)
    if act is Act.CHANGE_PRIORITY:
        return _one_of(act, to, {t: gateway.phrases.priorities.get(undotted(t), "") for t in to}, list(PRIORITIES))
    return ""


def _one_of(act: Act, to: tuple[str, ...], meant: Mapping[str, str], known: list[str]) -> str:
    """The one name that is meant, if it is one of those that we know."""
    names = list(meant.values())
    if len(to) != 1 or names[0] not in known:
        raise click.UsageError(f"{act.replace('_', '-')} needs --to with one of: {', '.join(known)}.")
    return names[0]


def _until(written: str, gateway: Gateway, now: datetime) -> datetime:
    calendar = gateway.calendar
    try:
        found = gateway.phrases.dates.read(plain(written.strip()), Today(now, calendar.zone, calendar.end_of))
    except (ValueError, IndexError):
        found = None
    if found is None:
        raise click.UsageError(f"--until {written!r} is no coming date; write it like 2026-03-10 or 10/03.")
    return found
