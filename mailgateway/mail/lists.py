"""The words of mails that list something: rows of tickets, other lists, held-back notices, chapters of the help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from mailgateway.core.lists import COUNTED, PAGE_ROWS, ROW_LINKS, Listed, Told
from mailgateway.core.messages import Line
from mailgateway.core.notices import Notice
from mailgateway.core.printed import listing
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.core.words import fold
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.words import Words

_SPOKEN = frozenset({EntryKind.OPENED, EntryKind.COMMENT})
_LONGEST_PASSAGE = 400  # characters of one line of the history in a status mail
_AT_REST = {Status.FINISHED: "finished", Status.CANCELLED: "cancelled"}


@dataclass(frozen=True, slots=True)
class Row:
    """What a list says of one ticket below its subject."""

    who: str
    due: str
    urgent: bool  # today, or over
    over: bool


class Lists:
    """One language's words for lists; templates know it as `lists`."""

    def __init__(self, words: Words) -> None:
        self._words, table = words, words.table
        self.w: Mapping[str, Any] = table["lists"]
        self._of, self._links = table["list_of"], table["links"]
        self._told, self.chapters = table["told"], table["chapters"]

    # ---- a list of tickets

    def label(self, view: str) -> str:
        """What a list is called."""
        return self._words.labels["views"][view]

    def line(self, view: str, page: int = 1) -> Line:
        """The line that asks for a list, or for a page of it."""
        verbs = self._words.verbs
        if view == "faq":
            return Line(verbs.faq, "", Act.FAQ)
        return Line(listing(verbs.list, self.label(view), page), "", Act.LIST)

    def count(self, total: int) -> str:
        """No ticket; 1 ticket; 3 tickets; 1000 tickets or more."""
        return str(self.w["tickets"][3 if total >= COUNTED else min(total, 2)].format(total))

    def short(self, total: int) -> str:
        """3; 1000+."""
        return f"{total}+" if total >= COUNTED else str(total)

    def says(self, notice: Notice) -> str:
        """What is true of these tickets, and in which order they stand."""
        sentences = self._of.get(f"{notice.view}_{notice.role}") or self._of.get(notice.view, self._of["other"])
        if not notice.listed:
            return str(sentences["none"])
        said = [sentences["one" if notice.total == 1 else "many"]]
        if self.pages(notice) > 1:
            said.append(self.w["page"].format(page=notice.page, pages=self.pages(notice)))
        dates = [row.until for row in notice.listed if row.until]
        if len(dates) == len(notice.listed) > 1 and dates == sorted(dates):
            said.append(self.w["nearest"])
        return " ".join(said)

    def pages(self, notice: Notice) -> int:
        """How many mails the whole list takes."""
        return max(notice.page, -(-notice.total // PAGE_ROWS))

    def left(self, notice: Notice) -> int:
        """How many tickets stand on the next pages."""
        return max(0, notice.total - (notice.page - 1) * PAGE_ROWS - len(notice.listed)) if notice.listed else 0

    def left_says(self, notice: Notice) -> str:
        """One more ticket; 28 more tickets; 980 more tickets or more."""
        left = self.left(notice)
        return str(self.w["more"][2 if notice.total >= COUNTED else min(left, 2) - 1].format(left))

    def mixed(self, rows: Iterable[Listed]) -> bool:
        """Whether the rows differ in status: else a pill at each says nothing."""
        return len({row.status for row in rows}) > 1

    def row(self, row: Listed, now: datetime) -> Row:
        """Who asked, since when it stands there, until when it is due."""
        since = self.w[_AT_REST.get(row.status, "since")].format(self._words.near_day(row.since, now))
        who = f"{row.requester.shown}, {since}" if row.requester else f"{since[:1].upper()}{since[1:]}"
        if row.until is None:
            return Row(who, "", False, False)
        over = row.until < now
        key = "back" if row.status is Status.PAUSED else "overdue" if over else "due"
        zone = self._words.zone
        today = row.until.astimezone(zone).date() == now.astimezone(zone).date()
        due = self.w[key].format(self._words.near(row.until, now))
        return Row(f"{who}.", due, over or today, over and key == "overdue")

    def links(self, lines: Iterable[Line]) -> list[tuple[Line, str]]:
        """The first lines of a row as links, each with its word."""
        return [(line, self._link(line)) for line in list(lines)[:ROW_LINKS]]

    def _link(self, line: Line) -> str:
        if line.act is Act.RATE and not line.placeholder:
            score = "".join(c for c in line.text if c.isdigit())
            return self._words.score(int(score)) if score else line.text
        if line.act is None:
            return line.text.strip(" :")
        label = self._words.labels["acts"][line.act]
        return str(self._links.get(line.act.value) or f"{label[:1].upper()}{label[1:]}")

    # ---- answers, history, digests, help

    def solved(self, place: int) -> Line:
        """`resolvido 2`: the line that says which answer of the FAQ was enough."""
        return Line(f"{self._words.printed['close'].lower()} {place}", "", Act.CLOSE)

    def status(self, number: str) -> Line:
        """`#status 1042`."""
        return Line(f"{self._words.verbs.status} {number}", "", Act.STATUS)

    def public(self, entries: Iterable[Entry]) -> list[Entry]:
        """The lines that a contact may read, whoever asked for them."""
        return [e for e in entries if not (e.internal or e.unverified) and e.kind is not EntryKind.NOTE]

    def spoken(self, entry: Entry) -> bool:
        """Whether a line of the history is what somebody wrote, not what was done."""
        return entry.kind in _SPOKEN

    def passage(self, text: str) -> str:
        """How a line of the history begins, its line breaks kept."""
        text = text.strip()
        if len(text) <= _LONGEST_PASSAGE:
            return text
        return f"{text[:_LONGEST_PASSAGE].rpartition(' ')[0] or text[:_LONGEST_PASSAGE]}…"

    def happened(self, entry: Entry) -> str:
        """Ana Lima: assumiu o chamado."""
        return f"{entry.author.shown}: {entry.text}" if entry.author else f"{entry.text[:1].upper()}{entry.text[1:]}"

    def grouped(self, told: Iterable[Told]) -> list[tuple[Told, list[Told]]]:
        """What was held back, ticket by ticket; the latest of a ticket speaks for its subject and links."""
        first: dict[int | None, int] = {}
        for item in told:
            first.setdefault(item.number, len(first))
        ordered = sorted(told, key=lambda item: first[item.number])
        groups = [list(items) for _, items in groupby(ordered, key=lambda item: item.number)]
        return [(next((i for i in reversed(items) if i.lines), items[-1]), items) for items in groups]

    def told(self, item: Told, now: datetime) -> str:
        """24/11, às 14h32: nova mensagem, por Ana Lima."""
        what = self._told.get(item.notice, self._told["other"])
        by = self.w["by"].format(item.by.shown) if item.by else ""
        return f"{self._words.near(item.at, now)}: {what}{by}"

    def does(self, line: Line) -> str:
        """What a line of the help does; "" where its verb says it already."""
        label = self._words.labels["acts"][line.act] if line.act else ""
        return "" if fold(label) == fold(line.text).strip("#: ") else f"{label[:1].upper()}{label[1:]}"
