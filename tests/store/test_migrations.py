"""Migrations: they make what tables.py says, and bring an older database up to date with what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from mailgateway import resources
from mailgateway.core.articles import Article
from mailgateway.store import faq, tables
from mailgateway.store.db import Database

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    database.create()
    yield database
    database.close()


def to(database: Database, what: Any, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.migrations_dir()))
    with database.engine.connect() as connection, connection.execution_options(writes=True).begin():
        config.attributes["connection"] = connection
        what(config, version)


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """The index of the FAQ is made by each database in its own way."""
    return kind != "table" or not (name or "").startswith(("faq_search", "faq_terms"))


def test_migrations_make_what_the_tables_say(database: Database) -> None:
    database.migrate()
    with database.read() as connection:
        options = {"include_name": ours, "compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []


def test_the_first_version_is_brought_up_to_date_with_its_data(database: Database) -> None:
    to(database, command.upgrade, "0001")
    row = {"id": 7, "name": "Ana", "email": "ana@aurora.example", "language": "pt-BR", "created_at": NOW}
    with database.write() as connection:
        connection.execute(tables.people.insert().values(**row))
    assert (database.version(), database.current()) == ("0001", False)
    database.migrate()
    assert database.current()
    with database.write() as connection:
        assert connection.execute(select(tables.people)).mappings().all() == [row]
        faq.keep(connection, [Article("a", "en", "Printer", "Toner")], NOW, prune=False)
        assert [m.id for m in faq.search(connection, "toner", "en")] == ["a"]


def test_seats_that_wait_are_listed_after_an_upgrade(database: Database) -> None:
    """Maria was asked twice on ticket 1 and voted in neither; only the second round is open. On ticket 2 she voted."""
    to(database, command.upgrade, "0008")
    with database.write() as connection:
        insert = "INSERT INTO people VALUES (7, 'Maria', 'maria@cliente.example', 'pt-BR', '2026-03-10 12:00:00')"
        connection.execute(text(insert))
        for number in (1, 2):
            columns = "number, queue, subject, description, status, opened_at, updated_at, priority, proven, touched,"
            values = f"{number}, 'suporte', 's', 'd', 'awaiting_approval', :now, :now, '', :yes, :yes, :yes"
            statement = f"INSERT INTO tickets ({columns} subject_derived) VALUES ({values})"
            connection.execute(text(statement), {"now": NOW.replace(tzinfo=None), "yes": True})
        for round_id, ticket, number, void, vote in (
            (1, 1, 1, True, None),
            (2, 1, 2, False, None),
            (3, 2, 1, False, True),
        ):
            statement = "INSERT INTO rounds (id, ticket, number, rule, opened_at, acceptance, void)"
            row = {"r": round_id, "t": ticket, "n": number, "now": NOW.replace(tzinfo=None), "void": void, "vote": vote}
            connection.execute(text(f"{statement} VALUES (:r, :t, :n, 'all', :now, :no, :void)"), {**row, "no": False})
            statement = "INSERT INTO seats (round_id, person_id, vote, reason) VALUES (:r, 7, :vote, '')"
            connection.execute(text(statement), row)
    database.migrate()
    with database.read() as connection:
        found = select(tables.seats.c.round_id, tables.seats.c.open_on).order_by(tables.seats.c.round_id)
        assert connection.execute(found).all() == [(1, None), (2, 1), (3, None)]


def test_many_who_upgrade_at_once_do_it_once(database: Database) -> None:
    to(database, command.upgrade, "0001")
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(Database.migrate, others))
    for other in others:
        other.close()
    assert database.current()


def test_the_newest_file_is_the_newest_version(database: Database) -> None:
    database.migrate()
    files = sorted((resources.migrations_dir() / "versions").glob("[0-9]*.py"))
    assert database.version() == files[-1].name[:4]


def test_the_faq_can_be_taken_back(database: Database) -> None:
    database.migrate()
    to(database, command.downgrade, "0001")
    left = {name for name in inspect(database.engine).get_table_names() if name.startswith("faq")}
    assert left == set()
    database.migrate()
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM faq_search")).scalar() == 0
