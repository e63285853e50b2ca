"""What would become of a mail if it came now: decided like any other, and nothing is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from mailgateway.core.messages import Envelope
from mailgateway.core.routing import Route
from mailgateway.steps.context import Gateway, Work
from mailgateway.steps.handle import handle, route_of, wanted
from mailgateway.steps.prepare import prepare
from mailgateway.store.blobs import Blobs
from mailgateway.store.inbox import Finished, Item
from mailgateway.store.workset import Workset


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Where the mail would go and how it would end."""

    route: Route
    ending: Finished


class _Nowhere(Blobs):
    """Keeps nothing."""

    def __init__(self) -> None:
        super().__init__("")

    def put(self, data: bytes) -> str:
        """The name that the bytes would have."""
        return hashlib.sha256(data).hexdigest()


class _Unwritten(Workset):
    """Holds what one mail would change; lists are read as they are without it."""

    def save(self, now: datetime) -> None:
        """Write nothing."""


def foresee(gateway: Gateway, raw: bytes, envelope: Envelope, now: datetime) -> Foreseen:
    """Decide one mail on a workset that is never saved."""
    gateway = replace(gateway, blobs=_Nowhere())
    mail = prepare(gateway, Item(0, envelope, now, raw, 0))
    with gateway.database.read() as connection:
        workset = _Unwritten(connection, wanted([mail], gateway.staff, gateway.secrets))
        workset.load_purses()
        work = Work(gateway, workset, now)
        route = route_of(work, mail)
        return Foreseen(route, handle(work, mail))
