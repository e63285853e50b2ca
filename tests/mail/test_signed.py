"""Wrappings around a mail: what is signed is read, what is encrypted is kept and said so."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.mail.cms import signed_content
from mailgateway.mail.parse import parse

INNER = "Content-Type: text/plain; charset=utf-8\r\n\r\nAprovado, João".encode()
DATA, SIGNED, ENVELOPED = (bytes.fromhex("2a864886f70d0107") + bytes([n]) for n in (1, 2, 3))


def der(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x84" + size.to_bytes(4, "big")
    return bytes([tag]) + length + content


def ber(tag: int, *contents: bytes) -> bytes:
    """The same with an indefinite length, as programs write that sign while they read."""
    return bytes([tag]) + b"\x80" + b"".join(contents) + b"\0\0"


def signed(octets: bytes, write: Callable[..., bytes] = der) -> bytes:
    wrapped = write(0x30, der(6, DATA), write(0xA0, octets))
    content = write(0x30, der(2, b"\1"), write(0x31, der(0x30, der(6, b"\x2a"))), wrapped, der(0x31))
    return write(0x30, der(6, SIGNED), write(0xA0, content))


def mail(content: bytes, content_type: str = "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m") -> bytes:
    head = f"From: a@x.com\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64\n"
    return head.encode() + b"Content-Disposition: attachment; filename=smime.p7m\n\n" + base64.encodebytes(content)


PIECES = ber(0x24, der(4, INNER[:20]), der(4, INNER[20:]))


@pytest.mark.parametrize("content", [signed(der(4, INNER)), signed(der(4, INNER), ber), signed(PIECES, ber)])
@pytest.mark.parametrize(
    "content_type",
    [
        "application/pkcs7-mime; smime-type=signed-data",
        "application/x-pkcs7-mime; name=smime.p7m",
        "application/octet-stream; name=smime.p7m",
    ],
)
def test_an_opaque_signature_is_taken_off(content: bytes, content_type: str) -> None:
    read = parse(mail(content, content_type))
    assert (read.text, read.attachments, read.defects) == ("Aprovado, João", (), ())


def test_what_somebody_else_signed_is_a_file() -> None:
    part = mail(signed(der(4, INNER)))
    read = parse(b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nvejam\n--b\n" + part + b"\n--b--\n")
    assert read.text == "vejam"
    assert [a.filename for a in read.attachments] == ["smime.p7m"]


def test_an_envelope_is_kept_and_named() -> None:
    read = parse(mail(der(0x30, der(6, ENVELOPED), der(0xA0, der(0x30)))))
    assert (read.text, read.defects) == ("", ("encrypted",))
    assert [a.filename for a in read.attachments] == ["smime.p7m"]


def test_a_signed_text_is_read_without_its_armour() -> None:
    armour = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n"
    end = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n"
    read = parse(f"From: a@x.com\n\n{armour}Aprovado.\n\n- -- \nJoão\n{end}rodapé\n".encode())
    assert read.text == "Aprovado.\n\n-- \nJoão\nrodapé\n"


def test_an_encrypted_text_is_named() -> None:
    text = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n"
    read = parse(f"From: a@x.com\n\n{text}".encode())
    assert (read.text, read.defects) == (text, ("encrypted",))


def test_signatures_in_signatures_are_bounded() -> None:
    raw = INNER
    for _ in range(2000):
        raw = b"Content-Type: application/pkcs7-mime\n\n" + signed(der(4, raw))
    assert "too-deep" in parse(raw).defects


@pytest.mark.parametrize(
    "content",
    [
        b"\x30\x80" * 50_000,
        signed(b"\x24\x80" * 50_000, ber),
        signed(b"\x24\x80" + b"\x04\x00" * 500_000, ber),
        signed((b"\x24\x80" + b"\x04\x00" * 1000) * 300, ber),
        signed(b"").replace(b"\x31", b"\x31\x80" + b"\x30\x80" * 50_000),
    ],
)
def test_hostile_wrappings_take_linear_time(content: bytes) -> None:
    start = time.process_time()
    signed_content(content)
    assert time.process_time() - start < 1


@given(st.binary(max_size=100), st.integers(0, 120), st.binary(max_size=4))
def test_no_bytes_raise(noise: bytes, place: int, patch: bytes) -> None:
    signed_content(noise)
    whole = signed(PIECES, ber)
    signed_content(whole[:place] + patch + whole[place + len(patch) :])
