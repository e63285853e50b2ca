"""`serve` as it runs: real processes, real sockets; killed children come back and nothing is lost or done twice."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailgateway import app, config
from mailgateway.cli.service import SERVED
from mailgateway.edges.sink import Caught, Sink
from mailgateway.edges.supervisor import Child, Life, Supervisor
from tests.desk import JOAO, QUEUE, config_text

PROGRAM = [sys.executable, "-m", "mailgateway"]


def eventually(condition: Callable[[], object], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A running `serve`."""

    folder: Path
    port: int
    caught: list[Caught]
    process: subprocess.Popen[bytes]

    def send(self, number: int) -> None:
        mail = (
            f"From: {JOAO}\r\nTo: {QUEUE}\r\nSubject: n{number}\r\nMessage-ID: <{number}@cliente.example>\r\n\r\nOi\r\n"
        )
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as client:
            client.sendmail(JOAO, [QUEUE], mail)

    def say(self, *arguments: str) -> list[dict[str, Any]]:
        command = [*PROGRAM, "-c", str(self.folder / "desk.toml"), *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def stats(self) -> dict[str, Any]:
        return self.say("inbox", "stats")[0]

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text()

    def children(self) -> dict[str, int]:
        """The processes by what they are, told by what they listen to and do."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return dict(zip(("front", "work", "mail"), sorted(map(int, found)), strict=False))


def write_config(
    folder: Path, port: int, sink: int, data: Path | None = None, *, listener: str = "", **queue: str
) -> Path:
    data = data or folder
    text = config_text(data, f"sqlite:///{data}/desk.db", **queue)
    text = text.replace("verify = false", 'verify = false\ntrusted_relays = ["127.0.0.1"]')
    path = folder / "desk.toml"
    path.write_text(f"{text}[smtp_listener]\nport = {port}\n{listener}[smtp_sender]\nport = {sink}\n", encoding="utf-8")
    return path


@contextlib.contextmanager
def serving(
    folder: Path,
    *options: str,
    more: str = "",
    data: Path | None = None,
    program: Sequence[str] = PROGRAM,
    listener: str = "",
    **queue: str,
) -> Iterator[Service]:
    """`more` is appended to the configuration, `listener` goes into its section, `data` holds database and blobs.

    Other keywords are the queue's.
    """
    caught: list[Caught] = []
    sink, port = Sink(caught.append), free_port()
    config = write_config(folder, port, sink.port, data, listener=listener, **queue)
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen([*program, "-c", str(config), "serve", *options], stderr=log, stdout=log)
    service = Service(folder, port, caught, process)
    try:
        eventually(lambda: "serve: ready" in service.log or process.poll() is not None)
        yield service
    finally:
        process.terminate()
        try:
            process.wait(35)
        finally:
            process.kill()
            sink.stop()


def test_a_mail_goes_in_and_the_answer_comes_out(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        began = time.monotonic()
        service.send(1)
        eventually(lambda: len(service.caught) >= 3)
        assert time.monotonic() - began < 5
        assert JOAO in {to for mail in service.caught for to in mail.to}
        assert service.stats()["outcomes"]["opened"] == 1
    assert service.process.returncode == 0
    assert "Oi" not in service.log
    assert "+b" not in service.log  # no key, no envelope sender


def test_it_ends_within_seconds_and_takes_no_more(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        children = service.children()
        service.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert service.process.wait(30) == 0
        assert time.monotonic() - began < 10
        with pytest.raises(OSError, match="refused"):
            service.send(1)
        assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())


@pytest.mark.parametrize("child", ["front", "work", "mail"])
def test_a_killed_child_comes_back_and_nothing_is_lost(tmp_path: Path, child: str) -> None:
    with serving(tmp_path) as service:
        accepted = 0
        for number in range(12):
            if number == 4:
                os.kill(service.children()[child], signal.SIGKILL)
            with contextlib.suppress(OSError, smtplib.SMTPException):
                service.send(number)
                accepted += 1
        assert accepted >= 4
        eventually(lambda: f"{child} ended with -9" in service.log)
        eventually(lambda: not service.stats()["waiting"])
        if child == "front":
            eventually(lambda: service.log.count("listening on port") == 2)
            service.send(99)
            accepted += 1
        eventually(lambda: service.stats()["outcomes"]["opened"] >= accepted)
        rows = service.say("outbox", "list")
        assert len({r["message_id"] for r in rows}) == len(rows)
        eventually(lambda: all(r["state"] in ("delivered", "withheld") for r in service.say("outbox", "list")))


def test_a_child_that_dies_while_the_database_is_away_takes_nobody_along(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        away = (tmp_path / "desk.db").rename(tmp_path / "away.db")
        os.kill(service.children()["front"], signal.SIGKILL)
        eventually(lambda: service.log.count("listening on port") == 2 or service.process.poll() is not None)
        away.rename(tmp_path / "desk.db")
        assert service.process.poll() is None, service.log
        service.send(1)
        eventually(lambda: service.stats()["outcomes"]["opened"] == 1)


def test_the_children_end_when_their_parent_fails() -> None:
    """Nobody would start them again, and whoever waits for their parent would wait for ever."""
    overseer = Supervisor([Child("work", _lives)])
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(ZeroDivisionError):
            overseer.run(lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert not multiprocessing.active_children()


def _lives(life: Life) -> None:
    life.ready()
    while not life.over():
        time.sleep(0.05)


def test_the_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        children = service.children().values()
        assert len(children) == 3
        service.process.kill()
        service.process.wait(10)
        eventually(lambda: not any(_alive(pid) for pid in children))


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # whoever adopted it may not have looked yet


def test_only_some_parts_run(tmp_path: Path) -> None:
    with serving(tmp_path, "--only", "smtp") as service:
        service.send(1)
        assert len(service.children()) == 1
        assert service.stats()["waiting"] == 1


def test_every_source_can_be_chosen_and_only_what_is_configured_runs(tmp_path: Path) -> None:
    assert set(app.SOURCES) == set(SERVED) - {"process", "deliver", "sweep"}
    settings = config.load(write_config(tmp_path, 0, 1))
    assert [name for name, source in app.SOURCES.items() if source.wanted(settings)] == ["smtp"]


def test_a_port_that_is_taken_is_said_and_ends_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = write_config(tmp_path, taken.getsockname()[1], 1)
        done = subprocess.run([*PROGRAM, "-c", str(config), "serve"], capture_output=True, text=True, timeout=40)
    assert done.returncode == 1
    assert "front: [Errno 98]" in done.stderr
    assert "Traceback" not in done.stderr


def test_systemd_is_told_that_it_is_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with serving(tmp_path):
            assert notified.recv(100) == b"READY=1"
