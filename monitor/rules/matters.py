"""From findings to matters: one mistake that breaks several rules is one matter, with its likely cause if implied.

For the sums of section three this asks, after Fellegi and Holt, for the least change that repairs all of them: the
one row whose cells, changed by what the sums lack, make T3-01, T3-02 and T3-03 hold in every column, with the
fewest cells changed. A cause is named only where exactly one row does it so; two equally small explanations give
none, and where no single row repairs everything there is more than one mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.rules.base import Finding, Matter, Severity
from monitor.rules.cells import (
    APPLICANTS,
    FORMS_WITH_TABLES,
    Comparison,
    add,
    key,
    printed,
    quoted,
    reported,
    rows_of_three,
)
from monitor.rules.tables import compare_flow, compare_results, compare_rows
from parsers.forms import load_form
from parsers.schema import Cell, Number, Report

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
    cells = report.cells
    results = _gaps(compare_results(cells))
    flow = _gaps(compare_flow(cells))
    wrong_rows = {row for row, comparison in compare_rows(cells).items() if not comparison.agrees}
    found = [
        explanation
        for row in rows_of_three(cells)
        if wrong_rows <= {row} and (explanation := _repair(cells, row, results, flow)) is not None
    ]
    least = min((len(explanation.values) for explanation in found), default=0)
    return [explanation for explanation in found if len(explanation.values) == least]


def _gaps(found: Mapping[str, Comparison]) -> dict[str, Number]:
    """By column, how much the right side is above the left one."""
    return {column: each.right.value - each.left.value for column, each in found.items()}


def _repair(
    cells: Mapping[str, Cell], row: str, results: Mapping[str, Number], flow: Mapping[str, Number]
) -> Explanation | None:
    """The change of one row that closes all gaps and keeps the row's own sum, or None where there is none."""
    if row == "total_results":
        # Both sums hold this row: they must ask for the same change.
        if any(results[column] != flow[column] for column in results.keys() & flow.keys()):
            return None
        changes = {column: -gap for column, gap in {**results, **flow}.items()}
    elif row in ("new_received", "carried_over", "carried_forward"):
        if any(results.values()):
            return None
        sign = -1 if row == "carried_forward" else 1
        changes = {column: sign * gap for column, gap in flow.items()}
    else:
        if any(flow.values()):
            return None
        changes = dict(results)
    changed = {column: change for column, change in changes.items() if change}
    values = {column: (reported(cells, key(row, column)) or 0) + change for column, change in changed.items()}
    if not values or any(value < 0 for value in values.values()) or not _row_holds(cells, row, changed):
        return None
    return Explanation(row, values)


def _row_holds(cells: Mapping[str, Cell], row: str, changed: Mapping[str, Number]) -> bool:
    """Whether the six kinds of applicants add up to the row's total after the change (T3-03)."""
    parts = add(cells, [key(row, applicant) for applicant in APPLICANTS])
    total = reported(cells, key(row, "total"))
    if parts is None or (total is None and "total" not in changed):
        return True
    after = parts.value + sum(change for column, change in changed.items() if column != "total")
    return after == (total or 0) + changed.get("total", 0)


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
        f"“{form.section_three_columns[column].text}”列由{printed(cells, key(row, column))}改为{value}"
        for column, value in values.items()
    )
    return f"如将“{label}”行{details}，各项勾稽关系即全部相符，该行很可能漏填或误填"


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
