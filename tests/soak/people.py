"""Those who write, each story in order: nobody writes the next letter before somebody has said yes to the last one.

A letter is handed in again, the same bytes, until then, as mail servers do.
"""

from __future__ import annotations

import itertools
import random
import smtplib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

from tests.desk import ANA, MARIA, MX, QUEUE
from tests.soak.host import GONE, Host

LARGE = 1_200_000  # bytes of evidence: such a mail lies outside the database
AT_A_TIME = 5  # stories that one worker has under way
AGAIN = 0.5  # seconds, the longest between two tries

#: The stories, told again and again; a step that waits for a notice can only come once that has arrived.
PLOTS: tuple[tuple[str, ...], ...] = (
    ("open", "reply", "reply", "reply", "reply"),
    ("open", "reply", "resolve", "approve"),
    ("open", "reply", "reply"),
)


@dataclass
class Letter:
    """One mail in. `ids`: what the listener called it, each time that it said yes."""

    message_id: str
    author: str
    to: str
    raw: bytes
    outcome: str
    tries: int = 0
    yes: bool = False
    ids: list[int] = field(default_factory=list)


#: Hands in one letter, or hangs up in the middle of it; raises what the network raises where nobody says yes.
Mailed = Callable[[Letter, bool], None]


@dataclass
class Story:
    """What one person writes, and those who answer him: `steps` that are still to come, `letters` that went in."""

    number: int
    way: str
    steps: deque[str]
    gone: bool  # his colleague's address leads nowhere
    heavy: bool  # his first letter has large evidence
    letters: list[Letter] = field(default_factory=list)
    written: Letter | None = None

    @property
    def case(self) -> str:
        return f"caso-{self.number}"

    @property
    def requester(self) -> str:
        return f"pessoa{self.number}@cliente.example"

    @property
    def colleague(self) -> str:
        return f"{GONE if self.gone else 'colega'}{self.number}@cliente.example"

    def mark(self, number: int) -> str:
        """The word by which the nth letter is found again."""
        return f"sinal-{self.number}-{number}"

    def next(self, host: Host) -> Letter | None:
        """What is to go in now; None where it answers a notice that has not come yet."""
        self.written = self.written or self._write(host)
        return self.written

    def went_in(self) -> None:
        """Somebody said yes."""
        assert self.written
        self.letters.append(self.written)
        self.steps.popleft()
        self.written = None

    def _write(self, host: Host) -> Letter | None:
        mark = self.mark(len(self.letters))
        match self.steps[0]:
            case "open":
                return self._letter(self.requester, QUEUE, f"A impressora parou, {mark}.", "opened")
            case "reply":  # every other one to the address that was made for him, if he knows it by now
                known = host.reply_to(self.requester, self.case, "Chamado aberto") if len(self.letters) % 2 else ""
                return self._letter(self.requester, known or QUEUE, f"Mais uma coisa, {mark}.", "commented")
            case "resolve":
                to = host.reply_to(ANA, self.case, "Novo chamado")
                return self._letter(ANA, to, f"#resolver: troquei o cabo, {mark}", "acted") if to else None
            case _:
                to = host.reply_to(MARIA, self.case, "Aprovação pedida")
                return self._letter(MARIA, to, "Aprovado", "acted") if to else None

    def _letter(self, author: str, to: str, text: str, outcome: str) -> Letter:
        mail, message_id = EmailMessage(policy=policy.SMTP), f"<{self.mark(len(self.letters))}@cliente.example>"
        mail["From"], mail["To"], mail["Message-ID"] = author, to, message_id
        mail["Subject"] = f"RES: {self.case}" if self.letters else self.case
        mail["Cc" if not self.letters else "References"] = (
            self.letters[0].message_id if self.letters else self.colleague
        )
        mail.set_content(text)
        if self.heavy and not self.letters:
            mail.add_attachment(
                message_id.encode() * (LARGE // 40), maintype="image", subtype="tiff", filename="a.tiff"
            )
        proof = f"Authentication-Results: {MX}; dmarc=pass header.from={author.partition('@')[2]}\r\n"
        return Letter(message_id, author, to, proof.encode() + mail.as_bytes(), outcome)


@dataclass
class Town:
    """All stories. Each worker has a way of his own and stories that nobody else touches."""

    host: Host
    seed: int
    pause: float  # seconds, the longest between two letters of a worker
    cut: float  # the share of letters that are cut off at the first try
    no_more: bool = False  # no story is begun any more
    over: bool = False  # nor gone on with
    stories: list[Story] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def work(self, name: str, mailed: Mailed, plots: Sequence[tuple[str, ...]] = PLOTS) -> None:
        """Tell stories until no more are to be told."""
        dice, mine = random.Random(f"{self.seed} {name}"), deque[Story]()
        while not self.over and (mine or not self.no_more):
            if len(mine) < AT_A_TIME and not self.no_more:
                mine.append(self._begin(name.rstrip("0123456789"), plots, dice))
            story = mine.popleft()
            if (letter := story.next(self.host)) and self._goes_in(letter, mailed, dice):
                story.went_in()
            if story.steps:
                mine.append(story)
            time.sleep(dice.uniform(0, self.pause))

    @property
    def told(self) -> bool:
        """Whether all stories are at their end."""
        return not any(story.steps for story in list(self.stories))

    def _begin(self, way: str, plots: Sequence[tuple[str, ...]], dice: random.Random) -> Story:
        number = next(self._numbers)
        plot = deque(plots[number % len(plots)])
        # What is large may have to wait where the disk is full, and what follows it in a mailbox would not
        heavy = way != "imap" and dice.random() < 0.05
        story = Story(number, way, plot, gone=number % 5 == 0, heavy=heavy)
        self.stories.append(story)
        return story

    def _goes_in(self, letter: Letter, mailed: Mailed, dice: random.Random) -> bool:
        cut = dice.random() < self.cut
        while not self.over and not letter.yes:
            letter.tries += 1
            try:
                mailed(letter, cut)
            except (OSError, smtplib.SMTPException) as error:
                self.did["cut" if isinstance(error, ConnectionAbortedError) else "in vain"] += 1
                time.sleep(dice.uniform(AGAIN / 5, AGAIN))
            cut = False
        return letter.yes
