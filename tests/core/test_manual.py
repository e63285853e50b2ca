"""The manual: each line, sent where its chapter says, does what it promises; nothing that can be asked is missing."""

from __future__ import annotations

import pytest

from mailgateway.core.commands import Situation, read
from mailgateway.core.decide import ACTS
from mailgateway.core.lists import Chapter
from mailgateway.core.manual import ANYBODY, chapters
from mailgateway.core.phrases import ACTS_WITH_VERB
from mailgateway.core.printed import code_line, listing
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import QUERIES, Act, Role, Status
from tests.core.conftest import LANGUAGES, NOW, SITUATIONS, situation

EVERYBODY = frozenset(Role)
#: Where the lines of a chapter are sent to.
PLACES = {
    ANYBODY: situation(number=None),
    Role.REQUESTER: situation(Status.IN_SERVICE, Role.REQUESTER, purpose="talk"),
    Role.APPROVER: SITUATIONS["approver"],
    Role.AGENT: situation(Status.IN_SERVICE, Role.AGENT, purpose="talk"),
}


def _of(phrases, language: str, roles: frozenset[Role] = EVERYBODY) -> tuple[Chapter, ...]:
    return chapters(roles, phrases.labels(language))


def _filled(line) -> str:
    if "@" in line.placeholder:
        return f"{line.text}carlos@x.com"
    return line.text + (line.placeholder if line.placeholder.isdigit() else "cabo trocado")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_of_the_manual_does_what_it_promises(phrases, language):
    for chapter in _of(phrases, language):
        for line in chapter.lines:
            reading = read(_filled(line) if line.placeholder else line.text, PLACES[chapter.name], phrases, NOW)
            assert reading.doubt is None, line
            assert [asked.act for asked in reading.acts] == [line.act], line


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_can_be_done_by_mail_stands_in_the_manual(phrases, language):
    printed = {line.act for chapter in _of(phrases, language) for line in chapter.lines}
    assert printed == set(ACTS_WITH_VERB) == (set(ACTS) | QUERIES | {Act.OPEN}) - {Act.COMMENT, Act.AUTO_CLOSE}


def test_nobody_reads_of_what_others_may_do(phrases):
    names = [chapter.name for chapter in _of(phrases, "pt-BR", frozenset({Role.REQUESTER}))]
    assert names == [ANYBODY, Role.REQUESTER]
    acts = {line.act for chapter in _of(phrases, "pt-BR", frozenset({Role.REQUESTER})) for line in chapter.lines}
    assert acts.isdisjoint({Act.TAKE, Act.NOTE, Act.APPROVE, Act.RESUME})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", [PLACES[ANYBODY], situation(number=None, purpose="page"), SITUATIONS["requester"]])
def test_the_next_page_of_each_list_is_one_line(phrases, language, said: Situation):
    labels = phrases.labels(language)
    for view in VIEWS:
        for page in (1, 2, 12):
            line = listing(labels.verbs[Act.LIST], labels.views[view], page)
            (asked,) = read(line, said, phrases, NOW).acts
            assert (asked.act, asked.name, asked.number or 1) == (Act.LIST, view, page), line


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("who", ["asked", "approver", "new"])
@pytest.mark.parametrize("act", [Act.APPROVE, Act.REJECT])
def test_the_line_with_a_code_is_read_with_it(phrases, language, who, act):
    line = code_line(act, "48317719", phrases.labels(language))
    assert "4831-7719" in line.text
    reading = read(line.text + ("a data está errada" if line.placeholder else ""), SITUATIONS[who], phrases, NOW)
    found = reading.decision_phrase if who == "new" else reading.acts[0]
    assert reading.code == "48317719"
    assert found
    assert found.act is act
