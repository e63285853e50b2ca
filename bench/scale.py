"""What one mail, one page of a list and one search cost in small and in large desks. `python -m bench.scale`.

The desks are made by `bench.fill` and used side by side in one run. A cost is compared with that in the smallest desk.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable

from bench import fill, scene
from bench.figures import Figure, Lap, interleaved, rate, ratio, report, timed
from bench.station import NOW, Station, station
from mailgateway.core import keys
from mailgateway.steps import process

SIZES = (1_000, 100_000, 1_000_000)
MOST = 1.3  # times the cost in the smallest desk
MAILS, PAGES, ALONE = 100, 20, 10  # in a round

Work = Callable[[Station, int], Lap]  # on a desk with so many old tickets


def filled(stack: contextlib.ExitStack, tickets: int) -> Station:
    """A desk with so many old tickets and a FAQ."""
    desk = stack.enter_context(station())
    fill.fill(desk.folder / "desk.db", tickets)
    desk.gateway.database.close()
    desk.learn()
    return desk


def old_comments(desk: Station, tickets: int) -> list[bytes]:
    """Requesters write once more on tickets of a year ago, spread over all of them."""
    words, mails = "Continua parada, e agora a luz ficou vermelha.", []
    for number in desk.fresh(MAILS):
        index = number * 7919 % tickets
        if fill.STATUSES[index % 50] not in ("waiting", "in_service"):
            index += (1 - index) % 50 - 50 * (index + 50 > tickets)
        address = keys.address(fill.KEYS * index + 1, scene.QUEUE, desk.gateway.secrets[0])
        author = f"pessoa{index % fill.Past(tickets).people}@cliente.example"
        mails.append(scene.letter(number, words, author=author, to=address, subject=f"RES: Impressora {index}"))
    return mails


def asked(desk: Station, author: str, line: str) -> Lap:
    """The same question by mail, some twenty times."""
    mails = [scene.letter(n, line, author=author, to=scene.QUEUE, subject="Consulta") for n in desk.fresh(PAGES)]
    return desk.lap(mails, "answered", 1)


def alone(desk: Station) -> Lap:
    """Mails that come one by one, each through the whole of `drain`, its child included."""
    with timed(ALONE) as laps:
        for number in desk.fresh(ALONE):
            desk.take([scene.plain(number)])
            process.drain(desk.gateway, lambda: NOW)
    return Lap(ALONE, laps[0].seconds)


#: What is measured; with a target where the issue names one.
KINDS: tuple[tuple[str, Work, float | None], ...] = (
    (
        "new ticket, in a batch",
        lambda desk, _: desk.lap([scene.plain(n) for n in desk.fresh(MAILS)], "opened", 3),
        MOST,
    ),
    ("new ticket, one by one with drain", lambda desk, _: alone(desk), MOST),
    ("comment on an old ticket", lambda desk, size: desk.lap(old_comments(desk, size), "commented", 2), MOST),
    ("page of a requester's list", lambda desk, _: asked(desk, scene.author_of(7), "#chamados meus"), MOST),
    ("page of the agent's list", lambda desk, _: asked(desk, scene.ANA, "#chamados todos"), MOST),
    ("page of the approver's list", lambda desk, _: asked(desk, scene.MARIA, "#chamados ag minha aprovação"), MOST),
    ("search of the FAQ", lambda desk, _: asked(desk, scene.author_of(8), "#faq impressora não imprime"), MOST),
)


def measure(sizes: tuple[int, ...] = SIZES, rounds: int = 3) -> list[Figure]:
    """Every kind of work on every desk, in turn."""
    figures = []
    with contextlib.ExitStack() as stack:
        desks = {size: filled(stack, size) for size in sizes}
        for what, work, most in KINDS:
            laps = interleaved(
                {f"{what}, {size:,}": lambda d=desk, s=size, w=work: w(d, s) for size, desk in desks.items()}, rounds
            )
            some = list(laps.values())
            figures += [rate(name, lap, "/s") for name, lap in laps.items()]
            for size, lap in list(zip(sizes, some, strict=True))[1:]:
                bound = most if size == sizes[-1] else None
                figures.append(ratio(f"cost, {size:,} : {sizes[0]:,}: {what}", some[0], lap, most=bound))
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of old tickets")
    report("scale", measure(tuple(parser.parse_args().sizes)))
