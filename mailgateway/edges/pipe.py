"""Mail that another program hands in (a mail server's pipe, `receive` by hand): whom it is from and for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mailgateway.core.errors import Refused
from mailgateway.core.messages import Envelope, Mail
from mailgateway.core.queues import House
from mailgateway.mail.addresses import normal
from mailgateway.mail.parse import Limits, parse

_HEAD = 262_144  # bytes in which the header must end to be read here
_NULL = ("", "<>")


@dataclass(frozen=True, slots=True)
class Stated:
    """What the caller says by options. `mail_from` None: nothing, "" or "<>": the null sender (RFC 5321 4.5.5)."""

    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()


def envelope(raw: bytes, stated: Stated, house: House) -> Envelope:
    """The envelope of a mail: as stated, else as its header has it. Raises `Refused` where it is not for us."""
    head = _head(raw) if stated.mail_from is None or not stated.rcpt_to else Mail()
    sender = stated.mail_from if stated.mail_from is not None else _return_path(head)
    return Envelope(source="pipe", mail_from=_plain(sender), rcpt_to=recipients(head, stated.rcpt_to, house))


def recipients(head: Mail, stated: Sequence[str], house: House) -> tuple[str, ...]:
    """Addresses of ours that the mail is for. Raises `Refused`."""
    asked = [_bare(a) for a in stated]
    if strange := [a for a in asked if not house.ours(a)]:
        raise Refused(f"unknown recipient {strange[0]}: no [[queues]] has that address; nothing was kept")
    shown = (*head.delivered_to, *(m.email for m in (*head.to, *head.cc)))
    found = asked or [a for a in shown if house.ours(a)]
    if not found:
        raise Refused("unknown recipient: none of our addresses stands in the mail; name one by --rcpt-to")
    return tuple(dict.fromkeys(found))


def _head(raw: bytes) -> Mail:
    """The header alone, read."""
    start = raw[:_HEAD]
    ends = [at for mark in (b"\r\n\r\n", b"\n\n") if (at := start.find(mark)) >= 0]
    return parse(start[: min(ends)] + b"\r\n\r\n" if ends else start, Limits())


def _return_path(head: Mail) -> str | None:
    paths = head.all_headers("return-path")
    return paths[0].strip() if paths else None


def _plain(sender: str | None) -> str | None:
    if sender is None or sender.strip() in _NULL:
        return sender if sender is None else ""
    return _bare(sender)


def _bare(address: str) -> str:
    """An address without angle brackets, in normal form where it has one."""
    address = address.strip().removeprefix("<").removesuffix(">")
    return normal(address) or address.lower()
