"""Sample mails that answer a query: lists, a status, the FAQ, the help; and a digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core.lists import Listed, Match, Told
from mailgateway.core.manual import chapters, example
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.people import Person
from mailgateway.core.tickets import Entry, EntryKind, Pause
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import Act, Role, Status
from mailgateway.mail.story import ANA, BIA, JOAO, MARIA, NOW, OPENED, UNTIL, Story

PAULO = Person(6, "Paulo Reis", "paulo.reis@aurora.example")
ROW_ADDRESS = "suporte+{}.abcdefghijklmnop@aurora.example"
_COUNTS = (48, 6, 4, 9, 2, 5, 3, 1, 2, 19)
_HOUR = timedelta(hours=1)


def lists(story: Story) -> dict[str, Notice]:
    """Lists of every shape: with decisions, of several statuses, the first of many pages, empty."""
    mine = _view(story, "my_approval", MARIA, "approver", _decidable(story))
    mixed = _view(story, "mine", JOAO, "author", _mixed(story))
    crowd = _crowd(story)
    return {
        "view": mine,
        "view.typed": replace(mine, listed=mine.listed[2:], total=1, lines=_typed(story)),
        "view.mixed": replace(mixed, others=mixed.others[:2]),
        "view.page": replace(_view(story, "waiting", ANA, "agent", crowd), total=48, others=()),
        "view.empty": replace(mine, listed=(), total=0),
        "status": _status(story),
        "digest": _digest(story),
    }


def faq(story: Story) -> dict[str, Notice]:
    """The FAQ's answers, those beside a new ticket, none; and the help of everybody and of an agent."""
    found = tuple(Match(story.say[f"match_{n}"], story.say[f"answer_{n}"], _page(n)) for n in (1, 2, 3))
    ask = story.notice("faq", "author", Status.WAITING, None)
    ask = replace(ask, ticket=None, terms=story.say["terms"], lines=(Line(story.line["open"].text, "", Act.OPEN),))
    opened = story.notice("ticket_opened", "requester", Status.WAITING, JOAO, lines=(story.line["cancel"],))
    asked = story.notice("help", "author", Status.WAITING, None)
    asked = replace(asked, ticket=None, chapters=chapters(frozenset({Role.REQUESTER}), story.labels))
    everything = frozenset({Role.REQUESTER, Role.APPROVER, Role.AGENT})
    others = tuple(zip(VIEWS, _COUNTS, strict=False))
    return {
        "faq": replace(ask, matches=found),
        "faq.none": ask,
        "ticket_opened.matches": replace(opened, matches=found[:2]),
        "help": asked,
        "help.agent": replace(asked, to=ANA, role="agent", chapters=chapters(everything, story.labels), others=others),
    }


def _page(number: int) -> str:
    return f"https://portal.aurora.example/faq/{number}" if number < 3 else ""


def _view(story: Story, view: str, to: Person, role: str, rows: tuple[Listed, ...]) -> Notice:
    others = tuple((name, count) for name, count in zip(VIEWS, _COUNTS, strict=False) if name != view)
    notice = replace(story.notice("view", role, Status.WAITING, None, to=to), ticket=None)
    return replace(notice, view=view, listed=rows, total=len(rows), others=others)


def _decidable(story: Story) -> tuple[Listed, ...]:
    say, waits = story.say, Status.AWAITING_APPROVAL
    lines = (
        replace(story.line["approve"], act=Act.APPROVE),
        replace(story.line["reject"], act=Act.REJECT),
        Line(story.labels.verbs[Act.STATUS], "", Act.STATUS),
    )
    due = (UNTIL - timedelta(days=3), UNTIL - timedelta(days=1), UNTIL)
    subjects = ((1019, say["subject_scanner"], PAULO), (1037, say["subject_folder"], BIA), (1042, say["subject"], JOAO))
    return tuple(
        Listed(n, subject, waits, who, NOW - timedelta(days=3 - i), due[i], lines, ROW_ADDRESS.format(20 + i))
        for i, (n, subject, who) in enumerate(subjects)
    )


def _typed(story: Story) -> tuple[Line, ...]:
    approve, reject = (story.labels.verbs[act] for act in (Act.APPROVE, Act.REJECT))
    reason = story.labels.placeholders[Act.REJECT]
    return (Line(f"{approve} 1042", "", Act.APPROVE), Line(f"{reject} 1042: ", reason, Act.REJECT))


def _mixed(story: Story) -> tuple[Listed, ...]:
    say, see = story.say, (Line(story.labels.verbs[Act.STATUS], "", Act.STATUS),)
    by_number = (Line(f"{story.labels.verbs[Act.STATUS]} 1019", "", Act.STATUS),)
    return (
        Listed(1042, say["subject"], Status.IN_SERVICE, JOAO, OPENED, NOW - 2 * _HOUR, see, ROW_ADDRESS.format(30)),
        Listed(1037, say["subject_folder"], Status.PAUSED, JOAO, OPENED, UNTIL, see, ROW_ADDRESS.format(31)),
        Listed(1019, say["subject_scanner"], Status.FINISHED, JOAO, NOW - 400 * 24 * _HOUR, None, by_number),
    )


def _crowd(story: Story) -> tuple[Listed, ...]:
    take = (Line(story.labels.verbs[Act.TAKE], "", Act.TAKE), Line(story.labels.verbs[Act.STATUS], "", Act.STATUS))
    titles = [story.say[key] for key in ("subject", "subject_scanner", "subject_folder")]
    who, address = (JOAO, BIA, PAULO), ROW_ADDRESS
    return tuple(
        Listed(
            *(1000 + i, titles[i % 3], Status.WAITING, who[i % 3], OPENED, UNTIL + i * _HOUR, take),
            reply_to=address.format(40 + i),
        )
        for i in range(1, 21)
    )


def _status(story: Story) -> Notice:
    entries = (
        Entry(EntryKind.COMMENT, NOW - _HOUR, ANA, story.say["comment"]),
        Entry(EntryKind.STATUS, NOW - 2 * _HOUR, ANA, story.say["took"]),
        Entry(EntryKind.NOTE, NOW - 3 * _HOUR, ANA, story.say["note"], internal=True),
        Entry(EntryKind.OPENED, OPENED, JOAO, story.say["description"]),
    )
    pause = Pause(story.say["pause"], for_requester=True, until=UNTIL)
    ticket = story.ticket(Status.PAUSED, pause=pause)
    close = Line(story.labels.printed["close"], "", Act.CLOSE)
    return story.notice("status", "requester", Status.PAUSED, None, ticket=ticket, entries=entries, lines=(close,))


def _digest(story: Story) -> Notice:
    say = story.say
    decide = _decidable(story)[2].lines
    told = (
        Told("commented", NOW - _HOUR, 1037, say["subject_folder"], BIA),
        Told("taken", NOW - 0.8 * _HOUR, 1019, say["subject_scanner"], ANA),
        Told("commented", NOW - 0.6 * _HOUR, 1037, say["subject_folder"], ANA),
        Told("finished", NOW - 0.5 * _HOUR, 1037, say["subject_folder"], MARIA),
        Told("approval_requested", NOW - 0.2 * _HOUR, 1042, say["subject"], ANA, decide, ROW_ADDRESS.format(22)),
    )
    see = replace(example(Act.STATUS, story.labels), text=f"{story.labels.verbs[Act.STATUS]} 1037", placeholder="")
    return replace(story.notice("digest", "approver", Status.WAITING, None), ticket=None, told=told, lines=(see,))
