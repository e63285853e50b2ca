"""`faq` as scripts and people use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mailgateway import __main__ as program
from tests.desk import config_text

ARTICLES = Path(__file__).parents[1] / "faq"


@pytest.fixture
def faq(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("COLUMNS", "120")
    config = tmp_path / "desk.toml"
    config.write_text(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db"), encoding="utf-8")

    def run(*arguments: object, code: int = 0) -> str:
        capsys.readouterr()
        assert program.run(["-c", str(config), "faq", *map(str, arguments)]) == code
        said = capsys.readouterr()
        return said.err if code else said.out

    return run


def rows(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_import_list_and_search_for_people(faq: Any) -> None:
    assert "faq import DIR" in faq("list")
    assert faq("import", ARTICLES) == "12 new, 0 changed, 0 unchanged, 0 removed\n"
    kept = faq("import", ARTICLES / "pt-BR")
    assert "6 more" in kept
    assert "--prune" in kept
    assert "A impressora não imprime" in faq("list")
    assert "A impressora não imprime" in faq("search", "impressoras", "paradas")
    assert faq("search", "xyzzy") == "Nothing answers that.\n"


def test_import_list_and_search_for_scripts(faq: Any) -> None:
    told = {"new": 12, "changed": 0, "unchanged": 0, "removed": 0, "kept": 0}
    assert rows(faq("import", ARTICLES, "--json")) == [told]
    listed = rows(faq("list", "--json"))
    assert [r["number"] for r in listed] == list(range(1, 13))
    assert listed[6] == {
        "number": 7,
        "id": "impressora-nao-imprime",
        "language": "pt-BR",
        "title": "A impressora não imprime",
        "keywords": ["impressão", "toner", "papel preso", "fila de impressão"],
        "queue": None,
        "updated_at": "2026-03-10T03:00:00Z",
        "deflections": 0,
    }
    assert [r["number"] for r in rows(faq("list", "--newest-first", "--limit", 2, "--after", 5, "--json"))] == [4, 3]
    match = rows(faq("search", "impressora não imprime", "--json"))[0]
    assert list(match) == ["number", "id", "language", "title", "snippet", "score"]
    assert rows(faq("search", "printer", "--lang", "en", "--limit", 1, "--json"))[0]["language"] == "en"
    assert faq("search", "xyzzy", "--json") == ""


def test_a_broken_file_is_one_line_with_the_cure(faq: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.md").write_text("+++\ntitle = Senha\n+++\nB", encoding="utf-8")
    told = faq("import", tmp_path, code=1)
    assert told.count("\n") == 1
    assert "broken.md, line 2: " in told
    faq("import", tmp_path / "nowhere", code=2)
