"""Workbooks: what the sheets print is read, and nothing else."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from parsers.documents.model import Document, Grid, Paragraph
from parsers.documents.number_formats import BUILT_IN, printed
from parsers.documents.spreadsheet import read_ods, read_xlsx
from parsers.forms import load_form
from parsers.reading import parse
from parsers.schema import CellState, DocumentKind, UnreadableDocument
from tests.parsers.office import odf, packed

FORM = load_form("2021")
RAISED = InlineFont(vertAlign="superscript")


def workbook(fill: Callable[[Worksheet], None], *more: Callable[[Worksheet], None]) -> bytes:
    """A workbook of sheets that functions fill."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for position, write in enumerate((fill, *more)):
        sheet = book.worksheets[0] if position == 0 else book.create_sheet()
        write(sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def grids(document: Document) -> list[list[list[str]]]:
    return [
        [[cell.text for cell in row.cells] for row in block.rows]
        for block in document.blocks
        if isinstance(block, Grid)
    ]


def only_cell(fill: Callable[[Worksheet], None]) -> tuple[str, str]:
    """Text and doubt of the cell B1 of a sheet."""

    def write(sheet: Worksheet) -> None:
        sheet["A1"], sheet["C1"], sheet["A2"], sheet["B2"] = "甲", "末", "乙", "丙"
        fill(sheet)

    document = read_xlsx(workbook(write))
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    return grid.rows[0].cells[1].text, grid.rows[0].cells[1].doubt


# --- formats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "code", "text"),
    [
        ("1234.0", "General", "1234"),
        ("1E+05", "General", "100000"),
        ("0.30000000000000004", "General", "0.3"),
        ("0.0012", "General", "0.0012"),
        ("-5", "General", "-5"),
        ("12.6", "0", "13"),
        ("12.5", "0", "13"),
        ("1234567", "#,##0", "1,234,567"),
        ("0.5", "0%", "50%"),
        ("0", "0;-0;;@", ""),
        ("5", "0;-0;;@", "5"),
        ("5", ";;;", ""),
        ("0", BUILT_IN[41], "-"),
        ("12", BUILT_IN[41], "12"),
        ("-3", "0_);[Red]\\(0\\)", "(3)"),
        ("5", '0"件"', "5件"),
        ("44941", 'yyyy"年"m"月"d"日";@', "2023年1月15日"),
        ("5", "000", "005"),
        ("3", "@", "3"),
        ("3", "", "3"),
    ],
)
def test_a_number_prints_as_its_format_says(stored: str, code: str, text: str) -> None:
    assert printed(stored, code) == (text, "")


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ("12345", "#,##0,"),
        ("12", "0.00E+00"),
        ("3", "[DBNum1]0"),
        ("3", "[>9]0;0.0"),
        ("0.123456789012", "General"),
    ],
)
def test_what_a_format_prints_may_be_in_doubt(stored: str, code: str) -> None:
    assert printed(stored, code)[1]


# --- cells ----------------------------------------------------------------------------------------------------


def set_value(value: object, code: str = "General") -> Callable[[Worksheet], None]:
    def write(sheet: Worksheet) -> None:
        sheet["B1"] = value  # type: ignore[assignment]
        sheet["B1"].number_format = code

    return write


@pytest.mark.parametrize(
    ("fill", "text", "doubtful"),
    [
        (set_value(5), "5", False),
        (set_value("１５"), "１５", False),
        (set_value(0, "0;-0;;@"), "", False),
        (set_value(12.6, "0"), "13", False),
        (set_value(True), "TRUE", False),
        (set_value("=SUM(C1:C9)"), "〔公式〕", True),
        (set_value(CellRichText("10", TextBlock(RAISED, "2"))), "102", True),
        (set_value(CellRichText("1", TextBlock(InlineFont(strike=True), "2"))), "1", False),
    ],
)
def test_what_a_cell_prints(fill: Callable[[Worksheet], None], text: str, doubtful: bool) -> None:
    found, doubt = only_cell(fill)
    assert (found, bool(doubt)) == (text, doubtful)


def test_what_is_hidden_or_struck_out_is_in_doubt() -> None:
    def struck(sheet: Worksheet) -> None:
        sheet["B1"] = 5
        sheet["B1"].font = Font(strike=True)

    def hidden_row(sheet: Worksheet) -> None:
        sheet["B1"] = 5
        sheet.row_dimensions[1].hidden = True

    def hidden_column(sheet: Worksheet) -> None:
        sheet["B1"] = 5
        sheet.column_dimensions["B"].hidden = True

    for fill in (struck, hidden_row, hidden_column):
        found, doubt = only_cell(fill)
        assert found == "5"
        assert doubt


def test_a_sheet_that_hides_zeros_prints_none() -> None:
    def write(sheet: Worksheet) -> None:
        sheet["B1"] = 0
        sheet.sheet_view.showZeros = False

    assert only_cell(write) == ("", "")


# --- blocks ---------------------------------------------------------------------------------------------------


def test_merged_cells_cover_and_blank_ones_are_there() -> None:
    def write(sheet: Worksheet) -> None:
        sheet["B2"], sheet["D2"], sheet["B3"] = "甲", "乙", 1
        sheet["B4"], sheet["C4"], sheet["D4"] = 2, 3, 4
        sheet.merge_cells("B2:C2")
        sheet.merge_cells("D2:D3")

    document = read_xlsx(workbook(write))
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    assert [[cell[:5] for cell in row.own] for row in grid.rows] == [
        [("", 1, 0, 2, 1), ("甲", 1, 1, 2, 3), ("乙", 1, 3, 3, 4)],
        [("", 2, 0, 3, 1), ("1", 2, 1, 3, 2), ("", 2, 2, 3, 3)],
        [("", 3, 0, 4, 1), ("2", 3, 1, 4, 2), ("3", 3, 2, 4, 3), ("4", 3, 3, 4, 4)],
    ]
    assert grid.place(grid.rows[0].own[1]).to_json() == {"table": 1, "row": 2, "column": 2}


def test_prose_stands_before_between_and_behind_tables() -> None:
    def write(sheet: Worksheet) -> None:
        rows = (
            ("清溪镇2023年政府信息公开工作年度报告",), ("一、总体情况",), ("工作正常。\n继续努力。",),
            ("二、主动公开政府信息情况",), ("第二十条第（一）项",), ("信息内容", "本年制发件数"), ("规章",),
            ("三、收到和处理政府信息公开申请情况",), ("甲", "乙"), ("不知名的小标题",), ("丙", "丁"), ("填表人",),
        )  # fmt: skip
        for row in rows:
            sheet.append(row)

    document = read_xlsx(workbook(write))
    assert lines(document) == [
        "清溪镇2023年政府信息公开工作年度报告", "一、总体情况", "工作正常。", "继续努力。",
        "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "填表人",
    ]  # fmt: skip
    assert grids(document) == [
        [["第二十条第（一）项", ""], ["信息内容", "本年制发件数"], ["规章", ""]],
        [["甲", "乙"], ["不知名的小标题", ""], ["丙", "丁"]],
    ]


def report_rows(sheet: Worksheet, *sections: int) -> None:
    """Tables of the form as a clerk types them, a different number in every cell."""
    values = {key: 1000 + place for place, key in enumerate(FORM.cells)}
    if 2 in sections:
        for block in FORM.section_two:
            sheet.append([block.article])
            sheet.append(["信息内容", *(FORM.section_two_columns[column].text for column in block.columns)])
            for key in block.rows:
                numbers = [values[f"section_two.{key}.{column}"] for column in block.columns]
                sheet.append([FORM.section_two_rows[key].text, *numbers])
    if 4 in sections:
        blocks = list(FORM.section_four_blocks)
        columns = list(FORM.section_four_columns)
        sheet.append(["行政复议", *[None] * 4, "行政诉讼"])
        sheet.append([None] * 5 + ["未经复议直接起诉", *[None] * 4, "复议后起诉"])
        top = sheet.max_row - 1
        sheet.merge_cells(start_row=top, end_row=top + 1, start_column=1, end_column=5)
        sheet.merge_cells(start_row=top, end_row=top, start_column=6, end_column=15)
        sheet.merge_cells(start_row=top + 1, end_row=top + 1, start_column=6, end_column=10)
        sheet.merge_cells(start_row=top + 1, end_row=top + 1, start_column=11, end_column=15)
        sheet.append([FORM.section_four_columns[column].text for _ in blocks for column in columns])
        sheet.append([values[f"section_four.{block}.{column}"] for block in blocks for column in columns])


def test_tables_may_stand_on_a_sheet_each() -> None:
    def first(sheet: Worksheet) -> None:
        sheet.append(["清溪镇2023年政府信息公开工作年度报告"])
        report_rows(sheet, 2)

    report = parse(workbook(first, lambda sheet: report_rows(sheet, 4)))
    assert report.kind is DocumentKind.REPORT
    for place, key in enumerate(FORM.cells):
        if key.startswith(("section_two.", "section_four.")):
            assert report.cells[key].value == 1000 + place, key
    at = report.cells["section_four.review.upheld"].at
    assert at is not None
    assert (at.table, at.row) == (2, 4)


def test_a_row_that_is_printed_empty_is_blank_and_not_absent() -> None:
    def write(sheet: Worksheet) -> None:
        sheet.append(["清溪镇2023年政府信息公开工作年度报告"])
        report_rows(sheet, 2)
        for row in sheet.iter_rows():
            if row[0].value == "规章":
                for cell in row[1:]:
                    cell.value = None

    report = parse(workbook(write))
    assert {report.cells[key].state for key in FORM.cells if key.startswith("section_two.regulations.")} == {
        CellState.BLANK
    }
    assert report.cells["section_two.normative_documents.issued"].value == 1003


def test_hidden_sheets_are_not_read() -> None:
    def hidden(sheet: Worksheet) -> None:
        sheet.append(["藏", 1])
        sheet.sheet_state = "hidden"

    document = read_xlsx(workbook(lambda sheet: sheet.append(["甲", 2]), hidden))
    assert grids(document) == [[["甲", "2"]]]
    assert [lint.code for lint in document.lints] == ["hidden-sheet"]


def test_an_opendocument_sheet_is_read_as_it_is_displayed() -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>"

    rows = (
        "<table:table-row>" + cell("甲", 'table:number-columns-spanned="2"') + "<table:covered-table-cell/>"
        + cell("乙") + "<table:table-cell table:number-columns-repeated='16381'/></table:table-row>"
        "<table:table-row>" + cell("50%", 'office:value="0.5"') + "<table:table-cell/>" + cell("7")
        + "</table:table-row><table:table-row table:visibility='collapse'>" + cell("8") + cell("9")
        + "</table:table-row><table:table-row table:number-rows-repeated='1048570'>"
        "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
    )  # fmt: skip
    document = read_ods(odf(f"<table:table>{rows}</table:table>", kind="spreadsheet"))
    assert grids(document) == [[["甲", "乙"], ["50%", "", "7"], ["8", "9", ""]]]
    grid = document.blocks[0]
    assert isinstance(grid, Grid)
    assert [bool(cell.doubt) for cell in grid.rows[2].cells] == [True, True, False]


# --- hostile files --------------------------------------------------------------------------------------------


def parts(sheet: str, **more: str) -> bytes:
    """A workbook of one raw sheet."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return packed(
        {
            "xl/workbook.xml": f'<workbook {space} xmlns:r="{relation}"><sheets>'
            '<sheet name="a" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<R><Relationship Id="r1" Target="worksheets/sheet1.xml"/></R>',
            "xl/worksheets/sheet1.xml": f"<worksheet {space}>{sheet}</worksheet>",
            **more,
        }
    )


def test_cells_far_apart_fill_no_memory() -> None:
    data = parts(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
        '<row r="1048576"><c r="A1048576"><v>3</v></c><c r="XFD1048576"><v>4</v></c></row></sheetData>'
    )
    document = read_xlsx(data)
    assert [row[0] for row in grids(document)[0]] == ["1", "3"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (parts('<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "大得异常"),
        (parts('<sheetData><row r="2"/><row r="1"/></sheetData>'), "损坏"),
        (parts("<a>" * 10_000), "损坏|过深"),
        (parts("")[:-100], "损坏"),
        (parts("", **{"xl/sharedStrings.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "实体"),
        (packed({"xl/workbook.bin": b""}), "另存为"),
    ],
    ids=["merge", "order", "nested", "truncated", "entity", "binary"],
)
def test_a_hostile_workbook_is_one_readable_line(data: bytes, word: str) -> None:
    with pytest.raises(UnreadableDocument, match=word) as caught:
        parse(data)
    assert "\n" not in str(caught.value)
