"""A storm: thirty mails an hour for one person, and one that tells of the rest. Nothing that is owed is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgateway.steps import sweep
from mailgateway.store import outbox
from tests.desk import ANA, BIA, JOAO, MARIA, Desk, Out, config_text

STORM = 100


@pytest.fixture
def hurried(tmp_path: Path) -> Iterator[Desk]:
    """Three notices an hour."""
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db") + "[limits]\nnotices_hour = 3\n"
    desk = Desk.open(text, tmp_path)
    yield desk
    desk.close()


def comments(desk: Desk, count: int, author: str = JOAO) -> None:
    """So many comments on ticket 1 in a row, read in one go."""
    answered = desk.last(author, "ticket_opened" if author == JOAO else "follower_added")
    ids = f"{answered.mail['Message-ID']}"
    for n in range(count):
        raw = desk.mail(author, f"Ainda parada ({n}).", to=answered.reply_to, headers={"In-Reply-To": ids})
        desk.receive(raw, answered.reply_to)
    desk.process()


def states(mails: list[Out]) -> tuple[int, int]:
    """How many go out, how many were held back."""
    found = [o.state for o in mails]
    return found.count("waiting"), found.count("withheld")


def taken(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#assumir")


def later(desk: Desk, **time: int) -> list[Out]:
    """What the sweep writes then."""
    desk.out()
    desk.now += timedelta(**time)
    sweep.sweep(desk.gateway, desk.now)
    return desk.out()


def test_a_storm_of_a_hundred_comments_is_thirty_mails_and_one_digest(desk: Desk) -> None:
    taken(desk)
    comments(desk, STORM)
    desk.out()
    mine = [o for o in desk._all if o.to == ANA]
    assert states(mine) == (30, len(mine) - 30)
    held = [o for o in mine if o.state == "withheld"]
    assert {o.reason for o in held} == {"no resumo"}
    assert len(held) > 70
    assert later(desk, minutes=59) == [], "not before the full hour"
    (digest,) = later(desk, minutes=1)
    assert (digest.to, digest.notice, digest.state) == (ANA, "digest", "waiting")
    assert str(digest.mail["Subject"]) == f"Resumo: {len(held)} novidades em 1 chamado"
    assert digest.text.count("nova mensagem, por ") == len(held)
    assert "#1 " in digest.text
    assert later(desk, hours=1) == []
    assert later(desk, days=1) == []


def test_the_next_hour_begins_with_mails_again(hurried: Desk) -> None:
    taken(hurried)
    comments(hurried, 5)
    assert [o.notice for o in later(hurried, hours=1)] == ["digest"]
    hurried.now += timedelta(minutes=1)
    comments(hurried, 1)
    assert states(hurried.out(ANA, "commented")) == (1, 0)


def test_each_person_has_one_and_hears_what_happened_oldest_first(hurried: Desk) -> None:
    hurried.send(JOAO, cc=BIA)
    hurried.send(JOAO, "Sem rede.", subject="Rede", cc=BIA)
    asked = hurried.last(ANA, "agent_ticket_opened")
    for text in ("#assumir", "Qual o andar?", "E a sala?", "#pausar: aguardando peça", "#retomar"):
        hurried.reply(asked, text)
    digests = later(hurried, hours=1)
    assert sorted({o.to for o in digests}) == sorted(o.to for o in digests)
    to_joao = next(o for o in digests if o.to == JOAO)
    found = [to_joao.text.find(line) for line in ("atendimento em pausa", "atendimento retomado")]
    assert -1 not in found
    assert found == sorted(found)


def test_a_request_in_a_digest_can_be_decided_from_it(hurried: Desk) -> None:
    for n in range(4):
        hurried.send(JOAO, f"Caso {n}", subject=f"Caso {n}")
        hurried.reply(hurried.last(ANA, "agent_ticket_opened"), f"#resolver: feito {n}")
    hurried.out()
    assert states([o for o in hurried._all if o.to == MARIA]) == (3, 1)
    digest = next(o for o in later(hurried, hours=1) if o.to == MARIA)
    html = digest.mail.get_body(("html",))
    assert html
    assert "mailto:suporte%2B" in html.get_content() or "mailto:suporte+" in html.get_content()
    assert "Aprovado" in html.get_content()


def test_unproven_mail_never_spends_what_a_proven_person_is_owed(hurried: Desk) -> None:
    taken(hurried)
    hurried.now += timedelta(hours=1)
    hurried.out()
    for n in range(9):
        hurried.send("estranho@fora.example", f"Lixo {n}", auth="")
    assert states(hurried.out(ANA, "agent_ticket_opened")) == (3, 6)
    comments(hurried, 3)
    assert states(hurried.out(ANA, "commented")) == (3, 0)


def test_a_mail_that_is_sent_by_hand_is_not_told_again(hurried: Desk) -> None:
    taken(hurried)
    comments(hurried, 4)
    hurried.out()
    held = [o for o in hurried._all if o.state == "withheld"]
    with hurried.gateway.database.write() as connection:
        for mail in held:
            outbox.retry(connection, mail.id, hurried.now)
    assert later(hurried, hours=1) == []
