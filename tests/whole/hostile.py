"""One running service, the attacks on it, and what is measured meanwhile: memory, and how other mail fares.

`tests/whole/test_hostile_mail.py` asserts what `make hostile` prints.
"""

from __future__ import annotations

import contextlib
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from mailgateway import app, config
from mailgateway.steps.context import Gateway
from mailgateway.store.tables import inbox
from tests.desk import QUEUE, UNLIMITED
from tests.edges import dovecot
from tests.edges.conftest import self_signed
from tests.edges.test_smtp_listener import Raw
from tests.whole import poisoned
from tests.whole.test_fetch import mailbox
from tests.whole.test_serve import Service, eventually, free_port, serving

USER = "suporte-hostil"
IMPATIENT = 2  # seconds: the timeout of the LMTP listener, where the slow are


@dataclass(frozen=True, slots=True)
class Door:
    """A listener; `hello` is how one begins to speak with it."""

    port: int
    hello: bytes

    def talk(self, host: str = "127.0.0.1") -> Raw:
        return Raw(self, host, timeout=60)


@dataclass
class Target:
    """The service under attack."""

    service: Service
    smtp: Door
    lmtp: Door
    second: subprocess.Popen[bytes]
    gateway: Gateway
    mailboxes: dovecot.Dovecot | None
    probes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hand_in(self, mail: Iterable[bytes], door: Door | None = None, size: int = 0) -> str:
        """The answer to a mail, and what became of it if it was taken."""
        door = door or self.smtp
        with door.talk() as raw:
            raw.ask(door.hello)
            begun = raw.ask(b"MAIL FROM:<mallory@cliente.example>%b\r\n" % (b" SIZE=%d" % size if size else b""))
            if not begun.startswith("250"):
                return begun[:9]
            raw.ask(b"RCPT TO:<suporte@aurora.example>\r\n")
            raw.ask(b"DATA\r\n")
            for piece in mail:
                raw.say(piece)
            return self.outcome(raw.ask(b".\r\n"))

    def outcome(self, answer: str) -> str:
        """The code, or for a mail that was taken its outcome."""
        if not answer.startswith("250"):
            return answer[:9]
        return self.ended(inbox.c.id == int(answer.rpartition(" ")[2]))

    def fetched(self, mail: bytes) -> str:
        """What became of a mail that lay in the mailbox."""
        assert self.mailboxes is not None
        with self.gateway.database.read() as connection:
            last = connection.execute(select(inbox.c.id).order_by(inbox.c.id.desc()).limit(1)).scalar() or 0
        self.mailboxes.put(USER, mail)
        return self.ended((inbox.c.id > last) & (inbox.c.mailbox != ""))

    def ended(self, which: object) -> str:
        found: list[str] = []

        def over() -> bool:
            with self.gateway.database.read() as connection:
                row = connection.execute(select(inbox.c.outcome).where(which, inbox.c.state == "done")).first()
            found.extend([row.outcome] if row else [])
            return bool(found)

        eventually(over, within=90)
        return found[0]

    def probe(self) -> float:
        """Seconds from an ordinary mail to its confirmation."""
        with self._lock:
            self.probes += 1
            sender = f"pessoa{self.probes}@cliente.example"
        mail = f"From: {sender}\r\nTo: {QUEUE}\r\nSubject: Impressora\r\nMessage-ID: <{sender}>\r\n\r\nParou.\r\n"
        began = time.monotonic()
        with smtplib.SMTP("127.0.0.1", self.smtp.port, timeout=60) as client:
            client.sendmail(sender, [QUEUE], mail)
        eventually(lambda: any(sender in caught.to for caught in list(self.service.caught)), within=90)
        return time.monotonic() - began

    def processes(self) -> Iterator[int]:
        """All that belong to it."""
        waiting = [self.service.process.pid, self.second.pid]
        while waiting:
            pid = waiting.pop()
            yield pid
            with contextlib.suppress(OSError):
                waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    def memory(self) -> int:
        """MB of all processes; what they share counts once."""
        return sum(map(_memory, self.processes())) // 1024


def _memory(pid: int) -> int:
    """Its proportional set size in KB (proc(5), smaps_rollup); 0 where it has just ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of an attack. `latency`: of the slowest ordinary mail meanwhile, in seconds; `peak`: in MB."""

    outcome: str
    latency: float
    peak: int
    seconds: float


def measure(target: Target, attack: Callable[[Target], str]) -> Measured:
    """Attack, and meanwhile send ordinary mails one after the other, at least one."""
    over, peak, latencies, began = threading.Event(), target.memory(), [0.0], time.monotonic()

    def look() -> int:
        highest = peak
        while not over.wait(0.1):
            highest = max(highest, target.memory())
        return highest

    with ThreadPoolExecutor(2) as pool:
        watching = pool.submit(look)
        try:
            attacking = pool.submit(attack, target)
            while len(latencies) == 1 or not attacking.done():
                latencies.append(target.probe())
            outcome = attacking.result()
        finally:
            over.set()
    return Measured(outcome, max(latencies), watching.result(), time.monotonic() - began)


@contextlib.contextmanager
def under_attack(folder: Path) -> Iterator[Target]:
    """`serve` with a reader that some words poison, SMTP with TLS, LMTP beside it, a mailbox."""
    with contextlib.ExitStack() as stack:
        certificate = self_signed(folder)
        server = stack.enter_context(dovecot.running(certificate)) if dovecot.PROGRAM else None
        service = stack.enter_context(
            serving(
                folder,
                program=[sys.executable, poisoned.__file__],
                listener=f'tls_certificate = "{certificate[0]}"\ntls_key = "{certificate[1]}"\n',
                more=UNLIMITED + (mailbox(server.port, USER) if server else ""),
            )
        )
        lmtp = Door(free_port(), b"LHLO pc\r\n")
        second = stack.enter_context(_second(folder, service.port, lmtp.port))
        gateway = app.open_gateway(config.load(folder / "desk.toml"))
        stack.callback(gateway.database.close)
        yield Target(service, Door(service.port, b"EHLO pc\r\n"), lmtp, second, gateway, server)


@contextlib.contextmanager
def _second(folder: Path, port: int, lmtp: int) -> Iterator[subprocess.Popen[bytes]]:
    """Another `serve` on the same data that takes LMTP and has little patience."""
    text = (folder / "desk.toml").read_text(encoding="utf-8")
    said = f'port = {lmtp}\nprotocol = "lmtp"\ntimeout = {IMPATIENT}\n'
    (folder / "lmtp.toml").write_text(text.replace(f"port = {port}\n", said), encoding="utf-8")
    command = [sys.executable, "-m", "mailgateway", "-c", str(folder / "lmtp.toml"), "serve", "--only", "smtp"]
    with (folder / "lmtp.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
    try:
        eventually(lambda: b"serve: ready" in (folder / "lmtp.log").read_bytes() or process.poll() is not None)
        yield process
    finally:
        process.terminate()
        process.wait(35)
