"""Section 4's table of notices as mails that really go out: who gets which, once per event; and who gets none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgateway.core.outcomes import Outcome
from mailgateway.core.workflow import Status
from mailgateway.steps.link import link
from tests.desk import ANA, BIA, JOAO, MARIA, Desk, config_text

CAIO = "caio@aurora.example"
RUI = "rui@cliente.example"


@pytest.fixture
def opened(small_desk: Desk) -> Desk:
    """Ticket 1: João's, followed by Bia; nobody has taken it, its mails were looked at."""
    small_desk.send(JOAO, cc=BIA)
    small_desk.out()
    return small_desk


@pytest.fixture
def taken(opened: Desk) -> Desk:
    """The same, taken by Ana."""
    opened.reply(opened.last(ANA, "agent_ticket_opened"), "#assumir")
    opened.out()
    return opened


@pytest.fixture
def asked(taken: Desk) -> Desk:
    """The same, waiting for Maria's approval."""
    taken.reply(taken.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    return taken


def _desk(tmp_path: Path, **queue: str) -> Iterator[Desk]:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", **queue), tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def accepting(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose requesters accept what was done."""
    yield from _desk(tmp_path, approvers="[]")


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Desk]:
    """A desk that asks nobody for approval and may reopen for three days."""
    yield from _desk(tmp_path, approval='"never"', reopen_days="3")


def _sent(desk: Desk) -> list[tuple[str, str]]:
    """Each mail that goes out since the last look, also those that say the same twice."""
    return sorted((o.to, o.notice) for o in desk.out() if o.state == "waiting")


# ---- the rows of the table


def test_opened(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA)
    assert _sent(small_desk) == [
        (ANA, "agent_ticket_opened"),
        (BIA, "follower_added"),
        (CAIO, "agent_ticket_opened"),
        (JOAO, "ticket_opened"),
    ]


@pytest.mark.parametrize(("author", "notice"), [(JOAO, "ticket_opened"), (BIA, "follower_added")])
def test_a_comment_before_anybody_took_it(opened: Desk, author: str, notice: str) -> None:
    opened.reply(opened.last(author, notice), "Ainda parada.")
    other = BIA if author == JOAO else JOAO
    assert _sent(opened) == sorted([(ANA, "commented"), (CAIO, "commented"), (other, "commented")])


def test_a_comment_on_a_ticket_that_somebody_treats(taken: Desk) -> None:
    taken.reply(taken.last(JOAO, "ticket_opened"), "Ainda parada.")
    assert _sent(taken) == [(ANA, "commented"), (BIA, "commented")]


def test_nobody_is_mailed_a_comment_that_he_got_by_the_same_proven_mail(taken: Desk) -> None:
    taken.reply(taken.last(JOAO, "ticket_opened"), "Ainda parada.", cc=f"{BIA}, {ANA}")
    assert _sent(taken) == []
    taken.reply(taken.last(JOAO, "ticket_opened"), "Ainda parada, mesmo.", cc=f"{BIA}, {ANA}", auth="")
    assert _sent(taken) == [(ANA, "commented"), (BIA, "commented")]


def test_a_reply_of_an_agent(taken: Desk) -> None:
    taken.reply(taken.last(ANA, "agent_ticket_opened"), "Qual é o modelo?")
    assert _sent(taken) == [(BIA, "commented"), (JOAO, "commented")]


def test_a_note(taken: Desk) -> None:
    taken.reply(taken.last(ANA, "agent_ticket_opened"), "#interno: senha trocada")
    assert _sent(taken) == [(ANA, "receipt"), (CAIO, "note_added")]


def test_taken_assigned_paused_resumed(opened: Desk) -> None:
    ana = opened.last(ANA, "agent_ticket_opened")
    told = {
        "#assumir": [(ANA, "receipt"), (JOAO, "taken")],
        "#pausar: aguardando peça": [(ANA, "receipt"), (JOAO, "paused")],
        "#retomar": [(ANA, "receipt"), (JOAO, "resumed")],
        f"#atribuir {CAIO}": [(ANA, "receipt"), (CAIO, "agent_assigned")],
        "#prioridade alta": [(ANA, "receipt")],
    }
    for line, mails in told.items():
        assert opened.reply(ana, line) == "acted"
        assert _sent(opened) == sorted(mails)


def test_cancelled_by_an_agent(taken: Desk) -> None:
    taken.reply(taken.last(ANA, "agent_ticket_opened"), "#cancelar: duplicado")
    assert _sent(taken) == [(ANA, "receipt"), (BIA, "cancelled"), (JOAO, "cancelled")]


def test_cancelled_by_the_requester(opened: Desk) -> None:
    opened.reply(opened.last(JOAO, "ticket_opened"), "#cancelar")
    assert _sent(opened) == sorted(
        [(ANA, "agent_cancelled"), (CAIO, "agent_cancelled"), (BIA, "cancelled"), (JOAO, "cancelled")]
    )


def test_resolved_and_rejected(taken: Desk) -> None:
    taken.reply(taken.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    assert _sent(taken) == [(ANA, "receipt"), (JOAO, "resolved"), (MARIA, "approval_requested")]
    taken.reply(taken.last(MARIA, "approval_requested"), "Reprovado: não imprime")
    assert _sent(taken) == sorted(
        [(ANA, "agent_rejected"), (BIA, "rejected"), (JOAO, "rejected"), (MARIA, "decision_receipt")]
    )


def test_approved_rated_and_rated_low(asked: Desk) -> None:
    asked.out()
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    assert _sent(asked) == sorted(
        [
            (ANA, "agent_finished"),
            (BIA, "finished"),
            (JOAO, "finished"),
            (JOAO, "rating_requested"),
            (MARIA, "decision_receipt"),
        ]
    )
    asked.reply(asked.last(JOAO, "rating_requested"), "5")
    assert _sent(asked) == [(JOAO, "rating_receipt")]
    asked.reply(asked.last(JOAO, "rating_receipt"), "#nota 1")
    assert _sent(asked) == [(ANA, "agent_rated"), (CAIO, "agent_rated"), (JOAO, "rating_receipt")]


def test_a_requester_who_accepts_gets_no_second_mail_that_it_is_finished(accepting: Desk) -> None:
    accepting.send(JOAO, cc=BIA)
    accepting.reply(accepting.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    accepting.out()
    accepting.reply(accepting.last(JOAO, "approval_requested"), "Sim")
    assert _sent(accepting) == [
        (ANA, "agent_finished"),
        (BIA, "finished"),
        (JOAO, "decision_receipt"),
        (JOAO, "rating_requested"),
    ]


def test_accepted_by_time(accepting: Desk) -> None:
    accepting.send(JOAO, cc=BIA)
    accepting.reply(accepting.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    accepting.out()
    accepting.sweep(days=20)
    assert accepting.ticket().status is Status.FINISHED
    assert _sent(accepting) == [
        (ANA, "agent_finished"),
        (BIA, "finished"),
        (JOAO, "finished"),
        (JOAO, "rating_requested"),
    ]


def test_contested(asked: Desk) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    asked.out()
    asked.reply(asked.last(MARIA, "decision_receipt"), "#contestar")
    assert _sent(asked) == [(ANA, "resumed"), (JOAO, "resumed"), (MARIA, "receipt")]


def test_withdrawn(asked: Desk) -> None:
    asked.out()
    asked.reply(asked.last(ANA, "agent_ticket_opened"), "#retirar")
    assert _sent(asked) == [(ANA, "receipt"), (MARIA, "request_withdrawn")]


def test_an_agent_who_is_the_requester_gets_one_mail_for_each_event(small_desk: Desk) -> None:
    small_desk.send(ANA)
    assert _sent(small_desk) == [(ANA, "ticket_opened"), (CAIO, "agent_ticket_opened")]
    small_desk.reply(small_desk.last(ANA, "ticket_opened"), "Ainda parada.")
    assert _sent(small_desk) == [(CAIO, "commented")]
    small_desk.reply(small_desk.last(ANA, "ticket_opened"), "#assumir")
    assert _sent(small_desk) == [(ANA, "taken")]


def test_an_agent_in_copy_is_told_as_an_agent(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=ANA)
    assert small_desk.ticket().followers == ()
    assert (ANA, "agent_ticket_opened") in _sent(small_desk)
    assert "atendente" in small_desk.last(JOAO, "ticket_opened").text


# ---- doubts and refusals


def test_a_doubt_is_asked_about_and_the_agents_may_read_it(asked: Desk) -> None:
    asked.out()
    assert asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado com ressalvas") == "asked"
    assert _sent(asked) == [(ANA, "commented"), (MARIA, "asked")]
    assert asked.history()[-1].text == "Aprovado com ressalvas"


def test_a_refused_rejection_is_read_by_the_agents(asked: Desk) -> None:
    asked.out()
    assert asked.reply(asked.last(JOAO, "resolved"), "Reprovado: não imprime ainda") == "refused"
    assert _sent(asked) == [(ANA, "commented"), (JOAO, "refused")]


def test_an_empty_answer_leaves_no_line(asked: Desk) -> None:
    lines = len(asked.history())
    assert asked.reply(asked.last(MARIA, "approval_requested"), "") == "asked"
    assert asked.reply(asked.last(JOAO, "resolved"), "") == "ignored"
    assert len(asked.history()) == lines


def test_a_wish_is_no_deed(asked: Desk) -> None:
    asked.out()
    item = len(asked.items())
    assert asked.reply(asked.last(JOAO, "resolved"), "#encerrar\nObrigado, João") == "commented"
    assert "cabe a quem atende" in asked.items()[item].reason
    receipt = asked.last(JOAO, "receipt").text
    assert "foi encerrado" not in receipt
    assert "Obrigado, João" in "".join(e.text for e in asked.history())
    assert asked.ticket().status is Status.AWAITING_APPROVAL


def test_a_thumb_up_decides_nothing_and_is_asked_about(asked: Desk) -> None:
    request = asked.last(MARIA, "approval_requested")
    raw = asked.mail(MARIA, "👍", to=request.reply_to)
    kind = b"Content-Type: text/vnd.google.email-reaction+json\r\n"
    plain_part = b'Content-Type: text/plain; charset="utf-8"\r\n'
    head, _, _ = raw.partition(b"\r\n\r\n")
    parts = b"--r\r\n" + plain_part + b"\r\nok\r\n--r\r\n" + kind + b'\r\n{"emoji":"x","version":1}\r\n--r--\r\n'
    drop = (b"content-", b"mime-")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(drop)]
    head = b"\r\n".join([*lines, b"MIME-Version: 1.0", b'Content-Type: multipart/alternative; boundary="r"'])
    item = asked.receive(head + b"\r\n\r\n" + parts, request.reply_to)
    asked.process()
    assert asked.item(item).outcome == "asked"
    assert asked.ticket().status is Status.AWAITING_APPROVAL


def test_a_mail_to_the_second_queue_is_answered_by_it(small_desk: Desk) -> None:
    assert small_desk.send(JOAO, "", to="compras@aurora.example") == "asked"
    assert "compras@aurora.example" in str(small_desk.last(JOAO, "asked").mail["From"])


# ---- finished tickets


@pytest.mark.parametrize("words", ["Obrigado!", "Muito obrigada pela ajuda\n\nAtt,\nJoão", "Valeu"])
def test_thanks_are_kept_and_unanswered(asked: Desk, words: str) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    asked.out()
    assert asked.reply(asked.last(JOAO, "finished"), words) == "commented"
    assert _sent(asked) == []
    assert not asked.exists(2)


@pytest.mark.parametrize("author", [JOAO, BIA])
def test_a_few_words_are_kept_with_one_offer_to_open(asked: Desk, author: str) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    asked.out()
    assert asked.reply(asked.last(author, "finished"), "Recebido, vou avisar a equipe.") == "asked"
    assert _sent(asked) == [(author, "asked")]
    assert asked.history()[-1].text == "Recebido, vou avisar a equipe."
    assert not asked.exists(2)
    assert asked.reply(asked.last(author, "asked"), "#abrir") == "opened"
    assert asked.ticket(2).description == "Recebido, vou avisar a equipe."
    assert [(link.number, link.kind) for link in asked.ticket(2).links] == [(1, "follows")]


@pytest.mark.parametrize(
    "words",
    [
        "Voltou a falhar.",
        "Não imprime.",
        "E o segundo monitor?",
        "Bom dia, 5 computadores estão parados",
        "Ontem fizemos a troca de todos os toners do terceiro andar e hoje eles chegaram vazios na sala.",
        "Parou de novo",
    ],
)
@pytest.mark.parametrize("notice", ["finished", "rating_requested"])
def test_trouble_a_question_or_a_long_text_opens_a_linked_ticket(asked: Desk, words: str, notice: str) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    assert asked.reply(asked.last(JOAO, notice), words) == "opened"
    assert asked.ticket().status is Status.FINISHED
    assert asked.ticket().rating is None


def test_a_file_to_a_finished_ticket_opens_a_linked_one(asked: Desk) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    assert asked.reply(asked.last(JOAO, "finished"), "Veja", attach=(("tela.png", b"\x89PNG" * 9000),)) == "opened"


def test_an_agents_words_on_a_finished_ticket_are_a_reply(asked: Desk) -> None:
    asked.reply(asked.last(MARIA, "approval_requested"), "Aprovado")
    asked.out()
    assert asked.reply(asked.last(ANA, "agent_finished"), "Deixei o cabo velho na portaria.") == "commented"
    assert _sent(asked) == [(BIA, "commented"), (JOAO, "commented")]


def test_a_cancelled_ticket_is_as_closed_as_a_finished_one(opened: Desk) -> None:
    opened.reply(opened.last(JOAO, "ticket_opened"), "#cancelar")
    assert opened.reply(opened.last(JOAO, "cancelled"), "Afinal preciso dela, continua parada.") == "opened"


def test_within_the_days_of_the_queue_a_reply_reopens(plain: Desk) -> None:
    plain.send(JOAO, cc=BIA)
    ana = plain.last(ANA, "agent_ticket_opened")
    plain.reply(ana, "#resolver: troquei o cabo")
    assert plain.ticket().status is Status.FINISHED
    finished = plain.last(JOAO, "finished")
    assert plain.reply(plain.last(BIA, "finished"), "Não imprime aqui.") == "opened"
    plain.out()
    assert plain.reply(finished, "Voltou a falhar.") == "acted"
    assert _sent(plain) == [(ANA, "resumed"), (JOAO, "resumed")]
    plain.reply(ana, "#resolver: troquei de novo")
    plain.sweep(days=4)
    assert plain.reply(finished, "Voltou a falhar outra vez.") == "opened"


# ---- what a mail gives


def test_an_agent_who_forwards_a_strangers_mail_is_offered_to_hand_it_over(small_desk: Desk) -> None:
    text = f"Segue.\n\n---------- Forwarded message ---------\nDe: Rui <{RUI}>\nSubject: Monitor\n\nO monitor piscou.\n"
    assert small_desk.send(ANA, text, subject="ENC: Monitor") == "opened"
    receipt = small_desk.last(ANA, "ticket_opened")
    assert f"#solicitante {RUI}" in receipt.text
    assert small_desk.reply(receipt, f"#solicitante {RUI}") == "acted"
    requester = small_desk.ticket().requester
    assert requester
    assert requester.email == RUI


def test_an_agent_who_forwards_a_known_persons_mail_hears_the_number(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    small_desk.out()
    text = f"Segue.\n\n---------- Forwarded message ---------\nDe: <{JOAO}>\nSubject: Monitor\n\nO monitor piscou.\n"
    small_desk.send(ANA, text, subject="ENC: Monitor")
    assert {(JOAO, "ticket_opened"), (ANA, "agent_ticket_opened")} <= set(_sent(small_desk))


def test_the_words_of_a_mail_without_message_id_count_again_on_another_day(small_desk: Desk) -> None:
    raw = b"\r\n".join(
        line for line in small_desk.mail(JOAO).split(b"\r\n") if not line.startswith((b"Message-ID", b"Date"))
    )
    outcomes = []
    for hours in (0, 1, 30):
        small_desk.sweep(hours=hours)
        small_desk.receive(raw)
        small_desk.process()
        outcomes.append(small_desk.items()[-1].outcome)
    assert outcomes == ["opened", "duplicate", "opened"]


def test_a_reason_is_one_short_sentence_of_ours_for_every_outcome(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    confirmation = small_desk.last(JOAO, "ticket_opened")
    for words in ("#" + "x" * 30 + " " + "y" * 5000, "#assumir", "#nota 7", "#adicionar", "", "Oi", "#chamados zzz"):
        small_desk.reply(confirmation, words)
    for item in small_desk.items():
        assert item.outcome in set(Outcome)
        assert 0 < len(item.reason) < 400
        assert not {"{", "}", "_"} & set(item.reason)


def test_answers_have_their_limits(small_desk: Desk) -> None:
    for n in range(32):
        small_desk.send(JOAO, f"Caso {n}.")
    states = [o.state for o in small_desk.out(JOAO, "ticket_opened")]
    assert (states.count("waiting"), states.count("withheld")) == (30, 2)
    small_desk.sweep(hours=1)
    small_desk.send(JOAO, "Mais um.")
    assert [o.state for o in small_desk.out(JOAO, "ticket_opened")] == ["waiting"]


def test_a_ticket_gives_twenty_answers_an_hour(small_desk: Desk) -> None:
    small_desk.send(JOAO, cc=BIA)
    for author, notice in ((JOAO, "ticket_opened"), (BIA, "follower_added")):
        for _ in range(12):
            small_desk.reply(small_desk.last(author, notice), "#assumir")
    small_desk.out()
    states = [o.state for o in small_desk._all if o.notice in ("ticket_opened", "refused")]
    assert (states.count("waiting"), states.count("withheld")) == (20, 5)


def test_unproven_answers_are_three_in_ten_minutes_and_ten_an_hour(small_desk: Desk) -> None:
    waiting = 0
    for _ in range(5):
        for n in range(4):
            small_desk.send(JOAO, f"Lixo {n}", auth="")
        waiting += [o.state for o in small_desk.out(JOAO, "ticket_opened")].count("waiting")
        small_desk.sweep(minutes=10)
    assert waiting == 10


def test_a_person_with_two_addresses_is_one(small_desk: Desk) -> None:
    second = "joao.casa@outro.example"
    small_desk.send(JOAO)
    link(small_desk.gateway, JOAO, second)
    small_desk.out()
    assert small_desk.reply(small_desk.last(JOAO, "ticket_opened"), "#cancelar", author=second) == "acted"
    assert (JOAO, "cancelled") in _sent(small_desk)
    assert small_desk.ticket().status is Status.CANCELLED
