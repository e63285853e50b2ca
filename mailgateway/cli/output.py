"""How commands answer: JSON for scripts, tables for people. Keys of reply addresses are shown nowhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any

from mailgateway.core.keys import hidden
from mailgateway.core.people import Mailbox, Person
from mailgateway.core.workflow import STANDINGS, Status, Tone

if TYPE_CHECKING:
    from rich.console import Console

#: What a terminal makes of the tones; the glyph is the first signal.
COLOURS = {
    Tone.SLATE: "bright_blue",
    Tone.BLUE: "blue",
    Tone.AMBER: "yellow",
    Tone.VIOLET: "magenta",
    Tone.RED: "red",
    Tone.GREEN: "green",
    Tone.GREY: "bright_black",
}

Row = Mapping[str, Any]


def moment(at: datetime | None) -> str | None:
    """ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def person(who: Person | Mailbox | None) -> dict[str, str] | None:
    """A person as JSON."""
    return {"name": who.name, "email": hidden(who.email)} if who else None


def print_json(value: object) -> None:
    """One value on one line; in ASCII where stdout could not carry it."""
    line = json.dumps(value, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:  # another locale, or a mail with half a character
        line = json.dumps(value)
    sys.stdout.write(line + "\n")


# ---- for people


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its head and what it shows of a row. `grow`: takes the room that is left."""

    title: str
    show: Callable[[Row], object]
    grow: int = 0
    right: bool = False


def console() -> Console:
    """Where people read; the width is the terminal's, or 100 columns where there is none."""
    from rich.console import Console

    wide = Console(highlight=False)
    return wide if wide.is_terminal or "COLUMNS" in wide._environ else Console(highlight=False, width=100)


def say(text: str, style: str = "") -> None:
    """One line for a person; nothing in it is markup."""
    console().print(text, style=style or None, markup=False, soft_wrap=True)


def show_list(rows: Iterable[Row], columns: Sequence[Column], *, as_json: bool, empty: str) -> None:
    """A list as JSON, one object a line, or as a table; `empty` is the sentence for an empty table."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    shown = list(rows)
    if shown:
        console().print(table(shown, columns))
    else:
        say(empty)


def table(rows: Sequence[Row], columns: Sequence[Column]) -> Any:
    """Rows as a table with thin lines; a column that is empty in all of them is left out."""
    from rich import box
    from rich.table import Table

    made = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold cyan", padding=0, collapse_padding=True
    )
    columns = [c for c in columns if any(c.show(row) not in (None, "") for row in rows)]
    for column in columns:
        made.add_column(
            column.title,
            justify="right" if column.right else "left",
            no_wrap=not column.grow,
            overflow="fold" if column.grow else "ellipsis",
            ratio=column.grow or None,
        )
    made.expand = any(column.grow for column in columns)
    for row in rows:
        made.add_row(*(cell(column.show(row)) for column in columns))
    return made


def cell(value: object) -> Any:
    """A value as a cell; a string is plain text, a status has its glyph and colour."""
    from rich.text import Text

    if isinstance(value, Status):
        return status(value)
    return Text("" if value is None else str(value))


def status(value: Status) -> Any:
    """A status with its glyph, in its colour."""
    from rich.text import Text

    standing = STANDINGS[value]
    return Text(f"{standing.glyph} {value.replace('_', ' ')}", style=COLOURS[standing.tone])


def local(at: str | datetime | None, zone: tzinfo) -> str:
    """A moment in the desk's zone, to the minute."""
    if not at:
        return ""
    at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def named(who: Mapping[str, str] | None) -> str:
    """A person's name, or the address where nobody knows it."""
    return (who["name"] or who["email"]) if who else ""


def facts(pairs: Iterable[tuple[str, object]]) -> Any:
    """Labels and values, one a line; what has no value is left out."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="cyan", no_wrap=True)
    grid.add_column(overflow="fold")
    for label, value in pairs:
        if value not in (None, "", (), []):
            grid.add_row(label, cell(value))
    return grid
