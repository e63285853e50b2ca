"""The FAQ: articles, what an import changes, what answers a question, how often each closed a ticket."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from mailgateway.core import matching
from mailgateway.core.articles import Article
from mailgateway.store import search as index
from mailgateway.store.tables import faq


@dataclass(frozen=True, slots=True)
class Stored:
    """An article with its number, which stays its own as long as it is there; `article.updated` is never None."""

    number: int
    article: Article
    deflections: int


@dataclass(frozen=True, slots=True)
class Match:
    """An article that may answer a question; the higher its score the better."""

    number: int
    id: str
    language: str
    title: str
    snippet: str
    score: float

    @property
    def url_slug(self) -> str:
        """How an address of the portal ends."""
        return f"{self.number}-{self.id}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; `kept` are articles that it did not name and that stayed."""

    new: int
    changed: int
    unchanged: int
    removed: int
    kept: int


def search(connection: Connection, text: str, language: str, limit: int = 3, queue: str | None = None) -> list[Match]:
    """What may answer this, best first: a few words or a whole ticket, in this language before any other."""
    found = []
    hits = index.find(connection, text, language, queue, limit)
    stored = {s.number: s.article for s in _stored(connection, [hit.number for hit in hits])}
    for hit in hits:
        article = stored[hit.number]
        snippet = matching.snippet(article.body, hit.terms)
        found.append(Match(hit.number, article.id, article.language, article.title, snippet, hit.score))
    return found


def article(connection: Connection, number: int) -> Stored | None:
    """One article; None where there is none, or none any more."""
    return next(_stored(connection, [number]), None)


def page(
    connection: Connection, *, limit: int | None = None, after: int | None = None, newest_first: bool = False
) -> list[Stored]:
    """All articles, or so many, oldest first unless told."""
    query = select(faq).order_by(faq.c.number.desc() if newest_first else faq.c.number)
    if after is not None:
        query = query.where(faq.c.number < after if newest_first else faq.c.number > after)
    return [_of(row) for row in connection.execute(query.limit(limit) if limit else query)]


def deflected(connection: Connection, number: int) -> None:
    """It closed a ticket, once more."""
    connection.execute(update(faq).where(faq.c.number == number).values(deflections=faq.c.deflections + 1))


def keep(connection: Connection, articles: Sequence[Article], now: datetime, *, prune: bool) -> Imported:
    """Make these the articles: new ones in, changed ones changed, and with `prune` all others out."""
    before = {(s.article.id, s.article.language): s for s in page(connection)}
    new = changed = 0
    for given in articles:
        known = before.pop((given.id, given.language), None)
        if known is None:
            new += 1
            _put(connection, None, given, now)
        elif replace(given, updated=given.updated or known.article.updated) != known.article:
            changed += 1
            _put(connection, known.number, given, now)
        else:
            index.put(connection, known.number, given)  # the rules of the words may have changed since
    if prune:
        _remove(connection, [s.number for s in before.values()])
    removed, kept = (len(before), 0) if prune else (0, len(before))
    return Imported(new, changed, len(articles) - new - changed, removed, kept)


def _put(connection: Connection, number: int | None, given: Article, now: datetime) -> None:
    row = {
        "id": given.id,
        "language": given.language,
        "title": given.title,
        "body": given.body,
        "keywords": list(given.keywords),
        "queue": given.queue,
        "updated_at": given.updated or now,
    }
    if number is None:
        made = insert(faq).values(**row, deflections=0).returning(faq.c.number)
        number = connection.execute(made).scalar_one()
    else:
        connection.execute(update(faq).where(faq.c.number == number).values(**row))
    index.put(connection, number, given)


def _remove(connection: Connection, numbers: Sequence[int]) -> None:
    index.forget(connection, numbers)
    for number in numbers:
        connection.execute(delete(faq).where(faq.c.number == number))


def _stored(connection: Connection, numbers: Sequence[int]) -> Iterator[Stored]:
    return map(_of, connection.execute(select(faq).where(faq.c.number.in_(numbers))))


def _of(row: Row[Any]) -> Stored:
    found = Article(row.id, row.language, row.title, row.body, tuple(row.keywords), row.queue, row.updated_at)
    return Stored(row.number, found, row.deflections)
