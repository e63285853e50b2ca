"""`backup`, `restore`, `verify` as an administrator uses them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mailgateway import __main__ as program
from tests.desk import JOAO, Desk, config_text


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    config = tmp_path / "desk.toml"
    config.write_text(config_text(tmp_path, f"sqlite:///{tmp_path}/desk.db"), encoding="utf-8")

    def run(*arguments: object, code: int = 0) -> str:
        capsys.readouterr()
        assert program.run(["-c", str(config), *map(str, arguments)]) == code
        said = capsys.readouterr()
        return said.err if code and "verify" not in arguments else said.out

    return run


def test_a_lost_database_comes_back(run: Any, small_desk: Desk, tmp_path: Path) -> None:
    small_desk.send(JOAO, attach=(("cupom.pdf", b"x" * 1_200_000),))
    assert "1 mails accepted (0 wait, 1 opened), 1 tickets" in run("backup", tmp_path / "copy")
    assert "nothing was changed" in run("restore", tmp_path / "copy", code=1)
    small_desk.close()
    for lost in tmp_path.glob("desk.db*"):
        lost.unlink()
    shutil.rmtree(tmp_path / "blobs")
    held = json.loads(run("restore", tmp_path / "copy", "--json"))
    assert held["accepted"] == 1
    told = json.loads(run("verify", "--json"))
    assert told == held | {"findings": []}
    assert "All is well" in run("verify")
    assert json.loads(run("tickets", "show", 1, "--json"))["evidence"][0]["filename"] == "cupom.pdf"


def test_what_is_wrong_is_one_line_each_and_exit_1(run: Any, small_desk: Desk, tmp_path: Path) -> None:
    small_desk.send(JOAO, attach=(("cupom.pdf", b"x" * 1_200_000),))
    shutil.rmtree(tmp_path / "blobs")
    told = run("verify", code=1)
    assert told.count("is missing") == 2
    assert "2 findings" in told
    assert "blob" in run("backup", tmp_path / "copy", code=1)


def test_a_folder_that_is_no_backup_is_named(run: Any, tmp_path: Path) -> None:
    assert "holds no whole backup" in run("restore", tmp_path, code=1)
