"""Two addresses of one human: the second one becomes the first person's, with everything that hangs on it."""

from __future__ import annotations

from mailgateway.core.errors import NotFound, Refused
from mailgateway.core.people import Person
from mailgateway.mail.addresses import normal
from mailgateway.steps.context import Gateway
from mailgateway.store import people


def link(gateway: Gateway, keep: str, other: str) -> Person:
    """Make `other` an address of whoever has `keep`. Raises `NotFound` and `Refused`; nothing was changed then."""
    first, second = normal(keep), normal(other)
    if first is None or second is None:
        raise Refused(f"{other if first else keep!r} is no e-mail address; write it like ana@example.com")
    with gateway.database.write(decide=True) as connection:
        known = people.load(connection, emails=[first, second]).by_address
        person, twin = known.get(first), known.get(second)
        if person is None:
            raise NotFound(f"nobody has the address {first}; `mailgateway contacts list` shows who is known")
        if twin is None:
            people.add_address(connection, person.id, second)
        elif twin.id != person.id:
            people.merge(connection, person.id, twin.id)
        return people.load(connection, ids=[person.id]).by_id[person.id]
