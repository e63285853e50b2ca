"""All tables on one page. A change here needs a migration beside it; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: 64 bits on PostgreSQL; SQLite numbers rows by itself only where the type is exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. A naive datetime is refused: SQLite would store it as it stands and nobody would notice."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True, autoincrement=True)


def _ticket(**kw: Any) -> Column[int]:
    return Column("ticket", Id, ForeignKey("tickets.number"), **kw)


#: The next number of each table whose ids the decider gives out itself, so that a mail can be written, with its keys in
#: it, before its rows are. Numbers increase and are never used again; gaps are allowed.
counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Id, nullable=False),
)

_QUARANTINED = text("outcome = 'quarantined'")
_KEPT = text("gone_at IS NULL")
_OPEN = text("open_on IS NOT NULL")

inbox = Table(
    "inbox",
    metadata,
    _id(),
    Column("source", String(80), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("mail_from", Text),  # null = unknown, "" = the null sender
    Column("rcpt_to", JSON, nullable=False),
    Column("peer", String(64), nullable=False),
    Column("helo", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blob", Boolean, nullable=False),  # the raw bytes lie in the blob store, else in inbox_raw
    # waiting, claimed or done; `alone`: was in a batch that failed, so it is run by itself from now on
    Column("state", String(8), nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_by", String(80)),
    Column("claimed_until", Moment),
    Column("outcome", String(12)),
    Column("reason", Text),
    Column("ticket", Id),
    Column("message_id", Text),
    Column("twin_key", String(64)),  # keyed digest that two copies of one mail share
    Column("content_key", String(64)),  # keyed digest of its new text and evidence
    Column("evidence", Integer),  # how well it was proven, see core.access.Evidence
    Column("done_at", Moment),
    Column("gone_at", Moment),  # when its bytes went, by retention or erasure
    Index("ix_inbox_state_alone_id", "state", "alone", "id"),
    Index("ix_inbox_message_id", "message_id"),
    Index("ix_inbox_twin_key", "twin_key"),
    Index("ix_inbox_kept", "received_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
    Index("ix_inbox_blob", "sha256", sqlite_where=text("blob = 1"), postgresql_where=text("blob")),
    Index("ix_inbox_quarantined", "done_at", sqlite_where=_QUARANTINED, postgresql_where=_QUARANTINED),
    sqlite_autoincrement=True,
)

inbox_raw = Table(
    "inbox_raw",
    metadata,
    Column("inbox_id", Id, ForeignKey("inbox.id"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

mailbox_uids = Table(
    "mailbox_uids",
    metadata,
    Column("mailbox", String(80), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("inbox_id", Id, ForeignKey("inbox.id"), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", String(8), nullable=False),
    Column("created_at", Moment, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("email", Text, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("once_aligned", Boolean, nullable=False),
    Column("bounces", Integer, nullable=False),  # permanent ones in a row
)

tickets = Table(
    "tickets",
    metadata,
    Column("number", Id, primary_key=True, autoincrement=False),
    Column("queue", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("requester_id", Id, ForeignKey("people.id")),
    Column("assignee_id", Id, ForeignKey("people.id")),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("pause_reason", Text),
    Column("pause_for_requester", Boolean),
    Column("pause_until", Moment),
    Column("rating_score", Integer),
    Column("rating_comment", Text),
    Column("rating_at", Moment),
    Column("priority", String(32), nullable=False),
    Column("proven", Boolean, nullable=False),
    Column("touched", Boolean, nullable=False),
    Column("subject_derived", Boolean, nullable=False),
    Index("ix_tickets_queue_number", "queue", "number"),
    Index("ix_tickets_queue_status_number", "queue", "status", "number"),
    Index("ix_tickets_status_number", "status", "number"),
    Index("ix_tickets_requester_id_number", "requester_id", "number"),
    Index("ix_tickets_requester_id_status_number", "requester_id", "status", "number"),
    Index("ix_tickets_assignee_id_number", "assignee_id", "number"),
    Index("ix_tickets_pause_until", "pause_until"),
    Index("ix_tickets_finished_at", "finished_at"),
)

ticket_queues = Table(
    "ticket_queues",
    metadata,
    _ticket(primary_key=True),
    Column("queue", String(32), primary_key=True),
    Index("ix_ticket_queues_queue_ticket", "queue", "ticket"),
)

followers = Table(
    "followers",
    metadata,
    _ticket(primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True),
    Column("joined_at", Moment, nullable=False),
    Column("held", Boolean, nullable=False),
    Index("ix_followers_person_id_ticket", "person_id", "ticket"),
)

named = Table(
    "named",
    metadata,
    _ticket(primary_key=True),
    Column("email", Text, primary_key=True),
)

links = Table(
    "links",
    metadata,
    _ticket(primary_key=True),
    Column("other", Id, ForeignKey("tickets.number"), primary_key=True),
    Column("kind", String(20), primary_key=True),
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    _ticket(nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("author_id", Id, ForeignKey("people.id")),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("cut", Text, nullable=False),
    Column("internal", Boolean, nullable=False),
    Column("unverified", Boolean, nullable=False),
    Column("from_status", String(20)),
    Column("to_status", String(20)),
    Column("inbox_id", Id, ForeignKey("inbox.id")),
    Index("ix_entries_ticket_id", "ticket", "id"),
)

evidence = Table(
    "evidence",
    metadata,
    _id(),
    _ticket(nullable=False, index=True),
    Column("entry_id", Id, ForeignKey("entries.id"), nullable=False),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("content_id", Text, nullable=False),
    Column("inline", Boolean, nullable=False),
)

rounds = Table(
    "rounds",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    _ticket(nullable=False),
    Column("number", Integer, nullable=False),
    Column("rule", String(10), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("solution_by", Id, ForeignKey("people.id")),
    Column("acceptance", Boolean, nullable=False),
    Column("result", Boolean),
    Column("closed_at", Moment),
    Column("void", Boolean, nullable=False),
    UniqueConstraint("ticket", "number"),
)

seats = Table(
    "seats",
    metadata,
    Column("round_id", Id, ForeignKey("rounds.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id"), primary_key=True, index=True),
    Column("vote", Boolean),
    Column("at", Moment),
    Column("reason", Text, nullable=False),
    Column("voter_id", Id, ForeignKey("people.id")),
    Column("delegate_id", Id, ForeignKey("people.id"), index=True),
    Column("delegate_until", Moment),
    Column("stands_in", Boolean, nullable=False, server_default=false()),  # the substitute: votes for who is silent
    Column("open_on", Id, ForeignKey("tickets.number")),  # the ticket that waits for this vote, if it still does
    Index("ix_seats_open", "person_id", "open_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_seats_open_to_delegate", "delegate_id", "open_on", sqlite_where=_OPEN, postgresql_where=_OPEN),
)

#: Who decides for somebody else, from when until when.
delegations = Table(
    "delegations",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    Column("delegate_id", Id, ForeignKey("people.id"), nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

#: Decisions and other acts that are held until their author says that it was he.
questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False, index=True),
    _ticket(nullable=False, index=True),
    Column("round_id", Id, ForeignKey("rounds.id")),
    Column("key_id", Id, ForeignKey("keys.id"), nullable=False),
    Column("act", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("why", String(20), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("state", String(10), nullable=False),
)

#: What time has brought about once and must not again: reminders, warnings, a substitute asked.
milestones = Table(
    "milestones",
    metadata,
    _ticket(primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("at", Moment, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id"), nullable=False),
    Column("ticket", Id, ForeignKey("tickets.number")),
    Column("purpose", String(10), nullable=False),
    Column("round_id", Id, ForeignKey("rounds.id")),
    Column("expires_at", Moment),
    Column("state", String(8), nullable=False),
    Column("about", Text, nullable=False, server_default=text("''")),  # see core.keys.Key
    Index("ix_keys_ticket", "ticket"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("ticket", Id, ForeignKey("tickets.number"), index=True),
    Column("inbox_id", Id, ForeignKey("inbox.id"), index=True),  # the mail that caused it
    Column("person_id", Id, ForeignKey("people.id")),
    Column("to", Text, nullable=False),
    Column("mail_from", Text, nullable=False),
    Column("notice", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("claimed_by", String(80)),
    Column("claimed_until", Moment),
    Column("done_at", Moment),
    Column("digest", Boolean, nullable=False, server_default=false()),  # withheld until the next digest carries it
    Column("gone_at", Moment),  # when its bytes went, by retention or erasure
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_kept", "created_at", sqlite_where=_KEPT, postgresql_where=_KEPT),
    Index("ix_outbox_digest", "created_at", sqlite_where=text("digest"), postgresql_where=text("digest")),
)

outbox_raw = Table(
    "outbox_raw",
    metadata,
    Column("outbox_id", Id, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("raw", LargeBinary, nullable=False),
)

#: How many answers an address, a person or a ticket has had in the window that began at `since`.
purses = Table(
    "purses",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("purse", String(16), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("spent", Integer, nullable=False),
)

#: The FAQ. Beside it lies `faq_search`, its index, which each database makes in its own way: see store/search.py.
faq = Table(
    "faq",
    metadata,
    Column("number", Id, primary_key=True, autoincrement=True),
    Column("id", String(80), nullable=False),
    Column("language", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # Markdown
    Column("keywords", JSON, nullable=False),
    Column("queue", String(32), nullable=False),  # "" = for all
    Column("updated_at", Moment, nullable=False),
    Column("deflections", Integer, nullable=False),  # how often it closed a ticket
    UniqueConstraint("id", "language"),
    sqlite_autoincrement=True,
)

#: Who read, exported or removed what, when and from where. Only grows: each database refuses to change or delete a row.
accesses = Table(
    "accesses",
    metadata,
    _id(),
    Column("at", Moment, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(32), nullable=False),
    Column("about", Text, nullable=False),  # by number, never by name or address: it outlives an erasure
    Column("source", String(80), nullable=False),
    Index("ix_accesses_action_at", "action", "at"),
    sqlite_autoincrement=True,
)
