"""Raw bytes to a `Mail`: whatever the bytes are. What is broken is a defect of the mail, never an exception."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from mailgateway.core.messages import Mail
from mailgateway.core.people import Mailbox
from mailgateway.mail import addresses, bodies, bounces, headers, mime, newtext, subjects
from mailgateway.mail.mime import Limits

__all__ = ["Limits", "parse"]

# RFC 5322 section 3.6: each of these may stand once. With two, a forger shows two readers two different mails.
_ONCE = ("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references")
DEFAULT_LIMITS = Limits()
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")


def parse(raw: bytes, limits: Limits = DEFAULT_LIMITS) -> Mail:
    """The mail in these bytes."""
    defects: list[str] = []
    root = mime.read(raw, limits, defects)
    body = bodies.assemble(root, limits, defects)
    fields = _Fields(root, defects)
    head = fields.head()
    is_reply = bool(head.references) or subjects.is_answer(head.subject)
    verdict = bounces.classify(root, fields.all, head.subject, body.text)
    return replace(
        head,
        text=body.text,
        html=body.html,
        parts=newtext.split(body.text, body.html, author=_name(head), is_reply=is_reply),
        attachments=body.attachments,
        kind=verdict.kind,
        machine=verdict.machine,
        forwarded=subjects.original_author(body.text) if subjects.is_forward(head.subject) else (),
        bounces=verdict.bounces,
        returned_ids=verdict.returned_ids,
        defects=tuple(dict.fromkeys(defects)),
        size=len(raw),
        sha256=sha256(raw).hexdigest(),
    )


def _name(head: Mail) -> str:
    return head.author.name if head.author else ""


class _Fields:
    """The header fields of the mail, each unfolded once."""

    def __init__(self, root: mime.Part, defects: list[str]) -> None:
        self._defects = defects
        self._raw: dict[str, list[str]] = {}
        decoded: list[tuple[str, str]] = []
        for name, value in root.fields:
            text = headers.unfold(value)
            self._raw.setdefault(name, []).append(text)
            decoded.append((name, headers.decode_words(text)))
        self.all = tuple(decoded)
        defects.extend(f"duplicate-{name}" for name in _ONCE if len(self._raw.get(name, ())) > 1)

    def head(self) -> Mail:
        """A mail as far as its header fields say."""
        from_, _ = self._mailboxes("from")
        if len({mailbox.email for mailbox in from_}) > 1:
            self._defects.append("several-from")
        to, bad_to = self._mailboxes("to")
        cc, bad_cc = self._mailboxes("cc")
        return Mail(
            message_id=next(iter(headers.ids(self._first("message-id"))), ""),
            references=self._references(),
            date=headers.date(self._first("date")),
            from_=from_,
            sender=self._mailboxes("sender")[0],
            reply_to=self._mailboxes("reply-to")[0],
            to=to,
            cc=cc,
            delivered_to=self._delivered_to(),
            invalid=(*bad_to, *bad_cc),
            subject=headers.decode_words(self._first("subject")),
            headers=self.all,
        )

    def _first(self, name: str) -> str:
        """The first field of that name, RFC 2047 words still encoded."""
        return next(iter(self._raw.get(name, ())), "")

    def _mailboxes(self, name: str) -> tuple[tuple[Mailbox, ...], tuple[str, ...]]:
        return addresses.parse_list(self._raw.get(name, ()))

    def _references(self) -> tuple[str, ...]:
        """References and then what In-Reply-To adds: the newest last (RFC 5322 section 3.6.4)."""
        lines = [*self._raw.get("references", ()), *self._raw.get("in-reply-to", ())]
        return tuple(dict.fromkeys(found for line in lines for found in headers.ids(line)))

    def _delivered_to(self) -> tuple[str, ...]:
        lines = [line for name in _DELIVERED for line in self._raw.get(name, ())]
        mailboxes, _ = addresses.parse_list(lines)
        return tuple(dict.fromkeys(m.email for m in mailboxes))
