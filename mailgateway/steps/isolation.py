"""Work in a child process that may hang or die without taking anybody along: the parent watches and outlives it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import select
import signal
from collections.abc import Callable
from enum import Enum

from mailgateway.core.errors import Temporary
from mailgateway.steps import journal

log = logging.getLogger(__name__)

Beat = Callable[[], None]
MEMORY = 1 << 30  # bytes of data that a child may hold: no mail takes the machine's memory from the others
_LATER = 75  # EX_TEMPFAIL of sysexits(3)


class End(Enum):
    """How a child ended. `LATER`: trouble of ours that passes, such as a database that is away, and no fault of its."""

    DONE = "done"
    LATER = "later"
    FAILED = "failed"


_ENDS: dict[int | None, End] = {0: End.DONE, _LATER: End.LATER}


def run(work: Callable[[Beat], None], deadline: float) -> End:
    """Run `work` in a forked child; it has failed if it raised, died, fell silent or wanted more than `MEMORY`.

    `work` is given a function to call whenever it gets on; a child that does not for `deadline` seconds is killed.
    It is forked, not spawned: a child costs milliseconds, with all templates and tables loaded.
    """
    read_end, write_end = os.pipe()
    child = multiprocessing.get_context("fork").Process(
        target=_child, args=(work, read_end, write_end), name=multiprocessing.current_process().name, daemon=True
    )
    child.start()
    os.close(write_end)
    try:
        while _beats(read_end, deadline):
            pass
        if child.is_alive() and not _ends(child, deadline=1.0):
            child.kill()
        child.join()
        return _ENDS.get(child.exitcode, End.FAILED)
    finally:
        os.close(read_end)
        if child.is_alive():
            child.kill()
        child.join()
        child.close()


def _child(work: Callable[[Beat], None], read_end: int, write_end: int) -> None:
    os.close(read_end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when the work ends
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        work(lambda: _beat(write_end))
    except Temporary as error:
        log.warning("a child has to wait: %s", error)
        raise SystemExit(_LATER) from None
    except Exception as error:
        log.warning("a child failed: %s", journal.said(error))
        raise SystemExit(1) from None


def _beat(write_end: int) -> None:
    os.write(write_end, b".")


def _beats(read_end: int, deadline: float) -> bool:
    """Whether the child got on within the deadline; False also once it is over."""
    ready, _, _ = select.select([read_end], [], [], deadline)
    return bool(ready) and os.read(read_end, 4096) != b""


def _ends(child: multiprocessing.context.ForkProcess, deadline: float) -> bool:
    child.join(deadline)
    return not child.is_alive()
