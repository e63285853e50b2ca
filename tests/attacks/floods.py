"""Attacks by number: to silence somebody's alarms, or to have us write to people who never wrote to us."""

from __future__ import annotations

from functools import partial

from mailgateway.core.messages import Envelope
from tests.attacks.stage import CAIO, EVA, EVIL_HOST, OPERATOR, POISON, VICTIM, Stage, passes
from tests.attacks.table import Attack, Play, ends
from tests.desk import ANA, JOAO, QUEUE

flood, storm = (partial(Attack, family) for family in ("flood", "storm"))
EVAS = passes("fora.example")
BOTH = (ANA, CAIO) * 10  # of their own, an hour; a digest tells of the rest


def times(count: int, author: str, text: str = POISON, *, stated: str = "", to: str = "", cc: str = "") -> Play:
    """So many mails at once, by one host; `{}` stands for the number of each. `to`: whose confirmation they answer."""

    def play(stage: Stage) -> None:
        address = stage.last(to, "ticket_opened").reply_to if to else QUEUE
        waits = []
        for n in range(count):
            raw = stage.mail("x@y.example", text.format(n), to=address, auth="", subject=f"Lixo {n}", cc=cc.format(n))
            raw = stated.encode() + raw.replace(b"x@y.example", author.format(n).encode(), 1)
            waits.append(
                stage.receiver.submit(raw, Envelope("smtp" if not stated else "pipe", EVA, (address,), EVIL_HOST))
            )
        assert all(wait.result(30) for wait in waits)
        stage.process()

    return play


def _opens(cc: str) -> Play:
    """Eva opens a ticket of her own, proven, with this in copy."""
    return lambda stage: stage.say(EVA, "Um pedido meu.", stated=EVAS, cc=cc)


def _adds(stage: Stage) -> None:
    """On one ticket of her own she takes people on and off, again and again."""
    for n in range(0, 10, 5):
        lines = [f"#{verb} p{m}@terceiro.example" for m in range(n, n + 5) for verb in ("adicionar", "remover")]
        ours = stage.last(EVA, "ticket_opened")
        stage.say(EVA, "\n".join(lines), to=ours.reply_to, stated=EVAS)


_OPENS = ends("opened", "ticket", agent_ticket_opened=BOTH, alarm=OPERATOR)

FLOODS: tuple[Attack, ...] = (
    flood("many mails in the requester's name", times(15, JOAO), _OPENS.plus(ticket_opened=(JOAO,) * 3)),
    flood("many mails in a victim's name", times(15, VICTIM), _OPENS.plus(ticket_opened=(VICTIM,) * 3)),
    flood(
        "many people of a victim's domain",
        times(15, "p{}@terceiro.example"),
        _OPENS.plus(ticket_opened=tuple(f"p{n}@terceiro.example" for n in range(6))),
    ),
    flood(
        "many people of many domains, by one host",
        times(15, "alvo@terceiro{}.example"),
        _OPENS.plus(ticket_opened=tuple(f"alvo@terceiro{n}.example" for n in range(8))),
    ),
    flood(
        "a victim in Reply-To and Return-Path",
        lambda s: s.say(EVA, "Lixo", stated=EVAS, top=f"Reply-To: {VICTIM}\r\nReturn-Path: <{VICTIM}>\r\n"),
        ends("opened", "ticket", ticket_opened=EVA, agent_ticket_opened=(ANA, CAIO)),
    ),
    storm(
        "many tickets with a victim in copy",
        times(15, EVA, "Lixo {}", stated=EVAS, cc=VICTIM),
        _OPENS.plus(ticket_opened=(EVA,) * 10, follower_added=(VICTIM,) * 4),
    ),
    storm(
        "many tickets with other people in copy",
        times(15, EVA, "Lixo {}", stated=EVAS, cc="p{}@terceiro.example"),
        _OPENS.plus(ticket_opened=(EVA,) * 10, follower_added=tuple(f"p{n}@terceiro.example" for n in range(5))),
    ),
    flood(
        "one ticket to which many people are added one after the other",
        _adds,
        ends("acted", "comment", receipt=(EVA,) * 2, follower_added=tuple(f"p{n}@terceiro.example" for n in range(5))),
        given=_opens(""),
    ),
    storm(
        "many comments on a ticket with a victim in copy",
        times(15, EVA, "Lixo {}", stated=EVAS, to=EVA),
        ends("commented", "comment", commented=(ANA, CAIO) * 9 + (VICTIM,) * 3),
        given=_opens(VICTIM),
    ),
    flood(
        "many mails with a leaked key, to bury what he is owed under warnings",
        times(15, EVA, f"#cancelar: {POISON}", stated=EVAS, to=JOAO),
        ends("refused", "unverified", warning=(JOAO, *(ANA, CAIO)) * 5, refused=(EVA,) * 10, alarm=OPERATOR),
    ),
)
