"""Claims of processes that are gone: free again at once, not when their lease is over.

A holder is named `host/pid/random`, by `process` and by `deliver`.
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from mailgateway.steps.context import Gateway
from mailgateway.store import inbox, outbox


def release_dead(gateway: Gateway) -> None:
    """Free what dead processes of this host held; such mails run one by one from now on."""
    host = socket.gethostname()[:40]
    with gateway.database.write() as connection:
        for holder in inbox.holders(connection, host):
            if _is_gone(_pid(holder)):
                inbox.release(connection, holder, alone=True)
        for holder in outbox.holders(connection, host):
            if _is_gone(_pid(holder)):
                outbox.release(connection, holder)


def _is_gone(pid: int) -> bool:
    """Whether no process has this id, or only one that is dead and not yet buried."""
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state in "ZX"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _pid(holder: str) -> int:
    return int(holder.split("/")[-2])
