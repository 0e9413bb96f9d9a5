"""From findings to matters: one mistake that breaks several rules is one matter, with its likely cause if implied.

For sums that do not hold :mod:`monitor.rules.localisation` names the least change that repairs all of them. A
cause is named only where one set of cells is clearly likelier than every other of its size; where a few are as
likely they are listed, and where there are many nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from monitor.language import N_
from monitor.rules.base import Cause, Finding, Matter, Severity, ShouldRead
from monitor.rules.cells import printed, quoted
from monitor.rules.localisation import TOTALS_ROW, Candidate, Localisation, localise
from monitor.rules.thresholds import thresholds
from parsers.forms import load_form
from parsers.schema import Report, number_to_json

ARITHMETIC = ("T3-01", "T3-02", "T3-03")
BLOCK_SUMS = "T4-01"

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}
# Rules that judge rows or sections one by one: each is a matter of its own.
_BY_ROW = ("T2-02", "T2-03", "T2-04", "T2-07", "T2-08", "Y-02", "Y-03")
_BY_SECTION = ("S-01", "S-03")

_TOO_MANY = N_("不相符之处太多，说不清是哪几格有误，请逐格核对")
_TOTAL_LEFT_OUT = N_(
    "{columns}列{label}印为{printed}，而各项之和与“本年新收+上年结转−结转下年”均为{right}，总计很可能漏填或误填"
)
_ONE_ROW = N_("如将{details}，各项勾稽关系即全部相符，该行很可能漏填或误填")
_SOME_CELLS = N_("如将{details}，各项勾稽关系即全部相符，这{count}格很可能漏填或误填")
_ONE_OF_BLOCK = N_("如将{details}，该组各项结果之和即与总计相符，该格很可能漏填或误填")
_ONE_OF_SEVERAL = N_("最少改动{count}格即全部相符，有{number}种改法，无法断定是哪一种：{ways}")


def group(report: Report, findings: Iterable[Finding]) -> tuple[Matter, ...]:
    """The matters of one judged report, the gravest first; every finding is in exactly one."""
    left = list(findings)
    matters: list[Matter] = []
    sums = [finding for finding in left if finding.rule in ARITHMETIC]
    blocks = [finding for finding in left if finding.rule == BLOCK_SUMS]
    found = localise(report.form, report.cells) if sums or blocks else ()
    three = next((each for each in found if each.part == "section_three"), None)
    if sums and three:
        cause = _cause(report, [three])
        only = cause.should_read if cause else ()
        support = [finding for finding in left if finding not in sums and _supports(finding, only)]
        own = (*sums, *support)
        left = [finding for finding in left if finding not in own]
        rows = {cell.cell.rpartition(".")[0] for cell in only}
        matters.append(_matter(rows.pop() if len(rows) == 1 else three.part, own, cause))
    if blocks:
        left = [finding for finding in left if finding not in blocks]
        cause = _cause(report, [each for each in found if each is not three])
        matters.append(_matter(BLOCK_SUMS, tuple(blocks), cause))
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


def _supports(finding: Finding, only: Iterable[ShouldRead]) -> bool:
    """Whether a finding of another kind names wrong cells alone, and its values hold what they should read."""
    right = {cell.cell: cell.value for cell in only}
    if not finding.cells or not right.keys() >= set(finding.cells):
        return False
    stated = {value for value in finding.values.values() if isinstance(value, int) and not isinstance(value, bool)}
    return all(right[name] in stated for name in finding.cells)


def _cause(report: Report, parts: list[Localisation]) -> Cause | None:
    """What is likely wrong in these parts of a report together; None where nothing helpful can be said."""
    if not parts:
        return None
    if any(not part.candidates for part in parts):
        return Cause(_TOO_MANY)
    answers = [part.answer for part in parts]
    if all(answers):
        return _answer(report, [answer for answer in answers if answer])
    if len(parts) > 1 or len(parts[0].named) > thresholds()["localisation"]["most_candidate_cells"]:
        return None
    sets = tuple(_should_read(report, candidate) for candidate in parts[0].candidates)
    return Cause(_ONE_OF_SEVERAL, {"count": len(sets[0]), "number": len(sets)}, sets)


def _answer(report: Report, answers: list[Candidate]) -> Cause:
    """The one clear answer, from the print and the right values alone."""
    form = load_form(report.form or "")
    cells = tuple(cell for answer in answers for cell in _should_read(report, answer))
    rows = {cell.cell.rpartition(".")[0] for cell in cells}
    section, _, row = next(iter(rows)).partition(".")
    values: dict[str, Any] = {"count": len(cells)}
    if len(rows) > 1:
        return Cause(_SOME_CELLS, values, (cells,))
    if section == "section_four":
        return Cause(_ONE_OF_BLOCK, values, (cells,))
    columns = [form.section_three_columns[cell.cell.rpartition(".")[2]].text for cell in cells]
    label = form.section_three_rows[row].text
    prints = {printed(report.cells, cell.cell) for cell in cells}
    right = {cell.value for cell in cells}
    if row == TOTALS_ROW and len(prints) == len(right) == 1:
        values |= {"columns": quoted(columns), "label": label, "printed": prints.pop(), "right": right.pop()}
        return Cause(_TOTAL_LEFT_OUT, values, (cells,))
    return Cause(_ONE_ROW, values, (cells,))


def _should_read(report: Report, candidate: Candidate) -> tuple[ShouldRead, ...]:
    """The cells of a set in the order of the form."""
    form = load_form(report.form or "")
    order = {name: number for number, name in enumerate((*form.cells, *form.foreign_cells))}
    return tuple(
        ShouldRead(
            change.key,
            form.describe(change.key),
            number_to_json(change.printed),
            change.value,
        )
        for change in sorted(candidate.changes, key=lambda change: order.get(change.key, len(order)))
    )


def _matter(name: str, findings: tuple[Finding, ...], cause: Cause | None = None) -> Matter:
    ordered = tuple(sorted(findings, key=lambda finding: _WEIGHT[finding.severity]))
    return Matter(name, ordered[0].severity, ordered, cause)


def _key(finding: Finding) -> str:
    """A key that stays the same while the mistake stays, whatever its numbers."""
    if finding.rule.startswith(_BY_ROW) and finding.cells:
        return f"{finding.rule}:{'.'.join(finding.cells[0].split('.')[:2])}"
    if finding.rule == "Y-09":
        # It says why a number of the prose is wrong, which that rule has told.
        return str(finding.values["rule"])
    if finding.rule in _BY_SECTION:
        return f"{finding.rule}:{','.join(map(str, finding.sections))}"
    return finding.rule
