"""The sender into a smart host that throws all away, and the poller out of a Dovecot. `python -m bench.delivery`.

Beside each stands its library alone, doing nothing but moving the same bytes: what is lost is ours.
"""

from __future__ import annotations

import contextlib
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from imapclient import IMAPClient

from bench import scene, servers
from bench.figures import Figure, Lap, interleaved, rate, ratio, report, timed
from bench.station import NOW, Station, station
from mailgateway import app
from mailgateway.steps import deliver
from mailgateway.store import outbox
from tests.edges import dovecot
from tests.edges.conftest import self_signed

TICKETS = 200  # three mails out of each are sent in a round
FETCHED = 1_000  # mails in the mailbox
TOGETHER = 50  # mails in one FETCH, as the poller has it
MAILBOX = """
[[imap]]
name = "suporte"
host = "127.0.0.1"
port = {port}
security = "none"
username = "ours"
password = "{password}"
processed = "Processados"
queue = "suporte"
"""


def sender() -> list[Figure]:
    """Claim, send by the default number of connections and record, against one smtplib session."""
    with servers.sink() as port, station(more=f"[smtp_sender]\nport = {port}\n") as desk:
        laps = interleaved({"ours": lambda: _sent(desk), "smtplib": lambda: _by_smtplib(desk, port)})
    return [
        rate("sender, with its database", laps["ours"]),
        rate("smtplib alone, one connection", laps["smtplib"]),
        ratio("sender : smtplib alone", laps["ours"], laps["smtplib"]),
    ]


def _owed(desk: Station) -> None:
    desk.take([scene.plain(number) for number in desk.fresh(TICKETS)])
    desk.work()


def _sent(desk: Station) -> Lap:
    _owed(desk)
    with contextlib.closing(app.open_sender(desk.gateway.settings)) as smart_host, timed(3 * TICKETS) as laps:
        tried = deliver.drain(desk.gateway, smart_host.send, lambda: NOW)
    if tried != 3 * TICKETS:
        raise AssertionError(f"{tried} tried instead of {3 * TICKETS}")
    return laps[0]


def _by_smtplib(desk: Station, port: int) -> Lap:
    """The bytes of the newest mails once more."""
    with desk.gateway.database.read() as connection:
        rows = outbox.page(connection, limit=3 * TICKETS, after=None, newest_first=True)
        mails = [(row.mail_from, row.to, outbox.raw(connection, row.id)) for row in rows]
    with timed(len(mails)) as laps, smtplib.SMTP("127.0.0.1", port) as client:
        for mail_from, to, raw in mails:
            client.sendmail(mail_from, [to], raw)
    return laps[0]


def poller() -> list[Figure]:
    """Fetch, make durable and move, against IMAPClient that only fetches."""
    try:
        with _imap() as server, station(more=_mailbox(server)) as desk:
            numbers = iter(range(1, 1_000_000))
            mails = [scene.plain(next(numbers)) for _ in range(FETCHED)]
            server.put("theirs", *mails)

            def ours() -> Lap:
                server.put("ours", *(scene.plain(next(numbers)) for _ in range(FETCHED)))
                return _timed(lambda: app.fetch(desk.gateway)[0])

            laps = interleaved({"ours": ours, "IMAPClient": lambda: _timed(lambda: _by_imapclient(server))}, 3)
    except pytest.skip.Exception as reason:
        print(reason)
        return []
    return [
        rate(f"poller, {FETCHED} mails made durable and moved", laps["ours"]),
        rate("IMAPClient alone, fetching", laps["IMAPClient"]),
        ratio("poller : IMAPClient alone", laps["ours"], laps["IMAPClient"]),
    ]


@contextlib.contextmanager
def _imap() -> Iterator[dovecot.Dovecot]:
    with tempfile.TemporaryDirectory() as folder, dovecot.running(self_signed(Path(folder))) as server:
        yield server


def _mailbox(server: dovecot.Dovecot) -> str:
    return MAILBOX.format(port=server.port, password=dovecot.PASSWORD)


def _timed(fetch: Callable[[], int]) -> Lap:
    with timed(FETCHED) as laps:
        fetched = fetch()
    if fetched != FETCHED:
        raise AssertionError(f"{fetched} fetched instead of {FETCHED}")
    return laps[0]


def _by_imapclient(server: dovecot.Dovecot) -> int:
    with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login("theirs", dovecot.PASSWORD)
        client.select_folder("INBOX")
        uids = client.search()
        parts = (client.fetch(uids[i : i + TOGETHER], ["BODY.PEEK[]"]) for i in range(0, len(uids), TOGETHER))
        return sum(len(part) for part in parts)


def measure() -> list[Figure]:
    """Both."""
    return [*(sender() if (servers.SBIN / "smtp-sink").exists() else []), *poller()]


if __name__ == "__main__":
    report("delivery", measure())
