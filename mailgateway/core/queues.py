"""A queue and its agents as the configuration states them: where a gateway address leads and what holds there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mailgateway.core import keys
from mailgateway.core.people import Person
from mailgateway.core.tickets import Rule


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who treats tickets. `emails` are his address and its aliases, all of them equal."""

    name: str
    emails: tuple[str, ...]
    queues: tuple[str, ...]

    @property
    def email(self) -> str:
        """The address that is written to."""
        return self.emails[0]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue's address book and policy. `approval` is `always`, `never` or `on_request`.

    `acceptance_days` and `auto_close_days` are business days, `response_hours` and `solution_hours` business hours,
    `reopen_days` calendar days; 0 is never for all of them.
    """

    name: str
    addresses: tuple[str, ...]
    agents: tuple[Agent, ...] = ()
    open_to: tuple[str, ...] = ("anyone",)
    approval: str = "always"
    rule: Rule = Rule.ONE
    approvers: tuple[str, ...] = ()
    substitute: str = ""
    acceptance_days: int = 7
    reopen_days: int = 0
    auto_close_days: int = 10
    response_hours: int = 0
    solution_hours: int = 0
    survey: bool = True
    robots_open: tuple[str, ...] = ()
    reply_address: str = "plus"

    @property
    def email(self) -> str:
        """The address that its mails come from."""
        return self.addresses[0]

    def agent(self, address: str) -> Agent | None:
        """The agent of this queue who has this address."""
        return next((a for a in self.agents if address in a.emails), None)

    def has_agent(self, person: Person) -> bool:
        """Whether this person is an agent of this queue, by any of his addresses."""
        return any(self.agent(a) for a in (person.email, *person.addresses))


@dataclass(frozen=True, slots=True)
class House:
    """All queues. Only queue, reply and postmaster addresses are ours, never a whole domain."""

    queues: tuple[Queue, ...]
    domain: str

    def named(self, name: str) -> Queue | None:
        """The queue of that name."""
        return next((q for q in self.queues if q.name == name), None)

    def queue_of(self, address: str) -> Queue | None:
        """The queue that this address leads to, with or without something after a plus sign or a key."""
        local, _, domain = keys.hidden(address).partition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        return next((q for q in self.queues if plain in q.addresses), None)

    def ours(self, address: str) -> bool:
        """Whether mail to this address is for us."""
        local, _, domain = address.partition("@")
        if local == "postmaster":  # RFC 5321 section 4.5.1
            return domain in ("", self.domain) or any(
                a.endswith(f"@{domain}") for q in self.queues for a in q.addresses
            )
        return self.queue_of(address) is not None

    def addressed(self, addresses: Iterable[str]) -> tuple[Queue, ...]:
        """The queues that these addresses lead to, in their order, each once."""
        found = (self.queue_of(a) for a in addresses)
        return tuple(dict.fromkeys(q for q in found if q))

    def agent_addresses(self) -> frozenset[str]:
        """Every address of every agent, approver and substitute whom the configuration names."""
        agents = {a for q in self.queues for agent in q.agents for a in agent.emails}
        return frozenset(agents | {a for q in self.queues for a in (*q.approvers, q.substitute) if a})
