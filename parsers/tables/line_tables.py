"""Tables two and three that are no tables: their cells stand in lines of text, one or many a line.

A run of lines becomes a table where the form's labels prove which number belongs where: the heads stand in the
form's order, and behind each row's label stand exactly as many values as the row has columns, until the next
label. A row with another count, one whose values do not stand alike in their lines, and one whose own sum does
not hold, is there and in doubt: its numbers go nowhere. Empty lines are empty cells only where the whole run keeps
count with them. Nothing is done where the document has a real table of the section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from parsers.documents.model import Block, Grid, GridCell, GridRow, Paragraph
from parsers.forms import FORM_KEYS, load_form
from parsers.labels import plain
from parsers.numbers import read_number
from parsers.schema import CellState, Lint
from parsers.sections import heading_of
from parsers.tables.bands import section_of
from parsers.tables.heads import UNIT_LINE
from parsers.tables.lines import (
    EMPTY_CELL,
    EMPTY_LINE,
    LABEL,
    LONGEST_LINE,
    OTHER,
    VALUE,
    Piece,
    is_article,
    known,
    labels_of_four,
    labels_of_three,
    labels_of_two,
    pieces_of,
)
from parsers.tables.vocabulary import CORNER_THREE, vocabulary

FEWEST_ROWS_OF_THREE = 3
LABELS_OF_THREE = 3
LONGEST_LABEL = 60
LONGEST_RUN = 5000
MOST_TRIES = 30
COUNT = "这一行的数值个数与列数不符，无法确定次序"
NESTED = "这一行的数值排列与其他各行不同，无法确定次序"
SUM = "这一行不是表格且各列之和与总计不符，无法确定次序"
ODD = "这一行里有上标、划去的文字、输入框或图片"
HEADS = "这一行之上的列标题不全，无法确定次序"
_TELLING = re.compile("自然人|制发件|废止件|有效件|新制作数|新公开数|公开总数|处理决定数|项目数量|收费金额|采购")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row found in lines. ``labels`` are its label and those of groups before it, ``entries`` what stands behind
    the label; ``columns`` is how many values the row must have, 0 where that is not known."""

    labels: tuple[Piece, ...]
    entries: tuple[Piece, ...] = ()
    columns: int = 0
    doubt: str = ""


def with_tables_of_lines(blocks: Sequence[Block]) -> tuple[Sequence[Block], list[Lint]]:
    """The blocks of a document, runs of lines that are tables two or three made tables, and what to say of them.

    The blocks themselves where there is no such run.
    """
    sections = _sections_told(blocks)
    if not sections:
        return blocks, []
    kept: list[Block] = []
    lints: list[Lint] = []
    run: list[Paragraph] = []
    number = max((block.number for block in blocks if isinstance(block, Grid)), default=0)

    def end_run() -> None:
        nonlocal number
        for part in _parts(run, sections):
            if isinstance(part, Paragraph):
                kept.append(part)
                continue
            number += 1
            section, rows = part
            kept.append(_grid(number, rows))
            first = next(piece.line for row in rows for piece in (*row.labels, *row.entries))
            lints.append(Lint("L-03", f"表{'二三'[section - 2]}不是表格，按文字中的标题和数值读取", first.place))
        run.clear()

    for block in blocks:
        if isinstance(block, Paragraph) and not (known(block.text) == "" and _is_heading(block)):
            run.append(block)
        else:
            end_run()
            kept.append(block)
    end_run()
    return (kept, lints) if lints else (blocks, [])


def _sections_told(blocks: Sequence[Block]) -> frozenset[int]:
    """The sections of which lines speak, and no table."""
    wanted = {2, 3}
    for row in (row for block in blocks if isinstance(block, Grid) for row in block.rows):
        wanted.discard(section_of(row) or 0)
        if not wanted:
            return frozenset()
    told: set[int] = set()
    for block in blocks:
        if isinstance(block, Paragraph) and len(block.text) <= LONGEST_LINE and _TELLING.search(block.text):
            told.update(_sections_of(pieces_of(block)))
    return frozenset(told & wanted)


def _sections_of(pieces: Iterable[Piece]) -> Iterator[int]:
    for piece in pieces:
        if piece.kind == LABEL and _TELLING.search(piece.key):
            if _is_two(piece):
                yield 2
            elif piece.key in labels_of_three():
                yield 3


def _is_heading(line: Paragraph) -> bool:
    return heading_of(line.text, 0, sure_only=True) is not None


def _is_prose(piece: Piece) -> bool:
    return piece.kind == OTHER and ("。" in piece.text or len(piece.text) > LONGEST_LABEL)


def _is_two(piece: Piece) -> bool:
    return piece.kind == LABEL and (piece.key in labels_of_two() or is_article(piece.text))


def _is_three(piece: Piece) -> bool:
    """Whether a piece is of table three alone."""
    return piece.kind == LABEL and piece.key in labels_of_three() - labels_of_four() - {"其他", "其它"}


# --- a run of lines ------------------------------------------------------------------------------------------


def _parts(run: Sequence[Paragraph], sections: frozenset[int]) -> Iterator[Paragraph | tuple[int, list[_Row]]]:
    """A run as its lines, those that are a table's replaced by its section and rows."""
    if len(run) > LONGEST_RUN:
        yield from run
        return
    pieces = [pieces_of(line) for line in run]
    start = tries = 0
    while start < len(run):
        section = 0
        if tries < MOST_TRIES:
            section = next((each for each in (2, 3) if each in sections and _begins(pieces[start], each)), 0)
            tries += section > 0
        end = _end(pieces, start, section) if section else start
        lines = _joined_labels([piece for line in pieces[start:end] for piece in line])
        rows = (_Two().read(lines) if section == 2 else _Three().read(lines)) if section else []
        if rows:
            yield section, rows
            start = end
        else:
            yield run[start]
            start += 1


def _begins(line: Sequence[Piece], section: int) -> bool:
    """Whether a table may begin with a line: with an article or heads of table two, with heads of table three."""
    if section == 2:
        heads = {head for key in FORM_KEYS for head in (*vocabulary(key).heads_two, *vocabulary(key).corners_two)}
        return any(piece.kind == LABEL and (piece.key in heads or is_article(piece.text)) for piece in line)
    words = vocabulary(FORM_KEYS[-1])
    return any(
        piece.kind == LABEL
        and (
            piece.key == CORNER_THREE
            or piece.key in words.groups_three
            or words.heads_three.get(piece.key, ("",))[0] == "natural_person"
        )
        for piece in line
    )


def _end(pieces: Sequence[Sequence[Piece]], start: int, section: int) -> int:
    """The line behind a table: behind its last label and the numbers that follow, before another table's."""
    end = start + 1
    behind_label = True
    for position in range(start, len(pieces)):
        line = [piece for piece in pieces[position] if piece.kind != EMPTY_LINE]
        if section == 2 and any(map(_is_three, line)):
            break
        if section == 3 and any(_is_two(piece) or piece.key in labels_of_four() for piece in line):
            break
        own = any(_is_two(piece) if section == 2 else piece.kind == LABEL for piece in line)
        numbers = bool(line) and all(piece.kind in (VALUE, EMPTY_CELL) for piece in line)
        if own or (numbers and behind_label):
            end = position + 1
            behind_label = True
        else:
            behind_label = False
    return end


def _joined_labels(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, labels that are broken over two or three lines put together."""
    joined: list[Piece] = []
    for piece in pieces:
        joined.append(piece)
        for count in (3, 2):
            last = joined[-count:]
            if len(last) < count or any(each.kind not in (LABEL, OTHER) for each in last):
                continue
            text = "".join(each.text for each in last)
            comparable = known(text) if len(text) <= LONGEST_LINE else ""
            if comparable and (
                any(each.kind == OTHER for each in last) or _are_variants([*last, piece._replace(key=comparable)])
            ):
                joined[-count:] = [last[0]._replace(kind=LABEL, key=comparable, text=text)]
                break
    return joined


def _are_variants(pieces: Sequence[Piece]) -> bool:
    """Whether labels all stand for the same head of table three, like 商业 and 企业."""
    heads = vocabulary(FORM_KEYS[-1]).heads_three
    return len({heads.get(piece.key, (piece.key,))[0] for piece in pieces}) == 1


# --- table two -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Two:
    """Table two: articles, heads, rows; or rows with each head right before its value."""

    rows: list[_Row] = field(default_factory=list)
    heads: list[Piece] = field(default_factory=list)
    label: Piece | None = None
    entries: list[Piece] = field(default_factory=list)
    settled: bool = False

    def read(self, pieces: Sequence[Piece]) -> list[_Row]:
        """The rows; none where not one of them has its values."""
        words = [vocabulary(key) for key in FORM_KEYS]
        for piece in pieces:
            if piece.kind == LABEL and any(piece.key in each.heads_two for each in words):
                if self.label and (not self._has_values() or any(each.kind == LABEL for each in self.entries)):
                    self.entries.append(piece)
                    continue
                self._end_row()
                if self.settled:
                    self.heads, self.settled = [], False
                self.heads.append(piece)
            elif piece.kind == LABEL and (is_article(piece.text) or piece.key in words[0].corners_two):
                self._end_row()
                self.heads, self.settled = [], False
                if is_article(piece.text):
                    self.rows.append(_Row((piece,)))
            elif _is_prose(piece):
                self._end_row()
                self.rows.append(_Row((piece,)))
            elif piece.kind in (LABEL, OTHER):
                self._end_row()
                self._settle()
                self.label = piece
            elif self.label is not None or piece.kind == VALUE:
                self._settle()
                self.entries.append(piece)
        self._end_row()
        rows = _settled(self.rows)
        return rows if any(row.labels and row.entries and not row.doubt for row in rows) else []

    def _has_values(self) -> bool:
        return any(each.kind in (VALUE, EMPTY_CELL) for each in self.entries)

    def _settle(self) -> None:
        """The heads are all there: print their line."""
        if self.heads and not self.settled:
            self.rows.append(_Row((), tuple(self.heads)))
        self.settled = True

    def _end_row(self) -> None:
        label, entries = self.label, tuple(self.entries)
        self.label, self.entries = None, []
        if label is None:
            if entries:
                self.rows.append(_Row((), entries))
            return
        columns = _columns_of(label)
        if columns and any(each.kind == LABEL for each in entries):
            self.rows.append(_with_heads_between(label, entries, columns))
            return
        names = tuple(sorted(_heads_named(self.heads)))
        if not columns:
            # No row of the form as it is printed; its label may be a slip of the pen away from one.
            self.rows.append(_Row((label,), entries, len(names) or 1))
            return
        self.rows.append(_Row((label,), entries, len(names) or 1, "" if names in columns else HEADS))


def _with_heads_between(label: Piece, entries: Sequence[Piece], columns: frozenset[tuple[str, ...]]) -> _Row:
    """A row in which each head stands right before its value: each of the row's heads once, each with a value."""
    printed = [each for each in entries if each.kind != EMPTY_LINE]
    names, values = printed[::2], printed[1::2]
    whole = (
        len(names) == len(values)
        and all(name.kind == LABEL for name in names)
        and all(value.kind in (VALUE, EMPTY_CELL) for value in values)
        and tuple(sorted(_heads_named(names))) in columns
    )
    return _Row((label,), tuple(printed), 0, "" if whole else COUNT)


def _columns_of(label: Piece) -> frozenset[tuple[str, ...]]:
    """The columns that the forms give the row of a label, each sorted; empty for a text that is no row."""
    found: set[tuple[str, ...]] = set()
    for key in FORM_KEYS:
        row = vocabulary(key).rows_two.get(label.key)
        if row and row[0] in load_form(key).section_two_row_keys:
            found.add(tuple(sorted(load_form(key).columns_of(row[0]))))
    return frozenset(found)


def _heads_named(heads: Iterable[Piece]) -> list[str]:
    named: list[str] = []
    for head in heads:
        match = next((found for key in FORM_KEYS if (found := vocabulary(key).heads_two.get(head.key))), None)
        named.append(match[0] if match else "")
    return named


# --- table three ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Three:
    """Table three: the heads in the form's order of print, then rows of seven values."""

    rows: list[_Row] = field(default_factory=list)
    heads: list[Piece] = field(default_factory=list)
    among_heads: bool = True
    are_whole: bool = True
    labels: list[Piece] = field(default_factory=list)
    entries: list[Piece] = field(default_factory=list)

    def read(self, pieces: Sequence[Piece]) -> list[_Row]:
        """The rows; none where the heads do not prove the columns or too few rows have their values."""
        words = vocabulary(FORM_KEYS[-1])
        for piece in pieces:
            is_label = piece.kind == LABEL
            begins = is_label and (
                piece.key == CORNER_THREE
                or piece.key in words.groups_three
                or words.heads_three.get(piece.key, ("",))[0] == "natural_person"
            )
            if begins and not self.among_heads:
                self._end_row()
                self.heads, self.among_heads, self.are_whole = [], True, True
            if self.among_heads:
                if begins and piece.key not in words.heads_three:
                    continue
                if is_label and piece.key in words.heads_three and len(self.heads) < len(_columns()):
                    self.heads.append(piece)
                    continue
                if piece.kind in (EMPTY_LINE, EMPTY_CELL) or UNIT_LINE.fullmatch(plain(piece.text)):
                    continue
                if piece.kind in (OTHER, VALUE) and len(self.heads) < len(_columns()):
                    self.are_whole = False
                    continue
                self._end_heads()
            if _is_prose(piece):
                self._end_row()
                self.rows.append(_Row((piece,)))
            elif piece.kind in (LABEL, OTHER):
                self._enter_label(piece)
            else:
                self.entries.append(piece)
        if self.among_heads:
            self._end_heads()
        self._end_row()
        rows = _settled(self.rows)
        good = sum(1 for row in rows if row.columns and not row.doubt and row.labels)
        return rows if good >= FEWEST_ROWS_OF_THREE else []

    def _end_heads(self) -> None:
        self.among_heads = False
        columns = _columns()
        keys = [vocabulary(FORM_KEYS[-1]).heads_three[head.key][0] for head in self.heads]
        two_lines = [columns[0], columns[-1], *columns[1:-1]]
        if keys not in (list(columns), two_lines):
            self.are_whole = False
            return
        if keys == two_lines:
            self.rows += [_Row((), tuple(self.heads[:2])), _Row((), tuple(self.heads[2:]))]
        else:
            self.rows.append(_Row((), tuple(self.heads)))

    def _enter_label(self, piece: Piece) -> None:
        """A label: it ends the row before it; without a value between, that was a group's or lost its values."""
        has_values = any(each.kind in (VALUE, EMPTY_CELL) for each in self.entries)
        is_blank = len(self.entries) >= len(_columns())
        if has_values or is_blank or (self.labels and not self._is_group(self.labels[-1], piece)):
            self._end_row()
        else:
            self.entries = []
        self.labels.append(piece)

    @staticmethod
    def _is_group(label: Piece, following: Piece) -> bool:
        """Whether a label without values is the name of the group that the following row belongs to."""
        words = vocabulary(FORM_KEYS[-1])
        part = words.parts_three.get(label.key)
        if label.kind != LABEL or part is None:
            return False
        row = words.rows_three.get(following.key, ("",))[0]
        own = words.form.section_three_rows.get(row)
        return (
            part == "results"
            or following.key in words.parts_three
            or following.kind == OTHER
            or (own is not None and own.part == part)
        )

    def _end_row(self) -> None:
        labels, entries = tuple(self.labels), tuple(self.entries)
        self.labels, self.entries = [], []
        if not labels and not any(each.kind == VALUE for each in entries):
            return
        if not labels:
            self.rows.append(_Row((), entries))
            return
        self.rows.append(_Row(labels, entries, len(_columns()), "" if self.are_whole else HEADS))


def _columns() -> tuple[str, ...]:
    return tuple(load_form(FORM_KEYS[-1]).section_three_columns)


# --- rows ----------------------------------------------------------------------------------------------------


def _settled(rows: Sequence[_Row]) -> list[_Row]:
    """The rows with their doubts: of the count, of how their values stand, of the row's own sum."""
    counted = [row for row in rows if row.columns]
    keeps_count = all(len(row.entries) == row.columns for row in counted) and any(
        all(each.kind == VALUE for each in row.entries) for row in counted
    )
    spacing = _Spacing.of(counted)
    settled: list[_Row] = []
    standing: list[tuple[int, frozenset[tuple[int, int]]]] = []
    for row in rows:
        if not row.columns:
            settled.append(row)
            continue
        entries = row.entries
        misplaced = ""
        if not keeps_count:
            misplaced = "" if spacing.explains(row, row is counted[-1]) else COUNT
            entries = tuple(each for each in entries if each.kind != EMPTY_LINE)
        odd = ODD if any(label.line.markup.odd for label in row.labels) else ""
        doubt = row.doubt or odd or misplaced or _doubt_of(row.labels[-1], entries, row.columns)
        if not doubt and any(each.kind != EMPTY_LINE for each in entries):
            standing.append((len(settled), _standing(row.labels[-1], entries)))
        settled.append(_Row(row.labels, entries, row.columns, doubt))
        if doubt == COUNT and len(entries) > row.columns:
            # The numbers too many may be those of a row whose label is lost.
            settled.append(_Row((), entries[row.columns :]))
    return _alike(settled, standing)


@dataclass(frozen=True, slots=True)
class _Spacing:
    """Empty lines that only keep lines apart: how many stand between two values, and how many behind a row."""

    between: int
    behind: int

    @classmethod
    def of(cls, rows: Sequence[_Row]) -> _Spacing:
        """What is usual in the rows."""
        found = [_gaps(row.entries) for row in rows]
        between = [gaps[0] for gaps, row in zip(found, rows, strict=True) if row.columns > 1 and gaps[:-1]]
        behind = [gaps[-1] for gaps in found]
        return cls(max(between, key=between.count, default=0), max(behind, key=behind.count, default=0))

    def explains(self, row: _Row, is_last: bool) -> bool:
        """Whether the empty lines of a row are no more than usual: then none of them is an empty cell."""
        *between, behind = _gaps(row.entries)
        if set(between) - {self.between}:
            return False
        if self.between:
            return True
        is_led = bool(row.entries) and row.entries[0].kind == EMPTY_LINE
        return not is_led and (behind == self.behind or (is_last and behind == 0))


def _gaps(entries: Sequence[Piece]) -> list[int]:
    """How many empty lines stand between each two values of a row, and at the end behind the last of them."""
    places = [position for position, each in enumerate(entries) if each.kind != EMPTY_LINE]
    between = [later - earlier - 1 for earlier, later in pairwise(places)]
    return [*between, len(entries) - 1 - places[-1] if places else len(entries)]


def _doubt_of(label: Piece, entries: Sequence[Piece], columns: int) -> str:
    if len(entries) != columns:
        return COUNT
    lines = [id(each.line) for each in entries if each.kind != EMPTY_LINE]
    together = len(set(lines)) <= 1 and EMPTY_LINE not in {each.kind for each in entries}
    apart = len(set(lines)) == len(lines) and id(label.line) not in lines
    if not together and not apart:
        return NESTED
    if columns == len(_columns()):
        readings = [read_number(each.text) for each in entries]
        *parts, total = [reading.value or 0 for reading in readings]
        if any(reading.state is CellState.UNREADABLE for reading in readings) or sum(parts) != total:
            return SUM
    return ""


def _standing(label: Piece, entries: Sequence[Piece]) -> frozenset[tuple[int, int]]:
    """How the values of a row are nested beside its label: levels up from each to the element that holds both."""
    own = (label.line.place.path or "").split(">")
    found: set[tuple[int, int]] = set()
    for each in entries:
        if each.kind == EMPTY_LINE:
            continue
        path = (each.line.place.path or "").split(">")
        common = next((level for level, (a, b) in enumerate(zip(own, path, strict=False)) if a != b), None)
        level = min(len(own), len(path)) if common is None else common
        found.add((len(own) - level, len(path) - level))
    return frozenset(found)


def _alike(rows: list[_Row], standing: Sequence[tuple[int, frozenset[tuple[int, int]]]]) -> list[_Row]:
    """Put the rows in doubt whose values stand otherwise than in most of the rows."""
    ways = [way for _, way in standing]
    if len(set(ways)) > 1:
        usual = max(set(ways), key=ways.count)
        is_usual = ways.count(usual) * 2 > len(ways)
        for position, way in standing:
            if not is_usual or way != usual:
                row = rows[position]
                rows[position] = _Row(row.labels, row.entries, row.columns, NESTED)
    return rows


# --- the table -----------------------------------------------------------------------------------------------


def _grid(number: int, rows: Sequence[_Row]) -> Grid:
    """The rows as a table whose cells are all written. A row in doubt keeps its numbers in one cell."""
    return Grid(
        number,
        tuple(GridRow(position, tuple(_cells(row, position))) for position, row in enumerate(rows)),
        exact=False,
        counted=True,
    )


def _cells(row: _Row, position: int) -> Iterator[GridCell]:
    cells = [(piece.text, piece.line, "") for piece in row.labels]
    if row.labels and row.columns == len(_columns()):
        # The label of a row stands behind those of its groups, in the third column.
        cells[:0] = [("", row.labels[0].line, "")] * (LABELS_OF_THREE - len(cells))
    if row.doubt:
        text = " ".join(piece.text for piece in row.entries if piece.text)
        line = row.entries[0].line if row.entries else row.labels[-1].line
        cells.append((text, line, row.doubt))
    else:
        cells += [(piece.text, piece.line, "") for piece in row.entries]
    if not row.labels and row.entries and row.entries[0].kind == LABEL:
        cells.insert(0, ("", row.entries[0].line, ""))
    for column, (text, line, doubt) in enumerate(cells):
        place = line.place
        yield GridCell(
            text,
            position,
            column,
            position + 1,
            column + 1,
            place.line,
            place.path,
            doubt,
            place.page,
            place.box,
            place.confidence,
        )
