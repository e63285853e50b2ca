"""What is put under load: two `serve` on one database on a disk of its own, a smart host, a mailbox."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from mailgateway import __main__ as program
from mailgateway import app, config
from mailgateway.cli import shown_ticket
from tests.desk import UNLIMITED
from tests.edges import dovecot
from tests.edges.conftest import self_signed
from tests.soak.host import Host
from tests.soak.ways import MAILBOX
from tests.whole.test_fetch import mailbox
from tests.whole.test_serve import PROGRAM, free_port, write_config

#: A silent smart host is not waited for long.
SETTINGS = f"timeout = 5\n{UNLIMITED}"


@dataclass
class Serve:
    """One `serve`, the head of a process group. While it is `wanted` it is started again, as systemd would."""

    config: Path
    log: Path
    port: int
    options: tuple[str, ...] = ()
    wanted: bool = True
    gave_up: int = 0  # times that it ended by itself
    process: subprocess.Popen[bytes] | None = None
    _start: int = 0  # where in the log its present life begins

    def look(self) -> None:
        """Start it where it does not run."""
        if not self.wanted or (self.process and self.process.poll() is None):
            return
        self.gave_up += bool(self.process and self.process.returncode != -signal.SIGKILL)
        command = [*PROGRAM, "-c", str(self.config), "serve", *self.options]
        with self.log.open("ab") as out:
            self._start = out.tell()
            self.process = subprocess.Popen(command, stderr=out, stdout=out, start_new_session=True)

    @property
    def ready(self) -> bool:
        """Whether it is at work."""
        runs = self.process is not None and self.process.poll() is None
        return runs and b"serve: ready" in self.log.read_bytes()[self._start :]

    def kill(self) -> bool:
        """All of it, at once; False where it did not run."""
        if self.process is None or self.process.poll() is not None:
            return False
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        return True

    def stop(self) -> None:
        """Let it end in peace."""
        self.wanted = False
        if self.process:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
        self.kill()
        self.process = None


@dataclass
class World:
    """See the module. `steady` is held by whoever starts or kills a process, or wants nobody to do so."""

    folder: Path  # configurations and logs, never on the disk that breaks
    data: Path  # the database and the blobs
    small: bool  # whether the disk is one that can be filled
    guarded: bool  # whether files can be made read-only
    host: Host
    dovecot: dovecot.Dovecot | None
    main: Serve
    second: Serve
    steady: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)
    did: Counter[str] = field(default_factory=Counter)
    kills: list[float] = field(default_factory=list)  # when something was killed that sends

    @property
    def services(self) -> tuple[Serve, Serve]:
        return self.main, self.second

    @contextlib.contextmanager
    def at_peace(self) -> Iterator[None]:
        """Both services are at work, and nobody starts or kills one meanwhile."""
        while not self.over.wait(0.05):
            with self.steady:
                if all(service.ready for service in self.services):
                    yield
                    return
        raise InterruptedError("it is over")

    @property
    def database(self) -> Path:
        return self.data / "desk.db"

    def keep(self) -> None:
        """Start again what has ended."""
        while not self.over.wait(0.1):
            with self.steady:
                for service in self.services:
                    service.look()

    def say(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints. It runs in this process: starting one takes longer than all that it does."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            program.run(["-c", str(self.main.config), *arguments, "--json"])
        return [json.loads(line) for line in said.getvalue().splitlines()]

    def tickets(self) -> list[dict[str, Any]]:
        """What `tickets show` prints, of all of them."""
        numbers = [row["number"] for row in self.say("tickets", "list")]
        gateway = app.open_gateway(config.load(self.main.config))
        with contextlib.closing(gateway.database), gateway.database.read() as connection:
            return [shown_ticket.load(connection, gateway, n, None, app.now()) for n in numbers]

    def run_once(self, parts: str, at: datetime | None = None) -> None:
        """Do what is due, now or as if it were that moment."""
        self.say("run-once", "--only", parts, *(("--now", at.isoformat()) if at else ()))

    def waiting(self) -> int:
        """How many mails have no outcome yet."""
        return int(self.say("inbox", "stats")[0]["waiting"])

    def owed(self) -> list[dict[str, Any]]:
        """Mails that have not left and still may."""
        return [row for row in self.say("outbox", "list") if row["state"] in ("waiting", "sending")]


@contextlib.contextmanager
def a_world(folder: Path, disk_mb: int) -> Iterator[World]:
    """Everything up; nothing of it is left afterwards."""
    with contextlib.ExitStack() as stack:
        disk = folder / "disk"
        small = stack.enter_context(_disk(disk, disk_mb))
        server = stack.enter_context(dovecot.running(self_signed(folder))) if dovecot.PROGRAM else None
        host = Host()
        host.open()
        stack.callback(host.close)
        world = _wired(folder, disk / "data", small, host, server)
        world.say("migrate")
        keeper = threading.Thread(target=world.keep)
        keeper.start()
        try:
            yield world
        finally:
            world.over.set()
            keeper.join()
            for service in world.services:
                service.kill()


@contextlib.contextmanager
def _disk(place: Path, mb: int) -> Iterator[bool]:
    """A disk of its own where that is allowed, else a folder; says which."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mb}m,mode=0700", "tmpfs", str(place)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


def _wired(folder: Path, data: Path, small: bool, host: Host, server: dovecot.Dovecot | None) -> World:
    data.mkdir()
    ports = free_port(), free_port()
    written = write_config(data, ports[0], host.port)
    text = written.read_text(encoding="utf-8") + SETTINGS
    written.unlink()
    texts = {
        "main": text + (mailbox(server.port, MAILBOX) if server else ""),
        "second": text.replace(f"port = {ports[0]}", f'port = {ports[1]}\nprotocol = "lmtp"'),
    }
    for name, content in texts.items():
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    main = Serve(folder / "main.toml", folder / "main.log", ports[0])
    second = Serve(folder / "second.toml", folder / "second.log", ports[1], ("--only", "smtp"))
    return World(folder, data, small, _guarded(data), host, server, main, second)


def _guarded(data: Path) -> bool:
    """Whether nobody can write to what we make read-only. Root ignores modes, but not that a file is immutable."""
    if os.geteuid() != 0:
        return True
    probe = data / "probe"
    probe.touch()
    done = [
        subprocess.run(["chattr", flag, probe], capture_output=True, check=False).returncode for flag in ("+i", "-i")
    ]
    probe.unlink()
    return not any(done)
