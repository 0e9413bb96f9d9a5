"""Plain text into the plain model: tables by tabs, lines or blanks; a row a line or a cell a line."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from parsers.documents.model import MOST_CELLS, TEXT, Block, Document, Grid, GridCell, GridRow, Markup, Paragraph
from parsers.schema import Place, UnreadableDocument

# A cell a line: the line begins with the only tab it has.
_LONE_CELL = re.compile(r"\t[^\t]*")
_NUMBERED_HEADING = re.compile(r"\s*[一二三四五六]、\S")
_FEWEST_LONE_CELLS = 8
_STROKES = "|｜│┃║┆┊"
_STROKE = re.compile(f"[{_STROKES}]")
# A line drawn between rows: of box characters, of + and -, of Markdown.
_RULE = re.compile(r"[\s+|:=_─━═┄┈┌┬┐├┼┤└┴┘╔╦╗╠╬╣╚╩╝╒╤╕╞╪╡╘╧╛╓╥╖╟╫╢╙╨╜┏┳┓┣╋┫┗┻┛│┃║-]{3,}")
_RULE_CHARACTERS = re.compile(r"[=_─━═┄┈-]{2}")
_DRAWN = re.compile(r"[─━═]|\+[-=]{2}")
_COLUMN_OF_BLANKS = re.compile(r" {2,}| *　[ 　]*")
_NUMBER = re.compile(r"[+-]?[\d０-９][\d０-９,.]*|[/—-]")
_FEWEST_STROKES = 2
_FEWEST_ROWS = 2


def read_text(text: str) -> Document:
    """Read a plain text: see :func:`blocks_of_lines`."""
    return Document(TEXT, tuple(blocks_of_lines(text)))


def blocks_of_lines(text: str, *, tables: int = 0, path: str | None = None) -> list[Block]:
    """The paragraphs and tables of a text whose lines are shown as they are written.

    These layouts of tables are known. A row a line: cells parted by tabs, by strokes (``|``, ``│``), or by two
    blanks and more; a blank line or a drawn line inside the table does not end it. A cell a line: each cell begins
    with a tab, goes on over lines without one, and an empty line ends the row. ``tables`` is how many tables stand
    before; ``path`` is the element of a page that holds the text. Raises UnreadableDocument for a table of more
    cells than any report has.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    tabbed = [line for line in lines if "\t" in line]
    lone = sum(1 for line in tabbed if _LONE_CELL.fullmatch(line))
    by_cell = lone >= _FEWEST_LONE_CELLS and lone * 10 > len(tabbed) * 6
    blocks: list[Block] = []
    position = empty = 0
    while position < len(lines):
        line = lines[position]
        taken = _table_at(lines, position, by_cell=by_cell, path=path)
        if taken:
            rows, end, counted = taken
            tables += 1
            blocks.append(Grid(tables, tuple(rows), exact=False, counted=counted))
            position, empty = end, 0
            continue
        if line.strip() and not _is_rule(line):
            shown = _STROKE.sub(" ", line) if _is_ruled(line) else line
            place = Place(line=position + 1, path=path)
            blocks.append(Paragraph(" ".join(shown.split("\t")).strip(), place, markup=Markup(empty)))
            empty = 0
        else:
            empty += 1
        position += 1
    return blocks


def _table_at(
    lines: list[str], start: int, *, by_cell: bool, path: str | None
) -> tuple[list[GridRow], int, bool] | None:
    """The table that begins at a line: its rows, the line behind it, whether each cell is written; or None."""
    line = lines[start]
    if "\t" in line:
        rows, end = (
            _take_cells_by_line(lines, start, path)
            if by_cell
            else _take_rows_by_line(lines, start, _cells_by_tabs, path)
        )
        return (rows, end, by_cell) if _has_rows(rows) else None
    if _is_ruled(line):
        rows, end = _take_rows_by_line(lines, start, _cells_by_strokes, path)
        return (rows, end, False) if _has_rows(rows) else None
    if _cells_by_blanks(line):
        rows, end = _take_rows_by_line(lines, start, _cells_by_blanks, path)
        has_numbers = any(_NUMBER.fullmatch(cell.text) for row in rows for cell in row.cells)
        return (rows, end, False) if has_numbers and len(rows) >= _FEWEST_ROWS else None
    return None


def _has_rows(rows: list[GridRow]) -> bool:
    return sum(1 for row in rows if sum(1 for cell in row.cells if cell.text.strip()) > 1) >= _FEWEST_ROWS


def _is_rule(line: str) -> bool:
    """Whether a line is drawn, not written."""
    return _RULE.fullmatch(line) is not None and _RULE_CHARACTERS.search(line) is not None


def _is_ruled(line: str) -> bool:
    """Whether strokes part a line into cells."""
    return len(_STROKE.findall(line)) >= _FEWEST_STROKES and not _is_rule(line)


def _cells_by_tabs(line: str) -> list[str]:
    return line.split("\t") if "\t" in line else []


def _cells_by_strokes(line: str) -> list[str]:
    if not _is_ruled(line):
        return []
    cells = [cell.strip(" 　\t") for cell in _STROKE.split(line.strip(" 　"))]
    # The strokes at both ends are the table's own border.
    return cells[not cells[0] : len(cells) - (not cells[-1])]


def _cells_by_blanks(line: str) -> list[str]:
    """The pieces of a line parted by columns of blanks; none for prose, which begins with blanks at most."""
    if "\t" in line or _is_ruled(line):
        return []
    pieces = _COLUMN_OF_BLANKS.split(line.strip(" 　"))
    return pieces if len(pieces) > 1 and "。" not in line else []


def _take_rows_by_line(
    lines: list[str], start: int, cells_of: Callable[[str], list[str]], path: str | None
) -> tuple[list[GridRow], int]:
    """The rows from a line on. Where drawn lines part the rows, a row may be written over several lines."""
    written: list[list[tuple[str, int]]] = []
    parted: list[int] = []
    count = 0
    position = start
    while position < len(lines):
        line = lines[position]
        cells = cells_of(line)
        if cells:
            written.append([(text, position + 1) for text in cells])
            count += len(cells)
            if count > MOST_CELLS:
                raise UnreadableDocument(f"有一张表超过 {MOST_CELLS} 格，不是年报的表；请检查文件")
        elif _is_rule(line):
            if _DRAWN.search(line):
                parted.append(len(written))
        elif line.strip() or position + 1 >= len(lines) or not cells_of(lines[position + 1]):
            break
        position += 1
    if len(set(parted)) > _FEWEST_ROWS and len(set(parted)) < len(written):
        written = _joined(written, sorted({0, *parted, len(written)}))
    return [_row(number, cells, path) for number, cells in enumerate(written)], position


def _joined(written: list[list[tuple[str, int]]], bounds: list[int]) -> list[list[tuple[str, int]]]:
    """Lines between two drawn lines as one row, where they have as many cells; others stay as they are."""
    rows: list[list[tuple[str, int]]] = []
    for start, end in pairwise(bounds):
        part = written[start:end]
        if len({len(line) for line in part}) != 1:
            rows += part
            continue
        rows.append(
            [("\n".join(text for text, _ in column if text), column[0][1]) for column in zip(*part, strict=True)]
        )
    return rows


def _take_cells_by_line(lines: list[str], start: int, path: str | None) -> tuple[list[GridRow], int]:
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
            rows.append(_row(len(rows), cells, path))
            cells = []
        elif line.strip() or not _table_goes_on(lines, position):
            break
        position += 1
    if cells:
        rows.append(_row(len(rows), cells, path))
    return rows, position


def _table_goes_on(lines: list[str], position: int) -> bool:
    """Whether the next line that is not empty is again a cell."""
    for line in lines[position + 1 : position + 3]:
        if line.startswith("\t"):
            return True
        if line.strip():
            return False
    return False


def _row(number: int, cells: list[tuple[str, int]], path: str | None) -> GridRow:
    return GridRow(
        number,
        tuple(
            GridCell(text, number, column, number + 1, column + 1, line, path)
            for column, (text, line) in enumerate(cells)
        ),
    )
