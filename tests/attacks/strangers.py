"""Attacks on what is written, read, done and followed: numbers, Message-IDs, copies, notes."""

from __future__ import annotations

from functools import partial

from tests.attacks.forged import OWN, UNHEARD
from tests.attacks.keys import HIS_TICKET
from tests.attacks.stage import CAIO, EVA, FIRST, NOTE, OTTO, POISON, Stage, fails, passes
from tests.attacks.table import Attack, Play, ends
from tests.desk import ANA, BIA, JOAO, MARIA

EVAS, OTTOS = passes("fora.example"), passes("antigo.example")
read, write, act, leave = (partial(Attack, family) for family in ("read", "write", "act", "leave"))


def say(author: str, text: str, **kw: object) -> Play:
    """A mail to the desk's plain address."""
    return lambda stage: stage.say(author, f"{text}\n{POISON}", **kw)  # type: ignore[arg-type]


def answer(
    author: str, text: str, notice: str, whose: str, number: int = 1, *, poison: str = POISON, **kw: object
) -> Play:
    """A mail to the reply address of another mail of ours, in its thread."""

    def play(stage: Stage) -> int:
        ours = stage.of(whose, notice, number)
        return stage.say(author, f"{text}\n{poison}", **{"to": ours.reply_to, "answers": ours, **kw})  # type: ignore[arg-type]

    return play


# ---- notes


def _quotes_note(stage: Stage) -> int:
    """Ana answers João from a mail that quotes the note, by a program that marks no quotation."""
    text = "Vou aí amanhã.\n" + "Uma linha do histórico.\n" * 45 + f"A senha é {NOTE}.\n"
    ours = stage.of(ANA, "agent_ticket_opened", 1)
    return stage.say(ANA, text, to=ours.reply_to, stated=passes("aurora.example"), answers=ours, subject="RES: x")


def leaves(author: str, **kw: object) -> Play:
    """To the address by which Bia, and nobody else, stops following."""

    def play(stage: Stage) -> int:
        address = str(stage.of(BIA, "follower_added", 1).mail["List-Unsubscribe"]).strip("<>").removeprefix("mailto:")
        return stage.say(author, f"sair\n{POISON}", to=address, **kw)  # type: ignore[arg-type]

    return play


STRANGERS: tuple[Attack, ...] = (
    # ---- to read
    read(
        "a stranger with the ticket number",
        say(EVA, "O que houve?", subject="Re: [#1] Impressora", stated=EVAS),
        HIS_TICKET,
    ),
    read(
        "a stranger with the ticket number asks for its state",
        say(EVA, "#status 1", subject="Re: [#1]", stated=EVAS),
        ends("refused", refused=EVA),
    ),
    read("the requester's list, forged", say(JOAO, "#chamados", subject="#chamados"), ends("refused", refused=JOAO)),
    read(
        "the requester's list, said to be forged", say(JOAO, "#chamados", stated=fails()), ends("refused", refused=JOAO)
    ),
    read(
        "the state of his ticket, forged, with its number",
        say(JOAO, "#status 1", subject="Re: [#1]"),
        ends("refused", refused=JOAO),
    ),
    read(
        "the state of his ticket in its thread, to another Reply-To",
        say(JOAO, "#status", answers=FIRST, top=f"Reply-To: {EVA}\r\n"),
        ends("refused", "comment", commented=(ANA, BIA, MARIA), refused=JOAO),
    ),
    read("a past outsider with a Message-ID", say(OTTO, "E agora?", answers=FIRST, stated=OTTOS), UNHEARD, by=OTTO),
    read(
        "a past outsider with his old reply address",
        answer(OTTO, "E agora?", "follower_added", OTTO, stated=OTTOS),
        UNHEARD,
        by=OTTO,
    ),
    read(
        "a past outsider asks by his old reply address",
        answer(OTTO, "#status", "follower_added", OTTO, stated=OTTOS),
        ends("refused", "unverified", refused=OTTO),
        by=OTTO,
    ),
    read(
        "a past outsider follows again",
        answer(OTTO, "#seguir", "follower_added", OTTO, stated=OTTOS),
        ends("refused", "unverified", refused=OTTO),
        by=OTTO,
    ),
    read(
        "a stranger with a forwarded reply address",
        answer(EVA, "Quero ver isso.", "ticket_opened", JOAO, stated=EVAS),
        UNHEARD,
    ),
    read(
        "a stranger follows by a forwarded reply address",
        answer(EVA, "#seguir", "ticket_opened", JOAO, stated=EVAS),
        ends("refused", "unverified", warning=(JOAO, ANA), refused=EVA),
    ),
    read(
        "CC injection: a forged mail of the requester's brings a stranger",
        say(JOAO, "Incluam a Eva.", cc=EVA, answers=FIRST),
        ends("commented", "comment", commented=(ANA, BIA, MARIA)),
    ),
    read(
        "CC injection, said to be forged", say(JOAO, "Incluam a Eva.", cc=EVA, answers=FIRST, stated=fails()), UNHEARD
    ),
    read(
        "CC injection by a line, forged",
        say(JOAO, f"#adicionar {EVA}", answers=FIRST),
        ends("asked", "comment", challenge=JOAO),
    ),
    read(
        "CC injection by a forged approver with her key",
        answer(MARIA, "Incluam a Eva.", "approval_requested", MARIA, cc=EVA, stated=fails()),
        UNHEARD,
    ),
    read(
        "somebody named by a forged mail then writes",
        say(EVA, "Contem-me tudo.", answers=FIRST, stated=EVAS),
        UNHEARD,
        given=lambda s: s.say(JOAO, "Incluam a Eva.", cc=EVA, answers=FIRST),
    ),
    read(
        "the words of a note, from a requester at its address",
        answer(JOAO, "Que senha?", "note_added", CAIO, stated=OWN),
        UNHEARD,
        by=JOAO,
    ),
    read(
        "a note in an agent's quotation, unmarked",
        _quotes_note,
        ends("asked", "note", asked=ANA, note_added=CAIO),
        by=JOAO,
    ),
    read(
        "a stranger asks for its state by a forwarded reply address, and says more",
        answer(EVA, "#status", "ticket_opened", JOAO, stated=EVAS),
        ends("refused", "unverified", refused=EVA),
    ),
    read(
        "a stranger splits a ticket off to himself",
        answer(EVA, "#dividir: meu", "ticket_opened", JOAO, stated=EVAS),
        ends("refused", "unverified", warning=(JOAO, ANA), refused=EVA),
    ),
    # ---- to write
    write(
        "a stranger in the requester's thread, nothing is known of him",
        say(EVA, "Podem fechar.", answers=FIRST),
        UNHEARD,
    ),
    write(
        "the requester, forged, answers a pause", answer(JOAO, "Aqui está.", "paused", JOAO, 3, stated=fails()), UNHEARD
    ),
    write(
        "an absence note answers a pause",
        answer(JOAO, "Estou de férias.", "paused", JOAO, 3, stated=OWN, top="Auto-Submitted: auto-replied\r\n"),
        ends("robot"),
    ),
    write(
        "a list's copy answers a pause",
        answer(JOAO, "Aqui está.", "paused", JOAO, 3, stated=OWN, top="List-Id: <lista.cliente.example>\r\n"),
        ends("commented", "comment", commented=(ANA, CAIO)),
    ),
    write(
        "a rule's forward answers a pause",
        answer(JOAO, "Aqui está.", "paused", JOAO, 3, stated=OWN, top="Auto-Submitted: auto-forwarded\r\n"),
        ends("commented", "comment", commented=(ANA, CAIO)),
    ),
    # ---- to act
    act(
        "an agent, forged",
        answer(ANA, "#cancelar: sim", "agent_ticket_opened", ANA, stated=fails("aurora.example")),
        ends("asked", "unverified", challenge=ANA),
    ),
    act(
        "an agent, forged, in a thread", say(ANA, "#cancelar: sim", answers=FIRST), ends("asked", "note", challenge=ANA)
    ),
    act(
        "an agent by her number in the subject, forged",
        say(ANA, "#cancelar: sim", subject="Re: [#1] x"),
        ends("opened", "ticket", ticket_opened=ANA, agent_ticket_opened=CAIO),
    ),
    act(
        "the agent's key in the requester's hands",
        answer(JOAO, "#resolver: sim", "agent_ticket_opened", ANA, 3, stated=OWN),
        ends("refused", "comment", warning=(ANA, CAIO), refused=JOAO),
        by=JOAO,
    ),
    act(
        "the requester plays an agent",
        answer(JOAO, "#assumir", "paused", JOAO, 3, stated=OWN),
        ends("refused", "comment", refused=JOAO, commented=(ANA, CAIO)),
        by=JOAO,
    ),
    act(
        "the requester's end, forged",
        say(JOAO, "#cancelar: sim", answers=FIRST),
        ends("asked", "comment", challenge=JOAO),
    ),
    act(
        "an agent's display name",
        answer(f'"Ana Lima" <{EVA}>', "#cancelar: sim", "agent_ticket_opened", ANA, stated=EVAS),
        ends("refused", "unverified", warning=ANA, refused=EVA),
    ),
    # ---- to end what somebody follows
    leave(
        "a leave address in a stranger's hands",
        leaves(EVA, stated=EVAS),
        ends("refused", "unverified", warning=(BIA, ANA), refused=EVA),
    ),
    leave(
        "a leave address in the requester's hands",
        leaves(JOAO, stated=OWN),
        ends("commented", "comment", commented=(ANA, BIA, MARIA)),
        by=JOAO,
    ),
    leave("a leave address, forged", leaves(BIA, stated=fails()), ends("asked", "unverified", asked=BIA)),
)
