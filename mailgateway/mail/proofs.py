"""What we check ourselves: DKIM (RFC 6376), SPF (RFC 7208), and whether a domain publishes DMARC (RFC 9989).

Only what aligns with the From domain is looked at: a proof for anybody else says nothing, and costs no DNS query. Both
libraries are loaded when first needed. A stranger chooses every byte that they read, hence the limits.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import islice
from typing import Any

from publicsuffixlist import PublicSuffixList

from mailgateway.core.errors import Temporary
from mailgateway.core.messages import Envelope
from mailgateway.mail.addresses import normal
from mailgateway.mail.authentication_results import head

MOST_SIGNATURES = 5
LONGEST_MAIL = 40_000_000
LONGEST_HEAD = 131_072
LONGEST_SIGNATURE = 4096  # dkimpy's expressions are quadratic in it
MOST_SIGNED_FIELDS = 100
LONGEST_KEY = 1024  # a record with 4096 bits has 750 characters; a monstrous one would be computed with for hours
SPF_SECONDS = 10

Address = IPv4Address | IPv6Address
Lookup = Callable[[str, str], list[str]]  # (name, type) → records as text; [] where there are none

_ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301 section 3.1: rsa-sha1 is no signature
# RFC 6376 section 8.15: a second copy put on top is read first, while the signature covers the lower one.
_ONCE = frozenset(
    b"from sender reply-to to cc subject date message-id in-reply-to references content-type content-transfer-encoding"
    b" content-disposition".split()
)
# Where dkimpy sees one line and a reader of mail may see two, or the end of the header section.
_AMBIGUOUS = re.compile(rb"\r(?!\n)|\nFrom |\0")
_DMARC = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")


class LookupFailed(Temporary):
    """DNS did not answer; the question stays open."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The domain that passed, or ""; `unsure` where the check could not be made."""

    passed: str = ""
    unsure: bool = False


def address(text: str) -> Address | None:
    """An IP address, an IPv4 one that came over an IPv6 socket as IPv4; None where it is none."""
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def domain_of(text: str) -> str:
    """The domain of an address, of `@domain` or of a domain, as A-labels in lower case; "" where it is none."""
    domain = text.rpartition("@")[2].strip("<>. ")
    found = normal(f"x@{domain}")
    return found[2:] if found else ""


def aligned(one: str, other: str) -> bool:
    """Relaxed alignment: both belong to one organisation (RFC 9989 section 4.10, by the public suffix list)."""
    return bool(one) and (one == other or organisation(one) == organisation(other))


@lru_cache(maxsize=4096)
def organisation(domain: str) -> str:
    """The organisational domain; a public suffix is one by itself (somebody writes from `sp.gov.br`)."""
    return _suffixes().privatesuffix(domain) or domain


def dkim(raw: bytes, domain: str, lookup: Lookup) -> Proof:
    """Whether a signature of the From domain's organisation holds."""
    top = head(raw, LONGEST_HEAD)
    if len(raw) > LONGEST_MAIL or len(top) == LONGEST_HEAD:
        return Proof(unsure=True)
    if b"dkim-signature" not in top.lower():
        return Proof()
    try:
        signed = _dkim().DKIM(top)
        names = [name.lower() for name, _ in signed.headers]
    except Exception:  # dkimpy raises its own and others' errors on a head that it cannot read
        return Proof()
    if _AMBIGUOUS.search(top) or any(names.count(name) > 1 for name in _ONCE):
        return Proof(unsure=True)
    # dkimpy would split the body into lines, at many times its size; it wants CRLF.
    body = raw[len(top) :].replace(b"\r\n", b"\n").removeprefix(b"\n")
    signed.body = body.replace(b"\n", b"\r\n")
    unsure = False
    for index, signer in islice(_signers(signed, domain), MOST_SIGNATURES):
        try:
            if _verifies(signed, index, lookup):
                return Proof(signer)
        except LookupFailed:
            unsure = True
    return Proof(unsure=unsure)


def _signers(signed: Any, domain: str) -> Iterator[tuple[int, str]]:
    """Number and domain of the signatures that would prove something if they hold."""
    values = [value for name, value in signed.headers if name.lower() == b"dkim-signature"]
    for index, value in enumerate(values):
        tags = _tags(value) if len(value) <= LONGEST_SIGNATURE else {}
        fields = [field.strip() for field in tags.get(b"h", b"").lower().split(b":")]
        signer = domain_of(tags.get(b"d", b"").decode("utf-8", "replace"))
        # With l= a stranger may append what he likes; without From in h= nothing is said about the author.
        sound = b"l" not in tags and tags.get(b"a") in _ALGORITHMS and b"from" in fields
        if sound and len(fields) <= MOST_SIGNED_FIELDS and aligned(signer, domain):
            yield index, signer


def _tags(value: bytes) -> dict[bytes, bytes]:
    try:
        return dict(_dkim().util.parse_tag_value(value))
    except _dkim().util.InvalidTagValueList:
        return {}


def _verifies(signed: Any, index: int, lookup: Lookup) -> bool:
    def key(name: bytes, timeout: int = 0) -> bytes:
        records = (r for r in lookup(name.decode("ascii").rstrip("."), "TXT") if "p=" in r and len(r) <= LONGEST_KEY)
        return next(records, "").encode()

    try:
        return bool(signed.verify(index, dnsfunc=key))
    except LookupFailed:
        raise
    except Exception:  # whatever dkimpy trips over is no signature
        return False


def spf(host: Address, envelope: Envelope, domain: str, lookup: Lookup) -> Proof:
    """Whether the connecting host may send for the envelope sender, where that one aligns with From.

    The null sender is judged by the name in HELO (RFC 7208 section 2.4).
    """
    local, _, _ = (envelope.mail_from or "postmaster").rpartition("@")
    claimed = domain_of(envelope.mail_from or envelope.helo)
    if envelope.mail_from is None or not aligned(claimed, domain):
        return Proof()
    token = _answers.set(lookup)
    try:
        # pyspf splits at the first at-sign, we at the last: it shall see one only.
        sender = f"{local.replace('@', '') or 'postmaster'}@{claimed}"
        result = _spf().check2(i=str(host), s=sender, h=envelope.helo, querytime=SPF_SECONDS)[0]
    except Exception:  # pyspf meets odd records with odd errors; that is no pass
        return Proof(unsure=True)
    finally:
        _answers.reset(token)
    return Proof(claimed if result == "pass" else "", unsure=result == "temperror")


def publishes_dmarc(domain: str, lookup: Lookup) -> bool:
    """Whether the domain or its organisation has a DMARC record, whatever its policy. May raise `LookupFailed`.

    A record with p=none counts: its result is a fail too, as a believed dmarc=fail is; the policy only says what to do.
    """
    names = dict.fromkeys((domain, organisation(domain)))
    return any(sum(bool(_DMARC.match(r)) for r in lookup(f"_dmarc.{name}", "TXT")) == 1 for name in names)


# pyspf asks DNS through a global of its module; each thread has its own value here, so no lock is needed.
_answers: ContextVar[Lookup] = ContextVar("answers")


def _spf_answers(name: str, kind: str, strict: bool = True, timeout: float = 0) -> list[tuple[tuple[str, str], Any]]:
    """What pyspf expects of its DNSLookup."""
    try:
        records = _answers.get()(name, kind)
    except LookupFailed as error:
        raise _spf().TempError(str(error)) from None
    return [((name, kind), _SPF_FORMS.get(kind, str)(record)) for record in records]


def _exchange(record: str) -> tuple[int, str]:
    preference, _, host = record.partition(" ")
    return int(preference), host.rstrip(".")


_SPF_FORMS: dict[str, Callable[[str], Any]] = {"TXT": lambda record: (record.encode(),), "MX": _exchange}


@cache
def _spf() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a docstring of pyspf has "\d"; seen only where it is not yet compiled
        import spf
    spf.DNSLookup = _spf_answers
    return spf


@cache
def _dkim() -> Any:
    import dkim.canonicalization
    import dkim.util

    logging.getLogger("dkimpy").setLevel(logging.CRITICAL)  # its errors repeat what a signature says
    # Its own take hours for a megabyte of blanks, and gigabytes for many words.
    for ours in (compress_whitespace, strip_trailing_whitespace, strip_trailing_lines):
        setattr(dkim.canonicalization, ours.__name__, ours)
    return dkim


def compress_whitespace(content: bytes) -> bytes:
    """One blank for every run of blanks and tabs (RFC 6376 section 3.4.4)."""
    content = content.replace(b"\t", b" ")
    for long in (4096, 64, 8):  # else a run of megabytes is copied twenty times
        content = content.replace(b" " * long, b" ")
    while b"  " in content:
        content = content.replace(b"  ", b" ")
    return content


def strip_trailing_whitespace(content: bytes) -> bytes:
    """No blanks before the end of a line, and already the step that follows it, `compress_whitespace`."""
    return compress_whitespace(content).replace(b" \r\n", b"\r\n")


def strip_trailing_lines(content: bytes) -> bytes:
    """One CRLF at the end (RFC 6376 section 3.4.3).

    In all that we give it every LF has its CR, so the run of CRLF at the end begins behind the last stray CR.
    """
    tail = content[len(content.rstrip(b"\r\n")) :]
    run = (tail + b"\r").rfind(b"\r\r") + 1
    return content[: len(content) - len(tail) + run] + b"\r\n"


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
