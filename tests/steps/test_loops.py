"""Machines that answer us: an answer too quick for a person, a loop that falls silent, and who hears of it."""

from __future__ import annotations

import email.policy
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.parser import BytesParser
from pathlib import Path

import pytest
from sqlalchemy import event

from mailgateway.core.workflow import Status
from mailgateway.steps import deliver
from tests.desk import ANA, JOAO, MARIA, Desk, Out, config_text

ABSENT = "#aprovar\nEstou fora do escritório."


@pytest.mark.parametrize(("seconds", "status"), [(59, Status.AWAITING_APPROVAL), (61, Status.FINISHED)])
def test_an_absence_note_within_a_minute_of_our_mail_decides_nothing(desk: Desk, seconds: int, status: Status) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    request = desk.last(MARIA, "approval_requested")
    desk.now += timedelta(seconds=seconds)
    desk.reply(request, ABSENT)
    assert desk.ticket().status is status


def test_a_mail_of_ours_that_left_after_the_note_came_says_nothing_of_its_author(small_desk: Desk) -> None:
    desk = small_desk
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    request = desk.last(MARIA, "approval_requested")
    desk.now += timedelta(days=5)
    desk.receive(desk.mail(MARIA, ABSENT, to=request.reply_to), request.reply_to)
    desk.sweep(seconds=1)
    assert desk.last(MARIA, "reminder").mail
    desk.process()
    assert desk.ticket().status is Status.FINISHED


def test_a_batch_of_absence_notes_asks_once_when_our_mails_left(small_desk: Desk) -> None:
    desk = small_desk
    for n in range(10):
        desk.send(JOAO, subject=f"Caso {n}")
    opened = desk.out(JOAO, "ticket_opened")
    asked: list[str] = []
    event.listen(desk.gateway.database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    for confirmation in opened:
        desk.receive(desk.mail(JOAO, "Estou de férias.", to=confirmation.reply_to), confirmation.reply_to)
    desk.process()
    assert len([sql for sql in asked if "max(coalesce" in sql]) == 1
    assert {i.outcome for i in desk.items()[10:]} == {"commented"}


# ---- two gateways


def gateway(folder: Path, domain: str, administrator: str = "operacao") -> Desk:
    folder.mkdir()
    text = config_text(folder, f"sqlite:///{folder}/desk.db").replace("aurora.example", domain)
    who = f"{administrator}@{domain}" if administrator else ""
    return Desk.open(text.replace("[gateway]\n", f'[gateway]\nadministrator = "{who}"\n'), folder)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two gateways of two houses."""
    both = gateway(tmp_path / "a", "aurora.example"), gateway(tmp_path / "b", "boreal.example")
    yield both
    for one in both:
        one.close()


def whole(raw: bytes) -> bytes:
    return raw


def stripped(raw: bytes) -> bytes:
    """As a relay hands it on that keeps nothing by which a machine could be told."""
    mail = BytesParser(policy=email.policy.compat32).parsebytes(raw)
    for name in set(mail.keys()):
        if name.lower() not in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type"):
            del mail[name]
    return mail.as_bytes()


def exchange(pair: tuple[Desk, Desk], relay: Callable[[bytes], bytes]) -> None:
    """Hand over what each has for the other, until both are silent."""
    while any(_hand_over(here, there, relay) for here, there in (pair, pair[::-1])):
        pass


def _hand_over(here: Desk, there: Desk, relay: Callable[[bytes], bytes]) -> int:
    here.process()
    handed = 0

    def send(mail_from: str, to: str, raw: bytes) -> str:
        nonlocal handed
        if to == there.gateway.house.queues[0].email:
            handed += 1
            there.receive(relay(raw), to, mail_from)
        return "250 ok"

    deliver.drain(here.gateway, send, lambda: here.now, threads=1)
    return handed


def seed(pair: tuple[Desk, Desk], n: int) -> None:
    """Somebody writes to each in the other one's name."""
    for here, there in (pair, pair[::-1]):
        other = there.gateway.house.queues[0].email
        here.receive(here.mail(other, f"Pedido {n}", to=here.gateway.house.queues[0].email, auth=""))


def alarms(desk: Desk) -> list[Out]:
    desk.out()
    return [o for o in desk._all if o.notice == "alarm"]


def test_two_gateways_that_answer_each_other_fall_silent_and_each_alerts_its_administrator_once(
    pair: tuple[Desk, Desk],
) -> None:
    for n in range(12):
        seed(pair, n)
        exchange(pair, stripped)
        for desk in pair:
            desk.now += timedelta(minutes=5)
    for desk, other in (pair, pair[::-1]):
        domain, peer = desk.gateway.settings.gateway.domain, other.gateway.house.queues[0].email
        (alarm,) = alarms(desk)
        assert alarm.to == f"operacao@{domain}"
        assert alarm.state == "waiting" or alarm.reason.startswith("250")
        assert peer in str(alarm.mail["Subject"])
        answers = [o for o in desk._all if o.to == peer]
        assert {o.state for o in answers} == {"delivered", "withheld"}
        assert sum(o.state != "withheld" for o in answers) <= 10, "an hour"
        assert {o.to for o in desk._all} <= {peer, alarm.to, f"ana@{domain}", f"caio@{domain}"}


def test_mails_of_another_gateway_are_kept_unanswered_and_alert_once(pair: tuple[Desk, Desk]) -> None:
    for n in range(3):
        seed(pair, n)
        exchange(pair, whole)
    for desk in pair:
        (alarm,) = alarms(desk)
        assert alarm.to.startswith("operacao@")
        assert [i.outcome for i in desk.items()].count("robot") == 3


def test_an_address_that_is_silenced_for_days_alerts_once_a_day(pair: tuple[Desk, Desk]) -> None:
    for n in range(4):
        for _ in range(5):
            seed(pair, n)
        exchange(pair, stripped)
        for desk in pair:
            desk.now += timedelta(hours=12)
    assert [len(alarms(desk)) for desk in pair] == [2, 2]


def test_a_ticket_with_too_many_answers_alerts_the_agents_of_its_queue_where_nobody_else_is_named(desk: Desk) -> None:
    desk.send(JOAO)
    confirmation = desk.last(JOAO, "ticket_opened")
    for _ in range(25):
        desk.receive(desk.mail(JOAO, "#status", to=confirmation.reply_to), confirmation.reply_to)
    desk.process()
    found = alarms(desk)
    assert {o.to for o in found} == {ANA, "caio@aurora.example"}
    assert len(found) == 2
    assert "chamado 1" in found[0].text


def test_a_thousand_forged_addresses_are_not_a_thousand_alarms(small_desk: Desk) -> None:
    desk = small_desk
    for n in range(12):
        for _ in range(4):
            desk.receive(desk.mail(f"alvo{n}@fora.example", "Lixo", auth=""))
    desk.process()
    assert len(alarms(desk)) == 10, "five for each of the two agents"
    desk.now += timedelta(hours=1)
    for _ in range(11):
        desk.receive(desk.mail("alvo11@fora.example", "Lixo", auth=""))
    desk.process()
    assert len(alarms(desk)) == 12, "a loop that goes on is told later"


def test_warnings_in_a_flood_spend_nothing_of_what_people_are_owed(small_desk: Desk) -> None:
    desk = small_desk
    desk.send(JOAO)
    leaked = desk.last(JOAO, "ticket_opened")
    for _ in range(60):
        desk.receive(desk.mail("eva@fora.example", "#cancelar: sim", to=leaked.reply_to), leaked.reply_to)
    desk.process()
    for who in (JOAO, ANA):
        found = [o for o in desk.out() or desk._all if (o.to, o.notice) == (who, "warning")]
        assert [o.state for o in found].count("waiting") == 5
        assert {o.reason for o in found[5:]} == {"no resumo"}
    desk.reply(leaked, "Continua parada.")
    assert desk.last(ANA, "commented").state == "waiting"
    desk.reply(desk.last(ANA, "commented"), "Estou indo.")
    assert desk.last(JOAO, "commented").state == "waiting"
