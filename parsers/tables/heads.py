"""Column heads, and whether they prove their columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from parsers.documents.model import Grid, GridCell, GridRow
from parsers.forms import Label
from parsers.labels import label_key, label_unit
from parsers.schema import Place

FEWEST_HEADS = 3
UNIT_LINE = re.compile(r"\(?(?:计量)?单位:.{1,6}")


@dataclass(frozen=True, slots=True)
class Head:
    """A column head: the columns it covers, its key (None for an unknown one), and how it is printed."""

    key: str | None
    column: int
    end_column: int
    text: str
    place: Place
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Heads:
    """The column heads of a table, and how many columns its head lines cover.

    ``true`` says that the head lines prove their columns: no head is lost between others, none lies over another,
    and their order is the form's, or another that an undamaged head shows. Otherwise the heads stand in the order
    of print and only a row without any gap can be settled.

    What follows from the heads is told once, since every row asks for it. ``known`` are the keys of the known
    heads in the order of print, ``twice`` those printed more than once, ``units`` the unit of each key's first
    head, ``spans`` the first column of each head and the one behind it.
    ``tell_absence`` says that a column without a head is not in the document: every head is known once, and none
    is beside.
    """

    heads: tuple[Head, ...] = ()
    width: int = 0
    true: bool = False
    known: list[str] = field(init=False, compare=False, repr=False)
    twice: frozenset[str] = field(init=False, compare=False, repr=False)
    units: Mapping[str, str | None] = field(init=False, compare=False, repr=False)
    spans: list[tuple[int, int]] = field(init=False, compare=False, repr=False)
    tell_absence: bool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        known = known_of(self.heads)
        twice = frozenset(key for key in known if known.count(key) > 1)
        covered = bool(self.heads) and self.heads[-1].end_column == self.width
        object.__setattr__(self, "known", known)
        object.__setattr__(self, "twice", twice)
        object.__setattr__(self, "units", {head.key: head.unit for head in reversed(self.heads) if head.key})
        object.__setattr__(self, "spans", [(head.column, head.end_column) for head in self.heads])
        object.__setattr__(self, "tell_absence", covered and self.all_known and not twice)

    @property
    def all_known(self) -> bool:
        """Whether no head is unknown."""
        return len(self.known) == len(self.heads)


def under_heads(row: GridRow, label: GridCell | None, heads: Heads) -> dict[str, GridCell] | None:
    """The cell under each head, or None where the row does not lie under the heads.

    The row is as wide as its head, the values begin where the heads begin, no cell lies under two heads, no head
    has two values, and nothing is written beside the heads.
    """
    start = label.end_column if label else heads.heads[0].column
    if start != heads.heads[0].column or row.end_column != heads.width:
        return None
    beside = [cell for cell in row.cells if cell.column >= start]
    if [(cell.column, cell.end_column) for cell in beside] == heads.spans:
        return {head.key: cell for cell, head in zip(beside, heads.heads, strict=True) if head.key}
    found: dict[str, GridCell] = {}
    seen: set[int] = set()
    for head in heads.heads:
        under = [cell for cell in row.cells if cell.column < head.end_column and head.column < cell.end_column]
        if not under or any(cell.column < head.column or cell.end_column > head.end_column for cell in under):
            return None
        filled = [cell for cell in under if cell.text.strip()]
        if len(filled) > 1:
            return None
        seen.update(id(cell) for cell in under)
        if head.key:
            found[head.key] = filled[0] if filled else under[0]
    if any(cell.column >= start and id(cell) not in seen and cell.text.strip() for cell in row.cells):
        return None
    return found


def are_joined(heads: Sequence[Head]) -> bool:
    """Whether heads in the order of columns lie side by side, without a gap and none over another."""
    return bool(heads) and all(left.end_column == right.column for left, right in pairwise(heads))


def is_tiled(rows: Iterable[GridRow], first: int, end: int) -> bool:
    """Whether every place of the rows between two columns is covered by one cell."""
    for row in rows:
        reached = first
        for cell in row.cells:
            if cell.end_column > first and cell.column < end:
                if cell.column != reached:
                    return False
                reached = cell.end_column
        if reached != end:
            return False
    return True


def each_once(heads: Iterable[Head]) -> list[Head]:
    """Heads in the order of columns; one that stands again right under itself (a split merged cell) is one."""
    return sorted(
        {(head.key or head.text, head.column, head.end_column): head for head in heads}.values(),
        key=lambda head: head.column,
    )


def one_head(heads: Heads, columns: Sequence[str]) -> Heads:
    """A head printed over each of several columns, where the row has but that one: the head of all of them."""
    if len(columns) > 1 or len(heads.heads) < 2 or len(set(heads.known)) != 1 or not heads.all_known:
        return heads
    first, last = heads.heads[0], heads.heads[-1]
    return replace(heads, heads=(replace(first, end_column=last.end_column),))


def known_of(heads: Iterable[Head]) -> list[str]:
    """The keys of the heads that are known, in their order."""
    return [head.key for head in heads if head.key]


def block_above(leaf: GridCell, blocks: Sequence[tuple[GridCell, str]]) -> str | None:
    """The block of table four that a column's head stands under, or None."""
    above = [
        key
        for cell, key in blocks
        if cell.row < leaf.row and cell.column <= leaf.column and leaf.end_column <= cell.end_column
    ]
    return above[-1] if above else None


def completes(head: Head, cell: GridCell, columns: Mapping[str, Label]) -> bool:
    """Whether a stray cell of the head is the rest of a head broken over two lines."""
    return head.key is not None and label_key(head.text + cell.text) == label_key(columns[head.key].text)


def overlap(head: Head, cell: GridCell) -> bool:
    """Whether a head and a cell share a column."""
    return head.column < cell.end_column and cell.column < head.end_column


def width_of(rows: Iterable[GridRow]) -> int:
    """How many columns rows reach over."""
    return max([row.end_column for row in rows], default=0)


def head_of(grid: Grid, cell: GridCell, key: str | None) -> Head:
    """A cell as the head of the columns it covers; ``key`` is None for an unknown one."""
    return Head(key, cell.column, cell.end_column, cell.text, grid.place(cell), label_unit(cell.text))


def in_order(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` are some of ``whole`` in their order."""
    rest = iter(whole)
    return all(key in rest for key in part)


def disproved_heads(rows: Iterable[tuple[Heads, GridRow, GridCell | None, int]]) -> set[int]:
    """The heads (by identity) that one of their rows disproves.

    A row as wide as its heads has a number beside them; or a column without a head and one without a number
    are both empty, and numbers stand between the two: any of them may be one column off; or heads are fewer
    than the row's columns (the number beside it) and a row does not lie under them: one may be lost.
    """
    lying: dict[int, tuple[Heads, list[GridCell]]] = {}
    disproved: set[int] = set()
    for heads, row, label, columns in rows:
        if not heads.true:
            continue
        start = label.end_column if label else heads.heads[0].column
        lies = heads.heads[0].column == start and row.end_column == heads.width
        if not lies and len(heads.heads) < columns and heads.heads[0].end_column - heads.heads[0].column == 1:
            disproved.add(id(heads))
        if lies and (heads.heads[-1].end_column < heads.width or (not label and start)):
            _, filled = lying.setdefault(id(heads), (heads, []))
            filled += [cell for cell in row.cells if cell.column >= (start if label else 0) and cell.text.strip()]
    for heads, filled in lying.values():
        last = max((cell.end_column for cell in filled), default=0)
        before = min((cell.column for cell in filled), default=last) < heads.heads[0].column
        if (
            before
            or last > heads.heads[-1].end_column
            or any(
                head.end_column < last and not any(overlap(head, cell) for cell in filled) for head in heads.heads
            )
        ):
            disproved.add(id(heads))
    return disproved
