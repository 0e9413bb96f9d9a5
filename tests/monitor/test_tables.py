"""What stands in a table is there whole, however narrow the terminal."""

import io
import re
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.text import Text

from monitor.tables import Paragraph, WholeTable

ROWS = (
    ("seed-410526-with-a-long-id", "滑县人民政府门户网站", "410526", "12345", "100.0%"),
    ("b", "内乡县人民政府", "411325", "0", "0.0%～100.0%"),
)
HEADS = ("编号", "名称", "县区", "应公布", "按时公布率")


def shown(what: RenderableType, width: int) -> str:
    out = io.StringIO()
    Console(file=out, width=width, highlight=False).print(what)
    return out.getvalue()


def table(rows: Sequence[Sequence[str]] = ROWS) -> WholeTable:
    made = WholeTable(title="门户")
    for number, head in enumerate(HEADS):
        made.add_column(head, justify="right" if number > 2 else "left")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def without_frame(text: str) -> str:
    return re.sub(r"[\s━─│┃┏┓┗┛┡┩└┘┴╇]", "", text)


@pytest.mark.parametrize("width", [200, 100, 80, 60, 40, 20])
def test_nothing_is_cut_at_any_width(width: int) -> None:
    said = shown(table(), width)
    assert "…" not in said
    assert all(cell_len(line) <= width for line in said.splitlines())
    for row in ROWS:
        for number in re.split("～", row[3] + "～" + row[4]):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.%])", said), "a number is in one piece"
    if width >= 60:
        assert "┃ 编号" in said
    else:
        whole = without_frame(said)
        assert all(cell in whole for row in ROWS for cell in row)
        assert all(head in whole for head in HEADS[1:])


def test_cells_without_anything_to_say_are_left_out_of_lines() -> None:
    said = shown(table([("b", "内乡县", "", "—", "0.0%")]), 30)
    assert said.splitlines() == ["门户", "b", "　　名称 内乡县", "　　按时公布率 0.0%"]


@pytest.mark.parametrize("width", [20, 40, 80])
def test_a_chinese_paragraph_fills_its_lines(width: int) -> None:
    text = (
        "截至2026年11月22日 12:13，示例县应公布2023年度政府信息公开工作年度报告的单位2家，"
        "已公布0家（0.0%～100.0%）。"
    ) * 3
    lines = shown(Paragraph(text), width).splitlines()
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width - 16 < cell_len(line) <= width for line in lines[:-1])
    assert not any(line[0] in "，。）；" for line in lines)


def test_english_breaks_at_blanks_and_styles_stay() -> None:
    text = Text("of two organs two have published in time", style="bold")
    assert shown(Paragraph(text, indent="  "), 14).splitlines() == [
        "  of two",
        "  organs two",
        "  have",
        "  published in",
        "  time",
    ]
    assert shown(Paragraph("one\n\ntwo"), 10).splitlines() == ["one", "", "two"]
    assert shown(Paragraph("a" * 25), 10).replace("\n", "") == "a" * 25
