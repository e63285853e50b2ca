"""Attacks on a decision by a key that is not one, not his, not for this, or no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from logging import StreamHandler, getLogger
from pathlib import Path

from mailgateway.mail.searched import searchable
from mailgateway.steps import rekey
from mailgateway.steps.export import export
from mailgateway.store.accesses import By
from tests.attacks.forged import HELD, KEPT, OWN, UNHEARD, WARNED, YES, lookalike, yes
from tests.attacks.stage import CAIO, CARLA, EVA, POISON, Stage, fails, passes
from tests.attacks.table import Attack, Play, decide, ends
from tests.desk import ANA, BIA, JOAO, MARIA, Out, key_of

DORA = "dora@cliente.example"
LATE = ends("refused", "comment", refused=MARIA, commented=ANA)
PASSED_ON = ends("commented", "comment", commented=(ANA, BIA, JOAO))  # her words are handed on, and decide nothing
HIS_TICKET = ends("opened", "ticket", ticket_opened=EVA, agent_ticket_opened=(ANA, CAIO))
EVAS = passes("fora.example")


def altered(address: str) -> str:
    """The same with the first letter of its key changed."""
    key = key_of(address)
    return address.replace(key, ("b" if key[0] != "b" else "c") + key[1:])


def by(author: str, text: str, notice: str, whose: str, number: int = 1, *, stated: str = "", **kw: object) -> Play:
    """A mail to the reply address of another mail of ours."""

    def play(stage: Stage) -> int:
        answers = stage.of(whose, notice, number)
        return stage.say(author, f"{text}\n{POISON}", to=answers.reply_to, stated=stated, **kw)  # type: ignore[arg-type]

    return play


def _solved_again(stage: Stage) -> None:
    """Ana asks anew: the first round's key is old."""
    stage.reply(stage.of(ANA, "agent_ticket_opened", 1), "#resolver: troquei tudo, TURMALINA")


def _first(stage: Stage) -> Out:
    """The request of the first round."""
    return next(
        o
        for o in stage.written
        if (o.to, o.notice) == (MARIA, "approval_requested") and "[#1]" in str(o.mail["Subject"])
    )


@dataclass
class Replay:
    """Her approval, which a stranger has recorded, in a round that it was not for."""

    again: bytes = b""  # the Message-ID of the copy

    def given(self, stage: Stage) -> None:
        """She approves, takes it back, and is asked anew."""
        raw = stage.mail(MARIA, YES, to=stage.request.reply_to, message_id="<sim@cliente.example>")
        stage.receive(raw, stage.request.reply_to)
        stage.process()
        self._raw, self._to = raw, stage.request.reply_to
        stage.reply(stage.last(MARIA, "decision_receipt"), "#contestar")
        _solved_again(stage)

    def act(self, stage: Stage) -> None:
        """The same bytes once more, or with a Message-ID of their own."""
        stage.receive(self._raw.replace(b"<sim@cliente.example>", self.again or b"<sim@cliente.example>"), self._to)
        stage.process()


def _shows(stage: Stage) -> None:
    """Maria answers her request with a stranger in copy, before she has decided."""
    stage.reply(stage.request, "Vou ver com o time.", cc=EVA)


def _delegates(stage: Stage) -> None:
    """Maria lets Dora decide until tomorrow; three days go by."""
    stage.reply(stage.request, f"#delegar {DORA} até 25/11")
    stage.now += timedelta(days=3)


def _revokes(stage: Stage) -> None:
    """Maria lets Dora decide, and then Carla in her place."""
    stage.reply(stage.request, f"#delegar {DORA}")
    stage.reply(stage.request, f"#delegar {CARLA}")


def _challenged(stage: Stage) -> None:
    """A forged approval: Maria was asked, and has a code."""
    yes()(stage)


def _code(stage: Stage) -> str:
    lines = stage.last(MARIA, "challenge").text.splitlines()
    return next(line for line in lines if line.strip().startswith("aprovo ")).strip()


def _guess(stage: Stage) -> None:
    """Six codes at once in her name, from somewhere."""
    for n in range(6):
        stage.say(MARIA, f"aprovo 1234-567{n}\n{POISON}", answers=stage.request)


def _harvest(stage: Stage) -> None:
    """Whoever reads all of João's data and the log of the whole desk finds no key to write to."""
    log = StringIO()
    handler = StreamHandler(log)
    getLogger().addHandler(handler)
    level = getLogger().level
    getLogger().setLevel("DEBUG")
    try:
        folder = stage.folder / "export"
        export(stage.gateway, JOAO, folder, By("root", "attack"), stage.now)
        stage.say(MARIA, "Vou ver.", to=stage.request.reply_to)
    finally:
        getLogger().removeHandler(handler)
        getLogger().setLevel(level)
    found = log.getvalue() + "".join(_read(p) for p in folder.rglob("*") if p.is_file())
    assert key_of(stage.request.reply_to) not in found


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") + searchable(path.read_bytes())


def _quoted_button(stage: Stage) -> int:
    """João was forwarded her mail, and quotes the button with which she would approve."""
    address, quoted = stage.request.reply_to, stage.request.text.replace("\n", "\n> ")
    button = f'<p>Aprovado?</p><blockquote><a href="mailto:{address}?body=Aprovado">Aprovar</a></blockquote>'
    text = f"A Maria recebeu isto, é assim mesmo? {POISON}\n\n> {quoted}"
    return stage.say(JOAO, text, html=button, stated=OWN, answers=stage.of(JOAO, "ticket_opened", 1))


def _attached(stage: Stage) -> int:
    """The stranger attaches her mail to his own."""
    return stage.say(EVA, YES, stated=EVAS, attach=(("pedido.eml", stage.request.raw),))


def _forwarded(stage: Stage) -> int:
    """The stranger forwards her mail, words and headers and all, in her name."""
    return stage.say(
        MARIA, f"Aprovado\n\n----- Mensagem encaminhada -----\n{stage.request.raw.decode()}", subject="ENC: aprovação"
    )


def _in_headers(name: str) -> Play:
    """Her key in a header that a relay may have written, and nowhere else."""
    return lambda stage: stage.say(EVA, YES, stated=EVAS, top=f"{name}: {stage.request.reply_to}\r\n")


KEYS: tuple[Attack, ...] = (
    decide(
        "a key with one letter changed, from her address",
        lambda s: s.say(MARIA, YES, to=altered(s.request.reply_to)),
        HELD,
    ),
    decide(
        "a key with one letter changed, in her thread",
        lambda s: s.say(MARIA, YES, to=altered(s.request.reply_to), answers=s.request),
        KEPT,
    ),
    decide(
        "a key with one letter changed, by a stranger",
        lambda s: s.say(EVA, YES, to=altered(s.request.reply_to), stated=EVAS),
        HIS_TICKET,
    ),
    decide(
        "a key whose number is another one",
        lambda s: s.say(EVA, YES, to=s.request.reply_to.replace("+", "+1"), stated=EVAS),
        HIS_TICKET,
    ),
    decide(
        "the key of an earlier round",
        lambda s: s.say(MARIA, YES, to=_first(s).reply_to, stated=OWN),
        LATE,
        by=MARIA,
        given=_solved_again,
    ),
    decide(
        "the key of an earlier round, forged",
        lambda s: s.say(MARIA, YES, to=_first(s).reply_to, stated=fails()),
        HELD,
        given=_solved_again,
    ),
    decide("her recorded approval in the next round", (replay := Replay()).act, ends("duplicate"), given=replay.given),
    decide(
        "her recorded approval in the next round, with another Message-ID",
        (again := Replay(b"<outra@cliente.example>")).act,
        LATE,
        given=again.given,
        by=MARIA,
    ),
    decide(
        "her key of a ticket that she has decided, in the thread of this one",
        lambda s: s.say(MARIA, YES, to=s.of(MARIA, "approval_requested", 2).reply_to, stated=OWN, answers=s.request),
        LATE,
        by=MARIA,
    ),
    decide(
        "a key after `rekey`",
        lambda s: s.say(MARIA, YES, to=_first(s).reply_to),
        KEPT,
        given=lambda s: rekey.rekey(s.gateway, s.now),
    ),
    decide(
        "a key to talk",
        by(BIA, "#aprovar", "follower_added", BIA, stated=OWN),
        ends("refused", "comment", refused=BIA, commented=ANA),
        by=BIA,
    ),
    decide(
        "a key to rate",
        by(JOAO, "#aprovar", "rating_requested", JOAO, 2, stated=OWN),
        ends("refused", "comment", refused=JOAO, commented=ANA),
        by=JOAO,
    ),
    decide(
        "a key that a reply-all has shown, forged",
        lambda s: s.say(MARIA, YES, to=_first(s).reply_to),
        KEPT,
        given=_shows,
    ),
    lookalike("a key that a reply-all has shown, by the stranger himself", EVA, "fora.example"),
    decide(
        "doubtful words by her key in a stranger's hands",
        by(EVA, "Aprovado com ressalvas", "approval_requested", MARIA, stated=EVAS),
        UNHEARD,
    ),
    decide(
        "a key in a quoted button", _quoted_button, ends("commented", "comment", commented=(ANA, BIA, MARIA)), by=JOAO
    ),
    decide("a key in an attached .eml", _attached, HIS_TICKET),
    decide(
        "a key in a mail forwarded in her name",
        _forwarded,
        ends("opened", "ticket", ticket_opened=MARIA, agent_ticket_opened=(ANA, CAIO)),
    ),
    decide("whatever an export and a log show", _harvest, PASSED_ON),
    *(
        decide(f"a key in {name} only", _in_headers(name), WARNED.plus(refused=EVA))
        for name in ("Cc", "Delivered-To", "X-Original-To")
    ),
    *(
        decide(f"a key in {name}, where no key is read", _in_headers(name), HIS_TICKET)
        for name in ("Bcc", "X-To", "Reply-To", "Resent-To")
    ),
    decide(
        "a delegate after his last day",
        by(DORA, "Aprovado", "approval_requested", DORA, stated=OWN),
        ends("refused", "comment", refused=DORA, commented=ANA),
        by=DORA,
        knows=1,
        given=_delegates,
    ),
    decide(
        "a delegate after another was named",
        by(DORA, "Aprovado", "approval_requested", DORA, stated=OWN),
        UNHEARD,
        by=DORA,
        given=_revokes,
    ),
    decide(
        "the substitute, whom nobody has asked",
        lambda s: s.say(CARLA, YES, to=s.request.reply_to, stated=OWN),
        WARNED.plus(refused=CARLA),
        by=CARLA,
    ),
    decide("codes that are guessed in her name", _guess, ends("asked", "comment"), given=_challenged),
    decide(
        "the right code, by a stranger",
        lambda s: s.say(EVA, f"{_code(s)}\n{POISON}", stated=EVAS),
        HIS_TICKET,
        given=_challenged,
    ),
    decide(
        "yes to a question that she was asked, by a stranger",
        lambda s: s.say(EVA, "Sim", to=s.last(MARIA, "challenge").reply_to, stated=EVAS),
        ends("refused", "unverified", warning=(MARIA, ANA), refused=EVA),
        given=_challenged,
    ),
    decide(
        "yes to a question that she was asked, forged",
        lambda s: s.say(MARIA, "Sim", to=s.last(MARIA, "challenge").reply_to, stated=fails()),
        ends("asked", "unverified", asked=MARIA),
        given=_challenged,
    ),
    Attack(
        "rate",
        "the rater's key in other hands",
        by(BIA, "1", "rating_requested", JOAO, 2, stated=OWN),
        ends("refused", "unverified", warning=(JOAO, ANA), refused=BIA),
        by=BIA,
    ),
    Attack(
        "rate",
        "a forged rating with the key",
        by(JOAO, "1", "rating_requested", JOAO, 2, stated=fails()),
        ends("asked", "unverified", challenge=JOAO),
    ),
    Attack(
        "rate",
        "a forged rating without the key",
        lambda s: s.say(JOAO, f"#nota 1\n{POISON}", answers=s.of(JOAO, "rating_requested", 2)),
        ends("asked", "comment", challenge=JOAO),
    ),
)
