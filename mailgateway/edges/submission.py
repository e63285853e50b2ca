"""How a source hands in a mail: whole, or as a draft if it is large and comes bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from mailgateway.core.messages import Envelope


class Draft(Protocol):
    """A mail that is being received in pieces."""

    def write(self, data: bytes, /) -> object:
        """Add a piece."""
        ...

    def sync(self) -> None:
        """Have all pieces on disk, so that nobody waits for that later."""
        ...

    def abort(self) -> None:
        """Forget it."""
        ...


class Submit(Protocol):
    """Takes a mail, and the draft into its care; the future ends with the inbox id once the mail is durable."""

    def __call__(self, raw: bytes | Draft, envelope: Envelope, /) -> Future[int]:
        """Hand in one mail."""
        ...


class SubmitTogether(Protocol):
    """Takes mails, and drafts into its care; the futures end with inbox ids once all are durable, or all fail."""

    def __call__(self, mails: Sequence[tuple[bytes | Draft, Envelope]], /) -> list[Future[int]]:
        """Hand in mails that belong together."""
        ...
