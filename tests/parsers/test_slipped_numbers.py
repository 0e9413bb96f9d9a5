"""Numbers that stand where a conversion dropped them: in a head, in the cell before, among characters unseen."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from monitor.rules.base import Severity, Subject
from monitor.rules.catalogue import judge
from parsers.forms import load_form
from parsers.labels import INVISIBLE
from parsers.numbers import read_number
from parsers.reading import parse
from parsers.schema import CellState, Report
from tests.parsers import office
from tests.parsers.damage.make import FOUR, THREE, TITLE, TWO, VALUES, rows, whole
from tests.parsers.pages import article, numbered, page

FORM = load_form("2021")


def document(two: str = TWO, three: str = THREE, four: str = FOUR) -> bytes:
    """A Word document of the report, every cell with its text alone."""
    headings = (
        "一、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "六、其他需要报告的事项",
    )
    prose = "存在公开不够及时的问题，下一步将加强培训，改进工作。"
    inside = {2: two, 3: three, 4: four}
    body = office.paragraph(TITLE)
    for number, heading in enumerate(headings, start=1):
        body += office.paragraph(heading)
        body += (
            office.table(*(office.row(*texts) for texts in rows(inside[number])))
            if number in inside
            else office.paragraph(prose)
        )
    return office.docx(body)


def accusations(report: Report) -> set[str]:
    return {one.rule for one in judge(Subject(report)).findings if one.severity is not Severity.NOTICE}


def wrong(report: Report) -> list[str]:
    """The cells reported with another number than printed."""
    return [key for key, cell in report.cells.items() if cell.value is not None and str(cell.value) != VALUES[key]]


def test_a_number_in_the_last_head_of_table_four() -> None:
    """A cell's mark lost between head and numbers: each number stands one column too far left."""
    first, *others = re.findall(r"<tr>.*?</tr>", FOUR)[-1].split("</td><td>")
    number = first.removeprefix("<tr><td>")
    head, _, _ = FOUR.rpartition("总计</td></tr>")
    slipped = f"{head}总计{number}</td></tr><tr><td>" + "</td><td>".join([*others[:-1], *others[-1:]])
    slipped = slipped.replace("</td></tr></table>", "</td><td></td></tr></table>")
    report = parse(whole(four=slipped).encode())
    assert wrong(report) == []
    assert "T4-01" not in accusations(report)


def test_an_empty_cell_beside_one_of_two_numbers_is_no_blank() -> None:
    number, behind = VALUES["section_three.granted.natural_person"], VALUES["section_three.granted.business"]
    assert f"<td>{number}</td><td>{behind}</td>" in THREE
    three = THREE.replace(f"<td>{number}</td><td>{behind}</td>", f"<td>{number}<br>{behind}<br>3</td><td></td>")
    report = parse(whole(three=three).encode())
    assert report.cells["section_three.granted.business"].state is CellState.UNREADABLE
    assert not {rule for rule in accusations(report) if rule.startswith("T")}


def test_characters_that_nobody_sees_change_no_number_of_a_word_document() -> None:
    def hidden(table: str) -> str:
        return re.sub(r"<td>(\d+)(\d)</td>", "<td>\u200b\\1\ufeff\u200d\u2060\\2\u200e</td>", table)

    for report in (parse(document()), parse(document(hidden(TWO), hidden(THREE), hidden(FOUR)))):
        assert {cell.value for cell in report.cells.values() if cell.key.startswith("section_four.")} == {
            int(value) for key, value in VALUES.items() if key.startswith("section_four.")
        }
        assert wrong(report) == []
        assert "S-03" not in accusations(report)


def test_marks_that_nobody_knows_beside_the_numbers_of_table_four_are_no_missing_table() -> None:
    four = re.sub(r"<td>(\d+)</td>", "<td>\ufffd\\1</td>", FOUR)
    report = parse(document(four=four))
    assert {cell.state for key, cell in report.cells.items() if key.startswith("section_four.")} == {
        CellState.UNREADABLE
    }
    assert "S-03" not in accusations(report)


@pytest.mark.parametrize("look", ['<w:color w:val="FFFFFF"/>', '<w:sz w:val="2"/>'])
def test_a_digit_that_nobody_can_see_makes_a_number_unsure(look: str) -> None:
    """White on white, or a point high: what is seen is another number."""
    hidden = f"<w:r><w:rPr>{look}</w:rPr><w:t>7</w:t></w:r>"
    with zipfile.ZipFile(io.BytesIO(document())) as archive:
        xml = archive.read("word/document.xml").decode()
    changed = re.sub(r">(\d{4,6})</w:t></w:r>", lambda match: f">{match[1]}</w:t></w:r>{hidden}", xml)
    assert changed != xml
    assert wrong(parse(office.packed({"word/document.xml": changed}))) == []


@pytest.mark.parametrize("character", INVISIBLE)
def test_an_unseen_character_in_a_number(character: str) -> None:
    assert read_number(f"{character}1{character}2{character}").value == 12


def test_a_soft_hyphen_may_be_a_printed_minus() -> None:
    assert read_number("\u00ad12").state is CellState.UNREADABLE


@pytest.mark.parametrize("heading", ["四、政府信息公开行政复议、行政诉讼情况", "五、存在的主要问题及改进情况"])
def test_a_heading_that_ran_into_a_line_of_numbers_is_not_called_missing(heading: str) -> None:
    """A table printed without rules: its last line and the next heading came out as one line."""
    text = re.sub("<table>.*?</table>", "<p>结转下年度继续办理 2321 7825 8399 1439", whole(), flags=re.DOTALL)
    text = text.replace(f"<p>{heading}</p>", f" 2104 5784 27872{heading}</p>")
    assert f"27872{heading}" in text
    assert "S-01" not in accusations(parse(text.encode()))
    gone = text.replace(heading, "")
    assert "S-01" in accusations(parse(gone.encode()))


@pytest.mark.parametrize("applicant", ["natural_person", "business", "other_org"])
@pytest.mark.parametrize("total_first", [True, False])
def test_a_lost_head_of_totals_whose_place_no_sum_tells(applicant: str, total_first: bool) -> None:
    """1 0 0 0 0 0 1 is one natural person and the total, or the total and another organisation."""
    names = [label.text for column, label in FORM.section_three_columns.items() if column != "total"]
    table = [["项目", *names]]
    truth: dict[str, int] = {}
    for row in FORM.section_three:
        of_row = {applicant: 1} if row in ("new_received", "granted", "total_results") else {}
        numbers = [of_row.get(column, 0) for column in FORM.section_three_columns if column != "total"]
        places = [*numbers, sum(numbers)]
        truth |= {
            f"section_three.{row}.{name}": n for name, n in zip(FORM.section_three_columns, places, strict=True)
        }
        printed = [places[-1], *numbers] if total_first else places
        table.append([FORM.section_three_rows[row].text, *map(str, printed)])
    html = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in table)
    report = parse(page(TITLE, article(FORM, numbered(FORM), three=lambda *_: f"<table>{html}</table>")).encode())
    read = {key: cell.value for key, cell in report.cells.items() if cell.state is CellState.REPORTED}
    assert {key: truth[key] for key in read if key in truth} == {key: read[key] for key in truth if key in read}
    assert ("section_three.new_received.total" in read) is (applicant != "natural_person" and not total_first)
