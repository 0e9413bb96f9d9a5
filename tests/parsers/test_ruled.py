"""The grid of ruled lines: tables drawn at random come back cell by cell, also shaken and drawn in pieces."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.documents.ruled import Rule, tables_of

Span = tuple[int, int, int, int]


@st.composite
def merged_tables(draw: st.DrawFn) -> tuple[list[float], list[float], list[Span]]:
    """Edges of columns and rows, and cells that tile the grid, some of them merged; no grid line is idle."""
    widths = draw(st.lists(st.integers(12, 90), min_size=2, max_size=9))
    heights = draw(st.lists(st.integers(12, 40), min_size=1, max_size=12))
    xs, ys = [50.0], [60.0]
    for width in widths:
        xs.append(xs[-1] + width)
    for height in heights:
        ys.append(ys[-1] + height)
    free = {(row, column) for row in range(len(heights)) for column in range(len(widths))}
    spans: list[Span] = []
    chance = random.Random(draw(st.integers(0, 10_000)))
    for place in sorted(free):
        if place not in free:
            continue
        row, column = place
        end_row = row + chance.choice((1, 1, 1, 2, 3))
        end_column = column + chance.choice((1, 1, 1, 2, 4))
        taken = [(r, c) for r in range(row, end_row) for c in range(column, end_column)]
        if not free.issuperset(taken):
            end_row, end_column, taken = row + 1, column + 1, [place]
        free -= set(taken)
        spans.append((row, column, end_row, end_column))
    return xs, ys, spans


def sides(xs: list[float], ys: list[float], spans: list[Span]) -> list[Rule]:
    """The four sides of every cell, as office programs draw them."""
    rules = []
    for row, column, end_row, end_column in spans:
        left, right, top, bottom = xs[column], xs[end_column], ys[row], ys[end_row]
        rules += [
            Rule(left, top, right, top),
            Rule(left, bottom, right, bottom),
            Rule(left, top, left, bottom),
            Rule(right, top, right, bottom),
        ]
    return rules


def compressed(spans: list[Span]) -> list[Span]:
    """The cells counted without grid lines at which none begins."""
    rows = {edge: number for number, edge in enumerate(sorted({e for s in spans for e in (s[0], s[2])}))}
    columns = {edge: number for number, edge in enumerate(sorted({e for s in spans for e in (s[1], s[3])}))}
    return sorted((rows[a], columns[b], rows[c], columns[d]) for a, b, c, d in spans)


def found(rules: list[Rule]) -> list[list[Span]]:
    return [[cell[:4] for cell in table.cells] for table in tables_of(rules)]


def expected(spans: list[Span]) -> list[list[Span]]:
    cells = compressed(spans)
    return [cells] if max(cell[3] for cell in cells) > 1 else []


@settings(max_examples=150, deadline=None)
@given(merged_tables())
def test_the_same_cells_come_back(table: tuple[list[float], list[float], list[Span]]) -> None:
    assert found(sides(*table)) == expected(table[2])


@settings(max_examples=150, deadline=None)
@given(merged_tables(), st.integers(0, 10_000))
def test_shaken_lines(table: tuple[list[float], list[float], list[Span]], seed: int) -> None:
    chance = random.Random(seed)
    rules = []
    for x0, y0, x1, y1 in sides(*table):
        across, start, end = (chance.uniform(-1.5, 1.5) for _ in range(3))
        if y0 == y1:
            rules.append(Rule(x0 + start, y0 + across, x1 + end, y0 + across))
        else:
            rules.append(Rule(x0 + across, y0 + start, x0 + across, y1 + end))
    chance.shuffle(rules)
    assert found(rules) == expected(table[2])


@settings(max_examples=80, deadline=None)
@given(merged_tables(), st.floats(1.0, 4.0), st.floats(0.5, 2.5))
def test_dashed_lines(table: tuple[list[float], list[float], list[Span]], dash: float, gap: float) -> None:
    rules = []
    for x0, y0, x1, y1 in sides(*table):
        length = max(x1 - x0, y1 - y0)
        position = 0.0
        while position < length:
            end = min(position + dash, length)
            if y0 == y1:
                rules.append(Rule(x0 + position, y0, x0 + end, y0))
            else:
                rules.append(Rule(x0, y0 + position, x0, y0 + end))
            position = end + gap
    assert found(rules) == expected(table[2])


@settings(max_examples=80, deadline=None)
@given(merged_tables())
def test_long_lines_instead_of_sides(table: tuple[list[float], list[float], list[Span]]) -> None:
    """A table without merged cells drawn by one line a row and one a column, each twice as double borders are."""
    xs, ys, _ = table
    rules = [Rule(xs[0], y + shift, xs[-1], y + shift) for y in ys for shift in (0.0, 1.8)]
    rules += [Rule(x + shift, ys[0], x + shift, ys[-1]) for x in xs for shift in (0.0, 1.8)]
    cells = [(row, column, row + 1, column + 1) for row in range(len(ys) - 1) for column in range(len(xs) - 1)]
    assert found(rules) == [cells]


def test_boxes_of_cells_and_of_the_table() -> None:
    xs, ys = [50.0, 100.0, 180.0], [60.0, 80.0, 110.0]
    (table,) = tables_of(sides(xs, ys, [(0, 0, 1, 2), (1, 0, 2, 1), (1, 1, 2, 2)]))
    assert table.box == (50, 60, 180, 110)
    assert [cell.box for cell in table.cells] == [(50, 60, 180, 80), (50, 80, 100, 110), (100, 80, 180, 110)]
    assert (table.xs, table.ys) == (tuple(xs), tuple(ys))


def test_two_tables_are_two() -> None:
    spans: list[Span] = [(0, 0, 1, 1), (0, 1, 1, 2)]
    left = sides([50, 100, 180], [60, 80], spans)
    right = sides([200, 260, 300], [61, 83], spans)
    below = sides([51.5, 101.9, 181], [100, 130], spans)
    boxes = [table.box for table in tables_of(below + right + left)]
    assert boxes == [(50, 60, 180, 80), (200, 61, 300, 83), (51.5, 100, 181, 130)]


def test_frames_underlines_and_a_page_border_are_no_tables() -> None:
    frame = sides([20, 575], [20, 820], [(0, 0, 1, 1)])
    underlines = [Rule(60, y, 200, y) for y in (100, 120, 140)]
    assert tables_of(frame + underlines) == ()


def test_open_sides_are_closed() -> None:
    """A table without lines at its left and right has the columns that its level lines reach over."""
    rules = [Rule(50, y, 300, y) for y in (60, 80, 100)] + [Rule(x, 60, x, 100) for x in (120, 200)]
    (table,) = tables_of(rules)
    assert table.xs == (50, 120, 200, 300)
    assert len(table.cells) == 6


def test_a_table_without_its_last_line_at_the_end_of_a_page() -> None:
    rules = [Rule(50, y, 300, y) for y in (60, 80)] + [Rule(x, 60, x, 110) for x in (50, 120, 300)]
    (table,) = tables_of(rules)
    assert table.ys == (60, 80, 110)
    assert len(table.cells) == 4


def test_a_corner_outside_is_no_cell() -> None:
    """Two bands of different width: what lies beside the narrow one is not the table's."""
    wide = sides([50, 100, 180, 260], [60, 80], [(0, 0, 1, 1), (0, 1, 1, 2), (0, 2, 1, 3)])
    narrow = sides([50, 100, 180], [80, 100], [(0, 0, 1, 1), (0, 1, 1, 2)])
    (table,) = tables_of(wide + narrow)
    assert [cell[:4] for cell in table.cells] == [
        (0, 0, 1, 1),
        (0, 1, 1, 2),
        (0, 2, 1, 3),
        (1, 0, 2, 1),
        (1, 1, 2, 2),
    ]


def test_cells_whose_lines_are_torn_say_so() -> None:
    """Of four cells one side is lost for the upper right: three of them run together and are no rectangle."""
    xs, ys = [50.0, 100.0, 150.0], [60.0, 80.0, 100.0]
    spans: list[Span] = [(0, 0, 1, 1), (0, 1, 1, 2), (1, 0, 2, 1), (1, 1, 2, 2)]
    lost = {Rule(100, 60, 100, 80), Rule(100, 80, 150, 80)}
    (table,) = tables_of([rule for rule in sides(xs, ys, spans) if rule not in lost])
    assert [(cell[:4], cell.torn) for cell in table.cells] == [
        ((0, 0, 1, 1), True),
        ((0, 1, 1, 2), True),
        ((1, 0, 2, 1), False),
        ((1, 1, 2, 2), True),
    ]


def test_a_drawing_of_thousands_of_lines_is_no_table() -> None:
    assert (
        tables_of([Rule(x * 5, 0, x * 5, 800) for x in range(2500)] + [Rule(0, 1, 9999, 1), Rule(0, 9, 9999, 9)])
        == ()
    )


@pytest.mark.parametrize("value", [0.0, 1e-9, -50.0, 1e9])
def test_odd_lengths(value: float) -> None:
    edges = [value, 100.0, 200.0]
    tables_of(
        [Rule(a, value, b, value) for a, b in pairwise(edges)]
        + [Rule(value, a, value, b) for a, b in pairwise(edges)]
    )
    assert tables_of([]) == ()
