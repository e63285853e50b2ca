"""A row of the table: what is sent, what becomes of it, what it leaves, who is told. And each family's honest mail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from mailgateway.core.workflow import Status
from tests.attacks import judge
from tests.attacks.judge import Seen
from tests.attacks.stage import CARLA, EVA, Stage
from tests.desk import ANA, BIA, JOAO, MARIA, Out

Play = Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class Ends:
    """How an attack must end: what becomes of each of its mails, its strongest trace, and every mail that goes out.

    It leaves "nothing", "unverified" words for agents, a "note" for agents, a "comment", or the "ticket" that anybody
    may open.
    """

    outcome: str
    leaves: str
    told: Counter[tuple[str, str]]

    def plus(self, **told: str | tuple[str, ...]) -> Ends:
        """The same with these mails more."""
        return replace(self, told=self.told + ends("", **told).told)


def ends(outcome: str, leaves: str = "nothing", **told: str | tuple[str, ...]) -> Ends:
    """An end; `told` names for each notice who gets one."""
    pairs = ((to, notice) for notice, who in told.items() for to in ((who,) if isinstance(who, str) else who))
    return Ends(outcome, leaves, Counter(pairs))


@dataclass(frozen=True, slots=True)
class Attack:
    """One row. After `given`, which is honest, `act` is the attack; `by` may read what is sent to that address."""

    family: str
    name: str
    act: Play
    ends: Ends
    by: str = EVA
    knows: int = 0  # the ticket of which `by` was told before
    given: Play = lambda _: None

    @property
    def id(self) -> str:
        """Its name for a test run."""
        return f"{self.family}: {self.name}"


def commit(attack: Attack, stage: Stage) -> tuple[Ends, list[str]]:
    """Play an attack; how it ended, and all that is wrong with it, by the same rules for every row."""
    attack.given(stage)
    before, must = Seen.of(stage), attack.ends
    attack.act(stage)
    after = Seen.of(stage)
    outcome = ", ".join({item.outcome: 0 for item in stage.items()[before.items :]})
    happened = Ends(outcome, judge.left(before, after), judge.told(stage, before))
    faults = [
        *judge.changed(before, after, by=attack.by, speaks=must.leaves in ("comment", "note")),
        *judge.leaks(stage, before, by=attack.by, knows=attack.knows, speaks=must.leaves == "comment"),
    ]
    faults += [] if happened == must else [f"{happened}, not {must}"]
    faults += [] if stage.balances() else ["the sum of outcomes"]
    return happened, faults


decide = partial(Attack, "decide")
"""Most rows are after a decision."""


# ---- the honest mail of each family: what the attack only pretends to be


@dataclass(frozen=True, slots=True)
class Honest:
    """A mail that does change something, also after an attack; `told` hears of it at once."""

    act: Play
    works: Callable[[Stage], bool]
    told: tuple[str, str]


def _decides(stage: Stage) -> str:
    """She answers the latest request; where others have seen its key, the fresh one that comes back."""
    outcome = _approves(stage)
    return _approves(stage) if outcome == "asked" else outcome


def _approves(stage: Stage) -> str:
    return stage.reply(stage.of(MARIA, "approval_requested", 1), "Aprovado", author=f"Maria Safira <{MARIA}>")


def _brings(stage: Stage) -> str:
    return stage.reply(stage.of(JOAO, "ticket_opened", 1), "Incluo a Dora.", cc="dora@cliente.example")


def _goes_on(stage: Stage) -> str:
    return stage.reply(stage.of(JOAO, "ticket_opened", 1), "Continua parada.")


def _is_there(stage: Stage) -> bool:
    return any(entry.text == "Continua parada." for entry in stage.history(1))


def _leaves(stage: Stage) -> str:
    address = str(stage.of(BIA, "follower_added", 1).mail["List-Unsubscribe"]).strip("<>").removeprefix("mailto:")
    return stage.send(BIA, "sair", to=address)


def _bounces(stage: Stage) -> None:
    stage.receive(dsn(stage.request), stage.envelope_sender(stage.request.id), "")
    stage.process()


def dsn(mail: Out | None, to: str = MARIA) -> bytes:
    """A delivery report as a mail system writes it, about a mail of ours or about none."""
    quoted = str(mail.mail["Message-ID"]) if mail else "<nunca@aurora.example>"
    return (
        "From: mailer-daemon@mx.cliente.example\r\nTo: suporte@aurora.example\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nNot delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {quoted}\r\n--b--\r\n"
    ).encode()


HONEST: dict[str, Honest] = {
    "decide": Honest(_decides, lambda s: s.ticket(1).status is Status.FINISHED, (MARIA, "decision_receipt")),
    "rate": Honest(
        lambda s: s.reply(s.of(JOAO, "rating_requested", 2), "5"),
        lambda s: (r := s.ticket(2).rating) is not None and r.score == 5,
        (JOAO, "rating_receipt"),
    ),
    "write": Honest(
        lambda s: s.reply(s.of(JOAO, "paused", 3), "Voltou a travar."),
        lambda s: s.ticket(3).status is Status.IN_SERVICE,
        (ANA, "commented"),
    ),
    "read": Honest(
        _brings,
        lambda s: "dora@cliente.example" in [f.person.email for f in s.ticket(1).followers],
        ("dora@cliente.example", "follower_added"),
    ),
    "act": Honest(
        lambda s: s.reply(s.of(ANA, "agent_ticket_opened", 3), "#retomar"),
        lambda s: s.ticket(3).status is Status.IN_SERVICE,
        (JOAO, "resumed"),
    ),
    "leave": Honest(_leaves, lambda s: s.ticket(1).followers == (), (BIA, "left")),
    "bounce": Honest(_bounces, lambda s: s.person(MARIA).deliverable == "doubtful", (CARLA, "approval_requested")),
    "flood": Honest(_goes_on, _is_there, (ANA, "commented")),
    "storm": Honest(lambda s: (_goes_on(s), s.sweep(hours=1)), _is_there, (ANA, "digest")),
}
