"""The table of section three: rows of seven columns under a head of three lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from parsers.documents.model import Grid, GridCell, GridRow
from parsers.forms import Form, official_wordings
from parsers.labels import label_key, label_number, plain
from parsers.schema import Cell, CellState
from parsers.tables.bands import Band, has_values
from parsers.tables.heads import (
    FEWEST_HEADS,
    UNIT_LINE,
    Head,
    Heads,
    are_joined,
    completes,
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
from parsers.tables.rows import Offsets, Rows, broken_off, missing_rows
from parsers.tables.vocabulary import CORNER_THREE, Match, is_label, known_label, near_label, quote

LABEL_CELLS = 4
LEADING_NUMBER = re.compile(r"^[\d一二三四五六七]")
BARE_NUMBERING = re.compile(r"\([一二三四五六七八九十\d]{1,2}\)[、.]?|[一二三四五六七八九十\d]{1,2}[、.)]")
LONGEST_NUMBERING = 2
PAGE_NUMBER = re.compile(r"[-–—―─]*第?\d{1,3}页?[-–—―─]*|续表|")
SHORTEST_CUT_LABEL = 6
TOTAL_WORDS = frozenset(("合计", "总数"))


@dataclass(slots=True)
class PartState:
    """The printed group that the rows being read stand under, to tell 3.其他 and （七）总计 from others."""

    part: str | None = None
    previous: str | None = None

    def enter(self, part: str | None) -> None:
        """A group's label was met."""
        if part:
            self.part = part

    def allows(self, key: str, comparable: str, number: str) -> bool:
        """Whether a short label may be the row it looks like, here."""
        if key == "other_other":
            return self.previous == "other_fee_unpaid" or (self.part == "other" and number in ("3", "三", ""))
        if key == "total_results":
            return number == "七" or (comparable not in TOTAL_WORDS and number == "" and self.part == "other")
        return True

    def after(self, key: str, form: Form) -> None:
        """A row was read."""
        self.previous = key
        part = form.section_three_rows[key].part
        if key == "other":
            self.part = "other"
        elif part:
            self.part = part


@dataclass(frozen=True, slots=True)
class CutRow:
    """The last row of a page whose label says nothing: its rest may stand on the next page."""

    grid: Grid
    row: GridRow
    label: GridCell
    heads: Heads
    missing: Sequence[str]


@dataclass(slots=True)
class SectionThree:
    """Reads the tables of section three, remembering what a table broken over pages goes on with."""

    record: Record
    rows: Rows
    heads: Heads = field(default_factory=Heads)
    cut: CutRow | None = None
    part: PartState = field(default_factory=lambda: PartState())

    def read(self, band: Band, *, goes_on: bool = False) -> None:
        """Rows of seven columns under a head of three lines. ``goes_on``: the table's rest is on the next page."""
        grid = band.grid
        head_rows: list[GridRow] = []
        data: list[tuple[GridRow, GridCell | None, str | None]] = []
        for row in band.rows:
            if self._is_head_row_three(row):
                if data:
                    head_rows = []
                head_rows.append(row)
                continue
            label, key = self._row_three(grid, row)
            if label is None and not data and head_rows and not has_values(row):
                head_rows.append(row)
                continue
            data.append((row, label, key))
        if head_rows:
            found = self._heads_three(grid, head_rows)
            if len(found.known) >= FEWEST_HEADS or not self.heads.heads:
                self.heads = found
        heads = self.heads
        self._join_with_last_page(grid, data)
        self._join_cut_labels(grid, data)
        if len(heads.known) < FEWEST_HEADS:
            self.rows.unread(band)
            return
        self.record.tables.sections.add(3)
        columns = tuple(self.record.words.form.section_three_columns)
        offsets = Offsets()
        for row, label, key in data:
            if label is not None and key is not None:
                offsets.learn(row, label, len(columns), grid, self._depth(key))
        if disproved_heads((heads, row, label, len(columns)) for row, label, key in data if key and label):
            heads = replace(heads, true=False)
        keys = [entry[2] for entry in data]
        lines = [entry[:2] for entry in data]
        order = self.record.words.form.section_three
        for position, (row, label, key) in enumerate(data):
            if label is None or key is None:
                if goes_on and label is not None and position == len(data) - 1:
                    self.cut = CutRow(grid, row, label, heads, missing_rows(keys, position, order))
                elif self._is_printed_row(row, label, len(columns)):
                    self.rows.unknown_row(grid, row, "section_three", missing_rows(keys, position, order))
                continue
            self.rows.same_label_twice(grid, row, "section_three", keys, position, order)
            if broken_off(grid, lines, position):
                self.rows.leave_row(grid, label, "section_three", key)
                continue
            if self._is_shifted(label, key, heads):
                self.record.lint("L-03", f"“{quote(label.text)}”一行的标签移到了第一列", grid.place(label))
            self.rows.take_row(
                grid,
                row,
                label,
                heads,
                [f"section_three.{key}.{column}" for column in columns],
                columns,
                offset=partial(offsets.of, row, label, len(columns), grid, self._depth(key)),
            )
        self.record.tell_repeated()

    def _join_cut_labels(self, grid: Grid, data: list[tuple[GridRow, GridCell | None, str | None]]) -> None:
        """Join labels that a page break cut, in a table joined again: two lines, a page number between."""
        position = 0
        while position < len(data) - 1:
            row, label, key = data[position]
            if label is None or key is not None:
                position += 1
                continue
            behind = position + 1
            if behind + 1 < len(data) and _is_page_number(data[behind][0]):
                behind += 1
            other, rest, _ = data[behind]
            found = self._whole_label(grid, row, label, other, rest) if rest is not None else None
            if found:
                in_first = _has_numbers(row, label)
                data[position : behind + 1] = [(row, label, found) if in_first else (other, rest, found)]
            position += 1

    def _join_with_last_page(self, grid: Grid, data: list[tuple[GridRow, GridCell | None, str | None]]) -> None:
        """Whether the rest of the label that the last page ended with stands in the first line of this one."""
        cut, self.cut = self.cut, None
        if cut is None:
            return
        first = next((entry for entry in data if not _is_page_number(entry[0])), None)
        found = None
        if first is not None and first[1] is not None and first[2] is None:
            found = self._whole_label(cut.grid, cut.row, cut.label, first[0], first[1])
        if not found or first is None:
            self.rows.unknown_row(cut.grid, cut.row, "section_three", cut.missing)
        elif _has_numbers(cut.row, cut.label):
            data.remove(first)
            columns = tuple(self.record.words.form.section_three_columns)
            keys = [f"section_three.{found}.{column}" for column in columns]
            self.rows.take_row(cut.grid, cut.row, cut.label, cut.heads, keys, columns)
        else:
            data[data.index(first)] = (first[0], first[1], found)

    def _whole_label(
        self, grid: Grid, row: GridRow, label: GridCell, other: GridRow, rest: GridCell
    ) -> str | None:
        """The row whose known wording two pieces of a label make up, where one line alone has numbers."""
        match = known_label(label.text + rest.text, self.record.words.rows_three)
        if (
            match is None
            or match.key in self.record.rows_seen
            or len(label_key(label.text + rest.text)) < SHORTEST_CUT_LABEL
            or _has_numbers(row, label) == _has_numbers(other, rest)
        ):
            return None
        self._row_found(grid, label, match)
        self.record.lint("L-01", f"标签断在两页：“{quote(label.text)}”与“{quote(rest.text)}”", grid.place(label))
        return match.key

    def _is_shifted(self, label: GridCell, key: str, heads: Heads) -> bool:
        """Whether a label stands in the first column, and does not reach up to the numbers."""
        if self.record.words.form.section_three_rows[key].part is None or label.column > 0:
            return False
        return not heads.true or label.end_column < heads.heads[0].column

    def _is_printed_row(self, row: GridRow, label: GridCell | None, columns: int) -> bool:
        """Whether a line without a known label is a row: it has numbers, or an empty cell for every column.

        A group's label alone over empty cells is a heading; over several rows it is the first row's, too.
        """
        if has_values(row) or label is None:
            return has_values(row) or len(row.own) >= columns
        cells = sum(1 for cell in row.own if cell.column >= label.end_column)
        is_group = label_key(label.text) in self.record.words.parts_three
        return cells >= columns and (not is_group or label.end_row - label.row > 1)

    def _depth(self, key: str) -> int:
        """How deep a row of section three stands: its merged cells leave as many blanks in plain text."""
        part = self.record.words.form.section_three_rows[key].part
        return 0 if part is None else 1 if part == "results" else 2

    def _is_head_row_three(self, row: GridRow) -> bool:
        words = self.record.words
        known = 0
        # Every row is asked, and most cells are numbers: they name nothing.
        for cell in row.own:
            text = cell.text
            if text.isascii() or label_number(text):
                continue
            comparable = label_key(text)
            if comparable.startswith(CORNER_THREE):
                return True
            known += comparable in words.heads_three or comparable in words.groups_three
        if not known:
            return False
        filled = sum(1 for cell in row.own if cell.text.strip())
        return known * 2 >= filled and not has_values(row)

    def _heads_three(self, grid: Grid, rows: Sequence[GridRow]) -> Heads:
        heads: list[Head] = []
        unknown: list[GridCell] = []
        columns = self.record.words.form.section_three_columns
        groups: list[GridCell] = []
        for cell in self._joined_heads([cell for row in rows for cell in row.own if cell.text.strip()]):
            comparable = label_key(cell.text)
            if comparable in self.record.words.groups_three:
                groups.append(cell)
                continue
            if comparable.startswith(CORNER_THREE) or UNIT_LINE.fullmatch(plain(cell.text)):
                continue
            match = known_label(cell.text, self.record.words.heads_three) or near_label(
                cell.text, self.record.words.heads_three, columns
            )
            if match:
                self.record.variant(grid, cell, match, columns)
                heads.append(head_of(grid, cell, match.key))
            else:
                unknown.append(cell)
        first = min((head.column for head in heads), default=0)
        for cell in unknown:
            if not grid.exact and any(completes(head, cell, columns) for head in heads):
                self.record.lint("L-01", f"表三的列标题断成两行：“{quote(cell.text)}”", grid.place(cell))
                continue
            self.record.lint("unknown-column", f"表三有无法识别的列标题“{quote(cell.text)}”", grid.place(cell))
            if grid.exact and cell.column >= first and not any(overlap(head, cell) for head in heads):
                heads.append(head_of(grid, cell, None))
        if grid.exact:
            by_column = each_once(heads)
            if self._are_true_three(by_column, rows, groups):
                if not in_order(known_of(by_column), list(columns)):
                    self.record.lint("L-03", "表三的列标题不按格式的次序排列，按列标题读取", by_column[0].place)
                return Heads(tuple(by_column), width_of(rows), True)
            self.record.lint(
                "L-01",
                "表三的表头有缺损，无法确定各列的位置，只按每行数值的个数读取",
                grid.place(rows[0].cells[0]),
            )
        return Heads(tuple(self._in_order_of_print(heads)), width_of(rows))

    def _joined_heads(self, cells: list[GridCell]) -> list[GridCell]:
        """The cells of the head, those joined that hold one column's name in two pieces, one over the other."""
        known = self.record.words.heads_three
        above = {(cell.end_row, cell.column, cell.end_column): cell for cell in cells}
        joined: dict[GridCell, GridCell] = {}
        for lower in cells:
            upper = above.get((lower.row, lower.column, lower.end_column))
            whole = known.get(label_key(upper.text + lower.text)) if upper else None
            alone = known.get(label_key(upper.text)) if upper else None
            if upper and whole and (alone is None or alone[0] == whole[0]):
                joined[upper] = upper._replace(text=upper.text + lower.text, end_row=lower.end_row)
                joined[lower] = joined[upper]
        return list(dict.fromkeys(joined.get(cell, cell) for cell in cells)) if joined else cells

    def _are_true_three(self, heads: list[Head], rows: Sequence[GridRow], groups: Sequence[GridCell]) -> bool:
        """Whether the head lines prove the columns of their heads.

        An order that is not the form's is believed only of a head without any damage: every place of it is covered
        once, and the heads under 法人或其他组织 are those that belong there.
        """
        order = list(self.record.words.form.section_three_columns)
        if not are_joined(heads) or (len(heads) < len(order) and heads[-1].end_column < width_of(rows)):
            return False
        if in_order(known_of(heads), order):
            return True
        if not is_tiled(rows, heads[0].column, heads[-1].end_column):
            return False
        everyone = label_key(official_wordings()["section_three_groups"][0])
        inner = [cell for cell in groups if label_key(cell.text) != everyone]
        if not inner:
            return len({head.place.row for head in heads}) == 1
        return all(
            head.key is None or any(overlap(head, cell) for cell in inner) == (head.key in order[1:-1])
            for head in heads
        )

    def _in_order_of_print(self, heads: list[Head]) -> list[Head]:
        """Where columns are not true a line of heads tells only the order within the line: it must be the form's.

        Of two lines the upper one holds 自然人 and 总计, and the lower one what stands under 法人或其他组织.
        """
        order = list(self.record.words.form.section_three_columns)
        lines: dict[int | None, list[int]] = {}
        for head in heads:
            if head.key:
                lines.setdefault(head.place.row, []).append(order.index(head.key))
        outer = {0, len(order) - 1}
        mixed = len(lines) > 1 and any(outer & set(line) and set(line) - outer for line in lines.values())
        if mixed or any(line != sorted(line) for line in lines.values()):
            return [Head(None, head.column, head.end_column, head.text, head.place) for head in heads]
        return sorted(heads, key=lambda head: order.index(head.key) if head.key else len(order))

    def _row_three(self, grid: Grid, row: GridRow) -> tuple[GridCell | None, str | None]:
        """The label cell of a row and its key; a cell without a key for a label that is not known."""
        labels: list[GridCell] = []
        for cell in row.cells[:LABEL_CELLS]:
            if not cell.text.strip():
                continue
            if not is_label(cell.text) and not self._is_piece_of_label(cell, row):
                break
            labels.append(cell)
        own = [cell for cell in labels if cell.row == row.number]
        if not any(is_label(cell.text) for cell in own):
            return None, None
        for cell in labels:
            comparable = label_key(cell.text)
            part = self.record.words.parts_three.get(comparable)
            if part is None and comparable[-1:].isdigit():
                part = self.record.words.parts_three.get(comparable.rstrip("0123456789"))
                if part and cell.row == row.number:
                    said = f"分组标题“{quote(cell.text)}”中印有数字"
                    self.record.lint("number-in-group-head", said, grid.place(cell))
            self.part.enter(part)
        for cell in reversed(own):
            match = self._known_row_three(cell.text)
            number = label_number(cell.text) or self._number_before(cell, own)
            if match is None or not self.part.allows(match.key, label_key(cell.text), number):
                continue
            if match.key == "other" and (cell is not labels[-1] or cell.end_row - cell.row > 1):
                break
            return self._row_found(grid, cell, match)
        last = own[-1]
        if label_key(last.text) not in self.record.words.parts_three:
            rows = self.record.words.form.section_three_rows
            match = near_label(
                last.text,
                self.record.words.rows_three,
                {key: label for key, label in rows.items() if key not in self.record.rows_seen},
            )
            if match:
                return self._row_found(grid, last, match)
        return last, None

    @staticmethod
    def _is_piece_of_label(cell: GridCell, row: GridRow) -> bool:
        """Whether a cell that is no label by itself holds a numbering, or what a page break left of a name.

        A bare number is a numbering only in the first cell of a row, right before a label.
        """
        if BARE_NUMBERING.fullmatch(plain(cell.text)) or (not cell.text.isascii() and label_number(cell.text)):
            return True
        behind = next((other for other in row.own if other.column == cell.end_column), None)
        return (
            cell is row.own[0]
            and behind is not None
            and cell.text.strip().isdecimal()
            and len(cell.text.strip()) <= LONGEST_NUMBERING
            and is_label(behind.text)
        )

    @staticmethod
    def _number_before(cell: GridCell, own: Sequence[GridCell]) -> str:
        """The numbering that stands in a cell of its own before a label, or ''."""
        before = next((other for other in own if other.end_column == cell.column), None)
        printed = plain(before.text) if before else ""
        return re.sub(r"[^\w]", "", printed) if BARE_NUMBERING.fullmatch(printed) or printed.isdecimal() else ""

    def _row_found(self, grid: Grid, cell: GridCell, match: Match) -> tuple[GridCell, str]:
        self.record.variant(grid, cell, match, self.record.words.form.section_three_rows)
        self.record.rows_seen.add(match.key)
        self.part.after(match.key, self.record.words.form)
        return cell, match.key

    def _known_row_three(self, text: str) -> Match | None:
        """A row's known wording, also where its group stands before it in the same cell."""
        match = known_label(text, self.record.words.rows_three)
        if match:
            return match
        comparable = label_key(text)
        for part, key in self.record.words.parts_three.items():
            if comparable.startswith(part):
                known = self.record.words.rows_three.get(LEADING_NUMBER.sub("", comparable[len(part) :]))
                if known:
                    self.part.enter(key)
                    return Match(known[0], official=False)
        return None

    def settle_other_group(self) -> None:
        """（六）其他处理 above its three rows is a heading: no row of its own, whatever is printed beside it.

        Where one of the three is missing, the heading's numbers may be those of a row whose label is lost.
        """
        cells = self.record.tables.cells
        group = [key for key in cells if key.startswith("section_three.other.")]
        if not group or not any(key.startswith("section_three.other_") for key in cells):
            return
        filled = [cells[key] for key in group if cells[key].state is not CellState.BLANK and cells[key].raw]
        if filled and "other" in self.record.words.form.section_three:
            return
        for key in group:
            del cells[key]
        if not filled:
            return
        raw = " ".join(cell.raw for cell in filled if cell.raw)
        self.record.lint("number-in-group-head", f"分组标题“（六）其他处理”一行印有数字“{raw}”", filled[0].at)
        for row, label in self.record.words.form.section_three_rows.items():
            if label.part == "other":
                for column in self.record.words.form.section_three_columns:
                    key = f"section_three.{row}.{column}"
                    self.record.doubtful.append(Cell(key, CellState.UNREADABLE, raw=raw, at=filled[0].at))


def _has_numbers(row: GridRow, label: GridCell) -> bool:
    return any(cell.text.strip() for cell in row.own if cell.column >= label.end_column)


def _is_page_number(row: GridRow) -> bool:
    """Whether a line holds a page's number at most."""
    return (
        PAGE_NUMBER.fullmatch("".join(plain(cell.text) for cell in row.own)) is not None
        and len(row.own) < FEWEST_HEADS
    )
