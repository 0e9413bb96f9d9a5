"""Pages made to be slow or large: read or refused in one line, whatever they hold; and what a page hides."""

from __future__ import annotations

import pytest

from parsers.documents import encoding
from parsers.documents.encoding import decode
from parsers.documents.html import read_html
from parsers.documents.model import Grid, Paragraph
from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, DocumentKind, UnreadableDocument
from tests.parsers.damage.make import whole
from tests.parsers.pages import article, numbered

WHOLE = whole()


@pytest.mark.parametrize(
    "before",
    [
        "<table><tr><td>" * 10_000,
        "<table><tr><td>自然人" * 10_000,
        "<div>" * 10_000,
        "<div hidden>" * 10_000,
        "<span>" * 100_000,
        "<pre>" * 3_000,
        "<pre>a</pre>" * 5_000,
        "<table><tr>" + "<td rowspan=2>1</td>" * 50_000 + "</tr><tr>" + "<td>1</td>" * 50_000 + "</tr></table>",
        "<style>" + "".join(f".a{number}{{display:none}}" for number in range(3_000)) + "</style>",
        "<style>" + "@media{" * 5_000 + "display:none</style>",
        "<style>" + "a " * 20_000 + "{display:none}</style>",
        "&#8203;" * 200_000,
    ],
    ids=lambda before: before[:20],
)
def test_depth_and_number_are_no_danger(before: str) -> None:
    assert parse(("<html><body>" + before + WHOLE).encode()).kind in DocumentKind


@pytest.mark.parametrize(
    "page",
    [
        "<table>" + ("<tr>" + "<td>1</td>" * 10 + "</tr>") * 25_000 + "</table>",
        "<table>" + ("<tr>" + "<td colspan=999999 rowspan=999999>1</td>" * 50 + "</tr>") * 200 + "</table>",
        "年度报告\n" + "| 1 | 2 | 3 |\n" * 80_000,
    ],
    ids=["cells", "spans", "strokes"],
)
def test_a_table_of_more_cells_than_any_report_has_is_refused(page: str) -> None:
    with pytest.raises(UnreadableDocument, match="不是年报的表"):
        parse(page.encode())


def test_a_page_too_large_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "LARGEST_TEXT", 100)
    with pytest.raises(UnreadableDocument, match="不是年报"):
        decode(b"a" * 101)


@pytest.mark.parametrize("declared", ["hex", "zip", "idna", "utf-7", "unicode_escape", "rot13", "undefined", "\0"])
def test_a_declared_name_that_is_no_character_set_is_left_aside(declared: str) -> None:
    assert decode("政府信息公开工作年度报告".encode("gb18030"), declared).encoding == "gb18030"


def test_a_path_that_would_be_too_long_is_left_out() -> None:
    document = read_html("<div>" * 1_000 + "<p>a</p><table><tr><td>1</td></tr></table>")
    paragraph, grid = document.blocks
    assert isinstance(paragraph, Paragraph)
    assert paragraph.place.path is None
    assert isinstance(grid, Grid)
    assert grid.rows[0].cells[0].path is None


def shown(page: str) -> list[str]:
    return [block.text for block in read_html(page).blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("style", "element", "is_shown"),
    [
        (".x{display:none}", '<p class="x">甲</p>', False),
        (".x{display:none}", '<p class="x" style="display:block">甲</p>', True),
        (".x{display:none!important}", '<p class="x" style="display:block">甲</p>', False),
        (".x{display:none} .x.on{display:block}", '<p class="x on">甲</p>', True),
        (".x.on{display:none} .x{display:block}", '<p class="x on">甲</p>', False),
        ("#a{display:none} .x{display:block}", '<p id="a" class="x">甲</p>', False),
        ("p{display:none} p{display:block}", "<p>甲</p>", True),
        ("@media print{.x{display:none}}", '<p class="x">甲</p>', True),
        ("/* .x{display:none} */", '<p class="x">甲</p>', True),
        (".x:hover{display:none}", '<p class="x">甲</p>', True),
        (".x{color:red;DISPLAY : None}", '<p class="x">甲</p>', False),
        (".x{border-display:none}", '<p class="x">甲</p>', True),
        ("@import url(a.css); .x{display:none}", '<p class="x">甲</p>', False),
        ("", "<p hidden>甲</p>", False),
        ("p{display:block}", "<p hidden>甲</p>", True),
        ("", '<p style="visibility:hidden">甲</p>', False),
        ("", '<p style="DISPLAY:NONE">甲</p>', False),
    ],
)
def test_what_a_style_sheet_hides(style: str, element: str, is_shown: bool) -> None:
    page = f"<html><head><style>{style}</style></head><body>{element}<div>乙</div></body></html>"
    assert shown(page) == (["甲", "乙"] if is_shown else ["乙"])


def test_a_part_that_only_stands_hidden_is_read_and_said() -> None:
    """Tabs: the page opens with the first part shown; the others are shown on a click."""
    text = WHOLE.replace("<p>四、政府", '<div style="display:none"><p>四、政府').replace(
        '<div class="foot">', '</div><div class="foot">'
    )
    report = parse(text.encode())
    assert all(section.present for section in report.sections.values())
    assert report.lints[0].code == "hidden-text"


def test_a_cell_that_is_hidden_and_keeps_its_place_moves_no_value() -> None:
    document = read_html(
        '<table><tr><td>a</td><td style="visibility:hidden">9</td><td style="display:none">8</td><td>3</td></tr>'
    )
    (grid,) = document.blocks
    assert isinstance(grid, Grid)
    assert [(cell.text, cell.column, bool(cell.doubt)) for cell in grid.rows[0].cells] == [
        ("a", 0, False),
        ("9", 1, True),
        ("3", 2, False),
    ]


@pytest.mark.parametrize(
    "before",
    [
        "<script>document.write('<table>菜单<\\/table>')</script>",
        "<!-- <table><tr><td>旧版 -->",
        "<table><tr><td>菜单",
    ],
)
@pytest.mark.parametrize("words", ["本年度没有制发行政规范性文件。" * 24, "主动公开信息内容详实。" * 30])
def test_a_layout_table_whose_prose_tells_of_the_form_is_no_table_of_it(before: str, words: str) -> None:
    form = load_form("2021")
    title = "清溪镇2023年政府信息公开工作年度报告"
    inner = article(form, numbered(form), prose=words)
    head, tables = inner[: inner.index("<p>二、")], inner[inner.index("<p>二、") :]
    rows = f"<tr><td>左栏</td><td>{head}</td></tr><tr><td>左栏</td><td>{tables}</td></tr>"
    read = parse(f"<html><body>{before}<h1>{title}</h1><table>{rows}</table></body></html>".encode())
    assert all(section.present for section in read.sections.values())
    assert {cell.state for cell in read.cells.values()} == {CellState.REPORTED}


def test_tables_written_by_scripts_and_in_comments_are_none_that_lack_an_end() -> None:
    form = load_form("2021")
    title = "清溪镇2023年政府信息公开工作年度报告"
    note = "填表说明：第二十条第（一）项"
    rows = (
        f"<tr><td>{title}</td><td>{note}</td></tr><tr><td>左栏</td><td>{article(form, numbered(form))}</td></tr>"
    )
    script = "<script>document.write('<table>菜单<\\/table>')</script><!-- <table><tr><td>旧版 -->"
    read = parse(f"<html><body>{script}<table>{rows}</table></body></html>".encode())
    assert all(section.present for section in read.sections.values())
    assert {cell.state for cell in read.cells.values()} == {CellState.REPORTED}
