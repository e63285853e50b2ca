"""The store's own clock: leases are judged by it, so that hosts whose clocks differ agree on who holds what."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, text


def clock(connection: Connection) -> datetime:
    """Now, as the database sees it. SQLite has no clock but its host's."""
    if connection.dialect.name == "sqlite":
        value = connection.execute(text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)
