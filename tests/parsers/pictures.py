"""Makes the pictures of ``docs/parsing.md`` anew: ``python -m tests.parsers.pictures``.

It needs Chromium and, for one of them, the extra ``scans``. Everything in the pictures is what the parser gives
for documents of the tests; nothing is drawn by hand.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image

from parsers.documents.container import media_type_of, reader_of
from parsers.documents.html import read_html
from parsers.documents.model import Document, Grid, GridCell
from parsers.reading import parse
from parsers.schema import Box, Cell, Report
from tests.browser import chromium

HERE = Path(__file__).parent
PRINT = HERE / "containers" / "odd_prints_2022.pdf"
SCAN = HERE / "scans" / "odd_prints_2022_table.png"
DAMAGED = HERE / "damage_tables" / "row_slipped_by_one.html"
TARGET = HERE.parents[1] / "docs" / "images"
DOTS = 110
ROWS = 10
ROWS_OF_THREE = 8
COLOURS = 64
SHOWN = (
    "section_two.regulations.issued",
    "section_two.regulations.repealed",
    "section_two.normative_documents.issued",
    "section_two.normative_documents.in_force",
    "section_two.licensing.decisions",
    "section_two.penalty.decisions",
    "section_three.carried_over.natural_person",
    "section_three.carried_over.business",
)
_STYLE = """
body { font: 14px "Noto Sans CJK SC", sans-serif; margin: 0; color: #222 }
.picture { display: inline-block; padding: 10px; background: #fff }
table { border-collapse: collapse } td, th { border: 1px solid #777; padding: 4px 8px; text-align: center }
th { background: #eee; font-weight: normal; color: #666 } .again { color: #aaa; background: #f6f6f6 }
.reported { background: #e3f3e3 } .blank { background: #e9eef8 } .unreadable { background: #fbdcd8 }
.left td { text-align: left } code { font: 13px "DejaVu Sans Mono", monospace }
.scan { position: relative; display: inline-block } .scan img { display: block }
.box { position: absolute; border: 2px solid; box-sizing: border-box }
.box.reported { border-color: #2a8a2a; background: rgba(0, 160, 0, .08) }
.box.blank { border-color: #36c; background: rgba(0, 60, 255, .08) }
.box.unreadable { border-color: #c22; background: rgba(255, 0, 0, .08) }
.box span { position: absolute; right: 1px; bottom: 0; font-size: 10px; line-height: 11px; color: #444 }
.slipped { font-size: 13px } .slipped td { padding: 4px 5px; max-width: 140px }
p { margin: 8px 0 0; max-width: 760px }
"""


def main() -> None:
    """Write every picture into the folder of the documentation's pictures."""
    pictures = {
        "parsing-print": _image(_cut(PRINT)),
        "parsing-grid": _grid(_first_grid(PRINT)),
        "parsing-cells": _cells(parse(PRINT.read_bytes())),
        "parsing-scan": _scan(SCAN),
        "parsing-damage": _damage(DAMAGED),
    }
    parts = "".join(f'<div><div class="picture" id="{name}">{part}</div></div>' for name, part in pictures.items())
    page_text = f"<!DOCTYPE html><meta charset=utf-8><style>{_STYLE}</style>{parts}"
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1000, "height": 900}, device_scale_factor=1.5)
        page.set_content(page_text)
        for name in pictures:
            shot = Image.open(BytesIO(page.locator(f"#{name}").screenshot()))
            shot.convert("RGB").quantize(COLOURS).save(TARGET / f"{name}.png", optimize=True)


def _read(path: Path) -> Document:
    data = path.read_bytes()
    reader = reader_of(media_type_of(data))
    return reader(data) if reader else read_html(data.decode())


def _first_grid(path: Path) -> Grid:
    return next(block for block in _read(path).blocks if isinstance(block, Grid))


def _cut(path: Path) -> bytes:
    """The first rows of the first table as the page shows them."""
    grid = _first_grid(path)
    boxes = [cell.box for row in grid.rows[:ROWS] for cell in row.own if cell.box]
    page = pypdfium2.PdfDocument(path)[0].render(scale=DOTS / 72).to_pil()
    left, top, right, bottom = _around(boxes)
    width, height = page.size
    part = page.crop(
        (int(left * width) - 2, int(top * height) - 2, int(right * width) + 2, int(bottom * height) + 1)
    )
    buffer = BytesIO()
    part.save(buffer, "PNG")
    return buffer.getvalue()


def _around(boxes: Iterable[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _image(data: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(data).decode()}">'


def _grid(grid: Grid) -> str:
    """The same rows with their spans expanded: a merged cell stands at every place that it covers."""
    columns = max(row.end_column for row in grid.rows)
    lines = ["<tr><th></th>" + "".join(f"<th>{number + 1}</th>" for number in range(columns)) + "</tr>"]
    for row in grid.rows[:ROWS]:
        places = {place: cell for cell in row.cells for place in range(cell.column, cell.end_column)}
        lines.append(f"<tr><th>{row.number + 1}</th>")
        lines += [_place_in_grid(places.get(column), row.number, column) for column in range(columns)]
        lines.append("</tr>")
    return f"<table>{''.join(lines)}</table>"


def _place_in_grid(cell: GridCell | None, row: int, column: int) -> str:
    if cell is None:
        return "<td></td>"
    first = (cell.row, cell.column) == (row, column)
    return f'<td class="{"" if first else "again"}">{escape(" ".join(cell.text.split()))}</td>'


def _cells(report: Report) -> str:
    """Some cells of a report: print, key, value, state and place."""
    lines = ["<tr><th>print</th><th>key</th><th>value</th><th>state</th><th>place</th></tr>"]
    for key in SHOWN:
        cell = report.cells[key]
        at = cell.at
        assert at is not None
        where = f"page {at.page}, table {at.table}, row {at.row}, column {at.column}"
        value = "" if cell.value is None else str(cell.value)
        lines.append(
            f"<tr><td>{escape(cell.raw.replace(chr(10), ' '))}</td><td><code>{key}</code></td><td>{value}</td>"
            f'<td class="{cell.state}">{cell.state}</td><td>{where}</td></tr>'
        )
    return f'<table class="left">{"".join(lines)}</table>'


def _scan(path: Path) -> str:
    """A picture with the box of every cell of the form, its state by colour, its confidence."""
    report = parse(path.read_bytes())
    marks = "".join(_mark(cell) for cell in report.cells.values() if cell.at and cell.at.box)
    picture = Image.open(path)
    shown = picture.width * 3 // 2
    image = _image(path.read_bytes()).replace("<img", f'<img width="{shown}" style="background: #fff"')
    said = "".join(f"<p>{escape(lint.text)}</p>" for lint in report.lints)
    return f'<div class="scan">{image}{marks}</div>{said}'


def _mark(cell: Cell) -> str:
    assert cell.at
    assert cell.at.box
    left, top, right, bottom = (share * 100 for share in cell.at.box)
    sure = "" if cell.at.confidence is None else f"{cell.at.confidence:.2f}"
    size = f"left:{left}%;top:{top}%;width:{right - left}%;height:{bottom - top}%"
    return f'<div class="box {cell.state}" style="{size}"><span>{sure}</span></div>'


def _damage(path: Path) -> str:
    """The head and first rows of table three of a damaged page, each cell coloured by its state, and the lints."""
    report = parse(path.read_bytes())
    states = {
        (cell.at.table, cell.at.row, cell.at.column): cell.state for cell in report.cells.values() if cell.at
    }
    grid = [block for block in _read(path).blocks if isinstance(block, Grid)][1]
    lines = []
    for row in grid.rows[:ROWS_OF_THREE]:
        lines.append("<tr>")
        for cell in row.own:
            state = states.get((grid.number, cell.row + 1, cell.column + 1), "")
            rows = min(cell.end_row, ROWS_OF_THREE) - cell.row
            text = escape(" ".join(cell.text.split()))
            text = text if len(text) < 30 else text[:22] + "…"
            span = f'rowspan="{rows}" colspan="{cell.end_column - cell.column}"'
            lines.append(f'<td {span} class="{state}">{text}</td>')
        lines.append("</tr>")
    said = "".join(f"<p>{escape(lint.code)}：{escape(lint.text)}</p>" for lint in report.lints)
    return f'<table class="slipped">{"".join(lines)}</table>{said}'


if __name__ == "__main__":
    main()
