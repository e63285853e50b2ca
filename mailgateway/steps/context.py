"""What every step works with: made once by `app`, passed down, never looked up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from mailgateway.config import Settings
from mailgateway.core.budget import Limit, Limits
from mailgateway.core.calendar import Calendar
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.phrases import Phrases
from mailgateway.core.queues import House, Queue
from mailgateway.core.sentences import Sentences
from mailgateway.core.tickets import Ticket
from mailgateway.mail.authenticity import Lookup
from mailgateway.mail.templates import Templates
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database
from mailgateway.store.workset import Workset


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
    lookup: Lookup | None

    @property
    def house(self) -> House:
        """The queues."""
        return self.settings.house

    @property
    def language(self) -> str:
        """The gateway's own language; a person's wins."""
        return self.settings.gateway.language

    @property
    def limits(self) -> Limits:
        """How many answers and notices anybody gets."""
        return limits_of(self.settings)

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


@lru_cache(maxsize=4)
def limits_of(settings: Settings) -> Limits:
    """The configured limits, as `core.budget` counts them."""
    said, hour = settings.limits, timedelta(hours=1)
    return Limits(
        unproven=(
            Limit("unproven10", timedelta(minutes=10), said.answers_unproven_10_minutes),
            Limit("unproven60", hour, said.answers_unproven_hour),
        ),
        proven=(Limit("proven60", hour, said.answers_proven_hour),),
        ticket=(Limit("ticket60", hour, said.answers_ticket_hour),),
        notices=Limit("notices60", hour, said.notices_hour),
        notices_unproven=Limit("notices60u", hour, said.notices_hour),
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """What made us act: a mail (its row and Message-ID), or a person at the command line, or time.

    `heard`: addresses in To and Cc of the same proven mail: its text needs no mail of ours there. `proven`: the author
    is at least `aligned`. `may_answer`: answers to him are wanted.
    """

    inbox_id: int | None = None
    message_id: str = ""
    heard: frozenset[str] = frozenset()
    proven: bool = True
    may_answer: bool = True


@dataclass(slots=True)
class Work:
    """A batch at work: the gateway, the loaded workset, the moment, and what has been rendered already."""

    gateway: Gateway
    set: Workset
    now: datetime
    rendered: dict[object, object] = field(default_factory=dict)
    has_articles: bool | None = None  # whether the FAQ has any; None = nobody has looked yet

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
