"""How many mails of a kind an address, a person, a ticket or the whole gateway has had lately."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from mailgateway.core.budget import Purse
from mailgateway.store.tables import purses


def load(connection: Connection, owners: Collection[str]) -> dict[tuple[str, str], Purse]:
    """All purses of these owners, by owner and name."""
    stored = connection.execute(select(purses).where(purses.c.owner.in_(owners)))
    return {(r.owner, r.purse): Purse(r.since, r.spent) for r in stored}
