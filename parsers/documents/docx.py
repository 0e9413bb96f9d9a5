"""Word documents (.docx) into the plain model, read from their XML.

What a reader does not see is left out: deletions of tracked changes, hidden text, the codes of fields, headers and
footers, the second form of a text box. What Word prints by itself is put in: the numbers before paragraphs.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from parsers.documents.docx_styles import (
    PLAIN,
    Look,
    Numbering,
    Style,
    Styles,
    child,
    is_on,
    look_of,
    name_of,
    number_of,
    numbered_of,
    value_of,
)
from parsers.documents.grids import CellText, expand, is_layout, printed_title, span, without_slivers
from parsers.documents.model import DOCX, Block, Document, Grid, GridCell, Paragraph, Picture
from parsers.documents.numbering import before
from parsers.documents.package import (
    LARGEST_PICTURE,
    LARGEST_PICTURES,
    PICTURE_ENDINGS,
    TOO_MANY_PICTURES,
    Package,
)
from parsers.schema import Lint, Place, UnreadableDocument

_BODY_TEXT = 9
_FIELD_BLANKS = re.compile(r"[\r\n\t]+")
_MAIN_PART = re.compile(r"word/document\d*\.xml")
_DUBLIN_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_EMBEDDED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_EMBEDDED_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}embed"
_VML_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

# What only wraps others: its children stand where it stands.
_WRAPPERS = frozenset((
    "w:ins", "w:moveTo", "w:smartTag", "w:customXml", "w:sdtContent", "w:fldSimple", "w:dir", "w:bdo",
))  # fmt: skip
_LEFT_OUT = frozenset(("w:del", "w:moveFrom", "w:delText", "w:instrText", "w:delInstrText", "w:rt"))
_BREAKS = frozenset(("w:br", "w:cr"))
# The squares and ticks of Word's entry fields, which stand in fonts of pictures.
_SYMBOLS = {
    "F06F": "□",
    "F0A8": "□",
    "F072": "□",
    "F0FE": "☑",
    "F052": "☑",
    "F0FD": "☒",
    "F053": "☒",
    "F054": "☒",
    "F0FC": "√",
}
SYMBOL_MARK = "〔符〕"
PROMPT = "单元格里是输入框的提示文字，不是填写的数字"


def read_docx(data: bytes) -> Document:
    """Read a Word document of either make (transitional or strict).

    The title of the file's properties is given only where the text prints it too: it is often that of the document
    that was written over. Raises UnreadableDocument for what is damaged, encrypted, hostile or too large.
    """
    package = Package(data)
    name = _main_part(package)
    root = package.xml(name)
    body = child(root, "w:body")
    if root is None or body is None:
        raise UnreadableDocument("Word 文件里没有正文，可能已损坏；请重新下载")
    styles = Styles(_optional(package, "word/styles.xml"))
    walk = _Walk(styles, Numbering(_optional(package, "word/numbering.xml"), styles))
    walk.has_prompts = any(True for _ in root.iter("{*}showingPlcHdr"))
    walk.over(body)
    walk.flush()
    return Document(DOCX, tuple(walk.blocks), {}, _title(package, walk.blocks), tuple(walk.lints))


def pictures_of(data: bytes) -> list[bytes]:
    """The pictures embedded in the text of a Word document, in the order of print, each time they stand there.

    For a report that is only scanned pages pasted into Word. Linked pictures are never fetched, and those in
    formats of drawings (EMF, WMF) are left out. Raises UnreadableDocument as :func:`read_docx` does.
    """
    package = Package(data)
    name = _main_part(package)
    root = package.xml(name)
    folder, _, file = name.rpartition("/")
    relations = _optional(package, f"{folder}/_rels/{file}.rels")
    targets = {
        relation.get("Id", ""): relation.get("Target", "")
        for relation in (relations if relations is not None else ())
        if relation.get("TargetMode", "Internal") == "Internal"
    }
    pictures: list[bytes] = []
    total = 0
    for element in _shown(root) if root is not None else ():
        key = _picture_key(element)
        target = targets.get(key or "", "").replace("\\", "/")
        if not target.lower().endswith(PICTURE_ENDINGS):
            continue
        at = target.lstrip("/") if target.startswith("/") else f"{folder}/{target.removeprefix('./')}"
        picture = package.part(at, LARGEST_PICTURE)
        if picture:
            total += len(picture)
            if total > LARGEST_PICTURES:
                raise UnreadableDocument(TOO_MANY_PICTURES)
            pictures.append(picture)
    return pictures


def _main_part(package: Package) -> str:
    names = [name for name in package.names() if _MAIN_PART.fullmatch(name)]
    if not names:
        raise UnreadableDocument("Word 文件里没有正文，可能已损坏；请重新下载")
    return min(names, key=len)


def _optional(package: Package, name: str) -> etree._Element | None:
    """A part that may be missing or damaged without harm to the text."""
    try:
        return package.xml(name)
    except UnreadableDocument:
        return None


def _title(package: Package, blocks: list[Block]) -> str:
    properties = _optional(package, "docProps/core.xml")
    found = properties.find(_DUBLIN_TITLE) if properties is not None else None
    return printed_title(found.text if found is not None else None, blocks)


def _picture_key(element: etree._Element) -> str | None:
    name = name_of(element)
    if name == "a:blip":
        return element.get(_EMBEDDED) or element.get(_EMBEDDED_STRICT)
    return element.get(_VML_ID) if name == "v:imagedata" else None


def _shown(root: etree._Element) -> Iterator[etree._Element]:
    """Every element but those of deletions and of second forms."""
    stack = [root]
    while stack:
        element = stack.pop()
        yield element
        stack.extend(
            found for found in reversed(element) if name_of(found) not in ("mc:Fallback", "w:del", "w:moveFrom")
        )


@dataclass(slots=True)
class _Walk:
    """The walk over the body. XML nests 256 deep at most, so that functions may call themselves."""

    styles: Styles
    numbering: Numbering
    blocks: list[Block] = field(default_factory=list)
    lints: list[Lint] = field(default_factory=list)
    tables: int = 0
    paragraphs: int = 0
    # For each open field whether its code is being passed; its result is printed.
    codes: list[bool] = field(default_factory=list)
    # Text whose paragraph mark was deleted: it goes on with the next paragraph.
    open_text: CellText | None = None
    open_style: tuple[bool, bool] = (False, False)
    boxes: list[etree._Element] = field(default_factory=list)
    has_prompts: bool = False

    def over(self, container: etree._Element) -> None:
        """Read paragraphs and tables, whatever wraps them."""
        for element in container:
            name = name_of(element)
            if name == "w:p":
                self.paragraph(element)
            elif name == "w:tbl":
                self.flush()
                self.table(element)
            elif name == "w:sdt":
                inner = child(element, "w:sdtContent")
                if inner is not None:
                    self.over(inner)
            elif name == "mc:AlternateContent":
                self.over(_chosen(element))
            elif name == "w:altChunk":
                self.lints.append(Lint("embedded-part", "文件里嵌入了另一个文件的内容，未读取"))
            elif name in _WRAPPERS:
                self.over(element)

    # --- paragraphs ------------------------------------------------------------------------------------------

    def paragraph(self, element: etree._Element) -> None:
        """One paragraph of the flow: its lines, the pictures in it, then what its text boxes hold."""
        self.paragraphs += 1
        text = self.open_text or CellText()
        style, is_deleted = self.read(element, text)
        if self.open_text is None:
            self.open_style = (self.is_heading(element, style), style.is_contents)
        if is_deleted:
            self.open_text = text
            return
        self.open_text = None
        self.emit(text)

    def flush(self) -> None:
        """End a paragraph whose mark was deleted, where no other follows."""
        if self.open_text is not None:
            text, self.open_text = self.open_text, None
            self.emit(text)

    def emit(self, text: CellText) -> None:
        place = Place(line=self.paragraphs)
        heading, contents = self.open_style
        lines = text.prose()
        for position, line in enumerate(lines):
            line = before(text.label, line) if position == 0 else line
            linked = contents or (text.linked and not text.unlinked)
            self.blocks.append(Paragraph(line, place, heading and not linked, linked))
        self.blocks.extend(Picture(place) for _ in range(text.pictures))
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            self.over(box)
            self.flush()

    def is_heading(self, element: etree._Element, style: Style) -> bool:
        outline = child(child(element, "w:pPr"), "w:outlineLvl")
        if outline is not None:
            return (number_of(outline) or 0) < _BODY_TEXT
        return style.is_heading

    def read(self, element: etree._Element, text: CellText) -> tuple[Style, bool]:
        """Read a paragraph into ``text``; gives its style, and whether its end was deleted."""
        properties = child(element, "w:pPr")
        style, counting, mark = self.styles.of_paragraph(None), None, None
        if properties is not None:
            named = child(properties, "w:pStyle")
            if named is not None:
                style = self.styles.of_paragraph(value_of(named))
            counting, mark = child(properties, "w:numPr"), child(properties, "w:rPr")
        numbered = style.numbered if counting is None else numbered_of(counting, style.numbered)
        held = len(text.whole)
        self.inline(element, text, style.look, linked=False)
        # A field's code never outlives its paragraph; what a damaged one left open must not swallow the rest.
        while self.codes and self.codes[-1]:
            self.codes.pop()
        is_deleted = child(mark, "w:del") is not None or child(mark, "w:moveFrom") is not None
        is_hidden = bool(mark is not None and look_of(mark, self.styles).hidden)
        is_empty = not "".join(text.whole[held:]).strip()
        if numbered and not (is_empty and (is_deleted or is_hidden)):
            label = self.numbering.label(numbered)
            if not text.label and not "".join(text.whole[:held]).strip():
                text.label = label
        return style, is_deleted

    def inline(self, container: etree._Element, text: CellText, look: Look, *, linked: bool) -> None:
        """Read what stands in a paragraph: runs, and what wraps them."""
        for element in container:
            name = name_of(element)
            if name == "w:r":
                self.run(element, text, look, linked=linked)
            elif name == "w:hyperlink":
                self.inline(element, text, look, linked=True)
            elif name == "w:sdt":
                self.control(element, text, look, linked=linked)
            elif name in _WRAPPERS:
                self.inline(element, text, look, linked=linked)
            elif name == "mc:AlternateContent":
                self.inline(_chosen(element), text, look, linked=linked)
            elif name in ("m:oMath", "m:oMathPara"):
                self.formula(element, text)

    def control(self, element: etree._Element, text: CellText, look: Look, *, linked: bool) -> None:
        """An entry field: what stands in it is printed, also the words that ask to fill it in."""
        inner = child(element, "w:sdtContent")
        if inner is None:
            return
        prompt = child(child(element, "w:sdtPr"), "w:showingPlcHdr")
        if prompt is not None and is_on(prompt):
            text.doubt = PROMPT
        self.inline(inner, text, look, linked=linked)

    def formula(self, element: etree._Element, text: CellText) -> None:
        shown = "".join(found.text or "" for found in element.iter() if name_of(found) == "m:t")
        if shown:
            text.doubt = "单元格里是公式"
            text.unlinked = True
            text.add(shown)

    def run(self, element: etree._Element, text: CellText, below: Look, *, linked: bool) -> None:
        """Read a run: text of one look."""
        look = below
        follows_note = False
        for part in element:
            name = name_of(part)
            if name == "w:t":
                shown = part.text or ""
                if "\n" in shown or "\t" in shown:
                    shown = _FIELD_BLANKS.sub(" ", shown)
                self.put(shown, text, look, linked=linked, raised=follows_note)
            elif name == "w:rPr":
                if len(part):
                    look = look_of(part, self.styles).over(below)
            elif name in _LEFT_OUT:
                continue
            elif name in _BREAKS:
                self.put("\n", text, PLAIN, linked=linked)
            elif name in ("w:tab", "w:ptab"):
                self.put("\t", text, PLAIN, linked=linked)
            elif name == "w:noBreakHyphen":
                self.put("-", text, look, linked=linked)
            elif name == "w:sym":
                self.put(_symbol(part), text, look, linked=linked)
            elif name == "w:fldChar":
                self.field(part, text, look, linked=linked)
            elif name in ("w:footnoteReference", "w:endnoteReference"):
                follows_note = value_of(part, "customMarkFollows") is not None
            elif name in ("w:drawing", "w:pict", "w:object"):
                self.drawing(part, text, look)
            elif name == "w:ruby":
                inner = child(part, "w:rubyBase")
                if inner is not None:
                    self.inline(inner, text, look, linked=linked)
            elif name == "mc:AlternateContent":
                for drawn in _chosen(part):
                    self.drawing(drawn, text, look)

    def put(self, shown: str, text: CellText, look: Look, *, linked: bool, raised: bool = False) -> None:
        """Take text into what is read, by how it is printed."""
        if not shown or look.hidden or any(self.codes):
            return
        text.put(
            shown,
            linked=linked,
            struck=bool(look.struck),
            raised=raised or bool(look.raised),
            shifted=bool(look.shifted),
        )

    def field(self, element: etree._Element, text: CellText, look: Look, *, linked: bool) -> None:
        """A field: its code is passed over, its result printed; a box to tick or choose from shows its state."""
        kind = value_of(element, "fldCharType")
        if kind == "begin":
            data = child(element, "w:ffData")
            self.put(_entry(data) if data is not None else "", text, look, linked=linked)
            self.codes.append(True)
        elif kind == "separate" and self.codes:
            self.codes[-1] = False
        elif kind == "end" and self.codes:
            self.codes.pop()

    def drawing(self, element: etree._Element, text: CellText, look: Look) -> None:
        """A picture, or a text box, which is read behind the paragraph it hangs on."""
        if look.hidden or any(self.codes):
            return
        stack = [element]
        while stack:
            found = stack.pop()
            name = name_of(found)
            if name in ("a:blip", "v:imagedata"):
                text.pictures += 1
            elif name == "w:txbxContent":
                self.boxes.append(found)
                continue
            stack.extend(reversed(_chosen(found) if name == "mc:AlternateContent" else found))

    # --- tables ----------------------------------------------------------------------------------------------

    def table(self, element: etree._Element) -> None:
        """A table as a grid; one that only lays out others or prose is walked through."""
        if not self.holds_tables(element):
            kept = (deepcopy(self.numbering.counts), set(self.numbering.begun), self.paragraphs)
            grid = self.grid(element)
            if not is_layout(grid.rows):
                if grid.rows:
                    self.tables += 1
                    self.blocks.append(grid)
                return
            self.numbering.counts, self.numbering.begun, self.paragraphs = kept
        for row in _rows(element):
            for cell in _wrapped(row, "w:tc"):
                self.over(cell)
                self.flush()

    def holds_tables(self, element: etree._Element) -> bool:
        """Whether other tables stand in a table; a frame around the text of one cell counts as its text."""
        inner = [
            found
            for row in _rows(element)
            for cell in _wrapped(row, "w:tc")
            for found in _blocks(cell)
            if name_of(found) == "w:tbl"
        ]
        return any(
            len(cells) != 1 or self.holds_tables(found)
            for found in inner
            if (cells := [cell for row in _rows(found) for cell in _wrapped(row, "w:tc")]) is not None
        )

    def grid(self, element: etree._Element) -> Grid:
        columns = child(element, "w:tblGrid")
        widths = [
            _width(column) for column in (columns if columns is not None else ()) if name_of(column) == "w:gridCol"
        ]
        rows: list[list[GridCell]] = []
        claimed: list[list[float | None]] = []
        # For each first column the row and position of the cell that goes down through the rows below it.
        down: dict[int, tuple[int, int]] = {}
        for row in _rows(element):
            cells: list[GridCell] = []
            own_widths: list[float | None] = []
            number = len(rows)
            properties = child(row, "w:trPr")
            hidden = child(properties, "w:hidden")
            doubt = "整行是隐藏的" if hidden is not None and is_on(hidden) else ""
            skipped = child(properties, "w:gridBefore")
            column = span(value_of(skipped)) if skipped is not None and value_of(skipped) != "0" else 0
            going_down: dict[int, tuple[int, int]] = {}
            for cell in _wrapped(row, "w:tc"):
                about = _cell_properties(cell)
                end = column + about.span
                above = down.get(column)
                if about.joins_left and cells:
                    cells[-1] = cells[-1]._replace(end_column=end)
                elif about.vertical == "continue" and above and rows[above[0]][above[1]].end_column == end:
                    rows[above[0]][above[1]] = rows[above[0]][above[1]]._replace(end_row=number + 1)
                    going_down[column] = above
                else:
                    text, own_doubt = self.cell(cell)
                    own_doubt = own_doubt or doubt or about.doubt
                    cells.append(GridCell(text, number, column, number + 1, end, None, None, own_doubt))
                    own_widths.append(about.width)
                    if about.vertical:
                        going_down[column] = (number, len(cells) - 1)
                column = end
            rows.append(cells)
            claimed.append(own_widths)
            down = going_down
        return Grid(self.tables + 1, expand(without_slivers(rows, widths, claimed)), exact=True, counted=True)

    def cell(self, element: etree._Element) -> tuple[str, str]:
        """The text of a cell, and why it is no evidence of a number, or ''."""
        text = CellText()
        waiting = deque(_blocks(element))
        while waiting:
            block = waiting.popleft()
            if name_of(block) == "w:tbl":
                inner = [
                    found for row in _rows(block) for cell in _wrapped(row, "w:tc") for found in _blocks(cell)
                ]
                waiting.extendleft(reversed(inner))
                continue
            self.paragraphs += 1
            line = CellText()
            _, is_deleted = self.read(block, line)
            text.take(line)
            if not is_deleted:
                text.add("\n")
            boxes, self.boxes = self.boxes, []
            waiting.extendleft(reversed([found for box in boxes for found in _blocks(box)]))
        if self.has_prompts and _is_prompt(element):
            text.doubt = PROMPT
        return text.cell()


@dataclass(frozen=True, slots=True)
class _AboutCell:
    """What the properties of a cell say; ``vertical`` is ``restart`` or ``continue`` of a cell over rows."""

    span: int = 1
    vertical: str = ""
    joins_left: bool = False
    width: float | None = None
    doubt: str = ""


_USUAL_CELL = _AboutCell()


def _cell_properties(cell: etree._Element) -> _AboutCell:
    properties = child(cell, "w:tcPr")
    if properties is None:
        return _USUAL_CELL
    columns, vertical, joins_left, width, doubt = 1, "", False, None, ""
    for element in properties:
        name = name_of(element)
        if name == "w:gridSpan":
            columns = span(value_of(element))
        elif name == "w:vMerge":
            vertical = "restart" if value_of(element) == "restart" else "continue"
        elif name == "w:hMerge":
            joins_left = value_of(element) != "restart"
        elif name == "w:tcW":
            width = _width(element) if value_of(element, "type") in (None, "dxa") else None
        elif name == "w:cellDel":
            doubt = "单元格已被修订删除"
    return _AboutCell(columns, vertical, joins_left, width, doubt)


def _is_prompt(cell: etree._Element) -> bool:
    """Whether an entry field in or around a cell shows only the words that ask to fill it in."""
    if any(is_on(inside) for inside in cell.iter("{*}showingPlcHdr")):
        return True
    for around in cell.iterancestors():
        name = name_of(around)
        prompt = child(child(around, "w:sdtPr"), "w:showingPlcHdr") if name == "w:sdt" else None
        if prompt is not None and is_on(prompt):
            return True
        if name == "w:tr":
            break
    return False


def _width(element: etree._Element) -> float | None:
    return number_of(element, "w")


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    """The rows of a table that are printed."""
    return (row for row in _wrapped(table, "w:tr") if child(child(row, "w:trPr"), "w:del") is None)


def _wrapped(container: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The elements of one name in a table or a row, whatever wraps them."""
    for element in container:
        name = name_of(element)
        if name == wanted:
            yield element
        elif name == "w:sdt":
            inner = child(element, "w:sdtContent")
            if inner is not None:
                yield from _wrapped(inner, wanted)
        elif name in _WRAPPERS:
            yield from _wrapped(element, wanted)


def _blocks(container: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs and tables of a cell, whatever wraps them."""
    for element in container:
        name = name_of(element)
        if name in ("w:p", "w:tbl"):
            yield element
        elif name == "w:sdt":
            inner = child(element, "w:sdtContent")
            if inner is not None:
                yield from _blocks(inner)
        elif name == "mc:AlternateContent":
            yield from _blocks(_chosen(element))
        elif name in _WRAPPERS:
            yield from _blocks(element)


def _chosen(element: etree._Element) -> etree._Element:
    """Of two forms of the same the newer one: every program that prints it shows one of them only."""
    for found in element:
        if name_of(found) == "mc:Choice":
            return found
    return element[0] if len(element) else element


def _symbol(element: etree._Element) -> str:
    code = (value_of(element, "char") or "").upper()
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    if re.fullmatch(r"[0-9A-F]{4}", code) and not "E000" <= code <= "F8FF" and not "D800" <= code <= "DFFF":
        return chr(int(code, 16))
    return SYMBOL_MARK


def _entry(data: etree._Element) -> str:
    """What an entry field of the old kind shows: a tick, or the words chosen; '' for one with text."""
    box = child(data, "w:checkBox")
    if box is not None:
        state = child(box, "w:checked")
        if state is None:
            state = child(box, "w:default")
        return "☑" if state is not None and is_on(state) else "☐"
    choice = child(data, "w:ddList")
    if choice is None:
        return ""
    entries = [value_of(entry) or "" for entry in choice if name_of(entry) == "w:listEntry"]
    result = child(choice, "w:result")
    if result is None:
        result = child(choice, "w:default")
    chosen = (number_of(result) or 0) if result is not None else 0
    return entries[chosen] if 0 <= chosen < len(entries) else ""
