"""Names that the code may add are stored as they are: they fit their columns, which SQLite would never say."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import Column, String

from mailgateway import resources
from mailgateway.core.keys import Purpose
from mailgateway.core.notices import NAMES
from mailgateway.core.outcomes import Outcome
from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Act, Status
from mailgateway.store import tables as t

STORED: list[tuple[Collection[str], Column[Any]]] = [
    (Status, t.tickets.c.status),
    (Status, t.entries.c.from_status),
    (Status, t.entries.c.to_status),
    (Act, t.questions.c.act),
    (EntryKind, t.entries.c.kind),
    (Outcome, t.inbox.c.outcome),
    (Purpose, t.keys.c.purpose),
    (NAMES, t.outbox.c.notice),
    (resources.languages(), t.people.c.language),
]


@pytest.mark.parametrize(("names", "column"), STORED, ids=[str(column) for _, column in STORED])
def test_every_name_fits_its_column(names: Collection[str], column: Column[Any]) -> None:
    assert isinstance(column.type, String)
    assert max(map(len, names)) <= (column.type.length or 0)
