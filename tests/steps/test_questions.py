"""Questions: an honest person who cannot prove himself gets through by one answer, and nobody else does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailgateway.core.tickets import EntryKind
from mailgateway.core.workflow import Status
from tests.desk import ANA, BIA, JOAO, MARIA, QUEUE, Desk, Out, config_text, key_of

EVA = "eva@fora.example"
PRIVATE = "maria.costa@pessoal.example"
CAIO = "caio@aurora.example"
NADIA = "nadia@cliente.example"


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """A desk on which ticket 1 waits for Maria's approval; her address has been proven once."""
    desk.send(MARIA, "Outro assunto.", subject="Monitor", to="compras@aurora.example")
    return _asked(desk)


@pytest.fixture
def small_waiting(small_desk: Desk) -> Desk:
    """The same on SQLite; nobody has ever proven Maria's address."""
    return _asked(small_desk)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Desk]:
    """A desk on which Maria and Nadia are asked, and the first answer decides."""
    text = config_text(tmp_path, f"sqlite:///{tmp_path}/two.db", approvers=f'["{MARIA}", "{NADIA}"]')
    desk = Desk.open(text, tmp_path)
    yield _asked(desk)
    desk.close()


def _asked(desk: Desk, subject: str = "Impressora parada") -> Desk:
    desk.send(JOAO, cc=BIA, subject=subject)
    desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
    desk.out()
    return desk


def _number(desk: Desk) -> int:
    """The newest ticket on which somebody was asked to decide."""
    return next(n for n in range(desk.counts()[0], 0, -1) if desk.ticket(n).round)


def _status(desk: Desk) -> Status:
    return desk.ticket(_number(desk)).status


def _request(desk: Desk, to: str = MARIA) -> Out:
    return desk.last(to, "approval_requested")


def _challenge(desk: Desk, to: str = MARIA) -> Out:
    return desk.last(to, "challenge")


def _challenges(desk: Desk) -> int:
    desk.out()
    return sum(o.notice == "challenge" for o in desk._all)


def _code(challenge: Out) -> str:
    found = re.search(r"\d{4}-\d{4}", challenge.text)
    assert found
    return found[0]


def _wrong(code: str, n: int = 1) -> str:
    digits = f"{(int(code.replace('-', '')) + n) % 10**8:08}"
    return f"{digits[:4]}-{digits[4:]}"


def _held(desk: Desk, words: str = "Aprovado", auth: str = "pass") -> Out:
    """Maria's client drops what stands behind the plus sign."""
    assert desk.reply(_request(desk), words, to=QUEUE, auth=auth) == "asked"
    return _challenge(desk)


# ---- the honest person


def test_whose_client_drops_the_plus_address_gets_through_by_yes(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Aprovado", to=QUEUE) == "asked"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.history(_number(waiting))[-1].text == "Aprovado"
    assert waiting.notices() == {(MARIA, "challenge")}
    assert waiting.reply(_challenge(waiting), "Sim") == "acted"
    assert _status(waiting) is Status.FINISHED
    assert waiting.history(_number(waiting))[-1].kind is EntryKind.VOTE
    assert (MARIA, "decision_receipt") in waiting.notices()


@pytest.mark.parametrize("words", ["Sim.", "Bom dia,\nsim\nObrigada,\nMaria", "ok", "Confirmo", "yes"])
def test_yes_has_several_words_and_room_for_manners(small_waiting: Desk, words: str) -> None:
    assert small_waiting.reply(_held(small_waiting), words) == "acted"
    assert _status(small_waiting) is Status.FINISHED


def test_the_challenge_shows_what_is_held_and_until_when(small_waiting: Desk) -> None:
    text = _held(small_waiting, "Reprovado: continua igual").text
    assert "Reprovado: continua igual" in text
    assert "reprovo" in text
    assert MARIA in text
    assert "26/11/2026" in text  # 24 business hours later


@pytest.mark.parametrize("held", ["Aprovado", "Reprovado: continua igual"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_each_line_that_the_challenge_prints_acts(small_waiting: Desk, held: str, place: int) -> None:
    challenge = _held(small_waiting, held)
    printed = [line.strip() for line in challenge.text.splitlines() if line.startswith("    ")]
    assert len(printed) == 3
    line = printed[place].replace("(", "").replace(")", " de teste")
    assert small_waiting.reply(challenge, line) == "acted"
    decided = Status.FINISHED if held == "Aprovado" else Status.REJECTED
    assert _status(small_waiting) is (Status.AWAITING_APPROVAL if place == 1 else decided)


def test_a_rejection_is_held_with_its_reason(waiting: Desk) -> None:
    challenge = _held(waiting, "Reprovado: continua igual")
    assert waiting.reply(challenge, "Sim") == "acted"
    assert _status(waiting) is Status.REJECTED
    assert "continua igual" in waiting.history(_number(waiting))[-1].text
    assert "continua igual" in waiting.last(ANA, "agent_rejected").text


def test_who_answers_the_visible_address_by_the_code_gets_through(waiting: Desk) -> None:
    code = _code(_held(waiting))
    assert waiting.reply(_challenge(waiting), f"aprovo {code}", to=QUEUE) == "acted"
    assert _status(waiting) is Status.FINISHED


def test_who_says_yes_without_the_address_is_shown_the_code_again(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.out()
    assert waiting.reply(challenge, "Sim", to=QUEUE) == "asked"
    (again,) = waiting.out(MARIA)
    assert _code(again) == _code(challenge)
    assert waiting.reply(again, f"aprovo {_code(again)}", to=QUEUE) == "acted"
    assert _status(waiting) is Status.FINISHED


@pytest.mark.parametrize("written", ["aprovo {}", "Aprovado {}", "aprovo {}\n\nMaria", "APROVO {}"])
def test_the_code_counts_in_a_new_mail(small_waiting: Desk, written: str) -> None:
    code = _code(_held(small_waiting))
    assert small_waiting.send(MARIA, written.format(code), subject="Decisão") == "acted"
    assert _status(small_waiting) is Status.FINISHED
    assert not small_waiting.exists(2)


def test_the_code_counts_at_the_address_of_the_question_and_its_reason_is_the_newer_one(waiting: Desk) -> None:
    challenge = _held(waiting, "Reprovado: continua igual")
    assert waiting.reply(challenge, f"reprovo {_code(challenge)}: e faz barulho") == "acted"
    assert waiting.history(_number(waiting))[-1].text.endswith("e faz barulho")


def test_a_code_without_blanks_or_dashes_is_the_same(small_waiting: Desk) -> None:
    code = _code(_held(small_waiting)).replace("-", "")
    assert small_waiting.send(MARIA, f"aprovo {code}", subject="Decisão") == "acted"


def test_who_writes_from_a_second_address_gets_through_by_yes_and_by_nothing_else(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Aprovado", author=PRIVATE) == "refused"
    told = waiting.out()
    assert {(o.to, o.notice) for o in told} == {
        (MARIA, "challenge"),
        (PRIVATE, "refused"),
        (ANA, "warning"),
    }
    challenge = _challenge(waiting)
    assert PRIVATE in challenge.text
    assert waiting.reply(challenge, "Sim", author=PRIVATE) == "refused"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.reply(challenge, "Sim") == "acted"
    assert _status(waiting) is Status.FINISHED
    assert waiting.ticket(_number(waiting)).round.seats[0].voter.email == MARIA  # type: ignore[union-attr]
    assert waiting.person(PRIVATE).id != waiting.person(MARIA).id  # one decision links no address


def test_a_requester_accepts_from_a_second_address(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", approvers="[]"), tmp_path)
    try:
        desk.send(JOAO)
        desk.reply(desk.last(ANA, "agent_ticket_opened"), "#resolver: troquei o cabo")
        assert desk.reply(_request(desk, JOAO), "Sim", author="joao@pessoal.example") == "refused"
        assert desk.reply(_challenge(desk, JOAO), "Sim") == "acted"
        assert desk.ticket().status is Status.FINISHED
    finally:
        desk.close()


def test_a_decision_in_a_new_mail_is_asked_about_where_only_one_is_awaited(waiting: Desk) -> None:
    before = waiting.counts()[0]
    assert waiting.send(MARIA, "Aprovado\n\nMaria", subject="Impressora") == "asked"
    assert waiting.counts()[0] == before
    assert waiting.reply(_challenge(waiting), "Sim") == "acted"
    assert _status(waiting) is Status.FINISHED


def test_a_decision_in_a_new_mail_of_somebody_with_no_seat_or_two_opens_a_ticket(small_waiting: Desk) -> None:
    assert small_waiting.send(JOAO, "Aprovado", subject="Compra") == "opened"
    _asked(small_waiting, "Outra impressora")
    assert small_waiting.send(MARIA, "Aprovado", subject="Impressora") == "opened"
    assert _challenges(small_waiting) == 0


@pytest.mark.parametrize(("words", "subject"), [("Aprovado o chamado 99", "Impressora"), ("Aprovado", "Re: [#2] x")])
def test_a_decision_in_a_new_mail_that_names_another_ticket_opens_one(
    small_waiting: Desk, words: str, subject: str
) -> None:
    small_waiting.send(JOAO, subject="Monitor")
    assert small_waiting.send(MARIA, words, subject=subject) == "opened"
    assert _challenges(small_waiting) == 0


def test_a_new_mail_that_only_begins_like_a_decision_opens_a_ticket(small_waiting: Desk) -> None:
    assert small_waiting.send(MARIA, "Aprovado o orçamento, comprem a impressora.", subject="Compra") == "opened"


def test_an_agent_whose_mail_proves_nothing_is_asked(waiting: Desk) -> None:
    waiting.send(JOAO, subject="Teclado")
    opened = waiting.last(ANA, "agent_ticket_opened")
    waiting.out()
    number = int(str(opened.mail["Subject"]).split("#")[1].split("]")[0])
    assert waiting.reply(opened, "#assumir\n#pausar até 26/11: aguardando peça", to=QUEUE, auth="") == "asked"
    assert waiting.ticket(number).status is Status.WAITING
    assert waiting.notices() == {(ANA, "challenge")}
    assert "#pausar" in _challenge(waiting, ANA).text
    assert waiting.reply(_challenge(waiting, ANA), "Sim", auth="") == "acted"
    paused = waiting.ticket(number)
    assert paused.status is Status.PAUSED
    assert paused.pause
    assert paused.pause.until
    assert paused.pause.reason == "aguardando peça"


def test_a_forged_act_of_an_agent_is_asked_about_by_its_name_alone(small_desk: Desk) -> None:
    small_desk.send(JOAO)
    opened = small_desk.last(ANA, "agent_ticket_opened")
    assert small_desk.reply(opened, "#resolver: paguem a conta 77", auth="fail") == "asked"
    assert small_desk.ticket().status is Status.WAITING
    text = _challenge(small_desk, ANA).text
    assert "“resolver”" in text
    assert "conta 77" not in text


@pytest.mark.parametrize(("words", "after"), [("#cancelar", Status.CANCELLED), ("Resolvido", Status.FINISHED)])
def test_a_requester_whose_mail_proves_nothing_is_asked(small_desk: Desk, words: str, after: Status) -> None:
    small_desk.send(JOAO)
    opened = small_desk.last(JOAO, "ticket_opened")
    assert small_desk.reply(opened, words, to=QUEUE, auth="") == "asked"
    assert small_desk.ticket().status is Status.WAITING
    assert small_desk.reply(_challenge(small_desk, JOAO), "Sim", auth="") == "acted"
    assert small_desk.ticket().status is after


def test_a_score_whose_mail_proves_nothing_is_asked_about(small_waiting: Desk) -> None:
    small_waiting.reply(_request(small_waiting), "Aprovado")
    rating = small_waiting.last(JOAO, "rating_requested")
    assert small_waiting.reply(rating, "4", to=QUEUE, auth="") == "asked"
    assert small_waiting.ticket().rating is None
    assert small_waiting.reply(_challenge(small_waiting, JOAO), "Sim", auth="") == "acted"
    assert small_waiting.ticket().rating.score == 4  # type: ignore[union-attr]


def test_other_words_than_yes_or_no_are_kept_and_asked_about_again(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.out()
    assert waiting.reply(challenge, "Que pedido é esse?") == "asked"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.history(_number(waiting))[-1].text == "Que pedido é esse?"
    again = waiting.last(MARIA, "asked")
    assert again.reply_to == challenge.reply_to
    assert {"Sim", "Não"} <= {line.strip() for line in again.text.splitlines()}
    assert waiting.reply(again, "Sim") == "acted"


def test_no_drops_what_was_held_and_the_agents_hear(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.out()
    assert waiting.reply(challenge, "Não") == "acted"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.notices() == {(MARIA, "refused"), (ANA, "warning")}
    last = waiting.history(_number(waiting))[-1]
    assert last.internal
    assert "não reconheceu" in last.text
    assert "não reconhece" in waiting.last(ANA, "warning").text
    assert "aprovar" in waiting.items()[-1].reason
    assert waiting.reply(challenge, "Sim") == "refused"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.reply(_request(waiting), "Aprovado") == "acted"  # her own key is as good as ever


def test_a_yes_that_comes_too_late_is_asked_about_anew(waiting: Desk) -> None:
    first = _held(waiting)
    waiting.now += timedelta(days=7)
    assert waiting.reply(first, "Sim") == "asked"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    second = _challenge(waiting)
    assert key_of(second.reply_to) != key_of(first.reply_to)
    assert _code(second) != _code(first)
    assert waiting.reply(second, "Sim") == "acted"
    assert waiting.reply(first, "Sim") == "refused"


def test_a_yes_that_arrived_in_time_counts_however_late_it_is_read(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.receive(waiting.mail(MARIA, "Sim", to=challenge.reply_to), challenge.reply_to)
    waiting.now += timedelta(days=7)
    waiting.process()
    assert _status(waiting) is Status.FINISHED


def test_a_used_key_of_the_right_person_yields_a_fresh_request(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.reply(request, "Bom, vou ver com o time.", cc=EVA)
    waiting.out()
    assert waiting.reply(request, "Aprovado") == "asked"
    assert [(o.to, o.notice) for o in waiting.out(MARIA)] == [(MARIA, "approval_requested")]
    assert key_of(_request(waiting).reply_to) != key_of(request.reply_to)
    assert waiting.reply(_request(waiting), "Aprovado") == "acted"


def test_a_used_key_and_no_proof_is_asked_about_once(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.reply(request, "Bom, vou ver com o time.", cc=EVA)
    waiting.out()
    for _ in range(3):
        assert waiting.reply(request, "Aprovado", auth="") == "asked"
    assert [o.notice for o in waiting.out(MARIA)] == ["challenge"]


def test_without_reply_addresses_the_code_alone_decides(tmp_path: Path) -> None:
    desk = Desk.open(config_text(tmp_path, f"sqlite:///{tmp_path}/d.db", reply_address='"none"'), tmp_path)
    try:
        desk.send(JOAO)
        agent = desk.last(ANA, "agent_ticket_opened")
        thread = {"In-Reply-To": str(agent.mail["Message-ID"])}
        assert desk.send(ANA, "#resolver: troquei o cabo", headers=thread) == "acted"
        assert desk.reply(_request(desk), "Aprovado") == "asked"
        challenge = _challenge(desk)
        assert "    Sim" not in challenge.text
        assert desk.reply(challenge, f"aprovo {_code(challenge)}") == "acted"
        assert desk.ticket().status is Status.FINISHED
    finally:
        desk.close()


# ---- the attacker


def test_26_a_forged_approval_changes_nothing_and_the_registered_address_is_asked(waiting: Desk) -> None:
    """Scenario 26: spoofed From, DMARC fail → unchanged → challenge to the registered approver."""
    assert waiting.reply(_request(waiting), "Aprovado: paguem a conta 77", auth="fail") == "asked"
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.history(_number(waiting))[-1].unverified
    assert waiting.notices() == {(MARIA, "challenge")}
    everything = _challenge(waiting).text + _challenge(waiting).raw.decode()
    assert "conta 77" not in everything
    assert "Impressora" not in everything
    assert waiting.reply(_challenge(waiting), "Sim") == "acted"


@pytest.mark.parametrize("auth", ["fail", ""])
@pytest.mark.parametrize("words", ["Aprovado", "#aprovar", "Reprovado: http://mau.example"])
def test_a_forged_decision_in_a_new_mail_shows_no_word_of_its_own(waiting: Desk, auth: str, words: str) -> None:
    before = waiting.counts()[0]
    assert waiting.send(MARIA, words, subject="Ganhe", auth=auth) == ("opened" if "#" in words else "asked")
    assert waiting.counts()[0] == before + ("#" in words)
    if "#" not in words:
        challenge = _challenge(waiting)
        for word in ("mau.example", "Ganhe"):
            assert word not in challenge.text + challenge.raw.decode()
        assert waiting.history(_number(waiting))[-1].unverified
    assert _status(waiting) is Status.AWAITING_APPROVAL


def test_a_hundred_forged_decisions_bring_one_question(waiting: Desk) -> None:
    request = _request(waiting)
    waiting.out()
    for n in range(100):
        to, auth = (request.reply_to, "fail") if n % 2 else (QUEUE, "")
        waiting.receive(waiting.mail(MARIA, f"Reprovado: motivo {n}", to=to, auth=auth), to)
        if n % 30 == 0:
            waiting.process()
    waiting.process()
    assert [(o.to, o.notice, o.state) for o in waiting.out()] == [(MARIA, "challenge", "waiting")]
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert {i.outcome for i in waiting.items()[-100:]} == {"asked"}


@pytest.mark.parametrize("auth", ["fail", ""])
def test_a_yes_that_proves_nothing_frees_nothing(waiting: Desk, auth: str) -> None:
    challenge = _held(waiting)
    waiting.reply(challenge, "Sim", auth=auth)
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.reply(challenge, "Sim") == "acted"


@pytest.mark.parametrize("author", [EVA, BIA, JOAO, ANA])
@pytest.mark.parametrize("words", ["Sim", "Não"])
def test_a_forwarded_question_is_answered_by_nobody_else(small_waiting: Desk, author: str, words: str) -> None:
    challenge = _held(small_waiting)
    small_waiting.out()
    assert small_waiting.reply(challenge, words, author=author) == "refused"
    assert _status(small_waiting) is Status.AWAITING_APPROVAL
    assert (MARIA, "warning") in small_waiting.notices()
    assert small_waiting.reply(challenge, "Sim") == "acted"


def test_the_code_helps_nobody_else(small_waiting: Desk) -> None:
    challenge = _held(small_waiting)
    for author in (EVA, BIA, JOAO, ANA):
        small_waiting.send(author, f"aprovo {_code(challenge)}", subject="Decisão")
        small_waiting.reply(challenge, f"aprovo {_code(challenge)}", author=author)
    assert _status(small_waiting) is Status.AWAITING_APPROVAL


def test_a_question_is_answered_once(waiting: Desk) -> None:
    challenge = _held(waiting)
    assert waiting.reply(challenge, "Sim") == "acted"
    waiting.reply(waiting.last(MARIA, "decision_receipt"), "#contestar")
    waiting.reply(waiting.last(ANA, "resumed"), "#resolver: troquei tudo")
    for words in ("Sim", "sim", f"aprovo {_code(challenge)}"):
        assert waiting.reply(challenge, words) in ("refused", "asked")
        assert _status(waiting) is Status.AWAITING_APPROVAL


def test_five_wrong_codes_end_the_question_and_the_agents_hear(small_waiting: Desk) -> None:
    challenge = _held(small_waiting, auth="")
    code = _code(challenge)
    small_waiting.out()
    for n in range(1, 6):
        assert small_waiting.send(MARIA, f"aprovo {_wrong(code, n)}", subject="Decisão", auth="") == "asked"
    told = small_waiting.out()
    silenced = {(ANA, "alarm"), (CAIO, "alarm")}  # beside it: an address that nothing proves had all its answers
    assert {(o.to, o.notice) for o in told} == {(MARIA, "asked"), (ANA, "warning"), *silenced}
    assert sum(o.notice == "warning" for o in told) == 1
    assert "Códigos errados" in small_waiting.last(ANA, "warning").text
    for words, to in ((f"aprovo {code}", QUEUE), ("Sim", challenge.reply_to)):
        assert small_waiting.reply(challenge, words, to=to, auth="") in ("asked", "refused")
    assert _status(small_waiting) is Status.AWAITING_APPROVAL
    assert _challenges(small_waiting) == 1  # or guessing would go on for ever
    assert small_waiting.reply(_request(small_waiting), "Aprovado") == "acted"


def test_four_wrong_codes_and_the_right_one_decide(waiting: Desk) -> None:
    code = _code(_held(waiting))
    for n in range(1, 5):
        waiting.send(MARIA, f"aprovo {_wrong(code, n)}", subject="Decisão")
    assert waiting.send(MARIA, f"aprovo {code}", subject="Decisão") == "acted"


@pytest.mark.parametrize("auth", ["fail", ""])
def test_who_cannot_decide_cannot_guess_either(waiting: Desk, auth: str) -> None:
    code = _code(_held(waiting))
    waiting.out()
    for n in range(8):
        assert waiting.send(MARIA, f"aprovo {_wrong(code, n)}", subject="Decisão", auth=auth) == "asked"
    assert waiting.out() == []
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert waiting.send(MARIA, f"aprovo {code}", subject="Decisão") == "acted"


def test_an_answer_says_the_same_whether_a_code_is_near_or_far(small_waiting: Desk) -> None:
    code = _code(_held(small_waiting))
    small_waiting.out()
    said = []
    for guess in (_wrong(code), "0000-0000"):
        small_waiting.send(MARIA, f"aprovo {guess}", subject="Decisão")
        said += [o.text for o in small_waiting.out(MARIA)]
    assert len(said) == 2
    assert said[0] == said[1]


def test_a_code_opens_what_its_question_holds_and_nothing_else(waiting: Desk) -> None:
    challenge = _held(waiting)
    for words in (f"reprovo {_code(challenge)}: não quero", f"aprovo {_code(challenge)}\n#cancelar: x"):
        assert waiting.send(MARIA, words, subject="Decisão") in ("asked", "refused", "opened")
        assert _status(waiting) is Status.AWAITING_APPROVAL


@pytest.mark.parametrize(
    "words",
    [
        "Aprovado",
        "#aprovar",
        "#contestar",
        "#cancelar: chega",
        "Sim, mas troquem o cabo",
        "Sim\nE cancelem o outro.",
        "",
    ],
)
def test_the_address_of_a_question_opens_nothing_but_its_answer(small_waiting: Desk, words: str) -> None:
    challenge = _held(small_waiting)
    assert small_waiting.reply(challenge, words) == "asked"
    assert _status(small_waiting) is Status.AWAITING_APPROVAL


def test_a_yes_in_a_quotation_or_below_is_none(small_waiting: Desk) -> None:
    challenge = _held(small_waiting)
    for words in ("Vou perguntar.\n\n> Sim", "> Sim\n\nVi isto.", "Não sei.\nSim"):
        assert small_waiting.reply(challenge, words) in ("asked", "commented")
        assert _status(small_waiting) is Status.AWAITING_APPROVAL


@pytest.mark.parametrize(
    "headers",
    [{"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List-Id": "<x.example>"}, {"X-Autoreply": "yes"}],
)
def test_a_yes_of_a_machine_is_none(small_waiting: Desk, headers: dict[str, str]) -> None:
    challenge = _held(small_waiting)
    small_waiting.out()
    small_waiting.send(MARIA, "Sim", to=challenge.reply_to, headers=headers)
    assert _status(small_waiting) is Status.AWAITING_APPROVAL
    assert small_waiting.out(MARIA) == []


def test_an_absence_note_is_no_answer(small_waiting: Desk) -> None:
    challenge = _held(small_waiting)
    small_waiting.send(MARIA, "Sim", to=challenge.reply_to, subject="Férias: RES: Foi você?")
    assert _status(small_waiting) is Status.AWAITING_APPROVAL


def test_a_yes_after_the_round_is_over_hears_who_decided(two: Desk) -> None:
    challenge = _held(two)
    assert two.reply(_request(two, NADIA), "Reprovado: falta um cabo") == "acted"
    two.out()
    assert two.reply(challenge, "Sim") == "refused"
    assert two.ticket().status is Status.REJECTED
    assert "já reprovou" in two.last(MARIA, "refused").text.replace("\n", " ")


def test_a_yes_after_a_new_round_has_begun_decides_nothing(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "#resolver: troquei tudo")
    assert waiting.reply(challenge, "Sim") == "refused"
    assert waiting.reply(challenge, f"aprovo {_code(challenge)}") in ("refused", "asked")
    assert _status(waiting) is Status.AWAITING_APPROVAL
    assert "trocado" in waiting.last(MARIA, "refused").text


def test_an_old_question_is_not_renewed_for_a_new_round(waiting: Desk) -> None:
    challenge = _held(waiting)
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "#resolver: troquei tudo")
    waiting.now += timedelta(days=7)
    assert waiting.reply(challenge, "Sim") == "refused"
    assert _challenges(waiting) == 1


def test_in_a_new_round_somebody_is_asked_anew(waiting: Desk) -> None:
    first = _held(waiting)
    waiting.reply(waiting.last(ANA, "agent_ticket_opened"), "#resolver: troquei tudo")
    second = _held(waiting)
    assert second.id != first.id
    assert waiting.reply(first, "Sim") == "refused"
    assert waiting.reply(second, "Sim") == "acted"


def test_what_could_not_be_done_anyway_is_not_asked_about(waiting: Desk) -> None:
    assert waiting.reply(_request(waiting), "Aprovado") == "acted"
    assert waiting.reply(_request(waiting), "Aprovado", to=QUEUE) == "refused"
    assert waiting.reply(_request(waiting), "Aprovado", to=QUEUE, auth="fail") in ("asked", "commented")
    waiting.reply(waiting.last(BIA, "follower_added"), "Aprovado", auth="")
    assert _challenges(waiting) == 0


def test_a_forwarded_request_that_is_used_again_and_again_bothers_nobody_twice(small_waiting: Desk) -> None:
    request = _request(small_waiting)
    for _ in range(20):
        assert small_waiting.reply(request, "Aprovado", author=BIA) == "refused"
    told = [(o.to, o.notice) for o in small_waiting.out()]
    assert told.count((MARIA, "challenge")) == 1
    assert told.count((ANA, "warning")) == 1


def test_a_question_is_nobodys_on_another_ticket(small_waiting: Desk) -> None:
    code = _code(_held(small_waiting))
    _asked(small_waiting, "Monitor")
    assert small_waiting.reply(_request(small_waiting), f"aprovo {code}", to=QUEUE) == "acted"
    assert small_waiting.ticket(1).status is Status.FINISHED
    assert small_waiting.ticket(2).status is Status.AWAITING_APPROVAL


def test_every_mail_has_its_end(waiting: Desk) -> None:
    challenge = _held(waiting)
    for words in ("?", "Sim", "Sim", "Não"):
        waiting.reply(challenge, words)
    assert waiting.balances()
