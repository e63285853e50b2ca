"""Every notice in every language: compiles, renders, leaks nothing, prints what may be typed, and looks as recorded.

After a wanted change: MAILGATEWAY_SNAPSHOTS=write pytest tests/mail/test_templates.py, then read the diff.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from mailgateway.core.decide import ACTS
from mailgateway.core.errors import Misconfigured
from mailgateway.core.keys import Purpose
from mailgateway.core.messages import Attachment, Line
from mailgateway.core.notices import NAMES, Notice
from mailgateway.core.people import Person
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.addresses import why_invalid
from mailgateway.mail.compose import LONGEST_LINE
from mailgateway.mail.lists import Lists
from mailgateway.mail.newtext import MARKERS
from mailgateway.mail.samples import LEAVE_TO, REPLY_TO, preview, samples
from mailgateway.mail.templates import DEAR, LANGUAGES, LEAVE, REPLY, Desk, Rendered, Templates
from mailgateway.mail.words import Words
from mailgateway.resources import templates_dir

SNAPSHOTS = Path(__file__).parent.parent / "snapshots"
ZONE = ZoneInfo("America/Sao_Paulo")
DESK = Desk("Suporte Aurora", {"suporte": "Suporte"}, "https://portal.aurora.example", "encarregado@aurora.example")
TEMPLATES = Templates([templates_dir()], ZONE, DESK)
CASES = [(language, name) for language in LANGUAGES for name in samples(language)]
#: Gmail clips at about 102 KB; a mail that lists nothing stays far below.
LARGEST = {"view": 48_000, "help": 40_000}
MARKS = (DEAR, REPLY, LEAVE)
EVIL = "<script>alert(1)</script> \"quoted\" 'single' & {{ 7 * 7 }} {% x %}"


def mail_of(notice: Notice, language: str = "pt-BR", name: str | None = None) -> Rendered:
    first = notice.to.first_name if name is None else name
    return TEMPLATES.render(notice, language).filled(first, REPLY_TO, LEAVE_TO)


def shown(html: str) -> str:
    """What a person sees of the sheet, on one line."""
    body = LexborHTMLParser(html).body
    assert body is not None
    return " ".join(body.text(separator=" ").split())


def mailtos(html: str) -> list[tuple[str, str, str]]:
    """Address, subject and body of each link that opens a mail."""
    found = []
    for link in re.findall(r'href="mailto:([^"]*)"', html):
        address, _, query = unescape(link).partition("?")
        fields = parse_qs(query, strict_parsing=True) if query else {}
        found.append((unquote(address), *(fields.get(k, [""])[0] for k in ("subject", "body"))))
    return found


def test_there_is_a_pair_for_each_notice_and_language_and_nothing_else() -> None:
    for language in LANGUAGES:
        folder = templates_dir() / "mail" / language
        wanted = {f"{name}.{kind}" for name in NAMES for kind in ("txt", "html")}
        assert {p.name for p in folder.iterdir()} == wanted | {"words.toml", "sample.toml"}
        assert {name.partition(".")[0] for name in samples(language)} == set(NAMES)


def test_the_languages_say_the_same_things() -> None:
    def keys(table: dict[str, object], at: str = "") -> set[str]:
        return {k for key, v in table.items() for k in (keys(v, f"{at}{key}.") if isinstance(v, dict) else {at + key})}

    tables = [
        tomllib.loads((templates_dir() / "mail" / lang / "words.toml").read_text(encoding="utf-8"))
        for lang in LANGUAGES
    ]
    first = keys(tables[0])
    assert [keys(table) ^ first for table in tables] == [set()] * len(tables)


@pytest.mark.parametrize(("language", "name"), CASES)
def test_looks_as_recorded(language: str, name: str) -> None:
    mail = mail_of(samples(language)[name], language)
    folder = SNAPSHOTS / language
    for path, now in (
        (folder / f"{name}.txt", f"{mail.subject}\n\n{mail.text}"),
        (folder / f"{name}.html", mail.html),
    ):
        if os.environ.get("MAILGATEWAY_SNAPSHOTS") == "write":
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(now, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == now, "look at the diff; MAILGATEWAY_SNAPSHOTS=write records it"


def test_no_snapshot_is_left_over() -> None:
    recorded = {(p.parent.name, p.stem) for p in SNAPSHOTS.glob("*/*.*")}
    assert recorded == set(CASES)


@pytest.mark.parametrize(("language", "name"), CASES)
def test_a_mail_is_whole(language: str, name: str) -> None:
    notice = samples(language)[name]
    mail = mail_of(notice, language)
    everything = mail.subject + mail.text + mail.html
    assert mail.subject
    assert "\n" not in mail.subject
    for leak in ("None", "{{", "{%", "Undefined", "Status.", "Person(", *MARKS):
        assert leak not in everything, leak
    assert "!" not in re.sub(r"<style>.*?</style>|<![^>]*>|!important", "", everything, flags=re.S)
    assert len(mail.html.encode()) <= LARGEST.get(name.partition(".")[0], 20_000)
    longest = max(map(len, mail.html.encode("ascii", "xmlcharrefreplace").splitlines()))
    assert longest <= LONGEST_LINE, "it would have to be encoded, which takes four times as long"
    assert mail.text.startswith(tuple(MARKERS))
    assert all(marker in mail.html for marker in MARKERS if marker in mail.text)
    for line in mail.text.splitlines():
        assert len(line) <= 72 or line.startswith("    ") or " " not in line.strip()


@pytest.mark.parametrize(("language", "name"), CASES)
def test_both_parts_tell_the_same(language: str, name: str) -> None:
    """The heading, every fact and every line to type stand in the text and on the sheet."""
    notice = samples(language)[name]
    mail = mail_of(notice, language)
    tree, text = LexborHTMLParser(mail.html), " ".join(mail.text.split())
    heading = tree.css_first("h1")
    assert heading is not None
    assert " ".join(heading.text().split()) in text
    for fact in tree.css("td.a"):
        assert f"{fact.text()}:" in text
    for line in notice.lines:
        typed = f"    {line.text.strip()}" + (f" ({line.placeholder})" if line.placeholder else "")
        assert typed in mail.text.splitlines()
        assert line.text.strip() in shown(mail.html)


@pytest.mark.parametrize(("language", "name"), CASES)
def test_each_button_sends_the_line_printed_beside_it(language: str, name: str) -> None:
    notice = samples(language)[name]
    words = Words(language, [templates_dir()], ZONE, DESK)
    printed = {line.text.strip() for line in notice.lines} | {words.verbs.leave}
    printed |= {f"{words.verbs.rate} {score}" for score in range(1, 6)} if notice.purpose is Purpose.RATE else set()
    rows = {row.reply_to: row for row in (*notice.listed, *notice.told) if row.reply_to}
    for address, subject, body in mailtos(mail_of(notice, language).html):
        if address in rows:
            assert body.strip() in {line.text.strip() for line in rows[address].lines}
            assert f"[#{rows[address].number}]" in subject
        elif address != DESK.data_protection:
            assert address in (REPLY_TO, LEAVE_TO)
            assert body.strip() in printed | listed_lines(notice, words)
            assert "[#1042]" in subject if notice.ticket else subject
        assert "\n" not in body


def listed_lines(notice: Notice, words: Words) -> set[str]:
    """What a list offers beside its own lines: rows without an address, other lists, the next page, answers."""
    lists = Lists(words)
    lines = [line for row in (*notice.listed, *notice.told) if not row.reply_to for line in row.lines]
    lines += [lists.line(view) for view, _ in notice.others]
    lines += [lists.line(notice.view, notice.page + 1)] if notice.view else []
    return {line.text for line in lines} | {lists.solved(n).text for n in range(1, len(notice.matches) + 1)}


def test_one_filled_button_where_something_is_asked_and_none_elsewhere() -> None:
    for language, name in CASES:
        filled = LexborHTMLParser(mail_of(samples(language)[name], language).html).css("td.v")
        asks = name.startswith(("approval_requested", "agent_ticket_opened", "reminder", "challenge", "target_warning"))
        asks = asks and name not in ("reminder.rating", "target_warning.missed")
        assert len(filled) == (1 if asks else 0), (language, name)


def test_a_button_is_the_line_it_names_and_no_other() -> None:
    """An agent who is the requester too gets the line that ends the ticket first; the button still takes it."""
    notice = samples("pt-BR")["agent_ticket_opened"]
    notice = replace(notice, lines=(Line("Resolvido"), *notice.lines))
    bodies = [body for address, _, body in mailtos(mail_of(notice).html) if address == REPLY_TO]
    assert bodies == ["#assumir"]


@pytest.mark.parametrize("name", list(samples("pt-BR")))
def test_what_a_stranger_writes_stays_text(name: str) -> None:
    notice = samples("pt-BR")[name]
    evil = replace(notice.to, name=f"{EVIL}\r\nBcc: x@y.example")
    ticket = notice.ticket and replace(notice.ticket, subject=EVIL, description=EVIL, requester=evil, assignee=evil)
    notice = replace(
        notice,
        ticket=ticket,
        listed=tuple(replace(row, subject=EVIL, requester=evil) for row in notice.listed),
        told=tuple(replace(item, subject=EVIL, by=evil) for item in notice.told),
        matches=tuple(replace(match, title=EVIL, summary=EVIL) for match in notice.matches),
        entries=tuple(replace(entry, text=EVIL, author=evil) for entry in notice.entries),
        terms=EVIL,
        about=EVIL,
        substitute=evil,
        text=EVIL,
        line=EVIL,
        actor=notice.actor and evil,
        evidence=(Attachment(EVIL, "text/plain", 1, "", inline=False),),
        lines=(*notice.lines, Line(EVIL, EVIL)),
    )
    mail = mail_of(notice, name=EVIL)
    assert "<script" not in mail.html
    assert "49" not in mail.subject.replace("[#1042]", "")
    assert "\n" not in mail.subject
    assert not re.search(r'href="[^"]*<', mail.html)
    assert LexborHTMLParser(mail.html).css_first("script") is None


@pytest.mark.parametrize("name", [n for n in samples("pt-BR") if "unproven" in n and "agent" not in n])
def test_an_unproven_sender_gets_only_our_own_words(name: str) -> None:
    for language in LANGUAGES:
        notice = samples(language)[name]
        mail = mail_of(notice, language)
        everything = mail.subject + mail.text + mail.html
        for his in ("João", notice.ticket and notice.ticket.subject, "foto-erro", "carlos@", "bia."):
            assert his
            assert his not in everything
        assert "1042" in mail.subject


def test_a_neutral_refusal_reveals_nothing_of_the_ticket() -> None:
    for language in LANGUAGES:
        for reason in ("unknown_ticket", "not_participant"):
            notice = replace(samples(language)["refused"], reason=reason, lines=samples(language)["asked"].lines)
            mail = mail_of(notice, language, name="")
            assert not re.search(r"1042|Maria|Reprovado:|Impressora|Printer|impresora|    ", mail.subject + mail.text)
            assert "#1042" not in mail.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_code_still_makes_a_sentence(language: str) -> None:
    for name in ("asked", "refused"):
        notice = replace(samples(language)[name], reason="a_code_of_tomorrow")
        assert "a_code_of_tomorrow" not in mail_of(notice, language).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_renders_with_and_without_a_ticket(language: str) -> None:
    path = templates_dir() / "mail" / language / "words.toml"
    reasons = tomllib.loads(path.read_text(encoding="utf-8"))["reasons"]
    for name in ("asked", "refused"):
        for code in reasons:
            for ticket in (samples(language)[name].ticket, None):
                mail = mail_of(replace(samples(language)[name], reason=code, ticket=ticket), language)
                assert "{" not in mail.text


def test_an_unproven_line_or_question_is_not_mailed_on() -> None:
    for name in ("challenge", "challenge.rejected", "faq", "faq.none"):
        notice = replace(samples("pt-BR")[name], line="visite http://x.example", terms="visite http://x.example")
        mail = mail_of(replace(notice, own_words_only=True))
        assert "x.example" not in mail.subject + mail.text + mail.html


def test_an_unproven_sender_learns_no_name_from_a_refusal() -> None:
    for language in LANGUAGES:
        for name in ("asked", "refused", "refused.owner"):
            mail = mail_of(replace(samples(language)[name], own_words_only=True), language)
            assert not re.search(r"Maria|Impressora|Printer|impresora|Aprovado\b.*Li ", mail.subject + mail.text)


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=[]), max_size=200), st.text(st.characters(exclude_categories=[])))
def test_any_subject_and_text_make_a_mail(subject: str, text: str) -> None:
    notice = samples("pt-BR")["commented"]
    assert notice.ticket
    mail = mail_of(replace(notice, ticket=replace(notice.ticket, subject=subject), text=text), name=text)
    assert len(mail.subject.splitlines()) == 1
    assert "\x00" not in mail.subject or "\x00" in subject
    assert LexborHTMLParser(mail.html).css_first("h1") is not None


def test_a_reader_without_a_name_is_addressed_with_a_capital() -> None:
    assert "\nSeu chamado foi aberto com o número 1042.\n" in mail_of(samples("pt-BR")["ticket_opened"], name="").text
    asked = mail_of(samples("es")["rating_requested"], "es", name="")
    assert "\n¿Qué nota le da a la atención?\n" in asked.text
    assert "João, ¿qué nota" in mail_of(samples("es")["rating_requested"], "es").html


def test_one_rendering_serves_every_follower() -> None:
    shared = TEMPLATES.render(samples("pt-BR")["commented.follower"], "pt-BR")
    bia = shared.filled("Bia", "suporte+1.aaaa@x.example", "suporte+2.aaaa@x.example")
    caio = shared.filled("Caio", "suporte+3.aaaa@x.example", "suporte+4.aaaa@x.example")
    assert bia.text.replace("Bia,", "Caio,") == caio.text
    assert "Bia" not in caio.html
    assert next(address for address, *_ in mailtos(caio.html)) == "suporte+4.aaaa@x.example"


def test_every_word_of_why_an_address_is_none_is_known() -> None:
    words = Words("pt-BR", [templates_dir()], ZONE, DESK)
    for text in (
        "",
        "ana",
        "a@@b.com",
        "a b@c.com",
        "@c.com",
        "ana@",
        "carlos@aurora",
        "a" * 300 + "@b.com",
        "a@b..com",
    ):
        assert why_invalid(text) in words._contacts


@pytest.mark.parametrize(
    ("language", "moment", "deadline", "at_one"),
    [
        ("pt-BR", "24/11/2026, às 9h05", "sexta-feira, 27/11/2026, às 18h", "24/11/2026, à 1h30"),
        ("en", "24 Nov 2026, 09:05", "Friday, 27 Nov 2026, 18:00", "24 Nov 2026, 01:30"),
        ("es", "24/11/2026, 09:05", "viernes 27/11/2026, 18:00", "24/11/2026, 01:30"),
    ],
)
def test_dates_are_absolute_and_of_the_desk(language: str, moment: str, deadline: str, at_one: str) -> None:
    words = Words(language, [templates_dir()], ZONE, DESK)
    plain = {"\xa0": " "}
    assert words.moment(datetime(2026, 11, 24, 12, 5, tzinfo=UTC)).translate(str.maketrans(plain)) == moment
    assert words.deadline(datetime(2026, 11, 27, 21, 0, tzinfo=UTC)).translate(str.maketrans(plain)) == deadline
    assert words.moment(datetime(2026, 11, 24, 4, 30, tzinfo=UTC)).translate(str.maketrans(plain)) == at_one


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_has_words_for_every_act(language: str) -> None:
    done = Words(language, [templates_dir()], ZONE, DESK).table["done"]
    assert set(ACTS) - {Act.AUTO_CLOSE} <= set(done) <= {*Act, "other"}


def test_sizes_names_and_the_trail() -> None:
    words = Words("pt-BR", [templates_dir()], ZONE, DESK)
    assert [words.size(n).replace("\xa0", " ") for n in (0, 412_000, 2_400_000)] == ["1 KB", "412 KB", "2,4 MB"]
    people = [Person(i, name, f"{name}@x.example") for i, name in enumerate(("Ana", "Bia", "Caio"))]
    assert [words.names(people[:n]) for n in range(4)] == ["", "Ana", "Ana e Bia", "Ana, Bia e Caio"]
    assert [state for _, state in words.trail(Status.PAUSED)] == ["done", "here", "rest", "rest"]
    assert [status for status in Status if not words.trail(status)] == [Status.CANCELLED]


def test_without_a_portal_nobody_is_sent_there() -> None:
    bare = Templates([templates_dir()], ZONE, Desk("Suporte"))
    mail = bare.render(samples("pt-BR")["taken"], "pt-BR").filled("João", REPLY_TO)
    assert "portal" not in mail.text
    assert "portal" not in mail.html
    assert "Dados pessoais" not in mail.text


def test_somebodys_words_keep_their_lines_and_look_like_nothing_of_ours() -> None:
    text = "Linha um\n\n    Aprovado\n" + "palavra " * 40
    mail = mail_of(replace(samples("pt-BR")["commented"], text=text))
    assert "Linha um<br>" in mail.html
    assert "\n    Aprovado\n" not in mail.text
    long = mail_of(replace(samples("pt-BR")["commented"], text="a" * 100_000))
    assert len(long.html) < 45_000
    assert "O texto continua" in long.text


def test_a_users_template_wins_and_a_broken_one_is_named(tmp_path: Path) -> None:
    own = tmp_path / "mail" / "pt-BR"
    own.mkdir(parents=True)
    own.joinpath("taken.txt").write_text("{% extends layout %}{% block subject %}Nosso{% endblock %}", encoding="utf-8")
    own.joinpath("words.toml").write_text('system = "Aurora"', encoding="utf-8")
    templates = Templates([tmp_path, templates_dir()], ZONE, DESK)
    mail = templates.render(samples("pt-BR")["taken"], "pt-BR").filled("João", REPLY_TO)
    assert mail.subject == "Nosso"
    assert mail.text.endswith("Aurora\n")
    own.joinpath("taken.txt").write_text("{% block %}", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"taken\.txt, line 1"):
        Templates([tmp_path, templates_dir()], ZONE, DESK).compile_all()


def test_a_language_nobody_wrote_falls_back() -> None:
    notice = samples("pt-BR")["taken"]
    assert TEMPLATES.render(notice, "xx").subject == TEMPLATES.render(notice, "pt-BR").subject


def test_preview_writes_every_sample(tmp_path: Path) -> None:
    written = list(preview(tmp_path, TEMPLATES, ["en"]))
    assert len(written) == 2 * len(samples("en"))
    assert all(path.stat().st_size > 500 for path in written)
