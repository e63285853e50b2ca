"""A parsed table of a language file; what does not fit is a ValueError that names the key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Table:
    """One table and where it stands ("en.toml: labels.views")."""

    path: str
    content: Mapping[str, Any]

    def exactly(self, keys: Iterable[object], free: Collection[str] = ()) -> Table:
        """The same table, if it has these keys and no others but the free ones."""
        wanted = {str(key) for key in keys}
        for problem, names in (("missing", wanted - set(self.content)), ("unknown", set(self.content) - wanted)):
            for name in sorted(names - set(free)):
                raise ValueError(f"{self._named(name)} is {problem}")
        return self

    def table(self, key: str) -> Table:
        """The table under this key."""
        value = self._value(key)
        if not isinstance(value, Mapping):
            raise ValueError(f"{self._named(key)} must be a table")  # noqa: TRY004 (a wrong file is one kind of error)
        return Table(self._named(key), value)

    def text(self, key: object) -> str:
        """The text under this key."""
        value = self._value(key)
        if not isinstance(value, str) or not value:
            raise ValueError(f"{self._named(key)} must be a text")
        return value

    def words(self, key: object) -> tuple[str, ...]:
        """The list of texts under this key."""
        return self._list_of_texts(key, self._value(key))

    def groups(self, key: str, count: int) -> tuple[tuple[str, ...], ...]:
        """The list of that many lists of texts under this key."""
        value = self._value(key)
        if not isinstance(value, list) or len(value) != count:
            raise ValueError(f"{self._named(key)} must be a list of {count} lists")
        return tuple(self._list_of_texts(key, group) for group in value)

    def texts(self, keys: Iterable[Key]) -> dict[Key, str]:
        """A text for each of these keys, which are all there are."""
        keys = tuple(keys)
        self.exactly(keys)
        return {key: self.text(key) for key in keys}

    def lists(self, keys: Iterable[Key]) -> dict[Key, tuple[str, ...]]:
        """A list of texts for each of these keys, which are all there are."""
        keys = tuple(keys)
        self.exactly(keys)
        return {key: self.words(key) for key in keys}

    def _value(self, key: object) -> object:
        try:
            value: object = self.content[str(key)]
        except KeyError:
            raise ValueError(f"{self._named(key)} is missing") from None
        return value

    def _list_of_texts(self, key: object, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise ValueError(f"{self._named(key)} must be a list of texts")
        return tuple(value)

    def _named(self, key: object) -> str:
        return f"{self.path}: {key}" if self.path.endswith(".toml") else f"{self.path}.{key}"
