"""A private PostgreSQL server for the tests: Debian's programs, a folder and a socket of its own, also as root."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

HINT = "PostgreSQL is not installed: apt-get install postgresql"


class Postgres:
    """A running server. It refuses to run as root, so root hands it to the user `postgres`."""

    def __init__(self, folder: Path, programs: Path, port: int) -> None:
        self._folder, self._programs, self._port = folder, programs, port
        self._count = 0

    @classmethod
    def start(cls, *, durable: bool = False) -> Postgres:
        """Make a cluster and start it; skips the test where the programs are missing, except in CI.

        `durable`: what is committed is on the disk, which no test needs.
        """
        programs = _programs()
        if programs is None:
            if os.environ.get("CI") == "true":
                pytest.fail(HINT)
            pytest.skip(HINT)
        folder = Path(tempfile.mkdtemp(prefix="mgw-pg-"))
        folder.chmod(0o755)
        server = cls(folder, programs, _free_port())
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        server._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        sync = "on" if durable else "off"
        options = f"-p {server._port} -k {folder} -c fsync={sync} -c listen_addresses=127.0.0.1 -c max_connections=50"
        server._run("pg_ctl", "-D", str(folder / "data"), "-w", "-l", str(folder / "log"), "-o", options, "start")
        return server

    def new_database(self) -> str:
        """An empty database; returns its URL."""
        self._count += 1
        name = f"t{os.getpid()}_{self._count}"
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self._port), name)
        user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        return f"postgresql+psycopg://{user}@127.0.0.1:{self._port}/{name}"

    def stop(self) -> None:
        """End it and remove its folder."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *args: str) -> None:
        command = [str(self._programs / program), *args]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
        assert done.returncode == 0, f"{program}: {done.stderr or done.stdout}"


def _programs() -> Path | None:
    """Debian keeps them out of PATH, a folder per version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
