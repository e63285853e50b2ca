"""`check` tries the real thing: what works is told, what does not comes with its cure and exit code 1."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailgateway import __main__ as program
from mailgateway import app, config
from mailgateway.core.messages import Envelope
from mailgateway.edges.sink import Caught, Sink
from mailgateway.mail.proofs import LookupFailed
from tests.desk import config_text

Finding = dict[str, str]

MAILBOX = """
[[imap]]
name = "m"
host = "127.0.0.1"
port = 1
security = "none"
username = "u"
queue = "suporte"
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS as a host without a network has it."""

    def lookup(name: str, kind: str) -> list[str]:
        raise LookupFailed("no resolver")

    monkeypatch.setattr("mailgateway.edges.dns.lookup", lookup)


def write(folder: Path, sink: int, more: str = "") -> Path:
    path = folder / "desk.toml"
    text = config_text(folder, f"sqlite:///{folder}/desk.db")
    path.write_text(f"{text}[smtp_listener]\nport = 0\n[smtp_sender]\nport = {sink}\n{more}", encoding="utf-8")
    path.chmod(0o600)
    return path


@contextlib.contextmanager
def smart_host(caught: Callable[[Caught], None] = lambda mail: None) -> Iterator[Sink]:
    sink = Sink(caught)
    try:
        yield sink
    finally:
        sink.stop()


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Finding]]:
    code = program.run([*map(str, arguments), "--json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, {f["check"]: f for f in found}


def test_what_works_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with smart_host() as sink:
        code, found = run(capsys, "-c", write(tmp_path, sink.port), "check")
    assert code == 0, found
    assert {c for c, f in found.items() if f["verdict"] == "ok"} == {
        *("configuration", "secret", "people", "database", "blobs", "templates", "listener", "smart host"),
    }
    assert found["round trip"]["verdict"] == "warn"
    assert "--round-trip" in found["round trip"]["cure"]
    assert found["dns"]["verdict"] == "warn"
    assert all(f["cure"] or f["verdict"] == "ok" for c, f in found.items() if c != "dns")


def test_what_fails_is_exit_1_with_its_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    templates = tmp_path / "templates/mail/en"
    templates.mkdir(parents=True)
    (templates / "taken.txt").write_text("{% block subject %}{{ nothing }}{% endblock %}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        path = write(
            tmp_path,
            taken.getsockname()[1],  # bound, and nobody listens
            MAILBOX,
        )
        text = path.read_text().replace("uma-frase-bem-comprida-que-so-os-testes-conhecem", "a" * 40)
        path.write_text(text.replace("[gateway]", '[gateway]\ntemplates = "templates"'))
        path.chmod(0o644)
        code, found = run(capsys, "-c", path, "check")
    assert code == 1
    failed = {c for c, f in found.items() if f["verdict"] == "fail"}
    assert failed == {"templates", "imap m", "smart host"}
    assert found["secret"]["cure"].startswith("chmod 600")
    assert "mail/en/taken" in found["templates"]["text"]
    assert "[smtp_sender]" in found["smart host"]["cure"]
    assert "round trip" not in found


@pytest.mark.parametrize(
    ("to", "message_id", "plus", "kept"),
    [
        ("suporte+check", "check.", "ok", "ok"),
        ("suporte", "check.", "fail", "ok"),
        ("suporte+check", "replaced.", "ok", "warn"),
    ],
)
def test_the_round_trip_says_what_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], to: str, message_id: str, plus: str, kept: str
) -> None:
    def home(mail: Caught) -> None:
        """The way back: what the mail servers in between make of it."""
        gateway = app.open_gateway(config.load(path, {}))
        raw, rcpt = mail.raw.replace(b"<check.", f"<{message_id}".encode()), mail.to[0]
        if to == "suporte":
            raw, rcpt = raw.replace(b"suporte+check-", b"suporte@aurora.example <x"), "suporte@aurora.example"
        receiver = app.open_receiver(gateway)
        receiver.submit(raw, Envelope("smtp", mail.mail_from, (rcpt,))).result()
        receiver.close()
        gateway.database.close()

    with smart_host(home) as sink:
        path = write(tmp_path, sink.port)
        code, found = run(capsys, "-c", path, "check", "--round-trip", 10)
        assert program.run(["-c", str(path), "run-once", "--only", "process"]) == 0
    assert found["round trip"]["verdict"] == "ok"
    assert (found["plus address"]["verdict"], found["message id"]["verdict"]) == (plus, kept)
    assert code == (1 if plus == "fail" else 0)
    gateway = app.open_gateway(config.load(path, {}))
    with gateway.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM tickets").scalar() == 0  # it opens no ticket
    gateway.database.close()


def test_a_mail_that_does_not_come_back_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with smart_host() as sink:
        code, found = run(capsys, "-c", write(tmp_path, sink.port), "check", "--round-trip", 1)
    assert (code, found["round trip"]["verdict"]) == (1, "fail")
    assert "MX" in found["round trip"]["cure"]


def test_lines_are_for_people_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with smart_host() as sink:
        assert program.run(["-c", str(write(tmp_path, sink.port)), "check"]) == 0
    said = capsys.readouterr().out
    assert "✓ database" in said
    assert max(map(len, said.splitlines())) <= 100
