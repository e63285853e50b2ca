"""Whatever the gateway makes is for its own user: files 0600, folders 0700, also where the umask forbids nothing."""

from __future__ import annotations

import os
import smtplib
import stat
import subprocess
from pathlib import Path

from tests.desk import JOAO, QUEUE
from tests.whole.test_serve import PROGRAM, eventually, free_port, serving


def run(config: Path, *arguments: str, given: bytes = b"") -> None:
    subprocess.run([*PROGRAM, "-c", str(config), *arguments], input=given, check=True, timeout=60)


def large(number: int) -> bytes:
    """A mail that is a blob, with evidence that is another."""
    head = f"From: {JOAO}\r\nTo: {QUEUE}\r\nSubject: n{number}\r\nMessage-ID: <{number}@cliente.example>\r\n"
    part = "--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n"
    body = f"--b\r\n\r\nOi\r\n{part}" + "0123456789\r\n" * 100_000 + "--b--\r\n"
    return f"{head}MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n{body}".encode()


def test_nothing_that_is_made_can_be_read_by_others(tmp_path: Path) -> None:
    made = tmp_path / "made"
    before = os.umask(0)
    try:
        with serving(tmp_path, data=made) as service:
            config = tmp_path / "desk.toml"
            with smtplib.SMTP("127.0.0.1", service.port, timeout=30) as client:
                client.sendmail(JOAO, [QUEUE], large(1))
            run(config, "receive", "--rcpt-to", QUEUE, given=large(2))
            eventually(lambda: service.stats()["outcomes"]["opened"] == 2)
            run(config, "backup", str(made / "kept" / "backup"))
            run(config, "export", JOAO, str(made / "given" / "export"))
            run(config, "init", str(made / "etc" / "mailgateway.toml"), "--port", str(free_port()))
            run(config, "templates", "preview", str(made / "shown"))
            found = sorted([made, *made.rglob("*")])
            wrong = {f"{p.relative_to(tmp_path)}: {stat.filemode(p.stat().st_mode)}" for p in found if _is_open(p)}
    finally:
        os.umask(before)
    names = {p.name for p in found}
    assert {"desk.db", "desk.db-wal", "desk.db-shm", "desk.db.writer", "blobs", "mailgateway.toml"} <= names
    assert len([p for p in (made / "blobs").rglob("*") if p.is_file()]) >= 2
    assert wrong == set()


def _is_open(path: Path) -> bool:
    mode = stat.S_IMODE(path.stat().st_mode)
    return mode != (0o700 if path.is_dir() else 0o600)
