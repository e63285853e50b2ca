"""Every line that a mail prints, sent back as a reply to that mail, does what it promises: all of them are fed back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.desk import ANA, BIA, JOAO, MARIA, Desk, Out, config_text

#: What happened so far, as (who answers which mail with what); each story begins with a ticket of João, Bia in copy.
STORIES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "waiting": (),
    "in service": ((ANA, "agent_ticket_opened", "#assumir"),),
    "paused": ((ANA, "agent_ticket_opened", "#pausar: aguardando peça"),),
    "answered": ((ANA, "agent_ticket_opened", "Qual é o modelo?"), (JOAO, "commented", "É a de cupom.")),
    "awaiting approval": ((ANA, "agent_ticket_opened", "#resolver: troquei o cabo"),),
    "rejected": (
        (ANA, "agent_ticket_opened", "#resolver: troquei o cabo"),
        (MARIA, "approval_requested", "Reprovado: continua igual"),
    ),
    "finished": (
        (ANA, "agent_ticket_opened", "#resolver: troquei o cabo"),
        (MARIA, "approval_requested", "Aprovado"),
    ),
    "rated": (
        (ANA, "agent_ticket_opened", "#resolver: troquei o cabo"),
        (MARIA, "approval_requested", "Aprovado"),
        (JOAO, "rating_requested", "4"),
    ),
    "doubtful": (
        (ANA, "agent_ticket_opened", "#resolver: troquei o cabo"),
        (MARIA, "approval_requested", "Aprovado, mas troquem o teclado"),
    ),
}


def _play(folder: Path, story: tuple[tuple[str, str, str], ...], approvers: str) -> Desk:
    folder.mkdir(exist_ok=True)
    desk = Desk.open(config_text(folder, f"sqlite:///{folder}/desk.db", approvers=approvers), folder)
    desk.send(f"João Pereira <{JOAO}>", cc=BIA)
    for who, notice, words in story:
        person = JOAO if approvers == "[]" and who == MARIA else who
        said = "Sim" if approvers == "[]" and words == "Aprovado" else words
        desk.reply(desk.last(person, notice), said)
    desk.out()
    return desk


def _again(played: Desk, folder: Path, approvers: str) -> Desk:
    """The story as it was played, in a folder of its own: each line finds the same state."""
    shutil.copytree(played.folder, folder)
    desk = Desk.open(config_text(folder, f"sqlite:///{folder}/desk.db", approvers=approvers), folder)
    desk._count, desk._seen = played._count, played._seen
    return desk


def _printed(mail: Out) -> list[str]:
    """What stands indented by four; a reason in place of the part in round brackets."""
    lines = [line[4:] for line in mail.text.splitlines() if line.startswith("    ") and line[4:5].strip()]
    return [line.replace("(", "").replace(")", " de teste") for line in lines]


@pytest.mark.parametrize("approvers", [f'["{MARIA}"]', "[]"], ids=["a named approver", "the requester accepts"])
@pytest.mark.parametrize("story", STORIES)
def test_each_printed_line_acts(tmp_path: Path, story: str, approvers: str) -> None:
    first = _play(tmp_path / "first", STORIES[story], approvers)
    newest = {(o.to, o.notice): n for n, o in enumerate(first._all)}
    cases = [(n, line) for n in newest.values() for line in _printed(first._all[n])]
    still = [(n, line) for n, line in cases if first._all[n].notice not in _OVERTAKEN.get(story, ())]
    first.close()
    assert still, "such a story prints lines"
    for count, (n, line) in enumerate(still):
        desk = _again(first, tmp_path / f"again{count}", approvers)
        mail = first._all[n]
        outcome = desk.reply(mail, line)
        said = f"{mail.to} answers {mail.notice} with {line!r}: {desk.items()[-1].reason}"
        desk.close()
        assert outcome == "acted", said


#: Mails whose lines the story itself has overtaken: what they promised was true when they were sent.
_OVERTAKEN: dict[str, tuple[str, ...]] = {
    "in service": ("agent_ticket_opened", "ticket_opened"),
    "paused": ("agent_ticket_opened", "ticket_opened"),
    "answered": (),
    "awaiting approval": ("agent_ticket_opened", "ticket_opened"),
    "rejected": ("agent_ticket_opened", "ticket_opened", "approval_requested", "resolved", "receipt"),
    "finished": ("agent_ticket_opened", "ticket_opened", "approval_requested", "resolved", "receipt"),
    "rated": ("agent_ticket_opened", "ticket_opened", "approval_requested", "resolved", "receipt"),
    "doubtful": ("agent_ticket_opened", "ticket_opened", "resolved"),
}
