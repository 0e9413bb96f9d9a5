"""From a row of a table to its cells: under true heads, or by its own shape, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from parsers.documents.model import Grid, GridCell, GridRow
from parsers.labels import label_key, plain
from parsers.numbers import in_wan, read_number
from parsers.schema import Cell, CellState
from parsers.tables.bands import Band, has_values, section_of
from parsers.tables.heads import FEWEST_HEADS, Heads, in_order, under_heads
from parsers.tables.record import Record
from parsers.tables.vocabulary import is_label, quote

ROWS_OF_A_HABIT = 4
_TWO_NUMBERS = re.compile(r"\d\s*\n\s*\d")


def no_offset() -> None:
    """Nothing is known of filler columns."""


@dataclass(slots=True)
class Rows:
    """Takes rows into cells, and says of the others what they may be."""

    record: Record

    def take_row(
        self,
        grid: Grid,
        row: GridRow,
        label: GridCell | None,
        heads: Heads,
        keys: Sequence[str],
        columns: Sequence[str],
        *,
        offset: Callable[[], int | None] = no_offset,
        doubtful: bool = False,
    ) -> None:
        """Find the value of each column in a row and put it down as the cell of the key beside it.

        ``offset`` tells, where it is asked, how many filler columns stand before the values (:class:`Offsets`).
        """
        start = label.end_column if label else 0
        values = [cell for cell in row.own if cell.column >= start]
        found: dict[str, GridCell] | None = None
        if not doubtful:
            if heads.true:
                found = under_heads(row, label, heads)
            if found is None:
                found = self.by_shape(grid, label, values, heads, columns, offset)
                if found is not None and len(heads.known) < len(columns):
                    self.record.counted.append(keys)
                    lost_heads = zip(keys, columns, strict=True)
                    self.record.headless.update(key for key, column in lost_heads if column not in heads.known)
        anchor = label or row.cells[0]
        lost = (
            grid.exact and found is None and sum(cell.end_column - cell.column for cell in values) < len(columns)
        )
        # Two numbers in the lines of one cell: one of them may be that of an empty cell beside it.
        crowded = any(_TWO_NUMBERS.search(cell.text) for cell in values)
        put, twice, units = self.record.put, heads.twice, heads.units
        for key, column in zip(keys, columns, strict=True):
            cell = found.get(column) if found else None
            if cell is None:
                # Without its head a column is not in the document; but it may be the one that an unknown head
                # stands over, or one whose head was lost.
                if found is None or not heads.tell_absence:
                    self.record.put(whole_row(grid, key, anchor, values, lost), grid, anchor)
            elif column in twice:
                self.record.repeat(
                    "L-01", f"列标题“{self.column_name(column)}”印了不止一次，未读取", grid.place(anchor)
                )
                self.record.put(whole_row(grid, key, anchor, values, lost), grid, anchor)
            elif cell.end_row - cell.row > 1 and cell.text.strip():
                place = grid.place(cell)
                self.record.repeat(
                    "unreadable-cell", f"“{quote(cell.text)}”合并在几行之中，无法确定属于哪一行", place
                )
                self.record.put(Cell(key, CellState.UNREADABLE, raw=cell.text, at=place), grid, cell)
            else:
                read = self.cell(grid, key, column, cell, units.get(column))
                if crowded and read.state is CellState.BLANK:
                    read = read._replace(state=CellState.UNREADABLE)
                put(read, grid, cell)
        if lost or (found is None and any(cell.text.strip() for cell in values)):
            name = f"“{quote(label.text)}”一行" if label else "数字行"
            self.record.lint("L-01", f"{name}的数值无法与列标题对应，未读取", grid.place(anchor))

    def by_shape(
        self,
        grid: Grid,
        label: GridCell | None,
        values: Sequence[GridCell],
        heads: Heads,
        columns: Sequence[str],
        offset_of_row: Callable[[], int | None],
    ) -> dict[str, GridCell] | None:
        """A row whose columns are not true, settled by its own shape: one value a column, without a gap."""
        known = heads.known
        complete = heads.all_known and sorted(known) == sorted(columns)
        may_be_lost = heads.all_known and len(set(known)) == len(known) and in_order(known, columns)
        if not values or not (complete or may_be_lost):
            return None
        order = known if complete else list(columns)
        filled = [position for position, cell in enumerate(values) if cell.text.strip()]
        if not filled and (not grid.exact or len(values) >= len(order)):
            return {column: values[min(position, len(values) - 1)] for position, column in enumerate(order)}
        if not filled:
            return None
        if any(is_label(values[position].text) for position in filled):
            return None
        if len(filled) == len(order) and filled[-1] - filled[0] == len(order) - 1:
            first = filled[0]
        elif not complete:
            return None
        elif (
            (offset := offset_of_row()) is not None
            and offset <= filled[0]
            and filled[-1] < offset + len(order) <= len(values)
        ):
            first = offset
        elif grid.counted and not grid.exact and len(values) == len(order):
            first = 0
        else:
            return None
        found = {column: values[first + position] for position, column in enumerate(order)}
        as_wide_as_heads = grid.exact and values[-1].end_column == heads.width
        if (
            not complete
            and as_wide_as_heads
            and any(found[h.key].column != h.column for h in heads.heads if h.key)
        ):
            return None
        place = grid.place(label or values[0])
        if not complete:
            lost = "、".join(f"“{self.column_name(column)}”" for column in columns if column not in known)
            self.record.repeat("L-01", f"缺少列标题{lost}，按每行数值的个数对应各列", place)
        elif grid.exact:
            self.record.repeat("L-03", "数值与表头的列错位，按每行数值的个数对应各列", place)
        return found

    def column_name(self, column: str) -> str:
        """What the form prints over a column."""
        form = self.record.words.form
        block, _, name = column.rpartition(".")
        if block:
            return f"{form.section_four_blocks[block].text} {form.section_four_columns[name].text}"
        label = form.section_three_columns.get(name) or form.section_two_columns[name]
        return label.text

    def cell(self, grid: Grid, key: str, column: str, cell: GridCell, head_unit: str | None) -> Cell:
        """A cell by the number that it prints; ``head_unit`` is the unit that its head prints."""
        amount = False
        if key.startswith("section_two."):
            label = self.record.words.form.section_two_columns.get(column)
            amount = label is not None and label.amount
            reading = read_number(cell.text, amount=amount, signed=label is not None and label.signed)
        else:
            # Without more words the cache answers in half the time, and most cells are those of table three.
            reading = read_number(cell.text)
        value, unit = reading.value, None
        if value is not None and amount:
            unit = reading.unit or head_unit
            if unit == "元":
                value = in_wan(value)
        state, reason = reading.state, cell.doubt
        if reason:
            state, value, unit = CellState.UNREADABLE, None, None
            self.record.repeat("unreadable-cell", reason, grid.place(cell))
        elif value is None and state is CellState.UNREADABLE:
            self.record.repeat("unreadable-cell", f"“{quote(cell.text)}”不是能确定的数字", grid.place(cell))
        if reading.zero_word and not reason:
            self.record.lint("read-as-zero", f"“{cell.text.strip()}”读作 0", grid.place(cell))
        return Cell(key, state, value, cell.text, grid.place(cell), unit)

    def unknown_row(self, grid: Grid, row: GridRow, section: str, missing: Sequence[str]) -> None:
        """Say that a row is not known. The form's rows that are missing at its place may be it: unreadable."""
        if not row.cells:
            return
        text = " ".join(quote(cell.text) for cell in row.own if cell.text.strip())
        anchor = row.cells[0]
        if not text:
            if missing:
                self.record.lint("unknown-row", "有一行连标签都是空白", grid.place(anchor))
                self.record.doubt(section, missing, text, grid.place(anchor))
            return
        labels = {label_key(cell.text) for cell in row.own if is_label(cell.text)}
        if (
            section == "section_three"
            and labels
            and labels <= self.record.words.groups_three | set(self.record.words.parts_three)
            and has_values(row)
        ):
            self.record.lint("number-in-group-head", f"分组标题一行印有数字“{text}”", grid.place(anchor))
        else:
            self.record.lint("unknown-row", f"无法识别的行“{text}”", grid.place(anchor))
        if section == "section_three" or has_values(row):
            self.record.doubt(section, missing, text, grid.place(anchor))
        if not has_values(row):
            return
        form = self.record.words.form
        rows = form.section_two_rows if section == "section_two" else form.section_three_rows
        printed = {plain(cell.text) for cell in row.own}
        for key in sorted(
            key for key in self.record.rows_seen if key in rows and plain(rows[key].text) in printed
        ):
            columns = form.columns_of(key) if section == "section_two" else form.section_three_columns
            for column in columns:
                cell = Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, raw=text, at=grid.place(anchor))
                self.record.put(cell, grid, anchor)

    def leave_row(self, grid: Grid, label: GridCell, section: str, key: str) -> None:
        """A row whose numbers are not beside its label: unreadable, and said."""
        place = grid.place(label)
        self.record.lint("L-01", f"“{quote(label.text)}”一行没有数值格，未读取", place)
        form = self.record.words.form
        for column in form.columns_of(key) if section == "section_two" else form.section_three_columns:
            self.record.put(Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, at=place), grid, label)

    def same_label_twice(
        self,
        grid: Grid,
        row: GridRow,
        section: str,
        keys: Sequence[str | None],
        position: int,
        order: Sequence[str],
    ) -> None:
        """A label printed twice in a table may have been written over another row's."""
        if keys.count(keys[position]) == 1:
            return
        others = [None if key == keys[position] else key for key in keys]
        missing = [key for key in missing_rows(others, position, order) if key not in keys]
        if missing:
            raw = " ".join(quote(cell.text) for cell in row.own if cell.text.strip())
            self.record.lint("unknown-row", f"标签印了两次，其中一行可能是另一行“{raw}”", grid.place(row.own[0]))
            self.record.doubt(section, missing, raw, grid.place(row.own[0]))

    def unread(self, band: Band) -> None:
        """A table that is there and whose heads are not understood: its cells are unreadable, not absent."""
        votes = sum(1 for row in band.rows if section_of(row) == band.section)
        if votes < FEWEST_HEADS and not band.follows:
            return
        prefix = {2: "section_two.", 3: "section_three.", 4: "section_four."}[band.section]
        anchor = band.rows[0].cells[0]
        place = band.grid.place(anchor)
        self.record.doubtful += [
            Cell(key, CellState.UNREADABLE, at=place)
            for key in self.record.words.form.cells
            if key.startswith(prefix)
        ]
        self.record.lint(
            "unknown-column", f"表{'二三四'[band.section - 2]}的列标题无法识别，未读取", band.grid.place(anchor)
        )


@dataclass(slots=True)
class Offsets:
    """Where the values of full rows begin behind their label: proof of filler columns for rows with blanks.

    In plain text the labels' depth tells the filler that their merged cells left, so one full row is proof. In a
    table whose columns should be true only a habit of the whole table is. Few tables need that proof: the rows are
    looked at when one does.
    """

    rows: list[tuple[GridRow, GridCell, int, Grid, int]] = field(default_factory=list)
    seen: dict[tuple[int, ...], list[int]] = field(default_factory=dict)

    @staticmethod
    def _geometry(
        row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int
    ) -> tuple[tuple[int, ...], list[GridCell]]:
        values = [cell for cell in row.own if cell.column >= label.end_column]
        return (label.column, columns, len(values), 0 if grid.exact else depth), values

    def learn(self, row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int = 0) -> None:
        """Take note of a row, which may be a full one. ``depth`` is how deep the form sets its label."""
        self.rows.append((row, label, columns, grid, depth))

    def _look(self) -> None:
        for row, label, columns, grid, depth in self.rows:
            geometry, values = self._geometry(row, label, columns, grid, depth)
            filled = [position for position, cell in enumerate(values) if cell.text.strip()]
            if len(filled) == columns and filled[-1] - filled[0] == columns - 1:
                self.seen.setdefault(geometry, []).append(filled[0])
        self.rows.clear()

    def of(self, row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int = 0) -> int | None:
        """The offset that all full rows of the same geometry agree on, or None."""
        self._look()
        offsets = self.seen.get(self._geometry(row, label, columns, grid, depth)[0], [])
        enough = ROWS_OF_A_HABIT if grid.exact else 1
        return offsets[0] if len(offsets) >= enough and len(set(offsets)) == 1 else None


def missing_rows(keys: Sequence[str | None], position: int, order: Sequence[str]) -> list[str]:
    """The form's rows that are not printed and may be the one at a position: between the known rows around it.

    In a table that is not in the form's order it may be any.
    """
    known = [order.index(key) for key in keys if key in order]
    before = [order.index(key) for key in keys[:position] if key in order]
    after = [order.index(key) for key in keys[position + 1 :] if key in order]
    in_order = known == sorted(known)
    first = before[-1] + 1 if before and in_order else 0
    last = after[0] if after and in_order else len(order)
    return [key for key in order[first:last] if key not in keys]


def whole_row(grid: Grid, key: str, anchor: GridCell, values: Sequence[GridCell], lost: bool) -> Cell:
    """A cell that cannot be told from its neighbours: blank where the whole row is and no cell is lost."""
    raw = " ".join(cell.text.strip() for cell in values if cell.text.strip())
    return Cell(key, CellState.UNREADABLE if raw or lost else CellState.BLANK, raw=raw, at=grid.place(anchor))


def broken_off(grid: Grid, rows: Sequence[tuple[GridRow, GridCell | None]], position: int) -> bool:
    """Whether a row's numbers stand in a line of their own below it, or nowhere: it was not left blank."""
    row, label = rows[position]
    values = [cell for cell in row.own if label and cell.column >= label.end_column]
    if any(cell.text.strip() for cell in values):
        return False
    below = rows[position + 1] if position + 1 < len(rows) else None
    if below and below[1] is None and has_values(below[0]):
        return True
    return grid.exact and not values
