"""Once more, because somebody says so: a quarantined mail is processed, a mail that was not sent is due."""

from __future__ import annotations

from datetime import datetime

from mailgateway.steps.context import Gateway
from mailgateway.store import inbox, outbox


def process_again(gateway: Gateway, item: int) -> None:
    """Let a quarantined mail wait again. Raises `NotFound`."""
    with gateway.database.write() as connection:
        inbox.retry(connection, item)


def send_again(gateway: Gateway, item: int, now: datetime) -> None:
    """Let a mail that failed, waits or was withheld be due now. Raises `NotFound`."""
    with gateway.database.write() as connection:
        outbox.retry(connection, item, now)
