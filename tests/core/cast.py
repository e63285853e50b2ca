"""The people of the core's tests, a desk that they act at, and tickets as their own acts have made them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailgateway.core.access import roles_of
from mailgateway.core.cases import Case, Decision
from mailgateway.core.decide import decide
from mailgateway.core.notices import Event
from mailgateway.core.people import Person
from mailgateway.core.queues import Agent, Queue
from mailgateway.core.rounds import Candidates, Delegation
from mailgateway.core.tickets import Asked, Entry, Follower, Rule, Ticket
from mailgateway.core.workflow import Act, Role, Status

NOW = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # a Tuesday morning in São Paulo


def person(id_: int, name: str) -> Person:
    email = f"{name.lower()}@example.com"
    return Person(id_, name, email, (email,))


ANA, BIA = person(1, "Ana"), person(2, "Bia")  # agents
CARLOS, DORA, EVA = person(3, "Carlos"), person(4, "Dora"), person(5, "Eva")  # approvers
SONIA, FABIO = person(6, "Sonia"), person(7, "Fabio")  # requester, follower
SUBSTITUTE, STRANGER = person(8, "Silas"), person(9, "Zeca")
CLOCK = None
EVERYBODY = {p.email: p for p in (ANA, BIA, CARLOS, DORA, EVA, SONIA, FABIO, SUBSTITUTE, STRANGER)}

AGENTS = tuple(Agent(p.name, (p.email,), ("suporte",)) for p in (ANA, BIA))
DESK = Queue("suporte", ("suporte@example.com",), AGENTS, approvers=(CARLOS.email,), reopen_days=5)
SHOP = Queue("compras", ("compras@example.com",), (Agent("Bia", (BIA.email,), ("compras",)),))

TICKET = Ticket(
    number=123,
    queue="suporte",
    subject="Impressora parada",
    description="Não imprime.",
    status=Status.WAITING,
    requester=SONIA,
    opened_at=NOW,
    updated_at=NOW,
    followers=(Follower(FABIO, NOW),),
)


@dataclass
class Desk:
    """A ticket in the hands of its people; `do` changes it as `decide` says and remembers its history."""

    queue: Queue = DESK
    ticket: Ticket = TICKET
    now: datetime = NOW
    history: list[Entry] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)  # further fields of the case
    standing: tuple[Delegation, ...] = ()

    def case(self, who: Person | None, emails: tuple[str, ...] = (), **more: Any) -> Case:
        roles = roles_of(who, self.ticket, (self.queue,)) if who else frozenset({Role.SYSTEM})
        named = tuple(EVERYBODY[e] for e in emails if e in EVERYBODY)
        substitute = EVERYBODY[self.queue.substitute] if self.queue.substitute else None
        approvers = tuple(EVERYBODY[a] for a in self.queue.approvers)
        asked = Candidates((), approvers, substitute, self.standing)
        mine = frozenset(p.id for p in named if self.queue.has_agent(p))
        return Case(self.ticket, self.queue, who, roles, self.now, asked, named, mine, **{**self.more, **more})

    def judge(self, who: Person | None, act: Act, text: str = "", **asked: Any) -> Decision:
        """What the act would do."""
        return decide(self.case(who, asked.get("emails", ())), Asked(act, text, **asked))

    def do(self, who: Person | None, act: Act, text: str = "", **asked: Any) -> Decision:
        """Do it, if it is not refused."""
        decision = self.judge(who, act, text, **asked)
        if not decision.refusal:
            self.ticket = decision.ticket
            self.history.extend(decision.entries)
        return decision

    def later(self, **time: float) -> Desk:
        self.now += timedelta(**time)
        return self


def desk(**queue: Any) -> Desk:
    """A desk whose queue has this policy, with a ticket that waits."""
    approvers = queue.pop("approvers", (CARLOS,))
    return Desk(replace(DESK, approvers=tuple(a.email for a in approvers), **queue))


def at(status: Status, **queue: Any) -> Desk:
    """A desk with a ticket that honest acts have brought into this status."""
    made = desk(**queue)
    for who, act, more in STORIES[status]:
        decision = made.do(who, act, "porque sim", **more)
        assert not decision.refusal, (status, act, decision.refusal)
    assert made.ticket.status is status
    return made


def events(decision: Decision) -> list[Event]:
    """What people must hear of."""
    return [h.event for h in decision.happenings]


def labels(decision: Decision) -> list[str]:
    """What the history says of it."""
    return [e.label for e in decision.entries]


#: How a ticket gets into each status, with one approver.
STORIES: dict[Status, tuple[tuple[Person, Act, dict[str, Any]], ...]] = {
    Status.WAITING: (),
    Status.IN_SERVICE: ((ANA, Act.TAKE, {}),),
    Status.PAUSED: ((ANA, Act.TAKE, {}), (ANA, Act.PAUSE, {"name": "requester"})),
    Status.AWAITING_APPROVAL: ((ANA, Act.RESOLVE, {}),),
    Status.REJECTED: ((ANA, Act.RESOLVE, {}), (CARLOS, Act.REJECT, {})),
    Status.FINISHED: ((ANA, Act.RESOLVE, {}), (CARLOS, Act.APPROVE, {})),
    Status.CANCELLED: ((ANA, Act.CANCEL, {}),),
}

RULES = (Rule.ONE, Rule.ALL, Rule.MAJORITY)
