"""Who really wrote a mail: the verdict on its From address, from what is believed and from what we check ourselves.

`fail` speaks against the address, `aligned` proves its domain (RFC 9989 section 5.4: a pass says nothing about the
person), `none` is all between. The order is that of the functions called by `judge`; the first that knows decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal

from mailgateway.core.messages import Envelope, Mail
from mailgateway.mail import proofs
from mailgateway.mail.authentication_results import Result, Statement, topmost
from mailgateway.mail.proofs import Address, Lookup, LookupFailed, address

__all__ = ["Level", "Lookup", "LookupFailed", "Trust", "Verdict", "judge", "network"]

Level = Literal["fail", "none", "aligned"]

# How hosted mailboxes state results: under which name ("" = the field names nobody), and how many Received fields of
# the provider's own machines may stand above. Both put their own field above all that a mail brings along.
_PROVIDERS = {"microsoft365": ("", 5), "google": ("mx.google.com", 3)}

# Which property names the domain that passed, the better one first (RFC 8601 section 2.7).
_IDENTITIES = {"spf": ("smtp.mailfrom",), "dkim": ("header.d", "header.i")}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts for one mail. `provider` is that of the mailbox it lay in, "" for any other source.

    `trusted_relays` are addresses or networks; `login_senders` the addresses and domains that the login of this mail
    may use.
    """

    authserv_id: str = ""
    trusted_relays: tuple[str, ...] = ()
    hops: int = 1
    verify: bool = True
    provider: str = ""
    login_senders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the From address is proven, and by what."""

    level: Level
    why: str


def judge(mail: Mail, raw: bytes, envelope: Envelope, trust: Trust, lookup: Lookup | None) -> Verdict:
    """The verdict on who wrote the mail. `raw` is the mail as received; without `lookup` we check nothing ourselves."""
    if len(mail.all_headers("from")) > 1:
        return Verdict("fail", "two From headers")  # RFC 9989 section 5.3.1: cannot be checked, and nobody writes that
    if len({m.email for m in mail.from_}) > 1:
        return Verdict("fail", "several From addresses")
    if mail.author is None:
        return Verdict("none", "no From address")
    author = mail.author.email
    domain = author.rpartition("@")[2]
    if envelope.login and _may_use(author, domain, trust.login_senders):
        return Verdict("aligned", f"smtp login {envelope.login}")
    if verdict := _believed(raw, domain, envelope, trust):
        return verdict
    if not trust.verify or lookup is None:
        return Verdict("none", "nothing stated, not checked")
    return _checked(raw, domain, envelope, trust, lookup)


def network(envelope: Envelope, trust: Trust) -> str:
    """The host outside that handed the mail to us, of IPv6 its /64; "" where nobody saw it, or knows who it is."""
    host = _connecting_host(envelope, trust)
    if host is None or host.is_loopback or envelope.login:
        return ""
    return str(host) if host.version == 4 else str(ip_network((host, 64), strict=False))


def _may_use(author: str, domain: str, senders: tuple[str, ...]) -> bool:
    return any(s.lower().removeprefix("@") in (author, domain) for s in senders)


def _believed(raw: bytes, domain: str, envelope: Envelope, trust: Trust) -> Verdict | None:
    """What a believed Authentication-Results decides; None where there is none or where it decides nothing."""
    mailbox = envelope.source.startswith("imap")
    if mailbox and trust.provider in _PROVIDERS:
        name, hops = _PROVIDERS[trust.provider]
    elif trust.authserv_id and (mailbox or envelope.source == "pipe" or _relayed(envelope, trust)):
        name, hops = trust.authserv_id.strip(), 0
    else:
        return None
    statement = topmost(raw, name, max(hops, trust.hops))
    return _stated(statement, domain) if statement else None


def _stated(statement: Statement, domain: str) -> Verdict | None:
    by = f"from {statement.authserv_id or 'the mailbox'}"
    dmarc = [r for r in statement.results if r.method == "dmarc"]
    if any(r.value == "fail" for r in dmarc):
        return Verdict("fail", f"dmarc=fail {by}")
    # All of them: two results that disagree are no proof.
    if dmarc and all(r.value == "pass" and proofs.domain_of(r.property("header.from")) == domain for r in dmarc):
        return Verdict("aligned", f"dmarc=pass {by}")
    for result in statement.results:
        passed = _passed(result)
        if proofs.aligned(passed, domain):
            return Verdict("aligned", f"{result.method}=pass for {passed} {by}")
    return None


def _passed(result: Result) -> str:
    """The domain for which the result is a pass, or ""."""
    names = _IDENTITIES.get(result.method, ()) if result.value == "pass" else ()
    return next((proofs.domain_of(v) for v in map(result.property, names) if v), "")


def _checked(raw: bytes, domain: str, envelope: Envelope, trust: Trust, lookup: Lookup) -> Verdict:
    """Our own DKIM, SPF and DMARC. Trouble with DNS is neither pass nor fail (RFC 9989 section 5.3.6)."""
    signature = proofs.dkim(raw, domain, lookup)
    if signature.passed:
        return Verdict("aligned", f"own dkim=pass for {signature.passed}")
    host = _connecting_host(envelope, trust)
    if host is None:
        return Verdict("none", "own dkim=temperror" if signature.unsure else "own dkim=none")
    path = proofs.spf(host, envelope, domain, lookup)
    if path.passed:
        return Verdict("aligned", f"own spf=pass for {path.passed}")
    if signature.unsure or path.unsure:
        return Verdict("none", "own check unsure")
    # A host that connects from this very machine is a relay of ours, whatever the settings say: it forged nothing.
    if host.is_loopback:
        return Verdict("none", "own dkim=none, the connecting host was not seen")
    try:
        publishes = proofs.publishes_dmarc(domain, lookup)
    except LookupFailed:
        return Verdict("none", "own dmarc=temperror")
    return Verdict("fail", "own dmarc=fail") if publishes else Verdict("none", "own dmarc=none")


def _connecting_host(envelope: Envelope, trust: Trust) -> Address | None:
    """The host that handed the mail to us from outside; None where somebody else saw it."""
    return address(envelope.peer) if envelope.source == "smtp" and not _relayed(envelope, trust) else None


def _relayed(envelope: Envelope, trust: Trust) -> bool:
    host = address(envelope.peer) if envelope.source in ("smtp", "lmtp") else None
    return host is not None and any(host in network for r in trust.trusted_relays if (network := _network(r)))


@lru_cache(maxsize=256)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None
