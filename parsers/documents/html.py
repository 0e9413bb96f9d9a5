"""HTML pages into the plain model, by one walk over the tree of a parser that builds it as browsers do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.documents.hidden import Hidden, hidden_elements, keeps_its_place
from parsers.documents.model import (
    HTML,
    MOST_CELLS,
    Block,
    Document,
    Grid,
    GridCell,
    GridRow,
    Markup,
    Paragraph,
    Picture,
)
from parsers.documents.text import blocks_of_lines
from parsers.schema import Lint, Place, UnreadableDocument

LARGEST_SPAN = 1000
DEEPEST_PATH = 300
LONGEST_PROSE_FREE_CELL = 300
# Words of the official tables; a table that holds one is a table of the form, however long its cells.
FORM_WORDS = re.compile("自然人|结果维持|信息内容|行政规范性文件|第二十条第|结转下")

# fmt: off
_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "textarea", "select", "iframe", "object", "embed", "svg", "canvas",
    "audio", "video", "head",
))
_BLOCKS = frozenset((
    "html", "body", "address", "article", "aside", "blockquote", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "ul", "table", "thead",
    "tbody", "tfoot", "tr", "td", "th", "caption", "ucapcontent",
))
# fmt: on
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "ucaptitle"))
_HAN = re.compile("[\u4e00-\u9fff]")
_ASCII_BLANKS = re.compile(r"[ \t\r\n\f]+")
_LINE_BREAK = re.compile(r"\s*\n\s*")
_LOOKS_LIKE_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|table|div|p|span|meta|title|article|section|td|tr|br|h[1-6])\b[^<]*>",
    re.IGNORECASE,
)
_FAR_INTO_THE_FILE = 65_536
# What makes the text of a cell other than what a reader sees in it as its number.
_RAISED = frozenset(("sup", "sub", "rt"))
_STRUCK = frozenset(("del", "s", "strike"))
_FIELDS = frozenset(("input", "textarea", "select"))
_PICTURES = frozenset(("img", "svg", "canvas", "object", "embed", "iframe"))
_ODD = _RAISED | _STRUCK | _FIELDS | _PICTURES
_SPECIAL = ",".join(
    (
        *sorted(_RAISED | _STRUCK | _FIELDS | _PICTURES),
        "script,style,noscript,rp,a[href^='#']",
    )
)
FIELD_MARK = "〔框〕"
PICTURE_MARK = "〔图〕"
_ROW_HIDDEN = "整行在网页上不显示"
_CELL_HIDDEN = "单元格在网页上不显示"
_SHOWN = Hidden()
_column_of = attrgetter("column")
_CELLS = frozenset(("td", "th"))
_GROUPS = frozenset(("thead", "tbody", "tfoot"))
# The last row of a table of the form has more cells than one that only holds prose.
_LEAST_CELLS_OF_A_LAST_ROW = 2
_NEXT_SECTION = re.compile(
    r"[#*\s]*(?:第[三四五六]部分|[三四五六]\s*[、.．]).{0,20}?"
    r"(?:政府信息公开申请|行政复议|行政诉讼|问题|改进|其他(?:需要报告的)?事项|需要报告)"
)
_SPAN = re.compile(r"\s*(\d+)")
# Elements whose line breaks and blanks are shown as they are written; in the last two marks are text, too.
_PREFORMATTED = frozenset(("pre", "listing", "xmp", "plaintext"))
_SHOWS_MARKS = frozenset(("xmp", "plaintext"))
_MARK = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
# Words that say which part of a report stands somewhere.
_PARTS = re.compile(
    "总体情况|主动公开政府信息情况|收到和处理政府信息公开申请情况|行政复议、行政诉讼情况|存在的主要问题|其他需要报告的事项|"
    "行政处罚|自然人|予以公开|结果维持"
)
# A line of a table of the form that is no table: it prints one of the form's heads, and little else.
_LONGEST_LINE_OF_A_TABLE = 100
_HEADS_OF_FORMS = re.compile("自然人|信息内容|制发件数|新制作数量|处理决定数量|收费金额|结果维持")
# Elements that a line may be made of, and that make its cells where it is made of nothing else.
_INLINE = frozenset(("span", "b", "strong", "i", "em", "font", "label", "small", "big", "u", "code", "bdo", "a"))
_MOST_WRAPPERS = 8
_NOT_IN_A_CELL = ",".join((_SPECIAL, "br", *sorted(_BLOCKS)))
# In more tables that hold tables than this nobody looks for the one that is the form's.
_MOST_OUTER_TABLES = 200


def looks_like_html(text: str) -> bool:
    """Whether a text is HTML by its content."""
    return _LOOKS_LIKE_HTML.search(text, 0, _FAR_INTO_THE_FILE) is not None


def read_html(text: str) -> Document:
    """Read a page. Innermost tables are tables, outer ones layout; script and style are left out.

    A table without the form's words that holds long prose is layout too. Places carry a CSS path that
    ``document.querySelector`` finds.
    """
    tree = LexborHTMLParser(text)
    meta: dict[str, str] = {}
    for node in tree.css("meta[name]"):
        attributes = node.attributes
        name = (attributes.get("name") or "").strip().lower()
        content = (attributes.get("content") or "").strip()
        if name and content and content != "null":
            meta.setdefault(name, content)
    title = tree.css_first("title")
    hidden = hidden_elements(tree, text)
    # A table whose end tag is missing goes on to the end of the page: what follows it lies in its last cell.
    unended = _lacks_an_end(text) and _lacks_an_end(_without_scripts(text.lower()))
    tables = _tables(tree, unended=unended)
    walk = _Walk(hidden, tables)
    lints: tuple[Lint, ...] = ()
    if tree.root is not None:
        walk.over(tree.root)
        if walk.left_out:
            place = _place_of_hidden_parts(walk)
            if place:
                lints = (Lint("hidden-text", "报告的一部分在网页打开时不显示，已一并读取", place),)
                walk = _Walk(hidden, tables, shows_all=True)
                walk.over(tree.root)
        if _may_hold_tables_of_lines(walk.blocks):
            walk = _Walk(hidden, tables, shows_all=walk.shows_all, marks_up=True)
            walk.over(tree.root)
    shown_title = _ASCII_BLANKS.sub(" ", title.text()).strip() if title else ""
    return Document(HTML, tuple(walk.blocks), meta, shown_title, lints)


def _lacks_an_end(text: str) -> bool:
    """Whether fewer tables end than begin."""
    return text.count("</table") + text.count("</TABLE") < text.count("<table") + text.count("<TABLE")


def _without_scripts(lowered: str) -> str:
    """A page in small letters without comments and scripts: the tables written there are none of the page's."""
    for begin, end in (("<!--", "-->"), ("<script", "</script")):
        parts, at = [], 0
        while (start := lowered.find(begin, at)) >= 0 and (stop := lowered.find(end, start)) >= 0:
            parts.append(lowered[at:start])
            at = stop + len(end)
        lowered = "".join([*parts, lowered[at:]])
    return lowered


@dataclass(frozen=True, slots=True)
class _Tables:
    """Of the tables that hold tables: all of them, and those that hold a table of the form.

    ``unended``: some table of the page has no end tag.
    """

    outer: frozenset[int] = frozenset()
    around_forms: frozenset[int] = frozenset()
    unended: bool = False


_NO_TABLES = _Tables()


def _tables(tree: LexborHTMLParser, *, unended: bool) -> _Tables:
    nested = tree.css("table table")
    if not nested:
        return _Tables(unended=True) if unended else _NO_TABLES
    outer: set[int] = set()
    for node in nested:
        around = _table_around(node)
        if around is not None:
            outer.add(around.mem_id)
    holding: set[int] = set()
    for node in nested:
        if node.mem_id in outer or not FORM_WORDS.search(node.text(deep=True, separator="")):
            continue
        around = _table_around(node)
        while around is not None and around.mem_id not in holding:
            if not (unended and _prints_the_form(around)):
                holding.add(around.mem_id)
            around = _table_around(around)
    return _Tables(frozenset(outer), frozenset(holding), unended)


def _prints_the_form(table: LexborNode) -> bool:
    """Whether a table that holds others prints the form's words in a row of its own; prose tells of them too."""
    return any(
        len(text) <= LONGEST_PROSE_FREE_CELL and FORM_WORDS.search(text)
        for row in _own_rows(table)
        if row.css_first("table") is None
        for cell in row.iter()
        if (text := cell.text(deep=True, separator="").strip())
    )


def _own_rows(table: LexborNode) -> Iterator[LexborNode]:
    for child in table.iter():
        if child.tag == "tr":
            yield child
        elif child.tag in _GROUPS:
            yield from (row for row in child.iter() if row.tag == "tr")


def _table_around(node: LexborNode) -> LexborNode | None:
    around = node.parent
    while around is not None and around.tag != "table":
        around = around.parent
    return around


def _place_of_hidden_parts(walk: _Walk) -> Place | None:
    """Where a hidden element stands that holds a part of the report which nothing shown holds, or None."""
    candidates = [
        (place, set(_PARTS.findall(node.text(deep=True, separator="")))) for node, place in walk.left_out
    ]
    if not any(parts for _, parts in candidates):
        return None
    shown: set[str] = set()
    for block in walk.blocks:
        if isinstance(block, Paragraph):
            shown.update(() if block.linked else _PARTS.findall(block.text))
        elif isinstance(block, Grid):
            for row in block.rows:
                for cell in row.own:
                    shown.update(_PARTS.findall(cell.text))
    return next((place for place, parts in candidates if parts - shown), None)


def _may_hold_tables_of_lines(blocks: list[Block]) -> bool:
    """Whether a short line prints a head of the form's tables: then what the markup shows of lines is needed."""
    for block in blocks:
        if isinstance(block, Paragraph):
            text = block.text
            if len(text) <= _LONGEST_LINE_OF_A_TABLE and _HEADS_OF_FORMS.search(text):
                return True
    return False


@dataclass(slots=True)
class _Frame:
    """One open element: what is visited behind it, what closing it does, how many element children were met.

    ``filled`` and ``cells`` are kept only where the walk looks at the markup of lines.
    ``path`` is its CSS path once it has been asked for: many paragraphs and tables stand in one element.
    """

    following: LexborNode | None
    is_block: bool
    is_heading: bool
    is_link: bool
    index: int = 0
    filled: bool = False
    cells: tuple[str, ...] = ()
    path: str | None = None


@dataclass(slots=True)
class _Walk:
    """The walk over the tree: an explicit stack, since pages nest deeper than Python recurses.

    ``marks_up`` makes it note beside each line what its markup shows: it takes longer, and few pages need it.
    """

    hidden: Hidden
    nested: _Tables
    shows_all: bool = False
    marks_up: bool = False
    empty: int = 0
    odd: bool = False
    left_out: list[tuple[LexborNode, Place]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    tables: int = 0
    buffer: list[str] = field(default_factory=list)
    linked: int = 0
    unlinked: int = 0
    links: int = 0
    headings: int = 0
    stack: list[_Frame] = field(default_factory=list)
    tail: _Tail | None = None

    def over(self, root: LexborNode) -> None:
        stack, buffer = self.stack, self.buffer
        hidden = frozenset() if self.shows_all else self.hidden.elements
        frame = _Frame(None, True, False, False, path=":root")
        stack.append(frame)
        node = root.child
        while True:
            if node is None:
                if buffer and frame.is_block:
                    self.flush()
                self.links -= frame.is_link
                self.headings -= frame.is_heading
                node = frame.following
                stack.pop()
                if not stack:
                    return
                closed, frame = frame, stack[-1]
                if self.marks_up:
                    self.empty += closed.is_block and not closed.filled
                    frame.filled |= closed.is_block or closed.filled
                continue
            tag = node.tag
            if tag == "-text":
                # Most text on a page is the blanks between its tags: before the first word they are nothing.
                if buffer or self.marks_up or not node.is_empty_text_node:
                    text = node.text_content
                    if text:
                        buffer.append(text)
                        if not text.isspace():
                            if self.links:
                                self.linked += 1
                            else:
                                self.unlinked += 1
            elif tag is not None and tag[0] not in "-!":
                frame.index += 1
                if self.marks_up and tag in _ODD:
                    self.odd = frame.filled = True
                if tag in _SKIPPED:
                    pass
                elif hidden and node.mem_id in hidden:
                    self.left_out.append((node, Place(path=self.path() or None)))
                elif tag == "br":
                    before = len(self.blocks)
                    self.flush()
                    if self.marks_up:
                        self.empty += len(self.blocks) == before
                        frame.filled = True
                elif tag == "img":
                    self.flush()
                    self.blocks.append(Picture(Place(path=self.path() or None)))
                elif (tag == "table" and self.table(node)) or (tag in _PREFORMATTED and self.preformatted(node)):
                    frame.filled, self.empty = True, 0
                    if self.tail:
                        tail, self.tail = self.tail, None
                        frame = _Frame(node.next, True, False, False, tail.before, path=tail.path)
                        stack.append(frame)
                        node = tail.first
                        continue
                else:
                    frame = _Frame(node.next, tag in _BLOCKS, tag in _HEADINGS, tag == "a")
                    if frame.is_block:
                        if buffer:
                            self.flush()
                        if self.marks_up:
                            frame.cells = _inline_cells(node, hidden)
                    self.links += frame.is_link
                    self.headings += frame.is_heading
                    stack.append(frame)
                    node = node.child
                    continue
            node = node.next

    def path(self) -> str:
        """The CSS path of the element that is being visited; '' where it would be too long to keep."""
        around = self.path_at(len(self.stack) - 1)
        return f"{around}>:nth-child({self.stack[-1].index})" if len(self.stack) <= DEEPEST_PATH else ""

    def path_at(self, depth: int) -> str:
        """The CSS path of an open element; '' where it would be too long to keep for every cell."""
        if depth > DEEPEST_PATH:
            return ""
        stack = self.stack
        known = depth
        while (path := stack[known].path) is None:
            known -= 1
        while known < depth:
            path = f"{path}>:nth-child({stack[known].index})"
            known += 1
            stack[known].path = path
        return path

    def flush(self) -> None:
        """End the paragraph that was being gathered."""
        if not self.buffer:
            return
        text = _ASCII_BLANKS.sub(" ", "".join(self.buffer)).strip()
        self.buffer.clear()
        linked, self.linked = self.linked, 0
        unlinked, self.unlinked = self.unlinked, 0
        if text and not text.isspace():
            depth = len(self.stack) - 1
            while depth > 0 and not self.stack[depth].is_block:
                depth -= 1
            place, markup = Place(path=self.path_at(depth) or None), Markup()
            if self.marks_up:
                markup = Markup(self.empty, self.stack[depth].cells, self.odd)
                self.empty = 0
                self.stack[-1].filled = True
            self.blocks.append(Paragraph(text, place, bool(self.headings), linked > 0 and unlinked == 0, markup))
        self.odd = False

    def table(self, node: LexborNode) -> bool:
        """Take a table as a grid; False where it is layout and its content is to be walked."""
        if node.mem_id in self.nested.outer and not self.is_form(node):
            return False
        self.flush()
        special = node.css_first(_SPECIAL) is not None or node.mem_id in self.hidden.around
        tail = _tail_of(node) if self.nested.unended and not special else None
        table = _Table(self.hidden, special, tail)
        path = self.path()
        rows = table.rows(node, path)
        has_prose = any(len(cell.text) > LONGEST_PROSE_FREE_CELL for row in rows for cell in row.own)
        if has_prose and not FORM_WORDS.search(node.text(deep=True, separator="")):
            return False
        self.tables += 1
        self.blocks += [Paragraph(text, Place(path=at or None)) for text, at in table.captions]
        self.blocks.append(Grid(self.tables, rows, exact=True, counted=True))
        self.tail = tail
        return True

    def is_form(self, node: LexborNode) -> bool:
        """Whether a table that holds tables is itself one of the form, and they are parts of its cells."""
        return (
            len(self.nested.outer) <= _MOST_OUTER_TABLES
            and node.mem_id not in self.nested.around_forms
            and FORM_WORDS.search(node.text(deep=True, separator="")) is not None
        )

    def preformatted(self, node: LexborNode) -> bool:
        """Take the lines of a text that is shown as it is written; False where it holds tables of its own."""
        if node.css_first("table,div,p,pre pre") is not None:
            return False
        self.flush()
        parts: list[str] = []
        for inner in node.traverse(include_text=True):
            if inner.tag == "br":
                parts.append("\n")
            elif inner.tag == "-text":
                parts.append(inner.text_content or "")
        text = "".join(parts)
        if node.tag in _SHOWS_MARKS:
            text = _MARK.sub("\n", text)
        blocks = blocks_of_lines(text, tables=self.tables, path=self.path() or None)
        self.tables += sum(1 for block in blocks if isinstance(block, Grid))
        self.blocks += blocks
        return True


def _inline_cells(node: LexborNode, hidden: frozenset[int]) -> tuple[str, ...]:
    """The texts of the inline elements that a block consists of: at least two, and plain; else none."""
    for _ in range(_MOST_WRAPPERS):
        children: list[LexborNode] = []
        for child in node.iter(include_text=True):
            tag = child.tag or "-"
            if tag == "-text":
                if not (child.text_content or "").isspace():
                    return ()
            elif tag[0] not in "-!":
                if tag not in _INLINE or child.mem_id in hidden:
                    return ()
                children.append(child)
        if len(children) != 1:
            break
        node = children[0]
    if len(children) < 2 or any(child.css_first(_NOT_IN_A_CELL) is not None for child in children):
        return ()
    return tuple([_ASCII_BLANKS.sub(" ", child.text(deep=True)).strip() for child in children])


@dataclass(slots=True)
class _Tail:
    """What lies in the last cell of a table without an end tag and belongs behind the table.

    ``cell`` is the cell (its ``mem_id``), ``text`` what is its own, ``first`` the first node that is not,
    ``before`` the number of elements in the cell before that; ``path`` is the cell's, once it is known.
    """

    cell: int
    text: str
    first: LexborNode
    before: int
    path: str = ""


def _tail_of(table: LexborNode) -> _Tail | None:
    """The tail of a table whose last cell goes on with the heading of a section or another table of the form."""
    cells = [cell for row in list(_own_rows(table))[-1:] for cell in row.iter() if cell.tag in _CELLS]
    if len(cells) < _LEAST_CELLS_OF_A_LAST_ROW:
        return None
    texts: list[str] = []
    before = 0
    for child in cells[-1].iter(include_text=True):
        text = child.text_content or "" if child.tag == "-text" else child.text(deep=True, separator="")
        is_table = child.tag == "table" and FORM_WORDS.search(text) is not None
        if is_table or _NEXT_SECTION.match(text):
            return _Tail(cells[-1].mem_id, _ASCII_BLANKS.sub(" ", "".join(texts)).strip(), child, before)
        texts.append(text)
        before += (child.tag or "-")[0] not in "-!"
    return None


@dataclass(slots=True)
class _Table:
    """Reads one table. ``special``: something in it is hidden, struck out, raised, a field or a picture."""

    hidden: Hidden
    special: bool
    tail: _Tail | None = None
    captions: list[tuple[str, str]] = field(default_factory=list)

    def rows(self, table: LexborNode, path: str) -> tuple[GridRow, ...]:
        """The rows as displayed (head, bodies, foot), with spans expanded as the HTML standard says.

        Raises UnreadableDocument for a table of more cells than any report has.
        """
        rows: list[GridRow] = []
        special, hidden = self.special, self.hidden.elements
        count = 0
        for group, is_hidden_group in self.groups(table, path):
            last_row = len(rows) + len(group)
            open_cells: list[GridCell] = []
            for row, row_path in group:
                number = len(rows)
                covering = open_cells
                cells = list(covering)
                column = passed = 0
                doubt_of_row = _ROW_HIDDEN if special and (is_hidden_group or row.mem_id in hidden) else ""
                place = 0
                for node in row.iter():
                    tag = node.tag or "-"
                    place += tag[0] not in "-!"
                    if tag not in _CELLS:
                        continue
                    at = f"{row_path}>:nth-child({place})" if row_path else None
                    doubt_of_cell = doubt_of_row
                    if special and node.mem_id in hidden:
                        if not keeps_its_place(node):
                            continue
                        doubt_of_cell = _CELL_HIDDEN
                    attributes = node.attributes
                    if self.tail and node.mem_id == self.tail.cell:
                        text, doubt, self.tail.path = self.tail.text, "", at or ""
                    else:
                        text, doubt = self.text(node) if special else (_cell_text(node), "")
                    while passed < len(covering) and covering[passed].column <= column:
                        column = max(column, covering[passed].end_column)
                        passed += 1
                    end_row, end_column = number + 1, column + 1
                    if "rowspan" in attributes:
                        end_row = min(number + (_span(attributes["rowspan"], 0) or last_row), last_row)
                    if "colspan" in attributes:
                        end_column = column + max(_span(attributes["colspan"], 1), 1)
                    cells.append(
                        GridCell(text, number, column, end_row, end_column, None, at, doubt or doubt_of_cell)
                    )
                    column = end_column
                if covering:
                    cells.sort(key=_column_of)
                open_cells = [cell for cell in cells if cell.end_row > number + 1]
                rows.append(GridRow(number, tuple(cells)))
                count += len(cells)
                if count > MOST_CELLS:
                    raise UnreadableDocument(f"有一张表超过 {MOST_CELLS} 格，不是年报的表；请检查文件")
        return tuple(rows)

    def groups(self, table: LexborNode, path: str) -> list[tuple[list[tuple[LexborNode, str]], bool]]:
        """The groups of rows in the order in which they are shown, and whether each is hidden; notes captions."""
        found: dict[str, list[tuple[list[tuple[LexborNode, str]], bool]]] = {"thead": [], "tbody": [], "tfoot": []}
        for child, child_path in _elements(table, path):
            tag = child.tag
            if tag == "tr":
                found["tbody"].append(([(child, child_path)], False))
            elif tag in found:
                rows = [(row, at) for row, at in _elements(child, child_path) if row.tag == "tr"]
                found[tag].append((rows, child.mem_id in self.hidden.elements))
            elif tag == "caption" and child.mem_id not in self.hidden.elements:
                text = _cell_text(child)
                if text:
                    self.captions.append((text, child_path))
        return [*found["thead"], *found["tbody"], *found["tfoot"]]

    def text(self, node: LexborNode) -> tuple[str, str]:
        """The text of a cell that may hold more than text, and why it is no evidence of a number, or ''."""
        if node.mem_id not in self.hidden.around and node.css_first(_SPECIAL) is None:
            return _cell_text(node), ""
        reading = _Reading(self.hidden).over(node)
        plain_text, raised = _label_on_one_line(reading.plain), reading.raised.strip()
        if _has_han(plain_text):
            return plain_text, ""
        if reading.fields:
            return _label_on_one_line(reading.whole) or reading.fields, "单元格里是输入框，不是印出的数字"
        if raised:
            return _label_on_one_line(reading.whole), f"数字旁另有上标、下标或注号“{raised[:20]}”"
        if not plain_text and reading.pictures:
            return PICTURE_MARK, "单元格里是图片，没有文字"
        if not plain_text and reading.struck:
            return reading.struck, "单元格里的数字被划去"
        return plain_text, ""


def _elements(node: LexborNode, path: str) -> list[tuple[LexborNode, str]]:
    """The element children, each with its CSS path."""
    children = [child for child in node.iter() if (child.tag or "-")[0] not in "-!"]
    if not path:
        return [(child, "") for child in children]
    return [(child, f"{path}>:nth-child({number})") for number, child in enumerate(children, 1)]


def _span(value: str | None, least: int) -> int:
    """A span as the HTML standard reads it: 1 where it is no number; a ``rowspan`` of 0 goes on to the end."""
    match = _SPAN.match(value or "")
    return min(max(int(match[1][:6]), least), LARGEST_SPAN) if match else 1


def _cell_text(node: LexborNode) -> str:
    """The text of a cell. Paragraphs inside it are joined for labels; numbers keep the break between them."""
    text = node.text(deep=True, separator="\0")
    if text.isalnum():
        return text
    pieces = [piece for piece in text.split("\0") if not piece.isspace()]
    if len(pieces) < 2:
        return _ASCII_BLANKS.sub(" ", pieces[0]).strip(" ") if pieces else ""
    return _label_on_one_line(_Reading(_SHOWN).over(node).whole)


def _label_on_one_line(text: str) -> str:
    return text.replace("\n", "") if len(text) <= LONGEST_PROSE_FREE_CELL and _has_han(text) else text


def _has_han(text: str) -> bool:
    return _HAN.search(text) is not None


@dataclass(slots=True)
class _Reading:
    """The text of an element as displayed, with a line break where a block or ``<br>`` breaks it.

    ``whole`` is all of it, ``plain`` what is neither raised nor a note's link; what is struck out stands apart.
    """

    hidden: Hidden
    whole: str = ""
    plain: str = ""
    raised: str = ""
    struck: str = ""
    fields: str = ""
    pictures: int = 0

    def over(self, node: LexborNode) -> _Reading:
        """Read an element."""
        whole: list[str] = []
        parts: list[str] = []
        links: list[str] = []
        stack: list[LexborNode | None] = [node.child]
        closing: list[str] = [""]
        raised = linked = 0
        while stack:
            child = stack[-1]
            if child is None:
                stack.pop()
                tag = closing.pop()
                raised -= tag in _RAISED
                linked -= tag == "a"
                if tag in _BLOCKS:
                    whole.append("\n")
                    parts.append("\n")
                continue
            stack[-1] = child.next
            tag = child.tag or "-"
            if tag == "-text" or tag == "br":
                text = "\n" if tag == "br" else _ASCII_BLANKS.sub(" ", child.text_content or "")
                whole.append(text)
                if raised:
                    self.raised += text
                else:
                    (links if linked and tag != "br" else parts).append(text)
            elif tag[0] in "-!" or tag == "rp" or child.mem_id in self.hidden.elements:
                continue
            elif tag in _FIELDS:
                self.field(child, whole)
            elif tag in _PICTURES:
                self.pictures += 1
            elif tag in _STRUCK:
                self.struck += child.text(deep=True).strip()
            elif tag not in _SKIPPED:
                if tag == "a" and not (child.attributes.get("href") or "").startswith("#"):
                    tag = "span"
                raised += tag in _RAISED
                linked += tag == "a"
                if tag in _BLOCKS:
                    whole.append("\n")
                    parts.append("\n")
                stack.append(child.child)
                closing.append(tag)
        self.whole = _by_lines(whole)
        # Most cells hold nothing raised and no link.
        self.plain = self.whole if parts == whole else _by_lines(parts)
        if self.plain:
            self.raised += "".join(links)
        else:
            self.plain = _by_lines(links)
        return self

    def field(self, node: LexborNode, whole: list[str]) -> None:
        """An entry field shows its value; a hidden one nothing."""
        if (node.attributes.get("type") or "").lower() == "hidden":
            return
        self.fields = FIELD_MARK
        chosen = node.css_first("option[selected]") or node.css_first("option") if node.tag == "select" else None
        shown = node.attributes.get("value") if node.tag == "input" else (chosen or node).text(deep=True)
        whole.append(shown or "")


def _by_lines(parts: list[str]) -> str:
    return _LINE_BREAK.sub("\n", "".join(parts)).strip(" \n")
