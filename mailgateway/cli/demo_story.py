"""The story that `demo` tells: who writes what, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from mailgateway.core.messages import Mail
from mailgateway.core.people import Person
from mailgateway.core.phrases import Labels
from mailgateway.core.workflow import Act, Status
from mailgateway.mail.parse import parse
from mailgateway.mail.story import ANA, BIA, BRUNO, JOAO, MARIA, Story

DOMAIN = "aurora.example"
QUEUE = f"suporte@{DOMAIN}"
AUTHSERV = f"mx.{DOMAIN}"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40

CONFIG = """\
[gateway]
domain = "{domain}"
name = "Aurora"
secret = "{secret}"
language = "{language}"
[smtp_listener]
port = {port}
[smtp_sender]
port = {sink}
[authenticity]
authserv_id = "{authserv}"
trusted_relays = ["127.0.0.1"]
verify = false
[[queues]]
name = "suporte"
addresses = ["{queue}"]
approvers = ["{approver}"]
[[agents]]
email = "{agent_email}"
name = "{agent_name}"
queues = ["suporte"]
[portal]
enabled = false
"""


def config_text(language: str, secret: str, port: int, sink: int) -> str:
    """The configuration of the desk in the story."""
    return CONFIG.format(
        domain=DOMAIN,
        secret=secret,
        language=language,
        port=port,
        sink=sink,
        authserv=AUTHSERV,
        queue=QUEUE,
        approver=MARIA.email,
        agent_email=ANA.email,
        agent_name=ANA.name,
    )


#: Gives the newest mail that a person got as this notice.
Find = Callable[[Person, str], bytes]


#: What somebody writes, from the texts of the sample story and the words of its language.
Text = Callable[[Mapping[str, str], Labels], str]


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody writes; `answers` is the notice he replies to, "" for a new mail. `hear` is who gets which mail."""

    title: str
    by: Person
    text: Text
    answers: str
    status: Status
    hear: frozenset[tuple[str, str]]


def _hear(**notices: tuple[Person, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((person.email, notice) for notice, people in notices.items() for person in people)


STEPS = (
    Step(
        "João reports a fault, with a photo and two colleagues in copy",
        JOAO,
        lambda say, labels: say["description"].strip(),
        "",
        Status.WAITING,
        _hear(ticket_opened=(JOAO,), follower_added=(BIA, BRUNO), agent_ticket_opened=(ANA,)),
    ),
    Step(
        "Ana, the agent, replies to her notice and takes the ticket",
        ANA,
        lambda say, labels: labels.verbs[Act.TAKE],
        "agent_ticket_opened",
        Status.IN_SERVICE,
        _hear(taken=(JOAO,), receipt=(ANA,)),
    ),
    Step(
        "Ana replies again with the solution; the approver is asked",
        ANA,
        lambda say, labels: f"{labels.verbs[Act.RESOLVE]}: {say['solution']}",
        "agent_ticket_opened",
        Status.AWAITING_APPROVAL,
        _hear(approval_requested=(MARIA,), resolved=(JOAO,), receipt=(ANA,)),
    ),
    Step(
        "Maria, the approver, replies with one word",
        MARIA,
        lambda say, labels: labels.printed["approve"],
        "approval_requested",
        Status.FINISHED,
        _hear(
            decision_receipt=(MARIA,),
            finished=(JOAO, BIA, BRUNO),
            agent_finished=(ANA,),
            rating_requested=(JOAO,),
        ),
    ),
    Step(
        "João rates by replying with a number",
        JOAO,
        lambda say, labels: f"5\n\n{say['rating']}",
        "rating_requested",
        Status.FINISHED,
        _hear(rating_receipt=(JOAO,)),
    ),
)


def write(step: Step, find: Find, labels: Labels, at: datetime) -> bytes:
    """The mail of one step, as its author's program writes it."""
    say = Story(labels.language).say
    text = step.text(say, labels)
    mail = EmailMessage()
    mail["From"] = f"{step.by.name} <{step.by.email}>"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=DOMAIN)
    if step.answers:
        _answer(mail, text, parse(find(step.by, step.answers)))
    else:
        mail["To"] = QUEUE
        mail["Cc"] = ", ".join(f"{p.name} <{p.email}>" for p in (BIA, BRUNO))
        mail["Subject"] = say["subject"]
        mail.set_content(text)
        mail.add_attachment(PICTURE, maintype="image", subtype="png", filename="foto-erro.png")
    # What a mail server in front of the gateway writes once it has checked the sender (RFC 8601).
    believed = f"Authentication-Results: {AUTHSERV}; dmarc=pass header.from={DOMAIN}\r\n"
    return believed.encode() + mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def _answer(mail: EmailMessage, text: str, original: Mail) -> None:
    """A reply as people send it: to the reply address, with the original quoted below."""
    quoted = "\n".join(f"> {line}" for line in original.text.splitlines())
    mail["To"] = (original.reply_to or original.from_)[0].email
    mail["Subject"] = f"Re: {original.subject}"
    mail["In-Reply-To"] = original.message_id
    mail.set_content(f"{text}\n\nEm 24/11/2026 14:32, {original.from_[0].name} escreveu:\n{quoted}\n")
