"""The whole service is killed, again and again, while mails come in. Afterwards everything is counted."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import smtplib
import subprocess
import time
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from mailgateway.edges.sink import Caught, Sink
from tests.whole.test_serve import PROGRAM, Service, eventually, free_port, write_config

KILLS = 6


def _start(config: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start `serve` as the head of a process group, so that nothing of it survives a kill."""
    with log.open("ab") as out:
        return subprocess.Popen([*PROGRAM, "-c", str(config), "serve"], stderr=out, stdout=out, start_new_session=True)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _ready(process: subprocess.Popen[bytes], log: Path, starts: int) -> None:
    eventually(lambda: log.read_text().count("serve: ready") >= starts or process.poll() is not None)
    assert process.poll() is None, log.read_text()


def test_killed_at_any_moment_it_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    caught: list[Caught] = []
    sink, port, log = Sink(caught.append), free_port(), tmp_path / "serve.log"
    config = write_config(tmp_path, port, sink.port)
    log.touch()
    dice, accepted, number = random.Random(7), list[int](), 0
    process = _start(config, log)
    try:
        for starts in range(1, KILLS + 1):
            _ready(process, log, starts)
            until = time.monotonic() + dice.uniform(0.1, 0.8)
            service = Service(tmp_path, port, caught, process)
            while time.monotonic() < until:
                number += 1
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    service.send(number)
                    accepted.append(number)
            _kill(process)
            process = _start(config, log)
        _ready(process, log, KILLS + 1)
        service = Service(tmp_path, port, caught, process)
        eventually(lambda: not service.stats()["waiting"], within=60)
        eventually(lambda: _all_left(service), within=60)
        _count(service, accepted, caught)
    finally:
        _kill(process)
        sink.stop()


def _all_left(service: Service) -> bool:
    """One sender gets three answers in ten minutes; the others are withheld, for all to see."""
    return all(row["state"] in ("delivered", "withheld") for row in service.say("outbox", "list"))


def _count(service: Service, accepted: list[int], caught: list[Caught]) -> None:
    """Every mail that got a 250 is one ticket; every owed mail left; repeats are the same bytes."""
    assert len(accepted) > KILLS, "the service took too few mails for this to say anything"
    stats: dict[str, Any] = service.stats()
    assert stats["accepted"] == stats["waiting"] + sum(stats["outcomes"].values())
    assert stats["outcomes"]["quarantined"] == 0
    subjects = Counter(ticket["subject"] for ticket in service.say("tickets", "list"))
    assert {f"n{number}" for number in accepted} <= set(subjects), "an accepted mail has no ticket"
    assert max(subjects.values()) == 1, "a mail opened two tickets"
    owed = {row["message_id"] for row in service.say("outbox", "list") if row["state"] == "delivered"}
    ids = [BytesHeaderParser().parsebytes(mail.raw)["Message-ID"] for mail in caught]
    assert set(ids) == owed, "an owed mail did not leave, or one left that is not owed"
    for message_id, times in Counter(ids).items():
        if times > 1:  # a kill between the host's 250 and our commit: the same bytes again
            same = {mail.raw for mail, i in zip(caught, ids, strict=True) if i == message_id}
            assert len(same) == 1
