"""The plain model that every document reader yields: paragraphs, tables and pictures in the order of print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from parsers.schema import Box, Lint, Place

HTML = "text/html"
TEXT = "text/plain"
MHTML = "multipart/related"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOC = "application/msword"
RTF = "application/rtf"
ODT = "application/vnd.oasis.opendocument.text"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLS = "application/vnd.ms-excel"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PDF = "application/pdf"
OFD = "application/ofd"
ZIP = "application/zip"
PNG = "image/png"
JPEG = "image/jpeg"
OTHER_IMAGE = "image/*"

MOST_CELLS = 200_000
"""A table of more cells is no table of a report, and is refused for the memory that it takes."""


class Markup(NamedTuple):
    """What the markup of a line shows beside its text, for tables that are no tables.

    ``empty_before`` is how many empty lines stand right before it, ``cells`` the texts of the inline elements that
    make up the whole line (where there is more than one), and ``odd`` says that something in it is no plain text:
    raised, struck out, an entry field, a picture.
    """

    empty_before: int = 0
    cells: tuple[str, ...] = ()
    odd: bool = False


_PLAIN = Markup()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of prose. ``heading`` marks a heading element; ``linked`` text that is wholly a link."""

    text: str
    place: Place
    heading: bool = False
    linked: bool = False
    markup: Markup = _PLAIN


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in the flow of the page."""

    place: Place


class GridCell(NamedTuple):
    """One cell of a table: its text as displayed, and the rows and columns it covers, counted from 0.

    ``end_row`` and ``end_column`` are the first ones behind it. ``line`` or ``path`` says where it stands.
    ``doubt`` says, in Chinese, why its text is no evidence of a number; it is empty otherwise.
    ``page``, ``box`` and ``confidence`` as in :class:`parsers.schema.Place`.
    A page has hundreds of cells, and a named tuple is made in a third of the time of a frozen dataclass.
    """

    text: str
    row: int
    column: int
    end_row: int
    end_column: int
    line: int | None = None
    path: str | None = None
    doubt: str = ""
    page: int | None = None
    box: Box | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row: every cell that covers it, from left to right, those that began in a row above too.

    ``own`` are the cells that begin in this row, and ``end_column`` is the first column behind every cell.
    """

    number: int
    cells: tuple[GridCell, ...]
    own: tuple[GridCell, ...] = field(init=False, compare=False, repr=False)
    end_column: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        number = self.number
        object.__setattr__(self, "own", tuple([cell for cell in self.cells if cell.row == number]))
        object.__setattr__(self, "end_column", max([cell.end_column for cell in self.cells], default=0))


@dataclass(frozen=True, slots=True)
class Grid:
    """One table, spans expanded. ``number`` counts the document's tables from 1.

    ``exact`` says that columns are true: a value stands under its head. In plain text a merged cell leaves no
    trace, so columns are only the count of tabs. ``counted`` says that every cell of a row is written even when
    empty, so that their number can be trusted.
    """

    number: int
    rows: tuple[GridRow, ...]
    exact: bool
    counted: bool

    def place(self, cell: GridCell) -> Place:
        """Where a cell stands."""
        return Place(
            self.number, cell.row + 1, cell.column + 1, cell.line, cell.page, cell.path, cell.box, cell.confidence
        )


Block = Paragraph | Picture | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its blocks in order, its meta tags (first of each name), its ``<title>``, what was odd."""

    media_type: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    lints: tuple[Lint, ...] = ()
