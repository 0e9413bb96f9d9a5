"""Damaged pages of our own wording: a value is read into its own cell, or said to be unreadable."""

import re
from collections import Counter
from collections.abc import Mapping

import pytest

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import Cell, CellState, Report
from tests.parsers.pages import (
    article,
    balanced,
    cell,
    data_three,
    head_three,
    numbered,
    page,
    row,
    section_three,
    section_two,
)

FORM = load_form("2021")
VALUES = numbered(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
WHOLE = page(TITLE, article(FORM, VALUES))
OTHER_ROWS = tuple(key for key in FORM.section_three if key.startswith("other_"))


def wrong(report: Report, values: Mapping[str, str] = VALUES) -> list[tuple[str, Cell]]:
    """Cells with a value that is not theirs."""
    return [
        (key, found)
        for key, found in report.cells.items()
        if found.state is CellState.REPORTED and str(found.value) != values[key]
    ]


def states(report: Report) -> Counter[str]:
    return Counter(found.state.value for found in report.cells.values())


def codes(report: Report) -> set[str]:
    return {lint.code for lint in report.lints}


def read(text: str) -> Report:
    return parse(text.encode())


def three(rows: list[str]) -> str:
    """A page whose section three has these rows under the official heads."""
    table = "<table>" + "".join((*head_three(), *rows)) + "</table>"
    return page(TITLE, article(FORM, VALUES, three=lambda form, values: table))


def changed(key: str, before: str, after: str) -> str:
    """The whole page with the row of section three that holds ``key``'s total changed."""
    rows = data_three(FORM, VALUES)
    position = FORM.section_three.index(key)
    assert before in rows[position]
    rows[position] = rows[position].replace(before, after)
    return three(rows)


@pytest.mark.parametrize("year", [2023, 2020])
def test_whole_page(year: int) -> None:
    form = load_form("2021" if year == 2023 else "2019")
    values = numbered(form)
    report = read(page(f"清溪镇{year}年政府信息公开工作年度报告", article(form, values)))
    assert wrong(report, values) == []
    assert states(report) == {"reported": len(form.cells)}
    assert report.lints == ()
    assert report.form == form.key
    assert (report.title, report.organ, report.report_year) == (
        f"清溪镇{year}年政府信息公开工作年度报告",
        "清溪镇",
        year,
    )
    assert [section.heading for section in report.sections.values()] == [
        f"{'一二三四五六'[section.number - 1]}、{section.title}" for section in form.sections
    ]


def test_one_row_of_other_results() -> None:
    rows = (*(key for key in FORM.section_three[:-2] if key not in OTHER_ROWS), "other", *FORM.section_three[-2:])
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: section_three(form, values, rows))))
    assert report.form == "2021"
    assert wrong(report) == []
    assert states(report) == {"reported": 186, "absent": 21}
    assert all(report.cells[f"section_three.other.{column}"].value for column in FORM.section_three_columns)
    assert all(report.cells[f"section_three.{key}.total"].state is CellState.ABSENT for key in OTHER_ROWS)


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "utf-16", "utf-16-le", "utf-8-sig", "utf-8"])
def test_bytes_declared_as_utf_8(encoding: str) -> None:
    report = parse(WHOLE.encode(encoding))
    assert (states(report), wrong(report), report.title) == ({"reported": 200}, [], TITLE)


def test_a_few_broken_bytes_are_said_and_change_nothing_else() -> None:
    data = WHOLE.encode().replace("存在公开".encode(), "存在公".encode() + b"\xe5\xbc", 1)
    report = parse(data)
    assert (states(report), wrong(report)) == ({"reported": 200}, [])
    assert "encoding" in codes(report)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"</t[dr]>", ""),
        (r"<table>", "<table><tbody>"),
        (r"</?span>", ""),
        (r"<td", "<td \n"),
        (r"<p class", "<p></p><p class"),
        (r"</span></p></td>", "</span></p><p>&nbsp;</p></td>"),
        (r"<div class=\"content\">", "<div><table><tr><td>菜单</td><td>"),
        (r"(?<=<span>)(\d)(\d+)(?=</span>)", r"\1</span><span>\2"),
        (r"(?<=<span>)(\d+)(?=</span>)", r"&nbsp;\1　"),
        (r"</tr>", "</tr><form></form>"),
    ],
)
def test_harmless_damage(pattern: str, replacement: str) -> None:
    damaged, count = re.subn(pattern, replacement, WHOLE)
    assert count
    report = read(damaged)
    assert (states(report), wrong(report)) == ({"reported": 200}, [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('rowspan="8"', 'rowspan="7"'),
        ('rowspan="8"', 'rowspan="9"'),
        ('rowspan="22"', 'rowspan="20"'),
        ('rowspan="22"', 'rowspan="0"'),
        ('rowspan="22"', 'rowspan="9999999"'),
        ('rowspan="3" colspan="3"', 'rowspan="3" colspan="2"'),
        ('rowspan="3" colspan="3"', 'rowspan="3" colspan="4"'),
        ('rowspan="3" colspan="3"', 'rowspan="3"'),
        ('colspan="10"', 'colspan="9"'),
        ('rowspan="5"', ""),
    ],
)
def test_wrong_spans_put_no_value_into_a_wrong_cell(before: str, after: str) -> None:
    assert before in WHOLE
    report = read(WHOLE.replace(before, after))
    assert wrong(report) == []
    found = states(report)
    assert found["reported"] + found["unreadable"] == 200
    assert found["reported"] >= 185
    assert found["reported"] == 200 or "L-01" in codes(report) or "L-03" in codes(report) or after == 'rowspan="0"'


def test_wrong_spans_with_blanks_are_unreadable() -> None:
    blanks = dict(VALUES)
    for column in ("business", "research", "ngo", "legal_service", "other_org"):
        for key in FORM.section_three:
            blanks[f"section_three.{key}.{column}"] = ""
    text = page(TITLE, article(FORM, blanks)).replace('rowspan="3" colspan="3"', 'rowspan="3" colspan="2"')
    report = read(text)
    assert wrong(report) == []
    assert all(
        found.state is CellState.UNREADABLE
        for key, found in report.cells.items()
        if key.startswith("section_three.")
    )
    assert "L-01" in codes(report)


@pytest.mark.parametrize(
    ("print_of_it", "state", "value"),
    [
        ("", CellState.BLANK, None),
        ("&nbsp;", CellState.BLANK, None),
        ("　", CellState.BLANK, None),
        ("/", CellState.BLANK, None),
        ("—", CellState.BLANK, None),
        ("0", CellState.REPORTED, 0),
        ("无", CellState.REPORTED, 0),
        ("见附件", CellState.UNREADABLE, None),
        ("1 0", CellState.UNREADABLE, None),
        ("</span></p><p><span>7", CellState.REPORTED, 7),
        ("1</span></p><p><span>0", CellState.UNREADABLE, None),
        ("-1", CellState.REPORTED, -1),
    ],
)
@pytest.mark.parametrize("key", ["section_three.granted.research", "section_three.granted.natural_person"])
def test_blank_zero_and_unreadable_are_told_apart(
    key: str, print_of_it: str, state: CellState, value: int | None
) -> None:
    report = read(page(TITLE, article(FORM, {**VALUES, key: print_of_it})))
    assert (report.cells[key].state, report.cells[key].value) == (state, value)
    assert wrong(report, {**VALUES, key: str(value)}) == []
    assert states(report)["reported"] == 199 + (state is CellState.REPORTED)
    assert ("read-as-zero" in codes(report)) == (print_of_it == "无")


def test_a_row_that_is_not_there_is_absent() -> None:
    rows = tuple(key for key in FORM.section_three if key != "denied_third_party")
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: section_three(form, values, rows))))
    assert wrong(report) == []
    assert {key for key, found in report.cells.items() if found.state is CellState.ABSENT} == {
        f"section_three.denied_third_party.{column}" for column in FORM.section_three_columns
    }
    assert report.lints == ()


def test_a_table_that_is_not_there_is_absent() -> None:
    report = read(page(TITLE, article(FORM, VALUES, four=lambda form, values: "")))
    assert wrong(report) == []
    assert states(report) == {"reported": 185, "absent": 15}
    assert report.cells["section_four.review.total"].at is None


def test_a_table_as_a_picture_is_said() -> None:
    report = read(page(TITLE, article(FORM, VALUES, four=lambda form, values: '<p><img src="W0202.png"></p>')))
    assert states(report) == {"reported": 185, "absent": 15}
    assert "picture-for-table" in codes(report)


def test_rows_in_another_order() -> None:
    order = (
        *FORM.section_three[4:12],
        *FORM.section_three[2:4],
        *FORM.section_three[:2],
        *FORM.section_three[12:],
    )
    rows = [
        row(
            cell(FORM.section_three_rows[key].text, 1, 3),
            *(cell(VALUES[f"section_three.{key}.{column}"]) for column in FORM.section_three_columns),
        )
        for key in order
    ]
    report = read(three(rows))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])


def test_columns_in_another_order() -> None:
    table = (
        section_three(FORM, VALUES)
        .replace("商业<br/>企业", "甲")
        .replace("科研机构", "商业企业")
        .replace("甲", "科研机构")
    )
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: table)))
    for key in FORM.section_three:
        assert str(report.cells[f"section_three.{key}.business"].value) == VALUES[f"section_three.{key}.research"]
        assert str(report.cells[f"section_three.{key}.research"].value) == VALUES[f"section_three.{key}.business"]


def test_an_extra_empty_column() -> None:
    extra = [entry.replace("</tr>", cell("") + "</tr>") for entry in data_three(FORM, VALUES)]
    report = read(three(extra))
    assert wrong(report) == []
    assert states(report) == {"reported": 200}


def test_a_filler_column_before_the_numbers() -> None:
    """Every row has an empty cell too many behind its label, and the head has not."""
    rows = [
        row(
            cell(FORM.section_three_rows[key].text, 1, 3),
            cell(""),
            *(cell(VALUES[f"section_three.{key}.{column}"]) for column in FORM.section_three_columns),
        )
        for key in FORM.section_three
    ]
    report = read(three(rows))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])


@pytest.mark.parametrize("blanks", [("natural_person",), ("total",), ("natural_person", "total"), ("research",)])
def test_a_filler_column_and_blanks_need_proof_by_a_full_row(blanks: tuple[str, ...]) -> None:
    values = {**VALUES, **{f"section_three.granted.{column}": "" for column in blanks}}

    def rows(keys: tuple[str, ...]) -> list[str]:
        return [
            row(
                cell(FORM.section_three_rows[key].text, 1, 3),
                cell(""),
                *(cell(values[f"section_three.{key}.{column}"]) for column in FORM.section_three_columns),
            )
            for key in keys
        ]

    proven = read(three(rows(FORM.section_three)))
    assert wrong(proven) == []
    assert states(proven) == {"reported": 200 - len(blanks), "blank": len(blanks)}
    alone = read(three(rows(("granted",))))
    assert wrong(alone) == []
    assert all(
        alone.cells[f"section_three.granted.{column}"].state is CellState.UNREADABLE
        for column in FORM.section_three_columns
    )


@pytest.mark.parametrize("missing", range(7))
def test_a_cell_that_was_dropped_shifts_nothing(missing: int) -> None:
    columns = list(FORM.section_three_columns)
    dropped = cell(VALUES[f"section_three.new_received.{columns[missing]}"])
    report = read(changed("new_received", dropped, ""))
    assert wrong(report) == []
    assert states(report)["reported"] == 193
    assert states(report)["unreadable"] == 7
    assert "L-01" in codes(report)


def test_a_merged_value_cell_is_unreadable() -> None:
    key = "section_three.granted.business"
    both = cell(VALUES[key]) + cell(VALUES["section_three.granted.research"])
    report = read(changed("granted", both, cell(VALUES[key], 1, 2)))
    assert wrong(report) == []
    assert report.cells[key].state is CellState.UNREADABLE


def test_a_value_merged_over_two_rows_is_unreadable() -> None:
    key = "section_two.regulations.issued"
    text = WHOLE.replace(cell(VALUES[key]), cell(VALUES[key], 2)).replace(
        cell(VALUES["section_two.normative_documents.issued"]), ""
    )
    report = read(text)
    assert wrong(report) == []
    assert report.cells[key].state is CellState.UNREADABLE
    assert report.cells["section_two.normative_documents.repealed"].state is CellState.REPORTED


def test_an_unknown_row_is_said_and_its_values_go_nowhere() -> None:
    rows = data_three(FORM, VALUES)
    rows.insert(2, row(cell("其中：网络申请", 1, 3), *(cell("5") for _ in range(7))))
    report = read(three(rows))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])
    assert [lint.text for lint in report.lints if lint.code == "unknown-row"] == [
        "无法识别的行“其中：网络申请 5 5 5 5 5 5 5”"
    ]


def test_a_label_that_is_garbled_beyond_doubt_is_unreadable_not_absent() -> None:
    report = read(changed("denied_third_party", "4.保护第三方合法权益", "4.##口口口口"))
    assert wrong(report) == []
    assert report.cells["section_three.denied_third_party.total"].state is CellState.UNREADABLE
    assert states(report)["absent"] == 0
    assert "unknown-row" in codes(report)


def test_a_label_with_a_slip_is_read_and_said() -> None:
    report = read(changed("unable_no_info", "1.本机关不掌握相关政府信息", "1.本机关不掌屋相关政府信息"))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])
    assert "L-02" in codes(report)


@pytest.mark.parametrize("label", ["2.属于国家秘密信", "（三）不予公开", "总计", "其他", "小计", "合计"])
def test_labels_that_could_be_another_row_are_not_taken_for_it(label: str) -> None:
    report = read(changed("denied_state_secret", "1.属于国家秘密", label))
    assert [key for key, _ in wrong(report)] == []
    assert states(report)["reported"] == 193


def test_a_lost_head_is_settled_by_the_rows_shape() -> None:
    values = balanced(FORM)
    table = section_three(FORM, values).replace(cell("其他"), cell(""), 1)
    report = read(page(TITLE, article(FORM, values, three=lambda form, values: table)))
    assert (states(report), wrong(report, values)) == ({"reported": 200}, [])
    assert "L-01" in codes(report)


def test_a_lost_head_whose_rows_do_not_add_up_is_unreadable() -> None:
    """The order of the columns is only a guess there, and the sums speak against it."""
    table = section_three(FORM, VALUES).replace(cell("其他"), cell(""), 1)
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: table)))
    assert (states(report), wrong(report)) == ({"reported": 25, "unreadable": 175}, [])
    assert "L-01" in codes(report)


def test_a_lost_head_with_blanks_is_unreadable() -> None:
    key = "section_three.granted.total"
    table = section_three(FORM, {**VALUES, key: ""}).replace(cell("其他"), "", 1)
    table = table.replace('colspan="5"', 'colspan="4"', 1).replace('colspan="7"', 'colspan="6"', 1)
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: table)))
    assert wrong(report) == []
    assert report.cells["section_three.granted.other_org"].state is CellState.UNREADABLE
    assert report.cells[key].state is CellState.UNREADABLE


def test_an_unknown_head_makes_its_column_unreadable() -> None:
    report = read(WHOLE.replace("本年废止件数", "本年修改件数"))
    assert wrong(report) == []
    assert report.cells["section_two.regulations.repealed"].state is CellState.UNREADABLE
    assert report.cells["section_two.regulations.issued"].state is CellState.REPORTED
    assert "unknown-column" in codes(report)


def test_a_head_printed_twice_makes_both_columns_unreadable() -> None:
    form = load_form("2019")
    values = numbered(form)
    text = page("清溪镇2020年政府信息公开工作年度报告", article(form, values)).replace(
        "本年新公开数量", "本年新制作数量"
    )
    report = read(text)
    assert wrong(report, values) == []
    assert report.cells["section_two.regulations.newly_made"].state is CellState.UNREADABLE
    assert report.cells["section_two.regulations.newly_published"].state is not CellState.REPORTED
    assert report.cells["section_two.regulations.total_public"].state is CellState.REPORTED


def test_a_table_broken_over_pages() -> None:
    rows = data_three(FORM, VALUES)
    tables = "<table>" + "".join((*head_three(), *rows[:12])) + "</table><table>" + "".join(rows[12:]) + "</table>"
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: tables)))
    assert wrong(report) == []
    assert states(report) == {"reported": 200}


def test_a_table_printed_twice_alike_and_differently() -> None:
    def twice(second: Mapping[str, str]) -> Report:
        return read(
            page(
                TITLE,
                article(
                    FORM, VALUES, two=lambda form, values: section_two(form, values) + section_two(form, second)
                ),
            )
        )

    assert (states(twice(VALUES)), wrong(twice(VALUES))) == ({"reported": 200}, [])
    key = "section_two.licensing.decisions"
    differing = twice({**VALUES, key: "5"})
    assert differing.cells[key].state is CellState.UNREADABLE
    assert "duplicate-row" in codes(differing)


def test_everything_in_one_table() -> None:
    body = re.sub(r"</?table>", "", article(FORM, VALUES))
    body = re.sub(r"<p>([^<]*)</p>", r'<tr><td colspan="10"><p>\1</p></td></tr>', body)
    report = read(page(TITLE, f"<table>{body}</table>"))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])
    assert all(section.present for section in report.sections.values())
    assert report.sections[6].text == "本年度没有收取信息处理费。"


def test_tables_of_other_things_are_left_alone() -> None:
    rows = (("行政处罚", "77"), ("行政许可", "88"), ("总计", "165"))
    extra = "<table>" + "".join(row(cell(label), cell(value)) for label, value in rows) + "</table>"
    report = read(page(TITLE, article(FORM, VALUES, prose="说明如下。</p>" + extra + "<p>主动公开12条。")))
    assert (states(report), wrong(report)) == ({"reported": 200}, [])
    without = read(page(TITLE, article(FORM, VALUES, two=lambda form, values: extra)))
    assert without.cells["section_two.penalty.decisions"].state is CellState.ABSENT


def test_units_in_cells_and_heads() -> None:
    key = "section_two.admin_fees.amount_wan"

    def amount(print_of_it: str, head: str = "本年收费金额（单位：万元）") -> Cell:
        text = page(TITLE, article(FORM, {**VALUES, key: print_of_it})).replace("本年收费金额（单位：万元）", head)
        return read(text).cells[key]

    assert number(amount("5949.088667")) == "5949.088667"
    assert (number(amount("87580.00元")), amount("87580.00元").unit) == ("8.758", "元")
    assert (
        number(amount("152790", "本年收费金额（单位：元）")),
        amount("1", "本年收费金额（单位：元）").unit,
    ) == ("15.279", "元")
    assert (number(amount("240万元")), amount("240万元").unit) == ("240", "万元")
    assert amount("87580.00元").raw == "87580.00元"
    assert codes(read(WHOLE.replace("（单位：万元）", "(单位:万元)"))) == set()
    assert codes(read(WHOLE.replace("（单位：万元）", "（单位：万元，保留4位小数）"))) == {"L-02"}


def number(found: Cell) -> str:
    return str(found.value)


def test_a_layout_that_is_not_known_is_unreadable_not_absent() -> None:
    lines = "".join(
        f"<div><span>{FORM.section_three_rows[key].text}</span></div><div>0</div>" for key in FORM.section_three
    )
    report = read(page(TITLE, article(FORM, VALUES, three=lambda form, values: lines)))
    assert all(
        found.state is CellState.UNREADABLE
        for key, found in report.cells.items()
        if key.startswith("section_three.")
    )
    assert "table-not-read" in codes(report)


def test_heads_that_are_not_understood_are_unreadable_not_absent() -> None:
    text = three(data_three(FORM, VALUES))
    for head in head_three():
        text = text.replace(head, "")
    report = read(text)
    assert wrong(report) == []
    assert report.cells["section_three.granted.total"].state is CellState.UNREADABLE
