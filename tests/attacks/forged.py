"""Attacks on a decision by a forged author: he has Maria's very key, but he is not she."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import cache

import dkim

from mailgateway.core.messages import Envelope
from mailgateway.mail.addresses import bare, normal
from tests.attacks.stage import EVA, EVIL_HOST, POISON, RECORDS, Stage, fails, passes
from tests.attacks.table import Attack, Play, decide, ends
from tests.desk import ANA, BIA, JOAO, MARIA, MX

YES = f"Aprovado\n{POISON}"
OWN = passes("cliente.example")
UNHEARD = ends("commented", "unverified")
HELD = ends("asked", "unverified", challenge=MARIA)
KEPT = ends("asked", "comment", challenge=MARIA)  # nothing speaks against her, and words are kept like hers
READ = KEPT.plus(commented=ANA)
WARNED = ends("refused", "unverified", challenge=MARIA, warning=ANA)
RECEIVED = "Received: from x by y; Tue, 24 Nov 2026 10:00:00 -0300\r\n"


def states(results: str) -> str:
    """What our own host says, word for word."""
    return f"Authentication-Results: {MX}; {results}\r\n"


def yes(author: str = MARIA, *, key: bool = True, **kw: object) -> Play:
    """An approval, to the very address that Maria was given for it, or to the desk's plain one."""

    def play(stage: Stage) -> int:
        to = {"to": stage.request.reply_to} if key else {}
        said = {
            name: value(stage) if name in ("at", "top") and callable(value) else value for name, value in kw.items()
        }
        return stage.say(author, YES, **{**to, **said})  # type: ignore[arg-type]

    return play


def lookalike(name: str, author: str, domain: str, *, heard: str = "", **kw: object) -> Attack:
    """Somebody else, proven as himself, who looks like Maria and has her key: she is asked and the desk is warned.

    He hears that no ticket of his is there, at `heard`.
    """
    by = heard or normal(bare(author)) or ""
    play = yes(author, stated=passes(domain), **kw)
    return decide(name, play, WARNED.plus(refused=by), by=by)


def _seen(mail_from: str, peer: str = EVIL_HOST, login: str = "") -> Callable[[Stage], Envelope]:
    """Handed in by SMTP, where we see the host ourselves."""
    return lambda stage: Envelope("smtp", mail_from, (stage.request.reply_to,), peer, "mx.fora.example", login)


# ---- DKIM


@cache
def _private_key() -> bytes:
    """A key of one run, which both domains publish."""
    key = subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True).stdout
    pem = subprocess.run(["openssl", "rsa", "-pubout"], input=key, check=True, capture_output=True).stdout
    for domain in ("cliente.example", "fora.example"):
        RECORDS[f"s1._domainkey.{domain}", "TXT"] = ["v=DKIM1; k=rsa; p=" + "".join(pem.decode().splitlines()[1:-1])]
    return key


def signed(raw: bytes, domain: str = "cliente.example", **options: object) -> bytes:
    """The mail with a signature of that domain."""
    key = _private_key()
    return bytes(dkim.sign(raw, b"s1", domain.encode(), key, **options)) + raw


def appended(raw: bytes) -> bytes:
    """A mail of hers whose signature covers the first words only, and what a stranger wrote above a quotation of it."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    return signed(head + b"\r\n\r\n", length=True) + b"Aprovado\r\n" + POISON.encode() + b"\r\n"


def _replaced(raw: bytes) -> bytes:
    """What she signed was another text."""
    return signed(raw.replace(b"Aprovado", b"Vou ver.")).replace(b"Vou ver.", b"Aprovado", 1)


def _second_from(raw: bytes) -> bytes:
    """Her signed mail with one more From on top, which a reader sees first."""
    return f"From: {EVA}\r\n".encode() + signed(raw)


FORGED: tuple[Attack, ...] = (
    # ---- From
    decide("forged From with the key, said to be forged", yes(stated=fails()), HELD),
    decide("forged From with the key, nothing is known of it", yes(), READ),
    decide("forged From without the key", yes(key=False, stated=fails()), HELD),
    decide("forged From without the key, nothing is known of it", yes(key=False), HELD),
    decide("forged From handed in by a host that the domain does not name", yes(at=_seen(MARIA)), HELD),
    decide(
        "two From headers",
        yes(stated=OWN, change=lambda raw: raw.replace(b"From: ", f"From: {EVA}\r\nFrom: ".encode(), 1)),
        WARNED,
    ),
    decide(
        "two From headers, hers first",
        yes(stated=OWN, change=lambda raw: raw.replace(b"To: ", f"From: {EVA}\r\nTo: ".encode(), 1)),
        HELD,
    ),
    decide("From with a group", yes(f"Grupo: {MARIA}, {EVA};", stated=OWN), HELD),
    decide("two addresses in From", yes(f"{MARIA}, {EVA}", stated=OWN), HELD),
    lookalike("a quoted display name that is her address", f'"{MARIA}" <{EVA}>', "fora.example"),
    lookalike("a comment in From that is her address", f"Maria ({MARIA}) <{EVA}>", "fora.example"),
    lookalike(
        "an encoded word in From that hides her address",
        f"=?utf-8?q?=3Cmaria=40cliente.example=3E?= <{EVA}>",
        "fora.example",
    ),
    lookalike(
        "a second address hidden in an encoded word",
        f"=?utf-8?q?maria=40cliente.example=2C?= {EVA}",
        "fora.example",
        heard=EVA,
    ),
    decide(
        "no From at all, she as envelope sender",
        yes(change=lambda raw: raw.replace(f"From: {MARIA}\r\n".encode(), b""), at=_seen(MARIA)),
        WARNED,
    ),
    lookalike("the stranger in From, she in Sender", EVA, "fora.example", top=f"Sender: {MARIA}\r\n"),
    lookalike(
        "the stranger in From, she in Resent-From and Reply-To",
        EVA,
        "fora.example",
        top=f"Resent-From: {MARIA}\r\nReply-To: {MARIA}\r\n",
    ),
    decide("she in From, the stranger in Reply-To", yes(top=f"Reply-To: {EVA}\r\n"), READ),
    decide(
        "X-headers that name her and a proof",
        yes(top=f"X-Original-From: {MARIA}\r\nX-{OWN}"),
        READ,
    ),
    # ---- look-alikes of her address
    lookalike("a Cyrillic letter in her name", "mаria@cliente.example", "cliente.example"),
    lookalike("a fullwidth letter in her name", "ｍaria@cliente.example", "cliente.example"),
    decide("a soft hyphen in her name", yes("ma\u00adria@cliente.example", stated=OWN), WARNED),
    lookalike("her name with a tag", "maria+x@cliente.example", "cliente.example"),
    lookalike("her name with a dot", "mari.a@cliente.example", "cliente.example"),
    lookalike("a Cyrillic letter in her domain", "maria@clientе.example", "xn--client-3of.example"),
    lookalike("her domain below another one", "maria@cliente.example.fora.example", "cliente.example.fora.example"),
    lookalike(
        "an international domain that looks like hers", "maria@xn--cliente-9gg.example", "xn--cliente-9gg.example"
    ),
    lookalike("another person of her domain", "mario@cliente.example", "cliente.example"),
    # ---- Authentication-Results
    decide("results of another service", yes(stated=passes("cliente.example", "outro.example")), READ),
    decide(
        "results of a service whose name begins like ours",
        yes(stated=passes("cliente.example", f"{MX}.fora.example")),
        READ,
    ),
    decide("forged results below ours, which say that it is forged", yes(stated=fails() + OWN), HELD),
    decide(
        "forged results below ours, in capitals and with a version",
        yes(stated=fails() + passes("cliente.example", f"{MX.upper()} 1")),
        HELD,
    ),
    decide(
        "forged results below ours, which know nothing",
        yes(stated=passes("fora.example").replace("dmarc=pass", "dmarc=none") + OWN),
        READ,
    ),
    decide("forged results that came from further away than our own hosts", yes(stated=RECEIVED * 2 + OWN), READ),
    decide("forged results handed in by SMTP, of nobody whom we trust", yes(stated=OWN, at=_seen(EVA)), HELD),
    decide("results that prove another domain", yes(stated=passes("fora.example")), READ),
    decide(
        "SPF and DKIM that pass for an unaligned domain",
        yes(stated=states("spf=pass smtp.mailfrom=fora.example; dkim=pass header.d=fora.example")),
        READ,
    ),
    decide(
        "a result hidden in a quoted string",
        yes(stated=states('spf=pass smtp.mailfrom="x; dmarc=pass header.from=cliente.example"')),
        READ,
    ),
    decide(
        "a result hidden in a comment",
        yes(stated=states("spf=none (x; dmarc=pass header.from=cliente.example)")),
        READ,
    ),
    decide(
        "a result hidden in an encoded word",
        yes(stated=states("spf=pass smtp.mailfrom==?utf-8?q?x=3B_dmarc=3Dpass_header.from=3Dcliente.example?=")),
        READ,
    ),
    decide(
        "our own results in a mail inside the mail",
        yes(attach=(("m.eml", OWN.encode() + f"From: {MARIA}\r\n\r\nAprovado".encode()),)),
        READ,
    ),
    decide(
        "a forged ARC chain",
        yes(top=f"ARC-Seal: i=1; a=rsa-sha256; cv=none; d=google.com; s=x; b=AAAA\r\nARC-{OWN}"),
        READ,
    ),
    decide(
        "forged Received-SPF",
        yes(top="Received-SPF: pass (mx: domain of maria@cliente.example) client-ip=198.51.100.1\r\n"),
        READ,
    ),
    # ---- SPF and DKIM that we check ourselves
    decide("SPF passes for the stranger's envelope sender", yes(at=_seen(EVA)), HELD),
    decide("an envelope sender with two at-signs", yes(at=_seen(f"{EVA}@cliente.example")), HELD),
    decide("DKIM with l=, and words appended", yes(change=appended), READ),
    decide("DKIM of hers over another text", yes(change=_replaced), READ),
    decide("DKIM of hers below a second From", yes(change=_second_from), WARNED),
    decide("DKIM of the stranger's domain", yes(change=lambda raw: signed(raw, "fora.example")), READ),
    decide("SMTP login of somebody else", yes(at=_seen(MARIA, login="joao")), HELD),
    decide(
        "a pipe that claims her as the sender", yes(at=lambda s: Envelope("pipe", MARIA, (s.request.reply_to,))), READ
    ),
    # ---- people of the ticket
    *(
        decide(f"the key in the hands of {who}", yes(who, stated=passes(who.partition("@")[2])), end, by=who)
        for who, end in (
            (BIA, ends("refused", "comment", challenge=MARIA, warning=ANA, refused=BIA)),
            (JOAO, ends("refused", "comment", challenge=MARIA, warning=ANA, refused=JOAO)),
            (ANA, ends("refused", "note", challenge=MARIA, warning=ANA, refused=ANA)),
        )
    ),
)
