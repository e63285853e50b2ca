"""ClamAV's daemon: bytes in, the name of what it found in them out (clamd(8), INSTREAM)."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterator

from mailgateway.core.errors import Permanent, Temporary

_CHUNK = 1 << 16  # bytes sent at a time
_ANSWER = 4096  # bytes that an answer may have


class Clamd:
    """A running daemon, by "host:port" or the path of its socket; `timeout` in seconds."""

    def __init__(self, address: str, timeout: float) -> None:
        self._address, self._timeout = address, timeout

    def scan(self, content: bytes) -> str:
        """The name of the malware in these bytes; "" where there is none, or where they are too large for it.

        Raises `Temporary` where it is away, `Permanent` where these very bytes keep it busy for too long.
        """
        try:
            with self._connected() as sock:
                answer = self._ask(sock, content)
        except OSError as error:
            raise Temporary(f"clamd at {self._address} cannot be asked now: {error}") from error
        if answer.endswith(" FOUND"):
            return answer.removeprefix("stream: ").removesuffix(" FOUND")
        if answer.endswith(" OK") or "size limit exceeded" in answer:
            return ""
        raise Temporary(f"clamd at {self._address} says {answer!r}")

    def _ask(self, sock: socket.socket, content: bytes) -> str:
        try:
            # It closes its side where the limit is reached; what it said before is still to be read.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                sock.sendall(b"zINSTREAM\0")
                for start in range(0, len(content), _CHUNK):
                    part = content[start : start + _CHUNK]
                    sock.sendall(struct.pack("!I", len(part)) + part)
                sock.sendall(struct.pack("!I", 0))
            return _until_nul(sock)
        except TimeoutError as error:
            raise Permanent(f"clamd at {self._address} could not scan it within {self._timeout:g} s") from error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        is_path = self._address.startswith("/")
        host, _, port = self._address.rpartition(":")
        with socket.socket(socket.AF_UNIX) if is_path else socket.create_connection((host, int(port)), 10) as sock:
            sock.settimeout(self._timeout)
            if is_path:
                sock.connect(self._address)
            yield sock


def _until_nul(sock: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < _ANSWER:
        part = sock.recv(_ANSWER)
        if not part:
            break
        answer += part
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()
