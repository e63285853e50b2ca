"""The smart host of a soak: takes mail on one port for good, misbehaves when told to, and remembers every copy."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

from mailgateway.edges.sink import Caught, Sink, _Conversation, _path

#: How the addresses begin that the smart host does not know, and what it says of them.
GONE = "foi-embora"
UNKNOWN = "550 5.1.1 nobody here has that name"

CASE = re.compile(r"\bcaso-\d+\b")

#: What it does while it is in that mood.
MOODS = ("silent", "421 as greeting", "451 to a recipient", "cut in DATA", "cut after DATA")


@dataclass(frozen=True, slots=True)
class Copy:
    """One mail as it was taken. `answered` is False where the connection was cut before the sender heard of it."""

    at: float
    caught: Caught
    head: Message
    answered: bool

    @property
    def message_id(self) -> str:
        return str(self.head["Message-ID"])


@dataclass
class Host:
    """See the module. `mood` is one of MOODS, or "" where all is well."""

    mood: str = ""
    copies: list[Copy] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)  # to those who knocked
    port: int = 0
    _cases: dict[tuple[str, str], list[Copy]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _door: _Door | None = None

    def open(self) -> None:
        """Listen, on the port that it had before."""
        self._door = _Door(self, self.port)
        self.port = self._door.port

    def close(self) -> None:
        """Listen no more: whoever knocks is refused."""
        if self._door:
            self._door.stop()
            self._door = None

    def take(self, caught: Caught, *, answered: bool) -> None:
        """Remember a copy."""
        head = BytesHeaderParser(policy=policy.default).parsebytes(caught.raw)
        copy, case = Copy(time.monotonic(), caught, head, answered), CASE.search(str(head["Subject"]))
        with self._lock:
            self.copies.append(copy)
            if case:
                self._cases.setdefault((caught.to[0], case[0]), []).append(copy)

    def reply_to(self, to: str, case: str, subject: str) -> str:
        """Where somebody answers the first notice of that case with such a subject; "" where none has come yet."""
        with self._lock:
            copies = self._cases.get((to, case), [])
            return next((str(c.head["Reply-To"]) for c in copies if subject in str(c.head["Subject"])), "")


class _Door(Sink):
    """The listening socket."""

    def __init__(self, host: Host, port: int) -> None:
        self.host, self._port = host, port
        super().__init__(lambda caught: None)

    def server_bind(self) -> None:
        self.RequestHandlerClass = _Talk
        self.server_address = ("127.0.0.1", self._port)
        super().server_bind()


class _Talk(_Conversation):
    """One conversation, in which the host's mood may change at any moment."""

    server: _Door

    def _converse(self) -> None:
        self._greet()
        sender = to = ""
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"MAIL":
                    sender = _path(line)
                    self._say("250 2.1.0 ok")
                case b"RCPT":
                    to = _path(line)
                    self._say(self._verdict(to))
                case b"DATA":
                    self._take(sender, to)
                case b"QUIT":
                    self._say("221 2.0.0 bye")
                    return
                case _:
                    self._say("250 ok")

    def _greet(self) -> None:
        if self._does("silent"):
            while self.rfile.read(1):
                pass
            raise ConnectionError("the client has waited long enough")
        if self._does("421 as greeting"):
            self._say("421 4.3.2 no room now")
            raise ConnectionError("it was told to come back")
        self._say("220 soak ESMTP")

    def _verdict(self, to: str) -> str:
        if to.startswith(GONE):
            self.server.host.did["550 to a recipient"] += 1
            return UNKNOWN
        return "451 4.7.1 not now" if self._does("451 to a recipient") else "250 2.1.5 ok"

    def _take(self, sender: str, to: str) -> None:
        self._say("354 go ahead")
        if self._does("cut in DATA"):
            self.rfile.readline()
            raise ConnectionError("enough")
        raw, cut = self._data(), self._does("cut after DATA")
        self.server.host.take(Caught(sender, (to,), raw), answered=not cut)
        if cut:
            raise ConnectionError("enough")
        self._say("250 2.0.0 taken")

    def _does(self, mood: str) -> bool:
        """Whether it does this now; each time counts."""
        does = self.server.host.mood == mood
        self.server.host.did[mood] += does
        return does
