"""OpenDocument texts (.odt) into the plain model, read from their XML."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from parsers.documents.grids import CellText, expand, is_layout, printed_title, without_slivers
from parsers.documents.model import ODT, Block, Document, Grid, Paragraph, Picture
from parsers.documents.numbering import before
from parsers.documents.odf import Lists, Reader, Styles, body_of, cells_of, name_of, rows_of, value_of
from parsers.documents.package import (
    LARGEST_PICTURE,
    LARGEST_PICTURES,
    PICTURE_ENDINGS,
    TOO_MANY_PICTURES,
    Package,
)
from parsers.schema import Place, UnreadableDocument

_DUBLIN_TITLE = ".//{http://purl.org/dc/elements/1.1/}title"
_LINK = "{http://www.w3.org/1999/xlink}href"
_INDEXES = frozenset((
    "text:table-of-content", "text:illustration-index", "text:table-index", "text:object-index", "text:user-index",
    "text:alphabetical-index", "text:bibliography",
))  # fmt: skip


def read_odt(data: bytes) -> Document:
    """Read an OpenDocument text.

    The title of the file's properties is given only where the text prints it too. Deletions of tracked changes,
    hidden text, notes and remarks are left out; the labels of lists and numbered headings are put in. Raises
    UnreadableDocument for what is damaged, encrypted, hostile or too large.
    """
    package = Package(data)
    body, styles = body_of(package, "text")
    walk = _Walk(styles, Reader(styles, Lists(styles)))
    walk.over(body)
    try:
        properties = package.xml("meta.xml")
    except UnreadableDocument:
        properties = None
    found = properties.find(_DUBLIN_TITLE) if properties is not None else None
    title = printed_title(found.text if found is not None else None, walk.blocks)
    return Document(ODT, tuple(walk.blocks), {}, title)


def pictures_of(data: bytes) -> list[bytes]:
    """The pictures embedded in an OpenDocument text, in the order of print, each time they stand there.

    For a report that is only scanned pages pasted into it. Linked pictures are never fetched. Raises
    UnreadableDocument as :func:`read_odt` does.
    """
    package = Package(data)
    body, _ = body_of(package, "text")
    pictures: list[bytes] = []
    for element in body.iter():
        if name_of(element) != "draw:frame" or not len(element) or name_of(element[0]) != "draw:image":
            continue
        target = element[0].get(_LINK, "").removeprefix("./")
        picture = package.part(target, LARGEST_PICTURE) if target.lower().endswith(PICTURE_ENDINGS) else None
        if picture:
            pictures.append(picture)
            if sum(map(len, pictures)) > LARGEST_PICTURES:
                raise UnreadableDocument(TOO_MANY_PICTURES)
    return pictures


@dataclass(slots=True)
class _Walk:
    """The walk over the body. XML nests 256 deep at most, so that functions may call themselves."""

    styles: Styles
    reader: Reader
    blocks: list[Block] = field(default_factory=list)
    tables: int = 0
    paragraphs: int = 0

    def over(self, parts: Iterable[etree._Element], *, linked: bool = False) -> None:
        """Read paragraphs, lists and tables, whatever wraps them."""
        for element in parts:
            name = name_of(element)
            if name in ("text:p", "text:h"):
                label = self.reader.lists.heading(element) if name == "text:h" else ""
                self.paragraph(element, label, linked=linked)
            elif name == "text:list":
                for part, label in self.reader.lists.lines(element):
                    if name_of(part) in ("text:p", "text:h"):
                        self.paragraph(part, label, linked=linked)
                    else:
                        self.over((part,), linked=linked)
            elif name == "table:table":
                self.table(element)
            elif name == "text:section":
                if value_of(element, "text", "display") != "none":
                    self.over(element, linked=linked)
            elif name in _INDEXES:
                self.over(element, linked=True)
            elif name in ("text:index-body", "text:index-title", "text:numbered-paragraph"):
                self.over(element, linked=linked)
            elif name.startswith("draw:"):
                text = CellText()
                self.reader.drawing(element, text, self.styles.of("text", None))
                self.emit(text, is_heading=False, linked=linked)

    def paragraph(self, element: etree._Element, label: str, *, linked: bool) -> None:
        """One paragraph of the flow: its lines, the pictures in it, then what its text boxes hold."""
        self.paragraphs += 1
        text = CellText()
        text.label = label
        self.reader.paragraph(element, text)
        self.emit(text, is_heading=name_of(element) == "text:h", linked=linked)

    def emit(self, text: CellText, *, is_heading: bool, linked: bool) -> None:
        place = Place(line=self.paragraphs)
        linked = linked or (text.linked and not text.unlinked)
        for position, line in enumerate(text.prose()):
            shown = before(text.label, line) if position == 0 else line
            self.blocks.append(Paragraph(shown, place, is_heading and not linked, linked))
        self.blocks.extend(Picture(place) for _ in range(text.pictures))
        boxes, self.reader.boxes = self.reader.boxes, []
        self.over(boxes)

    def table(self, element: etree._Element) -> None:
        """A table as a grid; one that only lays out others or prose is walked through."""
        if not _holds_tables(element):
            lists = self.reader.lists
            kept = deepcopy((lists.by_id, lists.last, lists.headings))
            rows, widths = self.reader.table(element)
            grid = Grid(self.tables + 1, expand(without_slivers(rows, widths)), exact=True, counted=True)
            if not is_layout(grid.rows):
                if grid.rows:
                    self.tables += 1
                    self.blocks.append(grid)
                return
            lists.by_id, lists.last, lists.headings = kept
        for row, _ in rows_of(element):
            for cell in cells_of(row):
                self.over(cell)


def _holds_tables(table: etree._Element) -> bool:
    """Whether other tables stand in a table; a frame around the text of one cell counts as its text."""
    for row, _ in rows_of(table):
        for cell in cells_of(row):
            for found in cell:
                if name_of(found) == "table:table":
                    inner = [one for line, _ in rows_of(found) for one in cells_of(line)]
                    if len(inner) != 1 or _holds_tables(found):
                        return True
    return False
