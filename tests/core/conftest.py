"""The shipped phrases, some situations by name, and a short way to write down what a reply was read as."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from mailgateway import resources
from mailgateway.core.commands import Pending, Reading, Situation, read
from mailgateway.core.phrases import Phrases
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Role, Status

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # a Tuesday, noon in São Paulo
LANGUAGES = resources.languages()


def situation(status: Status | None = None, *roles: Role, number: int | None = 123, **more: object) -> Situation:
    """A situation on ticket 123."""
    pending = frozenset(Pending(p) for p in str(more.pop("pending", "")).split())
    return Situation(
        number=number,
        status=status,
        roles=frozenset(roles),
        pending=pending,
        timezone=SAO_PAULO,
        end_of_business_day=lambda day: datetime.combine(day, time(18), SAO_PAULO),
        **more,  # type: ignore[arg-type]
    )


_R = Role
SITUATIONS = {
    "approver": situation(Status.AWAITING_APPROVAL, _R.APPROVER, pending="approval", purpose="decide"),
    "accepter": situation(Status.AWAITING_APPROVAL, _R.REQUESTER, _R.APPROVER, pending="acceptance", purpose="decide"),
    "voted": situation(Status.FINISHED, _R.APPROVER, purpose="decide"),
    "follower": situation(Status.AWAITING_APPROVAL, _R.FOLLOWER, purpose="talk"),
    "requester": situation(Status.IN_SERVICE, _R.REQUESTER, purpose="talk"),
    "opener": situation(Status.WAITING, _R.REQUESTER, purpose="talk"),
    "onlooker": situation(Status.AWAITING_APPROVAL, _R.REQUESTER, purpose="talk"),
    "finished": situation(Status.FINISHED, _R.REQUESTER, purpose="talk"),
    "rater": situation(Status.FINISHED, _R.REQUESTER, pending="rating", purpose="rate"),
    "torn": situation(Status.AWAITING_APPROVAL, _R.REQUESTER, _R.APPROVER, pending="approval rating"),
    "asked": situation(Status.AWAITING_APPROVAL, _R.APPROVER, pending="question", purpose="confirm"),
    "agent": situation(Status.IN_SERVICE, _R.AGENT, purpose="talk"),
    "english agent": situation(Status.IN_SERVICE, _R.AGENT, purpose="talk", language="en"),
    "robotic": situation(Status.AWAITING_APPROVAL, _R.APPROVER, pending="approval", verbs_only=True),
    "uncut": situation(Status.AWAITING_APPROVAL, _R.APPROVER, pending="approval", certain=False),
    "uncut agent": situation(Status.IN_SERVICE, _R.AGENT, certain=False),
    "note": situation(Status.IN_SERVICE, _R.AGENT, purpose="note"),
    "leave": situation(Status.IN_SERVICE, _R.FOLLOWER, purpose="leave"),
    "new": situation(number=None),
    "new reply": situation(number=None, purpose="talk"),
}


def load_phrases() -> Phrases:
    files = {language: resources.languages_dir() / f"{language}.toml" for language in LANGUAGES}
    return Phrases.build({language: tomllib.loads(path.read_text("utf-8")) for language, path in files.items()})


@pytest.fixture(scope="session")
def phrases() -> Phrases:
    return load_phrases()


@pytest.fixture(scope="session")
def heard(phrases: Phrases) -> Callable[[str, str], Reading]:
    """What somebody's text is read as."""
    return lambda who, text: read(text, SITUATIONS[who], phrases, NOW)


@pytest.fixture(scope="session")
def told(heard: Callable[[str, str], Reading]) -> Callable[[str, str], str]:
    """The same in one line: "approve", "reject: motivo", "rate 5", "?ambiguous", "thanks", "-" for a mere comment."""
    return lambda who, text: _told(heard(who, text))


def _told(reading: Reading) -> str:
    if reading.doubt:
        assert not reading.acts
        return f"?{reading.doubt.kind}"
    signs = [name for name in ("thanks", "persists") if getattr(reading, name)]
    answer = {True: ["yes"], False: ["no"], None: []}[reading.answer]
    later = [f"later {_act(reading.decision_phrase)}"] if reading.decision_phrase else []
    code = [f"code {reading.code}"] if reading.code else []
    return " + ".join([*map(_act, reading.acts), *answer, *later, *code, *signs]) or "-"


def _act(asked: Asked) -> str:
    until = asked.until.astimezone(SAO_PAULO).strftime("until %d/%m/%Y %Hh") if asked.until else ""
    parts = (asked.act, asked.score, asked.number, asked.name, *asked.emails, until)
    return " ".join(str(part) for part in parts if part) + (f": {asked.text}" if asked.text else "")
