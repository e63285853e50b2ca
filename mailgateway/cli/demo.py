"""`demo`: a ticket's whole life by real mail on this machine, in a folder that is removed afterwards."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click

from mailgateway import resources
from mailgateway.core.errors import Temporary

BEGIN, END = 15.0, 30.0  # seconds that the gateway may take to begin and to end


@click.command()
@click.option("--once", is_flag=True, help="End after the story; exit code 0 only if every step had its effect.")
@click.option("--lang", type=click.Choice(resources.languages()), default=resources.FIRST, show_default=True)
def demo(once: bool, lang: str) -> int:
    """A ticket's whole life by real mail: opened, taken, resolved, approved, rated.

    Everything runs on this machine: the gateway with its listener and its sender, and a mail server that only catches.
    Nothing leaves it, and the folder is removed at the end.
    """
    from mailgateway.cli.demo_stage import Stage
    from mailgateway.edges.sink import Sink

    with tempfile.TemporaryDirectory(prefix="mailgateway-demo-") as folder, contextlib.ExitStack() as ends:
        stage = Stage(Path(folder), lang, port=_free_port())
        sink = Sink(stage.catch)
        ends.callback(sink.stop)
        config = stage.prepare(secrets.token_urlsafe(32), sink.port)
        ends.callback(stage.close)
        ends.enter_context(_serving(config, stage.port))
        passed = stage.play()
        if not once:
            with contextlib.suppress(KeyboardInterrupt):
                stage.stay(config)
    return 0 if passed else 1


@contextlib.contextmanager
def _serving(config: Path, port: int) -> Iterator[None]:
    """The gateway at work, as its own process; its log lies in the folder."""
    with (config.parent / "serve.log").open("wb") as log:
        command = [sys.executable, "-m", "mailgateway", "-c", str(config), "serve"]
        serve = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)  # noqa: S603 - it is ourselves
        try:
            _until_it_answers(serve, port, Path(log.name))
            yield
        finally:
            serve.send_signal(signal.SIGTERM)
            try:
                serve.wait(END)
            except subprocess.TimeoutExpired:
                serve.kill()


def _until_it_answers(serve: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + BEGIN
    while time.monotonic() < until and serve.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.05)
    raise Temporary(f"the gateway did not begin: {log.read_text(errors='replace')[-500:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
