"""Reply addresses of all tickets together. Those of one batch are the workset's."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from mailgateway.core.keys import KeyState
from mailgateway.core.questions import QuestionState
from mailgateway.core.workflow import Status
from mailgateway.store.tables import keys, questions, tickets


def void_all(connection: Connection) -> int:
    """No address that was made so far opens anything any more; returns how many did."""
    asked = update(questions).where(questions.c.state == QuestionState.OPEN)
    connection.execute(asked.values(state=QuestionState.OVERTAKEN))
    return connection.execute(update(keys).where(keys.c.state == KeyState.LIVE).values(state=KeyState.VOID)).rowcount


def rounds_that_wait(connection: Connection) -> list[int]:
    """The tickets on which somebody is asked to decide."""
    waits = select(tickets.c.number).where(tickets.c.status == Status.AWAITING_APPROVAL)
    return list(connection.execute(waits.order_by(tickets.c.number)).scalars())
