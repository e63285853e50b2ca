"""The only wiring: a configuration file becomes an open gateway, its sources, its sender and its loops."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from mailgateway import config, resources
from mailgateway.config import DAYS, Settings
from mailgateway.core.calendar import Calendar
from mailgateway.edges import dns
from mailgateway.mail.templates import Desk, Templates
from mailgateway.steps.context import Gateway, desk_title
from mailgateway.store.blobs import Blobs
from mailgateway.store.db import Database


def now() -> datetime:
    """The clock: the only one in the program."""
    return datetime.now(UTC)  # noqa: TID251 - this is the place


def open_gateway(settings: Settings) -> Gateway:
    """Everything that a step works with; creates the database or brings it up to date first."""
    database = Database(settings.gateway.database)
    database.migrate()
    return Gateway(
        settings=settings,
        database=database,
        blobs=Blobs(settings.gateway.blobs),
        phrases=config.phrases(),
        sentences=config.sentences(settings.gateway.language),
        templates=open_templates(settings),
        calendar=open_calendar(settings, now().year),
        lookup=dns.lookup if settings.authenticity.verify else None,
    )


def open_templates(settings: Settings) -> Templates:
    """The templates: the user's folder wins over the shipped one, file by file."""
    said = settings.gateway
    folders = [Path(said.templates)] if said.templates else []
    desk = Desk(
        name=said.name or desk_title(settings, settings.queues[0].name),
        queues={q.name: desk_title(settings, q.name) for q in settings.queues},
        portal=settings.portal.base_url if settings.portal.enabled else "",
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
