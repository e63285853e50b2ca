"""A smart host that greylists, throttles or hangs up: the real sender and the real outbox against a real socket."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from mailgateway.steps import deliver
from tests.desk import JOAO, Desk
from tests.edges.test_smtp_sender import Host, Make, host, make

__all__ = ["host", "make"]  # fixtures
ALL = 60  # mails: twenty tickets, each told to three people


@dataclass
class Town:
    """A desk with sixty mails to send, and the host that they go by."""

    desk: Desk
    host: Host
    make: Make
    tried: list[int] = field(default_factory=list)  # recipients that were named at each drain

    def pass_by(self, minutes: int = 0) -> Counter[str]:
        """Let minutes go by, one at a time, and send what is due; what became of all mails."""
        sender = self.make()
        for _ in range(max(minutes, 1)):
            self.desk.now += timedelta(minutes=int(minutes > 0))
            before = len(self.host.said("RCPT"))
            deliver.drain(self.desk.gateway, sender.send, lambda: self.desk.now)
            self.tried.append(len(self.host.said("RCPT")) - before)
        return Counter(row.state for row in self.desk._states())


@pytest.fixture
def town(small_desk: Desk, host: Host, make: Make, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(deliver, "CLAIM", 25)  # several claims, and what holds for one is to hold for all of them
    for n in range(ALL // 3):
        small_desk.receive(small_desk.mail(JOAO, subject=f"Caso {n}"))
    small_desk.process()
    return Town(small_desk, host, make)


@pytest.mark.parametrize("reply", ["451 4.7.1 Greylisting in action, please come back later", "450 4.2.0 Greylisted"])
def test_greylisting_is_about_each_mail_and_is_asked_again_after_1_5_15_and_60_minutes(town: Town, reply: str) -> None:
    town.host.replies["RCPT"] = reply
    town.pass_by()
    assert town.host.connections <= 4, "kept, whatever was answered"
    town.pass_by(minutes=90)
    when = [minute for minute, count in enumerate(town.tried) if count]
    assert when == [0, 1, 6, 21, 81]
    assert {town.tried[minute] for minute in when} == {ALL}
    del town.host.replies["RCPT"]
    assert town.pass_by(minutes=60) == {"delivered": ALL}
    assert len(town.host.mails) == ALL


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("RCPT", "421 4.7.0 try again later, closing connection"),
        ("MAIL", "450 4.7.1 Error: too much mail from 192.0.2.1"),
        ("RCPT", "451 4.7.500 Server busy. Please try again later"),
        ("END", "454 Throttling failure: Maximum sending rate exceeded."),
        ("GREETING", "421 4.7.0 Error: too many connections from 192.0.2.1"),
    ],
)
def test_a_host_that_asks_for_patience_is_knocked_at_once_a_minute(town: Town, verb: str, reply: str) -> None:
    town.host.replies[verb] = reply
    assert town.pass_by() == {"waiting": ALL}
    assert town.host.connections == 1
    town.pass_by(minutes=10)
    assert town.host.connections == 11
    assert max(town.tried) <= 1
    assert {row.attempts for row in town.desk._states()} <= {0, 1, 2, 3}, "no mail loses its place by it"
    del town.host.replies[verb]
    assert town.pass_by(minutes=16) == {"delivered": ALL}


def test_a_host_that_hangs_up_in_the_middle_has_what_it_took_and_the_rest_a_minute_later(town: Town) -> None:
    answers = iter(["250 ok"] * 20)
    town.host.replies["RCPT"] = lambda: next(answers, "421 4.7.0 enough for now")
    assert town.pass_by() == {"delivered": 20, "waiting": ALL - 20}
    assert town.tried[0] <= 24, "four threads may have been on their way"
    town.host.replies["RCPT"] = "250 ok"
    town.pass_by(minutes=1)
    assert town.pass_by(minutes=5) == {"delivered": ALL}
    assert len(town.host.mails) == len(set(town.host.mails)) == ALL


def test_one_mail_at_which_a_host_always_hangs_up_holds_up_the_others_for_two_minutes(town: Town) -> None:
    first = f"TO:<{town.desk._states()[0].to}>"
    town.host.replies["RCPT"] = lambda: (
        "421 closing" if first in town.host.commands[-1] and not town.host.mails else "250 ok"
    )
    assert town.pass_by() == {"waiting": ALL}
    assert town.pass_by(minutes=2) == {"delivered": ALL - 1, "waiting": 1}


def test_a_host_that_only_wants_less_is_given_up_later_than_one_that_says_no(town: Town) -> None:
    town.desk.now += timedelta(days=6)
    town.host.replies["RCPT"] = "421 4.7.0 later"
    assert town.pass_by() == {"waiting": ALL}
    town.host.replies["RCPT"] = "451 4.7.1 later"
    assert town.pass_by(minutes=1)["failed"] > 0


def test_one_recipients_rate_is_no_reason_to_keep_the_others_waiting(town: Town) -> None:
    slow = "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery"
    town.host.replies["RCPT"] = lambda: slow if JOAO in town.host.commands[-1] else "250 ok"
    assert town.pass_by() == {"delivered": 2 * ALL // 3, "waiting": ALL // 3}
