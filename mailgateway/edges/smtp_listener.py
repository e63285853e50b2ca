"""Mail that comes in by SMTP or LMTP: one raw mail in, `250` only once it is durable."""

from __future__ import annotations

import asyncio
import hmac
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Session
from aiosmtpd.smtp import Envelope as Transaction

from mailgateway.config import SmtpListener
from mailgateway.core.errors import TooLarge
from mailgateway.core.messages import Envelope
from mailgateway.edges.smtp_protocol import Connections, Lmtp, Smtp
from mailgateway.edges.submission import Draft, Submit
from mailgateway.edges.tls import server_context
from mailgateway.steps import journal

Accepts = Callable[[str], bool]

DURABLE_WITHIN = 60.0  # seconds; a client waits ten minutes (RFC 5321 4.5.3.2.6)
OWN_TROUBLE = "451 4.3.0 trouble on our side, nothing was kept, send it again later"

log = logging.getLogger(__name__)
# aiosmtpd names every recipient at INFO, keys of reply addresses included
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Handler:
    """What is answered to the commands of one listener. aiosmtpd finds the methods by their exact names."""

    def __init__(self, settings: SmtpListener, accepts: Accepts, submit: Submit) -> None:
        self._settings = settings
        self._accepts = accepts
        self._submit = submit

    async def handle_HELO(self, server: SMTP, session: Session, transaction: Transaction, name: str) -> str:  # noqa: N802
        """HELO: remember the name."""
        session.host_name = _printable(name)
        return f"250 {server.hostname}"

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, transaction: Transaction, name: str, replies: list[str]
    ) -> list[str]:
        """EHLO and LHLO: remember the name; offer no AUTH where nobody has a login."""
        session.host_name = _printable(name)
        offered = [r for r in replies if self._settings.auth_users or not r.startswith("250-AUTH")]
        return [*offered[:-1], "250-PIPELINING", *offered[-1:]]  # RFC 2033 4 wants it, and commands are read in order

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        """MAIL: any sender will do, the null sender included."""
        if not address.isprintable():  # bytes that are no UTF-8 arrive as surrogates
            return "553 5.1.7 the sender's address is no address"
        transaction.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, transaction: Transaction, address: str, options: list[str]
    ) -> str:
        """RCPT: only addresses of ours, and not too many."""
        if len(transaction.rcpt_tos) >= self._settings.max_recipients:
            return "452 4.5.3 too many recipients, send the rest in another mail"
        if not address.isprintable() or not self._accepts(address):
            return self._refusal(address)
        transaction.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    def _refusal(self, address: str) -> str:
        if self._accepts(f"postmaster@{address.rpartition('@')[2]}"):
            return "550 5.1.1 there is no such address here; check how it is written"
        return "550 5.7.1 this server takes no mail for other domains (relaying denied)"

    async def handle_DATA(self, server: SMTP, session: Session, transaction: Transaction) -> str:  # noqa: N802
        """DATA: hand the mail in and wait, without keeping others waiting, until it is durable."""
        content = cast("bytes | Draft", transaction.content)
        try:
            future = asyncio.wrap_future(self._submit(content, self._envelope(session, transaction)))
            future.add_done_callback(_heard)
            # shield: a client that hangs up or a timeout must not cancel what the writer is about to commit
            item = await asyncio.wait_for(asyncio.shield(future), DURABLE_WITHIN)
        except TooLarge:
            return "552 5.3.4 the mail is larger than is accepted here; send it smaller"
        except TimeoutError:  # it may still become durable: the same mail comes again, as a duplicate
            log.warning("a mail was not durable within %d s", DURABLE_WITHIN)
            return "451 4.3.0 storing the mail took too long, send it again later"
        except asyncio.CancelledError as error:
            if future.cancelled():  # by the writer, which is being stopped
                return await self.handle_exception(error)
            raise
        except Exception as error:  # whatever it is, it is ours, and the client keeps the mail
            return await self.handle_exception(error)
        return f"250 2.0.0 accepted as {item}"

    def _envelope(self, session: Session, transaction: Transaction) -> Envelope:
        sender = transaction.mail_from or ""
        return Envelope(
            source=self._settings.protocol,
            mail_from="" if sender == "<>" else sender,
            rcpt_to=tuple(dict.fromkeys(transaction.rcpt_tos)),
            peer=_host(session),
            helo=session.host_name or "",
            login=session.auth_data or "",
        )

    async def handle_exception(self, error: BaseException) -> str:
        """Whatever went wrong: the client keeps the mail."""
        log.error("a mail or command could not be taken: %s", journal.said(error))
        return OWN_TROUBLE

    def authenticate(
        self, server: SMTP, session: Session, transaction: Transaction, mechanism: str, given: Any
    ) -> AuthResult:
        """AUTH PLAIN and LOGIN: which of the users is it, looked up in constant time."""
        found = ""
        for user in self._settings.auth_users:
            named = hmac.compare_digest(user.username.encode(), given.login)
            proven = hmac.compare_digest(user.password.get_secret_value().encode(), given.password)
            found = user.username if named and proven else found
        if not found:
            log.warning("a login from %s failed", _host(session))
        return AuthResult(success=bool(found), handled=False, auth_data=found)


class Listener:
    """The listening socket and its connections; `start` and `stop` belong to the loop that runs them."""

    def __init__(self, settings: SmtpListener, accepts: Accepts, submit: Submit, draft: Callable[[], Draft]) -> None:
        self._settings = settings
        self._handler = Handler(settings, accepts, submit)
        self._draft = draft
        self._tls = server_context(settings.tls_certificate, settings.tls_key)
        self._hostname = settings.hostname or socket.getfqdn()  # once: it may ask the DNS
        self._connections = Connections(settings.max_connections, settings.max_connections_per_host)
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started; what the system chose where the settings say 0."""
        assert self._server is not None  # noqa: S101 - asked only once it listens
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError where the address is taken."""
        self._connections.closing = False
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, self._settings.host, self._settings.port, backlog=512)

    def _connection(self) -> Smtp:
        speaks = Lmtp if self._settings.protocol == "lmtp" else Smtp
        return speaks(
            self._handler,
            self._connections,
            self._draft,
            require_tls=self._settings.require_tls,
            hostname=self._hostname,
            ident="mailgateway",
            max_size=self._settings.max_size,
            timeout=self._settings.timeout,
            tls_context=self._tls,
            auth_required=self._settings.require_auth,
            authenticator=self._handler.authenticate,
            loop=asyncio.get_running_loop(),
        )

    async def stop(self, grace: float = 10.0) -> None:
        """Accept no more, let mails that are being handed in end within `grace` seconds, hang up."""
        if self._server is None:
            return
        self._server.close()
        self._connections.closing = True
        for connection in self._connections:
            if not connection.busy:
                connection.hang_up("421 4.3.2 the service is being stopped, try again later")
        await self._ended(grace)
        for connection in self._connections:
            connection.abort()
        await self._ended(1.0)
        self._server = None

    async def _ended(self, within: float) -> None:
        if tasks := [c.running() for c in self._connections]:
            await asyncio.wait(tasks, timeout=within)

    @contextmanager
    def in_thread(self) -> Iterator[Listener]:
        """Listen in a thread with a loop of its own, for as long as the block lasts."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="smtp-listener", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            yield self
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(grace=1.0), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


def _heard(future: asyncio.Future[int]) -> None:
    """Its outcome was seen, even if the client that waited for it is gone; else asyncio complains."""
    if not future.cancelled():
        future.exception()


def _host(session: Session) -> str:
    """The client's address; IPv4 as such on a socket that serves both."""
    return str(session.peer[0]).removeprefix("::ffff:") if session.peer else ""


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)
