"""OAuth2 access tokens for IMAP and SMTP: two flows, each one POST, kept until shortly before they end (RFC 6749)."""

from __future__ import annotations

import json
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Protocol
from urllib.error import HTTPError

from mailgateway.config import OAuth2
from mailgateway.core.errors import Misconfigured, Temporary

MARGIN = 60.0  # seconds before its end from which a token is not used any more
TIMEOUT = 20.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class TokenSource(Protocol):
    """Gives a token that may be used now, and never again the one that a server refused."""

    def __call__(self, refused: str = "") -> str:
        """Raises `Temporary` or `Misconfigured`."""
        ...


class Tokens:
    """The tokens of one account; threads may share it."""

    def __init__(self, settings: OAuth2, clock: Callable[[], float] = time.monotonic) -> None:
        url = urllib.parse.urlsplit(settings.token_url)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK):
            raise Misconfigured(f"oauth2.token_url = {settings.token_url!r} must begin with https://")
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0
        self._refresh_token = settings.refresh_token.get_secret_value()

    def __call__(self, refused: str = "") -> str:
        """A token that may be used now; a new one if the kept one is about to end or is the refused one."""
        with self._lock:
            if not self._token or self._token == refused or self._clock() >= self._ends:
                self._fetch()
            return self._token

    def _fetch(self) -> None:
        asked = self._clock()
        answer = _post(self._settings.token_url, self._form())
        token = answer.get("access_token")
        if not isinstance(token, str) or not token.isascii():
            raise Temporary(f"{self._settings.token_url} answered without an access_token")
        self._token = token
        self._ends = asked + _number(answer.get("expires_in"), 300.0) - MARGIN
        # RFC 6749 6: the server may replace the refresh token; the old one is void then
        self._refresh_token = str(answer.get("refresh_token") or self._refresh_token)

    def _form(self) -> dict[str, str]:
        form = {
            "grant_type": self._settings.flow,
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.get_secret_value(),
            "scope": self._settings.scope,
        }
        if self._settings.flow == "refresh_token":
            form["refresh_token"] = self._refresh_token
        return {name: value for name, value in form.items() if value}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The client's secret goes to the configured address only."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing: a redirection is an error."""


_opener = urllib.request.build_opener(_NoRedirect)


def _post(url: str, form: dict[str, str]) -> dict[str, object]:
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode(), {"Accept": "application/json"})  # noqa: S310 - https, checked above
    try:
        with _opener.open(request, timeout=TIMEOUT) as response:
            answer = _json(response.read(1_000_000))
    except HTTPError as error:
        with error:
            raise _refusal(url, error.code, _json(error.read(100_000))) from None
    except OSError as error:  # URLError and TimeoutError are OSErrors
        raise Temporary(f"{url} cannot be reached: {error}") from None
    return answer


def _json(text: bytes) -> dict[str, object]:
    try:
        answer = json.loads(text)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _refusal(url: str, code: int, answer: dict[str, object]) -> Exception:
    """The server's own words (RFC 6749 5.2); they hold no secret of ours."""
    words = " ".join(f"{answer.get(key, '')}" for key in ("error", "error_description")).strip()
    said = f"{url} answered {code} {words[:300]}".strip()
    if code >= 500 or code in (408, 429):
        return Temporary(said)
    return Misconfigured(f"{said}; check client_id, client_secret, refresh_token and scope of [oauth2]")


def _number(value: object, default: float) -> float:
    try:
        return float(str(value))
    except ValueError:
        return default
