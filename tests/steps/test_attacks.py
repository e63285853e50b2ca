"""What somebody would try who wants a say that is not his, a look at what is not his, or our voice for his words."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, Out, config_text, key_of

EVA = "eva@fora.example"
CAIO = "caio@aurora.example"
PHOTO = (("tela.png", b"\x89PNG" * 9000),)


@pytest.fixture
def waiting(small_desk: Desk) -> Desk:
    """A desk on which ticket 1 waits for Maria's approval; Bia follows it."""
    small_desk.send(JOAO, cc=BIA)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    small_desk.out()
    return small_desk


def _request(desk: Desk) -> Out:
    return desk.last(MARIA, "approval_requested")


def _thread(mail: Out) -> dict[str, str]:
    return {"In-Reply-To": str(mail.mail["Message-ID"])}


# ---- whose words, whose key


@pytest.mark.parametrize("author", [BIA, EVA, ANA])
def test_yes_to_a_question_that_was_put_to_the_requester_is_his_to_say(tmp_path: Path, author: str) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers="[]"), tmp_path)
    try:
        desk.send(JOAO, cc=BIA)
        desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
        desk.out()
        assert desk.reply(desk.last(JOAO, "approval_requested"), "Sim", author=author) == "refused"
        assert desk.ticket().status is Status.AWAITING_APPROVAL
        assert (JOAO, "challenge") in desk.notices()
    finally:
        desk.close()


def test_leaving_twice_is_harmless(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA)
    added = small_desk.last(BIA, "follower_added")
    leave = str(added.mail["List-Unsubscribe"]).strip("<>").removeprefix("mailto:")
    assert small_desk.send(BIA, "qualquer coisa", to=leave) == "acted"
    assert small_desk.ticket().followers == ()
    small_desk.send(BIA, "qualquer coisa, de novo", to=leave)
    assert small_desk.ticket().followers == ()


def test_an_address_in_capitals_is_the_same_person(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Aprovado", author="MARIA@CLIENTE.EXAMPLE") == "acted"


def test_an_old_approval_does_not_count_in_a_new_round(waiting: Desk) -> None:
    old = _request(waiting)
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "#resolver: troquei tudo")
    assert waiting.reply(old, "Aprovado") == "refused"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    assert "trocado" in waiting.last(MARIA, "refused").text
    assert waiting.reply(_request(waiting), "Aprovado") == "acted"


def test_the_same_approval_sent_again_in_a_new_round_is_a_copy(waiting: Desk) -> None:
    request = _request(waiting)
    raw = waiting.mail(MARIA, "Aprovado", to=request.reply_to)
    for _ in range(2):
        waiting.receive(raw, request.reply_to)
        waiting.process()
    assert [i.outcome for i in waiting.items()][-2:] == ["acted", "duplicate"]


def test_a_key_to_decide_of_another_ticket_decides_nothing_here(waiting: Desk) -> None:
    first = _request(waiting)
    waiting.send(JOAO, subject="Monitor")
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "#resolver: troquei o monitor")
    second = _request(waiting)
    headers = _thread(second)
    assert waiting.send(MARIA, "Aprovado", to=first.reply_to, subject="Re: [#2]", headers=headers) == "acted"
    assert waiting.ticket(1).status is Status.FINISHED
    assert waiting.ticket(2).status is Status.AWAITING_APPROVAL


# ---- a key that others have seen


def test_a_key_that_outsiders_have_seen_is_judged_once(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.out()
    assert waiting.reply(request, "Aprovado com ressalvas", cc=EVA) == "asked"
    assert waiting.reply(request, "Aprovado") == "asked"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    fresh = waiting.last(MARIA, "asked")
    assert key_of(fresh.reply_to) != key_of(request.reply_to)
    assert waiting.reply(fresh, "Aprovado") == "acted"


def test_a_spent_key_of_the_right_person_yields_a_fresh_request(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.reply(request, "Bom, vou ver com o time.", cc=EVA)
    waiting.out()
    assert waiting.reply(request, "Aprovado") == "asked"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    assert waiting.reply(_request(waiting), "Aprovado") == "acted"


def test_who_decided_with_outsiders_in_copy_can_still_contest_by_the_receipt(waiting: Desk) -> None:
    request = _request(waiting)
    assert waiting.reply(request, "Aprovado", cc=EVA) == "acted"
    receipt = waiting.last(MARIA, "decision_receipt")
    assert key_of(receipt.reply_to) != key_of(request.reply_to)
    assert waiting.reply(receipt, "#contestar") == "acted"
    assert waiting.ticket().status is Status.IN_SERVICE


def test_participants_in_copy_spend_no_key(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.reply(request, "Bom, vou ver.", cc=f"{JOAO}, {BIA}, {CAIO}")
    assert waiting.reply(request, "Aprovado") == "acted"


def test_a_key_quoted_in_a_body_or_attached_is_none_and_is_not_shown(waiting: Desk) -> None:
    request = _request(waiting)
    address = request.reply_to
    assert waiting.send(JOAO, f"Escrevi para {address}\nAprovado", attach=(("m.eml", request.raw),)) == "opened"
    assert waiting.ticket().status is Status.AWAITING_APPROVAL
    assert key_of(address) not in waiting.ticket(2).description
    assert all(key_of(address) not in o.raw.decode() for o in waiting.out() if o.to != MARIA)


def test_a_key_in_a_comment_reaches_nobody(waiting: Desk) -> None:
    address = _request(waiting).reply_to
    waiting.reply(waiting.last(JOAO, "ticket_opened"), f"A Maria recebeu de {address}, é isso mesmo?")
    assert key_of(address) not in waiting.history()[-1].text
    told = [o for o in waiting.out() if o.to != MARIA]
    assert told
    assert all(key_of(address) not in o.text for o in told)


# ---- copies


def test_whom_a_follower_brings_may_write_and_hears_nothing(small_desk: Desk) -> None:
    first = "<primeiro@cliente.example>"
    small_desk.send(JOAO, cc=BIA, message_id=first)
    small_desk.reply(small_desk.last(BIA, "follower_added"), "Veja, Eva.", cc=EVA)
    small_desk.out()
    assert small_desk.send(EVA, "Vi.", headers={"In-Reply-To": first}) == "commented"
    assert not small_desk.history()[-1].unverified
    assert [f.person.email for f in small_desk.ticket().followers] == [BIA]
    assert small_desk.out(EVA) == []


def test_a_stranger_who_answers_a_mail_of_ours_links_nothing_to_the_ticket(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    ours = small_desk.last(JOAO, "ticket_opened")
    assert small_desk.send(EVA, "Comprem.", to="compras@aurora.example", headers=_thread(ours)) == "opened"
    assert small_desk.ticket(1).links == ()
    assert small_desk.ticket(2).links == ()


# ---- notes


def test_whoever_of_the_agents_answers_a_note_writes_a_note(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#interno\nA senha é AZULEJO.")
    note = small_desk.last(CAIO, "note_added")
    small_desk.out()
    assert small_desk.reply(note, "Vi a AZULEJO.", author=ANA) == "acted"
    assert small_desk.history()[-1].internal
    assert small_desk.out(JOAO) == []


@pytest.mark.parametrize("style", ["none", "domain", "plus"])
def test_an_answer_to_a_note_is_a_note_even_without_its_address(tmp_path: Path, style: str) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", reply_address=f'"{style}"'), tmp_path)
    try:
        desk.send(JOAO, cc=BIA)
        desk.send(ANA, "#interno\nA senha é AZULEJO.", headers=_thread(desk.last(ANA, "agent_ticket_opened")))
        note = desk.last(CAIO, "note_added")
        desk.out()
        desk.reply(note, "Vi a AZULEJO.", to=QUEUE)
        assert desk.history()[-1].internal
        assert not {JOAO, BIA} & {o.to for o in desk.out()}
    finally:
        desk.close()


def test_a_note_with_files_and_other_verbs_shows_contacts_neither(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA)
    asked = small_desk.last(ANA, "agent_ticket_opened")
    small_desk.out()
    assert small_desk.reply(asked, "#assumir\n#interno\nA senha é AZULEJO.", attach=(("azulejo.txt", b"x" * 99),)) == (
        "acted"
    )
    assert small_desk.ticket().status is Status.IN_SERVICE
    for mail in small_desk.out():
        if mail.to in (JOAO, BIA):
            assert "azulejo" not in (mail.text + mail.raw.decode()).lower()
    public = [e for e in small_desk.history() if not e.internal]
    assert all("azulejo" not in a.filename for e in public for a in e.evidence)


@pytest.mark.parametrize("words", ["#resolvr", "#interno\n#resolver: troquei por AZULEJO", "#prioridade enorme"])
def test_an_agents_words_that_were_not_understood_reach_no_contact(small_desk: Desk, words: str) -> None:
    small_desk.send(JOAO, cc=BIA)
    asked = small_desk.last(ANA, "agent_ticket_opened")
    small_desk.out()
    assert small_desk.reply(asked, f"{words}\nAZULEJO") == "asked"
    assert small_desk.history()[-1].internal
    assert not {JOAO, BIA} & {o.to for o in small_desk.out()}


# ---- machines


@pytest.mark.parametrize(
    "headers", [{"Precedence": "bulk"}, {"List-Id": "<x.example>"}, {"X-MS-Exchange-Inbox-Rules-Loop": "x"}]
)
def test_a_machines_words_resume_and_reopen_nothing(small_desk: Desk, headers: dict[str, str]) -> None:
    small_desk.send(JOAO)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#pausar: aguardando solicitante")
    paused = small_desk.last(JOAO, "paused")
    small_desk.send(JOAO, "Recebemos o seu e-mail.", to=paused.reply_to, headers=headers)
    assert small_desk.ticket().status is Status.PAUSED


def test_an_absence_note_without_headers_opens_and_resumes_nothing(small_desk: Desk) -> None:
    words = "Estou de férias e retorno no dia 10. Em caso de urgência, contate o suporte."
    small_desk.send(JOAO)
    small_desk.reply(small_desk.last(ANA, "agent_ticket_opened"), "#pausar: aguardando solicitante")
    small_desk.send(JOAO, words, to=small_desk.last(JOAO, "paused").reply_to)
    assert small_desk.ticket().status is Status.PAUSED
    small_desk.reply(small_desk.last(JOAO, "ticket_opened"), "#encerrar")
    small_desk.send(JOAO, words, to=small_desk.last(JOAO, "finished").reply_to)
    assert not small_desk.exists(2)


def test_monitoring_whose_mail_opens_tickets_is_never_written_to(tmp_path: Path) -> None:
    robot = "zabbix@aurora.example"
    desk = Desk.open(
        config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", robots_open=f'["{robot}"]', approvers="[]"), tmp_path
    )
    try:
        desk.send(robot, "CPU 100%", headers={"Auto-Submitted": "auto-generated"})
        asked = desk.last(ANA, "agent_ticket_opened")
        for words in ("#assumir", "Estamos vendo.", "#resolver: reiniciei"):
            desk.reply(asked, words)
        assert [o.state for o in desk._all if o.to == robot and o.state == "waiting"] == []
    finally:
        desk.close()


def test_two_gateways_do_not_answer_each_other(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    ours = small_desk.last(JOAO, "ticket_opened")
    loop = ours.raw.replace(b"From: ", b"X-From: ", 1)
    item = small_desk.receive(f"From: {JOAO}\r\n".encode() + loop)
    small_desk.process()
    assert small_desk.item(item).outcome == "robot"


# ---- our voice for his words


def test_nobody_names_somebody_else(small_desk: Desk) -> None:
    for known in (JOAO, MARIA):
        small_desk.send(known)
    small_desk.send(EVA, cc=f'"Ganhe dinheiro" <{JOAO}>, "Clique aqui" <{MARIA}>')
    assert small_desk.person(JOAO).name == ""
    assert small_desk.person(MARIA).name == ""
    small_desk.send(f"Golpe <{JOAO}>", auth="")
    assert small_desk.person(JOAO).name == ""
    small_desk.send(f"João Pereira <{JOAO}>")
    assert small_desk.person(JOAO).name == "João Pereira"


def test_a_display_name_that_is_an_address_is_no_name(small_desk: Desk) -> None:
    small_desk.send(f'"{ANA}" <{EVA}>')
    assert small_desk.person(EVA).name == ""


def test_nothing_that_people_write_becomes_a_header_of_ours(small_desk: Desk) -> None:
    evil = "x\r\nBcc: todos@cliente.example\r\n\r\nGanhe"
    coded = "=?utf-8?q?x=0D=0ABcc:_todos@cliente.example=0D=0A=0D=0AGanhe?="
    raw = small_desk.mail(JOAO, attach=(("f.txt", b"x" * 9),), cc=BIA)
    raw = raw.replace(b"Subject: Impressora parada", f"Subject: {coded}".encode())
    raw = raw.replace(f"From: {JOAO}".encode(), f"From: {coded} <{JOAO}>".encode())
    raw = raw.replace(b'filename="f.txt"', b"filename*=utf-8''f%0D%0ABcc%3A%20t%40x.example")
    small_desk.receive(raw)
    small_desk.process()
    for out in small_desk.out():
        head, _, _ = out.raw.partition(b"\r\n\r\n")
        assert out.mail["Bcc"] is None
        assert b"\r\nBcc:" not in head
        assert evil not in out.raw.decode()


# ---- very much of it


@pytest.mark.parametrize(
    "top",
    [
        "Cc: " + ",\r\n ".join(f"p{n}@cliente.example" for n in range(10_000)) + "\r\n",
        "References: " + "\r\n ".join(f"<r{n}@cliente.example>" for n in range(10_000)) + "\r\n",
        "".join(f"Delivered-To: d{n}@cliente.example\r\n" for n in range(5_000)),
        "X-Long: " + "x" * 200_000 + "\r\n",
    ],
    ids=["recipients", "references", "deliveries", "header"],
)
def test_a_huge_head_is_a_mail_like_any_other(desk: Desk, top: str) -> None:
    started = time.monotonic()
    desk.send(JOAO)
    reply_to = desk.last(JOAO, "ticket_opened").reply_to
    for to in (QUEUE, reply_to):
        desk.receive(top.encode() + desk.mail(JOAO, "Mais uma coisa.", to=to), to)
    desk.process()
    assert [i.outcome for i in desk.items()] == ["opened", "opened", "commented"]
    assert len(desk.ticket(1).named) + len(desk.history(1)) < 1000
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("text", ["palavra " * 650_000, "> citado\n" * 500_000 + "novo\n", "#assumir\n" * 500_000])
def test_a_huge_text_is_a_mail_like_any_other(small_desk: Desk, text: str) -> None:
    started = time.monotonic()
    small_desk.send(JOAO)
    assert small_desk.reply(small_desk.last(JOAO, "ticket_opened"), text)
    small_desk.send(JOAO, text)
    assert all(len(i.reason) < 1000 for i in small_desk.items())
    assert all(len(o.raw) < 300_000 for o in small_desk.out())
    assert time.monotonic() - started < 60


def test_files_beside_a_command_are_kept_and_shown(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Reprovado: veja a tela", attach=PHOTO) == "acted"
    entry = waiting.history()[-1]
    assert entry.kind is EntryKind.VOTE
    assert [a.filename for a in entry.evidence] == ["tela.png"]
    assert "tela.png" in waiting.last(ANA, "agent_rejected").text
