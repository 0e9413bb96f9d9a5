"""Workbooks of Excel 97 to 2003 and of WPS (.xls, .et) into the plain model, with xlrd.

A cell is what the sheet prints of it, told as for the other workbooks (:mod:`parsers.documents.sheets`).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile
import xlrd

from parsers.documents.grids import CellText
from parsers.documents.model import XLS, Block, Document, GridCell
from parsers.documents.number_formats import BUILT_IN, GENERAL
from parsers.documents.package import BROKEN, PASSWORD
from parsers.documents.sheets import (
    HIDDEN_COLUMN,
    HIDDEN_ROW,
    MOST_CELLS,
    MOST_MERGES,
    STRUCK,
    TOO_LARGE,
    Merges,
    blocks_of_sheet,
    covered,
    hidden_sheet,
    merged,
    number,
    uncovered,
)
from parsers.schema import Lint, UnreadableDocument

# Records of the stream: those that hold a cell begin with its row and column.
_CELLS = frozenset((0x06, 0x07E, 0x0BD, 0x0BE, 0x0D6, 0x0FD, 0x201, 0x203, 0x204, 0x205, 0x206, 0x27E))
_ENCRYPTED = 0x2F
_NUMBERS = frozenset((xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE))


def read_xls(data: bytes) -> Document:
    """Read an .xls workbook: its visible sheets in order, each cell as the sheet displays it.

    Raises UnreadableDocument for what is damaged, encrypted or too large.
    """
    _check(data)
    blocks: list[Block] = []
    lints: list[Lint] = []
    count = 0
    try:
        # What it has to say of oddities goes nowhere: standard output is not its own.
        book = xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, ragged_rows=True
        )
        for sheet in book.sheets():
            if sheet.visibility:
                lints.append(hidden_sheet(sheet.name))
                continue
            count += 1
            blocks += blocks_of_sheet(count, list(_Sheet(book, sheet).rows()))
    except UnreadableDocument:
        raise
    except Exception as problem:
        # It meets in a damaged file whatever stands there: assertions, missing keys, bytes that are no text.
        raise UnreadableDocument(BROKEN) from problem
    return Document(XLS, tuple(blocks), lints=tuple(lints))


def _check(data: bytes) -> None:
    """Refuse an encrypted workbook, and one whose cells lie so far apart that the sheet would fill the memory."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            stream = file.openstream("Workbook" if file.exists("Workbook") else "Book").read()
    except Exception as problem:
        raise UnreadableDocument(BROKEN) from problem
    position, last_row, last_column = 0, 0, 0
    while position + 8 <= len(stream):
        kind, length, row, column = struct.unpack_from("<4H", stream, position)
        if kind == _ENCRYPTED:
            raise UnreadableDocument(PASSWORD)
        if kind in _CELLS:
            last_row, last_column = max(last_row, row), max(last_column, column)
        position += 4 + length
    if last_row * last_column > 8 * MOST_CELLS:
        raise UnreadableDocument(TOO_LARGE)


class _Sheet:
    """One sheet and how its cells look."""

    def __init__(self, book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> None:
        self.book = book
        self.sheet = sheet
        self.merges: Merges = {
            (top, left): (bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells[:MOST_MERGES]
        }

    def rows(self) -> Iterator[list[GridCell]]:
        """The cells that begin in each row that the sheet writes."""
        sheet = self.sheet
        under = covered(self.merges)
        for row in range(sheet.nrows):
            about = sheet.rowinfo_map.get(row)
            unseen = HIDDEN_ROW if about is not None and about.hidden else ""
            cells: list[GridCell] = []
            for column in range(sheet.row_len(row)):
                if (row, column) in under or (
                    sheet.cell_type(row, column) == xlrd.XL_CELL_EMPTY and (row, column) not in self.merges
                ):
                    continue
                text, doubt = self.cell(row, column)
                width = sheet.colinfo_map.get(column)
                beyond = HIDDEN_COLUMN if width is not None and width.hidden else ""
                cells.append(merged(row, column, text, doubt or unseen or beyond, self.merges))
            yield uncovered(cells)

    def cell(self, row: int, column: int) -> tuple[str, str]:
        """What a cell prints, and why it is no evidence of a number, or ''."""
        kind, value = self.sheet.cell_type(row, column), self.sheet.cell_value(row, column)
        look = self.book.xf_list[self.sheet.cell_xf_index(row, column)]
        text, doubt = "", ""
        if kind in _NUMBERS:
            text, doubt = number(
                repr(value),
                self.format(look.format_key),
                hides_zeros=not self.sheet.show_zero_values,
                since_1904=self.book.datemode == 1,
            )
        elif kind == xlrd.XL_CELL_TEXT:
            text, doubt = self.text(value, self.sheet.rich_text_runlist_map.get((row, column), ()))
        elif kind == xlrd.XL_CELL_BOOLEAN:
            text = "TRUE" if value else "FALSE"
        elif kind == xlrd.XL_CELL_ERROR:
            text = xlrd.error_text_from_code.get(value, "#N/A")
        if text.strip() and self.book.font_list[look.font_index].struck_out:
            doubt = STRUCK
        return text.replace("\r", ""), doubt

    def format(self, key: int) -> str:
        """The code of a number format; the dates of Chinese workbooks are built in and have none of their own."""
        own = self.book.format_map.get(key)
        return (own.format_str if own is not None else "") or BUILT_IN.get(key, GENERAL)

    def text(self, value: str, runs: object) -> tuple[str, str]:
        """A text with its looks: what is struck out or raised is apart. ``runs`` say where another font begins."""
        changes = list(runs) if isinstance(runs, list) else []
        if not changes:
            return value, ""
        gathered = CellText()
        gathered.add(value[: changes[0][0]])
        ends = [start for start, _ in changes[1:]] + [len(value)]
        for (start, font_index), end in zip(changes, ends, strict=True):
            font, shown = self.book.font_list[font_index], value[start:end]
            gathered.put(shown, struck=bool(font.struck_out), raised=bool(font.escapement))
        return gathered.cell(one_line=False)
