"""What the styles and numberings of a Word document say of its paragraphs: numbers, outline levels, looks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree

from parsers.documents.numbering import in_format

_NAMESPACES = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w:",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w:",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a:",
    "http://purl.oclc.org/ooxml/drawingml/main": "a:",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
    "urn:schemas-microsoft-com:vml": "v:",
}
_ATTRIBUTES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
LEVELS = 9
_OFF = frozenset(("0", "false", "off", "none"))
_HEADING_NAME = re.compile(r"(?:heading \d|title|标题(?: ?\d)?)", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"(?:toc|目录) ?\d", re.IGNORECASE)
_BODY_TEXT = 9
_WHITE = "FFFFFF"
# In half-points, as the next.
_LARGEST_UNSEEN = 6
# Text moved up or down by less than this many half-points is not read as raised.
_SEEN_SHIFT = 4


@lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    space, _, local = tag[1:].partition("}")
    return _NAMESPACES.get(space, "?") + local


def name_of(element: etree._Element) -> str:
    """The name with a short prefix, the same for both makes of Office Open XML: ``w:p``, ``mc:Choice``."""
    return _short(str(element.tag))


def value_of(element: etree._Element, name: str = "val") -> str | None:
    """An attribute in the namespace of WordprocessingML."""
    value = element.get(_ATTRIBUTES[0] + name)
    return value if value is not None else element.get(_ATTRIBUTES[1] + name)


def number_of(element: etree._Element, name: str = "val") -> int | None:
    """An attribute that is a whole number of at most six digits; None where it is none."""
    value = value_of(element, name) or ""
    return int(value) if re.fullmatch(r"-?[0-9]{1,6}", value) else None


def is_on(element: etree._Element) -> bool:
    """Whether a property that is on or off is on."""
    return (value_of(element) or "") not in _OFF


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """The first child of a name."""
    if element is not None:
        for found in element:
            if name_of(found) == name:
                return found
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """How text is printed; None says that nothing is said and what stands above decides."""

    hidden: bool | None = None
    struck: bool | None = None
    raised: bool | None = None
    shifted: bool | None = None

    def over(self, below: Look) -> Look:
        """This look where it says something, else the one below."""
        return Look(
            self.hidden if self.hidden is not None else below.hidden,
            self.struck if self.struck is not None else below.struck,
            self.raised if self.raised is not None else below.raised,
            self.shifted if self.shifted is not None else below.shifted,
        )


PLAIN = Look()


@dataclass(frozen=True, slots=True)
class Numbered:
    """The list and level a paragraph counts in; ``style`` is the style that said so, if one did."""

    number: str
    level: int
    style: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says, and what those it is based on say where it is silent."""

    look: Look = PLAIN
    numbered: Numbered | None = None
    is_heading: bool = False
    is_contents: bool = False


NO_STYLE = Style()


def look_of(properties: etree._Element, styles: Styles) -> Look:
    """The look that the properties of a run give."""
    look = PLAIN
    based: Look | None = None
    for element in properties:
        name = name_of(element)
        if name == "w:rStyle":
            based = styles.of(value_of(element)).look
        elif name in ("w:vanish", "w:specVanish"):
            look = replace(look, hidden=is_on(element))
        elif name in ("w:strike", "w:dstrike"):
            look = replace(look, struck=is_on(element) or bool(look.struck))
        elif name == "w:vertAlign":
            look = replace(look, raised=value_of(element) in ("superscript", "subscript"))
        elif (name == "w:color" and (value_of(element) or "").upper() == _WHITE) or (
            name == "w:sz" and (number_of(element) or _LARGEST_UNSEEN + 1) <= _LARGEST_UNSEEN
        ):
            # Nobody sees it, at least on white: beside a number it is as little part of it as a note.
            look = replace(look, raised=True)
        elif name == "w:position":
            look = replace(look, shifted=abs(number_of(element) or 0) >= _SEEN_SHIFT)
    return look.over(based) if based else look


class Styles:
    """The styles of a document by their id."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._found: dict[str, Style] = {}
        self._default: str | None = None
        for element in root if root is not None else ():
            if name_of(element) == "w:style":
                key = value_of(element, "styleId") or ""
                self._elements.setdefault(key, element)
                if value_of(element, "type") == "paragraph" and value_of(element, "default") not in (None, *_OFF):
                    self._default = key

    def of(self, key: str | None) -> Style:
        """The style of an id; one that says nothing where there is none."""
        return NO_STYLE if key is None else self._resolved(key)

    def of_paragraph(self, key: str | None) -> Style:
        """The style of a paragraph; without an id the default one."""
        return self.of(key if key is not None else self._default)

    def _resolved(self, key: str) -> Style:
        found = self._found.get(key)
        if found is not None:
            return found
        chain: list[str] = []
        at: str | None = key
        while at is not None and at in self._elements and at not in chain and at not in self._found:
            chain.append(at)
            based = child(self._elements[at], "w:basedOn")
            at = value_of(based) if based is not None else None
        style = self._found.get(at, NO_STYLE) if at is not None else NO_STYLE
        for link in reversed(chain):
            style = self._based(link, style)
            self._found[link] = style
        return style

    def _based(self, key: str, below: Style) -> Style:
        look, numbered, is_heading = below.look, below.numbered, below.is_heading
        name = ""
        self._found[key] = below
        for element in self._elements[key]:
            word = name_of(element)
            if word == "w:name":
                name = value_of(element) or ""
            elif word == "w:rPr":
                look = look_of(element, self).over(look)
            elif word == "w:pPr":
                counting = child(element, "w:numPr")
                if counting is not None:
                    numbered = numbered_of(counting, below.numbered, key)
                outline = child(element, "w:outlineLvl")
                if outline is not None:
                    is_heading = (number_of(outline) or 0) < _BODY_TEXT
        is_heading = is_heading or _HEADING_NAME.fullmatch(name) is not None
        return Style(look, numbered, is_heading, _CONTENTS_NAME.fullmatch(name) is not None)


def numbered_of(counting: etree._Element, below: Numbered | None, style: str = "") -> Numbered | None:
    """What ``w:numPr`` says; what it leaves out the style below says."""
    number, level = child(counting, "w:numId"), child(counting, "w:ilvl")
    key = value_of(number) if number is not None else (below.number if below else None)
    if key is None or key == "0":
        return None
    depth = number_of(level) if level is not None else (0 if number is not None or not below else below.level)
    return Numbered(
        key, min(max(depth or 0, 0), LEVELS - 1), style if number is not None or not below else below.style
    )


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how it counts, and what it prints around the number."""

    start: int = 1
    word: str = "decimal"
    pattern: str = ""
    style: str = ""
    legal: bool = False
    restarts_after: int | None = None


@dataclass(slots=True)
class _List:
    """A ``w:num``: the counters it shares, its levels, and the levels that it begins anew."""

    shared: str
    levels: dict[int, Level]
    restarts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the paragraphs that Word numbers, in the order of print."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._lists: dict[str, _List] = {}
        self.counts: dict[str, dict[int, int]] = {}
        self.begun: set[tuple[str, int]] = set()
        if root is not None:
            self._read(root, styles)

    def label(self, numbered: Numbered) -> str:
        """Count one paragraph and give what stands before it."""
        counted = self._lists.get(numbered.number)
        if counted is None:
            return ""
        level = numbered.level
        if numbered.style:
            linked = [depth for depth, found in counted.levels.items() if found.style == numbered.style]
            level = linked[0] if linked else level
        counts = self.counts.setdefault(counted.shared, {})
        own = counted.levels.get(level, Level())
        for depth, start in counted.restarts.items():
            if depth <= level and (numbered.number, depth) not in self.begun:
                self.begun.add((numbered.number, depth))
                counts.pop(depth, None)
                if depth < level:
                    counts[depth] = start
        start = counted.restarts.get(level, own.start)
        counts[level] = counts[level] + 1 if level in counts else start
        for depth in [depth for depth in counts if depth > level]:
            limit = counted.levels.get(depth, Level()).restarts_after
            if limit is None or (limit > 0 and level < limit):
                del counts[depth]
        return _printed(own, counted, counts)

    def _read(self, root: etree._Element, styles: Styles) -> None:
        shared: dict[str, etree._Element] = {}
        numbers: dict[str, etree._Element] = {}
        for element in root:
            name = name_of(element)
            if name == "w:abstractNum":
                shared.setdefault(value_of(element, "abstractNumId") or "", element)
            elif name == "w:num":
                numbers.setdefault(value_of(element, "numId") or "", element)
        for key, element in numbers.items():
            named = child(element, "w:abstractNumId")
            at = (value_of(named) or "") if named is not None else ""
            at = _followed(at, shared, numbers, styles)
            if at not in shared:
                continue
            found = _List(at, dict(_levels(shared[at])))
            for override in element:
                if name_of(override) == "w:lvlOverride":
                    depth = number_of(override, "ilvl") or 0
                    found.levels.update(_levels(override))
                    start = child(override, "w:startOverride")
                    if start is not None:
                        found.restarts[depth] = number_of(start) or 0
            self._lists[key] = found


def _followed(
    at: str, shared: dict[str, etree._Element], numbers: dict[str, etree._Element], styles: Styles
) -> str:
    """The list that holds the levels: some only name a style that names it."""
    link = child(shared.get(at), "w:numStyleLink")
    if link is None:
        return at
    numbered = styles.of(value_of(link)).numbered
    number = numbers.get(numbered.number) if numbered else None
    named = child(number, "w:abstractNumId")
    return (value_of(named) or at) if named is not None else at


def _levels(element: etree._Element) -> Iterator[tuple[int, Level]]:
    for level in element:
        if name_of(level) != "w:lvl":
            continue
        found = Level()
        for part in level:
            name, value = name_of(part), value_of(part)
            if name == "mc:AlternateContent":
                inner = next(
                    (e for e in part.iter() if name_of(e) == "w:numFmt" and value_of(e) != "custom"), None
                )
                found = replace(found, word=(value_of(inner) if inner is not None else None) or "")
            elif name == "w:start":
                found = replace(found, start=number_of(part) or 0)
            elif name == "w:numFmt":
                found = replace(found, word=value or "")
            elif name == "w:lvlText":
                found = replace(found, pattern=value or "")
            elif name == "w:pStyle":
                found = replace(found, style=value or "")
            elif name == "w:isLgl":
                found = replace(found, legal=is_on(part))
            elif name == "w:lvlRestart":
                found = replace(found, restarts_after=number_of(part))
        yield number_of(level, "ilvl") or 0, found


def _printed(own: Level, counted: _List, counts: dict[int, int]) -> str:
    """The label; '' where it is a bullet, or counts in a way we do not know."""
    if own.word in ("bullet", "none"):
        return "" if own.word == "bullet" else own.pattern.replace("%", "")
    label = ""
    for piece in re.split(r"(%[1-9])", own.pattern):
        if len(piece) != 2 or piece[0] != "%":
            label += piece
            continue
        depth = int(piece[1]) - 1
        level = counted.levels.get(depth, Level())
        word = "decimal" if own.legal else level.word
        number = in_format(counts.get(depth, level.start), word)
        if number is None:
            return ""
        label += number
    return label
