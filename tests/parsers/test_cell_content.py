"""What stands in a cell beside its number: hidden, struck out, raised, a field or a picture is no number."""

import re

import pytest

from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import Cell, CellState, Report
from tests.parsers.pages import article, cell, numbered, page, section_three

FORM = load_form("2021")
VALUES = numbered(FORM)
TITLE = "清溪镇2023年政府信息公开工作年度报告"
KEY = "section_three.granted.business"


def read(content: str) -> tuple[Cell, Report]:
    whole = section_three(FORM, VALUES).replace(cell(VALUES[KEY]), f"<td>{content}</td>")
    report = parse(page(TITLE, article(FORM, VALUES, three=lambda form, values: whole)).encode())
    others = {key: str(found.value) for key, found in report.cells.items() if key != KEY}
    assert others == {key: VALUES[key] for key in others}
    return report.cells[KEY], report


@pytest.mark.parametrize(
    "content",
    [
        "<del>3</del>5",
        "<s>3</s>5",
        "<strike>3</strike><u>5</u>",
        '<span style="display:none">3</span>5',
        '<span style="color:red;DISPLAY: none">3</span>5',
        "5<span hidden>3</span>",
        '<p>5</p><p style="visibility:hidden">6</p>',
        '<input type="hidden" value="3">5',
        "5<img src='x.gif'>",
        "<!-- 3 -->5<script>3</script>",
        '<a href="#">5</a>',
    ],
)
def test_what_nobody_sees_is_no_part_of_the_number(content: str) -> None:
    found, report = read(content)
    assert (found.state, found.value) == (CellState.REPORTED, 5)
    assert report.lints == ()


@pytest.mark.parametrize(
    "content",
    [
        "5<sup>1</sup>",
        "5<sup>[1]</sup>",
        "5①",
        "5²",
        "0<sub>1</sub>",
        '5<a href="#_ftn1" name="_ftnref1">1</a>',
        "<ruby>5<rt>3</rt></ruby>",
        '<input type="text" value="5">',
        "<textarea>5</textarea>",
        "<select><option>4</option><option selected>5</option></select>",
        '<img src="5.png">',
        "<del>5</del>",
        "—3",
        '<span style="display:none">9</span>—3',
        "–3",
        "٣",
    ],
)
def test_what_may_be_no_number_is_unreadable_and_said(content: str) -> None:
    found, report = read(content)
    assert found.state is CellState.UNREADABLE
    assert [lint.code for lint in report.lints] == ["unreadable-cell"]


def test_a_dash_with_a_hidden_number_is_blank() -> None:
    found, _ = read('—<span style="display:none">9</span>')
    assert found.state is CellState.BLANK


def test_a_footnote_at_a_label_changes_nothing() -> None:
    whole = (
        section_three(FORM, VALUES)
        .replace("（一）予以公开", "（一）予以公开<sup>1</sup>")
        .replace("自然人", "自然人<sup>2</sup>")
    )
    report = parse(page(TITLE, article(FORM, VALUES, three=lambda form, values: whole)).encode())
    assert {key: str(found.value) for key, found in report.cells.items()} == {
        key: VALUES[key] for key in FORM.cells
    }


def test_a_whole_table_of_fields_is_unreadable_not_blank() -> None:
    whole = re.sub(r"<span>(\d+)</span>", r'<input value="\1">', section_three(FORM, VALUES))
    report = parse(page(TITLE, article(FORM, VALUES, three=lambda form, values: whole)).encode())
    assert all(
        found.state is CellState.UNREADABLE
        for key, found in report.cells.items()
        if key.startswith("section_three.")
    )
    assert "unreadable-cell" in {lint.code for lint in report.lints}


def test_a_hidden_row_is_unreadable() -> None:
    whole = section_three(FORM, VALUES)
    position = whole.index("<tr>", whole.index("（一）予以公开"))
    whole = whole[:position] + '<tr style="display:none">' + whole[position + 4 :]
    report = parse(page(TITLE, article(FORM, VALUES, three=lambda form, values: whole)).encode())
    assert report.cells["section_three.partially_granted.total"].state is CellState.UNREADABLE
    assert sum(1 for found in report.cells.values() if found.state is CellState.REPORTED) == 193


NAVIGATION = "<div>首页政府信息公开年报法定主动公开内容机构概况</div>"


@pytest.mark.parametrize("times", [1, 5, 20, 60])
@pytest.mark.parametrize(("page_in", "menu_in"), [("utf-8", "gbk"), ("gb18030", "utf-8")])
def test_a_menu_in_another_encoding_changes_no_cell(times: int, page_in: str, menu_in: str) -> None:
    whole = page(TITLE, article(FORM, VALUES)).encode(page_in)
    report = parse(whole.replace(b"<body>", b"<body>" + NAVIGATION.encode(menu_in) * times))
    assert report.title == TITLE
    assert {key: str(found.value) for key, found in report.cells.items()} == {
        key: VALUES[key] for key in FORM.cells
    }
