"""Owed mails → the smart host.

Claim with a lease and commit; send outside any transaction; write the results every 20 mails or 200 ms. Sending is at
least once: a kill between the smart host's 250 and our commit repeats a mail, with the same Message-ID and bytes. So no
more than 20 mails and one for each thread are under way or not yet written down, however long the database is away.

The smart host is not hammered. A claim begins with one mail; where the host is away or asks for patience, nothing more
is sent, and all that is due waits a minute. The mail at which it asked waits longer each time, so that one which always
brings it about is not for ever the first.
"""

from __future__ import annotations

import logging
import os
import queue
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from mailgateway.core.cases import Decision
from mailgateway.core.errors import Busy, Permanent, Temporary, Unreachable
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.steps import apply, journal
from mailgateway.steps.context import Gateway, Work
from mailgateway.store import leases, outbox
from mailgateway.store.outbox import Due, Sent
from mailgateway.store.workset import Wanted, Workset

log = logging.getLogger(__name__)

LEASE = 120  # seconds
LONGEST = 60  # seconds that one mail may take
CLAIM = 100  # mails at a time
RESULTS = 20  # mails between two commits of results
RESULTS_WITHIN = 0.2  # seconds
TROUBLE = 1.0  # seconds to wait where results cannot be written
RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60))  # then hourly
GIVE_UP = timedelta(days=5)

_STAGES = {"delivered": "sent", "waiting": "deferred", "failed": "failed"}
_CODE = re.compile(r"(?:\S+: )?([245]\d\d)\b")  # of an answer, behind the host that gave it

Send = Callable[[str, str, bytes], str]
Now = Callable[[], datetime]


def drain(gateway: Gateway, send: Send, now: Now, threads: int = 4) -> int:
    """Send all that is due; returns how many mails were tried."""
    with gateway.database.write() as connection:
        outbox.release_expired(connection, leases.clock(connection))
    tried = 0
    while count := deliver_some(gateway, send, now, threads):
        tried += count
    return tried


def has_due(gateway: Gateway, now: datetime) -> bool:
    """Whether any mail is due: a look that takes no lock."""
    with gateway.database.read() as connection:
        return outbox.has_due(connection, now)


def deliver_some(
    gateway: Gateway, send: Send, now: Now, threads: int = 4, stop: Callable[[], bool] = lambda: False
) -> int:
    """Claim up to a hundred due mails and send them; returns how many there were. None is begun after `stop`."""
    ours = f"{socket.gethostname()[:40]}/{os.getpid()}/"
    holder = f"{ours}{secrets.token_hex(4)}"
    with gateway.database.write() as connection:
        outbox.release(connection, ours)  # what an earlier claim could not give back
        lease = leases.clock(connection) + timedelta(seconds=LEASE)
        due = outbox.claim(connection, holder, now(), lease, CLAIM)
    if due:
        sending = _Sending(gateway, send, now, stop, threads)
        try:
            _send_all(gateway, sending, due, holder, threads)
        finally:  # whatever ends us, what was not tried waits again
            with gateway.database.write() as connection:
                outbox.release(connection, holder)
                if sending.away:
                    outbox.put_off(connection, now(), now() + RETRIES[0], sending.away.why)
    return len(due)


@dataclass(frozen=True, slots=True)
class Away:
    """Why nothing can be sent, and how long a mail may be kept waiting by it."""

    why: str
    give_up: timedelta = GIVE_UP


class _Sending:
    """One claim's mails on their way; threads share it."""

    def __init__(self, gateway: Gateway, send: Send, now: Now, stop: Callable[[], bool], threads: int) -> None:
        self._watch, self._send, self.now, self._stop = gateway.watch, send, now, stop
        self._room = threading.Semaphore(RESULTS + threads)
        self._begun = time.monotonic()
        self._is_over = False
        self.away: Away | None = None  # then the smart host is not knocked at for each mail

    def one(self, mail: Due) -> Sent | None:
        """Try one mail; None where it is not begun: at our end, or so late that it could outlast its lease."""
        self._room.acquire()
        if self._is_over or self._stop() or time.monotonic() - self._begun > LEASE - LONGEST:
            return None
        if self.away:
            return _put_off(mail, self.away, self.now())
        begun = time.perf_counter()
        try:
            with self._watch.stage("send"):
                sent = attempt(mail, self._send, self.now)
        except Busy as error:  # a mail may wait longer for a host that only wants to have less
            self.away = Away(str(error), 2 * GIVE_UP)
            self._watch.smart_host(self.now().timestamp(), fails=True)
            sent = _later(mail, self.away.why, self.now(), pause(mail.attempts), self.away.give_up)
        except Unreachable as error:
            self.away = Away(str(error))
            self._watch.smart_host(self.now().timestamp(), fails=True)
            return _put_off(mail, self.away, self.now())
        if sent.state == "delivered":
            self._watch.smart_host(self.now().timestamp(), fails=False)
        return replace(sent, seconds=time.perf_counter() - begun)

    def written(self, mails: int) -> None:
        """So many more may be begun."""
        self._room.release(mails)

    def end(self, mails: int) -> None:
        """Begin none of these any more."""
        self._is_over = True
        self.written(mails)

    def patience(self) -> bool:
        """Wait a moment; whether the lease still holds. Whoever wants us to end has to wait for this too."""
        self._stop()  # a sign of life
        time.sleep(TROUBLE)
        return time.monotonic() - self._begun < LEASE


def _send_all(gateway: Gateway, sending: _Sending, due: Sequence[Due], holder: str, threads: int) -> None:
    """A few threads send, this one writes down what became of each mail."""
    waiting: queue.SimpleQueue[Due] = queue.SimpleQueue()
    results: _Results = queue.SimpleQueue()
    results.put(sending.one(due[0]))
    for mail in due[1:]:
        waiting.put(mail)
    workers = [
        threading.Thread(target=_worker, args=(waiting, results, sending), name="deliver", daemon=True)
        for _ in range(min(threads, len(due) - 1))
    ]
    for worker in workers:
        worker.start()
    by_id, left = {m.id: m for m in due}, len(due)
    try:
        while left:
            some = _some(results, left)
            left -= len(some)
            _write(gateway, sending, [s for s in some if s], by_id, holder)
            sending.written(len(some))
    finally:  # nobody is to wait for ever, or to send what is not ours any more
        sending.end(len(due))
        for worker in workers:
            worker.join()


#: What became of each mail, None where it was not begun; or what has ended a thread.
_Results: TypeAlias = "queue.SimpleQueue[Sent | BaseException | None]"


def _worker(waiting: queue.SimpleQueue[Due], results: _Results, sending: _Sending) -> None:
    while True:
        try:
            mail = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            results.put(sending.one(mail))
        except BaseException as error:  # whoever waits for it must hear of every mail
            results.put(error)
            return


def attempt(mail: Due, send: Send, now: Now) -> Sent:
    """Try one mail once. Raises `Unreachable`, which is no answer to this mail."""
    try:
        answer = send(mail.mail_from, mail.to, mail.raw)
    except Permanent as error:
        return Sent(mail.id, "failed", str(error))
    except Unreachable:
        raise
    except Exception as error:  # unknown trouble is temporary: nothing that is owed is dropped for it
        return _later(mail, str(error), now(), pause(mail.attempts))
    return Sent(mail.id, "delivered", answer)


def _later(mail: Due, reason: str, at: datetime, wait: timedelta, give_up: timedelta = GIVE_UP) -> Sent:
    """It waits, or has waited for too long."""
    if at - mail.created_at >= give_up:
        return Sent(mail.id, "failed", reason)
    return Sent(mail.id, "waiting", reason, at + wait)


def _put_off(mail: Due, away: Away, at: datetime) -> Sent:
    """Nobody has said anything of this mail: it is no attempt."""
    return _later(mail, away.why, at, RETRIES[0], away.give_up)


def pause(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 5, 15, 60 minutes, then hourly."""
    return RETRIES[min(attempts, len(RETRIES)) - 1]


def _some(results: _Results, left: int) -> list[Sent | None]:
    """Results to be written together: some twenty, or what came within 200 ms of the first."""
    some = [_result(results)]
    until = time.monotonic() + RESULTS_WITHIN
    while len(some) < min(RESULTS, left):
        try:
            some.append(_result(results, max(0.0, until - time.monotonic())))
        except queue.Empty:
            break
    return some


def _result(results: _Results, timeout: float | None = None) -> Sent | None:
    result = results.get(timeout=timeout)
    if isinstance(result, BaseException):
        raise result
    return result


def _write(gateway: Gateway, sending: _Sending, results: Sequence[Sent], mails: dict[int, Due], holder: str) -> None:
    """Write results down, as soon as the database is there: what it never hears of would leave once more."""
    while True:
        try:
            return _record(gateway, results, mails, holder, sending.now())
        except Temporary as error:
            log.warning("what has left cannot be written down: %s", error)
            if not sending.patience():
                raise


def _record(gateway: Gateway, results: Sequence[Sent], mails: dict[int, Due], holder: str, now: datetime) -> None:
    """Write results; what failed for good is shown on its ticket."""
    failed = [r for r in results if r.state == "failed" and mails[r.id].ticket]
    with gateway.database.write(decide=bool(failed)) as connection:
        outbox.record(connection, results, holder, now)
        if failed:
            tickets = {t for r in failed if (t := mails[r.id].ticket)}
            work = Work(gateway, Workset(connection, Wanted(tickets=tickets)), now)
            for result in failed:
                _show_failure(work, mails[result.id], result)
            work.set.save(now)
    for result in results:
        _tell(mails[result.id], result)


def _tell(mail: Due, result: Sent) -> None:
    """A line for each attempt; of what the host said the code alone, it likes to repeat the address."""
    if result.seconds is not None:
        code = _CODE.match(result.reason)
        facts = {"ticket": mail.ticket, "attempt": mail.attempts, "code": code[1] if code else None}
        log.info(journal.line(_STAGES[result.state], result.seconds, mail=mail.inbox_id, outbox=mail.id, **facts))


def _show_failure(work: Work, mail: Due, result: Sent) -> None:
    ticket = work.set.tickets[mail.ticket or 0]
    entry = Entry(EntryKind.FAILURE, work.now, None, result.reason, internal=True, label="undelivered", about=mail.to)
    apply.write(work, Decision(ticket, (entry,)), None)
