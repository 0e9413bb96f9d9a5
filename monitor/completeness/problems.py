"""The 问题清单: each matter of a report as the line that staff forward. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from monitor.alerts.conditions import JudgedVersion, PrintedCell
from monitor.alerts.wording import CELL_STATES
from monitor.completeness.figures import DismissedProblem, Problem
from monitor.decisions.deciding import DecidedVersion
from monitor.decisions.dismissals import Dismissal
from monitor.language import N_, translate
from monitor.publication import Standing
from monitor.rules.base import Finding, Matter, Severity, ShouldRead
from parsers.forms import load_form

# How the table rules keep their numbers: for each column, row or block what is printed and what stands against it,
# and the cell the printed number stands in.
_COMPARED: Mapping[str, tuple[str, str, str]] = {
    "T3-01": ("total_results", "sum", "section_three.total_results.{name}"),
    "T3-03": ("total", "sum", "section_three.{name}.total"),
    "T4-01": ("total", "sum", "section_four.{name}.total"),
    "Y-01": ("carried_over", "carried_forward_before", "section_three.carried_over.{name}"),
}
_FLOW = N_("表三 第三项加第四项（对照第一项加第二项） · {column}")
_MOST_PLACES = 4


def problems_of(version: JudgedVersion, language: str = "zh", *, notices: bool = False) -> Iterator[Problem]:
    """A line for each matter that weighs as error or warning, with ``notices`` for those too.

    Nothing is told of a version whose organ is not settled.

    One mistake is one line: what it breaks besides stands under the rules.
    """
    if version.organ is None or version.report_year is None:
        return
    for matter in version.matters:
        if matter.severity is Severity.NOTICE and not notices:
            continue
        leading = matter.findings[0]
        place, reported, expected = corrections(matter.should_read, language) or numbers(
            leading, version, language
        )
        yield Problem(
            organ_code=version.organ.code,
            organ=version.organ.name,
            report_year=version.report_year,
            rule=_rules(matter, language),
            severity=matter.severity.value,
            message=leading.message(language),
            place=place,
            reported=reported,
            expected=expected,
            basis=basis_of(leading.rule, language),
            address=version.address,
            likely_cause=matter.cause.message(language) if matter.cause else None,
            matter=matter.key,
            version_id=version.version_id,
        )


def dismissed_of(
    standing: Standing, decided: Mapping[int, DecidedVersion], language: str = "zh"
) -> Iterator[DismissedProblem]:
    """What staff dismissed of the findings on a report that stands; ``decided`` is by the id of its version."""
    one = decided.get(standing.version_id or 0)
    for withheld in one.decided.withheld if one else ():
        if isinstance(withheld.because, Dismissal):
            yield DismissedProblem(
                reference=withheld.because.reference,
                organ_code=standing.organ.code,
                organ=standing.organ.name,
                report_year=standing.report_year,
                rule=withheld.finding.rule,
                message=withheld.finding.message(language),
                by=withheld.because.by,
                at=withheld.because.at,
                reason=withheld.because.reason,
                address=standing.address,
            )


def basis_of(rule: str, language: str = "zh") -> str:
    """What a rule rests on, for people; empty where it is none of ours any more."""
    return translate(_bases().get(rule, ""), language)


@cache
def _bases() -> Mapping[str, str]:
    from monitor.rules.catalogue import RULES

    return {rule.id: rule.basis for rule in RULES}


def corrections(should_read: Sequence[ShouldRead], language: str = "zh") -> tuple[str, str, str] | None:
    """The cells that are likely wrong, their print and what they should read; None where that is not known.

    The sum that tells of a mistake need not be what is mistaken: its numbers would contradict the cause.
    """
    if not should_read:
        return None
    separator = translate(N_("；"), language)
    blank = translate(CELL_STATES["blank"], language)
    return (
        separator.join(cell.place for cell in should_read),
        separator.join(blank if cell.printed is None else str(cell.printed) for cell in should_read),
        separator.join(str(cell.value) for cell in should_read),
    )


def numbers(finding: Finding, version: JudgedVersion, language: str = "zh") -> tuple[str, str, str]:
    """Where a finding stands, what is printed there, what stands against it: texts, empty where there is none."""
    return numbers_among(finding, version.cells, _describe(version.form), version.form, language)


def numbers_among(
    finding: Finding,
    cells: Mapping[str, PrintedCell],
    describe: Callable[[str], str],
    form: str | None,
    language: str = "zh",
) -> tuple[str, str, str]:
    """The same from the printed cells by their keys, and a function that names a cell for people."""
    separator = translate(N_("；"), language)
    compared = list(_flow(finding, form, language) if finding.rule == "T3-02" else _compared(finding, describe))
    if compared:
        return (
            separator.join(place for place, _, _ in compared),
            separator.join(printed for _, printed, _ in compared),
            separator.join(beside for _, _, beside in compared),
        )
    shown = [cells[key] for key in finding.cells if key in cells]
    printed = [
        cell.raw.strip() or translate(CELL_STATES.get(cell.state, cell.state), language)
        for cell in shown[:_MOST_PLACES]
    ]
    places = [describe(key) for key in finding.cells[:_MOST_PLACES]]
    if len(finding.cells) > _MOST_PLACES:
        more = N_("等{number}格")
        places.append(translate(more, language, {"number": len(finding.cells)}))
    if not places:
        places = [translate(N_("第{number}部分"), language, {"number": number}) for number in finding.sections]
    beside = finding.values.get("expected")
    return separator.join(places), separator.join(printed), "" if beside is None else str(beside)


def _compared(finding: Finding, describe: Callable[[str], str]) -> Iterator[tuple[str, str, str]]:
    if finding.rule not in _COMPARED:
        return
    printed, beside, cell = _COMPARED[finding.rule]
    for name, value in finding.values.items():
        if isinstance(value, Mapping) and printed in value and beside in value:
            yield describe(cell.format(name=name)), _text(value[printed]), _text(value[beside])


def _flow(finding: Finding, form: str | None, language: str) -> Iterator[tuple[str, str, str]]:
    """T3-02 sets two sums against each other, neither of which is printed anywhere."""
    columns = load_form(form).section_three_columns if form in ("2019", "2021") else {}
    for name, value in finding.values.items():
        if name in columns and isinstance(value, Mapping):
            place = translate(_FLOW, language, {"column": columns[name].text})
            yield place, _text(value["right"]), _text(value["left"])


def _describe(form: str | None) -> Callable[[str], str]:
    """Names of cells for people; the key where a form does not know it."""
    if form not in ("2019", "2021"):
        return str
    loaded = load_form(form)

    def describe(key: str) -> str:
        try:
            return loaded.describe(key)
        except KeyError:
            return key

    return describe


def _rules(matter: Matter, language: str) -> str:
    return translate(N_("、"), language).join(_once(finding.rule for finding in matter.findings))


def _once(names: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(names)


def _text(value: Any) -> str:
    return "—" if value is None else str(value)
