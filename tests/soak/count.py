"""The count afterwards, by a reader of its own: what went in, what the commands say of it, what the smart host took."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.desk import ANA, MARIA
from tests.soak.host import Copy
from tests.soak.people import Letter, Story, Town
from tests.soak.world import World

Row = dict[str, Any]

CAIO = "caio@aurora.example"
#: What one kill may repeat: what the threads had in hand, and what was not yet written down.
REPEATS_A_KILL = 4 + 20
WRONG = ("lost", "doubled", "unanswered", "out of order", "odd")
_MARK = re.compile(r"\bsinal-(\d+)-(\d+)\b")


def _notices(story: Story, step: str) -> list[tuple[str, str]]:
    """Who hears of a step, by which notice."""
    me, friend = story.requester, story.colleague
    agents = [(ANA, "commented"), (CAIO, "commented")]
    return {
        "opened": [(me, "ticket_opened"), (friend, "follower_added")] + [(a, "agent_ticket_opened") for a, _ in agents],
        "commented": [(friend, "commented"), *agents],
        "resolved": [(MARIA, "approval_requested"), (me, "resolved"), (ANA, "receipt")],
        "approved": [
            (MARIA, "decision_receipt"),
            (me, "finished"),
            (me, "rating_requested"),
            (friend, "finished"),
            (ANA, "agent_finished"),
        ],
    }[step]


@dataclass
class Count:
    """What was found. `wrong` is empty where the gateway has kept its word."""

    wrong: list[tuple[str, str]] = field(default_factory=list)
    outcomes: dict[str, int] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)  # owed mails by their state
    copies: int = 0
    repeats: Counter[str] = field(default_factory=Counter)  # by what explains them

    def number(self, what: str) -> int:
        return sum(kind == what for kind, _ in self.wrong)


def count(world: World, town: Town) -> Count:
    """Read everything and compare."""
    found, stats = Count(), world.say("inbox", "stats")[0]
    inbox, outbox = world.say("inbox", "list"), world.say("outbox", "list")
    found.outcomes, found.copies = stats["outcomes"], len(world.host.copies)
    found.left = Counter(row["state"] for row in outbox)
    if stats["waiting"] or stats["accepted"] != sum(stats["outcomes"].values()):
        found.wrong.append(("lost", f"the sum does not hold: {stats}"))
    found.wrong += _letters(town, inbox)
    found.wrong += _stories(town, world.tickets(), outbox)
    found.wrong += _left(world.host.copies, outbox)
    found.wrong += _repeats(world, found)
    found.wrong += [("odd", finding) for finding in world.say("verify")[0]["findings"]]
    return found


# ---- what went in


def _letters(town: Town, inbox: list[Row]) -> Iterator[tuple[str, str]]:
    rows, by_id = defaultdict[str, list[Row]](list), {row["id"]: row for row in inbox}
    for row in inbox:
        rows[row["message_id"].strip("<>")].append(row)
    for story in town.stories:
        if story.steps:
            yield "unanswered", f"{story.case} by {story.way} came only to {story.steps[0]}: {story.written}"
        for letter in story.letters:
            yield from _letter(letter, rows.pop(letter.message_id.strip("<>"), []), by_id)
    yield from (("odd", f"nobody wrote {message_id!r}") for message_id in rows)


def _letter(letter: Letter, rows: list[Row], by_id: dict[int, Row]) -> Iterator[tuple[str, str]]:
    """Accounted for exactly once; what came again is a duplicate and nothing else."""
    counted = [row for row in rows if row["outcome"] != "duplicate"]
    if not counted:
        yield "lost", f"{letter.message_id} was accepted {letter.ids} and is not there: {rows}"
    elif len(counted) > 1:
        yield "doubled", f"{letter.message_id} has {len(counted)} outcomes: {counted}"
    elif counted[0]["outcome"] != letter.outcome:
        yield "odd", f"{letter.message_id} should have {letter.outcome}: {counted}"
    for given in letter.ids:
        if by_id.get(given) not in rows:
            yield "lost", f"{letter.message_id} was accepted as {given}, which is {by_id.get(given)}"


# ---- what came of it


def _stories(town: Town, tickets: list[Row], outbox: list[Row]) -> Iterator[tuple[str, str]]:
    cases, owed = defaultdict[str, list[Row]](list), defaultdict[int, list[Row]](list)
    for ticket in tickets:
        cases[ticket["subject"]].append(ticket)
    for row in outbox:
        owed[row["ticket"] or 0].append(row)
    for story in town.stories:
        mine = cases.pop(story.case, [])
        if story.letters and len(mine) != 1:
            numbers = [ticket["number"] for ticket in mine]
            yield ("doubled" if mine else "lost"), f"{story.case} by {story.way} has the tickets {numbers}"
        elif story.letters:
            yield from _history(story, mine[0])
            yield from _heard(story, owed[mine[0]["number"]])
    yield from (("odd", f"nobody opened {case!r}") for case in cases)


def _history(story: Story, ticket: Row) -> Iterator[tuple[str, str]]:
    """Each letter stands in the history once, in the order in which they went in."""
    stand = [int(n) for entry in ticket["entries"] for _, n in _MARK.findall(entry["text"])]
    went_in = [n for n, letter in enumerate(story.letters) if letter.author != MARIA]
    if missing := set(went_in) - set(stand):
        yield "lost", f"{story.case}: {missing} is not in the history"
    if len(stand) > len(set(stand)):
        yield "doubled", f"{story.case}: the history has {stand}"
    elif stand != sorted(stand):
        yield "out of order", f"{story.case} by {story.way}: the history has {stand}"
    finished = [entry for entry in ticket["entries"] if entry["to_status"] == "finished"]
    if len(finished) != (len(went_in) < len(story.letters)):
        yield "odd", f"{story.case}: finished {len(finished)} times"


def _heard(story: Story, owed: list[Row]) -> Iterator[tuple[str, str]]:
    """Everybody who is to hear of a step is written to once."""
    due = Counter(who for letter in story.letters for who in _notices(story, _step(letter)))
    written = Counter((row["to"], row["notice"]) for row in owed)
    for who in due - written:
        yield "unanswered", f"{story.case}: {who} {(due - written)[who]} times too few"
    for who in written - due:
        yield "doubled", f"{story.case}: {who} {(written - due)[who]} times too many"


def _step(letter: Letter) -> str:
    return letter.outcome if letter.outcome != "acted" else "approved" if letter.author == MARIA else "resolved"


# ---- what left


def _left(copies: list[Copy], outbox: list[Row]) -> Iterator[tuple[str, str]]:
    """What is said to have left is with the smart host, and nothing else is; each notice under one Message-ID."""
    rows = {row["message_id"].strip("<>"): row for row in outbox}
    taken = defaultdict[str, list[Copy]](list)
    for copy in copies:
        taken[copy.message_id.strip("<>")].append(copy)
    for message_id in taken.keys() - rows.keys():
        yield "odd", f"{message_id} left and is not owed"
    for message_id, row in rows.items():
        if row["state"] == "delivered" and not any(copy.answered for copy in taken[message_id]):
            yield "unanswered", f"{row} is said to have left"
        elif row["state"] == "failed" and ("550 5.1.1" not in row["reason"] or taken[message_id]):
            yield "unanswered", f"{row} failed, and was taken {len(taken[message_id])} times"
        elif row["state"] not in ("delivered", "failed"):
            yield "unanswered", f"{row} did not leave"
    told = Counter((r["to"], r["notice"], taken[i][0].head["In-Reply-To"]) for i, r in rows.items() if taken[i])
    yield from (("doubled", f"{notice} has {n} Message-IDs") for notice, n in told.items() if n > 1 and notice[2])


def _repeats(world: World, found: Count) -> Iterator[tuple[str, str]]:
    """The same mail again is the same bytes, and the sender was killed, or cut off, before he could write it down."""
    taken = defaultdict[str, list[Copy]](list)
    for copy in world.host.copies:
        taken[copy.message_id].append(copy)
    for message_id, copies in taken.items():
        for first, second in pairwise(copies):
            why = "cut" if not first.answered else "kill" if _killed(world, first, second) else ""
            found.repeats[why] += 1
            if not why or first.caught != second.caught:
                yield "doubled", f"{message_id} left again after {second.at - first.at:.1f} s ({why or 'no reason'})"
    if found.repeats["kill"] > len(world.kills) * REPEATS_A_KILL:
        yield "doubled", f"{found.repeats['kill']} repeats are more than {len(world.kills)} kills explain"


def _killed(world: World, first: Copy, second: Copy) -> bool:
    """Whether the sender was killed after the one and before the other; what lies in a socket is taken a bit later."""
    return any(first.at - 1.0 < at < second.at for at in world.kills)
