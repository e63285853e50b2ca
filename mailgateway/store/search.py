"""The index of the FAQ: SQLite's FTS5 or PostgreSQL's tsvector over our own normalised words.

The database proposes articles that have any of the terms; `core.matching` counts and judges them, so that both find the
same in the same order. What a person typed never reaches a query: only words in normal form do, letters and digits,
quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Float,
    Row,
    Select,
    String,
    Text,
    TextClause,
    bindparam,
    column,
    select,
    text,
)

from mailgateway.core import matching, searching
from mailgateway.core.articles import Article
from mailgateway.core.matching import Indexed, Term
from mailgateway.store.tables import faq

_PROPOSED = 50  # articles that the database proposes


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that was found, and the terms by which."""

    number: int
    score: float
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class _Engine:
    """What the two databases say differently. `propose` gives the better rank the smaller number."""

    put: TextClause
    forget: TextClause
    count: TextClause
    propose: TextClause
    term: Callable[[Term], str]
    joined: str


_SQLITE = _Engine(
    put=text("INSERT INTO faq_search (rowid, title, keywords, body) VALUES (:number, :title, :keywords, :body)"),
    forget=text("DELETE FROM faq_search WHERE rowid = :number"),
    count=text("SELECT term, doc FROM faq_terms WHERE term IN :words").bindparams(bindparam("words", expanding=True)),
    propose=text(
        "SELECT rowid AS number, title, keywords, body, bm25(faq_search, 4.0, 4.0, 1.0) AS rank"
        " FROM faq_search WHERE faq_search MATCH :query"
    ),
    term=lambda term: f'"{term.word}"' + "*" * term.begins,
    joined=" OR ",
)

_POSTGRESQL = _Engine(
    put=text("INSERT INTO faq_search VALUES (:number, :title, :keywords, :body, CAST(:words AS tsvector))"),
    forget=text("DELETE FROM faq_search WHERE number = :number"),
    count=text(
        "SELECT w.word, count(*) FROM unnest(CAST(:words AS text[])) AS w (word)"
        " JOIN faq_search ON faq_search.words @@ CAST(quote_literal(w.word) AS tsquery) GROUP BY w.word"
    ),
    propose=text(
        "SELECT number, title, keywords, body, -ts_rank(words, CAST(:query AS tsquery)) AS rank"
        " FROM faq_search WHERE words @@ CAST(:query AS tsquery)"
    ),
    term=lambda term: f"'{term.word}'" + ":*" * term.begins,
    joined=" | ",
)


def _engine(connection: Connection) -> _Engine:
    return _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL


def put(connection: Connection, number: int, article: Article) -> None:
    """Index an article, in place of what was indexed of it."""
    title, keywords = _once(article.title), _once(" ".join(article.keywords))
    body = _once(article.body)
    row = {"number": number, "title": " ".join(title), "keywords": " ".join(keywords), "body": " ".join(body)}
    forget(connection, [number])
    # The best place of each word; where in it makes no difference.
    weights = dict.fromkeys(body, "") | dict.fromkeys([*title, *keywords], "A")
    vector = " ".join(f"'{word}':1{weight}" for word, weight in weights.items())
    connection.execute(_engine(connection).put, row | {"words": vector})


def _once(written: str) -> Collection[str]:
    """Its different words."""
    return dict.fromkeys(searching.words(written))


def forget(connection: Connection, numbers: Iterable[int]) -> None:
    """Take articles out of the index."""
    for number in numbers:
        connection.execute(_engine(connection).forget, {"number": number})


def find(connection: Connection, asked: str, language: str, queue: str | None, limit: int) -> list[Hit]:
    """The articles that answer best, in this language; in the others only where it has none.

    `asked` is whatever a person wrote, a word or a whole ticket; `queue` leaves out what is for another queue.
    """
    question = searching.question(asked)
    terms = matching.telling(question, _count(connection, question))
    if not terms:
        return []
    engine = _engine(connection)
    wanted = {"query": engine.joined.join(map(engine.term, terms)), "language": language, "queue": queue}
    for proposed in _proposals(engine, every_queue=queue is None):
        rows = connection.execute(proposed, wanted)
        scores = ((row.number, matching.score(terms, question, _indexed(row))) for row in rows)
        hits = [Hit(number, score, terms) for number, score in scores if score]
        if hits:
            return sorted(hits, key=lambda hit: (-hit.score, hit.number))[:limit]
    return []


def _count(connection: Connection, question: searching.Question) -> Mapping[str, int]:
    """How many articles have each of the words."""
    if not question.words:
        return {}
    rows = connection.execute(_engine(connection).count, {"words": list(question.words)})
    return {word: articles for word, articles in rows}


@cache
def _proposals(engine: _Engine, *, every_queue: bool) -> tuple[Select[Any], Select[Any]]:
    """What proposes articles in a language, and in all others; made once, as making costs more than asking."""
    found = engine.propose.columns(
        column("number", BigInteger), *(column(name, Text) for name in ("title", "keywords", "body")), rank=Float
    ).subquery("found")
    query = (
        select(found.c.number, found.c.title, found.c.keywords, found.c.body)
        .join(faq, faq.c.number == found.c.number)
        .order_by(found.c.rank, found.c.number)
        .limit(_PROPOSED)
    )
    if not every_queue:
        query = query.where(faq.c.queue.in_(["", bindparam("queue", type_=String)]))
    language = bindparam("language", type_=String)
    return query.where(faq.c.language == language), query.where(faq.c.language != language)


def _indexed(row: Row[Any]) -> Indexed:
    return Indexed(_set(f"{row.title} {row.keywords}"), _set(row.body))


@lru_cache(maxsize=2_000)  # fifty articles are judged for each ticket, and mostly the same
def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())
