"""Reports in words, in JSON and in the form of a read receipt, and what only looks like one."""

from __future__ import annotations

import json

import pytest

from mailgateway.core.messages import Bounce, Kind
from mailgateway.mail.parse import parse
from tests.mail.reports import mail, report

SES = (
    '{"%s":"%s","%s":%s,"mail":{"messageId":"1","headers":[{"name":"Message-ID","value":"<t1.e2@desk.example.com>"}]}}'
)


@pytest.mark.parametrize(
    ("event", "kind", "bounces"),
    [
        (
            (
                "notificationType",
                "Bounce",
                "bounce",
                '{"bouncedRecipients":[{"emailAddress":"a@y.com","action":"failed","status":"5.1.1"}]}',
            ),
            Kind.BOUNCE,
            (Bounce("a@y.com", "failed", "5.1.1"),),
        ),
        (
            (
                "eventType",
                "DeliveryDelay",
                "deliveryDelay",
                '{"delayedRecipients":[{"emailAddress":"a@y.com","status":"4.4.1"}]}',
            ),
            Kind.DELAY_REPORT,
            (Bounce("a@y.com", "delayed", "4.4.1"),),
        ),
        (
            ("notificationType", "Delivery", "delivery", '{"recipients":["a@y.com"],"smtpResponse":"250 2.6.0 ok"}'),
            Kind.DELIVERY_REPORT,
            (Bounce("a@y.com", "delivered", "2.6.0"),),
        ),
        (
            ("notificationType", "Complaint", "complaint", '{"complainedRecipients":[{"emailAddress":"a@y.com"}]}'),
            Kind.FEEDBACK_REPORT,
            (),
        ),
        (("notificationType", "Bounce", "bounce", '[{"bouncedRecipients":null}]'), Kind.BOUNCE, ()),
    ],
)
def test_a_sending_service_reports_in_json(
    event: tuple[str, str, str, str], kind: Kind, bounces: tuple[Bounce, ...]
) -> None:
    said = SES % event
    for body in (
        said,
        said.replace('"headers"', '"head!\n ers"') + "\n\n--\nunsubscribe",
        json.dumps({"Message": said}),
    ):
        read = parse(mail("From: no-reply@sns.amazonaws.com", "Subject: AWS Notification Message", body=body))
        assert (read.kind, read.bounces, read.returned_ids) == (kind, bounces, ("<t1.e2@desk.example.com>",))


@pytest.mark.parametrize("body", ["{", '{"a":' * 5000, '{"notificationType": "Bounce"}', "[1]", '{"Message": "{"}'])
def test_other_json_is_a_persons(body: str) -> None:
    assert parse(mail("From: a@x.com", body=body)).kind is Kind.PERSON


REFUSED = "automatic-action/MDN-sent-automatically; deleted"


@pytest.mark.parametrize(
    ("disposition", "text", "kind"),
    [
        (REFUSED, "Your message to <a@y.com> was automatically rejected:\nQuota exceeded", Kind.BOUNCE),
        (REFUSED, "Sua mensagem foi excluída sem ser lida.", Kind.RECEIPT),
        ("manual-action/MDN-sent-manually; displayed", "rejected", Kind.RECEIPT),
    ],
)
def test_a_filter_that_refuses_answers_like_a_reader(disposition: str, text: str, kind: Kind) -> None:
    part = f"Final-Recipient: rfc822; a@y.com\nOriginal-Message-ID: <t1@x.com>\nDisposition: {disposition}\n"
    raw = report("disposition-notification", f"Content-Type: message/disposition-notification\n\n{part}")
    read = parse(raw.replace("relatório".encode(), text.encode()))
    assert (read.kind, read.returned_ids) == (kind, ("<t1@x.com>",))
    assert [b.recipient for b in read.bounces] == (["a@y.com"] if kind is Kind.BOUNCE else [])


def test_a_report_of_an_unknown_type_is_a_machines() -> None:
    assert parse(report("tlsrpt", "Content-Type: application/tlsrpt+gzip\n\nx")).kind is Kind.AUTO_REPLY
    assert parse(report("delivery-status", "Content-Type: text/plain\n\nx")).kind is Kind.BOUNCE


SENT_BACK = "--c\n\n{}\n--c\nContent-Type: message/rfc822\n\nSubject: oi\nTo: a@y.com\n\noi\n--c--\n"


@pytest.mark.parametrize(
    ("sender", "subject", "text", "kind"),
    [
        # A program's address, and two of: a subject that says so, words that say so, a mail that comes back.
        ("imss@x.com", "Mail could not be delivered", "Antivírus", Kind.BOUNCE),
        ("no-reply@x.com", "Aviso", "Não foi possível entregar a mensagem", Kind.BOUNCE),
        ("no-reply@x.com", "Aviso", "Nova fatura", Kind.PERSON),
        ("anti-virus@x.com", "Delivery failure", "Antivírus", Kind.BOUNCE),
        ("ana@x.com", "Mail could not be delivered", "Não foi possível entregar. E agora?", Kind.PERSON),
        # A mail system's own address: one of them is enough.
        ("MAILER-DAEMON@x.com", "Processing Error", "See below", Kind.BOUNCE),
        ("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.com", "Aviso", "Não existe", Kind.BOUNCE),
        ("Postmaster@x.com", "Aviso", "Usuário desconhecido", Kind.BOUNCE),
        ("Postmaster@x.com", "Vejam", "a mensagem anexa", Kind.PERSON),
    ],
)
def test_the_less_a_sender_is_known_the_more_must_speak_for_it(
    sender: str, subject: str, text: str, kind: Kind
) -> None:
    head = (f"From: {sender}", f"Subject: {subject}", "Content-Type: multipart/mixed; boundary=c")
    assert parse(mail(*head, body=SENT_BACK.format(text))).kind is kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Não é possível entregar: Chamado", "A entrega falhou para estes destinatários:\n\na@y.com", Kind.BOUNCE),
        ("Falha na entrega", "Não foi possível entregar a mensagem a a@y.com: caixa postal cheia", Kind.BOUNCE),
        ("Mensagem devolvida", "O destinatário <a@y.com> não existe.", Kind.BOUNCE),
        ("No se puede entregar: Caso", "No se pudo entregar el mensaje a a@y.com", Kind.BOUNCE),
        ("Unzustellbar: Fall", "Ihre Nachricht konnte nicht zugestellt werden:\n<a@y.com>", Kind.BOUNCE),
        ("Non remis : Cas", "Votre message n'a pas pu être remis à a@y.com", Kind.BOUNCE),
        ("Atraso na entrega", "A mensagem para a@y.com ainda não foi entregue.", Kind.DELAY_REPORT),
        ("Warning", "not yet been delivered to:\n\na@y.com\n\nThis is just a warning.", Kind.DELAY_REPORT),
        ("Aviso", "La entrega a a@y.com se ha retrasado.", Kind.DELAY_REPORT),
        ("Report", "The mail to a@y.com was successfully delivered.", Kind.DELIVERY_REPORT),
        ("Aviso", "A mensagem para a@y.com foi entregue com sucesso.", Kind.DELIVERY_REPORT),
    ],
)
def test_reports_in_the_languages_of_mail_systems(subject: str, text: str, kind: Kind) -> None:
    read = parse(mail("From: Mail Delivery System <MAILER-DAEMON@x.com>", f"Subject: {subject}", body=text))
    assert (read.kind, [b.recipient for b in read.bounces]) == (kind, ["a@y.com"])


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Lida: Chamado 12", "Sua mensagem\n\nPara: Ana\nAssunto: Chamado 12\n\nfoi lida em 3 de fevereiro de 2025."),
        ("Não lida: Chamado 12", "Sua mensagem foi excluída sem ser lida em 3 de fevereiro."),
        ("Read: Ticket", "Your message\n\nTo: Ana\n\nwas read on Monday."),
        ("Leído: Caso", "Su mensaje se leyó el lunes."),
    ],
)
def test_a_read_receipt_in_words(subject: str, text: str) -> None:
    assert parse(mail("From: a@x.com", f"Subject: {subject}", body=text)).kind is Kind.RECEIPT
    assert parse(mail("From: a@x.com", "Subject: Chamado 12", body=text)).kind is Kind.PERSON


def test_what_a_rule_forwards_is_a_persons() -> None:
    assert parse(mail("From: a@x.com", "Auto-Submitted: auto-forwarded")).kind is Kind.PERSON


def test_a_shop_that_could_not_deliver_is_no_mail_system() -> None:
    head = ("From: Loja <no-reply@loja.com>", "Subject: Não foi possível entregar seu pedido")
    assert parse(mail(*head, body="O pedido voltou. Não foi possível entregar.")).kind is Kind.PERSON


def test_a_complaint_at_microsoft() -> None:
    head = ("From: staff@hotmail.com", "Subject: complaint about message from 192.0.2.1")
    raw = mail(*head, "Content-Type: multipart/mixed; boundary=c", body=SENT_BACK.format(""))
    assert parse(raw).kind is Kind.FEEDBACK_REPORT
