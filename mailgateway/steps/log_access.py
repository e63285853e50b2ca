"""One more line in the log of who read what: written before it is shown, so that nobody reads unseen."""

from __future__ import annotations

from datetime import datetime

from mailgateway.steps.context import Gateway
from mailgateway.store import accesses
from mailgateway.store.accesses import By


def log_access(gateway: Gateway, by: By, action: str, about: str, now: datetime) -> None:
    """Log it, durably."""
    with gateway.database.write() as connection:
        accesses.add(connection, by, action, about, now)
