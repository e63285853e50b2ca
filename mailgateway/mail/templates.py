"""A notice and a language → subject, text and HTML.

The words of a notice stand once, in `templates/mail/<language>/<notice>.txt`. Two environments read it: one draws it as
plain text, the other, through `<notice>.html`, as the sheet; both know the same macros by the name `m`. A user's folder
wins over the shipped one, file by file.

A mail is rendered once for everybody who gets it in the same role. What differs between them (first name, reply
address, leave address) is rendered as a mark that nobody can guess, and filled in per person.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup, escape

from mailgateway import resources
from mailgateway.core.errors import Misconfigured
from mailgateway.core.messages import Line
from mailgateway.core.notices import NAMES, Notice
from mailgateway.core.workflow import STANDINGS, Status
from mailgateway.mail.facts import facts
from mailgateway.mail.lists import Lists
from mailgateway.mail.words import NEUTRAL, Desk, Words

__all__ = ["Desk", "Rendered", "Templates"]

LANGUAGES = resources.languages()
WIDTH = 72
LONGEST_TEXT = 20_000  # characters of what somebody said; a mail is no archive
LONGEST_SUBJECT = 60  # of the ticket's subject in a mailto link: all of a link stays far below 1,500
EVERY = "every"  # the palette of a mail that shows several statuses
DEEP = 8  # no line is indented further before it wraps

_SECRET = secrets.token_hex(8)
DEAR, REPLY, LEAVE = (f"{word}.{_SECRET}." for word in ("dear", "reply", "leave"))


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words, for everybody who gets it in this role; `filled` makes it one person's."""

    subject: str
    text: str
    html: str

    def filled(self, first_name: str, reply_to: str, leave_to: str = "") -> Rendered:
        """With the person's name in the heading and his addresses in the links, the text wrapped."""
        first_name = " ".join(first_name.split())
        subject = _greeted(self.subject, first_name)
        html = _greeted(self.html, str(escape(first_name)))
        if REPLY in html:
            html = html.replace(REPLY, _in_link(reply_to))
        if LEAVE in html:
            html = html.replace(LEAVE, _in_link(leave_to or reply_to))
        return Rendered(subject, _wrapped(_greeted(self.text, first_name)), html)


class Templates:
    """Every template, compiled once, when it is first needed.

    `folders` hold `mail/<language>/…`; the first folder that has a file wins. The first language stands in for one that
    nobody wrote.
    """

    def __init__(
        self, folders: Sequence[Path], zone: ZoneInfo, desk: Desk, languages: Iterable[str] = LANGUAGES
    ) -> None:
        self.languages = tuple(languages)
        self._folders, self._zone, self._desk = tuple(folders), zone, desk
        self._words: dict[str, Words] = {}
        self._environments: dict[str, tuple[Environment, Environment]] = {}
        self._pairs: dict[tuple[str, str], tuple[Template, Template]] = {}

    def render(self, notice: Notice, language: str) -> Rendered:
        """The mail of a notice. Uses nothing of `notice.to`: see `Rendered.filled`."""
        language = language if language in self.languages else self.languages[0]
        text, html = self._pairs.get((language, notice.name)) or self._compiled(language, notice.name)
        values = _values(notice, self._words[language].verbs.leave)
        subject, _, words = text.render(values).partition("\n")  # see _layout.txt
        mail = Rendered(subject, _tidy(words), html.render(values))
        return mail if not values["quiet"] else Rendered(*(_greeted(p, "") for p in (subject, mail.text, mail.html)))

    def compile_all(self) -> None:
        """Every template now: for a service that is to be quick from its first mail on, and for `check`."""
        for language in self.languages:
            for name in NAMES:
                self._compiled(language, name)

    def _compiled(self, language: str, name: str) -> tuple[Template, Template]:
        try:
            text, html = self._environments.get(language) or self._prepared(language)
            pair = text.get_template(f"{name}.txt"), html.get_template(f"{name}.html")
        except TemplateNotFound as error:
            raise Misconfigured(f"the template {error.name} is missing; look into mail/{language}") from None
        except TemplateSyntaxError as error:
            raise Misconfigured(f"{error.filename}, line {error.lineno}: {error.message}; mend it") from None
        for template in pair:
            template.globals = dict(template.globals)  # each rendering copies them, which takes long from a ChainMap
        self._pairs[language, name] = pair
        return pair

    def _prepared(self, language: str) -> tuple[Environment, Environment]:
        words = self._words[language] = Words(language, self._folders, self._zone, self._desk)
        pair = _environment(self._folders, words, "txt"), _environment(self._folders, words, "html")
        self._environments[language] = pair
        return pair


def _environment(folders: Sequence[Path], words: Words, kind: str) -> Environment:
    """Where the templates of one language and kind live, with all that is the same for each of its mails."""
    places = [place for f in folders for place in (f / "mail" / words.language, f / "mail")]
    environment = Environment(
        loader=FileSystemLoader(places),
        undefined=StrictUndefined,
        autoescape=kind == "html",  # noqa: S701 - the other kind is plain text
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters |= {"said": _said, "indented": _indented, "snippet": _snippet, "oneline": _one_line}
    environment.globals |= {
        **{"layout": f"_layout.{kind}", "language": words.language, "desk": words.desk},
        **{"w": words.w, "words": words, "verbs": words.verbs, "dear": DEAR, "standings": STANDINGS},
        **{"moment": words.moment, "day": words.day, "deadline": words.deadline, "mailto": _mailto},
        **{"lists": Lists(words), "in_link": _in_link},
        "facts": lambda notice, keys: facts(words, notice, keys),
        "score_link": lambda score, number, title: _mailto(Line(f"{words.verbs.rate} {score}"), number, title),
        "leave_link": lambda number, title: _mailto(Line(words.verbs.leave), number, title, LEAVE),
    }
    macros: Any = environment.get_template(f"_macros.{kind}").module
    # What depends on the status alone is drawn once.
    trails = {status.value: macros.trail(words.trail(status), status) for status in Status}
    styles = {status: macros.style(status) for status in ("", *trails, EVERY)} if kind == "html" else {}
    environment.globals |= {"m": macros, "trails": trails, "styles": styles}
    return environment


def _values(notice: Notice, leave: str) -> dict[str, Any]:
    """What a template may use of one notice; nothing of a sender where only our own words may be in it."""
    ticket, neutral = notice.ticket, notice.name == "refused" and notice.reason in NEUTRAL
    quiet = notice.own_words_only or neutral
    known = ticket is not None and not neutral
    actor = notice.actor
    status = ticket.status.value if ticket and known else ""
    return {
        "n": notice,
        "t": ticket if known else None,
        "number": str(ticket.number) if ticket and known else "",
        "title": ticket.subject if ticket and not quiet else "",
        "quiet": quiet,
        # A follower's way out stands in the footer.
        "lines": [n for n in notice.lines if not neutral and (notice.role != "follower" or n.text != leave)],
        "who": (actor.first_name or actor.email) if actor and not quiet else "",
        "status": status,
        "palette": EVERY if len({row.status for row in notice.listed}) > 1 else status,
    }


def _mailto(line: Line, number: str, title: str, address: str = REPLY) -> Markup:
    """A link that opens a finished mail: the line to send is its body, and nothing below it could veto it."""
    body = f"{line.text.strip()} " if line.placeholder else line.text.strip()
    tag = f"Re: {f'[#{number}] ' if number else ''}{title[:LONGEST_SUBJECT]}".strip()
    return Markup("mailto:{}?subject={}&amp;body={}").format(address, _percent(tag), _percent(body))


def _percent(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _in_link(address: str) -> str:
    """An address in a mailto link (RFC 6068 section 2); "+" too, which some clients read as a blank."""
    return quote(address, safe="@", errors="replace")


def _greeted(text: str, first_name: str) -> str:
    """Each heading with its name before it, or with a capital letter where there is none."""
    head, *rest = text.split(DEAR)
    if first_name:
        return head + "".join(f"{first_name}, {piece}" for piece in rest)
    return head + "".join(_capital(piece) for piece in rest)


def _capital(text: str) -> str:
    start = 1 if text.startswith("¿") else 0
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def _cut(text: str, mark: str) -> str:
    text = text.strip("\n").rstrip()
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT].rstrip()}…\n\n{mark}"


def _said(text: str, mark: str = "") -> Markup:
    """Somebody's words in HTML: escaped, their lines kept."""
    return Markup(str(escape(_cut(text, mark))).replace("\n", "<br>\n"))  # noqa: S704 - escaped one call before


def _indented(text: str, mark: str = "") -> str:
    """Somebody's words in plain text: set in by two, so that nothing in them looks like ours."""
    return "\n".join(f"  {line}".rstrip() for line in _cut(text, mark).splitlines())


def _snippet(text: str) -> str:
    """How a text begins, for the preview of a mailbox."""
    text = " ".join(text[:400].split())
    return text if len(text) <= 90 else f"{text[:88].rpartition(' ')[0] or text[:88]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _tidy(text: str) -> str:
    """Plain blanks, none at line ends, one empty line between paragraphs."""
    lines: list[str] = []
    for line in text.replace("\xa0", " ").splitlines():
        line = line.rstrip()
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n"


def _wrapped(text: str) -> str:
    """Every line at most 72 wide, its own indentation kept; what has no blanks stays whole."""
    return "\n".join(line if len(line) <= WIDTH else _folded(line) for line in text.split("\n"))


def _folded(line: str) -> str:
    if line.startswith("    "):
        return line
    words = line.split()
    indent = line[: min(len(line) - len(line.lstrip()), DEEP)]
    parts, left = [indent, words[0]], WIDTH - len(indent) - len(words[0])
    for word in words[1:]:
        left -= len(word) + 1
        if left < 0:
            parts.append(f"\n{indent}{word}")
            left = WIDTH - len(indent) - len(word)
        else:
            parts.append(f" {word}")
    return "".join(parts)
