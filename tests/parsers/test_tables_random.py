"""Random tables of section three: what is undamaged is read exactly; what is damaged is never read wrongly."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, Report
from tests.parsers.pages import article, numbered, page

FORM = load_form("2021")
VALUES = numbered(FORM)
COLUMNS = tuple(FORM.section_three_columns)
TITLE = "清溪镇2023年政府信息公开工作年度报告"


@dataclass(frozen=True)
class Shape:
    """A table: the order of rows and columns, how many label columns, fillers, and the blank cells."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    label_columns: int
    filler_before: int
    filler_behind: int
    blanks: frozenset[str]


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    """Tables that a person would read without doubt."""
    kept = draw(st.sets(st.sampled_from([row for row in FORM.section_three if row != "other_other"]), min_size=1))
    rows = draw(st.permutations(sorted(kept)))
    columns = draw(st.permutations(COLUMNS))
    cells = [f"{row}.{column}" for row in rows for column in columns]
    return Shape(
        tuple(rows),
        tuple(columns),
        draw(st.integers(1, 3)),
        draw(st.integers(0, 1)),
        draw(st.integers(0, 2)),
        frozenset(draw(st.sets(st.sampled_from(cells), max_size=len(cells)))),
    )


def grid(shape: Shape) -> list[list[str]]:
    """The table's rows of finished cells; the head's corner and the labels span the label columns and filler."""
    span = shape.label_columns + shape.filler_before
    behind = ["<td></td>"] * shape.filler_behind
    names = [FORM.section_three_columns[column].text for column in shape.columns]
    rows = [
        [f'<td colspan="{span}">项目</td>', *(f"<td>{name}</td>" for name in names), *behind],
    ]
    for row in shape.rows:
        printed = [
            "" if f"{row}.{column}" in shape.blanks else VALUES[f"section_three.{row}.{column}"]
            for column in shape.columns
        ]
        label = FORM.section_three_rows[row].text
        rows.append([f'<td colspan="{span}">{label}</td>', *(f"<td>{value}</td>" for value in printed), *behind])
    return rows


def is_doubtful(shape: Shape) -> bool:
    """Whether an empty column without a head may be one that slipped out between the numbers.

    It stands at the table's end, a column that has a head is empty, too, and numbers stand between the two.
    """
    filled = [any(f"{row}.{column}" not in shape.blanks for row in shape.rows) for column in shape.columns]
    return shape.filler_behind > 0 and any(filled) and not all(filled[: max(i for i, f in enumerate(filled) if f)])


def read(rows: list[list[str]]) -> Report:
    table = "<table>" + "".join("<tr>" + "".join(row) + "</tr>" for row in rows) + "</table>"
    return parse(page(TITLE, article(FORM, VALUES, three=lambda form, values: table)).encode())


def wrong(report: Report) -> list[tuple[str, str]]:
    return [
        (key, cell.raw)
        for key, cell in report.cells.items()
        if cell.state is CellState.REPORTED and str(cell.value) != VALUES[key]
    ]


@settings(max_examples=120, deadline=None)
@given(shapes())
def test_a_whole_table_is_read_exactly(shape: Shape) -> None:
    report = read(grid(shape))
    assert wrong(report) == []
    for row in FORM.section_three:
        for column in COLUMNS:
            cell = report.cells[f"section_three.{row}.{column}"]
            if row not in shape.rows:
                assert cell.state is CellState.ABSENT
            elif is_doubtful(shape):
                assert cell.state is not CellState.ABSENT
            elif f"{row}.{column}" in shape.blanks:
                assert cell.state is CellState.BLANK
            else:
                assert cell.state is CellState.REPORTED


@settings(max_examples=200, deadline=None)
@given(shapes(), st.data())
def test_a_damaged_table_is_never_read_wrongly(shape: Shape, data: st.DataObject) -> None:
    """One to three cells dropped, or put in and given wrong spans.

    Not both together: a row that lost a number and grew a blank elsewhere looks whole to anyone.
    """
    rows = grid(shape)
    kinds = data.draw(st.sampled_from([("drop",), ("filler", "colspan", "rowspan")]))
    for _ in range(data.draw(st.integers(1, 3))):
        row = rows[data.draw(st.integers(1, len(rows) - 1))]
        at = data.draw(st.integers(0, len(row) - 1))
        damage = data.draw(st.sampled_from(kinds))
        if damage == "drop":
            del row[at]
        elif damage == "filler":
            row.insert(at, "<td></td>")
        elif at or damage == "colspan":
            row[at] = row[at].replace("<td", f'<td {damage}="{data.draw(st.integers(2, 4))}"', 1)
    report = read([row for row in rows if row])
    assert wrong(report) == []


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(COLUMNS), shapes(), st.booleans())
def test_a_head_that_is_lost_moves_no_value(lost: str, shape: Shape, emptied: bool) -> None:
    """Emptied, its place is known in any order; gone, the heads that are left must be in the form's order."""
    rows = grid(shape if emptied else replace(shape, columns=COLUMNS))
    name = f"<td>{FORM.section_three_columns[lost].text}</td>"
    rows[0] = [("<td></td>" if emptied else "") if cell == name else cell for cell in rows[0]]
    assert wrong(read(rows)) == []


# --- numbers that add up, most of them zeros -----------------------------------------------------------------


@st.composite
def sums(draw: st.DrawFn) -> dict[str, str]:
    """A report as most are: a few applications, all else zero, and every sum holds."""
    table = {(row, column): 0 for row in FORM.section_three for column in COLUMNS}
    results = FORM.section_three[2:-2]
    for _ in range(draw(st.integers(1, 5))):
        column = draw(st.sampled_from(COLUMNS[:-1]))
        row = draw(st.sampled_from((*results, "carried_forward")))
        before = draw(st.sampled_from(("new_received", "carried_over")))
        number = draw(st.integers(1, 12))
        for key in (row, before, *(("total_results",) if row in results else ())):
            table[key, column] += number
            table[key, "total"] += number
    return {**VALUES, **{f"section_three.{row}.{column}": str(value) for (row, column), value in table.items()}}


def lines_of(values: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> list[list[str]]:
    """The rows of table three, the labels over three columns, heads and numbers in this order."""
    names = [FORM.section_three_columns[column].text for column in columns]
    rows = [['<td colspan="3">项目</td>', *(f"<td>{name}</td>" for name in names)]]
    for row in FORM.section_three:
        printed = [f"<td>{values[f'section_three.{row}.{column}']}</td>" for column in columns]
        rows.append([f'<td colspan="3">{FORM.section_three_rows[row].text}</td>', *printed])
    return rows


def false(report: Report, values: dict[str, str]) -> list[tuple[str, str]]:
    """Cells of table three that are reported with another number than their own."""
    return [
        (key, cell.raw)
        for key, cell in report.cells.items()
        if key.startswith("section_three.") and cell.state is CellState.REPORTED and str(cell.value) != values[key]
    ]


@settings(max_examples=120, deadline=None)
@given(sums(), st.sampled_from(FORM.section_three), st.integers(1, 7), st.integers(1, 7))
def test_a_row_that_lost_a_number_and_gained_a_blank(
    values: dict[str, str], row: str, lost: int, gained: int
) -> None:
    """The row looks whole; only the sums tell that its numbers slipped."""
    rows = lines_of(values)
    line = rows[1 + FORM.section_three.index(row)]
    del line[lost]
    line.insert(gained, "<td></td>")
    assert false(read(rows), values) == []


@settings(max_examples=80, deadline=None)
@given(sums(), st.data())
def test_a_row_of_zeros_that_lost_or_gained_a_cell(values: dict[str, str], data: st.DataObject) -> None:
    """Most of what slips is a zero on a zero: no number may come of it that is not there.

    A row is damaged once: one that lost a 1 and gained a printed 0 prints other numbers, and nobody can see it.
    """
    rows = lines_of(values)
    for place in data.draw(st.sets(st.integers(1, len(rows) - 1), min_size=1, max_size=3)):
        line = rows[place]
        at = data.draw(st.integers(1, len(line) - 1))
        if data.draw(st.booleans()):
            del line[at]
        else:
            line.insert(at, data.draw(st.sampled_from(("<td></td>", "<td>0</td>"))))
        if len(line) == 1:
            break
    assert false(read(rows), values) == []


@settings(max_examples=60, deadline=None)
@given(sums(), st.sampled_from(COLUMNS))
def test_a_head_lost_from_a_table_with_the_total_first(values: dict[str, str], lost: str) -> None:
    """Heads in the form's order again once 总计 is gone: the rows' sums tell that the columns are not."""
    rows = lines_of(values, ("total", *COLUMNS[:-1]))
    name = f"<td>{FORM.section_three_columns[lost].text}</td>"
    rows[0] = [cell for cell in rows[0] if cell != name]
    assert false(read(rows), values) == []


@settings(max_examples=60, deadline=None)
@given(sums())
def test_sound_tables_are_not_doubted(values: dict[str, str]) -> None:
    """Blank zeros, as many organs leave them, are read as they are printed."""
    assert false(read(lines_of(values)), values) == []
    blank = {
        key: "" if value == "0" and key.startswith("section_three.") else value for key, value in values.items()
    }
    report = read(lines_of(blank))
    for key, cell in report.cells.items():
        if key.startswith("section_three."):
            assert cell.state is (CellState.REPORTED if blank[key] else CellState.BLANK), key
