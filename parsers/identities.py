"""The sums that the official form itself states or implies, as data: which cells add up to which (domain.md 4.1).

Used as evidence only: a sum that does not hold puts a reading in doubt, it never changes a number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from parsers.forms import FORM_KEYS, load_form
from parsers.schema import Cell, CellState, Number

# A member of an enumeration is found ten times slower than a name.
_ABSENT, _UNREADABLE = CellState.ABSENT, CellState.UNREADABLE


@dataclass(frozen=True, slots=True)
class Identity:
    """One sum: the signed cells of ``terms`` add up to 0. ``rule`` is the check that judges it.

    ``total`` is the key of the cell that the others add up to.
    """

    rule: str
    terms: Mapping[str, int]
    total: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The cells beside the total."""
        return tuple(key for key in self.terms if key != self.total)


@cache
def identities(form_key: str) -> tuple[Identity, ...]:
    """The sums of a form with tables: T3-01 and T3-02 by column, T3-03 by row, T4-01 by block.

    A report may print the other form's rows under （六）其他处理: :func:`printed` gives its own sums.
    Raises KeyError for a form without tables.
    """
    return _identities(form_key, load_form(form_key).section_three)


def printed(form_key: str, cells: Mapping[str, Cell]) -> tuple[Identity, ...]:
    """The sums with the rows under （六）其他处理 that a report prints: one row or three."""
    form = load_form(form_key)
    rows = form.section_three
    foreign = tuple(row for row in form.section_three_foreign if _is_printed(cells, row))
    own = tuple(row for row in rows if row == "other" or row.startswith("other_"))
    if foreign and not any(_is_printed(cells, row) for row in own):
        place = rows.index(own[0])
        rows = (*(row for row in rows[:place]), *foreign, *(row for row in rows[place:] if row not in own))
    return _identities(form_key, rows)


def broken(found: Iterable[Identity], cells: Mapping[str, Cell]) -> tuple[Identity, ...]:
    """The sums whose cells all hold a number, and do not hold. Blank and absent cells make a sum undecidable."""
    return tuple(identity for identity in found if _lack(identity, cells))


def failing(found: Iterable[Identity], cells: Mapping[str, Cell]) -> tuple[Identity, ...]:
    """The sums that do not hold with blank cells counted as 0, the reading under which a rule tells an error.

    More than a rule tells: a blank total beside filled columns is a habit, and no mistake. A cell that is absent
    or unreadable makes a sum undecidable.
    """
    wrong: list[Identity] = []
    for identity in found:
        # A plain loop, left at the first cell that is not there: every report is asked for every sum.
        lack: Number = 0
        for key, sign in identity.terms.items():
            cell = cells.get(key)
            if cell is None or cell.state is _ABSENT or cell.state is _UNREADABLE:
                break
            if cell.value:
                lack += sign * cell.value
        else:
            if lack:
                wrong.append(identity)
    return tuple(wrong)


def doubtful_rows(form_key: str, cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """The cells of rows of section two whose numbers cannot stand together (T2-02 to T2-08), or stand where a form
    filled rightly holds none (T2-01). Blank cells count as 0."""
    form = load_form(form_key)
    doubtful: list[str] = []
    for row in form.section_two_row_keys:
        columns = form.columns_of(row)
        number = {
            column: cell.value or 0
            for column in columns
            if (cell := cells.get(f"section_two.{row}.{column}")) is not None
            and cell.state in (CellState.REPORTED, CellState.BLANK)
        }
        if _cannot_stand(row, number):
            doubtful += [f"section_two.{row}.{column}" for column in columns]
    return tuple(doubtful)


def _cannot_stand(row: str, number: Mapping[str, Number]) -> bool:
    """Whether the numbers of a row of section two, by column, contradict one another or the row itself."""
    if row == "regulations" and any(number.values()):
        return True
    if number.keys() >= {"issued", "repealed", "in_force"}:
        least = number["issued"] - number["repealed"]
        return number["in_force"] < least or (
            number["repealed"] == 0 and number["in_force"] == number["issued"] > 0
        )
    if number.keys() >= {"newly_made", "newly_published", "total_public"}:
        return (
            number["newly_published"] < number["newly_made"] or number["total_public"] < number["newly_published"]
        )
    if number.keys() >= {"prior_year_items", "change"}:
        items = number["prior_year_items"] + number["change"]
        return items < 0 or (items == 0 and number.get("decisions", 0) > 0)
    if number.keys() >= {"project_count", "amount_wan"}:
        return (number["project_count"] > 0) != (number["amount_wan"] > 0)
    return False


def _lack(identity: Identity, cells: Mapping[str, Cell]) -> Number:
    """By how much the terms miss 0; 0 where they cannot be added."""
    lack: Number = 0
    for key, sign in identity.terms.items():
        cell = cells.get(key)
        if cell is None or cell.state is not CellState.REPORTED or cell.value is None:
            return 0
        lack += sign * cell.value
    return lack


@cache
def _identities(form_key: str, rows: tuple[str, ...]) -> tuple[Identity, ...]:
    form = load_form(form_key)
    columns = tuple(form.section_three_columns)
    applicants = tuple(column for column in columns if column != "total")
    outside = ("new_received", "carried_over", "total_results", "carried_forward")
    results = tuple(row for row in rows if row not in outside)
    found: list[Identity] = []
    for column in columns:
        total = f"section_three.total_results.{column}"
        found.append(
            Identity("T3-01", {f"section_three.{row}.{column}": 1 for row in results} | {total: -1}, total)
        )
    for column in columns:
        keys = [f"section_three.{row}.{column}" for row in outside]
        found.append(Identity("T3-02", dict(zip(keys, (1, 1, -1, -1), strict=True)), keys[2]))
    for row in rows:
        total = f"section_three.{row}.total"
        terms = {f"section_three.{row}.{column}": 1 for column in applicants} | {total: -1}
        found.append(Identity("T3-03", terms, total))
    for block in form.section_four_blocks:
        total = f"section_four.{block}.total"
        parts = [column for column in form.section_four_columns if column != "total"]
        found.append(Identity("T4-01", {f"section_four.{block}.{part}": 1 for part in parts} | {total: -1}, total))
    return tuple(found)


def _is_printed(cells: Mapping[str, Cell], row: str) -> bool:
    return any(
        (cell := cells.get(f"section_three.{row}.{column}")) is not None and cell.state is not CellState.ABSENT
        for column in load_form(FORM_KEYS[0]).section_three_columns
    )
