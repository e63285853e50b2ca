"""Which ticket a mail belongs to, or a new one, and why: four rules in a fixed order (see THREADING)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mailgateway.core import keys
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.messages import Envelope, Mail
from mailgateway.core.people import Person
from mailgateway.core.queues import House, Queue

_NEWEST = 100  # references that are looked up; a real thread has far fewer
_TAG = re.compile(r"\[#(\d{1,12})\]")


@dataclass(frozen=True, slots=True)
class References:
    """Everything in a mail that may lead to a ticket, before anything is looked up."""

    key_ids: tuple[int, ...]  # of reply addresses that we signed, in the order met
    message_ids: tuple[str, ...]  # of In-Reply-To and References, newest first
    roots: tuple[int, ...]  # tickets whose signed root id stands among them
    tag: int | None  # [#1042] in the subject
    queues: tuple[Queue, ...]  # ours that are addressed, To before Cc


@dataclass(frozen=True, slots=True)
class Held:
    """What the store knows of a batch's references; each ticket number is that of a ticket that exists."""

    keys: Mapping[int, Key]
    ours: Mapping[str, int]  # Message-IDs that we sent
    received: Mapping[str, int]  # Message-IDs of mails that we hold
    tickets: frozenset[int]
    merged: Mapping[int, int] = field(default_factory=dict)  # tickets that joined another one, and which
    notes: frozenset[str] = frozenset()  # Message-IDs of those of ours that told of an internal note


@dataclass(frozen=True, slots=True)
class Route:
    """Where a mail goes. `thread`: a valid reference of that ticket, not only its number, led there.

    `note`: it answers an internal note, by the address made for that or as a reply to the mail that told of it.
    """

    ticket: int | None
    why: str
    thread: bool = False
    key: Key | None = None
    note: bool = False


def references(mail: Mail, envelope: Envelope, house: House, secrets: tuple[str, ...]) -> References:
    """Collect what `route` needs to have looked up."""
    shown = [m.email for m in (*mail.to, *mail.cc)]
    hidden = [*envelope.rcpt_to, *mail.delivered_to]
    ids = tuple(dict.fromkeys(reversed(mail.references)))[:_NEWEST]
    tag = _TAG.search(mail.subject)
    return References(
        key_ids=tuple(dict.fromkeys(i for a in (*hidden, *shown) if (i := keys.read(a, secrets)) is not None)),
        message_ids=ids,
        roots=tuple(n for i in ids if (n := keys.read_root(i, secrets)) is not None),
        tag=int(tag[1]) if tag else None,
        queues=house.addressed(shown) or house.addressed(hidden),
    )


def route(refs: References, held: Held, author: Person | None) -> Route:
    """The first rule that finds a ticket, or the one that this ticket has joined: there its key opens nothing."""
    found = _found(refs, held, author)
    noted = any(held.keys[i].purpose is Purpose.NOTE for i in refs.key_ids if i in held.keys)
    found = replace(found, note=noted or not held.notes.isdisjoint(refs.message_ids))
    if found.ticket is None or (number := _joined(found.ticket, held)) == found.ticket:
        return found
    return replace(found, ticket=number, key=None)


def _joined(number: int, held: Held) -> int:
    seen = set[int]()
    while number in held.merged and number not in seen:
        seen.add(number)
        number = held.merged[number]
    return number


def _found(refs: References, held: Held, author: Person | None) -> Route:
    """The rules in their order.

    A reply address of the author's own comes before one of somebody else's. The number in the subject is only named
    here: whether the author may use it is for `core.access`, as it proves nothing.
    """
    found = [held.keys[i] for i in refs.key_ids if i in held.keys]
    found.sort(key=lambda k: not (author and k.person_id == author.id))
    if found:
        return Route(found[0].ticket, "by_key", thread=True, key=found[0])
    for number in (*refs.roots, *(held.ours[i] for i in refs.message_ids if i in held.ours)):
        if number in held.tickets:
            return Route(number, "by_our_id", thread=True)
    for message_id in refs.message_ids:
        if (number := held.received.get(message_id, 0)) in held.tickets:
            return Route(number, "by_held_id", thread=True)
    if refs.tag in held.tickets:
        return Route(refs.tag, "by_number")
    return Route(None, "no_reference")
