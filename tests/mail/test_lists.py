"""Mails that list something: what a row says, pages, empty lists, digests, and that nothing internal is in a status."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from mailgateway.core.lists import COUNTED, PAGE_ROWS, Listed, Told
from mailgateway.core.messages import Line
from mailgateway.core.notices import ANSWERS, NAMES, Notice
from mailgateway.core.tickets import Entry, EntryKind
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.lists import Lists
from mailgateway.mail.samples import samples
from mailgateway.mail.story import ANA, JOAO, NOW, UNTIL
from mailgateway.mail.templates import LANGUAGES
from mailgateway.mail.words import Words
from mailgateway.resources import templates_dir
from tests.mail.test_templates import DESK, ZONE, mail_of, shown

LISTS = {language: Lists(Words(language, [templates_dir()], ZONE, DESK)) for language in LANGUAGES}
VIEW = samples("pt-BR")["view"]


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def listed(number: int = 1, status: Status = Status.WAITING, **more: object) -> Listed:
    return replace(Listed(number, f"Assunto {number}", status, JOAO, NOW), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in samples("pt-BR") if n.startswith("view")])
def test_text_and_sheet_tell_the_same_of_each_row(language: str, name: str) -> None:
    notice = samples(language)[name]
    mail = mail_of(notice, language)
    text, sheet = plain(mail.text), plain(shown(mail.html))
    for row in notice.listed:
        said = LISTS[language].row(row, notice.at)
        for part in (f"#{row.number}", row.subject, said.who, said.due):
            assert plain(part) in text
            assert plain(part) in sheet
        assert row.reply_to in text
    for view, count in notice.others:
        assert LISTS[language].label(view) in sheet
        assert f" {count}" in sheet


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ["agent", "author"])
@pytest.mark.parametrize("view", VIEWS)
def test_each_list_has_its_words_full_or_empty(language: str, role: str, view: str) -> None:
    for rows in ((), (listed(),), (listed(), listed(2))):
        mail = mail_of(replace(VIEW, view=view, role=role, listed=rows, total=len(rows)), language)
        assert LISTS[language].label(view) in mail.subject
        assert LISTS[language].count(len(rows)) in mail.text
        assert "{" not in mail.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_of_tomorrow_has_words_too(language: str) -> None:
    table = Words(language, [templates_dir()], ZONE, DESK).table["list_of"]
    assert set(table) == {*VIEWS, "all_agent", "mine_agent", "other"}
    lists = LISTS[language]
    assert lists.says(replace(VIEW, view="of_tomorrow", listed=())) == table["other"]["none"]


def test_a_row_says_when_it_is_due_back_or_over() -> None:
    says = LISTS["pt-BR"].row
    assert plain(says(listed(until=UNTIL), NOW).due) == "Vence em 27/11, às 18h"
    assert plain(says(listed(status=Status.PAUSED, until=UNTIL), NOW).due) == "Volta em 27/11, às 18h"
    today = says(listed(until=NOW + timedelta(hours=1)), NOW)
    assert (today.urgent, today.over) == (True, False)
    late = says(listed(until=NOW - timedelta(days=1)), NOW)
    assert (plain(late.due), late.urgent, late.over) == ("Venceu em 23/11, às 14h32", True, True)
    assert not says(listed(status=Status.PAUSED, until=NOW - timedelta(days=1)), NOW).over
    assert says(listed(), NOW).due == ""
    assert says(listed(requester=None), NOW).who == "Desde 24/11"
    old = listed(status=Status.CANCELLED, since=NOW - timedelta(days=400))
    assert says(old, NOW).who == "João Pereira, cancelado em 20/10/2025"


def test_a_pill_stands_only_where_the_rows_differ() -> None:
    alike = mail_of(replace(VIEW, listed=(listed(1), listed(2)), total=2))
    differ = mail_of(replace(VIEW, listed=(listed(1), listed(2, Status.PAUSED)), total=2))
    assert LexborHTMLParser(alike.html).css("span.p") == []
    pills = LexborHTMLParser(differ.html).css("span.p")
    assert [pill.attributes["class"] for pill in pills] == ["p p-waiting", "p p-paused"]
    assert ".p-paused{" in differ.html
    assert ".p-paused{" not in alike.html
    assert "Situação: Pausado" in differ.text


def test_the_order_is_only_stated_where_it_is_true() -> None:
    by_date = (listed(1, until=UNTIL), listed(2, until=UNTIL + timedelta(1)))
    nearest = "O prazo mais próximo vem primeiro."
    assert nearest in mail_of(replace(VIEW, listed=by_date, total=2)).text
    for rows in (by_date[::-1], by_date[:1], (*by_date, listed(3))):
        assert nearest not in mail_of(replace(VIEW, listed=rows, total=len(rows))).text


@pytest.mark.parametrize(
    ("page", "total", "left", "pages"), [(1, 48, 28, 3), (2, 41, 1, 3), (3, 60, 0, 3), (1, PAGE_ROWS, 0, 1)]
)
def test_pages_are_counted_and_the_next_one_is_a_line(page: int, total: int, left: int, pages: int) -> None:
    rows = tuple(listed(n) for n in range(1, PAGE_ROWS + 1))
    notice = replace(VIEW, view="finished", listed=rows, page=page, total=total)
    mail = mail_of(notice)
    assert (LISTS["pt-BR"].left(notice), LISTS["pt-BR"].pages(notice)) == (left, pages)
    assert (f"    #chamados tickets finalizados {page + 1}" in mail.text.splitlines()) == bool(left)
    text = " ".join(mail.text.split())
    assert (f"Página {page} de {pages}." in text) == (pages > 1)
    assert ("Faltam 28 chamados." in text) == (left == 28)
    assert ("Falta 1 chamado." in text) == (left == 1)


def test_a_list_that_is_not_counted_to_its_end_says_so() -> None:
    rows = tuple(listed(n) for n in range(1, PAGE_ROWS + 1))
    notice = replace(VIEW, listed=rows, total=COUNTED, others=(("all", COUNTED), ("paused", COUNTED - 1)))
    mail = mail_of(notice)
    assert f"{COUNTED} chamados ou mais" in plain(mail.subject)
    assert f"Faltam pelo menos {COUNTED - PAGE_ROWS} chamados." in " ".join(plain(mail.text).split())
    assert f" {COUNTED}+\n" in mail.text
    assert f">{COUNTED}+<" in mail.html
    assert f" {COUNTED - 1}\n" in mail.text


def test_a_row_has_at_most_three_links_each_with_its_own_word() -> None:
    lines = (Line("5", "", Act.RATE), Line("#nota ", "5", Act.RATE), Line("Sim"), Line("#seguir", "", Act.FOLLOW))
    assert [label for _, label in LISTS["pt-BR"].links(lines)] == ["5, Excelente", "Avaliar", "Sim"]
    assert [label for _, label in LISTS["pt-BR"].links(lines[3:])] == ["Acompanhar"]


def test_nothing_internal_or_unverified_is_in_a_status_mail() -> None:
    notice = samples("pt-BR")["status"]
    kinds = {"internal": True}, {"unverified": True}, {"kind": EntryKind.NOTE}
    secret = tuple(replace(Entry(EntryKind.COMMENT, NOW, ANA, "senha 1234"), **more) for more in kinds)  # type: ignore[arg-type]
    mail = mail_of(replace(notice, entries=(*secret, *notice.entries)))
    assert "1234" not in mail.text + mail.html
    assert "terceiro cabo" not in mail.text + mail.html
    assert "Ana Lima: assumiu o chamado" in mail.text


def test_a_status_mail_shows_how_a_long_line_begins() -> None:
    notice = samples("pt-BR")["status"]
    mail = mail_of(replace(notice, entries=(Entry(EntryKind.COMMENT, NOW, ANA, "palavra " * 200),)))
    assert mail.text.count("palavra") == 50
    assert "palavra…" in mail.text
    gateway = Entry(EntryKind.STATUS, NOW, None, "a pausa terminou na data marcada")
    assert LISTS["pt-BR"].happened(gateway) == "A pausa terminou na data marcada"


def test_a_digest_goes_ticket_by_ticket_each_told_once() -> None:
    told = (
        Told("commented", NOW, 2, "Dois", ANA),
        Told("taken", NOW, 1, "Um", ANA),
        Told("finished", NOW, 2, "Dois", None),
        Told("alarm", NOW),
    )
    groups = LISTS["pt-BR"].grouped(told)
    assert [(last.number, len(items)) for last, items in groups] == [(2, 2), (1, 1), (None, 1)]
    mail = mail_of(replace(samples("pt-BR")["digest"], told=told))
    assert "4 novidades em 3 chamados" in mail.subject
    for line in ("nova mensagem, por Ana Lima", "atendimento iniciado, por Ana Lima", "às 14h32: chamado finalizado"):
        assert plain(mail.text).count(line) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_notice_that_may_be_held_back_has_its_words(language: str) -> None:
    held = set(NAMES) - ANSWERS - {"digest"}
    known = Words(language, [templates_dir()], ZONE, DESK).table["told"]
    assert held <= set(known)
    assert set(known) <= held | {"other"}
    assert LISTS[language].told(Told("of_tomorrow", NOW), NOW).endswith(known["other"])


@pytest.mark.parametrize("name", ["faq", "faq.none", "view.empty"])
def test_an_answer_without_terms_or_rows_is_still_a_sentence(name: str) -> None:
    for language in LANGUAGES:
        notice: Notice = replace(samples(language)[name], terms="", lines=())
        mail = mail_of(notice, language)
        assert "“" not in mail.subject + mail.text.split("\n\n")[1]


def test_answers_of_the_faq_are_not_sent_to_somebody_unproven() -> None:
    notice = replace(samples("pt-BR")["ticket_opened.matches"], own_words_only=True)
    mail = mail_of(notice)
    assert "resolvido 1" not in mail.text + mail.html
    assert notice.matches[0].title not in mail.text + mail.html
