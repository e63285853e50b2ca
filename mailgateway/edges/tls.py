"""How TLS is set up, for what we connect to and for who connects to us."""

from __future__ import annotations

import ssl

from mailgateway.core.errors import Misconfigured


def client_context(verify: bool) -> ssl.SSLContext:
    """TLS towards a server of ours; its certificate is checked unless the configuration says otherwise."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def server_context(certificate: str, key: str) -> ssl.SSLContext | None:
    """TLS for who connects to us; None where no certificate is configured. Raises `Misconfigured`."""
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key or None)
    except OSError as error:  # SSLError is one too
        cure = "name PEM files that belong together and that this user may read"
        raise Misconfigured(f"smtp_listener.tls_certificate = {certificate!r}: {error}; {cure}") from None
    return context
