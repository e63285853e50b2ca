"""Import the FAQ: a folder of Markdown files becomes the articles, all of it or nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from mailgateway import config
from mailgateway.core import articles
from mailgateway.core.articles import Article, Place
from mailgateway.core.errors import Refused
from mailgateway.steps.context import Gateway
from mailgateway.store import faq
from mailgateway.store.faq import Imported


def import_folder(gateway: Gateway, folder: Path, now: datetime, *, prune: bool = False) -> Imported:
    """Every *.md below the folder. Raises `Refused`, and changes nothing, where one of them cannot be used."""
    files = sorted(p for p in folder.rglob("*.md") if not any(x.startswith(".") for x in p.relative_to(folder).parts))
    if not files:
        raise Refused(f"there is no *.md file in {folder}; nothing was changed")
    found: dict[tuple[str, str], Path] = {}
    read: list[Article] = []
    for path in files:
        article = articles.read(_text(path), _place(gateway, folder, path))
        twin = found.setdefault((article.id, article.language), path)
        if twin != path:
            raise Refused(
                f'{path}, line 1: is {article.id!r} in {article.language} as {twin} is; give it another id = "…"'
            )
        read.append(article)
    with gateway.database.write(decide=True) as connection:
        return faq.keep(connection, read, now, prune=prune)


def _text(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Refused(f"{path}, line {line}: is not UTF-8; save it as UTF-8") from None


def _place(gateway: Gateway, folder: Path, path: Path) -> Place:
    """What a file's folder says: the first one that is named like a language."""
    languages = tuple(config.languages())
    return Place(
        path=str(path),
        stem=path.stem,
        language=_language(path.relative_to(folder).parts[:-1], languages) or gateway.language,
        languages=languages,
        queues=[queue.name for queue in gateway.house.queues],
        zone=gateway.calendar.zone,
    )


def _language(folders: Collection[str], languages: Collection[str]) -> str:
    known = {language.lower(): language for language in languages}
    return next((known[name.lower()] for name in folders if name.lower() in known), "")
