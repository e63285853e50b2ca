"""What the listener speaks: aiosmtpd with DATA read in bulk, limits that hold, and LMTP's answer per recipient."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

from mailgateway.edges.smtp_data import BareLineEnd, Incoming, TooLong
from mailgateway.edges.submission import Draft

ALL = 1 << 24  # bytes; more than a reader ever holds
LEAST_RATE = 4096  # bytes of a mail in a second; a client that is slower holds a connection that others need
COMMANDS = 4  # times the timeout: how long the commands of one mail may take
COMMAND_LIMIT = 1024  # RFC 5321 4.5.3.1.4 asks for 512 and more with extensions
AUTH_LIMIT = 12288  # RFC 4954 4
CALLS = {"AUTH": 5, "NOOP": 100, "VRFY": 100, "HELP": 100, "*": 100_000}

_SIMPLE_PATH = re.compile(r"<([^\s<>\"(),:;@\\\[\]]+@[^\s<>\"(),:;@\\\[\]]+)>(.*)")
_SIZE = re.compile(r"\sSIZE=(\d{1,20})\b", re.IGNORECASE)
_AUTH = re.compile(r"\sAUTH=\S+", re.IGNORECASE)


class Connections:
    """Who is connected at this moment; who comes in excess of the limits is told to come back."""

    def __init__(self, limit: int, limit_per_host: int) -> None:
        self.limit = limit
        self.limit_per_host = limit_per_host
        self.closing = False
        self._hosts: dict[Smtp, str] = {}

    def __iter__(self) -> Iterator[Smtp]:
        return iter(tuple(self._hosts))

    def add(self, connection: Smtp, host: str) -> None:
        """Count one more."""
        self._hosts[connection] = host

    def remove(self, connection: Smtp) -> None:
        """Count one less; harmless when said twice."""
        self._hosts.pop(connection, None)

    def refusal(self, connection: Smtp) -> str:
        """Why this connection, already counted, is one too many; "" where it is not."""
        if self.closing:
            return "421 4.3.2 the service is being stopped, try again later"
        if len(self._hosts) > self.limit:
            return "421 4.7.0 too many connections, try again later"
        host = self._hosts.get(connection)
        if sum(other == host for other in self._hosts.values()) > self.limit_per_host:
            return "421 4.7.0 too many connections from your host, try again later"
        return ""


class Smtp(SMTP):
    """One SMTP connection."""

    line_length_limit = 2**16  # no limit for lines (real HTML mail has long ones): how much is read at a time

    def __init__(
        self,
        handler: Any,
        connections: Connections,
        draft: Callable[[], Draft],
        *,
        max_size: int,
        require_tls: bool,
        **settings: Any,
    ) -> None:
        super().__init__(handler, data_size_limit=max_size, command_call_limit=CALLS, enable_SMTPUTF8=True, **settings)
        # aiosmtpd keeps these on the class and clears them for all with each new connection
        self.command_size_limits = defaultdict(lambda: COMMAND_LIMIT, AUTH=AUTH_LIMIT)
        self.command_size_limit = COMMAND_LIMIT
        self.connections = connections
        self.busy = False
        self._draft = draft
        self._max_size = max_size
        self._require_tls = require_tls
        self._until = self._in(COMMANDS * self._timeout_duration)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there, or speaks TLS from now on."""
        peer = transport.get_extra_info("peername")
        self.connections.add(self, peer[0] if peer else "")
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone."""
        self.connections.remove(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            if refusal := self.connections.refusal(self):
                self.hang_up(refusal)
            else:
                await super()._handle_client()
        finally:  # a connection that ends in its TLS handshake is never said to be lost
            self.connections.remove(self)

    def hang_up(self, last_word: str) -> None:
        """Say a last word and close."""
        if self._writer.is_closing():
            return
        self._writer.write(f"{last_word}\r\n".encode())
        self._writer.close()

    def abort(self) -> None:
        """Close at once."""
        self.running().cancel()
        self._writer.transport.abort()

    def running(self) -> asyncio.Task[None]:
        """What reads and answers this connection's commands."""
        assert self._handler_coroutine is not None  # noqa: S101 - set since the connection was made
        return self._handler_coroutine

    def _in(self, seconds: float) -> float:
        """That moment, on the loop's clock."""
        return float(self.loop.time()) + seconds

    def _reset_timeout(self, duration: float | None = None) -> None:
        """The client may be silent for so long (RFC 5321 4.5.3.2.7), but not beyond the end of what it is at."""
        left = self._until - self._in(0)
        super()._reset_timeout(max(min(duration or self._timeout_duration, left), 0.001))

    def _timeout_cb(self) -> None:
        in_handshake = self._tls_protocol is not None and self.session is not None and not self.session.ssl
        if in_handshake or self._writer.transport.get_write_buffer_size():
            self.abort()  # it could not, or does not, read a last word
        else:
            self.hang_up("421 4.4.2 you took too long; nothing was kept, try again later")

    async def check_auth_needed(self, caller_method: str) -> bool:
        """Whether TLS or a login is missing; then the client has been told (RFC 3207 4, RFC 4954 6)."""
        if self._require_tls and self._tls_protocol is None:
            await self.push("530 5.7.0 Must issue a STARTTLS command first")
            return True
        return bool(await super().check_auth_needed(caller_method))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        if simple := _SIMPLE_PATH.fullmatch(arg):  # the library's full grammar takes 20 times as long
            return simple[1], simple[2]
        try:
            address, rest = super()._getaddr(arg)
        except Exception:  # the standard library's parser raises IndexError and others on garbage
            return None, None
        return address, rest

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        """Begin a mail; one that announces too large a size is refused here (RFC 1870 6.1)."""
        size = _SIZE.search(arg or "")
        if size and int(size[1]) > self._max_size:
            await self.push(self._too_large())
            return
        await super().smtp_MAIL(arg and _AUTH.sub("", arg))  # RFC 4954 5: AUTH= is to be accepted, and means nothing

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Take one mail and answer for it."""
        if await self._data_refused(arg):
            return
        assert self.envelope is not None  # noqa: S101 - set since the connection was made
        recipients = len(self.envelope.rcpt_tos)
        incoming = Incoming(self._max_size, self._draft)
        self.busy = True
        try:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            await self._read_mail(incoming)
            status = await self._answer(incoming)
            self._set_rset_state()  # type: ignore[no-untyped-call]
            await self.push("\r\n".join([status] * self._replies(recipients)))
        finally:
            incoming.forget()
            self.busy = False
        if status.startswith("521") or self.connections.closing:
            self._writer.close()

    def _replies(self, recipients: int) -> int:
        return 1

    async def _data_refused(self, arg: str) -> bool:
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return True
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
        elif self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
        else:
            return False
        return True

    async def _read_mail(self, incoming: Incoming) -> None:
        """All up to the lone dot; what was sent behind it is read again, as commands (RFC 2920 3.1).

        aiosmtpd reads line by line, at 40 µs for each KB. Here all that is buffered is taken at once.
        """
        begun = self._in(self._timeout_duration)
        behind = None
        while behind is None:
            self._until = begun + incoming.received / LEAST_RATE
            self._reset_timeout()
            piece = await self._reader.read(ALL)
            if not piece:
                raise ConnectionResetError
            behind = await incoming.take(piece)
        self._reader.feed_data(behind)

    async def _answer(self, incoming: Incoming) -> str:
        assert self.envelope is not None  # noqa: S101 - as above
        try:
            content: Any = await incoming.content()
        except TooLong:
            return self._too_large()
        except BareLineEnd:
            return "521 5.5.2 a bare CR or LF in the mail (RFC 5321 2.3.8); nothing was kept"
        except Exception as error:  # it could not be written
            return str(await self.handle_exception(error))
        finally:
            self._until = self._in(COMMANDS * self._timeout_duration)
            self._reset_timeout(2 * self._timeout_duration)  # the handler has a timeout of its own
        self.envelope.content = content
        return str(await self._call_handler_hook("DATA"))

    def _too_large(self) -> str:
        return f"552 5.3.4 the mail is larger than the {self._max_size} bytes accepted here; send it smaller"


class Lmtp(Smtp, LMTP):
    """One LMTP connection: the end of DATA is answered once for each recipient (RFC 2033 4.2)."""

    def _replies(self, recipients: int) -> int:
        return recipients
