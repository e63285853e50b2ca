"""The words of one language as mails need them: dates, sizes, facts, the trail, why something was refused.

Statuses, scores and verbs come from `languages/<language>.toml`, which also reads them; sentences of the mails from
`templates/mail/<language>/words.toml`. Dates are patterns in that file: babel would cost more than all the rest.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from mailgateway.core.errors import Misconfigured
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Line
from mailgateway.core.notices import Done, Notice, Verdict
from mailgateway.core.people import Person
from mailgateway.core.tickets import Seat, Ticket
from mailgateway.core.workflow import SEGMENTS, STANDINGS, Status
from mailgateway.resources import languages_dir

#: The neutral answers: to people without rights, they reveal nothing of any ticket.
NEUTRAL = frozenset({"unknown_ticket", "not_participant"})
NBSP = "\xa0"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who writes: the desk's name, its queues' titles, and where its pages and its data-protection contact are."""

    name: str
    queues: Mapping[str, str] = field(default_factory=dict)
    portal: str = ""  # base URL, "" where there is none
    data_protection: str = ""
    administrator: str = ""

    def queue(self, name: str) -> str:
        """The title of a queue."""
        return self.queues.get(name) or name


class Words:
    """One language's words. Sentences are attributes of `w`, as the templates use them."""

    def __init__(self, language: str, folders: Sequence[Path], zone: ZoneInfo, desk: Desk) -> None:
        table = _table(language, folders)
        labels = tomllib.loads((languages_dir() / f"{language}.toml").read_text(encoding="utf-8"))
        self.language, self.zone, self.desk = language, zone, desk
        self.table: Mapping[str, Any] = table
        self.w = SimpleNamespace(**{k: v for k, v in table.items() if isinstance(v, str)})
        self.labels: Mapping[str, Mapping[str, str]] = labels["labels"]
        self.printed: Mapping[str, str] = labels["printed"]
        self.verbs = SimpleNamespace(**{act: f"#{words[0]}" for act, words in labels["verbs"].items()})
        self.facts: Mapping[str, str] = table["facts"]
        self._dates, self._why, self._done = table["dates"], table["why"], table["done"]
        self._reasons, self._contacts = table["reasons"], table["contacts_reasons"]

    # ---- dates and sizes

    def _parts(self, when: datetime) -> dict[str, Any]:
        local, dates = when.astimezone(self.zone), self._dates
        parts: dict[str, Any] = {"year": local.year, "month": local.month, "day": local.day}
        parts |= {"hour": local.hour, "minute": local.minute, "mon": dates["months"][local.month - 1]}
        parts["date"] = dates["day"].format_map(parts)
        parts["clock"] = dates["clock" if local.minute else "clock_full"].format_map(parts)
        parts["at"] = dates["at"][min(local.hour, 2)]
        parts["weekday"] = dates["weekdays"][local.weekday()]
        return parts

    def day(self, when: datetime) -> str:
        """24/11/2026."""
        return str(self._parts(when)["date"])

    def moment(self, when: datetime) -> str:
        """24/11/2026, às 14h32."""
        return str(self._dates["moment"].format_map(self._parts(when)))

    def near_day(self, when: datetime, now: datetime) -> str:
        """24/11, in a list; with its year where that is another one."""
        return str(self._near(when, now)["date"])

    def near(self, when: datetime, now: datetime) -> str:
        """24/11, às 14h32, in a list."""
        return str(self._dates["moment"].format_map(self._near(when, now)))

    def _near(self, when: datetime, now: datetime) -> dict[str, Any]:
        parts = self._parts(when)
        if parts["year"] == now.astimezone(self.zone).year:
            parts["date"] = self._dates["short"].format_map(parts)
        return parts

    def deadline(self, when: datetime) -> str:
        """Sexta-feira, 27/11/2026, às 18h."""
        return str(self._dates["deadline"].format_map(self._parts(when)))

    def size(self, count: int) -> str:
        """412 KB; 2,4 MB."""
        if count < 1_000_000:
            return f"{max(1, round(count / 1000))}{NBSP}KB"
        return f"{count / 1_000_000:.1f}".replace(".", self.w.decimal) + f"{NBSP}MB"

    # ---- people and states

    def status(self, status: Status) -> str:
        """A status by its name in this language."""
        return self.labels["statuses"][status]

    def stands(self, status: Status) -> str:
        """What a sentence says of a ticket in this status: "espera um atendente"."""
        return self.labels["stands"][status]

    def score(self, score: int) -> str:
        """5, Excelente; or only the word where the number says nothing."""
        word = self.labels["ratings"][str(score)]
        return f"{score}, {word}" if score <= 5 else word

    def names(self, people: Iterable[Person]) -> str:
        """Ana, Bia e Carlos."""
        return self.listed([p.shown for p in people])

    def listed(self, shown: Sequence[str]) -> str:
        """The same, of what has been put into words."""
        return f" {self.w.and_} ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)

    def approvers(self, notice: Notice) -> str:
        """Carlos Dias / Ana Lima e Dora Reis: who may decide, at the moment of the mail."""
        seats = notice.ticket.round.seats if notice.ticket and notice.ticket.round else ()
        return self.listed([seat.shown(notice.at) for seat in seats])

    def decider(self, seat: Seat) -> str:
        """Ana Lima por Carlos Dias; only the approver where he decided himself."""
        by, whom = seat.decider, seat.person
        return by.shown if by.id == whom.id else str(self.w.instead.format(by=by.shown, whom=whom.shown))

    def writer(self, person: Person | None, role: str) -> str:
        """Ana Lima, atendente; the desk where nobody is named."""
        if person is None:
            return self.desk.name
        label = self.labels["roles"].get(role, "")
        return f"{person.shown}, {label[:1].lower()}{label[1:]}" if label and role != "approver" else person.shown

    def trail(self, status: Status) -> tuple[tuple[str, str], ...]:
        """The four segments: name, and `done`, `here` or `rest`. None where a ticket was cancelled."""
        here, word = STANDINGS[status].segment, STANDINGS[status].word
        if here is None:
            return ()
        names, labels = [*SEGMENTS[:here], word or SEGMENTS[here], *SEGMENTS[here + 1 :]], self.labels["trail"]
        return tuple((labels[n], "here" if i == here else "done" if i < here else "rest") for i, n in enumerate(names))

    def choices(self, lines: Sequence[Line], labels: Mapping[str, str]) -> list[tuple[Line, str]]:
        """The lines that become buttons, by the printed word or verb that they begin with, each with its label."""
        found = {line.text.strip(" :"): line for line in lines}
        words = {name: self.printed.get(name) or getattr(self.verbs, name) for name in labels}
        return [(found[word], labels[name]) for name, word in words.items() if word in found]

    # ---- sentences by code

    def why(self, notice: Notice) -> str:
        """Why this person gets this mail: by its name where that says more than the role."""
        sentence = self._why.get(notice.name) or self._why.get(notice.role) or self._why["author"]
        queue = self.desk.queue(notice.ticket.queue) if notice.ticket else ""
        if principal := notice.instead_of:
            return str(self._why["delegate"].format(principal=principal.shown))
        return str(sentence.format(queue=queue, desk=self.desk.name, at=self.moment(notice.at)))

    def contact(self, verdict: Verdict) -> str:
        """What became of an address."""
        other = self._contacts["follows" if verdict.followed else "other"]
        return str(self._contacts.get(verdict.reason, other))

    def done(self, done: Done, ticket: Ticket | None) -> str:
        """What a receipt says of one act."""
        sentence = self._done.get(done.act.value, self._done["other"])
        assignee = ticket.assignee.shown if ticket and ticket.assignee else self.w.somebody
        queue = self.desk.queue(ticket.queue) if ticket else ""
        return str(sentence.format(assignee=assignee, queue=queue, number=done.number or ""))

    def head(self, notice: Notice) -> str:
        """The sentence that says why nothing was done."""
        return self._because(notice)["head"]

    def reason(self, notice: Notice) -> str:
        """What explains it."""
        return self._because(notice)["why"]

    def _because(self, notice: Notice) -> dict[str, str]:
        code = "unknown_ticket" if notice.reason in NEUTRAL else notice.reason
        general = self._reasons["asked" if notice.name == "asked" else "refused"]
        ticket, told = notice.ticket, not notice.own_words_only
        seats = ticket.round.seats if ticket and ticket.round and told else ()
        owners = [notice.actor] if notice.actor and told else [s.person for s in seats]
        known = notice.actor or notice.purpose is Purpose.DECIDE  # else the key was not made for a seat
        decided = self._decision(_decided(notice)) if told else ""
        values = {
            "number": ticket.number if ticket else "",
            "status": self.status(ticket.status) if ticket else "",
            "queue": self.desk.queue(ticket.queue) if ticket else "",
            "approvers": (self.approvers(notice) if told else "") or self.w.somebody,
            "principal": notice.seat.person.shown if notice.seat and told else self.w.somebody,
            "owner": (self.names(owners) if known else "") or self.w.somebody,
            "decision": decided or self.w.decided,
        }
        sentences = self._reasons.get(f"{notice.name}_{code}") or self._reasons.get(code, general)
        return {k: str(v).format_map(values) for k, v in sentences.items()}

    def _decision(self, seat: Seat | None) -> str:
        if seat is None or seat.at is None:
            return ""
        sentence = self.w.decided_yes if seat.vote else self.w.decided_no
        return str(sentence.format(who=self.decider(seat), at=self.moment(seat.at)))


def _decided(notice: Notice) -> Seat | None:
    """Where it was decided what its reader comes too late for: in his own place, or by the last vote of the round."""
    round_ = notice.ticket.round if notice.ticket else None
    if round_ is None or round_.open:
        return notice.seat
    return max((s for s in round_.seats if s.at), key=lambda s: s.at or notice.at, default=None)


def _table(language: str, folders: Sequence[Path]) -> dict[str, Any]:
    """The words of the shipped file, and those of a user's file over them."""
    table: dict[str, Any] = {}
    for folder in reversed(folders):
        path = folder / "mail" / language / "words.toml"
        if not path.is_file():
            continue
        try:
            own = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Misconfigured(f"{path}: no valid TOML: {error}; mend that line") from None
        for key, value in own.items():
            table[key] = {**table.get(key, {}), **value} if isinstance(value, dict) else value
    if not table:
        raise Misconfigured(f"no words for the language {language!r}; add mail/{language}/words.toml")
    return table
