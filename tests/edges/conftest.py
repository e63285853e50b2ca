"""What the tests of the edges share: an inbox that only remembers, a certificate, a private Dovecot."""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mailgateway.core.messages import Envelope
from tests.edges import dovecot


def eventually(condition: Callable[[], object], within: float = 10.0) -> None:
    """Wait until it holds, and fail if it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.005)


@dataclass
class DraftFake:
    """A large mail on its way in."""

    pieces: list[bytes] = field(default_factory=list)
    aborted: bool = False
    full: bool = False  # the disk

    def write(self, data: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.pieces.append(data)

    def sync(self) -> None:
        pass

    def abort(self) -> None:
        self.aborted = True


@dataclass
class InboxFake:
    """Stands for steps/receive: remembers mails; `fault` is raised for each while it is set."""

    mails: list[tuple[bytes, Envelope]] = field(default_factory=list)
    drafts: list[DraftFake] = field(default_factory=list)
    fault: Exception | None = None
    full: bool = False  # the disk, for drafts
    hold: threading.Event | None = None  # answers wait for it
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def submit(self, raw: bytes | DraftFake, envelope: Envelope) -> Future[int]:
        future: Future[int] = Future()
        if self.hold is None:
            self._keep(raw, envelope, future)
        else:
            threading.Thread(target=self._keep_later, args=(raw, envelope, future)).start()
        return future

    def submit_together(self, mails: Sequence[tuple[bytes | DraftFake, Envelope]]) -> list[Future[int]]:
        return [self.submit(raw, envelope) for raw, envelope in mails]

    def _keep_later(self, raw: bytes | DraftFake, envelope: Envelope, future: Future[int]) -> None:
        assert self.hold is not None
        self.hold.wait(10)
        self._keep(raw, envelope, future)

    def _keep(self, raw: bytes | DraftFake, envelope: Envelope, future: Future[int]) -> None:
        if self.fault is not None:
            future.set_exception(self.fault)
            return
        content = raw if isinstance(raw, bytes) else b"".join(raw.pieces)
        self.mails.append((content, envelope))
        future.set_result(next(self._ids))

    def draft(self) -> DraftFake:
        self.drafts.append(DraftFake(full=self.full))
        return self.drafts[-1]

    def known(self, mailbox: str, uidvalidity: int, uids: object) -> frozenset[int]:
        held = {e.uid for _, e in self.mails if (e.mailbox, e.uidvalidity) == (mailbox, uidvalidity)}
        return frozenset(held & set(uids))  # type: ignore[call-overload]

    @property
    def raws(self) -> list[bytes]:
        return [raw for raw, _ in self.mails]


@pytest.fixture
def inbox() -> InboxFake:
    return InboxFake()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"))


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*make.split(), "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


@pytest.fixture(scope="session")
def imap_server(certificate: tuple[Path, Path]) -> Iterator[dovecot.Dovecot]:
    with dovecot.running(certificate) as server:
        yield server
