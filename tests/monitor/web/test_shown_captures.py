"""What is made of captured pages before anybody sees them, without a server."""

import pytest

from crawler.sandbox.drawing import drawing
from monitor.evidence import shown
from monitor.evidence.shown import Wanted, make
from monitor.web import form_tables
from monitor.workers import Limits
from parsers.documents.html import read_html
from parsers.documents.model import Grid, GridCell, Paragraph
from parsers.documents.text import read_text
from parsers.forms import load_form
from parsers.schema import Place

PAGE = (
    "<html><body><div><table><tr><td>项</td><td rowspan=2> 12 </td></tr><tr><td>3</td></tr></table></div>"
    "<p>正文</p><pre>甲\t7</pre></body></html>"
)


def grid() -> Grid:
    """The table of the page as the reader of pages sees it."""
    return next(block for block in read_html(PAGE).blocks if isinstance(block, Grid))


def place(text: str) -> tuple[GridCell, Place]:
    """The cell with a text, and its place."""
    cell = next(cell for row in grid().rows for cell in row.own if cell.text == text)
    return cell, grid().place(cell)


@pytest.mark.parametrize("text", ["12", "3", "项"])
def test_the_cell_that_was_read_is_the_one_that_is_marked(text: str) -> None:
    cell, at = place(text)
    made = make(Wanted(PAGE.encode(), at=at, raw=cell.text))
    assert made.marked
    assert made.page is not None
    assert made.page.count('id="cell"') == 1
    assert made.page.partition('id="cell"')[2].partition(">")[2].partition("<")[0].strip() == text


def test_a_place_that_holds_something_else_is_not_marked_and_that_is_said() -> None:
    _, at = place("12")
    for wanted in (
        Wanted(PAGE.encode(), at=at, raw="13", not_found="没有<找到>"),
        Wanted(PAGE.encode(), at=at, raw="", not_found="没有<找到>"),
        Wanted(PAGE.encode(), at=at._replace(file="附件.docx"), raw="12", not_found="没有<找到>"),
        Wanted(PAGE.encode(), at=at._replace(path=":root>:nth-child(9)"), raw="12", not_found="没有<找到>"),
        Wanted(PAGE.encode(), at=at._replace(path="body"), raw="12", not_found="没有<找到>"),
    ):
        made = make(wanted)
        assert not made.marked
        assert made.page is not None
        assert 'id="cell"' not in made.page
        assert "<strong>没有&lt;找到&gt;</strong>" in made.page


def test_lines_of_a_plain_text_are_those_that_its_reader_counts() -> None:
    text = "标题\r\n\x0c第一\u2028行\r<b>甲</b>\t7\n"
    lines = {block.text: block.place.line for block in read_text(text).blocks if isinstance(block, Paragraph)}
    made = make(Wanted(text.encode(), at=Place(line=3), raw="7"))
    assert made.marked
    assert made.page is not None
    assert '<mark id="cell">&lt;b&gt;甲&lt;/b&gt;\t7</mark>' in made.page
    assert lines["标题"] == 1


def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_pool", [])
    monkeypatch.setattr(shown, "_LIMITS", Limits(seconds=1.5))
    made = shown.show(Wanted(b"<html>" + b"<div>" * 300_000))
    assert made.page is None
    assert made.why
    assert shown.show(Wanted(PAGE.encode())).page
    shown._pool[0].close()
    monkeypatch.setattr(shown, "LARGEST", 10)
    assert shown.show(Wanted(PAGE.encode())).page is None


@pytest.mark.parametrize("data", [b"%PDF-1.4 x", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"])
def test_what_is_no_text_is_not_shown(data: bytes) -> None:
    assert shown.show(Wanted(data)).page is None


@pytest.mark.parametrize("key", ["2019", "2021"])
def test_the_tables_are_drawn_as_the_form_draws_them(key: str) -> None:
    form = load_form(key)
    own = (form_tables.section_two(form), form_tables.section_three(form), form_tables.section_four(form))
    for table, official in zip(own, drawing(key), strict=True):
        assert [[(slot.key, slot.rows, slot.columns) for slot in row] for row in table] == [
            [(slot.key, slot.rows, slot.columns) for slot in row] for row in official
        ]


def test_rows_of_the_other_form_are_drawn_where_a_report_prints_them() -> None:
    form = load_form("2021")
    table = form_tables.section_three(form, ["section_three.other.total"])
    keys = [slot.key for row in table for slot in row if slot.key]
    assert keys.index("section_three.other.total") + 1 == keys.index("section_three.total_results.natural_person")
