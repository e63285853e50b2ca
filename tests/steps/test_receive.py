"""Accepted is durable: bytes and row are there before the answer; trouble of ours is temporary and keeps nothing."""

from __future__ import annotations

import resource
import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest

from mailgateway.core.errors import Temporary
from mailgateway.core.messages import Envelope
from mailgateway.steps import receive
from mailgateway.steps.receive import Receiver
from mailgateway.store import inbox
from mailgateway.store.blobs import Blobs, Draft
from tests.desk import JOAO, Desk

ENVELOPE = Envelope("pipe", JOAO, ("suporte@aurora.example",))


def test_a_mail_is_there_when_the_answer_comes(desk: Desk) -> None:
    item = desk.receiver.submit(b"bytes", ENVELOPE).result(10)
    assert desk.raw(item) == b"bytes"
    assert desk.item(item).state == "waiting"


def test_mails_from_many_threads_are_kept_once_each_and_in_few_transactions(desk: Desk) -> None:
    futures: list[Future[int]] = []
    lock = threading.Lock()

    def offer(n: int) -> None:
        for k in range(20):
            future = desk.receiver.submit(f"{n}.{k}".encode(), ENVELOPE)
            with lock:
                futures.append(future)

    threads = [threading.Thread(target=offer, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [f.result(30) for f in futures]
    assert len(set(ids)) == 200
    assert sorted(desk.raw(i).decode() for i in ids) == sorted(f"{n}.{k}" for n in range(10) for k in range(20))


def test_a_database_that_is_away_is_temporary_and_keeps_nothing(
    small_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> list[int]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "add", fails)
        with pytest.raises(Temporary, match="No space left"):
            small_desk.receive(b"bytes")
    assert small_desk.items() == []
    small_desk.receive(b"bytes")  # and the writer lives on
    assert len(small_desk.items()) == 1


def test_a_blob_is_durable_before_its_row(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    keep, add = Blobs.keep, inbox.add
    monkeypatch.setattr(Blobs, "keep", lambda self, draft: (order.append("blob"), keep(self, draft))[1])
    monkeypatch.setattr(inbox, "add", lambda c, m: (order.append("row"), add(c, m))[1])
    small_desk.receive(b"x" * 2_000_000)
    assert order == ["blob", "row"]


def test_a_crash_after_the_blob_leaves_an_orphan_and_no_row(small_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "add", lambda *_: (_ for _ in ()).throw(RuntimeError("gone")))
        with pytest.raises(Temporary):
            small_desk.receive(b"x" * 2_000_000)
    assert small_desk.items() == []
    item = small_desk.receive(b"x" * 2_000_000)  # the same content again: the orphan serves
    assert small_desk.raw(item) == b"x" * 2_000_000


def test_what_does_not_fit_on_the_disk_does_not_stay_on_it(small_desk: Desk) -> None:
    """No file may grow beyond a limit here: writing fails in the middle as it does where the disk is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_999_900, limits[1]))
    try:
        with pytest.raises(Temporary, match="cannot be written now"):
            small_desk.receive(b"x" * 2_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(small_desk.gateway.blobs.drafts()) == []


def test_a_draft_that_is_streamed_has_no_size_limit_from_a_mailbox(small_desk: Desk) -> None:
    draft: Draft = small_desk.receiver.draft()
    for _ in range(40):
        draft.write(b"y" * 1_000_000)
    envelope = Envelope("imap:suporte", None, mailbox="suporte", uidvalidity=7, uid=1)
    item = small_desk.receiver.submit(draft, envelope).result(30)
    assert small_desk.item(item).size == 40_000_000


def test_a_mailboxs_mail_is_held_once_per_uid(desk: Desk) -> None:
    place = Envelope("imap:suporte", None, mailbox="suporte", uidvalidity=7, uid=1)
    first = desk.receiver.submit(b"bytes", place).result(10)
    assert desk.receiver.submit(b"bytes", place).result(10) == first
    assert desk.receiver.known("suporte", 7, [1, 2]) == {1}
    assert desk.receiver.known("suporte", 8, [1, 2]) == frozenset()


def test_of_mails_that_are_offered_together_none_is_kept_where_one_cannot_be(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [(b"%d" % uid, Envelope("imap:s", None, mailbox="s", uidvalidity=7, uid=uid)) for uid in (1, 2, 3)]
    add, faults = inbox.add, iter([RuntimeError("the third is too much")])

    def broken(connection: Any, accepted: Any) -> Any:
        ids = add(connection, accepted)
        for fault in faults:
            raise fault
        return ids

    monkeypatch.setattr(receive, "_GROUP", 1)  # nobody else's mail shares their transaction
    monkeypatch.setattr(inbox, "add", broken)
    for answer in desk.receiver.submit_together(mails):
        with pytest.raises(Temporary):
            answer.result(10)
    assert desk.items() == []
    ids = [answer.result(10) for answer in desk.receiver.submit_together(mails)]
    assert [desk.raw(item) for item in ids] == [b"1", b"2", b"3"]


def test_closing_keeps_what_was_offered(small_desk: Desk) -> None:
    gateway = small_desk.gateway
    receiver = Receiver(gateway.database, gateway.blobs, lambda: datetime(2026, 1, 1, tzinfo=UTC), 1000)
    futures = [receiver.submit(b"m", ENVELOPE) for _ in range(50)]
    receiver.close()
    assert all(f.done() for f in futures)
    assert len(small_desk.items()) == 50
