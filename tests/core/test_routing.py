"""Threading: four rules in their order, and what an altered reference falls to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailgateway.core import keys
from mailgateway.core.keys import Key, Purpose
from mailgateway.core.messages import Envelope, Mail
from mailgateway.core.people import Mailbox
from mailgateway.core.queues import House
from mailgateway.core.routing import Held, Route, references, route
from tests.core.cast import DESK, SHOP, SONIA, STRANGER

SECRET, OLDER = "a" * 32, "b" * 32
HOUSE = House((DESK, SHOP), "example.com")
QUEUE = "suporte@example.com"
MINE, THEIRS, PAGE = (
    Key(1, SONIA.id, 11, Purpose.TALK),
    Key(2, STRANGER.id, 12, Purpose.TALK),
    Key(3, SONIA.id, None, Purpose.PAGE),
)
HELD = Held({1: MINE, 2: THEIRS, 3: PAGE}, {"<ours@x>": 13}, {"<held@x>": 14}, frozenset(range(11, 17)))
ROOT = keys.root_id(16, "example.com", SECRET)


def address(key_id: int, secret: str = SECRET) -> str:
    return keys.address(key_id, QUEUE, secret)


def altered(text: str) -> str:
    """The same with one letter of its MAC changed."""
    place = text.index(".") + 1
    return text[:place] + ("b" if text[place] == "a" else "a") + text[place + 1 :]


def found(mail: Mail, envelope: Envelope | None = None, held: Held = HELD) -> Route:
    refs = references(mail, envelope or Envelope("smtp"), HOUSE, (SECRET, OLDER))
    return route(refs, held, SONIA)


def mail(*to: str, **more: Any) -> Mail:
    return Mail(to=tuple(Mailbox("", a) for a in to or (QUEUE,)), **more)


EVERY_RULE = mail(address(1), references=("<held@x>", "<ours@x>"), subject="Re: [#15] Impressora")


@pytest.mark.parametrize(
    ("left", "ticket", "why", "thread"),
    [
        (EVERY_RULE, 11, "by_key", True),
        (replace(EVERY_RULE, to=mail(altered(address(1))).to), 13, "by_our_id", True),
        (replace(EVERY_RULE, to=(), references=("<held@x>",)), 14, "by_held_id", True),
        (replace(EVERY_RULE, to=(), references=()), 15, "by_number", False),
        (mail(), None, "no_reference", False),
        (mail(altered(address(1)), references=(altered(ROOT), "<unknown@x>")), None, "no_reference", False),
        (mail(subject="[#99] nada"), None, "no_reference", False),
    ],
)
def test_the_first_rule_that_finds_a_ticket_counts(left: Mail, ticket: int | None, why: str, thread: bool) -> None:
    route_ = found(left)
    assert (route_.ticket, route_.why, route_.thread) == (ticket, why, thread)
    assert route_.key == (MINE if why == "by_key" else None)


@pytest.mark.parametrize(
    ("written", "envelope"),
    [
        (mail(address(1)), None),
        (mail(cc=(Mailbox("", address(1)),)), None),
        (mail(delivered_to=(address(1),)), None),
        (mail(), Envelope("smtp", rcpt_to=(address(1),))),
        (mail(address(1).upper()), None),
        (mail(address(1, OLDER)), None),
        (mail(keys.address(1, QUEUE, SECRET, "domain")), None),
    ],
)
def test_a_reply_address_is_read_wherever_a_mail_names_its_recipients(written: Mail, envelope: Envelope | None) -> None:
    assert found(written, envelope).key == MINE


def test_ones_own_key_comes_before_somebody_elses() -> None:
    both = mail(address(2), address(1))
    assert found(both).key == MINE
    assert route(references(both, Envelope("smtp"), HOUSE, (SECRET,)), HELD, STRANGER).key == THEIRS
    assert found(mail(address(2))).key == THEIRS


def test_a_key_whose_row_is_gone_falls_to_the_next_rule() -> None:
    assert found(mail(address(77), references=("<held@x>",))).why == "by_held_id"


@pytest.mark.parametrize("secret", [SECRET, OLDER])
def test_the_signed_root_id_leads_home_without_a_mail_that_we_hold(secret: str) -> None:
    root = keys.root_id(16, "example.com", secret)
    assert found(mail(references=(root, "<unknown@x>"))) == Route(16, "by_our_id", thread=True)


def test_a_root_id_of_a_ticket_that_is_gone_falls_to_the_next_rule() -> None:
    gone = keys.root_id(99, "example.com", SECRET)
    assert found(mail(references=(gone, "<held@x>"))).why == "by_held_id"


def test_the_newest_reference_counts_first() -> None:
    held = replace(HELD, received={"<old@x>": 11, "<new@x>": 12})
    assert found(mail(references=("<old@x>", "<new@x>")), held=held).ticket == 12


def test_what_was_merged_leads_on_and_its_key_opens_nothing_there() -> None:
    held = replace(HELD, merged={11: 12, 12: 15, 13: 15, 14: 14})
    assert found(mail(address(1)), held=held) == Route(15, "by_key", thread=True)
    assert found(mail(references=("<ours@x>",)), held=held) == Route(15, "by_our_id", thread=True)
    assert found(mail(references=("<held@x>",)), held=held).ticket == 14
    assert found(mail(subject="[#13] nada"), held=held) == Route(15, "by_number")


def test_the_queues_are_those_in_to_and_cc_and_else_of_the_envelope() -> None:
    shop = "compras@example.com"
    for written, envelope, queues in (
        (mail(shop, cc=(Mailbox("", QUEUE),)), Envelope("smtp", rcpt_to=(QUEUE,)), (SHOP, DESK)),
        (mail("x@elsewhere.example"), Envelope("smtp", rcpt_to=(QUEUE,)), (DESK,)),
        (mail("x@elsewhere.example", delivered_to=(shop,)), Envelope("smtp"), (SHOP,)),
        (mail("suporte+anything@example.com"), Envelope("smtp"), (DESK,)),
        (mail("x@elsewhere.example"), Envelope("smtp"), ()),
    ):
        assert references(written, envelope, HOUSE, (SECRET,)).queues == queues
