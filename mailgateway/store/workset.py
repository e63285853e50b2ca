"""All that a batch of mails may touch: loaded by a fixed number of statements, changed in memory, saved set-based.

A later mail of the batch sees the effect of an earlier one, as if each had had its own transaction. Whoever holds a
workset holds the decider's lock: ids come from `counters` and nobody else gives them out meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from mailgateway.core import rounds
from mailgateway.core.budget import Purse
from mailgateway.core.keys import Key, KeyState, Purpose
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.questions import Question
from mailgateway.core.tickets import Entry, EntryKind, Link, Ticket
from mailgateway.store import faq, inbox, milestones, outbox, purses, rows
from mailgateway.store import people as people_store
from mailgateway.store import tables as t
from mailgateway.store import tickets as ticket_store
from mailgateway.store.delegations import Delegations
from mailgateway.store.outbox import Outgoing
from mailgateway.store.questions import Questions

_Use = tuple[int, int | None, Purpose, int | None]  # whose key, on which ticket, for what, in which round


@dataclass(slots=True)
class Wanted:
    """What a batch refers to, before anything is looked up."""

    emails: set[str] = field(default_factory=set)
    key_ids: set[int] = field(default_factory=set)
    message_ids: set[str] = field(default_factory=set)
    twin_keys: set[str] = field(default_factory=set)
    tickets: set[int] = field(default_factory=set)
    outbox_ids: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Twin:
    """A mail that we hold and that another one may be a copy of."""

    inbox_id: int
    ticket: int | None
    content_key: str
    evidence: int
    received_at: datetime


class Workset:
    """See the module. Made by `load`, written by `save`."""

    def __init__(self, connection: Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._counters: dict[str, int] = {r.name: r.value for r in connection.execute(select(t.counters))}
        self._counted = dict(self._counters)
        self.ours: dict[str, int] = {}
        self.received: dict[str, int] = {}
        self.notes: set[str] = set()  # Message-IDs of ours that told of an internal note
        self.twins: dict[str, list[Twin]] = {}
        self.returned: list[Row[Any]] = []
        self._load_references(wanted)
        self.keys = self._load_keys(t.keys.c.id.in_(wanted.key_ids)) if wanted.key_ids else {}
        numbers = wanted.tickets | {k.ticket for k in self.keys.values() if k.ticket}
        numbers |= {*self.ours.values(), *self.received.values(), *(r.ticket for r in self.returned if r.ticket)}
        numbers |= {twin.ticket for twins in self.twins.values() for twin in twins if twin.ticket}
        self.people = people_store.load(connection, emails=wanted.emails, ids={k.person_id for k in self.keys.values()})
        self._sought = set(wanted.emails)  # addresses that were looked up
        self._aligned_before = set(self.people.once_aligned)
        self._bounces_before = dict(self.people.bounces)
        self.questions = Questions(connection)
        self.delegations = Delegations(connection, self.people)
        self.tickets: dict[int, Ticket] = {}
        self._tickets_before: dict[int, Ticket] = {}
        self._keys_before = dict(self.keys)
        self._key_of: dict[_Use, Key] = {}
        self.fetch(numbers)
        while joined := {n for x in self.tickets.values() if (n := x.merged_into) and n not in self.tickets}:
            self.fetch(joined)
        self._entries: list[dict[str, Any]] = []
        self._evidence: list[dict[str, Any]] = []
        self._outgoing: list[Outgoing] = []
        self._failed: dict[int, str] = {}
        self._overtaken: list[Ticket] = []  # as they were with a round that another one has replaced
        self._reached: list[tuple[int, str]] = []
        self._deflected: list[int] = []  # articles of the FAQ
        self._purses: dict[tuple[str, str], Purse] = {}
        self._purses_before: dict[tuple[str, str], Purse] = {}
        self._purses_of: set[str] = set()  # owners whose purses were looked up
        self._sent: dict[tuple[int, str], datetime] = {}
        self._sent_of: set[int] = set()  # tickets of which it was looked up when mails left

    @property
    def connection(self) -> Connection:
        """For reading what is not part of the set, after `save` has written what this batch did so far."""
        return self._connection

    # ---- loading

    def _load_references(self, wanted: Wanted) -> None:
        if wanted.message_ids:
            query = select(t.outbox.c.message_id, t.outbox.c.ticket, t.outbox.c.notice).where(
                t.outbox.c.message_id.in_(wanted.message_ids), t.outbox.c.ticket.is_not(None)
            )
            for sent in self._connection.execute(query):
                self.ours[sent.message_id] = sent.ticket
                self.notes |= {sent.message_id} if sent.notice == "note_added" else set()
        if wanted.message_ids or wanted.twin_keys:
            for row in inbox.find(self._connection, list(wanted.message_ids), list(wanted.twin_keys)):
                self.remember(row.message_id, row.twin_key, _twin(row))
        if wanted.outbox_ids or wanted.message_ids:
            self.returned = outbox.returned(self._connection, list(wanted.outbox_ids), list(wanted.message_ids))

    def _load_keys(self, where: Any) -> dict[int, Key]:
        found = self._connection.execute(select(t.keys).where(where))
        return {
            r.id: Key(
                r.id, r.person_id, r.ticket, Purpose(r.purpose), r.round_id, r.expires_at, KeyState(r.state), r.about
            )
            for r in found
        }

    def fetch(self, numbers: Collection[int]) -> None:
        """Load tickets with their people and keys, beside those that are here."""
        missing = [n for n in numbers if n not in self.tickets]
        found = ticket_store.load(self._connection, missing, self.people)
        self.tickets.update(found)
        self._tickets_before.update(found)
        if found:
            keys = self._load_keys(t.keys.c.ticket.in_(found))
            self.keys.update(keys)
            self._keys_before.update(keys)
        self._key_of.update({_use(k): k for k in self.keys.values() if k.state is KeyState.LIVE})

    def questions_on(self, number: int) -> list[Question]:
        """All questions about a ticket, oldest first; loaded for all tickets that are here when the first is wanted."""
        return self.questions.on(number, self.tickets)

    def open_seats(self, person: Person, moment: datetime) -> list[int]:
        """Tickets that wait for this person's vote at that moment; three are enough to know that they are several."""
        stored = ticket_store.awaiting_vote_of(self._connection, person.id, self.tickets, moment)
        self.fetch(stored)
        rounds_ = ((n, ticket.open_round) for n, ticket in sorted(self.tickets.items()))
        return [n for n, round_ in rounds_ if round_ and (seat := round_.seat_at(person, moment)) and seat.vote is None]

    def load_purses(self) -> None:
        """Load how many answers everybody and every ticket in the set has had lately."""
        self._load_purses({*self.people.by_address, *self._sought, *(f"#{number}" for number in self.tickets)})

    def _load_purses(self, owners: Collection[str]) -> None:
        found = purses.load(self._connection, owners)
        self._purses.update(found)
        self._purses_before.update(found)
        self._purses_of.update(owners)

    # ---- changing

    def next_id(self, name: str) -> int:
        """The next number of a table."""
        self._counters[name] = self._counters.get(name, 0) + 1
        return self._counters[name]

    def upcoming(self, name: str) -> int:
        """The number that a table will give next."""
        return self._counters.get(name, 0) + 1

    def remember(self, message_id: str, twin_key: str, twin: Twin) -> None:
        """Know a mail that is held, so that later ones find it by its Message-ID and its copies are told."""
        if message_id and twin.ticket:
            self.received.setdefault(message_id, twin.ticket)
        if twin_key:
            self.twins.setdefault(twin_key, []).append(twin)

    def person(self, mailbox: Mailbox, addresses: tuple[str, ...] = ()) -> Person:
        """Whoever has this address, or one of these that are his too; a new person where nobody has."""
        every = tuple(dict.fromkeys((mailbox.email, *addresses)))
        self._seek(every)
        known = next((p for a in every if (p := self.people.by_address.get(a))), None)
        if known is None:
            known = Person(self.next_id("people"), mailbox.spoken_name, mailbox.email, every)
            self.people.add(known)
            return known
        fresh = tuple(a for a in every if a not in self.people.by_address)
        if fresh:
            known = replace(known, addresses=(*known.addresses, *fresh))
            self.people.add(known)
        return known

    def _seek(self, addresses: Collection[str]) -> None:
        """Load whoever has these addresses, where a line names them that no header did."""
        if unsought := {a for a in addresses if a not in self.people.by_address} - self._sought:
            people_store.extend(self._connection, self.people, emails=unsought)
            self._sought |= unsought

    def called(self, person: Person, mailbox: Mailbox) -> Person:
        """The person by the name that this mailbox has, if it has one. Whoever calls knows that it is his own word."""
        if mailbox.spoken_name and mailbox.spoken_name != person.name:
            person = replace(person, name=mailbox.spoken_name)
            self.people.add(person)
        return person

    def last_words(self, number: int, person_id: int) -> str:
        """The latest comment that this person has on this ticket."""
        query = select(t.entries.c.text).where(
            t.entries.c.ticket == number, t.entries.c.author_id == person_id, t.entries.c.kind == EntryKind.COMMENT
        )
        stored = self._connection.execute(query.order_by(t.entries.c.id.desc()).limit(1)).scalar()
        mine = {"ticket": number, "author_id": person_id, "kind": EntryKind.COMMENT}
        return next((str(e["text"]) for e in reversed(self._entries) if mine.items() <= e.items()), stored or "")

    def last_sent(self, number: int, email: str) -> datetime | None:
        """When the latest mail of ours to this address on this ticket left; looked up for all tickets that are here."""
        missing = self.tickets.keys() - self._sent_of
        if missing:
            self._sent.update(outbox.last_sent(self._connection, missing))
            self._sent_of |= missing
        return self._sent.get((number, email))

    def takes_part(self, person: Person) -> bool:
        """Whether this person is on any ticket: its requester, a follower or an approver."""
        here = self.tickets.values()
        if any(x.follows(person) or (x.requester and x.requester.id == person.id) for x in here):
            return True
        return ticket_store.takes_part(self._connection, person.id)

    def aligned(self, email: str) -> None:
        """Remember that this address was proven once."""
        self.people.once_aligned.add(email)

    def bounced(self, email: str, *, believed: bool) -> None:
        """Count a permanent bounce of this address; what anybody may have written counts once at most."""
        before = self.people.bounces.get(email, 0)
        self.people.bounces[email] = before + 1 if believed else max(before, 1)

    def failed(self, outbox_id: int, reason: str) -> bool:
        """A mail of ours came back: it was handed over and did not arrive. Returns whether that is news."""
        known = outbox_id in self._failed or any(r.id == outbox_id and r.state == "failed" for r in self.returned)
        self._failed[outbox_id] = reason
        return not known

    def put(self, ticket: Ticket) -> Ticket:
        """The next state of a ticket, or a new one: where its number is 0 or the upcoming one.

        What has no id yet gets one.
        """
        if ticket.number in (0, self.upcoming("tickets")):
            ticket = replace(ticket, number=self.next_id("tickets"))
            self._purses_of.add(f"#{ticket.number}")  # nobody was told of it yet
        before = self.tickets.get(ticket.number)
        if before and before.round and ticket.round and before.round.number != ticket.round.number:
            self._overtaken.append(replace(before, round=rounds.voided(before.round, ticket.updated_at)))
        if ticket.round and ticket.round.id == 0:
            ticket = replace(ticket, round=replace(ticket.round, id=self.next_id("rounds")))
        self.tickets[ticket.number] = ticket
        return ticket

    def link(self, one: int, kind: str, other: int, back: str) -> None:
        """Tie two tickets together, both ways."""
        for number, link in ((one, Link(other, kind)), (other, Link(one, back))):
            ticket = self.tickets[number]
            if link not in ticket.links:
                self.tickets[number] = replace(ticket, links=(*ticket.links, link))

    def append(self, number: int, entry: Entry, text: str, inbox_id: int | None) -> None:
        """One more line of a ticket's history."""
        entry_id = self.next_id("entries")
        self._entries.append(rows.entry(entry_id, number, entry, text, inbox_id))
        self._evidence += rows.evidence(entry_id, number, entry)

    def key(self, person: Person, ticket: Ticket, purpose: Purpose, expires_at: datetime | None = None) -> Key:
        """The person's reply address for this ticket and purpose; the one there is, or a new one."""
        use = _use_of(person, ticket, purpose)
        if use not in self._key_of:
            key = Key(self.next_id("keys"), *use, expires_at)
            self.keys[key.id] = self._key_of[use] = key
        return self._key_of[use]

    def solution(self, number: int) -> milestones.Solution | None:
        """The latest request for approval of a ticket, as the history had it before this batch."""
        return milestones.solution(self._connection, number)

    def reach(self, number: int, *names: str) -> None:
        """These milestones of a ticket are reached."""
        self._reached += ((number, name) for name in names)

    def deflected(self, article: int) -> None:
        """Count that an article of the FAQ has closed a ticket."""
        self._deflected.append(article)

    def fresh_key(self, person: Person, ticket: Ticket, purpose: Purpose, expires_at: datetime) -> Key:
        """A new reply address; the one there was opens nothing any more."""
        if old := self._key_of.get(_use_of(person, ticket, purpose)):
            self.spend(old)
        return self.key(person, ticket, purpose, expires_at)

    def free_key(self, person: Person, purpose: Purpose, expires_at: datetime, about: str) -> Key:
        """A reply address that belongs to no ticket."""
        key = Key(self.next_id("keys"), person.id, None, purpose, expires_at=expires_at, about=about)
        self.keys[key.id] = key
        return key

    def spend(self, key: Key) -> None:
        """A reply address that opens nothing any more."""
        self.keys[key.id] = replace(key, state=KeyState.SPENT)
        self._key_of.pop(_use(key), None)

    def purse(self, owner: str, purse: str) -> Purse | None:
        """What this owner has had from this purse."""
        if owner not in self._purses_of:
            self._load_purses([owner])
        return self._purses.get((owner, purse))

    def spent(self, owner: str, purse: str, value: Purse) -> None:
        """What this owner has had now."""
        self._purses[(owner, purse)] = value

    def send(self, mail: Outgoing) -> None:
        """A mail to be sent."""
        self._outgoing.append(mail)

    @staticmethod
    def message_id(number: int | None, domain: str) -> str:
        """A new Message-ID: 80 random bits, so that composing waits for nothing."""
        return f"<t{number or 0}.{secrets.token_hex(10)}@{domain}>"

    # ---- saving

    def save(self, now: datetime) -> None:
        """Write all that changed since it was loaded or saved before."""
        self._save_people(now)
        ticket_store.save(self._connection, self._tickets_before, self.tickets, self._overtaken)
        for table, new in ((t.entries, self._entries), (t.evidence, self._evidence)):
            if new:
                self._connection.execute(insert(table), new)
        rows.bring(self._connection, t.keys, ("id",), rows.keys(self._keys_before), rows.keys(self.keys))
        self.questions.save()
        self.delegations.save()
        outbox.put(self._connection, self._outgoing)
        outbox.fail(self._connection, self._failed, now)
        milestones.mark(self._connection, self._reached, now)
        for article in self._deflected:
            faq.deflected(self._connection, article)
        rows.bring(
            self._connection,
            t.purses,
            ("owner", "purse"),
            rows.purses(self._purses_before),
            rows.purses(self._purses),
        )
        counted = {n: {"name": n, "value": v} for n, v in self._counted.items()}
        counters = {n: {"name": n, "value": v} for n, v in self._counters.items()}
        rows.bring(self._connection, t.counters, ("name",), counted, counters)
        self._written()

    def _written(self) -> None:
        """From here on, changes count against what was just written."""
        self._counted = dict(self._counters)
        self.people.stored, self._tickets_before = dict(self.people.by_id), dict(self.tickets)
        self._aligned_before, self._bounces_before = set(self.people.once_aligned), dict(self.people.bounces)
        self._keys_before, self._purses_before = dict(self.keys), dict(self._purses)
        for done in (self._entries, self._evidence, self._outgoing, self._overtaken, self._reached, self._deflected):
            done.clear()
        self._failed.clear()

    def _save_people(self, now: datetime) -> None:
        before = {i: rows.person(p) for i, p in self.people.stored.items()}
        after = {i: rows.person(p) for i, p in self.people.by_id.items()}
        new = [{**row, "created_at": now} for i, row in after.items() if i not in before]
        if new:
            self._connection.execute(insert(t.people), new)
        rows.bring(self._connection, t.people, ("id",), before, {i: r for i, r in after.items() if i in before})
        known = {a for p in self.people.stored.values() for a in p.addresses}
        rows.bring(
            self._connection,
            t.addresses,
            ("email",),
            {a: rows.address(a, self.people, self._aligned_before, self._bounces_before) for a in known},
            {
                a: rows.address(a, self.people, self.people.once_aligned, self.people.bounces)
                for p in self.people.by_id.values()
                for a in p.addresses
            },
        )


def _use_of(person: Person, ticket: Ticket, purpose: Purpose) -> _Use:
    """What a person's reply address would be for; a decision's belongs to its round."""
    return (person.id, ticket.number, purpose, ticket.round.id if purpose is Purpose.DECIDE and ticket.round else None)


def _use(key: Key) -> _Use:
    return (key.person_id, key.ticket, key.purpose, key.round_id)


def _twin(row: Row[Any]) -> Twin:
    return Twin(row.id, row.ticket, row.content_key or "", row.evidence or 0, row.received_at)
