"""Reply addresses: what we signed is read, what was altered is not."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core import keys

SECRET, OLDER, OTHERS = "a" * 32, "b" * 32, "c" * 32
QUEUE = "suporte@example.com"
ids = st.integers(1, 10**18 - 1)


@given(ids, st.sampled_from(["plus", "domain"]))
def test_an_address_of_ours_is_read_also_in_capitals_and_with_an_older_secret(key_id: int, style: str) -> None:
    made = keys.address(key_id, QUEUE, OLDER, style)
    for written in (made, made.upper()):
        assert keys.read(written, (SECRET, OLDER)) == key_id
        assert keys.read(written, (SECRET,)) is None
    assert keys.hidden(made) == QUEUE


@given(ids, st.data())
def test_no_altered_address_verifies(key_id: int, data: st.DataObject) -> None:
    made = keys.address(key_id, QUEUE, SECRET)
    start, end = made.index("+"), made.index("@")
    place = data.draw(st.integers(start + 1, end - 1))
    letter = data.draw(st.one_of(st.sampled_from(string.ascii_lowercase + string.digits + ".-+"), st.characters()))
    kind = data.draw(st.sampled_from(["replace", "insert", "drop"]))
    cut = made[place + (kind != "insert") :]
    altered = made[:place] + ("" if kind == "drop" else letter) + cut
    if not re.search(f"[+-]{re.escape(made[start + 1 :])}", altered.lower()):  # what stands before is not signed
        assert keys.read(altered, (SECRET, OLDER)) != key_id


@pytest.mark.parametrize("change", [("+12.", "+012."), ("+12.", "+١٢."), ("+12.", "+13."), ("+12.", "+b12.")])
def test_a_number_has_one_spelling(change: tuple[str, str]) -> None:
    made = keys.address(12, QUEUE, SECRET)
    assert keys.read(made.replace(*change), (SECRET,)) is None


@given(st.text(max_size=60))
def test_no_text_makes_reading_raise(text: str) -> None:
    for read in (keys.read, keys.read_bounce, keys.read_root):
        assert read(text, (SECRET,)) is None
        assert read(f"suporte+12.{text:a<16.16}@example.com", (SECRET,)) is None


def test_a_letter_that_only_looks_like_ours_is_no_key_and_raises_nothing() -> None:
    for twin in ("ſ", "K", "İ"):  # these fold to s, k and i, but are none
        assert keys.read(f"suporte+12.{twin}{'a' * 15}@example.com", (SECRET,)) is None
        assert keys.read_root(f"<t12.{twin}{'a' * 15}@example.com>", (SECRET,)) is None


@given(ids)
def test_what_is_signed_for_one_use_serves_no_other(key_id: int) -> None:
    reply, bounce = keys.address(key_id, QUEUE, SECRET), keys.bounce_address(key_id, QUEUE, SECRET)
    root = keys.root_id(key_id, "example.com", SECRET)
    assert keys.read_bounce(bounce, (SECRET,)) == keys.read_root(root, (SECRET,)) == key_id
    assert keys.read(bounce, (SECRET,)) is None
    assert keys.read_bounce(reply, (SECRET,)) is None
    mac = reply.partition(".")[2].partition("@")[0]
    assert keys.read_root(f"<t{key_id}.{mac}@example.com>", (SECRET,)) is None
    assert keys.read(f"suporte+{key_id}.{root.partition('.')[2].partition('@')[0]}@example.com", (SECRET,)) is None
    assert keys.read(reply, (OTHERS,)) is None


@given(ids, ids)
def test_the_mac_of_one_row_opens_no_other(one: int, other: int) -> None:
    if one != other:
        assert keys.sign(SECRET, one) != keys.sign(SECRET, other)


def test_a_queue_without_reply_addresses_has_no_key() -> None:
    assert keys.address(12, QUEUE, SECRET, "none") == QUEUE
    assert keys.read(QUEUE, (SECRET,)) is None


def test_a_text_is_shown_without_its_keys_and_otherwise_as_it_is() -> None:
    text = f"Responda a {keys.address(12, QUEUE, SECRET)} ou a {keys.bounce_address(7, QUEUE, SECRET)}; 2+2=4"
    assert keys.hidden(text) == f"Responda a {QUEUE} ou a {QUEUE}; 2+2=4"
