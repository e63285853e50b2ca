"""A mail's bytes as one text to look for something in, and who it says it is from: bounded, whatever the bytes are."""

from __future__ import annotations

from collections.abc import Iterator

from mailgateway.mail import addresses, headers, mime
from mailgateway.mail.charset import decode
from mailgateway.mail.mime import Limits, Part

HEAD = 65_536  # bytes in which the header fields that matter stand


def searchable(raw: bytes) -> str:
    """All fields and texts of a mail with their encodings off, those of mails attached to it too."""
    return "\n".join(text for part in mime.read(raw, Limits(), []).walk() for text in _texts(part))


def _texts(part: Part) -> Iterator[str]:
    for _, value in part.fields:
        yield headers.decode_words(headers.unfold(value))
    if part.content_type.startswith(("text/", "message/")) and not part.children:
        yield decode(part.content(), part.params.get("charset", ""))


def authors(head: bytes) -> frozenset[str]:
    """The addresses in From, as the first bytes of a mail have them."""
    fields = mime.read(head[:HEAD], Limits(parts=1), []).fields
    found, _ = addresses.parse_list(headers.unfold(value) for name, value in fields if name == "from")
    return frozenset(mailbox.email for mailbox in found)
