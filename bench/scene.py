"""The scene of every benchmark: a queue with an agent and an approver, mails in Portuguese with a colleague in copy.

A new ticket so owes three mails: to its author, to the colleague, to the agent. Nobody is told less because all of this
happens within minutes: the limits of a quiet day are out of the way. Everything else is as `init` writes it.
"""

from __future__ import annotations

import base64
import itertools
from pathlib import Path

QUEUE = "suporte@aurora.example"
ANA = "ana@aurora.example"  # the agent
MARIA = "maria@cliente.example"  # the approver
MX = "mx.aurora.example"  # whose Authentication-Results are believed
PEOPLE = 50  # who write, and as many colleagues: after the first round everybody is known, as in most houses
ARTICLES = 200  # of the FAQ, where there is one
SMALL, RICH = 2_048, 46 * 1_024  # bytes of a whole mail

CONFIG = """
[gateway]
domain = "aurora.example"
secret = "uma-frase-bem-comprida-que-so-as-medidas-conhecem"
name = "Aurora"
database = "{database}"
blobs = "{folder}/blobs"
[authenticity]
authserv_id = "{mx}"
trusted_relays = ["127.0.0.1"]
verify = false
[[queues]]
name = "suporte"
addresses = ["{queue}"]
approvers = ["{approver}"]
[[agents]]
email = "{agent}"
name = "Ana Lima"
queues = ["suporte"]
[limits]
notices_hour = 1000000000
answers_proven_hour = 1000000000
answers_ticket_hour = 1000000000
notices_stranger_day = 1000000000
invites_hour = 1000000000
invites_domain_hour = 1000000000
invites_all_hour = 1000000000
[portal]
enabled = false
"""

_SENTENCES = (
    "A impressora do caixa 3 não imprime o cupom fiscal desde ontem à tarde.",
    "Já desliguei e liguei de novo, troquei o cabo e o papel, e a luz continua piscando.",
    "Na tela aparece a mensagem de que o serviço não está disponível.",
    "Os clientes esperam na fila e a loja fecha às 22 horas, então peço atenção.",
    "Ontem à noite a equipe reiniciou o servidor e depois disso nada mais saiu.",
)
_HEAD = (
    "Authentication-Results: {mx}; dmarc=pass header.from={domain}\r\n"
    "Received: from mail.cliente.example (mail.cliente.example [192.0.2.7]) by {mx} with ESMTPS;"
    " Tue, 24 Nov 2026 10:00:00 -0300\r\n"
    "From: {author}\r\nTo: Suporte <{to}>\r\n{cc}Subject: {subject}\r\n"
    "Date: Tue, 24 Nov 2026 10:00:00 -0300\r\nMessage-ID: <{id}@cliente.example>\r\nMIME-Version: 1.0\r\n"
)
_PLAIN = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
CRLF = "\r\n"
_LENGTH = sum(len(f"{s}\r\n".encode()) for s in _SENTENCES) / len(_SENTENCES)
_BOUNDARY = "----=_NextPart_000_0012_01DC5D3E"
#: A paragraph as Outlook writes it: the words are the smaller part.
_PARAGRAPH = (
    '<p class="MsoNormal" style="margin:0cm;margin-bottom:.0001pt;mso-margin-top-alt:auto;line-height:14pt">'
    '<span lang="PT-BR" style="font-size:11.0pt;line-height:14pt;font-family:&quot;Calibri&quot;,sans-serif;'
    "mso-ascii-theme-font:minor-latin;mso-hansi-theme-font:minor-latin;mso-bidi-font-family:&quot;Times New Roman&quot;"
    ';color:#1F497D;mso-fareast-language:PT-BR">%s<o:p></o:p></span></p>'
)


def config(folder: Path, database: str, more: str = "") -> str:
    """The configuration; `more` is appended to it."""
    names = {"mx": MX, "queue": QUEUE, "agent": ANA, "approver": MARIA}
    return CONFIG.format(folder=folder, database=database, **names) + more


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/desk.db"


def author_of(number: int) -> str:
    return f"pessoa{number % PEOPLE}@cliente.example"


def plain(number: int, size: int = SMALL) -> bytes:
    """A new ticket in one text part; subject and Message-ID are of this number alone."""
    head = _head(number) + _PLAIN
    said = itertools.islice(itertools.cycle(_SENTENCES), int((size - len(head)) / _LENGTH))
    return (head + CRLF.join(said) + CRLF).encode()


def rich(number: int, size: int = RICH) -> bytes:
    """The same as a desktop client writes it: a text part, and as HTML once more with all its styles."""
    head = f'{_head(number)}Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n'
    paragraphs = int((size - len(head)) / (len(_PARAGRAPH) + 2 * _LENGTH))
    said = list(itertools.islice(itertools.cycle(_SENTENCES), paragraphs))
    html = "\r\n".join(_PARAGRAPH % sentence for sentence in said)
    body = f"--{_BOUNDARY}\r\n{_PLAIN}{CRLF.join(said)}\r\n--{_BOUNDARY}\r\n{_PLAIN.replace('plain', 'html')}"
    body += f"<html><body lang=PT-BR>\r\n{html}\r\n</body></html>\r\n--{_BOUNDARY}--\r\n"
    return (head + body).encode()


def heavy(number: int, size: int) -> bytes:
    """A new ticket with one attachment, so large that the whole mail has this size."""
    head = f'{_head(number)}Content-Type: multipart/mixed; boundary="{_BOUNDARY}"\r\n\r\n'
    head += f"--{_BOUNDARY}\r\n{_PLAIN}A foto do erro vai em anexo.\r\n--{_BOUNDARY}\r\n"
    head += 'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="erro.bin"\r\n'
    head += "Content-Transfer-Encoding: base64\r\n\r\n"
    line = base64.b64encode(bytes(range(57))).decode() + "\r\n"
    body = line * ((size - len(head)) // len(line))
    return f"{head}{body}--{_BOUNDARY}--\r\n".encode()


def letter(number: int, text: str, *, author: str, to: str, subject: str, answers: str = "") -> bytes:
    """Any other mail of somebody; `answers` is the Message-ID of the one that he replies to."""
    head = _head(number, author=author, to=to, subject=subject, cc="")
    if answers:
        head += f"In-Reply-To: {answers}\r\nReferences: {answers}\r\n"
    return (head + _PLAIN + text.replace("\n", "\r\n") + "\r\n").encode()


def write_articles(folder: Path) -> None:
    """A FAQ: one answer for each of many devices, so that every new ticket finds some."""
    folder.mkdir()
    for number in range(ARTICLES):
        head = f'+++\ntitle = "A impressora modelo {number} não imprime"\nupdated = 2026-11-01\n+++\n'
        text = f"Desligue a impressora {number}, espere um minuto e ligue de novo. Veja se há papel na bandeja.\n"
        (folder / f"impressora-{number}.md").write_text(f"{head}\n{text}", encoding="utf-8")


def _head(number: int, *, author: str = "", to: str = QUEUE, subject: str = "", cc: str | None = None) -> str:
    copy = f"Cc: colega{number % PEOPLE}@cliente.example\r\n" if cc is None else cc
    author = author or f"Pessoa {number % PEOPLE} <{author_of(number)}>"
    return _HEAD.format(
        mx=MX,
        domain=author.rstrip(">").rpartition("@")[2],
        author=author,
        to=to,
        cc=copy,
        subject=subject or f"Impressora {number} parada",
        id=f"m{number}",
    )
