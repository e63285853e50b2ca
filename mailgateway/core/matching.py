"""How well an article answers a question. The database proposes articles; here they are judged, the same for each.

A word in the title or the keywords speaks louder than one in the body; a rare word louder than a frequent one. Articles
with more of the asked words come first. One that has too few of them is none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from mailgateway.core.searching import Question, form, words

TELLING = 12  # words of a question that are searched
_HEAD, _BODY = 2, 1  # what a word is worth in the title or keywords, and in the body
_ENOUGH = 4  # as much as the longest question asks for
_LONG = 160  # letters of a snippet

_HEADING = r"^[ \t]*#{1,6}[ \t].*$"
_FIRST_MARK = r"^[ \t]*(?:>|[-+*]|\d{1,3}[.)])[ \t]+"
_LINK = r"!?\[([^\[\]]*)\]\([^()\s]*\)"
_MARKS = re.compile(rf"{_HEADING}|{_FIRST_MARK}|{_LINK}|[*`~]+|\b_+|_+\b|_{{2,}}", re.MULTILINE)
_SENTENCE = re.compile(r"\n\s*|(?<=[.!?…])\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is searched, and how many articles have it. `begins`: any word that begins like this."""

    word: str
    articles: int
    begins: bool = False

    def among(self, those: AbstractSet[str]) -> bool:
        """Whether it is one of those words."""
        return any(w.startswith(self.word) for w in those) if self.begins else self.word in those


@dataclass(frozen=True, slots=True)
class Indexed:
    """An article as it is searched: the words of its title and keywords, and of its body."""

    head: frozenset[str]
    body: frozenset[str]


def telling(asked: Question, articles: Mapping[str, int]) -> tuple[Term, ...]:
    """The terms to search: the rarest words that any article has.

    The last word of a short question, where no article has it, is taken as the beginning of one: somebody still types.
    """
    known = [Term(word, articles[word]) for word in asked.words if articles.get(word)]
    short = len(asked.words) <= TELLING and len(asked.last) > 2
    if short and not articles.get(form(asked.last)):
        known.append(Term(asked.last, 1, begins=True))
    return tuple(sorted(known, key=lambda term: term.articles)[:TELLING])


def score(terms: Sequence[Term], asked: Question, article: Indexed) -> float:
    """How well it answers: the number of terms that it has, and below one how telling they are; 0 is not at all."""
    worth = [(term, _worth(term, article)) for term in terms]
    if sum(points for _, points in worth) < _enough(asked):
        return 0.0
    weight = sum(points / term.articles for term, points in worth)
    return round(sum(points > 0 for _, points in worth) + weight / (1 + weight), 4)


def _worth(term: Term, article: Indexed) -> int:
    return _HEAD if term.among(article.head) else _BODY if term.among(article.body) else 0


def _enough(asked: Question) -> int:
    """Half of what was asked must be in the body, or a quarter in the title; of a long text two words or four."""
    return min(_ENOUGH, -(-len(asked.words) // 2)) or 1


def snippet(body: str, terms: Sequence[Term]) -> str:
    """The sentence of a Markdown text with most of the terms, as plain text; the first one where none has any."""
    best = max(_sentences(body), key=lambda s: sum(term.among(s.words) for term in terms), default=None)
    if best is None or len(best.text) <= _LONG:
        return best.text if best else ""
    return best.text[:_LONG].rsplit(" ", 1)[0].rstrip(",;:") + " …"


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    words: frozenset[str]


@lru_cache(maxsize=500)  # each article is asked for again and again
def _sentences(body: str) -> tuple[_Sentence, ...]:
    written = (s.strip() for s in _SENTENCE.split(_MARKS.sub(r"\1", body)))
    return tuple(_Sentence(s, frozenset(words(s))) for s in written if s)
