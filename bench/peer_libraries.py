"""Runs inside a peer's own environment: cases come as lines of JSON, answers go the same way. Imports only the peer.

An answer to a reply is `new`, `signature` and whether `new` is HTML; to a bounce the addresses that failed.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

Answer = dict[str, Any]


def email_reply_parser(case: Answer) -> Answer:
    from email_reply_parser import EmailReplyParser

    fragments = EmailReplyParser.read(case["text"]).fragments
    shown = [f.content for f in fragments if not f.hidden and not f.quoted and not f.signature]
    return {"new": "\n".join(shown), "signature": "\n".join(f.content for f in fragments if f.signature)}


def mail_parser_reply(case: Answer) -> Answer:
    from mailparser_reply import EmailReplyParser

    languages = ["en", "cs", "da", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh"]
    replies = EmailReplyParser(languages=languages).read(case["text"]).replies
    return {"new": replies[0].body or "", "signature": replies[0].signatures or ""} if replies else {"new": ""}


def talon(case: Answer) -> Answer:
    import joblib
    import sklearn.externals

    sklearn.externals.joblib = joblib  # talon is older than the scikit-learn that still installs
    from talon import quotations
    from talon.signature.bruteforce import extract_signature

    if case["html"]:
        return {"new": quotations.extract_from_html(case["html"]), "is_html": True}
    new, signature = extract_signature(quotations.extract_from_plain(case["text"]))
    return {"new": new or "", "signature": signature or ""}


def quotequail(case: Answer) -> Answer:
    import quotequail as library

    if case["html"]:
        shown = [html for is_new, html in library.quote_html(case["html"]) if is_new]
        return {"new": "".join(shown), "is_html": True}
    unwrapped = library.unwrap(case["text"])
    return {"new": case["text"] if unwrapped is None else unwrapped.get("text_top") or ""}


def flufl_bounce(case: Answer) -> Answer:
    from flufl.bounce import all_failures

    temporary, permanent = all_failures(message_from_bytes(base64.b64decode(case["raw"])))
    return {"recipients": sorted(address.decode("utf-8", "replace") for address in {*temporary, *permanent})}


LIBRARIES: dict[str, Callable[[Answer], Answer]] = {
    "email-reply-parser": email_reply_parser,
    "mail-parser-reply": mail_parser_reply,
    "talon": talon,
    "quotequail": quotequail,
    "flufl.bounce": flufl_bounce,
}


def main(name: str) -> None:
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        try:
            answer = LIBRARIES[name](json.loads(line))
        except ImportError:
            raise
        except Exception as error:  # it is wrong on this mail, not out of the race
            answer = {"new": f"failed: {error!r}", "recipients": []}
        sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
