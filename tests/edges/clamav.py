"""A private clamd with one signature, so that nothing has to be downloaded; it knows the word MALEFICIO.

It needs `apt-get install clamav-daemon`; where that is missing its tests are skipped, in CI they fail.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
WORD = b"MALEFICIO"
NAME = "Teste.Maleficio.UNOFFICIAL"
HINT = "ClamAV is not installed: apt-get install clamav-daemon"

CONFIG = """
Foreground yes
LocalSocket {folder}/socket
DatabaseDirectory {folder}/signatures
LogFile {folder}/log
StreamMaxLength 1M
User {user}
"""


@contextmanager
def clamd() -> Iterator[str]:
    """Run it; yields the path of its socket."""
    if PROGRAM is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HINT)
        pytest.skip(HINT)
    folder = Path(tempfile.mkdtemp(prefix="mgw-clam-"))
    folder.chmod(0o755)
    signatures = folder / "signatures"
    signatures.mkdir()
    (signatures / "test.ndb").write_text(f"Teste.Maleficio:0:*:{WORD.hex()}\n", encoding="ascii")
    user = "clamav" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        for path in (folder, signatures, signatures / "test.ndb"):
            shutil.chown(path, user)
    config = folder / "clamd.conf"
    config.write_text(CONFIG.format(folder=folder, user=user), encoding="ascii")
    process = subprocess.Popen([PROGRAM, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        _until_it_listens(process, folder)
        yield str(folder / "socket")
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _until_it_listens(process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + 30
    while not (folder / "socket").exists():
        assert process.poll() is None, (folder / "log").read_text(errors="replace")
        assert time.monotonic() < until, "clamd did not begin within 30 s"
        time.sleep(0.05)
