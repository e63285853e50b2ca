"""A desk under test: raw mails in by `receive`, the real steps on a real database, raw mails out of the outbox."""

from __future__ import annotations

import email.policy
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mailgateway import app, config
from mailgateway.core.messages import Envelope
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, Ticket
from mailgateway.steps import process, sweep
from mailgateway.steps.context import Gateway
from mailgateway.steps.receive import Receiver
from mailgateway.store import inbox, outbox, people, tables, tickets
from mailgateway.store.people import Known

QUEUE = "suporte@aurora.example"
ANA = "ana@aurora.example"
JOAO = "joao@cliente.example"
BIA = "bia@cliente.example"
MARIA = "maria@cliente.example"
MX = "mx.aurora.example"
#: Nobody is told less because much happens within minutes; a limit that is added is in it too.
UNLIMITED = "[limits]\n" + "".join(
    f"{name} = 1000000\n"
    for name in config.Limits.model_fields
    if name.startswith(("answers_", "notices_", "invites_"))
)
NO_ALARM = "outbox_minutes = 0"  # a desk sends nothing by itself, whatever time passes in a test


def config_text(folder: Path, database: str, **queue: str) -> str:
    """A configuration; keyword arguments are TOML values of the queue."""
    said = {"approvers": f'["{MARIA}"]', "survey": "true", **queue}
    policy = "".join(f"{key} = {value}\n" for key, value in said.items())
    return f"""
[gateway]
domain = "aurora.example"
secret = "uma-frase-bem-comprida-que-so-os-testes-conhecem"
name = "Aurora"
database = "{database}"
blobs = "{folder}/blobs"
[authenticity]
authserv_id = "{MX}"
verify = false
[[queues]]
name = "suporte"
addresses = ["{QUEUE}"]
{policy}
[[queues]]
name = "compras"
addresses = ["compras@aurora.example"]
[[agents]]
email = "{ANA}"
name = "Ana Lima"
queues = ["suporte"]
[[agents]]
email = "caio@aurora.example"
name = "Caio Reis"
queues = ["suporte", "compras"]
[portal]
enabled = false
[alarms]
{NO_ALARM}
"""


@dataclass
class Out:
    """One mail of ours as the outbox holds it."""

    id: int
    to: str
    notice: str
    state: str
    reason: str
    mail: EmailMessage
    raw: bytes

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.mail.get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    @property
    def reply_to(self) -> str:
        """Where a reply goes."""
        return str(self.mail["Reply-To"])


@dataclass
class Desk:
    """See the module."""

    gateway: Gateway
    receiver: Receiver
    folder: Path
    now: datetime = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    _count: int = 0
    _seen: int = 0
    _all: list[Out] = field(default_factory=list)

    @classmethod
    def open(cls, text: str, folder: Path) -> Desk:
        """A desk with this configuration."""
        path = folder / "desk.toml"
        path.write_text(text, encoding="utf-8")
        gateway = app.open_gateway(config.load(path, {}))
        desk: Desk
        receiver = Receiver(gateway.database, gateway.blobs, lambda: desk.now, 36_000_000)
        desk = cls(gateway, receiver, folder)
        return desk

    def close(self) -> None:
        """End the writer thread and give back the connections."""
        self.receiver.close()
        self.gateway.database.close()

    # ---- mails in

    def mail(
        self,
        author: str,
        text: str = "A impressora não imprime.",
        *,
        subject: str = "Impressora parada",
        to: str = QUEUE,
        cc: str = "",
        auth: str = "pass",
        html: str = "",
        headers: dict[str, str] | None = None,
        attach: tuple[tuple[str, bytes], ...] = (),
        message_id: str = "",
    ) -> bytes:
        """A raw mail as a client writes it, with what the receiving host says of its author ("" = nothing)."""
        self._count += 1
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = author, to, subject
        if cc:
            mail["Cc"] = cc
        mail["Date"] = self.now
        mail["Message-ID"] = message_id or f"<m{self._count}@cliente.example>"
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype="html")
        for name, data in attach:
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        top = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        if auth:
            domain = author.rstrip(">").partition("@")[2]
            top = f"Authentication-Results: {MX}; dmarc={auth} header.from={domain}\r\n{top}"
        return top.encode() + mail.as_bytes()

    def receive(self, raw: bytes, rcpt: str = QUEUE, mail_from: str | None = "someone@cliente.example") -> int:
        """Accept raw bytes; returns the inbox id."""
        return self.receiver.submit(raw, Envelope("pipe", mail_from, (rcpt,))).result(30)

    def process(self) -> None:
        """Batches in this process, until nothing waits."""
        while process.batch(self.gateway, self.now, "test"):
            pass

    def send(self, author: str, text: str = "A impressora não imprime.", **kw: Any) -> str:
        """A mail in, processed; returns its outcome."""
        item = self.receive(self.mail(author, text, **kw), kw.get("to", QUEUE))
        self.process()
        return self.item(item).outcome

    def reply(self, answered: Out, text: str, *, author: str = "", **kw: Any) -> str:
        """Answer a mail of ours the way a client does, quoting it."""
        quoted = "".join(f"> {line}\n" for line in answered.text.splitlines())
        body = f"{text}\n\nEm ter., 24 de nov. de 2026 às 10:00, Suporte <{QUEUE}> escreveu:\n{quoted}"
        ids = f"{answered.mail['Message-ID']}"
        headers = {"In-Reply-To": ids, "References": f"{answered.mail['References']} {ids}".replace("\r\n", "")}
        kw = {"subject": f"RES: {answered.mail['Subject']}", "to": answered.reply_to, "headers": headers, **kw}
        return self.send(author or answered.to, body, **kw)

    def sweep(self, **later: int) -> None:
        """Let time pass (timedelta's words), then do what is due."""
        self.now += timedelta(**later)
        sweep.sweep(self.gateway, self.now)

    # ---- what came of it

    def out(self, to: str = "", notice: str = "") -> list[Out]:
        """The mails that were written since the last look, oldest first; a look at one person takes note of all."""
        fresh: list[Out] = []
        with self.gateway.database.read() as connection:
            for row in outbox.page(connection, limit=None, after=self._seen, newest_first=False):
                raw = outbox.raw(connection, row.id)
                mail = BytesParser(policy=email.policy.default).parsebytes(raw)
                assert isinstance(mail, EmailMessage)
                fresh.append(Out(row.id, row.to, row.notice, row.state, row.reason, mail, raw))
        if fresh:
            self._seen = fresh[-1].id
            self._all += fresh
        return [o for o in fresh if (not to or o.to == to) and (not notice or o.notice == notice)]

    def last(self, to: str, notice: str) -> Out:
        """The newest mail of that notice to that person, whenever it was written."""
        self.out()
        return [o for o in self._all if o.to == to and o.notice == notice][-1]

    def notices(self) -> set[tuple[str, str]]:
        """(address, notice) of each mail since the last look."""
        return {(o.to, o.notice) for o in self.out()}

    def item(self, item_id: int) -> Any:
        """An inbox row."""
        with self.gateway.database.read() as connection:
            return inbox.one(connection, item_id)

    def items(self) -> list[Any]:
        """All inbox rows."""
        with self.gateway.database.read() as connection:
            return inbox.page(connection, limit=None, after=None, newest_first=False)

    def ticket(self, number: int = 1) -> Ticket:
        """A ticket as it is now."""
        with self.gateway.database.read() as connection:
            return tickets.load(connection, [number], Known())[number]

    def exists(self, number: int) -> bool:
        """Whether there is such a ticket."""
        with self.gateway.database.read() as connection:
            return number in tickets.load(connection, [number], Known())

    def history(self, number: int = 1) -> list[Entry]:
        """A ticket's entries, oldest first."""
        with self.gateway.database.read() as connection:
            return [e for _, e in tickets.history(connection, number, Known())]

    def person(self, email: str) -> Person:
        """Whoever has this address."""
        with self.gateway.database.read() as connection:
            return people.load(connection, emails=[email]).by_address[email]

    def envelope_sender(self, outbox_id: int) -> str:
        """Where reports about one of our mails go."""
        with self.gateway.database.read() as connection:
            return str(outbox.one(connection, outbox_id).mail_from)

    def _states(self) -> list[Any]:
        """All outbox rows as they are now."""
        with self.gateway.database.read() as connection:
            return outbox.page(connection, limit=None, after=None, newest_first=False)

    def raw(self, item_id: int) -> bytes:
        """An accepted mail's bytes."""
        with self.gateway.database.read() as connection:
            return inbox.raw(connection, item_id, self.gateway.blobs)

    def retry(self, item_id: int) -> None:
        """Take a mail out of quarantine."""
        with self.gateway.database.write() as connection:
            inbox.retry(connection, item_id)

    def claim(self, holder: str) -> list[int]:
        """Claim a batch and do nothing with it."""
        with self.gateway.database.write() as connection:
            return inbox.claim(connection, holder, self.now + timedelta(minutes=3))

    def take_up(self, holder: str) -> None:
        """Give back what a dead holder claimed, to be run in a batch again."""
        with self.gateway.database.write() as connection:
            inbox.release(connection, holder, alone=False)

    def counts(self) -> tuple[int, int]:
        """How many tickets and how many mails of ours there are."""
        with self.gateway.database.read() as connection:
            count = [
                connection.execute(select(func.count()).select_from(t)).scalar_one()
                for t in (tables.tickets, tables.outbox)
            ]
        return count[0], count[1]

    def balances(self) -> bool:
        """Whether accepted = waiting + the sum of all outcomes."""
        with self.gateway.database.read() as connection:
            accepted, waiting, outcomes = inbox.stats(connection)
        return accepted == waiting + sum(outcomes.values())


def key_of(address: str) -> str:
    """The sixteen letters of a reply address."""
    found = re.search(r"\.([a-z2-7]{16})@", address)
    assert found
    return found[1]
