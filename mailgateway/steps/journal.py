"""What the log says: a line for each mail and stage, all under the id of the mail that brought them about.

    stage=accepted mail=17 source=smtp bytes=2311 peer=192.0.2.7 ms=3.9
    stage=processed mail=17 outcome=opened ticket=12 ms=4.2
    stage=sent mail=17 outbox=40 ticket=12 attempt=1 code=250 ms=1.3

Ids, outcomes, codes and durations, and nothing that a mail says: no name, address, subject or key of a reply address.
The peer's network address stands at the acceptance alone, where abuse is looked for. The text of an exception may hold
a piece of a mail, so the log gets its type and its place.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import traceback
from pathlib import Path

from mailgateway.core.errors import GatewayError

_SPLITS = re.compile(r"[\s\"=]")
_FRAMES = 8  # of a fault that are told, the innermost first


def line(stage: str, seconds: float | None = None, **facts: object) -> str:
    """One line of `key=value`; what is None or "" is left out. `seconds` that the stage took for this one mail."""
    told = [f"{key}={_quoted(fact)}" for key, fact in facts.items() if fact is not None and fact != ""]
    return " ".join((f"stage={stage}", *told, *(() if seconds is None else (f"ms={seconds * 1000:.1f}",))))


def _quoted(fact: object) -> object:
    return json.dumps(fact) if isinstance(fact, str) and _SPLITS.search(fact) else fact


def said(error: BaseException) -> str:
    """What may be told of an exception: the words of ours and of the system's, of any other its type and place."""
    return str(error) if isinstance(error, (GatewayError, OSError)) else fault(error)


def fault(error: BaseException) -> str:
    """The type of an exception and where it came from, without its words."""
    places = [f"{Path(f.f_code.co_filename).name}:{line}" for f, line in traceback.walk_tb(error.__traceback__)]
    return f"fault={type(error).__name__} at={'<'.join(places[: -_FRAMES - 1 : -1])}"


class OneLine(logging.Formatter):
    """A record as one line: of what libraries say the first one, of an exception its type and place."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. asyncio writes an exception's words into its second one, a traceback ends with them."""
        record.asctime, record.message = self.formatTime(record), record.getMessage().partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        return " ".join((self.formatMessage(record), *((fault(error),) if error else ())))


class Lines(logging.Handler):
    """Each record is one write to a file descriptor: no line is torn by those of other processes, and no lock of a
    stream is left for ever in a child that was forked while another thread wrote.
    """

    def __init__(self, to: int) -> None:
        super().__init__()
        self._to = to

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; where nobody listens any more the work goes on."""
        with contextlib.suppress(OSError):
            os.write(self._to, f"{self.format(record)}\n".encode("utf-8", "backslashreplace"))


def set_up() -> None:
    """Write everything from INFO on to stderr; before a line for systemd's journal stands no time, it has its own."""
    stderr = sys.stderr.fileno()
    found = os.fstat(stderr)
    is_journal = os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"  # systemd.exec(5)
    handler = Lines(stderr)
    handler.setFormatter(OneLine(f"{'' if is_journal else '%(asctime)s '}%(processName)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
