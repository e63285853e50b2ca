"""Replies as the HTML of the mail programs of today, without a plain version and beside one that marks nothing."""

# ruff: noqa: E501 - HTML as the programs write it

from __future__ import annotations

import re

import pytest

from mailgateway.mail.html import to_text
from mailgateway.mail.newtext import MARKERS, split

WROTE = (
    "Em seg., 3 de fev. de 2025 às 10:00, Ana Souza &lt;<a href='mailto:ana@example.com'>ana@example.com</a>&gt;"
    " escreveu:"
)
BLOCK = (
    "<b>De:</b> Ana Souza &lt;ana@example.com&gt;<br><b>Enviada em:</b> segunda-feira, 3 de fevereiro de 2025 10:00<br>"
    "<b>Para:</b> Suporte<br><b>Assunto:</b> RES: x"
)
OLD = "<p>Você aprova?</p><p>Responda até sexta.</p>"

REPLIES = {
    "Gmail": f'<div dir="ltr">Aprovado.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
    f'class="gmail_attr">{WROTE}<br></div><blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "Gmail of 2015": f'<div dir="ltr">Aprovado.</div><div class="gmail_extra"><br><div class="gmail_quote">{WROTE}<br>'
    f'<blockquote class="gmail_quote">{OLD}</blockquote></div></div>',
    "Gmail with signature": '<div dir="ltr">Aprovado.<div><br></div><span class="gmail_signature_prefix">-- </span><br>'
    f'<div class="gmail_signature">João<br>Ramal 12</div></div><div class="gmail_quote"><div class="gmail_attr">{WROTE}'
    f'</div><blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "iPhone": f'<body dir="auto">Aprovado.<br><br><div dir="ltr"><br><blockquote type="cite">{WROTE}<br><br></blockquote>'
    f'</div><blockquote type="cite"><div dir="ltr">{OLD}</div></blockquote></body>',
    "Apple Mail with signature": '<div>Aprovado.</div><div id="AppleMailSignature" dir="ltr">Enviado do meu iPhone</div>'
    f'<div dir="ltr"><br>{WROTE}<br><br></div><blockquote type="cite">{OLD}</blockquote>',
    "Apple Mail": f'Aprovado.<br><div><br><blockquote type="cite"><div>{WROTE}</div><br class="Apple-interchange-newline">'
    f"<div>{OLD}</div></blockquote></div>",
    "Thunderbird": '<p>Aprovado.</p><pre class="moz-signature" cols="72">-- \nJoão\nTI</pre><div class="moz-cite-prefix">'
    f'{WROTE}<br></div><blockquote type="cite" cite="mid:x">{OLD}</blockquote>',
    "Yahoo": '<div>Aprovado.</div><div><br></div><div id="ydp1yahoo_quoted_123" class="ydp1yahoo_quoted">'
    f"<div>{WROTE}</div><div><br></div><div>{OLD}</div></div>",
    "Yahoo on Android": 'Aprovado.<br><br><div id="ymail_android_signature"><a>Enviado do Yahoo Mail no Android</a></div>'
    f"<br><blockquote><div><div>{WROTE}</div></div><div>{OLD}</div></blockquote>",
    "Outlook": "<div class=WordSection1><p class=MsoNormal>Aprovado.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class=MsoNormal>'
    f"{BLOCK}<o:p></o:p></p></div></div>{OLD}</div>",
    "Outlook with another rule": f'<p>Aprovado.</p><div style="border-top:solid windowtext 1.0pt"><p>{BLOCK}</p></div>{OLD}',
    "Outlook web": '<div>Aprovado.</div><div id="appendonsend"></div><hr tabindex="-1"><div id="divRplyFwdMsg" dir="ltr">'
    f"<font>{BLOCK}</font><div>&nbsp;</div></div><div>{OLD}</div>",
    "Outlook web, quoted": '<div>Aprovado.</div><div id="x_appendonsend"></div><hr><div id="x_divRplyFwdMsg" dir="ltr">'
    f"<font>{BLOCK}</font></div><div>{OLD}</div>",
    "Outlook on iOS": '<div>Aprovado.</div><div id="ms-outlook-mobile-signature"><div>Obter o <a href="https://aka.ms/x">'
    'Outlook para iOS</a></div></div><div class="ms-outlook-mobile-reference-message skipProofing"><hr><div>Ana</div>'
    f"{OLD}</div>",
    "Outlook on Mac": f'<div>Aprovado.</div><span id="OLK_SRC_BODY_SECTION"><div>{BLOCK}</div>{OLD}</span>',
    "Hotmail": f'<div>Aprovado.<br><br><div><hr id="stopSpelling">Date: Mon, 3 Feb 2025<br>{OLD}</div></div>',
    "Windows Mail": '<div>Aprovado.</div><div style="border-top-color: rgb(229, 229, 229); border-top-width: 1px;">'
    f"{BLOCK}</div>{OLD}",
    "Zimbra": '<div>Aprovado.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>De: </b>Ana'
    "<br><b>Enviadas: </b>Segunda-feira, 3 de fevereiro de 2025 10:00:00<br><b>Assunto: </b>Re: x<br></div>"
    f'<div data-marker="__QUOTED_TEXT__">{OLD}</div>',
    "Zimbra without headers": f'<div>Aprovado.</div><div data-marker="__QUOTED_TEXT__">{OLD}</div>',
    "Proton Mail": '<div>Aprovado.</div><div class="protonmail_signature_block">Enviado com Proton Mail.</div>'
    f'<div class="protonmail_quote">{WROTE}<br><blockquote class="protonmail_quote">{OLD}</blockquote></div>',
    "Spark": '<div name="messageBodySection">Aprovado.</div><div name="messageSignatureSection"><br>Enviado do Spark</div>'
    f'<div name="messageReplySection">Ana:<br>{OLD}</div>',
    "Airmail": '<div>Aprovado.</div><br><p class="airmail_on">Em 3 de fevereiro de 2025 às 10:00:35, Ana'
    f' (<a>ana@example.com</a>) escreveu:</p><blockquote type="cite" class="clean_bq">{OLD}</blockquote>',
    "Fastmail": "<div>Aprovado.</div><div><br></div><div>On Mon, Feb 3, 2025, at 10:00 AM, Ana Souza wrote:<br></div>"
    f'<blockquote type="cite" id="qt">{OLD}</blockquote>',
    "Superhuman": '<div>Aprovado.</div><br><div class="gmail_signature">Sent via <a>Superhuman</a></div><br>'
    '<div class="gmail_quote">On Mon, Feb 03, 2025 at 10:00 AM, Ana <span>&lt;<a>ana@example.com</a>&gt;</span> wrote:'
    f'<br><blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "K-9": 'Aprovado.<br><br><div class="gmail_quote">Am 3. Februar 2025 10:00:00 MEZ schrieb Ana &lt;ana@example.com&gt;:'
    f'<blockquote class="gmail_quote">{OLD}</blockquote></div>',
    "Samsung": '<div dir="auto">Aprovado.</div><div id="composer_signature"><div>Enviado do meu Galaxy</div></div>'
    "<div><br></div><div><!-- originalMessage --><div>-------- Mensagem original --------</div>"
    "<div>De : Ana &lt;ana@example.com&gt; </div><div>Data: 03/02/2025  10:00  (GMT-03:00) </div>"
    f"<div>Para: suporte@example.com </div><div>Assunto: Re: x </div><div><br></div></div>{OLD}",
    "Zoho": '<div>Aprovado.</div><br><div class="zmail_extra"><div>---- On Mon, 03 Feb 2025 10:00:00 -0300 <b>Ana'
    f" &lt;ana@example.com&gt;</b> wrote ----</div><br><blockquote>{OLD}</blockquote></div>",
    "Roundcube": '<p>Aprovado.</p><p id="reply-intro">Em 2025-02-03 10:00, Ana Souza escreveu:</p>'
    f'<blockquote type="cite">{OLD}</blockquote>',
    "GMX": '<div>Aprovado.</div><div name="quote"><div><b>Gesendet:</b> Montag, 03. Februar 2025 um 10:00 Uhr<br>'
    f"<b>Von:</b> Ana &lt;ana@example.com&gt;<br><b>An:</b> x<br><b>Betreff:</b> x</div><div>{OLD}</div></div>",
    "Notes": "<font>Aprovado.</font><br><br><font>De: </font><font>Ana Souza/BR/Acme</font><br><font>Para: </font>"
    "<font>Suporte/BR</font><br><font>Data: </font><font>03/02/2025 10:00</font><br><font>Assunto: </font>"
    f"<font>Re: x</font><hr noshade><br>{OLD}",
    "a table of headers": "<p>Aprovado.</p><table><tr><td><b>De:</b></td><td>Ana</td></tr><tr><td>Enviada em:</td>"
    "<td>3 de fevereiro de 2025 10:00</td></tr><tr><td>Para:</td><td>x</td></tr><tr><td>Assunto:</td><td>x</td></tr>"
    f"</table>{OLD}",
    "our marker": f"<div>Aprovado.</div><blockquote><div>{MARKERS[0]}</div>{OLD}</blockquote>",
}


@pytest.mark.parametrize("html", REPLIES.values(), ids=REPLIES)
def test_what_a_mail_program_quotes_is_not_new(html: str) -> None:
    text = to_text(html)
    unmarked = re.sub(r"^(?:> ?)+", "", text, flags=re.MULTILINE)
    for plain in (text, unmarked):
        parts = split(plain, html, is_reply=True)
        assert parts.new == "Aprovado."
        assert "Você aprova?" in parts.quoted
        assert "Responda até sexta." in parts.quoted
