"""The sender, against a real socket that answers what each test wants."""

from __future__ import annotations

import base64
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mailgateway.config import OAuth2, SmtpListener, SmtpSender
from mailgateway.core.errors import Misconfigured, Permanent, Temporary
from mailgateway.edges import smtp_sender
from mailgateway.edges.smtp_listener import Listener
from mailgateway.edges.smtp_sender import Sender
from tests.edges.conftest import InboxFake, eventually

MAIL = b"Subject: x\r\n\r\nlinha\r\n.ponto\r\n..dois\r\n"


@dataclass
class Host:
    """A smart host. `replies` overrules the answer to a verb; `GREETING`, `LOGIN` (final word of AUTH), `END` (after
    the dot) are verbs too. An answer of "" cuts the connection; an answer that may be called is called for its text."""

    replies: dict[str, str | Callable[[], str]] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 1000000",)
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    sockets: list[socket.socket] = field(default_factory=list)

    def said(self, verb: str) -> list[str]:
        return [c for c in self.commands if c.upper().startswith(verb)]

    def cut_all(self) -> None:
        """Close every connection, as a host does that was restarted."""
        for one in self.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def answer(self, verb: str) -> str:
        usual = {
            "GREETING": "220 host ready",
            "EHLO": "\r\n".join(["250-host", *(f"250-{e}" for e in self.extensions), "250 HELP"]),
            "DATA": "354 go on",
            "AUTH": "235 2.7.0 welcome",
            "STARTTLS": "220 go on",
            "QUIT": "221 bye",
            "END": "250 2.0.0 queued as 7",
        }
        given = self.replies.get(verb, usual.get(verb, "250 OK"))
        return given if isinstance(given, str) else given()


class Conversation(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        host: Host = self.server.host  # type: ignore[attr-defined]
        host.connections += 1
        host.sockets.append(self.request)
        with suppress(OSError):
            if host.implicit:
                assert host.tls
                self.request = host.tls.wrap_socket(self.request, server_side=True)
            self.talk(host)
        with suppress(OSError):
            self.request.close()

    def talk(self, host: Host) -> None:
        lines = self.request.makefile("rb")
        verb = "GREETING"
        while self.reply(host.answer(verb)) and verb != "QUIT":
            if verb == "STARTTLS":
                assert host.tls
                lines.close()
                self.request = host.tls.wrap_socket(self.request, server_side=True)
                lines = self.request.makefile("rb")
            if verb == "DATA" and host.answer("DATA").startswith("354"):
                if not (mail := self.read_mail(lines)):
                    break
                host.mails.append(mail)
                verb = "END"
                continue
            line = lines.readline().decode()
            if not line:
                break
            host.commands.append(line.rstrip())
            verb = line.split()[0].upper() if line.strip() else "EMPTY"
        lines.close()

    def reply(self, text: str) -> bool:
        if text:
            self.request.sendall(text.encode() + b"\r\n")
        return bool(text)

    @staticmethod
    def read_mail(lines: Any) -> bytes:
        mail = b""
        while not mail.endswith(b"\r\n.\r\n"):
            line = lines.readline()
            if not line:
                return b""
            mail += line
        return mail


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@pytest.fixture
def host() -> Iterator[Host]:
    with Server(("127.0.0.1", 0), Conversation) as server:
        made = Host(port=server.server_address[1])
        server.host = made  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.cut_all()
        server.shutdown()
        thread.join()


Make = Callable[..., Sender]


@pytest.fixture
def make(host: Host) -> Iterator[Make]:
    with ExitStack() as stack:

        def _make(token: Any = None, clock: Callable[[], float] = time.monotonic, **settings: Any) -> Sender:
            given = {"port": host.port, "hostname": "gw.example.com", "timeout": 30, **settings}
            sender = Sender(SmtpSender(**given), token, clock)
            stack.callback(sender.close)
            return sender

        yield _make


def test_bytes_go_out_as_stored_and_dot_stuffed(host: Host, make: Make) -> None:
    assert make().send("b+1@example.com", "ana@x.org", MAIL) == "250 2.0.0 queued as 7"
    assert host.mails == [b"Subject: x\r\n\r\nlinha\r\n..ponto\r\n...dois\r\n.\r\n"]
    size = len(MAIL)
    assert host.commands[:3] == [
        "ehlo gw.example.com",
        f"MAIL FROM:<b+1@example.com> SIZE={size}",
        "RCPT TO:<ana@x.org>",
    ]


def test_what_is_sent_arrives_unchanged_at_a_listener(inbox: InboxFake) -> None:
    settings = SmtpListener(port=0, hostname="mx")
    mail = MAIL + b"x" * 100_000 + b"\r\n.\r\n"
    with Listener(settings, lambda _: True, inbox.submit, inbox.draft).in_thread() as listener:
        sender = Sender(SmtpSender(port=listener.port, hostname="gw"))
        sender.send("", "ana@x.org", mail)
        sender.close()
    assert inbox.raws == [mail]
    assert inbox.mails[0][1].mail_from == ""


def test_the_null_sender(host: Host, make: Make) -> None:
    make().send("", "ana@x.org", MAIL)
    assert host.said("MAIL")[0].startswith("MAIL FROM:<> ")


@pytest.mark.parametrize(
    ("verb", "reply", "error", "code"),
    [
        ("RCPT", "550 5.1.1 no such user", Permanent, 550),
        ("RCPT", "553 5.1.3 bad address", Permanent, 553),
        ("RCPT", "450 4.2.0 greylisted", Temporary, 0),
        ("RCPT", "452 4.2.2 mailbox full", Temporary, 0),
        ("RCPT", "554 5.7.1 Relay access denied", Temporary, 0),
        ("RCPT", "550 5.7.54 unable to relay recipient", Temporary, 0),
        ("RCPT", "530 5.7.0 authentication required", Temporary, 0),
        ("RCPT", "503 5.5.1 need MAIL", Temporary, 0),
        ("END", "554 5.6.0 content refused", Permanent, 554),
        ("END", "552 5.3.4 too large", Permanent, 552),
        ("END", "451 4.3.0 disk full", Temporary, 0),
        ("DATA", "554 5.5.1 no valid recipients", Permanent, 554),
        ("DATA", "451 4.3.0 later", Temporary, 0),
        ("MAIL", "552 5.3.4 too large", Permanent, 552),
        ("MAIL", "550 5.7.1 sender not allowed", Temporary, 0),
        ("MAIL", "530 5.7.0 must issue STARTTLS first", Temporary, 0),
        ("MAIL", "451 4.3.0 later", Temporary, 0),
        ("EHLO", "550 go away", Temporary, 0),
        ("GREETING", "554 5.7.1 you are blocked", Temporary, 0),
        ("GREETING", "421 4.3.2 busy", Temporary, 0),
        ("GREETING", "SSH-2.0-OpenSSH", Temporary, 0),
        ("GREETING", "", Temporary, 0),
        ("RCPT", "421 4.3.2 closing", Temporary, 0),
        ("END", "421 4.3.2 closing", Temporary, 0),
        ("MAIL", "", Temporary, 0),
        ("DATA", "", Temporary, 0),
        ("END", "", Temporary, 0),
        ("END", "nonsense", Temporary, 0),
    ],
)
def test_what_is_final_and_what_is_not(
    host: Host, make: Make, verb: str, reply: str, error: type[Exception], code: int
) -> None:
    host.replies[verb] = reply
    if verb == "EHLO":
        host.replies["HELO"] = reply
    sender = make()
    with pytest.raises(error) as raised:
        sender.send("b@example.com", "ana@x.org", MAIL)
    assert getattr(raised.value, "code", 0) == code
    if reply[:1].isdigit():
        assert reply in str(raised.value)
    sent = len(host.mails)
    host.replies.clear()
    assert sender.send("b@example.com", "ana@x.org", MAIL).startswith("250")  # and the next mail goes
    assert len(host.mails) == sent + 1


def test_nobody_listens(make: Make) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Temporary, match="refused"):
            make(port=free.getsockname()[1]).send("", "ana@x.org", MAIL)
    with pytest.raises(Temporary):
        make(host="no-such-host.invalid").send("", "ana@x.org", MAIL)


# Kept connections


def test_a_connection_is_kept_and_cleaned(host: Host, make: Make) -> None:
    sender = make()
    for _ in range(3):
        sender.send("", "ana@x.org", MAIL)
    host.replies["RCPT"] = "550 5.1.1 no"
    with pytest.raises(Permanent):
        sender.send("", "bob@x.org", MAIL)
    host.replies.clear()
    sender.send("", "ana@x.org", MAIL)
    assert (host.connections, len(host.mails), len(host.said("RSET"))) == (1, 4, 4)
    sender.close()
    eventually(lambda: host.said("QUIT"))


def test_a_connection_the_host_closed_meanwhile_is_replaced_and_nothing_sent_twice(host: Host, make: Make) -> None:
    sender = make()
    sender.send("", "ana@x.org", MAIL)
    host.cut_all()
    sender.send("", "ana@x.org", MAIL)
    assert (host.connections, len(host.mails)) == (2, 2)
    host.replies["RSET"] = "421 4.4.2 idle too long"
    sender.send("", "ana@x.org", MAIL)
    assert (host.connections, len(host.mails)) == (3, 3)


def test_a_cut_after_the_dot_is_left_to_the_next_attempt(host: Host, make: Make) -> None:
    sender = make()
    sender.send("", "ana@x.org", MAIL)
    host.replies["END"] = ""
    with pytest.raises(Temporary):
        sender.send("", "ana@x.org", MAIL)
    assert (host.connections, len(host.mails)) == (1, 2)


def test_an_idle_connection_is_not_used_again(host: Host, make: Make) -> None:
    now = [0.0]
    sender = make(clock=lambda: now[0])
    sender.send("", "ana@x.org", MAIL)
    now[0] += smtp_sender.KEEP_IDLE - 1
    sender.send("", "ana@x.org", MAIL)
    assert host.connections == 1
    now[0] += smtp_sender.KEEP_IDLE + 1
    sender.send("", "ana@x.org", MAIL)
    assert host.connections == 2


def test_a_connection_ends_after_its_share(host: Host, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_sender, "KEEP_MAILS", 2)
    sender = make()
    for _ in range(5):
        sender.send("", "ana@x.org", MAIL)
    assert (host.connections, len(host.mails)) == (3, 5)


def test_threads_share_a_sender(host: Host, make: Make) -> None:
    sender = make()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: sender.send("", f"a{n}@x.org", b"%d\r\n" % n), range(40)))
    assert {a[:3] for a in answers} == {"250"}
    assert sorted(host.mails, key=lambda m: int(m.split()[0])) == [b"%d\r\n.\r\n" % n for n in range(40)]
    assert host.connections <= 4


def test_the_deadline_holds_even_if_bytes_drip(host: Host, make: Make) -> None:
    for verb in ("GREETING", "END"):

        def drip() -> str:
            for one in host.sockets[-1:]:
                with suppress(OSError):
                    for _ in range(40):
                        one.sendall(b"2")
                        time.sleep(0.05)
            return ""

        host.replies = {verb: drip}
        begun = time.monotonic()
        with pytest.raises(Temporary):
            make(timeout=1).send("", "ana@x.org", MAIL)
        assert 0.5 < time.monotonic() - begun < 1.8


# Addresses beyond ASCII


def test_smtputf8_only_where_the_address_needs_it(host: Host, make: Make) -> None:
    host.extensions = ("SMTPUTF8",)
    sender = make()
    sender.send("", "josé@x.org", MAIL)
    sender.send("", "jose@x.org", MAIL)
    assert host.said("MAIL") == ["MAIL FROM:<> SMTPUTF8", "MAIL FROM:<>"]
    assert host.said("RCPT") == ["RCPT TO:<josé@x.org>", "RCPT TO:<jose@x.org>"]


def test_a_host_without_smtputf8_fails_that_one_recipient(host: Host, make: Make) -> None:
    sender = make()
    with pytest.raises(Permanent, match=r"5\.6\.7") as raised:
        sender.send("", "josé@x.org", MAIL)
    assert raised.value.code == 550
    sender.send("", "jose@x.org", MAIL)
    assert host.connections == 1


@pytest.mark.parametrize("to", ["a@x.org\r\nDATA", "a@x.org>\nRCPT TO:<b@x.org"])
def test_an_address_cannot_bring_commands(host: Host, make: Make, to: str) -> None:
    with pytest.raises(Permanent):
        make().send("", to, MAIL)
    assert host.mails == []
    assert len(host.said("RCPT")) == 0


# TLS and logins


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path]) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_tls_with_a_certificate_that_is_checked(host: Host, make: Make, tls: ssl.SSLContext, security: str) -> None:
    host.tls, host.implicit, host.extensions = tls, security == "tls", ("STARTTLS", "AUTH PLAIN")
    sender = make(security=security, username="gw", password="s3nha")
    sender.send("", "ana@x.org", MAIL)
    sender.send("", "ana@x.org", MAIL)
    assert host.said("AUTH") == ["AUTH PLAIN " + base64.b64encode(b"\0gw\0s3nha").decode()]
    assert len(host.mails) == 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for(host: Host, make: Make, tls: ssl.SSLContext, security: str) -> None:
    host.tls, host.implicit, host.extensions = tls, security == "tls", ("STARTTLS",)
    with pytest.raises(Temporary, match="certificate"):
        make(security=security).send("", "ana@x.org", MAIL)
    assert host.said("MAIL") == []
    make(security=security, verify_certificate=False).send("", "ana@x.org", MAIL)
    assert len(host.mails) == 1


def test_a_host_without_starttls_hears_no_password(host: Host, make: Make) -> None:
    with pytest.raises(Temporary, match="STARTTLS"):
        make(security="starttls", username="gw", password="s3nha").send("", "ana@x.org", MAIL)
    assert host.said("AUTH") == []


def test_a_wrong_password_fails_no_mail_for_good(host: Host, make: Make) -> None:
    host.extensions = ("AUTH PLAIN LOGIN",)
    host.replies["AUTH"] = "535 5.7.8 wrong"
    with pytest.raises(Temporary, match=r"535 5\.7\.8 wrong"):
        make(username="gw", password="x").send("", "ana@x.org", MAIL)
    host.extensions = ()
    with pytest.raises(Temporary, match="AUTH extension not supported"):
        make(username="gw", password="x").send("", "ana@x.org", MAIL)


def oauth(mechanism: str) -> OAuth2:
    return OAuth2.model_validate({"token_url": "https://x", "client_id": "c", "mechanism": mechanism})


@pytest.mark.parametrize(
    ("mechanism", "first"),
    [
        ("XOAUTH2", "user=gw@example.com\1auth=Bearer {}\1\1"),
        ("OAUTHBEARER", "n,a=gw@example.com,\1auth=Bearer {}\1\1"),
    ],
)
def test_a_token_instead_of_a_password(host: Host, make: Make, mechanism: str, first: str) -> None:
    """A refused token is replaced once."""
    host.extensions = (f"AUTH {mechanism}",)
    asked: list[str] = []

    def token(refused: str = "") -> str:
        asked.append(refused)
        host.replies = {"AUTH": "334 eyJzdGF0dXMiOiI0MDEifQ==", "AQ==": "535 5.7.8 expired"} if not refused else {}
        return "new" if refused else "old"

    make(token, username="gw@example.com", oauth2=oauth(mechanism)).send("", "ana@x.org", MAIL)
    sent = [base64.b64decode(c.split()[2]).decode() for c in host.said("AUTH")]
    assert sent == [first.format("old"), first.format("new")]
    assert host.said("AQ==") == ["AQ=="]  # RFC 7628 3.2.3
    assert asked == ["", "old"]


def test_a_token_that_is_refused_again_or_not_to_be_had(host: Host, make: Make) -> None:
    host.extensions = ("AUTH XOAUTH2",)
    host.replies["AUTH"] = "535 5.7.8 no"
    with pytest.raises(Temporary):
        make(lambda refused="": "t", username="gw", oauth2=oauth("XOAUTH2")).send("", "ana@x.org", MAIL)

    def broken(refused: str = "") -> str:
        raise Misconfigured("invalid_client")

    with pytest.raises(Temporary, match="invalid_client"):
        make(broken, username="gw", oauth2=oauth("XOAUTH2")).send("", "ana@x.org", MAIL)
