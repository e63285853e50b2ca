"""What time alone does, and what reports that come back do."""

from __future__ import annotations

from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Status
from tests.desk import ANA, JOAO, Desk

DSN = """From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {who}
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: {id}
Subject: x

--b--
"""


def test_a_pause_with_a_date_ends_by_itself_and_the_requester_hears(desk: Desk) -> None:
    desk.send(JOAO)
    asked = desk.last(ANA, "agent_ticket_opened")
    desk.reply(asked, "#assumir")
    assert desk.reply(asked, "#pausar até 26/11: aguardando peça") == "acted"
    assert desk.ticket().status is Status.PAUSED
    desk.out()
    desk.sweep(days=1)
    assert desk.ticket().status is Status.PAUSED
    desk.sweep(days=2)
    assert desk.ticket().status is Status.IN_SERVICE
    assert (JOAO, "resumed") in desk.notices()


def test_a_reply_ends_a_pause_that_waits_for_the_requester_and_no_other(desk: Desk) -> None:
    for reason, after in (("aguardando solicitante", Status.IN_SERVICE), ("aguardando peça", Status.PAUSED)):
        desk.send(JOAO)
        asked = desk.last(ANA, "agent_ticket_opened")
        desk.reply(asked, f"#pausar: {reason}")
        desk.reply(desk.last(JOAO, "paused"), "Segue a informação.")
        number = int(str(asked.mail["Subject"]).split("#")[1].split("]")[0])
        assert desk.ticket(number).status is after


def _report(desk: Desk, **said: str) -> str:
    item = desk.receive(DSN.format(**said).replace("\n", "\r\n").encode(), said["to"], mail_from="")
    desk.process()
    return str(desk.item(item).reason)


def test_a_bounce_of_our_mail_is_shown_on_the_ticket_and_on_the_contact(desk: Desk) -> None:
    desk.send(JOAO)
    sent = desk.last(JOAO, "ticket_opened")
    sender = desk.envelope_sender(sent.id)
    for deliverable in ("doubtful", "false"):
        _report(desk, to=sender, who=JOAO, id=str(sent.mail["Message-ID"]))
        assert desk.person(JOAO).deliverable == deliverable
    assert {i.outcome for i in desk.items()} == {"opened", "bounce"}
    assert desk.history()[-1].kind is EntryKind.FAILURE
    desk.out()
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "Conseguiu?")
    assert [o.state for o in desk.out(JOAO)] == ["withheld"]


def test_a_report_that_only_quotes_our_message_id_is_shown_once_and_no_more_than_a_doubt(desk: Desk) -> None:
    """Whoever has seen one of our Message-IDs can write such reports (RFC 3464 section 4.1)."""
    desk.send(JOAO)
    seen = str(desk.last(JOAO, "ticket_opened").mail["Message-ID"])
    for _ in range(3):
        _report(desk, to="suporte@aurora.example", who=JOAO, id=seen)
        assert desk.person(JOAO).deliverable == "doubtful"
    assert [e.kind for e in desk.history()].count(EntryKind.FAILURE) == 1
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "Conseguiu?")
    assert desk.last(JOAO, "commented").state == "waiting"


def test_a_bounce_of_a_mail_that_we_never_sent_changes_nothing(desk: Desk) -> None:
    desk.send(JOAO)
    _report(desk, to="suporte@aurora.example", who=JOAO, id="<never@aurora.example>")
    assert desk.items()[-1].outcome == "bounce"
    assert desk.person(JOAO).deliverable == "true"
    assert len(desk.history()) == 1
