"""Tables whose geometry is broken: a value in its own cell, or unreadable and said; never absent or another's."""

import re
from collections.abc import Mapping

import pytest

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, Report
from tests.parsers.pages import (
    article,
    cell,
    data_three,
    head_three,
    numbered,
    page,
    row,
    section_four,
    section_three,
    section_two,
)
from tests.parsers.test_text_layouts import document, rows_by_line, table_four, table_three, table_two

FORM = load_form("2021")
VALUES = numbered(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
THREE = tuple(key for key in FORM.cells if key.startswith("section_three."))
FOUR = tuple(key for key in FORM.cells if key.startswith("section_four."))
SPARSE = {key: "" if position % 3 == 0 else value for position, (key, value) in enumerate(VALUES.items())}
OTHER_YEAR = {key: str(int(value) + 5000) for key, value in VALUES.items()}


def read(two: str = "", three: str = "", four: str = "") -> Report:
    """A page with these tables in the place of whole ones."""
    body = article(
        FORM,
        VALUES,
        two=lambda form, values: two or section_two(form, values),
        three=lambda form, values: three or section_three(form, values),
        four=lambda form, values: four or section_four(form, values),
    )
    return parse(page(TITLE, body).encode())


def codes(report: Report) -> set[str]:
    return {lint.code for lint in report.lints}


def assert_true_or_said(report: Report, values: Mapping[str, str] = VALUES) -> None:
    """No wrong value, nothing printed absent or blank, and nothing unreadable without a word."""
    for key, found in report.cells.items():
        printed = values[key]
        if found.state is CellState.REPORTED:
            assert str(found.value) == printed, key
        elif printed:
            assert found.state is CellState.UNREADABLE, (key, found.state)
            assert report.lints


def rows_of(table: str) -> list[str]:
    return re.findall(r"<tr>.*?</tr>", table, re.DOTALL)


def table(*rows: str) -> str:
    return "<table>" + "".join(rows) + "</table>"


def count(report: Report, state: CellState) -> int:
    return sum(1 for found in report.cells.values() if found.state is state)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (cell("法人或其他组织", 1, 5), cell("法人或其他组织", 1, 4)),
        (cell("法人或其他组织", 1, 5), cell("法人或其他组织", 1, 3)),
        (cell("法人或其他组织", 1, 5), cell("法人或其他组织", 1, 6)),
        (cell("法人或其他组织", 1, 5), cell("法人或其他组织", 2, 5)),
        (cell("申请人情况", 1, 7), cell("申请人情况", 2, 7)),
    ],
)
@pytest.mark.parametrize("values", [VALUES, SPARSE], ids=["full", "sparse"])
def test_a_bad_span_in_the_head_moves_no_column(before: str, after: str, values: Mapping[str, str]) -> None:
    whole = section_three(FORM, values)
    assert before in whole
    report = read(three=whole.replace(before, after))
    assert_true_or_said(report, {**VALUES, **{key: values[key] for key in THREE}})
    assert codes(report) & {"L-01", "L-03"}
    if values is VALUES:
        assert count(report, CellState.REPORTED) == 200


@pytest.mark.parametrize("rows", [3, 99])
def test_spans_lost_in_the_head_or_everywhere(rows: int) -> None:
    printed = rows_of(section_three(FORM, VALUES))
    report = read(
        three=table(*(re.sub(r' (row|col)span="\d+"', "", line) for line in printed[:rows]), *printed[rows:])
    )
    assert_true_or_said(report)
    assert count(report, CellState.REPORTED) == 200


def test_a_true_permutation_is_read_by_its_heads_and_said() -> None:
    whole = section_three(FORM, VALUES).replace("自然人", "甲").replace(cell("总计", 2), cell("自然人", 2))
    report = read(three=whole.replace("甲", "总计"))
    for key in FORM.section_three:
        assert (
            str(report.cells[f"section_three.{key}.total"].value) == VALUES[f"section_three.{key}.natural_person"]
        )
    assert "L-03" in codes(report)


def test_heads_swapped_over_their_group_are_unreadable() -> None:
    """自然人 under 法人或其他组织: neither the heads nor the order of print can be believed."""
    whole = (
        section_three(FORM, VALUES).replace("自然人", "甲").replace("科研机构", "自然人").replace("甲", "科研机构")
    )
    report = read(three=whole)
    assert all(report.cells[key].state is CellState.UNREADABLE for key in THREE)
    assert "L-01" in codes(report)


def test_a_head_dropped_in_a_table_with_blanks() -> None:
    values = {**VALUES, **{key: "" for key in THREE if key.endswith((".total", ".other_org"))}}
    report = read(three=section_three(FORM, values).replace(cell("科研机构"), ""))
    assert_true_or_said(report, values)


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("blank", [(), ("total",), ("natural_person",), ("research", "total")])
def test_a_filler_column_in_the_rows_and_one_at_the_end_of_the_head(at: int, blank: tuple[str, ...]) -> None:
    values = {**VALUES, **{key: "" for key in THREE if key.rpartition(".")[2] in blank}}
    rows = [
        row(
            cell(FORM.section_three_rows[key].text, 1, 3),
            *(cell(values[f"section_three.{key}.{column}"]) for column in columns[:at]),
            cell(""),
            *(cell(values[f"section_three.{key}.{column}"]) for column in columns[at:]),
        )
        for key in FORM.section_three
        for columns in [tuple(FORM.section_three_columns)]
    ]
    heads = [line.replace("</tr>", cell("") + "</tr>") for line in head_three()]
    assert_true_or_said(read(three=table(*heads, *rows)), values)


@pytest.mark.parametrize("place", [0, -1])
@pytest.mark.parametrize("at", [2, 7, 12])
def test_a_filler_column_in_table_four(at: int, place: int) -> None:
    values = {**VALUES, **dict.fromkeys(FOUR[-3:], "")}
    *heads, _ = rows_of(section_four(FORM, values))
    cells = [cell(values[key]) for key in FOUR]
    cells.insert(at, cell(""))
    filled = [f"<tr>{cell('')}{line[4:]}" if place == 0 else line[:-5] + cell("") + "</tr>" for line in heads]
    assert_true_or_said(read(four=table(*filled, row(*cells))), values)


def test_last_years_table_behind_this_years_fills_no_blank() -> None:
    first = section_three(FORM, SPARSE)
    second = section_three(FORM, OTHER_YEAR)
    captioned = read(three=first + "<p>附：2022年数据</p>" + second)
    values = {**VALUES, **{key: SPARSE[key] for key in THREE}}
    assert_true_or_said(captioned, values)
    assert count(captioned, CellState.UNREADABLE) == 0
    assert "second-table" in codes(captioned)
    bare = read(three=first + second)
    assert_true_or_said(bare, values)
    assert all(bare.cells[key].state is not CellState.REPORTED for key in THREE)
    assert [lint.code for lint in bare.lints] == ["duplicate-row"]


def test_the_table_captioned_as_another_years_may_come_first() -> None:
    report = read(
        three="<p>2022年数据：</p>"
        + section_three(FORM, OTHER_YEAR)
        + "<p>2023年数据：</p>"
        + section_three(FORM, VALUES)
    )
    assert_true_or_said(report)
    assert count(report, CellState.REPORTED) == 200


@pytest.mark.parametrize("key", ["granted", "other_other", "total_results"])
def test_a_row_printed_twice_is_unreadable_where_it_differs(key: str) -> None:
    values = {**VALUES, f"section_three.{key}.research": ""}
    rows = data_three(FORM, values)
    again = row(cell(FORM.section_three_rows[key].text, 1, 2), *(cell("7") for _ in FORM.section_three_columns))
    rows.insert(FORM.section_three.index(key) + 1, again)
    report = read(three=table(*head_three(), *rows))
    assert all(
        report.cells[f"section_three.{key}.{column}"].state is CellState.UNREADABLE
        for column in FORM.section_three_columns
    )
    assert "duplicate-row" in codes(report)


@pytest.mark.parametrize(
    "key", ["denied_state_secret", "other_not_corrected", "unable_no_info", "rejected_repeat"]
)
@pytest.mark.parametrize("zero", [True, False])
def test_a_blank_label_hides_no_row_and_invents_none(key: str, zero: bool) -> None:
    values = {**VALUES, **{f"section_three.{key}.{column}": "" for column in FORM.section_three_columns if zero}}
    whole = section_three(FORM, values)
    report = read(three=whole.replace(FORM.section_three_rows[key].text, ""))
    assert all(
        report.cells[f"section_three.{key}.{column}"].state is CellState.UNREADABLE
        for column in FORM.section_three_columns
    )
    assert not any(cell.startswith("section_three.other.") for cell in report.cells)
    assert count(report, CellState.REPORTED) == 193
    assert report.lints


def test_the_heading_of_other_results_with_zeros_is_no_row() -> None:
    rows = data_three(FORM, VALUES)
    position = FORM.section_three.index("other_not_corrected")
    caption = row(cell("（六）其他处理", 1, 2), *(cell("0") for _ in range(7)))
    rows[position] = rows[position].replace(cell("（六）其他处理", 3), cell("", 3))
    rows.insert(position, caption)
    report = read(three=table(*head_three(), *rows).replace('rowspan="22"', 'rowspan="23"'))
    assert (count(report, CellState.REPORTED), len(report.cells)) == (200, 200)
    assert_true_or_said(report)
    assert "number-in-group-head" in codes(report)


@pytest.mark.parametrize("at", range(1, len(FORM.section_three)))
def test_table_three_broken_over_pages_anywhere(at: int) -> None:
    rows = data_three(FORM, VALUES)
    report = read(three=table(*head_three(), *rows[:at]) + "<p>— 2 —</p>" + table(*rows[at:]))
    assert (count(report, CellState.REPORTED), count(report, CellState.ABSENT)) == (200, 0)
    assert_true_or_said(report)


def test_table_three_broken_before_a_blank_row_of_others() -> None:
    """3.其他 over empty cells looks like a line of heads."""
    values = {**VALUES, **{f"section_three.other_other.{column}": "" for column in FORM.section_three_columns}}
    rows = data_three(FORM, values)
    assert_true_or_said(read(three=table(*head_three(), *rows[:-3]) + table(*rows[-3:])), values)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_table_four_broken_over_pages_anywhere(at: int) -> None:
    rows = rows_of(section_four(FORM, VALUES))
    report = read(four=table(*rows[:at]) + table(*rows[at:]))
    assert_true_or_said(report)
    if at == 3:
        assert count(report, CellState.REPORTED) == 200


@pytest.mark.parametrize("at", range(1, 11))
def test_section_two_broken_over_pages_anywhere(at: int) -> None:
    rows = rows_of(section_two(FORM, VALUES))
    assert_true_or_said(read(two=table(*rows[:at]) + table(*rows[at:])))


def test_table_four_with_its_rowspans_lost_or_a_line_of_units() -> None:
    whole = section_four(FORM, VALUES)
    lost = read(four=re.sub(r' rowspan="\d+"', "", whole))
    assert_true_or_said(lost)
    assert count(lost, CellState.REPORTED) == 200
    rows = rows_of(whole)
    for at in range(4):
        report = read(four=table(*rows[:at], row(cell("单位：件", 1, 10)), *rows[at:]))
        assert_true_or_said(report)
    assert_true_or_said(read(four=whole.replace('rowspan="2"', 'rowspan="0"', 1)))


@pytest.mark.parametrize("section", ["two", "three", "four"])
def test_a_transposed_table_is_unreadable(section: str) -> None:
    """Rows for columns: nothing is where it should be, and everything is printed."""
    if section == "two":
        block = FORM.section_two[0]
        lines = [["信息内容", *(FORM.section_two_rows[key].text for key in block.rows)]]
        lines += [
            [FORM.section_two_columns[column].text, *(VALUES[f"section_two.{key}.{column}"] for key in block.rows)]
            for column in block.columns
        ]
        report = read(two=table(*(row(*map(cell, line)) for line in lines)))
        keys = [f"section_two.{key}.{column}" for key in block.rows for column in block.columns]
    elif section == "three":
        lines = [["", *(FORM.section_three_rows[key].text for key in FORM.section_three)]]
        lines += [
            [label.text, *(VALUES[f"section_three.{key}.{column}"] for key in FORM.section_three)]
            for column, label in FORM.section_three_columns.items()
        ]
        report = read(three=table(*(row(*map(cell, line)) for line in lines)))
        keys = list(THREE)
    else:
        names = [label.text for label in FORM.section_four_columns.values()] * 3
        report = read(
            four=table(*(row(cell(name), cell(VALUES[key])) for name, key in zip(names, FOUR, strict=True)))
        )
        keys = list(FOUR)
    assert all(report.cells[key].state is CellState.UNREADABLE for key in keys)
    assert report.lints


@pytest.mark.parametrize("key", ["denied_law_prohibits", "other_other", "total_results", "carried_forward"])
def test_two_rows_in_one_line(key: str) -> None:
    rows = data_three(FORM, VALUES)
    position = FORM.section_three.index(key)
    rows[position - 1 : position + 1] = [rows[position - 1][:-5] + rows[position][4:]]
    assert_true_or_said(read(three=table(*head_three(), *rows)))


def test_a_row_whose_numbers_stand_in_the_line_below() -> None:
    rows = data_three(FORM, VALUES)
    position = FORM.section_three.index("granted")
    label, values = rows[position].split("</td>", 2)[:2], rows[position].split("</td>", 2)[2]
    rows[position : position + 1] = ["</td>".join(label) + "</td></tr>", "<tr>" + values]
    assert_true_or_said(read(three=table(*head_three(), *rows)))


@pytest.mark.parametrize(
    ("printed", "instead"), [("科研机构", "商业<br/>企业"), ("商业<br/>企业", ""), ("总计", "自然人")]
)
def test_a_head_written_over_or_blank(printed: str, instead: str) -> None:
    spans = 2 if printed == "总计" else 1
    whole = section_three(FORM, SPARSE).replace(cell(printed, spans), cell(instead, spans), 1)
    assert_true_or_said(read(three=whole), {**VALUES, **{key: SPARSE[key] for key in THREE}})


def test_a_label_written_over_by_its_neighbours() -> None:
    whole = section_three(FORM, VALUES).replace("1.属于国家秘密", "2.其他法律行政法规禁止公开")
    report = read(three=whole)
    for key in ("denied_state_secret", "denied_law_prohibits"):
        assert report.cells[f"section_three.{key}.total"].state is CellState.UNREADABLE


def test_heads_repeated_over_the_columns_they_spanned() -> None:
    whole = section_two(FORM, VALUES)
    for head in ("本年处理决定数量", "本年收费金额（单位：万元）"):
        whole = whole.replace(cell(head, 1, 3), cell(head) * 3)
    whole = re.sub(r'<td colspan="3"( [^>]*>.*?</td>)', lambda match: "<td" + match[1] + cell("") * 2, whole)
    report = read(two=whole)
    assert count(report, CellState.REPORTED) == 200
    assert_true_or_said(report)


def test_unreadable_cells_are_said() -> None:
    key = "section_three.granted.business"
    whole = section_three(FORM, VALUES)
    for printed in ("<p>5</p><p>3</p>", "五", "5."):
        report = read(three=whole.replace(f"<span>{VALUES[key]}</span>", printed))
        assert report.cells[key].state is CellState.UNREADABLE
        assert "unreadable-cell" in codes(report)
    text = section_two(FORM, VALUES).replace(cell(VALUES["section_two.regulations.issued"]), cell("9", 2))
    text = text.replace(cell(VALUES["section_two.normative_documents.issued"]), "")
    merged = read(two=text)
    assert merged.cells["section_two.normative_documents.issued"].state is CellState.UNREADABLE
    assert "unreadable-cell" in codes(merged)


# --- plain text ----------------------------------------------------------------------------------------------


def read_text(three: list[str]) -> Report:
    return parse(
        document(
            rows_by_line(table_two(FORM, VALUES)), "\n".join(three) + "\n", rows_by_line(table_four(FORM, VALUES))
        )
    )


def test_an_offset_is_learned_for_its_kind_of_row_only() -> None:
    """A row whose label slipped to the first column has no filler; the rows that stand there by right have one."""
    lines = rows_by_line(table_three(FORM, VALUES)).split("\n")[:-1]
    lines = [
        re.sub(r"^([一二四]、[^\t]*)\t", r"\1\t\t", line) + ("\t" if re.match("[一二四]、", line) else "")
        for line in lines
    ]
    key = "section_three.denied_internal_affairs"
    position = next(number for number, line in enumerate(lines) if "5.属于三类内部事务信息" in line)
    lines[position] = "5.属于三类内部事务信息\t\t\t\t4\t\t\t4\t\t"
    report = read_text(lines)
    printed = {f"{key}.{column}": "" for column in FORM.section_three_columns}
    printed |= {f"{key}.ngo": "4", f"{key}.total": "4"}
    assert_true_or_said(report, {**VALUES, **printed})
    assert "L-01" in codes(report)


@pytest.mark.parametrize("lost", range(7))
def test_a_value_lost_in_a_line_with_blanks_behind(lost: int) -> None:
    values = {**VALUES, "section_three.new_received.business": ""}
    lines = rows_by_line(table_three(FORM, values, filler=1)).split("\n")[:-1]
    lines = [line + "\t\t" if line.startswith(("一、", "二、", "四、")) else line for line in lines]
    position = next(number for number, line in enumerate(lines) if line.startswith("一、"))
    cells = lines[position].split("\t")
    del cells[2 + lost]
    lines[position] = "\t".join(cells)
    report = read_text(lines)
    assert_true_or_said(report, values)


def test_a_label_grown_together_with_its_number() -> None:
    lines = rows_by_line(table_three(FORM, VALUES)).replace("2.重复申请\t", "2.重复申请").split("\n")[:-1]
    assert_true_or_said(read_text(lines))


def test_rows_that_fell_out_of_their_table() -> None:
    two = rows_by_line(table_two(FORM, VALUES)).replace("行政处罚\t", "行政处罚\n\t")
    four = rows_by_line(table_four(FORM, VALUES)).split("\n")
    four[-2] = four[-2].replace("\t", "\n", 1)
    report = parse(document(two, rows_by_line(table_three(FORM, VALUES)), "\n".join(four)))
    assert_true_or_said(report)
