"""Text inside OpenPGP armour (RFC 9580 section 7): what is signed is read, what is encrypted is named."""

from __future__ import annotations

import re

_SIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----[ \t]*\n(?:[A-Za-z]+:[^\n]*\n)*[ \t]*\n", re.MULTILINE)
_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----[ \t]*$", re.MULTILINE)
_END = re.compile(r"^-----END PGP SIGNATURE-----[ \t]*\n?", re.MULTILINE)
_ENCRYPTED = re.compile(r"^-----BEGIN PGP MESSAGE-----[ \t]*$", re.MULTILINE)
_ESCAPE = re.compile(r"^- ", re.MULTILINE)


def without_signature(text: str) -> str:
    """The text without armour and signature; whether the signature holds is nobody's question here."""
    begin = _SIGNED.search(text)
    signature = _SIGNATURE.search(text, begin.end()) if begin else None
    end = _END.search(text, signature.end()) if signature else None
    if begin is None or signature is None or end is None:
        return text
    return text[: begin.start()] + _ESCAPE.sub("", text[begin.end() : signature.start()]) + text[end.end() :]


def is_encrypted(text: str) -> bool:
    """Whether the text is a message that only its addressee can open."""
    return bool(_ENCRYPTED.match(text.lstrip()))
