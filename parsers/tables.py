"""The three tables of the form, read from grids by row label and column head.

A value is taken where the grid proves which cell it is: it stands under its head in a table whose columns are
true, or the row holds exactly as many values as it has columns, without a gap. Where neither holds the cell is
unreadable and a lint says so. Nothing is counted from the top of a table, and no cell is invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz

from parsers.documents.model import Grid, GridCell, GridRow, Paragraph
from parsers.forms import FORM_KEYS, Form, Label, load_form, lookup, official_wordings
from parsers.labels import BOOKMARK, label_key, label_number, label_unit, plain
from parsers.numbers import in_wan, read_number
from parsers.schema import Cell, CellState, Lint, Place

# A label that is no known wording is taken for the nearest one only when it is this near (0 to 100), this much
# nearer than to any other, and long enough to tell.
NEAR_ENOUGH = 84.0
NEARER_THAN_OTHERS = 10.0
SHORTEST_NEAR_LABEL = 5
SHORTEST_TELLING = 4
LABEL_CELLS = 4
FEWEST_HEADS = 3
ROWS_OF_A_HABIT = 4
MANY_DIFFERENCES = 8
# Between the two halves of a table that a page break cut stands nothing, or a page number and 续表.
LONGEST_PAGE_BREAK = 10
LONGEST_CAPTION = 40
CORNER_THREE = "本列数据的勾稽关系"

_AMBIGUOUS = frozenset(("其他", "其它", "总计", "合计", "总数", "企业", "商业", "科研", "公民", "维持", "纠正"))
_BARE_UNIT = re.compile(r"\((?:单位:?)?(?:万元|元)\)")
_LEADING_NUMBER = re.compile(r"^[\d一二三四五六七]")
_TOTAL_WORDS = frozenset(("合计", "总数"))
_UNIT_LINE = re.compile(r"\(?(?:计量)?单位:.{1,6}")
_CAPTION_YEAR = re.compile(r"(20\d{2})年")
_NUMBERS_AROUND = re.compile(r"^[\d.,]+(?=[^\d.,、)])|[\d.,/—-]+$")
_NUMBERS_ONLY = re.compile(r"[\d\s.,/—-]+")
_LAST_YEAR = re.compile("上一?年|去年|往年|上年度")


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
    """The column heads of a table, and how many columns its head lines cover.

    ``true`` says that the head lines prove their columns: no head is lost between others, none lies over another,
    and their order is the form's, or another that an undamaged head shows. Otherwise the heads stand in the order
    of print and only a row without any gap can be settled.
    """

    heads: tuple[Head, ...] = ()
    width: int = 0
    true: bool = False

    @property
    def known(self) -> list[str]:
        """The keys of the heads that are known, in the order of print."""
        return [head.key for head in self.heads if head.key]

    @property
    def all_known(self) -> bool:
        """Whether no head is unknown."""
        return all(head.key for head in self.heads)

    @property
    def tell_absence(self) -> bool:
        """Whether a column without a head is not in the document: every head is known once, and none is beside."""
        known = self.known
        return (
            len(known) == len(self.heads) > 0
            and len(set(known)) == len(known)
            and self.heads[-1].end_column == self.width
        )


@dataclass(slots=True)
class Band:
    """Consecutive rows of one grid that belong to one section's table.

    ``follows`` marks a band whose grid stands right behind one of the same section: a table broken over pages.
    """

    section: int
    grid: Grid
    rows: list[GridRow] = field(default_factory=list)
    follows: bool = False


@dataclass(slots=True)
class Tables:
    """What the tables of a document say: the cells found (absent ones are not among them) and what was odd.

    ``sections`` are those whose table was recognised.
    """

    form: str | None
    cells: dict[str, Cell] = field(default_factory=dict)
    lints: list[Lint] = field(default_factory=list)
    sections: set[int] = field(default_factory=set)


def read_tables(
    grids: Sequence[Grid],
    form_key: str | None,
    *,
    between: Sequence[Sequence[Paragraph]] = (),
    report_year: int | None = None,
) -> Tables:
    """Read every table of the form. ``form_key`` is the form to assume where the tables themselves do not tell.

    ``between`` holds the paragraphs that stand before each grid, down from the grid before, and at its end those
    behind the last; they tell a table broken over pages, rows that fell out of their table, and with
    ``report_year`` a second table that is captioned as another year's.
    Returns the form found (None where there is no table of a form at all).
    """
    bands = _bands(grids, between)
    bands, other_years = _without_other_years(bands, grids, between, report_year)
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
    reader.finish(bands, between)
    reader.tables.lints += other_years
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


def _bands(grids: Sequence[Grid], between: Sequence[Sequence[Paragraph]]) -> list[Band]:
    """The rows of all grids by the section they belong to.

    A grid that says nothing of itself goes on with the unfinished table right before it.
    """
    bands: list[Band] = []
    for position, grid in enumerate(grids):
        before = bands[-1] if bands and position and bands[-1].grid is grids[position - 1] else None
        if position < len(between) and not _is_page_break(between[position]):
            before = None
        own = _bands_of(grid)
        if not own and before and _is_unfinished(before) and any(map(_has_values, grid.rows)):
            own = [Band(before.section, grid, list(grid.rows))]
        if own and before:
            own[0].follows = own[0].section == before.section
        bands += own
    return bands


def _is_page_break(lines: Sequence[Paragraph]) -> bool:
    """Whether what stands between two tables is no more than a page break leaves, and no caption."""
    text = "".join(line.text for line in lines)
    return (
        len(text) <= LONGEST_PAGE_BREAK and not _CAPTION_YEAR.search(plain(text)) and not _LAST_YEAR.search(text)
    )


def _bands_of(grid: Grid) -> list[Band]:
    """One grid's rows by section; rows that say nothing stay with those before, 总计 and 其他 with the next."""
    bands: list[Band] = []
    leading: list[GridRow] = []
    for row in grid.rows:
        section = _section_of(row) or (bands[-1].section if bands else 0)
        if not section:
            if leading or any(label_key(cell.text) in _AMBIGUOUS for cell in row.own):
                leading.append(row)
            continue
        if not bands or bands[-1].section != section:
            bands.append(Band(section, grid, leading))
            leading = []
        bands[-1].rows.append(row)
    return bands


def _is_unfinished(band: Band) -> bool:
    """Whether a table ends before its form does: without its last row, table four without its numbers."""
    if band.section == 4:
        return not any(map(_has_values, band.rows))
    words = vocabulary("2021")
    rows, last = (words.rows_two, "admin_fees") if band.section == 2 else (words.rows_three, "carried_forward")
    return not any(
        match and match.key == last for row in band.rows for cell in row.own if (match := _known(cell.text, rows))
    )


def _without_other_years(
    bands: list[Band], grids: Sequence[Grid], between: Sequence[Sequence[Paragraph]], year: int | None
) -> tuple[list[Band], list[Lint]]:
    """Leave out tables that their caption says are another year's, where the section has one without it."""
    if len(bands) <= len({band.section for band in bands}) or not between:
        return bands, []
    foreign = {
        id(grid)
        for grid, before in zip(grids, between, strict=False)
        if before and _names_other_year(before[-1].text, year)
    }
    own = {band.section for band in bands if id(band.grid) not in foreign}
    kept: list[Band] = []
    lints: list[Lint] = []
    left_out = False
    for band in bands:
        left_out = band.section in own and (id(band.grid) in foreign or (left_out and band.follows))
        if not left_out:
            kept.append(band)
        elif not band.follows:
            text = f"表{'二三四'[band.section - 2]}之外另有一张注明是其他年度的同样的表，未读取"
            lints.append(Lint("second-table", text, band.grid.place(band.rows[0].cells[0])))
    return kept, lints


def _names_other_year(caption: str, year: int | None) -> bool:
    text = plain(caption)
    if len(text) > LONGEST_CAPTION:
        return False
    years = {int(named) for named in _CAPTION_YEAR.findall(text)}
    return year not in years if years and year else _LAST_YEAR.search(text) is not None


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
    heads_two: Heads = field(default_factory=Heads)
    heads_three: Heads = field(default_factory=Heads)
    heads_four: Heads = field(default_factory=Heads)
    part: _PartState = field(default_factory=lambda: _PartState())
    rows_seen: set[str] = field(default_factory=set)
    repeated: dict[tuple[str, str], tuple[Place, int]] = field(default_factory=dict)
    doubtful: list[Cell] = field(default_factory=list)
    differences: list[tuple[str, Lint]] = field(default_factory=list)

    # --- section two -------------------------------------------------------------------------------------

    def section_two(self, band: Band) -> None:
        """Several small tables under one another: article, heads, rows."""
        columns_two = self.words.heads_two
        goes_on = band.follows and bool(self.heads_two.heads)
        if not goes_on and not any(label_key(cell.text) in columns_two for row in band.rows for cell in row.own):
            return
        self.tables.sections.add(2)
        article = label_key(official_wordings()["section_two_article"])
        heads = self.heads_two if goes_on else Heads()
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
            data.append(
                (row, first, key, _one_head(heads, columns) if set(heads.known) <= set(columns) else Heads())
            )
            offsets.learn(row, first, len(columns), band.grid)
        self.heads_two = heads
        order = self.words.form.section_two_row_keys
        keys = [entry[2] for entry in data]
        lines = [entry[:2] for entry in data]
        disproved = self._disproved(
            (heads, row, label, len(self.words.form.columns_of(key)))
            for row, label, key, heads in data
            if key and label
        )
        for position, (row, label, key, own_heads) in enumerate(data):
            if label is None or key is None:
                self._unknown_row(band.grid, row, "section_two", _missing(keys, position, order))
                continue
            self._same_label_twice(band.grid, row, "section_two", keys, position, order)
            if self._broken_off(band.grid, lines, position):
                self._leave_row(band.grid, label, "section_two", key)
                continue
            columns = self.words.form.columns_of(key)
            self._take_row(
                band.grid,
                row,
                label,
                replace(own_heads, true=False) if id(own_heads) in disproved else own_heads,
                [f"section_two.{key}.{column}" for column in columns],
                columns,
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
        return Heads(tuple(heads), _width([row]), _are_joined(heads))

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
            found = self._heads_three(grid, head_rows)
            if len(found.known) >= FEWEST_HEADS or not self.heads_three.heads:
                self.heads_three = found
        heads = self.heads_three
        if len(heads.known) < FEWEST_HEADS:
            self._unread(band)
            return
        self.tables.sections.add(3)
        columns = tuple(self.words.form.section_three_columns)
        offsets = _Offsets()
        for row, label, key in data:
            if label is not None and key is not None:
                offsets.learn(row, label, len(columns), grid, self._depth(key))
        if self._disproved((heads, row, label, len(columns)) for row, label, key in data if key and label):
            heads = replace(heads, true=False)
        keys = [entry[2] for entry in data]
        lines = [entry[:2] for entry in data]
        order = self.words.form.section_three
        for position, (row, label, key) in enumerate(data):
            if label is None or key is None:
                if self._is_printed_row(row, label, len(columns)):
                    self._unknown_row(grid, row, "section_three", _missing(keys, position, order))
                continue
            self._same_label_twice(grid, row, "section_three", keys, position, order)
            if self._broken_off(grid, lines, position):
                self._leave_row(grid, label, "section_three", key)
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
                offset=offsets.of(row, label, len(columns), grid, self._depth(key)),
            )
        self._tell_repeated()

    def _is_printed_row(self, row: GridRow, label: GridCell | None, columns: int) -> bool:
        """Whether a line without a known label is a row: it has numbers, or an empty cell for every column.

        A group's label alone over empty cells is a heading; over several rows it is the first row's, too.
        """
        if _has_values(row) or label is None:
            return _has_values(row) or len(row.own) >= columns
        cells = sum(1 for cell in row.own if cell.column >= label.end_column)
        is_group = label_key(label.text) in self.words.parts_three
        return cells >= columns and (not is_group or label.end_row - label.row > 1)

    def _depth(self, key: str) -> int:
        """How deep a row of section three stands: its merged cells leave as many blanks in plain text."""
        part = self.words.form.section_three_rows[key].part
        return 0 if part is None else 1 if part == "results" else 2

    def _is_head_row_three(self, row: GridRow) -> bool:
        comparables = [
            "" if label_number(cell.text) else label_key(cell.text) for cell in row.own if cell.text.strip()
        ]
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
        groups: list[GridCell] = []
        for cell in (cell for row in rows for cell in row.own if cell.text.strip()):
            comparable = label_key(cell.text)
            if comparable in self.words.groups_three:
                groups.append(cell)
                continue
            if comparable.startswith(CORNER_THREE) or _UNIT_LINE.fullmatch(plain(cell.text)):
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
            by_column = _once(heads)
            if self._are_true_three(by_column, rows, groups):
                if not _in_order(_known_of(by_column), list(columns)):
                    self._lint("L-03", "表三的列标题不按格式的次序排列，按列标题读取", by_column[0].place)
                return Heads(tuple(by_column), _width(rows), True)
            self._lint(
                "L-01",
                "表三的表头有缺损，无法确定各列的位置，只按每行数值的个数读取",
                grid.place(rows[0].cells[0]),
            )
        return Heads(tuple(self._in_order_of_print(heads)), _width(rows))

    def _are_true_three(self, heads: list[Head], rows: Sequence[GridRow], groups: Sequence[GridCell]) -> bool:
        """Whether the head lines prove the columns of their heads.

        An order that is not the form's is believed only of a head without any damage: every place of it is covered
        once, and the heads under 法人或其他组织 are those that belong there.
        """
        order = list(self.words.form.section_three_columns)
        if not _are_joined(heads) or (len(heads) < len(order) and heads[-1].end_column < _width(rows)):
            return False
        if _in_order(_known_of(heads), order):
            return True
        if not _is_tiled(rows, heads[0].column, heads[-1].end_column):
            return False
        everyone = label_key(official_wordings()["section_three_groups"][0])
        inner = [cell for cell in groups if label_key(cell.text) != everyone]
        if not inner:
            return len({head.place.row for head in heads}) == 1
        return all(
            head.key is None or any(_overlap(head, cell) for cell in inner) == (head.key in order[1:-1])
            for head in heads
        )

    def _in_order_of_print(self, heads: list[Head]) -> list[Head]:
        """Where columns are not true a line of heads tells only the order within the line: it must be the form's.

        Of two lines the upper one holds 自然人 and 总计, and the lower one what stands under 法人或其他组织.
        """
        order = list(self.words.form.section_three_columns)
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
            if match.key == "other" and (cell is not labels[-1] or cell.end_row - cell.row > 1):
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

    def _settle_other_group(self) -> None:
        """（六）其他处理 above its three rows is a heading: no row of its own, whatever is printed beside it.

        Where one of the three is missing, the heading's numbers may be those of a row whose label is lost.
        """
        cells = self.tables.cells
        group = [key for key in cells if key.startswith("section_three.other.")]
        if not group or not any(key.startswith("section_three.other_") for key in cells):
            return
        filled = [cells[key] for key in group if cells[key].state is not CellState.BLANK]
        if filled and self.words.form.key != FORM_KEYS[-1]:
            return
        for key in group:
            del cells[key]
        if not filled:
            return
        raw = " ".join(cell.raw for cell in filled if cell.raw)
        self._lint("number-in-group-head", f"分组标题“（六）其他处理”一行印有数字“{raw}”", filled[0].at)
        for row, label in self.words.form.section_three_rows.items():
            if label.part == "other":
                for column in self.words.form.section_three_columns:
                    key = f"section_three.{row}.{column}"
                    self.doubtful.append(Cell(key, CellState.UNREADABLE, raw=raw, at=filled[0].at))

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
        if not heads.heads and self.heads_four.heads:
            heads = self.heads_four
        self.heads_four = Heads()
        if len(heads.heads) < FEWEST_HEADS:
            self._unread(band)
            return
        self.tables.sections.add(4)
        filled = [row for row in data if any(cell.text.strip() for cell in row.own)] or data[:1]
        if not filled:
            self.heads_four = heads
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
        if self._disproved([(heads, row, label, len(columns))]):
            heads = replace(heads, true=False)
        self._take_row(
            grid,
            row,
            label,
            heads,
            [f"section_four.{column}" for column in columns],
            columns,
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
            elif comparable not in self.words.groups_four and not _UNIT_LINE.fullmatch(plain(cell.text)):
                unknown.append(cell)
                self._lint("unknown-column", f"表四有无法识别的列标题“{_quote(cell.text)}”", grid.place(cell))
        if not grid.exact:
            return self._leaves_in_order(grid, leaves, blocks, _width(rows))
        named = [(cell, _block_above(cell, blocks), key) for cell, key in leaves]
        heads = [_head(grid, cell, f"{block}.{key}") for cell, block, key in named if block]
        first = min((head.column for head in heads), default=0)
        heads += [
            _head(grid, cell, None)
            for cell in unknown
            if cell.column >= first and not any(_overlap(head, cell) for head in heads)
        ]
        heads = _once(heads)
        if len(named) == sum(1 for _, block, _ in named if block) and self._are_true_four(heads, rows, blocks):
            return Heads(tuple(heads), _width(rows), True)
        if leaves:
            place = grid.place(leaves[0][0])
            self._lint("L-01", "表四的表头有缺损，无法确定各列的位置，只按数值的个数读取", place)
        return self._leaves_in_order(grid, leaves, blocks, _width(rows))

    def _are_true_four(
        self, heads: list[Head], rows: Sequence[GridRow], blocks: Sequence[tuple[GridCell, str]]
    ) -> bool:
        """Whether the head lines prove the columns of their heads: each block ends where one of them does."""
        form = self.words.form
        order = [f"{block}.{column}" for block in form.section_four_blocks for column in form.section_four_columns]
        if not heads or not _are_joined(heads):
            return False
        if len(heads) < len(order) and heads[-1].end_column < _width(rows):
            return False
        starts, ends = {head.column for head in heads}, {head.end_column for head in heads}
        if any(cell.column not in starts or cell.end_column not in ends for cell, _ in blocks):
            return False
        return _in_order(_known_of(heads), order) or _is_tiled(rows, heads[0].column, heads[-1].end_column)

    def _leaves_in_order(
        self,
        grid: Grid,
        leaves: Sequence[tuple[GridCell, str]],
        blocks: Sequence[tuple[GridCell, str]],
        width: int,
    ) -> Heads:
        """Without true columns: all blocks named in the form's order and every block's columns in the form's."""
        form = self.words.form
        order = [(block, column) for block in form.section_four_blocks for column in form.section_four_columns]
        printed = [key for _, key in leaves]
        if [key for _, key in blocks] == list(form.section_four_blocks) and printed == [key for _, key in order]:
            heads = tuple(
                _head(grid, cell, f"{block}.{column}")
                for (cell, _), (block, column) in zip(leaves, order, strict=True)
            )
            return Heads(heads, width, not grid.exact and _are_joined(heads))
        return Heads(tuple(_head(grid, cell, None) for cell, _ in leaves), width)

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
        offset: int | None,
        doubtful: bool = False,
    ) -> None:
        """Find the value of each column in a row and put it down as the cell of the key beside it."""
        start = label.end_column if label else 0
        values = [cell for cell in row.own if cell.column >= start]
        found: dict[str, GridCell] | None = None
        if not doubtful:
            if heads.true:
                found = _under_heads(row, label, heads)
            if found is None:
                found = self._by_shape(grid, label, values, heads, columns, offset)
        anchor = label or row.cells[0]
        known = heads.known
        twice = {column for column in known if known.count(column) > 1} if len(set(known)) < len(known) else ()
        lost = (
            grid.exact and found is None and sum(cell.end_column - cell.column for cell in values) < len(columns)
        )
        for key, column in zip(keys, columns, strict=True):
            cell = found.get(column) if found else None
            if cell is None:
                # Without its head a column is not in the document; but it may be the one that an unknown head
                # stands over, or one whose head was lost.
                if found is None or not heads.tell_absence:
                    self._put(_whole_row(grid, key, anchor, values, lost), grid, anchor)
            elif column in twice:
                self._repeat(
                    "L-01", f"列标题“{self._column_name(column)}”印了不止一次，未读取", grid.place(anchor)
                )
                self._put(_whole_row(grid, key, anchor, values, lost), grid, anchor)
            elif cell.end_row - cell.row > 1 and cell.text.strip():
                place = grid.place(cell)
                self._repeat("unreadable-cell", f"“{_quote(cell.text)}”合并在几行之中，无法确定属于哪一行", place)
                self._put(Cell(key, CellState.UNREADABLE, raw=cell.text, at=place), grid, cell)
            else:
                unit = next((head.unit for head in heads.heads if head.key == column), None)
                self._put(self._cell(grid, key, column, cell, unit), grid, cell)
        if lost or (found is None and any(cell.text.strip() for cell in values)):
            name = f"“{_quote(label.text)}”一行" if label else "数字行"
            self._lint("L-01", f"{name}的数值无法与列标题对应，未读取", grid.place(anchor))

    def _disproved(self, rows: Iterable[tuple[Heads, GridRow, GridCell | None, int]]) -> set[int]:
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
            lies = heads.heads[0].column == start and _width([row]) == heads.width
            if not lies and len(heads.heads) < columns and heads.heads[0].end_column - heads.heads[0].column == 1:
                disproved.add(id(heads))
            if lies and (heads.heads[-1].end_column < heads.width or (not label and start)):
                _, filled = lying.setdefault(id(heads), (heads, []))
                filled += [
                    cell for cell in row.cells if cell.column >= (start if label else 0) and cell.text.strip()
                ]
        for heads, filled in lying.values():
            last = max((cell.end_column for cell in filled), default=0)
            before = min((cell.column for cell in filled), default=last) < heads.heads[0].column
            if (
                before
                or last > heads.heads[-1].end_column
                or any(
                    head.end_column < last and not any(_overlap(head, cell) for cell in filled)
                    for head in heads.heads
                )
            ):
                disproved.add(id(heads))
        return disproved

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
        if not filled and (not grid.exact or len(values) >= len(order)):
            return {column: values[min(position, len(values) - 1)] for position, column in enumerate(order)}
        if not filled:
            return None
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
        state, reason = reading.state, cell.doubt
        if reason:
            state, value, unit = CellState.UNREADABLE, None, None
            self._repeat("unreadable-cell", reason, grid.place(cell))
        elif state is CellState.UNREADABLE:
            self._repeat("unreadable-cell", f"“{_quote(cell.text)}”不是能确定的数字", grid.place(cell))
        if reading.zero_word and not reason:
            self._lint("read-as-zero", f"“{cell.text.strip()}”读作 0", grid.place(cell))
        return Cell(key, state, value, cell.text, grid.place(cell), unit)

    def _put(self, cell: Cell, grid: Grid, origin: GridCell) -> None:
        """Keep a cell; a second one for the same key that says otherwise makes it unreadable."""
        if BOOKMARK.search(cell.raw):
            self._lint("L-05", f"转换残留“{_quote(cell.raw)}”", grid.place(origin))
        first = self.tables.cells.setdefault(cell.key, cell)
        if (first.state, first.value) != (cell.state, cell.value):
            raw = " / ".join(dict.fromkeys((*first.raw.split(" / "), cell.raw)))
            self.tables.cells[cell.key] = Cell(cell.key, CellState.UNREADABLE, raw=raw, at=first.at)
            name = self.words.form.describe(cell.key)
            text = f"{name}印了两次且不一致：“{first.raw}”与“{cell.raw}”"
            self.differences.append((cell.key.partition(".")[0], Lint("duplicate-row", text, cell.at)))

    def finish(self, bands: Sequence[Band], between: Sequence[Sequence[Paragraph]]) -> None:
        """Once all tables are read: what is printed and was not read is unreadable, and what was odd is said."""
        self._settle_other_group()
        for section in self.tables.sections - {4}:
            self._labels_unread(section, bands, between)
        if self.heads_four.heads:
            self._numbers_fallen_out(bands, between)
        cells = self.tables.cells
        rows_read = {key.rpartition(".")[0] for key in cells}
        for cell in self.doubtful:
            if cell.key.rpartition(".")[0] not in rows_read:
                cells.setdefault(cell.key, cell)
        self._tell_differences()
        self._tell_repeated()

    def _tell_differences(self) -> None:
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
                self._lint("duplicate-row", text, lints[0].at)

    def _labels_unread(self, section: int, bands: Sequence[Band], between: Sequence[Sequence[Paragraph]]) -> None:
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
                if key not in self.rows_seen and _may_be_label(text, labels[key], rows, inside):
                    self.rows_seen.add(key)
                    said = f"“{_quote(labels[key].text)}”已印出，但不是可以读取的一行"
                    self._lint("unknown-row", said, place)
                    self._doubt(name, (key,), text, place)

    def _numbers_fallen_out(self, bands: Sequence[Band], between: Sequence[Sequence[Paragraph]]) -> None:
        """Table four printed without its numbers, and lines of numbers behind it: they may be its own."""
        last = next(band for band in reversed(bands) if band.section == 4)
        lines = next(
            (lines for lines in between[last.grid.number :] if lines and _NUMBERS_ONLY.fullmatch(lines[0].text)),
            None,
        )
        if lines:
            place = lines[0].place
            self._lint("table-not-read", "表四的数字行不在表中，未读取", place)
            self.doubtful += [
                Cell(key, CellState.UNREADABLE, raw=lines[0].text, at=place)
                for key in self.words.form.cells
                if key.startswith("section_four.")
            ]

    def _leave_row(self, grid: Grid, label: GridCell, section: str, key: str) -> None:
        """A row whose numbers are not beside its label: unreadable, and said."""
        place = grid.place(label)
        self._lint("L-01", f"“{_quote(label.text)}”一行没有数值格，未读取", place)
        form = self.words.form
        for column in form.columns_of(key) if section == "section_two" else form.section_three_columns:
            self._put(Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, at=place), grid, label)

    def _doubt(self, section: str, rows: Iterable[str], raw: str, place: Place) -> None:
        """Rows of the form that may be what stands at a place: unreadable where nothing else is found for them."""
        form = self.words.form
        for key in rows:
            for column in form.columns_of(key) if section == "section_two" else form.section_three_columns:
                self.doubtful.append(Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, raw=raw, at=place))

    def _same_label_twice(
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
        missing = [key for key in _missing(others, position, order) if key not in keys]
        if missing:
            raw = " ".join(_quote(cell.text) for cell in row.own if cell.text.strip())
            self._lint("unknown-row", f"标签印了两次，其中一行可能是另一行“{raw}”", grid.place(row.own[0]))
            self._doubt(section, missing, raw, grid.place(row.own[0]))

    def _unread(self, band: Band) -> None:
        """A table that is there and whose heads are not understood: its cells are unreadable, not absent."""
        votes = sum(1 for row in band.rows if _section_of(row) == band.section)
        if votes < FEWEST_HEADS and not band.follows:
            return
        prefix = {2: "section_two.", 3: "section_three.", 4: "section_four."}[band.section]
        anchor = band.rows[0].cells[0]
        place = band.grid.place(anchor)
        self.doubtful += [
            Cell(key, CellState.UNREADABLE, at=place) for key in self.words.form.cells if key.startswith(prefix)
        ]
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
        if not row.cells:
            return
        text = " ".join(_quote(cell.text) for cell in row.own if cell.text.strip())
        anchor = row.cells[0]
        if not text:
            if missing:
                self._lint("unknown-row", "有一行连标签都是空白", grid.place(anchor))
                self._doubt(section, missing, text, grid.place(anchor))
            return
        labels = {label_key(cell.text) for cell in row.own if _is_label(cell.text)}
        if (
            section == "section_three"
            and labels
            and labels <= self.words.groups_three | set(self.words.parts_three)
            and _has_values(row)
        ):
            self._lint("number-in-group-head", f"分组标题一行印有数字“{text}”", grid.place(anchor))
        else:
            self._lint("unknown-row", f"无法识别的行“{text}”", grid.place(anchor))
        if section == "section_three" or _has_values(row):
            self._doubt(section, missing, text, grid.place(anchor))
        if not _has_values(row):
            return
        form = self.words.form
        rows = form.section_two_rows if section == "section_two" else form.section_three_rows
        printed = {plain(cell.text) for cell in row.own}
        for key in sorted(key for key in self.rows_seen if key in rows and plain(rows[key].text) in printed):
            columns = form.columns_of(key) if section == "section_two" else form.section_three_columns
            for column in columns:
                cell = Cell(f"{section}.{key}.{column}", CellState.UNREADABLE, raw=text, at=grid.place(anchor))
                self._put(cell, grid, anchor)

    def _broken_off(self, grid: Grid, rows: Sequence[tuple[GridRow, GridCell | None]], position: int) -> bool:
        """Whether a row's numbers stand in a line of their own below it, or nowhere: it was not left blank."""
        row, label = rows[position]
        values = [cell for cell in row.own if label and cell.column >= label.end_column]
        if any(cell.text.strip() for cell in values):
            return False
        below = rows[position + 1] if position + 1 < len(rows) else None
        if below and below[1] is None and _has_values(below[0]):
            return True
        return grid.exact and not values


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

    seen: dict[tuple[int, ...], list[int]] = field(default_factory=dict)

    @staticmethod
    def _geometry(
        row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int
    ) -> tuple[tuple[int, ...], list[GridCell]]:
        values = [cell for cell in row.own if cell.column >= label.end_column]
        return (label.column, columns, len(values), 0 if grid.exact else depth), values

    def learn(self, row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int = 0) -> None:
        """Take note of a row that has a value in every column. ``depth`` is how deep the form sets its label."""
        geometry, values = self._geometry(row, label, columns, grid, depth)
        filled = [position for position, cell in enumerate(values) if cell.text.strip()]
        if len(filled) == columns and filled[-1] - filled[0] == columns - 1:
            self.seen.setdefault(geometry, []).append(filled[0])

    def of(self, row: GridRow, label: GridCell, columns: int, grid: Grid, depth: int = 0) -> int | None:
        """The offset that all full rows of the same geometry agree on, or None."""
        offsets = self.seen.get(self._geometry(row, label, columns, grid, depth)[0], [])
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
    beside = [cell for cell in row.cells if cell.column >= start]
    if len(beside) == len(heads.heads) and all(
        cell.column == head.column and cell.end_column == head.end_column
        for cell, head in zip(beside, heads.heads, strict=True)
    ):
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


def _missing(keys: Sequence[str | None], position: int, order: Sequence[str]) -> list[str]:
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


def _may_be_label(text: str, label: Label, rows: Mapping[str, tuple[str, bool]], inside: bool) -> bool:
    """Whether a text that was read as no row prints a row's label, alone, beside numbers, or (``inside`` a table)
    among other words. 其他 and 总计 alone say nothing; with their number they do."""
    printed = plain(text)
    comparable = label_key(text)
    exact = rows.get(comparable) or rows.get(label_key(_NUMBERS_AROUND.sub("", printed)))
    if plain(label.text) in printed:
        return True
    if exact:
        return exact[0] == label.key and not (
            _AMBIGUOUS & {label_key(_NUMBERS_AROUND.sub("", printed)), comparable}
        )
    wordings = (label_key(wording) for wording in (label.text, *label.variants))
    return inside and any(len(wording) >= SHORTEST_TELLING and wording in comparable for wording in wordings)


def _are_joined(heads: Sequence[Head]) -> bool:
    """Whether heads in the order of columns lie side by side, without a gap and none over another."""
    return bool(heads) and all(left.end_column == right.column for left, right in pairwise(heads))


def _is_tiled(rows: Iterable[GridRow], first: int, end: int) -> bool:
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


def _once(heads: Iterable[Head]) -> list[Head]:
    """Heads in the order of columns; one that stands again right under itself (a split merged cell) is one."""
    return sorted(
        {(head.key or head.text, head.column, head.end_column): head for head in heads}.values(),
        key=lambda head: head.column,
    )


def _one_head(heads: Heads, columns: Sequence[str]) -> Heads:
    """A head printed over each of several columns, where the row has but that one: the head of all of them."""
    if len(columns) > 1 or len(heads.heads) < 2 or len(set(heads.known)) != 1 or not heads.all_known:
        return heads
    first, last = heads.heads[0], heads.heads[-1]
    return replace(heads, heads=(replace(first, end_column=last.end_column),))


def _known_of(heads: Iterable[Head]) -> list[str]:
    return [head.key for head in heads if head.key]


def _whole_row(grid: Grid, key: str, anchor: GridCell, values: Sequence[GridCell], lost: bool) -> Cell:
    """A cell that cannot be told from its neighbours: blank where the whole row is and no cell is lost."""
    raw = " ".join(cell.text.strip() for cell in values if cell.text.strip())
    return Cell(key, CellState.UNREADABLE if raw or lost else CellState.BLANK, raw=raw, at=grid.place(anchor))


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
    if len(comparable) < SHORTEST_NEAR_LABEL or comparable[-1].isdigit():
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
