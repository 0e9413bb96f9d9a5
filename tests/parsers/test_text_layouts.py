"""Tables in plain text: a row a line, a cell a line, with and without the blanks that merged cells leave."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.forms import Form, load_form
from parsers.reading import parse
from parsers.schema import CellState, Report
from tests.parsers.pages import numbered

FORM = load_form("2021")
VALUES = numbered(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"


def table_two(form: Form, values: Mapping[str, str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for block in form.section_two:
        rows.append([block.article])
        rows.append(["信息内容", *(form.section_two_columns[key].text for key in block.columns)])
        rows += [
            [form.section_two_rows[key].text, *(values[f"section_two.{key}.{column}"] for column in block.columns)]
            for key in block.rows
        ]
    return rows


def table_three(form: Form, values: Mapping[str, str], filler: int = 0) -> list[list[str]]:
    rows = [["（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", "申请人情况"]]
    rows.append(["", "自然人", "法人或其他组织", "总计"])
    rows.append(["", "", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他", ""])
    for key in form.section_three:
        label = form.section_three_rows[key]
        labels = (
            [label.text]
            if label.part is None
            else ["", label.text]
            if label.part == "results"
            else ["", "", label.text]
        )
        rows.append(
            [
                *labels,
                *[""] * filler,
                *(values[f"section_three.{key}.{column}"] for column in form.section_three_columns),
            ]
        )
    return rows


def table_four(form: Form, values: Mapping[str, str]) -> list[list[str]]:
    names = [label.text for label in form.section_four_columns.values()]
    return [
        ["行政复议", "行政诉讼"],
        [*names, "未经复议直接起诉", "复议后起诉"],
        [*[""] * 5, *names, *names],
        [values[key] for key in form.cells if key.startswith("section_four.")],
    ]


def rows_by_line(rows: list[list[str]]) -> str:
    return "".join("\t".join(row if len(row) > 1 else [*row, ""]) + "\n" for row in rows)


def cells_by_line(rows: list[list[str]]) -> str:
    return "".join("".join(f"\t{cell}\n" for cell in row) + "\n" for row in rows)


def document(two: str, three: str, four: str) -> bytes:
    return (
        f"\n{TITLE}\n\n一、总体情况\n本年度公开12条。\n\n二、主动公开政府信息情况\n\n{two}\n"
        f"三、收到和处理政府信息公开申请情况\n\n{three}\n四、政府信息公开行政复议、行政诉讼情况\n\n{four}\n"
        "五、存在的主要问题及改进情况\n\n存在不足，将改进。\n\n六、其他需要报告的事项\n\n无\n"
    ).encode()


def wrong(report: Report, values: Mapping[str, str]) -> list[str]:
    return [
        key
        for key, cell in report.cells.items()
        if cell.state is CellState.REPORTED and str(cell.value) != values[key]
    ]


def count(report: Report, state: CellState) -> int:
    return sum(1 for cell in report.cells.values() if cell.state is state)


@pytest.mark.parametrize("write", [rows_by_line, cells_by_line])
@pytest.mark.parametrize("filler", [0, 1])
@pytest.mark.parametrize("year", [2023, 2020])
def test_both_layouts(write: object, filler: int, year: int) -> None:
    assert callable(write)
    form = load_form("2021" if year == 2023 else "2019")
    values = numbered(form)
    data = document(
        write(table_two(form, values)), write(table_three(form, values, filler)), write(table_four(form, values))
    )
    report = parse(data)
    assert (wrong(report, values), count(report, CellState.REPORTED)) == ([], len(form.cells))
    assert all(section.present for section in report.sections.values())
    assert report.sections[2].text == ""


def test_a_cell_a_line_keeps_blanks_apart() -> None:
    values = {**VALUES, "section_three.granted.natural_person": "", "section_three.granted.total": "/"}
    data = document(
        cells_by_line(table_two(FORM, values)),
        cells_by_line(table_three(FORM, values)),
        cells_by_line(table_four(FORM, values)),
    )
    report = parse(data)
    assert wrong(report, values) == []
    assert (count(report, CellState.REPORTED), count(report, CellState.BLANK)) == (198, 2)


@settings(max_examples=120, deadline=None)
@given(
    blanks=st.sets(st.sampled_from([key for key in FORM.cells if key.startswith("section_three.")]), max_size=60),
    filler=st.integers(0, 2),
    trimmed=st.booleans(),
)
def test_blanks_in_rows_by_line_never_shift_a_value(blanks: set[str], filler: int, trimmed: bool) -> None:
    """Trailing tabs may be lost, merged cells may leave tabs: then blanks are doubtful, values never wrong."""
    values = {key: "" if key in blanks else value for key, value in VALUES.items()}
    lines = rows_by_line(table_three(FORM, values, filler))
    if trimmed:
        lines = "".join(
            line.rstrip() + "\n" if "\t" in line.rstrip() else line + "\n" for line in lines.split("\n")
        )
    report = parse(document(rows_by_line(table_two(FORM, values)), lines, rows_by_line(table_four(FORM, values))))
    assert wrong(report, values) == []
    assert count(report, CellState.ABSENT) == 0
    for key, cell in report.cells.items():
        if cell.state is CellState.BLANK:
            assert key in blanks


def test_prose_with_a_tab_is_prose() -> None:
    text = (
        f"{TITLE}\n\n一、总体情况\n\t本年度公开12条。\n\t其中公示3条。\n\n"
        "五、存在的主要问题及改进情况\n\t存在不足，将改进。\n六、其他需要报告的事项\n无"
    )
    report = parse(text.encode())
    assert report.sections[1].text == "本年度公开12条。\n其中公示3条。"
    assert report.sections[5].text == "存在不足，将改进。"
    assert report.form is None


def test_one_value_a_line_without_tabs_is_unreadable_not_absent() -> None:
    lines = "".join(cell + "\n" for row in table_three(FORM, VALUES) for cell in row if cell)
    report = parse(document("", lines, ""))
    assert all(
        cell.state is CellState.UNREADABLE
        for key, cell in report.cells.items()
        if key.startswith("section_three.")
    )
    assert "table-not-read" in {lint.code for lint in report.lints}
