"""What the sheets of all workbooks share: cells as they print, rows of prose as paragraphs, the rest as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.documents.grids import label_on_one_line
from parsers.documents.model import Block, Grid, GridCell, GridRow, Paragraph
from parsers.documents.number_formats import printed
from parsers.schema import Lint, Place, UnreadableDocument
from parsers.sections import heading_of
from parsers.tables.bands import section_of
from parsers.titles import TitleKind, read_title

MOST_CELLS = 500_000
MOST_MERGES = 100_000
LONGEST_CAPTION = 60
HIDDEN_ROW, HIDDEN_COLUMN = "整行是隐藏的", "整列是隐藏的"
STRUCK = "单元格里的数字被划去"
TOO_LARGE = "工作表里的表格大得异常，不予读取；请检查文件是否正常"
_ZERO = re.compile(r"-?0*\.?0*(?:[eE].*)?")

Merges = dict[tuple[int, int], tuple[int, int]]
"""Merged cells: their first row and column, and their last ones."""


def hidden_sheet(name: str) -> Lint:
    """What is said of a sheet that is not shown."""
    return Lint("hidden-sheet", f"工作表“{name[:30]}”是隐藏的，未读取")


def number(stored: str, code: str, *, hides_zeros: bool, since_1904: bool) -> tuple[str, str]:
    """What a cell prints of a stored number under a format, and why that is in doubt, or ''."""
    text, doubt = printed(stored, code, since_1904=since_1904)
    return ("", doubt) if hides_zeros and _ZERO.fullmatch(stored) else (text, doubt)


def merged(row: int, column: int, text: str, doubt: str, merges: Merges) -> GridCell:
    """A cell with the places that it covers."""
    bottom, right = merges.get((row, column), (row, column))
    return GridCell(text, row, column, max(bottom, row) + 1, max(right, column) + 1, None, None, doubt)


def covered(merges: Merges) -> frozenset[tuple[int, int]]:
    """The places under merged cells beside their first. Raises UnreadableDocument for more than a sheet prints."""
    found: set[tuple[int, int]] = set()
    for (top, left), (bottom, right) in merges.items():
        for row in range(top, bottom + 1):
            found |= {(row, column) for column in range(left, right + 1)}
            if len(found) > MOST_CELLS:
                raise UnreadableDocument(TOO_LARGE)
        found.discard((top, left))
    return frozenset(found)


def uncovered(cells: Sequence[GridCell]) -> list[GridCell]:
    """The cells of a row without those that a merged one to the left of them covers."""
    kept: list[GridCell] = []
    for cell in sorted(cells, key=lambda cell: cell.column):
        if not kept or kept[-1].end_column <= cell.column:
            kept.append(cell)
    return kept


def blocks_of_sheet(number: int, rows: Sequence[Sequence[GridCell]]) -> list[Block]:
    """One sheet, ``number`` counted from 1, from the cells that begin in each of its rows; rows may be left out.

    A cell knows its own row and column on the sheet. Cells that the file does not write are blank. Raises
    UnreadableDocument for a sheet larger than any that is printed.
    """
    sheet = _Sheet(number)
    for cells in rows:
        if cells:
            sheet.row(sorted(cells, key=lambda cell: cell.column))
    sheet.end_table()
    return sheet.blocks


@dataclass(slots=True)
class _Sheet:
    """The rows of the table that is being gathered; ``filled`` is how many of them end with its last full row."""

    number: int
    blocks: list[Block] = field(default_factory=list)
    rows: list[list[GridCell]] = field(default_factory=list)
    filled: int = 0
    end_row: int = 0
    written: int = 0

    def row(self, cells: list[GridCell]) -> None:
        """Take the next row: to the table, or as prose."""
        printed = [cell for cell in cells if cell.text.strip()]
        row = cells[0].row
        covered = row < self.end_row
        if len(printed) == 1 and not covered and self._is_prose(printed[0], row):
            self.end_table()
            self._prose(printed[0])
            return
        if not printed and not self.rows:
            return
        self.rows.append(cells)
        if len(printed) > 1 or covered or (printed and _is_of_form(row, cells)):
            self.filled = len(self.rows)
        if printed:
            self.end_row = max(self.end_row, *(cell.end_row for cell in printed))

    def end_table(self) -> None:
        """Close the table: captions behind its last full row are prose, and so are those before its first."""
        rows, filled = self.rows, self.filled
        self.rows, self.filled, self.end_row = [], 0, 0
        if filled and filled < len(rows) and not any(cell.text.strip() for cell in rows[filled]):
            # A row of frames without numbers, as table four has where nothing happened.
            filled += 1
        start = 0
        while start < filled and not _is_table_row(rows[start]):
            start += 1
        for cells in rows[:start]:
            self._prose(*(cell for cell in cells if cell.text.strip()))
        if start < filled:
            self.blocks.append(Grid(self.number, self._expanded(rows[start:filled]), exact=True, counted=True))
        for cells in rows[filled:]:
            self._prose(*(cell for cell in cells if cell.text.strip()))

    def _is_prose(self, cell: GridCell, row: int) -> bool:
        text = cell.text.strip()
        if "。" in text or len(text) > LONGEST_CAPTION or heading_of(text, 0, sure_only=True) is not None:
            return not _is_of_form(row, [cell])
        return read_title(text).kind is not TitleKind.OTHER

    def _prose(self, *cells: GridCell) -> None:
        for cell in cells:
            place = Place(table=self.number, row=cell.row + 1, column=cell.column + 1)
            self.blocks += [Paragraph(line.strip(), place) for line in cell.text.split("\n") if line.strip()]

    def _expanded(self, rows: list[list[GridCell]]) -> tuple[GridRow, ...]:
        """Every cell that covers each row, with blank ones where the sheet writes none."""
        last = max([cell.end_column for cells in rows for cell in cells if cell.text.strip()], default=0)
        last_row = rows[-1][0].row + 1
        self.written += last * len(rows)
        if self.written > MOST_CELLS:
            raise UnreadableDocument(TOO_LARGE)
        found: list[GridRow] = []
        covering: list[GridCell] = []
        for own in rows:
            number = own[0].row
            cells = [cell for cell in covering if cell.end_row > number]
            for cell in own:
                if cell.column < last:
                    cells.append(
                        cell._replace(
                            text=label_on_one_line(cell.text),
                            end_row=min(cell.end_row, last_row),
                            end_column=min(cell.end_column, last),
                        )
                    )
            taken = {column for cell in cells for column in range(cell.column, cell.end_column)}
            cells += [
                GridCell("", number, column, number + 1, column + 1)
                for column in range(last)
                if column not in taken
            ]
            cells.sort(key=lambda cell: cell.column)
            covering = [cell for cell in cells if cell.end_row > number + 1]
            found.append(GridRow(number, tuple(cells)))
        return tuple(found)


def _is_table_row(cells: list[GridCell]) -> bool:
    return sum(1 for cell in cells if cell.text.strip()) > 1 or _is_of_form(cells[0].row, cells)


def _is_of_form(row: int, cells: list[GridCell]) -> bool:
    """Whether a label of the official tables stands in a row."""
    return section_of(GridRow(row, tuple(cells))) is not None
