"""Evidence is scanned by a real clamd: what it finds is put aside, and while it is away mail waits."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgateway.core.errors import Permanent, Temporary
from mailgateway.edges.clamd import Clamd
from mailgateway.steps import process
from tests.desk import JOAO, Desk, config_text
from tests.edges.clamav import NAME, WORD, clamd


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    with clamd() as path:
        yield path


def test_it_names_what_it_finds(running: str) -> None:
    scanner = Clamd(running, 30)
    assert scanner.scan(b"x" * 200_000 + WORD) == NAME
    assert scanner.scan(b"harmless") == ""
    assert scanner.scan(b"") == ""


def test_what_is_too_large_for_it_goes_through(running: str) -> None:
    assert Clamd(running, 30).scan(b"x" * 3_000_000) == ""


def test_away_is_temporary() -> None:
    with pytest.raises(Temporary, match="cannot be asked now"):
        Clamd("/nowhere/socket", 1).scan(b"x")
    with pytest.raises(Temporary):
        Clamd("127.0.0.1:1", 1).scan(b"x")


def test_bytes_that_keep_it_busy_for_too_long_are_that_mails_own_fault(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        with pytest.raises(Permanent, match="could not scan it"):
            Clamd(str(tmp_path / "s"), 0.2).scan(b"x")


def test_an_answer_that_nobody_understands_is_no_clean_bill(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as odd:
        odd.bind(str(tmp_path / "s"))
        odd.listen()

        def answer() -> None:
            with odd.accept()[0] as peer:
                peer.recv(100)
                peer.sendall(b"UNKNOWN COMMAND\0")

        threading.Thread(target=answer).start()
        with pytest.raises(Temporary, match="UNKNOWN"):
            Clamd(str(tmp_path / "s"), 5).scan(b"x")


@pytest.fixture
def scanned(running: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose evidence is scanned."""
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db") + f'[clamd]\naddress = "{running}"\n'
    desk = Desk.open(text, tmp_path)
    yield desk
    desk.close()


def test_malware_is_quarantined_with_its_name_and_told_to_nobody(scanned: Desk) -> None:
    item = scanned.receive(scanned.mail(JOAO, attach=(("nota.exe", WORD),)))
    scanned.process()
    row = scanned.item(item)
    assert (row.outcome, row.ticket) == ("quarantined", None)
    assert NAME in row.reason
    assert scanned.counts() == (0, 0)
    assert not list(scanned.gateway.blobs.names())
    assert b"nota.exe" in scanned.raw(item)
    assert scanned.send(JOAO, attach=(("nota.pdf", b"harmless"),)) == "opened"
    assert scanned.balances()


def test_while_it_is_away_mail_waits(tmp_path: Path) -> None:
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db") + '[clamd]\naddress = "/nowhere/socket"\n'
    desk = Desk.open(text, tmp_path)
    desk.receive(desk.mail(JOAO, attach=(("nota.pdf", b"x"),)))
    for _ in range(4):
        with pytest.raises(Temporary):
            process.drain(desk.gateway, lambda: desk.now)
    assert [(i.state, i.attempts) for i in desk.items()] == [("waiting", 0)]
    desk.close()
