"""The sums of `bench/corpus.py`, where a corpus lies at hand, and its judgement, which must be able to fail.

Only the sums are asserted, a little below what is reached, because the sources contradict each other about signatures,
forwards and delays.
"""

from __future__ import annotations

import pytest

from bench.corpus import CORPUS, judge_reply, results, share

with_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set MAILGATEWAY_CORPUS to its folder")


@with_corpus
def test_new_text() -> None:
    found = list(results("reply"))
    assert share(found, "reply, full") >= 0.95
    assert share(found, "reply, partial") >= 0.97


@with_corpus
def test_fields_text_and_attachments() -> None:
    found = list(results("parse"))
    assert share(found, "parse, fields") >= 0.98
    assert share(found, "parse, text") >= 0.95
    assert share(found, "parse, attachments") >= 0.99
    assert share(found, "parse, names") >= 0.98
    assert share(found, "parse, no report") == 1  # an ordinary mail is never taken for a bounce


@with_corpus
def test_reports() -> None:
    found = list(results("bounce"))
    assert share(found, "bounce, kind") >= 0.97
    assert share(found, "bounce, recipient") >= 0.98
    assert share(found, "bounce, status") >= 0.95


@with_corpus
def test_malformed_mails_are_taken_in() -> None:
    assert share(results("malformed"), "malformed") == 1


@pytest.mark.parametrize(
    ("new", "signature", "right"),
    [
        ("Parou.\nDe novo.", "-- \nAna\nRamal 12", True),  # the source keeps the signature's first two lines
        ("Parou.\nDe novo.\n-- \nAna", "Ramal 12", True),
        ("Parou.", "De novo.\n-- \nAna", True),  # at a line's end nobody can tell
        ("", "Parou.\nDe novo.\n-- \nAna", False),
        ("Parou.\nDe novo.\n-- \nAna\nRamal 12", "", False),
        ("Parou.\nDe novo.\n-- \nAna\nEm 3/2, Bia escreveu:", "", False),
        ("Parou.\nDe novo.", "", False),
    ],
)
def test_a_reply_may_differ_by_its_signature_only(new: str, signature: str, right: bool) -> None:
    case = {"signature": "kept", "expected": {"reply": "Parou.\nDe novo.\n-- \nAna"}}
    assert judge_reply(case, new, signature)[1] is right


def test_a_signature_is_no_longer_than_a_signature() -> None:
    lines = "\n".join(f"linha {i}" for i in range(30))
    case = {"signature": "kept", "expected": {"reply": f"Parou.\n{lines}"}}
    assert not judge_reply(case, "Parou.", lines)[1]


@pytest.mark.parametrize(("convention", "right"), [("removed", False), ("kept", True)])
def test_what_a_partial_reply_contains_is_not_its_signature(convention: str, right: bool) -> None:
    case = {"signature": convention, "expected": {"contains": ["De novo."]}}
    assert judge_reply(case, "Parou.", "De novo.")[1] is right
