"""Pages of print into paragraphs and tables: lines joined, broken tables whole, page numbers gone."""

from __future__ import annotations

from parsers.documents.model import PDF, Document, Grid, Paragraph
from parsers.documents.printed import Glyph, PrintedPage, Rule, read_pages

WIDTH, HEIGHT, SIZE = 600.0, 800.0, 10.0
XS = (60.0, 160.0, 300.0, 360.0, 420.0)


def glyphs(text: str, x: float, y: float) -> list[Glyph]:
    """A line of text from a point on; a character of ASCII is half as wide as others."""
    found = []
    for letter in text:
        width = SIZE / 2 if letter.isascii() else SIZE
        found.append(Glyph(letter, x, y, x + width, y + SIZE))
        x += width
    return found


def box(left: float, top: float, right: float, bottom: float) -> list[Rule]:
    return [
        Rule(left, top, right, top),
        Rule(left, bottom, right, bottom),
        Rule(left, top, left, bottom),
        Rule(right, top, right, bottom),
    ]


def page(
    number: int, rows: list[list[str]], top: float = 60.0, more: tuple[tuple[str, float, float], ...] = ()
) -> PrintedPage:
    """A page with a table; an empty first cell belongs to the cell above it where ``|`` says so."""
    rules: list[Rule] = []
    letters: list[Glyph] = []
    for place, row in enumerate(rows):
        y = top + place * 24
        for column, text in enumerate(row):
            left, right = XS[column], XS[column + 1]
            if text == "|":
                rules += [Rule(left, y, left, y + 24), Rule(right, y, right, y + 24)]
            else:
                end = place + 1
                while end < len(rows) and rows[end][column] == "|":
                    end += 1
                rules += box(left, y, right, top + end * 24)
                letters += glyphs(text, left + 3, y + 6)
    for text, x, y in more:
        letters += glyphs(text, x, y)
    return PrintedPage(number, WIDTH, HEIGHT, rules, letters)


def texts(document: Document) -> list[list[tuple[str, int]]]:
    """The own cells of each row of the only table, with the rows they cover."""
    (grid,) = [block for block in document.blocks if isinstance(block, Grid)]
    return [[(cell.text, cell.end_row - cell.row) for cell in row.own] for row in grid.rows]


HEAD = ["", "事项", "自然人", "总计"]


def lowest(rows: list[list[str]]) -> float:
    return HEIGHT - 60 - len(rows) * 24


def test_a_row_cut_by_the_page_is_one() -> None:
    """The group's label and the row's label are cut in the middle; the numbers stand in the upper half."""
    above = [
        HEAD,
        ["（三）不予公开", "1.属于国家秘密", "0", "0"],
        ["（四）无", "1.本机关不掌握相关政", "31", "31"],
    ]
    below = [["法提供", "府信息", "", ""], ["|", "2.没有现成信息需要另行制作", "1", "1"]]
    number = (("- 3 -", 290.0, 770.0),)
    document = read_pages([page(1, above, lowest(above), number), page(2, below, more=number)], PDF)
    assert texts(document) == [
        [("", 1), ("事项", 1), ("自然人", 1), ("总计", 1)],
        [("（三）不予公开", 1), ("1.属于国家秘密", 1), ("0", 1), ("0", 1)],
        [("（四）无法提供", 2), ("1.本机关不掌握相关政府信息", 1), ("31", 1), ("31", 1)],
        [("2.没有现成信息需要另行制作", 1), ("1", 1), ("1", 1)],
    ]
    assert not [block for block in document.blocks if isinstance(block, Paragraph)]


def test_heads_repeated_on_the_next_page_are_left_out() -> None:
    above = [HEAD, ["三、本年度办理结果", "（一）予以公开", "5", "5"]]
    below = [HEAD, ["", "（二）部分公开", "2", "2"], ["|", "（七）总计", "7", "7"]]
    document = read_pages([page(1, above, lowest(above)), page(2, below)], PDF)
    assert texts(document)[1:] == [
        [("三、本年度办理结果", 3), ("（一）予以公开", 1), ("5", 1), ("5", 1)],
        [("（二）部分公开", 1), ("2", 1), ("2", 1)],
        [("（七）总计", 1), ("7", 1), ("7", 1)],
    ]


def test_rows_that_only_meet_at_the_break_stay_two() -> None:
    """Blank rows, rows with numbers on both sides, and two whole labels are no halves."""
    for upper, lower in (
        (["", "2.重复申请", "", ""], ["", "3.要求提供公开出版物", "", ""]),
        (["", "行政许可", "12", "12"], ["", "行政处罚", "", ""]),
        (["", "规章", "1", "1"], ["", "行政规范性文件", "2", "2"]),
        (["", "甲", "1", "1"], ["", "", "2", "2"]),
    ):
        above, below = [HEAD, upper], [lower, ["", "（七）总计", "9", "9"]]
        found = texts(read_pages([page(1, above, lowest(above)), page(2, below)], PDF))
        assert len(found) == 4, (upper, lower)
        assert [text for text, _ in found[1]][-2:] == upper[-2:]
        assert [text for text, _ in found[2]][-2:] == lower[-2:]


def test_a_line_of_prose_between_parts_two_tables() -> None:
    above, below = [HEAD, ["", "规章", "1", "1"]], [HEAD, ["", "规章", "1", "1"]]
    prose = (("四、行政复议情况", 60.0, 60.0),)
    document = read_pages([page(1, above, lowest(above)), page(2, below, 90, prose)], PDF)
    assert [type(block) for block in document.blocks] == [Grid, Paragraph, Grid]


def test_paragraphs() -> None:
    """Lines join by margin and indentation, also over a page; running heads stand once, page numbers nowhere."""
    full = "本镇认真贯彻落实政府信息公开条例各项规定不断提高政务公开工作的质量和水平全面推进"
    lines = [
        ("某镇政府信息公开工作年度报告", 230.0, 30.0),
        ("一、总体情况", 80.0, 100.0),
        (full[2:], 80.0, 120.0),
        (full, 60.0, 140.0),
        ("到此为止。", 60.0, 160.0),
        ("第二段从这里开始，" + full[11:], 80.0, 180.0),
        ("1", 300.0, 770.0),
    ]
    first = PrintedPage(1, WIDTH, HEIGHT, (), [g for line in lines for g in glyphs(*line)])
    rest = [
        ("某镇政府信息公开工作年度报告", 230.0, 30.0),
        ("在第二页结束。", 60.0, 100.0),
        (full[2:], 80.0, 120.0),
        ("第 2 页 共 2 页", 280.0, 770.0),
    ]
    second = PrintedPage(2, WIDTH, HEIGHT, (), [g for line in rest for g in glyphs(*line)])
    document = read_pages([first, second], PDF)
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == [
        "某镇政府信息公开工作年度报告",
        "一、总体情况",
        full[2:] + full + "到此为止。",
        "第二段从这里开始，" + full[11:] + "在第二页结束。",
        full[2:],
    ]


def test_numbers_on_two_lines() -> None:
    """A number too long for its cell is one number; two numbers one over the other are never one."""
    letters = glyphs("1234", 53, 64) + glyphs("5", 53, 76) + glyphs("12", 83, 64) + glyphs("34", 83, 76)
    table = box(50, 60, 76, 90) + box(80 - 4, 60, 140, 90)
    (grid,) = read_pages([PrintedPage(1, WIDTH, HEIGHT, table, letters)], PDF).blocks
    assert isinstance(grid, Grid)
    assert [cell.text for cell in grid.rows[0].cells] == ["12345", "12\n34"]


def test_the_lowest_confidence_of_a_cell_counts() -> None:
    runs = [Glyph("1", 62, 64, 67, 74, 0.99), Glyph("7", 67, 64, 72, 74, 0.55), Glyph("3", 165, 64, 170, 74, 0.9)]
    (grid,) = read_pages(
        [PrintedPage(1, WIDTH, HEIGHT, box(60, 60, 160, 84) + box(160, 60, 300, 84), runs)], PDF
    ).blocks
    assert isinstance(grid, Grid)
    assert [(cell.text, cell.confidence) for cell in grid.rows[0].cells] == [("17", 0.55), ("3", 0.9)]


def test_nothing_gives_nothing() -> None:
    assert read_pages([PrintedPage(1, WIDTH, HEIGHT)], PDF).blocks == ()
    assert read_pages([], PDF).blocks == ()
