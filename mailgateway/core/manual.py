"""The manual: every line that somebody may write, by his roles, made of the same tables that read and judge them."""

from __future__ import annotations

from collections.abc import Iterator

from mailgateway.core.lists import Chapter
from mailgateway.core.messages import Line
from mailgateway.core.phrases import ACTS_WITH_VERB, Labels
from mailgateway.core.printed import ADDRESSED, line_of, listing
from mailgateway.core.workflow import QUERIES, Act, Role, doers

ANYBODY = "anybody"
_ANYBODYS = QUERIES | {Act.OPEN}
#: What a mere reply does: nobody needs a line for it.
_BY_ANSWERING = frozenset({(Role.REQUESTER, Act.RESUME)})
_CHAPTERS = (Role.REQUESTER, Role.APPROVER, Role.AGENT)
#: Whole-line words that mails print instead of the verb, by their key in `[printed]`.
_IN_WORDS = {Act.APPROVE: "approve", Act.REJECT: "reject", Act.CLOSE: "close"}
#: Acts whose argument is one of `[printed]`.
_ARGUMENTS = {
    **dict.fromkeys(ADDRESSED, "address"),
    Act.CHANGE_QUEUE: "queue",
    Act.FAQ: "terms",
}
_NUMBERED = frozenset({Act.STATUS, Act.MERGE})
_SAMPLE_NUMBER = "1042"


def chapters(roles: frozenset[Role], labels: Labels) -> tuple[Chapter, ...]:
    """What somebody with these roles may write, what everybody may write first."""
    names = (ANYBODY, *(role for role in _CHAPTERS if role in roles))
    return tuple(Chapter(name, tuple(example(act, labels) for act in _acts(name))) for name in names)


def example(act: Act, labels: Labels) -> Line:
    """The line that asks for an act, with what has to be written behind it."""
    verb = labels.verbs[act]
    match act:
        case Act.LIST:
            return Line(listing(verb, labels.views["mine"]), "", act)
        case Act.RATE:
            return Line(f"{verb} 5", "", act)
        case Act.CHANGE_PRIORITY:
            return Line(f"{verb} {labels.priorities['high'].lower()}", "", act)
        case _ if act in _NUMBERED:
            return Line(f"{verb} ", _SAMPLE_NUMBER, act)
        case _ if act in _ARGUMENTS:
            return Line(f"{verb} ", labels.printed[_ARGUMENTS[act]], act)
        case _ if act in _IN_WORDS:
            word, placeholder = labels.printed[_IN_WORDS[act]], labels.placeholders.get(act, "")
            return Line(f"{word}: ", placeholder, act) if placeholder else Line(word, "", act)
        case _:
            return line_of(act, labels)


def _acts(name: str) -> Iterator[Act]:
    """The acts of a chapter, as far as they are done by mail; who opened a ticket and who follows it share one."""
    if name == ANYBODY:
        return (act for act in ACTS_WITH_VERB if act in _ANYBODYS)
    roles = frozenset({name, Role.FOLLOWER} if name == Role.REQUESTER else {name})
    return (act for act in ACTS_WITH_VERB if roles & doers(act) and (name, act) not in _BY_ANSWERING)
