"""Fill a desk's SQLite database with old tickets by bulk SQL. `python -m bench.fill DESK.db [--tickets 1000000]`.

The desk looks as if it had worked for a year: each ticket has a follower, three entries, its mail, three mails of ours
and four reply addresses. Most are finished, one in fifty waits for the approver, four are open. A person has opened
twenty tickets, however many there are. The bytes of old mails are gone, as retention wants it. The database must be
there and empty (`mailgateway migrate`); what is filled belongs outside the checkout.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import scene

EACH = 20  # tickets of one person
APPROVER, AGENT, FIRST = 1, 2, 3  # ids of people: these two, then the requesters, then as many colleagues
ENTRIES, MAILS, KEYS = 3, 3, 4  # of one ticket; the first key is its requester's
NOW, YEAR = datetime(2026, 11, 24, 12, 0), timedelta(days=365)  # noqa: DTZ001 - as SQLite stores it, in UTC
WORDS = "A impressora do caixa não imprime o cupom fiscal desde ontem à tarde, e a luz continua piscando."
STATUSES = ["awaiting_approval", "waiting", "waiting", "in_service", "in_service", *(["finished"] * 45)]

Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Past:
    """So many old tickets; `at` says when each was opened."""

    tickets: int

    @property
    def people(self) -> int:
        """How many have opened tickets."""
        return max(self.tickets // EACH, scene.PEOPLE)

    def at(self, index: int) -> str:
        return (NOW - YEAR * (self.tickets - index) / self.tickets).isoformat(" ", "microseconds")

    def requester(self, index: int) -> int:
        return FIRST + index % self.people

    def colleague(self, index: int) -> int:
        return FIRST + self.people + index % self.people


def _digest(kind: str, index: int) -> str:
    """As good as random, so that indexes grow everywhere."""
    return hashlib.sha256(f"{kind}{index}".encode()).hexdigest()


def _persons(past: Past) -> Iterator[tuple[int, str, str]]:
    """Id, name, address."""
    yield APPROVER, "Maria", scene.MARIA
    yield AGENT, "Ana Lima", scene.ANA
    for index in range(past.people):
        yield FIRST + index, f"Pessoa {index}", f"pessoa{index}@cliente.example"
    for index in range(past.people):
        yield FIRST + past.people + index, "", f"colega{index}@cliente.example"


def people(past: Past) -> Rows:
    return ((number, name, email, "", past.at(0)) for number, name, email in _persons(past))


def addresses(past: Past) -> Rows:
    return ((email, number, 1, 0) for number, _, email in _persons(past))


def tickets(past: Past) -> Rows:
    for i in range(past.tickets):
        at, status = past.at(i), STATUSES[i % 50]
        assignee, finished = (None if status == "waiting" else AGENT), (at if status == "finished" else None)
        people_ = (past.requester(i), assignee)
        yield (i + 1, "suporte", f"Impressora {i} parada", WORDS, status, *people_, at, at, finished, "", 1, 1, 0)


def followers(past: Past) -> Rows:
    return ((i + 1, past.colleague(i), past.at(i), 0) for i in range(past.tickets))


def inbox(past: Past) -> Rows:
    rcpt = f'["{scene.QUEUE}"]'
    for i in range(past.tickets):
        at, sender = past.at(i), f"pessoa{i % past.people}@cliente.example"
        came = ("smtp", at, sender, rcpt, "127.0.0.1", "mx", "", "", 2048, _digest("raw", i), 0)
        became = ("done", 0, 0, "opened", "chamado novo", i + 1, f"<old{i}@cliente.example>")
        yield (i + 1, *came, *became, _digest("twin", i), _digest("content", i), 2, at, at)


def entries(past: Past) -> Rows:
    for i in range(past.tickets):
        at, who, first = past.at(i), past.requester(i), ENTRIES * i + 1
        yield first, i + 1, at, "opened", who, WORDS, "", "", 0, 0, None, "waiting", i + 1
        yield first + 1, i + 1, at, "comment", AGENT, WORDS, "", "", 0, 0, None, None, None
        yield first + 2, i + 1, at, "comment", who, WORDS, "", "", 0, 0, None, None, None


def _rounds(past: Past) -> Iterator[tuple[int, str, int | None, str | None]]:
    """Ticket, when it was opened, its result, and when that came; a ticket has one or none."""
    for i in range(past.tickets):
        if (status := STATUSES[i % 50]) in ("awaiting_approval", "finished"):
            done = status == "finished"
            yield i + 1, past.at(i), 1 if done else None, past.at(i) if done else None


def rounds(past: Past) -> Rows:
    return ((n, n, 1, "one", at, AGENT, 0, result, closed, 0) for n, at, result, closed in _rounds(past))


def seats(past: Past) -> Rows:
    return (
        (n, APPROVER, vote, at, "", APPROVER if vote else None, 0, None if vote else n)
        for n, _, vote, at in _rounds(past)
    )


def keys(past: Past) -> Rows:
    for i in range(past.tickets):
        colleague = past.colleague(i)
        uses = ((past.requester(i), "talk"), (colleague, "talk"), (colleague, "leave"), (AGENT, "talk"))
        for offset, (person, purpose) in enumerate(uses):
            yield KEYS * i + offset + 1, person, i + 1, purpose, "live", ""


def outbox(past: Past) -> Rows:
    for i in range(past.tickets):
        at, readers = past.at(i), (past.requester(i), past.colleague(i), AGENT)
        for offset, person in enumerate(readers):
            number = MAILS * i + offset + 1
            about = ("ticket_opened", "Chamado aberto", f"<t{i + 1}.{_digest('out', number)[:20]}@aurora.example>")
            to = f"leitor{person}@cliente.example"
            yield (
                number,
                i + 1,
                i + 1,
                person,
                to,
                "suporte@aurora.example",
                *about,
                at,
                "delivered",
                "",
                1,
                at,
                at,
                at,
            )


def counters(past: Past) -> Rows:
    count = past.tickets
    yield from {
        "people": FIRST + 2 * past.people,
        "tickets": count,
        "entries": ENTRIES * count,
        "keys": KEYS * count,
        "outbox": MAILS * count,
        "rounds": count,
    }.items()


#: Every table, its columns, and what makes its rows.
TABLES = (
    ("people", "id name email language created_at", people),
    ("addresses", "email person_id once_aligned bounces", addresses),
    (
        "tickets",
        "number queue subject description status requester_id assignee_id opened_at updated_at finished_at priority"
        " proven touched subject_derived",
        tickets,
    ),
    ("followers", "ticket person_id joined_at held", followers),
    (
        "inbox",
        "id source received_at mail_from rcpt_to peer helo login mailbox size sha256 blob state alone attempts outcome"
        " reason ticket message_id twin_key content_key evidence done_at gone_at",
        inbox,
    ),
    (
        "entries",
        "id ticket at kind author_id text html cut internal unverified from_status to_status inbox_id",
        entries,
    ),
    ("rounds", "id ticket number rule opened_at solution_by acceptance result closed_at void", rounds),
    ("seats", "round_id person_id vote at reason voter_id stands_in open_on", seats),
    ("keys", "id person_id ticket purpose state about", keys),
    (
        "outbox",
        '"id" ticket inbox_id person_id "to" mail_from notice subject message_id created_at state reason attempts'
        " due_at done_at gone_at",
        outbox,
    ),
    ("counters", "name value", counters),
)


def fill(file: Path, count: int) -> None:
    """Write so many tickets, then the indexes; nothing is durable before the end."""
    past = Past(count)
    with contextlib.closing(sqlite3.connect(file)) as database:
        for pragma in ("synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF"):
            database.execute(f"PRAGMA {pragma}")
        indexes = database.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND sql NOT NULL").fetchall()
        with database:
            for name, _ in indexes:
                database.execute(f'DROP INDEX "{name}"')
            for table, names, rows in TABLES:
                began, columns = time.monotonic(), names.split()
                marks = ", ".join("?" * len(columns))
                database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows(past))
                print(f"  {table}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
            for _, sql in indexes:
                database.execute(sql)
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    said = parser.parse_args()
    fill(said.database, said.tickets)
