"""A mail's bytes without the keys in them: for whoever is to have the mail and not the rights that it carries."""

from __future__ import annotations

import binascii
from collections.abc import Collection

from mailgateway.core import keys
from mailgateway.mail import mime
from mailgateway.mail.mime import Limits, Part

_HIDDEN = b"0000-0000"
_NESTED = 5  # mails in mails that are looked into


def without_keys(raw: bytes, codes: Collection[str] = (), nested: int = 0) -> bytes:
    """The mail as it was, with the keys of our reply addresses taken out, and the codes that still answer a question.

    What is not encoded is changed where it stands; of encoded parts only those that hold something are encoded anew.
    `nested` is how many mails this one lies in.
    """
    raw = _clean(raw, codes)
    for part in reversed(mime.read(raw, Limits(), []).walk()):
        if not part.children and (body := _recoded(part, codes, nested)) is not None:
            raw = raw[: part.start] + body + raw[part.end :]
    return raw


def _clean(data: bytes, codes: Collection[str]) -> bytes:
    for code in codes:
        data = data.replace(f"{code[:4]}-{code[4:]}".encode(), _HIDDEN).replace(code.encode(), _HIDDEN)
    return keys.hidden(data.decode("latin-1")).encode("latin-1")


def _recoded(part: Part, codes: Collection[str], nested: int) -> bytes | None:
    """The body anew, in the coding that it has; None where it may stay as it is."""
    content = part.content()
    is_mail = part.content_type.startswith("message/") and nested < _NESTED
    clean = without_keys(content, codes, nested + 1) if is_mail else _clean(content, codes)
    if clean == content:
        return None
    if part.body() == content:
        return clean
    if b"quoted" in part.first("content-transfer-encoding").lower():
        return binascii.b2a_qp(clean)
    return b"\r\n".join(binascii.b2a_base64(clean[i : i + 57], newline=False) for i in range(0, len(clean), 57))
