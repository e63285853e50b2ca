"""TARGETS: what is asked of each reader. A target takes any bytes; it fails where a promise is not kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from hashlib import sha256

from selectolax.lexbor import LexborHTMLParser

from mailgateway.core import keys
from mailgateway.core.messages import Attachment
from mailgateway.mail import (
    addresses,
    authentication_results,
    bounces,
    cms,
    headers,
    mime,
    newtext,
    openpgp,
    parameters,
    subjects,
    tnef,
    uuencode,
)
from mailgateway.mail.attachments import unwrapped
from mailgateway.mail.charset import clean
from mailgateway.mail.delivery_status import KIND_OF_ACTION, STATUS, Verdict
from mailgateway.mail.html import sanitise, to_text
from mailgateway.mail.parse import DEFAULT_LIMITS, parse
from tests.core.conftest import SITUATIONS
from tests.core.replies import a_doubt_changes_nothing, no_word_is_lost, plain, prose_decides_nothing

SECRET = "a-secret-that-nobody-guesses"
#: How many times larger than what came in anything may be that is made of it, beside a constant.
MOST_GROWTH, ALWAYS = 20, 4000


def text_of(data: bytes) -> str:
    """The input as text, as every text of a mail comes to its readers."""
    return clean(data.decode("utf-8", "replace"))


def is_storable(text: str) -> None:
    """Neither NUL nor half a character: what databases and files refuse."""
    text.encode()
    assert "\x00" not in text


def is_clean(text: str) -> None:
    """No control characters, which turn a terminal or a line; only our own line ends."""
    assert clean(text) == text


def has_not_grown(made: int, data: bytes) -> None:
    assert made <= len(data) * MOST_GROWTH + ALWAYS


def parsing(data: bytes) -> None:
    mail = parse(data)
    assert (mail.size, mail.sha256) == (len(data), sha256(data).hexdigest())
    for text in (mail.text, mail.html, mail.subject, mail.message_id, *mail.references, *mail.invalid):
        is_clean(text)
    for mailbox in (*mail.from_, *mail.to, *mail.cc, *mail.reply_to, *mail.sender):
        is_clean(mailbox.name)
        assert addresses.normal(mailbox.email) == mailbox.email
    for attachment in mail.attachments:
        has_safe_name(attachment)
    assert len(mail.defects) == len(set(mail.defects))
    same_words(mail.text, mail.parts.new, mail.parts.signature, mail.parts.quoted)
    has_not_grown(len(mail.text) + len(mail.html) + sum(a.size for a in mail.attachments), data)


def has_safe_name(attachment: Attachment) -> None:
    is_clean(attachment.filename)
    assert not set(attachment.filename) & set("/\\\r\n")
    assert not attachment.filename.endswith((".", " "))
    assert attachment.size == len(attachment.content)


def same_words(whole: str, *parts: str) -> None:
    assert Counter("".join("".join(parts).split())) == Counter("".join(whole.split()))


def cutting(data: bytes) -> None:
    """The first byte says what stands beside the text."""
    flags, text = (data[0] if data else 0), text_of(data[1:])
    html = text if flags & 2 else ""
    text = to_text(html) if html else text
    author = "Ana Maria de Souza" if flags & 4 else ""
    parts = newtext.split(text, html, author=author, is_reply=bool(flags & 1))
    same_words(text, parts.new, parts.signature, parts.quoted)
    again = newtext.split(parts.new, author=author)
    same_words(parts.new, again.new, again.signature, again.quoted)


_BLANKS = re.compile(r"[\x00-\x20]")  # which browsers leave out of an address
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:")
_SHOWN_SCHEMES = ("http:", "https:", "mailto:", "cid:", "tel:")
_NEVER = ("script", "style", "iframe", "object", "embed", "form", "input", "svg", "math", "base", "meta", "link")


def showing(data: bytes) -> None:
    html = text_of(data)
    text = to_text(html)
    is_clean(text)
    has_not_grown(len(text), data)
    shown = sanitise(html)
    is_storable(shown)
    has_not_grown(len(shown), data)
    is_harmless(shown)
    is_harmless(LexborHTMLParser(shown).html or "")  # also as the next program writes it down again


def is_harmless(html: str) -> None:
    """By the tree that a browser would build: no tag, attribute or address that acts, loads or leaves its place."""
    tree = LexborHTMLParser(html)
    for tag in _NEVER:
        assert not tree.css(tag), tag
    for node in tree.css("*"):
        for name, value in node.attributes.items():
            written = _BLANKS.sub("", value or "").lower()
            assert not name.startswith("on"), name
            assert name not in ("srcset", "background", "srcdoc", "action", "formaction", "poster", "class", "id"), name
            assert name != "src" or written.startswith("cid:"), written
            assert name != "href" or not _SCHEME.match(written) or written.startswith(_SHOWN_SCHEMES), written
            assert name != "style" or not re.search(r"url\s*\(|expression|position\s*:|@import", written), written
    assert "<script" not in html.lower()


def unpacking(data: bytes) -> None:
    files = tnef.read(data)
    assert len(files) <= tnef.MOST
    has_not_grown(sum(len(content) for _, content in files), data)
    for name, content in files:
        is_clean(name)
        has_safe_name(unwrapped(name, content))


def judging(data: bytes) -> None:
    """A whole mail, and its text as a report by itself."""
    mail = parse(data)
    is_verdict(Verdict(mail.kind, mail.machine, mail.bounces, mail.returned_ids))
    root = mime.read(data, DEFAULT_LIMITS, [])
    sender = (("from", "MAILER-DAEMON@mx.example.com"), ("return-path", "<>"))
    is_verdict(bounces.classify(root, sender, "Undelivered Mail Returned to Sender", text_of(data)))


def is_verdict(verdict: Verdict) -> None:
    for bounce in verdict.bounces:
        is_clean(bounce.recipient)
        assert bounce.recipient
        assert bounce.action in KIND_OF_ACTION
        assert not bounce.status or STATUS.fullmatch(bounce.status)
    for message_id in verdict.returned_ids:
        assert re.fullmatch(r"<[^<>\s]+>", message_id)


def unwrapping(data: bytes) -> None:
    inner = cms.signed_content(data)
    assert inner is None or len(inner) <= len(data)
    cms.is_encrypted(data)
    kept, files = uuencode.take_files(data, 100)
    has_not_grown(len(kept) + sum(len(name) + len(content) for name, content in files), data)
    has_not_grown(len(uuencode.uuencoded(data)), data)
    text = text_of(data)
    read = openpgp.without_signature(text)
    assert len(read) <= len(text)
    assert not Counter(read) - Counter(text)
    openpgp.is_encrypted(text)


def commanding(data: bytes) -> None:
    """The first byte says who writes."""
    people = sorted(SITUATIONS)
    who, text = people[(data[0] if data else 0) % len(people)], text_of(data[1:])
    no_word_is_lost(who, text)
    a_doubt_changes_nothing(who, text)
    if len(prose := plain(text.split())) >= 7:
        prose_decides_nothing(who, " ".join(prose))


def addressing(data: bytes) -> None:
    """Everything that is read from one header field."""
    line = headers.unfold(data)
    mailboxes, invalid = addresses.parse_list([line])
    assert max(len(mailboxes), len(invalid)) <= addresses.MOST
    for mailbox in mailboxes:
        is_clean(mailbox.name)
        assert addresses.normal(mailbox.email) == mailbox.email
    assert bool(addresses.why_invalid(line)) == (addresses.normal(addresses.bare(line)) is None)
    words = headers.decode_words(line)
    is_clean(words)
    assert "\n" not in words
    has_not_grown(len(words), data)
    for message_id in headers.ids(line):
        assert not re.search(r"\s", message_id)
    headers.date(line)
    for value in parameters.parameters(data)[1].values():
        is_clean(value)
    statement = authentication_results.parse(line)
    assert all(result.method and result.value for result in statement.results)
    authentication_results.topmost(data, "mx.example.com", 1)
    subjects.original_author(text_of(data))
    stripped = subjects.strip_prefixes(words)
    assert subjects.strip_prefixes(stripped) == stripped
    has_no_key(line)


def has_no_key(line: str) -> None:
    for read in (keys.read, keys.read_bounce, keys.read_root):
        assert read(line, (SECRET,)) is None
    made = keys.address(12, "suporte@desk.example.com", SECRET)
    assert keys.read(f"{line} {made}", (SECRET,)) in (12, None)
    assert made.partition("@")[0] not in keys.hidden(f"{line} {made}")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "parse": parsing,
    "newtext": cutting,
    "html": showing,
    "tnef": unpacking,
    "bounces": judging,
    "commands": commanding,
    "wrappings": unwrapping,
    "headers": addressing,
}
