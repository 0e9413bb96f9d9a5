"""The small tables of section two: article, heads, rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

from parsers.documents.model import Grid, GridCell, GridRow
from parsers.forms import official_wordings
from parsers.labels import label_key, label_unit
from parsers.tables.bands import Band
from parsers.tables.heads import Head, Heads, are_joined, disproved_heads, head_of, one_head, width_of
from parsers.tables.record import Record
from parsers.tables.rows import Offsets, Rows, broken_off, missing_rows
from parsers.tables.vocabulary import is_label, known_label, near_label, quote


@dataclass(slots=True)
class SectionTwo:
    """Reads the tables of section two."""

    record: Record
    rows: Rows
    heads: Heads = field(default_factory=Heads)

    def read(self, band: Band) -> None:
        """Several small tables under one another: article, heads, rows."""
        columns_two = self.record.words.heads_two
        goes_on = band.follows and bool(self.heads.heads)
        if not goes_on and not any(label_key(cell.text) in columns_two for row in band.rows for cell in row.own):
            return
        self.record.tables.sections.add(2)
        article = label_key(official_wordings()["section_two_article"])
        heads = self.heads if goes_on else Heads()
        offsets = Offsets()
        data: list[tuple[GridRow, GridCell | None, str | None, Heads]] = []
        for row in band.rows:
            labels = [cell for cell in row.own if is_label(cell.text)]
            below_article = [cell for cell in labels if not label_key(cell.text).startswith(article)]
            if labels and not below_article:
                heads = Heads()
                continue
            if not below_article:
                data.append((row, None, None, heads))
                continue
            first = below_article[0]
            has_corner = label_key(first.text) in self.record.words.corners_two
            key = None if has_corner else self._row_two(band.grid, first)
            if key is None and (has_corner or any(label_key(cell.text) in columns_two for cell in below_article)):
                heads = self._heads_two(band.grid, row, first if has_corner else None)
                continue
            columns = self.record.words.form.columns_of(key) if key else ()
            if not key or not columns:
                data.append((row, first, None, heads))
                continue
            if len(below_article) > 1 and self._take_turns(band.grid, row, first, key):
                continue
            data.append(
                (row, first, key, one_head(heads, columns) if set(heads.known) <= set(columns) else Heads())
            )
            offsets.learn(row, first, len(columns), band.grid)
        self.heads = heads
        order = self.record.words.form.section_two_row_keys
        keys = [entry[2] for entry in data]
        lines = [entry[:2] for entry in data]
        disproved = disproved_heads(
            (heads, row, label, len(self.record.words.form.columns_of(key)))
            for row, label, key, heads in data
            if key and label
        )
        for position, (row, label, key, own_heads) in enumerate(data):
            if label is None or key is None:
                self.rows.unknown_row(band.grid, row, "section_two", missing_rows(keys, position, order))
                continue
            self.rows.same_label_twice(band.grid, row, "section_two", keys, position, order)
            if broken_off(band.grid, lines, position):
                self.rows.leave_row(band.grid, label, "section_two", key)
                continue
            columns = self.record.words.form.columns_of(key)
            self.rows.take_row(
                band.grid,
                row,
                label,
                replace(own_heads, true=False) if id(own_heads) in disproved else own_heads,
                [f"section_two.{key}.{column}" for column in columns],
                columns,
                offset=partial(offsets.of, row, label, len(columns), band.grid),
            )
        self.record.tell_repeated()

    def _row_two(self, grid: Grid, cell: GridCell) -> str | None:
        match = known_label(cell.text, self.record.words.rows_two) or near_label(
            cell.text,
            self.record.words.rows_two,
            {
                key: label
                for key, label in self.record.words.form.section_two_rows.items()
                if key not in self.record.rows_seen
            },
        )
        if match is None:
            return None
        self.record.variant(grid, cell, match, self.record.words.form.section_two_rows)
        self.record.rows_seen.add(match.key)
        return match.key

    def _take_turns(self, grid: Grid, row: GridRow, label: GridCell, key: str) -> bool:
        """Take a row that prints, behind its label, each of its columns' names with the number right behind it."""
        columns = self.record.words.form.columns_of(key)
        behind = [cell for cell in row.own if cell.column >= label.end_column]
        names = [known_label(cell.text, self.record.words.heads_two) for cell in behind[::2]]
        printed = [match.key for match in names if match]
        if len(behind) != 2 * len(columns) or sorted(printed) != sorted(columns):
            return False
        if any(is_label(cell.text) or cell.end_row - cell.row > 1 for cell in behind[1::2]):
            return False
        for name, cell in zip(behind[::2], behind[1::2], strict=True):
            match = known_label(name.text, self.record.words.heads_two)
            if match:
                self.record.variant(grid, name, match, self.record.words.form.section_two_columns)
                column = f"section_two.{key}.{match.key}"
                self.record.put(self.rows.cell(grid, column, match.key, cell, label_unit(name.text)), grid, cell)
        self.record.repeat("L-03", "列标题与数值在同一行交替排列，按标题读取", grid.place(label))
        return True

    def _heads_two(self, grid: Grid, row: GridRow, corner: GridCell | None) -> Heads:
        heads: list[Head] = []
        columns = self.record.words.form.section_two_columns
        for cell in row.own:
            if cell is corner or not cell.text.strip():
                continue
            match = known_label(cell.text, self.record.words.heads_two) or near_label(
                cell.text, self.record.words.heads_two, columns
            )
            if match:
                self.record.variant(grid, cell, match, columns)
            else:
                self.record.lint("unknown-column", f"表二有无法识别的列标题“{quote(cell.text)}”", grid.place(cell))
            heads.append(head_of(grid, cell, match.key if match else None))
        return Heads(tuple(heads), width_of([row]), are_joined(heads))
