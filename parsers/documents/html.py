"""HTML pages into the plain model, by one walk over the tree of a parser that builds it as browsers do."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from parsers.documents.model import HTML, Block, Document, Grid, GridCell, GridRow, Paragraph, Picture
from parsers.schema import Place

LARGEST_SPAN = 1000
LONGEST_PROSE_FREE_CELL = 300
# Words of the official tables; a table that holds one is a table of the form, however long its cells.
_FORM_WORDS = re.compile("自然人|结果维持|信息内容|行政规范性文件|第二十条第|结转下")

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
_ASCII_BLANKS = re.compile(r"[ \t\r\n\f]+")
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
_SPECIAL = ",".join(
    (
        *sorted(_RAISED | _STRUCK | _FIELDS | _PICTURES),
        "script,style,noscript,rp,[hidden],a[href^='#']",
        "[style*='display:none' i],[style*='display: none' i],[style*=visibility i]",
    )
)
_HIDING = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
FIELD_MARK = "〔框〕"
PICTURE_MARK = "〔图〕"
_CELLS = frozenset(("td", "th"))
_SPAN = re.compile(r"\s*(\d{1,6})")


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
    walk = _Walk()
    if tree.root is not None:
        walk.over(tree.root)
    return Document(HTML, tuple(walk.blocks), meta, _ASCII_BLANKS.sub(" ", title.text()).strip() if title else "")


@dataclass(slots=True)
class _Frame:
    """One open element: the next child to visit, how many element children were met, what closing it does."""

    child: LexborNode | None
    is_block: bool
    is_heading: bool
    is_link: bool
    index: int = 0


@dataclass(slots=True)
class _Walk:
    """The walk over the tree: an explicit stack, since pages nest deeper than Python recurses."""

    blocks: list[Block] = field(default_factory=list)
    tables: int = 0
    buffer: list[str] = field(default_factory=list)
    linked: int = 0
    unlinked: int = 0
    links: int = 0
    headings: int = 0
    stack: list[_Frame] = field(default_factory=list)

    def over(self, root: LexborNode) -> None:
        stack = self.stack
        stack.append(_Frame(root.child, True, False, False))
        while stack:
            frame = stack[-1]
            node = frame.child
            if node is None:
                if frame.is_block:
                    self.flush()
                self.links -= frame.is_link
                self.headings -= frame.is_heading
                stack.pop()
                continue
            frame.child = node.next
            tag = node.tag
            if tag == "-text":
                text = node.text_content
                if text:
                    self.buffer.append(text)
                    if self.links:
                        self.linked += 1
                    elif not text.isspace():
                        self.unlinked += 1
                continue
            if tag is None or tag[0] in "-!":
                continue
            frame.index += 1
            if tag in _SKIPPED:
                continue
            if tag == "br":
                self.flush()
            elif tag == "img":
                self.flush()
                self.blocks.append(Picture(Place(path=self.path())))
            elif tag == "table" and self.table(node):
                continue
            else:
                is_block, is_heading, is_link = tag in _BLOCKS, tag in _HEADINGS, tag == "a"
                if is_block:
                    self.flush()
                self.links += is_link
                self.headings += is_heading
                stack.append(_Frame(node.child, is_block, is_heading, is_link))

    def path(self) -> str:
        """The CSS path of the element that is being visited."""
        return _path(self.stack)

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
            path = _path(self.stack[:depth])
            self.blocks.append(
                Paragraph(text, Place(path=path), bool(self.headings), linked > 0 and unlinked == 0)
            )

    def table(self, node: LexborNode) -> bool:
        """Take a table as a grid; False where it is layout and its content is to be walked."""
        if len(node.css("table")) > 1:
            return False
        self.flush()
        rows = _rows(node, self.path(), special=node.css_first(_SPECIAL) is not None)
        has_prose = any(len(cell.text) > LONGEST_PROSE_FREE_CELL for row in rows for cell in row.own)
        if has_prose and not _FORM_WORDS.search(node.text(deep=True, separator="")):
            return False
        self.tables += 1
        self.blocks.append(Grid(self.tables, rows, exact=True, counted=True))
        return True


def _path(frames: list[_Frame]) -> str:
    return ":root" + "".join([f">:nth-child({frame.index})" for frame in frames])


def _rows(table: LexborNode, path: str, *, special: bool) -> tuple[GridRow, ...]:
    """The rows as displayed (head, bodies, foot), with spans expanded as the HTML standard says.

    ``special`` says that something in the table is hidden, struck out, raised, a field or a picture.
    """
    groups: dict[str, list[list[tuple[LexborNode, str]]]] = {"thead": [], "tbody": [], "tfoot": []}
    for child, child_path in _elements(table, path):
        if child.tag == "tr":
            groups["tbody"].append([(child, child_path)])
        elif child.tag in groups:
            groups[child.tag].append([(row, at) for row, at in _elements(child, child_path) if row.tag == "tr"])
    rows: list[GridRow] = []
    for group in (*groups["thead"], *groups["tbody"], *groups["tfoot"]):
        last_row = len(rows) + len(group)
        open_cells: list[GridCell] = []
        for row, row_path in group:
            number = len(rows)
            covering = open_cells
            cells = list(covering)
            column = 0
            hidden = "整行在网页上不显示" if special and _is_hidden(row) else ""
            for node, at in _elements(row, row_path):
                if node.tag not in _CELLS or (special and _is_hidden(node)):
                    continue
                attributes = node.attributes
                text, doubt = _careful_text(node) if special else (_cell_text(node), "")
                if covering:
                    column = _free_column(covering, column)
                end_row, end_column = number + 1, column + 1
                if "rowspan" in attributes:
                    end_row = min(number + _span(attributes["rowspan"]), last_row)
                if "colspan" in attributes:
                    end_column = column + _span(attributes["colspan"])
                cells.append(GridCell(text, number, column, end_row, end_column, None, at, doubt or hidden))
                column = end_column
            if covering:
                cells.sort(key=lambda cell: cell.column)
            open_cells = [cell for cell in cells if cell.end_row > number + 1]
            rows.append(GridRow(number, tuple(cells)))
    return tuple(rows)


def _elements(node: LexborNode, path: str) -> list[tuple[LexborNode, str]]:
    """The element children, each with its CSS path."""
    children = [child for child in node.iter() if (child.tag or "-")[0] not in "-!"]
    return [(child, f"{path}>:nth-child({number})") for number, child in enumerate(children, 1)]


def _free_column(covering: list[GridCell], column: int) -> int:
    moved = True
    while moved:
        moved = False
        for cell in covering:
            if cell.column <= column < cell.end_column:
                column, moved = cell.end_column, True
    return column


def _span(value: str | None) -> int:
    if value is None:
        return 1
    match = _SPAN.match(value)
    return min(max(int(match[1]), 1), LARGEST_SPAN) if match else 1


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return "hidden" in attributes or _HIDING.search(attributes.get("style") or "") is not None


def _cell_text(node: LexborNode) -> str:
    """The text of a cell. Paragraphs inside it are joined for labels; numbers keep the break between them."""
    text = node.text(deep=True, separator="\0")
    if text.isalnum():
        return text
    pieces = [piece for piece in text.split("\0") if not piece.isspace()]
    if len(pieces) < 2:
        return _ASCII_BLANKS.sub(" ", pieces[0]).strip(" ") if pieces else ""
    return _label_on_one_line(_Reading().over(node).whole)


def _careful_text(node: LexborNode) -> tuple[str, str]:
    """The text of a cell that may hold more than text, and why it is no evidence of a number, or ''."""
    if node.css_first(_SPECIAL) is None:
        return _cell_text(node), ""
    reading = _Reading().over(node)
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


def _label_on_one_line(text: str) -> str:
    return text.replace("\n", "") if len(text) <= LONGEST_PROSE_FREE_CELL and _has_han(text) else text


def _has_han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@dataclass(slots=True)
class _Reading:
    """The text of an element as displayed, with a line break where a block or ``<br>`` breaks it.

    ``whole`` is all of it, ``plain`` what is neither raised nor a note's link; what is struck out stands apart.
    """

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
            elif tag[0] in "-!" or tag == "rp" or _is_hidden(child):
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
        self.whole, self.plain = _by_lines(whole), _by_lines(parts)
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
    return re.sub(r"\s*\n\s*", "\n", "".join(parts)).strip(" \n")
