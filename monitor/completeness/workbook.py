"""The completeness report as a workbook (xlsx) and as CSV: lists that staff sort, filter and forward."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from monitor.completeness.blocks import (
    CONTENT_HEADS,
    PAIR_HEADS,
    RANKING_HEADS,
    content_rows,
    correction_lists,
    pair_rows,
    ranking_rows,
)
from monitor.completeness.figures import (
    DATE_SOURCE_NAMES,
    FLAG_NAMES,
    KIND_NAMES,
    STATE_NAMES,
    Completeness,
    CountyCompleteness,
    Figures,
    Problem,
)
from monitor.completeness.reasons import reason_in_words
from monitor.completeness.summary import due_basis, headings, looked, moment, rate, summary
from monitor.completeness.yearly import INDICATOR_NAMES
from monitor.language import N_, translate
from monitor.publication import Standing
from monitor.severities import SEVERITY_NAMES
from monitor.spreadsheets import Value, csv_value

ORGAN_HEADS = (
    N_("县区代码"),
    N_("县区"),
    N_("单位代码"),
    N_("单位"),
    N_("类别"),
    N_("年度"),
    N_("公布情况"),
    N_("应公布日期"),
    N_("期限依据"),
    N_("公布日期"),
    N_("日期来源"),
    N_("首次发现时间"),
    N_("逾期天数"),
    N_("错误"),
    N_("警告"),
    N_("标记"),
    N_("链接"),
    N_("说明"),
    N_("页面或列表所示日期"),
    N_("网址中的日期"),
    N_("此前最后一次完整查看（还没有）"),
)
MATTER_HEADS = (
    N_("县区"),
    N_("单位"),
    N_("年度"),
    N_("问题"),
    N_("表格位置"),
    N_("报告数"),
    N_("应为/对照数"),
    N_("依据"),
    N_("链接"),
    N_("程度"),
)
"""What every list of problems says of a matter; see :data:`monitor.alerts.problem_list.HEADS` too."""
PROBLEM_HEADS = (*MATTER_HEADS, N_("规则"), N_("可能原因"))
FIGURE_HEADS = (
    N_("应公布"),
    N_("已公布"),
    N_("按时公布"),
    N_("按时公布率"),
    N_("逾期公布"),
    N_("未公布"),
    N_("无法核实"),
    N_("未到期"),
    N_("有错误"),
    N_("有警告"),
)


def to_csv(report: Completeness, language: str = "zh") -> bytes:
    """One line for each organ, UTF-8 with the mark that spreadsheet programs need to see.

    Text that such a program would take for a formula gets an apostrophe before it.
    """
    rows = [organ_row(county, standing, language) for county in report.counties for standing in county.standings]
    return _as_csv(headings(ORGAN_HEADS, language), rows)


def problems_to_csv(report: Completeness, language: str = "zh") -> bytes:
    """One line for each problem, as :func:`to_csv` writes organs."""
    rows = [problem_row(county, problem, language) for county in report.counties for problem in county.problems]
    return _as_csv(headings(PROBLEM_HEADS, language), rows)


def _as_csv(heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([csv_value(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_workbook(report: Completeness, language: str = "zh") -> bytes:
    """The workbook: 汇总 (figures for each county and class of organ), 单位清单 (organs), 问题清单 (problems).

    A full report has a sheet for each of its other blocks, which are left out where they would be empty.
    """

    from monitor.completeness.sheets import add_sheet, new_workbook, saved

    def say(text: str) -> str:
        return translate(text, language)

    workbook = new_workbook()
    add_sheet(
        workbook,
        say(N_("汇总")),
        headings((N_("县区代码"), N_("县区"), N_("类别"), *FIGURE_HEADS, N_("栏目完整抓取率")), language),
        [row for county in report.counties for row in _figure_rows(county, language)],
        note=translate(
            N_("{year}年度政府信息公开工作年度报告公布情况，截至{as_of}"),
            language,
            {"year": report.year, "as_of": moment(report.as_of, language)},
        ),
        after=[summary(county, report.year, language) for county in report.counties],
        percent_columns=(14,),
    )
    add_sheet(
        workbook,
        say(N_("单位清单")),
        headings(ORGAN_HEADS, language),
        [organ_row(county, standing, language) for county in report.counties for standing in county.standings],
    )
    add_sheet(
        workbook,
        say(N_("问题清单")),
        headings(PROBLEM_HEADS, language),
        [problem_row(county, problem, language) for county in report.counties for problem in county.problems],
    )
    if report.full:
        for title, heads, rows, percents in _full_sheets(report, language):
            add_sheet(workbook, say(title), headings(heads, language), rows, percent_columns=percents)
    return saved(workbook)


def to_list(title: str, heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """A workbook of one sheet: ``heads`` over ``rows``, written as the sheets of the report are."""
    from monitor.completeness.sheets import add_sheet, new_workbook, saved

    workbook = new_workbook()
    add_sheet(workbook, title, heads, rows)
    return saved(workbook)


DISMISSED_HEADS = (
    N_("县区"),
    N_("单位"),
    N_("年度"),
    N_("规则"),
    N_("问题"),
    N_("排除人"),
    N_("排除日期"),
    N_("理由"),
)
_Sheet = tuple[str, Sequence[str], list[list[Value]], Sequence[int]]
_YEAR_COLUMNS = (N_("上年"), N_("本年"), N_("增减"))


def _full_sheets(report: Completeness, language: str) -> Iterable[_Sheet]:
    """Title, heads, rows and columns of percentages of the sheets that only a full report has."""
    county_head = N_("县区")
    contents: list[list[Value]] = [
        [county.name, *row] for county in report.counties for row in content_rows(county.contents, language)
    ]
    dismissed: list[list[Value]] = [
        [county.name, one.organ, one.report_year, one.rule, one.message, one.by, one.at.date(), one.reason]
        for county in report.counties
        for one in county.dismissed
    ]
    outliers = [problem_row(county, one, language) for county in report.counties for one in county.outliers]
    pairs: list[list[Value]] = [
        [county.name, *row] for county in report.counties for row in pair_rows(county.pairs)
    ]
    first, second, alike, characters = PAIR_HEADS
    years: list[list[Value]] = [row for county in report.counties for row in _year_values(county, language)]
    changes: list[list[Value]] = [row for county in report.counties for row in _correction_rows(county, language)]
    ranked: list[list[Value]] = [
        [ranking.prefecture, *row] for ranking in report.rankings for row in ranking_rows(ranking, language)
    ]
    year_heads = [
        f"{translate(name, language)} {translate(column, language)}"
        for name in INDICATOR_NAMES.values()
        for column in _YEAR_COLUMNS
    ]
    sheets: list[_Sheet] = [
        (N_("已排除的问题"), DISMISSED_HEADS, dismissed, ()),
        (N_("内容完整性"), (county_head, *CONTENT_HEADS), contents, (6,)),
        (N_("异常数字"), PROBLEM_HEADS, outliers, ()),
        (N_("雷同报告"), (county_head, first, N_("链接"), second, N_("链接"), alike, characters), pairs, (6,)),
        (N_("两年对照"), (county_head, N_("单位"), N_("类别"), *year_heads), years, ()),
        (N_("整改情况"), (N_("整改"), *PROBLEM_HEADS), changes, ()),
        (N_("排名"), (N_("市"), *RANKING_HEADS), ranked, (5, 6, 7)),
    ]
    return (sheet for sheet in sheets if sheet[2])


def _year_values(county: CountyCompleteness, language: str) -> Iterable[list[Value]]:
    """A row a member, then the county's own report: for each figure the year before, the year, and the change."""
    both = county.two_years
    for member in (*both.members, *((both.county,) if both.county else ())) if both else ():
        row: list[Value] = [
            county.name,
            member.organ.name,
            translate(KIND_NAMES[member.organ.kind], language),
        ]
        for indicator in INDICATOR_NAMES:
            row += [member.before[indicator], member.after[indicator], member.change(indicator)]
        yield row


def _correction_rows(county: CountyCompleteness, language: str) -> Iterable[list[Value]]:
    for heading, problems in correction_lists(county.corrections) if county.corrections else ():
        for problem in problems:
            yield [translate(heading, language), *problem_row(county, problem, language)]


def organ_row(county: CountyCompleteness, standing: Standing, language: str = "zh") -> list[Value]:
    """The values under :data:`ORGAN_HEADS`; times in Asia/Shanghai."""
    source = DATE_SOURCE_NAMES.get(standing.published_from or "")
    dates = standing.dates
    flags = (translate(FLAG_NAMES.get(flag, flag), language) for flag in standing.flags)
    said = [reason_in_words(standing.reason, language)] if standing.reason else []
    said += looked(standing, language)
    return [
        county.code,
        county.name,
        standing.organ.code,
        standing.organ.name,
        translate(KIND_NAMES[standing.organ.kind], language),
        standing.report_year,
        translate(STATE_NAMES[standing.state], language),
        standing.due.on,
        due_basis(standing.due, language),
        standing.published_on,
        translate(source, language) if source else None,
        standing.first_seen_at,
        standing.days_late,
        standing.errors,
        standing.warnings,
        translate(N_("、"), language).join(flags) or None,
        standing.address,
        translate(N_("；"), language).join(said) or None,
        dates.shown_on if dates else None,
        dates.in_address.text if dates and dates.in_address else None,
        dates.last_without_at if dates else None,
    ]


def problem_row(county: CountyCompleteness, problem: Problem, language: str = "zh") -> list[Value]:
    """The values under :data:`PROBLEM_HEADS`."""
    return [
        county.name,
        problem.organ,
        problem.report_year,
        problem.message,
        problem.place or None,
        problem.reported or None,
        problem.expected or None,
        problem.basis or None,
        problem.address,
        translate(SEVERITY_NAMES[problem.severity], language),
        problem.rule,
        problem.likely_cause,
    ]


def _figure_rows(county: CountyCompleteness, language: str) -> Iterable[list[Value]]:
    yield [
        county.code,
        county.name,
        translate(N_("合计"), language),
        *figure_values(county.figures, language),
        county.columns_crawled,
    ]
    for kind, figures in county.by_kind():
        yield [
            county.code,
            county.name,
            translate(KIND_NAMES[kind], language),
            *figure_values(figures, language),
            None,
        ]


def figure_values(figures: Figures, language: str = "zh") -> list[Value]:
    """The values under :data:`FIGURE_HEADS`."""
    return [
        figures.expected,
        figures.published,
        figures.on_time,
        rate(figures, language),
        figures.late,
        figures.missing,
        figures.unverified,
        figures.not_due,
        figures.with_errors,
        figures.with_warnings,
    ]
