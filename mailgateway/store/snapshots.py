"""The whole database as one file, as it was at one moment while others go on writing, and back.

SQLite has its online backup, PostgreSQL `pg_dump` and `pg_restore`, which must be installed beside us.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, text

from mailgateway.core.errors import Misconfigured, Refused, Temporary
from mailgateway.store.blobs import sync_folder
from mailgateway.store.db import Database


@contextlib.contextmanager
def dump(database: Database, target: Path) -> Iterator[Connection]:
    """Write the database into a file that is not there yet; the connection sees exactly what the file holds."""
    if database.path is None:
        with _dump_postgresql(database, target) as connection:
            yield connection
        return
    target.touch(mode=0o600)
    with contextlib.closing(sqlite3.connect(target)) as copy, database.read() as connection:
        driver = cast(sqlite3.Connection, connection.connection.driver_connection)
        driver.backup(copy)  # in one step: a transaction that only reads, so nobody has to wait for us
    with contextlib.closing(Database(f"sqlite:///{target}")) as copied, copied.read() as connection:
        yield connection
    _sync(target)


@contextlib.contextmanager
def load(database: Database, source: Path) -> Iterator[Database]:
    """Put a dump in the place of a database that is not there yet.

    The block gets it before anybody else sees it, to set right what the time between has changed.
    """
    if database.path is None:
        _client(database, "pg_restore", "--no-owner", "--single-transaction", "--exit-on-error", str(source))
        yield database
        return
    database.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(f"{database.path}.restoring")
    for left in new.parent.glob(f"{new.name}*"):  # by a restore that died: its journal must not change the new copy
        left.unlink()
    shutil.copyfile(source, new)
    new.chmod(0o600)
    with contextlib.closing(Database(f"sqlite:///{new}")) as restored:
        yield restored
    Path(f"{new}.writer").unlink(missing_ok=True)
    _sync(new)
    new.rename(database.path)
    sync_folder(database.path.parent)


def must_be_vacant(database: Database) -> None:
    """Raise `Refused` where there is a database already: nothing is ever overwritten."""
    if database.path is None:
        if database.version() is not None:
            raise Refused(f"there are tables in {database.shown} already; nothing was changed. Name an empty database")
        return
    for path in (database.path, *(Path(f"{database.path}{end}") for end in ("-wal", "-shm"))):
        if path.exists():
            raise Refused(f"{path} is there already; nothing was changed. Move it away first")


@contextlib.contextmanager
def _dump_postgresql(database: Database, target: Path) -> Iterator[Connection]:
    """What `pg_dump` writes and what we read are one picture: it takes over the snapshot of our transaction."""
    with database.read() as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _client(database, "pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
        target.chmod(0o600)
        yield connection


def _client(database: Database, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs on our database; the password is in its environment, where nobody sees it."""
    with database.read() as connection:
        driver = connection.connection.driver_connection
        info = driver.info  # type: ignore[union-attr]
        where = {"PGHOST": info.host, "PGPORT": str(info.port), "PGUSER": info.user, "PGPASSWORD": info.password or ""}
        name = info.dbname
    command = (program, f"--dbname={name}", *arguments)
    try:
        subprocess.run(command, env=os.environ | where, check=True, capture_output=True, text=True)  # noqa: S603 - no shell
    except FileNotFoundError:
        raise Misconfigured(f"{program} is not installed; it comes with PostgreSQL's client programs") from None
    except subprocess.CalledProcessError as error:
        raise Temporary(f"{program} failed: {error.stderr.strip() or error.returncode}") from None


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
