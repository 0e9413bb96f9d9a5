"""Plain text into the plain model: tables by tabs, a row a line or a cell a line."""

from __future__ import annotations

import re

from parsers.documents.model import TEXT, Block, Document, Grid, GridCell, GridRow, Paragraph
from parsers.schema import Place

# A cell a line: the line begins with the only tab it has.
_LONE_CELL = re.compile(r"\t[^\t]*")
_NUMBERED_HEADING = re.compile(r"\s*[一二三四五六]、\S")
_FEWEST_LONE_CELLS = 8


def read_text(text: str) -> Document:
    """Read a plain text.

    Two layouts of tables are known. A row a line: cells parted by tabs; a blank line inside the table does not end
    it. A cell a line: each cell begins with a tab, goes on over lines without one, and an empty line ends the row.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tabbed = [line for line in lines if "\t" in line]
    lone = sum(1 for line in tabbed if _LONE_CELL.fullmatch(line))
    take = (
        _take_cells_by_line if lone >= _FEWEST_LONE_CELLS and lone * 10 > len(tabbed) * 6 else _take_rows_by_line
    )
    blocks: list[Block] = []
    tables = 0
    position = 0
    while position < len(lines):
        line = lines[position]
        if "\t" in line:
            rows, end = take(lines, position)
            if sum(1 for row in rows if sum(1 for cell in row.cells if cell.text.strip()) > 1) > 1:
                tables += 1
                counted = take is _take_cells_by_line
                blocks.append(Grid(tables, tuple(rows), exact=False, counted=counted))
                position = end
                continue
        if line.strip():
            blocks.append(Paragraph(" ".join(line.split("\t")).strip(), Place(line=position + 1)))
        position += 1
    return Document(TEXT, tuple(blocks))


def _take_rows_by_line(lines: list[str], start: int) -> tuple[list[GridRow], int]:
    rows: list[GridRow] = []
    position = start
    while position < len(lines):
        line = lines[position]
        if "\t" in line:
            rows.append(_row(len(rows), [(text, position + 1) for text in line.split("\t")]))
            position += 1
        elif not line.strip() and position + 1 < len(lines) and "\t" in lines[position + 1]:
            position += 1
        else:
            break
    return rows, position


def _take_cells_by_line(lines: list[str], start: int) -> tuple[list[GridRow], int]:
    rows: list[GridRow] = []
    cells: list[tuple[str, int]] = []
    position = start
    while position < len(lines):
        line = lines[position]
        if line.startswith("\t"):
            cells.append((line[1:], position + 1))
        elif line.strip() and cells and not _NUMBERED_HEADING.match(line):
            text, number = cells[-1]
            cells[-1] = (text + "\n" + line, number)
        elif not line.strip() and cells:
            rows.append(_row(len(rows), cells))
            cells = []
        elif line.strip() or not _table_goes_on(lines, position):
            break
        position += 1
    if cells:
        rows.append(_row(len(rows), cells))
    return rows, position


def _table_goes_on(lines: list[str], position: int) -> bool:
    """Whether the next line that is not empty is again a cell."""
    for line in lines[position + 1 : position + 3]:
        if line.startswith("\t"):
            return True
        if line.strip():
            return False
    return False


def _row(number: int, cells: list[tuple[str, int]]) -> GridRow:
    return GridRow(
        number,
        tuple(
            GridCell(text, number, column, number + 1, column + 1, line)
            for column, (text, line) in enumerate(cells)
        ),
    )
