"""A copy of a mail that gives nobody a right: no key in it, whatever way it is written, and else the same mail."""

from __future__ import annotations

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from mailgateway.core import keys
from mailgateway.mail.keyless import without_keys
from mailgateway.mail.searched import authors, searchable

SECRET = "uma-frase-bem-comprida-que-so-os-testes-conhecem"
ADDRESS = keys.address(1234, "suporte@aurora.example", SECRET)
TEXT = f"{'á' * 30} Responda a {ADDRESS} até amanhã.\n> <a href=3D\n"
BINARY = bytes(range(256)) * 40


def mail(cte: str) -> bytes:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"], made["To"], made["Subject"] = "João <joao@cliente.example>", ADDRESS, "Impressora não imprime"
    made.set_content(TEXT, cte=cte)
    made.add_alternative(f'<a href="mailto:{ADDRESS.replace("@", "%40")}">áé</a>', subtype="html", cte=cte)
    made.add_attachment(BINARY, maintype="application", subtype="octet-stream", filename="a.bin")
    return made.as_bytes()


def parsed(raw: bytes) -> EmailMessage:
    found = BytesParser(policy=email.policy.default).parsebytes(raw)
    assert isinstance(found, EmailMessage)
    return found


@pytest.mark.parametrize("cte", ["8bit", "quoted-printable", "base64"])
def test_no_key_is_left_and_nothing_else_changes(cte: str) -> None:
    raw = mail(cte)
    clean = without_keys(raw)
    assert keys.read(searchable(raw), (SECRET,)) == 1234
    assert keys.read(searchable(clean), (SECRET,)) is None
    plain = parsed(clean).get_body(("plain",))
    assert plain
    assert plain.get_content().replace("\r\n", "\n") == TEXT.replace(ADDRESS, "suporte@aurora.example")
    assert "suporte%40aurora.example" in str(parsed(clean).get_body(("html",)).get_content())  # type: ignore[union-attr]
    assert [a.get_content() for a in parsed(clean).iter_attachments()] == [BINARY]
    assert parsed(clean)["To"] == "suporte@aurora.example"


@pytest.mark.parametrize("ahead", range(20, 76))
def test_a_key_that_a_soft_line_break_cuts_is_found(ahead: int) -> None:
    """RFC 2045 section 6.7 rule 5: no line passes 76 characters."""
    inner = EmailMessage(policy=email.policy.SMTP)
    inner.set_content(f"{'x' * ahead}{ADDRESS}á", cte="quoted-printable")
    outer = EmailMessage(policy=email.policy.SMTP)
    outer.set_content("Segue.")
    outer.add_attachment(inner)
    inside = next(parsed(without_keys(outer.as_bytes())).iter_attachments()).get_content().as_bytes()
    for clean in (without_keys(inner.as_bytes()), inside):
        assert keys.read(searchable(clean), (SECRET,)) is None
        assert "suporte@aurora.example" in searchable(clean)


def test_a_mail_inside_a_mail_gives_no_right_either() -> None:
    made = EmailMessage(policy=email.policy.SMTP)
    made["From"] = "joao@cliente.example"
    made.set_content("Segue.")
    made.add_attachment(parsed(mail("quoted-printable")))
    made.add_attachment(mail("8bit"), maintype="application", subtype="octet-stream", filename="pedido.eml")
    clean = without_keys(made.as_bytes())
    inside = [a.get_content() for a in parsed(clean).iter_attachments()]
    assert keys.read(searchable(inside[0].as_bytes()), (SECRET,)) is None
    assert keys.read(searchable(inside[1]), (SECRET,)) is None


@pytest.mark.parametrize("cte", ["8bit", "quoted-printable", "base64"])
def test_a_code_that_still_answers_is_covered(cte: str) -> None:
    made = EmailMessage(policy=email.policy.SMTP)
    made.set_content("á: aprovo 4831-7719, ou ligue 9999-8888", cte=cte)
    assert (
        searchable(without_keys(made.as_bytes(), ["48317719"])).strip().endswith("aprovo 0000-0000, ou ligue 9999-8888")
    )


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n", b"From", b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\n--x--", BINARY]
)
def test_whatever_the_bytes_are_they_are_read(raw: bytes) -> None:
    assert without_keys(raw) == raw
    assert authors(raw) == frozenset()
    searchable(raw)


def test_who_a_mail_says_it_is_from() -> None:
    assert authors(mail("8bit")) == {"joao@cliente.example"}
    assert authors(b"From: a@x.example\r\nFrom: =?utf-8?q?J=C3=A3?= <B@x.example>\r\n\r\nFrom: c@x.example") == {
        "a@x.example",
        "b@x.example",
    }
