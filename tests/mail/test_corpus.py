"""Scores on a corpus of real mails, where one lies at hand: results stated by the tests of other projects.

The corpus is no part of this repository: `MAILGATEWAY_CORPUS` names its folder. Only the sums are asserted, a little
below what is reached, because the sources contradict each other about signatures, forwards and delays.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgateway.core.messages import Mail
from mailgateway.mail.html import to_text
from mailgateway.mail.newtext import MARKERS, split
from mailgateway.mail.parse import parse

CORPUS = Path(os.environ.get("MAILGATEWAY_CORPUS") or Path(__file__).resolve().parents[3] / "shared" / "corpus")
Case = dict[str, Any]

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus: set MAILGATEWAY_CORPUS to its folder")


def cases(name: str) -> Iterator[tuple[Case, bytes]]:
    for line in (CORPUS / name / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        yield case, (CORPUS / name / case["file"]).read_bytes()


def share(results: list[bool]) -> float:
    return sum(results) / len(results)


def squeezed(text: str) -> str:
    return " ".join(text.split())


# --- reply -----------------------------------------------------------------------------------------------------------


def body_of(case: Case, raw: bytes) -> tuple[str, str]:
    if case["format"] == "eml":
        mail = parse(raw)
        return mail.text, mail.html
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n")
    return (to_text(text), text) if case["format"] == "html" else (text, "")


def is_right_reply(case: Case, raw: bytes) -> bool:
    delimiter = case.get("delimiter") or case["expected"].get("delimiter")
    markers = [delimiter] if isinstance(delimiter, str) else delimiter or MARKERS
    parts = split(*body_of(case, raw), is_reply=True, markers=markers)
    expected, signed = case["expected"], parts.new + "\n" + parts.signature
    if "reply" in expected:  # where the signature is cut is each source's own convention
        wanted, new, whole = (re.sub(r"\s", "", text) for text in (expected["reply"], parts.new, signed))
        return wanted.startswith(new) and whole.startswith(wanted)
    return all(squeezed(text) in squeezed(signed) for text in expected.get("contains", ())) and not any(
        squeezed(text) in squeezed(parts.new) for text in expected.get("not_contains", ())
    )


def test_new_text() -> None:
    stated = [(case, is_right_reply(case, raw)) for case, raw in cases("reply")]
    assert share([right for case, right in stated if "reply" in case["expected"]]) >= 0.92
    assert share([right for case, right in stated if "reply" not in case["expected"]]) >= 0.97


# --- parse -----------------------------------------------------------------------------------------------------------


def addresses(key: str) -> Callable[[Mail], list[str]]:
    return lambda mail: [mailbox.email for mailbox in getattr(mail, "from_" if key == "from" else key)]


def is_right_parse(case: Case, mail: Mail) -> bool:
    expected = case["expected"]
    for key in ("from", "to", "cc"):
        found = addresses(key)(mail)
        if key == "to" and expected.get("to_is_first_only"):
            found = found[:1]
        if key in expected and found != [entry.get("address", "").lower() for entry in expected[key]]:
            return False
    checks = [
        squeezed(mail.subject) == squeezed(expected.get("subject", mail.subject)),
        mail.message_id.strip("<>") == expected.get("message_id", mail.message_id).strip("<>"),
        squeezed(mail.text) == squeezed(expected.get("text", mail.text)),
        squeezed(mail.text) == squeezed(expected.get("text_whitespace_normalised", mail.text)),
    ]
    wanted = [*expected.get("attachments", ()), *expected.get("attachments_include", ())]
    digests = {attachment.sha256 for attachment in mail.attachments}
    return all(checks) and all(entry.get("sha256") in digests for entry in wanted if "sha256" in entry)


def test_fields_text_and_attachments() -> None:
    assert share([is_right_parse(case, parse(raw)) for case, raw in cases("parse")]) >= 0.92


# --- bounce ----------------------------------------------------------------------------------------------------------


def kinds_of(case: Case) -> set[str]:
    """The stated kind; a source that has no word for delays calls them bounces."""
    kind = {"normal": "person"}.get(case["expected"]["kind"], case["expected"]["kind"])
    return {kind, "delay_report"} if kind == "bounce" else {kind}


def test_reports() -> None:
    kinds, recipients, codes = [], [], []
    for case, raw in cases("bounce"):
        mail = parse(raw)
        kinds.append(mail.kind.value in kinds_of(case))
        for entry in case["expected"].get("entries", ()):
            if "recipient" in entry:
                recipients.append(entry["recipient"].lower() in {bounce.recipient for bounce in mail.bounces})
            if "status" in entry:
                codes.append(entry["status"] in {bounce.status for bounce in mail.bounces})
    assert share(kinds) >= 0.97
    assert share(recipients) >= 0.98
    assert share(codes) >= 0.95


def test_ordinary_mails_are_no_reports() -> None:
    """The few reports among the mails of `parse/` say so themselves."""
    for case, raw in cases("parse"):
        if b"multipart/report" not in raw:
            assert parse(raw).bounces == (), case["id"]


# --- malformed -------------------------------------------------------------------------------------------------------


def test_malformed_mails_are_taken_in() -> None:
    assert all(parse(raw).sha256 == case["expected"]["sha256"] for case, raw in cases("malformed"))
