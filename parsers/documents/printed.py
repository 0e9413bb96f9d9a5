"""Pages of print (PDF, OFD, scans) into the plain model: ruled lines and characters in, paragraphs and tables out.

A reader of a container gives :class:`PrintedPage` objects; :func:`read_pages` does the rest for all of them.
Lengths are points (1/72 inch) from the top left corner of the page as displayed, y grows downwards.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from parsers.documents.html import PICTURE_MARK
from parsers.documents.model import Block, Document, Grid, GridCell, GridRow, Paragraph, Picture
from parsers.documents.printed_lines import (
    HIDDEN,
    Glyph,
    Line,
    around,
    goes_on,
    is_han,
    joined_lines,
    lines_of,
    unwrapped,
    usual_pitch,
)
from parsers.documents.printed_parts import Part, PartCell, joined
from parsers.documents.ruled import Rule, RuledTable, tables_of
from parsers.labels import plain
from parsers.schema import Box, Place

__all__ = ["HIDDEN", "Glyph", "PrintedPage", "Rule", "read_pages"]

# Digits nearer than this share of their height belong to one number, even where a rule lies between them.
TOUCHING = 0.12
# A glyph that reaches this far (in points) over a rule has left its cell.
OVER_THE_RULE = 1.0
# Page numbers and running heads stand in this share of the page's height at its top and bottom.
MARGIN = 0.15
# A picture smaller than this share of the page is an ornament or a seal's part.
SMALLEST_PICTURE = 0.01
# How many lines at the top and the bottom of a page may be running heads.
RUNNING_LINES = 2
SAME_HEIGHT = 3.0
# The right margin of a page lies no further left than this share of its width, however short its lines are.
NEAREST_MARGIN = 0.75

TORN = "表格线残缺，无法确定文字属于哪一格"
CROSSED = "数字越过了单元格的边线"
COVERED = "单元格上盖有批注或输入框"
PICTURE = "单元格里是图片，没有文字"

_PAGE_NUMBER = re.compile(
    r"[\s\-—–─~·.•|]*(?:第?\d{1,4}页?|第\d{1,4}页[,，/]?共\d{1,4}页|\d{1,4}(?:/|of)\d{1,4}|共\d{1,4}页[,，]?第\d{1,4}页)"
    r"[\s\-—–─~·.•|]*"
)
_CONTINUED = re.compile(r"[(（]?(?:接上[页表]|续(?:上)?表\d*|表[一二三四]?续)[)）]?")
_DIGITS = re.compile(r"\d+")
_OF_A_NUMBER = frozenset("0123456789０１２３４５６７８９.,，")


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """One page as displayed: its number from 1, its size, its ruled lines, characters and boxes of pictures.

    The order of rules, glyphs and pictures does not matter. ``covered`` are the boxes of what lies on the page and
    is neither text nor rule (an entry field, a deletion mark): a cell under one is no evidence of a number.
    """

    number: int
    width: float
    height: float
    rules: Sequence[Rule] = ()
    glyphs: Sequence[Glyph] = ()
    pictures: Sequence[Box] = ()
    covered: Sequence[Box] = ()


class _Item(NamedTuple):
    """What stands on a page, by where its top lies: a line, a picture or a part of a table."""

    top: float
    page: PrintedPage
    what: Line | Box | Part


def read_pages(pages: Sequence[PrintedPage], media_type: str, title: str = "") -> Document:
    """The document that the pages print, in the order of print.

    Characters in ruled cells make tables; a table broken over pages is one. All other characters make
    paragraphs, without page numbers and running heads. Every place has its page and its box (shares of the page's
    width and height) and the lowest confidence of what stands there. Never raises.
    """
    laid = _without_running_lines([_items(page) for page in pages])
    sheets = {page.number: page for page in pages}
    margins = {page.number: _margins(items) for page, items in zip(pages, laid, strict=True)}
    blocks: list[Block] = []
    tables = 0
    paragraph: list[_Item] = []
    for item in _with_tables_joined([item for items in laid for item in items]):
        if isinstance(item.what, Line):
            if paragraph and not _goes_on(paragraph[-1], item, margins):
                blocks.append(_paragraph(paragraph))
                paragraph = []
            paragraph.append(item)
            continue
        if paragraph:
            blocks.append(_paragraph(paragraph))
            paragraph = []
        if isinstance(item.what, Part):
            tables += 1
            blocks.append(_grid(item.what, tables, sheets))
        else:
            blocks.append(Picture(Place(page=item.page.number, box=_shares(item.page, item.what))))
    if paragraph:
        blocks.append(_paragraph(paragraph))
    return Document(media_type, tuple(blocks), title=title)


# --- one page ------------------------------------------------------------------------------------------------


def _items(page: PrintedPage) -> list[_Item]:
    """What stands on a page, from top to bottom."""
    tables = tables_of(page.rules)
    inside: list[dict[int, list[Glyph]]] = [{} for _ in tables]
    outside: list[Glyph] = []
    finders = [_CellFinder(table) for table in tables]
    for glyph in page.glyphs:
        x, y = (glyph.x0 + glyph.x1) / 2, (glyph.y0 + glyph.y1) / 2
        for number, finder in enumerate(finders):
            cell = finder.cell_at(x, y)
            if cell is not None:
                inside[number].setdefault(cell, []).append(glyph)
                break
        else:
            if glyph.doubt != HIDDEN:
                outside.append(glyph)
    items = [
        _Item(table.ys[0], page, _part(page, table, cells)) for table, cells in zip(tables, inside, strict=True)
    ]
    items += [_Item(line.box[1], page, line) for line in lines_of(outside)]
    smallest = page.width * page.height * SMALLEST_PICTURE
    items += [
        _Item(box[1], page, box)
        for box in page.pictures
        if (box[2] - box[0]) * (box[3] - box[1]) >= smallest
        and not any(_holds(table.box, box) for table in tables)
    ]
    return sorted(items, key=lambda item: item.top)


class _CellFinder:
    """Finds the cell of a table that a point lies in."""

    def __init__(self, table: RuledTable) -> None:
        self.table = table
        self.places = {
            (row, column): number
            for number, cell in enumerate(table.cells)
            for row in range(cell.row, cell.end_row)
            for column in range(cell.column, cell.end_column)
        }

    def cell_at(self, x: float, y: float) -> int | None:
        """The number of the cell, or None."""
        return self.places.get((bisect_right(self.table.ys, y) - 1, bisect_right(self.table.xs, x) - 1))


def _part(page: PrintedPage, table: RuledTable, glyphs: Mapping[int, list[Glyph]]) -> Part:
    """A table of a page with what stands in its cells."""
    crossed = _crossed_cells(table, glyphs)
    inside = [lines_of(glyphs.get(number, ())) for number in range(len(table.cells))]
    padding = _padding(table, inside)
    cells = []
    for number, cell in enumerate(table.cells):
        lines = unwrapped(inside[number], cell.box, padding)
        doubt = next((line.doubt for line in lines if line.doubt), "")
        if cell.torn and lines:
            doubt = doubt or TORN
        elif number in crossed:
            doubt = doubt or CROSSED
        elif any(_holds(cell.box, box) for box in page.covered):
            doubt = doubt or COVERED
        elif not lines and any(_holds(cell.box, box) for box in page.pictures):
            doubt = PICTURE
        cells.append(PartCell(*cell[:4], lines, page.number, cell.box, doubt))
    return Part(
        table.xs,
        len(table.ys) - 1,
        tuple(cells),
        page.number,
        table.ys[0] / page.height,
        table.ys[-1] / page.height,
    )


def _padding(table: RuledTable, inside: Sequence[Sequence[Line]]) -> float:
    """The least room that the table leaves between its rules and its texts, left and right together."""
    placed = [(cell.box, line.box) for cell, lines in zip(table.cells, inside, strict=True) for line in lines]
    left = min((text[0] - cell[0] for cell, text in placed), default=0.0)
    right = min((cell[2] - text[2] for cell, text in placed), default=0.0)
    return max(left, 0.0) + max(right, 0.0)


def _crossed_cells(table: RuledTable, glyphs: Mapping[int, list[Glyph]]) -> set[int]:
    """The cells that share a number with a neighbour: its digits run on over the rule between the two."""
    at_right: list[tuple[Glyph, int]] = []
    at_left: dict[float, list[tuple[Glyph, int]]] = {}
    for number, inside in glyphs.items():
        left, _, right, _ = table.cells[number].box
        for glyph in inside:
            reach = glyph.y1 - glyph.y0
            if glyph.x1 > right - reach:
                at_right.append((glyph, number))
            if glyph.x0 < left + reach:
                at_left.setdefault(left, []).append((glyph, number))
    found: set[int] = set()
    for glyph, number in at_right:
        height, middle = glyph.y1 - glyph.y0, glyph.y0 + glyph.y1
        for other, neighbour in at_left.get(table.cells[number].box[2], ()):
            if (
                other.x0 - glyph.x1 < TOUCHING * height
                and abs(other.y0 + other.y1 - middle) < height
                and (_of_a_number(glyph) or _of_a_number(other))
            ):
                found.update((number, neighbour))
    return found


def _of_a_number(glyph: Glyph) -> bool:
    return _OF_A_NUMBER.issuperset(glyph.text)


def _holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of a box lies in another one."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def _shares(page: PrintedPage, box: Box) -> Box:
    """A box as shares of the page's width and height."""
    left, top, right, bottom = box
    return (
        round(min(max(left / page.width, 0.0), 1.0), 4),
        round(min(max(top / page.height, 0.0), 1.0), 4),
        round(min(max(right / page.width, 0.0), 1.0), 4),
        round(min(max(bottom / page.height, 0.0), 1.0), 4),
    )


# --- all pages -----------------------------------------------------------------------------------------------


def _without_running_lines(laid: list[list[_Item]]) -> list[list[_Item]]:
    """The pages without page numbers, and without lines that stand alike at the same height on most pages.

    The head of the first page stays: it may be the title, which the other pages repeat.
    """
    seen: Counter[tuple[str, int]] = Counter()
    for items in laid:
        seen.update({_likeness(item) for item in _outermost(items)})
    kept = []
    for number, items in enumerate(laid):
        running = [
            item
            for item in _outermost(items)
            if _PAGE_NUMBER.fullmatch(_text(item))
            or (1 < seen[_likeness(item)] > len(laid) // 2 and not (number == 0 and _is_at_top(item)))
        ]
        kept.append([item for item in items if not any(item is other for other in running)])
    return kept


def _is_at_top(item: _Item) -> bool:
    return item.top < item.page.height * MARGIN


def _outermost(items: Sequence[_Item]) -> list[_Item]:
    """The first and last lines of a page, as far as they stand in its margins; tables and pictures end them."""
    found: list[_Item] = []
    for line in items[:RUNNING_LINES]:
        if not isinstance(line.what, Line) or line.what.box[3] > line.page.height * MARGIN:
            break
        found.append(line)
    for line in reversed(items[-RUNNING_LINES:]):
        if not isinstance(line.what, Line) or line.what.box[1] < line.page.height * (1 - MARGIN):
            break
        found.append(line)
    return found


def _text(item: _Item) -> str:
    return plain(item.what.text) if isinstance(item.what, Line) else ""


def _likeness(item: _Item) -> tuple[str, int]:
    """What lines that run through the pages have in common: their text but for its numbers, and their height."""
    return _DIGITS.sub("#", _text(item)), round(item.top / SAME_HEIGHT)


def _with_tables_joined(items: Sequence[_Item]) -> list[_Item]:
    """The items with the parts of tables joined; a line 续表 between two parts is left out."""
    found: list[_Item] = []
    between: list[_Item] = []
    for item in items:
        if found and isinstance(found[-1].what, Part):
            upper = found[-1].what
            if isinstance(item.what, Part):
                whole = joined(upper, item.what)
                if whole:
                    found[-1] = found[-1]._replace(what=whole)
                    between = []
                    continue
            elif _CONTINUED.fullmatch(_text(item)):
                between.append(item)
                continue
        found += [*between, item]
        between = []
    return found + between


def _margins(items: Iterable[_Item]) -> tuple[float, float, float]:
    """Where the lines of a page begin and end, and how far they usually lie apart."""
    items = [item for item in items if isinstance(item.what, Line)]
    lines = [item.what for item in items if isinstance(item.what, Line)]
    if not lines:
        return 0.0, 0.0, 0.0
    right = max(NEAREST_MARGIN * items[0].page.width, max(line.box[2] for line in lines))
    return min(line.box[0] for line in lines), right, usual_pitch(lines)


def _goes_on(above: _Item, below: _Item, margins: Mapping[int, tuple[float, float, float]]) -> bool:
    """Whether a line goes on in the one after it, on the same page or the next."""
    if not isinstance(above.what, Line) or not isinstance(below.what, Line):
        return False
    left, right, pitch = margins[below.page.number]
    if above.page is not below.page:
        right, pitch = margins[above.page.number][1], 0.0
    return goes_on(above.what, below.what, left, right, pitch)


def _paragraph(items: Sequence[_Item]) -> Paragraph:
    """Lines as one paragraph; it stands where it begins."""
    page = items[0].page
    lines = [item.what for item in items if isinstance(item.what, Line)]
    here = [item.what.box for item in items if isinstance(item.what, Line) and item.page is page]
    sure = [line.confidence for line in lines if line.confidence is not None]
    place = Place(page=page.number, box=_shares(page, around(here)), confidence=min(sure) if sure else None)
    return Paragraph(joined_lines(lines), place)


def _grid(part: Part, number: int, sheets: Mapping[int, PrintedPage]) -> Grid:
    """A whole table as a grid."""
    cells = []
    for cell in part.cells:
        sure = [line.confidence for line in cell.lines if line.confidence is not None]
        cells.append(
            GridCell(
                cell.text or (PICTURE_MARK if cell.doubt == PICTURE else ""),
                *cell[:4],
                doubt="" if is_han(cell.text) else cell.doubt,
                page=cell.page,
                box=_shares(sheets[cell.page], cell.box),
                confidence=min(sure) if sure else None,
            )
        )
    rows = [
        GridRow(row, tuple(cell for cell in cells if cell.row <= row < cell.end_row)) for row in range(part.rows)
    ]
    return Grid(number, tuple(rows), exact=True, counted=True)
