"""Sample notices of a decision in somebody else's place: Maria is away, and Bia may decide for her."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mailgateway.core import rounds
from mailgateway.core.notices import Done, Notice
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.story import ANA, BIA, MARIA, UNTIL, Story


def delegates(story: Story) -> dict[str, Notice]:
    """What she is asked and told, and what Maria is."""
    say, line, make, waits = story.say, story.line, story.notice, Status.AWAITING_APPROVAL
    decide, open_, done = (line["approve"], line["reject"]), story.round(), story.round(True)
    asked = rounds.delegated(open_, open_.seats[0], BIA, UNTIL)
    voted = replace(done, seats=(replace(done.seats[0], voter=BIA),))
    waiting, over = story.ticket(waits, round=asked), story.ticket(Status.FINISHED, round=voted)
    seat = asked.seats[0]
    request = make(
        "approval_requested", "approver", waits, ANA, text=say["solution"], until=UNTIL, ticket=waiting, lines=decide
    )
    request = replace(request, to=BIA, seat=seat, about=say["away"])
    typed = f"{line['delegate'].text} {BIA.email}"
    receipt = make("receipt", "approver", waits, MARIA, ticket=waiting, seat=seat, done=(Done(Act.DELEGATE, typed),))
    late = UNTIL + timedelta(days=1)
    refused = make("refused", "approver", waits, None, line=line["approve"].text, ticket=waiting, seat=seat, at=late)
    vote = {"actor_role": "approver", "from_status": waits, "ticket": over, "seat": voted.seats[0]}
    recorded = make("decision_receipt", "approver", waits, BIA, approved=True, lines=(line["contest"],), **vote)
    withdrawn = make("request_withdrawn", "approver", waits, MARIA, ticket=waiting)
    return {
        "approval_requested.delegate": request,
        "reminder.delegate": replace(request, name="reminder", about="", reminded=1),
        "decision_receipt.delegate": replace(recorded, to=BIA),
        "finished.delegate": make("finished", "requester", Status.FINISHED, BIA, **vote),
        "receipt.delegate": receipt,
        "request_withdrawn.delegate": replace(withdrawn, to=BIA),
        "refused.delegate": replace(refused, to=BIA, reason="delegation_over"),
        "refused.delegates_not_on": replace(refused, to=BIA, reason="delegates_not_on", line=typed, lines=decide),
    }
