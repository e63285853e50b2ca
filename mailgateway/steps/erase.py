"""Erase a person: his words and whatever leads to him go for good, what happened stays under a pseudonym.

Everything is one transaction, so that a dry run is the same, rolled back. Blobs and what a database file still holds of
deleted rows go after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from mailgateway.core.cases import Decision
from mailgateway.core.errors import Refused
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.core.traces import Traces, trace
from mailgateway.mail.searched import authors, searchable
from mailgateway.steps import apply
from mailgateway.steps.context import Gateway, Work
from mailgateway.steps.retain import hold_of
from mailgateway.store import accesses, blob_rows, erased_mails, erasure, footprint, inbox
from mailgateway.store.accesses import By
from mailgateway.store.erasure import Scope
from mailgateway.store.workset import Wanted, Workset

ACTION = "erase"


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, by the numbers of rows.

    `tickets` are all that he was on, `opened` those whose subject and description are gone; `rewritten` lines of others
    that told of him; `stopped` mails of ours that will not be sent; `waiting` how many accepted mails are still to be
    read, about which nothing was done. `clean`: what was deleted is gone from the database's files too.
    """

    person: Person
    pseudonym: str
    tickets: list[int]
    opened: list[int]
    entries: list[int]
    rewritten: list[int]
    evidence: list[tuple[int, str]]
    blobs: list[str]
    mails_in: list[int]
    mails_out: list[int]
    stopped: list[int]
    questions: int
    keys: int
    waiting: int
    clean: bool = True


@dataclass(frozen=True, slots=True)
class _Mails:
    """What a look into the bytes of all mails tells: which are from him, and which speak of him."""

    authored: set[int]
    received: set[int]
    sent: set[int]


def foresee(gateway: Gateway, email: str, by: By, now: datetime) -> Erased:
    """What `erase` would do now. Raises like it; changes nothing."""
    mails = _look(gateway, email)
    with gateway.database.write(decide=True) as connection:
        done = connection.begin_nested()
        erased = _erase(gateway, connection, email, mails, by, now)
        done.rollback()
    return erased


def erase(gateway: Gateway, email: str, by: By, now: datetime) -> Erased:
    """Erase whoever has this address, for good.

    Raises `NotFound`, and `Refused` for whom the configuration names and for what is under legal hold: nothing was
    changed then.
    """
    mails = _look(gateway, email)
    with gateway.database.write(decide=True) as connection:
        erased = _erase(gateway, connection, email, mails, by, now)
    blob_rows.remove_unnamed(gateway.database, gateway.blobs, erased.blobs)
    return replace(erased, clean=gateway.database.scrub())


def _look(gateway: Gateway, email: str) -> _Mails:
    """Into the bytes of every mail that we hold, before anybody has to wait for us."""
    with gateway.database.read() as connection:
        scope = _scope(gateway, connection, email)
        mails = _Mails(set(), set(), set())
        for kept in footprint.received(connection, gateway.blobs):
            if not authors(kept.raw).isdisjoint(scope.person.addresses):
                mails.authored.add(kept.id)
            if scope.traces.tell_of_him(searchable(kept.raw) if kept.readable else kept.raw.decode("latin-1")):
                mails.received.add(kept.id)
        for kept in footprint.sent(connection):
            if scope.traces.tell_of_him(searchable(kept.raw)):
                mails.sent.add(kept.id)
    return mails


def _scope(gateway: Gateway, connection: Connection, email: str) -> Scope:
    """Who is to be erased and where he was. Raises `NotFound` and `Refused`."""
    person = footprint.person(connection, email)
    tickets, opened = footprint.tickets(connection, person), footprint.opened(connection, person)
    _refuse(gateway, connection, person, tickets)
    texts, subjects = erasure.written(connection, person, opened)
    others = [*footprint.beside(connection, person, tickets), *(a.name for q in gateway.house.queues for a in q.agents)]
    pseudonym = gateway.sentences.entry("pseudonym", str(person.id))
    return Scope(
        person=person,
        placeholder=f"erased-{person.id}@erased.invalid",  # RFC 6761 section 6.4: a domain that nobody can have
        traces=trace(person, pseudonym, texts, subjects, others),
        tickets=frozenset(tickets),
        opened=frozenset(opened),
        sentences=gateway.sentences,
    )


def _refuse(gateway: Gateway, connection: Connection, person: Person, tickets: Collection[int]) -> None:
    """Whom the configuration names would be back at once; what is under legal hold must stay."""
    hold = hold_of(gateway, connection)
    for address in person.addresses:
        if gateway.house.ours(address) or address in gateway.staff:
            raise Refused(f"the configuration names {address}; nothing was changed. Take it out of there first")
    if held := sorted(hold.addresses.intersection(person.addresses)):
        raise Refused(f"{held[0]} is under legal hold (retention.hold); nothing was changed")
    if numbers := sorted(hold.tickets.intersection(tickets)):
        raise Refused(
            f"ticket {numbers[0]} of {person.email} is under legal hold (retention.hold); nothing was changed"
        )


def _erase(gateway: Gateway, connection: Connection, email: str, mails: _Mails, by: By, now: datetime) -> Erased:
    scope = _scope(gateway, connection, email)
    erasure.tickets(connection, scope)
    his, rewritten = erasure.entries(connection, scope)
    evidence = erasure.evidence(connection, scope, his)
    erasure.rounds(connection, scope)
    questions, keys = erasure.questions(connection, scope), erasure.keys(connection, scope)
    mails_in, blobs = erased_mails.inbox(connection, scope, mails.authored, mails.received, now)
    mails_out, stopped = erased_mails.outbox(connection, scope, mails.sent, _speaks_of(scope.traces), now)
    erasure.person(connection, scope)
    _tell(gateway, connection, scope, now)
    accesses.add(connection, by, ACTION, f"person {scope.person.id}", now)
    blobs |= {row.sha256 for row in evidence}
    return Erased(
        person=scope.person,
        pseudonym=scope.traces.pseudonym,
        tickets=sorted(scope.tickets),
        opened=sorted(scope.opened),
        entries=sorted(his),
        rewritten=rewritten,
        evidence=[(row.ticket, row.filename) for row in evidence],
        blobs=sorted(blobs - set(connection.execute(blob_rows.named(blobs)).scalars())),
        mails_in=sorted(mails_in),
        mails_out=sorted(mails_out),
        stopped=sorted(stopped),
        questions=questions,
        keys=keys,
        waiting=inbox.waiting(connection),
    )


def _speaks_of(traces: Traces) -> Callable[[bytes], bool]:
    """Whether a mail about a ticket of his holds anything that leads to him."""

    def speaks(raw: bytes) -> bool:
        text = searchable(raw)
        return traces.beside_him(text) != text

    return speaks


def _tell(gateway: Gateway, connection: Connection, scope: Scope, now: datetime) -> None:
    """The history of each of his tickets says what was done."""
    about = scope.traces.pseudonym
    entry = Entry(EntryKind.CORRECTION, now, None, "", label="erased", about=about, by_operator=True)
    for part in erasure.parts(scope.tickets):
        work = Work(gateway, Workset(connection, Wanted(tickets=set(part))), now)
        for number in part:
            apply.write(work, Decision(work.set.tickets[number], (entry,)), None)
        work.set.save(now)
