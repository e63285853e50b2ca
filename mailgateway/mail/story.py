"""The people and the ticket of the sample mails: one story in every language, its texts in `sample.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Attachment, Line
from mailgateway.core.notices import DIRECT, NOTICES, Notice
from mailgateway.core.people import Person
from mailgateway.core.phrases import Labels, Phrases
from mailgateway.core.tickets import Follower, Round, Rule, Seat, Ticket
from mailgateway.core.workflow import Status
from mailgateway.resources import languages_dir, templates_dir

OPENED = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 24, 17, 32, tzinfo=UTC)
UNTIL = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)

JOAO = Person(1, "João Pereira", "joao.pereira@aurora.example")
BIA = Person(2, "Bia Souza", "bia.souza@aurora.example")
MARIA = Person(3, "Maria Costa", "maria.costa@aurora.example")
ANA = Person(4, "Ana Lima", "ana.lima@aurora.example")
BRUNO = Person(5, "Bruno Reis", "bruno.reis@aurora.example")
FILES = (
    Attachment("foto-erro.png", "image/png", 412_000, "0" * 64, inline=False),
    Attachment("cupom.pdf", "application/pdf", 88_000, "1" * 64, inline=False),
)


class Story:
    """A printer that does not print, from the first mail to the rating."""

    def __init__(self, language: str) -> None:
        path = templates_dir() / "mail" / language / "sample.toml"
        self.say: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
        self.line = _lines(language)
        self.labels = _labels(language)

    def ticket(self, status: Status, **more: object) -> Ticket:
        """The ticket as it is in this status; `more` are its other fields."""
        ticket = Ticket(
            number=1042,
            queue="suporte",
            subject=self.say["subject"],
            description=self.say["description"],
            status=status,
            requester=JOAO,
            opened_at=OPENED,
            updated_at=NOW,
            assignee=None if status is Status.WAITING else ANA,
            followers=(Follower(BIA, OPENED),),
            finished_at=NOW if status is Status.FINISHED else None,
        )
        return replace(ticket, **more)  # type: ignore[arg-type]

    def round(self, vote: bool | None = None) -> Round:
        """The round in which Maria is asked; open where she has not voted."""
        seat = Seat(MARIA, vote, NOW if vote is not None else None)
        return Round(1, 1, Rule.ONE, (seat,), NOW, ANA, result=vote, closed_at=NOW if vote is not None else None)

    def notice(self, name: str, role: str, status: Status, actor: Person | None, **more: object) -> Notice:
        """One notice; who it goes to follows from the role, who acts is as the story has it."""
        to = {"follower": BIA, "approver": MARIA, "agent": ANA}.get(role, JOAO)
        roles = {1: "requester", 2: "follower", 3: "approver", 4: "agent", 5: "agent"}
        purpose = next((r.purpose for r in NOTICES if r.notice == name), DIRECT.get(name, Purpose.TALK))
        ticket = more.pop("ticket", None) or self.ticket(status)
        notice = Notice(name, to, role, purpose, NOW, ticket=ticket, actor=actor)  # type: ignore[arg-type]
        more.setdefault("actor_role", roles[actor.id] if actor else "")
        return replace(notice, **more)  # type: ignore[arg-type]


def _lines(language: str) -> dict[str, Line]:
    """Lines as `core.printed` makes them: the printed word or verb, and what has to be written behind it."""
    table = tomllib.loads((languages_dir() / f"{language}.toml").read_text(encoding="utf-8"))
    words = {act: f"#{verbs[0]}" for act, verbs in table["verbs"].items()} | table["printed"]
    reasons = table["placeholders"] | {"no": table["placeholders"]["reject"]}
    plain = {act: Line(word) for act, word in words.items()}
    return plain | {act: Line(f"{words[act]}: ", reason) for act, reason in reasons.items() if act in words}


@cache
def _labels(language: str) -> Labels:
    table = tomllib.loads((languages_dir() / f"{language}.toml").read_text(encoding="utf-8"))
    return Phrases.build({language: table}).labels(language)
