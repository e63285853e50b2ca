"""Who writes and who is written to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A name and an address as a header states them (RFC 5322 section 3.4); the address is normal."""

    name: str
    email: str

    @property
    def spoken_name(self) -> str:
        """The name, unless it pretends to be an address or a link: in our mails it would speak with our voice."""
        return "" if "@" in self.name or "://" in self.name else self.name


@dataclass(frozen=True, slots=True)
class Person:
    """A human with one or more addresses.

    `email` is the address that is written to. `language` is empty where the person has none of his own.
    `deliverable` is `true`, `doubtful` (one permanent bounce) or `false` (two).
    """

    id: int
    name: str
    email: str
    addresses: tuple[str, ...] = ()
    language: str = ""
    deliverable: str = "true"

    def owns(self, address: str) -> bool:
        """Whether this address is one of the person's."""
        return address == self.email or address in self.addresses

    @property
    def shown(self) -> str:
        """The name, or the address of somebody whose name nobody knows."""
        return self.name or self.email

    @property
    def first_name(self) -> str:
        """What a colleague would call him; empty where only the address is known."""
        return self.name.split()[0] if self.name.strip() else ""
