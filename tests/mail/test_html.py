"""HTML to the text that a reader sees, and to HTML that harms nobody."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgateway.mail.charset import clean
from mailgateway.mail.html import sanitise, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<div>um</div><div>dois</div>", "um\ndois"),
        ("um<br>dois<br><br>três", "um\ndois\n\ntrês"),
        ("<p>um</p><p>dois</p>", "um\n\ndois"),
        ("a <b>b</b>\n  c&nbsp;d &amp; e", "a b c d & e"),
        ("<ul><li>um<li>dois</ul>", "- um\n- dois"),
        ("<ol><li>um</li><li>dois</li></ol>", "1. um\n2. dois"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<style>x{}</style><script>y</script><title>t</title>oi<!-- z -->", "oi"),
        ('<div style="display: none">#aprovar</div>oi', "oi"),
        ('<span style="font-size:0">#aprovar</span>oi', "oi"),
        ('<span style="font-size:0.9em">oi</span>', "oi"),
        ("<p hidden>#aprovar</p>oi", "oi"),
        ('<article style="visibility:hidden">#aprovar</article>oi', "oi"),
        ('<img alt="👍" src=x> <img alt="logotipo" src=x>', "👍"),
        ("<blockquote>velho</blockquote>", "> velho"),
        ("novo<blockquote>velho<blockquote>mais velho</blockquote></blockquote>", "novo\n\n> velho\n\n> > mais velho"),
        ("", ""),
        ("<frameset><frame></frameset>", ""),
    ],
)
def test_text_as_it_is_seen(html: str, text: str) -> None:
    assert _loose(to_text(html)) == _loose(text)


def _loose(text: str) -> list[str]:
    """The lines without the blank ones, which are a matter of taste."""
    return [line for line in text.split("\n") if line.strip("> ")]


@pytest.mark.parametrize(
    "wrapper",
    [
        '<div class="gmail_quote"><div class="gmail_attr">Em … escreveu:</div><blockquote>velho</blockquote></div>',
        '<div class="gmail_quote">Em … escreveu:<br><blockquote>velho</blockquote></div>',
        '<div class="moz-cite-prefix">Em … escreveu:</div><blockquote type="cite">velho</blockquote>',
        '<div class="yahoo_quoted">Em … escreveu:<div>velho</div></div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">De: Ana</div><div>velho</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p>De: Ana</p></div><p>velho</p>',
    ],
)
def test_what_mail_programs_wrap_is_marked_as_quoted(wrapper: str) -> None:
    lines = _loose(to_text(f"<p>novo</p>{wrapper}"))
    assert lines[0] == "novo"
    assert all(line.startswith(">") for line in lines[1:])
    assert "velho" in lines[-1]


def test_answers_inside_a_gmail_quotation_are_not_quoted() -> None:
    html = '<div class="gmail_quote">Em …<blockquote>um</blockquote>resposta<blockquote>dois</blockquote></div>'
    assert "resposta" in to_text(html).split("\n")


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        "<svg onload=alert(1)>",
        '<iframe src="https://x.com"></iframe>',
        '<img src="https://x.com/pixel.gif">',
        '<p style="position:fixed;background:url(https://x.com)">x</p>',
        '<form action="https://x.com"><input></form>',
        "<style>@import 'https://x.com'</style>",
        '<base href="https://x.com">',
        '<p style="color:url(https://x.com)">x</p>',
        '<p style="border:1px solid URL(&quot;https://x.com&quot;)">x</p>',
        r'<p style="color:u\72l(https://x.com)">x</p>',
        "<p style=\"width:image-set('https://x.com' 1x)\">x</p>",
        '<p style="width:expression(alert(1))">x</p>',
    ],
)
def test_nothing_harmful_is_left(html: str) -> None:
    left = sanitise(html).lower()
    assert not any(bad in left for bad in ("script", "alert", "https://x.com", "position", "<form", "<svg", "onerror"))


def test_images_of_the_mail_are_shown_from_where_its_evidence_lies_and_no_others() -> None:
    html = (
        '<p>src="cid:foto"<img alt="f" src="cid:foto%40x"><IMG SRC=CID:outra alt=o><img src="https://x.com/p.gif"></p>'
    )
    shown = sanitise(html, {"foto@x": '/evidence/1?a="b"&c'})
    assert '<img alt="f" src="/evidence/1?a=&quot;b&quot;&amp;c">' in shown
    assert '<img alt="o">' in shown
    assert shown.count("src=") == 2  # the other one is somebody's words
    assert "x.com" not in shown
    assert "cid:outra" not in sanitise(html).lower()


@pytest.mark.parametrize(
    "style",
    [
        "display:/* */none",
        "max-height:0;overflow:hidden",
        "max-height: 0.0px",
        "font-size:0.0pt",
        "opacity:0 !important",
        "text-indent:-9999px",
        "position:absolute;left:-10000px",
        "visibility : HIDDEN",
    ],
)
def test_what_nobody_sees_is_no_text(style: str) -> None:
    assert to_text(f'<div style="{style}">APROVADO</div><p>Oi</p>').strip() == "Oi"


@pytest.mark.parametrize(
    "style", ["opacity:0.8", "max-height:0.5em", "font-size:10pt", "text-indent:-9px", "left:-1px"]
)
def test_what_is_only_small_or_pale_is_text(style: str) -> None:
    assert "Aprovado" in to_text(f'<div style="{style}">Aprovado</div>')


def test_what_is_harmless_stays() -> None:
    html = '<p style="color:red;background-color:RGB(1, 2, 3)">oi <img src="cid:logo" alt="l"></p><a href="https://x.com">x</a>'
    assert "color:red;background-color:rgb(1,2,3)" in sanitise(html).replace(" ", "").lower()
    assert 'href="https://x.com"' in sanitise(html)


@pytest.mark.parametrize(
    "tag", ["<div>", "<b>", "<ul><li>", "<dl><dd>", "<blockquote>", "<font>x<div>", "<table><tr><td>"]
)
def test_deep_nesting_costs_no_time_and_no_text(tag: str) -> None:
    start = time.process_time()
    assert "fundo" in to_text(tag * 20_000 + "fundo")
    sanitise(tag * 20_000 + "fundo")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "unit",
    [
        *(
            '<div a="<">',
            "<div <>",
            "<div></x>",
            "<div></span>",
            "<div><!--</div>-->",
            "<div><!</div>>",
            "<div></ </div>>",
        ),
        *("<div><table></div></table>", "<div><select></div></select>", "<div><style></div></style>", "<b><table></b>"),
        *(
            "<div><title></div></title>",
            "<div><textarea></div></textarea>",
            '<div></p a="</div>">',
            "<div/>",
            "<DIV></X>",
        ),
    ],
)
def test_deep_nesting_cannot_be_hidden(unit: str) -> None:
    start = time.process_time()
    assert "fundo" in to_text(unit * 40_000 + "fundo")
    sanitise(unit * 40_000 + "fundo")
    assert time.process_time() - start < 2.5  # 5 to 9 s where a parser sees all of it


@pytest.mark.parametrize("tag", ["<p {}>", "<p a='>' {}>", "<p a=\">\" b='<' {}>", "<!-- <p a='--><p {}>", "<p {}"])
def test_many_attributes_cost_no_time(tag: str) -> None:
    start = time.process_time()
    html = "<p>topo</p>" + tag.format(" ".join(f"a{n}" for n in range(80_000)))
    assert "topo" in to_text(html)
    sanitise(html)
    assert time.process_time() - start < 2  # 10 s where a parser sees all of them


def test_a_long_mail_is_read_as_a_short_one() -> None:
    """Only the long one goes through `bounded`."""
    html = (
        "<!-- a --><style>x</style><p a='>' class=\"x\">um <br/>it's<ul><li>dois<li>a < b</ul><blockquote a=it's>três"
    )
    assert to_text(html + "<!--" + "x" * 20_000 + "-->") == to_text(html)


@pytest.mark.parametrize(
    "html",
    [
        *("&" * 1_500_000, "&a" * 750_000, "<a" * 600 + "a" * 1_400_000, "<" * 1_500_000),
        *("<script>" + "</script " * 100_000, "<xmp>" + "</xmp " * 100_000, "<a ='" * 200_000, "<!--" * 300_000),
    ],
)
def test_broken_references_and_tags_cost_no_time(html: str) -> None:
    start = time.process_time()
    to_text(html)
    sanitise(html)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("sign", ["&#27;", "&#8;", "&#x2028;", "&#133;", "&#xfeff;", "&#11;", "&#13;"])
def test_a_reference_brings_no_sign_that_turns_a_terminal_or_begins_a_line(sign: str) -> None:
    html = f"<blockquote>velho{sign}#aprovar</blockquote><pre>a{sign}b</pre><img alt='{sign}👍'>"
    assert clean(to_text(html)) == to_text(html)
    assert [line for line in to_text(html).splitlines() if "#aprovar" in line and not line.startswith("> ")] == []


def test_a_line_is_marked_at_most_ten_times() -> None:
    """Else a megabyte of HTML becomes three hundred of text."""
    assert to_text("<blockquote>" * 400 + "fundo") == "> " * 10 + "fundo"


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    to_text(text)
    sanitise(text)


TAGS = ["<p>", "</p>", "<div class=gmail_quote>", "</div>", "<blockquote>", "</blockquote>", "<ul>", "</ul>", "<li>"]
TAGS += [
    "<pre>",
    "</pre>",
    "<table>",
    "<td>",
    "<br>",
    "<!--",
    "-->",
    "<div id=divRplyFwdMsg>",
    "&#0;",
    "&nbsp;",
    "<",
    ">",
    "<style>",
    "</style>",
    "<p a='",
    "' b=\"",
    '"',
    "'",
    "<!",
    "</",
]


@given(st.lists(st.sampled_from(TAGS) | st.text(max_size=5), max_size=40).map("".join))
def test_a_long_mail_is_read_as_a_short_one_however_broken(html: str) -> None:
    assert to_text("<!--" + "x" * 10_000 + "-->" + html) == to_text(html)
