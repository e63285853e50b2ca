"""What people do, seen from outside: mail into the listener, mail out of a sink, state by the command line."""

from __future__ import annotations

import contextlib
import email.policy
import io
import itertools
import re
import smtplib
import sqlite3
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from mailgateway import __main__ as program
from mailgateway.edges.sink import Caught
from tests.desk import ANA, MARIA, MX, QUEUE
from tests.edges.conftest import certificate, imap_server  # noqa: F401 - fixtures
from tests.edges.dovecot import Dovecot
from tests.whole.test_fetch import mailbox
from tests.whole.test_serve import Service, eventually, serving

ARTICLES = Path(__file__).parents[1] / "faq"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100
#: One agent and one approver hear of all scenarios within a minute: without this a digest would tell them.
ROOMY = "[limits]\nnotices_hour = 1000\nanswers_proven_hour = 1000\n"


@dataclass
class Town:
    """A running service and everybody who writes to it. Each scenario has people of its own."""

    service: Service
    count: Iterator[int] = field(default_factory=itertools.count)

    def somebody(self) -> str:
        return f"pessoa{next(self.count)}@cliente.example"

    def send(
        self, author: str, text: str, *, auth: str = "pass", attach: tuple[tuple[str, bytes], ...] = (), **headers: str
    ) -> str:
        """Hand a mail in by SMTP, as a relay would; returns its Message-ID."""
        mail = EmailMessage(policy=email.policy.SMTP)
        message_id = headers.pop("message_id", f"<s{next(self.count)}@cliente.example>")
        said = {"From": author, "To": QUEUE, "Subject": "Impressora parada", "Message-ID": message_id, **headers}
        for name, value in said.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        for filename, data in attach:
            mail.add_attachment(data, maintype="image", subtype="png", filename=filename)
        self.hand_in(mail.as_bytes(), parseaddr(author)[1], parseaddr(said["To"])[1], auth)
        return message_id

    def hand_in(self, raw: bytes, author: str, to: str = QUEUE, auth: str = "pass") -> None:
        """Raw bytes, below what the relay says of their author."""
        domain = author.partition("@")[2]
        verdict = f"Authentication-Results: {MX}; dmarc={auth} header.from={domain}\r\n" if auth else ""
        with smtplib.SMTP("127.0.0.1", self.service.port, timeout=30) as client:
            client.sendmail(author, [to], verdict.encode() + raw)

    def reply(self, to: EmailMessage, text: str, *, author: str = "", **more: Any) -> None:
        """Answer a mail as a client does, its words quoted below."""
        quoted = "".join(f"> {line}\n" for line in body(to).splitlines())
        attribution = f"Em ter., 24 de nov. de 2026 às 10:00, Suporte <{QUEUE}> escreveu:"
        said = {"Subject": f"RES: {to['Subject']}", "To": str(to["Reply-To"]), "In_Reply_To": str(to["Message-ID"])}
        self.send(author or str(to["To"]), f"{text}\n\n{attribution}\n{quoted}", **{**said, **more})

    def mails(self, to: str, subject: str = "") -> list[EmailMessage]:
        found = [_parsed(c) for c in list(self.service.caught) if to in c.to]
        return [m for m in found if re.search(subject, str(m["Subject"]))]

    def mail(self, to: str, subject: str, number: int = 1) -> EmailMessage:
        """The nth mail to somebody with such a subject, waited for."""
        eventually(lambda: len(self.mails(to, subject)) >= number)
        return self.mails(to, subject)[number - 1]

    def ticket(self, number: int) -> dict[str, Any]:
        return self.service.say("tickets", "show", str(number))[0]

    def quiet(self) -> None:
        """Until everything that came in has its outcome and everything owed has left."""
        eventually(lambda: not self.service.stats()["waiting"])
        time.sleep(0.3)

    def opened(self, author: str, text: str = "Não imprime.", **more: Any) -> tuple[int, EmailMessage]:
        """A ticket of somebody; its number and the confirmation."""
        before = len(self.mails(parseaddr(author)[1], "Chamado aberto"))
        self.send(author, text, **more)
        confirmation = self.mail(parseaddr(author)[1], "Chamado aberto", before + 1)
        return number_of(confirmation), confirmation

    def agent(self, number: int) -> EmailMessage:
        """The mail by which the agent hears of a new ticket."""
        return self.mail(ANA, rf"\[#{number}\] Novo chamado")


def _parsed(caught: Caught) -> EmailMessage:
    mail = BytesParser(policy=email.policy.default).parsebytes(caught.raw)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def words(mail: EmailMessage) -> str:
    """The same without its line breaks."""
    return " ".join(body(mail).split())


def number_of(mail: EmailMessage) -> int:
    found = re.search(r"\[#(\d+)\]", str(mail["Subject"]))
    assert found
    return int(found[1])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with serving(folder, more=ROOMY) as service:
        service.say("faq", "import", str(ARTICLES))
        yield Town(service)


def _treated(town: Town, author: str, **more: Any) -> tuple[int, EmailMessage]:
    """A ticket that the agent has resolved; its number and the request to Maria."""
    number, _ = town.opened(author, **more)
    town.reply(town.agent(number), "#resolver: cabo trocado")
    return number, town.mail(MARIA, rf"\[#{number}\] Aprovação pedida")


def test_01_a_mail_with_a_photo_opens_a_ticket_and_is_confirmed(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    town.opened(f"Paula Nunes <{who}>")  # known from here on
    number, confirmation = town.opened(who, attach=(("tela.png", PNG),), Cc=friend)
    ticket = town.ticket(number)
    assert (ticket["status"], ticket["requester"]) == ("waiting", {"name": "Paula Nunes", "email": who})
    evidence = {
        "filename": "tela.png",
        "content_type": "image/png",
        "size": len(PNG),
        "sha256": sha256(PNG).hexdigest(),
    }
    assert ticket["evidence"] == [evidence]
    for said in (f"número {number}", "Assunto: Impressora parada", f"✓ {friend}: em cópia", "tela.png"):
        assert said in words(confirmation)


def test_02_an_empty_subject_is_taken_from_the_first_line_and_said(town: Town) -> None:
    number, confirmation = town.opened(town.somebody(), "O leitor não lê.\nDesde ontem.", Subject="")
    assert town.ticket(number)["subject"] == "O leitor não lê."
    assert "A primeira linha do texto virou o assunto" in words(confirmation)
    assert "Assunto: O leitor não lê." in words(confirmation)


def test_04_a_mail_with_nothing_but_a_photo_opens_a_ticket_and_asks_for_details(town: Town) -> None:
    number, confirmation = town.opened(town.somebody(), "", attach=(("erro.png", PNG),))
    ticket = town.ticket(number)
    assert ticket["description"] == "(sem descrição; ver evidências)"
    assert [e["filename"] for e in ticket["evidence"]] == ["erro.png"]
    assert "Responda contando o que acontece" in words(confirmation)
    town.reply(confirmation, "A tela fica azul.")
    eventually(lambda: town.ticket(number)["entries"][-1]["text"] == "A tela fica azul.")


def test_05_the_same_mail_by_imap_and_by_smtp_is_one_ticket_and_one_answer(
    imap_server: Dovecot,  # noqa: F811
    tmp_path: Path,
) -> None:
    user, who = "suporte-cenario5", "quinto@cliente.example"
    with serving(tmp_path, more=mailbox(imap_server.port, user)) as service:
        town = Town(service)
        said = {"message_id": "<mesmo@cliente.example>", "Date": "Tue, 24 Nov 2026 10:00:00 -0300"}
        town.send(who, "Não imprime.", **said)
        town.mail(who, "Chamado aberto")
        imap_server.put(user, _written(who, "Não imprime.", said))
        eventually(lambda: service.stats()["accepted"] == 2)
        town.quiet()
        assert len(town.mails(who)) == 1
        assert {r["source"]: r["outcome"] for r in service.say("inbox", "list")} == {
            "smtp": "opened",
            "imap:suporte": "duplicate",
        }
        assert [t["number"] for t in service.say("tickets", "list")] == [1]


def _written(author: str, text: str, said: dict[str, str]) -> bytes:
    """The same mail as a mail host has put it into the mailbox."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = author, QUEUE, "Impressora parada"
    mail["Message-ID"], mail["Date"] = said["message_id"], said["Date"]
    mail.set_content(text)
    verdict = f"Authentication-Results: {MX}; dmarc=pass header.from={author.partition('@')[2]}\r\n"
    return verdict.encode() + mail.as_bytes()


def test_07_a_subject_in_latin_1_and_a_file_name_in_pieces_are_kept_exactly(town: Town) -> None:
    who = town.somebody()
    raw = f"""From: {who}
To: {QUEUE}
Subject: =?ISO-8859-1?Q?Impress=E3o_n=E3o_sai=2C_ver_relat=F3rio?=
Message-ID: <latin1@cliente.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="p"

--p
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

N=E3o sai desde ontem.

--p
Content-Type: application/pdf
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename*0*=ISO-8859-1'pt'relat%F3rio%20;
 filename*1*=%E7%E3o.pdf

JVBERi0xLjQK
--p--
"""
    town.hand_in(raw.replace("\n", "\r\n").encode("ascii"), who)
    confirmation = town.mail(who, "Chamado aberto")
    ticket = town.ticket(number_of(confirmation))
    assert ticket["subject"] == "Impressão não sai, ver relatório"
    assert ticket["description"] == "Não sai desde ontem."
    assert [e["filename"] for e in ticket["evidence"]] == ["relatório ção.pdf"]
    assert str(confirmation["Subject"]).endswith("Impressão não sai, ver relatório")
    assert "relatório ção.pdf" in words(confirmation)


def test_08_a_reply_comments_the_agent_hears_and_the_author_does_not(town: Town) -> None:
    who = town.somebody()
    number, confirmation = town.opened(who)
    town.reply(confirmation, "Aparece o erro 0x97.")
    assert "0x97" in body(town.mail(ANA, rf"\[#{number}\] Nova mensagem"))
    town.quiet()
    assert len(town.mails(who)) == 1


def test_10_a_reply_resumes_a_pause_that_waits_for_the_requester(town: Town) -> None:
    who = town.somebody()
    number, _ = town.opened(who)
    town.reply(town.agent(number), "#pausar: aguardando solicitante")
    paused = town.mail(who, "Em pausa")
    town.reply(paused, "O modelo é o X200.")
    eventually(lambda: town.ticket(number)["status"] == "in_service")
    assert "X200" in body(town.mail(ANA, rf"\[#{number}\] Nova mensagem"))


def test_13_two_colleagues_in_copy_follow_and_the_confirmation_says_so(town: Town) -> None:
    friends = [town.somebody(), town.somebody()]
    number, confirmation = town.opened(town.somebody(), Cc=", ".join(friends))
    assert [p["email"] for p in town.ticket(number)["followers"]] == friends
    for friend in friends:
        assert f"✓ {friend}: em cópia, recebe o andamento" in words(confirmation)
        assert town.mail(friend, rf"\[#{number}\] Você acompanha")


def test_14_three_addresses_in_copy_that_cannot_follow_get_three_verdicts(town: Town) -> None:
    nobody = "carlos@aurora", "compras@aurora.example", "noreply@cliente.example"
    number, confirmation = town.opened(town.somebody(), Cc=", ".join(nobody))
    assert town.ticket(number)["followers"] == []
    for address, why in zip(
        nobody, ("falta o final do endereço", "desta central", "não recebe respostas"), strict=True
    ):
        found = re.search(rf"✕ {re.escape(address)}: não incluído, ([^✕✓]*)", words(confirmation))
        assert found, address
        assert why in found[1]


def test_16_a_follower_leaves_with_one_goodbye_and_hears_no_more(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, confirmation = town.opened(who, Cc=friend)
    town.reply(town.mail(friend, "Você acompanha"), "#sair")
    town.mail(friend, rf"\[#{number}\] Você saiu")
    assert town.ticket(number)["followers"] == []
    town.reply(confirmation, "Mais uma coisa.")
    town.mail(ANA, rf"\[#{number}\] Nova mensagem")
    town.quiet()
    assert [str(m["Subject"]).partition("]")[2].split(":")[0].strip() for m in town.mails(friend)] == [
        "Você acompanha",
        "Você saiu",
    ]


def test_17_of_sixty_in_copy_the_first_ten_follow_and_the_others_are_named(town: Town) -> None:
    everybody = [f"colega{n}@cliente.example" for n in range(60)]
    number, confirmation = town.opened(town.somebody(), Cc=", ".join(everybody))
    assert [p["email"] for p in town.ticket(number)["followers"]] == everybody[:10]
    town.quiet()
    for n, colleague in enumerate(everybody):
        assert bool(town.mails(colleague)) == (n < 10)
        verdict = "✓ {}: em cópia" if n < 10 else "✕ {}: não incluído, o limite de pessoas em cópia"
        assert verdict.format(colleague) in words(confirmation)


def test_19_a_resolved_ticket_asks_the_approver_with_two_lines_and_tells_the_requester(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    assert town.ticket(number)["status"] == "awaiting_approval"
    html = request.get_body(("html",))
    assert html
    lines = [
        parse_qs(unescape(link))["body"][0] for link in re.findall(r"mailto:[^\"?]*\?([^\"]*)", html.get_content())
    ]
    assert [line.strip() for line in lines[:2]] == ["Aprovado", "Reprovado:"]
    assert "cabo trocado" in body(town.mail(who, rf"\[#{number}\] Atendimento concluído"))


def test_20_the_approver_says_aprovado_and_everybody_hears_that_it_is_finished(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, request = _treated(town, who, Cc=friend)
    town.reply(request, "Aprovado.")
    eventually(lambda: town.ticket(number)["status"] == "finished")
    assert "#contestar" in body(town.mail(MARIA, rf"\[#{number}\] Decisão registrada"))
    for person in (who, friend, ANA):
        assert town.mail(person, rf"\[#{number}\] Finalizado")
    assert town.mail(who, rf"\[#{number}\] Que nota você dá")
    assert not town.mails(friend, "Que nota")


@pytest.mark.parametrize("words", ["Reprovo", "aprovado com ressalvas", "ok", "não, aprovado", "Aprovado o 999?"])
def test_22_and_23_doubtful_words_change_nothing_and_are_asked_about(town: Town, words: str) -> None:
    number, request = _treated(town, town.somebody())
    town.reply(request, words)
    eventually(lambda: [m for m in town.mails(MARIA) if number_of(m) == number and "Nada foi alterado" in body(m)])
    asked = [body(m) for m in town.mails(MARIA, rf"\[#{number}\]")][-1]
    assert "    Aprovado\n    Reprovado: (escreva o motivo)\n" in asked if words != "Reprovo" else "motivo" in asked
    ticket = town.ticket(number)
    assert ticket["status"] == "awaiting_approval"
    assert (ticket["entries"][-1]["kind"], ticket["entries"][-1]["text"]) == ("comment", words)


def test_25_a_forwarded_request_decides_nothing_and_its_owner_and_the_agent_hear_of_it(town: Town) -> None:
    number, request = _treated(town, town.somebody())
    stranger = town.somebody()
    town.reply(request, "Aprovado", author=stranger)
    assert stranger in body(town.mail(MARIA, rf"\[#{number}\] Foi você"))
    assert stranger in body(town.mail(ANA, rf"\[#{number}\] Alguém usou um endereço de resposta"))
    assert town.ticket(number)["status"] == "awaiting_approval"


def test_26_a_forged_decision_is_held_and_its_owner_is_asked(town: Town) -> None:
    number, request = _treated(town, town.somebody())
    town.reply(request, "Aprovado", auth="fail")
    challenge = town.mail(MARIA, rf"\[#{number}\] Foi você")
    assert town.ticket(number)["status"] == "awaiting_approval"
    town.reply(challenge, "Sim")
    eventually(lambda: town.ticket(number)["status"] == "finished")


def test_28_a_delegate_decides_for_the_approver_and_on_the_day_after_the_end_is_refused(town: Town) -> None:
    delegate = town.somebody()
    number, request = _treated(town, town.somebody())
    town.reply(request, f"#delegar {delegate} até amanhã: férias")
    town.reply(town.mail(delegate, rf"\[#{number}\] Aprovação pedida"), "Aprovado", author=f"Ana Reis <{delegate}>")
    eventually(lambda: town.ticket(number)["status"] == "finished")
    vote = town.ticket(number)["entries"][-1]
    assert (vote["kind"], vote["author"]) == ("vote", {"name": "Ana Reis", "email": delegate})
    assert f"Ana Reis por {MARIA}" in vote["text"]
    assert town.ticket(number)["approvers"][0]["decided_by"]["email"] == delegate
    later, _ = _treated(town, town.somebody())  # she is asked on later rounds too, until the date
    asked = town.mail(delegate, rf"\[#{later}\] Aprovação pedida")
    _end_delegations(town)
    town.reply(asked, "Aprovado")
    refusal = body(town.mail(delegate, rf"\[#{later}\] Nada foi alterado"))
    assert f"o prazo para decidir por {MARIA} terminou." in " ".join(refusal.split())
    assert town.ticket(later)["status"] == "awaiting_approval"


def _end_delegations(town: Town) -> None:
    """The moment of arrival counts, and nobody waits for a day in a test: the last day is put behind us."""
    with contextlib.closing(sqlite3.connect(town.service.folder / "desk.db", timeout=20)) as database, database:
        for column in ("seats.delegate_until", "delegations.ends_at"):
            table, _, name = column.partition(".")
            database.execute(f"UPDATE {table} SET {name} = '2020-01-01 00:00:00.000000' WHERE {name} IS NOT NULL")


def test_29_silence_is_two_reminders_then_the_substitute_is_asked_and_nobody_decides(tmp_path: Path) -> None:
    substitute = "silas@aurora.example"
    with serving(tmp_path, "--only", "smtp", substitute=f'"{substitute}"') as service:
        town = Town(service)
        town.send("calado@cliente.example", "Não imprime.")
        began = datetime.fromisoformat(service.say("inbox", "list")[0]["received_at"])
        _pass(service, began)
        town.reply(town.agent(1), "#resolver: cabo trocado")
        _pass(service, began + timedelta(minutes=1))
        town.mail(MARIA, "Aprovação pedida")
        told: list[tuple[int, str]] = []
        for day in range(1, 22):
            before = len(service.caught)
            _pass(service, began + timedelta(days=day))
            told += [(day, f"{c.to[0]} {_subject(c)}") for c in service.caught[before:]]
        assert [what for _, what in told] == [
            f"{MARIA} [#1] Lembrete: Impressora parada",
            f"{MARIA} [#1] Último lembrete: Impressora parada",
            f"{substitute} [#1] Aprovação pedida: Impressora parada",
        ]
        assert told[0][0] >= 3, "24 business hours of ten a day"
        assert town.ticket(1)["status"] == "awaiting_approval"
        assert {p["email"] for p in town.ticket(1)["approvers"]} == {MARIA, substitute}


def _subject(caught: Caught) -> str:
    return str(_parsed(caught)["Subject"])


def _pass(service: Service, moment: datetime) -> None:
    """It is that moment: do all that is due."""
    said = ["-c", str(service.folder / "desk.toml"), "run-once", "--only", "process,sweep,deliver"]
    assert program.run([*said, "--now", moment.isoformat()]) == 0


def test_31_a_digit_among_words_is_asked_about_and_a_nota_line_counts(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    town.reply(request, "Aprovado")
    ask = town.mail(who, rf"\[#{number}\] Que nota")
    town.reply(ask, "5 ótimo atendimento")
    eventually(lambda: [m for m in town.mails(who) if number_of(m) == number and "Nada foi alterado" in body(m)])
    assert town.ticket(number)["rating"] is None
    town.reply(ask, "#nota 5\nMuito rápido.")
    eventually(lambda: town.ticket(number)["rating"])
    rating = town.ticket(number)["rating"]
    assert (rating["score"], rating["comment"]) == (5, "Muito rápido.")


def test_34_a_rating_may_be_changed_and_a_low_one_alerts_the_agent(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    town.reply(request, "Aprovado")
    ask = town.mail(who, rf"\[#{number}\] Que nota")
    town.reply(ask, "2")
    eventually(lambda: (town.ticket(number)["rating"] or {}).get("score") == 2)
    assert town.mail(ANA, rf"\[#{number}\] Nota 2")
    town.reply(ask, "4")
    eventually(lambda: town.ticket(number)["rating"]["score"] == 4)
    ratings = [e["text"] for e in town.ticket(number)["entries"] if e["kind"] == "rating"]
    assert len(ratings) == 2
    town.quiet()
    assert len(town.mails(ANA, rf"\[#{number}\] Nota")) == 1


def test_11_and_32_words_about_a_new_fault_open_a_linked_ticket_and_rate_nothing(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    town.reply(request, "Aprovado")
    done = town.mail(who, rf"\[#{number}\].*Finalizado")
    before = town.ticket(number)
    town.reply(done, "Bom dia, 5 computadores estão parados agora. O que aconteceu?")
    second = town.mail(who, "Chamado aberto", 2)
    assert town.ticket(number_of(second))["links"] == [{"number": number, "kind": "follows"}]
    assert f"dá sequência ao chamado {number}" in words(second)
    after = town.ticket(number)
    assert after["links"] == [{"number": number_of(second), "kind": "followed_by"}]
    assert {**after, "links": before["links"]} == before
    assert after["rating"] is None


def test_35_the_list_of_what_may_be_rated_shows_ones_own_finished_tickets_only(town: Town) -> None:
    who, other = town.somebody(), town.somebody()
    number, request = _treated(town, who, Subject="Só meu")
    _, foreign = _treated(town, other, Subject="De outra pessoa")
    still_open, _ = town.opened(who, Subject="Ainda aberto")
    for asked, person in ((request, who), (foreign, other)):
        town.reply(asked, "Aprovado")
        town.mail(person, "Que nota")
    town.send(who, "#tickets avaliar", Subject="Oi")
    listed = body(town.mail(who, "Avaliar Atendimento: 1 chamado"))
    assert f"#{number} Só meu" in listed
    assert "De outra pessoa" not in listed
    assert f"#{still_open} " not in listed


def test_37_a_question_to_the_faq_is_answered_and_opens_nothing_until_abrir(town: Town) -> None:
    who = town.somebody()
    before = len(town.service.say("tickets", "list"))
    town.send(who, "#faq impressora não imprime", Subject="Oi")
    answer = town.mail(who, "Respostas sobre")
    found = re.findall(r"^(\d)\. (.*)$", body(answer), re.MULTILINE)
    assert 1 <= len(found) <= 3
    assert found[0] == ("1", "A impressora não imprime")
    assert "Não resolveu? Responda a este e-mail com esta linha, sozinha no começo: abrir" in words(answer)
    assert len(town.service.say("tickets", "list")) == before
    town.reply(answer, "abrir\nJá fiz tudo isso.")
    assert town.ticket(number_of(town.mail(who, "Chamado aberto")))["requester"]["email"] == who


def test_38_an_agent_takes_pauses_and_notes_and_nobody_else_can(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, confirmation = town.opened(who, Cc=friend)
    for line in ("#assumir", "#pausar: aguardando peça", "#interno a senha é AZULEJO"):
        town.reply(confirmation, line)
    town.mail(who, rf"\[#{number}\] Nada foi alterado", 3)
    assert (town.ticket(number)["status"], town.ticket(number)["assignee"]) == ("waiting", None)
    town.reply(town.agent(number), "#assumir")
    town.mail(who, rf"\[#{number}\] Em atendimento")
    assert town.ticket(number)["assignee"]["email"] == ANA
    town.reply(town.agent(number), "#pausar: aguardando peça")
    assert "aguardando peça" in body(town.mail(who, rf"\[#{number}\] Em pausa"))
    assert town.ticket(number)["status"] == "paused"
    town.reply(town.agent(number), "#interno a senha é TIJOLO")
    eventually(lambda: "TIJOLO" in str([e for e in town.ticket(number)["entries"] if e["internal"]]))
    town.quiet()
    assert not [m for m in town.mails(who) + town.mails(friend) if "TIJOLO" in m.as_string()]
    for address in (who, friend):
        assert "TIJOLO" not in str(town.service.say("tickets", "show", str(number), "--as", address))


def test_40_what_is_too_large_too_deep_or_smuggled_is_refused_or_kept_and_the_service_lives(town: Town) -> None:
    who = town.somebody()
    with smtplib.SMTP("127.0.0.1", town.service.port, timeout=30) as client:
        client.ehlo()
        assert client.mail(who, [f"size={60_000_000}"])[0] == 552
    accepted = town.service.stats()["accepted"]
    smuggled = f"From: {who}\r\nTo: {QUEUE}\r\nSubject: um\r\n\r\nOi\n.\nMAIL FROM:<x@cliente.example>\r\n"
    with smtplib.SMTP("127.0.0.1", town.service.port, timeout=30) as client:
        client.ehlo()
        client.mail(who)
        client.rcpt(QUEUE)
        client.docmd("DATA")
        client.send(f"{smuggled}.\r\n".encode())
        assert client.getreply()[0] >= 500
    assert town.service.stats()["accepted"] == accepted
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(300))
    town.hand_in(f"From: {who}\r\nTo: {QUEUE}\r\nSubject: fundo\r\nMIME-Version: 1.0\r\n{deep}Oi\r\n".encode(), who)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("zeros", bytes(50_000_000))
    town.quiet()
    number, _ = town.opened(who, attach=(("bomba.zip", bomb.getvalue()),))
    assert town.ticket(number)["evidence"][0]["size"] == len(bomb.getvalue())
    mine = [r for r in town.service.say("inbox", "list") if r["id"] > accepted]
    assert all(r["outcome"] and r["reason"] for r in mine)


def test_at_the_end_everything_adds_up(town: Town) -> None:
    town.quiet()
    stats = town.service.stats()
    assert stats["accepted"] == stats["waiting"] + sum(stats["outcomes"].values())
    assert stats["outcomes"]["quarantined"] == 0
