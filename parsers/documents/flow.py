"""From the stream of a word processor (lines, ends of cells, ends of rows) to the blocks of the plain model.

Word and RTF files hold tables in the same way: lines that belong to a cell of some depth, marks that end cells and
rows, and with each row where its cells begin and end. Rows know nothing of one another, so that the columns of a
table are the union of the edges of its rows.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

from parsers.documents.html import LONGEST_PROSE_FREE_CELL, PICTURE_MARK
from parsers.documents.model import Block, Grid, GridCell, GridRow, Paragraph, Picture
from parsers.documents.numbering import before
from parsers.schema import Place, UnreadableDocument

DEEPEST_TABLE = 16
MOST_CELLS_OF_A_ROW = 1000
MOST_CELLS = 300_000
MOST_LINES = 200_000
# Edges nearer than this, in twips, are one: word processors leave columns a hair wide.
ONE_EDGE = 30
# Edges of different rows that hands have dragged apart a little are one, too, if no row has both.
DRAGGED_EDGE = 120
_SHARE_OF_A_CELL = 4
_FEWEST_CELLS_OF_A_TABLE = 4
_DIGIT = re.compile(r"\d")
_HAN = re.compile("[\u4e00-\u9fff]")
_LINE_ENDS = re.compile(r"\s*\n\s*")


class Down(IntEnum):
    """How a cell is merged with those above and below it."""

    NOT = 0
    BEGINS = 1
    GOES_ON = 2


class Run(NamedTuple):
    """Some text of one make.

    ``raised`` is 0 on the line and tells heights apart; ``note`` says that it is a superscript or subscript.
    """

    text: str
    raised: int = 0
    note: bool = False
    struck: bool = False


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours of one make as one run."""
    found: list[Run] = []
    for make, same in groupby(runs, key=lambda run: run[1:]):
        found.append(Run("".join([run.text for run in same]), *make))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph. ``number`` is what the word processor counts and prints before it."""

    runs: tuple[Run, ...]
    number: str = ""
    heading: bool = False
    pictures: int = 0

    @property
    def whole(self) -> str:
        """All its text but what is struck out."""
        return "".join([run.text for run in self.runs if not run.struck])


class Shape(NamedTuple):
    """Where the cells of a row begin and end, in twips, and which go on their left or upper neighbour."""

    edges: tuple[int, ...]
    across: tuple[bool, ...]
    down: tuple[Down, ...]


@dataclass(slots=True)
class _Row:
    shape: Shape
    cells: list[list[Line | _Table]]
    doubt: str


@dataclass(slots=True)
class _Table:
    rows: list[_Row] = field(default_factory=list)
    cells: list[list[Line | _Table]] = field(default_factory=list)
    content: list[Line | _Table] = field(default_factory=list)


class Flow:
    """Takes lines and marks in the order of the text and gives the blocks. ``level`` 0 is outside of tables."""

    def __init__(self) -> None:
        self._body: list[Line | _Table] = []
        self._open: list[_Table] = []
        self._cells = 0
        self._lines = 0

    def line(self, line: Line, level: int) -> None:
        """A paragraph that ends."""
        self._lines += 1
        if self._lines > MOST_LINES:
            raise UnreadableDocument("文件的段落过多，无法读取；请核对文件是否损坏")
        self._content_of(level).append(line)

    def end_cell(self, level: int) -> None:
        """The mark that ends a cell."""
        self._content_of(level)
        table = self._open[-1]
        table.cells.append(table.content)
        table.content = []
        self._cells += 1
        if len(table.cells) > MOST_CELLS_OF_A_ROW or self._cells > MOST_CELLS:
            raise UnreadableDocument("表格过大，无法读取；请核对文件是否损坏")

    def cells_of_row(self, level: int) -> int:
        """How many cells of the row that is being read have ended."""
        self._content_of(level)
        return len(self._open[-1].cells)

    def end_row(self, level: int, shape: Shape, *, doubt: str = "", left_out: bool = False) -> None:
        """The mark that ends a row. Its cells are in doubt if they are not as many as the shape tells."""
        self._content_of(level)
        table = self._open[-1]
        cells, table.cells = table.cells, []
        if table.content and any(_is_filled(item) for item in table.content):
            doubt = doubt or "本行有不属于任何单元格的文字"
            if cells:
                cells[-1] += table.content
            else:
                cells.append(table.content)
        table.content = []
        if left_out or not cells:
            return
        known = len(shape.edges) - 1
        if known != len(cells):
            doubt = doubt or "本行的单元格数与列定义不符"
            shape = _fitted(shape, len(cells))
        table.rows.append(_Row(shape, cells, doubt))

    def blocks(self) -> tuple[Block, ...]:
        """All blocks, once the text is at its end."""
        self._content_of(0)
        return tuple(_Emission().over(self._body))

    def _content_of(self, level: int) -> list[Line | _Table]:
        if level > DEEPEST_TABLE:
            raise UnreadableDocument("表格嵌套过深，无法读取；请核对文件是否损坏")
        opened = self._open
        while len(opened) > level:
            table = opened.pop()
            parent = opened[-1].content if opened else self._body
            if table.rows:
                parent.append(table)
            for cell in (*table.cells, table.content):
                parent += cell
        while len(opened) < level:
            opened.append(_Table())
        return opened[-1].content if opened else self._body


def _fitted(shape: Shape, count: int) -> Shape:
    """A shape with as many cells as there are."""
    missing = count - (len(shape.edges) - 1)
    if missing < 0:
        return Shape(shape.edges[: count + 1], shape.across[:count], shape.down[:count])
    last = shape.edges[-1] if shape.edges else 0
    edges = (*(shape.edges or (0,)), *(last + 1000 * (step + 1) for step in range(missing)))
    return Shape(edges, (*shape.across, *[False] * missing), (*shape.down, *[Down.NOT] * missing))


def _is_filled(item: Line | _Table) -> bool:
    return isinstance(item, _Table) or bool(item.pictures or item.whole.strip())


class _Emission:
    """Turns what was read into blocks, counting paragraphs and tables."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.lines = 0
        self.tables = 0

    def over(self, items: Iterable[Line | _Table]) -> list[Block]:
        for item in items:
            if isinstance(item, Line):
                self.paragraph(item)
            elif _is_layout(item):
                for row in item.rows:
                    for cell in row.cells:
                        self.over(cell)
            else:
                self.tables += 1
                self.blocks.append(Grid(self.tables, _grid_rows(item.rows), exact=True, counted=True))
        return self.blocks

    def paragraph(self, line: Line) -> None:
        self.lines += 1
        place = Place(line=self.lines)
        self.blocks += [Picture(place)] * min(line.pictures, 1)
        text = line.whole
        if text.strip():
            pieces = [piece.strip(" ") for piece in before(line.number, text).split("\n") if piece.strip()]
            self.blocks += [Paragraph(piece, place, line.heading) for piece in pieces]


def _is_layout(table: _Table) -> bool:
    """Whether a table only arranges the tables that stand in it."""
    inner = own = 0
    for row in table.rows:
        for cell in row.cells:
            nested = [item for item in cell if isinstance(item, _Table)]
            inner += sum(_size(item) for item in nested)
            own += not nested and any(_is_filled(item) for item in cell)
    return inner >= max(own, _FEWEST_CELLS_OF_A_TABLE)


def _size(table: _Table) -> int:
    cells = 0
    for row in table.rows:
        for cell in row.cells:
            cells += 1 + sum(_size(item) for item in cell if isinstance(item, _Table))
    return cells


# --- one table ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    """One cell as it is laid out: the columns it covers, and the rows, which grow while rows are read."""

    text: str
    doubt: str
    row: int
    column: int
    end_column: int
    end_row: int


@dataclass(slots=True)
class _Raw:
    """A cell of a row with its horizontal merges done."""

    left: int
    right: int
    text: str
    doubt: str
    down: Down


def _grid_rows(rows: Sequence[_Row]) -> tuple[GridRow, ...]:
    raw = [_merged_across(row) for row in rows]
    columns = _Columns(raw)
    pieces: list[list[_Piece]] = []
    above: dict[tuple[int, int], _Piece] = {}
    for number, row in enumerate(raw):
        lost = any(columns.of(cell.left) >= columns.of(cell.right) and cell.text.strip() for cell in row)
        own: list[_Piece] = []
        going_on: dict[tuple[int, int], _Piece] = {}
        for cell in row:
            column, end = columns.of(cell.left), columns.of(cell.right)
            if column >= end:
                continue
            piece = above.get((column, end)) if cell.down is Down.GOES_ON else None
            if piece:
                piece.end_row = number + 1
                if cell.text.strip() and cell.text != piece.text:
                    piece.doubt = piece.doubt or "合并的单元格里另有不显示的文字"
            else:
                doubt = cell.doubt or ("本行有宽度为零而有文字的单元格" if lost else "")
                if cell.down is Down.GOES_ON:
                    doubt = doubt or "纵向合并的上一格无法确定"
                piece = _Piece(cell.text, doubt, number, column, end, number + 1)
                own.append(piece)
            if cell.down is not Down.NOT:
                going_on[column, end] = piece
        above = going_on
        pieces.append(own)
    return tuple(_covered(pieces))


def _covered(pieces: Sequence[Sequence[_Piece]]) -> Iterator[GridRow]:
    """The rows with every cell that covers them."""
    covering: list[GridCell] = []
    total = 0
    for number, own in enumerate(pieces):
        cells = [cell for cell in covering if cell.end_row > number]
        cells += [
            GridCell(p.text, p.row, p.column, p.end_row, p.end_column, doubt=p.doubt)
            for p in own
        ]  # fmt: skip
        cells.sort(key=lambda cell: cell.column)
        total += len(cells)
        if total > MOST_CELLS:
            raise UnreadableDocument("表格过大，无法读取；请核对文件是否损坏")
        covering = cells
        yield GridRow(number, tuple(cells))


def _merged_across(row: _Row) -> list[_Raw]:
    cells: list[_Raw] = []
    for position, content in enumerate(row.cells):
        text, doubt = _reading(content)
        doubt = row.doubt or doubt
        left, right = row.shape.edges[position], row.shape.edges[position + 1]
        if row.shape.across[position] and cells:
            cells[-1].right = max(right, cells[-1].right)
            if text.strip():
                cells[-1].doubt = cells[-1].doubt or "合并的单元格里另有不显示的文字"
        else:
            cells.append(_Raw(left, max(right, left), text, doubt, row.shape.down[position]))
    return cells


class _Columns:
    """The columns of a table: the edges of all its rows, those that are one taken together."""

    def __init__(self, rows: Sequence[Sequence[_Raw]]) -> None:
        rows_of: dict[int, set[int]] = {}
        narrowest: dict[int, int] = {}
        # The left edge of a cell that is a hair wide and holds text all the same, by its right one.
        hairs: dict[int, int] = {}
        for number, row in enumerate(rows):
            for cell in row:
                width = cell.right - cell.left
                if width < ONE_EDGE and cell.text.strip():
                    hairs[cell.right] = max(hairs.get(cell.right, cell.left), cell.left)
                for edge in (cell.left, cell.right):
                    rows_of.setdefault(edge, set()).add(number)
                    if width >= ONE_EDGE:
                        narrowest[edge] = min(narrowest.get(edge, width), width)
        self._starts: list[int] = []
        members: set[int] = set()
        narrow = 0
        for edge in sorted(rows_of):
            width = narrowest.get(edge, DRAGGED_EDGE * _SHARE_OF_A_CELL)
            if self._starts and hairs.get(edge, self._starts[-1] - 1) < self._starts[-1]:
                gap = edge - self._starts[-1]
                limit = min(DRAGGED_EDGE, min(narrow, width) // _SHARE_OF_A_CELL)
                if gap < ONE_EDGE or (gap < limit and members.isdisjoint(rows_of[edge])):
                    members |= rows_of[edge]
                    narrow = min(narrow, width)
                    continue
            self._starts.append(edge)
            members = set(rows_of[edge])
            narrow = width

    def of(self, edge: int) -> int:
        """The number of the column that begins at an edge."""
        return bisect_right(self._starts, edge) - 1


# --- one cell ----------------------------------------------------------------------------------------------


def _reading(content: Sequence[Line | _Table]) -> tuple[str, str]:
    """The text of a cell as displayed, and why it is no evidence of a number, or ''."""
    if len(content) == 1 and isinstance(content[0], Line):
        only = content[0]
        if len(only.runs) < 2 and not only.number and not only.pictures:
            if not only.runs:
                return "", ""
            run = only.runs[0]
            if not run.note and not run.struck:
                return _on_one_line(run.text), ""
    lines = list(_lines(content))
    whole = _on_one_line("\n".join(before(line.number, line.whole) for line in lines))
    runs = [run for line in lines for run in line.runs if run.text.strip()]
    struck = "".join(run.text for run in runs if run.struck)
    shown = [run for run in runs if not run.struck]
    nested = any(isinstance(item, _Table) for item in content)
    if _DIGIT.search(struck):
        return whole or _on_one_line(struck), "单元格里有被划去的数字"
    if nested:
        return whole, "单元格里另有表格"
    if not whole.strip():
        if any(line.pictures for line in lines):
            return PICTURE_MARK, "单元格里是图片，没有文字"
        return whole, ""
    if _HAN.search(whole):
        plain = "\n".join(
            before(line.number, "".join(run.text for run in line.runs if not run.note and not run.struck))
            for line in lines
        )
        return (_on_one_line(plain) if _HAN.search(plain) else whole), ""
    if any(line.number for line in lines):
        return whole, "单元格里的编号由文字处理软件自动生成"
    raised = "".join(run.text for run in shown if run.note)
    if raised:
        return whole, f"数字旁另有上标、下标或注号“{raised.strip()[:20]}”"
    if len({run.raised for run in shown}) > 1:
        return whole, "单元格里的文字高低不齐，可能是注号"
    return whole, ""


def _lines(content: Iterable[Line | _Table]) -> Iterator[Line]:
    for item in content:
        if isinstance(item, Line):
            yield item
        else:
            for row in item.rows:
                for cell in row.cells:
                    yield from _lines(cell)


def _on_one_line(text: str) -> str:
    """Lines inside a cell are joined for labels; numbers keep the break between them."""
    text = _LINE_ENDS.sub("\n", text).strip(" \n") if "\n" in text else text.strip(" ")
    if "\n" in text and len(text) <= LONGEST_PROSE_FREE_CELL and _HAN.search(text):
        return text.replace("\n", "")
    return text
