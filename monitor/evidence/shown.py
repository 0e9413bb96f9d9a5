"""A captured page as it may be shown to people: its words and its tables, and nothing that acts.

Two parsers stand between a portal and a reader. Lexbor, which read the report, finds the cell again and marks it;
nh3 (ammonia) writes anew the few elements that are listed here, with the few attributes that are listed here. No
script, style, address, picture, form or drawing is among them. Whoever shows the result forbids all of that once
more (:data:`POLICY`): the one does not rest on the other.

Nested deeply enough, a page of a megabyte takes either parser minutes. So it is done in a process with limits.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitor.workers import Allow, Limits, Trouble, WorkerPool, WorkerStartError
from parsers.documents.container import media_type_of
from parsers.documents.encoding import decode
from parsers.documents.html import FIELD_MARK, PICTURE_MARK, looks_like_html
from parsers.documents.model import TEXT
from parsers.schema import Place, UnreadableDocument

LARGEST = 8 * 1024 * 1024
"""Longer pages are handed out as files and not shown."""
CELL = "cell"
"""The id of the place that is marked: no other element of a shown page has one."""
_PRELOADED = ("monitor.evidence.shown",)
_LIMITS = Limits(seconds=5, memory=512 * 1024**2, tasks=200)
# fmt: off
_TAGS = frozenset((
    "a", "abbr", "address", "article", "aside", "b", "bdo", "big", "blockquote", "br", "caption", "center", "cite",
    "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "fieldset", "figcaption", "figure",
    "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "ins", "kbd", "legend", "li",
    "main", "mark", "nav", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "section", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
))
# What holds words that no reader of the page sees as its text, or that a parser reads by rules of its own.
_WITHOUT_CONTENT = frozenset((
    "script", "style", "noscript", "template", "title", "iframe", "frame", "frameset", "object", "embed", "applet",
    "svg", "math", "canvas", "audio", "video", "textarea", "select", "xmp", "plaintext", "noembed", "noframes",
    "base", "link", "meta",
))
# fmt: on
_CELL_ATTRIBUTES = frozenset(("colspan", "rowspan", "align", "valign"))
_ATTRIBUTES = {
    "*": {"id", "align"},
    "td": set(_CELL_ATTRIBUTES),
    "th": set(_CELL_ATTRIBUTES),
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type"},
    "li": {"value"},
}
_STYLE = (
    "body{margin:0;padding:12px;font:16px/1.6 system-ui,sans-serif;color:#1f2328;background:#fff;"
    "overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:8px 0}td,th{border:1px solid #8c959f;padding:3px 6px}"
    "pre{white-space:pre-wrap;font:inherit}"
    f"#{CELL}{{outline:4px solid #b3261e;outline-offset:-2px;background:#ffd9d6;color:#1f2328;"
    "scroll-margin:30vh 20vw}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox"
)
"""The Content-Security-Policy of a shown page: our one style, no script, no request, an origin of its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Bytes to show, the charset their server named, and what to mark: a place, and what was read there.

    ``not_found`` is said above the page where the place does not hold that.
    """

    data: bytes
    charset: str | None = None
    at: Place | None = None
    raw: str = ""
    not_found: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The page to show; ``marked``: the place was found again and holds what was read there.

    ``page`` is None where the bytes cannot be shown; ``why`` says why in Chinese, None where they are no text, and
    is empty where they are too many.
    """

    page: str | None
    marked: bool = False
    why: str | None = None


_pool: list[WorkerPool[Wanted, Shown]] = []
_one_at_a_time = Lock()


def show(wanted: Wanted) -> Shown:
    """The page, made in a process with limits on time and memory."""
    if not is_text(wanted.data):
        return Shown(None)
    if len(wanted.data) > LARGEST:
        return Shown(None, why="")
    with _one_at_a_time:
        if not _pool:
            _pool.append(WorkerPool(_in_worker, _failed, preloaded=_PRELOADED, workers=1, limits=_LIMITS))
        try:
            ((_, shown),) = list(_pool[0].run([wanted]))
        except WorkerStartError as problem:
            return Shown(None, why=str(problem))
    return shown


def _in_worker(wanted: Wanted, allow: Allow) -> Shown:
    return make(wanted)


def _failed(wanted: Wanted, trouble: Trouble) -> Shown:
    return Shown(None, why=trouble.in_words())


def is_text(data: bytes) -> bool:
    """Whether bytes are a page or a plain text, by their content."""
    try:
        return media_type_of(data) == TEXT
    except UnreadableDocument:
        return False


def make(wanted: Wanted) -> Shown:
    """The page. Takes whatever time and memory a hostile page asks for: see :func:`show`."""
    text = decode(wanted.data, wanted.charset).text
    if looks_like_html(text):
        body, marked = _of_page(text, wanted.at, wanted.raw)
    else:
        body, marked = _of_lines(text, wanted.at, wanted.raw)
    if wanted.at is not None and not marked:
        body = f"<p><strong>{html.escape(wanted.not_found)}</strong></p>{body}"
    # The title is for the frame's own document; the portal's is not repeated.
    return Shown(
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>原文</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>",
        marked,
    )


def _of_page(text: str, at: Place | None, raw: str) -> tuple[str, bool]:
    tree = LexborHTMLParser(text)
    for named in tree.css("[id]"):
        del named.attrs["id"]
    marked = False
    # A place within an archive or in the page's pictures is none of the page itself.
    if at is not None and at.path and not at.file:
        node = _at_path(tree.root, at.path)
        if node is not None and _holds(node, raw):
            node.attrs["id"] = CELL
            marked = True
    _tell_fields_and_pictures(tree)
    clean = nh3.clean(
        tree.html or "",
        tags=set(_TAGS),
        clean_content_tags=set(_WITHOUT_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        link_rel=None,
        url_schemes=set(),
        strip_comments=True,
    )
    return clean, marked


def _at_path(root: LexborNode | None, path: str) -> LexborNode | None:
    """The element of a path as the reader of pages writes it: ``:root>:nth-child(2)>:nth-child(1)``."""
    steps = path.split(">")
    if root is None or steps[0] != ":root":
        return None
    node: LexborNode | None = root
    for step in steps[1:]:
        if node is None or not (step.startswith(":nth-child(") and step.endswith(")")):
            return None
        number = step.removeprefix(":nth-child(").removesuffix(")")
        if not number.isdecimal():
            return None
        node = _child(node, int(number))
    return node


def _child(node: LexborNode, number: int) -> LexborNode | None:
    for place, child in enumerate(_elements(node), 1):
        if place == number:
            return child
    return None


def _elements(node: LexborNode) -> Iterator[LexborNode]:
    child = node.child
    while child is not None:
        if (child.tag or "-")[0] not in "-!":
            yield child
        child = child.next


def _holds(node: LexborNode, raw: str) -> bool:
    """Whether an element holds what was read there; an empty place must hold no digit."""
    text, printed = _plain(node.text(deep=True)), _plain(raw)
    if printed:
        drawn = FIELD_MARK in printed or PICTURE_MARK in printed or node.css_first("input") is not None
        return drawn or printed in text
    return not any(character.isdecimal() for character in text)


def _plain(text: str) -> str:
    return "".join(text.split())


def _tell_fields_and_pictures(tree: LexborHTMLParser) -> None:
    """Puts words in the place of entry fields and pictures, which are not shown: a cell may consist of one."""
    for node in tree.css("input"):
        shown = (node.attributes.get("type") or "text").lower()
        if shown != "hidden":
            node.replace_with(f"〔{node.attributes.get('value') or '框'}〕")
    for node in tree.css("img"):
        node.replace_with(f"〔{node.attributes.get('alt') or '图'}〕")


def _of_lines(text: str, at: Place | None, raw: str) -> tuple[str, bool]:
    # The lines are those of the reader of plain texts.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = at.line if at is not None and not at.file else None
    marked = number is not None and 0 < number <= len(lines) and _plain(raw) in _plain(lines[number - 1])
    told = [html.escape(line) for line in lines]
    if marked and number is not None:
        told[number - 1] = f'<mark id="{CELL}">{told[number - 1]}</mark>'
    return f"<pre>{chr(10).join(told)}</pre>", marked
