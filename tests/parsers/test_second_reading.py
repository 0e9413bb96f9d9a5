"""Before an arithmetic error is told, the cells it rests on are read a second time by another path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.rules.base import Fail, Subject
from monitor.rules.catalogue import judge
from parsers import reading, second_reading
from parsers.documents.html import read_html
from parsers.documents.model import Document, Grid, GridCell, GridRow
from parsers.forms import load_form
from parsers.schema import CellState, Report
from tests.parsers.pages import article, page

RIGHT = {
    f"section_three.{row}.{column}": "13"
    for row in ("new_received", "granted", "total_results")
    for column in ("natural_person", "total")
}


def source(changes: dict[str, str] | None = None, form_key: str = "2021", year: int = 2023) -> str:
    """A page whose sums hold, with changed prints."""
    values = dict.fromkeys(load_form(form_key).cells, "0") | RIGHT | (changes or {})
    return page(f"清溪镇{year}年政府信息公开工作年度报告", article(load_form(form_key), values))


def parse(text: str) -> Report:
    """The report of a page."""
    return reading.parse(text.encode())


def lints(report: Report) -> list[str]:
    """The lints of a second reading."""
    return [lint.code for lint in report.lints if lint.code.startswith("second-reading")]


def misread(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], column: int | None = None) -> None:
    """Let the first reader see other texts in the cells of the row that prints 13 (or in one column of it)."""

    def careless(text: str) -> Document:
        document = read_html(text)
        blocks = tuple(
            _changed(block, wrong, column) if isinstance(block, Grid) else block for block in document.blocks
        )
        return replace(document, blocks=blocks)

    monkeypatch.setattr(reading, "read_html", careless)


def _changed(grid: Grid, wrong: dict[str, str], column: int | None) -> Grid:
    def changed(cell: GridCell) -> GridCell:
        here = column is None or cell.column == column
        return cell._replace(text=wrong.get(cell.text, cell.text)) if here else cell

    return replace(grid, rows=tuple(GridRow(row.number, tuple(map(changed, row.cells))) for row in grid.rows))


def test_sums_that_hold_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reading, "read_again", lambda text: pytest.fail("read twice without need"))
    assert lints(parse(source())) == []


def test_two_readings_that_agree_change_nothing() -> None:
    wrong = {"section_three.total_results.natural_person": "0", "section_three.total_results.total": "0"}
    report = parse(source(wrong))
    assert lints(report) == []
    assert report.cells["section_three.total_results.total"].value == 0
    assert isinstance(judge(Subject(report)).results["T3-01"], Fail)


def test_a_misread_cell_is_unreadable_and_no_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    text = source({"section_three.granted.natural_person": "14", "section_three.granted.total": "14"})
    misread(monkeypatch, {"14": "19"})
    report = parse(text)
    assert lints(report) == ["second-reading-differs"]
    (lint,) = [lint for lint in report.lints if lint.code == "second-reading-differs"]
    assert "一读为“19”" in lint.text
    assert "二读为“14”" in lint.text
    assert lint.at == report.cells["section_three.granted.natural_person"].at
    for column in ("natural_person", "total"):
        cell = report.cells[f"section_three.granted.{column}"]
        assert (cell.state, cell.value, cell.raw) == (CellState.UNREADABLE, None, "19")
    results = judge(Subject(report)).results
    told = results["T3-01"]
    assert not isinstance(told, Fail) or not any(
        cell.startswith("section_three.granted") for cell in told.findings[0].cells
    )
    assert not isinstance(results["T3-03"], Fail)


def test_a_value_read_in_the_wrong_column_makes_every_sum_undecidable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first reader sees 13 of the natural persons as nothing: not one arithmetic finding comes of it."""
    misread(monkeypatch, {"13": ""}, column=3)
    report = parse(source())
    assert lints(report) == ["second-reading-differs"]
    results = judge(Subject(report)).results
    assert not [rule for rule in ("T3-01", "T3-02", "T3-03", "T3-04") if isinstance(results[rule], Fail)]
    assert report.cells["section_three.granted.natural_person"].state is CellState.UNREADABLE


def test_a_blank_must_be_seen_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum fails because a blank counts as 0, and the second reading finds a number there."""
    misread(monkeypatch, {"77": ""})
    changes = {"section_four.review.upheld": "77", "section_four.review.total": "77"}
    changes |= {"section_four.review.pending": "1"}
    report = parse(source(changes))
    assert lints(report) == ["second-reading-differs"]
    assert not isinstance(judge(Subject(report)).results["T4-01"], Fail)
    assert report.cells["section_four.review.upheld"].state is CellState.UNREADABLE


def test_rows_of_section_two_are_confirmed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    misread(monkeypatch, {"21": "2"})
    changes = {
        "section_two.normative_documents.issued": "20",
        "section_two.normative_documents.in_force": "21",
    }
    report = parse(source(changes))
    assert lints(report) == ["second-reading-differs"]
    assert report.cells["section_two.normative_documents.in_force"].state is CellState.UNREADABLE
    assert not isinstance(judge(Subject(report)).results["T2-02"], Fail)


@pytest.mark.parametrize(
    ("row", "prints"),
    [
        ("licensing", {"prior_year_items": "3", "change": "-5", "decisions": "0"}),
        ("normative_documents", {"newly_made": "4", "newly_published": "2", "total_public": "9"}),
        ("central_procurement", {"project_count": "3", "amount_wan": "0"}),
    ],
)
def test_rows_of_the_older_form_are_suspected(row: str, prints: dict[str, str]) -> None:
    changes = {f"section_two.{row}.{column}": text for column, text in prints.items()}
    report = parse(source(changes, "2019", 2020))
    assert set(changes) <= set(second_reading.suspected(report))
    assert lints(report) == []


@pytest.mark.parametrize(
    "damage",
    [
        "<div>" * 1000,
        "<font color=1>" * 300 + "<p>x" * 2000,
        "<span>" * 500,
    ],
)
def test_a_page_that_would_take_too_long_is_not_read_again(damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_reading, "read_again", lambda text: pytest.fail("a hostile page was read again"))
    text = source({"section_three.total_results.total": "12"})
    report = parse(text.replace("</body>", damage + "</body>"))
    assert lints(report) == ["second-reading-impossible"]
    assert report.cells["section_three.total_results.total"].state is CellState.UNREADABLE
    assert not any(isinstance(judge(Subject(report)).results[rule], Fail) for rule in ("T3-01", "T3-02", "T3-03"))


def test_a_page_too_large_is_not_read_again_but_embedded_pictures_do_not_count() -> None:
    text = source({"section_three.total_results.total": "12"})
    filler = "<!--" + "x" * second_reading.LARGEST_PAGE + "-->"
    assert lints(parse(text.replace("</body>", filler + "</body>"))) == ["second-reading-impossible"]
    picture = f'<img src="data:image/png;base64,{"A" * second_reading.LARGEST_PAGE}">'
    assert lints(parse(text.replace("</body>", picture + "</body>"))) == []


@pytest.mark.parametrize(
    "print_",
    [
        "<sup>2</sup>",
        '<input value="5">',
        '<a href="#_ftn1">[1]</a>',
        "<del>5</del>",
        "<img src=x.png>",
        "<span style='display:none'>9</span>",
        "<br/>",
        "<p></p><p>&nbsp;</p>",
        "\u3000",
    ],
)
def test_both_readings_see_the_same_in_odd_cells(print_: str) -> None:
    for text in (source({"section_three.granted.business": number + print_}) for number in ("", "3")):
        first, second = read_html(text), second_reading.read_again(text)
        one, two = reading.read_report(first).cells, reading.read_report(second).cells
        assert {key: (cell.state, cell.value) for key, cell in one.items()} == {
            key: (cell.state, cell.value) for key, cell in two.items()
        }


@pytest.mark.parametrize(
    "damage",
    [
        ("<td", "<td"),
        ("</td>", ""),
        ("</tr>", ""),
        ("</td></tr>", ""),
        ("<tr>", "<tr><form>"),
        ("<table>", "<table><tbody><tr><td></td></tr></tbody><thead></thead>"),
    ],
)
def test_both_readings_agree_on_broken_markup(damage: tuple[str, str]) -> None:
    text = source({"section_three.granted.total": "31"}).replace(*damage)
    one = reading.read_report(read_html(text)).cells
    two = reading.read_report(second_reading.read_again(text)).cells
    place = {key: cell.at and (cell.at.table, cell.at.row, cell.at.column) for key, cell in one.items()}
    assert place == {key: cell.at and (cell.at.table, cell.at.row, cell.at.column) for key, cell in two.items()}
    assert {key: cell.raw for key, cell in one.items()} == {key: cell.raw for key, cell in two.items()}


def test_a_disagreement_about_the_place_alone_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    real = second_reading.read_again

    def shifted(text: str) -> Document:
        document = real(text)
        blocks = tuple(
            replace(block, number=block.number + 1) if isinstance(block, Grid) else block
            for block in document.blocks
        )
        return replace(document, blocks=blocks)

    monkeypatch.setattr(second_reading, "read_again", shifted)
    assert lints(parse(source({"section_three.total_results.total": "12"}))) == ["second-reading-differs"]


def test_a_second_reading_changes_no_value() -> None:
    report = parse(source({"section_three.total_results.total": "12"}))
    assert report == reading.read_report(read_html(source({"section_three.total_results.total": "12"})))
