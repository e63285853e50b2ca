"""Mails that wait → tickets, history and owed mails; each mail's effects in exactly one transaction.

    claim              a short transaction: whoever dies from here on has left a trace
    prepare            outside any transaction: reading, DNS, blobs
    decide and write   one transaction for up to 50 mails; the one decider per database holds its lock meanwhile

A batch that raises, dies or hangs is claimed again mail by mail, at no cost to anyone. A mail that runs alone does so
in a child of its own with a deadline, and the attempt is counted before it begins: after three without an outcome it is
quarantined unread. It keeps its turn, so that nobody's second mail overtakes his first, unless it takes long to fail:
then the others go on before it is tried again. Trouble of ours that passes counts against no mail: all wait.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from datetime import datetime

from mailgateway.core.errors import Temporary
from mailgateway.core.outcomes import Outcome
from mailgateway.steps import alarming, isolation, journal
from mailgateway.steps.context import Gateway, Work
from mailgateway.steps.handle import handle, wanted
from mailgateway.steps.isolation import End
from mailgateway.steps.prepare import Prepared, prepare
from mailgateway.store import blob_rows, inbox, leases
from mailgateway.store.workset import Workset

log = logging.getLogger(__name__)

DEADLINE = 60.0  # seconds for one mail, or for one batch without a sign of life
LEASE = 180  # seconds; longer than any deadline, so that only the dead lose a claim
SECONDS = 5.0  # that one child works before it makes room for mails that must run alone, and for an end
BETWEEN = 0.001  # seconds between two batches: without it the other writers of SQLite starve

Now = Callable[[], datetime]


def drain(gateway: Gateway, now: Now, deadline: float = DEADLINE, stop: Callable[[], bool] = lambda: False) -> int:
    """Work until nothing waits, or until `stop`; returns how many mails waited.

    Children do the work, this process only watches. Raises `Temporary` where nothing can be done now.
    """
    before = _waiting(gateway)
    with gateway.database.write() as connection:
        inbox.release_expired(connection, leases.clock(connection))
        inbox.release(connection, _ours(), alone=False)  # what an earlier drain could not give back
    slow = set[int]()  # mails that failed and took long to do so
    while has_work(gateway) and not stop():
        if not _alone(gateway, now, deadline, slow):
            _together(gateway, now, deadline)
            _alone(gateway, now, deadline, slow, again=True)
            _put_aside(gateway, now())
    return before


def _together(gateway: Gateway, now: Now, deadline: float) -> None:
    """Batch after batch in one child, until nothing is left that runs in a batch."""
    if not has_work(gateway, alone=False):
        return
    holder = _holder()

    def work(beat: isolation.Beat) -> None:
        gateway.database.after_fork()
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if not batch(gateway, now(), holder, beat):
                return
            time.sleep(BETWEEN)

    end = isolation.run(work, deadline)
    if end is not End.DONE:
        with gateway.database.write() as connection:
            inbox.release(connection, holder, alone=end is End.FAILED)
    _go_on(end, "a batch failed; its mails run one by one now")


def _alone(gateway: Gateway, now: Now, deadline: float, slow: set[int], *, again: bool = False) -> bool:
    """The first mail that must run by itself, or `again` one of the slow; False where there is none."""
    holder = _holder()
    with gateway.database.write() as connection:
        lease = inbox.lease(leases.clock(connection), LEASE)
        item_id = inbox.claim_alone(connection, holder, lease, slow, again=again)
    if item_id is None:
        return False

    def work(beat: isolation.Beat) -> None:
        gateway.database.after_fork()
        beat()
        _finish(gateway, [item_id], now(), holder)

    begun = time.monotonic()
    end = isolation.run(work, deadline)
    if end is not End.DONE:
        with gateway.database.write() as connection:
            inbox.release(connection, holder, alone=True, uncounted=end is End.LATER)
    _go_on(end, journal.line("attempted", time.monotonic() - begun, mail=item_id))
    if end is End.FAILED:
        if time.monotonic() - begun > deadline / inbox.ATTEMPTS:
            slow.add(item_id)
        _put_aside(gateway, now())
    return True


def _go_on(end: End, failed: str) -> None:
    """Say what failed; where everything would, stop here."""
    if end is End.LATER:
        raise Temporary("mail cannot be processed now and waits")
    if end is End.FAILED:
        log.warning(failed)


def batch(gateway: Gateway, now: datetime, holder: str, beat: isolation.Beat = lambda: None) -> bool:
    """Claim, prepare, decide and write one batch; False where nothing waited.

    `beat` is called while nobody else can write: it raises in whoever outlives the process that gives back his claims.
    """
    with gateway.database.write() as connection:
        beat()
        ids = inbox.claim(connection, holder, inbox.lease(leases.clock(connection), LEASE))
    if ids:
        _finish(gateway, ids, now, holder)
    return bool(ids)


def _finish(gateway: Gateway, ids: list[int], now: datetime, holder: str) -> None:
    begun = time.perf_counter()
    with gateway.database.read() as connection:
        items = inbox.load(connection, ids, gateway.blobs)
    with gateway.watch.stage("prepare", len(items)):
        mails = [prepare(gateway, item) for item in items]
    with gateway.watch.stage("decide", len(mails)):
        done = decide_and_write(gateway, mails, now, holder)
    each = (time.perf_counter() - begun) / len(done)
    for mail in done:
        log.info(journal.line("processed", each, mail=mail.id, outcome=mail.outcome.value, ticket=mail.ticket))


def decide_and_write(gateway: Gateway, mails: list[Prepared], now: datetime, holder: str) -> list[inbox.Finished]:
    """All effects of these mails in one transaction, and what became of each; an exception leaves none of them."""
    want = wanted(mails, gateway.staff, gateway.secrets)
    with gateway.database.write(decide=True) as connection:
        blob_rows.hold(connection, gateway.blobs, {a.sha256 for m in mails for a in m.evidence})
        workset = Workset(connection, want)
        workset.load_purses()
        work = Work(gateway, workset, now)
        done = [handle(work, mail) for mail in mails]
        alarming.tell_of_silence(work)
        workset.save(now)
        inbox.finish(connection, done, holder, now)
    return done


def _put_aside(gateway: Gateway, now: datetime) -> None:
    with gateway.database.write() as connection:
        if ids := inbox.spent(connection):
            inbox.quarantine(connection, ids, gateway.sentences.reason(Outcome.QUARANTINED), now)
    for item_id in ids:
        log.error(journal.line("processed", mail=item_id, outcome=Outcome.QUARANTINED.value))


def has_work(gateway: Gateway, *, alone: bool | None = None) -> bool:
    """Whether any mail waits; one that must run by itself, or one that must not, where `alone` says which."""
    with gateway.database.read() as connection:
        return inbox.has_work(connection, alone=alone)


def _waiting(gateway: Gateway) -> int:
    with gateway.database.read() as connection:
        return inbox.waiting(connection)


def _holder() -> str:
    """Who claims: unique for each run of a child, so that its claims can be told from everybody else's."""
    return f"{_ours()}{secrets.token_hex(4)}"


def _ours() -> str:
    """How the names of all begin that claim for this process."""
    return f"{socket.gethostname()[:40]}/{os.getpid()}/"
