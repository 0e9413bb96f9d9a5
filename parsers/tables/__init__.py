"""The three tables of the form, read from grids by row label and column head.

A value is taken where the grid proves which cell it is: it stands under its head in a table whose columns are
true, or the row holds exactly as many values as it has columns, without a gap. Where neither holds the cell is
unreadable and a lint says so. Nothing is counted from the top of a table, and no cell is invented.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.documents.model import Grid, Paragraph
from parsers.tables.bands import bands_of, form_by_rows, is_table, recognise_form, without_other_years
from parsers.tables.record import Record, Tables
from parsers.tables.rows import Rows
from parsers.tables.section_four import SectionFour
from parsers.tables.section_three import SectionThree
from parsers.tables.section_two import SectionTwo
from parsers.tables.vocabulary import vocabulary

__all__ = ["Tables", "read_tables", "vocabulary"]


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
    bands = bands_of(grids, between)
    bands, other_years = without_other_years(bands, grids, between, report_year)
    found = recognise_form(bands)
    if found is None and any(band.section in (3, 4) and is_table(band) for band in bands):
        found = form_key or form_by_rows(bands)
    if found is None:
        return Tables(None)
    record = Record(vocabulary(found), Tables(found))
    rows = Rows(record)
    two, three, four = SectionTwo(record, rows), SectionThree(record, rows), SectionFour(record, rows)
    for position, band in enumerate(bands):
        if band.section == 2:
            two.read(band)
        elif band.section == 3:
            three.read(band, goes_on=position + 1 < len(bands) and bands[position + 1].follows)
        else:
            four.read(band)
    three.settle_other_group()
    for section in sorted(record.tables.sections - {4}):
        record.labels_unread(section, bands, between)
    if 4 not in record.tables.sections:
        four.read_without_heads(grids, between)
    if 4 not in record.tables.sections:
        four.read_lines(between)
    if four.heads.heads:
        four.numbers_fallen_out(bands, between)
    record.finish()
    record.tables.lints += other_years
    return record.tables
