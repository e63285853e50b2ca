"""What an administrator's monitoring asks: `/metrics` for Prometheus, `/healthz`, `/readyz`.

Depths and ages come from the database, so every host tells the same; the rest is of this host.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.core import (
    CollectorRegistry,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from mailgateway.core.errors import GatewayError
from mailgateway.edges.supervisor import LOOK, Life
from mailgateway.steps.context import Gateway
from mailgateway.steps.watch import BUCKETS, STAGES
from mailgateway.store import census

log = logging.getLogger(__name__)

#: What keeps this host from being ready, a sentence each; nothing where all is well.
Trouble = Callable[[], list[str]]
Now = Callable[[], datetime]


class Collector:
    """All that is told, made anew for each question."""

    def __init__(self, gateway: Gateway, now: Now) -> None:
        self._gateway, self._now = gateway, now

    def collect(self) -> Iterator[Metric]:
        """The metrics; where the database is away, those of this host alone."""
        try:
            with self._gateway.database.read() as connection:
                counted = census.take(connection, self._now())
        except GatewayError:
            yield GaugeMetricFamily("mailgateway_database_up", "Whether the database answers.", 0)
        else:
            yield GaugeMetricFamily("mailgateway_database_up", "Whether the database answers.", 1)
            yield from _counted(counted)
        yield from self._seconds()
        yield from self._mailboxes()
        yield from self._smart_host()

    def _seconds(self) -> Iterator[Metric]:
        told = HistogramMetricFamily(
            "mailgateway_stage_seconds", "Seconds that one mail takes to get through a stage.", labels=["stage"]
        )
        for stage in STAGES:
            counts, total = self._gateway.watch.seconds(stage)
            upto = [sum(counts[: i + 1]) for i in range(len(counts))]
            bounds = [*map(str, BUCKETS), "+Inf"]
            told.add_metric([stage], list(zip(bounds, upto, strict=True)), total)
        yield told

    def _mailboxes(self) -> Iterator[Metric]:
        last = GaugeMetricFamily(
            "mailgateway_mailbox_read_timestamp_seconds", "When it was last read without trouble.", labels=["mailbox"]
        )
        failing = GaugeMetricFamily("mailgateway_mailbox_failing", "Whether it cannot be read.", labels=["mailbox"])
        for name, health in self._gateway.watch.mailboxes().items():
            last.add_metric([name], health.last_ok)
            failing.add_metric([name], health.failing_since > 0)
        yield from (last, failing)

    def _smart_host(self) -> Iterator[Metric]:
        health = self._gateway.watch.sender()
        for name, about, value in (
            ("mailgateway_smart_host_sent_timestamp_seconds", "When it last took a mail.", health.last_ok),
            ("mailgateway_smart_host_failing", "Whether it lets nobody in.", health.failing_since > 0),
        ):
            yield GaugeMetricFamily(name, about, value)


def _counted(counted: census.Census) -> Iterator[Metric]:
    yield CounterMetricFamily("mailgateway_inbox_accepted", "Mails accepted.", counted.accepted)
    for name, about, label, values in (
        ("mailgateway_inbox_done", "Accepted mails by what became of them.", "outcome", counted.outcomes),
        ("mailgateway_outbox_mails", "Mails of ours; withheld: answers held back.", "state", counted.outbox),
        ("mailgateway_tickets", "Tickets by status.", "status", counted.tickets),
    ):
        metric = GaugeMetricFamily(name, about, labels=[label])
        for key, n in values.items():
            metric.add_metric([key], n)
        yield metric
    for name, about, value in (
        ("mailgateway_inbox_waiting", "Accepted mails without an outcome.", counted.waiting),
        ("mailgateway_inbox_oldest_waiting_seconds", "Age of the oldest of them.", counted.inbox_age),
        ("mailgateway_outbox_oldest_waiting_seconds", "Age of the oldest mail that is owed.", counted.outbox_age),
    ):
        yield GaugeMetricFamily(name, about, value)


def serve(gateway: Gateway, address: tuple[str, int], trouble: Trouble, life: Life, now: Now) -> None:
    """Answer until the end."""
    registry = CollectorRegistry()
    registry.register(Collector(gateway, now))

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds that a client may be silent
        server_version, sys_version = "mailgateway", ""

        def do_GET(self) -> None:
            match self.path.partition("?")[0]:
                case "/metrics":
                    self._say(200, generate_latest(registry), CONTENT_TYPE_LATEST)
                case "/healthz":
                    self._say(200, b"alive\n")
                case "/readyz":
                    found = trouble()
                    self._say(503 if found else 200, ("\n".join(found) or "ready").encode() + b"\n")
                case _:
                    self._say(404, b"/metrics, /healthz, /readyz\n")

        def _say(self, code: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Who asks how we are is no event."""

    with ThreadingHTTPServer(address, Handler) as server:
        server.daemon_threads, server.timeout = True, LOOK
        log.info("metrics on port %d", server.server_port)
        life.ready()
        while not life.over():
            server.handle_request()
