"""What must hold after every attack, by the same code: nothing changed, nobody learnt, somebody was told."""

from __future__ import annotations

import email.message
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from mailgateway.core import keys
from mailgateway.core.tickets import Entry, Ticket
from mailgateway.store import tables as t
from tests.attacks.stage import AGENTS, HOUSE, NOTE, POISON, SECRETS, Stage
from tests.desk import Out

_ADDRESS = re.compile(r"[^\s<>:;,()\"'@]+@[a-z.-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that an attack may not change, and where what it may add begins."""

    tickets: dict[int, Ticket]
    history: dict[int, list[Entry]]
    people: dict[str, Any]
    keys: dict[int, str]
    mails: int
    items: int

    @classmethod
    def of(cls, stage: Stage) -> Seen:
        """The desk as it is now."""
        with stage.gateway.database.read() as connection:
            numbers = list(connection.execute(select(t.tickets.c.number).order_by(t.tickets.c.number)).scalars())
            people = {f"person {r.id}": r for r in connection.execute(select(t.people))}
            people |= {f"address {r.email}": r for r in connection.execute(select(t.addresses))}
            people["delegations"] = list(connection.execute(select(t.delegations)))
            states = {r.id: r.state for r in connection.execute(select(t.keys))}
        return cls(
            {n: stage.ticket(n) for n in numbers},
            {n: stage.history(n) for n in numbers},
            people,
            states,
            len(stage.written),
            len(stage.items()),
        )


def changed(before: Seen, after: Seen, *, by: str, speaks: bool = False) -> Iterator[str]:
    """What is not as it was of what was there: rights, votes, fields, people, reply addresses, old lines.

    `by` may prove his own address. `speaks`: words may be added that count as somebody's.
    """
    for number, was in before.tickets.items():
        now = after.tickets[number]
        if (replace(now, updated_at=was.updated_at) if speaks else now) != was:
            yield f"ticket {number}: {was} -> {now}"
        if after.history[number][: len(before.history[number])] != before.history[number]:
            yield f"ticket {number}: old lines"
    for what, was in before.people.items():
        if (now := after.people[what]) != was and what != f"address {by}":
            yield f"{what}: {was} -> {now}"
    yield from (f"key {i}: {was} -> {after.keys[i]}" for i, was in before.keys.items() if after.keys[i] != was)


def left(before: Seen, after: Seen) -> str:
    """What an attack has left behind, by its strongest trace."""
    fresh = [e for n, lines in after.history.items() if n in before.history for e in lines[len(before.history[n]) :]]
    traces = {_trace(entry) for entry in fresh} | (
        {"ticket"} if after.tickets.keys() - before.tickets.keys() else set()
    )
    return next(
        (trace for trace in ("change", "ticket", "comment", "note", "unverified") if trace in traces), "nothing"
    )


def _trace(entry: Entry) -> str:
    if entry.from_status or entry.to_status or entry.kind not in ("comment", "note", "failure", "participant"):
        return "change"
    return "unverified" if entry.unverified else "note" if entry.internal else "comment"


def told(stage: Stage, before: Seen) -> Counter[tuple[str, str]]:
    """How many mails of each notice really go to each address."""
    return Counter((o.to, o.notice) for o in stage.written[before.mails :] if o.state == "waiting")


def leaks(stage: Stage, before: Seen, *, by: str, knows: int, speaks: bool) -> Iterator[str]:
    """What our mails show to somebody who may not read it. Those that are held back are looked at like the others."""
    owners = _owners(stage)
    for mail in stage.written[before.mails :]:
        shown = everything(mail)
        may = {n for n, (people, _) in SECRETS.items() if mail.to in people} | ({knows} if mail.to == by else set())
        words = [w for n, (_, words) in SECRETS.items() if n not in may for w in words]
        words += [NOTE] if mail.to not in AGENTS else []
        words += [POISON] if mail.to not in AGENTS | {by} and not speaks else []
        yield from (f"{mail.notice} shows {mail.to} {word!r}" for word in words if word.lower() in shown.lower())
        if mail.to not in HOUSE:
            yield from (f"{mail.notice} shows {mail.to} the address {a}" for a in HOUSE & set(_ADDRESS.findall(shown)))
        for address in _ADDRESS.findall(shown.replace("%2B", "+").replace("%40", "@")):
            key = keys.read(address, stage.gateway.secrets)
            if key is not None and owners.get(key) != mail.to:
                yield f"{mail.notice} shows {mail.to} the key of {owners.get(key)}"


def _owners(stage: Stage) -> dict[int, str]:
    with stage.gateway.database.read() as connection:
        join = select(t.keys.c.id, t.people.c.email).join(t.people, t.people.c.id == t.keys.c.person_id)
        return {row.id: row.email for row in connection.execute(join)}


def everything(mail: Out) -> str:
    """All that a reader can get out of a mail: headers and parts, as they are and decoded."""
    parts = [p for p in mail.mail.walk() if isinstance(p, email.message.EmailMessage) and not p.is_multipart()]
    heads = [f"{name}: {value}" for part in mail.mail.walk() for name, value in part.items()]
    return "\n".join([mail.raw.decode("utf-8", "replace"), *heads, *(str(p.get_content()) for p in parts)])
