"""The corpus read by other projects' libraries, each in an environment of its own. `make corpus-peers`.

Judged by the very functions that judge us. A library that cannot be installed here is named as such.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.corpus import (
    Case,
    Result,
    Stated,
    body_of,
    cases,
    judge_recipients,
    judge_reply,
    print_table,
    results,
    share,
)
from mailgateway.mail.html import to_text

ENVIRONMENTS = Path(__file__).resolve().parents[1] / ".peers"
REPLY_PEERS = {
    "email-reply-parser": "email-reply-parser==0.5.12",
    "mail-parser-reply": "mail-parser-reply==1.36",
    "talon": "talon==1.4.4",
    "quotequail": "quotequail==0.5.4",
}
BOUNCE_PEERS = {"flufl.bounce": "flufl.bounce==6.0.0"}
PATIENCE = 900  # seconds for one installation or one run
Answer = dict[str, Any]


def installed(name: str, *requirements: str) -> str:
    """Make the peer's environment unless it is there; says what went wrong, "" if nothing did."""
    folder = ENVIRONMENTS / name
    if (folder / ".ready").exists():
        return ""
    venv.create(folder, clear=True, with_pip=True)
    command = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    (folder / ".ready").touch()
    return ""


def answers(name: str, questions: list[Answer]) -> list[Answer]:
    script = Path(__file__).with_name("peer_libraries.py")
    done = subprocess.run(
        [ENVIRONMENTS / name / "bin" / "python", "-W", "ignore", script, name],
        input="".join(json.dumps(question) + "\n" for question in questions),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def replies(name: str) -> Iterator[tuple[Case, Stated]]:
    known = list(cases("reply"))
    bodies = [body_of(case, raw) for case, raw in known]
    questions = [
        {"text": text, "html": html if case["format"] == "html" else ""}
        for (case, _), (text, html) in zip(known, bodies, strict=True)
    ]
    for (case, _), answer in zip(known, answers(name, questions), strict=True):
        new = to_text(answer["new"]) if answer.get("is_html") else answer["new"]
        yield case, judge_reply(case, new, answer.get("signature", ""))


def bounces(name: str) -> Iterator[tuple[Case, Stated]]:
    known = list(cases("bounce"))
    questions = [{"raw": base64.b64encode(raw).decode()} for _, raw in known]
    for (case, _), answer in zip(known, answers(name, questions), strict=True):
        kind, found = case["expected"]["kind"], {address.lower() for address in answer["recipients"]}
        yield case, ("bounce, kind", bool(found) == (kind in ("bounce", "delay_report")), kind, found)
        for stated in judge_recipients(case, found):
            yield case, stated


def main() -> None:
    shares: list[tuple[str, list[Result]]] = [("ours", [*results("reply"), *results("bounce")])]
    for peers, read in ((REPLY_PEERS, replies), (BOUNCE_PEERS, bounces)):
        for name, requirement in peers.items():
            if reason := installed(name, requirement):
                print(f"{name}: cannot be installed here: {reason}\n")
                continue
            found = [
                Result(what, case["source"], case["id"], right, str(wanted), str(got))
                for case, (what, right, wanted, got) in read(name)
            ]
            print(f"=== {requirement}")
            print_table(found)
            shares.append((name, found))
    for what in dict.fromkeys(result.set for _, found in shares[1:] for result in found):
        scores = [f"{name} {share(found, what):.1%}" for name, found in shares if any(r.set == what for r in found)]
        print(f"{what:<20}", ", ".join(scores))


if __name__ == "__main__":
    sys.exit(main())
