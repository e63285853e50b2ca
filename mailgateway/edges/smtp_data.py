"""A mail as it comes in by DATA: its dots taken back, its line ends checked, what is large on disk piece by piece.

Memory holds `IN_MEMORY` bytes of each mail, however large it is; so many connections, so many times that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mailgateway.edges.submission import Draft

END = b"\r\n.\r\n"
IN_MEMORY = 1 << 20  # bytes; a smaller mail lies in the database, a larger one would become a blob anyway


class TooLong(Exception):
    """The mail is larger than the limit."""


class BareLineEnd(Exception):
    """A CR or LF that is no CRLF, where another server may have seen the end of a mail (VU#302671)."""


class Incoming:
    """One mail. Whatever is wrong with it is said by `content`: all that a client sends must be read before that."""

    def __init__(self, limit: int, draft: Callable[[], Draft]) -> None:
        self.received = 0  # bytes on the wire
        self._limit, self._begin = limit, draft
        self._draft: Draft | None = None
        self._trouble: Exception | None = None
        self._pending = bytearray(b"\r\n")  # as on the wire, after two bytes that were taken: here, of a line before
        self._ended = False
        self._size = self._cr = self._lf = self._crlf = 0

    async def take(self, piece: bytes) -> bytes | None:
        """Add a piece. Once a dot alone in its line ends the mail (RFC 5321 4.1.1.4): what came behind it."""
        self.received += len(piece)
        known = len(self._pending)
        self._pending += piece
        end, behind = self._pending.find(END, max(0, known - len(END) + 1)), None
        if end >= 0:
            self._ended, behind = True, bytes(self._pending[end + len(END) :])
            del self._pending[end + 2 :]
        if len(self._pending) > IN_MEMORY or (self._ended and self._draft):
            await self._write(self._taken())
        return behind

    async def content(self) -> bytes | Draft:
        """The mail that has ended. Raises `TooLong`, `BareLineEnd`, or what kept it from being written."""
        rest = self._taken()
        if self._size > self._limit:
            raise TooLong
        if self._trouble:
            raise self._trouble
        if not self._cr == self._lf == self._crlf:
            raise BareLineEnd
        if not self._draft:
            return rest
        await asyncio.to_thread(self._draft.sync)
        draft, self._draft = self._draft, None
        return draft

    def forget(self) -> None:
        """Give up what was written and is not handed over."""
        draft, self._draft = self._draft, None
        if draft:
            draft.abort()

    async def _write(self, taken: bytes) -> None:
        """Put it on disk, or away where the mail cannot be kept."""
        if self._trouble or self._size > self._limit:
            self.forget()
            return
        try:
            self._draft = self._draft or self._begin()
            await asyncio.to_thread(self._draft.write, taken)  # a busy disk must not keep the others waiting
        except Exception as error:
            self._trouble = error
            self.forget()

    def _taken(self) -> bytes:
        """What is pending, without the dots of transparency (RFC 5321 4.5.2); what may belong to the end stays."""
        wire = bytes(self._pending if self._ended else self._pending[: -len(END) + 1])
        del self._pending[: len(wire) - 2]
        self._cr += wire.count(b"\r", 2)
        self._lf += wire.count(b"\n", 2)
        self._crlf += wire.count(b"\r\n", 1)
        plain = wire.replace(b"\r\n.", b"\r\n")[2:]
        self._size += len(plain)
        return plain
