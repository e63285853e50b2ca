"""Plays the story of `demo`: sends each mail, waits for what must come of it, shows what was caught."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from mailgateway import app, config
from mailgateway.cli import demo_pages, shown_ticket
from mailgateway.cli.demo_pages import Check
from mailgateway.cli.demo_story import QUEUE, STEPS, Step, config_text, write
from mailgateway.config import SmtpSender
from mailgateway.core.people import Person
from mailgateway.core.tickets import Ticket
from mailgateway.edges.sink import Caught
from mailgateway.edges.smtp_sender import Sender
from mailgateway.mail.parse import parse
from mailgateway.store import inbox, outbox, tickets
from mailgateway.store.people import Known

PATIENCE = 15.0  # seconds for one step; it takes half a second


@dataclass(frozen=True, slots=True)
class _State:
    """What the database says after a step."""

    ticket: Ticket | None
    heard: frozenset[tuple[str, str]]  # who was sent which mail in this step
    settled: bool  # nothing waits to be processed or sent


class Stage:
    """The gateway of the demo, and every mail that left it."""

    def __init__(self, folder: Path, language: str, port: int) -> None:
        self.folder, self.language, self.port = folder, language, port
        self.caught: list[Caught] = []
        self._live = False  # show mails as they come
        self._lock = threading.Lock()
        self._seen = 0  # the newest outbox row of the steps before

    def catch(self, mail: Caught) -> None:
        """Keep a mail that left the gateway, and a copy of it in the folder."""
        with self._lock:
            self.caught.append(mail)
            place = self.folder / "mails"
            place.mkdir(exist_ok=True)
            (place / f"{len(self.caught):03d}-{mail.to[0]}.eml").write_bytes(mail.raw)
            if self._live:
                demo_pages.letter(mail)

    def prepare(self, secret: str, sink: int) -> Path:
        """Write the configuration and create the database; returns the configuration's path."""
        path = self.folder / "mailgateway.toml"
        path.write_text(config_text(self.language, secret, self.port, sink), encoding="utf-8")
        self.gateway = app.open_gateway(config.load(path, {}))
        self._sender = Sender(SmtpSender(port=self.port))
        return path

    def close(self) -> None:
        """Hang up and close the database."""
        self._sender.close()
        self.gateway.database.close()

    def play(self) -> bool:
        """The whole story; whether every step had its effect."""
        demo_pages.opening(self.port)
        checks: list[Check] = []
        for number, step in enumerate(STEPS, 1):
            checks += self._step(number, step)
            if not all(c.passed for c in checks):
                break
        self._show_history()
        checks += self._last_checks()
        demo_pages.checklist(checks)
        return all(c.passed for c in checks)

    def _step(self, number: int, step: Step) -> list[Check]:
        raw = write(step, self._find, self.gateway.phrases.labels(self.language), app.now())
        mail, before = parse(raw), len(self.caught)
        demo_pages.step(number, step.title, mail)
        self._sender.send(step.by.email, mail.to[0].email, raw)
        state = self._settled(step)
        for letter in sorted(self.caught[before:], key=self._place):
            demo_pages.letter(letter)
        status = state.ticket.status if state.ticket else None
        demo_pages.status(status)
        self._seen = self._newest()
        missing = sorted(f"{notice} to {email}" for email, notice in step.hear - state.heard)
        extra = sorted(f"{notice} to {email}" for email, notice in state.heard - step.hear)
        wrong = [*(f"missing: {m}" for m in missing), *(f"not expected: {e}" for e in extra)]
        return [
            Check(f"step {number}: the ticket is {step.status.replace('_', ' ')}", status is step.status, str(status)),
            Check(f"step {number}: {_count(len(step.hear))} to whom it concerns", not wrong, "; ".join(wrong)),
        ]

    def _find(self, person: Person, notice: str) -> bytes:
        """The newest mail of that notice that was caught for that person."""
        with self.gateway.database.read() as connection:
            rows = outbox.page(connection, limit=None, after=None, newest_first=True)
        ids = {r.message_id for r in rows if r.notice == notice and r.to == person.email}
        return next(m.raw for m in reversed(self.caught) if person.email in m.to and parse(m.raw).message_id in ids)

    def _place(self, letter: Caught) -> int:
        """Where a mail stands in the outbox: several connections deliver in any order."""
        with self.gateway.database.read() as connection:
            rows = outbox.returned(connection, [], [parse(letter.raw).message_id])
        return rows[0].id if rows else 0

    def _settled(self, step: Step) -> _State:
        until = time.monotonic() + PATIENCE
        while True:
            state = self._state()
            done = state.settled and state.ticket and state.ticket.status is step.status and state.heard >= step.hear
            if done or time.monotonic() > until:
                return state
            time.sleep(0.05)

    def _state(self) -> _State:
        with self.gateway.database.read() as connection:
            known = Known()
            ticket = tickets.load(connection, [1], known).get(1)
            rows = outbox.page(connection, limit=None, after=self._seen, newest_first=False)
            waiting = inbox.waiting(connection)
        sent = frozenset((r.to, r.notice) for r in rows if r.state == "delivered")
        return _State(ticket, sent, settled=not waiting and all(r.state == "delivered" for r in rows))

    def _newest(self) -> int:
        with self.gateway.database.read() as connection:
            rows = outbox.page(connection, limit=1, after=None, newest_first=True)
        return rows[0].id if rows else 0

    def _show_history(self) -> None:
        with self.gateway.database.read() as connection:
            shown = shown_ticket.load(connection, self.gateway, 1, None, app.now())
        demo_pages.history(shown, ZoneInfo(self.gateway.settings.gateway.timezone))

    def _last_checks(self) -> list[Check]:
        with self.gateway.database.read() as connection:
            accepted, waiting, outcomes = inbox.stats(connection)
            rows = outbox.page(connection, limit=None, after=None, newest_first=False)
            ticket = shown_ticket.load(connection, self.gateway, 1, None, app.now())
        arrived = {parse(m.raw).message_id for m in self.caught}
        rating = ticket["rating"]
        ended = ", ".join(f"{n} {outcome}" for outcome, n in outcomes.items() if n)
        return [
            Check("the rating is 5", bool(rating) and rating["score"] == 5, str(rating)),
            Check("the photo is kept as evidence", len(ticket["evidence"]) == 1, str(ticket["evidence"])),
            Check(
                f"every accepted mail has its outcome: {accepted} accepted = {ended}",
                accepted == waiting + sum(outcomes.values()) and not waiting,
                f"{waiting} waiting",
            ),
            Check(
                f"all {len(rows)} mails reached the mail server, each once",
                len(self.caught) == len(rows) and arrived == {r.message_id for r in rows},
                f"{len(self.caught)} caught",
            ),
        ]

    def stay(self, path: Path) -> None:
        """Go on until Ctrl-C, showing each mail that leaves."""
        demo_pages.stay(path, self.port, QUEUE)
        self._live = True
        while True:
            time.sleep(1.0)


def _count(mails: int) -> str:
    return "1 mail" if mails == 1 else f"{mails} mails"
