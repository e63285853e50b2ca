"""What a quoted line is: one that a mail program marked with ">"."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"[ \t]{0,16}[A-Z]{0,3}>")


def is_quoted(line: str) -> bool:
    """Whether the line begins with a quotation mark: ">", or with initials "AB>"."""
    return ">" in line[:20] and bool(_QUOTED.match(line))
