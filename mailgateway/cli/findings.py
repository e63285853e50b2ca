"""What `check` finds out, one function a subject; each tries the real thing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mailgateway import app
from mailgateway.cli import house, round_trip
from mailgateway.config import ImapMailbox, Settings
from mailgateway.core.errors import GatewayError
from mailgateway.edges import dns
from mailgateway.edges.imap_mailbox import Mailbox
from mailgateway.edges.oauth2 import Tokens
from mailgateway.mail.proofs import LookupFailed
from mailgateway.mail.samples import samples
from mailgateway.mail.templates import LANGUAGES
from mailgateway.store.blobs import Blobs

DISTINCT = 12  # different characters that a random secret of 32 has


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `verdict` is `ok`, `warn` or `fail`; `cure` says what to do."""

    check: str
    verdict: str
    text: str
    cure: str = ""


def all_of(settings: Settings, path: Path | None, seconds: int | None) -> Iterator[Finding]:
    """Everything, in the order in which things have to work."""
    yield Finding("configuration", "ok", f"{path} is well-formed")
    yield from _secret(settings, path)
    yield from _house(settings)
    yield from _tried("database", lambda: _database(settings), "see gateway.database")
    yield from _tried("blobs", lambda: _blobs(settings), "see gateway.blobs; the folder must be writable")
    yield from _tried("templates", lambda: _templates(settings), "mend that file in gateway.templates")
    yield from _tried("listener", lambda: _listener(settings), "see smtp_listener.host and port")
    for mailbox in settings.imap:
        yield from _tried(f"imap {mailbox.name}", partial(_imap, mailbox), "see that [[imap]]")
    sends = list(_tried("smart host", lambda: _smart_host(settings), "see [smtp_sender]"))
    yield from sends
    if sends[0].verdict == "ok":
        yield from _round_trip(settings, seconds)
    yield from _dns(settings)


def _tried(check: str, attempt: Callable[[], str], cure: str) -> Iterator[Finding]:
    """What an attempt says, or why it failed."""
    try:
        yield Finding(check, "ok", attempt())
    except Exception as error:  # whatever it is, it is what the operator wants to know
        yield Finding(check, "fail", " ".join(str(error).split()) or type(error).__name__, cure)


def _secret(settings: Settings, path: Path | None) -> Iterator[Finding]:
    poor = [s for s in settings.secrets if len(set(s)) < DISTINCT]
    if poor:
        cure = "`mailgateway init` makes a random one; put it first and keep the old one behind it"
        yield Finding("secret", "fail", f"{len(poor)} of {len(settings.secrets)} can be guessed", cure)
    else:
        yield Finding("secret", "ok", f"{len(settings.secrets)} in use, long and mixed")
    if path and path.stat().st_mode & 0o044:
        yield Finding("secret", "warn", f"{path} can be read by others on this host", f"chmod 600 {path}")


def _house(settings: Settings) -> Iterator[Finding]:
    found = list(house.problems(settings))
    for who, problem in found:
        yield Finding("people", "warn", f"{who}: {problem}")
    if not found:
        yield Finding("people", "ok", f"queues: {len(settings.queues)}, agents: {len(settings.agents)}")


def _database(settings: Settings) -> str:
    gateway = app.open_gateway(settings)
    with gateway.database.write():
        pass
    said = f"{gateway.database.shown}, version {gateway.database.version()}, can be written"
    gateway.database.close()
    return said


def _blobs(settings: Settings) -> str:
    blobs = Blobs(settings.gateway.blobs)
    blobs.create()
    draft = blobs.draft()
    draft.write(b"x")
    draft.abort()
    return f"{settings.gateway.blobs} can be written"


def _templates(settings: Settings) -> str:
    templates, count = app.open_templates(settings), 0
    for language in LANGUAGES:
        for name, notice in samples(language).items():
            try:
                templates.render(notice, language)
            except GatewayError:
                raise
            except Exception as error:
                raise RuntimeError(f"mail/{language}/{name.partition('.')[0]}: {error}") from error
            count += 1
    return f"{count} samples in {len(LANGUAGES)} languages are rendered"


def _listener(settings: Settings) -> str:
    said = settings.smtp_listener
    if not said.enabled:
        return "switched off"
    where = f"{said.host}:{said.port}"
    try:
        with socket.create_connection((said.host, said.port or 1), 2.0) as conversation:
            banner = conversation.recv(200).decode(errors="replace").strip()
    except OSError:
        with socket.socket(socket.AF_INET6 if ":" in said.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((said.host, said.port))
        return f"{where} is free"
    if "mailgateway" not in banner:
        raise OSError(f"{where} is taken by another program, which says {banner[:60]!r}")
    return f"{where} answers: the gateway is running"


def _imap(settings: ImapMailbox) -> str:
    mailbox = Mailbox(settings, Tokens(settings.oauth2) if settings.oauth2 else None)
    try:
        _, uids = mailbox.look()
    finally:
        mailbox.close()
    return f"{settings.username} is logged in at {settings.host}; {len(uids)} mails wait in {settings.folder}"


def _smart_host(settings: Settings) -> str:
    sender = app.open_sender(settings)
    try:
        sender.probe()
    finally:
        sender.close()
    said = settings.smtp_sender
    return f"{said.host}:{said.port} takes mail from us"


def _round_trip(settings: Settings, seconds: int | None) -> Iterator[Finding]:
    if seconds is None:
        yield Finding("round trip", "warn", "not tested", "--round-trip 60 sends a mail to ourselves and waits for it")
        return
    cure = "see how mail to our addresses is brought here: forwarding, [[imap]], or the MX record"
    try:
        back = round_trip.travel(settings, seconds)
    except GatewayError as error:
        yield Finding("round trip", "fail", str(error), cure)
        return
    yield Finding("round trip", "ok", f"a mail to {back.sent_to} was back after {back.seconds:.1f} s")
    if back.plus_kept:
        yield Finding("plus address", "ok", "what stands after the plus sign is kept")
    else:
        cure = 'write reply_address = "none" in [[queues]]; decisions are then confirmed by a code'
        yield Finding("plus address", "fail", "what stands after the plus sign was lost on the way", cure)
    if back.id_kept:
        yield Finding("message id", "ok", "our Message-ID is kept")
    else:
        yield Finding("message id", "warn", "the smart host replaces our Message-ID", "replies still find their ticket")


def _dns(settings: Settings) -> Iterator[Finding]:
    domain = settings.gateway.domain
    hints = (
        ("MX", domain, "", "mail to this domain needs one, unless it is fetched by IMAP"),
        ("TXT", domain, "v=spf1", "publish which hosts send for it, or our mails look forged"),
        ("TXT", f"_dmarc.{domain}", "v=DMARC1", "publish one; v=DMARC1; p=none is a beginning"),
    )
    for kind, name, begins, cure in hints:
        what = f"{begins or kind} record of {name}"
        try:
            found = [r for r in dns.lookup(name, kind) if r.lower().startswith(begins.lower())]
        except LookupFailed as error:
            yield Finding("dns", "warn", f"could not be asked: {error}")
            return
        yield Finding("dns", "ok", f"{what}: {found[0]}") if found else Finding("dns", "warn", f"no {what}", cure)
