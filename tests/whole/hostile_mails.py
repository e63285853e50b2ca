"""Hostile mails, made piece by piece: none of them lies in memory here as a whole."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterable, Iterator

from tests.desk import QUEUE

MB = 1_000_000
Mail = Iterable[bytes]
UUENCODED = b"begin 644 a\r\n#0V%T\r\n`\r\nend\r\n"
HTML_PART = b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<p>a" * 15_000 + b"\r\n"
_NUMBERS = itertools.count(1)


def head(*fields: str, kind: str = "text/plain", author: str = "mallory@cliente.example") -> bytes:
    unique = f"Message-ID: <hostile{next(_NUMBERS)}@cliente.example>"
    lines = [f"From: {author}", f"To: {QUEUE}", unique, *fields, f"Content-Type: {kind}"]
    if not any(field.startswith("Subject:") for field in fields):
        lines.insert(2, "Subject: x")
    return "".join(f"{line}\r\n" for line in lines).encode() + b"\r\n"


def filled(first: bytes, piece: bytes, size: int, last: bytes = b"\r\n") -> Iterator[bytes]:
    """A piece again and again, until the mail has that size."""
    yield first
    many = piece * (65_536 // len(piece) or 1)
    for _ in range((size - len(first)) // len(many)):
        yield many
    yield last


def text(size: int) -> Mail:
    return filled(head(), b"palavra " * 9 + b"\r\n", size)


def base64_line(size: int) -> Mail:
    """One line, without an end, of a file."""
    top = head("Content-Transfer-Encoding: base64", kind='application/octet-stream; name="a.bin"')
    return filled(top, base64.b64encode(b"abc" * 1000), size)


def nested(depth: int) -> Mail:
    yield head(kind='multipart/mixed; boundary="b0"')
    for level in range(1, depth):
        yield f'--b{level - 1}\r\nContent-Type: multipart/mixed; boundary="b{level}"\r\n\r\n'.encode()
    yield f"--b{depth - 1}\r\n\r\nParou.\r\n".encode()


def parts(count: int) -> Mail:
    return filled(head(kind='multipart/mixed; boundary="b"'), b"--b\r\n\r\n", 7 * count, b"--b--\r\n")


def files(count: int) -> Mail:
    yield head(kind='multipart/mixed; boundary="b"') + b"--b\r\n\r\nVejam.\r\n"
    for number in range(count):
        yield f'--b\r\nContent-Disposition: attachment; filename="f{number}.txt"\r\n\r\nx{number}\r\n'.encode()
    yield b"--b--\r\n"


def fields(count: int) -> Mail:
    return [head(*(f"X-Field-{number}: value" for number in range(count))), b"Parou.\r\n"]


def folded() -> Mail:
    """One field over many lines, at the end of the header."""
    return filled(head().removesuffix(b"\r\n") + b"X-Folded: a", b"\r\n b", 30 * MB, b"\r\n\r\nParou.\r\n")


def copies(count: int) -> Mail:
    return [head("Cc: " + ",\r\n ".join(f"p{n}@cliente.example" for n in range(count))), b"Parou.\r\n"]


def html(piece: bytes, size: int = 5 * MB) -> Mail:
    return filled(head(kind="text/html"), piece, size)


def attributes(size: int) -> Mail:
    return filled(head(kind="text/html") + b"<p ", b'a="b" ', size, b">Parou.</p>\r\n")


def injected() -> Mail:
    """A subject, a name and a file name that would begin a header, if anybody wrote them out as they are."""
    coded = "=?utf-8?q?x=0D=0ABcc:_todos@cliente.example=0D=0A=0D=0AGanhe?="
    yield head(f"Subject: {coded}", author=f"{coded} <mallory@cliente.example>", kind='multipart/mixed; boundary="b"')
    yield b"--b\r\n\r\nVejam.\r\n--b\r\nContent-Disposition: attachment;"
    yield b" filename*=utf-8''f%0D%0ABcc%3A%20t%40x.example\r\n\r\nx\r\n--b--\r\n"


TURN = "\u202e"  # from here on a program shows the letters from right to left


def turned() -> Mail:
    """A name, a subject and a file name that show themselves as others, and a name that looks like an agent's."""
    author = f'"Ana L{TURN}ami" <mallory@cliente.example>, "\u0410na Lima" <\u0430na@aurora.example>'
    yield head(f"Subject: nota{TURN}fdp.exe", author=author, kind='multipart/mixed; boundary="b"')
    yield b"--b\r\n\r\n#assumir\r\n--b\r\nContent-Disposition: attachment; filename="
    yield f'"nota{TURN}fdp.exe"\r\n\r\nx\r\n--b--\r\n'.encode()


def poison(word: str) -> Mail:
    return [head(f"X-Word: VENENO-{word}"), b"Parou.\r\n"]


def plainly(make: Callable[[], Mail]) -> bytes:
    """As one, for a mailbox."""
    return b"".join(make())
