"""Files in a winmail.dat."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.mail.parse import parse
from mailgateway.mail.tnef import read

SIGNATURE = pack("<IH", 0x223E9F78, 1)


def attribute(tag: int, value: bytes, level: int = 2) -> bytes:
    return pack("<BHHI", level, tag, 6, len(value)) + value + pack("<H", sum(value) & 0xFFFF)


def unicode_property(number: int, text: str) -> bytes:
    value = text.encode("utf-16-le") + b"\0\0"
    return pack("<HHII", 0x1F, number, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def winmail() -> bytes:
    properties = pack("<I", 2) + pack("<HHi", 3, 0x3705, 1) + unicode_property(0x3707, "relatório final.pdf")
    return (
        SIGNATURE
        + attribute(0x9006, b"\0\0\1\0", level=1)
        + attribute(0x9002, b"\1\0")
        + attribute(0x8010, b"RELATO~1.PDF\0")
        + attribute(0x800F, b"%PDF-1.4")
        + attribute(0x9005, properties)
        + attribute(0x9002, b"\1\0")
        + attribute(0x8010, "não.txt\0".encode("cp1252"))
        + attribute(0x800F, b"oi")
    )


def test_the_files_and_their_long_names() -> None:
    assert read(winmail()) == (("relatório final.pdf", b"%PDF-1.4"), ("não.txt", b"oi"))


def test_a_mail_shows_the_files_in_place_of_the_wrapping() -> None:
    raw = b"Content-Type: application/ms-tnef; name=winmail.dat\n\n" + winmail()
    found = [(a.filename, a.content_type, a.size) for a in parse(raw).attachments]
    assert found == [("relatório final.pdf", "application/pdf", 8), ("não.txt", "text/plain", 2)]


def named_property(number: int, value: bytes) -> bytes:
    """A property with a name of its own, here a number of four bytes."""
    guid, name = b"\x20" * 16, "nome".encode("utf-16-le") + b"\0\0"
    return pack("<HH", 0x0003, number) + guid + pack("<II", 1, len(name)) + name + b"\0" * (-len(name) % 4) + value


def held(content: bytes, kind: int) -> bytes:
    """PR_ATTACH_DATA: bytes, or an object behind the id of its interface."""
    value = (b"\x0b" * 16 if kind == 0x000D else b"") + content
    return pack("<HHII", kind, 0x3701, 1, len(value)) + value + b"\0" * (-len(value) % 4)


@pytest.mark.parametrize("kind", [0x0102, 0x000D])
def test_a_file_among_the_properties(kind: int) -> None:
    many = pack("<HHI", 0x1003, 0x6001, 2) + b"\0" * 8
    properties = pack("<I", 4) + many + named_property(0x8001, b"\1\0\0\0") + held(b"conteudo", kind)
    whole = SIGNATURE + attribute(0x9002, b"") + attribute(0x9005, properties + unicode_property(0x3001, "nota.pdf"))
    assert read(whole) == (("nota.pdf", b"conteudo"),)


def test_files_of_an_attached_mail() -> None:
    content = winmail()
    for _ in range(3):
        content = SIGNATURE + attribute(0x9002, b"") + attribute(0x9005, pack("<I", 1) + held(content, 0x000D))
    assert [name for name, _ in read(content)] == [""]  # a mail in a mail in a mail in a mail
    once = SIGNATURE + attribute(0x9002, b"") + attribute(0x9005, pack("<I", 1) + held(winmail(), 0x000D))
    assert [name for name, _ in read(once)] == ["relatório final.pdf", "não.txt"]


def test_what_cannot_be_read_stays_as_it_is() -> None:
    raw = b"Content-Type: application/ms-tnef; name=winmail.dat\n\nlixo"
    assert [a.filename for a in parse(raw).attachments] == ["winmail.dat"]


@given(st.binary(max_size=200), st.integers(0, 300), st.binary(max_size=4))
def test_no_bytes_raise_or_hang(noise: bytes, place: int, patch: bytes) -> None:
    read(SIGNATURE + noise)
    whole = winmail()
    read(whole[:place] + patch + whole[place + len(patch) :])
