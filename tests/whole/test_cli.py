"""The command line as scripts and people use it: shapes, exit codes, who sees what, what acts do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import click
import pytest

from mailgateway import __main__ as program
from mailgateway.cli import output
from mailgateway.cli.root import COMMANDS, root
from mailgateway.core.outcomes import Outcome
from mailgateway.core.views import VIEWS
from mailgateway.core.workflow import STANDINGS, Status, Tone
from tests.desk import ANA, BIA, JOAO, MARIA, MX, QUEUE, config_text


@dataclass
class Answer:
    """What one run of the program said."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Cli:
    """The program in this process, with the configuration of a desk of its own."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    _mails: int = field(default=0)

    def __call__(self, *arguments: object, config: bool = True) -> Answer:
        self.capture.readouterr()
        named = ["-c", str(self.folder / "desk.toml")] if config else []
        code = program.run([*named, *map(str, arguments)])
        said = self.capture.readouterr()
        return Answer(code, said.out, said.err)

    def json(self, *arguments: object) -> Any:
        return self(*arguments, "--json").json

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        answer = self(*arguments, "--json")
        assert answer.code == 0, answer.err
        return answer.rows

    def mail(self, sender: str, text: str, to: str = QUEUE, cc: Sequence[str] = (), **more: Any) -> Path:
        self._mails += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, more.get("subject", "Impressora parada")
        if cc:
            mail["Cc"] = ", ".join(cc)
        mail["Message-ID"] = f"<m{self._mails}.{os.urandom(3).hex()}@cliente.example>"
        if answers := more.get("answers"):
            mail["In-Reply-To"] = answers
        mail.set_content(text)
        for name, data in more.get("attach", ()):
            mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
        domain = sender.rpartition("@")[2].strip(">")
        raw = f"Authentication-Results: {MX}; dmarc=pass header.from={domain}\r\n".encode()
        path = self.folder / f"m{self._mails}.eml"
        path.write_bytes(raw + mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
        return path

    def send(self, sender: str, text: str = "Não imprime.", **more: Any) -> None:
        path = self.mail(sender, text, **more)
        assert self("receive", "--mail-from", sender, "--rcpt-to", more.get("to", QUEUE), path).code == 0
        assert self("run-once", "--only", "process,sweep").code == 0


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    (tmp_path / "desk.toml").write_text(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db"), encoding="utf-8")
    return Cli(tmp_path, capsys)


# ---- the program


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    look = (
        "import sys; from mailgateway.__main__ import run; code = run(['--help']);"
        "print([m for m in ('sqlalchemy', 'pydantic', 'jinja2', 'rich', 'aiosmtpd', 'alembic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "demo" in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_how_the_help_of_each_begins(name: str) -> None:
    command = root.get_command(click.Context(root), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(1000) == COMMANDS[name][1]


def test_help_loads_no_command() -> None:
    look = (
        "import sys; from mailgateway.__main__ import run; code = run(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith('mailgateway.c')))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    allowed = ["mailgateway.cli", "mailgateway.cli.root", "mailgateway.cli.session"]
    assert done.stdout.splitlines()[-1] == str([*allowed, "mailgateway.core", "mailgateway.core.errors"])


def test_version(cli: Cli) -> None:
    assert re.fullmatch(r"mailgateway \d+\.\d+\.\d+\n", cli("--version").out)


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["tickets", "show"], ["tickets", "list", "--view", "x"], ["--foo"]]
)
def test_a_usage_error_is_one_line_and_exit_2(cli: Cli, arguments: list[str]) -> None:
    answer = cli(*arguments)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "--help" in answer.err


@pytest.mark.parametrize("command", ["inbox show 7", "outbox show 7", "tickets show 7", "contacts show a@b.example"])
def test_what_is_not_there_is_exit_1_and_one_line(cli: Cli, command: str) -> None:
    answer = cli(*command.split(), "--json")
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)


def test_no_configuration_says_how_to_get_one(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    monkeypatch.delenv("MAILGATEWAY_CONFIG", raising=False)
    answer = cli("inbox", "stats", config=False)
    assert answer.code == 2
    assert "mailgateway init" in answer.err
    monkeypatch.setenv("MAILGATEWAY_CONFIG", str(tmp_path / "desk.toml"))
    assert cli("inbox", "stats", config=False).code == 0


def test_an_unexpected_error_is_one_line_without_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgateway.app.open_gateway", lambda settings: 1 / 0)
    answer = cli("inbox", "stats")
    assert answer.code == 1
    assert "ZeroDivisionError" in answer.err
    assert answer.err.count("\n") == 1
    monkeypatch.setenv("MAILGATEWAY_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli("inbox", "stats")


# ---- receive


def test_receive_keeps_every_byte_and_prints_the_id(cli: Cli) -> None:
    path = cli.mail(JOAO, "Oi")
    assert cli("receive", "--mail-from", JOAO, "--rcpt-to", QUEUE, path).out == "1\n"
    assert cli.json("receive", path) == {"id": 2, "file": str(path)}
    assert [r["id"] for r in cli.rows("inbox", "list")] == [1, 2]
    assert cli("inbox", "show", 1, "--raw").out.encode() == path.read_bytes().replace(b"\r\n", b"\r\n")


def test_receive_takes_the_envelope_from_the_header(cli: Cli) -> None:
    path = cli.mail(JOAO, "Oi", to=f"{QUEUE}, outra@fora.example")
    path.write_bytes(b"Return-Path: <>\r\nDelivered-To: suporte+1@aurora.example\r\n" + path.read_bytes())
    assert cli("receive", path).code == 0
    shown = cli.json("inbox", "show", 1)
    assert (shown["mail_from"], shown["rcpt_to"]) == ("", ["suporte+1@aurora.example", QUEUE])


@pytest.mark.parametrize("options", [["--rcpt-to", "x@fora.example"], ["--rcpt-to", "aurora.example"]])
def test_receive_refuses_for_good_what_is_not_for_us(cli: Cli, options: list[str]) -> None:
    answer = cli("receive", *options, cli.mail(JOAO, "Oi"))
    assert (answer.code, answer.out) == (1, "")
    assert "unknown recipient" in answer.err
    assert cli.json("inbox", "stats")["accepted"] == 0


def test_receive_refuses_for_good_what_is_too_large_and_takes_the_rest(cli: Cli) -> None:
    config = cli.folder / "desk.toml"
    config.write_text(config.read_text() + "[smtp_listener]\nmax_size = 2000\n")
    large, small = cli.mail(JOAO, "x" * 70 + "\n" * 3000), cli.mail(JOAO, "Oi")
    answer = cli("receive", large, small)
    assert (answer.code, answer.out) == (1, "1\n")
    assert "2000" in answer.err


def test_receive_answers_75_for_all_trouble_of_ours(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cli.mail(JOAO, "Oi")
    assert cli("receive", cli.folder / "nowhere.eml").code == 75
    assert cli("receive", "--nonsense", path).code == 75
    with monkeypatch.context() as patch:
        patch.setattr("mailgateway.steps.receive.inbox.add", lambda *_: 1 / 0)
        assert cli("receive", path).code == 75
    (cli.folder / "desk.toml").write_text("[gateway]\n")
    assert cli("receive", path).code == 75


# ---- lists


def test_lists_go_by_id_from_either_end(cli: Cli) -> None:
    for _ in range(4):
        cli("receive", cli.mail(JOAO, "Oi"))
    assert [r["id"] for r in cli.rows("inbox", "list", "--limit", 2)] == [1, 2]
    assert [r["id"] for r in cli.rows("inbox", "list", "--after", 2)] == [3, 4]
    assert [r["id"] for r in cli.rows("inbox", "list", "--newest-first", "--limit", 2)] == [4, 3]
    assert [r["id"] for r in cli.rows("inbox", "list", "--newest-first", "--after", 3)] == [2, 1]


def test_stats_balance_and_name_every_outcome(cli: Cli) -> None:
    cli.send(JOAO)
    cli("receive", cli.mail(JOAO, "Oi"))
    stats = cli.json("inbox", "stats")
    assert set(stats["outcomes"]) == set(Outcome)
    assert stats["accepted"] == 2 == stats["waiting"] + sum(stats["outcomes"].values())


def test_only_what_can_be_retried_is(cli: Cli) -> None:
    cli.send(JOAO)
    assert cli("inbox", "retry", 1).code == 1
    assert cli("outbox", "retry", 1).code == 0
    assert cli("outbox", "retry", 99).code == 1


def test_keys_of_reply_addresses_are_shown_nowhere(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>")
    raw = cli("outbox", "show", 1, "--raw").out
    reply_to = re.search(r"^Reply-To: (.*)$", raw, re.MULTILINE)
    assert reply_to
    key = reply_to[1].strip()
    assert "+" in key
    cli.send(JOAO, f"respondi para {key}", to=key)
    (cli.folder / "x.eml").write_bytes(cli.mail(JOAO, f"veja {key}", to=key).read_bytes())
    secret = key.partition("+")[2].partition("@")[0]
    for command in ("tickets show 1", "tickets list", "inbox list", "inbox show 2", "outbox list", "outbox show 1"):
        assert secret not in cli(*command.split(), "--json").out
        assert secret not in cli(*command.split()).out
    assert secret not in cli("explain", cli.folder / "x.eml", "--json").out


# ---- tickets


def test_people_see_what_is_theirs(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>", cc=[BIA])
    cli("tickets", "act", 1, "note", "--text", "troque a impressora")
    cli.send("outro@fora.example")
    assert [t["number"] for t in cli.rows("tickets", "list")] == [1, 2]
    assert [t["number"] for t in cli.rows("tickets", "list", "--as", JOAO)] == [1]
    assert [t["number"] for t in cli.rows("tickets", "list", "--as", BIA)] == [1]
    assert [t["number"] for t in cli.rows("tickets", "list", "--as", ANA)] == [1, 2]
    assert cli("tickets", "show", 2, "--as", JOAO, "--json").err == cli("tickets", "show", 2, "--as", BIA, "--json").err
    assert cli("tickets", "show", 2, "--as", JOAO).code == 1
    assert cli("tickets", "list", "--as", "ninguem@fora.example").code == 1
    for who, sees in ((ANA, True), (JOAO, False), (BIA, False)):
        shown = cli("tickets", "show", 1, "--as", who, "--json").out
        assert ("troque a impressora" in shown) is sees


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("who", [JOAO, ANA, ""])
def test_every_view_is_for_everybody(cli: Cli, view: str, who: str) -> None:
    cli.send(JOAO)
    assert cli("tickets", "list", "--view", view, *(["--as", who] if who else []), "--json").code == 0


def test_every_status_has_its_glyph_and_colour() -> None:
    assert set(output.COLOURS) == set(Tone)
    assert [str(output.status(s))[0] for s in Status] == [STANDINGS[s].glyph for s in Status]


def test_a_ticket_goes_its_way_by_commands(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>")
    act = ("tickets", "act", 1)
    assert cli.json(*act, "take", "--as", ANA)["status"] == "in_service"
    assert cli.json(*act, "pause", "--text", "aguardando a peça", "--until", "31/12")["status"] == "paused"
    assert cli.json("tickets", "show", 1)["pause"]["until"].endswith("T21:00:00Z")
    assert cli.json(*act, "resume")["status"] == "in_service"
    assert cli.json(*act, "assign", "--to", "caio@aurora.example")["assignee"]["email"] == "caio@aurora.example"
    assert cli.json(*act, "change-priority", "--to", "Alta")["number"] == 1
    assert cli.json(*act, "add-follower", "--to", f"{BIA}, c@cliente.example")["number"] == 1
    assert cli.json(*act, "resolve", "--text", "cabo trocado")["status"] == "awaiting_approval"
    assert [t["number"] for t in cli.rows("tickets", "list", "--view", "my_approval", "--as", MARIA)] == [1]
    assert cli.json(*act, "reject", "--as", MARIA, "--text", "ainda falha")["status"] == "rejected"
    assert cli.json(*act, "resolve", "--text", "driver trocado")["status"] == "awaiting_approval"
    assert cli.json(*act, "approve", "--as", MARIA)["status"] == "finished"
    assert [t["number"] for t in cli.rows("tickets", "list", "--view", "to_rate", "--as", JOAO)] == [1]
    cli.json(*act, "rate", "--as", JOAO, "--score", 4, "--text", "bom")
    shown = cli.json("tickets", "show", 1)
    assert (shown["rating"]["score"], shown["rating"]["comment"], shown["priority"]) == (4, "bom", "high")
    assert [f["email"] for f in shown["followers"]] == [BIA, "c@cliente.example"]
    assert all("pela linha de comando" in e["text"] for e in shown["entries"][1:])
    assert cli.rows("tickets", "list", "--view", "to_rate", "--as", JOAO) == []


def test_an_act_that_is_not_his_changes_nothing(cli: Cli) -> None:
    cli.send(JOAO)
    before = cli.json("tickets", "show", 1)
    for refused in (["take", "--as", JOAO], ["approve", "--as", ANA], ["rate", "--as", JOAO, "--score", "3"]):
        answer = cli("tickets", "act", 1, *refused, "--json")
        assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    for incomplete in (["pause"], ["assign"], ["change-queue", "--to", "x"], ["rate"], ["take", "--until", "31/02"]):
        assert cli("tickets", "act", 1, *incomplete).code == 2
    assert cli("tickets", "act", 99, "take").code == 1
    assert cli.json("tickets", "show", 1) == before


def test_the_operator_merges_and_moves(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>")
    cli.send(f"Bia <{BIA}>")
    assert cli.json("tickets", "act", 2, "merge", "--to", "#1")["status"] == "cancelled"
    assert cli.json("tickets", "show", 2)["links"] == [{"number": 1, "kind": "merged_into"}]
    assert BIA in {f["email"] for f in cli.json("tickets", "show", 1)["followers"]}
    assert cli.json("tickets", "act", 1, "change-queue", "--to", "compras")["queue"] == "compras"
    changed = cli.json("tickets", "act", 1, "change-requester", "--to", BIA)
    assert changed["requester"]["email"] == BIA


def test_the_operator_splits(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>", cc=[BIA])
    assert cli("tickets", "act", 1, "split").code == 2
    assert cli.json("tickets", "act", 1, "split", "--text", "Teclado\nA tecla E falha.")["status"] == "waiting"
    old, new = cli.json("tickets", "show", 1), cli.json("tickets", "show", 2)
    assert (old["links"], new["links"]) == (
        [{"number": 2, "kind": "split_into"}],
        [{"number": 1, "kind": "split_from"}],
    )
    assert (new["subject"], new["description"]) == ("Teclado", "A tecla E falha.")
    assert (new["requester"]["email"], [f["email"] for f in new["followers"]]) == (JOAO, [BIA])
    assert old["entries"][-1]["text"] == "dividido: #2 (pela linha de comando)"
    assert new["entries"][-1]["text"] == "separado de #1 (pela linha de comando)"


def test_whoever_follows_later_does_not_see_what_was_before(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>", text="segredo inicial", attach=[("a.bin", b"abc")])
    cli("tickets", "act", 1, "add-follower", "--to", BIA)
    cli("tickets", "act", 1, "comment", "--text", "depois")
    shown = cli.json("tickets", "show", 1, "--as", BIA)
    assert "depois" in shown["entries"][-1]["text"]
    assert "segredo inicial" not in json.dumps(shown)
    assert shown["evidence"] == []


# ---- contacts


def test_contacts_and_how_two_become_one(cli: Cli) -> None:
    cli.send(f"João <{JOAO}>", cc=["joao@casa.example"])
    cli.send("Jota <joao@casa.example>", subject="Outra coisa")
    assert cli.json("contacts", "show", "joao@casa.example")["tickets"] == 2
    cli.send("joao@casa.example", "#nota nada", subject="Terceira")
    linked = cli.json("contacts", "link", JOAO, "joao@casa.example")
    assert (linked["email"], linked["name"], linked["addresses"]) == (JOAO, "João", [JOAO, "joao@casa.example"])
    assert linked["tickets"] == 3
    first = cli.json("tickets", "show", 1, "--as", "joao@casa.example")
    assert (first["requester"]["email"], first["followers"]) == (JOAO, [])
    assert cli.json("tickets", "show", 2)["entries"][0]["author"]["email"] == JOAO
    assert cli.json("contacts", "link", JOAO, "nova@casa.example")["addresses"][-1] == "nova@casa.example"
    assert cli("contacts", "link", "ninguem@fora.example", JOAO).code == 1
    assert cli("contacts", "link", JOAO, "sem-arroba").code == 1
    emails = [c["email"] for c in cli.rows("contacts", "list")]
    assert {JOAO, "joao@casa.example", "nova@casa.example"} <= set(emails)


# ---- explain


def test_explain_needs_neither_configuration_nor_database(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MAILGATEWAY_CONFIG", raising=False)
    good, broken = cli.mail(f"João <{JOAO}>", "#assumir\n", attach=[("a.bin", b"abc")]), tmp_path / "x.eml"
    broken.write_bytes(b"\x00\xff")
    monkeypatch.chdir(tmp_path)
    answer = cli("explain", good, broken, "--json", config=False)
    assert answer.code == 0
    said, odd = answer.rows
    assert said["from"] == [{"name": "João", "email": JOAO}]
    assert (said["kind"], said["new_text"].strip(), said["acts"][0]["act"]) == ("person", "#assumir", "take")
    assert [(a["filename"], a["size"]) for a in said["attachments"]] == [("a.bin", 3)]
    assert (said["route"], said["outcome"], said["reason"]) == (None, None, None)
    assert odd["raw"]["size"] == 2
    assert not (tmp_path / "desk.db").exists()


@pytest.mark.parametrize(
    ("text", "acts"),
    [
        ("Aprovado", [("approve", {})]),
        ("Reprovado: falta o cabo", [("reject", {"text": "falta o cabo"})]),
        ("aprovado com ressalvas", []),
        ("5\n\nÓtimo", [("rate", {"score": 5, "text": "Ótimo"})]),
        ("#assumir\n#resolver: cabo trocado", [("take", {}), ("resolve", {"text": "cabo trocado"})]),
        ("Obrigado!", []),
    ],
)
def test_explain_reads_what_a_reply_asks_for(cli: Cli, text: str, acts: list[tuple[str, dict[str, Any]]]) -> None:
    said = cli.rows("explain", cli.mail(JOAO, text, answers="<t1@aurora.example>"))[0]
    assert [(a["act"], a["args"]) for a in said["acts"]] == acts


def test_explain_foresees_and_writes_nothing(cli: Cli) -> None:
    cli.send(JOAO)
    before = cli.rows("inbox", "list"), cli.rows("outbox", "list"), cli.json("tickets", "show", 1)
    tagged = cli.mail(JOAO, "Ainda parada.", subject="Re: [#1] Impressora")
    said = cli.rows("explain", tagged, cli.mail("b@fora.example", "Novo"), cli.mail(JOAO, "x", to="a@fora.example"))
    assert said[0]["route"] == {"ticket": 1, "why": "by_number"}
    assert [s["outcome"] for s in said] == ["commented", "opened", None]
    assert said[1]["route"] == {"ticket": None, "why": "no_reference"}
    assert (cli.rows("inbox", "list"), cli.rows("outbox", "list"), cli.json("tickets", "show", 1)) == before


# ---- the configuration's commands


def test_init_writes_what_check_accepts(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "new" / "mailgateway.toml"
    assert cli("init", path, "--agent", ANA, "--queue-address", QUEUE, config=False).code == 0
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = cli("init", path, "--agent", ANA, "--queue-address", QUEUE, config=False)
    assert (again.code, path.read_bytes()) == (1, before)
    assert cli("init", tmp_path / "bad.toml", "--queue-address", "foo", config=False).code == 2
    assert not (tmp_path / "bad.toml").exists()
    answer = cli("-c", path, "agents", "--json", config=False)
    assert [(a["email"], a["queues"], a["problems"]) for a in answer.rows] == [(ANA, ["suporte"], [])]


def test_queues_say_what_is_odd(cli: Cli) -> None:
    config = cli.folder / "desk.toml"
    config.write_text(config.read_text() + '[[queues]]\nname = "rh"\naddresses = ["rh@aurora.example"]\n')
    rows = {r["name"]: r for r in cli.rows("queues")}
    assert rows["suporte"]["approvers"] == [MARIA]
    assert rows["suporte"]["problems"] == []
    assert "no agent" in rows["rh"]["problems"][0]


def test_templates_preview_writes_every_notice(cli: Cli, tmp_path: Path) -> None:
    assert cli("templates", "preview", tmp_path / "p", "--lang", "en").code == 0
    assert (tmp_path / "p/en/ticket_opened.eml").is_file()
    assert (tmp_path / "p/en/ticket_opened.html").is_file()
    assert not (tmp_path / "p/es").exists()


def test_migrate_says_where_and_which_version(cli: Cli) -> None:
    said = cli.json("migrate")
    assert said["database"].endswith("desk.db")
    assert re.fullmatch(r"\d{4}", said["version"])


# ---- for the eye


@pytest.mark.parametrize(
    "command",
    [
        *("tickets list", "tickets show 1", "tickets act --help", "inbox list", "inbox stats", "inbox show 1"),
        *("outbox list", "outbox show 1", "contacts list", f"contacts show {JOAO}", "agents", "queues", "--help"),
    ],
)
def test_tables_fit_in_100_columns(cli: Cli, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    cli.send(
        f"João Pereira <{JOAO}>", subject="Impressora do caixa 3 não imprime cupom fiscal desde ontem " * 2, cc=[BIA]
    )
    answer = cli(*command.split())
    assert answer.code == 0
    assert answer.out.strip()
    assert max(map(len, answer.out.splitlines())) <= 100


# ---- the contract


def test_the_interface_holds() -> None:
    contract = Path(__file__).parents[3] / "shared/contract/check.py"
    if not contract.is_file():
        pytest.skip(f"{contract} is not here; it checks the interface from outside")
    exe = Path(sys.executable).with_name("mailgateway")
    done = subprocess.run(
        [sys.executable, contract], env={**os.environ, "MGW": str(exe)}, capture_output=True, text=True, timeout=110
    )
    assert done.stdout.strip().endswith("the interface holds"), done.stdout + done.stderr
