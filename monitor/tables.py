"""Tables and paragraphs for a terminal of any width, of which nothing is cut off.

A terminal of eighty columns is the usual one; rich ends what finds no room there with an ellipsis, and a rate of
100.0 % that reads 100… is no rate any more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

LEAST_WIDTH = 8
"""Below this a column of words is no help."""
_FRAME = 3
_BLANK, _INDENT = "　", "　　"
_PIECES = re.compile(r"\s+|[!-~]+|.", re.DOTALL)
_NO_BEGIN = frozenset("，。；：、？！）》」』”’〕】％…")


class WholeTable(Table):
    """A table whose words break in their columns; where that is too narrow, each row stands in lines of its own.

    Columns with ``no_wrap`` (codes, days, numbers) never break.
    """

    def add_column(self, header: Any = "", *args: Any, **options: Any) -> None:
        """As Table does; words break wherever the column ends, and numbers (to the right) do not."""
        options.setdefault("overflow", "fold")
        options.setdefault("no_wrap", options.get("justify") == "right")
        super().add_column(header, *args, **options)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, or its rows one below the other."""
        if self._least_width(console, options) <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        if self.title:
            yield _as_text(console, self.title)
        heads = [_as_text(console, column.header).plain for column in self.columns]
        for row in zip(*(column.cells for column in self.columns), strict=True):
            first, *others = (_as_text(console, cell) for cell in row)
            first.stylize("bold")
            yield Paragraph(first)
            told = [
                Text.assemble(f"{head} ", cell)
                for head, cell in zip(heads[1:], others, strict=True)
                if cell.plain.strip() not in ("", "—")
            ]
            for line in _side_by_side(told, options.max_width - cell_len(_INDENT)):
                yield Paragraph(line, indent=_INDENT)

    def _least_width(self, console: Console, options: ConsoleOptions) -> int:
        unbounded = options.update_width(10_000)
        width = 1
        for column in self.columns:
            cells = (column.header, *column.cells)
            needed = max(Measurement.get(console, unbounded, cell).maximum for cell in cells)
            width += _FRAME + (needed if column.no_wrap else min(needed, LEAST_WIDTH))
        return width


def _side_by_side(told: list[Text], room: int) -> Iterator[Text]:
    """Texts beside one another, as many as a line has room for."""
    line: Text | None = None
    for text in told:
        longer = Text.assemble(line, _BLANK, text) if line else text
        if line and longer.cell_len > room:
            yield line
            longer = text
        line = longer
    if line:
        yield line


class Paragraph:
    """Words that may break between any two Chinese characters, not only at blanks; ``indent`` before each line."""

    def __init__(self, text: Text | str, *, indent: str = "") -> None:
        self.text = Text(text) if isinstance(text, str) else text
        self.indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines."""
        room = max(options.max_width - cell_len(self.indent), 2)
        for paragraph in self.text.split("\n", allow_blank=True):
            for begin, end in _lines(paragraph.plain, room):
                line = Text.assemble(self.indent, paragraph[begin:end])
                line.no_wrap, line.overflow = True, "fold"
                yield line


def _lines(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Where the lines of a paragraph begin and end."""
    begin = end = width = 0
    for piece in _pieces(text, room):
        size = cell_len(piece)
        if width + size > room and end > begin:
            yield begin, begin + len(text[begin:end].rstrip())
            begin, width = end, 0
        if not (width == 0 and begin and piece.isspace()):
            width += size
        else:
            begin += len(piece)
        end += len(piece)
    yield begin, end


def _pieces(text: str, room: int) -> Iterator[str]:
    """What is not broken: a character with the stops behind it, a word or number in other letters."""
    held = ""
    for found in _PIECES.findall(text):
        if held and (found in _NO_BEGIN and cell_len(held + found) <= room):
            held += found
            continue
        if held:
            yield held
        while cell_len(found) > room and len(found) > 1:
            yield found[: room // 2 or 1]
            found = found[room // 2 or 1 :]
        held = found
    if held:
        yield held


def _as_text(console: Console, cell: Any) -> Text:
    """A cell as styled words."""
    if isinstance(cell, Text):
        return cell.copy()
    return console.render_str(str(cell))
