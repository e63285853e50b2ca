"""The values that travel: a mail that was read, what its text splits into, what it carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailgateway.core.people import Mailbox
from mailgateway.core.workflow import Act


class Kind(StrEnum):
    """What a mail is by itself, whether it concerns us or not."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    DELAY_REPORT = "delay_report"
    DELIVERY_REPORT = "delivery_report"
    FEEDBACK_REPORT = "feedback_report"
    RECEIPT = "receipt"
    CALENDAR = "calendar"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a mail reached us. `mail_from` is None where nobody knows it and "" for the null sender (RFC 5321 4.5.5).

    `source` is `smtp`, `lmtp`, `pipe` or `imap:<mailbox>`; `login` the name proven by SMTP AUTH; the last three say
    where an IMAP server holds the mail.
    """

    source: str
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    peer: str = ""
    helo: str = ""
    login: str = ""
    mailbox: str = ""
    uidvalidity: int = 0
    uid: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A non-body part. `filename` is a safe base name ("" where there is none); `content` is decoded."""

    filename: str
    content_type: str
    size: int
    sha256: str
    inline: bool
    content_id: str = ""
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's fate as a delivery report tells it (RFC 3464 section 2.3).

    `action` is `failed`, `delayed`, `delivered`, `relayed` or `expanded`; `status` an RFC 3463 code or "".
    """

    recipient: str
    action: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class NewText:
    """A body split into what was newly written, the signature, and what was quoted.

    Nothing is lost: the three together hold every line. `certain` is false where the cut was a guess or none could be
    made although the mail looks like a reply; then words in it command only by explicit `#verb` lines at the very top.
    """

    new: str
    signature: str = ""
    quoted: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line that somebody may type as it stands, and the part to replace with his own words, if any.

    `act` is what it promises; None for the answer to a yes/no question.
    """

    text: str
    placeholder: str = ""
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, read. Every field has a harmless value where the mail has none; reading never raises."""

    message_id: str = ""
    references: tuple[str, ...] = ()  # In-Reply-To and References, newest last, each with its angle brackets
    date: datetime | None = None
    from_: tuple[Mailbox, ...] = ()
    sender: tuple[Mailbox, ...] = ()
    reply_to: tuple[Mailbox, ...] = ()
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    delivered_to: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To: addresses only
    invalid: tuple[str, ...] = ()  # what stands in To and Cc but is no address, as written
    subject: str = ""
    text: str = ""  # the whole body as text
    html: str = ""  # the HTML body as received, "" where there is none
    parts: NewText = field(default_factory=lambda: NewText(""))
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # all, decoded, names in lower case, in order
    kind: Kind = Kind.PERSON
    machine: str = ""  # the header or form that shows a machine wrote it, "" where none does
    forwarded: tuple[Mailbox, ...] = ()  # the original author where the mail is a forward
    bounces: tuple[Bounce, ...] = ()
    returned_ids: tuple[str, ...] = ()  # Message-IDs of the mails a report speaks of
    defects: tuple[str, ...] = ()
    size: int = 0
    sha256: str = ""

    def header(self, name: str) -> str:
        """The first header of that name (lower case), or ""."""
        return next((v for n, v in self.headers if n == name), "")

    def all_headers(self, name: str) -> tuple[str, ...]:
        """Every header of that name (lower case), topmost first."""
        return tuple(v for n, v in self.headers if n == name)

    @property
    def author(self) -> Mailbox | None:
        """The one mailbox of From; None where there is none or where several disagree."""
        return self.from_[0] if len({m.email for m in self.from_}) == 1 else None
