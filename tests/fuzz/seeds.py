"""SEEDS and TOKENS: where each target begins, and the pieces that its language is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from mailgateway.core.messages import Mail
from mailgateway.mail.newtext import MARKERS
from mailgateway.mail.parse import parse
from tests.core.conftest import SITUATIONS
from tests.mail.test_signed import DATA, ENVELOPED, INNER, PIECES, SIGNED, ber, der, signed
from tests.mail.test_tnef import SIGNATURE, attribute, held, named_property, unicode_property, winmail

MAILS = Path(__file__).resolve().parents[1] / "mails"
LONGEST = 8192  # bytes of an input


@cache
def _raws() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(MAILS.glob("**/*.eml")))


@cache
def mails() -> tuple[Mail, ...]:
    return tuple(map(parse, _raws()))


def _texts() -> Iterator[bytes]:
    """Each text as an answer by itself, and its HTML as the other version."""
    for mail in mails():
        yield b"\5" + mail.text.encode()
        if mail.html:
            yield b"\3" + mail.html.encode()


def _replies() -> Iterator[bytes]:
    """Each new text, and each phrase, by each person."""
    said = [mail.parts.new for mail in mails() if mail.parts.new] + REPLIES
    for number, text in enumerate(said):
        yield bytes([number % len(SITUATIONS)]) + text.encode()


def _fields() -> Iterator[bytes]:
    """Each value of each header field, once."""
    yield from sorted({value.encode() for mail in mails() for _, value in mail.headers})
    for raw in _raws():
        yield raw.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]


def _winmails() -> Iterator[bytes]:
    yield winmail()
    for kind in (0x000D, 0x0102):
        yield SIGNATURE + attribute(0x9002, b"\1\0") + attribute(0x9005, b"\1\0\0\0" + held(winmail(), kind))
    yield SIGNATURE + attribute(0x9002, b"") + attribute(0x9005, b"\2\0\0\0" + named_property(0x8000, b"\1\0\0\0"))


def _wrapped() -> Iterator[bytes]:
    yield from (signed(der(4, INNER)), signed(der(4, INNER), ber), signed(PIECES, ber))
    yield der(0x30, der(6, ENVELOPED))
    yield b"oi\nbegin 644 a.txt\n#86)C\n`\nend\nfim\n"
    yield ARMOUR.encode()


ARMOUR = (
    "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nAprovado\n- -- \nAna\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n"
)
REPLIES = [
    *("Aprovado", "Reprovado: sem verba", "sim", "não", "5", "nota 5: ótimo", "obrigado!", "4831-7719", "⭐⭐⭐⭐"),
    *("#aprovar", "#reprovar motivo", "#resolver feito", "#interno só nós", "#adicionar a@x.com"),
    "#atribuir ana@x.com",
    *("#pausar até 10/03: peça", "#status", "#listar meus", "#ajuda", "#faq senha", "#dividir item", "#unir #124"),
    *("#prioridade alta", "#fila rede", "#delegar a@x.com até 10/12", "#avaliar 4", "#assumir\n#resolver pronto"),
    *("Bom dia,\n\nAprovado.\n\nAtt,\nAna", "Approved", "Rejected: no budget", "Aprobado", "#approve", "#rechazar x"),
]

SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "parse": lambda: iter(_raws()),
    "newtext": _texts,
    "html": lambda: (mail.html.encode() for mail in mails() if mail.html),
    "tnef": _winmails,
    "bounces": lambda: (raw for raw, mail in zip(_raws(), mails(), strict=True) if mail.kind != "person"),
    "commands": _replies,
    "wrappings": _wrapped,
    "headers": _fields,
}

_MIME = [
    *("\n", "\r\n", "\n\n", "--b\n", "--b--\n", "--", "begin 644 a\n", "`\nend\n", "=?utf-8?q?=C3=A3?=", "=?utf-7?b?"),
    *("Content-Type: multipart/mixed; boundary=b\n\n--b\n", "Content-Type: multipart/alternative; boundary=b\n"),
    *("Content-Type: multipart/related; boundary=b; start=a\n", "Content-Type: multipart/digest; boundary=b\n"),
    *("Content-Type: multipart/signed; boundary=b\n", "Content-Type: text/html; charset=utf-7\n\n<p>"),
    *("Content-Type: text/plain; format=flowed; delsp=yes\n\n> a \n", "Content-Type: text/enriched\n\n<param>"),
    *("Content-Type: application/ms-tnef\n\n", "Content-Type: application/pkcs7-mime\n\n", "Content-ID: <a>\n"),
    *("Content-Type: message/rfc822\n\nSubject: =?\n", "Content-Transfer-Encoding: base64\n", "filename*0*=utf-8''%C3"),
    *("Content-Transfer-Encoding: quoted-printable\n\n=\n", "Content-Transfer-Encoding: x-uuencode\n"),
    *("Content-Disposition: attachment; filename=", "charset=iso-2022-jp", "\x1b$B", "charset=hz", "charset=utf-16"),
    *("From: Ana <a@x.com>\n", "From: a@x.com, b@y.com\n", "References: <a@b> <c@d>\n"),
    "Date: 1 Jan 2026 9:00 -0000\n",
]
_REPORT = [
    *("From: MAILER-DAEMON@x.com\n", "Return-Path: <>\n", "Subject: Undelivered Mail\n", "5.1.1", "550 5.1.1 unknown"),
    *("Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", "Auto-Submitted: auto-replied\n"),
    *("Content-Type: message/delivery-status\n\n", "Final-Recipient: rfc822; a@x.com\n", "Action: failed\n", "\n\n"),
    *("Content-Type: message/feedback-report\n\n", "Content-Type: message/disposition-notification\n\n"),
    *("Diagnostic-Code: smtp; 550 5.2.2 full\n", "Status: 4.4.7\n", "Original-Recipient: rfc822;b@x.com\n"),
    *("Message-ID: <a@b>\n", "--- Below is a copy of the message ---\n", "To: c@x.com\n", "<d@x.com>: refused\n"),
    *("could not be delivered to: ", "X-Failed-Recipients: e@x.com\n", "METHOD:REQUEST\n", "delayed", "(success)"),
    *('{"notificationType":"Bounce","mail":{"headers":[{"name":"Message-ID","value":"<a@b>"}]},', '"bounce":{'),
    *('"bouncedRecipients":[{"emailAddress":"a@x.com","diagnosticCode":"smtp; 550"}]}}', '"Message":"{', "!\n "),
]
_QUOTES = [
    *("\n", "> ", ">> ", "\n\n", "-- \n", "____\n", "-----\n", "Att,\nAna\n", "Ana Souza\n", "P.S.: ", "\xa0"),
    "\u200b",
    *("Em seg., 3 de fev. de 2025 às 10:00, Ana <a@x.com> escreveu:\n", "On 3 Feb 2025, at 10:00, Ana wrote:\n"),
    *("-----Mensagem original-----\n", "De: Ana <a@x.com>\nData: 3/2/2025 10:00\nPara: b@x.com\nAssunto: c\n", "De: "),
    *("Enviado do meu iPhone\n", "Get Outlook for iOS\n", "ATENÇÃO: e-mail externo. Não clique\n", "[EXTERNO]\n"),
    *("Esta mensagem é confidencial\n", "http://x.com/", "<mailto:a@x.com>", "Ana ---03/02/2025 10:00:12---", *MARKERS),
]
_HTML = [
    *("<p>", "</p>", "<br>", "<div>", "</div>", "<blockquote>", "</blockquote>", '<div class="gmail_quote">', "<!--"),
    *("-->", "<svg>", "<math>", "<style>", "<script>", "</script>", "<title>", "<template>", "<noscript>"),
    "<table><td>",
    *('<img src="', '<img src="cid:a" onerror=x>', ' style="', "url(", "display:none", " on", "&#x", "&lt;", "&amp;"),
    *('<a href="javascript:', "<ul><li>", "<ol><li>", "<pre>", "<hr>", '<div id="divRplyFwdMsg">', "<![CDATA[", "]]>"),
    *("<textarea>", "<select>", "<frameset>", "<plaintext>", "<xmp>", "<mtext>", "<mglyph>", "<annotation-xml>"),
    *("<p hidden>", "<html>", "<body>", '"', "'", ">", "<", "/", "<form>", "<b>" * 20, "<blockquote>" * 20),
]
_TNEF = [
    *(attribute(tag, value) for tag in (0x9002, 0x8010, 0x800F, 0x9005) for value in (b"", b"a", winmail())),
    *(held(b"a", 0x000D), held(b"b", 0x0102), named_property(0x8001, b""), unicode_property(0x3707, "../a"), SIGNATURE),
    *(b"\1\0\0\0", b"\xff\xff\xff\xff", b"\x1f\x10", b"\x1e\0\x04\x37", b"\0\0\0\x80", b"\x03\x10\x05\x37"),
]
_WRAPPED = [
    *(der(6, DATA), der(6, SIGNED), der(6, ENVELOPED), ber(0x24, der(4, b"a")), b"\x24\x80", b"\x30\x80", b"\xa0\x80"),
    *(b"\0\0", b"\4\1a", b"\x84\xff\xff\xff\xff", b"\xfe", b"begin 644 a\n", b"#86)C\n", b"`\nend\n", b"\n"),
    *(line.encode() + b"\n" for line in ARMOUR.split("\n")),
    b"-----BEGIN PGP MESSAGE-----\n",
]
_FIELDS = [
    *('"', "\\", "(", ")", "<", ">", ",", ";", ":", "@", "=?utf-8?q?", "=?utf-8?b?", "?=", "a@x.com", "Ana <a@x.com>"),
    *("a@b,@c:d@e.com", "mailto:", "undisclosed-recipients:;", "dkim=pass", "spf=fail", "smtp.mailfrom=", "header.d="),
    *("mx.example.com; ", "Authentication-Results: ", "Received: x\n", "filename*0*=", "''%", "charset=", "<a@b>"),
    *("suporte+12.abcdefghijklmnop@x.com", "+b1.", "%2b1.", "Mon, 24 Nov 2026 10:00:00 -0000", "RES: ", "[#1] "),
    "ENC: ",
    *("ã", "\u3000", "xn--", "é@ü.com", "De: ", "\n ", "\r", " " * 20),
]
TOKENS: dict[str, list[bytes]] = {
    target: [token if isinstance(token, bytes) else token.encode() for token in tokens]
    for target, tokens in {
        "parse": [*_MIME, *_REPORT[:6], *_QUOTES[:12], *_HTML[:12]],
        "newtext": [*_QUOTES, *_HTML[:12]],
        "html": _HTML,
        "tnef": _TNEF,
        "bounces": [*_REPORT, *_MIME[:8]],
        "commands": [*(f"{reply}\n" for reply in REPLIES), " ", ": ", "?", "#", "\n", "mas ", "não ", "\u2028", "⭐"],
        "wrappings": _WRAPPED,
        "headers": _FIELDS,
    }.items()
}
