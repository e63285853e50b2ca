"""The systemd unit that docs/operations.md names: hardened, and nothing in it that systemd does not know."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).resolve().parents[2] / "docs" / "mailgateway.service"

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")


def analyze(*arguments: str) -> str:
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def test_little_is_left_to_an_intruder() -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(UNIT))
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", told)
    assert exposure, told
    assert float(exposure[1]) < 2.0


def test_systemd_knows_every_line() -> None:
    told = analyze("verify", "--man=no", str(UNIT))
    assert not [line for line in told.splitlines() if "Unknown" in line or "Failed to parse" in line]
