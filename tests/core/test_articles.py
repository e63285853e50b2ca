"""Articles as files: what they may say, and that a broken one names file, line and cure."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mailgateway.core.articles import Place, read
from mailgateway.core.errors import Refused

PLACE = Place(
    "faq/es/Mi Título_1.md",
    "Mi Título_1",
    "es",
    ("pt-BR", "en", "es"),
    ("suporte", "compras"),
    ZoneInfo("America/Sao_Paulo"),
)


def test_everything_has_its_default_but_the_title() -> None:
    found = read('\ufeff+++\r\ntitle = "Algo  nuevo"\r\n+++\r\n\r\nEl texto.\r\n', PLACE)
    assert (found.id, found.language, found.title, found.body) == ("mi-titulo-1", "es", "Algo nuevo", "El texto.")
    assert (found.keywords, found.queue, found.updated) == ((), "", None)


def test_everything_can_be_said() -> None:
    head = 'id="x-1"\nlanguage="en"\ntitle="T"\nkeywords=["a b", "c"]\nqueue="compras"\nupdated=2026-03-10'
    found = read(f"+++\n{head}\n+++\nB\n+++\n", PLACE)
    assert (found.id, found.language, found.keywords, found.queue) == ("x-1", "en", ("a b", "c"), "compras")
    assert found.body == "B\n+++"
    assert found.updated == datetime(2026, 3, 10, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "line", "cure"),
    [
        ("", 1, "write +++"),
        ("Only text", 1, "write +++"),
        ("\n+++\n+++\n", 1, "write +++"),
        ('+++\ntitle = "x"\n', 1, "second +++"),
        ('+++\ntitle = "x"\n+++\n \n', 3, "write the answer"),
        ("+++\nkeywords = []\n+++\nB", 1, 'add title = "…"'),
        ("+++\n\ntitle = Senha\n+++\nB", 3, "in quotes"),
        ('+++\nid = "a"\ntitle = "x\n+++\nB', 3, "in quotes"),
        ('+++\nkeywords = ["a",\n+++\nB', 2, "in quotes"),
        ('+++\ntitle = "x"\ntitel = "y"\n+++\nB', 3, "use id, title"),
        ('+++\ntitle = "x"\n[more]\na = 1\n+++\nB', 1, "use id, title"),
        ('+++\ntitle = " "\n+++\nB', 2, "one line"),
        ('+++\ntitle = "x"\nid = "Não Pode"\n+++\nB', 3, "small letters"),
        ('+++\ntitle = "x"\nlanguage = "fr"\n+++\nB', 3, "pt-BR, en, es"),
        ('+++\ntitle = "x"\nkeywords = "toner"\n+++\nB', 3, 'keywords = ["toner"'),
        ('+++\ntitle = "x"\nqueue = "rh"\n+++\nB', 3, "suporte, compras"),
        ('+++\ntitle = "x"\nqueue = 3\n+++\nB', 3, "suporte, compras"),
        ('+++\ntitle = "x"\nupdated = "ontem"\n+++\nB', 3, "without quotes"),
        ('+++\ntitle = "x"\n+++\nB\n\0', 5, "remove it"),
        ('+++\ntitle = "x"\n+++\n' + "B" * 30_000, 1, "divide it"),
    ],
)
def test_a_broken_file_names_file_line_and_cure(text: str, line: int, cure: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text, PLACE)
    assert str(refused.value).startswith(f"{PLACE.path}, line {line}: ")
    assert cure in str(refused.value)
