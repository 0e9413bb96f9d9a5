"""From findings to matters: one mistake that breaks several rules is one matter, with its likely cause if implied.

For the sums of section three this asks, after Fellegi and Holt, for the least change that repairs all of them: the
one row whose cells, set to what the other rows demand, make T3-01, T3-02 and T3-03 hold in every column, with the
fewest cells changed. A cause is named only where exactly one row does it so; two equally small explanations give
none, and where no single row repairs everything there is more than one mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.rules.base import Finding, Matter, Severity
from monitor.rules.cells import (
    COLUMNS,
    FORMS_WITH_TABLES,
    add_rows,
    key,
    printed,
    quoted,
    reported,
    result_rows,
    rows_of_three,
)
from monitor.rules.tables import compare_flow, compare_results, compare_rows
from parsers.forms import load_form
from parsers.schema import Cell, CellState, Number, Report

ARITHMETIC = ("T3-01", "T3-02", "T3-03")

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
# Rules that judge rows or sections one by one: each is a matter of its own.
_BY_ROW = ("T2-02", "T2-03", "T2-04", "T2-07", "T2-08", "Y-02", "Y-03")
_BY_SECTION = ("S-01", "S-03")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One row of section three and the values that would repair every failing sum, by column."""

    row: str
    values: Mapping[str, Number]


def group(report: Report, findings: Iterable[Finding]) -> tuple[Matter, ...]:
    """The matters of one judged report, the gravest first; every finding is in exactly one."""
    left = list(findings)
    matters: list[Matter] = []
    sums = [finding for finding in left if finding.rule in ARITHMETIC]
    if sums:
        explanations = explain(report)
        if explanations:
            rows = {explanation.row for explanation in explanations}
            only = explanations[0] if len(explanations) == 1 else None
            support = [finding for finding in left if only and finding not in sums and _supports(finding, only)]
            own = (*sums, *support)
            left = [finding for finding in left if finding not in own]
            where = f"section_three.{only.row}" if only and len(rows) == 1 else "section_three"
            matters.append(_matter(where, own, _cause(report, only) if only else None))
    gaps = [finding for finding in left if finding.rule == "S-03" and 3 in finding.sections]
    for_gaps = [finding for finding in left if finding.rule == "T3-00"] if gaps else []
    if for_gaps:
        left = [finding for finding in left if finding not in (*gaps, *for_gaps)]
        matters.append(_matter("S-03:3", (*gaps, *for_gaps)))
    by_key: dict[str, list[Finding]] = {}
    for finding in left:
        by_key.setdefault(_key(finding), []).append(finding)
    matters.extend(_matter(name, tuple(each)) for name, each in by_key.items())
    return tuple(
        sorted(matters, key=lambda matter: (_WEIGHT[matter.severity], matter.findings[0].rule, matter.key))
    )


def explain(report: Report) -> list[Explanation]:
    """The rows that alone explain every failing sum of section three, those with the fewest changed cells.

    Empty where nothing fails or no single row does it.
    """
    if report.form not in FORMS_WITH_TABLES:
        return []
    found = [
        explanation
        for row in rows_of_three(report.cells)
        if (explanation := _repair(report.cells, row)) is not None
    ]
    least = min((len(explanation.values) for explanation in found), default=0)
    return [explanation for explanation in found if len(explanation.values) == least]


def _repair(cells: Mapping[str, Cell], row: str) -> Explanation | None:
    """The least change of one row that makes all sums hold, or None where there is none."""
    changed: dict[str, Number] = {}
    for column in COLUMNS:
        wanted = _wanted(cells, row, column)
        if wanted is None:
            continue
        now = reported(cells, key(row, column)) or 0
        if wanted != now:
            if wanted < 0:
                return None
            changed[column] = wanted
    if not changed:
        return None
    tried = _with(cells, row, changed)
    sums = (compare_results(tried), compare_flow(tried), compare_rows(tried))
    if any(not comparison.agrees for found in sums for comparison in found.values()):
        return None
    return Explanation(row, changed)


def _wanted(cells: Mapping[str, Cell], row: str, column: str) -> Number | None:
    """What the rest of the column demands in this row; None where the column does not say."""
    results = result_rows(cells)
    flow = _rest(cells, ("new_received", "carried_over"), ("total_results", "carried_forward"), row, column)
    if row in ("new_received", "carried_over", "carried_forward"):
        return flow
    parts = _rest(cells, results, ("total_results",), row, column)
    if row == "total_results" and flow is not None and parts is not None and flow != parts:
        return None
    return parts if parts is not None else (flow if row == "total_results" else None)


def _rest(
    cells: Mapping[str, Cell], left: tuple[str, ...], right: tuple[str, ...], row: str, column: str
) -> Number | None:
    """The value of one row that makes the left rows and the right rows of a column equal."""
    mine, other = (left, right) if row in left else (right, left)
    rest = add_rows(cells, [name for name in mine if name != row], column)
    whole = add_rows(cells, other, column)
    if rest is None or whole is None or cells.get(key(row, column)) is None:
        return None
    if cells[key(row, column)].state in (CellState.ABSENT, CellState.UNREADABLE):
        return None
    return whole.value - rest.value


def _with(cells: Mapping[str, Cell], row: str, values: Mapping[str, Number]) -> dict[str, Cell]:
    """The cells as they would read after the change: for trying only, the report keeps its print."""
    tried = dict(cells)
    for column, value in values.items():
        name = key(row, column)
        tried[name] = Cell(name, CellState.REPORTED, value, str(value), cells[name].at)
    return tried


def _supports(finding: Finding, explanation: Explanation) -> bool:
    """Whether a finding of another kind names a cell of the row and its values hold the repaired number."""
    prefix = f"section_three.{explanation.row}."
    columns = [name.removeprefix(prefix) for name in finding.cells if name.startswith(prefix)]
    if not columns or len(columns) != len(finding.cells):
        return False
    stated = {value for value in finding.values.values() if isinstance(value, int) and not isinstance(value, bool)}
    return all(explanation.values.get(column) in stated for column in columns)


def _cause(report: Report, explanation: Explanation) -> str:
    """The likely cause in Chinese, from the print and the repaired values alone."""
    form = load_form(report.form or "")
    cells, row, values = report.cells, explanation.row, explanation.values
    columns = quoted(form.section_three_columns[column].text for column in values)
    label = form.section_three_rows[row].text
    prints = {printed(cells, key(row, column)) for column in values}
    right = set(values.values())
    if row == "total_results" and len(prints) == len(right) == 1:
        return (
            f"{columns}列{label}印为{prints.pop()}，而各项之和与“本年新收+上年结转−结转下年”均为{right.pop()}，"
            "总计很可能漏填或误填"
        )
    details = "、".join(
        f"“{form.section_three_columns[column].text}”列印为{printed(cells, key(row, column))}、若为{value}"
        for column, value in values.items()
    )
    return f"“{label}”行{details}，则表三各项勾稽关系全部成立，该行很可能漏填或误填"


def _matter(name: str, findings: tuple[Finding, ...], cause: str | None = None) -> Matter:
    ordered = tuple(sorted(findings, key=lambda finding: _WEIGHT[finding.severity]))
    return Matter(name, ordered[0].severity, ordered, cause)


def _key(finding: Finding) -> str:
    """A key that stays the same while the mistake stays, whatever its numbers."""
    if finding.rule.startswith(_BY_ROW) and finding.cells:
        return f"{finding.rule}:{'.'.join(finding.cells[0].split('.')[:2])}"
    if finding.rule in _BY_SECTION:
        return f"{finding.rule}:{','.join(map(str, finding.sections))}"
    return finding.rule
