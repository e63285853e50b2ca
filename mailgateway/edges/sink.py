"""A mail server that delivers to nobody: takes what it is sent and shows it. For `demo` and for tests."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass

_PATH = re.compile(rb"<([^>]*)>")


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail as it was handed over."""

    mail_from: str
    to: tuple[str, ...]
    raw: bytes


class Sink(socketserver.ThreadingTCPServer):
    """Listens on a free port of this machine; `caught` is called for each mail, from the thread that took it."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, caught: Callable[[Caught], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.caught = caught
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def stop(self) -> None:
        """Take no more."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Conversation(socketserver.StreamRequestHandler):
    """Just enough SMTP to take mail (RFC 5321 section 4.5.1)."""

    server: Sink

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # a client that is killed takes its mail with it
            self._converse()

    def _converse(self) -> None:
        self._say("220 sink ESMTP")
        sender, recipients = "", list[str]()
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"EHLO":
                    self._say("250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
                case b"MAIL":
                    sender, recipients = _path(line), []
                    self._say("250 2.1.0 ok")
                case b"RCPT":
                    recipients.append(_path(line))
                    self._say("250 2.1.5 ok")
                case b"DATA":
                    self._say("354 go ahead")
                    self.server.caught(Caught(sender, tuple(recipients), self._data()))
                    self._say("250 2.0.0 caught")
                case b"QUIT":
                    self._say("221 2.0.0 bye")
                    return
                case _:
                    self._say("250 ok")

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")

    def _data(self) -> bytes:
        """The mail, its doubled dots single again (RFC 5321 section 4.5.2); one that is cut off is no mail."""
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise ConnectionError("the client is gone in the middle of a mail")
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


def _path(line: bytes) -> str:
    found = _PATH.search(line)
    return found[1].decode("utf-8", "replace") if found else ""
