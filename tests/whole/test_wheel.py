"""The wheel is whole: from it alone the demo runs, so templates, migrations and words are in it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_alone_runs_the_demo(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=100)
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(unpacked)
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "COLUMNS": "100"}
    where = "import mailgateway; print(mailgateway.__file__)"
    for command in (["-c", where], ["-m", "mailgateway", "demo", "--once"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if command[0] == "-c":
            assert done.stdout.startswith(str(unpacked)), "the checkout must not stand in for the wheel"
