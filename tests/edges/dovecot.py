"""A private Dovecot on spare ports: any user name, one password, XOAUTH2 and OAUTHBEARER by a token server of its own.

A wrong login costs no time here: neither the failure delay nor the growing penalty of an address.
Works as root (mail then belongs to `mail`, uid 0 is refused) and as anybody else. It needs
`apt-get install dovecot-imapd dovecot-lmtpd`; where that is missing tests are skipped, in CI they fail.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient

PASSWORD = "secret"
#: Debian keeps it where the PATH of an ordinary user does not look.
PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")

CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/log
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain xoauth2 oauthbearer
auth_failure_delay = 0 secs
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""
NOT_ROOT = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service imap-login {{
  chroot =
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
OAUTH2 = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


@dataclass
class TokenServer:
    """Issues tokens and says of each whether, and for whom, it is good."""

    owners: dict[str, str] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    answers: list[tuple[int, object]] = field(default_factory=list)  # what /token answers next: code and JSON or text
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/token"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, object]:
        if path == "/introspect":
            owner = self.owners.get(form.get("token", ""))
            return 200, {"active": owner is not None, "username": owner or ""}
        self.requests.append(form)
        return self.answers.pop(0)


@contextmanager
def token_server() -> Iterator[TokenServer]:
    tokens = TokenServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            code, answer = tokens.answer(self.path, dict(urllib.parse.parse_qsl(body)))
            data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        tokens.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield tokens
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Dovecot:
    """The running server."""

    folder: Path
    port: int
    tls_port: int
    tokens: TokenServer
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(PROGRAM), "-F", "-c", self.folder / "conf"]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    if probe.recv(4) == b"* OK":
                        return
            except OSError:
                assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            # the whole group: a child with a client in IDLE would notice only seconds later that its master is gone
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else "no log"

    @contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Iterator[IMAPClient]:
        """A person at his mailbox."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.login(user, PASSWORD)
            if client.folder_exists(folder):
                client.select_folder(folder)
            yield client

    def put(self, user: str, *mails: bytes) -> None:
        with self.client(user) as client:
            for mail in mails:
                client.append("INBOX", mail)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """The raw mails of a folder, oldest first."""
        with self.client(user, folder) as client:
            if not client.folder_exists(folder):
                return []
            return [data[b"BODY[]"] for _, data in sorted(client.fetch(client.search(), ["BODY.PEEK[]"]).items())]

    def flags(self, user: str, folder: str = "INBOX") -> list[tuple[bytes, ...]]:
        with self.client(user, folder) as client:
            return [data[b"FLAGS"] for data in client.fetch(client.search(), ["FLAGS"]).values()]

    def forget_uids(self, user: str) -> None:
        """Give the inbox another UIDVALIDITY, as a restored or moved mailbox has."""
        self.stop()
        box = self.folder / "mail" / user
        for file in box.glob("dovecot.index*"):
            file.unlink()
        uids = box / "dovecot-uidlist"  # begins "3 V<uidvalidity> N<next uid> …"
        uids.write_text(re.sub(r"V(\d+)", lambda found: f"V{int(found[1]) + 1}", uids.read_text(), count=1))
        self.start()


def _two_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


@contextmanager
def running(certificate: tuple[Path, Path]) -> Iterator[Dovecot]:
    """A Dovecot for as long as the block lasts."""
    if PROGRAM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("apt-get install dovecot-imapd dovecot-lmtpd")
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    folder.chmod(0o755)  # pytest's own folders are 0700, and Dovecot answers [SERVERBUG] in them
    root = os.geteuid() == 0
    user, group = ("mail", "mail") if root else (pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name)
    (folder / "mail").mkdir()
    if root:
        shutil.chown(folder / "mail", user, group)
    port, tls_port = _two_ports()
    names = {"folder": folder, "user": user, "group": group, "port": port, "tls_port": tls_port, "password": PASSWORD}
    names |= {"cert": certificate[0], "key": certificate[1]}
    (folder / "conf").write_text((CONFIG + ("" if root else NOT_ROOT)).format(**names))
    with token_server() as tokens:
        (folder / "oauth2.conf").write_text(OAUTH2.format(port=tokens.port))
        server = Dovecot(folder, port, tls_port, tokens)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder)
