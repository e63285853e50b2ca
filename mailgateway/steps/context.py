"""What every step works with: made once by `app`, passed down, never looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailgateway.config import Settings
from mailgateway.core import budget
from mailgateway.core.budget import Limit, Limits
from mailgateway.core.calendar import Calendar
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.phrases import Phrases
from mailgateway.core.queues import House, Queue
from mailgateway.core.sentences import Sentences
from mailgateway.core.tickets import Ticket
from mailgateway.mail.authenticity import Lookup
from mailgateway.mail.templates import Templates
from mailgateway.steps.watch import Watch
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database
from mailgateway.store.workset import Workset

Scan = Callable[[bytes], str]  #: the name of the malware in these bytes, or ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One installation, opened."""

    settings: Settings
    database: Database
    blobs: Blobs
    phrases: Phrases
    sentences: Sentences
    templates: Templates
    calendar: Calendar
    limits: Limits  # how many answers and notices anybody gets
    lookup: Lookup | None
    scan: Scan | None = None
    watch: Watch = field(default_factory=Watch)

    @property
    def house(self) -> House:
        """The queues."""
        return self.settings.house

    @property
    def language(self) -> str:
        """The gateway's own language; a person's wins."""
        return self.settings.gateway.language

    @property
    def staff(self) -> frozenset[str]:
        """Every address that the configuration names: whoever may be told of a mail that is not from him."""
        administrator = self.settings.gateway.administrator
        return self.house.agent_addresses() | ({administrator} if administrator else set())

    def desk_name(self, queue: Queue) -> str:
        """The name that mails of a queue come from."""
        return desk_title(self.settings, queue.name)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The signing secrets: the first signs, all verify."""
        return self.settings.secrets


def desk_title(settings: Settings, queue: str) -> str:
    """The title of a queue, with the gateway's own name where it has one: "Suporte Aurora"."""
    title = next((q.title or q.name.capitalize() for q in settings.queues if q.name == queue), queue)
    return f"{title} {settings.gateway.name}".strip()


def limits_of(settings: Settings) -> Limits:
    """The configured limits, as `core.budget` counts them."""
    said, hour = settings.limits, timedelta(hours=1)
    return Limits(
        unproven=(
            Limit("unproven10", timedelta(minutes=10), said.answers_unproven_10_minutes),
            Limit("unproven60", hour, said.answers_unproven_hour),
            Limit("unproven1440", timedelta(days=1), said.answers_unproven_day),
        ),
        unproven_domain=Limit("unproven60", hour, said.answers_unproven_domain_hour),
        unproven_host=Limit("unproven60", hour, said.answers_unproven_host_hour),
        unproven_all=Limit("unproven60", hour, said.answers_unproven_all_hour),
        stranger=Limit("stranger1440", timedelta(days=1), said.notices_stranger_day),
        invites=Limit("invites60", hour, said.invites_hour),
        invites_domain=Limit("invites60", hour, said.invites_domain_hour),
        invites_all=Limit("invites60", hour, said.invites_all_hour),
        proven=(Limit("proven60", hour, said.answers_proven_hour),),
        ticket=(Limit("ticket60", hour, said.answers_ticket_hour),),
        notices=Limit("notices60", hour, said.notices_hour),
        notices_unproven=Limit("notices60u", hour, said.notices_hour),
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """What made us act: a mail (its row and Message-ID), or a person at the command line, or time.

    `heard`: addresses in To and Cc of the same proven mail: its text needs no mail of ours there. `proven`: the author
    is at least `aligned`. `may_answer`: answers to him are wanted. `network`: the host that handed it over.
    """

    inbox_id: int | None = None
    message_id: str = ""
    heard: frozenset[str] = frozenset()
    proven: bool = True
    may_answer: bool = True
    network: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody who is answered no more: why, as a code, and the mail that brought it about.

    `whose`: an address, a ticket as "#1042", or an owner of `core.budget`. `answers`: how many went out before.
    """

    reason: str
    whose: str
    about: str  # the address that would have been answered
    inbox_id: int | None
    queue: Queue
    ticket: Ticket | None = None
    answers: int = 0


@dataclass(slots=True)
class Work:
    """A batch at work: the gateway, the loaded workset, the moment, and what has been rendered already."""

    gateway: Gateway
    set: Workset
    now: datetime
    rendered: dict[object, object] = field(default_factory=dict)
    has_articles: bool | None = None  # whether the FAQ has any; None = nobody has looked yet
    silences: list[Silence] = field(default_factory=list)  # of this batch, for `alarming`

    def person(self, mailbox: Mailbox) -> Person:
        """Whoever has this address; an agent is one person by all the addresses that the configuration gives him."""
        agents = (agent for q in self.gateway.house.queues if (agent := q.agent(mailbox.email)))
        if agent := next(agents, None):
            said = Mailbox(agent.name, agent.email)
            return self.set.called(self.set.person(said, agent.emails), said)
        return self.set.person(mailbox)

    def author(self, mailbox: Mailbox, *, proven: bool) -> Person:
        """Who wrote a mail: by the name that he gives himself, where it is proven that he does."""
        person = self.person(mailbox)
        is_agent = any(q.has_agent(person) for q in self.gateway.house.queues)
        return self.set.called(person, mailbox) if proven and not is_agent else person

    def queue(self, ticket: Ticket) -> Queue:
        """The queue of a ticket; the first one for a ticket whose queue is no longer configured."""
        return self.gateway.house.named(ticket.queue) or self.gateway.house.queues[0]

    def keepers(self, queue: Queue | None = None) -> list[Person]:
        """Whoever looks after the gateway: its administrator, else the agents of a queue, else all agents."""
        if administrator := self.gateway.settings.gateway.administrator:
            return [self.person(Mailbox("", administrator))]
        queues = (queue,) if queue else self.gateway.house.queues
        people = [self.person(Mailbox(agent.name, agent.email)) for q in queues for agent in q.agents]
        return list({person.id: person for person in people}.values())

    def is_stranger(self, person: Person) -> bool:
        """Whether no mail of his was ever proven: perhaps he has not written to us at all."""
        return self.set.people.once_aligned.isdisjoint((person.email, *person.addresses))

    def spend(self, purses: Sequence[tuple[str, Limit]]) -> tuple[str, Limit] | None:
        """Take one from each of these purses, or from none: then the first that has nothing left is returned."""
        after = [(o, limit, budget.spend(self.set.purse(o, limit.purse), limit, self.now)) for o, limit in purses]
        if empty := next(((owner, limit) for owner, limit, purse in after if purse is None), None):
            return empty
        for owner, limit, purse in after:
            if purse is not None:
                self.set.spent(owner, limit.purse, purse)
        return None
