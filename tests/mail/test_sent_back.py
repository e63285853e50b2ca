"""Every line that a mail prints and every link in it, sent back as a reply to that mail, is understood."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mailgateway.core.commands import Pending, Situation, read
from mailgateway.core.keys import Purpose
from mailgateway.core.notices import Notice
from mailgateway.core.phrases import Phrases
from mailgateway.core.workflow import Role, Status
from mailgateway.mail.samples import REPLY_TO, samples
from mailgateway.mail.templates import LANGUAGES
from tests.core.conftest import NOW, load_phrases
from tests.mail.test_templates import CASES, DESK, mail_of, mailtos

PHRASES: Phrases = load_phrases()
LITERAL = re.compile(r"^    (\S.*?)(?: \(([^()]+)\))?$")
COMMAND_LINE = "mailgateway "
#: Other words for what a placeholder asks for, so that it does not count as sent as it stands.
_WORDS = "cabo trocado"


def situation_of(notice: Notice, language: str) -> Situation:
    """Who answers that mail, about what, and what we wait for from him."""
    roles = {Role(notice.role)} if notice.role in set(Role) else set()
    if notice.acceptance:
        roles.add(Role.APPROVER)
    waits = {
        Purpose.DECIDE: Pending.ACCEPTANCE if notice.acceptance else Pending.APPROVAL,
        Purpose.RATE: Pending.RATING,
        Purpose.CONFIRM: Pending.QUESTION,
    }
    over = notice.ticket is not None and notice.ticket.status in (Status.FINISHED, Status.REJECTED)
    pending = waits.get(notice.purpose) if not (over and notice.purpose is Purpose.DECIDE) else None
    return Situation(
        number=notice.ticket.number if notice.ticket else None,
        status=notice.ticket.status if notice.ticket else None,
        roles=frozenset(roles),
        pending=frozenset({pending} if pending else ()),
        purpose=notice.purpose,
        language=language,
    )


def typed(text: str) -> list[str]:
    """The literal lines of the plain text, their placeholders replaced as a person would."""
    found = [LITERAL.match(line) for line in text.splitlines() if not line.startswith("     ")]
    lines = [(match[1], match[2]) for match in found if match]
    return [f"{text} {_filled(hole)}" if hole else text for text, hole in lines if not text.startswith(COMMAND_LINE)]


def _filled(hole: str) -> str:
    if "@" in hole:
        return re.sub(r"\S+@\S+", "carlos@x.com", hole)
    return hole if hole.isdigit() else _WORDS


def understood(text: str, said: Situation) -> bool:
    reading = read(text, said, PHRASES, NOW)
    return reading.doubt is None and bool(reading.acts or reading.answer is not None)


@pytest.mark.parametrize(("language", "name"), [c for c in CASES if not c[1].startswith(("view", "digest", "help"))])
def test_each_line_and_link_of_a_mail_is_understood_in_reply_to_it(language: str, name: str) -> None:
    notice = samples(language)[name]
    said, mail = situation_of(notice, language), mail_of(notice, language)
    for line in typed(mail.text):
        assert understood(line, said), line
    for address, _, body in mailtos(mail.html):
        if address == REPLY_TO:
            assert understood(body if not body.endswith(": ") else body + _WORDS, said), body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in samples("pt-BR") if n.startswith(("view", "digest", "help"))])
def test_each_link_of_a_list_is_understood_where_it_leads(language: str, name: str) -> None:
    notice = samples(language)[name]
    mail = mail_of(notice, language)
    own = situation_of(notice, language)
    rows = {row.reply_to: row.number for row in (*notice.listed, *notice.told)}
    waits = Status.AWAITING_APPROVAL
    row = replace(own, status=waits, roles=frozenset(Role), pending=frozenset({Pending.APPROVAL}), purpose="decide")
    for address, _, body in mailtos(mail.html):
        if address == DESK.data_protection:
            continue
        said = own if address == REPLY_TO else replace(row, number=rows[address])
        assert understood(body + _WORDS if body.endswith(": ") else body, said), body


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [n for n in samples("pt-BR") if n.startswith(("view", "digest"))])
def test_each_line_of_a_list_is_understood_where_it_is_sent(language: str, name: str) -> None:
    """In the plain text a row's lines stand below its address; all others answer the mail itself."""
    notice = samples(language)[name]
    rows = {row.reply_to: row.number for row in (*notice.listed, *notice.told) if row.reply_to}
    own = situation_of(notice, language)
    said, seen = own, 0
    for line in mail_of(notice, language).text.splitlines():
        if line.strip() in rows:
            pending = frozenset({Pending.APPROVAL})
            decide = replace(own, status=Status.AWAITING_APPROVAL, roles=frozenset(Role), pending=pending)
            said = replace(decide, number=rows[line.strip()], purpose="decide")
        elif not line.strip():
            said = own
        for text in typed(line):
            seen += 1
            assert understood(text, said), text
    assert seen
