"""The log: one line a mail and stage under the mail's id, and not a word that a mail, a person or a secret says."""

from __future__ import annotations

import asyncio
import gc
import logging
import re
import smtplib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from mailgateway.config import Login, SmtpListener
from mailgateway.core.errors import Permanent, Temporary, Unreachable
from mailgateway.core.messages import Mail
from mailgateway.edges.smtp_listener import Listener
from mailgateway.steps import deliver, digesting, journal, prepare, process
from mailgateway.steps.handle import handle
from mailgateway.store import tables
from tests.desk import ANA, MARIA, MX, QUEUE, Desk, config_text
from tests.edges.conftest import self_signed

HIDDEN = "zzq"  #: in every word of these tests that a person wrote, is called by, or must keep to himself
JOAO = f"{HIDDEN}joao@{HIDDEN}cliente.example"
BIA = f"{HIDDEN}bia@{HIDDEN}cliente.example"
PASSWORD = f"{HIDDEN}-a-long-password"


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """All that any logger says from DEBUG on, as `serve` writes it, also from children.

    pytest's own handlers are put aside: they hold locks of streams, and a child may be forked while they do.
    """
    with (tmp_path / "log").open("ab") as file:
        handler = journal.Lines(file.fileno())
        handler.setFormatter(journal.OneLine("%(name)s %(message)s"))
        monkeypatch.setattr(logging.root, "handlers", [handler])
        before = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        yield tmp_path / "log"
        logging.root.setLevel(before)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose secret is marked, that proves signatures itself; on both databases."""
    said = config_text(tmp_path, database_url).replace("uma-frase", f"{HIDDEN}-frase")
    desk = Desk.open(said.replace("verify = false", 'trusted_relays = ["127.0.0.1"]'), tmp_path)
    desk.gateway = replace(desk.gateway, lookup=lambda name, kind: [f"v=DKIM1; p={HIDDEN}"])
    yield desk
    desk.close()


class Host:
    """A smart host that repeats addresses in all it says: away, too busy for one, sure that there is no other."""

    def __init__(self) -> None:
        self.away, self.busy_for, self.knows_not = False, "", ""

    def send(self, mail_from: str, to: str, raw: bytes) -> str:
        if self.away:
            raise Unreachable(f"mx.{HIDDEN}.example: 535 5.7.8 no {PASSWORD} of {mail_from}")
        if to == self.busy_for:
            raise Temporary(f"mx.{HIDDEN}.example: 451 4.7.1 <{to}> from <{mail_from}>: later")
        if to == self.knows_not:
            raise Permanent(f"550 5.1.1 <{to}>: unknown, {raw[:200]!r}", 550)
        return f"250 2.0.0 queued for {to}"


def poison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails that no reader and no database takes, with the mail's own words in the exception."""
    read = prepare.parse

    def parse(raw: bytes, *args: Any) -> Mail:
        if b"VENENO" in raw:
            raise ValueError(f"no mail: {raw!r}")
        return read(raw, *args)

    def at_last(work: Any, mail: prepare.Prepared) -> Any:
        if "REPETIDO" in mail.mail.subject:
            row = {"id": mail.item.id, "source": mail.mail.subject, "mail_from": JOAO, "received_at": work.now}
            rest = {"rcpt_to": [], "peer": "", "helo": "", "login": "", "mailbox": "", "size": 1, "sha256": HIDDEN}
            rest |= {"blob": False, "state": "waiting", "alone": False, "attempts": 0}
            work.set._connection.execute(insert(tables.inbox), row | rest)
        return handle(work, mail)

    monkeypatch.setattr(prepare, "parse", parse)
    monkeypatch.setattr(process, "handle", at_last)


def a_day(desk: Desk, host: Host) -> None:
    """A ticket from its opening to its rating, with a note and a view; mails of machines and mails that are broken."""

    def mail(*args: Any, **kw: Any) -> int:
        item = desk.receive(desk.mail(*args, **kw), kw.get("to", QUEUE), f"{HIDDEN}sender@cliente.example")
        process.drain(desk.gateway, lambda: desk.now)
        return item

    def deliver_all(**later: int) -> None:
        desk.sweep(**later)
        deliver.drain(desk.gateway, host.send, lambda: desk.now)

    host.busy_for, host.knows_not = JOAO, BIA
    words = {"subject": f"Impressora {HIDDEN}", "cc": BIA, "attach": ((f"{HIDDEN}.txt", b"zzq"),)}
    mail(f"Joao {HIDDEN} <{JOAO}>", f"A impressora {HIDDEN} parou.", **words)
    deliver_all()
    host.busy_for, host.away = "", True
    deliver_all(minutes=5)
    host.away = False
    deliver_all(minutes=5)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), f"#nota {HIDDEN}")
    desk.reply(desk.last(ANA, "agent_ticket_opened"), f"#resolver: {HIDDEN}")
    desk.reply(desk.last(MARIA, "approval_requested"), "Aprovado")
    desk.reply(desk.last(JOAO, "rating_requested"), f"5\n{HIDDEN}")
    desk.reply(desk.last(JOAO, "rating_requested"), "5", author=BIA)
    mail(JOAO, "#chamados")
    signature = f"v=1; a=rsa-sha256; d={HIDDEN}cliente.example; s={HIDDEN}; h=from; bh=AAAA; b=AAAA"
    mail(BIA, HIDDEN, headers={"DKIM-Signature": signature}, auth="")
    mail(JOAO, HIDDEN, headers={"Auto-Submitted": "auto-replied"})
    mail(JOAO, f"VENENO {HIDDEN}")
    mail(JOAO, HIDDEN, subject=f"REPETIDO {HIDDEN}")
    desk.receive(b"\xff\xfe\x00" + f"Subject: =?zzq?q?\xff?=\r\n: {HIDDEN}\r\n\r\n".encode("latin-1"))
    process.drain(desk.gateway, lambda: desk.now)
    deliver_all(hours=1)


def lines(log: Path, stage: str) -> list[dict[str, str]]:
    """The lines of a stage, as keys and values."""
    found = [line.partition(" stage=") for line in log.read_text("utf-8").splitlines()]
    pairs = [f"stage={told}".split() for _, is_stage, told in found if is_stage]
    return [facts for p in pairs if (facts := dict(pair.split("=", 1) for pair in p))["stage"] == stage]


def test_a_day_is_told_by_id_and_without_a_word_of_anybody(
    desk: Desk, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison(monkeypatch)
    a_day(desk, Host())
    told = log.read_text("utf-8")
    assert not re.search(rf"{HIDDEN}|@|[+-]b?\d+\.[a-z2-7]{{16}}", told, re.IGNORECASE), told

    items = {str(item.id): item for item in desk.items()}
    assert Counter(line["mail"] for line in lines(log, "accepted")) == Counter(list(items))
    processed = {line["mail"]: line for line in lines(log, "processed")}
    assert Counter(line["mail"] for line in lines(log, "processed")) == Counter(list(items))
    for number, item in items.items():
        assert processed[number]["outcome"] == item.outcome
        assert processed[number].get("ticket") == (str(item.ticket) if item.ticket else None)
    assert [item.outcome for item in items.values()].count("quarantined") == 2
    attempted = Counter(line["mail"] for line in lines(log, "attempted"))
    assert attempted == {number: 3 for number, item in items.items() if item.outcome == "quarantined"}

    rows = {str(row.id): row for row in desk._states()}
    for stage, state, code in (("sent", "delivered", "250"), ("failed", "failed", "550")):
        ended = lines(log, stage)
        assert Counter(line["outbox"] for line in ended) == Counter(n for n, r in rows.items() if r.state == state)
        for line in ended:
            assert line.get("mail") == (str(row.inbox_id) if (row := rows[line["outbox"]]).inbox_id else None)
            assert (line["code"], float(line["ms"]) >= 0) == (code, True)
    assert {(line["mail"], line["code"], line["attempt"]) for line in lines(log, "deferred")} == {("1", "451", "1")}
    assert {
        line["attempt"] for line in lines(log, "sent") if line["outbox"] == lines(log, "deferred")[0]["outbox"]
    } == {"2"}, "a host that is away was asked nothing of it"


def test_a_digest_that_fails_names_nobody(desk: Desk, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ValueError(f"nothing for {args}")

    monkeypatch.setattr(digesting.digests, "owed", lambda *_: [JOAO])
    monkeypatch.setattr(digesting.digests, "held", broken)
    desk.sweep()
    told = log.read_text("utf-8")
    assert "fault=ValueError at=test_journal.py:" in told
    assert "left for the next time: one address" in told
    assert HIDDEN not in told


def test_a_client_of_the_listener_is_told_by_its_address_alone(desk: Desk, log: Path, tmp_path: Path) -> None:
    cert, key = self_signed(tmp_path)
    user = Login(username=f"{HIDDEN}user", password=PASSWORD)
    settings = SmtpListener(port=0, hostname=MX, auth_users=(user,), tls_certificate=str(cert), tls_key=str(key))
    with (
        Listener(settings, desk.gateway.house.ours, desk.receiver.submit, desk.receiver.draft).in_thread() as listener,
        smtplib.SMTP("127.0.0.1", listener.port, f"{HIDDEN}.example", timeout=10) as client,
    ):
        client.starttls()
        with suppress(smtplib.SMTPAuthenticationError):
            client.login(f"{HIDDEN}user", f"{HIDDEN}guess")
        client.login(f"{HIDDEN}user", PASSWORD)
        assert client.docmd("MAIL", f"{HIDDEN} FROM:<{HIDDEN}@")[0] == 501
        assert client.docmd(HIDDEN)[0] == 500
        client.sendmail(JOAO, [QUEUE], desk.mail(JOAO, HIDDEN))
    told = log.read_text("utf-8")
    assert not re.search(rf"{HIDDEN}|@", told, re.IGNORECASE), told
    assert "a login from 127.0.0.1 failed" in told
    (accepted,) = lines(log, "accepted")
    assert (accepted["source"], accepted["peer"]) == ("smtp", "127.0.0.1")


def test_of_an_exception_nobody_foresaw_the_log_has_type_and_place(log: Path) -> None:
    """Also where a library tells of it, asyncio with the words of the exception in its message."""

    async def fails() -> None:
        raise ValueError(f"{HIDDEN}\n{HIDDEN}")

    async def forgotten() -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    asyncio.run(forgotten())
    logging.getLogger("elsewhere").error("first line\n%s", HIDDEN)
    told = log.read_text("utf-8").splitlines()
    assert any(
        re.fullmatch(r"asyncio Task exception was never retrieved fault=ValueError at=test_journal.py:\d+", line)
        for line in told
    ), told
    assert told[-1] == "elsewhere first line"
    assert HIDDEN not in "".join(told)


def test_a_statement_that_fails_does_not_say_with_what(desk: Desk) -> None:
    with pytest.raises(SQLAlchemyError) as error, desk.gateway.database.read() as connection:
        connection.execute(sql("SELECT CAST(:word AS INTEGER) FROM nowhere"), {"word": HIDDEN})
    assert HIDDEN not in str(error.value)


def test_a_line_can_be_taken_apart_again() -> None:
    told = journal.line("accepted", 0.0123, mail=1, source='imap:Caixa "geral"', peer="2001:db8::7", uid=None, helo="")
    assert told == 'stage=accepted mail=1 source="imap:Caixa \\"geral\\"" peer=2001:db8::7 ms=12.3'
