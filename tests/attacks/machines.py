"""Attacks without a person: robots that say yes in her name, and reports of mails that we never sent."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

from tests.attacks.forged import OWN, yes
from tests.attacks.keys import PASSED_ON, altered
from tests.attacks.stage import OPERATOR, Stage
from tests.attacks.table import Attack, Ends, Play, decide, dsn, ends
from tests.desk import ANA, MARIA, QUEUE


def machine(name: str, end: Ends, top: str = "", change: Callable[[bytes], bytes] = bytes) -> Attack:
    """Her own mailbox says yes by itself, proven and with the key."""
    return decide(name, yes(stated=OWN, top=top, change=change), end)


def _invitation(raw: bytes) -> bytes:
    """The answer of a calendar to an invitation."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith((b"content-", b"mime-")))
    body = 'Content-Type: text/calendar; method=REPLY; charset="utf-8"\r\nMIME-Version: 1.0\r\n\r\nBEGIN:VCALENDAR\r\n'
    return head + b"\r\n" + body.encode() + b"METHOD:REPLY\r\nSUMMARY:Aprovado\r\nEND:VCALENDAR\r\n"


def _reaction(stage: Stage) -> None:
    """A thumb up, as Gmail sends it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MARIA, stage.request.reply_to, "Re: x"
    mail["Message-ID"], mail["In-Reply-To"] = "<polegar@cliente.example>", str(stage.request.mail["Message-ID"])
    mail.set_content("👍")
    mail.add_alternative(b'{"emoji":"x","version":1}', "text", "vnd.google.email-reaction+json")
    stage.receive(OWN.encode() + mail.as_bytes(), stage.request.reply_to)
    stage.process()


def _null_sender(stage: Stage) -> None:
    """Her words in the envelope of a machine."""
    raw = stage.mail(MARIA, "Aprovado", to=stage.request.reply_to, auth="")
    stage.receive(OWN.encode() + raw, stage.request.reply_to, "")
    stage.process()


def report(to: Callable[[Stage], str]) -> Play:
    """A delivery report about none of our mails."""

    def play(stage: Stage) -> None:
        stage.receive(dsn(None), to(stage), "")
        stage.process()

    return play


MACHINES: tuple[Attack, ...] = (
    machine("an absence note that says yes", ends("robot"), "Auto-Submitted: auto-replied\r\n"),
    machine("a rule's forward that says yes", PASSED_ON, "Auto-Submitted: auto-forwarded\r\n"),
    machine("a rule's forward by Exchange that says yes", PASSED_ON, "X-MS-Exchange-Inbox-Rules-Loop: x\r\n"),
    machine("her own list hands on a yes", PASSED_ON, "List-Id: <diretoria.cliente.example>\r\n"),
    machine("a calendar's answer to an invitation", ends("robot"), change=_invitation),
    machine("our own mail, sent back", ends("robot", alarm=OPERATOR), "X-Loop-Chamados: aurora.example/1\r\n"),
    decide("the null sender says yes", _null_sender, ends("robot")),
    decide("a thumb up", _reaction, ends("asked", "comment", asked=MARIA, commented=ANA), by=MARIA),
    Attack("bounce", "a report of a mail that we never sent", report(lambda _: QUEUE), ends("bounce")),
    Attack(
        "bounce",
        "a report to an envelope sender with one letter changed",
        report(lambda stage: altered(stage.envelope_sender(stage.request.id))),
        ends("bounce"),
    ),
)
