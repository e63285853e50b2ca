"""Sample mails that time, doubt or trouble brings about: reminders, warnings, questions, alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core.keys import Purpose
from mailgateway.core.lists import Told, Trouble
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.printed import code_line
from mailgateway.core.tickets import Pause
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.story import ANA, BIA, BRUNO, FILES, JOAO, MARIA, NOW, OPENED, UNTIL, Story

_CODE = "48317719"
_LOOPING = "robo@fornecedor.example"


def time(story: Story) -> dict[str, Notice]:
    """Reminders of a request and of a rating; targets of an agent; the end of a pause."""
    say, line, make = story.say, story.line, story.notice
    asked = story.ticket(Status.AWAITING_APPROVAL, round=story.round())
    first = make("reminder", "approver", Status.AWAITING_APPROVAL, ANA, ticket=asked, text=say["solution"])
    first = replace(
        first,
        evidence=FILES,
        since=NOW - timedelta(days=1),
        until=UNTIL,
        reminded=1,
        lines=(line["approve"], line["reject"]),
    )
    rating = make("reminder", "requester", Status.FINISHED, None, purpose=Purpose.RATE, until=UNTIL)
    warned = make("target_warning", "agent", Status.WAITING, None, reason="response", until=UNTIL)
    pause = Pause(say["pause"], for_requester=True)
    return {
        "reminder": first,
        "reminder.last": replace(first, reminded=2, substitute=BRUNO),
        "reminder.acceptance": replace(
            first, to=JOAO, role="requester", acceptance=True, reminded=2, lines=(line["yes"], line["no"])
        ),
        "reminder.rating": replace(rating, lines=tuple(Line(str(n), "", Act.RATE) for n in (5, 4, 3, 2, 1))),
        "target_warning": replace(warned, lines=(line["take"], line["note"])),
        "target_warning.missed": replace(
            warned,
            ticket=story.ticket(Status.IN_SERVICE),
            reason="solution",
            until=NOW - timedelta(hours=1),
            lines=(line["resolve"], line["pause"]),
        ),
        "auto_close_warning": make(
            "auto_close_warning",
            "requester",
            Status.PAUSED,
            ANA,
            ticket=story.ticket(Status.PAUSED, pause=pause),
            text=say["pause"],
            since=OPENED,
            until=UNTIL,
            lines=(Line(story.labels.printed["close"], "", Act.CLOSE),),
        ),
    }


def questions(story: Story) -> dict[str, Notice]:
    """Questions about a decision that nothing proves; warnings that somebody speaks in another one's name."""
    say, line, make, waits = story.say, story.line, story.notice, Status.AWAITING_APPROVAL
    asked = story.ticket(waits, round=story.round())
    labels = story.labels
    yes, no = Line(labels.printed["yes"]), Line(labels.printed["no"])
    held = make("challenge", "approver", waits, None, ticket=asked, line=line["approve"].text, until=UNTIL)
    held = replace(held, about=MARIA.email, approved=True, code=_CODE)
    return {
        "challenge": replace(held, lines=(yes, no, code_line(Act.APPROVE, _CODE, labels))),
        "challenge.rejected": replace(
            held,
            approved=False,
            line=f"{line['reject'].text}{say['reject']}",
            lines=(yes, no, code_line(Act.REJECT, _CODE, labels)),
        ),
        "challenge.act": replace(
            held,
            approved=None,
            code="",
            line=line["cancel"].text.strip(" :"),
            lines=(yes, no),
            text=labels.acts[Act.CANCEL],
        ),
        "warning.denied": make("warning", "agent", waits, MARIA, ticket=asked, reason="denied"),
        "warning.guessed": make("warning", "agent", waits, MARIA, ticket=asked, reason="guessed"),
    }


def alarms(story: Story) -> dict[str, Notice]:
    """Somebody who is answered no more; mails that wait for an operator."""
    ticket = (Told("alarm", NOW, 1042, story.say["subject"]),)
    loop = Notice("alarm", ANA, "agent", Purpose.TALK, NOW, reason="loop", about=_LOOPING)
    loop = replace(loop, told=ticket, total=10, item=17)
    torn = Trouble(17, NOW, BIA.email, story.say["quarantined"])
    trouble = replace(loop, reason="quarantined", about="", told=(), item=None, total=1, troubles=(torn,))
    late = (
        Trouble(17, NOW - timedelta(minutes=20), "", "", "inbox", 12),
        Trouble(31, NOW - timedelta(hours=5), "", "127.0.0.1: [Errno 111] Connection refused", "outbox", 3),
        Trouble(0, NOW - timedelta(hours=1), "suporte", "", "mailbox"),
    )
    refused = Trouble(31, NOW, JOAO.email, "550 5.1.1 User unknown")
    return {
        "alarm": loop,
        "alarm.ticket": replace(loop, reason="loop_on_ticket", total=20),
        "alarm.echo": replace(loop, reason="echo", told=(), total=0),
        "alarm.flood": replace(loop, reason="flood", told=(), total=60),
        "alarm.quarantined": trouble,
        "alarm.several": replace(trouble, total=4, troubles=(torn, replace(torn, id=19, email=""))),
        "alarm.failed": replace(trouble, reason="failed", troubles=(refused,)),
        "alarm.late": replace(trouble, reason="late", total=16, troubles=late),
        "alarm.late_one": replace(trouble, reason="late", troubles=(replace(late[1], count=1, reason=""),)),
    }
