"""Mail that is fetched by IMAP, by `run-once` and by `serve`, from a real Dovecot: in once, then moved."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from mailgateway import __main__ as program
from tests.desk import JOAO, MX, QUEUE
from tests.edges.conftest import certificate, imap_server  # noqa: F401 - fixtures
from tests.edges.dovecot import PASSWORD, Dovecot
from tests.whole.test_serve import eventually, serving, write_config

PROCESSED = "Processados"


@pytest.fixture
def user() -> str:
    return f"suporte-{uuid.uuid4().hex[:8]}"


def mailbox(port: int, user: str, password: str = PASSWORD) -> str:
    return f"""
[[imap]]
name = "suporte"
host = "127.0.0.1"
port = {port}
security = "none"
username = "{user}"
password = "{password}"
processed = "{PROCESSED}"
queue = "suporte"
poll = 1
"""


def mail(number: int) -> bytes:
    proof = f"Authentication-Results: {MX}; dmarc=pass header.from=cliente.example"
    head = f"From: {JOAO}\r\nTo: {QUEUE}\r\nSubject: n{number}\r\nMessage-ID: <{number}@cliente.example>"
    return f"{proof}\r\n{head}\r\n\r\nOi\r\n".encode()


def test_run_once_fetches_and_does_the_rest(
    imap_server: Dovecot,  # noqa: F811
    user: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    imap_server.put(user, mail(1), mail(2))
    config = write_config(tmp_path, 0, 1)
    config.write_text(config.read_text() + mailbox(imap_server.port, user))
    assert program.run(["-c", str(config), "run-once", "--only", "imap,process", "--json"]) == 0
    assert capsys.readouterr().out == '{"fetched": 2, "processed": 2, "tried": 0}\n'
    assert imap_server.mails(user) == []
    assert len(imap_server.mails(user, PROCESSED)) == 2


def test_a_mailbox_that_refuses_us_is_told_and_keeps_nothing_else_waiting(
    imap_server: Dovecot,  # noqa: F811
    user: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = write_config(tmp_path, 0, 1)
    config.write_text(config.read_text() + mailbox(imap_server.port, user, password="wrong"))
    path = tmp_path / "m.eml"
    path.write_bytes(mail(1))
    assert program.run(["-c", str(config), "receive", str(path)]) == 0
    assert program.run(["-c", str(config), "run-once", "--only", "imap,process"]) == 1
    said = capsys.readouterr()
    assert "1 processed" in said.out
    assert "mailbox suporte could not be read" in said.err
    assert program.run(["-c", str(config), "check", "--json"]) == 1
    assert '"check": "imap suporte", "verdict": "fail"' in capsys.readouterr().out


def test_serve_fetches(imap_server: Dovecot, user: str, tmp_path: Path) -> None:  # noqa: F811
    with serving(tmp_path, more=mailbox(imap_server.port, user)) as service:
        imap_server.put(user, mail(1))
        eventually(lambda: service.stats()["outcomes"]["opened"] == 1)
        eventually(lambda: service.caught)
        assert service.say("inbox", "list")[0]["source"] == "imap:suporte"
        eventually(lambda: len(imap_server.mails(user, PROCESSED)) == 1)
    assert service.process.returncode == 0
