"""Raw bytes to a `Mail`. Whatever the bytes are, the answer is a mail: what is broken is a defect, never an exception."""

from __future__ import annotations

from hashlib import sha256

from mailgateway.core.messages import Mail
from mailgateway.core.people import Mailbox
from mailgateway.mail import addresses, bodies, bounces, headers, mime, newtext, subjects
from mailgateway.mail.mime import Limits

__all__ = ["Limits", "parse"]

# RFC 5322 section 3.6: each of these may stand once. Two of them are how a forger shows different readers different mails.
_ONCE = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def parse(raw: bytes, limits: Limits = Limits()) -> Mail:
    """The mail in these bytes."""
    defects: list[str] = []
    root = mime.read(raw, limits, defects)
    body = bodies.assemble(root, limits, defects)
    fields = _Fields(root, defects)
    subject = fields.text("subject")
    references = fields.references()
    from_, _ = fields.mailboxes("from")
    if len({m.email for m in from_}) > 1:
        defects.append("several-from")
    to, bad_to = fields.mailboxes("to")
    cc, bad_cc = fields.mailboxes("cc")
    sender, _ = fields.mailboxes("sender")
    reply_to, _ = fields.mailboxes("reply-to")
    verdict = bounces.classify(root, fields.all, subject, body.text)
    return Mail(
        message_id=next(iter(headers.ids(fields.raw("message-id"))), ""),
        references=references,
        date=headers.date(fields.raw("date")),
        from_=from_,
        sender=sender,
        reply_to=reply_to,
        to=to,
        cc=cc,
        delivered_to=fields.delivered_to(),
        invalid=(*bad_to, *bad_cc),
        subject=subject,
        text=body.text,
        html=body.html,
        parts=newtext.split(body.text, body.html, is_reply=bool(references)),
        attachments=body.attachments,
        headers=fields.all,
        kind=verdict.kind,
        machine=verdict.machine,
        forwarded=subjects.original_author(body.text) if subjects.is_forward(subject) else (),
        bounces=verdict.bounces,
        returned_ids=verdict.returned_ids,
        defects=tuple(dict.fromkeys(defects)),
        size=len(raw),
        sha256=sha256(raw).hexdigest(),
    )


class _Fields:
    """The header fields of the mail, each unfolded once."""

    def __init__(self, root: mime.Part, defects: list[str]) -> None:
        self._raw: dict[str, list[str]] = {}
        decoded: list[tuple[str, str]] = []
        for name, value in root.fields:
            text = headers.unfold(value)
            self._raw.setdefault(name, []).append(text)
            decoded.append((name, headers.decode_words(text)))
        self.all = tuple(decoded)
        defects.extend(f"duplicate-{name}" for name in _ONCE if len(self._raw.get(name, ())) > 1)

    def raw(self, name: str) -> str:
        """The first field of that name, RFC 2047 words still encoded."""
        return next(iter(self._raw.get(name, ())), "")

    def text(self, name: str) -> str:
        return headers.decode_words(self.raw(name))

    def mailboxes(self, name: str) -> tuple[tuple[Mailbox, ...], tuple[str, ...]]:
        return addresses.parse_list(self._raw.get(name, ()))

    def references(self) -> tuple[str, ...]:
        """References and then what In-Reply-To adds: the newest last (RFC 5322 section 3.6.4)."""
        lines = [*self._raw.get("references", ()), *self._raw.get("in-reply-to", ())]
        return tuple(dict.fromkeys(found for line in lines for found in headers.ids(line)))

    def delivered_to(self) -> tuple[str, ...]:
        lines = [line for name in _DELIVERED for line in self._raw.get(name, ())]
        mailboxes, _ = addresses.parse_list(lines)
        return tuple(dict.fromkeys(m.email for m in mailboxes))
