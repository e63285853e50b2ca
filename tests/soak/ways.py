"""The ways in: SMTP, LMTP, a mailbox, and a mailbox in which somebody moves mail about."""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.edges.dovecot import Dovecot
from tests.soak.people import AGAIN, Letter, Mailed

MAILBOX = "suporte"
ASIDE = "Pessoal"
MOVED = "mail moved aside by a person and back"
PATIENCE = 30.0  # seconds that a client waits for an answer


def smtp(port: int) -> Mailed:
    def mailed(letter: Letter, cut: bool) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            _hand_in(client, letter, [letter.to], cut)

    return mailed


def lmtp(port: int) -> Mailed:
    """To two recipients at once; each answers for himself."""

    def mailed(letter: Letter, cut: bool) -> None:
        with smtplib.LMTP("127.0.0.1", port, timeout=PATIENCE) as client:
            _hand_in(client, letter, [letter.to, "compras@aurora.example"], cut)

    return mailed


def _hand_in(client: smtplib.SMTP, letter: Letter, to: Sequence[str], cut: bool) -> None:
    client.ehlo_or_helo_if_needed()
    for answer in (client.mail(letter.author), *(client.rcpt(address) for address in to)):
        _agreed(answer)
    if cut:
        client.docmd("DATA")
        client.send(letter.raw[: len(letter.raw) // 2])
        client.close()
        raise ConnectionAbortedError("cut by the client")
    answers = [client.data(letter.raw), *(client.getreply() for _ in to[1:])]
    ids = {int(_agreed(answer).split()[-1]) for answer in answers}
    letter.yes = True
    letter.ids += ids


def _agreed(answer: tuple[int, bytes]) -> bytes:
    if answer[0] != 250:
        raise smtplib.SMTPResponseException(*answer)
    return answer[1]


def imap(dovecot: Dovecot) -> Mailed:
    """Into the mailbox."""

    def mailed(letter: Letter, cut: bool) -> None:
        with _as_network(), dovecot.client(MAILBOX) as client:
            client.append("INBOX", letter.raw)
            letter.yes = True

    return mailed


def by_hand(dovecot: Dovecot, did: Counter[str]) -> Mailed:
    """Into the mailbox; where it still lies there a moment later, aside by somebody's hand, and back."""

    def mailed(letter: Letter, cut: bool) -> None:
        with _as_network(), dovecot.client(MAILBOX) as client:
            if not client.folder_exists(ASIDE):
                client.create_folder(ASIDE)
            if not _moved(client, letter, ASIDE, "INBOX"):  # by an earlier try that was cut short
                client.append("INBOX", letter.raw)
                if _moved(client, letter, "INBOX", ASIDE):
                    time.sleep(AGAIN)
                    did[MOVED] += _moved(client, letter, ASIDE, "INBOX")
            letter.yes = True

    return mailed


def _moved(client: IMAPClient, letter: Letter, source: str, target: str) -> bool:
    client.select_folder(source)
    found = client.search(["HEADER", "Message-ID", letter.message_id])
    if found:
        client.move(found, target)
    return bool(found)


@contextlib.contextmanager
def _as_network() -> Iterator[None]:
    try:
        yield
    except IMAPClientError as error:
        raise ConnectionError(error) from error
