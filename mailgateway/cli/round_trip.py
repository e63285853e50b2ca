"""A mail to ourselves: out by the smart host and back by whatever brings our mail, as far as that can be seen here."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from mailgateway import app
from mailgateway.config import Settings
from mailgateway.core.errors import Temporary
from mailgateway.mail.compose import Outgoing, compose
from mailgateway.mail.parse import parse
from mailgateway.steps.context import Gateway
from mailgateway.store import inbox

LOOK = 0.5  # seconds between two looks


@dataclass(frozen=True, slots=True)
class Back:
    """How the mail came back."""

    sent_to: str
    seconds: float
    plus_kept: bool
    id_kept: bool


def travel(settings: Settings, seconds: int) -> Back:
    """Send the mail and wait for it. It says that a machine wrote it, so it opens no ticket. Raises `GatewayError`."""
    gateway = app.open_gateway(settings)
    queue = gateway.house.queues[0]
    token = secrets.token_hex(8)
    local, _, domain = queue.email.partition("@")
    to, message_id = f"{local}+check-{token}@{domain}", f"<check.{token}@{settings.gateway.domain}>"
    newest = _newest(gateway)
    sender, began = app.open_sender(settings), time.monotonic()
    sender.send(queue.email, to, _letter(gateway.desk_name(queue), queue.email, to, message_id))
    sender.close()
    while time.monotonic() - began < seconds:
        if raw := _arrived(gateway, newest, token):
            head, _, _ = raw.partition(b"\r\n\r\n")
            plus = to.encode() in head or any(to in e for e in _recipients(gateway, newest))
            return Back(to, time.monotonic() - began, plus, parse(raw).message_id == message_id)
        time.sleep(LOOK)
    raise Temporary(f"the mail to {to} left and was not back after {seconds} s; it may still come")


def _letter(name: str, email: str, to: str, message_id: str) -> bytes:
    text = f"This mail tests the way from mailgateway to itself. Nobody needs to do anything.\n{message_id}\n"
    return compose(
        Outgoing(
            from_name=name,
            from_email=email,
            to_name="",
            to_email=to,
            reply_to="",
            subject="mailgateway check",
            text=text,
            html="",
            date=app.now(),
            message_id=message_id,
        )
    )


def _newest(gateway: Gateway) -> int:
    with gateway.database.read() as connection:
        rows = inbox.page(connection, limit=1, after=None, newest_first=True)
    return rows[0].id if rows else 0


def _arrived(gateway: Gateway, after: int, token: str) -> bytes:
    """The mail, once it is in the inbox, whoever took it in; mailboxes are looked into here, too."""
    app.fetch(gateway)
    with gateway.database.read() as connection:
        for row in inbox.page(connection, limit=None, after=after, newest_first=False):
            raw = inbox.raw(connection, row.id, gateway.blobs)
            if token.encode() in raw:
                return raw
    return b""


def _recipients(gateway: Gateway, after: int) -> set[str]:
    with gateway.database.read() as connection:
        return {a for row in inbox.page(connection, limit=None, after=after, newest_first=False) for a in row.rcpt_to}
