"""Which rows of which tables belong to which section: tables broken over pages, and tables of other years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from parsers.documents.model import Grid, GridRow, Paragraph
from parsers.forms import FORM_KEYS, load_form, official_wordings
from parsers.labels import label_key, plain
from parsers.schema import Lint
from parsers.tables.vocabulary import AMBIGUOUS, CORNER_THREE, is_label, known_label, vocabulary

# Between the two halves of a table that a page break cut stands nothing, or a page number and 续表.
LONGEST_PAGE_BREAK = 10
LONGEST_CAPTION = 40
MOST_ROWS_OF_A_FOREIGN_TABLE = 9
CAPTION_YEAR = re.compile(r"(20\d{2})年")
LAST_YEAR = re.compile("上一?年|去年|往年|上年度")


@dataclass(slots=True)
class Band:
    """Consecutive rows of one grid that belong to one section's table.

    ``follows`` marks a band whose grid stands right behind one of the same section: a table broken over pages.
    """

    section: int
    grid: Grid
    rows: list[GridRow] = field(default_factory=list)
    follows: bool = False


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


def form_by_rows(bands: Iterable[Band]) -> str | None:
    """The form by the rows of section three that only one of them has."""
    own = {key: set(load_form(key).section_three) - {"other"} for key in FORM_KEYS}
    for band in bands:
        for row in band.rows:
            for cell in row.own:
                match = vocabulary("2021").rows_three.get(label_key(cell.text))
                if match and match[0] in own["2021"] - own["2019"] and label_key(cell.text) not in AMBIGUOUS:
                    return "2021"
    return None


def is_table(band: Band) -> bool:
    """Whether a band has the heads of its section's table: three of them at least."""
    words = vocabulary("2021")
    heads = words.heads_three if band.section == 3 else words.heads_four
    found = {label_key(cell.text) for row in band.rows for cell in row.own}
    return len(found & set(heads)) >= 3


def bands_of(grids: Sequence[Grid], between: Sequence[Sequence[Paragraph]]) -> list[Band]:
    """The rows of all grids by the section they belong to.

    A grid that says nothing of itself goes on with the unfinished table right before it.
    """
    bands: list[Band] = []
    for position, grid in enumerate(grids):
        if is_foreign(grid):
            continue
        before = bands[-1] if bands and position and bands[-1].grid is grids[position - 1] else None
        if position < len(between) and not is_page_break(between[position]):
            before = None
        own = bands_of_grid(grid)
        if not own and before and is_unfinished(before) and any(map(has_values, grid.rows)):
            own = [Band(before.section, grid, list(grid.rows))]
        if own and before and own[0].section == before.section:
            own[0].follows = True
            # What says nothing of itself may be the rest of a row that the page break cut.
            own[0].rows[:0] = [row for row in grid.rows if row.number < own[0].rows[0].number]
        bands += own
    return bands


def is_foreign(grid: Grid) -> bool:
    """Whether a small table that prints words of the form is of something else: by words the form has not."""
    if len(grid.rows) > MOST_ROWS_OF_A_FOREIGN_TABLE:
        return False
    words = foreign_words()
    labels = [cell.text for row in grid.rows for cell in row.own if len(cell.text) <= LONGEST_CAPTION]
    return any(word in text for text in labels for word in words)


@cache
def foreign_words() -> tuple[str, ...]:
    """Words that no table of the form prints."""
    return tuple(official_wordings()["foreign_tables"])


def is_page_break(lines: Sequence[Paragraph]) -> bool:
    """Whether what stands between two tables is no more than a page break leaves, and no caption."""
    text = "".join(line.text for line in lines)
    return len(text) <= LONGEST_PAGE_BREAK and not CAPTION_YEAR.search(plain(text)) and not LAST_YEAR.search(text)


def bands_of_grid(grid: Grid) -> list[Band]:
    """One grid's rows by section; rows that say nothing stay with those before, 总计 and 其他 with the next."""
    bands: list[Band] = []
    leading: list[GridRow] = []
    for row in grid.rows:
        section = section_of(row) or (bands[-1].section if bands else 0)
        if not section:
            if leading or any(label_key(cell.text) in AMBIGUOUS for cell in row.own):
                leading.append(row)
            continue
        if not bands or bands[-1].section != section:
            bands.append(Band(section, grid, leading))
            leading = []
        bands[-1].rows.append(row)
    return bands


def is_unfinished(band: Band) -> bool:
    """Whether a table ends before its form does: without its last row, table four without its numbers."""
    if band.section == 4:
        return not any(map(has_values, band.rows))
    words = vocabulary("2021")
    rows, last = (words.rows_two, "admin_fees") if band.section == 2 else (words.rows_three, "carried_forward")
    return not any(
        match and match.key == last
        for row in band.rows
        for cell in row.own
        if (match := known_label(cell.text, rows))
    )


def without_other_years(
    bands: list[Band], grids: Sequence[Grid], between: Sequence[Sequence[Paragraph]], year: int | None
) -> tuple[list[Band], list[Lint]]:
    """Leave out tables that their caption says are another year's, where the section has one without it."""
    if len(bands) <= len({band.section for band in bands}) or not between:
        return bands, []
    foreign = {
        id(grid)
        for grid, before in zip(grids, between, strict=False)
        if before and names_other_year(before[-1].text, year)
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


def names_other_year(caption: str, year: int | None) -> bool:
    """Whether a caption says that its table is another year's."""
    text = plain(caption)
    if len(text) > LONGEST_CAPTION:
        return False
    years = {int(named) for named in CAPTION_YEAR.findall(text)}
    return year not in years if years and year else LAST_YEAR.search(text) is not None


@cache
def section_votes() -> dict[str, int]:
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
        label: next(iter(found)) for label, found in sections.items() if len(found) == 1 and label not in AMBIGUOUS
    }


def section_of(row: GridRow) -> int | None:
    """The section that most labels of a row speak for, or None."""
    votes = section_votes()
    counts = [0, 0, 0, 0, 0]
    for cell in row.own:
        text = cell.text
        if not text or text.isascii():
            continue
        comparable = label_key(text)
        section = votes.get(comparable)
        if section is None and comparable.startswith("第二十条"):
            section = 2
        if section is None and comparable.startswith(CORNER_THREE):
            section = 3
        if section:
            counts[section] += 1
    most = max(counts)
    return counts.index(most) if most else None


def has_values(row: GridRow) -> bool:
    """Whether a row has a cell that is filled and no label."""
    return any(cell.text.strip() and not is_label(cell.text) for cell in row.own)
