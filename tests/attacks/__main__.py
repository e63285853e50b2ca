"""`make attacks`: the whole table, attack × what happened × who was told. Ends with 1 where a row is broken."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.attacks.every import ATTACKS
from tests.attacks.stage import CAIO, CARLA, EVA, OPERATOR, OTTO, Theatre
from tests.attacks.table import Ends, commit
from tests.desk import ANA, BIA, JOAO, MARIA

_PEOPLE = {
    ANA: "the agent Ana", CAIO: "the agent Caio", JOAO: "the requester João", BIA: "the follower Bia",
    MARIA: "the approver Maria", CARLA: "the substitute Carla", OTTO: "the outsider Otto", EVA: "the stranger Eva",
    OPERATOR: "the operator",
}  # fmt: skip
_LEFT = {
    "nothing": "nothing kept",
    "unverified": "kept for agents, as unverified",
    "note": "kept for agents",
    "comment": "kept as words, no more",
    "ticket": "a ticket of its own",
    "change": "CHANGED",
}


def main() -> int:
    """Print the table."""
    broken = 0
    _say("| family | what is sent | becomes | leaves | told |", "|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        theatre = Theatre(Path(folder))
        for attack in ATTACKS:
            stage = theatre.stage()
            came, faults = commit(attack, stage)
            stage.close()
            row = (attack.family, attack.name, came.outcome, _LEFT[came.leaves], _told(came))
            _say(f"| {' | '.join(row)} |", *(f"BROKEN: {fault}" for fault in faults))
            broken += bool(faults)
    _say(f"\n{len(ATTACKS)} attacks, {broken} broken")
    return 1 if broken else 0


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _told(came: Ends) -> str:
    mails = (
        f"{_PEOPLE.get(to, to)}: {notice}{f' × {count}' if count > 1 else ''}"
        for (to, notice), count in came.told.items()
    )
    return ", ".join(mails) or ("agents, on the ticket" if came.leaves in ("unverified", "note") else "nobody")


sys.exit(main())
