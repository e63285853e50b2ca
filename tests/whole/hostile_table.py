"""ATTACKS: what is done to the service, and what must come of it: a code, an outcome, how a connection ends."""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy

from tests.desk import QUEUE
from tests.edges.test_smtp_listener import Raw, insecure
from tests.whole import hostile_mails as mails
from tests.whole.hostile import IMPATIENT, Target
from tests.whole.hostile_mails import MB

SMUGGLED = b"MAIL FROM:<boss@x.org>\r\nRCPT TO:<suporte@aurora.example>\r\nDATA\r\nFrom: boss@x.org\r\n\r\n#aprovar\r\n"
COMMANDS = b"MAIL FROM:<a@x.org>\r\nRCPT TO:<suporte@aurora.example>\r\nDATA\r\n"


@dataclass(frozen=True, slots=True)
class Attack:
    """`together`: it takes its time, so all of this kind run at once."""

    run: Callable[[Target], str]
    expected: str
    together: bool = False
    mailbox: bool = False  # comes by a mailbox


def _sent(make: Callable[[], Iterable[bytes]], size: int = 0) -> Callable[[Target], str]:
    return lambda target: target.hand_in(make(), size=size)


def _by_lmtp(make: Callable[[], Iterable[bytes]]) -> Callable[[Target], str]:
    return lambda target: target.hand_in(make(), target.lmtp)


def _fetched(make: Callable[[], Iterable[bytes]]) -> Callable[[Target], str]:
    return lambda target: target.fetched(mails.plainly(make))


def _harmless(make: Callable[[], Iterable[bytes]]) -> Callable[[Target], str]:
    """The outcome, and what of the mail got into the headers of ours that should not."""

    def run(target: Target) -> str:
        before = len(target.service.caught)
        outcome = target.hand_in(make())
        deadline = time.monotonic() + 20
        ours = []
        while len(ours) < 2 and time.monotonic() < deadline:  # to the two agents, at least
            time.sleep(0.05)
            ours = [c.raw for c in list(target.service.caught)[before:] if b"pessoa" not in c.raw]
        assert len(ours) >= 2
        heads = [message_from_bytes(raw, policy=policy.default) for raw in ours]
        evil = ["Bcc"] * any(head["Bcc"] for head in heads)
        shown = "".join(f"{head['From']}{head['Subject']}{head.get_body(('plain',))}" for head in heads)  # type: ignore[union-attr]
        return " ".join([outcome, *evil, *["turned"] * (mails.TURN in shown)])

    return run


def _smuggled(end: bytes) -> Callable[[Target], str]:
    def run(target: Target) -> str:
        with target.smtp.talk() as raw:
            raw.begin(to=QUEUE)
            answer = raw.ask(b"Subject: x\r\n\r\nbody" + end + SMUGGLED + b".\r\n")
            return f"{answer[:9]} {raw.reply() or 'closed'}"

    return run


def before_ehlo(target: Target) -> str:
    raw = Raw(target.smtp, timeout=60)
    with contextlib.closing(raw):
        raw.say(COMMANDS + b"QUIT\r\n")
        return " ".join(raw.reply()[:3] for _ in range(5))


def after_starttls(target: Target) -> str:
    with target.smtp.talk() as raw:
        raw.ask(target.smtp.hello)
        assert raw.ask(b"STARTTLS\r\n" + COMMANDS + b"injected\r\n.\r\n").startswith("220")
        with insecure().wrap_socket(raw.socket) as tls, tls.makefile("rb") as lines:
            tls.sendall(b"EHLO pc\r\n")
            while lines.readline()[3:4] == b"-":
                pass
            tls.sendall(b"RCPT TO:<suporte@aurora.example>\r\n")
            return lines.readline().decode()[:3]


def many_recipients(target: Target) -> str:
    with target.smtp.talk() as raw:
        raw.ask(target.smtp.hello)
        raw.ask(b"MAIL FROM:<a@x.org>\r\n")
        raw.say(b"RCPT TO:<suporte@aurora.example>\r\n" * 10_000)
        counted = Counter(raw.reply()[:3] for _ in range(10_000))
        return ", ".join(f"{count} times {code}" for code, count in counted.items())


def endless_command(target: Target) -> str:
    with target.smtp.talk() as raw:
        for _ in range(50):
            raw.say(b"x" * MB)
        return raw.ask(b"\r\n")[:3]


def bogus_commands(target: Target) -> str:
    answers: list[str] = []
    with target.smtp.talk() as raw, contextlib.suppress(ConnectionError):
        while answer := raw.ask(b"GIBBERISH\r\n")[:3]:
            answers.append(answer)
    return " ".join(answers)


def many_connections(target: Target) -> str:
    """From one host, all at once."""
    connections = [Raw(target.smtp, "127.0.0.9", timeout=60) for _ in range(500)]
    counted = Counter(raw.reply()[:3] for raw in connections)
    for raw in connections:
        raw.close()
    return ", ".join(f"{count} times {code}" for code, count in sorted(counted.items()))


def many_large_mails(target: Target) -> str:
    """Of three hosts, each with all but a byte of its mails handed over at the same moment."""
    talks = [Raw(target.smtp, f"127.0.0.{20 + n % 3}", timeout=60) for n in range(120)]
    for raw in talks:
        raw.reply()
        raw.begin(to=QUEUE)
        for piece in mails.text(6 * MB):
            raw.say(piece)
    for raw in talks:
        raw.close()
    return f"{len(talks)} times 354, then gone"


# The slow: until their connection is ended for them


def _until_the_end(target: Target, first: bytes, drip: bytes, pause: float, expected: int) -> str:
    """The last word of the service to whoever keeps saying that, each `pause` seconds, and whether it came in time."""
    raw = Raw(target.lmtp, "127.0.0.30", timeout=60)
    with contextlib.closing(raw):
        raw.reply()
        raw.say(first)
        began, said = time.monotonic(), b""
        raw.socket.settimeout(pause)
        while time.monotonic() - began < 60:
            with contextlib.suppress(TimeoutError):
                if not (some := _heard(raw.socket)):
                    break
                said += some
                continue
            with contextlib.suppress(OSError):
                raw.socket.sendall(drip)
        return f"{said[-200:].splitlines()[-1][:3].decode()} {_within(began, expected)}"


def _heard(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionError:
        return b""


def _within(began: float, expected: float) -> str:
    """Twice the time for a machine that is busy."""
    seconds = time.monotonic() - began
    return "in time" if IMPATIENT / 2 <= seconds <= 2 * expected + 3 else f"after {seconds:.1f} s"


HELLO = b"LHLO pc\r\n"


def dripped_command(target: Target) -> str:
    return _until_the_end(target, b"", b"L", 0.5, IMPATIENT)


def dripped_data(target: Target) -> str:
    return _until_the_end(target, HELLO + COMMANDS, b"x", 0.5, IMPATIENT)


def dripped_dots(target: Target) -> str:
    """Each of them could be the last."""
    return _until_the_end(target, HELLO + COMMANDS, b"x.\r\n", 0.5, IMPATIENT)


def silent(target: Target) -> str:
    return _until_the_end(target, HELLO, b"", 0.5, IMPATIENT)


def busy_with_nothing(target: Target) -> str:
    """Commands, each in good time, and never a mail."""
    return _until_the_end(target, HELLO, b"RSET\r\n", 0.5, 4 * IMPATIENT)


def silent_in_the_handshake(target: Target) -> str:
    return _until_the_end(target, HELLO + b"STARTTLS\r\n", b"", 0.5, IMPATIENT)


def never_reads(target: Target) -> str:
    """Asks and asks, until neither side can say more."""
    raw = Raw(target.lmtp, "127.0.0.32", timeout=60)
    with contextlib.closing(raw):
        raw.socket.setblocking(False)
        began = time.monotonic()
        while time.monotonic() - began < 60:
            try:
                raw.socket.send(HELLO * 5000)
            except BlockingIOError:
                time.sleep(0.05)
            except ConnectionError:
                return f"closed {_within(began, 4 * IMPATIENT)}"
    return "still there"


ATTACKS: dict[str, Attack] = {
    # mails
    "60 MB": Attack(_sent(lambda: mails.text(60 * MB)), "552 5.3.4"),
    "60 MB, announced": Attack(_sent(lambda: mails.text(60 * MB), 60 * MB), "552 5.3.4"),
    "60 MB by LMTP": Attack(_by_lmtp(lambda: mails.text(60 * MB)), "552 5.3.4"),
    "60 MB in a mailbox": Attack(_fetched(lambda: mails.text(60 * MB)), "opened", mailbox=True),
    "36 MB of text": Attack(_sent(lambda: mails.text(36 * MB)), "opened"),
    "36 MB of full stops": Attack(_sent(lambda: mails.filled(mails.head(), b"x.\r\n", 36 * MB)), "opened"),
    "a base64 line of 100 MB": Attack(_sent(lambda: mails.base64_line(100 * MB)), "552 5.3.4"),
    "a base64 line of 36 MB": Attack(_sent(lambda: mails.base64_line(36 * MB)), "opened"),
    "a base64 line of 100 MB in a mailbox": Attack(
        _fetched(lambda: mails.base64_line(100 * MB)), "opened", mailbox=True
    ),
    "300 nested parts": Attack(_sent(lambda: mails.nested(300)), "opened"),
    "5 million parts": Attack(_sent(lambda: mails.parts(5_000_000)), "asked"),
    "ten thousand files": Attack(_sent(lambda: mails.files(10_000)), "opened"),
    "a million files in a text": Attack(_sent(lambda: mails.filled(mails.head(), mails.UUENCODED, 36 * MB)), "opened"),
    "10,000 headers": Attack(_sent(lambda: mails.fields(10_000)), "opened"),
    "a header of 8 million lines": Attack(_sent(mails.folded), "opened"),
    "10,000 people in copy": Attack(_sent(lambda: mails.copies(10_000)), "opened"),
    "HTML, a million nested tags": Attack(_sent(lambda: mails.html(b"<div>")), "asked"),
    "HTML, unclosed comments": Attack(_sent(lambda: mails.html(b"<!--")), "asked"),
    "HTML, nested tables": Attack(_sent(lambda: mails.html(b"<table><tr><td>")), "asked"),
    "HTML, a tag of 5 MB": Attack(_sent(lambda: mails.attributes(5 * MB)), "asked"),
    "HTML, in 500 parts": Attack(
        _sent(lambda: mails.filled(mails.head(kind='multipart/mixed; boundary="b"'), mails.HTML_PART, 30 * MB)),
        "opened",
    ),
    "HTML, references": Attack(_sent(lambda: mails.html(b"&#38;&lt;")), "opened"),
    "headers in a subject, a name, a file name": Attack(_harmless(mails.injected), "opened"),
    "names that read from right to left": Attack(_harmless(mails.turned), "opened"),
    "a mail that makes a reader raise": Attack(_sent(lambda: mails.poison("RAISE")), "quarantined"),
    "a mail that kills its reader": Attack(_sent(lambda: mails.poison("DIE")), "quarantined"),
    "a mail that hangs its reader": Attack(_sent(lambda: mails.poison("HANG")), "quarantined", together=True),
    # the protocol
    "smuggling by LF.LF": Attack(_smuggled(b"\n.\n"), "521 5.5.2 closed"),
    "smuggling by LF.CRLF": Attack(_smuggled(b"\n.\r\n"), "521 5.5.2 closed"),
    "smuggling by CRLF.LF": Attack(_smuggled(b"\r\n.\n"), "521 5.5.2 closed"),
    "smuggling by CR.CR": Attack(_smuggled(b"\r.\r"), "521 5.5.2 closed"),
    "commands before EHLO": Attack(before_ehlo, "220 503 503 503 221"),
    "commands behind STARTTLS": Attack(after_starttls, "503"),
    "10,000 recipients": Attack(many_recipients, "100 times 250, 9900 times 452"),
    "a command of 50 MB": Attack(endless_command, "500"),
    "commands that are none": Attack(bogus_commands, "500 500 500 500 502"),
    "500 connections of one host": Attack(many_connections, "50 times 220, 450 times 421"),
    "120 mails of 6 MB at once": Attack(many_large_mails, "120 times 354, then gone"),
    # the slow
    "a command, a byte at a time": Attack(dripped_command, "421 in time", together=True),
    "a mail, a byte at a time": Attack(dripped_data, "421 in time", together=True),
    "a mail, a dot at a time": Attack(dripped_dots, "421 in time", together=True),
    "nothing at all": Attack(silent, "421 in time", together=True),
    "no handshake after STARTTLS": Attack(silent_in_the_handshake, "220 in time", together=True),
    "RSET for ever": Attack(busy_with_nothing, "421 in time", together=True),
    "questions whose answers nobody reads": Attack(never_reads, "closed in time", together=True),
}
