"""Changes of an input by whole pieces, as people and programs break mails: lines doubled, moved, spliced, repeated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Pieces = list[bytes]
_MOST_REPEATS = 300


def mutate(data: bytes, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes], longest: int) -> bytes:
    """The input with one to four such changes."""
    for _ in range(rng.randint(1, 4)):
        pieces = data.splitlines(keepends=True) if rng.random() < 0.7 else _torn(data, rng)
        data = b"".join(rng.choice(CHANGES)(pieces, rng, tokens, seeds))[:longest]
    return data


def pump(data: bytes, rng: Random, size: int) -> tuple[bytes, bytes]:
    """The beginning of an input with one short piece behind it, as often as it fits; and that piece."""
    place, length = rng.randint(0, len(data)), rng.choice((1, 1, 2, 3, 8, 30))
    piece = data[place : place + length] or b"\n"
    return data[:place] + piece * (size // len(piece)), piece


def _torn(data: bytes, rng: Random) -> Pieces:
    """Cut anywhere: a piece may begin inside a word."""
    cuts = sorted(rng.randint(0, len(data)) for _ in range(4))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]


def _stretch(pieces: Sequence[bytes], rng: Random) -> slice:
    start = rng.randint(0, len(pieces))
    return slice(start, min(len(pieces), start + rng.randint(1, 8)))


def _drop(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    del pieces[_stretch(pieces, rng)]
    return pieces


def _move(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    place = _stretch(pieces, rng)
    moved = pieces[place]
    del pieces[place]
    return _put(pieces, rng, moved)


def _double(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    return _put(pieces, rng, pieces[_stretch(pieces, rng)] * rng.choice((1, 1, 2, 20)))


def _add(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    return _put(pieces, rng, [rng.choice(tokens) for _ in range(rng.randint(1, 3))])


def _repeat(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    return _put(pieces, rng, [rng.choice(tokens) * rng.randint(2, _MOST_REPEATS)])


def _splice(pieces: Pieces, rng: Random, tokens: Sequence[bytes], seeds: Sequence[bytes]) -> Pieces:
    others = rng.choice(seeds).splitlines(keepends=True)
    return _put(pieces, rng, others[_stretch(others, rng)])


def _put(pieces: Pieces, rng: Random, new: Sequence[bytes]) -> Pieces:
    place = rng.randint(0, len(pieces))
    return [*pieces[:place], *new, *pieces[place:]]


CHANGES: tuple[Callable[[Pieces, Random, Sequence[bytes], Sequence[bytes]], Pieces], ...] = (
    _drop,
    _move,
    _double,
    _add,
    _add,
    _repeat,
    _splice,
)
