"""A client of its own process that hands in new tickets by SMTP. `client.py PORT FIRST COUNT CONNECTIONS RATE`.

`smtp-source` writes no mail that its author could be believed for. RATE is in mails a second, whatever the server does
meanwhile; 0 = as fast as it takes them. Prints JSON: number → when 250 came, by the clock that all processes share.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench import scene

_TAKEN = b"250"
Mails = asyncio.Queue[tuple[int, bytes] | None]  # None: there are no more


async def _answer(reader: asyncio.StreamReader, wanted: bytes) -> None:
    """The end of one answer, which must begin so."""
    while (line := await reader.readline())[3:4] == b"-":
        pass
    if not line.startswith(wanted):
        raise RuntimeError(f"wanted {wanted.decode()}, got {line.decode(errors='replace')}")


async def _connection(port: int, mails: Mails, taken: dict[int, float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _answer(reader, b"220")
    writer.write(b"EHLO mx.aurora.example\r\n")
    await _answer(reader, _TAKEN)
    while (mail := await mails.get()) is not None:
        number, raw = mail
        commands = (f"MAIL FROM:<{scene.author_of(number)}>", f"RCPT TO:<{scene.QUEUE}>", "DATA\r\n")
        writer.write("\r\n".join(commands).encode())
        for wanted in (_TAKEN, _TAKEN, b"354"):
            await _answer(reader, wanted)
        writer.write(raw + b".\r\n")
        await _answer(reader, _TAKEN)
        taken[number] = time.monotonic()
    writer.write(b"QUIT\r\n")
    writer.close()


async def _hand_in(port: int, numbers: Sequence[int], connections: int, rate: float) -> dict[int, float]:
    taken: dict[int, float] = {}
    mails: Mails = asyncio.Queue()
    written = [(number, scene.plain(number)) for number in numbers]
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_connection(port, mails, taken))
        for index, mail in enumerate(written):
            if rate:
                await asyncio.sleep(began + index / rate - time.monotonic())
            mails.put_nowait(mail)
        for _ in range(connections):
            mails.put_nowait(None)
    return taken


def hand_in(port: int, numbers: range, connections: int = 20, rate: float = 0) -> dict[int, float]:
    """Run it in a process of its own; returns when each mail was taken."""
    said = (port, numbers.start, len(numbers), connections, rate)
    command = [sys.executable, "-m", "bench.client", *map(str, said)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[1])
    return {int(number): moment for number, moment in json.loads(done.stdout).items()}


if __name__ == "__main__":
    port, first, count, connections = map(int, sys.argv[1:5])
    print(json.dumps(asyncio.run(_hand_in(port, range(first, first + count), connections, float(sys.argv[5])))))
