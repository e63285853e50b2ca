"""Accept raw mails, durably: the one step that every source calls before it says that a mail is ours.

All mails that wait are kept by one writer thread in one transaction (group commit): there is no timer, it takes what is
there, so a lone mail is as quick as it can be and many share one fsync.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from mailgateway.core.errors import Temporary, TooLarge
from mailgateway.core.messages import Envelope
from mailgateway.steps import journal
from mailgateway.steps.watch import Watch
from mailgateway.store import blob_rows, inbox
from mailgateway.store.blobs import Blobs, Draft
from mailgateway.store.db import Database
from mailgateway.store.inbox import Accepted

log = logging.getLogger(__name__)

_GROUP = 200  # mails in one transaction
_GROUP_BYTES = 8_388_608


@dataclass(frozen=True, slots=True)
class _Offer:
    raw: bytes | Draft
    envelope: Envelope
    answer: Future[int]
    begun: float = field(default_factory=time.perf_counter)

    @property
    def size(self) -> int:
        return len(self.raw) if isinstance(self.raw, bytes) else self.raw.size


class Receiver:
    """Takes mails from any thread. `accepted` is called after each commit: it wakes whoever processes."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        clock: Callable[[], datetime],
        max_size: int,
        accepted: Callable[[], None] = lambda: None,
        watch: Watch | None = None,
    ) -> None:
        self._database, self._blobs, self._clock = database, blobs, clock
        self._max_size, self._accepted, self._watch = max_size, accepted, watch or Watch()
        self._offers: queue.SimpleQueue[list[_Offer]] = queue.SimpleQueue()  # an empty one ends the thread
        self._thread = threading.Thread(target=self._write, name="receive", daemon=True)
        self._thread.start()

    def submit(self, raw: bytes | Draft, envelope: Envelope) -> Future[int]:
        """Offer a mail; the future holds its inbox id once it is durable.

        It raises `TooLarge` for a mail that only its sender can mend, and `Temporary` for all trouble of ours: nothing
        was kept then, and whoever has the mail must keep it. A mailbox's mail has no size limit.
        """
        offer = _Offer(raw, envelope, Future())
        if not envelope.mailbox and offer.size > self._max_size:
            offer.answer.set_exception(TooLarge(f"the mail has {offer.size} bytes, the limit is {self._max_size}"))
        else:
            self._offers.put([offer])
        return offer.answer

    def submit_together(self, mails: Sequence[tuple[bytes | Draft, Envelope]]) -> list[Future[int]]:
        """Offer mails of a mailbox: all of them become durable, in this order, or none does."""
        offers = [_Offer(raw, envelope, Future()) for raw, envelope in mails]
        self._offers.put(offers)
        return [offer.answer for offer in offers]

    def known(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Which of a mailbox's UIDs are durable already."""
        with self._database.read() as connection:
            return inbox.known(connection, mailbox, uidvalidity, uids)

    def draft(self) -> Draft:
        """Begin a large mail that comes bit by bit; hand it to `submit` or abort it."""
        return self._blobs.draft()

    def close(self) -> None:
        """Keep what was offered, then end the thread."""
        self._offers.put([])
        self._thread.join()

    def _write(self) -> None:
        while offers := self._offers.get():
            group, last = self._group(offers)
            self._keep(group)
            if last:
                return

    def _group(self, first: list[_Offer]) -> tuple[list[_Offer], bool]:
        """Everything that waits by now, up to a bound."""
        group, size = list(first), sum(offer.size for offer in first)
        while len(group) < _GROUP and size < _GROUP_BYTES:
            try:
                offers = self._offers.get_nowait()
            except queue.Empty:
                break
            if not offers:
                return group, True
            group += offers
            size += sum(offer.size for offer in offers)
        return group, False

    def _keep(self, group: list[_Offer]) -> None:
        try:
            now = self._clock()
            mails = [self._accept(offer, now) for offer in group]
            with self._watch.stage("accept", len(mails)), self._database.write() as connection:
                blob_rows.hold(connection, self._blobs, [m.sha256 for m in mails if m.raw is None])
                ids = inbox.add(connection, mails)
        except Exception as error:  # whatever it is, whoever holds the mail must hear of it
            for offer in group:
                if isinstance(offer.raw, Draft):
                    offer.raw.abort()
                offer.answer.set_exception(_temporary(error))
            return
        for offer, inbox_id in zip(group, ids, strict=True):
            _tell(offer, inbox_id)
            offer.answer.set_result(inbox_id)
        self._accepted()

    def _accept(self, offer: _Offer, now: datetime) -> Accepted:
        """Blob first, row second: a crash between them leaves an orphan and no row without bytes."""
        raw = offer.raw
        if isinstance(raw, Draft):
            size = raw.size
            return Accepted(offer.envelope, now, size, self._blobs.keep(raw), None)
        if len(raw) > inbox.RAW_IN_DATABASE:
            return Accepted(offer.envelope, now, len(raw), self._blobs.put(raw), None)
        return Accepted(offer.envelope, now, len(raw), hashlib.sha256(raw).hexdigest(), raw)


def _temporary(error: Exception) -> Temporary:
    if isinstance(error, Temporary):
        return error
    trouble = Temporary(f"the mail could not be kept: {journal.said(error)}")
    trouble.__cause__ = error
    return trouble


def _tell(offer: _Offer, inbox_id: int) -> None:
    """The first line of a mail in the log; its time is what whoever handed it in has waited."""
    said, waited = offer.envelope, time.perf_counter() - offer.begun
    facts = {"source": said.source, "bytes": offer.size, "peer": said.peer, "uid": said.uid or None}
    log.info(journal.line("accepted", waited, mail=inbox_id, **facts))
