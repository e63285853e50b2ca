"""Whom a delivery report speaks of, and the code that says why."""

from __future__ import annotations

import time

import pytest

from mailgateway.core.messages import Bounce, Kind
from mailgateway.mail.parse import parse
from tests.mail.reports import mail, report, status


def told(*head: str, body: str) -> list[tuple[str, str, str]]:
    return [(b.recipient, b.action, b.status) for b in parse(mail(*head, body=body)).bounces]


DAEMON = ("From: MAILER-DAEMON@x.com", "To: suporte@desk.example.com", "Subject: failure notice")


@pytest.mark.parametrize(
    "line",
    [
        "<a@y.com>",
        "    a@y.com",
        "   * a@y.com",
        "1. a@y.com",
        "> a@y.com",
        "\t* [a@y.com]: 552 cheia",
        "Recipient: [SMTP:a@y.com]",
        "RCPT TO:<a@y.com>",
        "Invalid final delivery userid: a@y.com",
        "Delivery failed 20 attempts: a@y.com",
        "'a@y.com' não existe",
        "Error-for:  a@y.com",
        "Endereço de e-mail do destinatário: a@y.com",
        "A mensagem para a@y.com voltou.",
        "c=BR;a= ;p=Y;dda:SMTP=a@y.com; on Mon",
        "Your message\n  To:      lista@x.com\n  Subject: oi\ndid not reach\n\na@y.com on Mon",
        "To: a@y.com\nSubject: oi",
        "A message sent by\n\n  <suporte@desk.example.com>\n\ncould not be delivered to a@y.com.",
        "The fields of your mail:\n\n  Message-id: <1@x.com>\n  To: b@y.com\n\nRecipient address: a@y.com",
        "mail to a@y.com failed. Please contact postmaster@x.com or helpdesk@x.com for assistance.",
    ],
)
def test_a_recipient_is_found_where_reports_name_him(line: str) -> None:
    body = f"Your message could not be delivered.\n\n{line}\n\n--- Original message follows ---\n\nTo: b@z.com\n"
    assert told(*DAEMON, body=body) == [("a@y.com", "failed", "")]


def test_who_is_not_named_is_the_addressee_of_what_comes_back() -> None:
    body = "Unable to deliver.\n\n----- Original message -----\nReceived: from x\nTo: Ana <a@y.com>\n"
    assert told(*DAEMON, body=body) == [("a@y.com", "failed", "")]


def test_a_report_on_a_report_names_whom_the_inner_one_names() -> None:
    inner = report("delivery-status", status("failed", "5.1.1")).decode()
    head = "From: MAILER-DAEMON@x.com\nSubject: Returned mail\nContent-Type: multipart/mixed; boundary=c\n\n"
    raw = f"{head}--c\n\nNot delivered.\n--c\nContent-Type: message/rfc822\n\n{inner}\n--c--\n"
    assert parse(raw.encode()).bounces == (Bounce("a@x.com", "failed", "5.1.1"),)


def test_each_name_has_the_code_that_stands_by_it() -> None:
    body = "failed:\n<a@y.com>: 550 5.1.1 unknown\n<b@y.com>: 552 5.2.2 full\n<c@y.com>: refused\n"
    assert told(*DAEMON, body=body) == [
        ("a@y.com", "failed", "5.1.1"),
        ("b@y.com", "failed", "5.2.2"),
        ("c@y.com", "failed", "5.1.1"),  # the report's first that says something
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 unknown", "5.1.1"),
        ("Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 blocked", "5.7.1"),  # who was asked knows best
        ("Status: 5.0.0 (permanent)\nDiagnostic-Code: smtp; 5.1.0 - Unknown address error 550-'5.2.2 full'", "5.2.2"),
        ("Status: 4.4.7\nDiagnostic-Code: smtp; 550 4.4.7 expired", "4.4.1"),  # the reason stands in the words
        ("Status: 5.0.0\nDiagnostic-Code: X-Unix; 255", "4.4.1"),
        ("Status: 5.3.0\nDiagnostic-Code: smtp; 553 5.3.0 unknown", "5.3.0"),
        ("Diagnostic-Code: smtp; 550 Postfix-2.5.6 at 5.2.3.4", "4.4.1"),
    ],
)
def test_the_code_that_says_most(fields: str, code: str) -> None:
    part = f"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@x.com\nAction: failed\n{fields}\n"
    raw = report("delivery-status", part).replace("relatório".encode(), b"441 4.4.1 no answer")
    assert [b.status for b in parse(raw).bounces] == [code]


def test_a_recipient_of_another_network_is_named_as_we_wrote_him() -> None:
    part = "Content-Type: message/delivery-status\n\nOriginal-Recipient: rfc822; a@x.com\n"
    raw = report("delivery-status", part + "Final-Recipient: x400; /S=a/O=x/\nAction: failed\nStatus: 5.1.1\n")
    assert parse(raw).bounces == (Bounce("a@x.com", "failed", "5.1.1"),)


def test_a_status_without_recipients_leaves_the_words() -> None:
    raw = report("delivery-status", "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n")
    raw = raw.replace("relatório".encode(), b"Could not be delivered to:\n\n<a@x.com>")
    assert (parse(raw).kind, parse(raw).bounces) == (Kind.BOUNCE, (Bounce("a@x.com", "failed"),))


@pytest.mark.parametrize(
    "pattern",
    ["-", "-- copy ", "\n-", "user ", "to ", "a@b.c ", "smtp=", "\nTo: a ", "mail ", "a" * 63 + "@", "5.1.1 "],
)
@pytest.mark.parametrize("head", [DAEMON, (*DAEMON, "Content-Type: message/delivery-status")])
def test_hostile_reports_take_linear_time(head: tuple[str, ...], pattern: str) -> None:
    start = time.process_time()
    parse(mail(*head, body=(pattern * 300_000)[:300_000]))
    assert time.process_time() - start < 3


def test_of_many_recipients_in_many_parts_the_first_are_read_and_cost_little_time() -> None:
    group = "--b\nContent-Type: message/delivery-status\n\n" + "Final-Recipient: rfc822; a@x.com\n\n" * 1700
    start = time.process_time()
    head = (*DAEMON, "Content-Type: multipart/report; boundary=b")
    read = parse(mail(*head, body="--b\n\n" + "B" * 65_000 + "\n" + group * 20 + "--b--"))
    assert len(read.bounces) == 200
    assert time.process_time() - start < 0.9  # 0.1 s on a quiet machine
