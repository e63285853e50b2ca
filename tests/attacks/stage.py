"""A desk with secrets on it, of which every attack gets a fresh copy: three tickets whose words are unlike any others.

1 waits for Maria's approval, Bia follows it, Otto did until Ana took him off; 2 is finished and João may rate it; 3 is
paused until João writes. Every person was proven once, so that a decision must be.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailgateway.core.messages import Envelope
from mailgateway.mail.proofs import Lookup
from mailgateway.steps.context import Gateway
from mailgateway.steps.receive import Receiver
from mailgateway.store.db import Database
from tests.desk import ANA, BIA, JOAO, MARIA, MX, QUEUE, Desk, Out, config_text

CAIO = "caio@aurora.example"
OTTO = "otto@antigo.example"
CARLA = "carla@cliente.example"  # asked where Maria cannot be
EVA = "eva@fora.example"
VICTIM = "alvo@terceiro.example"
OPERATOR = "operacao@aurora.example"
AGENTS = frozenset({ANA, CAIO, OPERATOR})
HOUSE = AGENTS | {JOAO, BIA, MARIA}

#: What only these people may read of each ticket.
SECRETS: dict[int, tuple[frozenset[str], tuple[str, ...]]] = {
    1: (HOUSE, ("ZAFIRA", "MARFIM", "TURMALINA", "granada", "Quartzo", "Opala", "Safira")),
    2: (AGENTS | {JOAO, MARIA}, ("CORAL", "PEROLA")),
    3: (AGENTS | {JOAO}, ("JADE", "TOPAZIO")),
}
NOTE = "AZULEJO"  # stands in an internal note: for agents
POISON = "VENENO"  # stands in what an attacker writes: our mails carry it to nobody whom he names
FIRST = "<primeiro@cliente.example>"  # João's mail that opened ticket 1, as everybody in its copy saw it

#: A name server that knows whom to believe: the client's domain signs, sends from one host and publishes DMARC.
RECORDS = {
    ("cliente.example", "TXT"): ["v=spf1 ip4:198.51.100.1 -all"],
    ("_dmarc.cliente.example", "TXT"): ["v=DMARC1; p=reject"],
    ("fora.example", "TXT"): ["v=spf1 ip4:203.0.113.9 -all"],
}
#: Small, so that a small flood is one.
LIMITS = {
    "answers_unproven_domain_hour": 6,
    "answers_unproven_host_hour": 8,
    "answers_proven_hour": 10,
    "notices_hour": 10,
    "notices_stranger_day": 4,
    "invites_hour": 5,
}
EVIL_HOST = "203.0.113.9"


def lookup(name: str, kind: str) -> list[str]:
    """The records of that name."""
    return RECORDS.get((name.lower(), kind), [])


class Stage(Desk):
    """One copy of the desk, with an attacker's pen."""

    def say(
        self,
        author: str,
        text: str,
        *,
        to: str = QUEUE,
        stated: str = "",
        top: str = "",
        answers: Out | str = "",
        at: Envelope | None = None,
        change: Callable[[bytes], bytes] = bytes,
        **kw: Any,
    ) -> int:
        """A mail with any From at all (as it stands in the header), processed; returns its inbox id.

        `stated` is what stands above it of its authenticity, `top` more header lines, `answers` whose thread it is in.
        """
        thread = answers if isinstance(answers, str) else str(answers.mail["Message-ID"])
        top += f"In-Reply-To: {thread}\r\nReferences: {thread}\r\n" if thread else ""
        raw = self.mail("x@y.example", text, to=to, auth="", **kw)
        raw = raw.replace(b"From: x@y.example", f"From: {author}".encode(), 1)
        raw = change(stated.encode() + top.encode() + raw)
        item = self.receiver.submit(raw, at or Envelope("pipe", "someone@cliente.example", (to,))).result(30)
        self.process()
        return item

    @property
    def request(self) -> Out:
        """The mail that asks Maria about ticket 1; only she has it, or whoever she has shown it."""
        return self.last(MARIA, "approval_requested")

    def of(self, to: str, notice: str, number: int) -> Out:
        """The newest mail of that notice to that person about that ticket."""
        self.out()
        return [o for o in self._all if (o.to, o.notice) == (to, notice) and f"#{number}]" in str(o.mail["Subject"])][
            -1
        ]

    @property
    def written(self) -> list[Out]:
        """Every mail of ours, as it is now."""
        self.out()
        states = {row.id: (row.state, row.reason) for row in self._states()}
        return [replace(o, state=states[o.id][0], reason=states[o.id][1]) for o in self._all]


def passes(domain: str, by: str = MX) -> str:
    """What a receiving host states of a mail that is from that domain."""
    return f"Authentication-Results: {by}; dmarc=pass header.from={domain}\r\n"


def fails(domain: str = "cliente.example") -> str:
    """What it states of a forged one."""
    return passes(domain).replace("=pass", "=fail")


class Theatre:
    """The desk, set once; `stage` gives a copy of it as it was then."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0
        set_ = folder / "set"
        set_.mkdir(parents=True)
        text = config_text(set_, f"sqlite:///{set_}/desk.db", substitute=f'"{CARLA}"').replace(
            "verify = false", "verify = true"
        )
        text = text.replace("[gateway]\n", f'[gateway]\nadministrator = "{OPERATOR}"\n')
        text += "[limits]\n" + "".join(f"{key} = {most}\n" for key, most in LIMITS.items())
        stage = Stage.open(text, set_)
        self._gateway: Gateway = replace(stage.gateway, lookup=lookup)
        _play(stage)
        self._mails, self._now = stage._count, stage.now + timedelta(hours=2)
        stage.close()

    def stage(self, lookup: Lookup | None = None) -> Stage:
        """A copy of its own."""
        self._count += 1
        folder = self._folder / f"stage {self._count}"
        shutil.copytree(self._folder / "set", folder)
        database = Database(f"sqlite:///{folder}/desk.db")
        gateway = replace(self._gateway, database=database, blobs=type(self._gateway.blobs)(str(folder / "blobs")))
        stage: Stage

        def now() -> datetime:
            return stage.now

        stage = Stage(gateway, Receiver(database, gateway.blobs, now, 36_000_000), folder, self._now, self._mails)
        stage.out()
        return stage


def _play(desk: Stage) -> None:
    """What happened before anybody attacks."""
    joao, file = f"João Quartzo <{JOAO}>", (("granada.txt", b"RUBI"),)
    copies, words = f"{BIA}, {OTTO}", "Não imprime: MARFIM."
    desk.send(joao, words, subject="Impressora ZAFIRA", cc=copies, attach=file, message_id=FIRST)
    desk.send(joao, "Sem cor: PEROLA.", subject="Monitor CORAL")
    desk.send(joao, "Teclas presas: TOPAZIO.", subject="Teclado JADE")
    desk.send(f"Maria Safira <{MARIA}>", "Sou nova aqui.", subject="Apresentação", to="compras@aurora.example")
    desk.send(f"Bia Opala <{BIA}>", "Sou nova aqui.", subject="Apresentação", to="compras@aurora.example")
    opened = [desk.of(ANA, "agent_ticket_opened", n) for n in (1, 2, 3)]
    desk.reply(opened[0], f"#remover {OTTO}")
    desk.reply(opened[0], f"#interno\nA senha é {NOTE}.")
    desk.reply(opened[1], "#resolver: troquei a tela")
    desk.reply(desk.of(MARIA, "approval_requested", 2), "Aprovado")
    desk.reply(opened[2], "#pausar: aguardando solicitante")
    desk.reply(opened[0], "#resolver: troquei o cabo TURMALINA")
