"""Tables that are broken over pages: their parts joined, rows and labels that the break cut in two too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from parsers.documents.printed_lines import Line, is_han, text_in_cell
from parsers.forms import FORM_KEYS, Label, load_form
from parsers.labels import label_key, plain
from parsers.schema import Box

# Edges of columns on two pages nearer than this (in points) are one.
SAME_EDGE = 6.0
# A part that goes on ends in the lower half of its page, and the part that follows begins at the top of its page.
LOWEST_START = 0.35
HIGHEST_END = 0.5
MOST_HEAD_ROWS = 4

_NUMBERED = re.compile(r"(?:[(（]?[一二三四五六七八九十]{1,2}[)）、.]|[(（]?\d{1,2}[)）、.．](?!\d))")


class PartCell(NamedTuple):
    """A cell of a table: rows and columns it covers, its lines, where it stands, and why it is doubted."""

    row: int
    column: int
    end_row: int
    end_column: int
    lines: tuple[Line, ...]
    page: int
    box: Box
    doubt: str = ""

    @property
    def text(self) -> str:
        """What stands in the cell."""
        return text_in_cell(self.lines)


class Part(NamedTuple):
    """A table, or the part of one on a page: columns' edges, number of rows, cells, last page, top and bottom.

    ``top`` and ``bottom`` are shares of the height of its first and its last page.
    """

    xs: tuple[float, ...]
    rows: int
    cells: tuple[PartCell, ...]
    page: int
    top: float
    bottom: float


def joined(upper: Part, lower: Part) -> Part | None:
    """The two parts as one table; None where they are two tables.

    They are one where the lower stands at the top of the next page between the same outer edges. Heads that it
    repeats are left out. A row cut by the break is one row again: its labels' halves are joined, and its numbers
    stand in one half. Where that is not certain the two rows stay two.
    """
    if (
        lower.page != upper.page + 1
        or upper.bottom < HIGHEST_END
        or lower.top > LOWEST_START
        or abs(upper.xs[0] - lower.xs[0]) > SAME_EDGE
        or abs(upper.xs[-1] - lower.xs[-1]) > SAME_EDGE
    ):
        return None
    xs = _common_edges(upper.xs, lower.xs)
    above = _on_edges(upper, xs)
    below = _without_heads(above, _on_edges(lower, xs))
    rows = upper.rows
    height = max((cell.end_row for cell in below), default=0)
    if not below:
        return upper._replace(page=lower.page, bottom=lower.bottom)
    split = _is_split(above, below, rows)
    shift = rows - 1 if split else rows
    touching = {(cell.column, cell.end_column): cell for cell in above if cell.end_row == rows}
    merged: dict[PartCell, PartCell] = {}
    rest: list[PartCell] = []
    for cell in below:
        placed = cell._replace(row=cell.row + shift, end_row=cell.end_row + shift)
        before = touching.get((cell.column, cell.end_column)) if cell.row == 0 else None
        if before and (split or _goes_on(before, cell, below)):
            merged[before] = _one(before, placed)
        else:
            rest.append(placed)
    cells = [merged.get(cell, cell) for cell in above] + rest
    return Part(xs, shift + height, tuple(sorted(cells)), lower.page, upper.top, lower.bottom)


def _common_edges(upper: Sequence[float], lower: Sequence[float]) -> tuple[float, ...]:
    """The columns' edges of both parts; those of the upper stand for near ones of the lower."""
    new = [edge for edge in lower if all(abs(edge - other) > SAME_EDGE for other in upper)]
    return tuple(sorted((*upper, *new)))


def _on_edges(part: Part, xs: Sequence[float]) -> list[PartCell]:
    """The part's cells with columns counted by the common edges."""
    number = [min(range(len(xs)), key=lambda place: abs(xs[place] - edge)) for edge in part.xs]
    return [cell._replace(column=number[cell.column], end_column=number[cell.end_column]) for cell in part.cells]


def _without_heads(above: Sequence[PartCell], below: Sequence[PartCell]) -> list[PartCell]:
    """The lower part without the rows at its top that print the table's head once more."""
    for rows in range(MOST_HEAD_ROWS, 0, -1):
        head = _head(below, rows)
        if head and head == _head(above, rows):
            return [
                cell._replace(row=cell.row - rows, end_row=cell.end_row - rows)
                for cell in below
                if cell.row >= rows
            ]
    return list(below)


def _head(cells: Iterable[PartCell], rows: int) -> list[tuple[int, int, int, int, str]]:
    """The first rows of a table as places and texts; empty where they are no head."""
    head = [cell for cell in cells if cell.row < rows]
    texts = [plain(cell.text) for cell in head]
    if any(cell.end_row > rows for cell in head) or not any(is_han(text) for text in texts):
        return []
    if any(text and not is_han(text) for text in texts):
        return []
    return [(*cell[:4], text) for cell, text in zip(head, texts, strict=True)]


def _is_split(above: Sequence[PartCell], below: Sequence[PartCell], rows: int) -> bool:
    """Whether the last row above the break and the first one below it are halves of one row."""
    upper = sorted((cell for cell in above if cell.end_row == rows), key=lambda cell: cell.column)
    lower = sorted((cell for cell in below if cell.row == 0), key=lambda cell: cell.column)
    if [(cell.column, cell.end_column) for cell in upper] != [(cell.column, cell.end_column) for cell in lower]:
        return False
    pairs = [
        (plain(first.text), plain(second.text))
        for first, second in zip(upper, lower, strict=True)
        if first.row == rows - 1 and second.end_row == 1
    ]
    if not pairs:
        return False
    if not any(first for first, _ in pairs):
        return True
    if not any(second for _, second in pairs):
        # A row of blanks under a line of heads is no rest of that line: its cells are blank.
        return any(first and not is_han(first) for first, _ in pairs)
    halves = False
    for first, second in pairs:
        if first and second:
            if not is_han(first) or not is_han(second) or not _are_halves(first, second):
                return False
            halves = True
    labels_above = any(is_han(first) for first, _ in pairs)
    labels_below = any(is_han(second) for _, second in pairs)
    return halves or labels_above != labels_below


def _are_halves(first: str, second: str) -> bool:
    """Whether two texts are the halves of one label, and not two labels."""
    known = _labels()
    if label_key(first + second) in known:
        return True
    return not (_NUMBERED.match(second) or (label_key(first) in known and label_key(second) in known))


def _goes_on(before: PartCell, cell: PartCell, below: Sequence[PartCell]) -> bool:
    """Whether a cell that covers rows above the break covers the rows below it too: a group's label."""
    first, second = plain(before.text), plain(cell.text)
    tall = before.end_row - before.row > 1 or cell.end_row - cell.row > 1
    if first and second:
        return tall and is_han(first) and is_han(second) and _are_halves(first, second)
    if tall:
        return not (first + second) or is_han(first + second)
    return (
        bool(first)
        and is_han(first)
        and any(other.row == 0 and other.column >= cell.end_column and is_han(other.text) for other in below)
    )


def _one(before: PartCell, cell: PartCell) -> PartCell:
    """Two halves of a cell as one; it stands where its text does."""
    shown = before if before.lines or not cell.lines else cell
    return before._replace(
        end_row=max(before.end_row, cell.end_row),
        lines=(*before.lines, *cell.lines),
        page=shown.page,
        box=shown.box,
        doubt=before.doubt or cell.doubt,
    )


@cache
def _labels() -> frozenset[str]:
    """Every label of rows and columns that a form prints, comparable."""
    found: set[str] = set()
    for key in FORM_KEYS:
        form = load_form(key)
        tables: tuple[Mapping[str, Label], ...] = (
            form.section_two_rows,
            form.section_two_columns,
            form.section_three_rows,
            form.section_three_columns,
            form.section_four_blocks,
            form.section_four_columns,
        )
        for labels in tables:
            for label in labels.values():
                found.update(label_key(text) for text in (label.text, *label.variants))
        found.update(label_key(text) for text in form.section_three_parts.values())
    return frozenset(found)
