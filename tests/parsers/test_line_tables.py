"""Tables that are no tables, attacked: a number is read into its own cell, or it is unreadable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.forms import Form, load_form
from parsers.reading import parse
from parsers.schema import CellState, Report
from tests.parsers.pages import article, balanced, page

FORM = load_form("2021")
TITLE = "清溪镇{}年政府信息公开工作年度报告"
Rows = list[list[str]]
# Nearly every number 0, as in most reports.
SMALL = dict.fromkeys(FORM.cells, "0") | {
    f"section_three.{row}.{column}": "13"
    for row in ("new_received", "granted", "total_results")
    for column in ("natural_person", "total")
}


def rows_two(form: Form, values: Mapping[str, str]) -> Rows:
    rows: Rows = []
    for block in form.section_two:
        rows.append([block.article])
        rows.append(["信息内容", *(form.section_two_columns[key].text for key in block.columns)])
        rows += [
            [form.section_two_rows[key].text, *(values[f"section_two.{key}.{column}"] for column in block.columns)]
            for key in block.rows
        ]
    return rows


def rows_three(form: Form, values: Mapping[str, str]) -> Rows:
    rows = [
        ["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"],
        ["自然人", "法人或其他组织", "总计"],
        ["商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"],
    ]
    seen: set[str] = set()
    for key in form.section_three:
        label = form.section_three_rows[key]
        labels: list[str] = []
        for part in dict.fromkeys(("results", label.part)) if label.part else ():
            if part and part not in seen:
                seen.add(part)
                labels.append(form.section_three_parts[part])
        numbers = [values[f"section_three.{key}.{column}"] for column in form.section_three_columns]
        rows.append([*labels, label.text, *numbers])
    return rows


def rows_four(form: Form, values: Mapping[str, str]) -> Rows:
    names = [label.text for label in form.section_four_columns.values()]
    return [
        ["行政复议", "行政诉讼"],
        [*names, "未经复议直接起诉", "复议后起诉"],
        [*names, *names],
        [values[key] for key in form.cells if key.startswith("section_four.")],
    ]


# The rows of tables two and three, with the key of each cell for its number.
NAMES = tuple(rows(FORM, {key: key for key in FORM.cells}) for rows in (rows_two, rows_three))


def by_line(row: list[str]) -> str:
    return "".join(f"<p>{cell}</p>" for cell in row)


def by_break(row: list[str]) -> str:
    return "".join(f"{cell}<br>" for cell in row)


def by_div(row: list[str]) -> str:
    return "<div class=row>" + "".join(f"<div>{cell}</div>" for cell in row) + "</div>"


def by_wrapped_div(row: list[str]) -> str:
    cells = "".join(f"<div class=cell><p><b>{cell}</b></p></div>" for cell in row)
    return f"<section><div style='display:flex'>{cells}</div></section>"


def by_span(row: list[str]) -> str:
    return "<div>" + "".join(f"<span style='display:inline-block'>{cell}</span>" for cell in row) + "</div>"


def by_list(row: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{cell}</li>" for cell in row) + "</ul>"


def by_definition(row: list[str]) -> str:
    return f"<dl><dt>{''.join(row[:1])}</dt>" + "".join(f"<dd>{cell}</dd>" for cell in row[1:]) + "</dl>"


def by_blank(row: list[str]) -> str:
    return "<p>" + " ".join(row) + "</p>"


def by_wide_blank(row: list[str]) -> str:
    return "<p>" + "　".join(row) + "</p>"


def by_comma(row: list[str]) -> str:
    return "<p>" + ",".join(cell.replace(",", "").replace("，", "") for cell in row) + "</p>"


WAYS = (
    by_line,
    by_break,
    by_div,
    by_wrapped_div,
    by_span,
    by_list,
    by_definition,
    by_blank,
    by_wide_blank,
    by_comma,
)
KEEP_EMPTY_CELLS = (by_line, by_break, by_div, by_wrapped_div, by_span, by_list, by_definition, by_comma)


def written(
    form: Form, two: Rows, three: Rows, four: Rows, way: Callable[[list[str]], str], year: int = 2023
) -> Report:
    """The report that a page prints with its three tables written another way."""
    parts = ["".join(map(way, rows)) for rows in (two, three, four)]
    body = article(
        form,
        balanced(form),
        two=lambda *_: parts[0],
        three=lambda *_: parts[1],
        four=lambda *_: parts[2],
    )
    return parse(page(TITLE.format(year), body).encode())


def wrong(report: Report, values: Mapping[str, str]) -> list[str]:
    """The cells with a number that is not theirs, or blank where one is printed."""
    found: list[str] = []
    for key, cell in report.cells.items():
        if cell.state is CellState.REPORTED and str(cell.value) != values.get(key):
            found.append(f"{key}: {cell.value}, printed {values.get(key)}")
        elif cell.state is CellState.BLANK and values[key]:
            found.append(f"{key}: blank, printed {values[key]}")
    return found


def states(report: Report) -> dict[str, int]:
    return dict(Counter(cell.state.value for cell in report.cells.values()))


@pytest.mark.parametrize("year", [2023, 2020])
@pytest.mark.parametrize("way", WAYS)
def test_every_layout_is_read(way: Callable[[list[str]], str], year: int) -> None:
    form = load_form("2021" if year == 2023 else "2019")
    values = balanced(form)
    report = written(form, rows_two(form, values), rows_three(form, values), rows_four(form, values), way, year)
    assert wrong(report, values) == []
    four = {"unreadable": 15} if way is by_span else {}
    assert states(report) == {"reported": len(form.cells) - sum(four.values()), **four}
    assert report.form == form.key
    assert report.sections[3].text == ""


@pytest.mark.parametrize("way", KEEP_EMPTY_CELLS)
def test_empty_cells_that_are_written_are_blank(way: Callable[[list[str]], str]) -> None:
    values = dict(SMALL)
    blank = [f"section_three.granted.{column}" for column in ("business", "ngo")]
    blank += [f"section_three.denied_law_prohibits.{column}" for column in FORM.section_three_columns]
    values |= dict.fromkeys([*blank, "section_two.penalty.decisions", "section_two.regulations.repealed"], "")
    report = written(FORM, rows_two(FORM, values), rows_three(FORM, values), rows_four(FORM, values), way)
    assert wrong(report, values) == []
    assert all(report.cells[key].state is CellState.BLANK for key in blank)
    assert report.cells["section_two.regulations.repealed"].state is CellState.BLANK


@pytest.mark.parametrize("way", [by_line, by_div, by_span, by_blank])
def test_empty_cells_that_are_lost_make_their_rows_unreadable(way: Callable[[list[str]], str]) -> None:
    values = balanced(FORM) | {"section_three.granted.business": "", "section_two.regulations.repealed": ""}
    two, three = ([[cell for cell in row if cell] for row in rows] for rows in (
        rows_two(FORM, values), rows_three(FORM, values)
    ))  # fmt: skip
    report = written(FORM, two, three, rows_four(FORM, values), way)
    assert wrong(report, values) == []
    for row, columns in (("section_three.granted", FORM.section_three_columns), ("section_two.regulations", ())):
        assert all(report.cells[f"{row}.{column}"].state is CellState.UNREADABLE for column in columns)
    assert report.cells["section_three.partially_granted.total"].state is CellState.REPORTED
    assert report.cells["section_two.normative_documents.issued"].state is CellState.REPORTED


@pytest.mark.parametrize(
    "line",
    [
        "规章 本年制发件数 {0} 本年废止件数 {1} 现行有效件数 {2}",
        "规章：本年制发件数{0}件，本年废止件数{1}件，现行有效件数{2}件。",
        "规章 现行有效件数：{2} 本年废止件数：{1} 本年制发件数：{0}",
        "规章本年制发件数{0}件、本年废止件数{1}件、现行有效件数{2}件；",
    ],
)
def test_table_two_as_pairs(line: str) -> None:
    values = balanced(FORM) | {"section_two.regulations.issued": "5", "section_two.regulations.in_force": "1200"}
    rows = []
    for block in FORM.section_two:
        for key in block.rows:
            heads = [FORM.section_two_columns[column].text for column in block.columns]
            numbers = [values[f"section_two.{key}.{column}"] for column in block.columns]
            row = FORM.section_two_rows[key].text
            text = f"{row}：{heads[0]}{numbers[0]}"
            if len(heads) > 1:
                text = line.format(*numbers).replace("规章", row)
            rows.append([text])
    report = written(FORM, rows, rows_three(FORM, values), rows_four(FORM, values), by_line)
    assert wrong(report, values) == []
    assert states(report) == {"reported": 200}


@pytest.mark.parametrize(
    "line",
    [
        "规章 本年制发件数 0 本年废止件数 现行有效件数 3",
        "规章 本年制发件数 0 3 本年废止件数 0 现行有效件数 3",
        "规章 本年制发件数 0 本年制发件数 0 现行有效件数 3",
        "规章 0 本年制发件数 1 本年废止件数 2 现行有效件数",
        "规章 本年制发件数 0 现行有效件数 3",
        "规章 本年制发件数 约0 本年废止件数 0 现行有效件数 3",
    ],
)
def test_pairs_that_are_not_whole_are_unreadable(line: str) -> None:
    values = balanced(FORM)
    two = [[line], ["行政规范性文件 本年制发件数 1003 本年废止件数 1004 现行有效件数 1005"]]
    report = written(FORM, two, rows_three(FORM, values), rows_four(FORM, values), by_line)
    assert all(
        report.cells[f"section_two.regulations.{column}"].state is CellState.UNREADABLE
        for column in ("issued", "repealed", "in_force")
    )
    assert report.cells["section_two.normative_documents.issued"].value == 1003


def test_heads_in_no_known_order_are_not_read() -> None:
    values = balanced(FORM)
    three = rows_three(FORM, values)
    three[2] = ["科研机构", "商业企业", *three[2][2:]]
    report = written(FORM, rows_two(FORM, values), three, rows_four(FORM, values), by_line)
    assert wrong(report, values) == []
    assert states(report)["unreadable"] == 175


def test_a_row_whose_sum_does_not_hold_is_unreadable() -> None:
    values = balanced(FORM) | {"section_three.granted.total": "3"}
    report = written(FORM, rows_two(FORM, values), rows_three(FORM, values), rows_four(FORM, values), by_line)
    assert states(report)["unreadable"] >= 7
    assert all(
        report.cells[f"section_three.granted.{column}"].state is CellState.UNREADABLE
        for column in FORM.section_three_columns
    )


@pytest.mark.parametrize(
    "cell",
    ["5<sup>1</sup>", "<del>5</del>", "<input value=5>", "<img src=a.png>", "5*", "<select><option>5</select>"],
)
@pytest.mark.parametrize("way", [by_line, by_div, by_span])
def test_what_is_no_plain_number_is_not_read(way: Callable[[list[str]], str], cell: str) -> None:
    values = balanced(FORM) | {"section_two.licensing.decisions": cell, "section_three.granted.total": cell}
    report = written(FORM, rows_two(FORM, values), rows_three(FORM, values), rows_four(FORM, values), way)
    assert wrong(report, values) == []
    for key in ("section_two.licensing.decisions", "section_three.granted.total"):
        assert report.cells[key].state is CellState.UNREADABLE


# --- attacks -------------------------------------------------------------------------------------------------

STRAY = (
    "7",
    "0",
    "— 3 —",
    "第3页",
    "其中网络申请12件",
    "本年公开12条。",
    "",
    "其他",
    "总计",
    "自然人",
    "信息内容",
    "规章",
)


def printed_whole(names: list[str], row: list[str]) -> dict[str, str]:
    """The cells that a row prints which lost a blank and got a number: whole again, nothing tells that it did.

    ``names`` are the labels of the undamaged row and the keys of its cells. Empty for any other row, and for one
    of table three whose sum does not hold: there the document tells.
    """
    if len(names) != len(row):
        return {}
    pairs = list(zip(names, row, strict=True))
    if any(cell.isdigit() != (name in FORM.cells) for name, cell in pairs):
        return {}
    found = {name: cell for name, cell in pairs if name in FORM.cells}
    if len(found) == len(FORM.section_three_columns):
        *parts, total = map(int, found.values())
        return found if sum(parts) == total else {}
    return found


@pytest.mark.parametrize(("row", "state"), [("rejected_reconfirm", "reported"), ("granted", "unreadable")])
def test_a_row_that_lost_a_blank_and_doubled_a_number(row: str, state: str) -> None:
    """Seven zeros are seven zeros, a blank among them or not; of a 13 printed twice the row's sum tells."""
    values = SMALL | {f"section_three.{row}.business": ""}
    three = rows_three(FORM, values)
    line = three[3 + FORM.section_three.index(row)]
    line.remove("")
    line.insert(-6, line[-6])
    report = written(FORM, rows_two(FORM, values), three, rows_four(FORM, values), by_line)
    assert {
        report.cells[f"section_three.{row}.{column}"].state.value for column in FORM.section_three_columns
    } == {state}


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_attacks_never_put_a_number_into_another_cell(data: st.DataObject) -> None:
    """Lines lost, doubled, added, wrapped: one or two of them, in any layout, with or without zeros and blanks.

    A row that lost an empty cell and got a number, whole again and its sum holding, is read as it is printed.
    """
    values = dict(data.draw(st.sampled_from([balanced(FORM), SMALL])))
    blanks = data.draw(st.sets(st.sampled_from(FORM.cells), max_size=6))
    values |= dict.fromkeys(blanks, "")
    way = data.draw(st.sampled_from(WAYS))
    tables = [rows_two(FORM, values), rows_three(FORM, values), rows_four(FORM, values)]
    if data.draw(st.booleans()):
        tables = [[[cell for cell in row if cell] for row in rows] for rows in tables]
    attacked = data.draw(st.integers(0, 1))
    table = tables[attacked]
    place = data.draw(st.integers(0, len(table) - 1))
    row, is_short = table[place], len(table[place]) < len(NAMES[attacked][place])
    position = data.draw(st.integers(0, len(row) - 1)) if row else 0
    how = data.draw(st.sampled_from(["lose", "double", "add", "wrap", "page", "swap"]))
    if how == "lose" and row:
        del row[position]
    elif how == "double" and row:
        row.insert(position, row[position])
    elif how == "add":
        row.insert(position, data.draw(st.sampled_from(STRAY)))
    elif how == "wrap" and row:
        row[position] = f"<div><div>{row[position]}</div></div>"
    elif how == "page":
        table.insert(table.index(row), [data.draw(st.sampled_from(STRAY))])
    elif how == "swap" and position:
        row[position - 1], row[position] = row[position], row[position - 1]
        if row[position - 1].isdigit() == row[position].isdigit():
            return
    if is_short and how in ("double", "add"):
        values |= printed_whole(NAMES[attacked][place], row)
    report = written(FORM, tables[0], tables[1], tables[2], way)
    assert wrong(report, values) == []
