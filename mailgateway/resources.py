"""Finds what is not code, in a wheel as in a checkout: templates, languages, migrations, the example configuration."""

from __future__ import annotations

from pathlib import Path

FIRST = "pt-BR"  # the language that stands in where another one is missing
_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """The shipped templates: inside a wheel they lie in the package, in a checkout beside it."""
    for candidate in (_PACKAGE / "_templates", _PACKAGE.parent / "templates"):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError("the shipped templates are missing; install mailgateway again")


def languages_dir() -> Path:
    """One TOML file a language: reply words, verbs, labels."""
    return _PACKAGE / "languages"


def languages() -> tuple[str, ...]:
    """The languages that there are, the first one first: a file for each is all that adds one."""
    return tuple(sorted((f.stem for f in languages_dir().glob("*.toml")), key=lambda name: (name != FIRST, name)))


def migrations_dir() -> Path:
    """The Alembic scripts of the database."""
    return _PACKAGE / "store" / "migrations"


def example_config() -> str:
    """The text of `config.example.toml`."""
    for candidate in (_PACKAGE / "config.example.toml", _PACKAGE.parent / "config.example.toml"):
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    raise FileNotFoundError("config.example.toml is missing; install mailgateway again")
