"""Tokens, against a real HTTP server on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mailgateway.config import OAuth2
from mailgateway.core.errors import Misconfigured, Temporary
from mailgateway.edges.oauth2 import MARGIN, Tokens
from tests.edges.dovecot import TokenServer, token_server

SECRET = "t0p-s3cret"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server() as running:
        yield running


def settings(url: str, **more: Any) -> OAuth2:
    return OAuth2.model_validate({"token_url": url, "client_id": "gateway", "client_secret": SECRET, **more})


def granted(token: str, **more: Any) -> tuple[int, object]:
    return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, **more}


def test_client_credentials(server: TokenServer) -> None:
    server.answers = [granted("one")]
    assert Tokens(settings(server.url, scope="https://outlook.office365.com/.default"))() == "one"
    assert server.requests == [
        {
            "grant_type": "client_credentials",
            "client_id": "gateway",
            "client_secret": SECRET,
            "scope": "https://outlook.office365.com/.default",
        }
    ]


def test_refresh_token_and_the_one_that_replaces_it(server: TokenServer) -> None:
    now = [0.0]
    server.answers = [granted("one", refresh_token="r2"), granted("two")]
    tokens = Tokens(settings(server.url, flow="refresh_token", refresh_token="r1"), lambda: now[0])
    tokens()
    now[0] = 3600
    assert tokens() == "two"
    assert [r["refresh_token"] for r in server.requests] == ["r1", "r2"]


def test_a_token_is_kept_until_shortly_before_its_end(server: TokenServer) -> None:
    now = [1000.0]
    server.answers = [granted("one"), granted("two")]
    tokens = Tokens(settings(server.url), lambda: now[0])
    assert [tokens(), tokens()] == ["one", "one"]
    now[0] += 3600 - MARGIN - 1
    assert tokens() == "one"
    now[0] += 1
    assert tokens() == "two"
    assert len(server.requests) == 2


def test_a_refused_token_is_not_given_again(server: TokenServer) -> None:
    server.answers = [granted("one"), granted("two")]
    tokens = Tokens(settings(server.url))
    assert tokens() == "one"
    assert tokens(refused="one") == "two"
    assert tokens(refused="one") == "two"  # another thread was refused the same one: it is replaced already


def test_threads_share_one_request(server: TokenServer) -> None:
    server.answers = [granted("one")]
    tokens = Tokens(settings(server.url))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tokens(), range(8))) == {"one"}


@pytest.mark.parametrize(
    ("code", "answer", "error", "words"),
    [
        (400, {"error": "invalid_grant", "error_description": "expired"}, Misconfigured, "400 invalid_grant expired"),
        (401, {"error": "invalid_client"}, Misconfigured, "401 invalid_client"),
        (404, "no such page", Misconfigured, "404"),
        (302, "", Misconfigured, "302"),
        (429, {"error": "slow_down"}, Temporary, "429"),
        (408, "", Temporary, "408"),
        (500, "oops", Temporary, "500"),
        (503, ["busy"], Temporary, "503"),
        (200, "<html>", Temporary, "without an access_token"),
        (200, {"access_token": 7}, Temporary, "without an access_token"),
    ],
)
def test_what_passes_and_what_somebody_must_mend(
    server: TokenServer, code: int, answer: object, error: type[Exception], words: str
) -> None:
    server.answers = [(code, answer), granted("one")]
    tokens = Tokens(settings(server.url))
    with pytest.raises(error, match=words) as raised:
        tokens()
    assert SECRET not in str(raised.value)
    assert tokens() == "one"  # the next attempt asks again


def test_an_answer_without_an_end_is_kept_for_a_while(server: TokenServer) -> None:
    server.answers = [(200, {"access_token": "one", "expires_in": "soon"})]
    tokens = Tokens(settings(server.url), lambda: 0.0)
    assert [tokens(), tokens()] == ["one", "one"]


def test_a_server_that_is_away(server: TokenServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Temporary, match="cannot be reached"):
            Tokens(settings(f"http://127.0.0.1:{free.getsockname()[1]}/token"))()


@pytest.mark.parametrize("url", ["http://login.example.com/token", "ftp://127.0.0.1/", "file:///etc/passwd", "x"])
def test_secrets_go_by_https_only(url: str) -> None:
    with pytest.raises(Misconfigured, match="https"):
        Tokens(settings(url))
