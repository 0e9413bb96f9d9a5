"""Checks between the reports of two following years of one organ (domain.md 4.4).

Section two is never compared across the change of form from 2019 to 2021 (Y-08).
Y-06 and Y-09, on the prose, are in :mod:`monitor.rules.repeats`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from typing import Any

from monitor.language import N_
from monitor.rules.base import (
    Came,
    EarlierYear,
    Fail,
    Finding,
    Need,
    NotAssessable,
    OrganKind,
    Pass,
    Reorganised,
    Result,
    Rule,
    Severity,
    Subject,
)
from monitor.rules.cells import (
    BLANKS_AS_ZERO,
    CELLS_MISSING,
    COLUMNS,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    OUTCOMES,
    SECTION_NAMES,
    Amount,
    Comparison,
    add,
    add_rows,
    apart,
    comparable,
    doubt_about,
    key,
    less,
    notes,
    plain,
    printed,
    quoted,
    reported,
    weigh,
)
from monitor.rules.organs import kind_of
from monitor.rules.thresholds import thresholds
from parsers.forms import load_form
from parsers.schema import Lint, Number, Report

FORM_YEARS = range(2019, 2100)

NO_YEAR_BEFORE = NotAssessable(N_("没有上一年度的报告可供比较"))
OTHER_FORM = NotAssessable(N_("两年所用格式不同，表二不可比"))
JOINED = NotAssessable(N_("本机关上一年度以后由几个机关合成，上一年度的数字和文字不能直接比较"))
PARTED = NotAssessable(N_("本机关上一年度以后有拆分或部分划转，上一年度的数字和文字不能直接比较"))
NOT_ALL_THERE = NotAssessable(N_("合并以前各机关上一年度的报告不齐全，或缺少所需单元格，无从核对"))
UNDER_THE_FORMER_NAME = N_("（本机关{reorganised_on}由“{predecessor}”更名或改设而来，上一年度的报告是后者公布的）")

# Numbers that follow from others are no independent sign of copying.
_DERIVED = (".total", "section_three.total_results.")
_ENOUGH_TO_COMPARE = 3


def year_before(subject: Subject) -> Report | None:
    """The report of exactly the year before, where it and this one have tables."""
    before, report = subject.previous, subject.report
    if (
        before is None
        or before.report_year is None
        or report.report_year is None
        or before.report_year != report.report_year - 1
        or before.form not in FORMS_WITH_TABLES
    ):
        return None
    return before


def to_compare_with(subject: Subject) -> Report | NotAssessable:
    """The report of the year before that a rule over two years compares this one with, or why there is none."""
    if subject.report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if subject.reorganised is not None and subject.reorganised.how is not Came.RENAMED:
        return why_none(subject)
    return year_before(subject) or NO_YEAR_BEFORE


def why_none(subject: Subject) -> NotAssessable:
    """Why there is no report of the year before to compare with."""
    match subject.reorganised:
        case Reorganised(how=Came.JOINED):
            return JOINED
        case Reorganised(how=Came.PARTED):
            return PARTED
        case _:
            return NO_YEAR_BEFORE


def names_predecessor(evaluate: Callable[[Subject], Result]) -> Callable[[Subject], Result]:
    """A rule over the years whose findings say so where the organ's former name stands on the report before."""

    @wraps(evaluate)
    def told(subject: Subject) -> Result:
        result, came = evaluate(subject), subject.reorganised
        if not isinstance(result, Fail) or came is None or came.how is not Came.RENAMED:
            return result
        more = {"reorganised_on": came.on.isoformat(), "predecessor": "、".join(came.names)}
        return Fail(
            tuple(
                replace(
                    finding,
                    values={
                        **finding.values,
                        **more,
                        "notes": [*finding.values.get("notes", ()), UNDER_THE_FORMER_NAME],
                    },
                )
                for finding in result.findings
            )
        )

    return told


@names_predecessor
def carried_over_is_what_was_carried_forward(subject: Subject) -> Result:
    """Y-01: carried_over of this year is carried_forward of the year before, in total and in each column.

    Where organs were joined it is the sum of what all of them carried forward, and weighs one step less: some of
    it may have gone elsewhere.
    """
    if subject.reorganised is not None and subject.reorganised.how is Came.JOINED:
        return _carried_over_from_all(subject.report, subject.reorganised)
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    found: dict[str, Comparison] = {}
    for column in COLUMNS:
        then = add_rows(before.cells, ("carried_forward",), column)
        now = add_rows(report.cells, ("carried_over",), column)
        if then is not None and now is not None:
            found[column] = Comparison(then, now)
    if not found:
        return CELLS_MISSING
    wrong = {column: each for column, each in found.items() if not each.agrees}
    if not wrong:
        return Pass(BLANKS_AS_ZERO if any(each.blank for each in found.values()) else None)
    decisive = [wrong["total"]] if "total" in wrong else list(wrong.values())
    blank = all(each.blank for each in decisive)
    doubt = doubt_about(report, 3) or doubt_about(before, 3)
    severity = Severity.ERROR if "total" in wrong else less(Severity.ERROR)
    names = load_form(report.form).section_three_columns
    values: dict[str, Any] = {
        column: {"carried_forward_before": plain(each.left.value), "carried_over": plain(each.right.value)}
        for column, each in wrong.items()
    }
    details = "；".join(
        f"“{names[column].text}”列上年印为{printed(before.cells, key('carried_forward', column))}、"
        f"本年印为{printed(report.cells, key('carried_over', column))}"
        f"（相差{apart(each.left.value, each.right.value)}）"
        for column, each in wrong.items()
    )
    finding = Finding(
        "Y-01",
        weigh(severity, blank, doubt),
        N_(
            "{before}年度报告的“结转下年度继续办理”与{year}年度报告的“上年结转”不符（{columns}）：{details}{notes}"
        ),
        {
            **values,
            "before": before.report_year,
            "year": report.report_year,
            "columns": quoted(names[column].text for column in wrong),
            "details": details,
            **notes(any(each.blank for each in wrong.values()), doubt),
        },
        tuple(key("carried_over", column) for column in wrong),
        (3,),
    )
    return Fail((finding,))


def _carried_over_from_all(report: Report, came: Reorganised) -> Result:
    """Y-01 of an organ of which others became a part."""
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    parts = [each for each in came.reports if each is not None and each.form in FORMS_WITH_TABLES]
    year = report.report_year
    if len(parts) < max(len(came.names), 2) or year is None or any(each.report_year != year - 1 for each in parts):
        return NOT_ALL_THERE
    found: dict[str, tuple[list[Amount], Amount]] = {}
    for column in COLUMNS:
        then = [add_rows(each.cells, ("carried_forward",), column) for each in parts]
        now = add_rows(report.cells, ("carried_over",), column)
        whole = [amount for amount in then if amount is not None]
        if now is not None and len(whole) == len(parts):
            found[column] = (whole, now)
    if not found:
        return NOT_ALL_THERE
    sums = {
        column: Comparison(Amount(sum(each.value for each in then), any(each.blank for each in then)), now)
        for column, (then, now) in found.items()
    }
    wrong = {column: each for column, each in sums.items() if not each.agrees}
    if not wrong:
        return Pass(BLANKS_AS_ZERO if any(each.blank for each in sums.values()) else None)
    decisive = [wrong["total"]] if "total" in wrong else list(wrong.values())
    blank = all(each.blank for each in decisive)
    doubt = next((lint for each in (report, *parts) if (lint := doubt_about(each, 3))), None)
    severity = less(Severity.ERROR) if "total" in wrong else less(less(Severity.ERROR))
    names = load_form(report.form).section_three_columns
    details = "；".join(
        f"“{names[column].text}”列上年合计{plain(each.left.value)}（"
        + "、".join(
            f"{name}{plain(amount.value)}" for name, amount in zip(came.names, found[column][0], strict=True)
        )
        + f"）、本年印为{printed(report.cells, key('carried_over', column))}"
        f"（相差{apart(each.left.value, each.right.value)}）"
        for column, each in wrong.items()
    )
    finding = Finding(
        "Y-01",
        weigh(severity, blank, doubt),
        N_(
            "{before}年度各机关（{organs}，{reorganised_on}合并）报告的“结转下年度继续办理”之和与{year}年度报告的“上年结转”"
            "不符（{columns}）：{details}{notes}"
        ),
        {
            **{
                column: {
                    "carried_forward_before": plain(each.left.value),
                    "carried_over": plain(each.right.value),
                }
                for column, each in wrong.items()
            },
            "before": year - 1,
            "year": year,
            "organs": "、".join(came.names),
            "reorganised_on": came.on.isoformat(),
            "columns": quoted(names[column].text for column in wrong),
            "details": details,
            **notes(any(each.blank for each in wrong.values()), doubt),
        },
        tuple(key("carried_over", column) for column in wrong),
        (3,),
    )
    return Fail((finding,))


@names_predecessor
def in_force_continues(subject: Subject) -> Result:
    """Y-02: documents in force = those of the year before + issued − repealed (both years in the 2021 form)."""
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    if not report.form == before.form == "2021":
        return OTHER_FORM

    def judge(row: str) -> Finding | bool | None:
        then = add(before.cells, (f"section_two.{row}.in_force",))
        issued, repealed, now = (
            add(report.cells, (f"section_two.{row}.{column}",)) for column in ("issued", "repealed", "in_force")
        )
        if then is None or issued is None or repealed is None or now is None:
            return None
        expected = then.value + issued.value - repealed.value
        blank = then.blank or issued.blank or repealed.blank or now.blank
        if now.value == expected:
            return blank
        doubt = doubt_about(report, 2) or doubt_about(before, 2)
        if now.value > expected:
            severity = Severity.WARNING
            template = N_(
                "表二“{row}”：上年末现行有效{then}件，加本年制发{issued}件减本年废止{repealed}件应为{expected}件，"
                "印为{in_force}件，多出{difference}件{notes}"
            )
        else:
            severity = Severity.NOTICE
            template = N_(
                "表二“{row}”：上年末现行有效{then}件，加本年制发{issued}件减本年废止{repealed}件应为{expected}件，"
                "印为{in_force}件，少{difference}件（可能有失效或清理未计入废止）{notes}"
            )
        return Finding(
            "Y-02",
            weigh(severity, blank, doubt),
            template,
            {
                "row": load_form("2021").section_two_rows[row].text,
                "then": printed(before.cells, f"section_two.{row}.in_force"),
                "issued": printed(report.cells, f"section_two.{row}.issued"),
                "repealed": printed(report.cells, f"section_two.{row}.repealed"),
                "in_force": printed(report.cells, f"section_two.{row}.in_force"),
                "expected": plain(expected),
                "difference": plain(apart(now.value, expected)),
                "before": before.report_year,
                **notes(blank, doubt),
            },
            tuple(f"section_two.{row}.{column}" for column in ("issued", "repealed", "in_force")),
            (2,),
        )

    return _together(judge, ("regulations", "normative_documents"))


@names_predecessor
def items_continue(subject: Subject) -> Result:
    """Y-03: (2019 form) the prior items are last year's items and change; what is public does not shrink."""
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    if not report.form == before.form == "2019":
        return OTHER_FORM
    doubt = doubt_about(report, 2) or doubt_about(before, 2)

    def judge(row: str) -> Finding | bool | None:
        if row in ("regulations", "normative_documents"):
            return _public_does_not_shrink(before, report, row, doubt)
        return _items_follow(before, report, row, doubt)

    rows = (
        "regulations",
        "normative_documents",
        "licensing",
        "other_services",
        "penalty",
        "coercion",
        "admin_fees",
    )
    return _together(judge, rows)


def _public_does_not_shrink(before: Report, report: Report, row: str, doubt: Lint | None) -> Finding | bool | None:
    name = f"section_two.{row}.total_public"
    then, now = add(before.cells, (name,)), add(report.cells, (name,))
    if then is None or now is None:
        return None
    blank = then.blank or now.blank
    if now.value >= then.value:
        return blank
    return Finding(
        "Y-03",
        weigh(Severity.WARNING, blank, doubt),
        N_("表二“{row}”：对外公开总数量印为{now}，少于上一年度报告的{then}{notes}"),
        {
            "row": load_form("2019").section_two_rows[row].text,
            "then": printed(before.cells, name),
            "now": printed(report.cells, name),
            **notes(blank, doubt),
        },
        (name,),
        (2,),
    )


def _items_follow(before: Report, report: Report, row: str, doubt: Lint | None) -> Finding | bool | None:
    then = add(before.cells, (f"section_two.{row}.prior_year_items", f"section_two.{row}.change"))
    name = f"section_two.{row}.prior_year_items"
    now = add(report.cells, (name,))
    if then is None or now is None:
        return None
    blank = then.blank or now.blank
    if then.value == now.value:
        return blank
    return Finding(
        "Y-03",
        weigh(Severity.WARNING, blank, doubt),
        N_(
            "表二“{row}”：上一年度报告的项目数量加增减为{then}，本年度报告的“上一年项目数量”印为{now}，相差{difference}{notes}"
        ),
        {
            "row": load_form("2019").section_two_rows[row].text,
            "then": plain(then.value),
            "now": printed(report.cells, name),
            "difference": plain(apart(then.value, now.value)),
            **notes(blank, doubt),
        },
        (name,),
        (2,),
    )


_DISPUTES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("行政复议"), ("review",)),
    # One suit may be counted before and after a review in different years.
    (N_("行政诉讼"), ("litigation_direct", "litigation_after_review")),
)


@names_predecessor
def pending_cases_come_back(subject: Subject) -> Result:
    """Y-04: reviews and suits pending at the end of the year before are closed or pending in this year."""
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    doubt = doubt_about(report, 4) or doubt_about(before, 4)
    findings: list[Finding] = []
    judged: list[bool] = []
    for name, blocks in _DISPUTES:
        pending = tuple(f"section_four.{block}.pending" for block in blocks)
        done = tuple(f"section_four.{block}.{outcome}" for block in blocks for outcome in OUTCOMES[:-1])
        then, closed, now = add(before.cells, pending), add(report.cells, done), add(report.cells, pending)
        if then is None or closed is None or now is None:
            continue
        total = add(report.cells, tuple(f"section_four.{block}.total" for block in blocks))
        blank = then.blank or closed.blank or now.blank
        told = closed.value + now.value
        if then.value <= max(told, total.value if total else 0):
            judged.append(blank)
            continue
        findings.append(
            Finding(
                "Y-04",
                Severity.NOTICE,
                N_(
                    "{before}年度报告有{then}件{matter}尚未审结，{year}年度报告已审结{closed}件、尚未审结{now}件，"
                    "至少有{gap}件没有再出现，请核对（撤回的案件也应计入“其他结果”）{notes}"
                ),
                {
                    "before": before.report_year,
                    "year": report.report_year,
                    "matter": name,
                    "then": plain(then.value),
                    "closed": plain(closed.value),
                    "now": plain(now.value),
                    "gap": plain(then.value - told),
                    **notes(blank, doubt),
                },
                (*done, *pending),
                (4,),
            )
        )
    if findings:
        return Fail(tuple(findings))
    if not judged:
        return CELLS_MISSING
    return Pass(BLANKS_AS_ZERO if any(judged) else None)


@names_predecessor
def numbers_are_not_last_years(subject: Subject) -> Result:
    """Y-05: the non-zero cells are not all those of the year before (three independent ones at least)."""
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    if report.form != before.form:
        return OTHER_FORM
    now = _non_zero(report)
    independent = [name for name in now if not name.endswith(_DERIVED[0]) and not name.startswith(_DERIVED[1])]
    if len(independent) < _ENOUGH_TO_COMPARE:
        return NotAssessable(N_("非零数据太少，不足以判断是否雷同"))
    if now != _non_zero(before):
        return Pass()
    finding = Finding(
        "Y-05",
        Severity.WARNING,
        N_("三张表的全部{count}个非零数据与{before}年度报告完全相同，请核对是否沿用了上年数据{notes}"),
        {
            "count": len(now),
            "before": before.report_year,
            "same": {name: plain(value) for name, value in now.items()},
            **notes(False, None),
        },
        tuple(now),
        (2, 3, 4),
    )
    return Fail((finding,))


COUNTS = (
    "section_two.normative_documents.issued",
    "section_two.normative_documents.newly_made",
    "section_two.licensing.decisions",
    "section_two.penalty.decisions",
    "section_two.coercion.decisions",
    "section_three.new_received.total",
    "section_three.total_results.total",
    "section_three.carried_forward.total",
    "section_four.review.total",
    "section_four.litigation_direct.total",
    "section_four.litigation_after_review.total",
)
"""Counts that are held against those of earlier years; what is in force follows from them (Y-02)."""
_OF_P_08 = ("section_two.licensing.decisions", "section_two.penalty.decisions")


@names_predecessor
def counts_are_like_earlier_ones(subject: Subject) -> Result:
    """Y-07 (and P-02): no count is many times the median of the organ's earlier years, or a small part of it.

    Blank and unreadable cells are no numbers, and years of the other form count only where they compare (Y-08).
    A department's licences and penalties that are all gone are told by P-08.
    """
    report = subject.report
    if report.form not in FORMS_WITH_TABLES or report.report_year is None:
        return NO_SUCH_FORM
    limits = thresholds()["jump_from_earlier_years"]
    vanished = kind_of(subject) is OrganKind.DEPARTMENT and not any(
        reported(report.cells, name) for name in _OF_P_08
    )
    places: list[str] = []
    found: dict[str, dict[str, Any]] = {}
    judged = False
    for name in COUNTS:
        now = reported(report.cells, name)
        then = _earlier_counts(subject, name)
        if now is None or len(then) < limits["years"] or (vanished and name in _OF_P_08):
            continue
        judged = True
        usual = _median(sorted(then.values()))
        low, high = min(now, usual), max(now, usual)
        if high - low < limits["difference"] or high <= limits["times"] * low:
            continue
        years = "、".join(f"{year}年{number}" for year, number in sorted(then.items()))
        places.append(f"{load_form(report.form).describe(name)} 印为{now}（{years}）")
        found[name] = {"now": plain(now), "median": plain(usual)}
    if not judged:
        none = why_none(subject)
        return NotAssessable(N_("可比的往年报告太少，无从比较")) if none is NO_YEAR_BEFORE else none
    if not found:
        return Pass()
    sections = tuple(
        number for number, part in SECTION_NAMES.items() if any(name.startswith(part) for name in found)
    )
    doubt = next((lint for number in sections if (lint := doubt_about(report, number))), None)
    values = {**found, "places": "；".join(places), **notes(False, doubt)}
    template = N_("与本机关往年的数字相差悬殊，请核对（也可能因专项工作、权限下放或划转）：{places}{notes}")
    return Fail((Finding("Y-07", Severity.NOTICE, template, values, tuple(found), sections),))


def _median(ordered: list[int]) -> Number:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else Decimal(ordered[half - 1] + ordered[half]) / 2


def _earlier_counts(subject: Subject, name: str) -> dict[int, int]:
    """The whole numbers that stand in a cell in earlier years, by year, as far as they compare."""
    report, before = subject.report, subject.previous
    years = list(subject.earlier)
    if before is not None and before.report_year is not None:
        numbers = {name: number} if (number := reported(before.cells, name)) is not None else {}
        years.append(EarlierYear(before.report_year, before.form, numbers))
    return {
        each.year: number
        for each in years
        if each.year < (report.report_year or 0)
        and isinstance(number := each.numbers.get(name), int)
        and comparable(name, report.form, each.form)
    }


def _non_zero(report: Report) -> dict[str, Number]:
    return {name: cell.value for name, cell in report.cells.items() if cell.value}


def _together(judge: Callable[[str], Finding | bool | None], rows: tuple[str, ...]) -> Result:
    """Join the answers per row: a finding, whether a blank was read as 0, or None where it cannot be judged."""
    answers = [judge(row) for row in rows]
    findings = tuple(answer for answer in answers if isinstance(answer, Finding))
    if findings:
        return Fail(findings)
    judged = [answer for answer in answers if answer is not None]
    if not judged:
        return CELLS_MISSING
    return Pass(BLANKS_AS_ZERO if any(judged) else None)


YEAR_RULES = (
    Rule(
        "Y-01",
        N_("上年结转应与上一年度报告的结转下年度一致"),
        "格式表三",
        Severity.ERROR,
        carried_over_is_what_was_carried_forward,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "Y-02",
        N_("现行有效件数应与上年末、本年制发和废止相衔接"),
        "2021年格式表二",
        Severity.WARNING,
        in_force_continues,
        FORM_YEARS,
        forms=("2021",),
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "Y-03",
        N_("项目数量和公开总数量应与上一年度报告相衔接"),
        "2019年格式表二",
        Severity.WARNING,
        items_continue,
        FORM_YEARS,
        forms=("2019",),
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "Y-04",
        N_("上年尚未审结的案件应在本年报告中出现"),
        "格式表四",
        Severity.NOTICE,
        pending_cases_come_back,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "Y-07",
        N_("各项数量与本机关往年相称"),
        "本机关历年的数量",
        Severity.NOTICE,
        counts_are_like_earlier_ones,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.EARLIER_YEARS,),
    ),
    Rule(
        "Y-05",
        N_("各项数据不应与上一年度报告雷同"),
        "国办公开办函〔2021〕30号关于内容雷同的要求",
        Severity.WARNING,
        numbers_are_not_last_years,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
)
