"""Greetings, thanks and closings: words around the point, which are kept but decide nothing."""

from __future__ import annotations

from mailgateway.core.phrases import Intent, Phrases
from mailgateway.core.words import fold, separate

_POLITE = frozenset({Intent.THANKS, Intent.CLOSING})
_GREETINGS = 2  # lines
_NAME_WORDS = 3
_MOST_LINES = 8  # nobody is polite for longer
_BRIEF, _BRIEF_WORDS = 100, 10  # characters and words
_LONGEST = 80  # characters; what is longer says more than hello


def after_greetings(lines: list[str], phrases: Phrases) -> int:
    """The index of the first line with words that is no greeting; at most two greetings are passed over."""
    greetings = 0
    for index, line in enumerate(lines):
        if not line.strip():
            continue
        if greetings == _GREETINGS or not is_greeting(line, phrases):
            return index
        greetings += 1
    return len(lines)


def is_greeting(line: str, phrases: Phrases) -> bool:
    """Whether a line is like "Bom dia, Ana!": words of the closed list and at most a name."""
    rest = without_greeting(line, phrases)
    if rest is None or "?" in rest:
        return False
    known = rest in phrases.intents or rest in phrases.scores or rest.startswith(phrases.near)
    return not known and len(rest.split()) <= _NAME_WORDS and not phrases.vetoed(rest) and not _has_digit(rest)


def without_greeting(line: str, phrases: Phrases) -> str | None:
    """The folded words behind the greeting; None where the line does not begin with one."""
    if len(line) > _LONGEST:
        return None
    words = fold(line).rstrip(",").split()
    for count in (3, 2, 1):
        if " ".join(words[:count]).rstrip(",.!:-") in phrases.greetings:
            return " ".join(words[count:]).lstrip(",.!:- ")
    return None


def is_courtesy(text: str, phrases: Phrases) -> bool:
    """Whether all there is are thanks and closings, each with at most two short lines for a name below it."""
    names_left = 0
    lines = [line for line in text.split("\n", 2 * _MOST_LINES) if line.strip()]
    if len(lines) > _MOST_LINES:
        return False
    for line in lines:
        if is_polite(line, phrases):
            names_left = 2
        elif names_left and _is_name(line):
            names_left -= 1
        elif not is_greeting(line, phrases):
            return False
    return True


def has_thanks(text: str, phrases: Phrases) -> bool:
    """Whether some line thanks."""
    return any(Intent.THANKS in _politeness(line, phrases) for line in text.split("\n"))


def is_brief_remark(text: str, phrases: Phrases) -> bool:
    """Whether a text is a few words that ask for nothing and speak of no trouble: "Recebido, vou avisar a equipe"."""
    words = fold(text[: 2 * _BRIEF])
    return len(text) <= _BRIEF and len(words.split()) <= _BRIEF_WORDS and not phrases.trouble.search(words)


def is_polite(line: str, phrases: Phrases) -> bool:
    """Whether a line is like "Obrigado!", "Obrigado, João" or "Atenciosamente,"."""
    return bool(_politeness(line, phrases))


def _politeness(line: str, phrases: Phrases) -> frozenset[Intent]:
    if len(line) > _LONGEST:
        return frozenset()
    head, _, rest = separate(line)
    intents = phrases.intents.get(fold(head), frozenset()) & _POLITE
    return intents if not rest or _is_name(rest) or is_polite(rest, phrases) else frozenset()


def _is_name(line: str) -> bool:
    """A few capitalised words ("João da Silva", "Depto. Fiscal"); "impressora quebrou" is none."""
    words = line.strip(" \r.,!-").split()
    return len(words) <= _NAME_WORDS + 1 and all(w.istitle() or (len(w) <= 3 and w.isalpha()) for w in words)


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)
