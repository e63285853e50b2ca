"""From the tree of parts to one text, one HTML and the attachments: which part is the body, and which is not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from hashlib import sha256
from mimetypes import guess_type

from mailgateway.core.messages import Attachment
from mailgateway.mail import tnef
from mailgateway.mail.charset import clean, decode
from mailgateway.mail.headers import decode_words, unfold
from mailgateway.mail.html import to_text
from mailgateway.mail.mime import Limits, Part

_BODY_TYPES = frozenset({"text/plain", "text/html"})
_ENCRYPTED = frozenset({"application/pgp-encrypted", "multipart/encrypted"})


@dataclass(frozen=True, slots=True)
class Body:
    """What the parts come to."""

    text: str
    html: str
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    """A stretch of the body: its plain text, or its HTML, or both versions of the same."""

    plain: str = ""
    html: str = ""


@dataclass(slots=True)
class _Reading:
    limits: Limits
    defects: list[str]
    attachments: list[Attachment] = field(default_factory=list)


def assemble(root: Part, limits: Limits, defects: list[str]) -> Body:
    """The body and the attachments of a mail, in its order."""
    reading = _Reading(limits, defects)
    versions = _gather(root, reading)
    html = "\n".join(v.html for v in versions if v.html)
    texts: list[str] = []
    for version in versions:
        text = version.plain or to_text(version.html)
        # Some programs send both versions of one text side by side instead of as alternatives.
        is_repeated = not version.plain and texts and text.split() == texts[-1].split()
        if text.strip() and not is_repeated:
            texts.append(text)
    text = "\n".join(texts)
    return Body(
        _cut(text, limits.body_chars, "text-too-long", defects),
        _cut(html, limits.html_chars, "html-too-long", defects),
        tuple(reading.attachments),
    )


def _gather(part: Part, reading: _Reading) -> list[_Version]:
    """The stretches of body in this part; what is no body goes to the attachments. At most `Limits.depth` deep."""
    kind = part.content_type
    if kind in _ENCRYPTED or _is_enveloped(part):
        reading.defects.append("encrypted")
        _attach_all(part.children or [part], reading)
        return []
    if not part.children:
        return _leaf(part, reading)
    if kind == "multipart/alternative":
        return _alternative(part, reading)
    if kind in ("multipart/related", "multipart/signed"):
        first, *others = part.children
        versions = _gather(first, reading)
        _attach_all(others, reading)
        return versions
    return [version for child in part.children for version in _gather(child, reading)]


def _alternative(part: Part, reading: _Reading) -> list[_Version]:
    """One stretch from several versions of the same: the plain one, unless it says nothing."""
    versions = [version for child in part.children for version in _gather(child, reading)]
    plain = "\n".join(v.plain for v in versions if v.plain)
    html = "\n".join(v.html for v in versions if v.html)
    if html and (not plain.strip() or _USELESS.fullmatch(plain.strip())):
        plain = ""
    return [_Version(plain, html)] if plain or html else []


# A plain version that only says that there is another one.
_USELESS = re.compile(
    r"[^\n]{0,200}(?:html|not support|não suporta|no soporta|view this (?:e-?mail|message)|visualizar? (?:este|esta))"
    r"[^\n]{0,200}",
    re.I,
)


def _leaf(part: Part, reading: _Reading) -> list[_Version]:
    disposition, params = part.disposition()
    if part.content_type not in _BODY_TYPES or disposition == "attachment" or _filename(part, params):
        _attach(part, reading)
        return []
    text = _text(part)
    if part.content_type == "text/html":
        return [_Version(html=text)]
    return [_Version(plain=_unflow(text, part.params))]


def _text(part: Part) -> str:
    content = part.content()
    charset = part.params.get("charset", "")
    if not charset and part.content_type == "text/html" and (meta := _META.search(content[:2048])):
        charset = meta[1].decode("ascii")
    return clean(decode(content, charset))


_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", re.I)


def _unflow(text: str, params: dict[str, str]) -> str:
    """RFC 3676: join lines that end in a blank to the next one of the same quote depth."""
    if params.get("format", "").lower() != "flowed":
        return text
    delete_blank = params.get("delsp", "").lower() == "yes"
    pieces: list[str] = []
    open_depth = -1  # the quote depth of a line that goes on, -1 where the last one ended
    for raw in text.split("\n"):
        content = raw.lstrip(">")
        depth = len(raw) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        flows = content.endswith(" ") and not is_signature
        if open_depth != depth or is_signature:
            pieces.append("\n" + ">" * depth + " " * bool(depth))
        pieces.append(content[:-1] if flows and delete_blank else content)
        open_depth = depth if flows else -1
    return "".join(pieces).removeprefix("\n")


def _is_enveloped(part: Part) -> bool:
    return part.content_type.endswith("pkcs7-mime") and part.params.get("smime-type", "").lower() == "enveloped-data"


def _attach_all(parts: list[Part], reading: _Reading) -> None:
    for part in parts:
        for leaf in part.walk():
            if not leaf.children:
                _attach(leaf, reading)


def _attach(part: Part, reading: _Reading) -> None:
    content = part.content()
    if part.content_type == "text/plain" and not content.strip():
        return
    if part.content_type in tnef.TYPES and (files := tnef.read(content)):
        reading.attachments.extend(_file(name, data) for name, data in files)
        return
    disposition, params = part.disposition()
    content_id = decode_words(unfold(part.first("content-id"))).strip("<> ")
    reading.attachments.append(
        Attachment(
            filename=_filename(part, params) or _forwarded_name(part, content),
            content_type=part.content_type,
            size=len(content),
            sha256=sha256(content).hexdigest(),
            inline=disposition == "inline" or (bool(content_id) and disposition != "attachment"),
            content_id=content_id,
            content=content,
        )
    )


def _file(name: str, content: bytes) -> Attachment:
    """A file out of a winmail.dat, which does not say its type."""
    name = safe_name(name)
    content_type = guess_type(name)[0] or "application/octet-stream"
    return Attachment(name, content_type, len(content), sha256(content).hexdigest(), inline=False, content=content)


def _filename(part: Part, disposition: dict[str, str]) -> str:
    return safe_name(disposition.get("filename") or part.params.get("name") or "")


def _forwarded_name(part: Part, content: bytes) -> str:
    """A mail inside a mail has no file name; its subject is one."""
    if part.content_type != "message/rfc822":
        return ""
    subject = _SUBJECT.search(content[:20_000])
    return safe_name((decode_words(unfold(subject[1])).replace("/", "-") if subject else "") or "mail") + ".eml"


_SUBJECT = re.compile(rb"^subject:([^\n]*(?:\n[ \t][^\n]*)*)", re.I | re.M)


def safe_name(name: str) -> str:
    """A base name (RFC 2183 section 2.3) without path, control characters and marks that turn the reading direction."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    name = name.strip()[-200:]
    return name if name.strip(".") else ""


def _cut(text: str, limit: int, defect: str, defects: list[str]) -> str:
    if len(text) > limit:
        defects.append(defect)
    return text[:limit]
