"""Where the cells of a table row begin and end in a Word 97–2003 file, from the properties of its last mark."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from struct import unpack_from

from parsers.documents.doc_file import NotSure
from parsers.documents.flow import Down, Shape

_DEFINE, _LEFT, _INSERT, _DELETE, _WIDTH = 0xD608, 0x9601, 0x7621, 0x5622, 0x7623
_MERGE, _SPLIT, _MERGE_DOWN = 0x5624, 0x5625, 0xD62B
_RIGHT_TO_LEFT = frozenset((0x560B, 0x5664))
TABLE_MODIFIERS = (
    frozenset((_DEFINE, _LEFT, _INSERT, _DELETE, _WIDTH, _MERGE, _SPLIT, _MERGE_DOWN)) | _RIGHT_TO_LEFT
)
"""The properties (sprm) that say something of cells."""

_CELL_SIZE = 20
_MOST_CELLS = 64
# The codes of cells that go on to the right of their first one; see _across.
_FIRST, _FOLLOWING = 1, 2


@dataclass(slots=True)
class _Cells:
    """The cells of one row while its properties are applied in their order."""

    left: int = 0
    widths: list[int] = field(default_factory=list)
    across: list[int] = field(default_factory=list)
    down: list[Down] = field(default_factory=list)

    def define(self, operand: bytes) -> None:
        count = operand[2]
        edges = unpack_from(f"<{count + 1}h", operand, 3)
        self.left = edges[0]
        self.widths = [max(right - left, 0) for left, right in pairwise(edges)]
        self.across, self.down = [0] * count, [Down.NOT] * count
        start = 3 + (count + 1) * 2
        for cell in range(min(count, (len(operand) - start) // _CELL_SIZE)):
            (flags,) = unpack_from("<H", operand, start + cell * _CELL_SIZE)
            self.across[cell] = flags & 3
            self.down[cell] = _down(flags >> 5 & 3)

    def insert(self, first: int, count: int, width: int) -> None:
        missing = max(first - len(self.widths), 0)
        if len(self.widths) + missing + count > _MOST_CELLS:
            raise ValueError("a row with too many cells")
        for _ in range(missing):
            self._insert(len(self.widths), 0)
        for _ in range(count):
            self._insert(first, width)

    def _insert(self, at: int, width: int) -> None:
        self.widths.insert(at, width)
        self.across.insert(at, 0)
        self.down.insert(at, Down.NOT)

    def delete(self, first: int, end: int) -> None:
        for values in (self.widths, self.across, self.down):
            del values[first:end]

    def shape(self) -> Shape:
        edges = [self.left]
        for width in self.widths:
            edges.append(edges[-1] + width)
        return Shape(tuple(edges), tuple(_across(self.across)), tuple(self.down))


def shape_of(properties: Iterable[tuple[int, bytes]]) -> Shape:
    """The shape of a row. Raises NotSure for rows from right to left, struct.error for properties cut off."""
    cells = _Cells()
    for code, operand in properties:
        if code == _DEFINE:
            cells.define(operand)
        elif code == _LEFT:
            (cells.left,) = unpack_from("<h", operand)
        elif code == _INSERT:
            first, count, width = unpack_from("<BBh", operand)
            cells.insert(first, count, max(width, 0))
        elif code == _DELETE:
            cells.delete(operand[0], operand[1])
        elif code == _WIDTH:
            first, end, width = unpack_from("<BBh", operand)
            for cell in range(first, min(end, len(cells.widths))):
                cells.widths[cell] = max(width, 0)
        elif code in (_MERGE, _SPLIT):
            for cell in range(operand[0], min(operand[1], len(cells.across))):
                following = _FIRST if cell == operand[0] else _FOLLOWING
                cells.across[cell] = following if code == _MERGE else 0
        elif code == _MERGE_DOWN:
            if operand[1] < len(cells.down):
                cells.down[operand[1]] = _down(operand[2])
        elif code in _RIGHT_TO_LEFT and unpack_from("<H", operand)[0]:
            raise NotSure("表格从右向左排列")
    return cells.shape()


def _down(code: int) -> Down:
    """1 goes on the cell above; 3, and 2 of some writers, begin a merged cell."""
    if code == 0:
        return Down.NOT
    return Down.GOES_ON if code == 1 else Down.BEGINS


def _across(codes: Iterable[int]) -> list[bool]:
    """Which cells go on their left neighbour.

    The specification and older writers give the two codes of a merged cell in reverse; the first of a set tells.
    """
    found: list[bool] = []
    first = 0
    for code in codes:
        goes_on = bool(code and first and code != first)
        found.append(goes_on)
        if not goes_on:
            first = code
    return found
