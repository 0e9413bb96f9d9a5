"""What OpenDocument texts and spreadsheets share: styles, lists that count, paragraphs and tables."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from lxml import etree

from parsers.documents.grids import CellText, span
from parsers.documents.html import FIELD_MARK, LARGEST_SPAN
from parsers.documents.model import GridCell
from parsers.documents.numbering import in_format
from parsers.documents.package import BROKEN, PASSWORD, Package
from parsers.schema import UnreadableDocument

MOST_CELLS = 500_000
MOST_ROWS = 100_000
# More blank cells in a row than a table of a text has are the rest of a sheet, which no one wrote.
MOST_BLANKS = 60
_SPACE = re.compile(r"urn:oasis:names:tc:opendocument:xmlns:([a-z-]+):[\d.]+")
_SHORTER = {"drawing": "draw", "xsl-fo-compatible": "fo"}
_ATTRIBUTE = "{{urn:oasis:names:tc:opendocument:xmlns:{}:1.0}}{}"
_LIST_FORMAT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}num-list-format"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_LENGTH = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)(in|cm|mm|pt|pc)")
_TWIPS = {"in": 1440.0, "cm": 1440 / 2.54, "mm": 144 / 2.54, "pt": 20.0, "pc": 240.0}
_BLANKS = re.compile(r"[ \t\r\n]+")
_LONGEST_GAP = 200
# The ways of counting by the first character of OpenDocument's name for each, as WordprocessingML names them.
_WAYS = {
    "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman",
    "一": "chineseCounting", "壹": "chineseLegalSimplified", "甲": "ideographTraditional", "子": "ideographZodiac",
    "①": "decimalEnclosedCircle", "１": "decimalFullWidth",
}  # fmt: skip
_LEFT_OUT = frozenset((
    "text:note", "office:annotation", "office:annotation-end", "text:ruby-text", "text:script", "office:forms",
    "text:tracked-changes", "text:sequence-decls", "text:variable-decls", "text:user-field-decls", "table:shapes",
    "draw:image-map", "text:alphabetical-index-mark", "text:toc-mark", "table:detective", "draw:glue-point",
))  # fmt: skip


@lru_cache(maxsize=4096)
def _short(tag: str) -> str:
    space, _, local = tag[1:].partition("}")
    match = _SPACE.fullmatch(space)
    return f"{_SHORTER.get(match[1], match[1])}:{local}" if match else f"?:{local}"


def name_of(element: etree._Element) -> str:
    """The name with the usual prefix: ``text:p``."""
    return _short(str(element.tag))


def value_of(element: etree._Element, space: str, name: str) -> str | None:
    """An attribute of one of the namespaces of OpenDocument, by the namespace's own word."""
    return element.get(_ATTRIBUTE.format(space, name))


def body_of(package: Package, kind: str) -> tuple[etree._Element, Styles]:
    """The body (``text`` or ``spreadsheet``) of an OpenDocument file, and its styles.

    Raises UnreadableDocument for what is damaged, encrypted, hostile or too large.
    """
    manifest = package.part("META-INF/manifest.xml") if "META-INF/manifest.xml" in package else None
    if manifest and b":encryption-data" in manifest:
        raise UnreadableDocument(PASSWORD)
    root = package.xml("content.xml")
    if root is None:
        raise UnreadableDocument(BROKEN)
    styles = Styles()
    try:
        shared = package.xml("styles.xml")
    except UnreadableDocument:
        shared = None
    for part in (shared, root):
        if part is not None:
            styles.take(part)
    for body in root:
        if name_of(body) == "office:body":
            for found in body:
                if name_of(found) == f"office:{kind}":
                    return found, styles
    raise UnreadableDocument("OpenDocument 文件里没有正文，可能已损坏；请重新下载")


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of text, and the list its paragraphs count in."""

    hidden: bool | None = None
    struck: bool | None = None
    raised: bool | None = None
    counted: str | None = None
    width: float | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how it counts and what it prints."""

    word: str = ""
    prefix: str = ""
    suffix: str = ""
    start: int = 1
    shown: int = 1
    pattern: str = ""


@dataclass(slots=True)
class Styles:
    """Styles by family and name, and lists by name."""

    found: dict[tuple[str, str], Style] = field(default_factory=dict)
    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    outline: dict[int, Level] = field(default_factory=dict)

    def take(self, root: etree._Element) -> None:
        """Take the styles of a part of the file."""
        for group in root:
            if name_of(group) not in ("office:styles", "office:automatic-styles"):
                continue
            for element in group:
                name = name_of(element)
                if name == "style:style":
                    key = (value_of(element, "style", "family") or "", value_of(element, "style", "name") or "")
                    self.found[key] = _style(element)
                elif name == "text:list-style":
                    self.lists[value_of(element, "style", "name") or ""] = dict(_levels(element))
                elif name == "text:outline-style":
                    self.outline = dict(_levels(element))

    def of(self, family: str, name: str | None) -> Style:
        """A style with what its parents say where it is silent."""
        style = Style()
        seen: set[str] = set()
        while name is not None and name not in seen:
            seen.add(name)
            own = self.found.get((family, name))
            if own is None:
                break
            style = over(style, own)
            name = own.parent
        return style


def over(style: Style, below: Style) -> Style:
    """A style where it says something, else the one below."""
    return Style(
        style.hidden if style.hidden is not None else below.hidden,
        style.struck if style.struck is not None else below.struck,
        style.raised if style.raised is not None else below.raised,
        style.counted if style.counted is not None else below.counted,
        style.width if style.width is not None else below.width,
    )


def _style(element: etree._Element) -> Style:
    style = Style(
        counted=value_of(element, "style", "list-style-name"),
        parent=value_of(element, "style", "parent-style-name"),
    )
    for part in element:
        name = name_of(part)
        if name == "style:text-properties":
            display = value_of(part, "text", "display")
            line = value_of(part, "style", "text-line-through-style") or value_of(
                part, "style", "text-line-through-type"
            )
            position = (value_of(part, "style", "text-position") or "").split(" ")[0]
            style = replace(
                style,
                hidden=None if display is None else display == "none",
                struck=None if line is None else line != "none",
                raised=None if not position else position not in ("0%", "0"),
            )
        elif name == "style:table-properties":
            style = replace(style, hidden=value_of(part, "table", "display") == "false")
        elif name == "style:table-column-properties":
            style = replace(style, width=twips(value_of(part, "style", "column-width")))
    return style


def twips(length: str | None) -> float | None:
    """A length (``2.54cm``) in twentieths of a point; None where there is none."""
    match = _LENGTH.fullmatch(length or "")
    return float(match[1]) * _TWIPS[match[2]] if match else None


def _levels(element: etree._Element) -> Iterator[tuple[int, Level]]:
    for level in element:
        if name_of(level) not in ("text:list-level-style-number", "text:outline-level-style"):
            continue
        way = (value_of(level, "style", "num-format") or "")[:1]
        yield (
            span(value_of(level, "text", "level")),
            Level(
                word=_WAYS.get(way, ""),
                prefix=value_of(level, "style", "num-prefix") or "",
                suffix=value_of(level, "style", "num-suffix") or "",
                start=_count(value_of(level, "text", "start-value"), 1),
                shown=span(value_of(level, "text", "display-levels")),
                pattern=level.get(_LIST_FORMAT) or "",
            ),
        )


def _count(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and re.fullmatch(r"[0-9]{1,4}", value) else otherwise


def label(levels: dict[int, Level], counts: dict[int, int], depth: int) -> str:
    """What a list prints before a paragraph of a depth; '' for bullets and for ways of counting we do not know."""
    own = levels.get(depth)
    if own is None or not own.word:
        return ""

    def number(at: int) -> str:
        level = levels.get(at, Level())
        return in_format(counts.get(at, level.start), level.word) or "" if level.word else ""

    if own.pattern:
        return re.sub(r"%([1-9]|10)%", lambda match: number(int(match[1])), own.pattern)
    shown = [number(at) for at in range(max(1, depth - own.shown + 1), depth + 1)]
    return own.prefix + ".".join(text for text in shown if text) + own.suffix if shown[-1] else ""


@dataclass(slots=True)
class Lists:
    """Counts the items of lists in the order of print."""

    styles: Styles
    by_id: dict[str, dict[int, int]] = field(default_factory=dict)
    last: dict[str, dict[int, int]] = field(default_factory=dict)
    headings: dict[int, int] = field(default_factory=dict)

    def heading(self, element: etree._Element) -> str:
        """The number of a heading outside of lists."""
        depth = span(value_of(element, "text", "outline-level"))
        if (
            value_of(element, "text", "is-list-header") == "true"
            or not self.styles.outline.get(depth, Level()).word
        ):
            return ""
        self.count(self.headings, depth, self.styles.outline, value_of(element, "text", "start-value"))
        return label(self.styles.outline, self.headings, depth)

    def count(
        self, counts: dict[int, int], depth: int, levels: dict[int, Level], start: str | None = None
    ) -> None:
        """Count one item of a depth."""
        first = levels.get(depth, Level()).start
        counts[depth] = _count(start, counts[depth] + 1 if depth in counts else first)
        for deeper in [at for at in counts if at > depth]:
            del counts[deeper]

    def counts_of(self, element: etree._Element, style: str) -> dict[int, int]:
        """The counters of a list: its own, or those of the list that it goes on with."""
        goes_on = value_of(element, "text", "continue-list")
        if goes_on is not None and goes_on in self.by_id:
            counts = self.by_id[goes_on]
        elif value_of(element, "text", "continue-numbering") == "true":
            counts = self.last.get(style, {})
        else:
            counts = {}
        self.last[style] = counts
        key = element.get(_XML_ID)
        if key is not None:
            self.by_id[key] = counts
        return counts

    def lines(
        self, element: etree._Element, style: str = "", counts: dict[int, int] | None = None, depth: int = 1
    ) -> Iterator[tuple[etree._Element, str]]:
        """The paragraphs, headings and tables of a list, each with the label it is printed with."""
        style = value_of(element, "text", "style-name") or style or self._style_of_first(element)
        counts = self.counts_of(element, style) if counts is None else counts
        levels = self.styles.lists.get(style, {})
        for item in element:
            name = name_of(item)
            if name not in ("text:list-item", "text:list-header"):
                continue
            is_labelled = name == "text:list-item"
            for part in item:
                if name_of(part) == "text:list":
                    yield from self.lines(part, style, counts, depth + 1)
                    continue
                printed = ""
                if is_labelled and name_of(part) in ("text:p", "text:h"):
                    self.count(counts, depth, levels, value_of(item, "text", "start-value"))
                    printed = label(levels, counts, depth)
                    is_labelled = False
                yield part, printed

    def _style_of_first(self, element: etree._Element) -> str:
        """A list without a style counts as the style of its first paragraph says."""
        for found in element.iter():
            if name_of(found) in ("text:p", "text:h"):
                return self.styles.of("paragraph", value_of(found, "text", "style-name")).counted or ""
        return ""


@dataclass(slots=True)
class Reader:
    """Reads paragraphs and cells. ``boxes`` gathers the text boxes met, to be read behind their paragraph."""

    styles: Styles
    lists: Lists
    boxes: list[etree._Element] = field(default_factory=list)
    one_line: bool = True

    def paragraph(self, element: etree._Element, text: CellText) -> None:
        """Read a paragraph or heading into ``text``."""
        look = self.styles.of("paragraph", value_of(element, "text", "style-name"))
        self._inline(element, text, look, linked=False)

    def _inline(self, element: etree._Element, text: CellText, look: Style, *, linked: bool) -> None:
        self._put(_BLANKS.sub(" ", element.text or ""), text, look, linked=linked)
        for part in element:
            self._part(part, text, look, linked=linked)
            self._put(_BLANKS.sub(" ", part.tail or ""), text, look, linked=linked)

    def _part(self, part: etree._Element, text: CellText, look: Style, *, linked: bool) -> None:
        name = name_of(part)
        if name == "text:s":
            blanks = value_of(part, "text", "c") or "1"
            self._put(" " * min(_count(blanks, 1), _LONGEST_GAP), text, look, linked=linked)
        elif name == "text:tab":
            self._put("\t", text, look, linked=linked)
        elif name == "text:line-break":
            self._put("\n", text, look, linked=linked)
        elif name == "text:a":
            self._inline(part, text, look, linked=True)
        elif name == "text:hidden-text" and value_of(part, "text", "is-hidden") != "false":
            return
        elif name == "draw:control":
            text.doubt = "单元格里是输入框，不是印出的数字"
            text.whole.append(FIELD_MARK)
        elif name.startswith(("draw:", "dr3d:", "svg:")):
            self.drawing(part, text, look)
        elif name not in _LEFT_OUT:
            if name == "text:placeholder":
                text.doubt = "单元格里是输入框的提示文字，不是填写的数字"
            elif name == "text:span":
                look = over(self.styles.of("text", value_of(part, "text", "style-name")), look)
            self._inline(part, text, look, linked=linked)

    def _put(self, shown: str, text: CellText, look: Style, *, linked: bool) -> None:
        if not shown or look.hidden:
            return
        text.put(shown, linked=linked, struck=bool(look.struck), raised=bool(look.raised))

    def drawing(self, element: etree._Element, text: CellText, look: Style) -> None:
        """A picture, or a shape with text in it."""
        if look.hidden:
            return
        stack = [element]
        while stack:
            found = stack.pop()
            name = name_of(found)
            if name in ("draw:image", "draw:object", "draw:object-ole"):
                # A frame shows one thing; what follows are other forms of it.
                text.pictures += 1
            elif name in ("text:p", "text:h", "text:list", "table:table"):
                self.boxes.append(found)
            elif name == "draw:frame":
                stack.extend(part for part in list(found)[:1] if name_of(part) not in _LEFT_OUT)
            elif name not in _LEFT_OUT:
                stack.extend(reversed(found))

    def cell(self, element: etree._Element) -> tuple[str, str]:
        """The text of a cell, and why it is no evidence of a number, or ''."""
        text = CellText()
        waiting = deque((part, "") for part in element)
        while waiting:
            part, printed = waiting.popleft()
            name = name_of(part)
            if name in ("text:p", "text:h"):
                line = CellText()
                line.label = printed
                self.paragraph(part, line)
                text.take(line)
                text.add("\n")
                boxes, self.boxes = self.boxes, []
                waiting.extendleft(reversed([(box, "") for box in boxes]))
            elif name == "text:list":
                waiting.extendleft(reversed(list(self.lists.lines(part))))
            elif name == "text:section" or name == "text:index-body":
                waiting.extendleft(reversed([(inner, "") for inner in part]))
            elif name == "table:table":
                waiting.extendleft(
                    reversed([(inner, "") for row, _ in rows_of(part) for cell in cells_of(row) for inner in cell])
                )
            elif name.startswith("draw:"):
                self.drawing(part, text, Style())
                boxes, self.boxes = self.boxes, []
                waiting.extendleft(reversed([(box, "") for box in boxes]))
        return text.cell(one_line=self.one_line)

    def table(self, element: etree._Element) -> tuple[list[list[GridCell]], list[float | None]]:
        """The rows of a table, each with the cells that begin in it, and the widths of its columns in twips.

        Raises UnreadableDocument for a table larger than any that is printed.
        """
        rows: list[list[GridCell]] = []
        widths, hidden_columns = self._columns(element)
        size = 0
        for row, hidden in rows_of(element):
            times = span(value_of(row, "table", "number-rows-repeated"))
            cells = self._cells(row, "整行是隐藏的" if hidden else "", hidden_columns)
            size += (len(cells) + 1) * times
            if size > MOST_CELLS or len(rows) + times > MOST_ROWS:
                raise UnreadableDocument("文件里有一张表格大得异常，不予读取；请检查文件是否正常")
            for number in range(len(rows), len(rows) + times):
                rows.append([cell._replace(row=number, end_row=number + cell.end_row) for cell in cells])
        return rows, widths

    def _cells(self, row: etree._Element, doubt: str, hidden: set[int]) -> list[GridCell]:
        cells: list[GridCell] = []
        column = 0
        for element in row:
            name = name_of(element)
            if name not in ("table:table-cell", "table:covered-table-cell") or column >= LARGEST_SPAN:
                continue
            times = span(value_of(element, "table", "number-columns-repeated"))
            if name == "table:covered-table-cell":
                column += times
                continue
            text, own_doubt = self.cell(element)
            if not text and len(element) == 0:
                text = value_of(element, "office", "value") or ""
            high = span(value_of(element, "table", "number-rows-spanned"))
            wide = span(value_of(element, "table", "number-columns-spanned"))
            if not text and times > MOST_BLANKS:
                column += times
                continue
            for _ in range(times):
                unseen = "整列是隐藏的" if column in hidden else ""
                found = GridCell(text, 0, column, high, column + wide, None, None, own_doubt or doubt or unseen)
                cells.append(found)
                column += 1
        return cells

    def _columns(self, element: etree._Element) -> tuple[list[float | None], set[int]]:
        widths: list[float | None] = []
        hidden: set[int] = set()
        for column in _parts(element, "table:table-column"):
            width = self.styles.of("table-column", value_of(column, "table", "style-name")).width
            for _ in range(span(value_of(column, "table", "number-columns-repeated"))):
                if len(widths) >= LARGEST_SPAN:
                    break
                if value_of(column, "table", "visibility") in ("collapse", "filter"):
                    hidden.add(len(widths))
                widths.append(width)
        return widths, hidden


_GROUPS = frozenset((
    "table:table-header-rows", "table:table-rows", "table:table-row-group", "table:table-header-columns",
    "table:table-columns", "table:table-column-group",
))  # fmt: skip


def _parts(table: etree._Element, wanted: str) -> Iterator[etree._Element]:
    for element in table:
        name = name_of(element)
        if name == wanted:
            yield element
        elif name in _GROUPS:
            yield from _parts(element, wanted)


def rows_of(table: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The rows of a table, and whether each is hidden."""
    for row in _parts(table, "table:table-row"):
        yield row, value_of(row, "table", "visibility") in ("collapse", "filter")


def cells_of(row: etree._Element) -> Iterator[etree._Element]:
    """The cells that begin in a row."""
    for element in row:
        if name_of(element) == "table:table-cell":
            yield element
