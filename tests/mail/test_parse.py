"""Bytes in, a mail out, whatever the bytes are."""

from __future__ import annotations

import base64
import binascii
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.people import Mailbox
from mailgateway.mail.parse import Limits, parse

MAILS = Path(__file__).parent.parent / "mails"


def mail(*head: str, body: str = "") -> bytes:
    return ("\n".join(head) + "\n\n" + body).encode("utf-8", "surrogateescape")


def test_a_reply_from_outlook() -> None:
    raw = (MAILS / "outlook-reply.eml").read_bytes()
    read = parse(raw)
    assert read.from_ == (Mailbox("João Conceição", "joao@cliente.example"),)
    assert read.to == (Mailbox("Suporte, TI", "suporte+12.abcdefghijklmnop@desk.example.com"),)
    assert read.cc == (Mailbox("Bia", "bia@cliente.example"),)
    assert read.invalid == ("carlos@aurora",)
    assert read.subject == "RES: Impressora não imprime [#1042]"
    assert read.date == datetime(2025, 11, 24, 13, tzinfo=UTC)
    assert read.references == ("<root@desk.example.com>", "<t1.e2@desk.example.com>")
    assert read.parts.new == "Olá, continua sem imprimir."
    assert read.parts.signature == "Att,\nJoão"
    assert "Recebemos o seu chamado." in read.parts.quoted
    assert [(a.filename, a.content_type, a.inline) for a in read.attachments] == [
        ("logo.png", "image/png", True),
        ("relatório ção.pdf", "application/pdf", False),
    ]
    assert read.attachments[1].sha256 == sha256(b"%PDF-1.4\n").hexdigest()
    assert read.html.startswith("<p>Olá")
    assert (read.size, read.sha256) == (len(raw), sha256(raw).hexdigest())
    assert read.defects == ()


def test_a_forward_names_its_author() -> None:
    read = parse((MAILS / "forwarded.eml").read_bytes())
    assert read.forwarded == (Mailbox("Maria Souza", "maria@cliente.example"),)
    assert read.parts.new == "Para abrir chamado."


# --- header fields ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "subject"),
    [
        ("=?utf-8?B?SW1wcmVzc8OjbyBk?= =?utf-8?B?ZSBub3Rh?=", "Impressão de nota"),
        ("=?utf-8?Q?Impress=C3?= =?utf-8?Q?=A3o?=", "Impressão"),  # a character split over two words
        ("=?iso-8859-1?Q?Impress=E3o?= e =?utf-8?Q?n=C3=A3o?=", "Impressão e não"),
        ("=?iso-8859-1*pt?Q?Impress=E3o?=", "Impressão"),
        ("=?x-unknown?Q?Impress=E3o?=", "Impressão"),
        ("=?utf-8?Q?por que??=", "por que?"),
        ("=?utf-8?B?bsOj?= =?utf-8?B?bw?=", "não"),  # no padding
        ("Impressão", "Impressão"),
        ("=?utf-8?Q?a=0D=0ABcc:_x@y.com?=", "a Bcc: x@y.com"),
        ("=?utf-8?Q?um=00zero?=", "umzero"),
        ("a =?utf-8?Q? b", "a =?utf-8?Q? b"),
        ("=?utf-8?Q?Impress=C3=A3o", "Impressão"),  # cut off
        ("=?utf-8?Q?Impress=C3=A3o?", "Impressão"),
        ("=?utf-8?B?SW1wcmVz =?utf-8?B?c8Ojbw==?=", "Impressão"),
        ("=?utf-8?B?4p2?= =?utf-8?B?k?=", "❤"),  # a base64 group split over two words
        ("=?utf-8 ?Q ?n=C3=A3o?=", "não"),
        ("=?cp-850?Q?n=C6o?=", "não"),
        ("=?windows1252?Q?=93n=E3o=94?=", "“não”"),
        ("=?iso-8859-1?Q?n=C3=A3o?=", "não"),  # UTF-8 under a wrong label
        ("=?iso-2022-jp?B?GyRCLSEbKEIhGyRCJCIbKEI=?=", "\ufffd!あ"),  # a sign of NEC's
    ],
)
def test_subjects(field: str, subject: str) -> None:
    assert parse(mail("From: a@x.com", f"Subject: {field}")).subject == subject


def test_raw_bytes_in_a_header_are_read() -> None:
    assert parse(b"Subject: Impress\xe3o\n\n").subject == "Impressão"
    assert parse(b"Subject: =?iso-8859-1?Q?Impress\xe3o?=\n\n").subject == "Impressão"


def test_encoded_references_are_read() -> None:
    """Python itself writes such fields for long ids (cpython issue 100991)."""
    raw = mail("References: =?utf-8?q?=3Cmuito=2Elongo?=", " =?utf-8?q?=40x=2Ecom=3E?=", "In-Reply-To: <b@x.com>")
    assert parse(raw).references == ("<muito.longo@x.com>", "<b@x.com>")


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "Message-ID"])
def test_duplicate_fields_are_defects(name: str) -> None:
    assert f"duplicate-{name.lower()}" in parse(mail(f"{name}: a@x.com", f"{name}: b@x.com")).defects


def test_two_authors_are_nobody() -> None:
    twice = parse(mail("From: a@x.com", "From: b@x.com"))
    assert [m.email for m in twice.from_] == ["a@x.com", "b@x.com"]
    several = parse(mail("From: a@x.com, b@x.com"))
    assert twice.author is None
    assert several.author is None
    assert "several-from" in several.defects


@pytest.mark.parametrize("value", ["<<>>[x", "<[abc]@x>", "", "<>", "sem arroba", "\x00"])
def test_a_bad_message_id_is_harmless(value: str) -> None:
    parse(mail(f"Message-ID: {value}"))


def test_where_it_was_delivered() -> None:
    raw = mail("Delivered-To: a@x.com", "X-Original-To: B@x.com", "Delivered-To: a@x.com")
    assert parse(raw).delivered_to == ("a@x.com", "b@x.com")


def test_a_line_that_is_no_field_ends_the_header_or_is_skipped() -> None:
    text = parse(b"From: a@x.com\nA impressora parou.\nDesde ontem.\n")
    assert text.text == "A impressora parou.\nDesde ontem.\n"
    assert "broken-header" in text.defects
    junk = parse(b"From: a@x.com\n>lixo\nSubject: oi\n\ntexto")
    assert (junk.subject, junk.text) == ("oi", "texto")


@pytest.mark.parametrize(
    "prefix", [b"From a@x.com Mon Nov 24\n", b"\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b" "]
)
def test_what_mailboxes_put_first_is_skipped(prefix: bytes) -> None:
    assert parse(prefix + b"Subject: oi\n\ntexto").subject == "oi"


def test_old_line_ends() -> None:
    assert parse(b"Subject: oi\r\rtexto").text == "texto"
    assert parse(b"Subject: oi\r\r\n\r\r\num\r\r\ndois\r\r\n").text == "um\ndois\n"


# --- the body ---------------------------------------------------------------------------------------------------------


def multipart(kind: str, *parts: str) -> bytes:
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return mail(f'Content-Type: multipart/{kind}; boundary="b"', body=body)


PLAIN, HTML = "Content-Type: text/plain\n\nclaro", "Content-Type: text/html\n\n<p>rico</p>"
IMAGE = "Content-Type: image/png\nContent-ID: <i>\n\nx"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (multipart("alternative", PLAIN, HTML), "claro"),
        (multipart("alternative", "\n", HTML), "rico"),
        (multipart("alternative", "\n\nYour mail program does not support HTML.", HTML), "rico"),
        (multipart("mixed", PLAIN, "\nmais"), "claro\nmais"),
        (multipart("mixed", PLAIN, HTML), "claro\nrico"),
        (multipart("mixed", PLAIN, HTML.replace("rico", "claro")), "claro"),
        (multipart("signed", PLAIN, "Content-Type: application/pgp-signature\n\nx"), "claro"),
        (multipart("related", HTML, "Content-Type: image/png\n\nx"), "rico"),
        (mail("Content-Type: text/html", body="<p>um<p>dois"), "um\n\ndois"),
        (mail("Content-Type: multipart/mixed; boundary=b", body="só texto"), "só texto"),
        (mail("Content-Type: text; x", body="oi"), "oi"),
        (mail("Content-Type: text/plain; charset=nada", body="não"), "não"),
        (b"Content-Type: text/plain; charset=utf-8\n\nn\xe3o", "não"),
        (b"Content-Type: text/plain; charset=us-ascii\n\nn\xc3\xa3o", "não"),
        ("Content-Type: text/plain; charset=utf-8\n\nnão é \ufffd só".encode().replace(b"\xef\xbf\xbd", b"\xc3"), None),
        (mail("Content-Type: text/html", body='<meta charset="iso-8859-1">x'), "x"),
        (mail("Content-Type: text/plain", body="um\x00dois\x1b[2J\r\ntrês"), "umdois[2J\ntrês"),
        (multipart("alternative", HTML, PLAIN), "claro"),
        (multipart("alternative", PLAIN.replace("\n", '; name="a.txt"\n', 1), HTML), "claro"),
        (multipart("related", PLAIN, HTML, IMAGE), "claro"),
        (multipart("related", IMAGE, HTML), "rico"),
        (
            multipart('related; start="<r>"', "Content-ID: <x>\n\nx", HTML.replace("\n", "\nContent-ID: <r>\n", 1)),
            "rico",
        ),
        (multipart("alternative", PLAIN, "Content-Type: text/enriched\n\n<bold>rico</bold>"), "claro"),
        (mail("Content-Type: text/enriched", body="<color><param>red</param>rico</color>"), "rico"),
        (mail('Content-Type: text/plain; name="a.txt"', body="só"), "só"),
        (mail("Content-Type: text/plain", body="<!DOCTYPE html><html><p>rico"), "rico"),
        (
            mail("Content-Type: multipart/mixed; boundary=outra", body="--b\nContent-Type: text/plain\n\noi\n--b--"),
            "oi",
        ),
        (mail("Content-Type: multipart/mixed; boundary=b", body="--b--"), ""),
        (mail("Content-Transfer-Encoding: base64", body="não, isto é texto"), "não, isto é texto"),
        (mail("Content-Transfer-Encoding: quoted_printable;", body="n=C3=A3o"), "não"),
        (mail("Content-Transfer-Encoding: quoted-printable", body="uma=  \n só"), "uma só"),
    ],
)
def test_which_text_is_the_body(raw: bytes, text: str | None) -> None:
    read = parse(raw).text
    assert read == text if text is not None else "não é" in read


@pytest.mark.parametrize(
    "part",
    [
        'Content-Type: text/plain; name="log.txt"\n\nlog',
        "Content-Type: text/plain\nContent-Disposition: attachment\n\nlog",
        "Content-Type: text/calendar; method=PUBLISH\n\nBEGIN:VCALENDAR",
        "Content-Type: text/x-amp-html\n\n<html amp4email>",
        "Content-Type: text/vnd.google.email-reaction+json\n\n{}",
        "Content-Type: message/rfc822\n\nSubject: dentro\n\n#aprovar",
    ],
)
def test_what_is_no_body(part: str) -> None:
    read = parse(multipart("mixed", PLAIN, part))
    assert read.text == "claro"
    assert len(read.attachments) == 1


def test_a_mail_in_a_mail_is_named_by_its_subject() -> None:
    read = parse(multipart("mixed", PLAIN, "Content-Type: message/rfc822\n\nSubject: =?utf-8?Q?n=C3=A3o/sim?=\n\noi"))
    assert (read.attachments[0].filename, read.attachments[0].content_type) == ("não-sim.eml", "message/rfc822")


def test_encrypted_mail_is_kept_and_named() -> None:
    read = parse(multipart("encrypted", "Content-Type: application/pgp-encrypted\n\nVersion: 1", PLAIN))
    assert "encrypted" in read.defects
    assert read.text == ""
    assert len(read.attachments) == 2


def test_flowed_text_is_joined() -> None:
    raw = mail("Content-Type: text/plain; format=flowed; delsp=yes", body="uma lin \nha\n> citada \n> aqui\n-- \nfim")
    assert parse(raw).text == "uma linha\n> citadaaqui\n-- \nfim"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        (r'filename="C:\temp\nota.pdf"', "nota.pdf"),
        ('filename="=?utf-8?Q?n=C3=A3o.pdf?="', "não.pdf"),
        ("filename*=iso-8859-1'pt'n%E3o.pdf", "não.pdf"),
        ("filename=com espaço.pdf", "com espaço.pdf"),
        ('filename="gpj.\u202eexe"', "gpj.exe"),
        ('filename="a\x07b\nc.pdf"', None),
        ('filename=".."', ""),
        ('filename="sem fim.pdf', "sem fim.pdf"),
        ("filename*0*=utf-8''n%C3; filename*1*=%A3o; filename*2=.pdf", "não.pdf"),
        ("filename*1*=o.pdf; filename*0*=utf-8''n%C3%A3", "não.pdf"),
        ("filename=\"outro.pdf\"; filename*=UTF-8'pt-BR'n%C3%A3o.pdf", "não.pdf"),
        ('filename*0="=?utf-8?B?bsOj"; filename*1="by5wZGY=?="', "não.pdf"),
        ('filename="nul.txt"', "_nul.txt"),
        ('filename="CON"', "_CON"),
        ('filename="nota.pdf. . "', "nota.pdf"),
    ],
)
def test_file_names_are_safe(field: str, name: str | None) -> None:
    read = parse(mail("Content-Type: application/x", f"Content-Disposition: attachment; {field}"))
    if name is not None:
        assert [a.filename for a in read.attachments] == [name]


def test_a_type_that_nobody_can_read_does_not_make_a_file_a_text() -> None:
    assert parse(mail('Content-Type: gzip; name="a.gz"')).attachments[0].content_type == "application/octet-stream"


def test_files_among_the_lines_of_a_text() -> None:
    lines = "".join(binascii.b2a_uu(b"%PDF-1.4\n" * 5).decode() for _ in range(2))
    body = f"antes\n\nbegin 644 n\u00e3o.pdf\n{lines}`\nend\ndepois\nbegin 644 nada aqui\nend\n"
    read = parse(mail("Content-Type: text/plain", body=body))
    assert [(a.filename, a.content_type, a.content) for a in read.attachments] == [
        ("não.pdf", "application/pdf", b"%PDF-1.4\n" * 10)
    ]
    assert read.text == "antes\n\n\ndepois\nbegin 644 nada aqui\nend\n"


def test_an_unfinished_file_stays_text() -> None:
    assert parse(mail(body="begin 644 a\nM")).text == "begin 644 a\nM"


def test_a_file_that_is_far_larger_than_its_lines_is_none() -> None:
    """Each line may say that it holds 45 bytes: a mail of 25 MB would fill 560."""
    body = "begin 644 a\n" + "M\n" * 5000 + "end\n"
    read = parse(mail(body=body))
    assert (read.text, read.attachments) == (body, ())
    declared = parse(mail("Content-Type: application/x", "Content-Transfer-Encoding: x-uuencode", body=body))
    assert declared.attachments[0].content == body.encode()
    assert parse(b"\n=ybegin line=128 size=3 name=a.bin\n\x8b\x8c\x8d\n=yend size=3\n").attachments == ()


def test_base64_that_is_torn_is_read_as_far_as_it_goes() -> None:
    data = base64.b64encode(bytes(range(200))).decode()
    read = parse(mail("Content-Type: application/x", "Content-Transfer-Encoding: base64", body=data[:101] + "!\n"))
    assert read.attachments[0].content == bytes(range(75))


# --- limits and hostility --------------------------------------------------------------------------------------------


def nested(depth: int) -> bytes:
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(depth))
    return b"From: a@x.com\n" + opening + b"\noi"


@pytest.mark.parametrize("depth", [300, 2000, 20_000])
def test_deep_nesting_is_a_defect(depth: int) -> None:
    assert "too-deep" in parse(nested(depth)).defects


def test_limits_keep_what_was_read() -> None:
    parts = parse(b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 20, Limits(parts=5))
    assert parts.text.split() == ["x"] * 4
    assert "too-many-parts" in parts.defects
    header = parse(b"Subject: oi\n" + b"X-A: b\n" * 500 + b"\ntexto", Limits(header_bytes=1000))
    assert (header.subject, header.text, header.defects) == ("oi", "texto", ("header-too-large",))
    body = parse(b"Content-Type: text/plain\n\n" + b"x" * 100, Limits(body_chars=10))
    assert (body.text, body.defects) == ("x" * 10, ("text-too-long",))


@pytest.mark.parametrize("pattern", ["a@b.com, ", '"', "=?", "=?a?q?", "=?utf-8?q?a?= ", ";", "<a@b>", "a", " a="])
@pytest.mark.parametrize(
    "name", ["From", "Subject", "References", "Message-ID", "Content-Type: x/y;", "Content-Disposition"]
)
def test_hostile_header_fields_take_linear_time(name: str, pattern: str) -> None:
    start = time.process_time()
    parse(mail(f"{name}: {(pattern * 200_000)[:200_000]}"))
    assert time.process_time() - start < 3


@pytest.mark.parametrize("pattern", ["\r", "\r\r\n", "\r ", "\n", "=\n", "= ", "begin 644 a\n", "--", ">"])
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "text/plain; format=flowed"])
def test_hostile_bodies_take_linear_time(kind: str, pattern: str) -> None:
    start = time.process_time()
    head = (f"Content-Type: {kind}", "Content-Transfer-Encoding: quoted-printable")
    parse(mail(*head, body=(pattern * 200_000)[:200_000]))
    assert time.process_time() - start < 3


@given(st.binary(max_size=2000))
def test_no_bytes_raise(raw: bytes) -> None:
    assert parse(raw).size == len(raw)


TOKENS = [b"\n", b"\r\n", b"--b", b"--", b": ", b"=?utf-8?q?", b"?=", b'"', b"<a@x.com>", b"\xff", b"=3D", b"> ", b";"]
TOKENS += [
    b"From",
    b"Subject",
    b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    b"Content-Transfer-Encoding: base64\n",
]
TOKENS += [
    b"Content-Type: text/html\n\n<p",
    b"message/rfc822",
    b"message/delivery-status",
    b"Final-Recipient: rfc822; a",
]
TOKENS += [b"MAILER-DAEMON", b"Date: Mon, 99 Foo 99999 99:99", b"charset=", b"utf-7", b"+AGE-", b"filename*0*=", b"%"]


@given(st.lists(st.sampled_from(TOKENS) | st.binary(max_size=8), max_size=40).map(b"".join))
def test_no_broken_mail_raises(raw: bytes) -> None:
    read = parse(raw)
    str(read).encode()  # no lone surrogates anywhere
    assert "\x00" not in read.text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60), st.binary(max_size=200))
def test_what_python_writes_is_read_back(subject: str, content: bytes) -> None:
    message = EmailMessage()
    message["From"] = "a@x.com"
    message["Subject"] = subject.strip()
    message.set_content("corpo não vazio")
    message.add_attachment(content, maintype="application", subtype="x", filename="não.bin")
    read = parse(message.as_bytes())
    assert "".join(read.subject.split()) == "".join(subject.replace("\ufeff", "").split())
    assert read.text.strip() == "corpo não vazio"
    assert [(a.filename, a.content) for a in read.attachments] == [("não.bin", content)]
