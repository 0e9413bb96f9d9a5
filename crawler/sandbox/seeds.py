"""Serves the five seed reports as their portals would: text turned back into HTML tables, nothing changed.

The seeds are plain text in which tables became lines, with tabs between cells or one cell a line. Here each cell
stands in a table again, a row that lost its place stays shifted, and every printed character is kept. The dates
shown beside them are ours: the texts carry none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from crawler.sandbox.generator import SandboxOrgan

Cells = list[str]
_VALUES = 7
_LABEL_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class SeedReport:
    """Whose report a seed is, on which year, and the date its page shows."""

    number: str
    organ: SandboxOrgan
    report_year: int
    shown_on: date
    family: str

    def text(self, folder: Path) -> str:
        """The seed as it lies in the folder; FileNotFoundError where it is not there."""
        for path in folder.glob(f"{self.number}_*.txt"):
            return path.read_text(encoding="utf-8")
        raise FileNotFoundError(f"no seed {self.number} in {folder}")


def _town(code: str, name: str, county: str, prefecture: str, province: str) -> SandboxOrgan:
    return SandboxOrgan(code, name, "township", code[:6], county, prefecture, province)


SEEDS: tuple[SeedReport, ...] = (
    SeedReport("000", _town("410526111", "焦虎镇", "滑县", "安阳市", "河南省"), 2021, date(2022, 1, 20), "trs"),
    SeedReport(
        "001", _town("371312108", "郑旺镇", "河东区", "临沂市", "山东省"), 2021, date(2022, 1, 19), "generic"
    ),
    SeedReport("002", _town("411325110", "岞岖镇", "内乡县", "南阳市", "河南省"), 2023, date(2024, 1, 18), "trs"),
    SeedReport(
        "003", _town("410329108", "半坡镇", "伊川县", "洛阳市", "河南省"), 2020, date(2021, 1, 15), "generic"
    ),
    SeedReport("004", _town("411521106", "青山镇", "罗山县", "信阳市", "河南省"), 2019, date(2020, 1, 17), "trs"),
)


# --- reading the text: paragraphs and rows of cells -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: list[Cells]


_Block = _Paragraph | _Rows


def _blocks(text: str) -> list[_Block]:
    """Paragraphs and tables of a seed in order."""
    lines = text.split("\n")
    one_cell_a_line = any(re.match(r"\t第二十条", line) for line in lines)
    return _cell_lines(lines) if one_cell_a_line else _tabbed_lines(lines)


def _tabbed_lines(lines: Iterable[str]) -> list[_Block]:
    """A line with a tab is a row; blank lines do not end a table, a line of prose does."""
    blocks: list[_Block] = []
    for line in lines:
        if "\t" in line:
            if not (blocks and isinstance(blocks[-1], _Rows)):
                blocks.append(_Rows([]))
            last = blocks[-1]
            assert isinstance(last, _Rows)
            last.rows.append(line.split("\t"))
        elif line.strip():
            blocks.append(_Paragraph(line))
    return blocks


def _cell_lines(lines: Iterable[str]) -> list[_Block]:
    """A line that begins with a tab is a cell, lines without one go on in it, a blank line ends the row."""
    blocks: list[_Block] = []
    row: Cells = []
    for line in [*lines, ""]:
        if line.startswith("\t"):
            row.append(line[1:])
        elif row and line.strip():
            row[-1] += "\n" + line
        else:
            if row:
                if not (blocks and isinstance(blocks[-1], _Rows)):
                    blocks.append(_Rows([]))
                last = blocks[-1]
                assert isinstance(last, _Rows)
                last.rows.append(row)
                row = []
            if line.strip():
                blocks.append(_Paragraph(line))
    return blocks


# --- drawing ----------------------------------------------------------------------------------------------------


def _cell(text: str, rows: int = 1, columns: int = 1) -> str:
    spans = (f' rowspan="{rows}"' if rows > 1 else "") + (f' colspan="{columns}"' if columns > 1 else "")
    return f'<td{spans} style="border:1px solid #000">{escape(text, quote=False)}</td>'.replace("\n", "<br/>")


def _filled(row: Cells) -> Cells:
    """A row without the empty cells at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _leading(row: Cells) -> int:
    """How many empty cells stand before the first filled one."""
    return next((index for index, text in enumerate(row) if text.strip()), len(row))


def _table(lines: Iterable[str]) -> str:
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table style="border-collapse:collapse"><tbody>\n{body}\n</tbody></table>\n'


def _draw_section_two(rows: Sequence[Cells]) -> str:
    """Four columns; a block's head row says how many of them its rows have."""
    drawn = []
    width = 1
    for row in rows:
        filled = _filled(row)
        if len(filled) == 1 and filled[0].startswith("第二十条"):
            drawn.append(_cell(filled[0], columns=4))
            continue
        if filled[0] == "信息内容":
            width = len(filled)
        cells = (row + [""] * width)[:width]
        drawn.append("".join(map(_cell, cells[:-1])) + _cell(cells[-1], columns=5 - width))
    return _table(drawn)


def _draw_section_three(rows: Sequence[Cells]) -> str:
    first = next(index for index, row in enumerate(rows) if row[0].startswith("一、"))
    return _table([*_section_three_head(rows[:first]), *_section_three_body(rows[first:])])


def _section_three_head(rows: Sequence[Cells]) -> list[str]:
    """Three rows; labels of a fourth go on below the last labels of the third."""
    labels = [[text for text in row if text.strip()] for row in rows]
    top, second, third = labels[0], labels[1], list(labels[2])
    for extra in labels[3:]:
        for offset, text in enumerate(extra, start=len(third) - len(extra)):
            third[offset] += "\n" + text
    third += [""] * (5 - len(third))
    corner = _cell(top[0], rows=3, columns=3)
    if len(top) == 3:
        first_row = corner + _cell(top[1], columns=6) + _cell(top[2], rows=3)
    else:
        first_row = corner + _cell(top[1], columns=7)
    second_row = _cell(second[0], rows=2) + _cell(second[1], columns=5)
    second_row += "".join(_cell(text, rows=2) for text in second[2:])
    return [first_row, second_row, "".join(map(_cell, third))]


def _section_three_body(rows: Sequence[Cells]) -> list[str]:
    """Labels in up to three columns, then seven values. An empty label continues the cell above it."""
    split = []
    for row in rows:
        cells = _filled(row)
        labels = cells[:-_VALUES]
        labels = labels[: _leading(labels)] + [text for text in labels[_leading(labels) :] if text.strip()]
        split.append((labels, cells[-_VALUES:]))
    drawn = []
    for index, (labels, values) in enumerate(split):
        line = ""
        for column in range(_leading(labels), len(labels)):
            below = 0
            while index + below + 1 < len(split) and _leading(split[index + below + 1][0]) > column:
                below += 1
            last = column == len(labels) - 1
            line += _cell(labels[column], rows=below + 1 if not last else 1, columns=_rest(column) if last else 1)
        drawn.append(line + "".join(map(_cell, values)))
    return drawn


def _rest(column: int) -> int:
    return _LABEL_COLUMNS - column


def _draw_section_four(rows: Sequence[Cells]) -> str:
    drawn = []
    for row in rows:
        labels = [text for text in row if text.strip()]
        if labels[0].startswith("行政"):
            drawn.append(_cell(labels[0], columns=5) + _cell(labels[1], columns=10))
        elif len(labels) == 7:
            outcomes, blocks = labels[:5], labels[5:]
            line = "".join(_cell(text, rows=2) for text in outcomes)
            drawn.append(line + "".join(_cell(text, columns=5) for text in blocks))
        else:
            drawn.append("".join(map(_cell, labels)))
    return _table(drawn)


def _draw(rows: Sequence[Cells]) -> str:
    words = {text for row in rows for text in row}
    if "信息内容" in words:
        return _draw_section_two(rows)
    if "申请人情况" in words:
        return _draw_section_three(rows)
    return _draw_section_four(rows)


def seed_title(text: str) -> str:
    """The first line of a seed."""
    return next(line for line in text.split("\n") if line.strip())


def seed_html(text: str) -> str:
    """A seed's text as the body of a portal page: paragraphs and tables, every printed character kept."""
    parts = []
    before_text = True
    for block in _blocks(text):
        if isinstance(block, _Rows):
            parts.append(_draw(block.rows))
            continue
        before_text = before_text and len(block.text) < 40 and not block.text.startswith("一、")
        style = "text-align:center" if before_text else "text-indent:2em"
        parts.append(f'<p style="{style}">{escape(block.text, quote=False)}</p>\n')
    return "".join(parts)
