"""What `compose` writes is read back by the standard library as exactly what was meant."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.mail.addresses import parse_list
from mailgateway.mail.charset import clean
from mailgateway.mail.compose import Outgoing, compose
from mailgateway.mail.headers import decode_words

LETTER = Outgoing(
    from_name="Suporte Aurora",
    from_email="suporte@aurora.example",
    to_name="João Pereira",
    to_email="joao@aurora.example",
    reply_to="suporte+12.abcdefghijklmnop@aurora.example",
    subject="[#1042] Aprovação pedida: Impressora do caixa 3 não imprime",
    text="Olá,\n\n    Aprovado\n.\nFrom here =_ on\ntrailing \n",
    html="<p>Olá, “mundo”</p>\n" + "x" * 3000,
    date=datetime(2026, 11, 24, 17, 32, tzinfo=UTC),
    message_id="<t1042.e45.abcd@aurora.example>",
    in_reply_to="<parent@aurora.example>",
    references=("<root@aurora.example>", "<parent@aurora.example>"),
    auto_submitted="auto-replied",
    language="pt-BR",
    loop_id="aurora",
)

# What a header can carry: no control characters, no lone surrogates, no blanks at its ends.
values = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300).map(
    lambda text: " ".join(text.split())
)
hostile = st.text(st.characters(exclude_categories=[]), max_size=80) | st.sampled_from(
    ["a\r\nBcc: x@y.example", "a\nX: 1", "\r\n\r\nbody", "a\u2028b", "\x00", "=?utf-8?q?a?="]
)


def parsed(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def headers(raw: bytes) -> list[str]:
    """Names of the headers, as a parser that knows no better sees them."""
    return [line.partition(b":")[0].decode() for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] != b" "]


def test_everything_is_read_back() -> None:
    raw = compose(LETTER)
    mail = parsed(raw)
    assert mail["Subject"] == LETTER.subject
    assert mail["From"].addresses[0].display_name == "Suporte Aurora"
    assert mail["To"].addresses[0].display_name == "João Pereira"
    assert mail["To"].addresses[0].addr_spec == "joao@aurora.example"
    assert mail["Reply-To"] == LETTER.reply_to
    assert mail["Date"].datetime == LETTER.date
    assert mail["Message-ID"] == LETTER.message_id
    assert mail["References"].split() == list(LETTER.references)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, DR, RN, NRN"
    assert mail["X-Loop-Chamados"] == "aurora"
    assert mail["Content-Language"] == "pt-BR"
    text, html = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert unescape(html.get_content()).replace("\r\n", "\n").rstrip("\n") == LETTER.html
    assert not mail.defects


def test_what_is_empty_is_left_out() -> None:
    names = headers(compose(replace(LETTER, in_reply_to="", references=(), language="", loop_id="")))
    for absent in ("In-Reply-To", "References", "List-Id", "List-Unsubscribe", "Sender", "Content-Language"):
        assert absent not in names
    assert "Precedence" not in names


def test_a_followers_mail_says_how_to_leave() -> None:
    raw = compose(replace(LETTER, list_id="<t1042.aurora.example>", list_unsubscribe="<mailto:suporte+1.a@x.example>"))
    assert parsed(raw)["List-Unsubscribe"] == "<mailto:suporte+1.a@x.example>"
    assert parsed(raw)["List-Id"] == "<t1042.aurora.example>"


def test_text_alone_needs_no_multipart() -> None:
    mail = parsed(compose(replace(LETTER, html="")))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text


@given(values, values)
def test_any_subject_and_name_survive(subject: str, name: str) -> None:
    raw = compose(replace(LETTER, subject=subject, to_name=name))
    assert raw.isascii()
    mail = email.message_from_bytes(raw)  # compat32: the values as they stand, folded
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", mail["Subject"] or "")
    assert decode_words(unfolded) == subject
    assert parsed(raw)["To"].addresses[0].addr_spec == LETTER.to_email
    for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n"):
        assert len(line) <= 78


@given(values)
def test_no_encoded_word_is_long_or_ends_inside_a_character(subject: str) -> None:
    head = compose(replace(LETTER, subject=subject)).split(b"\r\nDate:")[0].decode("ascii")
    for word in re.findall(r"=\?utf-8\?b\?[^?]*\?=", head):
        assert len(word) <= 75
        decode_words(word).encode("utf-8")
        assert "\ufffd" not in decode_words(word) or "\ufffd" in subject


@given(hostile)
def test_no_value_becomes_a_header(value: str) -> None:
    usual = headers(compose(replace(LETTER, sender="a@b.example", list_id="<a>", list_unsubscribe="<b>")))
    letter = replace(
        LETTER,
        **dict.fromkeys(("from_name", "to_name", "subject", "sender", "list_id", "list_unsubscribe"), f"a{value}"),
        **dict.fromkeys(("from_email", "to_email", "reply_to", "auto_submitted", "language", "loop_id"), f"a{value}"),
    )
    assert headers(compose(letter)) == usual
    ids = replace(LETTER, message_id=f"<a{value}@b>", in_reply_to=value, references=(value, f"<{value}>"))
    assert set(headers(compose(ids))) <= set(headers(compose(LETTER)))


@given(st.text(st.characters(exclude_categories=[]), max_size=400))
def test_any_text_survives(text: str) -> None:
    html = f"<p>{escape(clean(text))}</p>"
    raw = compose(replace(LETTER, text=text, html=html))
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    head, plain, sheet = raw.split(b"\r\n--=_")[:3]
    assert max(map(len, (head + plain).split(b"\r\n"))) <= 78
    assert max(map(len, sheet.split(b"\r\n"))) <= 998
    bodies = [part.get_payload(decode=True).decode("utf-8") for part in parsed(raw).iter_parts()]
    assert bodies[0].split() == text.encode("utf-8", "replace").decode("utf-8").split()
    assert unescape(bodies[1]).split() == unescape(html).split()


@pytest.mark.parametrize(("line", "coding"), [("ã" * 166, "7bit"), ("ã" * 167, "quoted-printable")])
def test_html_is_7_bit_unless_a_line_is_too_long_for_mail(line: str, coding: str) -> None:
    html = next(
        p for p in parsed(compose(replace(LETTER, html=line))).iter_parts() if p.get_content_subtype() == "html"
    )
    assert html["Content-Transfer-Encoding"] == coding
    assert unescape(html.get_content().strip()) == line


def test_ids_are_never_encoded_and_no_line_is_too_long() -> None:
    """EmailMessage turns an Outlook id of 84 characters into an encoded-word, and threads break (cpython #100991)."""
    ids = [f"<{'A' * 84}{n}@PROD.OUTLOOK.EXAMPLE>" for n in range(100)]
    raw = compose(replace(LETTER, references=(*ids, "<" + "x" * 2000 + "@y>", "no id", "<é@x>"), in_reply_to=ids[-1]))
    mail = email.message_from_bytes(raw)
    found = re.findall(r"<[^<>\s]+>", mail["References"])
    assert found[0] == ids[0]
    assert found[1:] == ids[-39:]
    assert mail["In-Reply-To"].strip() == ids[-1]
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_long_ascii_subjects_are_folded_at_their_blanks() -> None:
    subject = "[#1042] Approval requested: " + "the printer at checkout three does not print " * 4
    raw = compose(replace(LETTER, subject=subject))
    assert parsed(raw)["Subject"] == subject.strip()
    assert b"=?" not in raw.split(b"\r\nDate:")[0].split(b"Subject:")[1]


@pytest.mark.parametrize("name", ["Costa, Maria", 'A "B" C', "back\\slash", "chefe@x.com", "=?utf-8?q?x?="])
def test_display_names_with_their_own_ideas(name: str) -> None:
    to = parsed(compose(replace(LETTER, to_name=name)))["To"]
    assert [(a.display_name, a.addr_spec) for a in to.addresses] == [(name, LETTER.to_email)]


@pytest.mark.parametrize("name", ["Ü" * 60, "a" * 90, "João da Silva " * 8])
def test_long_display_names(name: str) -> None:
    """Read by our own parser: the standard library puts a blank between two encoded-words of a phrase (3.11)."""
    raw = compose(replace(LETTER, to_name=name))
    value = re.sub(r"\r?\n(?=[ \t])", "", email.message_from_bytes(raw)["To"])
    mailboxes, invalid = parse_list([value])
    assert [(m.name, m.email) for m in mailboxes] == [(name.strip(), LETTER.to_email)]
    assert not invalid


def test_only_a_local_part_in_another_script_needs_smtputf8() -> None:
    raw = compose(replace(LETTER, to_name="", to_email="joão@café.example"))
    assert "joão@xn--caf-dma.example".encode() in raw
    assert b"joao@xn--caf-dma.example" in compose(replace(LETTER, to_name="", to_email="joao@café.example"))
    assert compose(replace(LETTER, to_name="", to_email="joao@café.example")).isascii()


def test_other_scripts_are_sent_as_base64() -> None:
    raw = compose(replace(LETTER, text="Привет мир\n" * 20, html=""))
    assert b"Content-Transfer-Encoding: base64" in raw
    assert parsed(raw).get_content().replace("\r\n", "\n") == "Привет мир\n" * 20
