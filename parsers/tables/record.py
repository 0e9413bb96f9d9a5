"""What reading the tables puts down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from parsers.documents.model import Grid, GridCell, Paragraph
from parsers.forms import Label
from parsers.labels import BOOKMARK, plain
from parsers.schema import Cell, CellState, Lint, Place
from parsers.tables.bands import LONGEST_CAPTION, Band
from parsers.tables.evidence import doubtful_by_count, slipped_rows
from parsers.tables.vocabulary import Match, Vocabulary, may_be_label, quote

MANY_DIFFERENCES = 8
BARE_UNIT = re.compile(r"\((?:单位:?)?(?:万元|元)\)")


@dataclass(slots=True)
class Tables:
    """What the tables of a document say: the cells found (absent ones are not among them) and what was odd.

    ``sections`` are those whose table was recognised.
    """

    form: str | None
    cells: dict[str, Cell] = field(default_factory=dict)
    lints: list[Lint] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Record:
    """What reading the tables puts down: cells, lints, and what is in doubt until all tables are read."""

    words: Vocabulary
    tables: Tables
    rows_seen: set[str] = field(default_factory=set)
    repeated: dict[tuple[str, str], tuple[Place, int]] = field(default_factory=dict)
    doubtful: list[Cell] = field(default_factory=list)
    counted: list[Sequence[str]] = field(default_factory=list)
    headless: set[str] = field(default_factory=set)
    differences: list[tuple[str, Lint]] = field(default_factory=list)

    def put(self, cell: Cell, grid: Grid, origin: GridCell) -> None:
        """Keep a cell; a second one for the same key that says otherwise makes it unreadable."""
        if "[" in cell.raw and BOOKMARK.search(cell.raw):
            self.lint("L-05", f"转换残留“{quote(cell.raw)}”", grid.place(origin))
        first = self.tables.cells.setdefault(cell.key, cell)
        if first is not cell and (first.state, first.value) != (cell.state, cell.value):
            raw = " / ".join(dict.fromkeys((*first.raw.split(" / "), cell.raw)))
            self.tables.cells[cell.key] = Cell(cell.key, CellState.UNREADABLE, raw=raw, at=first.at)
            name = self.words.form.describe(cell.key)
            text = f"{name}印了两次且不一致：“{first.raw}”与“{cell.raw}”"
            self.differences.append((cell.key.partition(".")[0], Lint("duplicate-row", text, cell.at)))

    def lint(self, code: str, text: str, place: Place | None) -> None:
        """Say something odd, with its place."""
        self.tables.lints.append(Lint(code, text, place))

    def repeat(self, code: str, text: str, place: Place) -> None:
        """Something that holds for many rows of a table and is said once."""
        first, count = self.repeated.get((code, text), (place, 0))
        self.repeated[code, text] = (first, count + 1)

    def tell_repeated(self) -> None:
        """Say what held for many rows of a table, each once with its count."""
        for (code, text), (place, count) in self.repeated.items():
            self.lint(code, f"{text}（{count} 行）", place)
        self.repeated.clear()

    def variant(self, grid: Grid, cell: GridCell, match: Match, labels: Mapping[str, Label]) -> None:
        """Say that a label is printed otherwise than the form words it (L-02)."""
        label = labels[match.key]
        if match.official and (not label.amount or _without_unit(cell.text) == _without_unit(label.text)):
            return
        how = "近似写法" if match.near else "不同写法"
        self.lint("L-02", f"“{quote(cell.text)}”是“{label.text}”的{how}", grid.place(cell))

    def doubt(self, section: str, rows: Iterable[str], raw: str, place: Place) -> None:
        """Rows of the form that may be what stands at a place: unreadable where nothing else is found for them."""
        form = self.words.form
        for key in rows:
            for column in form.columns_of(key) if section == "section_two" else form.section_three_columns:
                self.doubtful.append(Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, raw=raw, at=place))

    def finish(self) -> None:
        """Once all tables are read: a row not found that may be there is unreadable, and what was odd is said."""
        cells = self.tables.cells
        rows_read = {key.rpartition(".")[0] for key in cells}
        for cell in self.doubtful:
            if cell.key.rpartition(".")[0] not in rows_read:
                cells.setdefault(cell.key, cell)
        self._leave_what_sums_speak_against()
        self.tell_differences()
        self.tell_repeated()

    def _leave_what_sums_speak_against(self) -> None:
        """Rows that may have slipped by one column, and tables whose order only the count told: unreadable."""
        cells, form = self.tables.cells, self.words.form
        for section in ("section_three", "section_four"):
            rows = [keys for keys in self.counted if keys[0].startswith(section)]
            doubtful = doubtful_by_count(rows, self.headless, form.key, cells)
            if doubtful:
                first = cells[doubtful[0][0]].at
                self.lint("L-01", "缺少列标题，按个数对应各列后合计关系不能证明各列的次序，未读取", first)
                for keys in doubtful:
                    self._leave(keys)
        for keys in tuple(slipped_rows(form.key, cells)):
            name = form.describe(keys[0].rpartition(".")[0])
            self.lint("L-01", f"{name}一行有空格，且合计关系表明数值可能错了一列，未读取", cells[keys[0]].at)
            self._leave(keys)

    def _leave(self, keys: Sequence[str]) -> None:
        for key in keys:
            if key in self.tables.cells and self.tables.cells[key].state is not CellState.ABSENT:
                cell = self.tables.cells[key]
                self.tables.cells[key] = Cell(key, CellState.UNREADABLE, raw=cell.raw, at=cell.at)

    def tell_differences(self) -> None:
        """Cells printed twice with different values: each, or one lint for many (a second table)."""
        by_table: dict[str, list[Lint]] = {}
        for table, lint in self.differences:
            by_table.setdefault(table, []).append(lint)
        for table, lints in by_table.items():
            if len(lints) <= MANY_DIFFERENCES:
                self.tables.lints += lints
            else:
                number = {"section_two": "二", "section_three": "三", "section_four": "四"}[table]
                text = f"表{number}印了不止一次且有 {len(lints)} 处不一致，例如{lints[0].text}"
                self.lint("duplicate-row", text, lints[0].at)

    def labels_unread(self, section: int, bands: Sequence[Band], between: Sequence[Sequence[Paragraph]]) -> None:
        """Rows of the form whose label is printed without having been read as a row: beside a number in its cell,
        in the middle of a row, or as a line that fell out of the table."""
        form = self.words.form
        name, rows, labels, order = (
            ("section_two", self.words.rows_two, form.section_two_rows, form.section_two_row_keys)
            if section == 2
            else ("section_three", self.words.rows_three, form.section_three_rows, form.section_three)
        )
        parts = {labels[key].part for key in self.rows_seen if key in labels}
        unread = [key for key in order if key not in self.rows_seen and not (key == "other" and "other" in parts)]
        if not unread:
            return
        printed = [
            (cell.text, band.grid.place(cell), True)
            for band in bands
            if band.section == section
            for row in band.rows
            for cell in row.own
        ]
        printed += [
            (line.text, line.place, False)
            for lines in between
            for line in lines
            if len(line.text) <= LONGEST_CAPTION
        ]
        for text, place, inside in printed:
            if not text or text.isascii():
                continue
            for key in unread:
                if key not in self.rows_seen and may_be_label(text, labels[key], rows, inside):
                    self.rows_seen.add(key)
                    said = f"“{quote(labels[key].text)}”已印出，但不是可以读取的一行"
                    self.lint("unknown-row", said, place)
                    self.doubt(name, (key,), text, place)


def _without_unit(text: str) -> str:
    """A label without blanks and without a bare unit in brackets."""
    return BARE_UNIT.sub("", plain(text))
