"""Mail that is fetched by IMAP: made durable, and only then moved to the processed folder.

The key of a mail is mailbox, UIDVALIDITY and UID (RFC 9051 2.3.1.1). What the ledger knows is only moved, so a crash
between the two repeats harmlessly. Flags are left alone: people see in the folder what they would see without us.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mailgateway.config import ImapMailbox
from mailgateway.core.messages import Envelope
from mailgateway.edges.imap_mailbox import PIECE, Lost, Mailbox
from mailgateway.edges.oauth2 import TokenSource
from mailgateway.edges.submission import Draft, SubmitTogether
from mailgateway.steps import journal

BATCH = 50  # mails in one FETCH, as long as they are not more than PIECE together
LISTED = 500  # UIDs in one command: a line has its limits
IDLE_AT_MOST = 25 * 60.0  # RFC 2177 3: less than 29 minutes
PAUSE, LONGEST_PAUSE = 1.0, 300.0
DURABLE_WITHIN = 120.0
IN_VAIN = 5  # looks in which a mail that cannot be taken in keeps those behind it waiting

log = logging.getLogger(__name__)


_Fetched = tuple[int, bytes | Draft]
Known = Callable[[str, int, Sequence[int]], frozenset[int]]


class Poller:
    """One mailbox. `last_ok` (in `clock`'s time) and `last_error` tell other threads how it fares.

    `fares` is told the trouble after each look, "" for none.
    """

    def __init__(
        self,
        settings: ImapMailbox,
        submit: SubmitTogether,
        known: Known,
        draft: Callable[[], Draft],
        token: TokenSource | None = None,
        clock: Callable[[], float] = time.monotonic,
        fares: Callable[[str], None] = lambda error: None,
    ) -> None:
        self.settings = settings
        self.last_ok: float | None = None
        self.last_error = ""
        self._submit = submit
        self._known = known
        self._draft = draft
        self._token = token
        self._clock = clock
        self._fares = fares
        self._stop = threading.Event()
        self._mailbox: Mailbox | None = None
        self._in_vain: Counter[int] = Counter()  # looks in which a mail could not be taken in, by its UID

    def run(self, stop: threading.Event) -> None:
        """Look, and look again whenever the server says so or `poll` seconds have passed, until told to stop."""
        self._stop = stop
        failures = 0
        while not stop.is_set():
            try:
                while self.poll_once() and not stop.is_set():
                    pass  # more may have come meanwhile
                failures = 0
                self._fares(self.last_error)
                self._wait()
            except Exception as error:  # whatever it is: the mail stays where it is, and this thread lives on
                self.close()
                self._failed(error)
                self._fares(self.last_error)
                failures += 1
                stop.wait(_pause(failures))
        self.close()

    def poll_once(self) -> int:
        """Take in all that is in the folder; returns how many mails became durable.

        Raises whatever keeps the server from being read. A mail that cannot be taken in stays for the next look, and at
        first so do all behind it: nobody's second mail is to come before his first.
        """
        mailbox = self._mailbox = self._mailbox or Mailbox(self.settings, self._token)
        self.last_error, taken = "", 0
        uidvalidity, listed = mailbox.look()
        for uids in (listed[start : start + LISTED] for start in range(0, len(listed), LISTED)):
            known = self._known(self.settings.name, uidvalidity, uids)
            mailbox.move(sorted(known))
            for fetched in self._fetched_all(mailbox, [uid for uid in uids if uid not in known]):
                durable = self._durable(uidvalidity, fetched)
                mailbox.move(durable)
                taken += len(durable)
                if self._has_to_wait(fetched):
                    return taken
        if not self.last_error:
            self.last_ok = self._clock()
        return taken

    def close(self) -> None:
        """Hang up."""
        mailbox, self._mailbox = self._mailbox, None
        if mailbox is not None:
            mailbox.close()

    def _failed(self, error: Exception) -> None:
        """Remember it, and say it: once where it concerns mail after mail."""
        found = f"{type(error).__name__}: {error}"
        if found != self.last_error:
            log.warning("mailbox %s cannot be read: %s", self.settings.name, journal.said(error))
        self.last_error = found

    def _fetched_all(self, mailbox: Mailbox, uids: list[int]) -> Iterator[list[_Fetched]]:
        sizes = mailbox.sizes(uids) if uids else {}
        for batch in _batches(sizes):
            if self._stop.is_set():
                return
            yield from self._fetched(mailbox, batch, large=sizes[batch[0]] > PIECE)

    def _fetched(self, mailbox: Mailbox, batch: list[int], large: bool) -> Iterator[list[_Fetched]]:
        """The mails of a batch; one by one where the server cannot give them together: a broken one keeps no other."""
        try:
            fetched = self._pieces(mailbox, batch[0]) if large else list[_Fetched](mailbox.bodies(batch))
        except Lost:
            raise
        except Exception as error:
            self._failed(error)
            for uid in batch if len(batch) > 1 else ():
                yield from self._fetched(mailbox, [uid], large)
        else:
            yield fetched

    def _pieces(self, mailbox: Mailbox, uid: int) -> list[_Fetched]:
        """One large mail, written as it comes, so that memory holds one piece of it."""
        draft = self._draft()
        try:
            offset = 0
            while (piece := mailbox.piece(uid, offset)) is not None:
                if not piece:
                    return [(uid, draft)]
                draft.write(piece)
                offset += len(piece)
        except BaseException:
            draft.abort()
            raise
        draft.abort()  # somebody deleted it meanwhile
        return []

    def _durable(self, uidvalidity: int, fetched: list[_Fetched]) -> list[int]:
        """Hand in all, which one commit serves; where that fails one by one, up to one that has to wait."""
        try:
            return self._handed_in(uidvalidity, fetched)
        except Exception as error:  # they stay in the folder, unseen
            self._failed(error)
        if len(fetched) == 1:
            self._in_vain[fetched[0][0]] += 1
            return []
        done: list[int] = []
        for one in fetched:
            done += self._durable(uidvalidity, [one])
            if self._has_to_wait([one]):
                break
        return done

    def _handed_in(self, uidvalidity: int, fetched: list[_Fetched]) -> list[int]:
        name = self.settings.name
        place = Envelope(source=f"imap:{name}", mailbox=name, uidvalidity=uidvalidity)
        for answer in self._submit([(raw, replace(place, uid=uid)) for uid, raw in fetched]):
            answer.result(DURABLE_WITHIN)
        for uid, _ in fetched:
            self._in_vain.pop(uid, None)
        return [uid for uid, _ in fetched]

    def _has_to_wait(self, fetched: list[_Fetched]) -> bool:
        """Whether one of these could not be taken in and still keeps its turn."""
        return any(0 < self._in_vain[uid] <= IN_VAIN for uid, _ in fetched)

    def _wait(self) -> None:
        mailbox, begun = self._mailbox, self._clock()
        if mailbox is None or not self.settings.idle or not mailbox.idle(self._stop, self._at_most()):
            self._stop.wait(self.settings.poll)
        # at most one look a second, whatever the server has to say
        self._stop.wait(max(0.0, PAUSE - (self._clock() - begun)))

    def _at_most(self) -> float:
        return min(float(self.settings.poll), IDLE_AT_MOST)


def _batches(sizes: dict[int, int]) -> Iterator[list[int]]:
    """Mails in order, up to BATCH or PIECE at a time, a large one alone."""
    batch: list[int] = []
    total = 0
    for uid in sorted(sizes):
        if batch and (len(batch) == BATCH or total + sizes[uid] > PIECE):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += sizes[uid]
    if batch:
        yield batch


def _pause(failures: int) -> float:
    """1 s, 2 s, … 5 minutes, each up to a half shorter, so that many do not come back at once."""
    longest: float = min(PAUSE * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
