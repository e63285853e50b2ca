"""What an act does to a ticket: (ticket, act, person, now) → the next ticket and what happened, or a refusal.

Rights are judged before, by `core.access`; here stands what the workflow allows. One function an act, found by ACTS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mailgateway.core import (
    acts_of_agents,
    acts_of_approvers,
    acts_of_everybody,
    acts_of_requesters,
    merging,
    splitting,
)
from mailgateway.core.cases import Case, Decision, refused
from mailgateway.core.tickets import Asked
from mailgateway.core.workflow import Act, Role, doers, no_role, step

#: Every act that has a row in `workflow.TRANSITIONS`.
ACTS: dict[Act, Callable[[Case, Asked], Decision]] = {
    Act.TAKE: acts_of_agents.take,
    Act.ASSIGN: acts_of_agents.assign,
    Act.PAUSE: acts_of_agents.pause,
    Act.RESUME: acts_of_agents.resume,
    Act.RESOLVE: acts_of_agents.resolve,
    Act.REQUEST_APPROVAL: acts_of_agents.resolve,
    Act.WITHDRAW: acts_of_agents.withdraw,
    Act.NOTE: acts_of_agents.note,
    Act.CHANGE_QUEUE: acts_of_agents.change_queue,
    Act.CHANGE_PRIORITY: acts_of_agents.change_priority,
    Act.CHANGE_REQUESTER: acts_of_agents.change_requester,
    Act.MERGE: merging.merge,
    Act.SPLIT: splitting.split,
    Act.APPROVE: acts_of_approvers.vote,
    Act.REJECT: acts_of_approvers.vote,
    Act.CONTEST: acts_of_approvers.contest,
    Act.DELEGATE: acts_of_approvers.delegate,
    Act.CLOSE: acts_of_requesters.close,
    Act.CANCEL: acts_of_requesters.cancel,
    Act.AUTO_CLOSE: acts_of_requesters.auto_close,
    Act.RATE: acts_of_requesters.rate,
    Act.REOPEN: acts_of_requesters.reopen,
    Act.COMMENT: acts_of_everybody.comment,
    Act.FOLLOW: acts_of_everybody.follow,
    Act.LEAVE: acts_of_everybody.leave,
    Act.ADD_FOLLOWER: acts_of_everybody.add_follower,
    Act.REMOVE_FOLLOWER: acts_of_everybody.remove_follower,
}


def decide(case: Case, asked: Asked) -> Decision:
    """Apply one act. A refused act changes nothing."""
    ticket = case.ticket
    if step(asked.act, ticket.status, case.roles) is None:
        return refused(case, _why_not(case, asked.act))
    decision = ACTS[asked.act](case, asked)
    if decision.refusal or decision.ticket is ticket:
        return decision
    by_agent = Role.AGENT in case.roles and asked.act is not Act.NOTE
    touched = ticket.touched or by_agent
    followers = tuple(replace(f, held=False) if by_agent else f for f in decision.ticket.followers)
    return replace(decision, ticket=replace(decision.ticket, updated_at=case.now, touched=touched, followers=followers))


def _why_not(case: Case, act: Act) -> str:
    """The code for an act that is not this role's, or that the status does not allow."""
    round_ = case.ticket.round
    if not doers(act) & case.roles:
        return no_role(act)
    if act in (Act.APPROVE, Act.REJECT, Act.DELEGATE):
        return "late" if round_ and not round_.void and not round_.open else "not_open"
    return "not_finished" if act is Act.RATE else "wrong_status"
