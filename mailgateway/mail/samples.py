"""Sample notices, chapter by chapter: what `templates preview` writes, and what the tests and snapshots look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Done, Notice, Verdict
from mailgateway.core.tickets import SPLIT_FROM, Link, Pause
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.compose import Outgoing, compose
from mailgateway.mail.samples_of_delegates import delegates
from mailgateway.mail.samples_of_lists import faq, lists
from mailgateway.mail.samples_of_time import alarms, questions, time
from mailgateway.mail.story import ANA, BIA, BRUNO, FILES, JOAO, MARIA, UNTIL, Story
from mailgateway.mail.templates import Templates

REPLY_TO = "suporte+12.abcdefghijklmnop@aurora.example"
LEAVE_TO = "suporte+13.abcdefghijklmnop@aurora.example"


def samples(language: str) -> dict[str, Notice]:
    """Every notice by its name, and variants by `name.variant`."""
    story = Story(language)
    chapters = (_opening, _talk, _decisions, _endings, _answers, lists, faq, questions, time, alarms, delegates)
    return {name: notice for chapter in chapters for name, notice in chapter(story).items()}


def preview(folder: Path, templates: Templates, languages: Iterable[str]) -> Iterator[Path]:
    """Write every sample as `<language>/<name>.eml` and `.html` and tell each file as it is there."""
    for language in languages:
        place = folder / language
        place.mkdir(parents=True, exist_ok=True)
        for name, notice in samples(language).items():
            mail = templates.render(notice, language).filled(notice.to.first_name, REPLY_TO, LEAVE_TO)
            letter = Outgoing(
                *("Suporte Aurora", "suporte@aurora.example", notice.to.name, notice.to.email, REPLY_TO),
                *(mail.subject, mail.text, mail.html, notice.at, f"<t1042.{name}@aurora.example>"),
                language=language,
            )
            for path, content in (
                (place / f"{name}.eml", compose(letter)),
                (place / f"{name}.html", mail.html.encode()),
            ):
                path.write_bytes(content)
                yield path


def _opening(story: Story) -> dict[str, Notice]:
    say, line, make, waiting = story.say, story.line, story.notice, Status.WAITING
    contacts = (
        Verdict(JOAO.email, True, "requester"),
        Verdict(BIA.email, True, "follows"),
        Verdict("carlos@aurora", False, "no_domain_end"),
    )
    opened = make(
        "ticket_opened", "requester", waiting, JOAO, evidence=FILES, contacts=contacts, lines=(line["cancel"],)
    )
    opened = replace(opened, text=say["description"])
    agent = make(
        "agent_ticket_opened",
        "agent",
        waiting,
        JOAO,
        text=say["description"],
        evidence=FILES,
        lines=(line["take"], line["note"]),
    )
    follower = make("follower_added", "follower", waiting, JOAO, text=say["description"])
    return {
        "ticket_opened": opened,
        "ticket_opened.unproven": replace(opened, own_words_only=True),
        "ticket_opened.derived": replace(
            opened,
            contacts=(),
            evidence=(),
            ticket=story.ticket(waiting, subject_derived=True, requester=replace(JOAO, name="")),
        ),
        "ticket_opened.follows": replace(
            opened, text="", contacts=(), ticket=story.ticket(waiting, links=(Link(1030, "follows"),))
        ),
        "ticket_opened.split": _split(story, opened),
        "follower_added": follower,
        "follower_added.split": _split(story, follower),
        "agent_ticket_opened": agent,
        "agent_ticket_opened.unproven": replace(agent, ticket=story.ticket(waiting, proven=False)),
        "agent_ticket_opened.split": _split(story, agent),
        "taken": make("taken", "requester", Status.IN_SERVICE, ANA, from_status=waiting),
        "agent_assigned": make(
            "agent_assigned",
            "agent",
            Status.IN_SERVICE,
            BRUNO,
            from_status=waiting,
            lines=(line["note"],),
        ),
    }


def _split(story: Story, notice: Notice) -> Notice:
    """The same mail about a ticket that Ana has separated from another one."""
    link, subject = Link(1017, SPLIT_FROM), story.say["subject_scanner"]
    ticket = story.ticket(Status.WAITING, subject=subject, links=(link,), opened_at=notice.at)
    said = replace(notice, ticket=ticket, actor=ANA, actor_role="agent", text=story.say["split"])
    return replace(said, contacts=(), evidence=())


def _talk(story: Story) -> dict[str, Notice]:
    say, line, make, service = story.say, story.line, story.notice, Status.IN_SERVICE
    pause = Pause(say["pause"], for_requester=True, until=UNTIL)
    return {
        "commented": make("commented", "requester", service, ANA, text=say["comment"]),
        "commented.follower": make("commented", "follower", service, JOAO, text=say["description"], evidence=FILES[:1]),
        "note_added": make("note_added", "agent", service, BRUNO, text=say["note"], lines=(line["take"],)),
        "paused": make(
            "paused",
            "requester",
            Status.PAUSED,
            ANA,
            text=say["pause"],
            from_status=service,
            until=UNTIL,
            ticket=story.ticket(Status.PAUSED, pause=pause),
        ),
        "resumed": make("resumed", "requester", service, None, from_status=Status.PAUSED),
        "resumed.contested": make("resumed", "agent", service, MARIA, from_status=Status.FINISHED, text=say["reject"]),
        "left": make("left", "follower", service, BIA, lines=(line["follow"],)),
    }


def _decisions(story: Story) -> dict[str, Notice]:
    say, line, make, waits = story.say, story.line, story.notice, Status.AWAITING_APPROVAL
    asked, yes, no = (
        story.ticket(waits, round=story.round()),
        story.ticket(Status.FINISHED, round=story.round(True)),
        story.ticket(Status.REJECTED, round=story.round(False)),
    )
    request = make(
        "approval_requested",
        "approver",
        waits,
        ANA,
        text=say["solution"],
        until=UNTIL,
        ticket=asked,
        evidence=FILES,
        lines=(line["approve"], line["reject"]),
    )
    receipt = make(
        "decision_receipt",
        "approver",
        waits,
        MARIA,
        approved=True,
        from_status=waits,
        ticket=yes,
        until=UNTIL,
        lines=(line["contest"],),
    )
    said_no = {"text": say["reject"], "from_status": waits, "ticket": no}
    return {
        "approval_requested": request,
        "approval_requested.acceptance": replace(
            request, to=JOAO, role="requester", acceptance=True, lines=(line["yes"], line["no"])
        ),
        "resolved": make(
            "resolved", "requester", waits, ANA, text=say["solution"], ticket=asked, from_status=Status.IN_SERVICE
        ),
        "request_withdrawn": make("request_withdrawn", "approver", Status.IN_SERVICE, ANA),
        "decision_receipt": receipt,
        "decision_receipt.open": replace(receipt, ticket=asked),
        "decision_receipt.rejected": replace(receipt, approved=False, text=say["reject"], ticket=no),
        "decision_receipt.taken_back": replace(
            receipt, approved=None, ticket=asked, lines=(line["approve"], line["reject"])
        ),
        "rejected": make("rejected", "requester", Status.REJECTED, MARIA, **said_no),
        "agent_rejected": make("agent_rejected", "agent", Status.REJECTED, MARIA, **said_no),
    }


def _endings(story: Story) -> dict[str, Notice]:
    say, make, done = story.say, story.notice, Status.FINISHED
    old = {"from_status": Status.AWAITING_APPROVAL}
    gone = {"from_status": Status.WAITING, "text": say["cancel"]}
    return {
        "finished": make("finished", "requester", done, MARIA, **old),
        "finished.follower": make("finished", "follower", done, JOAO, from_status=Status.IN_SERVICE),
        "finished.by_time": make("finished", "requester", done, None, acceptance=True, **old),
        "agent_finished": make("agent_finished", "agent", done, MARIA, **old),
        "rating_requested": make(
            "rating_requested",
            "requester",
            done,
            None,
            lines=tuple(Line(str(n)) for n in (5, 4, 3, 2, 1)),
            until=UNTIL,
        ),
        "rating_receipt": make("rating_receipt", "requester", done, JOAO, score=5, text=say["rating"], until=UNTIL),
        "rating_receipt.declined": make("rating_receipt", "requester", done, JOAO, score=9),
        "agent_rated": make("agent_rated", "agent", done, JOAO, score=2, text=say["low"]),
        "cancelled": make("cancelled", "requester", Status.CANCELLED, JOAO, **gone),
        "cancelled.by_time": make("cancelled", "requester", Status.CANCELLED, None, from_status=Status.PAUSED),
        "agent_cancelled": make("agent_cancelled", "agent", Status.CANCELLED, JOAO, **gone),
    }


def _answers(story: Story) -> dict[str, Notice]:
    say, line, make, waits = story.say, story.line, story.notice, Status.AWAITING_APPROVAL
    decide, asked_ = (line["approve"], line["reject"]), story.ticket(waits, round=story.round())
    done = (
        Done(Act.TAKE, line["take"].text, Status.WAITING, Status.IN_SERVICE),
        Done(Act.NOTE, line["note"].text + say["note"]),
    )
    late = story.ticket(Status.FINISHED, round=story.round(True))
    return {
        "receipt": make("receipt", "agent", Status.IN_SERVICE, ANA, done=done),
        "asked": make(
            "asked",
            "approver",
            waits,
            None,
            reason="conditional",
            line=say["doubt"],
            lines=decide,
            until=UNTIL,
            ticket=asked_,
        ),
        "asked.reason": make(
            "asked",
            "approver",
            waits,
            None,
            reason="needs_reason",
            line=line["reject"].text.strip(" :"),
            lines=decide[1:],
            ticket=asked_,
        ),
        "warning": make("warning", "approver", waits, BIA, line=line["approve"].text, lines=decide, ticket=asked_),
        "refused": make(
            "refused",
            "approver",
            Status.FINISHED,
            None,
            reason="late",
            line=line["reject"].text.strip(),
            ticket=late,
        ),
        "refused.owner": make(
            "refused",
            "follower",
            waits,
            None,
            reason="wrong_owner",
            purpose=Purpose.DECIDE,
            line=line["approve"].text,
            ticket=asked_,
        ),
        "refused.neutral": replace(
            make("refused", "requester", waits, None, reason="unknown_ticket", line="#1042"),
            role="author",
            own_words_only=True,
        ),
    }
