"""Sheets of workbooks as blocks: rows of prose become paragraphs, the rows between them tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parsers.documents.grids import label_on_one_line
from parsers.documents.model import Block, Grid, GridCell, GridRow, Paragraph
from parsers.schema import Place, UnreadableDocument
from parsers.sections import heading_of
from parsers.tables.bands import section_of
from parsers.titles import TitleKind, read_title

MOST_CELLS = 500_000
LONGEST_CAPTION = 60


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
            raise UnreadableDocument("工作表里的表格大得异常，不予读取；请检查文件是否正常")
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
