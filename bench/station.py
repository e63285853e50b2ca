"""A desk under load, in this process: mails in, batches of the real steps, mails out."""

from __future__ import annotations

import contextlib
import email
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench import scene
from bench.figures import Lap, timed
from mailgateway import app, config
from mailgateway.core.messages import Envelope
from mailgateway.mail.addresses import parse_list
from mailgateway.mail.authenticity import Lookup
from mailgateway.steps import faq, process
from mailgateway.steps.context import Gateway
from mailgateway.steps.receive import Receiver
from mailgateway.store import outbox, tables

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
LARGEST = 100_000_000  # bytes of a mail that is taken


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail of ours, as far as whoever answers it needs it."""

    ticket: int
    to: str
    reply_to: str
    message_id: str
    subject: str
    text: str

    def answer(self, number: int, words: str) -> bytes:
        """A reply by its reader, who quotes it all."""
        quoted = "".join(f"> {line}\n" for line in self.text.splitlines())
        text = f"{words}\n\nEm ter., 24 de nov. de 2026 às 10:00, Suporte <{scene.QUEUE}> escreveu:\n{quoted}"
        subject = f"RES: [#{self.ticket}] Impressora parada"
        return scene.letter(number, text, author=self.to, to=self.reply_to, subject=subject, answers=self.message_id)


@dataclass(slots=True)
class Station:
    """See the module."""

    gateway: Gateway
    receiver: Receiver
    folder: Path
    numbers: int = 0  # how many mails were written so far
    seen: int = 0  # the outbox up to here was looked at

    def fresh(self, count: int) -> range:
        """So many numbers that no mail had yet."""
        first, self.numbers = self.numbers + 1, self.numbers + count
        return range(first, first + count)

    def take(self, mails: Sequence[bytes]) -> None:
        """Accept mails, durably."""
        offered = [self.receiver.submit(raw, _envelope(raw)) for raw in mails]
        for answer in offered:
            answer.result(60)

    def work(self) -> None:
        """Batches until nothing waits."""
        while process.batch(self.gateway, NOW, "bench"):
            pass

    def lap(
        self, mails: Sequence[bytes], outcome: str, owed: int, around: AbstractContextManager[object] | None = None
    ) -> Lap:
        """From inbox to outbox; each must come to this outcome and owe so many mails."""
        self.take(mails)
        before = self._counts(outcome)
        with around or nullcontext(), timed(len(mails)) as laps:
            self.work()
        done, out = (after - then for after, then in zip(self._counts(outcome), before, strict=True))
        if (done, out) != (len(mails), owed * len(mails)):
            raise AssertionError(f"{len(mails)} mails: {done} {outcome}, {out} mails out instead of {owed} each")
        return laps[0]

    def _counts(self, outcome: str) -> tuple[int, int]:
        with self.gateway.database.read() as connection:
            done = select(func.count()).select_from(tables.inbox).where(tables.inbox.c.outcome == outcome)
            out = select(func.count()).select_from(tables.outbox).where(tables.outbox.c.state == "waiting")
            return connection.execute(done).scalar_one(), connection.execute(out).scalar_one()

    def out(self, notice: str) -> list[Sent]:
        """The mails of that notice that were written since the last look."""
        with self.gateway.database.read() as connection:
            rows = outbox.page(connection, limit=None, after=self.seen, newest_first=False)
            self.seen = rows[-1].id if rows else self.seen
            return [_sent(row, outbox.raw(connection, row.id)) for row in rows if row.notice == notice]

    def open_tickets(self, count: int, notice: str) -> list[Sent]:
        """Open tickets; returns the mails of one notice about them."""
        self.out("")
        self.take([scene.plain(number) for number in self.fresh(count)])
        self.work()
        return self.out(notice)

    def learn(self) -> None:
        """Import a FAQ."""
        scene.write_articles(self.folder / "faq")
        faq.import_folder(self.gateway, self.folder / "faq", NOW)

    def comments(self, count: int) -> list[bytes]:
        """Comments of requesters on new tickets."""
        asked = self.open_tickets(count, "ticket_opened")
        words = "Bom dia! Continua parada, e agora a luz ficou vermelha. Podem vir hoje?"
        return [sent.answer(n, words) for n, sent in zip(self.fresh(count), asked, strict=True)]

    def approvals(self, count: int) -> list[bytes]:
        """An approver's decisions on new tickets that their agent has resolved."""
        opened = self.open_tickets(count, "agent_ticket_opened")
        words = "#resolver: Trocamos a cabeça de impressão e o cupom sai de novo."
        self.take([sent.answer(n, words) for n, sent in zip(self.fresh(count), opened, strict=True)])
        self.work()
        asked = self.out("approval_requested")
        return [sent.answer(n, "Aprovado") for n, sent in zip(self.fresh(count), asked, strict=True)]


@contextlib.contextmanager
def station(database: str = "", more: str = "", lookup: Lookup | None = None) -> Iterator[Station]:
    """An open desk in a folder of its own; on SQLite where no database is named.

    With `lookup`, its DNS, it believes nobody and checks each mail itself.
    """
    folder = Path(tempfile.mkdtemp(prefix="mgw-bench-"))
    path = folder / "desk.toml"
    text = scene.config(folder, database or scene.sqlite(folder), more)
    path.write_text(text.replace("verify = false", "verify = true") if lookup else text, encoding="utf-8")
    gateway = replace(app.open_gateway(config.load(path, {})), lookup=lookup)
    gateway.templates.compile_all()
    receiver = Receiver(gateway.database, gateway.blobs, lambda: NOW, LARGEST)
    try:
        yield Station(gateway, receiver, folder)
    finally:
        receiver.close()
        gateway.database.close()
        shutil.rmtree(folder, ignore_errors=True)


def _envelope(raw: bytes) -> Envelope:
    head = email.message_from_bytes(raw[:4096])
    sender, to = (parse_list([str(head[name])])[0][0].email for name in ("From", "To"))
    return Envelope("pipe", sender, (to,))


def _sent(row: Any, raw: bytes) -> Sent:
    mail = email.message_from_bytes(raw)
    part: Any = next(p for p in mail.walk() if p.get_content_type() == "text/plain")
    text = part.get_payload(decode=True).decode()
    return Sent(row.ticket, row.to, str(mail["Reply-To"]), str(mail["Message-ID"]), row.subject, text)
