"""From the tree of parts to one text, one HTML and the attachments: which part is the body, and which is not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mailgateway.core.messages import Attachment
from mailgateway.mail import cms, openpgp
from mailgateway.mail.attachments import files_of, id_of, name_of, unwrapped
from mailgateway.mail.charset import clean, decode
from mailgateway.mail.html import to_text
from mailgateway.mail.mime import Limits, Part
from mailgateway.mail.uuencode import take_files

_BODY_TYPES = frozenset({"text/plain", "text/html"})
# Text that is made to be read and stands in where there is nothing better (RFC 2046 section 4.1.4).
_READABLE = frozenset({"text/enriched", "text/richtext", "text/markdown", "text/x-markdown"})
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
    left = limits.html_chars  # of all versions together: to turn it into text takes its time
    for version in versions:
        text = version.plain or to_text(version.html[:left])
        left -= 0 if version.plain else min(left, len(version.html))
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


def _gather(part: Part, reading: _Reading, *, alone: bool = True) -> list[_Version]:
    """The stretches of body in this part; what is no body goes to the attachments. At most `Limits.depth` deep.

    `alone`: nothing stands beside it but other versions of the same, so that even a name does not make it a file.
    """
    kind = part.content_type
    if kind in _ENCRYPTED or _is_envelope(part):
        reading.defects.append("encrypted")
        _attach_all(part.children or [part], reading)
        return []
    if not part.children:
        return _leaf(part, reading, alone=alone)
    if kind == "multipart/alternative":
        return _alternative(part, reading)
    if kind == "multipart/related":
        return _related(part, reading, alone=alone)
    if kind == "multipart/signed":
        first, *others = part.children
        versions = _gather(first, reading, alone=alone)
        _attach_all(others, reading)
        return versions
    alone = alone and len(part.children) == 1
    return [version for child in part.children for version in _gather(child, reading, alone=alone)]


def _alternative(part: Part, reading: _Reading) -> list[_Version]:
    """One stretch from several versions of the same."""
    has_known = any(child.children or child.content_type in _BODY_TYPES for child in part.children)
    versions = []
    for child in part.children:
        is_known = not has_known or child.content_type not in _READABLE
        versions.extend(_gather(child, reading, alone=is_known))
    return _merged(versions)


def _related(part: Part, reading: _Reading, *, alone: bool) -> list[_Version]:
    """The root that the others belong to (RFC 2387), and what stands beside it without an id: another version of it."""
    start = part.params.get("start", "").strip("<> ")
    first = next((child for child in part.children if start and id_of(child) == start), None)
    first = first or next((child for child in part.children if _may_be_root(child)), part.children[0])
    versions: list[_Version] = []
    for child in part.children:
        if child is first:
            versions[:0] = _gather(child, reading, alone=alone)
        elif child.content_type in _BODY_TYPES and not id_of(child) and not child.first("content-location"):
            versions.extend(_gather(child, reading, alone=False))
        else:
            _attach_all([child], reading)
    return _merged(versions)


def _may_be_root(part: Part) -> bool:
    return part.content_type in _BODY_TYPES or part.content_type.startswith("multipart/")


def _merged(versions: list[_Version]) -> list[_Version]:
    """Versions of the same as one stretch: the plain one is read, unless it says nothing."""
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


def _leaf(part: Part, reading: _Reading, *, alone: bool) -> list[_Version]:
    if not _is_body(part, alone=alone):
        reading.attachments.extend(files_of(part))
        return []
    content = part.content()
    if part.content_type == "text/plain":
        content, files = take_files(content, reading.limits.parts - len(reading.attachments))
        reading.attachments.extend(unwrapped(name, data) for name, data in files)
    text = _text(part, _beginning(content, 4 * reading.limits.body_chars))
    if part.content_type == "text/html" or _IS_HTML.match(text):
        return [_Version(html=text)]
    if part.content_type in ("text/enriched", "text/richtext"):
        text = _ENRICHED.sub("", text)
    if openpgp.is_encrypted(text):
        reading.defects.append("encrypted")
    return [_Version(plain=_unflow(openpgp.without_signature(text), part.params))]


def _beginning(content: bytes, most: int) -> bytes:
    """As much as can be read of it, in whole lines where there are any; what follows would only cost time."""
    if len(content) <= most:
        return content
    return content[: content.rfind(b"\n", 0, most) + 1 or most]


def _is_body(part: Part, *, alone: bool) -> bool:
    """Whether this is text to read here and not a file."""
    if part.disposition()[0] == "attachment":
        return False
    if alone:
        return part.content_type in _BODY_TYPES or part.content_type in _READABLE
    return part.content_type in _BODY_TYPES and not name_of(part)


_IS_HTML = re.compile(r"\s*(?:<!doctype\s+html|<html[\s>])", re.I)  # whatever its label says
_ENRICHED = re.compile(r"<param>[^<]{0,500}</param>|</?[a-z][a-z0-9-]{0,60}>", re.I)  # RFC 1896


def _text(part: Part, content: bytes) -> str:
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


def _is_envelope(part: Part) -> bool:
    return cms.is_smime(part.content_type, part.params.get("name", "")) and cms.is_encrypted(part.content())


def _attach_all(parts: list[Part], reading: _Reading) -> None:
    for part in parts:
        for leaf in part.walk():
            if not leaf.children:
                reading.attachments.extend(files_of(leaf))


def _cut(text: str, limit: int, defect: str, defects: list[str]) -> str:
    if len(text) > limit:
        defects.append(defect)
    return text[:limit]
