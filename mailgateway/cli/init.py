"""`init`: a first configuration that works, with a secret of its own."""

from __future__ import annotations

import os
import re
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgateway import resources
from mailgateway.cli import output
from mailgateway.cli.session import json_option
from mailgateway.core.errors import Refused

if TYPE_CHECKING:
    from mailgateway.config import Settings

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")

TEMPLATE = """\
# Every key with its default and why: config.example.toml. Try this file with `mailgateway check`.

[gateway]
domain = {domain}
secret = {secret}  # keep it: whoever has it can forge reply addresses
language = {language}
timezone = {timezone}
name = {name}

[smtp_listener]
host = "127.0.0.1"
port = {port}

[smtp_sender]
host = {smtp_host}
port = {smtp_port}

[[queues]]
name = {queue}
addresses = [{address}]
"""

AGENT = """
[[agents]]
email = {email}
queues = [{queue}]
"""


@click.command(short_help="Write a working configuration.")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), default="mailgateway.toml", metavar="[PATH]")
@click.option("--domain", metavar="DOMAIN", help="Of Message-IDs. Default: the queue address's, else this host's.")
@click.option("--queue-address", metavar="EMAIL", help="Where people write to. Default: suporte@DOMAIN.")
@click.option("--agent", "agents", multiple=True, metavar="EMAIL", help="Somebody who treats tickets; may be repeated.")
@click.option("--name", default="", help="The organisation, as in “Suporte Aurora”.")
@click.option("--language", type=click.Choice(resources.languages()), default=resources.FIRST, show_default=True)
@click.option("--timezone", default="America/Sao_Paulo", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=2525, show_default=True, help="To listen on.")
@click.option("--smtp-host", default="127.0.0.1", show_default=True, help="The smart host that mails leave by.")
@click.option("--smtp-port", type=click.IntRange(1, 65535), default=25, show_default=True)
@json_option
def init(path: Path, as_json: bool, agents: tuple[str, ...], **said: str | int | None) -> None:
    """Write a working configuration to PATH (default: ./mailgateway.toml), readable by its owner only."""
    if path.exists():
        raise Refused(f"{path} is already there and was left as it is; name another file or move it away first")
    settings = _write(path, _text(agents, **said))
    address = settings.queues[0].addresses[0]
    if as_json:
        output.print_json({"file": str(path), "domain": settings.gateway.domain, "queue_address": address})
        return
    output.say(f"{path} is written, for mail to {address}. What comes next:")
    if not agents:
        output.say("  add [[agents]]: until then nobody hears of a new ticket")
    output.say(f"  mailgateway -c {path} check   tests it for real")
    output.say(f"  mailgateway -c {path} serve   runs it")


def _text(agents: tuple[str, ...], **said: str | int | None) -> str:
    """The file's text from the options."""
    from mailgateway import config

    desk = config.phrases().labels(str(said["language"])).desk
    address = str(said["queue_address"] or "").strip()
    domain = str(said["domain"] or "").strip() or address.rpartition("@")[2] or _own_domain()
    address = address or f"{desk}@{domain}"
    local = address.partition("@")[0].lower()
    queue = local if _NAME.fullmatch(local) else desk
    values = {**said, "domain": domain, "address": address, "queue": queue, "secret": secrets.token_urlsafe(36)}
    text = TEMPLATE.format(**{key: _toml(value) for key, value in values.items()})
    return text + "".join(AGENT.format(email=_toml(a), queue=_toml(queue)) for a in agents)


def _own_domain() -> str:
    """The domain of this host, as far as it knows one."""
    host, _, domain = socket.getfqdn().partition(".")
    return domain if "." in domain else f"{host}.{domain}" if domain else "example.com"


def _toml(value: object) -> str:
    """A value as TOML writes it: a basic string is a JSON string."""
    import json

    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _write(path: Path, text: str) -> Settings:
    """Write the file, and take it away again if the configuration refuses it. Raises `Misconfigured`."""
    from mailgateway import config

    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        return config.load(path, {})
    except BaseException:
        path.unlink()
        raise
