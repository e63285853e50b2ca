"""What waits for an operator: told once an hour as a sum, to whoever looks after the gateway."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import event

from mailgateway.core.errors import Permanent, Unreachable
from mailgateway.steps import alarming, deliver
from mailgateway.steps.watch import Watch
from mailgateway.store import inbox
from tests.desk import ANA, JOAO, MARIA, NO_ALARM, Desk, Out, config_text

ADMINISTRATOR = "operacao@aurora.example"


@pytest.fixture
def watched(database_url: str, tmp_path: Path) -> Desk:
    """A gateway with an administrator, on both databases."""
    said = config_text(tmp_path, database_url).replace("[gateway]\n", f'[gateway]\nadministrator = "{ADMINISTRATOR}"\n')
    return Desk.open(said, tmp_path)


def quarantine(desk: Desk, count: int = 1) -> list[int]:
    """So many mails that three attempts could not read."""
    ids = [desk.receive(desk.mail("bia@fora.example", "VENENO")) for _ in range(count)]
    with desk.gateway.database.write() as connection:
        inbox.quarantine(connection, ids, desk.gateway.sentences.reason("quarantined"), desk.now)
    return ids


def swept(desk: Desk, **later: int) -> list[Out]:
    """The alarms that the sweep writes then."""
    desk.out()
    desk.sweep(**later)
    return desk.out("", "alarm")


def test_a_mail_in_quarantine_is_told_once_with_what_to_do(watched: Desk) -> None:
    (item,) = quarantine(watched)
    (alarm,) = swept(watched, seconds=1)
    assert (alarm.to, alarm.state) == (ADMINISTRATOR, "waiting")
    assert str(alarm.mail["Subject"]) == "Um e-mail está em quarentena"
    for words in (f"mailgateway inbox show {item} --raw", f"mailgateway inbox retry {item}", "três tentativas"):
        assert words in alarm.text
    assert swept(watched, minutes=1) == []
    assert swept(watched, days=2) == []


def test_a_hundred_of_them_in_an_hour_are_two_alarms(watched: Desk) -> None:
    first = quarantine(watched)
    assert len(swept(watched, seconds=1)) == 1
    for _ in range(10):
        quarantine(watched, 10)
        assert swept(watched, minutes=5) == []
    (alarm,) = swept(watched, minutes=10)
    assert str(alarm.mail["Subject"]) == "100 e-mails estão em quarentena"
    assert f"show {first[0]} " not in alarm.text
    assert "Há mais 80." in alarm.text


def test_without_an_administrator_the_agents_hear_of_it(small_desk: Desk) -> None:
    quarantine(small_desk)
    assert {o.to for o in swept(small_desk, seconds=1)} == {ANA, "caio@aurora.example"}


def _refuse(mail_from: str, to: str, raw: bytes) -> NoReturn:
    raise Permanent("550 5.7.1 Relay access denied")


def test_mails_that_were_owed_and_refused_for_good_are_told_and_answers_are_not(small_desk: Desk) -> None:
    desk = small_desk
    desk.send("eva@fora.example", "#status")
    deliver.drain(desk.gateway, _refuse, lambda: desk.now)
    assert swept(desk, seconds=1) == []
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    deliver.drain(desk.gateway, _refuse, lambda: desk.now)
    alarm = swept(desk, seconds=1)[0]
    assert MARIA in alarm.text
    assert "Relay access denied" in alarm.text
    assert f"mailgateway outbox retry {desk.last(ANA, 'agent_ticket_opened').id}" in alarm.text


def test_an_alarm_that_is_refused_is_no_reason_for_another(small_desk: Desk) -> None:
    desk = small_desk
    quarantine(desk)
    assert swept(desk, seconds=1)
    for _ in range(3):
        deliver.drain(desk.gateway, _refuse, lambda: desk.now)
        assert swept(desk, hours=2) == []


def test_what_waits_for_too_long_is_told_once_with_what_to_do(watched: Desk) -> None:
    desk = watched
    desk.gateway = replace(desk.gateway, watch=Watch(["suporte"]))
    desk.gateway.watch.mailbox("suporte", desk.now.timestamp(), fails=True)
    desk.gateway.watch.mailbox("suporte", (desk.now + timedelta(minutes=50)).timestamp(), fails=True)
    first, _ = (desk.receive(desk.mail(JOAO)) for _ in range(2))
    assert swept(desk, minutes=15) == []
    (alarm,) = swept(desk, seconds=1)
    assert (alarm.to, str(alarm.mail["Subject"])) == (ADMINISTRATOR, "Há e-mails parados")
    for words in (f"mailgateway inbox show {first}", "2 e-mails recebidos", "mailgateway check"):
        assert words in alarm.text
    assert "suporte" not in alarm.text.partition("mailgateway check")[0].replace(ADMINISTRATOR, "")
    deliver.drain(desk.gateway, lambda *_: "250 ok", lambda: desk.now)
    (alarm,) = swept(desk, hours=1)
    assert "A caixa suporte não pode ser lida" in alarm.text
    deliver.drain(desk.gateway, lambda *_: "250 ok", lambda: desk.now)
    assert [swept(desk, hours=1) for _ in range(5)] == [[]] * 5


def test_what_goes_on_waiting_beside_something_new_is_one_sum_an_hour(small_desk: Desk) -> None:
    desk, told = small_desk, []
    for _ in range(18):  # three hours
        desk.receive(desk.mail(JOAO))
        told += [o for o in swept(desk, minutes=10) if o.to == ANA]
        deliver.drain(desk.gateway, lambda *_: "250 ok", lambda: desk.now)
    assert [re.findall(r"(\d+|Um) e-mails? recebidos?", o.text) for o in told] == [["Um"], ["7"], ["13"]]


def test_while_the_smart_host_is_away_one_alarm_waits_and_no_more(tmp_path: Path) -> None:
    said = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db").replace(NO_ALARM, "")
    desk, told = Desk.open(said, tmp_path), []

    def away(*_: object) -> NoReturn:
        raise Unreachable("127.0.0.1: [Errno 111] Connection refused")

    for _ in range(48):
        desk.send(JOAO)
        deliver.drain(desk.gateway, away, lambda: desk.now)
        told += [o for o in swept(desk, minutes=30) if o.to == ANA]
    (alarm,) = told
    assert "Connection refused" in alarm.text
    assert re.search(r"mailgateway outbox show \d+", alarm.text)
    deliver.drain(desk.gateway, lambda *_: "250 ok", lambda: desk.now)
    assert swept(desk, hours=2) == []


def test_a_bound_of_zero_is_never(tmp_path: Path) -> None:
    said = config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db")
    desk = Desk.open(f"{said}inbox_minutes = 0\n", tmp_path)
    desk.receive(desk.mail(JOAO))
    assert swept(desk, days=2) == []
    desk.close()


def test_to_look_for_them_reads_no_other_mail(small_desk: Desk) -> None:
    database = small_desk.gateway.database
    statements: list[tuple[str, tuple[object, ...]]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *a: statements.append((a[2], a[3])))
    alarming.tell_of_trouble(small_desk.gateway, small_desk.now)
    with database.read() as connection:
        for statement, values in [s for s in statements if "purses" not in s[0]]:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert all(re.match(r"SEARCH|USE TEMP B-TREE", step) for step in plan), plan
    assert len(statements) >= 7
