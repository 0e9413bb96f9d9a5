"""The three tables of the form, read from grids by row label and column head.

A value is taken where the grid proves which cell it is: it stands under its head in a table whose columns are
true, or the row holds exactly as many values as it has columns, without a gap. Where neither holds the cell is
unreadable and a lint says so. Nothing is counted from the top of a table, and no cell is invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz

from parsers.documents.model import Grid, GridCell, GridRow
from parsers.forms import FORM_KEYS, Form, Label, load_form, lookup, official_wordings
from parsers.labels import BOOKMARK, label_key, label_number, label_unit, plain
from parsers.numbers import in_wan, read_number
from parsers.schema import Cell, CellState, Lint, Place

# A label that is no known wording is taken for the nearest one only when it is this near (0 to 100), this much
# nearer than to any other, and long enough to tell.
NEAR_ENOUGH = 84.0
NEARER_THAN_OTHERS = 10.0
SHORTEST_NEAR_LABEL = 5
LABEL_CELLS = 4
FEWEST_HEADS = 3
ROWS_OF_A_HABIT = 4
CORNER_THREE = "本列数据的勾稽关系"

_AMBIGUOUS = frozenset(("其他", "其它", "总计", "合计", "总数", "企业", "商业", "科研", "公民", "维持", "纠正"))
_BARE_UNIT = re.compile(r"\((?:单位:?)?(?:万元|元)\)")
_LEADING_NUMBER = re.compile(r"^[\d一二三四五六七]")
_TOTAL_WORDS = frozenset(("合计", "总数"))


@dataclass(frozen=True, slots=True)
class Match:
    """What a printed label stands for, and whether it is the official wording."""

    key: str
    official: bool
    near: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The labels of one form, by what is compared of them."""

    form: Form
    rows_two: Mapping[str, tuple[str, bool]]
    heads_two: Mapping[str, tuple[str, bool]]
    rows_three: Mapping[str, tuple[str, bool]]
    heads_three: Mapping[str, tuple[str, bool]]
    groups_three: frozenset[str]
    parts_three: Mapping[str, str]
    blocks_four: Mapping[str, tuple[str, bool]]
    heads_four: Mapping[str, tuple[str, bool]]
    groups_four: frozenset[str]
    corners_two: frozenset[str]


@cache
def vocabulary(form_key: str) -> Vocabulary:
    """The vocabulary of a form. Raises KeyError for an unknown form."""
    form = load_form(form_key)
    wordings = official_wordings()
    return Vocabulary(
        form=form,
        rows_two=lookup(form.section_two_rows.values()),
        heads_two=lookup(form.section_two_columns.values()),
        rows_three=lookup(form.section_three_rows.values()),
        heads_three=lookup(form.section_three_columns.values()),
        groups_three=frozenset(map(label_key, wordings["section_three_groups"])),
        parts_three={label_key(text): key for key, text in form.section_three_parts.items()},
        blocks_four=lookup(form.section_four_blocks.values()),
        heads_four=lookup(form.section_four_columns.values()),
        groups_four=frozenset(map(label_key, wordings["section_four_groups"])),
        corners_two=frozenset(
            map(label_key, (wordings["section_two_corner"], *wordings["section_two_corner_variants"]))
        ),
    )


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
    """The column heads of a table, and how many columns its head lines cover."""

    heads: tuple[Head, ...] = ()
    width: int = 0

    @property
    def known(self) -> list[str]:
        """The keys of the heads that are known, in the order of print."""
        return [head.key for head in self.heads if head.key]

    @property
    def all_known(self) -> bool:
        """Whether no head is unknown."""
        return all(head.key for head in self.heads)


@dataclass(slots=True)
class Band:
    """Consecutive rows of one grid that belong to one section's table."""

    section: int
    grid: Grid
    rows: list[GridRow] = field(default_factory=list)


@dataclass(slots=True)
class Tables:
    """What the tables of a document say: the cells found (absent ones are not among them) and what was odd.

    ``sections`` are those whose table was recognised.
    """

    form: str | None
    cells: dict[str, Cell] = field(default_factory=dict)
    lints: list[Lint] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)


def read_tables(grids: Sequence[Grid], form_key: str | None) -> Tables:
    """Read every table of the form. ``form_key`` is the form to assume where the tables themselves do not tell.

    Returns the form found (None where there is no table of a form at all).
    """
    bands = [band for grid in grids for band in _bands(grid)]
    found = recognise_form(bands)
    if found is None and any(band.section in (3, 4) and _is_table(band) for band in bands):
        found = form_key or _form_by_rows(bands)
    if found is None:
        return Tables(None)
    reader = _Reader(vocabulary(found), Tables(found))
    for band in bands:
        if band.section == 2:
            reader.section_two(band)
        elif band.section == 3:
            reader.section_three(band)
        else:
            reader.section_four(band)
    return reader.tables


def recognise_form(bands: Iterable[Band]) -> str | None:
    """The form by section two's column heads (domain.md 2.1), or None without any of them."""
    counts = dict.fromkeys(FORM_KEYS, 0)
    for band in bands:
        if band.section != 2:
            continue
        for row in band.rows:
            for cell in row.own:
                comparable = label_key(cell.text)
                for key in FORM_KEYS:
                    words = vocabulary(key)
                    match = words.heads_two.get(comparable)
                    if match and match[0] in words.form.marks:
                        counts[key] += 1
    best = max(FORM_KEYS, key=lambda key: counts[key])
    return best if counts[best] and list(counts.values()).count(counts[best]) == 1 else None


def _form_by_rows(bands: Iterable[Band]) -> str | None:
    """The form by the rows of section three that only one of them has."""
    own = {key: set(load_form(key).section_three) - {"other"} for key in FORM_KEYS}
    for band in bands:
        for row in band.rows:
            for cell in row.own:
                match = vocabulary("2021").rows_three.get(label_key(cell.text))
                if match and match[0] in own["2021"] - own["2019"] and label_key(cell.text) not in _AMBIGUOUS:
                    return "2021"
    return None


def _is_table(band: Band) -> bool:
    words = vocabulary("2021")
    heads = words.heads_three if band.section == 3 else words.heads_four
    found = {label_key(cell.text) for row in band.rows for cell in row.own}
    return len(found & set(heads)) >= 3


def _bands(grid: Grid) -> list[Band]:
    """The grid's rows by the section they belong to; rows that say nothing stay with those before them."""
    bands: list[Band] = []
    for row in grid.rows:
        section = _section_of(row) or (bands[-1].section if bands else 0)
        if not section:
            continue
        if not bands or bands[-1].section != section:
            bands.append(Band(section, grid))
        bands[-1].rows.append(row)
    return bands


@cache
def _votes() -> dict[str, int]:
    """The section that a label speaks for, where it speaks for one alone."""
    sections: dict[str, set[int]] = {}
    for key in FORM_KEYS:
        words = vocabulary(key)
        for section, labels in (
            (2, (*words.rows_two, *words.heads_two, *words.corners_two)),
            (3, (*words.rows_three, *words.heads_three, *words.groups_three, *words.parts_three)),
            (4, (*words.blocks_four, *words.heads_four, *words.groups_four)),
        ):
            for label in labels:
                sections.setdefault(label, set()).add(section)
    return {
        label: next(iter(found))
        for label, found in sections.items()
        if len(found) == 1 and label not in _AMBIGUOUS
    }


def _section_of(row: GridRow) -> int | None:
    votes = _votes()
    counts = [0, 0, 0, 0, 0]
    for cell in row.own:
        text = cell.text
        if not text or text.isascii():
            continue
        comparable = label_key(text)
        section = votes.get(comparable)
        if section is None and comparable.startswith("第二十条第"):
            section = 2
        if section is None and comparable.startswith(CORNER_THREE):
            section = 3
        if section:
            counts[section] += 1
    best = max(range(5), key=lambda section: counts[section])
    return best if counts[best] else None


@dataclass(slots=True)
class _Reader:
    """Reads bands into cells, remembering what a table broken over pages goes on with."""

    words: Vocabulary
    tables: Tables
    heads_three: Heads = field(default_factory=Heads)
    part: _PartState = field(default_factory=lambda: _PartState())
    rows_seen: set[str] = field(default_factory=set)
    repeated: dict[tuple[str, str], tuple[Place, int]] = field(default_factory=dict)

    # --- section two -------------------------------------------------------------------------------------

    def section_two(self, band: Band) -> None:
        """Several small tables under one another: article, heads, rows."""
        columns_two = self.words.heads_two
        if not any(label_key(cell.text) in columns_two for row in band.rows for cell in row.own):
            return
        self.tables.sections.add(2)
        article = label_key(official_wordings()["section_two_article"])
        heads = Heads()
        offsets = _Offsets()
        data: list[tuple[GridRow, GridCell | None, str | None, Heads]] = []
        for row in band.rows:
            labels = [cell for cell in row.own if _is_label(cell.text)]
            below_article = [cell for cell in labels if not label_key(cell.text).startswith(article)]
            if labels and not below_article:
                heads = Heads()
                continue
            if not below_article:
                data.append((row, None, None, heads))
                continue
            first = below_article[0]
            has_corner = label_key(first.text) in self.words.corners_two
            key = None if has_corner else self._row_two(band.grid, first)
            if key is None and (has_corner or any(label_key(cell.text) in columns_two for cell in below_article)):
                heads = self._heads_two(band.grid, row, first if has_corner else None)
                continue
            columns = self.words.form.columns_of(key) if key else ()
            if not key or not columns:
                data.append((row, first, None, heads))
                continue
            data.append((row, first, key, heads if set(heads.known) <= set(columns) else Heads()))
            offsets.learn(row, first, len(columns), band.grid)
        order = [row for block in self.words.form.section_two for row in block.rows]
        for position, (row, label, key, own_heads) in enumerate(data):
            if label is None or key is None:
                missing = _between([entry[2] for entry in data], position, order)
                self._unknown_row(band.grid, row, "section_two", missing)
                continue
            columns = self.words.form.columns_of(key)
            self._take_row(
                band.grid,
                row,
                label,
                own_heads,
                [f"section_two.{key}.{column}" for column in columns],
                columns,
                columns_are_true=True,
                offset=offsets.of(row, label, len(columns), band.grid),
            )
        self._tell_repeated()

    def _row_two(self, grid: Grid, cell: GridCell) -> str | None:
        match = _known(cell.text, self.words.rows_two) or _near(
            cell.text,
            [label for label in self.words.form.section_two_rows.values() if label.key not in self.rows_seen],
        )
        if match is None:
            return None
        self._variant(grid, cell, match, self.words.form.section_two_rows)
        self.rows_seen.add(match.key)
        return match.key

    def _heads_two(self, grid: Grid, row: GridRow, corner: GridCell | None) -> Heads:
        heads: list[Head] = []
        columns = self.words.form.section_two_columns
        for cell in row.own:
            if cell is corner or not cell.text.strip():
                continue
            match = _known(cell.text, self.words.heads_two) or _near(cell.text, columns.values())
            if match:
                self._variant(grid, cell, match, columns)
            else:
                self._lint("unknown-column", f"表二有无法识别的列标题“{_quote(cell.text)}”", grid.place(cell))
            heads.append(_head(grid, cell, match.key if match else None))
        return Heads(tuple(heads), _width([row]))

    # --- section three -----------------------------------------------------------------------------------

    def section_three(self, band: Band) -> None:
        """Rows of seven columns under a head of three lines."""
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
            if label is None and not data and head_rows and not _has_values(row):
                head_rows.append(row)
                continue
            data.append((row, label, key))
        if head_rows:
            self.heads_three = self._heads_three(grid, head_rows)
        heads = self.heads_three
        if len(heads.known) < FEWEST_HEADS:
            self._unread(band)
            return
        self.tables.sections.add(3)
        columns = tuple(self.words.form.section_three_columns)
        offsets = _Offsets()
        for row, label, key in data:
            if label is not None and key is not None:
                offsets.learn(row, label, len(columns), grid)
        for position, (row, label, key) in enumerate(data):
            if label is None or key is None:
                if _has_values(row):
                    missing = _between([entry[2] for entry in data], position, self.words.form.section_three)
                    self._unknown_row(grid, row, "section_three", missing)
                continue
            if self.words.form.section_three_rows[key].part is not None and label.column == 0:
                self._lint("L-03", f"“{_quote(label.text)}”一行的标签移到了第一列", grid.place(label))
            self._take_row(
                grid,
                row,
                label,
                heads,
                [f"section_three.{key}.{column}" for column in columns],
                columns,
                columns_are_true=grid.exact,
                offset=offsets.of(row, label, len(columns), grid),
            )
        self._drop_empty_group()
        self._tell_repeated()

    def _is_head_row_three(self, row: GridRow) -> bool:
        comparables = [label_key(cell.text) for cell in row.own if cell.text.strip()]
        if any(comparable.startswith(CORNER_THREE) for comparable in comparables):
            return True
        known = sum(
            1
            for comparable in comparables
            if comparable in self.words.heads_three or comparable in self.words.groups_three
        )
        return known >= 1 and known * 2 >= len(comparables) and not _has_values(row)

    def _heads_three(self, grid: Grid, rows: Sequence[GridRow]) -> Heads:
        heads: list[Head] = []
        unknown: list[GridCell] = []
        columns = self.words.form.section_three_columns
        for cell in (cell for row in rows for cell in row.own if cell.text.strip()):
            comparable = label_key(cell.text)
            if comparable in self.words.groups_three or comparable.startswith(CORNER_THREE):
                continue
            match = _known(cell.text, self.words.heads_three) or _near(cell.text, columns.values())
            if match:
                self._variant(grid, cell, match, columns)
                heads.append(_head(grid, cell, match.key))
            else:
                unknown.append(cell)
        first = min((head.column for head in heads), default=0)
        for cell in unknown:
            if not grid.exact and any(_completes(head, cell, columns) for head in heads):
                self._lint("L-01", f"表三的列标题断成两行：“{_quote(cell.text)}”", grid.place(cell))
                continue
            self._lint("unknown-column", f"表三有无法识别的列标题“{_quote(cell.text)}”", grid.place(cell))
            if grid.exact and cell.column >= first and not any(_overlap(head, cell) for head in heads):
                heads.append(_head(grid, cell, None))
        if grid.exact:
            heads.sort(key=lambda head: head.column)
        else:
            heads = self._in_order_of_print(heads)
        return Heads(tuple(heads), _width(rows))

    def _in_order_of_print(self, heads: list[Head]) -> list[Head]:
        """In plain text a line of heads tells only the order within the line: it must be the form's."""
        order = list(self.words.form.section_three_columns)
        lines: dict[int | None, list[int]] = {}
        for head in heads:
            if head.key:
                lines.setdefault(head.place.row, []).append(order.index(head.key))
        if any(line != sorted(line) for line in lines.values()):
            return [Head(None, head.column, head.end_column, head.text, head.place) for head in heads]
        return sorted(heads, key=lambda head: order.index(head.key) if head.key else len(order))

    def _row_three(self, grid: Grid, row: GridRow) -> tuple[GridCell | None, str | None]:
        """The label cell of a row and its key; a cell without a key for a label that is not known."""
        labels: list[GridCell] = []
        for cell in row.cells[:LABEL_CELLS]:
            if not cell.text.strip():
                continue
            if not _is_label(cell.text):
                break
            labels.append(cell)
        own = [cell for cell in labels if cell.row == row.number]
        if not own:
            return None, None
        for cell in labels:
            self.part.enter(self.words.parts_three.get(label_key(cell.text)))
        for cell in reversed(own):
            match = self._known_row_three(cell.text)
            if match is None or not self.part.allows(match.key, label_key(cell.text), label_number(cell.text)):
                continue
            if match.key == "other" and cell is not labels[-1]:
                break
            return self._row_found(grid, cell, match)
        last = own[-1]
        if label_key(last.text) not in self.words.parts_three:
            rows = self.words.form.section_three_rows
            match = _near(last.text, [label for label in rows.values() if label.key not in self.rows_seen])
            if match:
                return self._row_found(grid, last, match)
        return last, None

    def _row_found(self, grid: Grid, cell: GridCell, match: Match) -> tuple[GridCell, str]:
        self._variant(grid, cell, match, self.words.form.section_three_rows)
        self.rows_seen.add(match.key)
        self.part.after(match.key, self.words.form)
        return cell, match.key

    def _known_row_three(self, text: str) -> Match | None:
        """A row's known wording, also where its group stands before it in the same cell."""
        match = _known(text, self.words.rows_three)
        if match:
            return match
        comparable = label_key(text)
        for part, key in self.words.parts_three.items():
            if comparable.startswith(part):
                known = self.words.rows_three.get(_LEADING_NUMBER.sub("", comparable[len(part) :]))
                if known:
                    self.part.enter(key)
                    return Match(known[0], official=False)
        return None

    def _drop_empty_group(self) -> None:
        """（六）其他处理 as a mere heading above its three rows is no row of its own."""
        cells = self.tables.cells
        group = [key for key in cells if key.startswith("section_three.other.")]
        rows = any(key.startswith("section_three.other_") for key in cells)
        if rows and all(cells[key].state is CellState.BLANK for key in group):
            for key in group:
                del cells[key]

    # --- section four ------------------------------------------------------------------------------------

    def section_four(self, band: Band) -> None:
        """One row of numbers under two levels of heads."""
        grid = band.grid
        head_rows: list[GridRow] = []
        data: list[GridRow] = []
        for row in band.rows:
            if _has_values(row) or (head_rows and not any(cell.text.strip() for cell in row.own)):
                data.append(row)
            elif not data:
                head_rows.append(row)
            elif any(_is_label(cell.text) for cell in row.own):
                self._unknown_row(grid, row, "section_four", ())
        heads = self._heads_four(grid, head_rows)
        if len(heads.known) < FEWEST_HEADS:
            self._unread(band)
            return
        self.tables.sections.add(4)
        filled = [row for row in data if any(cell.text.strip() for cell in row.own)] or data[:1]
        if not filled:
            return
        row = filled[0]
        if len(filled) > 1:
            place = grid.place(filled[1].cells[0])
            self._lint("unknown-row", "表四有不止一行数字，无法确定哪一行是本年数据", place)
        label = row.own[0] if row.own and _is_label(row.own[0].text) else None
        form = self.words.form
        columns = [
            f"{block}.{column}" for block in form.section_four_blocks for column in form.section_four_columns
        ]
        self._take_row(
            grid,
            row,
            label,
            heads,
            [f"section_four.{column}" for column in columns],
            columns,
            columns_are_true=grid.exact or len({head.column for head in heads.heads}) == len(heads.heads),
            offset=None,
            doubtful=len(filled) > 1,
        )
        self._tell_repeated()

    def _heads_four(self, grid: Grid, rows: Sequence[GridRow]) -> Heads:
        columns = self.words.form.section_four_columns
        blocks: list[tuple[GridCell, str]] = []
        leaves: list[tuple[GridCell, str]] = []
        unknown: list[GridCell] = []
        for cell in (cell for row in rows for cell in row.own if cell.text.strip()):
            comparable = label_key(cell.text)
            block = self.words.blocks_four.get(comparable)
            leaf = _known(cell.text, self.words.heads_four)
            if block:
                blocks.append((cell, block[0]))
                self._variant(grid, cell, Match(*block), self.words.form.section_four_blocks)
            elif leaf:
                self._variant(grid, cell, leaf, columns)
                leaves.append((cell, leaf.key))
            elif comparable not in self.words.groups_four:
                unknown.append(cell)
                self._lint("unknown-column", f"表四有无法识别的列标题“{_quote(cell.text)}”", grid.place(cell))
        named = [(cell, _block_above(cell, blocks), key) for cell, key in leaves]
        if not grid.exact or not all(block for _, block, _ in named):
            return Heads(self._leaves_in_order(grid, leaves, blocks), _width(rows))
        heads = [_head(grid, cell, f"{block}.{key}") for cell, block, key in named]
        first = min((head.column for head in heads), default=0)
        heads += [
            _head(grid, cell, None)
            for cell in unknown
            if cell.column >= first and not any(_overlap(head, cell) for head in heads)
        ]
        return Heads(tuple(sorted(heads, key=lambda head: head.column)), _width(rows))

    def _leaves_in_order(
        self, grid: Grid, leaves: Sequence[tuple[GridCell, str]], blocks: Sequence[tuple[GridCell, str]]
    ) -> tuple[Head, ...]:
        """Without true columns: all blocks named in the form's order and every block's columns in the form's."""
        form = self.words.form
        order = [(block, column) for block in form.section_four_blocks for column in form.section_four_columns]
        printed = [key for _, key in leaves]
        if [key for _, key in blocks] == list(form.section_four_blocks) and printed == [key for _, key in order]:
            return tuple(
                _head(grid, cell, f"{block}.{column}")
                for (cell, _), (block, column) in zip(leaves, order, strict=True)
            )
        return tuple(_head(grid, cell, None) for cell, _ in leaves)

    # --- rows into cells -----------------------------------------------------------------------------------

    def _take_row(
        self,
        grid: Grid,
        row: GridRow,
        label: GridCell | None,
        heads: Heads,
        keys: Sequence[str],
        columns: Sequence[str],
        *,
        columns_are_true: bool,
        offset: int | None,
        doubtful: bool = False,
    ) -> None:
        """Find the value of each column in a row and put it down as the cell of the key beside it."""
        start = label.end_column if label else 0
        values = [cell for cell in row.own if cell.column >= start]
        found: dict[str, GridCell] | None = None
        if not doubtful:
            if columns_are_true and heads.heads:
                found = _under_heads(row, label, heads)
            if found is None:
                found = self._by_shape(grid, label, values, heads, columns, offset)
        anchor = label or row.cells[0]
        known = heads.known
        for key, column in zip(keys, columns, strict=True):
            cell = found.get(column) if found else None
            if cell is None:
                # Without its head a column is not in the document; but it may be the one that an unknown head
                # stands over, or one whose head was lost.
                lost = found is None and len(values) > len(known)
                if column in known or not known or not heads.all_known or lost:
                    self._put(_whole_row(grid, key, anchor, values), grid, anchor)
            elif known.count(column) > 1 or (cell.end_row - cell.row > 1 and cell.text.strip()):
                state = CellState.UNREADABLE if cell.text.strip() else CellState.BLANK
                self._put(Cell(key, state, raw=cell.text, at=grid.place(cell)), grid, cell)
            else:
                unit = next((head.unit for head in heads.heads if head.key == column), None)
                self._put(self._cell(grid, key, column, cell, unit), grid, cell)
        if found is None and any(cell.text.strip() for cell in values):
            name = f"“{_quote(label.text)}”一行" if label else "数字行"
            self._lint("L-01", f"{name}的数值无法与列标题对应，未读取", grid.place(anchor))

    def _by_shape(
        self,
        grid: Grid,
        label: GridCell | None,
        values: Sequence[GridCell],
        heads: Heads,
        columns: Sequence[str],
        offset: int | None,
    ) -> dict[str, GridCell] | None:
        """A row whose columns are not true, settled by its own shape: one value a column, without a gap."""
        known = heads.known
        complete = heads.all_known and sorted(known) == sorted(columns)
        may_be_lost = heads.all_known and len(set(known)) == len(known) and _in_order(known, columns)
        if not values or not (complete or may_be_lost):
            return None
        order = known if complete else list(columns)
        filled = [position for position, cell in enumerate(values) if cell.text.strip()]
        if not filled:
            return {column: values[min(position, len(values) - 1)] for position, column in enumerate(order)}
        if any(_is_label(values[position].text) for position in filled):
            return None
        if len(filled) == len(order) and filled[-1] - filled[0] == len(order) - 1:
            first = filled[0]
        elif not complete:
            return None
        elif offset is not None and offset <= filled[0] and filled[-1] < offset + len(order) <= len(values):
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
            lost = "、".join(f"“{self._column_name(column)}”" for column in columns if column not in known)
            self._repeat("L-01", f"缺少列标题{lost}，按每行数值的个数对应各列", place)
        elif grid.exact:
            self._repeat("L-03", "数值与表头的列错位，按每行数值的个数对应各列", place)
        return found

    def _column_name(self, column: str) -> str:
        form = self.words.form
        block, _, name = column.rpartition(".")
        if block:
            return f"{form.section_four_blocks[block].text} {form.section_four_columns[name].text}"
        label = form.section_three_columns.get(name) or form.section_two_columns[name]
        return label.text

    def _cell(self, grid: Grid, key: str, column: str, cell: GridCell, head_unit: str | None) -> Cell:
        label = self.words.form.section_two_columns.get(column) if key.startswith("section_two.") else None
        amount = bool(label and label.amount)
        reading = read_number(cell.text, amount=amount, signed=bool(label and label.signed))
        value, unit = reading.value, None
        if value is not None and amount:
            unit = reading.unit or head_unit
            if unit == "元":
                value = in_wan(value)
        if reading.zero_word:
            self._lint("read-as-zero", f"“{cell.text.strip()}”读作 0", grid.place(cell))
        return Cell(key, reading.state, value, cell.text, grid.place(cell), unit)

    def _put(self, cell: Cell, grid: Grid, origin: GridCell) -> None:
        """Keep a cell; a second one for the same key that says otherwise makes it unreadable."""
        if BOOKMARK.search(cell.raw):
            self._lint("L-05", f"转换残留“{_quote(cell.raw)}”", grid.place(origin))
        first = self.tables.cells.get(cell.key)
        if first is None or (first.state is CellState.BLANK and cell.state is not CellState.BLANK):
            self.tables.cells[cell.key] = cell
        elif cell.state is not CellState.BLANK and (first.state, first.value) != (cell.state, cell.value):
            raw = f"{first.raw} / {cell.raw}"
            self.tables.cells[cell.key] = Cell(cell.key, CellState.UNREADABLE, raw=raw, at=first.at)
            name = self.words.form.describe(cell.key)
            self._lint("duplicate-row", f"{name}印了两次且不一致：“{first.raw}”与“{cell.raw}”", cell.at)

    def _unread(self, band: Band) -> None:
        """A table that is there and whose heads are not understood: its cells are unreadable, not absent."""
        if sum(1 for row in band.rows if _section_of(row) == band.section) < FEWEST_HEADS:
            return
        prefix = {2: "section_two.", 3: "section_three.", 4: "section_four."}[band.section]
        anchor = band.rows[0].cells[0]
        for key in self.words.form.cells:
            if key.startswith(prefix):
                self._put(Cell(key, CellState.UNREADABLE, at=band.grid.place(anchor)), band.grid, anchor)
        self._lint(
            "unknown-column", f"表{'二三四'[band.section - 2]}的列标题无法识别，未读取", band.grid.place(anchor)
        )

    # --- lints -----------------------------------------------------------------------------------------------

    def _lint(self, code: str, text: str, place: Place | None) -> None:
        self.tables.lints.append(Lint(code, text, place))

    def _repeat(self, code: str, text: str, place: Place) -> None:
        """Something that holds for many rows of a table and is said once."""
        first, count = self.repeated.get((code, text), (place, 0))
        self.repeated[code, text] = (first, count + 1)

    def _tell_repeated(self) -> None:
        for (code, text), (place, count) in self.repeated.items():
            self._lint(code, f"{text}（{count} 行）", place)
        self.repeated.clear()

    def _variant(self, grid: Grid, cell: GridCell, match: Match, labels: Mapping[str, Label]) -> None:
        label = labels[match.key]
        as_printed, official = (_BARE_UNIT.sub("", plain(text)) for text in (cell.text, label.text))
        if match.official and (not label.amount or as_printed == official):
            return
        how = "近似写法" if match.near else "不同写法"
        self._lint("L-02", f"“{_quote(cell.text)}”是“{label.text}”的{how}", grid.place(cell))

    def _unknown_row(self, grid: Grid, row: GridRow, section: str, missing: Sequence[str]) -> None:
        """Say that a row is not known. The form's rows that are missing at its place may be it: unreadable."""
        text = " ".join(_quote(cell.text) for cell in row.own if cell.text.strip())
        if not text:
            return
        anchor = row.own[0]
        labels = {label_key(cell.text) for cell in row.own if _is_label(cell.text)}
        if (
            section == "section_three"
            and labels
            and labels <= self.words.groups_three | set(self.words.parts_three)
        ):
            self._lint("number-in-group-head", f"分组标题一行印有数字“{text}”", grid.place(anchor))
            return
        self._lint("unknown-row", f"无法识别的行“{text}”", grid.place(anchor))
        if not _has_values(row):
            return
        for key in missing:
            columns = (
                self.words.form.columns_of(key)
                if section == "section_two"
                else self.words.form.section_three_columns
            )
            for column in columns:
                cell = Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, raw=text, at=grid.place(anchor))
                self._put(cell, grid, anchor)


@dataclass(slots=True)
class _PartState:
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
            return number == "七" or (comparable not in _TOTAL_WORDS and number == "" and self.part == "other")
        return True

    def after(self, key: str, form: Form) -> None:
        """A row was read."""
        self.previous = key
        part = form.section_three_rows[key].part
        if key == "other":
            self.part = "other"
        elif part:
            self.part = part


@dataclass(slots=True)
class _Offsets:
    """Where the values of full rows begin behind their label: proof of filler columns for rows with blanks.

    In plain text the labels' depth tells the filler that their merged cells left, so one full row is proof. In a
    table whose columns should be true only a habit of the whole table is.
    """

    seen: dict[tuple[int, int, int], list[int]] = field(default_factory=dict)

    @staticmethod
    def _geometry(
        row: GridRow, label: GridCell, columns: int, grid: Grid
    ) -> tuple[tuple[int, int, int], list[GridCell]]:
        values = [cell for cell in row.own if cell.column >= label.end_column]
        return (label.column, columns, len(values) if grid.exact else label.end_column), values

    def learn(self, row: GridRow, label: GridCell, columns: int, grid: Grid) -> None:
        """Take note of a row that has a value in every column."""
        geometry, values = self._geometry(row, label, columns, grid)
        filled = [position for position, cell in enumerate(values) if cell.text.strip()]
        if len(filled) == columns and filled[-1] - filled[0] == columns - 1:
            self.seen.setdefault(geometry, []).append(filled[0])

    def of(self, row: GridRow, label: GridCell, columns: int, grid: Grid) -> int | None:
        """The offset that all full rows of the same geometry agree on, or None."""
        offsets = self.seen.get(self._geometry(row, label, columns, grid)[0], [])
        enough = ROWS_OF_A_HABIT if grid.exact else 1
        return offsets[0] if len(offsets) >= enough and len(set(offsets)) == 1 else None


def _under_heads(row: GridRow, label: GridCell | None, heads: Heads) -> dict[str, GridCell] | None:
    """The cell under each head, or None where the row does not lie under the heads.

    The row is as wide as its head, the values begin where the heads begin, no cell lies under two heads, no head
    has two values, and nothing is written beside the heads.
    """
    start = label.end_column if label else heads.heads[0].column
    if start != heads.heads[0].column or _width([row]) != heads.width:
        return None
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


def _between(keys: Sequence[str | None], position: int, order: Sequence[str]) -> list[str]:
    """The form's rows that are not printed and belong between the known rows around a position."""
    before = [order.index(key) for key in keys[:position] if key in order]
    after = [order.index(key) for key in keys[position + 1 :] if key in order]
    first = before[-1] + 1 if before else 0
    last = after[0] if after else len(order)
    return [key for key in order[first:last] if key not in keys]


def _whole_row(grid: Grid, key: str, anchor: GridCell, values: Sequence[GridCell]) -> Cell:
    """A cell that cannot be told from its neighbours: blank where the whole row is, else unreadable."""
    raw = " ".join(cell.text.strip() for cell in values if cell.text.strip())
    return Cell(key, CellState.UNREADABLE if raw else CellState.BLANK, raw=raw, at=grid.place(anchor))


def _block_above(leaf: GridCell, blocks: Sequence[tuple[GridCell, str]]) -> str | None:
    above = [
        key
        for cell, key in blocks
        if cell.row < leaf.row and cell.column <= leaf.column and leaf.end_column <= cell.end_column
    ]
    return above[-1] if above else None


def _completes(head: Head, cell: GridCell, columns: Mapping[str, Label]) -> bool:
    """Whether a stray cell of the head is the rest of a head broken over two lines."""
    return head.key is not None and label_key(head.text + cell.text) == label_key(columns[head.key].text)


def _overlap(head: Head, cell: GridCell) -> bool:
    return head.column < cell.end_column and cell.column < head.end_column


def _width(rows: Iterable[GridRow]) -> int:
    return max((cell.end_column for row in rows for cell in row.cells), default=0)


def _head(grid: Grid, cell: GridCell, key: str | None) -> Head:
    return Head(key, cell.column, cell.end_column, cell.text, grid.place(cell), label_unit(cell.text))


def _in_order(part: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether ``part`` are some of ``whole`` in their order."""
    rest = iter(whole)
    return all(key in rest for key in part)


def _is_label(text: str) -> bool:
    """Whether a cell is a label: words, and not a number, a unit or a mark for nothing."""
    if text.isascii():
        return any(character.isalpha() for character in text)
    reading = read_number(text, amount=True, signed=True)
    if reading.state is not CellState.UNREADABLE:
        return False
    return len(label_key(text)) > 1 and read_number(text).state is CellState.UNREADABLE


def _has_values(row: GridRow) -> bool:
    return any(cell.text.strip() and not _is_label(cell.text) for cell in row.own)


def _known(text: str, table: Mapping[str, tuple[str, bool]]) -> Match | None:
    """What a printed label stands for by its known wordings."""
    known = table.get(label_key(text))
    return Match(*known) if known else None


def _near(text: str, labels: Iterable[Label]) -> Match | None:
    """The label that a print is nearest to, where it is near enough and no other is near; its number must fit."""
    comparable = label_key(text)
    if len(comparable) < SHORTEST_NEAR_LABEL:
        return None
    number = label_number(text)
    scores: list[tuple[float, str]] = []
    for label in labels:
        if number and label_number(label.text) not in ("", number):
            continue
        wordings = (label.text, *label.variants)
        scores.append((max(fuzz.ratio(comparable, label_key(wording)) for wording in wordings), label.key))
    scores.sort(reverse=True)
    if not scores or scores[0][0] < NEAR_ENOUGH:
        return None
    if len(scores) > 1 and scores[0][0] - scores[1][0] < NEARER_THAN_OTHERS:
        return None
    return Match(scores[0][1], official=False, near=True)


def _quote(text: str) -> str:
    """A label as quoted in a lint: on one line, not longer than needed."""
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:39] + "…"
