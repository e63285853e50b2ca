"""What people do, seen from outside: mail into the listener, mail out of a sink, state by the command line."""

from __future__ import annotations

import email.policy
import itertools
import re
import smtplib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any

import pytest

from mailgateway.edges.sink import Caught
from tests.desk import ANA, MARIA, MX, QUEUE
from tests.whole.test_serve import Service, eventually, serving

#: One agent and one approver hear of all scenarios within a minute: without this a digest would tell them.
ROOMY = "[limits]\nnotices_hour = 1000\nanswers_proven_hour = 1000\n"


@dataclass
class Town:
    """A running service and everybody who writes to it. Each scenario has people of its own."""

    service: Service
    count: Iterator[int] = field(default_factory=itertools.count)

    def somebody(self) -> str:
        return f"pessoa{next(self.count)}@cliente.example"

    def send(self, author: str, text: str, *, auth: str = "pass", **headers: str) -> str:
        """Hand a mail in by SMTP, as a relay would; returns its Message-ID."""
        mail = EmailMessage(policy=email.policy.SMTP)
        message_id = headers.pop("message_id", f"<s{next(self.count)}@cliente.example>")
        said = {"From": author, "To": QUEUE, "Subject": "Impressora parada", "Message-ID": message_id, **headers}
        for name, value in said.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        domain = parseaddr(author)[1].partition("@")[2]
        verdict = f"Authentication-Results: {MX}; dmarc={auth} header.from={domain}\r\n" if auth else ""
        with smtplib.SMTP("127.0.0.1", self.service.port, timeout=10) as client:
            client.sendmail(parseaddr(author)[1], [parseaddr(said["To"])[1]], verdict.encode() + mail.as_bytes())
        return message_id

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

    def opened(self, author: str, text: str = "Não imprime.", **headers: str) -> tuple[int, EmailMessage]:
        """A ticket of somebody; its number and the confirmation."""
        self.send(author, text, **headers)
        confirmation = self.mail(parseaddr(author)[1], "Chamado aberto")
        return number_of(confirmation), confirmation


def _parsed(caught: Caught) -> EmailMessage:
    mail = BytesParser(policy=email.policy.default).parsebytes(caught.raw)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


def number_of(mail: EmailMessage) -> int:
    found = re.search(r"\[#(\d+)\]", str(mail["Subject"]))
    assert found
    return int(found[1])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with serving(folder, more=ROOMY) as service:
        yield Town(service)


def _treated(town: Town, author: str) -> tuple[int, EmailMessage]:
    """A ticket that the agent has resolved; its number and the request to Maria."""
    number, _ = town.opened(author)
    town.reply(town.mail(ANA, rf"\[#{number}\] Novo chamado"), "#resolver: cabo trocado")
    return number, town.mail(MARIA, rf"\[#{number}\] Aprovação pedida")


def test_01_a_mail_with_a_photo_opens_a_ticket_and_is_confirmed(town: Town) -> None:
    who = town.somebody()
    number, confirmation = town.opened(f"Paula Nunes <{who}>")
    ticket = town.ticket(number)
    assert (ticket["status"], ticket["requester"]) == ("waiting", {"name": "Paula Nunes", "email": who})
    assert "Impressora parada" in body(confirmation)


def test_02_an_empty_subject_is_taken_from_the_first_line_and_said(town: Town) -> None:
    number, confirmation = town.opened(town.somebody(), "O leitor não lê.\nDesde ontem.", Subject="")
    assert town.ticket(number)["subject"] == "O leitor não lê."
    assert "O leitor não lê." in body(confirmation)


def test_05_the_same_mail_twice_is_one_ticket_and_one_answer(town: Town) -> None:
    who = town.somebody()
    for _ in range(2):
        town.send(who, "Não imprime.", message_id="<mesmo@cliente.example>", Date="Tue, 24 Nov 2026 10:00:00 -0300")
    town.mail(who, "Chamado aberto")
    town.quiet()
    assert len(town.mails(who)) == 1


def test_08_a_reply_comments_the_agent_hears_and_the_author_does_not(town: Town) -> None:
    who = town.somebody()
    number, confirmation = town.opened(who)
    town.reply(confirmation, "Aparece o erro 0x97.")
    assert "0x97" in body(town.mail(ANA, rf"\[#{number}\] Nova mensagem"))
    assert len(town.mails(who)) == 1


def test_10_a_reply_resumes_a_pause_that_waits_for_the_requester(town: Town) -> None:
    who = town.somebody()
    number, _ = town.opened(who)
    town.reply(town.mail(ANA, rf"\[#{number}\] Novo chamado"), "#pausar: aguardando solicitante")
    paused = town.mail(who, "Em pausa")
    town.reply(paused, "O modelo é o X200.")
    eventually(lambda: town.ticket(number)["status"] == "in_service")


def test_13_and_14_every_address_in_copy_gets_its_verdict(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, confirmation = town.opened(who, Cc=f"{friend}, noreply@cliente.example")
    assert [p["email"] for p in town.ticket(number)["followers"]] == [friend]
    assert friend in body(confirmation)
    assert "noreply@cliente.example" in body(confirmation)


def test_16_a_follower_leaves_and_hears_no_more(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, confirmation = town.opened(who, Cc=friend)
    town.reply(town.mail(friend, "Você acompanha"), "#sair")
    eventually(lambda: town.ticket(number)["followers"] == [])
    heard = len(town.mails(friend))
    town.reply(confirmation, "Mais uma coisa.")
    town.quiet()
    assert len(town.mails(friend)) in (heard, heard + 1)  # the goodbye may still have been on its way


def test_19_and_20_the_approver_says_aprovado_and_it_is_finished(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    assert "Aprovado" in body(request)
    town.reply(request, "Aprovado.")
    eventually(lambda: town.ticket(number)["status"] == "finished")
    assert town.mail(MARIA, rf"\[#{number}\].*(registrada|Aprov|decisão)", 2)
    assert town.mail(who, rf"\[#{number}\].*(nota|Avali)")


@pytest.mark.parametrize("words", ["Reprovo", "aprovado com ressalvas", "ok", "não, aprovado", "Aprovado o 999?"])
def test_22_and_23_doubtful_words_change_nothing_and_are_asked_about(town: Town, words: str) -> None:
    number, request = _treated(town, town.somebody())
    town.reply(request, words)
    eventually(lambda: [m for m in town.mails(MARIA) if number_of(m) == number and "Nada foi alterado" in body(m)])
    assert town.ticket(number)["status"] == "awaiting_approval"


def test_25_a_forwarded_request_decides_nothing(town: Town) -> None:
    number, request = _treated(town, town.somebody())
    town.reply(request, "Aprovado", author=town.somebody())
    town.quiet()
    assert town.ticket(number)["status"] == "awaiting_approval"
    assert [m for m in town.mails(ANA) if number_of(m) == number and "endereço" in body(m)]


def test_26_a_forged_decision_is_held_and_its_owner_is_asked(town: Town) -> None:
    number, request = _treated(town, town.somebody())
    before = len(town.mails(MARIA))
    town.reply(request, "Aprovado", auth="fail")
    eventually(lambda: len(town.mails(MARIA)) > before)
    challenge = town.mails(MARIA)[-1]
    assert town.ticket(number)["status"] == "awaiting_approval"
    town.reply(challenge, "Sim")
    eventually(lambda: town.ticket(number)["status"] == "finished")


def test_31_to_34_a_rating_counts_once_clear_and_may_be_changed(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    town.reply(request, "Aprovado")
    ask = town.mail(who, rf"\[#{number}\].*(nota|Avali)")
    town.reply(ask, "#nota 2\nDemorou.")
    eventually(lambda: (town.ticket(number)["rating"] or {}).get("score") == 2)
    town.reply(ask, "4")
    eventually(lambda: town.ticket(number)["rating"]["score"] == 4)
    ratings = [e for e in town.ticket(number)["entries"] if e["kind"] == "rating"]
    assert len(ratings) == 2


def test_11_and_32_words_about_a_new_fault_open_a_linked_ticket(town: Town) -> None:
    who = town.somebody()
    number, request = _treated(town, who)
    town.reply(request, "Aprovado")
    done = town.mail(who, rf"\[#{number}\].*Finalizado")
    town.reply(done, "Bom dia, 5 computadores estão parados agora. O que aconteceu?")
    second = town.mail(who, "Chamado aberto", 2)
    assert town.ticket(number_of(second))["links"] == [{"number": number, "kind": "follows"}]
    assert town.ticket(number)["status"] == "finished"
    assert town.ticket(number)["rating"] is None


def test_35_a_list_shows_ones_own_tickets_only(town: Town) -> None:
    who = town.somebody()
    number, _ = town.opened(who, Subject="Só meu")
    town.send(who, "#chamados meus", Subject="Oi")
    eventually(lambda: [m for m in town.mails(who) if "Só meu" in body(m) and "Meus" in body(m)])
    listed = town.mails(who)[-1]
    assert f"{number}" in body(listed)
    assert "Impressora parada" not in body(listed)


def test_38_an_internal_note_reaches_no_contact(town: Town) -> None:
    who, friend = town.somebody(), town.somebody()
    number, _ = town.opened(who, Cc=friend)
    town.reply(town.mail(ANA, rf"\[#{number}\] Novo chamado"), "#interno: a senha é AZULEJO")
    eventually(lambda: any(e["internal"] for e in town.ticket(number)["entries"]))
    town.quiet()
    assert not [m for m in town.mails(who) + town.mails(friend) if "AZULEJO" in body(m)]
    for address in (who, friend):
        assert "AZULEJO" not in str(town.service.say("tickets", "show", str(number), "--as", address))


def test_at_the_end_everything_adds_up(town: Town) -> None:
    town.quiet()
    stats = town.service.stats()
    assert stats["accepted"] == stats["waiting"] + sum(stats["outcomes"].values())
    assert stats["outcomes"]["quarantined"] == 0
