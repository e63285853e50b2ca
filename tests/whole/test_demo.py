"""`demo --once` is the product's own proof: it ends well only if every step had its effect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mailgateway import resources

PROGRAM = [sys.executable, "-m", "mailgateway", "demo"]


@pytest.mark.parametrize("language", resources.languages())
def test_once_shows_every_mail_and_every_check_holds(language: str, tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": "100", "TMPDIR": str(tmp_path)}
    began = time.monotonic()
    done = subprocess.run(
        [*PROGRAM, "--once", "--lang", language], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert time.monotonic() - began < 15
    assert done.stdout.count("─ caught ─") == 16
    assert done.stdout.count("─ sent ─") == 5
    assert "✕" not in done.stdout.rpartition("Checks")[2]
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert list(tmp_path.iterdir()) == []


def test_a_step_that_has_no_effect_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from mailgateway import __main__ as program
    from mailgateway.cli import demo_stage

    first = demo_stage.STEPS[0]
    wrong = replace(first, hear=first.hear | {("nobody@aurora.example", "taken")})
    monkeypatch.setattr(demo_stage, "PATIENCE", 3.0)
    monkeypatch.setattr(demo_stage, "STEPS", (wrong,))
    assert program.run(["demo", "--once"]) == 1
    assert "missing: taken to nobody@aurora.example" in capsys.readouterr().out.replace("\n", " ")


def test_without_once_it_stays_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        PROGRAM,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        # Who runs the tests in the background ignores Ctrl-C, and so would whatever they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as demo:
        assert demo.stdout
        try:
            assert any("Ctrl-C" in line for line in demo.stdout)
            command = next(p for p in tmp_path.rglob("mailgateway.toml"))
            program = [sys.executable, "-m", "mailgateway", "-c", str(command), "tickets", "list", "--json"]
            assert '"number": 1' in subprocess.run(program, capture_output=True, text=True, check=True).stdout
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=30)
        assert demo.returncode == 0
    assert list(tmp_path.iterdir()) == []
