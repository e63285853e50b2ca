"""All reply addresses at once out of use: old ones open nothing, whoever still has to decide gets a new one."""

from __future__ import annotations

import contextlib
from pathlib import Path

from mailgateway.core.workflow import Status
from mailgateway.steps import rekey
from tests.desk import ANA, BIA, JOAO, MARIA, Desk, config_text


def test_an_old_address_decides_nothing_and_a_new_request_does(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    old = desk.last(MARIA, "approval_requested")
    done = rekey.rekey(desk.gateway, desk.now)
    assert done.requests == 1
    assert done.voided >= 4
    new = desk.last(MARIA, "approval_requested")
    assert new.id != old.id
    assert new.reply_to != old.reply_to
    desk.reply(old, "Aprovado")
    assert desk.ticket().status is Status.AWAITING_APPROVAL
    desk.reply(new, "Aprovado")
    assert desk.ticket().status is Status.FINISHED


def test_an_open_question_is_answered_by_nothing_any_more(desk: Desk) -> None:
    desk.send(JOAO)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    request = desk.last(MARIA, "approval_requested")
    desk.reply(request, "Aprovado", to="suporte@aurora.example")
    question = desk.last(MARIA, "challenge")
    code = next(line for line in question.text.splitlines() if line.strip().startswith("aprovo")).strip()
    rekey.rekey(desk.gateway, desk.now)
    desk.reply(question, "Sim")
    desk.send(MARIA, code, subject="Código")
    assert desk.ticket().status is Status.AWAITING_APPROVAL


def test_whoever_voted_is_not_asked_again(tmp_path: Path) -> None:
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers=f'["{MARIA}", "{BIA}"]', rule='"all"')
    with contextlib.closing(Desk.open(text, tmp_path)) as desk:
        desk.send(JOAO)
        desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
        desk.reply(desk.last(MARIA, "approval_requested"), "Aprovado")
        desk.out()
        rekey.rekey(desk.gateway, desk.now)
        assert desk.notices() == {(BIA, "approval_requested")}


def test_talk_goes_on(desk: Desk) -> None:
    desk.send(JOAO)
    opened = desk.last(JOAO, "ticket_opened")
    assert rekey.rekey(desk.gateway, desk.now).requests == 0
    assert desk.reply(opened, "Alguma novidade para amanhã?") == "commented"
