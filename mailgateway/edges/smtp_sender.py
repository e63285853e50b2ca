"""Mail that leaves: one finished mail to one recipient by the smart host, on kept connections.

What the smart host says of the recipient or the mail is final (`Permanent`). All that may be trouble of our own set-up
is not: greeting, TLS, login, sender, relaying, a cut connection are `Temporary`, whatever their code, so that a wrong
password fails no notice for good. A host that hangs up (421) or says that we send too fast is `Busy`: it is left alone.
"""

from __future__ import annotations

import re
import smtplib
import threading
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, RawIOBase
from socket import socket
from ssl import SSLContext
from typing import TYPE_CHECKING

from mailgateway.config import SmtpSender
from mailgateway.core.errors import Busy, Misconfigured, Permanent, Temporary, Unreachable
from mailgateway.edges.oauth2 import TokenSource
from mailgateway.edges.tls import client_context

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

KEEP_IDLE = 30.0  # seconds; Postfix waits longer, some hosts do not
KEEP_MAILS = 100

_OWN_TROUBLE = re.compile(r"\brelay|authenticat|\bauth\b|5\.7\.(0|3|8|57)\b", re.IGNORECASE)
_PATH = re.compile(r"[^\x00-\x1f\x7f<>]*")
# It is about us and not about this mail: greylisting, a full mailbox, one recipient's rate are not.
_TOO_FAST = re.compile(
    r"throttl|too much mail|too many (?:messages|connections|concurrent)|rate ?limit|(?:rate|quota) exceeded"
    r"|server (?:is )?busy|concurrent connections|\b4\.3\.2\b|\b4\.7\.28\b",
    re.IGNORECASE,
)
_HANGS_UP = 421  # RFC 5321 section 3.8
_OUT_OF_STEP = 503  # the host has another idea of where we are


class Sender:
    """Sends by one smart host; threads may share it."""

    def __init__(
        self, settings: SmtpSender, token: TokenSource | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._token = token
        self._clock = clock
        self._tls = client_context(settings.verify_certificate) if settings.security != "none" else None
        self._hostname = settings.hostname or None
        self._kept: list[_Connection] = []
        self._lock = threading.Lock()

    def send(self, mail_from: str, to: str, raw: bytes) -> str:
        """Hand one mail to the smart host; returns its answer. `mail_from` "" is the null sender.

        Raises `Unreachable` where the host lets nobody in, `Busy` where it asks for patience, else `Temporary` or
        `Permanent`. Nothing is sent twice: a kept connection is tried before it is used, and what fails afterwards is
        left to the caller's next attempt.
        """
        deadline = self._clock() + self._settings.timeout
        connection = self._usable(deadline)
        try:
            connection = connection or self._connect(deadline)
        except (OSError, Misconfigured) as error:  # SMTPException is an OSError; a token may not be had for now
            is_busy = isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == _HANGS_UP
            raise (Busy if is_busy else Unreachable)(f"{self._settings.host}: {_words(error)}") from error
        try:
            with self._kept_after(connection):
                return connection.transact(mail_from, to, raw)
        except OSError as error:
            raise Temporary(f"{self._settings.host}: {_words(error)}") from error

    def probe(self) -> None:
        """Connect, greet and log in, and send nothing. Raises `Temporary` or `Misconfigured`."""
        try:
            self._keep(self._connect(self._clock() + self._settings.timeout))
        except OSError as error:
            raise Temporary(f"{self._settings.host}: {_words(error)}") from error

    @contextmanager
    def _kept_after(self, connection: _Connection) -> Iterator[None]:
        """A connection is kept for the next mail as long as both sides know where they are."""
        try:
            yield
        except Busy:
            connection.bye()
            raise
        except (Temporary, Permanent):
            self._keep(connection)
            raise
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def close(self) -> None:
        """Hang up all kept connections."""
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.bye()

    def _usable(self, deadline: float) -> _Connection | None:
        """A kept connection that still answers, or None. RSET also forgets whatever was begun on it."""
        while True:
            with self._lock:
                connection = self._kept.pop() if self._kept else None
            if connection is None:
                return None
            if self._clock() - connection.used < KEEP_IDLE and connection.answers(deadline):
                return connection
            connection.close()

    def _keep(self, connection: _Connection) -> None:
        connection.used = self._clock()
        if connection.mails < KEEP_MAILS:
            with self._lock:
                self._kept.append(connection)
        else:
            connection.bye()

    def _connect(self, deadline: float) -> _Connection:
        implicit = self._tls if self._settings.security == "tls" else None
        connection = _Connection(self._settings, self._hostname, deadline, self._clock, implicit)
        self._hostname = connection.local_hostname  # finding it out may ask the DNS: once
        try:
            if self._settings.security == "starttls":
                connection.starttls(context=self._tls)
            connection.ehlo_or_helo_if_needed()
            self._log_in(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _log_in(self, connection: _Connection) -> None:
        user, oauth2 = self._settings.username, self._settings.oauth2
        if self._token is not None:
            mechanism, token = oauth2.mechanism if oauth2 else "XOAUTH2", self._token()
            try:
                connection.log_in_by_token(mechanism, user, token)
            except smtplib.SMTPAuthenticationError:  # revoked before its time: once more with a new one
                connection.log_in_by_token(mechanism, user, self._token(refused=token))
        elif user:
            connection.login(user, self._settings.password.get_secret_value())


class _Connection(smtplib.SMTP):
    """One connection, with a deadline for all that is done on it for one mail."""

    sock: socket | None

    def __init__(
        self,
        settings: SmtpSender,
        hostname: str | None,
        deadline: float,
        clock: Callable[[], float],
        tls: SSLContext | None,
    ) -> None:
        self.deadline = deadline
        self.used = clock()
        self.mails = 0
        self._clock = clock
        self._implicit_tls = tls
        super().__init__(settings.host, settings.port, hostname, timeout=self.left())

    def left(self) -> float:
        """The seconds that are left for this mail. Raises TimeoutError."""
        left = self.deadline - self._clock()
        if left <= 0:
            raise TimeoutError("the host took too long")
        return left

    def transact(self, mail_from: str, to: str, raw: bytes) -> str:
        """Hand over one mail; returns the host's answer. Raises `Temporary`, `Permanent`, or OSError if it is cut."""
        if not _PATH.fullmatch(to) or not _PATH.fullmatch(mail_from):
            raise Permanent(f"{to!r} from {mail_from!r}: not an address", 553)
        size = f" SIZE={len(raw)}" if self.has_extn("size") else ""
        utf8 = "" if (mail_from + to).isascii() else " SMTPUTF8"
        if utf8 and not self.has_extn("smtputf8"):
            raise Permanent(f"5.6.7 the next server cannot take an address like {to} (no SMTPUTF8)", 550)
        self.command_encoding = "utf-8" if utf8 else "ascii"
        self.mails += 1
        # smtplib's own mail() and rcpt() parse the address and may send another one
        _judge(
            self.docmd("MAIL", f"FROM:<{mail_from}>{size}{utf8}"), final=(552,)
        )  # RFC 1870 6.1: the mail is too large
        _judge(self.docmd("RCPT", f"TO:<{to}>"))
        try:
            return _judge(self.data(raw))
        except smtplib.SMTPDataError as error:  # DATA was not answered by 354
            return _judge((error.smtp_code, error.smtp_error))

    def log_in_by_token(self, mechanism: str, username: str, token: str) -> None:
        """AUTH XOAUTH2 or OAUTHBEARER (RFC 7628). Raises SMTPAuthenticationError."""
        first = {
            "XOAUTH2": f"user={username}\1auth=Bearer {token}\1\1",
            "OAUTHBEARER": f"n,a={username},\1auth=Bearer {token}\1\1",
        }[mechanism]
        # A refusal comes as a challenge that tells why; the answer to it is empty, or one ^A (RFC 7628 3.2.3)
        self.auth(mechanism, lambda challenge=None: first if challenge is None else "\1")

    def answers(self, deadline: float) -> bool:
        """Whether it still answers; it also forgets whatever was begun on it."""
        self.deadline = deadline
        try:
            return self.rset()[0] == 250
        except OSError:
            return False

    def bye(self) -> None:
        """Hang up politely."""
        self.deadline = self._clock() + 2.0
        with suppress(OSError):
            self.quit()
        self.close()

    def send(self, s: ReadableBuffer | str) -> None:
        """What smtplib writes, by the deadline."""
        if self.sock:
            self.sock.settimeout(self.left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """What smtplib reads, by the deadline."""
        if self.file is None and self.sock:
            self.file = BufferedReader(_Incoming(self.sock, self.left))
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        sock: socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return self._implicit_tls.wrap_socket(sock, server_hostname=host) if self._implicit_tls else sock


class _Incoming(RawIOBase):
    """A socket's bytes by a deadline; a socket's own timeout begins anew with every byte that drips in."""

    def __init__(self, sock: socket, left: Callable[[], float]) -> None:
        self._sock = sock
        self._left = left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._sock.settimeout(self._left())
        return self._sock.recv_into(buffer)


def _judge(reply: tuple[int, bytes | str], final: Container[int] = range(500, 600)) -> str:
    """The host's answer in words if it is yes. Raises what it means else; `final` are the codes that are for good."""
    code, words = reply[0], _words(smtplib.SMTPResponseException(*reply))
    if 200 <= code < 300:
        return words
    if code == _HANGS_UP or (400 <= code < 500 and _TOO_FAST.search(words)):
        raise Busy(words)
    if code == _OUT_OF_STEP or not 400 <= code < 600:
        raise smtplib.SMTPServerDisconnected(words)
    if code in final and code != 530 and not _OWN_TROUBLE.search(words):
        raise Permanent(words, code)
    raise Temporary(words)


def _words(error: Exception) -> str:
    """What a person can use of an exception of smtplib or the system."""
    if not isinstance(error, smtplib.SMTPResponseException):
        return str(error) or type(error).__name__
    text = error.smtp_error
    return " ".join(f"{error.smtp_code} {text if isinstance(text, str) else text.decode('utf-8', 'replace')}".split())
