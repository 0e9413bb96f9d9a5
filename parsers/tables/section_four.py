"""The table of section four: one row of numbers under two levels of heads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from parsers.documents.model import Grid, GridCell, GridRow, Paragraph
from parsers.labels import label_key, plain
from parsers.numbers import read_number
from parsers.schema import Cell, CellState, Place
from parsers.tables.bands import LONGEST_CAPTION, Band, has_values
from parsers.tables.heads import (
    FEWEST_HEADS,
    UNIT_LINE,
    Head,
    Heads,
    are_joined,
    block_above,
    disproved_heads,
    each_once,
    head_of,
    in_order,
    is_tiled,
    known_of,
    overlap,
    width_of,
)
from parsers.tables.record import Record
from parsers.tables.rows import Rows
from parsers.tables.section_four_layouts import (
    Token,
    cells_as_tokens,
    heads_then_values,
    lines_of_four,
    matrix,
    pairs,
    tells_of_four,
    without_blocks,
    without_heads,
)
from parsers.tables.vocabulary import Match, is_label, known_label, quote

NUMBERS_ONLY = re.compile(r"[\d\s.,/—-]+")
_NUMBER_BEHIND = re.compile(r"(?<=\D)\d[\d,.]*$")


@dataclass(slots=True)
class SectionFour:
    """Reads the tables of section four. ``heads`` are those still waiting for their numbers."""

    record: Record
    rows: Rows
    heads: Heads = field(default_factory=Heads)

    def read(self, band: Band) -> None:
        """One row of numbers under two levels of heads; or blocks one under another, each with its own heads."""
        for part in self._blocks_one_under_another(band):
            self._read_part(part)

    def _blocks_one_under_another(self, band: Band) -> list[Band]:
        """The parts of a table: heads that stand behind numbers begin a new one."""
        parts = [Band(band.section, band.grid, follows=band.follows)]
        for row in band.rows:
            numbers = parts[-1].rows and has_values(parts[-1].rows[-1])
            if numbers and not has_values(row) and self._names_a_block(row):
                parts.append(Band(band.section, band.grid))
            parts[-1].rows.append(row)
        return parts

    def _names_a_block(self, row: GridRow) -> bool:
        filled = [cell for cell in row.own if cell.text.strip()]
        return len(filled) == 1 and label_key(filled[0].text) in self.record.words.blocks_four

    def _read_part(self, band: Band) -> None:
        grid = band.grid
        said = len(self.record.tables.lints)
        head_rows: list[GridRow] = []
        data: list[GridRow] = []
        for row in band.rows:
            if has_values(row) or (head_rows and not any(cell.text.strip() for cell in row.own)):
                data.append(row)
            elif not data:
                head_rows.append(row)
            elif any(is_label(cell.text) for cell in row.own):
                self.rows.unknown_row(grid, row, "section_four", ())
        heads = self._heads_four(grid, head_rows)
        if not heads.heads and self.heads.heads:
            heads = self.heads
        self.heads = Heads()
        if not heads.true and self._read_otherwise(band, said):
            return
        if len(heads.heads) < FEWEST_HEADS:
            self.rows.unread(band)
            return
        self.record.tables.sections.add(4)
        filled = [row for row in data if any(cell.text.strip() for cell in row.own)] or data[:1]
        if not filled:
            strange = next((cell for one in head_rows for cell in one.own if self._may_be_value(cell)), None)
            if strange:
                # Something with digits stands below the heads, so the table is there, whatever it says.
                self._not_read(grid.place(strange))
                return
            self.heads = heads
            return
        row = filled[0]
        # A number that stands in a head was once the first of the row: the others may have slipped by one.
        has_slipped = any(self._holds_number(cell) for one in head_rows for cell in one.own)
        if len(filled) > 1:
            place = grid.place(filled[1].cells[0])
            self.record.lint("unknown-row", "表四有不止一行数字，无法确定哪一行是本年数据", place)
        label = row.own[0] if row.own and is_label(row.own[0].text) else None
        form = self.record.words.form
        columns = [
            f"{block}.{column}" for block in form.section_four_blocks for column in form.section_four_columns
        ]
        if disproved_heads([(heads, row, label, len(columns))]):
            heads = replace(heads, true=False)
        self.rows.take_row(
            grid,
            row,
            label,
            heads,
            [f"section_four.{column}" for column in columns],
            columns,
            doubtful=len(filled) > 1 or has_slipped,
        )
        self.record.tell_repeated()

    def _may_be_value(self, cell: GridCell) -> bool:
        """Whether a cell that is no head holds digits."""
        words = self.record.words
        return (
            any(character.isdecimal() for character in cell.text)
            and not known_label(cell.text, words.heads_four)
            and label_key(cell.text) not in words.blocks_four
        )

    def _holds_number(self, cell: GridCell) -> bool:
        """Whether a head that is known holds a number behind its words."""
        words = self.record.words
        label = _NUMBER_BEHIND.sub("", plain(cell.text))
        return label != plain(cell.text) and bool(
            known_label(label, words.heads_four) or label_key(label) in words.blocks_four
        )

    def _read_otherwise(self, band: Band, said: int) -> bool:
        """Read a table of another shape: the blocks on one side and the results on the other, or label and number
        in turn. What was said of its heads, from ``said`` on, then no longer holds."""
        grid, words = band.grid, self.record.words
        found = (matrix(band.rows, words) or without_blocks(band.rows, words)) if grid.exact else None
        if found is None:
            turns = pairs(cells_as_tokens(band.rows, words))
            if turns is None:
                return False
            found = {column: token.origin for column, token in turns.items() if isinstance(token.origin, GridCell)}
        del self.record.tables.lints[said:]
        self.record.tables.sections.add(4)
        for column, cell in found.items():
            self.record.put(self.rows.cell(grid, f"section_four.{column}", column, cell, None), grid, cell)
        self.record.lint("L-03", "表四不按格式排列，按行和列的标题读取", grid.place(band.rows[0].cells[0]))
        self.record.tell_repeated()
        return True

    def read_lines(self, between: Sequence[Sequence[Paragraph]]) -> None:
        """Table four as lines of text instead of a table: read where they are whole, else unreadable."""
        words = self.record.words
        for lines in between:
            tokens = lines_of_four(lines, words)
            found = pairs(tokens) or heads_then_values(tokens, words) if tokens else None
            if found:
                self.record.tables.sections.add(4)
                self.record.lint(
                    "L-03", "表四不是表格，按文字中的标题和数值读取", _line_of(next(iter(found.values())))
                )
                for column, token in found.items():
                    self._put_line(f"section_four.{column}", token)
                return
            telling = tokens[0].origin if tokens else tells_of_four(lines, words)
            if isinstance(telling, Paragraph):
                self._not_read(telling.place)
                return

    def read_without_heads(self, grids: Sequence[Grid], between: Sequence[Sequence[Paragraph]]) -> None:
        """A table without any label right behind the heading of section four: fifteen numbers whose sums prove
        their order are read; others are unreadable."""
        for grid, before in zip(grids, between, strict=False):
            heading = "".join(line.text for line in before[-FEWEST_HEADS:] if len(line.text) <= LONGEST_CAPTION)
            if "复议" not in heading or "诉讼" not in heading or not any(map(has_values, grid.rows)):
                continue
            place = grid.place(grid.rows[0].cells[0])
            found = without_heads(grid, self.record.words)
            if found is None:
                self._not_read(place)
                return
            self.record.tables.sections.add(4)
            self.record.lint("L-01", "表四没有表头，数字的次序由合计关系确定", place)
            for column, cell in found.items():
                key = f"section_four.{column}"
                self.record.put(self.rows.cell(grid, key, column, cell, None), grid, cell)
            return

    def _not_read(self, place: Place) -> None:
        self.record.tables.sections.add(4)
        self.record.lint("table-not-read", "表四的排版无法识别，未读取", place)
        self.record.doubtful += [
            Cell(key, CellState.UNREADABLE, at=place)
            for key in self.record.words.form.cells
            if key.startswith("section_four.")
        ]

    def _put_line(self, key: str, token: Token) -> None:
        """The cell of a value that stands in a line."""
        reading = read_number(token.text)
        place = _line_of(token)
        self.record.tables.cells[key] = Cell(key, reading.state, reading.value, token.text, place)
        if reading.zero_word:
            self.record.lint("read-as-zero", f"“{token.text}”读作 0", place)

    def _heads_four(self, grid: Grid, rows: Sequence[GridRow]) -> Heads:
        columns = self.record.words.form.section_four_columns
        blocks: list[tuple[GridCell, str]] = []
        leaves: list[tuple[GridCell, str]] = []
        unknown: list[GridCell] = []
        for cell in (cell for row in rows for cell in row.own if cell.text.strip()):
            comparable = label_key(cell.text)
            block = self.record.words.blocks_four.get(comparable)
            leaf = known_label(cell.text, self.record.words.heads_four)
            if block:
                blocks.append((cell, block[0]))
                self.record.variant(grid, cell, Match(*block), self.record.words.form.section_four_blocks)
            elif leaf:
                self.record.variant(grid, cell, leaf, columns)
                leaves.append((cell, leaf.key))
            elif comparable not in self.record.words.groups_four and not UNIT_LINE.fullmatch(plain(cell.text)):
                unknown.append(cell)
                self.record.lint("unknown-column", f"表四有无法识别的列标题“{quote(cell.text)}”", grid.place(cell))
        if not grid.exact:
            return self._leaves_in_order(grid, leaves, blocks, width_of(rows))
        alone = blocks[0][1] if len(blocks) == 1 and len({key for _, key in leaves}) == len(leaves) else None
        named = [(cell, alone or block_above(cell, blocks), key) for cell, key in leaves]
        heads = [head_of(grid, cell, f"{block}.{key}") for cell, block, key in named if block]
        first = min((head.column for head in heads), default=0)
        heads += [
            head_of(grid, cell, None)
            for cell in unknown
            if cell.column >= first and not any(overlap(head, cell) for head in heads)
        ]
        heads = each_once(heads)
        if len(named) == sum(1 for _, block, _ in named if block) and self._are_true_four(heads, rows, blocks):
            return Heads(tuple(heads), width_of(rows), True)
        if leaves:
            place = grid.place(leaves[0][0])
            self.record.lint("L-01", "表四的表头有缺损，无法确定各列的位置，只按数值的个数读取", place)
        return self._leaves_in_order(grid, leaves, blocks, width_of(rows))

    def _are_true_four(
        self, heads: list[Head], rows: Sequence[GridRow], blocks: Sequence[tuple[GridCell, str]]
    ) -> bool:
        """Whether the head lines prove the columns of their heads: each block ends where one of them does."""
        form = self.record.words.form
        order = [f"{block}.{column}" for block in form.section_four_blocks for column in form.section_four_columns]
        if not heads or not are_joined(heads):
            return False
        if len(heads) < len(order) and heads[-1].end_column < width_of(rows):
            return False
        starts, ends = {head.column for head in heads}, {head.end_column for head in heads}
        if any(cell.column not in starts or cell.end_column not in ends for cell, _ in blocks):
            return False
        return in_order(known_of(heads), order) or is_tiled(rows, heads[0].column, heads[-1].end_column)

    def _leaves_in_order(
        self,
        grid: Grid,
        leaves: Sequence[tuple[GridCell, str]],
        blocks: Sequence[tuple[GridCell, str]],
        width: int,
    ) -> Heads:
        """Without true columns: all blocks named in the form's order and every block's columns in the form's."""
        form = self.record.words.form
        order = [(block, column) for block in form.section_four_blocks for column in form.section_four_columns]
        printed = [key for _, key in leaves]
        if [key for _, key in blocks] == list(form.section_four_blocks) and printed == [key for _, key in order]:
            heads = tuple(
                head_of(grid, cell, f"{block}.{column}")
                for (cell, _), (block, column) in zip(leaves, order, strict=True)
            )
            return Heads(heads, width, not grid.exact and are_joined(heads))
        return Heads(tuple(head_of(grid, cell, None) for cell, _ in leaves), width)

    def numbers_fallen_out(self, bands: Sequence[Band], between: Sequence[Sequence[Paragraph]]) -> None:
        """Table four printed without its numbers, and lines of numbers behind it: they may be its own."""
        last = next(band for band in reversed(bands) if band.section == 4)
        lines = next(
            (lines for lines in between[last.grid.number :] if lines and NUMBERS_ONLY.fullmatch(lines[0].text)),
            None,
        )
        if lines:
            place = lines[0].place
            self.record.lint("table-not-read", "表四的数字行不在表中，未读取", place)
            self.record.doubtful += [
                Cell(key, CellState.UNREADABLE, raw=lines[0].text, at=place)
                for key in self.record.words.form.cells
                if key.startswith("section_four.")
            ]


def _line_of(token: Token) -> Place:
    """Where the line of a piece stands."""
    if isinstance(token.origin, Paragraph):
        return token.origin.place
    raise TypeError(token)
