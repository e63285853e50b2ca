"""Addresses and address lists: what is one, what is none, and what must never be taken for one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.core.people import Mailbox
from mailgateway.mail.addresses import MOST, bare, normal, parse_list, why_invalid


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Ana@Example.COM", "ana@example.com"),
        (" ana@example.com ", "ana@example.com"),
        ("ana@exämple.com", "ana@xn--exmple-cua.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("suporte+12.abcdefghijklmnop@desk.example.com", "suporte+12.abcdefghijklmnop@desk.example.com"),
        ("ana@servidor.local", "ana@servidor.local"),
        ("carlos@aurora", None),
        ("carlos", None),
        ("a@b@example.com", None),
        ("ana@example..com", None),
        ("ana @example.com", None),
        ("x" * 65 + "@example.com", None),
        ("", None),
    ],
)
def test_addresses_are_equal_in_normal_form(written: str, expected: str | None) -> None:
    assert normal(written) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ana@example.com", ""),
        ("", "empty"),
        ("fulano", "no_at"),
        ("a@b@c.com", "several_at"),
        ("ana maria@example.com", "blank"),
        ("@example.com", "no_local"),
        ("ana@", "no_domain"),
        ("carlos@aurora", "no_domain_end"),
        ("Carlos <carlos@aurora>", "no_domain_end"),
        ("x" * 65 + "@example.com", "too_long"),
        ("ana@-example.com", "syntax"),
    ],
)
def test_a_bad_address_says_why(text: str, code: str) -> None:
    assert why_invalid(text) == code


def test_bare_takes_what_stands_in_brackets() -> None:
    assert bare('"A <x@y.com>" <ana@example.com>') == "ana@example.com"
    assert bare(" ana@example.com ") == "ana@example.com"


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        ("Ana <ana@x.com>", [("Ana", "ana@x.com")]),
        ("ana@x.com (Ana Maria)", [("Ana Maria", "ana@x.com")]),
        ('"Silva, Ana" <ana@x.com>, bia@x.com', [("Silva, Ana", "ana@x.com"), ("", "bia@x.com")]),
        ("Equipe: ana@x.com, Bia <bia@x.com>;", [("", "ana@x.com"), ("Bia", "bia@x.com")]),
        ("undisclosed-recipients:;", []),
        ("ana@x.com; bia@x.com", [("", "ana@x.com"), ("", "bia@x.com")]),
        ("=?utf-8?Q?Jo=C3=A3o?= <j@x.com>", [("João", "j@x.com")]),
        ("=?utf-8?Q?Jo=C3?= =?utf-8?Q?=A3o?= <j@x.com>", [("João", "j@x.com")]),
        ("=?x-bad?Q?Jo=E3o?= <j@x.com>", [("João", "j@x.com")]),
        ("=?utf-8?Q?evil=40x.com=2C?= <j@x.com>", [("evil@x.com,", "j@x.com")]),
        ('"presidente@banco.com" <ladrao@x.com>', [("presidente@banco.com", "ladrao@x.com")]),
        ('"<presidente@banco.com>" <ladrao@x.com>', [("<presidente@banco.com>", "ladrao@x.com")]),
        ("presidente@banco.com <ladrao@x.com>", [("presidente@banco.com", "ladrao@x.com")]),
        ("(presidente@banco.com) ladrao@x.com", [("presidente@banco.com", "ladrao@x.com")]),
        ('"Ana <ana@x.com>, bia@x.com', [("Ana", "ana@x.com"), ("", "bia@x.com")]),
        ("<@relay.com:ana@x.com>", [("", "ana@x.com")]),
        ("<mailto:ana@x.com>", [("", "ana@x.com")]),
        ("Ana <ana@x.com", [("Ana", "ana@x.com")]),
        ("Ana (chefe <ana@x.com>", [("Ana chefe", "ana@x.com")]),
        ("Silva, Ana <ana@x.com>, bia@x.com", [("Silva, Ana", "ana@x.com"), ("", "bia@x.com")]),
        ("Silva, Ana & Cia, Ltda <ana@x.com>", [("Silva, Ana & Cia, Ltda", "ana@x.com")]),
        ("<<ana@x.com>>", [("", "ana@x.com")]),
        ("Ana <ana @x.com>", [("Ana", "ana@x.com")]),
        ("Ana [ana@x.com]", [("Ana", "ana@x.com")]),
        ('"Ana Maria" ana@x.com', [("Ana Maria", "ana@x.com")]),
    ],
)
def test_lists_as_programs_write_them(value: str, mailboxes: list[tuple[str, str]]) -> None:
    found, invalid = parse_list([value])
    assert found == tuple(Mailbox(*m) for m in mailboxes)
    assert invalid == ()


def test_what_is_no_address_is_named() -> None:
    found, invalid = parse_list(["carlos@aurora, Bia <bia@x.com>, fulano", '"ana@x.com"'])
    assert [m.email for m in found] == ["bia@x.com"]
    assert invalid == ("carlos@aurora", "fulano", '"ana@x.com"')
    assert parse_list(["fulano; Bia <bia@x.com>"])[1] == ("fulano",)


def test_two_addresses_in_one_entry_are_both_seen() -> None:
    found, _ = parse_list(["Chefe <chefe@x.com> <ladrao@y.com>"])
    assert [m.email for m in found] == ["chefe@x.com", "ladrao@y.com"]


@pytest.mark.parametrize(
    "pattern", ["a@b.com, ", '"', '"\\', "(", ")", "<", "<a@b.com>", "é@x.com,", ":", "a ", '"a" <']
)
def test_a_hostile_list_takes_linear_time(pattern: str) -> None:
    value = (pattern * 200_000)[:200_000]
    start = time.process_time()
    parse_list([value])
    assert time.process_time() - start < 2  # 0.5 s on a quiet machine


def test_a_name_of_many_halves_takes_linear_time() -> None:
    start = time.process_time()
    mailboxes, _ = parse_list(["a," * 250_000 + "b <a@x.com>"])
    assert [mailbox.email for mailbox in mailboxes] == ["a@x.com"]
    assert time.process_time() - start < 6  # 15 s where each half moves all the others


def test_a_list_has_an_end_also_where_no_comma_parts_it() -> None:
    mailboxes, _ = parse_list(["Ana <a@x.com>" * 3000])
    assert len(mailboxes) == MOST


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    mailboxes, _ = parse_list([text])
    assert all(normal(m.email) == m.email for m in mailboxes)
    assert bool(why_invalid(text)) == (normal(bare(text)) is None)
