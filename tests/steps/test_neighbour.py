"""Nobody is bombed by way of us: a thousand forged senders, and what each of them would have brought about."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from mailgateway.core.messages import Envelope
from tests.desk import ANA, BIA, JOAO, QUEUE, Desk

EVA = "eva@fora.example"
FORGERS = 1000
STAFF = frozenset({ANA, "caio@aurora.example"})


def flood(desk: Desk, author: str, peer: str = "", count: int = FORGERS, auth: str = "", cc: str = "") -> Counter[str]:
    """So many mails, `{}` being the number of each, by these hosts; how many mails went to whom outside."""
    waits = []
    for n in range(count):
        raw = desk.mail(author.format(n), f"Lixo {n}", auth=auth, cc=cc.format(n))
        envelope = Envelope("smtp" if peer else "pipe", "x@y.example", (QUEUE,), peer.format(n % 250))
        waits.append(desk.receiver.submit(raw, envelope))
    assert all(wait.result(60) for wait in waits)
    desk.process()
    return Counter(o.to for o in desk.out() if o.state == "waiting" and o.to not in STAFF)


def test_a_thousand_forged_senders_of_a_thousand_domains_bring_about_two_hundred_answers_an_hour(
    small_desk: Desk,
) -> None:
    told = flood(small_desk, "alvo@casa{}.example")
    assert sum(told.values()) == 200
    assert set(told.values()) == {1}
    assert {i.outcome for i in small_desk.items()} == {"opened"}, "no ticket less"
    small_desk.send(JOAO)
    assert small_desk.last(JOAO, "ticket_opened").state == "waiting", "whoever is proven has another purse"
    small_desk.now += timedelta(hours=1)
    assert flood(small_desk, "outro@casa{}.example", count=3) == {f"outro@casa{n}.example": 1 for n in range(3)}


@pytest.mark.parametrize(
    ("author", "peer", "most"),
    [
        ("alvo@casa{}.example", "203.0.113.9", 60),  # one host
        ("alvo@casa{}.example", "2001:db8:1:2::{:x}", 60),  # one host that has many addresses
        ("alvo@casa{}.example", "203.0.113.{}", 100),  # many hosts, within what is limited for all
        ("pessoa{}@terceiro.example", "203.0.113.{}", 60),  # the people of one domain
        ("alvo@terceiro.example", "203.0.113.{}", 3),  # one of them
    ],
)
def test_limits_hold_for_a_host_for_a_domain_and_for_an_address(
    small_desk: Desk, author: str, peer: str, most: int
) -> None:
    assert sum(flood(small_desk, author, peer, 100).values()) == most


def test_an_address_is_answered_thirty_times_a_day_whoever_goes_on(small_desk: Desk) -> None:
    told = Counter[str]()
    for _ in range(24):
        told += flood(small_desk, "alvo@terceiro.example", "203.0.113.9", 4)
        small_desk.now += timedelta(minutes=59)
    assert told == {"alvo@terceiro.example": 30}


def test_whom_a_stranger_brings_is_told_by_an_agents_first_answer_where_he_was_not_before(small_desk: Desk) -> None:
    told = flood(small_desk, EVA, auth="pass", count=25, cc="pessoa{}@terceiro.example")
    assert sum(count for to, count in told.items() if to != EVA) == 20
    asked = next(o for o in small_desk._all if o.to == ANA and "[#25]" in str(o.mail["Subject"]))
    small_desk.reply(asked, "Quem é você?")
    assert [o.state for o in small_desk.out("pessoa24@terceiro.example", "commented")] == ["waiting"]


def test_colleagues_who_write_themselves_are_no_strangers(small_desk: Desk) -> None:
    small_desk.send(BIA, "Sou nova aqui.")
    told = flood(small_desk, JOAO, auth="pass", count=25, cc=BIA)
    assert told[BIA] == 25 + 1, "and the confirmation of her own"


def test_a_stranger_in_copy_hears_ten_times_a_day_and_then_once_an_hour(small_desk: Desk) -> None:
    assert flood(small_desk, EVA, auth="pass", count=15, cc="alvo@terceiro.example")["alvo@terceiro.example"] == 10
    small_desk.sweep(hours=1)
    assert [o.notice for o in small_desk.out("alvo@terceiro.example")] == ["digest"]


def test_whoever_is_held_is_not_let_go_by_a_comment_of_who_brought_him(small_desk: Desk) -> None:
    small_desk.send(EVA)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "Quem é você?")
    flood(small_desk, EVA, auth="pass", count=20, cc="pessoa{}@terceiro.example")
    his = next(o for o in small_desk._all if o.to == EVA and "[#1]" in str(o.mail["Subject"]))
    for text, cc in (("Incluo uma pessoa.", "alvo@terceiro.example"), ("Compre já.", "")):
        small_desk.reply(his, text, cc=cc)
    assert small_desk.out("alvo@terceiro.example") == []
    small_desk.reply(small_desk.last(ANA, "commented"), "Não vendemos isso.")
    assert [o.notice for o in small_desk.out("alvo@terceiro.example")] == ["commented"]
