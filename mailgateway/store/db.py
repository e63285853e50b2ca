"""The database: how it is opened, read, written and brought up to date. Only `write()` commits."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from mailgateway import resources
from mailgateway.core.errors import Misconfigured, Temporary

_DECIDER_LOCK = 7_001  # the advisory lock of the one decider (PostgreSQL)
_MIGRATION_LOCK = 7_002
_PATIENCE = 30.0  # seconds that SQLite waits for whoever has what it wants


class Database:
    """One database, SQLite or PostgreSQL, by its URL.

    On SQLite every writer holds an exclusive lock on `<database>.writer` and begins IMMEDIATE: without the first,
    writers that poll starve each other; without the second, two of them lose each other's updates silently. `path` is
    its file, None for PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.path = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
        self._threads = threading.Lock()
        self.engine = _engine(url, self.path)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading, in one transaction: one consistent picture."""
        with self._trouble_is_temporary(), self.engine.connect() as connection:
            if self.path is None:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def write(self, *, decide: bool = False) -> Iterator[Connection]:
        """A transaction that commits at the end of the block and rolls back on any exception.

        `decide` is for whoever changes tickets: one at a time per database. Raises `Temporary` where the database is
        locked, full or away.
        """
        with self._trouble_is_temporary(), self._writer(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if decide and self.path is None:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _DECIDER_LOCK})
                yield connection

    @contextlib.contextmanager
    def _writer(self) -> Iterator[None]:
        if self.path is None:
            yield
            return
        with self._threads:
            # A descriptor of its own each time: one that a forked child shares would not exclude it.
            try:
                lock = os.open(f"{self.path}.writer", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise Temporary(f"the database cannot be used now: {error}") from error
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)

    @contextlib.contextmanager
    def _trouble_is_temporary(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError, sqlite3.OperationalError) as error:
            cause = getattr(error, "orig", None) or error
            if not _passes(cause):
                raise
            raise Temporary(f"the database cannot be used now: {cause}") from error

    def scrub(self) -> bool:
        """Write SQLite's file anew and empty its log, so that nothing that was deleted can be read from either.

        Whoever writes waits meanwhile. False where it could not be done now: the disk is full, or somebody who reads
        keeps the log from being emptied. PostgreSQL reuses the room of what was deleted in its own time.
        """
        if self.path is None:
            return True
        try:
            with self._writer(), contextlib.closing(self.engine.raw_connection()) as pooled:
                driver = cast(sqlite3.Connection, pooled.driver_connection)
                driver.execute("VACUUM")
                busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except (sqlite3.OperationalError, OSError):
            return False
        return not busy

    def after_fork(self) -> None:
        """In a child: forget the parent's connections without closing them, they are still the parent's."""
        self._threads = threading.Lock()
        self.engine.dispose(close=False)

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def create(self) -> None:
        """Make an empty file where SQLite has none. Nothing else does: where a disk is gone, its file is missed."""
        if self.path and not self.path.exists():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch()

    def migrate(self) -> None:
        """Create the database or bring it up to date, under a lock; nothing is done where it is current."""
        self.create()
        if self.version() != _head():
            with self._writer():
                self._upgrade()

    def answers(self) -> bool:
        """Whether it can be used now."""
        try:
            with self.read() as connection:
                connection.execute(text("SELECT 1"))
        except Temporary:
            return False
        return True

    def current(self) -> bool:
        """Whether there is a database and nothing to bring up to date; creates nothing."""
        return (self.path is None or self.path.exists()) and self.version() == _head()

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return self.engine.url.render_as_string(hide_password=True)

    def version(self) -> str | None:
        """The number of the newest migration that was applied; None for a new database."""
        with self._trouble_is_temporary():
            try:
                with self.engine.connect() as connection, connection.begin():
                    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            except DBAPIError as error:
                if "alembic_version" in str(error.orig):
                    return None  # no such table: a new database
                raise

    def _upgrade(self) -> None:
        from alembic import command  # slow to import, and rarely needed
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(resources.migrations_dir()))
        with self._trouble_is_temporary(), self.engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                if self.path is None:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
                config.attributes["connection"] = connection
                command.upgrade(config, "head")


#: Error codes that have to do with the place and the moment, never with what was to be written. SQLite: BUSY, LOCKED,
#: NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL. PostgreSQL, by class: connection, rollback, resources,
#: object state, operator, system.
_SQLITE_PASSES = frozenset({5, 6, 7, 8, 9, 10, 13, 14, 15})
_POSTGRESQL_PASSES = frozenset({"08", "40", "53", "55", "57", "58"})


def _passes(cause: object) -> bool:
    """Whether the same may succeed later. What one mail's own words provoke would fail tomorrow as well."""
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSES
    state: str | None = getattr(cause, "sqlstate", None)
    return state is None or state[:2] in _POSTGRESQL_PASSES


def _head() -> str:
    """The newest migration, by its file's name: NNNN_what.py."""
    return max(p.name[:4] for p in (resources.migrations_dir() / "versions").glob("[0-9]*.py"))


def _engine(url: str, path: Path | None) -> Engine:
    try:
        if path is None:
            return create_engine(url, pool_pre_ping=True, hide_parameters=True)
        engine = create_engine(url, creator=lambda: _open(path), hide_parameters=True)
    except (SQLAlchemyError, ImportError) as error:
        cure = "write sqlite:///FILE, or postgresql+psycopg://USER@HOST/NAME and install mailgateway[postgres]"
        raise Misconfigured(f"gateway.database cannot be used ({error}); {cure}") from None
    _bind_to_name(engine, path)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None where there is none."""
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _bind_to_name(engine: Engine, path: Path) -> None:
    """Use only connections to the file that bears the name now: what is written into one that was removed is lost."""

    def remember(_driver: object, record: ConnectionPoolEntry) -> None:
        record.info["file"] = _identity(path)

    def compare(_driver: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError  # the pool opens another one

    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", compare)


def _open(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=rw"  # not rwc: see `create`
    return sqlite3.connect(address, uri=True, timeout=_PATIENCE, check_same_thread=False)


#: `secure_delete` writes zeros over what is deleted: retention and erasure mean it.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=4000", "secure_delete=ON")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is below
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
