"""`agents` and `queues`: what the configuration says about who treats what, and what is odd about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from mailgateway.cli import output
from mailgateway.cli.output import Column
from mailgateway.cli.session import Session, json_option, pass_session

if TYPE_CHECKING:
    from mailgateway.config import Settings


@click.command()
@json_option
@pass_session
def agents(session: Session, as_json: bool) -> None:
    """Who treats tickets, as the configuration says."""
    settings = session.settings
    rows = [
        {
            "email": a.email,
            "name": a.name,
            "aliases": list(a.aliases),
            "queues": list(a.queues),
            "problems": [p for who, p in problems(settings) if who == a.email],
        }
        for a in settings.agents
    ]
    columns = (
        Column("email", lambda r: r["email"], grow=2),
        Column("name", lambda r: r["name"], grow=2),
        Column("queues", lambda r: ", ".join(r["queues"]), grow=1),
        Column("aliases", lambda r: ", ".join(r["aliases"]), grow=2),
        Column("problems", lambda r: "; ".join(r["problems"]), grow=2),
    )
    output.show_list(rows, columns, as_json=as_json, empty="No agents: add [[agents]] to the configuration.")


@click.command()
@json_option
@pass_session
def queues(session: Session, as_json: bool) -> None:
    """Where our addresses lead, as the configuration says."""
    settings = session.settings
    rows = [
        {
            "name": q.name,
            "addresses": list(q.addresses),
            "agents": [a.email for a in settings.agents if q.name in a.queues],
            "approval": q.approval,
            "rule": q.rule,
            "approvers": list(q.approvers),
            "problems": [p for who, p in problems(settings) if who == q.name],
        }
        for q in settings.queues
    ]
    columns = (
        Column("name", lambda r: r["name"]),
        Column("addresses", lambda r: "\n".join(r["addresses"]), grow=2),
        Column("agents", lambda r: "\n".join(r["agents"]), grow=2),
        Column("approval", lambda r: r["approval"]),
        Column("approvers", lambda r: "\n".join(r["approvers"]) or "the requester", grow=2),
        Column("problems", lambda r: "; ".join(r["problems"]), grow=1),
    )
    output.show_list(rows, columns, as_json=as_json, empty="")


def problems(settings: Settings) -> Iterator[tuple[str, str]]:
    """What is allowed but cannot be meant: whom or which queue it concerns, and what to do."""
    house = settings.house
    for agent in settings.agents:
        for address in (agent.email, *agent.aliases):
            if house.ours(address):
                yield (
                    agent.email,
                    f"{address} is one of our own addresses: his mails would come back to us; use another",
                )
            if sum(address in (a.email, *a.aliases) for a in settings.agents) > 1:
                yield agent.email, f"{address} belongs to two agents; keep one"
    for queue in settings.queues:
        if not any(queue.name in a.queues for a in settings.agents):
            yield queue.name, "has no agent: nobody hears of its tickets; add it to one of [[agents]]"
        for address in (*queue.approvers, queue.substitute):
            if address and house.ours(address):
                yield queue.name, f"the approver {address} is one of our own addresses; use a person's"
