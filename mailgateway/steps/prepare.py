"""All about one mail that needs no database: reading it, judging who wrote it, screening, keeping its evidence."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import timedelta

from mailgateway.core import keys, routing, screening
from mailgateway.core.messages import Attachment, Mail
from mailgateway.core.outcomes import Outcome
from mailgateway.core.people import Mailbox
from mailgateway.core.routing import References
from mailgateway.core.screening import Facts, Screen
from mailgateway.mail import authenticity
from mailgateway.mail.addresses import normal
from mailgateway.mail.authenticity import Trust, Verdict
from mailgateway.mail.parse import Limits, parse
from mailgateway.steps.context import Cause, Gateway
from mailgateway.store.inbox import Item

_LOGO = 20_000  # bytes; a smaller picture inside the HTML is a signature's logo, not a screenshot


@dataclass(frozen=True, slots=True)
class Prepared:
    """A mail as `handle` takes it. `author` is who stands in From, else the envelope sender, else None."""

    item: Item
    mail: Mail
    author: Mailbox | None
    verdict: Verdict
    screen: Screen
    references: References
    evidence: tuple[Attachment, ...]
    network: str  # whence it came, for limits; "" where nobody saw the host
    twin_key: str
    content_key: str

    @property
    def proven(self) -> bool:
        """Whether the author's address is."""
        return self.verdict.level == "aligned"

    @property
    def cause(self) -> Cause:
        """What our mails about it answer."""
        return Cause(
            self.item.id,
            self.mail.message_id,
            proven=self.proven,
            may_answer=self.screen.may_answer,
            network=self.network,
        )


def prepare(gateway: Gateway, item: Item) -> Prepared:
    """Read one accepted mail. May take as long as the name servers do; touches no row."""
    limits = gateway.settings.limits
    mail = _without_keys(parse(item.raw, Limits(limits.depth, limits.parts, limits.header_bytes)))
    malware = _malware(gateway, mail)
    evidence = () if malware else tuple(_kept(gateway, a) for a in mail.attachments if not _is_logo(a))
    key, trust = gateway.secrets[0].encode(), _trust(gateway, item)
    return Prepared(
        item=item,
        mail=mail,
        author=_author(item, mail),
        verdict=authenticity.judge(mail, item.raw, item.envelope, trust, gateway.lookup),
        screen=_infected(malware) if malware else screening.screen(mail, _facts(gateway, item)),
        references=routing.references(mail, item.envelope, gateway.house, gateway.secrets),
        evidence=evidence,
        network=authenticity.network(item.envelope, trust),
        twin_key=_digest(key, *_identity(mail)),
        content_key=_digest(key, mail.parts.new, *(a.sha256 for a in evidence)),
    )


def _malware(gateway: Gateway, mail: Mail) -> str:
    """The name of the first malware that its attachments bring, where there is a scanner to tell."""
    found = (gateway.scan(a.content) for a in mail.attachments if a.content) if gateway.scan else ()
    return next(filter(None, found), "")


def _infected(malware: str) -> Screen:
    return Screen(Outcome.QUARANTINED, "malware", malware, may_command=False, may_answer=False)


def look_again(gateway: Gateway, mail: Prepared, since_ours: timedelta) -> Prepared:
    """The mail, screened once more with what only the history tells: how soon after a mail of ours it came."""
    facts = replace(_facts(gateway, mail.item), since_ours=since_ours)
    return replace(mail, screen=screening.screen(mail.mail, facts))


def _without_keys(mail: Mail) -> Mail:
    """What people read of it, in which reply addresses that somebody quoted are shown without their keys."""
    new, signature, quoted = (keys.hidden(p) for p in (mail.parts.new, mail.parts.signature, mail.parts.quoted))
    return replace(
        mail,
        subject=keys.hidden(mail.subject),
        text=keys.hidden(mail.text),
        html=keys.hidden(mail.html),
        parts=replace(mail.parts, new=new, signature=signature, quoted=quoted),
        invalid=tuple(keys.hidden(text) for text in mail.invalid),
        attachments=tuple(replace(a, filename=keys.hidden(a.filename)) for a in mail.attachments),
    )


def _kept(gateway: Gateway, attachment: Attachment) -> Attachment:
    """The attachment without its bytes, which are in the blob store before any row names them."""
    gateway.blobs.put(attachment.content)
    return replace(attachment, content=b"")


def _is_logo(attachment: Attachment) -> bool:
    return attachment.inline and bool(attachment.content_id) and attachment.size < _LOGO


def _author(item: Item, mail: Mail) -> Mailbox | None:
    """Without a usable From the envelope sender stands in."""
    if mail.author:
        return mail.author
    if mail.from_:
        return mail.from_[0]
    sender = normal(item.envelope.mail_from or "")
    return Mailbox("", sender) if sender else None


def _trust(gateway: Gateway, item: Item) -> Trust:
    settings, envelope = gateway.settings, item.envelope
    provider = next((m.provider for m in settings.imap if m.name == envelope.mailbox), "")
    senders = next((u.senders for u in settings.smtp_listener.auth_users if u.username == envelope.login), ())
    said = settings.authenticity
    return Trust(said.authserv_id, said.trusted_relays, said.hops, said.verify, provider, senders)


def _facts(gateway: Gateway, item: Item) -> Facts:
    queues = gateway.house.queues
    return Facts(
        null_sender=item.envelope.mail_from == "",
        own_addresses=frozenset(a for q in queues for a in q.addresses),
        robots_open=frozenset(a for q in queues for a in q.robots_open),
    )


def _identity(mail: Mail) -> tuple[str, ...]:
    """What two copies of one mail share, whichever way each came; without a Message-ID its words must do."""
    who, when = (m.email for m in mail.from_), mail.date.isoformat() if mail.date else ""
    if mail.message_id:
        return ("id", mail.message_id, *who, when)
    return ("words", *who, when, mail.subject, mail.text)


def _digest(key: bytes, *parts: str) -> str:
    """Keyed, so that it tells nothing once the mail itself is gone by retention."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
