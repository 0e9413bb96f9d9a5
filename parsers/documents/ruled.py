"""From ruled lines to tables of cells: the one grid that PDF, OFD and scans share. Pure geometry, no text.

Lengths are points (1/72 inch), y grows downwards. A line that is drawn in pieces, twice, or slightly askew is one
line; two neighbouring places of the grid are one merged cell unless a line lies along most of their common edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

Interval = tuple[float, float]
Line = tuple[float, float, float]

# Lines nearer than this are one line; no digit fits between them.
NEAR = 4.0
# Pieces of one line may lie this far apart (dashes), and a line may end this far before the one it meets.
REACH = 3.0
# What is shorter after that is a dot of a dotted line that runs across, not a line.
SHORTEST = 4.0
# A line that strays more than this share of its length from the horizontal or vertical is no rule of a table.
SLOPE = 0.02
# How much of the edge between two places must be drawn for them to be two cells.
DRAWN = 0.6
# A line that overshoots the outermost crossing line by more than this bounds an open cell.
OPEN = 8.0
# Tables of these reports have some hundred lines at most; more are a drawing.
MOST_LINES = 2_000
MOST_PLACES = 60_000


class Rule(NamedTuple):
    """A horizontal or vertical line from (x0, y0) to (x1, y1), in points from the top left corner of the page."""

    x0: float
    y0: float
    x1: float
    y1: float


class RuledCell(NamedTuple):
    """A cell: the rows and columns it covers, from 0, the first ones behind it, and its box (x0, y0, x1, y1).

    ``torn`` says that the lines around it do not make a rectangle: what stands in it may belong to a neighbour.
    """

    row: int
    column: int
    end_row: int
    end_column: int
    box: tuple[float, float, float, float]
    torn: bool = False


class RuledTable(NamedTuple):
    """A table: where its columns' and rows' edges lie, and its cells by row and column."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[RuledCell, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The box around the whole table."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


def tables_of(rules: Iterable[Rule]) -> tuple[RuledTable, ...]:
    """The tables that the lines of one page draw, from top to bottom; frames and underlines are none.

    A table has two columns at least. More lines than a table can have give no table.
    """
    horizontal: list[Line] = []
    vertical: list[Line] = []
    for x0, y0, x1, y1 in rules:
        width, height = abs(x1 - x0), abs(y1 - y0)
        if height <= max(1.0, width * SLOPE) and width > height:
            horizontal.append(((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        elif width <= max(1.0, height * SLOPE):
            vertical.append(((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    rows, columns = _joined(horizontal), _joined(vertical)
    if len(rows) > MOST_LINES or len(columns) > MOST_LINES:
        return ()
    tables = [_table(*component) for component in _components(rows, columns)]
    return tuple(sorted((table for table in tables if table), key=lambda table: (table.ys[0], table.xs[0])))


def _joined(lines: list[Line]) -> list[Line]:
    """The lines with their pieces joined: those at nearly the same place that touch or nearly touch."""
    found: list[Line] = []
    for cluster in _clusters(lines):
        piece = [cluster[0]]
        end = cluster[0][2]
        for line in cluster[1:]:
            if line[1] > end + REACH:
                found.append(_whole(piece))
                piece = []
            piece.append(line)
            end = max(end, line[2])
        found.append(_whole(piece))
    return [line for line in found if line[2] - line[1] > SHORTEST]


def _whole(pieces: Sequence[Line]) -> Line:
    """The pieces of one line as that line; where it lies the long pieces say."""
    weight = sum(end - start for _, start, end in pieces)
    place = sum(place * (end - start) for place, start, end in pieces) / weight if weight else pieces[0][0]
    return place, min(start for _, start, _ in pieces), max(end for _, _, end in pieces)


def _clusters(lines: list[Line]) -> list[list[Line]]:
    """The lines at nearly the same place, each group by where its lines begin."""
    groups: list[list[Line]] = []
    for line in sorted(lines):
        if groups and line[0] - groups[-1][0][0] <= NEAR:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in groups:
        group.sort(key=lambda line: line[1])
    return groups


def _components(rows: list[Line], columns: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """The lines that cross or meet each other, directly or through others."""
    parent = list(range(len(rows) + len(columns)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for number, (x, top, bottom) in enumerate(columns, len(rows)):
        for other, (y, left, right) in enumerate(rows):
            if top - REACH <= y <= bottom + REACH and left - REACH <= x <= right + REACH:
                parent[root(number)] = root(other)
    found: dict[int, tuple[list[Line], list[Line]]] = {}
    for number in range(len(parent)):
        group = found.setdefault(root(number), ([], []))
        if number < len(rows):
            group[0].append(rows[number])
        else:
            group[1].append(columns[number - len(rows)])
    return [group for group in found.values() if len(group[0]) > 1 and group[1]]


def _edges(lines: Sequence[Line], crossing: Sequence[Line]) -> list[float]:
    """Where the grid has lines: at the lines themselves, and at the ends of crossing lines that lead on."""
    found = [group[0][0] if len(group) == 1 else _middle(group) for group in _clusters(list(lines))]
    first = min(start for _, start, _ in crossing)
    last = max(end for _, _, end in crossing)
    if first < found[0] - OPEN:
        found.insert(0, first)
    if last > found[-1] + OPEN:
        found.append(last)
    return found


def _middle(lines: Sequence[Line]) -> float:
    return sum(line[0] for line in lines) / len(lines)


def _along(lines: Sequence[Line], edges: Sequence[float]) -> list[list[Interval]]:
    """For each edge of the grid the intervals that lines draw on it."""
    found: list[list[Interval]] = [[] for _ in edges]
    for place, start, end in lines:
        nearest = min(range(len(edges)), key=lambda number: abs(edges[number] - place))
        found[nearest].append((start, end))
    return found


def _is_drawn(intervals: Sequence[Interval], start: float, end: float) -> bool:
    drawn = sum(max(0.0, min(end, last) - max(start, first)) for first, last in intervals)
    return drawn >= (end - start) * DRAWN


def _table(rows: list[Line], columns: list[Line]) -> RuledTable | None:
    """The cells of crossing lines; None where they make fewer than two columns or a drawing."""
    ys, xs = _edges(rows, columns), _edges(columns, rows)
    wide, high = len(xs) - 1, len(ys) - 1
    if wide < 2 or high < 1 or wide * high > MOST_PLACES:
        return None
    upright, level = _along(columns, xs), _along(rows, ys)
    parent = list(range(wide * high))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for row in range(high):
        for column in range(wide):
            here = row * wide + column
            if column + 1 < wide and not _is_drawn(upright[column + 1], ys[row], ys[row + 1]):
                parent[root(here + 1)] = root(here)
            if row + 1 < high and not _is_drawn(level[row + 1], xs[column], xs[column + 1]):
                parent[root(here + wide)] = root(here)
    regions: dict[int, list[tuple[int, int]]] = {}
    for place in range(wide * high):
        regions.setdefault(root(place), []).append(divmod(place, wide))
    spans: list[tuple[int, int, int, int, bool]] = []
    for places in regions.values():
        first_row, last_row = places[0][0], places[-1][0]
        first = min(column for _, column in places)
        last = max(column for _, column in places)
        if len(places) == (last_row - first_row + 1) * (last - first + 1):
            span = (first_row, first, last_row + 1, last + 1)
            if not _lies_outside(span, upright, level, xs, ys):
                spans.append((*span, False))
        else:
            spans += [(row, column, row + 1, column + 1, True) for row, column in places]
    return _numbered(spans, xs, ys)


def _lies_outside(
    span: tuple[int, int, int, int],
    upright: Sequence[Sequence[Interval]],
    level: Sequence[Sequence[Interval]],
    xs: Sequence[float],
    ys: Sequence[float],
) -> bool:
    """Whether a place at the rim is no cell: more than one of its outer sides is not drawn."""
    row, column, end_row, end_column = span
    open_sides = 0
    for number, edge in ((0, column), (len(xs) - 1, end_column)):
        open_sides += number == edge and not _is_drawn(upright[edge], ys[row], ys[end_row])
    for number, edge in ((0, row), (len(ys) - 1, end_row)):
        open_sides += number == edge and not _is_drawn(level[edge], xs[column], xs[end_column])
    return open_sides > 1


def _numbered(
    spans: Sequence[tuple[int, int, int, int, bool]], xs: Sequence[float], ys: Sequence[float]
) -> RuledTable | None:
    """The table without the grid lines at which no cell begins or ends."""
    row_edges = sorted({edge for span in spans for edge in (span[0], span[2])})
    column_edges = sorted({edge for span in spans for edge in (span[1], span[3])})
    if len(column_edges) < 3 or any(right - left < 1 for left, right in pairwise(row_edges)):
        return None
    row_of = {edge: number for number, edge in enumerate(row_edges)}
    column_of = {edge: number for number, edge in enumerate(column_edges)}
    cells = [
        RuledCell(
            row_of[row],
            column_of[column],
            row_of[end_row],
            column_of[end_column],
            (xs[column], ys[row], xs[end_column], ys[end_row]),
            torn,
        )
        for row, column, end_row, end_column, torn in spans
    ]
    return RuledTable(
        tuple(xs[edge] for edge in column_edges), tuple(ys[edge] for edge in row_edges), tuple(sorted(cells))
    )
