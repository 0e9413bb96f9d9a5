"""The second, independent reading of a page whose sums do not hold (before an arithmetic error may be told).

The page is read again from its source by Beautiful Soup over html5lib, the tree a browser builds, with a walk, a
choice of tables, an expansion of spans and a text of cells that share no code with
:mod:`parsers.documents.html`. Where the two readings differ in a cell that a broken sum rests on, that cell is
``unreadable``: no rule may rest on it, and a lint tells the operator what each reading saw. The second reading
never changes a value, and where the two agree nothing changes.

Lints: ``second-reading-differs`` for the cells that differ, and ``second-reading-impossible`` where the page is
too large or too deep to be read again; then every cell of the broken sums is unreadable.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup
from bs4.element import Comment, Declaration, Doctype, NavigableString, ProcessingInstruction, Tag

from parsers.documents.model import HTML, Block, Document, Grid, GridCell, GridRow, Paragraph, Picture
from parsers.documents.text import blocks_of_lines
from parsers.forms import FORM_KEYS, load_form
from parsers.identities import doubtful_rows, failing, printed
from parsers.labels import plain
from parsers.schema import Cell, CellState, Lint, Place, Report, number_to_json

LARGEST_PAGE = 3_000_000
"""Characters of a page that is read again, embedded pictures not counted."""
DEEPEST_NESTING = 400
MOST_REOPENED = 100_000
"""How often, at most, unclosed ``<font>`` and the like are opened anew in later blocks: trees explode so."""
MOST_NAMED = 5
WIDEST_SPAN = 1000
LONG_PROSE = 300

_EMBEDDED = re.compile(r"data:[a-z]{1,20}/[-+.\w]{1,60};base64,[A-Za-z0-9+/=%\s]+", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# fmt: off
_FORMATTING = frozenset((
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
))
_END_MAY_LACK = frozenset((
    "p", "li", "td", "th", "tr", "thead", "tbody", "tfoot", "dd", "dt", "option", "optgroup", "colgroup",
    "caption", "html", "head", "body", "rt", "rp",
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
))
_OPENS_A_BLOCK = frozenset(("p", "div", "td", "th", "li", "span", "table", "tr"))
_INVISIBLE = frozenset((
    "script", "style", "noscript", "template", "textarea", "select", "iframe", "object", "embed", "svg", "canvas",
    "audio", "video", "head",
))
_LINE_BREAKING = frozenset((
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "ul", "table", "thead",
    "tbody", "tfoot", "tr", "td", "th", "caption", "ucapcontent", "[document]",
))
# fmt: on
_RAISED = frozenset(("sup", "sub", "rt"))
_HEADINGS = re.compile("h[1-6]|ucaptitle")
_NOT_TEXT = (Comment, Declaration, Doctype, ProcessingInstruction)
_OF_THE_FORM = ("自然人", "结果维持", "信息内容", "行政规范性文件", "第二十条第", "结转下")
_NOT_SHOWN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_KEEPS_ITS_PLACE = re.compile(r"visibility\s*:\s*hidden", re.IGNORECASE)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AT_RULE = re.compile(r"@[^{};]*(?:;|\{(?:[^{}]*\{[^{}]*\})*[^{}]*\})")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMPOUND = re.compile(r"[a-zA-Z]?[\w-]*(?:[.#][a-zA-Z_][\w-]*)*")
_LONGEST_SELECTOR = 120
_MOST_COMPOUNDS = 6
_LONGEST_SHEETS = 200_000
_MOST_SELECTORS = 100
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HAN = re.compile("[\u4e00-\u9fff]")
_WHOLE_NUMBER = re.compile(r"\s*(\d{1,6})")

_TOO_LARGE = "网页超过 {limit} 万字，不能复读"
_TOO_DEEP = "网页标签嵌套过深或未闭合过多，不能复读"


def confirm(report: Report, text: str, read: Callable[[Document], Report]) -> Report:
    """The report, its cells of broken sums confirmed by a second reading of the page or unreadable.

    ``text`` is the page's source, ``read`` what makes a report of a document. Costs nothing for a report whose
    sums hold.
    """
    suspects = suspected(report)
    if not suspects:
        return report
    hindrance = _hindrance(text)
    if hindrance is None:
        try:
            again = read(read_again(text)).cells
        except RecursionError:
            hindrance = _TOO_DEEP
    if hindrance is not None:
        at = report.cells[suspects[0]].at
        lint = Lint("second-reading-impossible", f"{hindrance}；不相符各格 {len(suspects)} 个未作判断", at)
        return without(report, suspects, (lint,))
    differing = [key for key in suspects if not _same(report.cells[key], again.get(key))]
    if not differing:
        return report
    return without(report, differing, (_difference(report, differing, again),))


def suspected(report: Report) -> tuple[str, ...]:
    """The cells that stand in the document and that a broken sum or a failing row of the form rests on."""
    if report.form not in FORM_KEYS or not report.cells:
        return ()
    cells = report.cells
    keys = [key for identity in failing(printed(report.form, cells), cells) for key in identity.terms]
    keys += doubtful_rows(report.form, cells)
    standing = (CellState.REPORTED, CellState.BLANK)
    return tuple(key for key in dict.fromkeys(keys) if key in cells and cells[key].state in standing)


def _same(first: Cell, second: Cell | None) -> bool:
    """Whether both readings found the same print at the same place of the page."""
    if second is None or first.at is None or second.at is None:
        return False
    here, there = first.at, second.at
    return (
        (first.state, first.value, first.unit) == (second.state, second.value, second.unit)
        and (here.table, here.row, here.column) == (there.table, there.row, there.column)
        and plain(first.raw) == plain(second.raw)
    )


def _difference(report: Report, differing: Sequence[str], again: Mapping[str, Cell]) -> Lint:
    form = load_form(report.form or "")
    said = [
        f"{form.describe(key)}：一读{_print(report.cells[key])}，二读{_print(again.get(key))}"
        for key in differing[:MOST_NAMED]
    ]
    more = f"；等 {len(differing)} 格" if len(differing) > MOST_NAMED else ""
    text = "两种读法不一致，不作判断：" + "；".join(said) + more
    return Lint("second-reading-differs", text, report.cells[differing[0]].at)


def _print(cell: Cell | None) -> str:
    """What a reading saw: the value, its print where that is another, and the place."""
    if cell is None or cell.at is None:
        return "没有找到"
    place = f"表{cell.at.table}第{cell.at.row}行第{cell.at.column}列"
    raw = " ".join(cell.raw.split())[:20]
    if cell.state is CellState.REPORTED:
        return f"为“{raw or number_to_json(cell.value)}”（{place}）"
    return f"为空白（{place}）" if cell.state is CellState.BLANK else f"不能确定“{raw}”（{place}）"


def without(report: Report, keys: Sequence[str], lints: tuple[Lint, ...]) -> Report:
    """The report with the cells unreadable, and more lints."""
    cells = dict(report.cells)
    for key in keys:
        cells[key] = cells[key]._replace(state=CellState.UNREADABLE, value=None, unit=None)
    return replace(report, cells=cells, lints=(*report.lints, *lints))


# --- what can be read again ----------------------------------------------------------------------------------


def _hindrance(text: str) -> str | None:
    """Why a page cannot be read again, in Chinese, or None.

    html5lib takes time and memory with the depth of the tree, and with elements that are never closed: a page that
    was made to be slow must not be read twice.
    """
    if len(text) > LARGEST_PAGE:
        text = _EMBEDDED.sub("data:,", text)
        if len(text) > LARGEST_PAGE:
            return _TOO_LARGE.format(limit=LARGEST_PAGE // 10_000)
    depth = formatting = reopened = 0
    for closing, name in _TAG.findall(text):
        name = name.lower()
        step = -1 if closing else 1
        if name in _OPENS_A_BLOCK and not closing:
            reopened += formatting
        if name in _FORMATTING:
            formatting = max(0, formatting + step)
        if name not in _END_MAY_LACK:
            depth = max(0, depth + step)
        if depth > DEEPEST_NESTING or reopened > MOST_REOPENED:
            return _TOO_DEEP
    return None


def read_again(text: str) -> Document:
    """The page as blocks, by Beautiful Soup over html5lib; places have table, row and column only."""
    with warnings.catch_warnings():
        # It warns of pages that begin like XML or look like an address; they are read as HTML all the same.
        warnings.simplefilter("ignore")
        soup = BeautifulSoup(_EMBEDDED.sub("data:,", text), "html5lib")
    meta: dict[str, str] = {}
    for tag in soup.find_all("meta", attrs={"name": True}):
        name, content = _attribute(tag, "name").strip().lower(), _attribute(tag, "content").strip()
        if name and content and content != "null":
            meta.setdefault(name, content)
    title = soup.find("title")
    walk = _Walk(_hidden_by_style(soup))
    walk.over(soup)
    shown = _BLANKS.sub(" ", title.get_text()).strip() if isinstance(title, Tag) else ""
    return Document(HTML, tuple(walk.blocks), meta, shown)


# --- the walk ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Walk:
    """Goes over a tree in the order of the page and gathers lines, tables and pictures."""

    hidden: frozenset[int]
    blocks: list[Block] = field(default_factory=list)
    pieces: list[tuple[str, bool]] = field(default_factory=list)
    grids: int = 0

    def over(self, soup: BeautifulSoup) -> None:
        opened: list[tuple[Tag, Iterator[object]]] = [(soup, iter(list(soup.children)))]
        heading = link = 0
        while opened:
            tag, children = opened[-1]
            child = next(children, None)
            if child is None:
                opened.pop()
                if _breaks(tag):
                    self.end_line(heading > 0)
                heading -= _HEADINGS.fullmatch(tag.name) is not None
                link -= tag.name == "a"
            elif isinstance(child, NavigableString):
                if not isinstance(child, _NOT_TEXT):
                    self.pieces.append((str(child), link > 0))
            elif isinstance(child, Tag) and child.name not in _INVISIBLE and id(child) not in self.hidden:
                name = child.name
                if _breaks(child) or name in ("br", "img"):
                    self.end_line(heading > 0)
                if name == "img":
                    self.blocks.append(Picture(Place()))
                elif name != "br" and not (name == "table" and self.take(child)) and not self.take_lines(child):
                    heading += _HEADINGS.fullmatch(name) is not None
                    link += name == "a"
                    opened.append((child, iter(list(child.children))))

    def end_line(self, heading: bool) -> None:
        line = _BLANKS.sub(" ", "".join(text for text, _ in self.pieces)).strip()
        said = [linked for text, linked in self.pieces if text.strip()]
        self.pieces.clear()
        if line and not line.isspace():
            self.blocks.append(Paragraph(line, Place(), heading, bool(said) and all(said)))

    def take(self, table: Tag) -> bool:
        """Take a table that holds no other one as a grid, unless it is a frame around prose."""
        inner = [each for each in table.find_all("table") if isinstance(each, Tag)]
        if inner and (any(_is_of_the_form(each) for each in inner) or not _is_of_the_form(table)):
            return False
        rows = _expanded(table, self.hidden)
        longest = max((len(cell.text) for row in rows for cell in row.own), default=0)
        if longest > LONG_PROSE and not _is_of_the_form(table):
            return False
        self.grids += 1
        self.blocks.append(Grid(self.grids, rows, exact=True, counted=True))
        return True

    def take_lines(self, tag: Tag) -> bool:
        """Take a text that is shown as it is written, line by line."""
        if tag.name not in ("pre", "listing") or tag.find(("table", "div", "p", "pre")) is not None:
            return False
        for line_break in tag.find_all("br"):
            line_break.replace_with("\n")
        blocks = blocks_of_lines(tag.get_text(), tables=self.grids, path=None)
        self.grids += sum(1 for block in blocks if isinstance(block, Grid))
        self.blocks += blocks
        return True


def _is_of_the_form(table: Tag) -> bool:
    words = table.get_text()
    return any(word in words for word in _OF_THE_FORM)


def _hidden_by_style(soup: BeautifulSoup) -> frozenset[int]:
    """The elements that the page's own style sheets, its attributes or the standard hide, as identities."""
    found = {id(tag) for tag in soup.find_all(True) if isinstance(tag, Tag) and _is_concealed(tag)}
    sheets = "\n".join("".join(map(str, style.contents)) for style in soup.find_all("style"))[:_LONGEST_SHEETS]
    rules = _RULE.findall(_AT_RULE.sub("", _CSS_COMMENT.sub("", sheets)))
    hiding = [selector for selector, declarations in rules if _NOT_SHOWN.search(declarations)]
    for selector in hiding[:_MOST_SELECTORS]:
        # Only plain selectors: others could take for ever. What they hide is then read, and the readings differ.
        if _is_plain(selector.strip()):
            found |= {id(tag) for tag in soup.select(selector.strip())}
    return frozenset(found)


def _breaks(tag: Tag) -> bool:
    """Whether an element stands on lines of its own."""
    return tag.name in _LINE_BREAKING


# --- tables --------------------------------------------------------------------------------------------------


def _is_plain(selector: str) -> bool:
    """Whether a selector is a few names of elements, classes and ids."""
    compounds = re.split(r"\s*,\s*|\s+", selector)
    return (
        0 < len(selector) <= _LONGEST_SELECTOR
        and len(compounds) <= _MOST_COMPOUNDS
        and all(
            each and not each[0].isdigit() and each[0] != "-" and _COMPOUND.fullmatch(each) for each in compounds
        )
    )


def _expanded(table: Tag, hidden: frozenset[int]) -> tuple[GridRow, ...]:
    """The rows of a table in the order of display, each cell at the slots it covers."""
    cells_of: list[list[GridCell]] = []
    for group in _row_groups(table):
        first, end = len(cells_of), len(cells_of) + len(group)
        cells_of += [[] for _ in group]
        for number, tr in enumerate(group, first):
            concealed = "整行在网页上不显示" if _in_hidden(tr, hidden) else ""
            column = 0
            for td in tr.find_all(("td", "th"), recursive=False):
                if not isinstance(td, Tag) or (
                    id(td) in hidden and not _KEEPS_ITS_PLACE.search(_attribute(td, "style"))
                ):
                    continue
                column = _next_free(cells_of[number], number, column)
                text, doubt = _CellText(hidden).of(td)
                doubt = doubt or ("单元格在网页上不显示" if id(td) in hidden else "")
                bottom = min(number + _span(td, "rowspan"), end)
                right = column + _span(td, "colspan")
                cell = GridCell(text, number, column, bottom, right, doubt=doubt or concealed)
                for row in range(number, bottom):
                    cells_of[row].append(cell)
                column = right
    return tuple(
        GridRow(number, tuple(sorted(cells, key=lambda cell: cell.column)))
        for number, cells in enumerate(cells_of)
    )


def _next_free(cells: Sequence[GridCell], number: int, column: int) -> int:
    """The first column from ``column`` on that no cell from a row above reaches into."""
    above = sorted((cell.column, cell.end_column) for cell in cells if cell.row < number)
    for first, end in above:
        if first <= column < end:
            column = end
    return column


def _row_groups(table: Tag) -> list[list[Tag]]:
    """Rows that a rowspan may not leave, head first and foot last; html5lib puts every row into a group."""
    ordered: dict[str, list[list[Tag]]] = {"thead": [], "tbody": [], "tfoot": []}
    for child in table.find_all(True, recursive=False):
        if isinstance(child, Tag):
            if child.name in ordered:
                rows = child.find_all("tr", recursive=False)
                ordered[child.name].append([row for row in rows if isinstance(row, Tag)])
            elif child.name == "tr":
                ordered["tbody"].append([child])
    return [*ordered["thead"], *ordered["tbody"], *ordered["tfoot"]]


def _in_hidden(row: Tag, hidden: frozenset[int]) -> bool:
    return id(row) in hidden or id(row.parent) in hidden


def _span(cell: Tag, name: str) -> int:
    match = _WHOLE_NUMBER.match(_attribute(cell, name))
    if match and name == "rowspan" and int(match[1]) == 0:
        # The rest of its group of rows.
        return WIDEST_SPAN
    return max(1, min(int(match[1]), WIDEST_SPAN)) if match else 1


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value if isinstance(value, str) else " ".join(value or ())


def _is_concealed(tag: Tag) -> bool:
    return tag.has_attr("hidden") or _NOT_SHOWN.search(_attribute(tag, "style")) is not None


@dataclass(slots=True)
class _CellText:
    """What a reader sees in a cell, and whether anything in it is no plain print."""

    hidden: frozenset[int]
    lines: list[str] = field(default_factory=lambda: [""])
    raised: str = ""
    linked: str = ""
    struck: str = ""
    fields: int = 0
    pictures: int = 0

    def of(self, cell: Tag) -> tuple[str, str]:
        """The text, and why it is no evidence of a number, or ''."""
        self.over(cell)
        shown = [" ".join(line.split(" ")).strip(" ") for line in self.lines]
        shown = [line for line in shown if line.strip()]
        text = "\n".join(shown)
        if _HAN.search(text):
            return ("".join(shown) if len(text) <= LONG_PROSE else text), ""
        if self.fields:
            return text, "单元格里是输入框，不是印出的数字"
        if self.raised.strip() or (text and self.linked.strip()):
            return text, f"数字旁另有上标、下标或注号“{(self.raised + self.linked).strip()[:20]}”"
        if not text and self.linked.strip():
            return self.linked.strip(), ""
        if not text and (self.pictures or self.struck):
            return self.struck.strip(), "单元格里没有可读的数字"
        return text, ""

    def over(self, cell: Tag) -> None:
        opened: list[tuple[Tag, Iterator[object]]] = [(cell, iter(list(cell.children)))]
        raised = linked = 0
        while opened:
            tag, children = opened[-1]
            child = next(children, None)
            if child is None:
                opened.pop()
                raised -= tag.name in _RAISED
                linked -= _is_note(tag)
                if len(opened) and _breaks(tag):
                    self.lines.append("")
            elif isinstance(child, NavigableString):
                if not isinstance(child, _NOT_TEXT):
                    self.add(_BLANKS.sub(" ", str(child)), raised > 0, linked > 0)
            elif isinstance(child, Tag) and child.name != "rp" and id(child) not in self.hidden:
                name = child.name
                if name == "br":
                    self.lines.append("")
                elif name in ("input", "textarea", "select"):
                    self.fields += _attribute(child, "type").lower() != "hidden"
                elif name in ("img", "svg", "canvas", "object", "embed", "iframe"):
                    self.pictures += 1
                elif name in ("del", "s", "strike"):
                    self.struck += child.get_text()
                elif name not in _INVISIBLE:
                    raised += name in _RAISED
                    linked += _is_note(child)
                    if _breaks(child):
                        self.lines.append("")
                    opened.append((child, iter(list(child.children))))

    def add(self, text: str, raised: bool, linked: bool) -> None:
        if raised:
            self.raised += text
        elif linked:
            self.linked += text
        else:
            self.lines[-1] += text


def _is_note(tag: Tag) -> bool:
    """Whether an element is the link to a footnote."""
    return tag.name == "a" and _attribute(tag, "href").startswith("#")
