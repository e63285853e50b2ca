"""DNS for the checks of authenticity and for `check`: one question, its records as text, remembered for their TTL.

The system's resolver is read at the first question, never on import. Threads share it and its memory.
"""

from __future__ import annotations

from functools import cache

import dns.exception
import dns.name
import dns.resolver

from mailgateway.mail.proofs import LookupFailed

SECONDS = 3.0  # for one question with all its tries
REMEMBERED = 1024  # answers, also those that say "there is none" (RFC 2308)

# There is no such name or record, or the name cannot be one: an answer, not a trouble.
_NOTHING = (
    dns.resolver.NXDOMAIN,
    dns.resolver.NoAnswer,
    dns.resolver.YXDOMAIN,
    dns.exception.SyntaxError,
    dns.exception.FormError,
    dns.name.IDNAException,
)


def lookup(name: str, kind: str) -> list[str]:
    """The records of that name and type, asked of the system's resolver. Raises `LookupFailed`."""
    try:
        resolver = _system()
    except dns.exception.DNSException as error:
        raise LookupFailed(f"no resolver: {error}; see /etc/resolv.conf") from None
    return ask(resolver, name, kind)


def ask(resolver: dns.resolver.Resolver, name: str, kind: str) -> list[str]:
    """The records of that name and type as text, names without their last dot; [] where there are none.

    Raises `LookupFailed` where the servers do not answer or have trouble of their own.
    """
    try:
        answer = resolver.resolve(name, kind, search=False)
    except _NOTHING:
        return []
    except dns.exception.DNSException as error:
        raise LookupFailed(f"{kind} {name}: {error}") from None
    return [_text(record) for record in answer]


def prepared(resolver: dns.resolver.Resolver) -> dns.resolver.Resolver:
    """The resolver with our patience and a bounded memory."""
    resolver.lifetime = SECONDS
    resolver.timeout = SECONDS / 2
    resolver.cache = dns.resolver.LRUCache(REMEMBERED)
    return resolver


@cache
def _system() -> dns.resolver.Resolver:
    return prepared(dns.resolver.Resolver())


def _text(record: object) -> str:
    strings = getattr(record, "strings", None)
    if strings is not None:  # RFC 7208 section 3.3: the strings of one record are joined without blanks
        return b"".join(strings).decode("utf-8", "replace")
    return str(record).rstrip(".")
