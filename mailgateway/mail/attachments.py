"""Parts that are no body as files with safe names, also those inside a winmail.dat or among the lines of a text."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from mimetypes import guess_type

from mailgateway.core.messages import Attachment
from mailgateway.mail import tnef
from mailgateway.mail.charset import decode
from mailgateway.mail.headers import decode_words, unfold
from mailgateway.mail.mime import Part


def files_of(part: Part) -> list[Attachment]:
    """The files in a part that has no parts below it: none where it is empty text, several out of a winmail.dat."""
    content = part.content()
    if part.content_type == "text/plain" and not content.strip():
        return []
    if part.content_type in tnef.TYPES and (files := tnef.read(content)):
        return [unwrapped(name, data) for name, data in files]
    disposition, _ = part.disposition()
    content_id = id_of(part)
    return [
        Attachment(
            filename=name_of(part) or _forwarded_name(part, content),
            content_type=part.content_type,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            inline=disposition == "inline" or (bool(content_id) and disposition != "attachment"),
            content_id=content_id,
            content=content,
        )
    ]


def unwrapped(name: str | bytes, content: bytes) -> Attachment:
    """A file out of a wrapping that does not say its type."""
    name = safe_name(decode_words(name if isinstance(name, str) else decode(name)))
    content_type = guess_type(name)[0] or "application/octet-stream"
    return Attachment(name, content_type, len(content), sha256(content).hexdigest(), inline=False, content=content)


def name_of(part: Part) -> str:
    """The file name that the part bears, "" where it bears none or nothing of it is safe."""
    _, params = part.disposition()
    written = params.get("filename") or part.params.get("name")
    return safe_name(written) if written else ""


def id_of(part: Part) -> str:
    """Its Content-ID without brackets (RFC 2392), "" where it has none."""
    return decode_words(unfold(part.first("content-id"))).strip("<> ")


def _forwarded_name(part: Part, content: bytes) -> str:
    """A mail inside a mail has no file name; its subject is one."""
    if part.content_type != "message/rfc822":
        return ""
    subject = _SUBJECT.search(content[:20_000])
    return safe_name((decode_words(unfold(subject[1])).replace("/", "-") if subject else "") or "mail") + ".eml"


_SUBJECT = re.compile(rb"^subject:([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)


def safe_name(name: str) -> str:
    """A base name (RFC 2183 section 2.3) that every system can keep.

    Without path, control characters and marks that turn the reading direction; no dots or blanks at its end and no name
    of a device, which Windows could neither write nor delete.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    name = name.strip()[-200:].rstrip(". ")
    return f"_{name}" if _DEVICE.match(name) else name


_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
