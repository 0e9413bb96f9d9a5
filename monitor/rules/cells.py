"""Reading printed cells for the rules: sums in which blank, absent and unreadable are never mixed up.

The conventions of domain.md part 4: blanks count as 0 for the first test, a disagreement with a blank in it weighs
one step less, and so does one in a table whose reading is in doubt; both are said in the message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.language import N_
from monitor.rules.base import NotAssessable, Severity
from parsers.schema import Cell, CellState, Lint, Number, Report, number_to_json

FORMS_WITH_TABLES = ("2019", "2021")

APPLICANTS = ("natural_person", "business", "research", "ngo", "legal_service", "other_org")
COLUMNS = (*APPLICANTS, "total")
OTHER_IN_THREE_ROWS = ("other_not_corrected", "other_fee_unpaid", "other_other")
RESULTS = (
    "granted",
    "partially_granted",
    "denied_state_secret",
    "denied_law_prohibits",
    "denied_safety_stability",
    "denied_third_party",
    "denied_internal_affairs",
    "denied_process_info",
    "denied_enforcement_file",
    "denied_admin_query",
    "unable_no_info",
    "unable_needs_creation",
    "unable_unclear",
    "rejected_petition",
    "rejected_repeat",
    "rejected_publication",
    "rejected_excessive",
    "rejected_reconfirm",
)
BLOCKS = ("review", "litigation_direct", "litigation_after_review")
OUTCOMES = ("upheld", "corrected", "other", "pending")

SECTION_NAMES = {2: "section_two", 3: "section_three", 4: "section_four"}

NO_SUCH_FORM = NotAssessable(N_("未识别出2019年或2021年格式的报告表格"))
CELLS_MISSING = NotAssessable(N_("所需单元格缺失或无法识读"))

BLANKS_AS_ZERO = N_("（空白单元格按0计）")
READING_IN_DOUBT = N_("（该表识读存在疑点：{doubt}，故降一级提示）")

# Lints that say a number of the table may have been read in the wrong place, or not at all.
_HIDDEN = frozenset({"unknown-row", "unknown-column"})
_SHIFTED = frozenset({"L-01", "L-03", "duplicate-row", "number-in-group-head"})
_LESS = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTICE, Severity.NOTICE: Severity.NOTICE}


@dataclass(frozen=True, slots=True)
class Amount:
    """A cell or a sum of cells; ``blank`` where a blank cell was read as 0."""

    value: Number
    blank: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two amounts that should be equal."""

    left: Amount
    right: Amount

    @property
    def agrees(self) -> bool:
        """Whether they are, with blanks read as 0."""
        return self.left.value == self.right.value

    @property
    def blank(self) -> bool:
        """Whether a blank cell had to be read as 0."""
        return self.left.blank or self.right.blank


def key(row: str, column: str) -> str:
    """The cell key of section three."""
    return f"section_three.{row}.{column}"


def add(cells: Mapping[str, Cell], keys: Iterable[str]) -> Amount | None:
    """The sum of the cells, or None where one of them is absent or unreadable."""
    total: Number = 0
    blank = False
    for name in keys:
        cell = cells.get(name)
        if cell is None:
            return None
        if cell.value is not None:
            total += cell.value
        elif cell.state is CellState.BLANK:
            blank = True
        else:
            return None
    return Amount(total, blank)


def reported(cells: Mapping[str, Cell], name: str) -> Number | None:
    """The printed number of a cell, or None where none is printed or it cannot be read."""
    cell = cells.get(name)
    return cell.value if cell else None


def is_present(cells: Mapping[str, Cell], name: str) -> bool:
    """Whether the cell stands in the document, whatever is in it."""
    cell = cells.get(name)
    return cell is not None and cell.state is not CellState.ABSENT


def has_table(report: Report, section: int) -> bool:
    """Whether any cell of the section's table stands in the document."""
    prefix = SECTION_NAMES[section]
    return any(
        cell.state is not CellState.ABSENT and name.startswith(prefix) for name, cell in report.cells.items()
    )


def other_rows(cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """The rows under （六）其他处理 as this report prints them: its own form's, else the other form's."""
    own: tuple[str, ...] = OTHER_IN_THREE_ROWS
    foreign: tuple[str, ...] = ("other",)
    if "section_two.regulations.issued" not in cells:
        own, foreign = foreign, own
    for rows in (own, foreign):
        if any(is_present(cells, key(row, column)) for row in rows for column in COLUMNS):
            return rows
    return own


def result_rows(cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """The rows that add up to （七）总计, as this report prints them."""
    return RESULTS + other_rows(cells)


def rows_of_three(cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """All rows of section three as this report prints them, in the order of the form."""
    return ("new_received", "carried_over", *result_rows(cells), "total_results", "carried_forward")


def add_rows(cells: Mapping[str, Cell], rows: Iterable[str], column: str) -> Amount | None:
    """The sum of rows of section three in one column, or None where it is not known.

    A total left blank beside filled columns stands for their sum, not for 0 (a common habit): then the
    total column is not known.
    """
    rows = tuple(rows)
    amount = add(cells, [f"section_three.{row}.{column}" for row in rows])
    if column == "total" and amount and amount.blank:
        for row in rows:
            if reported(cells, key(row, "total")) is None:
                parts = add(cells, [key(row, applicant) for applicant in APPLICANTS])
                if parts is None or parts.value != 0:
                    return None
    return amount


def comparable(key: str, form: str | None, against_form: str | None) -> bool:
    """Y-08: whether a cell means the same in both forms.

    Between the forms of 2019 (国办公开办函〔2019〕60号) and 2021 (〔2021〕30号) that holds for the applications
    newly received, the totals of section three, and section four; section two counts other things. The
    statistics of report years up to 2018 compare with nothing later.
    """
    if form not in FORMS_WITH_TABLES or against_form not in FORMS_WITH_TABLES:
        return False
    if form == against_form:
        return True
    return key.startswith(("section_three.new_received.", "section_three.total_results.", "section_four."))


def doubt_about(report: Report, section: int, *, shifted: bool = True) -> Lint | None:
    """The first lint that puts the reading of a section's table in doubt, or None.

    ``shifted`` False leaves out the lints on shifted labels and doubled numbers, which never hide a row.
    """
    codes = _HIDDEN | _SHIFTED if shifted else _HIDDEN
    suspects = [lint for lint in report.lints if lint.code in codes]
    if not suspects:
        return None
    prefix = SECTION_NAMES[section] + "."
    places = [cell.at for name, cell in report.cells.items() if cell.at and name.startswith(prefix)]
    tables = {place.table for place in places if place.table is not None}
    lines = [place.line for place in places if place.line is not None]
    heading = report.sections[section].at if section in report.sections else None
    first = heading.line if heading and heading.line else min(lines, default=0)
    for lint in suspects:
        at = lint.at
        if at is None or (at.table is None and at.line is None):
            return lint
        if at.table is not None and tables:
            if at.table in tables:
                return lint
        elif at.line is not None and lines and first <= at.line <= max(lines):
            return lint
    return None


def weigh(severity: Severity, blank: bool, doubt: Lint | None) -> Severity:
    """The severity after the conventions: a blank and a doubt each take one step off."""
    if blank:
        severity = _LESS[severity]
    return _LESS[severity] if doubt else severity


def less(severity: Severity) -> Severity:
    """One step milder; a notice stays a notice."""
    return _LESS[severity]


def notes(blank: bool, doubt: Lint | None) -> dict[str, Any]:
    """The values that say in a message why it weighs less: ``notes`` and what fills them."""
    texts = ([BLANKS_AS_ZERO] if blank else []) + ([READING_IN_DOUBT] if doubt else [])
    return {"notes": texts, **({"doubt": doubt.text} if doubt else {})}


def printed(cells: Mapping[str, Cell], name: str) -> str:
    """What stands in the cell, for a message: its number, or that it is blank."""
    value = reported(cells, name)
    return "空白" if value is None else str(value)


def plain(value: Number) -> int | float:
    """A number as JSON data."""
    number = number_to_json(value)
    assert number is not None
    return number


def apart(left: Number, right: Number) -> Number:
    """How far two numbers are from each other."""
    return left - right if left >= right else right - left


def quoted(names: Iterable[str]) -> str:
    """Names as a Chinese list: “甲”“乙”."""
    return "".join(f"“{name}”" for name in names)
