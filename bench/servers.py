"""The programs that benchmarks talk to, each private, on a port of its own: `serve`, Postfix, a smart host.

`smtp-source` and `smtp-sink` are Postfix's own tools for measuring: `apt-get install postfix`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import scene

PROGRAM = [sys.executable, "-m", "mailgateway"]
SBIN = Path("/usr/sbin")
HOLD = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = aurora.example
mydestination = aurora.example
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
smtpd_peername_lookup = no
smtpd_client_restrictions = check_client_access static:HOLD
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], within: float = 60.0, every: float = 0.05) -> None:
    """Wait until it holds; raises `TimeoutError` where it does not in time."""
    until = time.monotonic() + within
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("it did not come true in time")
        time.sleep(every)


def answers(port: int) -> bool:
    """Whether an SMTP server greets there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as probe:
            return probe.recv(3) == b"220"
    except OSError:
        return False


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for one in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def computed(pid: int) -> float:
    """CPU seconds of a process, of all below it and of those that have ended there (proc(5), stat 14 to 17)."""
    ticks = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """A folder that servers of any user may enter, away afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mgw-bench-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(slots=True)
class Service:
    """A running `serve` with its configuration."""

    config: Path
    port: int
    process: subprocess.Popen[bytes]

    def say(self, *arguments: str) -> list[dict[str, Any]]:
        """What a command prints about it."""
        command = [*PROGRAM, "-c", str(self.config), *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def accepted(self) -> int:
        return int(self.say("inbox", "stats")[0]["accepted"])

    def waiting(self) -> int:
        """Mails without an outcome, of a service on SQLite: asked of the file, for a command costs what it measures."""
        return self._count("inbox", "waiting", "claimed")

    def owed(self) -> int:
        """Mails of ours that have not left and still may."""
        return self._count("outbox", "waiting", "sending")

    def _count(self, table: str, *states: str) -> int:
        with contextlib.closing(sqlite3.connect(self.config.with_name("desk.db"))) as database:
            query = f"SELECT count(*) FROM {table} WHERE state IN (?, ?)"
            return int(database.execute(query, states).fetchone()[0])

    def kill(self) -> None:
        """All of it, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def write_config(folder: Path, smart_host: int = 9, database: str = "", more: str = "") -> tuple[Path, int]:
    """A configuration of a service in this folder, and the port that it will listen on."""
    path, port = folder / "desk.toml", free_port()
    network = f"[smtp_listener]\nport = {port}\nmax_size = 100000000\n[smtp_sender]\nport = {smart_host}\n"
    path.write_text(scene.config(folder, database or scene.sqlite(folder), network + more), encoding="utf-8")
    return path, port


def start(path: Path, port: int, *options: str, log: str = "serve.log") -> Service:
    """Start `serve` and wait until it is ready."""
    file = path.parent / log
    with file.open("ab") as out:
        begun = out.tell()
        command = [*PROGRAM, "-c", str(path), "serve", *options]
        process = subprocess.Popen(command, stderr=out, stdout=out, start_new_session=True)
    service = Service(path, port, process)

    def ready() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"serve ended: {file.read_text()[-2000:]}")
        return b"serve: ready" in file.read_bytes()[begun:]

    wait_for(ready)
    return service


@contextlib.contextmanager
def serving(folder: Path, *options: str, smart_host: int = 9, database: str = "", more: str = "") -> Iterator[Service]:
    """A service for as long as the block lasts. Nobody listens on port 9, the smart host unless one is named."""
    service = start(*write_config(folder, smart_host, database, more), *options)
    try:
        yield service
    finally:
        service.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.process.wait(35)
        service.kill()


@dataclass(slots=True)
class Postfix:
    """A private Postfix that keeps all mail in its hold queue."""

    folder: Path
    port: int

    @property
    def pid(self) -> int:
        return int((self.folder / "queue" / "pid" / "master.pid").read_text())

    def held(self) -> int:
        return sum(1 for file in (self.folder / "queue" / "hold").rglob("*") if file.is_file())

    def run(self, command: str) -> None:
        program = [SBIN / "postfix", "-c", self.folder / "etc", command]
        done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise RuntimeError(f"postfix {command}: {done.stderr}")


def why_no_postfix() -> str:
    """What keeps a private Postfix from running here, "" if nothing does."""
    if not (SBIN / "postfix").exists():
        return "apt-get install postfix"
    return "" if os.geteuid() == 0 else "only root can run it"


@contextlib.contextmanager
def postfix(folder: Path) -> Iterator[Postfix]:
    """See `Postfix`."""
    server = Postfix(folder, free_port())
    etc = folder / "etc"
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix", "postfix")
    (etc / "main.cf").write_text(HOLD.format(folder=folder))
    services = Path("/usr/share/postfix/master.cf.dist").read_text().splitlines()
    listener = f"127.0.0.1:{server.port} inet n - n - - smtpd"
    lines = [listener if line.split()[:2] == ["smtp", "inet"] else line for line in services]
    (etc / "master.cf").write_text("\n".join(lines) + "\n")
    shutil.copy("/etc/postfix/postfix-files", etc)
    server.run("start")
    try:
        wait_for(lambda: answers(server.port))
        yield server
    finally:
        server.run("stop")


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """A smart host that throws all mail away; its port."""
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([SBIN / "smtp-sink", *user, f"127.0.0.1:{port}", "1000"])
    try:
        wait_for(lambda: answers(port))
        yield port
    finally:
        process.kill()
        process.wait()


def source(port: int, mails: int, size: int, connections: int) -> None:
    """Hand mails in by `smtp-source`, which is a process of its own; each connection is used again."""
    people = ["-f", "pessoa1@cliente.example", "-t", scene.QUEUE]
    load = ["-4", "-d", "-s", str(connections), "-m", str(mails), "-l", str(size)]
    subprocess.run([SBIN / "smtp-source", *load, *people, f"127.0.0.1:{port}"], check=True, timeout=600)
