"""Shared fixtures: a gateway in a folder of its own, and a desk that mails go into and come out of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.desk import Desk, config_text
from tests.postgres import Postgres

# A few examples for every run; HYPOTHESIS_PROFILE=thorough for a night. No deadline: the machine may be busy.
settings.register_profile("usual", max_examples=100, deadline=None)
settings.register_profile("thorough", max_examples=5_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL server; where its programs are missing the tests that want it say what to install."""
    server = Postgres.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/desk.db"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A gateway with the queue `suporte`, the agent Ana, the approver Maria; SQLite and PostgreSQL."""
    desk = Desk.open(config_text(tmp_path, database_url), tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def small_desk(tmp_path: Path) -> Iterator[Desk]:
    """The same on SQLite only, for what has nothing to do with the database."""
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db"), tmp_path)
    yield desk
    desk.close()
