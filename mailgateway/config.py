"""The configuration file: TOML in, frozen and validated settings out; each error names key, value and cure."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import date, time
from functools import cached_property, lru_cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from mailgateway import resources
from mailgateway.core.errors import Misconfigured
from mailgateway.core.phrases import Phrases
from mailgateway.core.queues import Agent, House, Queue
from mailgateway.core.sentences import Sentences
from mailgateway.core.tickets import Rule

ENVIRONMENT_SECRET = "MAILGATEWAY_SECRET"  # noqa: S105 - the name of a variable, not a secret
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _address(value: str) -> str:
    try:
        found = validate_email(value.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(f"is no e-mail address ({error}); write it like suporte@example.com") from None
    return f"{found.local_part.lower()}@{(found.ascii_domain or found.domain).lower()}"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone; write it like America/Sao_Paulo") from None
    return value


def _language(value: str) -> str:
    if value not in resources.languages():
        raise ValueError(f"is no language that we have; choose one of {', '.join(resources.languages())}")
    return value


def _domain(value: str) -> str:
    return _address(f"postmaster@{value}").partition("@")[2]


def _network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError("is no IP address or network; write it like 10.0.0.5 or 10.0.0.0/24") from None
    return value


Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]
Network = Annotated[str, AfterValidator(_network)]
Language = Annotated[str, AfterValidator(_language)]
Port = Annotated[int, Field(ge=0, le=65535)]
Positive = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Security = Literal["tls", "starttls", "none"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Gateway(_Section):
    """Who the gateway is and where it keeps what it knows."""

    domain: Domain
    secret: SecretStr | tuple[SecretStr, ...] = ()
    secret_file: str = ""
    language: Language = resources.FIRST
    timezone: Annotated[str, AfterValidator(_zone)] = "America/Sao_Paulo"
    database: Annotated[str, Field(repr=False)] = "sqlite:///mailgateway.db"  # its URL may hold a password
    blobs: str = "blobs"
    templates: str = ""
    name: str = ""
    administrator: Address | Literal[""] = ""
    data_protection: Address | Literal[""] = ""


class Login(_Section):
    """A user who may hand in mail by SMTP AUTH, and the From addresses or domains he may use."""

    username: str
    password: SecretStr
    senders: tuple[str, ...] = ()


class SmtpListener(_Section):
    """Where mail comes in by SMTP or LMTP. Sizes in bytes, times in seconds."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port = 2525
    protocol: Literal["smtp", "lmtp"] = "smtp"
    hostname: str = ""
    max_size: Positive = 36_700_160
    max_recipients: Positive = 100
    max_connections: Positive = 200
    max_connections_per_host: Positive = 50
    timeout: Positive = 300
    tls_certificate: str = ""
    tls_key: str = ""
    require_tls: bool = False
    require_auth: bool = False
    auth_users: tuple[Login, ...] = ()


class OAuth2(_Section):
    """How to get an access token: `client_credentials` (Microsoft 365) or `refresh_token` (Google)."""

    flow: Literal["client_credentials", "refresh_token"] = "client_credentials"
    token_url: str
    client_id: str
    client_secret: SecretStr = SecretStr("")
    refresh_token: SecretStr = SecretStr("")
    scope: str = ""
    mechanism: Literal["XOAUTH2", "OAUTHBEARER"] = "XOAUTH2"


class ImapMailbox(_Section):
    """A mailbox that is polled. `poll` is the longest wait between two looks, in seconds."""

    name: str
    host: str
    port: Port = 993
    security: Security = "tls"
    verify_certificate: bool = True
    username: str
    password: SecretStr = SecretStr("")
    oauth2: OAuth2 | None = None
    provider: Literal["generic", "microsoft365", "google"] = "generic"
    folder: str = "INBOX"
    processed: str = "Processados"
    queue: str
    poll: Positive = 60
    idle: bool = True


class SmtpSender(_Section):
    """The smart host that mails leave by. `timeout` in seconds."""

    host: str = "127.0.0.1"
    port: Port = 25
    security: Security = "none"
    verify_certificate: bool = True
    username: str = ""
    password: SecretStr = SecretStr("")
    oauth2: OAuth2 | None = None
    hostname: str = ""
    connections: Positive = 4
    timeout: Positive = 60


class Authenticity(_Section):
    """Whose word counts on who wrote a mail."""

    authserv_id: str = ""
    trusted_relays: tuple[Network, ...] = ()
    hops: NotNegative = 1
    verify: bool = True
    require_aligned: Literal["auto", "always", "never"] = "auto"


class Clamd(_Section):
    """ClamAV's daemon, by which evidence is scanned; "" = none. `timeout` in seconds."""

    address: Annotated[str, Field(pattern=r"^$|^/.|^[^\s/]+:\d+$")] = ""
    timeout: Positive = 30


class QueueSettings(_Section):
    """A queue as the file states it; `core.queues.Queue` is what the rest of the program sees."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
    title: str = ""
    addresses: Annotated[tuple[Address, ...], Field(min_length=1)]
    open_to: Literal["anyone", "known"] | tuple[Domain, ...] = "anyone"
    approval: Literal["always", "never", "on_request"] = "always"
    rule: Literal["one", "all", "majority"] = "one"
    approvers: tuple[Address, ...] = ()
    substitute: Address | Literal[""] = ""
    acceptance_days: NotNegative = 7
    reopen_days: NotNegative = 0
    auto_close_days: NotNegative = 10
    response_hours: NotNegative = 0
    solution_hours: NotNegative = 0
    survey: bool = True
    robots_open: tuple[Address, ...] = ()
    reply_address: Literal["plus", "domain", "none"] = "plus"


class AgentSettings(_Section):
    """An agent as the file states him."""

    email: Address
    name: str = ""
    aliases: tuple[Address, ...] = ()
    queues: Annotated[tuple[str, ...], Field(min_length=1)]


class BusinessHours(_Section):
    """When the desk works; holidays of a country and a state, and dates of one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("mon", "tue", "wed", "thu", "fri")
    start: Annotated[time, Field(alias="from")] = time(8)
    end: Annotated[time, Field(alias="to")] = time(18)
    country: str = "BR"
    state: str = ""
    optional_holidays: bool = False
    dates: tuple[date, ...] = ()


class Limits(_Section):
    """What one sender, one person and one ticket may cause, and how much of a mail is read. Sizes in bytes."""

    answers_unproven_10_minutes: Positive = 3
    answers_unproven_hour: Positive = 10
    answers_unproven_day: Positive = 30
    answers_unproven_domain_hour: Positive = 60
    answers_unproven_host_hour: Positive = 60
    answers_unproven_all_hour: Positive = 200
    answers_proven_hour: Positive = 30
    answers_ticket_hour: Positive = 20
    notices_hour: Positive = 30
    notices_stranger_day: Positive = 10
    invites_hour: Positive = 20
    invites_domain_hour: Positive = 60
    invites_all_hour: Positive = 200
    followers: Positive = 10
    parts: Positive = 500
    depth: Positive = 50
    header_bytes: Positive = 262_144


class Retention(_Section):
    """After how many days what is kept goes; 0 = never. `hold`: tickets and people whose mails must not go."""

    raw_days: NotNegative = 30
    quarantine_days: NotNegative = 15
    outbox_days: NotNegative = 90
    hold: tuple[Positive | Address, ...] = ()


class Alarms(_Section):
    """After how many minutes what waits is told to the administrator; 0 = never."""

    inbox_minutes: NotNegative = 15
    outbox_minutes: NotNegative = 240
    mailbox_minutes: NotNegative = 60


class Metrics(_Section):
    """`/metrics`, `/healthz` and `/readyz` for a monitoring; whoever reaches the port reads them."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Port = 9925


class Portal(_Section):
    """The web pages."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Port = 8080
    base_url: str = "http://127.0.0.1:8080"


class Settings(_Section):
    """All that the file says."""

    gateway: Gateway
    smtp_listener: SmtpListener = SmtpListener()
    imap: tuple[ImapMailbox, ...] = ()
    smtp_sender: SmtpSender = SmtpSender()
    authenticity: Authenticity = Authenticity()
    clamd: Clamd = Clamd()
    queues: Annotated[tuple[QueueSettings, ...], Field(min_length=1)]
    agents: tuple[AgentSettings, ...] = ()
    business_hours: BusinessHours = BusinessHours()
    limits: Limits = Limits()
    retention: Retention = Retention()
    alarms: Alarms = Alarms()
    metrics: Metrics = Metrics()
    portal: Portal = Portal()

    @model_validator(mode="after")
    def _belongs_together(self) -> Settings:
        names = [q.name for q in self.queues]
        for where, name in [(f"agents: {a.email}", q) for a in self.agents for q in a.queues] + [
            (f"imap: {m.name}", m.queue) for m in self.imap
        ]:
            if name not in names:
                raise ValueError(
                    f"{where} names the queue {name!r}, which no [[queues]] has; known: {', '.join(names)}"
                )
        addresses = [a for q in self.queues for a in q.addresses]
        for what, values in (
            ("queue name", names),
            ("queue address", addresses),
            ("mailbox", [m.name for m in self.imap]),
        ):
            if twice := sorted({v for v in values if values.count(v) > 1}):
                raise ValueError(f"the {what} {twice[0]!r} stands twice; keep one")
        return self

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The signing secrets: the first signs, all of them verify."""
        value = self.gateway.secret
        return tuple(s.get_secret_value() for s in (value if isinstance(value, tuple) else (value,)))

    @cached_property
    def house(self) -> House:
        """The queues with their agents, as the core sees them."""
        agents = [Agent(a.name, (a.email, *a.aliases), a.queues) for a in self.agents]
        queues = tuple(
            Queue(
                name=q.name,
                addresses=q.addresses,
                agents=tuple(a for a in agents if q.name in a.queues),
                open_to=(q.open_to,) if isinstance(q.open_to, str) else q.open_to,
                approval=q.approval,
                rule=Rule(q.rule),
                approvers=q.approvers,
                substitute=q.substitute,
                acceptance_days=q.acceptance_days,
                reopen_days=q.reopen_days,
                auto_close_days=q.auto_close_days,
                response_hours=q.response_hours,
                solution_hours=q.solution_hours,
                survey=q.survey,
                robots_open=q.robots_open,
                reply_address=q.reply_address,
            )
            for q in self.queues
        )
        return House(queues, self.gateway.domain)


@lru_cache(maxsize=1)
def languages() -> Mapping[str, Mapping[str, Any]]:
    """What each languages/*.toml holds, the gateway's first languages first."""
    folder = resources.languages_dir()
    return {name: tomllib.loads((folder / f"{name}.toml").read_text("utf-8")) for name in resources.languages()}


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """The words of all languages, as replies are read by them."""
    return Phrases.build(languages())


def sentences(language: str) -> Sentences:
    """What is kept in one language: labels of history lines, reasons of outcomes."""
    return Sentences.build(languages()[language])


def load(path: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read and check one configuration file; relative paths in it are relative to its folder.

    Raises `Misconfigured`, whose text is one line with the key, the value and the cure.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        cure = "`mailgateway init` writes one, -c names another"
        raise Misconfigured(f"{path} cannot be read ({error.__class__.__name__}); {cure}") from None
    try:
        return parse(tomllib.loads(text), path.parent.resolve(), environment)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path}: no valid TOML: {error}; mend that line") from None
    except Misconfigured as error:
        raise Misconfigured(f"{path}: {error}") from None


def parse(tables: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> Settings:
    """Check what a TOML file holds. Raises `Misconfigured`."""
    gateway = tables.get("gateway")
    if isinstance(gateway, dict):
        tables = {**tables, "gateway": _completed(gateway, folder, environment)}
    if isinstance(listener := tables.get("smtp_listener"), dict):
        files = {k: str(folder / listener[k]) for k in ("tls_certificate", "tls_key") if listener.get(k)}
        tables = {**tables, "smtp_listener": {**listener, **files}}
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        found = error.errors()
        deep = {e["loc"][:n] for e in found for n in range(len(e["loc"]))}
        # A list whose only item is wrong is "too short" as well: only the innermost finding helps.
        raise Misconfigured("; ".join(_plain(e) for e in found if e["loc"] not in deep)) from None


def _completed(gateway: dict[str, Any], folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    """The [gateway] table with its secret found and its paths made absolute."""
    done = dict(gateway)
    if name := done.get("secret_file"):
        try:
            done.setdefault("secret", (folder / str(name)).read_text(encoding="utf-8").split())
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(f"gateway.secret_file = {name!r} cannot be read; create it or name another") from None
    if environment.get(ENVIRONMENT_SECRET):
        done["secret"] = environment[ENVIRONMENT_SECRET]
    secrets = done.get("secret") or []
    secrets = [secrets] if isinstance(secrets, str) else secrets
    if not isinstance(secrets, list) or not secrets or not all(isinstance(s, str) and len(s) >= 32 for s in secrets):
        cure = f"give one (or a list) of 32 characters or more, or secret_file, or {ENVIRONMENT_SECRET}"
        raise Misconfigured(f"gateway.secret is missing or too short; {cure}")
    done["secret"] = secrets
    database = str(done.get("database", "sqlite:///mailgateway.db"))
    if database.startswith("sqlite:///"):
        done["database"] = f"sqlite:///{folder / database.removeprefix('sqlite:///')}"
    blobs = str(done.get("blobs", "blobs"))
    done["blobs"] = blobs if "://" in blobs else str(folder / blobs)
    if done.get("templates"):
        done["templates"] = str(folder / str(done["templates"]))
    return done


#: In whose keys stand secrets; of a table that stands where none belongs nothing is shown, it may hold one, too.
_SECRETS = ("secret", "password", "token", "oauth2", "auth_users", "database")


def _plain(error: Any) -> str:
    """One of pydantic's findings in words of ours."""
    key = ".".join(str(p) for p in error["loc"] if isinstance(p, int) or p.isidentifier())
    match error["type"]:
        case "extra_forbidden":
            return f"{key} is no key that we know; correct or remove it (config.example.toml lists all)"
        case "missing":
            return f"{key} is missing; add it (config.example.toml shows it)"
        case "value_error":
            value = "" if not key or isinstance(error["input"], (dict, BaseModel)) else f" = {error['input']!r}"
            return f"{key}{value} {error['ctx']['error']}".strip()
        case _:
            is_shown = isinstance(error["input"], (str, int, float)) and not any(word in key for word in _SECRETS)
            value = f" = {error['input']!r}" if is_shown else ""
            return f"{key}{value} is not right: {error['msg']}; see config.example.toml"
