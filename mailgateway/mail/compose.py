"""A mail as finished bytes, written by hand: 7-bit, CRLF, text before HTML.

`email.message` is twenty times slower, and it encodes long ids in References, whereupon threads break. Nothing here is
parsed back: every value is made harmless on its way in, so that no line end of a stranger becomes a header of ours.
"""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

WIDTH = 76  # of a line with an encoded-word (RFC 2047 section 2); 78 is the wish for all others (RFC 5322 2.1.1)
LONGEST_LINE = 998  # RFC 5322 section 2.1.1
LONGEST_ID = 900  # an id is never cut or folded inside, and no line may pass 998
MOST_IDS = 40  # References: the first one and the newest

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_ID = re.compile(r"<[!-;=?-~]+>")
_UNSAFE = re.compile(r'(["\\])')


@dataclass(frozen=True, slots=True)
class Outgoing:
    """All that a mail of ours says. What is empty is left out.

    `auto_submitted` is `auto-replied` for the answer to one mail and `auto-generated` for news (RFC 3834 section 5).
    """

    from_name: str
    from_email: str
    to_name: str
    to_email: str
    reply_to: str
    subject: str
    text: str
    html: str
    date: datetime
    message_id: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    auto_submitted: str = "auto-generated"
    language: str = ""
    loop_id: str = ""
    list_id: str = ""
    list_unsubscribe: str = ""
    sender: str = ""


def compose(letter: Outgoing) -> bytes:
    """The whole mail, as it is sent and kept."""
    # 80 random bits are in the Message-ID: nobody can know the boundary before and write it into a text.
    boundary = f"=_{zlib.crc32(letter.message_id.encode('utf-8', 'replace')):08x}"
    head = "\r\n".join(f"{name}: {value}" for name, value in _headers(letter) if value)
    if not letter.html:
        return b"%b\r\n%b" % (head.encode(), _plain_part(letter.text))
    mark = boundary.encode()
    kind = b'Content-Type: multipart/alternative; boundary="%b"' % mark
    return b"%b\r\n%b\r\n\r\n--%b\r\n%b\r\n--%b\r\n%b\r\n--%b--\r\n" % (
        *(head.encode(), kind, mark, _plain_part(letter.text)),
        *(mark, _html_part(letter.html), mark),
    )


def _headers(letter: Outgoing) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox("From", letter.from_name, letter.from_email)
    yield "Sender", _address(letter.sender)
    yield "To", _mailbox("To", letter.to_name, letter.to_email)
    yield "Reply-To", _address(letter.reply_to)
    yield "Subject", _text("Subject", letter.subject)
    yield "Date", format_datetime(letter.date)
    yield "Message-ID", _ids("Message-ID", [letter.message_id])
    yield "In-Reply-To", _ids("In-Reply-To", [letter.in_reply_to])
    yield "References", _ids("References", letter.references)
    yield "Auto-Submitted", _plain(letter.auto_submitted)
    # Not "All": it names NDR too, and would silence the bounces that we need (MS-OXCMAIL 2.2.3.2.14).
    yield "X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN"
    yield "X-Loop-Chamados", _plain(letter.loop_id)
    yield "List-Id", _plain(letter.list_id)
    yield "List-Unsubscribe", _plain(letter.list_unsubscribe)
    yield "Content-Language", _plain(letter.language)
    yield "MIME-Version", "1.0"


def _plain_part(text: str) -> bytes:
    """Quoted-printable stays readable for people and filters, base64 is shorter for other scripts."""
    data = "\r\n".join(text.splitlines()).encode("utf-8", "replace") + b"\r\n"
    body = binascii.b2a_qp(data)
    if len(body) <= len(data) * 1.4:
        return _part(b"plain", b"quoted-printable", body)
    lines = (binascii.b2a_base64(data[i : i + 57], newline=False) for i in range(0, len(data), 57))
    return _part(b"plain", b"base64", b"\r\n".join(lines) + b"\r\n")


def _html_part(html: str) -> bytes:
    """Character references make it 7-bit, which is four times as quick as to encode it and shorter too."""
    lines = html.encode("ascii", "xmlcharrefreplace").splitlines()
    body = b"\r\n".join(lines) + b"\r\n"
    if max(map(len, lines), default=0) > LONGEST_LINE:
        return _part(b"html", b"quoted-printable", binascii.b2a_qp(body))
    return _part(b"html", b"7bit", body)


def _part(kind: bytes, coding: bytes, body: bytes) -> bytes:
    head = b"Content-Type: text/%b; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n"
    return head % (kind, coding) + body


def _line(value: str) -> str:
    """The value on one line, whatever it holds."""
    if not value.isprintable():
        value = _LONE_SURROGATE.sub("\ufffd", _CONTROL.sub(" ", value))
    return value.strip()


def _plain(value: str) -> str:
    """A value of our own making that is never encoded."""
    return _line(value).encode("ascii", "replace").decode("ascii")


def _text(name: str, value: str) -> str:
    """An unstructured value: as it is, folded at its blanks, or as encoded-words."""
    value = _line(value)
    room = WIDTH - len(name) - 2
    if not value.isascii() or "=?" in value:
        return _encoded(value, room)
    if len(value) <= room:
        return value
    words = value.split(" ")
    if max(map(len, words)) > room or "" in words:
        return _encoded(value, room)
    return _folded(words, room)


def _mailbox(name: str, shown: str, email: str) -> str:
    """`Ana Lima <ana@example.com>`; a display name is atoms, a quoted string or encoded-words."""
    shown, email = " ".join(_line(shown).split()), _address(email)
    if not shown:
        return email
    room = WIDTH - len(name) - 2
    quoted = shown if _ATOMS.fullmatch(shown) else '"' + _UNSAFE.sub(r"\\\1", shown) + '"'
    if not shown.isascii() or "=?" in shown or len(quoted) > room:
        quoted = _encoded(shown, room)
    last = quoted.rpartition("\r\n")[2]
    blank = " " if len(last) + len(email) + 3 + len(name) + 2 <= WIDTH else "\r\n "
    return f"{quoted}{blank}<{email}>"


def _address(email: str) -> str:
    """The address: 7-bit unless its local part is not, which only SMTPUTF8 can carry (RFC 6531)."""
    email = _line(email).replace("\r", "").replace("\n", "")
    if email.isascii():
        return email
    local, at, domain = email.rpartition("@")
    try:
        return f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return f"{local}{at}{_plain(domain)}"


def _ids(name: str, ids: Iterable[str]) -> str:
    """Message-IDs, each whole and never encoded; what is none, or could not be sent, is left out."""
    good = [i for i in ids if len(i) <= LONGEST_ID and _ID.fullmatch(i)]
    if len(good) > MOST_IDS:
        good = [good[0], *good[1 - MOST_IDS :]]
    return _folded(good, WIDTH - len(name) - 2)


def _folded(words: list[str], room: int) -> str:
    """Words joined by a blank, or by a line end and a blank where the line is full."""
    lines, left = [""], room
    for word in words:
        if lines[-1] and len(word) + 1 > left:
            lines.append("")
            left = WIDTH - 1
        lines[-1] += f" {word}" if lines[-1] else word
        left -= len(word) + 1
    return "\r\n ".join(lines)


def _encoded(value: str, room: int) -> str:
    """Encoded-words of at most 75 characters, none of which ends inside a character (RFC 2047 section 5)."""
    words, piece, size = [], bytearray(), 0
    most = _bytes_in(room)
    for char in value:
        data = char.encode("utf-8")
        if size + len(data) > most:
            words.append(_word(piece))
            piece, size, most = bytearray(), 0, _bytes_in(WIDTH - 1)
        piece += data
        size += len(data)
    words.append(_word(piece))
    return "\r\n ".join(words)


def _bytes_in(room: int) -> int:
    return (min(room, 75) - len("=?utf-8?b??=")) // 4 * 3


def _word(piece: bytes | bytearray) -> str:
    return f"=?utf-8?b?{binascii.b2a_base64(piece, newline=False).decode('ascii')}?="
