"""The only wiring: a configuration file becomes an open gateway, its sources, its sender and its loops."""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

from mailgateway import config, resources
from mailgateway.config import DAYS, Settings
from mailgateway.core.calendar import Calendar
from mailgateway.core.errors import Misconfigured
from mailgateway.edges import dns, loops
from mailgateway.edges.clamd import Clamd
from mailgateway.edges.imap_poller import Poller
from mailgateway.edges.loops import Bells
from mailgateway.edges.oauth2 import Tokens
from mailgateway.edges.smtp_listener import Listener
from mailgateway.edges.smtp_sender import Sender
from mailgateway.edges.submission import Submit, SubmitTogether
from mailgateway.edges.supervisor import SLOW, Bell, Child, Life, Supervisor, notify_ready
from mailgateway.mail.templates import Desk, Templates
from mailgateway.steps import journal
from mailgateway.steps.context import Gateway, desk_title, limits_of
from mailgateway.steps.drain import Drained, drain
from mailgateway.steps.receive import Receiver
from mailgateway.steps.watch import Watch
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database


def now() -> datetime:
    """The clock: the only one in the program."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def open_gateway(settings: Settings) -> Gateway:
    """Everything that a step works with; creates the database or brings it up to date first."""
    database = Database(settings.gateway.database)
    database.migrate()
    gateway = _gateway(settings, database)
    gateway.blobs.create()
    return gateway


def look_at(settings: Settings) -> Gateway | None:
    """The same for somebody who only looks: None where there is no database, or one that would have to be changed."""
    database = Database(settings.gateway.database)
    return _gateway(settings, database) if database.current() else None


def _gateway(settings: Settings, database: Database) -> Gateway:
    return Gateway(
        settings=settings,
        database=database,
        blobs=Blobs(settings.gateway.blobs),
        phrases=config.phrases(),
        sentences=config.sentences(settings.gateway.language),
        templates=open_templates(settings),
        calendar=open_calendar(settings, now().year),
        limits=limits_of(settings),
        lookup=dns.lookup if settings.authenticity.verify else None,
        watch=Watch([m.name for m in settings.imap]),
        scan=Clamd(settings.clamd.address, settings.clamd.timeout).scan if settings.clamd.address else None,
    )


def fetch(gateway: Gateway, at: datetime | None = None) -> tuple[int, list[str]]:
    """Take in what lies in the mailboxes now: how many mails, and what kept a mailbox from being read."""
    receiver, fetched, trouble = open_receiver(gateway, clock=_clock(at)), 0, list[str]()
    for poller in open_pollers(gateway, receiver):
        try:
            while taken := poller.poll_once():
                fetched += taken
        except Exception as error:  # the other mailboxes are not to suffer
            poller.last_error = str(error)
        if poller.last_error:
            trouble.append(f"mailbox {poller.settings.name} could not be read: {poller.last_error}")
        poller.close()
    receiver.close()
    return fetched, trouble


def run_once(gateway: Gateway, only: frozenset[str], at: datetime | None = None) -> Drained:
    """Do all that is due; `at` stands for now."""
    with contextlib.closing(open_sender(gateway.settings)) as sender:
        return drain(gateway, only, _clock(at), sender.send)


def _clock(at: datetime | None) -> Callable[[], datetime]:
    return now if at is None else lambda: at


def open_sender(settings: Settings) -> Sender:
    """The way to the smart host."""
    said = settings.smtp_sender
    return Sender(said, Tokens(said.oauth2) if said.oauth2 else None)


def open_pollers(gateway: Gateway, receiver: Receiver) -> list[Poller]:
    """One for each mailbox."""
    submit = cast(SubmitTogether, receiver.submit_together)  # a poller hands in only drafts that it was given here

    def fares(name: str, error: str) -> None:
        gateway.watch.mailbox(name, now().timestamp(), fails=bool(error))

    return [
        Poller(
            m,
            submit,
            receiver.known,
            receiver.draft,
            Tokens(m.oauth2) if m.oauth2 else None,
            fares=partial(fares, m.name),
        )
        for m in gateway.settings.imap
    ]


def open_receiver(
    gateway: Gateway, accepted: Callable[[], None] = lambda: None, clock: Callable[[], datetime] = now
) -> Receiver:
    """What every source hands its mails to; `accepted` is called after each commit."""
    most = gateway.settings.smtp_listener.max_size
    return Receiver(gateway.database, gateway.blobs, clock, most, accepted, gateway.watch)


def shipped_templates() -> Templates:
    """The templates as they are shipped, for a desk that nobody has configured."""
    desk = Desk(name="Suporte Aurora", queues={"suporte": "Suporte Aurora"})
    return Templates([resources.templates_dir()], ZoneInfo("America/Sao_Paulo"), desk)


def open_templates(settings: Settings) -> Templates:
    """The templates: the user's folder wins over the shipped one, file by file."""
    said = settings.gateway
    folders = [Path(said.templates)] if said.templates else []
    desk = Desk(
        name=said.name or desk_title(settings, settings.queues[0].name),
        queues={q.name: desk_title(settings, q.name) for q in settings.queues},
        data_protection=said.data_protection,
        administrator=said.administrator,
    )
    return Templates([*folders, resources.templates_dir()], ZoneInfo(said.timezone), desk)


def open_calendar(settings: Settings, year: int) -> Calendar:
    """The desk's business hours, with the holidays of last year to the year after next."""
    said = settings.business_hours
    return Calendar(
        zone=ZoneInfo(settings.gateway.timezone),
        days=frozenset(DAYS.index(day) for day in said.days),
        start=said.start,
        end=said.end,
        holidays=frozenset(said.dates) | _holidays(settings, range(year - 1, year + 3)),
    )


def _holidays(settings: Settings, years: range) -> frozenset[date]:
    said = settings.business_hours
    if not said.country:
        return frozenset()
    import holidays  # slow to import, and needed by some commands only

    kinds = ("public", "optional") if said.optional_holidays else ("public",)
    return frozenset(holidays.country_holidays(said.country, subdiv=said.state or None, years=years, categories=kinds))


# ---- serve


@dataclass(frozen=True, slots=True)
class Site:
    """A gateway as the children of `serve` share it: what each of them is to do, and the bells between them."""

    gateway: Gateway
    parts: frozenset[str]
    bells: Bells

    def receiver(self) -> Receiver:
        """For a source; what it accepts wakes whoever processes."""
        return open_receiver(self.gateway, self.bells.accepted.ring)

    def sources(self) -> dict[str, Source]:
        """Where mail is to come from: what is among the parts and configured."""
        return {n: s for n, s in SOURCES.items() if n in self.parts and s.wanted(self.gateway.settings)}


def _smtp(site: Site, receiver: Receiver, life: Life) -> None:
    said, house = site.gateway.settings.smtp_listener, site.gateway.house
    submit = cast(Submit, receiver.submit)  # a listener hands in only drafts that it was given here
    loops.listen(Listener(said, house.ours, submit, receiver.draft), life)


def _imap(site: Site, receiver: Receiver, life: Life) -> None:
    loops.poll(open_pollers(site.gateway, receiver), life)


@dataclass(frozen=True, slots=True)
class Source:
    """Where mail comes from. `run` takes it to the receiver until its life is over.

    `wanted`: whether the settings ask for it. `child`: the process of its own in which it runs and says that it is
    ready; "": a thread beside the delivery.
    """

    run: Callable[[Site, Receiver, Life], None]
    wanted: Callable[[Settings], bool]
    child: str = ""


SOURCES: dict[str, Source] = {
    "smtp": Source(_smtp, lambda settings: settings.smtp_listener.enabled, child="front"),
    "imap": Source(_imap, lambda settings: bool(settings.imap)),
}


def serve(gateway: Gateway, only: frozenset[str]) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    journal.set_up()
    multiprocessing.current_process().name = "serve"
    gateway.templates.compile_all()  # once, for all children
    gateway.database.close()  # no connection is to be shared with them
    site = Site(gateway, only, Bells(Bell(), Bell()))
    if not (children := _children(site)):
        raise Misconfigured(f"there is nothing to do: {', '.join(sorted(only))} is switched off or not configured")
    return 0 if Supervisor(children).run(notify_ready) else 1


def _children(site: Site) -> list[Child]:
    """The processes that this choice of parts needs."""
    sources = site.sources().values()
    children = [Child(source.child, partial(_receive, site, source)) for source in sources if source.child]
    if site.parts & {"process", "sweep"}:
        children.append(Child("work", lambda life: _work(site, life)))
    if "deliver" in site.parts or not all(source.child for source in sources):
        children.append(Child("mail", lambda life: _mail(site, life)))
    if children and site.gateway.settings.metrics.enabled:
        working = tuple(children)
        children.append(Child("metrics", lambda life: _metrics(site, working, life)))
    return children


def _begin(site: Site, name: str) -> None:
    """What every child does first: what it shares with its parent must not be used by both."""
    site.gateway.database.after_fork()
    site.gateway.watch.be(name)


def _receive(site: Site, source: Source, life: Life) -> None:
    _begin(site, source.child)
    with contextlib.closing(site.receiver()) as receiver:
        source.run(site, receiver, life)


def _work(site: Site, life: Life) -> None:
    _begin(site, "work")
    loops.work(site.gateway, site.parts, site.bells, life, now)


def _metrics(site: Site, working: Sequence[Child], life: Life) -> None:
    from mailgateway.edges import metrics  # its library is of no use to anybody else

    _begin(site, "serve")
    said = site.gateway.settings.metrics

    def trouble() -> list[str]:
        silent = [f"{child.name} is silent" for child in working if child.silence() > SLOW]
        return silent if site.gateway.database.answers() else [*silent, "the database does not answer"]

    metrics.serve(site.gateway, (said.host, said.port), trouble, life, now)


def _mail(site: Site, life: Life) -> None:
    _begin(site, "mail")
    receiver, sender = site.receiver(), open_sender(site.gateway.settings)
    beside = {name: source.run for name, source in site.sources().items() if not source.child}
    threads = [threading.Thread(target=run, args=(site, receiver, life), name=n) for n, run in beside.items()]
    for thread in threads:
        thread.start()
    life.ready()
    if "deliver" in site.parts:
        loops.send(site.gateway, sender.send, site.bells, life, now)
    while not life.over():
        life.rest(1.0)
    for thread in threads:
        thread.join()
    sender.close()
    receiver.close()
