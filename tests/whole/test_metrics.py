"""What a monitoring is told by a running service."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from mailgateway.core.errors import Unreachable
from mailgateway.edges import supervisor
from mailgateway.edges.metrics import Collector
from mailgateway.edges.supervisor import Child, Life, Supervisor
from mailgateway.steps import deliver
from mailgateway.steps.watch import Watch
from mailgateway.store.db import Database
from tests.desk import JOAO, Desk
from tests.whole.test_serve import eventually, free_port, serving


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def value(told: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", told, re.MULTILINE)
    assert found, f"{name} is not told"
    return float(found[1])


def test_a_running_service_tells_depths_ages_seconds_and_health(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, more=f"[metrics]\nenabled = true\nport = {port}\n") as service:
        for number in range(3):
            service.send(number)
        eventually(lambda: 'mailgateway_inbox_done{outcome="opened"} 3.0' in ask(port, "/metrics")[1])
        eventually(lambda: len(service.caught) == 9)
        eventually(lambda: 'mailgateway_outbox_mails{state="delivered"} 9.0' in ask(port, "/metrics")[1])
        told = ask(port, "/metrics")[1]
        assert value(told, "mailgateway_inbox_accepted_total") == 3
        assert value(told, "mailgateway_inbox_waiting") == 0
        assert value(told, "mailgateway_outbox_oldest_waiting_seconds") == 0
        assert value(told, 'mailgateway_tickets{status="waiting"}') == 3
        assert value(told, "mailgateway_database_up") == 1
        for stage, mails in (("accept", 3), ("prepare", 3), ("decide", 3), ("send", 9)):
            assert value(told, f'mailgateway_stage_seconds_count{{stage="{stage}"}}') == mails
            assert value(told, f'mailgateway_stage_seconds_sum{{stage="{stage}"}}') > 0
        assert "cliente.example" not in told
        assert ask(port, "/healthz") == (200, "alive\n")
        assert ask(port, "/readyz") == (200, "ready\n")
        assert ask(port, "/elsewhere")[0] == 404
        (tmp_path / "desk.db").rename(tmp_path / "gone.db")
        assert ask(port, "/readyz") == (503, "the database does not answer\n")
        assert ask(port, "/healthz") == (200, "alive\n")
        (tmp_path / "gone.db").rename(tmp_path / "desk.db")
        assert ask(port, "/readyz") == (200, "ready\n")


def test_without_a_database_it_still_tells_what_it_knows(small_desk: Desk) -> None:
    lost = replace(small_desk.gateway, database=Database(f"sqlite:///{small_desk.folder}/no/such/folder.db"))
    registry = CollectorRegistry()
    registry.register(Collector(lost, lambda: small_desk.now))
    told = generate_latest(registry).decode()
    assert value(told, "mailgateway_database_up") == 0
    assert value(told, 'mailgateway_stage_seconds_count{stage="send"}') == 0
    assert not lost.database.answers()


def test_a_mailbox_that_fails_is_told(small_desk: Desk) -> None:
    watched = replace(small_desk.gateway, watch=Watch(["suporte"]))
    registry = CollectorRegistry()
    registry.register(Collector(watched, lambda: small_desk.now))
    watched.watch.mailbox("suporte", 1_700_000_000.0, fails=False)
    watched.watch.mailbox("suporte", 1_700_000_060.0, fails=True)
    told = generate_latest(registry).decode()
    assert value(told, 'mailgateway_mailbox_failing{mailbox="suporte"}') == 1
    assert value(told, 'mailgateway_mailbox_read_timestamp_seconds{mailbox="suporte"}') == 1.7e9


def test_a_smart_host_that_is_away_is_told_until_it_takes_a_mail(small_desk: Desk) -> None:
    desk = small_desk
    registry = CollectorRegistry()
    registry.register(Collector(desk.gateway, lambda: desk.now))
    desk.send(JOAO)

    def health(send: deliver.Send, **later: int) -> tuple[float, float]:
        desk.now += timedelta(**later)
        deliver.drain(desk.gateway, send, lambda: desk.now)
        told = generate_latest(registry).decode()
        return value(told, "mailgateway_smart_host_failing"), value(
            told, "mailgateway_smart_host_sent_timestamp_seconds"
        )

    def away(*_: object) -> str:
        raise Unreachable("mx: connection refused")

    assert health(away) == (1, 0)
    assert health(lambda *_: "250 ok", hours=1) == (0, desk.now.timestamp())
    sent = desk.now.timestamp()
    desk.send(JOAO)
    assert health(away, hours=1) == (1, sent)


def test_an_answer_that_is_held_back_is_told(small_desk: Desk) -> None:
    for _ in range(4):
        small_desk.send("eva@fora.example", "#status", auth="")
    registry = CollectorRegistry()
    registry.register(Collector(small_desk.gateway, lambda: small_desk.now))
    withheld = [o for o in small_desk.out() if o.state == "withheld"]
    assert withheld
    told = generate_latest(registry).decode()
    assert value(told, 'mailgateway_outbox_mails{state="withheld"}') == len(withheld)


def test_a_child_that_hangs_is_killed_and_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives no sign of life; its parent does not wait for ever."""
    monkeypatch.setattr(supervisor, "SILENT", 0.5)
    begun = tmp_path / "begun"

    def hang(life: Life) -> None:
        life.ready()
        with begun.open("a") as file:
            file.write("x")
        time.sleep(600)

    overseer = Supervisor([Child("work", hang)])
    thread = threading.Timer(4.0, os.kill, (os.getpid(), signal.SIGTERM))
    thread.start()
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    try:
        assert overseer.run(lambda: None)
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])
    assert len(begun.read_text()) >= 3
