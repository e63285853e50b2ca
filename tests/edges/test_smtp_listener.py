"""The listener, by smtplib and by bare sockets: what is kept, what is refused, and that nothing is smuggled."""

from __future__ import annotations

import asyncio
import base64
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Protocol

import pytest

from mailgateway.config import Login, SmtpListener
from mailgateway.core.errors import Misconfigured, Temporary, TooLarge
from mailgateway.edges import smtp_listener
from mailgateway.edges.smtp_listener import Handler, Listener
from tests.edges.conftest import InboxFake, eventually

OURS = {"suporte@example.com", "suporte+12.abc@example.com", "postmaster@example.com", "postmaster", "ü@example.com"}
MAIL = b"From: a@x.org\r\nSubject: Ol\xc3\xa1\r\n\r\nlinha\r\n"

Start = Callable[..., Listener]


def accepts(address: str) -> bool:
    return address.lower() in OURS


@pytest.fixture
def start(inbox: InboxFake) -> Iterator[Start]:
    with ExitStack() as stack:

        def _start(**settings: Any) -> Listener:
            given = SmtpListener(**{"port": 0, "hostname": "mx.example.com", **settings})
            return stack.enter_context(Listener(given, accepts, inbox.submit, inbox.draft).in_thread())

        yield _start


@pytest.fixture
def secured(start: Start, certificate: tuple[Path, Path]) -> Start:
    def _start(**settings: Any) -> Listener:
        return start(tls_certificate=str(certificate[0]), tls_key=str(certificate[1]), **settings)

    return _start


class HasPort(Protocol):
    """A listener, in this process or another."""

    @property
    def port(self) -> int: ...


def client(listener: HasPort) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", listener.port, local_hostname="pc.x.org", timeout=10)


class Raw:
    """A bare connection: what is written is what is said."""

    def __init__(self, listener: HasPort, host: str = "127.0.0.1", timeout: float = 10) -> None:
        self.socket = socket.create_connection(("127.0.0.1", listener.port), timeout, source_address=(host, 0))
        self.lines = self.socket.makefile("rb")

    def __enter__(self) -> Raw:
        assert self.reply().startswith("220 ")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.lines.close()
        self.socket.close()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self) -> str:
        """The next whole reply, "" at the end of the connection."""
        line = b"-more"
        while line[3:4] == b"-" or line == b"-more":
            line = self.lines.readline()
        return line.decode().strip()

    def ask(self, data: bytes) -> str:
        self.say(data)
        return self.reply()

    def begin(self, hello: bytes = b"EHLO pc", to: str = "suporte@example.com") -> None:
        """Up to the 354 of DATA."""
        assert self.ask(hello + b"\r\n").startswith("250")
        assert self.ask(b"MAIL FROM:<a@x.org>\r\n").startswith("250")
        assert self.ask(f"RCPT TO:<{to}>\r\n".encode()).startswith("250")
        assert self.ask(b"DATA\r\n").startswith("354")


# What is kept


def test_a_mail_is_kept_byte_by_byte_with_its_envelope(start: Start, inbox: InboxFake) -> None:
    with client(start()) as smtp:
        smtp.ehlo()
        smtp.mail("a@x.org")
        smtp.rcpt("suporte@example.com")
        smtp.rcpt("suporte+12.abc@example.com")
        assert smtp.data(MAIL) == (250, b"2.0.0 accepted as 1")
    raw, envelope = inbox.mails[0]
    assert raw == MAIL
    assert (envelope.source, envelope.mail_from, envelope.peer) == ("smtp", "a@x.org", "127.0.0.1")
    assert envelope.rcpt_to == ("suporte@example.com", "suporte+12.abc@example.com")
    assert (envelope.helo, envelope.login) == ("pc.x.org", "")


def test_the_null_sender_is_an_empty_string(start: Start, inbox: InboxFake) -> None:
    with client(start()) as smtp:
        smtp.sendmail("", "postmaster@example.com", MAIL)
    assert inbox.mails[0][1].mail_from == ""


def test_postmaster_needs_no_domain(start: Start, inbox: InboxFake) -> None:
    with Raw(start()) as raw:
        raw.ask(b"HELO pc\r\n")
        raw.ask(b"MAIL FROM:<>\r\n")
        assert raw.ask(b"RCPT TO:<Postmaster>\r\n").startswith("250")  # RFC 5321 4.5.1


def test_many_mails_on_one_connection_stay_apart(start: Start, inbox: InboxFake) -> None:
    with client(start()) as smtp:
        for number in range(5):
            smtp.sendmail(f"a{number}@x.org", "suporte@example.com", b"Subject: %d\r\n\r\n" % number)
    assert inbox.raws == [b"Subject: %d\r\n\r\n" % n for n in range(5)]
    assert [e.mail_from for _, e in inbox.mails] == [f"a{n}@x.org" for n in range(5)]


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"a\r\n",
        b".\r\n",
        b"..\r\n.\r\n.a\r\n",
        b"a.\r\n.\r\nb.\r\n",
        b"a\r\n\r\n.leading\r\n..two\r\n...three\r\n.\r\nend.\r\n",
        b"NUL \x00 and 8 bit \xff\xfe\r\n",
        b"long " + b"x" * 5000 + b"\r\n",
        b"very long " + b"y" * 200_000 + b".\r\n",
        b"line.\r\n" * 40_000,
        (b"x" * (2**16 - 3) + b".\r\n") * 3,
        (b"x" * 70 + b"\r\n.y\r\n") * 50_000,
    ],
    ids=lambda mail: f"{bytes(mail[:12])!r}+{len(mail)}",
)
def test_every_mail_comes_through_unchanged(start: Start, inbox: InboxFake, mail: bytes) -> None:
    stuffed = b"".join(b"." + line if line.startswith(b".") else line for line in mail.splitlines(keepends=True))
    with Raw(start()) as raw:
        raw.begin()
        assert raw.ask(stuffed + b".\r\n") == "250 2.0.0 accepted as 1"
        assert raw.ask(b"NOOP\r\n").startswith("250")
    assert inbox.raws == [mail]


@pytest.mark.parametrize("mail", [b"", b"a\r\n", b"a.\r\n", b"..\r\nb.\r\n"])
def test_the_end_of_a_mail_may_come_in_any_pieces(start: Start, inbox: InboxFake, mail: bytes) -> None:
    with Raw(start()) as raw:
        raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.begin()
        for byte in mail + b".\r\n":
            raw.say(bytes([byte]))
            time.sleep(0.002)  # so that the pieces do arrive as pieces
        assert raw.reply().startswith("250")
    assert inbox.raws == [mail.replace(b"..", b".", 1) if mail.startswith(b"..") else mail]


def test_commands_pipelined_after_the_dot_are_answered_in_order(start: Start, inbox: InboxFake) -> None:
    again = b"MAIL FROM:<b@x.org>\r\nRCPT TO:<suporte@example.com>\r\nDATA\r\n"
    with Raw(start()) as raw:
        raw.begin()
        raw.say(b"one.\r\n.\r\n" + again)
        assert [raw.reply()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        raw.say(b".\r\n" + b"QUIT\r\n")
        assert [raw.reply()[:3] for _ in range(2)] == ["250", "221"]
    assert inbox.raws == [b"one.\r\n", b""]


def test_what_it_offers(secured: Start) -> None:
    with client(secured(max_size=5000)) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == "5000"
        assert {"8bitmime", "smtputf8", "pipelining", "starttls"} <= set(smtp.esmtp_features)
        assert "auth" not in smtp.esmtp_features


def test_an_address_beyond_ascii_is_taken(start: Start, inbox: InboxFake) -> None:
    with client(start()) as smtp:
        smtp.ehlo()
        smtp.mail("josé@x.org", ["SMTPUTF8", "BODY=8BITMIME"])
        assert smtp.rcpt("ü@example.com")[0] == 250
        smtp.data(MAIL)
    assert inbox.mails[0][1].mail_from == "josé@x.org"
    assert inbox.mails[0][1].rcpt_to == ("ü@example.com",)


def test_every_hook_of_ours_is_one_that_aiosmtpd_calls(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """aiosmtpd finds hooks by exact name; one that is misspelt is never called, and the mail is gone."""
    called: set[str] = set()
    hooks = {n: h for n, h in vars(Handler).items() if n.startswith("handle_") and n != "handle_exception"}
    for name, hook in hooks.items():

        async def spied(*args: Any, name: str = name, real: Any = hook) -> Any:
            called.add(name)
            return await real(*args)

        if name != "handle_EHLO":  # its arguments are counted
            monkeypatch.setattr(Handler, name, spied)
    with client(start()) as smtp:
        smtp.helo()
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
    assert called == set(hooks) - {"handle_EHLO"}


# Who is refused, and how


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (b"RCPT TO:<nobody@example.com>", "550 5.1.1"),
        (b"RCPT TO:<a@elsewhere.org>", "550 5.7.1"),
        (b"RCPT TO:<\xff\xfe@example.com>", "550"),
        (b"RCPT TO:<", "553"),
        (b"RCPT TO:<" + b"a" * 2000 + b"@example.com>", "500"),
        (b"MAIL FROM:<a@x.org>", "503"),
        (b"DATA", "503"),
        (b"DATA x", "501"),
        (b"BOGUS", "500"),
        (b"\xff", "500"),
        (b"VRFY \xff", "252"),
        (b"EXPN x", "502"),
    ],
)
def test_a_wrong_command_is_refused_and_the_next_is_heard(start: Start, command: bytes, expected: str) -> None:
    with Raw(start()) as raw:
        raw.ask(b"EHLO \xffpc\r\n")
        raw.ask(b"MAIL FROM:<a@x.org>\r\n")
        assert raw.ask(command + b"\r\n").startswith(expected)
        assert raw.ask(b"RCPT TO:<suporte@example.com>\r\n").startswith("250")


@pytest.mark.parametrize("path", [b"<\xff@x.org>", b"<", b"<@>", b"<a@x.org> SIZE=x", b"<a@x.org> FOO=bar", b"\x00"])
def test_a_broken_sender_is_refused_for_good(start: Start, path: bytes) -> None:
    with Raw(start()) as raw:
        raw.ask(b"EHLO pc\r\n")
        assert raw.ask(b"MAIL FROM:" + path + b"\r\n").startswith("5")
        assert raw.ask(b"MAIL FROM:<a@x.org> AUTH=<> SIZE=10\r\n").startswith("250")  # RFC 4954 5


def test_one_recipient_too_many_is_put_off(start: Start, inbox: InboxFake) -> None:
    with client(start(max_recipients=2)) as smtp:
        smtp.ehlo()
        smtp.mail("a@x.org")
        codes = [smtp.rcpt("suporte@example.com")[0] for _ in range(3)]
        assert codes == [250, 250, 452]
        smtp.data(MAIL)
    assert inbox.mails[0][1].rcpt_to == ("suporte@example.com",)


def test_an_announced_size_above_the_limit_is_refused_before_data(start: Start) -> None:
    with client(start(max_size=1000)) as smtp:
        smtp.ehlo()
        code, text = smtp.mail("a@x.org", ["SIZE=1001"])
        assert (code, text[:5]) == (552, b"5.3.4")
        assert smtp.mail("a@x.org", ["SIZE=1000"])[0] == 250


@pytest.mark.parametrize("size", [999, 1000, 1001, 1100, 300_000])
def test_the_size_limit_is_exact_and_the_connection_survives(start: Start, inbox: InboxFake, size: int) -> None:
    mail = b"x" * (size - 2) + b"\r\n"
    with client(start(max_size=1000)) as smtp:
        smtp.ehlo()
        for _ in range(2):
            smtp.mail("a@x.org")
            smtp.rcpt("suporte@example.com")
            code, text = smtp.data(mail)
            assert (code, text[:5]) == ((250, b"2.0.0") if size <= 1000 else (552, b"5.3.4"))
    assert inbox.raws == ([mail, mail] if size <= 1000 else [])


# SMTP smuggling: only CRLF.CRLF ends a mail (RFC 5321 4.1.1.4)


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n\n.\r\n", b"\r\r\n.\r\r\n", b"\n.\r"],
)
def test_nothing_smuggled_becomes_a_second_mail(start: Start, inbox: InboxFake, end: bytes) -> None:
    smuggled = b"MAIL FROM:<boss@x.org>\r\nRCPT TO:<suporte@example.com>\r\nDATA\r\nFrom: boss@x.org\r\n\r\n#aprovar"
    with Raw(start()) as raw:
        raw.begin()
        assert raw.ask(b"Subject: x\r\n\r\nbody" + end + smuggled + b"\r\n.\r\n").startswith("521 5.5.2")
        assert raw.reply() == ""  # and the connection is closed
    assert inbox.mails == []


@pytest.mark.parametrize("mail", [b"a\nb\r\n", b"a\rb\r\n", b"\n", b"a\r\r\n"])
def test_a_bare_line_end_is_refused(start: Start, inbox: InboxFake, mail: bytes) -> None:
    with Raw(start()) as raw:
        raw.begin()
        assert raw.ask(mail + b"\r\n.\r\n").startswith("521 5.5.2")
    assert inbox.mails == []


def test_what_was_said_before_tls_is_forgotten(secured: Start, inbox: InboxFake) -> None:
    """RFC 3207 4.2; commands that were injected behind STARTTLS are dropped too."""
    with Raw(secured()) as raw:
        raw.ask(b"EHLO pc\r\n")
        raw.ask(b"MAIL FROM:<a@x.org>\r\n")
        assert raw.ask(b"STARTTLS\r\nRCPT TO:<suporte@example.com>\r\nDATA\r\ninjected\r\n.\r\n").startswith("220")
        with insecure().wrap_socket(raw.socket, server_hostname="127.0.0.1") as tls, tls.makefile("rb") as lines:
            tls.sendall(b"RCPT TO:<suporte@example.com>\r\n")
            assert lines.readline().startswith(b"503")
    assert inbox.mails == []


# Our own trouble


@pytest.mark.parametrize("fault", [Temporary("no database"), OSError(28, "No space left"), ValueError("a bug")])
def test_own_trouble_leaves_the_mail_with_the_client(start: Start, inbox: InboxFake, fault: Exception) -> None:
    inbox.fault = fault
    with client(start()) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
        assert refused.value.smtp_code == 451
        assert b"4.3.0" in refused.value.smtp_error
        inbox.fault = None
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
    assert inbox.raws == [MAIL]


@pytest.mark.parametrize(("protocol", "hello"), [("smtp", b"EHLO pc\r\n"), ("lmtp", b"LHLO pc\r\n")])
def test_what_stands_in_a_mail_that_cannot_be_written_is_no_command(
    start: Start, inbox: InboxFake, protocol: str, hello: bytes
) -> None:
    """The disk is full in the middle of DATA: all up to the dot is still the mail."""
    inbox.full = True
    commands = b"RSET\r\nMAIL FROM:<boss@x.org>\r\nRCPT TO:<suporte@example.com>\r\nDATA\r\n"
    with Raw(start(protocol=protocol)) as raw:
        raw.ask(hello)
        for _ in range(2):
            assert raw.ask(b"MAIL FROM:<a@x.org>\r\n").startswith("250")
            raw.ask(b"RCPT TO:<suporte@example.com>\r\n")
            raw.ask(b"RCPT TO:<postmaster@example.com>\r\n")
            raw.ask(b"DATA\r\n")
            raw.say(b"x" * 2_000_000 + b"\r\n" + commands * 100 + b".\r\n")
            for _ in range(2 if protocol == "lmtp" else 1):
                assert raw.reply().startswith("451 4.3.0")
        assert raw.ask(b"NOOP\r\n").startswith("250")
    assert (inbox.mails, [draft.aborted for draft in inbox.drafts]) == ([], [True, True])


def test_a_large_mail_that_is_cut_or_refused_leaves_nothing(start: Start, inbox: InboxFake) -> None:
    listener = start(max_size=3_000_000)
    with Raw(listener) as raw:
        raw.begin()
        raw.say(b"x" * 2_000_000)
        eventually(lambda: inbox.drafts)
    with Raw(listener) as raw:
        raw.begin()
        assert raw.ask(b"x" * 4_000_000 + b"\r\n.\r\n").startswith("552 5.3.4")
        raw.begin()
        assert raw.ask(b"x" * 2_000_000 + b"\n\r\n.\r\n").startswith("521 5.5.2")
    eventually(lambda: [draft.aborted for draft in inbox.drafts] == [True] * 3)
    assert inbox.mails == []


def test_a_submit_or_an_accepts_that_raises_is_own_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("gone")

    settings = SmtpListener(port=0, hostname="mx")
    with Listener(settings, accepts, broken, broken).in_thread() as listener, client(listener) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
        assert refused.value.smtp_code == 451
    with Listener(settings, broken, broken, broken).in_thread() as listener, client(listener) as smtp:
        smtp.ehlo()
        smtp.mail("a@x.org")
        assert smtp.rcpt("suporte@example.com")[0] == 451


def test_a_writer_that_gives_up_is_own_trouble(inbox: InboxFake) -> None:
    def cancelled(*_: object) -> Future[int]:
        future: Future[int] = Future()
        threading.Timer(0.05, future.cancel).start()
        return future

    with Listener(SmtpListener(port=0, hostname="mx"), accepts, cancelled, inbox.draft).in_thread() as listener:
        with client(listener) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
        assert refused.value.smtp_code == 451


def test_too_large_for_the_inbox_is_refused_for_good(start: Start, inbox: InboxFake) -> None:
    inbox.fault = TooLarge("no")
    with client(start()) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
    assert refused.value.smtp_code == 552


def test_a_writer_that_hangs_is_own_trouble(start: Start, inbox: InboxFake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_listener, "DURABLE_WITHIN", 0.05)
    inbox.hold = threading.Event()
    with client(start()) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
    assert refused.value.smtp_code == 451
    inbox.hold.set()
    eventually(lambda: inbox.raws == [MAIL])  # what the writer holds is not cancelled under its hands


def test_a_client_that_hangs_up_while_it_waits_disturbs_nothing(start: Start, inbox: InboxFake) -> None:
    inbox.hold = threading.Event()
    listener = start()
    with Raw(listener) as raw:
        raw.begin()
        raw.say(MAIL + b".\r\n")
        eventually(lambda: threading.active_count() > 2)
    inbox.hold.set()
    eventually(lambda: inbox.raws == [MAIL])
    inbox.hold = None
    with client(listener) as smtp:
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)


# Slow, many, and gone


def test_a_connection_cut_in_data_keeps_nothing(start: Start, inbox: InboxFake) -> None:
    listener = start()
    with Raw(listener) as raw:
        raw.begin()
        raw.say(MAIL)
    with Raw(listener) as raw:
        raw.begin()
        raw.say(MAIL + b"\r\n.\r")
        raw.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not an end
    with client(listener) as smtp:
        smtp.sendmail("a@x.org", "suporte@example.com", b"after\r\n")
    assert inbox.raws == [b"after\r\n"]


def test_a_silent_client_is_hung_up_on(start: Start) -> None:
    with Raw(start(timeout=1)) as raw:
        raw.begin()
        raw.say(b"half a")
        assert raw.reply().startswith("421 4.4.2")
        assert raw.reply() == ""


def test_fifty_at_once_and_a_slow_one_among_them(start: Start, inbox: InboxFake) -> None:
    listener = start(max_connections_per_host=60)

    def send(number: int) -> None:
        with client(listener) as smtp:
            smtp.sendmail("a@x.org", "suporte@example.com", b"%d\r\n" % number + b"x" * 40_000)

    with Raw(listener) as slow, ThreadPoolExecutor(50) as pool:
        slow.begin()
        slow.say(b"slow")
        list(pool.map(send, range(50)))
        assert slow.ask(b"\r\n.\r\n").startswith("250")
    assert sorted(int(raw.partition(b"\r\n")[0]) for raw in inbox.raws[:-1]) == list(range(50))
    assert inbox.raws[-1] == b"slow\r\n"


@pytest.mark.parametrize("limit", ["max_connections", "max_connections_per_host"])
def test_one_connection_too_many_is_told_to_come_back(start: Start, limit: str) -> None:
    listener = start(**{limit: 2})
    with client(listener), client(listener) as second:
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            client(listener)
        assert refused.value.smtp_code == 421
        second.quit()

        def free() -> bool:
            with socket.create_connection(("127.0.0.1", listener.port)) as probe:
                return probe.recv(3) == b"220"

        eventually(free)


def test_stopping_waits_for_the_mail_in_hand_and_ends_the_idle(inbox: InboxFake) -> None:
    inbox.hold = threading.Event()
    loop = asyncio.new_event_loop()
    listener = Listener(SmtpListener(port=0, hostname="mx"), accepts, inbox.submit, inbox.draft)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(listener.start(), loop).result()
    with Raw(listener) as idle, Raw(listener) as busy:
        busy.begin()
        busy.say(MAIL + b".\r\n")
        eventually(lambda: threading.active_count() > 2)
        stopping = asyncio.run_coroutine_threadsafe(listener.stop(), loop)
        assert idle.reply().startswith("421 4.3.2")
        inbox.hold.set()
        assert busy.reply().startswith("250")
        assert busy.reply() == ""
        stopping.result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


# TLS and logins


def insecure() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


USER = Login(username="ana", password="açaí", senders=("ana@example.com",))


def plain(user: str, password: str) -> str:
    return "PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def test_starttls_by_a_client_that_checks_the_certificate(
    secured: Start, inbox: InboxFake, certificate: tuple[Path, Path]
) -> None:
    context = ssl.create_default_context(cafile=str(certificate[0]))
    with smtplib.SMTP("127.0.0.1", secured(require_tls=True).port, timeout=10) as smtp:
        smtp.starttls(context=context)
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL + b"z" * 300_000)
    assert inbox.raws == [MAIL + b"z" * 300_000 + b"\r\n"]


def test_where_tls_is_required_nothing_goes_without(secured: Start) -> None:
    with client(secured(require_tls=True)) as smtp:
        smtp.ehlo()
        assert smtp.mail("a@x.org")[0] == 530
        assert smtp.rcpt("suporte@example.com")[0] == 530
        assert smtp.docmd("DATA")[0] == 530


def test_a_broken_handshake_ends_that_connection_only(secured: Start, inbox: InboxFake) -> None:
    listener = secured()
    with Raw(listener) as raw:
        raw.ask(b"EHLO pc\r\n")
        raw.ask(b"STARTTLS\r\n")
        raw.say(b"this is no handshake\r\n")
        raw.lines.read()  # to the end of the connection
    with client(listener) as smtp:
        smtp.sendmail("a@x.org", "suporte@example.com", MAIL)
    assert inbox.raws == [MAIL]


def test_a_handshake_that_never_comes_gives_its_place_back(secured: Start) -> None:
    listener = secured(timeout=1, max_connections=1)
    with Raw(listener) as raw:
        raw.ask(b"EHLO pc\r\n")
        raw.ask(b"STARTTLS\r\n")
        assert raw.reply() == ""
    with Raw(listener) as raw:
        assert raw.ask(b"NOOP\r\n").startswith("250")


def test_no_password_crosses_the_wire_in_the_clear(secured: Start) -> None:
    with client(secured(auth_users=(USER,))) as smtp:
        smtp.ehlo()
        assert not smtp.has_extn("auth")
        assert smtp.docmd("AUTH", plain("ana", "açaí"))[0] == 538
        smtp.starttls(context=insecure())
        smtp.ehlo()
        assert set(smtp.esmtp_features["auth"].split()) == {"PLAIN", "LOGIN"}


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_login_ends_in_the_envelope(secured: Start, inbox: InboxFake, mechanism: str) -> None:
    with client(secured(auth_users=(USER,), require_auth=True)) as smtp:
        smtp.starttls(context=insecure())
        smtp.ehlo()
        assert smtp.mail("ana@example.com") == (530, b"5.7.0 Authentication required")
        if mechanism == "PLAIN":
            assert smtp.docmd("AUTH", plain("ana", "açaí"))[0] == 235
        else:
            smtp.docmd("AUTH", "LOGIN")
            smtp.docmd(base64.b64encode(b"ana").decode())
            assert smtp.docmd(base64.b64encode("açaí".encode()).decode())[0] == 235
        smtp.sendmail("ana@example.com", "suporte@example.com", MAIL)
        smtp.sendmail("ana@example.com", "suporte@example.com", MAIL)
    assert [e.login for _, e in inbox.mails] == ["ana", "ana"]


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        (plain("ana", "acai"), 535),
        (plain("bob", "açaí"), 535),
        (plain("", ""), 535),
        ("PLAIN !!!", 501),
        ("PLAIN " + base64.b64encode(b"ana").decode(), 501),
        ("PLAIN " + base64.b64encode(b"\0\xff\xfe\0\xff").decode(), 535),
        ("CRAM-MD5", 504),
    ],
)
def test_a_wrong_login_is_refused(secured: Start, inbox: InboxFake, argument: str, code: int) -> None:
    with client(secured(auth_users=(USER,), require_auth=True)) as smtp:
        smtp.starttls(context=insecure())
        smtp.ehlo()
        assert smtp.docmd("AUTH", argument)[0] == code
        assert smtp.mail("ana@example.com")[0] == 530


def test_passwords_are_not_guessed_without_end(secured: Start) -> None:
    with client(secured(auth_users=(USER,))) as smtp:
        smtp.starttls(context=insecure())
        smtp.ehlo()
        codes = [smtp.docmd("AUTH", plain("ana", f"guess {n}"))[0] for n in range(6)]
        assert codes == [535] * 5 + [421]


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    settings = SmtpListener(port=0, tls_certificate=str(tmp_path / "none.pem"))
    with pytest.raises(Misconfigured, match=r"none\.pem"):
        Listener(settings, accepts, InboxFake().submit, InboxFake().draft)


# LMTP


def test_lmtp_answers_once_for_each_recipient(start: Start, inbox: InboxFake) -> None:
    listener = start(protocol="lmtp")
    with Raw(listener) as raw:
        assert raw.ask(b"EHLO pc\r\n").startswith("500")
        raw.ask(b"LHLO pc\r\n")
        raw.ask(b"MAIL FROM:<a@x.org>\r\n")
        assert raw.ask(b"RCPT TO:<suporte@example.com>\r\n").startswith("250")
        assert raw.ask(b"RCPT TO:<nobody@example.com>\r\n").startswith("550")
        assert raw.ask(b"RCPT TO:<postmaster@example.com>\r\n").startswith("250")
        raw.ask(b"DATA\r\n")
        raw.say(MAIL + b".\r\nQUIT\r\n")
        answers = [raw.reply() for _ in range(3)]
    assert answers == ["250 2.0.0 accepted as 1"] * 2 + ["221 Bye"]
    assert inbox.mails[0][1].source == "lmtp"
    assert inbox.mails[0][1].rcpt_to == ("suporte@example.com", "postmaster@example.com")


def test_lmtp_trouble_is_told_for_each_recipient(start: Start, inbox: InboxFake) -> None:
    inbox.fault = Temporary("no database")
    with closing(smtplib.LMTP("127.0.0.1", start(protocol="lmtp").port)) as lmtp:
        lmtp.ehlo()
        lmtp.mail("a@x.org")
        lmtp.rcpt("suporte@example.com")
        lmtp.rcpt("postmaster@example.com")
        assert lmtp.data(MAIL)[0] == 451
        assert lmtp.getreply()[0] == 451
        assert lmtp.noop()[0] == 250


def test_lmtp_may_require_tls(secured: Start) -> None:
    with closing(smtplib.LMTP("127.0.0.1", secured(protocol="lmtp", require_tls=True).port)) as lmtp:
        lmtp.ehlo()
        assert lmtp.mail("a@x.org")[0] == 530
        lmtp.starttls(context=insecure())
        lmtp.ehlo()
        assert lmtp.mail("a@x.org")[0] == 250


# A client that others wrote


@pytest.mark.skipif(shutil.which("smtp-source") is None, reason="apt-get install postfix")
def test_smtp_source_loses_nothing(start: Start, inbox: InboxFake) -> None:
    arguments = ["-4", "-d", "-s", "20", "-m", "200", "-l", "40000", "-f", "a@x.org", "-t", "suporte@example.com"]
    subprocess.run(["smtp-source", *arguments, f"127.0.0.1:{start().port}"], check=True, timeout=60)
    assert len(inbox.mails) == 200
    assert {len(raw) > 39_000 for raw in inbox.raws} == {True}


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not for Windows")
def test_it_speaks_tls_under_uvloop_too(inbox: InboxFake, certificate: tuple[Path, Path]) -> None:
    uvloop = pytest.importorskip("uvloop")
    settings = SmtpListener(port=0, hostname="mx", tls_certificate=str(certificate[0]), tls_key=str(certificate[1]))

    def talk(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
            smtp.starttls(context=insecure())
            smtp.sendmail("a@x.org", "suporte@example.com", MAIL)

    async def whole() -> None:
        listener = Listener(settings, accepts, inbox.submit, inbox.draft)
        await listener.start()
        await asyncio.to_thread(talk, listener.port)
        await listener.stop(grace=1.0)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(whole())
    assert inbox.raws == [MAIL]
