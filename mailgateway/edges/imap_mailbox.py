"""One mailbox on an IMAP server, in the few words that the poller needs; the only module that knows imapclient."""

from __future__ import annotations

import logging
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailgateway.config import ImapMailbox
from mailgateway.core.errors import Temporary
from mailgateway.edges.oauth2 import TokenSource
from mailgateway.edges.tls import client_context

PIECE = 1 << 20  # a larger mail is fetched in pieces of this size
TIMEOUT = SocketTimeout(connect=30, read=60)
GOODBYE = 2.0  # seconds that a server may take for LOGOUT
Lost = (IMAPClientAbortError, OSError)  # the connection is gone, where other errors concern one command

logging.getLogger("imapclient").setLevel(logging.WARNING)  # at DEBUG it writes down mails and tokens


class Mailbox:
    """A connection, logged in, its processed folder at hand. Every method raises `Lost` or another exception."""

    def __init__(self, settings: ImapMailbox, token: TokenSource | None = None) -> None:
        self._settings = settings
        tls = client_context(settings.verify_certificate)
        implicit = settings.security == "tls"
        self._client = IMAPClient(settings.host, settings.port, ssl=implicit, ssl_context=tls, timeout=TIMEOUT)
        try:
            if settings.security == "starttls":
                self._client.starttls(tls)
            self._log_in(token)
            self._processed = self._processed_folder()
        except BaseException:
            self.close()
            raise

    def _log_in(self, token: TokenSource | None) -> None:
        if token is None:
            self._client.login(self._settings.username, self._settings.password.get_secret_value())
            return
        mechanism = self._settings.oauth2.mechanism if self._settings.oauth2 else "XOAUTH2"
        log_in = self._client.oauthbearer_login if mechanism == "OAUTHBEARER" else self._client.oauth2_login
        offered = token()
        try:
            log_in(self._settings.username, offered)
        except LoginError:  # revoked before its time: once more with a new one
            log_in(self._settings.username, token(refused=offered))

    def _processed_folder(self) -> str:
        """The folder's name as this server writes it; the folder is created where it is missing."""
        prefix, separator = "", "/"
        if self._client.has_capability("NAMESPACE") and (personal := self._client.namespace().personal):
            prefix, separator = personal[0]
        folder = self._settings.processed.replace("/", separator)
        if not folder.startswith(prefix):
            folder = prefix + folder
        if not self._client.folder_exists(folder):
            self._client.create_folder(folder)
            self._client.subscribe_folder(folder)
        return folder

    def look(self) -> tuple[int, list[int]]:
        """UIDVALIDITY and the UIDs in the folder, without those that somebody marked as deleted."""
        selected = self._client.select_folder(self._settings.folder)
        return int(selected[b"UIDVALIDITY"]), sorted(self._client.search("UNDELETED"))

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """The sizes of those that are still there."""
        return {uid: int(data[b"RFC822.SIZE"]) for uid, data in self._fetch(uids, "RFC822.SIZE").items()}

    def bodies(self, uids: list[int]) -> list[tuple[int, bytes]]:
        """The raw mails that are still there; flags are left as they are."""
        answer = self._fetch(uids, "BODY.PEEK[]")
        empty = {uid for uid, data in answer.items() if data.get(b"BODY[]") is None and not self._still_there(uid)}
        return [(uid, answer[uid][b"BODY[]"]) for uid in uids if uid in answer and uid not in empty]

    def piece(self, uid: int, offset: int) -> bytes | None:
        """Up to PIECE bytes of one mail, none at its end; None if it is no longer there."""
        answer = self._fetch([uid], f"BODY.PEEK[]<{offset}.{PIECE}>")
        piece: bytes | None = answer.get(uid, {}).get(b"BODY[]<%d>" % offset)
        return piece if piece is not None or self._still_there(uid) else None

    def _still_there(self, uid: int) -> bool:
        """False if a mail that came without body (NIL) was deleted by somebody. Raises `Temporary` if it is there."""
        self._client.noop()
        if self.sizes([uid]):
            raise Temporary(f"the server gives no body for UID {uid}")
        return False

    def _fetch(self, uids: list[int], what: str) -> dict[int, dict[bytes, Any]]:
        answer: dict[int, dict[bytes, Any]] = self._patiently(self._client.fetch, uids, [what])
        return answer

    def move(self, uids: list[int]) -> None:
        """To the processed folder; without MOVE as RFC 6851 3.3 says."""
        if not uids:
            return
        if self._client.has_capability("MOVE"):
            self._patiently(self._client.move, uids, self._processed)
            return
        self._patiently(self._client.copy, uids, self._processed)
        self._client.add_flags(uids, [b"\\Deleted"], silent=True)
        if self._client.has_capability("UIDPLUS"):  # a plain EXPUNGE would take what people have marked, too
            self._client.uid_expunge(uids)

    def _patiently(self, command: Callable[..., Any], *arguments: Any) -> Any:
        """A command is refused as a whole where somebody has just deleted one of the mails (RFC 5530 EXPUNGEISSUED).

        NOOP lets the server tell us of it; from then on the command passes over what is gone.
        """
        try:
            return command(*arguments)
        except IMAPClientError as error:
            if "EXPUNGEISSUED" not in str(error):
                raise
        self._client.noop()
        return command(*arguments)

    def idle(self, stop: threading.Event, seconds: float) -> bool:
        """Wait until something happens in the folder, the time is up, or the end; False if the server has no IDLE.

        imapclient's `idle_check` is not used: at the end of a connection it returns at once, again and again.
        """
        if not self._client.has_capability("IDLE"):
            return False
        until = time.monotonic() + seconds
        self._client.idle()
        with selectors.DefaultSelector() as selector:
            selector.register(self._client.socket(), selectors.EVENT_READ)
            while not stop.is_set() and time.monotonic() < until and not selector.select(timeout=0.5):
                pass
        self._client.idle_done()  # raises where the server has hung up
        return True

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError, IMAPClientError):
            self._client.socket().settimeout(GOODBYE)
            self._client.logout()
        with suppress(OSError, IMAPClientError):
            self._client.shutdown()
