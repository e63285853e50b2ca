"""Scores on a corpus of real mails: results stated by the tests of other projects. `make corpus`.

The corpus is no part of this repository: `MAILGATEWAY_CORPUS` names its folder, else it is sought beside the checkout.
Each stated thing gives one result; `tests/mail/test_corpus.py` asserts the sums.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.contradictions import contradiction
from mailgateway.core.messages import Attachment, Mail
from mailgateway.core.people import Mailbox
from mailgateway.mail.charset import clean
from mailgateway.mail.html import to_text
from mailgateway.mail.newtext import MARKERS, split
from mailgateway.mail.parse import parse

CORPUS = Path(os.environ.get("MAILGATEWAY_CORPUS") or Path(__file__).resolve().parents[2] / "shared" / "corpus")
Case = dict[str, Any]
LONGEST_SIGNATURE = 12  # lines that a source may keep and we cut, or the other way round
Stated = tuple[str, bool, object, object]  # the set, whether it is right, what was wanted, what was found


@dataclass(frozen=True, slots=True)
class Result:
    """One stated thing: what its source wants, what was found, and whether that counts as right."""

    set: str
    source: str
    case: str
    right: bool
    wanted: str
    found: str
    why: str = ""  # the rule by which its source contradicts the mail, the others or our design


def cases(name: str) -> Iterator[tuple[Case, bytes]]:
    for line in (CORPUS / name / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        yield case, (CORPUS / name / case["file"]).read_bytes()


def results(name: str) -> Iterator[Result]:
    """Everything that is stated in one folder of the corpus."""
    for case, raw in cases(name):
        for what, right, wanted, found in SCORERS[name](case, raw):
            why = "" if right else contradiction(what, wanted, found)
            yield Result(what, case["source"], case["id"], right, str(wanted), str(found), why)


def share(found: Iterable[Result], what: str) -> float:
    rights = [result.right for result in found if result.set == what]
    return sum(rights) / len(rights)


def squeezed(text: str) -> str:
    return " ".join(clean(text).split())


# --- reply -----------------------------------------------------------------------------------------------------------


def body_of(case: Case, raw: bytes) -> tuple[str, str]:
    if case["format"] == "eml":
        mail = parse(raw)
        return mail.text, mail.html
    text = raw.decode("utf-8", "replace").replace("\r\n", "\n")
    return (to_text(text), text) if case["format"] == "html" else (text, "")


def score_reply(case: Case, raw: bytes) -> Iterator[Stated]:
    delimiter = case.get("delimiter")
    parts = split(*body_of(case, raw), is_reply=True, markers=[delimiter] if delimiter else MARKERS)
    yield judge_reply(case, parts.new, parts.signature)


def judge_reply(case: Case, new: str, signature: str) -> Stated:
    """Whether a reply is the stated one. Where a signature is cut is each source's own convention."""
    expected = case["expected"]
    if "reply" in expected:
        right = any(_same(case, expected["reply"], text) for text in _with_signature(new, signature))
        return "reply, full", right, expected["reply"], new
    shown = new if case["signature"] == "removed" else f"{new}\n{signature}"
    has = all(squeezed(text) in squeezed(shown) for text in expected.get("contains", ()))
    lacks = not any(squeezed(text) in squeezed(new) for text in expected.get("not_contains", ()))
    return "reply, partial", has and lacks, expected, new


def _with_signature(new: str, signature: str) -> Iterator[str]:
    """The reply alone, and with more and more of its signature, of which some cut only the last lines."""
    yield new
    lines = signature.split("\n")[:LONGEST_SIGNATURE] if new.strip() else []
    yield from ("\n".join([new, *lines[:end]]) for end in range(1, len(lines) + 1))


def _same(case: Case, wanted: str, found: str) -> bool:
    if case["expected"].get("compare") == "no_whitespace":
        return "".join(wanted.split()) == "".join(found.split())
    return squeezed(wanted) == squeezed(found)


# --- parse -----------------------------------------------------------------------------------------------------------


def score_parse(case: Case, raw: bytes) -> Iterator[Stated]:
    expected, mail = case["expected"], parse(raw)
    yield from _fields(expected, mail)
    yield from _texts(expected, mail)
    yield from _attachments(expected, mail)
    is_report = b"multipart/report" in raw  # the few reports among these mails say so themselves
    yield "parse, no report", is_report or not mail.bounces, (), mail.bounces


def _fields(expected: Case, mail: Mail) -> Iterator[Stated]:
    for key, mailboxes in (("from", mail.from_), ("to", mail.to), ("cc", mail.cc)):
        if key in expected:
            is_first_only = key == "to" and "to_is_first_only" in expected
            yield from _mailboxes(expected[key], mailboxes[:1] if is_first_only else mailboxes)
    if "subject" in expected:
        yield _text("parse, fields", expected["subject"], mail.subject)
    if "message_id" in expected:
        yield _text("parse, fields", expected["message_id"].strip("<>"), mail.message_id.strip("<>"))


def _texts(expected: Case, mail: Mail) -> Iterator[Stated]:
    for key in ("text", "text_whitespace_normalised"):
        if key in expected:
            found = squeezed(mail.text)
            if expected.get("text_part_only_first"):  # its source states the first of several parts
                found = found[: len(squeezed(expected[key]))]
            yield _text("parse, text", expected[key], found)
    if "html_as_text_whitespace_normalised" in expected:
        yield _text("parse, text", expected["html_as_text_whitespace_normalised"], to_text(mail.html))
    for key, text in (("text_contains", mail.text), ("html_contains", mail.html)):
        for wanted in expected.get(key, ()):
            yield "parse, text", squeezed(wanted) in squeezed(text), wanted, text


def _mailboxes(wanted: list[dict[str, str]], found: tuple[Mailbox, ...]) -> Iterator[Stated]:
    pairs = list(zip(wanted, found, strict=False))
    are_same = all(entry.get("address", mailbox.email).lower() == mailbox.email for entry, mailbox in pairs)
    yield "parse, fields", len(wanted) == len(found) and are_same, wanted, found
    if any("name" in entry for entry in wanted):
        right = all(squeezed(entry["name"]) == squeezed(mailbox.name) for entry, mailbox in pairs if "name" in entry)
        yield "parse, fields", right, wanted, found


def _text(what: str, wanted: str, found: str) -> Stated:
    return what, squeezed(wanted) == squeezed(found), wanted, found


def _attachments(expected: Case, mail: Mail) -> Iterator[Stated]:
    digests = {attachment.sha256 for attachment in mail.attachments}
    names = {attachment.filename for attachment in mail.attachments}
    entries = [*expected.get("attachments", ()), *expected.get("attachments_include", ())]
    for entry in entries:
        if "sha256" in entry:
            yield "parse, attachments", entry["sha256"] in digests, entry, mail.attachments
    stated = [entry["name"] for entry in entries if "name" in entry]
    for name in (*stated, *expected.get("attachment_names_include", ()), *expected.get("inline_names_include", ())):
        yield "parse, names", name in names, name, names
    yield from _number(expected, mail.attachments)


# What counts as an attachment is each source's own idea.
COUNTED: tuple[Callable[[Attachment], bool], ...] = (
    lambda _: True,
    lambda file: not file.inline,
    lambda file: not (file.inline and file.content_type.startswith("text/")),
    lambda file: file.content_type not in ("application/pgp-signature", "application/pkcs7-signature"),
)


def _number(expected: Case, found: tuple[Attachment, ...]) -> Iterator[Stated]:
    if "attachments" in expected:
        yield "parse, number of files", len(expected["attachments"]) == len(found), expected["attachments"], found
    if "attachment_count" in expected:
        counts = {sum(map(is_counted, found)) for is_counted in COUNTED}
        yield "parse, number of files", expected["attachment_count"] in counts, expected["attachment_count"], found


# --- bounce ----------------------------------------------------------------------------------------------------------


def score_bounce(case: Case, raw: bytes) -> Iterator[Stated]:
    mail, expected = parse(raw), case["expected"]
    kind = {"normal": "person"}.get(expected["kind"], expected["kind"])
    yield "bounce, kind", mail.kind == kind, kind, mail.kind
    yield from judge_recipients(case, {bounce.recipient for bounce in mail.bounces})
    codes = {bounce.status for bounce in mail.bounces}
    for entry in expected.get("entries", ()):
        if "status" in entry:
            yield "bounce, status", entry["status"] in codes, entry["status"], codes
        if "action" in entry:
            actions = {bounce.action for bounce in mail.bounces}
            yield "bounce, action", entry["action"].lower() in actions, entry["action"], actions


def judge_recipients(case: Case, found: set[str]) -> Iterator[Stated]:
    for entry in case["expected"].get("entries", ()):
        if "recipient" in entry:
            yield "bounce, recipient", entry["recipient"].lower() in found, entry["recipient"], found


# --- malformed -------------------------------------------------------------------------------------------------------


def score_malformed(case: Case, raw: bytes) -> Iterator[Stated]:
    try:
        found = parse(raw).sha256
    except Exception as error:
        found = repr(error)
    yield "malformed", found == case["expected"]["sha256"], case["expected"]["sha256"], found


SCORERS: dict[str, Callable[[Case, bytes], Iterator[Stated]]] = {
    "reply": score_reply,
    "parse": score_parse,
    "bounce": score_bounce,
    "malformed": score_malformed,
}

# --- the command -----------------------------------------------------------------------------------------------------


def print_table(found: Iterable[Result]) -> None:
    """Per set and source: cases, right, wrong, how many of these contradict, share; and each set's sum."""
    sets: dict[str, dict[str, list[Result]]] = defaultdict(lambda: defaultdict(list))
    for result in found:
        sets[result.set][result.source].append(result)
        sets[result.set]["all sources"].append(result)
    print(f"{'set':<24}{'source':<36}{'cases':>7}{'right':>7}{'wrong':>7}{'contradicts':>13}{'share':>9}")
    for what, sources in sets.items():
        for source, its in sorted(sources.items(), key=lambda item: (item[0] == "all sources", item[0])):
            right, total, against = sum(r.right for r in its), len(its), sum(bool(r.why) for r in its)
            numbers = f"{total:>7}{right:>7}{total - right:>7}{against or '':>13}{right / total:>9.1%}"
            print(f"{what:<24}{source:<36}{numbers}")
        print()


def print_diff(result: Result) -> None:
    print(f"--- {result.set}: {result.case} ({result.source})")
    if result.why:
        print(f"    contradicts: {result.why}")
    for line in difflib.unified_diff(
        result.wanted.splitlines(), result.found.splitlines(), "wanted", "found", lineterm="", n=1
    ):
        print("   ", line)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make corpus", description=__doc__)
    parser.add_argument("--diff", action="store_true", help="show what is wanted and what was found in each wrong case")
    parser.add_argument("--only", choices=SCORERS, help="one folder of the corpus")
    options = parser.parse_args()
    if not CORPUS.is_dir():
        parser.error(f"no corpus at {CORPUS}: set MAILGATEWAY_CORPUS to its folder")
    found = [result for name in ([options.only] if options.only else SCORERS) for result in results(name)]
    if options.diff:
        for result in found:
            if not result.right:
                print_diff(result)
    print_table(found)


if __name__ == "__main__":
    main()
