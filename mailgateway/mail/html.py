"""HTML to text, and HTML to harmless HTML.

The walker is iterative: hostile mails nest twenty thousand `div`s. What a browser would not show (`display:none`,
preheaders, scripts) is not text, so that hidden words can neither mislead people nor command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from mailgateway.mail.bounded_html import bounded, names
from mailgateway.mail.charset import clean

LONGEST: Final = 1_500_000
MOST_MARKS: Final = 10  # ">" before a line; deeper quotations would make text grow with the square of the HTML


_SKIPPED = names("head script style title template noscript object iframe svg math select textarea")
_BLOCKS = names(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header"
    " hr html li main nav ol p pre section table tbody tfoot thead tr ul"
)
_SPACED = names("p h1 h2 h3 h4 h5 h6 ul ol table blockquote pre")
# The ways in which mails hide a preheader, or words that only a machine should read: not shown, no height, far off.
_NOTHING = r"\s*:\s*(?:0+(?:\.0*)?|\.0+)(?:px|pt|em|rem|%)?\s*(?:!important\s*)?(?:;|$)"
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|text-indent\s*:\s*-\d{3}|\b(?:left|top)\s*:\s*-\d{4}"
    rf"|(?:font-size|max-height|opacity){_NOTHING}",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"/\*[^*]*\*/")
_BLANKS = re.compile(r"[ \t\r\n\f]+")

# What mail programs put around the mail that is answered.
_QUOTE_CLASSES = (
    *("yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "gmail_attr", "tutanota_quote", "freshdesk_quote"),
    *("ms-outlook-mobile-reference-message", "OLK_SRC_BODY_SECTION", "messageReplySection", "__QUOTED_TEXT__"),
)
# Outlook and Zimbra wrap nothing: the answered mail is everything behind these.
_QUOTE_IDS = ("divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container", "stopSpelling", "zwchr")
QUOTE_WRAPPERS: Final = (*_QUOTE_CLASSES, *_QUOTE_IDS, "gmail_quote", "<blockquote")
_OUTLOOK_RULE = re.compile(r"border(?:-top)?\s*:[^;]*solid\s+#(?:E1E1E1|B5C4DF)", re.I)


def to_text(html: str) -> str:
    """The text that a reader sees, quotations marked with "> ". Never raises."""
    root = LexborHTMLParser(bounded(clean(html[:LONGEST]))).root
    return _Walk().over(root) if root is not None else ""


class _Walk:
    """One pass over the nodes in the order of the document."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quotes = 0  # open quotations
        self.leads = 0  # open gmail_quote wrappers in which no blockquote has begun: the attribution line
        self.pres = 0
        self.lists: list[int] = []  # for each open list the next number, 0 where it has bullets
        self.blank_owed = False

    def over(self, root: LexborNode) -> str:
        waiting: list[LexborNode | tuple[str, ...]] = [root]
        while waiting:
            item = waiting.pop()
            if isinstance(item, tuple):
                self.close(item)
                continue
            following = item.next
            if following is not None and item is not root:
                waiting.append(following)
            if item.tag == "-text":
                self.write(clean(item.text_content or ""))  # references ("&#27;") are signs only now
            elif not _is_hidden(item):
                waiting.append(self.open(item))
                if (child := item.child) is not None:
                    waiting.append(child)
        self.end_line()
        return "\n".join(self.lines).strip("\n")

    def open(self, node: LexborNode) -> tuple[str, ...]:
        """Begin an element; the answer says what its end undoes."""
        tag = node.tag or ""
        marks = self.quotation(node, tag)
        if tag in _BLOCKS or marks:
            self.end_line()
        if tag in _SPACED:
            self.blank_owed = bool(self.lines)
        if tag == "br":
            self.break_line()
        elif tag == "li":
            self.line.append(self.bullet())
        elif tag == "img":
            self.emoji(node)
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else 0)
        self.pres += tag == "pre"
        return (tag, *marks)

    def close(self, opened: tuple[str, ...]) -> None:
        tag, *marks = opened
        if tag in _BLOCKS or marks:
            self.end_line()
        if tag in _SPACED:
            self.blank_owed = bool(self.lines)
        if tag in ("td", "th") and self.line:
            self.line.append(" ")
        elif tag in ("ul", "ol"):
            self.lists.pop()
        self.pres -= tag == "pre"
        self.quotes -= "quote" in marks
        if "lead" in marks:
            self.leads = max(0, self.leads - 1)

    def quotation(self, node: LexborNode, tag: str) -> tuple[str, ...]:
        """Whether a quotation begins here, by what mail programs write."""
        if tag == "blockquote":
            self.end_line()
            self.leads = 0
            self.quotes += 1
            return ("quote",)
        if tag not in ("div", "span", "hr"):
            return ()
        attributes = node.attributes
        name = attributes.get("id") or ""
        classes = " ".join(attributes.get(key) or "" for key in ("class", "id", "name", "data-marker"))
        marks: tuple[str, ...] = ()
        if name.endswith(_QUOTE_IDS) or _OUTLOOK_RULE.search(attributes.get("style") or ""):
            self.end_line()
            self.quotes += 1  # never closed
        elif any(known in classes for known in _QUOTE_CLASSES):
            marks = ("quote",)
            self.end_line()
            self.quotes += 1
        elif "gmail_quote" in classes:
            marks = ("lead",)
            self.end_line()
            self.leads += 1
        return marks

    def bullet(self) -> str:
        if not self.lists or not self.lists[-1]:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1] - 1}. "

    def emoji(self, node: LexborNode) -> None:
        """Mail programs send an emoji as an image; other images are not text."""
        alternative = clean(node.attributes.get("alt") or "").replace("\n", "")
        if 0 < len(alternative) <= 8 and not alternative.isascii():
            self.line.append(alternative)

    def write(self, text: str) -> None:
        if self.pres:
            first, *others = text.split("\n")
            self.line.append(first)
            for other in others:
                self.break_line()
                self.line.append(other)
            return
        text = _BLANKS.sub(" ", text)
        if text == " " and not self.line:
            return
        self.line.append(text)

    def end_line(self) -> None:
        """End the line if it has begun."""
        if self.line:
            self.break_line()

    def break_line(self) -> None:
        text = "".join(self.line).replace("\xa0", " ").rstrip()
        text = text if self.pres else re.sub("  +", " ", text).lstrip()
        self.line = []
        prefix = "> " * min(self.quotes + bool(self.leads), MOST_MARKS)
        if self.blank_owed and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip())
        self.blank_owed = False
        self.lines.append((prefix + text).rstrip())


def _is_hidden(node: LexborNode) -> bool:
    tag = node.tag or ""
    if tag in _SKIPPED or tag.startswith(("-comment", "!")):
        return True
    attributes = node.attributes
    return "hidden" in attributes or bool(_HIDDEN.search(_COMMENT.sub("", attributes.get("style") or "")))


_TAGS = names(
    "a abbr b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4 h5 h6"
    " hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul"
    " var"
)
_ATTRIBUTES = {
    "*": {"style", "align", "dir", "lang", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "face", "size"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "height", "valign", "bgcolor"},
    "ol": {"start", "type"},
}
_STYLES = {
    *("color", "background-color", "font-family", "font-size", "font-style", "font-weight", "text-align"),
    *("text-decoration", "vertical-align", "line-height", "border", "border-collapse", "padding", "margin", "width"),
}


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    """Only images that came with the mail: a remote one tells its owner who reads, when and where."""
    if attribute == "style":
        return ";".join(said for said in value.split(";") if not _LOADS.search(said))
    if tag == "img" and attribute == "src" and not value.lower().startswith("cid:"):
        return None
    return value


# Functions of CSS may load and, in old programs, run something: "url(", "image-set(", "expression("; but colours.
_LOADS = re.compile(r"\\|(?<!rgb)(?<!rgba)(?<!hsl)(?<!hsla)\(", re.IGNORECASE)


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags={"script", "style", "title", "template", "noscript"},
    attributes=_ATTRIBUTES,
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto", "cid", "tel"},
    link_rel="noopener noreferrer nofollow",
    filter_style_properties=_STYLES,
)
_MOST_REFERENCES: Final = 200_000
_IMAGE = re.compile(r'(<img\b[^<>]*?)\bsrc="cid:([^"]*)"', re.IGNORECASE)
_NO_IMAGES: Final[Mapping[str, str]] = MappingProxyType({})


def sanitise(html: str, images: Mapping[str, str] = _NO_IMAGES) -> str:
    """HTML that may be shown to others: no scripts, no remote images, no styles that leave their place.

    `images` says where each image that came with the mail is shown, by its Content-ID (RFC 2392); others show nothing.
    """
    # The sanitiser takes quadratic time in the "&" of one text; no mail has so many.
    shown = "&".join(clean(html[:LONGEST]).split("&", _MOST_REFERENCES)[:_MOST_REFERENCES])
    return _IMAGE.sub(lambda found: _placed(found, images), _CLEANER.clean(bounded(shown)))


def _placed(found: re.Match[str], images: Mapping[str, str]) -> str:
    """An image that has a place, or none: what stands in `src` names no other mail's part."""
    place = images.get(unquote(unescape(found[2])))
    return f'{found[1]}src="{escape(place)}"' if place else found[1].rstrip()
