"""Whatever bytes come in: accepted, kept, and ended in one outcome with a reason; never an exception, never silence."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgateway.core.errors import TooLarge
from tests.desk import JOAO, QUEUE, Desk

AUTH = b"Authentication-Results: mx.aurora.example; dmarc=pass header.from=cliente.example\r\n"
HEAD = (
    AUTH + b"From: joao@cliente.example\r\nTo: suporte@aurora.example\r\nSubject: Impressora\r\nMessage-ID: <a@b>\r\n"
)

BAD = {
    "no From": (b"To: suporte@aurora.example\r\nSubject: Oi\r\n\r\nParou.\r\n", "opened"),
    "no Message-ID": (HEAD.replace(b"Message-ID: <a@b>\r\n", b"") + b"\r\nParou.\r\n", "opened"),
    "no body": (HEAD + b"\r\n", "asked"),
    "headers only, cut": (HEAD[:-30], "asked"),
    "undecodable charset": (HEAD + b"Content-Type: text/plain; charset=x-klingon\r\n\r\nPar\xf4u.\r\n", "opened"),
    "broken boundary": (
        HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nParou.\r\n',
        "opened",
    ),
    "missing boundary": (HEAD + b"Content-Type: multipart/mixed\r\n\r\nParou.\r\n", "opened"),
    "a NUL": (HEAD + b"\r\nPa\x00rou.\r\n", "opened"),
    "8-bit header": (HEAD.replace(b"Impressora", "Ação".encode()) + b"\r\nParou.\r\n", "opened"),
    "8-bit header in cp1252": (HEAD.replace(b"Impressora", b"A\xe7\xe3o") + b"\r\nParou.\r\n", "opened"),
    "a line of 998 bytes": (HEAD + b"\r\n" + b"x" * 998 + b"\r\n", "opened"),
    "a line of 100,000 bytes": (HEAD + b"\r\n" + b"x" * 100_000 + b"\r\n", "opened"),
    "CC with an invalid address": (HEAD + b"Cc: carlos@aurora, @, <>, ana lima\r\n\r\nParou.\r\n", "opened"),
    "broken base64": (
        HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nUGFyb3U=!!!\r\n",
        "opened",
    ),
    "a Message-ID that the standard library falls over": (HEAD.replace(b"<a@b>", b"<[x]@y>") + b"\r\nParou.", "opened"),
    "LF line ends": ((HEAD + b"\r\nParou.\r\n").replace(b"\r\n", b"\n"), "opened"),
    "two From headers": (HEAD + b"From: maria@cliente.example\r\n\r\nParou.\r\n", "opened"),
    "nothing at all": (b"", "ignored"),
    "not a mail": (b"\x00\xff\xfe", "opened"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_mail_ends_in_an_outcome_with_a_reason(small_desk: Desk, name: str) -> None:
    raw, outcome = BAD[name]
    item = small_desk.receive(raw, mail_from="" if name == "nothing at all" else JOAO)
    small_desk.process()
    row = small_desk.item(item)
    assert (row.outcome, bool(row.reason)) == (outcome, True)
    assert small_desk.raw(item) == raw
    assert small_desk.balances()


def test_a_mail_without_any_sender_opens_a_ticket_without_requester(small_desk: Desk) -> None:
    small_desk.receive(b"To: suporte@aurora.example\r\nSubject: Oi\r\n\r\nParou.\r\n", mail_from="")
    small_desk.process()
    assert small_desk.ticket().requester is None
    assert {to for to, _ in small_desk.notices()} == {"ana@aurora.example", "caio@aurora.example"}


def test_a_mail_with_an_invalid_colleague_says_so_in_the_confirmation(small_desk: Desk) -> None:
    raw = HEAD + b"Cc: carlos@aurora, Bia <bia@cliente.example>\r\n\r\nParou.\r\n"
    small_desk.receive(raw)
    small_desk.process()
    text = small_desk.last(JOAO, "ticket_opened").text
    assert "carlos@aurora" in text
    assert [f.person.email for f in small_desk.ticket().followers] == ["bia@cliente.example"]


def test_a_mail_above_the_limit_is_refused_for_good_and_nothing_is_kept(small_desk: Desk) -> None:
    with pytest.raises(TooLarge, match="limit"):
        small_desk.receive(b"x" * 36_000_001)
    assert small_desk.items() == []


def test_a_large_mail_is_kept_as_a_blob_byte_for_byte(small_desk: Desk) -> None:
    raw = small_desk.mail(JOAO, attach=(("grande.bin", bytes(range(256)) * 8000),))
    assert len(raw) > 2_000_000
    item = small_desk.receive(raw)
    small_desk.process()
    assert small_desk.item(item).blob
    assert small_desk.raw(item) == raw
    assert small_desk.item(item).outcome == "opened"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=2000))
def test_any_bytes_end_in_an_outcome(small_desk: Desk, raw: bytes) -> None:
    item = small_desk.receive(HEAD + raw)
    small_desk.process()
    assert small_desk.item(item).outcome
    assert small_desk.raw(item) == HEAD + raw


@pytest.mark.parametrize("text", ["", "   \r\n"])
def test_a_mail_that_says_nothing_is_asked_and_opens_nothing(small_desk: Desk, text: str) -> None:
    assert small_desk.send(JOAO, text) == "asked"
    assert small_desk.notices() == {(JOAO, "asked")}
    assert not small_desk.exists(1)


def test_an_empty_subject_is_taken_from_the_first_line_and_said(small_desk: Desk) -> None:
    small_desk.send(JOAO, "O caixa 3 não liga.\nJá troquei a tomada.", subject="")
    assert small_desk.ticket().subject == "O caixa 3 não liga."
    assert small_desk.ticket().subject_derived


def test_only_an_attachment_opens_a_ticket(small_desk: Desk) -> None:
    assert small_desk.send(JOAO, "", attach=(("tela.png", b"\x89PNG" * 9000),)) == "opened"
    assert small_desk.ticket().description == "(sem descrição; ver evidências)"
    assert QUEUE not in {to for to, _ in small_desk.notices()}
