"""What a page hides from its readers: by the ``hidden`` attribute, an inline style, or its own style sheets.

Style sheets in other files are not fetched, so what only they hide is read as if it were shown. Rules inside
``@media`` and other blocks are left out: they hold for some screens or for printing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

# Said of a page before anything is asked of its tree: most elements that are hidden are so in these words.
_MAY_HIDE = re.compile(r"none|NONE|None|hidden|HIDDEN|Hidden")
_KEEPS_ITS_PLACE = re.compile(r"(?:^|[;\s])visibility\s*:\s*hidden", re.IGNORECASE)
_DISPLAY = re.compile(r"(?:^|[;\s])display\s*:\s*([a-z-]+)\s*(!\s*important)?", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|<!--|-->", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
# States that a page is not in when it is opened, and parts that are no elements.
_NO_ELEMENT = re.compile(r":(?!not\(|nth-child\(|first-child|last-child|root)|[\\@]")
_IDS, _CLASSES, _TAGS = (
    re.compile(r"#[\w-]"),
    re.compile(r"\.[\w-]|\[|:\w"),
    re.compile(r"(?:^|[\s>+~(])[a-z]", re.I),
)
_INLINE = "[style*='display' i],[style*='visibility' i],[hidden]"
_MOST_RULES = 2000
_MOST_STYLES = 1_000_000

_Weight = tuple[bool, bool, int, int, int, int]


def keeps_its_place(node: LexborNode) -> bool:
    """Whether an element that is not shown still takes its room (``visibility: hidden``)."""
    style = node.attributes.get("style") or ""
    return _KEEPS_ITS_PLACE.search(style) is not None and "none" not in style.lower()


@dataclass(frozen=True, slots=True)
class Hidden:
    """The ``mem_id`` of each element that is hidden by itself, and of each element around one."""

    elements: frozenset[int] = frozenset()
    around: frozenset[int] = frozenset()


_NOTHING = Hidden()


def hidden_elements(tree: LexborHTMLParser, text: str) -> Hidden:
    """What the attributes and style sheets of a page hide; ``text`` is its source."""
    if not _MAY_HIDE.search(text):
        return _NOTHING
    nodes = _hidden_nodes(tree)
    around: set[int] = set()
    for node in nodes.values():
        parent = node.parent
        while parent is not None and parent.mem_id not in around:
            around.add(parent.mem_id)
            parent = parent.parent
    return Hidden(frozenset(nodes), frozenset(around)) if nodes else _NOTHING


def _hidden_nodes(tree: LexborHTMLParser) -> dict[int, LexborNode]:
    told: dict[int, tuple[_Weight, bool, LexborNode]] = {}
    for order, (selector, shown, important) in enumerate(_rules(tree)):
        weight = (important, False, *_specificity(selector), order)
        for node in _matching(tree, selector):
            _tell(told, node, weight, shown)
    hidden: dict[int, LexborNode] = {}
    for node in tree.css(_INLINE):
        attributes = node.attributes
        style = attributes.get("style") or ""
        display = _last_display(style)
        if display:
            _tell(told, node, (display[1], True, 0, 0, 0, 0), display[0])
        elif "hidden" in attributes:
            _tell(told, node, (False, False, 0, 0, 0, -1), False)
        if _KEEPS_ITS_PLACE.search(style):
            hidden[node.mem_id] = node
    hidden.update({mem_id: node for mem_id, (_, shown, node) in told.items() if not shown})
    return hidden


def _tell(
    told: dict[int, tuple[_Weight, bool, LexborNode]], node: LexborNode, weight: _Weight, shown: bool
) -> None:
    known = told.get(node.mem_id)
    if known is None or weight >= known[0]:
        told[node.mem_id] = (weight, shown, node)


def _last_display(style: str) -> tuple[bool, bool] | None:
    """Whether the last ``display`` of some declarations shows, and whether it is important; None without any."""
    found = _DISPLAY.findall(style)
    if not found:
        return None
    important = [entry for entry in found if entry[1]]
    value, mark = (important or found)[-1]
    return value.lower() != "none", bool(mark)


def _rules(tree: LexborHTMLParser) -> Iterator[tuple[str, bool, bool]]:
    """Each selector that says whether something is displayed; none where nothing would be hidden without them."""
    styles = "\n".join(node.text(deep=True) or "" for node in tree.css("style"))[:_MOST_STYLES]
    by_attribute = "display" in styles and tree.css_first("[hidden]") is not None
    if not by_attribute and "none" not in styles.lower():
        return
    found: list[tuple[str, bool, bool]] = []
    for selectors, declarations in _RULE.findall(_without_blocks(_COMMENT.sub(" ", styles))):
        display = _last_display(declarations)
        if display is None:
            continue
        for selector in selectors.split(";")[-1].split(","):
            if selector.strip() and not _NO_ELEMENT.search(selector):
                found.append((selector.strip(), *display))
    if by_attribute or not all(shown for _, shown, _ in found):
        yield from found[:_MOST_RULES]


def _without_blocks(styles: str) -> str:
    """Style sheets without the blocks of ``@media`` and the like."""
    kept: list[str] = []
    position = 0
    while (at := styles.find("@", position)) >= 0:
        kept.append(styles[position:at])
        opened, ended = styles.find("{", at), styles.find(";", at)
        if 0 <= ended < opened or opened < 0:
            position = ended + 1 if ended >= 0 else len(styles)
            continue
        depth, position = 1, opened + 1
        while depth and position < len(styles):
            depth += {"{": 1, "}": -1}.get(styles[position], 0)
            position += 1
    kept.append(styles[position:])
    return "".join(kept)


def _specificity(selector: str) -> tuple[int, int, int]:
    return (len(_IDS.findall(selector)), len(_CLASSES.findall(selector)), len(_TAGS.findall(selector)))


def _matching(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    try:
        return tree.css(selector)
    except SelectolaxError:
        return []
