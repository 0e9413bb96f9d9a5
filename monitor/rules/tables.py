"""Checks inside the three tables of one report (domain.md 4.1): T2, T3, T4.

T2-09 (documents in force against the portal's own column of documents) is off: it needs a second crawl.
Each rule gives one finding per table, or per row where rows of section two are judged one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from monitor.language import N_
from monitor.rules.base import Came, Fail, Finding, NotAssessable, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import (
    APPLICANTS,
    BLANKS_AS_ZERO,
    BLOCKS,
    CELLS_MISSING,
    COLUMNS,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    OUTCOMES,
    Amount,
    Comparison,
    add,
    add_rows,
    apart,
    doubt_about,
    has_table,
    is_present,
    key,
    less,
    notes,
    plain,
    printed,
    quoted,
    reported,
    result_rows,
    rows_of_three,
    weigh,
)
from monitor.rules.organs import has_no_lawmaking_power
from parsers.forms import load_form
from parsers.schema import Cell, CellState, Number, Report

FORM_YEARS = range(2019, 2100)

Cells = Mapping[str, Cell]

WHOLE_AGREES = N_("（各列合起来相符，可能只是申请人类别前后归类不同）")


# --- section two -------------------------------------------------------------------------------------------


def no_blank_cells(subject: Subject) -> Result:
    """T2-00: no blank cell in a row of section two that is there."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    form = load_form(report.form)
    if not any(is_present(report.cells, name) for name in form.section_two_cells):
        return NotAssessable(N_("没有读到表二"))
    blank = tuple(
        name
        for name in form.section_two_cells
        if (cell := report.cells.get(name)) is not None and cell.state is CellState.BLANK
    )
    if not blank:
        return Pass()
    return _fail(
        "T2-00",
        Severity.NOTICE,
        N_("表二有{count}个单元格未填写（没有的应填0）：{places}"),
        {"count": len(blank), "places": "；".join(_place(report, name) for name in blank)},
        blank,
    )


def no_regulations_without_power(subject: Subject) -> Result:
    """T2-01: an organ without the power to make 规章 (立法法) reports none."""
    report = subject.report
    if not has_no_lawmaking_power(subject):
        return NotAssessable(N_("机关层级不明，或者属于有规章制定权的层级"))
    names = _keys_of_row(report, "regulations")
    amount = add(report.cells, names)
    if not names or amount is None:
        return CELLS_MISSING
    wrong = tuple(name for name in names if reported(report.cells, name))
    if not wrong:
        return _pass(amount.blank)
    doubt = doubt_about(report, 2)
    return _fail(
        "T2-01",
        weigh(Severity.ERROR, False, doubt),
        N_("乡镇、街道、县级政府及其部门无权制定规章，表二“规章”行却印有：{details}{notes}"),
        {"details": _details(report, wrong), **_by_column(report, wrong), **notes(False, doubt)},
        wrong,
    )


def in_force_not_too_few(subject: Subject) -> Result:
    """T2-02: documents in force at the year's end are at least those issued less those repealed in it."""
    return _each_row(
        subject,
        "2021",
        ("regulations", "normative_documents"),
        lambda report, row: _in_force_not_too_few(report, row),
    )


def _in_force_not_too_few(report: Report, row: str) -> Result:
    issued, repealed, in_force = _amounts(report, row, "issued", "repealed", "in_force")
    if issued is None or repealed is None or in_force is None:
        return CELLS_MISSING
    blank = issued.blank or repealed.blank or in_force.blank
    net = issued.value - repealed.value
    if in_force.value >= net:
        return _pass(blank)
    doubt = doubt_about(report, 2)
    return _fail(
        "T2-02",
        weigh(Severity.WARNING, blank, doubt),
        N_("表二“{row}”：现行有效{in_force}件，少于本年制发{issued}件减去本年废止{repealed}件（{net}件）{notes}"),
        {
            "row": _row_two(report, row),
            "in_force": _print(report, row, "in_force"),
            "issued": _print(report, row, "issued"),
            "repealed": _print(report, row, "repealed"),
            "net": plain(net),
            **notes(blank, doubt),
        },
        _keys_of_row(report, row),
    )


NEW_ORGAN = NotAssessable(N_("本机关当年设立或合并、拆分，上一年末没有自己的文件可比"))


def _is_new(subject: Subject) -> bool:
    """Whether the organ was founded, joined or parted in the year."""
    organ, year = subject.organ, subject.report.report_year
    if subject.reorganised is not None:
        return subject.reorganised.how is not Came.RENAMED
    founded = organ.valid_from if organ else None
    return founded is not None and year is not None and date(year, 1, 1) < founded <= date(year, 12, 31)


def in_force_has_a_past(subject: Subject) -> Result:
    """T2-03: in force = issued with nothing repealed would mean that nothing was in force the year before."""
    before = subject.previous
    if before is None and _is_new(subject):
        return NEW_ORGAN

    def judge(report: Report, row: str) -> Result:
        issued, repealed, in_force = _amounts(report, row, "issued", "repealed", "in_force")
        if issued is None or repealed is None or in_force is None:
            return CELLS_MISSING
        if not (issued.value > 0 and in_force.value == issued.value and repealed.value == 0):
            return Pass()
        if (
            before is not None
            and before.report_year == (report.report_year or 0) - 1
            and reported(before.cells, f"section_two.{row}.in_force") == 0
        ):
            return Pass(N_("上一年度报告的现行有效件数为0"))
        return _fail(
            "T2-03",
            Severity.NOTICE,
            N_("表二“{row}”：现行有效件数与本年制发件数同为{issued}、废止为0，等于说上一年末没有一件有效，请核对"),
            {
                "row": _row_two(report, row),
                "issued": plain(issued.value),
                "repealed": plain(repealed.value),
                "in_force": plain(in_force.value),
            },
            _keys_of_row(report, row),
        )

    return _each_row(subject, "2021", ("regulations", "normative_documents"), judge)


def published_is_within_total(subject: Subject) -> Result:
    """T2-04: (2019) all that is public includes what was newly published."""

    def judge(report: Report, row: str) -> Result:
        published, total = _amounts(report, row, "newly_published", "total_public")
        if published is None or total is None:
            return CELLS_MISSING
        blank = published.blank or total.blank
        if total.value >= published.value:
            return _pass(blank)
        doubt = doubt_about(report, 2)
        return _fail(
            "T2-04",
            weigh(Severity.WARNING, blank, doubt),
            N_("表二“{row}”：对外公开总数量{total}少于本年新公开数量{published}{notes}"),
            {
                "row": _row_two(report, row),
                "total": _print(report, row, "total_public"),
                "published": _print(report, row, "newly_published"),
                **notes(blank, doubt),
            },
            (f"section_two.{row}.newly_published", f"section_two.{row}.total_public"),
        )

    return _each_row(subject, "2019", ("regulations", "normative_documents"), judge)


def made_documents_are_published(subject: Subject) -> Result:
    """T2-05: (2019) normative documents made in the year are published (art. 20 (一))."""

    def judge(report: Report, row: str) -> Result:
        made, published = _amounts(report, row, "newly_made", "newly_published")
        if made is None or published is None:
            return CELLS_MISSING
        blank = made.blank or published.blank
        if published.value >= made.value:
            return _pass(blank)
        doubt = doubt_about(report, 2)
        return _fail(
            "T2-05",
            weigh(Severity.WARNING, blank, doubt),
            N_("表二“{row}”：本年新制作{made}件，本年只新公开{published}件；规范性文件应当主动公开{notes}"),
            {
                "row": _row_two(report, row),
                "made": _print(report, row, "newly_made"),
                "published": _print(report, row, "newly_published"),
                **notes(blank, doubt),
            },
            (f"section_two.{row}.newly_made", f"section_two.{row}.newly_published"),
        )

    return _each_row(subject, "2019", ("normative_documents",), judge)


def procurement_has_both_numbers(subject: Subject) -> Result:
    """T2-06: (2019) procurement has projects if and only if it has an amount. A blank counts as none."""

    def judge(report: Report, row: str) -> Result:
        count, amount = _amounts(report, row, "project_count", "amount_wan")
        if count is None or amount is None:
            return CELLS_MISSING
        if (count.value > 0) == (amount.value > 0):
            return _pass(count.blank or amount.blank)
        doubt = doubt_about(report, 2)
        if amount.value > 0:
            template = N_("表二“{row}”：采购总金额印为{amount}，采购项目数量却为{count}{notes}")
        else:
            template = N_("表二“{row}”：采购项目数量印为{count}，采购总金额却为{amount}{notes}")
        return _fail(
            "T2-06",
            weigh(Severity.WARNING, False, doubt),
            template,
            {
                "row": _row_two(report, row),
                "count": _print(report, row, "project_count"),
                "amount": report.cells[f"section_two.{row}.amount_wan"].raw.strip() or "空白",
                **notes(False, doubt),
            },
            (f"section_two.{row}.project_count", f"section_two.{row}.amount_wan"),
        )

    return _each_row(subject, "2019", ("central_procurement",), judge)


ITEM_ROWS = ("licensing", "other_services", "penalty", "coercion")


def items_are_not_negative(subject: Subject) -> Result:
    """T2-07: (2019) the items of the year before and their change do not fall below 0."""

    def judge(report: Report, row: str) -> Result:
        items, change = _amounts(report, row, "prior_year_items", "change")
        if items is None or change is None:
            return CELLS_MISSING
        blank = items.blank or change.blank
        if items.value + change.value >= 0:
            return _pass(blank)
        doubt = doubt_about(report, 2)
        return _fail(
            "T2-07",
            weigh(Severity.ERROR, blank, doubt),
            N_("表二“{row}”：上一年项目数量{items}加本年增减{change}得{left}，项目数不可能为负{notes}"),
            {
                "row": _row_two(report, row),
                "items": _print(report, row, "prior_year_items"),
                "change": _print(report, row, "change"),
                "left": plain(items.value + change.value),
                **notes(blank, doubt),
            },
            (f"section_two.{row}.prior_year_items", f"section_two.{row}.change"),
        )

    return _each_row(subject, "2019", (*ITEM_ROWS, "admin_fees"), judge)


def decisions_have_items(subject: Subject) -> Result:
    """T2-08: (2019) whoever made decisions has items to decide on."""

    def judge(report: Report, row: str) -> Result:
        items, change, decisions = _amounts(report, row, "prior_year_items", "change", "decisions")
        if items is None or change is None or decisions is None:
            return CELLS_MISSING
        if decisions.value <= 0 or items.value + change.value != 0:
            return _pass(items.blank or change.blank or decisions.blank)
        return _fail(
            "T2-08",
            Severity.NOTICE,
            N_("表二“{row}”：处理决定数量{decisions}，而上一年项目数量加本年增减为0"),
            {"row": _row_two(report, row), "decisions": plain(decisions.value)},
            _keys_of_row(report, row),
        )

    return _each_row(subject, "2019", ITEM_ROWS, judge)


# --- section three -----------------------------------------------------------------------------------------


def needed_rows_are_there(subject: Subject) -> Result:
    """T3-00: the rows that the sums of section three need are there."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if not has_table(report, 3):
        return NotAssessable(N_("没有读到表三"))
    absent = absent_rows_of_three(report)
    if not absent:
        return Pass()
    results = set(absent) - {"new_received", "carried_over", "carried_forward"}
    sums = (["T3-01"] if results else []) + (["T3-02"] if set(absent) - set(result_rows(report.cells)) else [])
    form = load_form(report.form)
    return _fail(
        "T3-00",
        Severity.NOTICE,
        N_("表三缺{count}行，{sums}无法核对：{places}"),
        {
            "count": len(absent),
            "places": "；".join(form.section_three_rows[row].text for row in absent),
            "sums": "、".join(
                {"T3-01": "办理结果之和与总计", "T3-02": "新收、结转与总计的勾稽关系"}[s] for s in sums
            ),
            "rules": sums,
        },
        tuple(key(row, column) for row in absent for column in COLUMNS),
        (3,),
    )


def absent_rows_of_three(report: Report) -> tuple[str, ...]:
    """The rows of section three of which no cell is in the document."""
    cells = report.cells
    # The total column is looked at first: where it is there, so is the row.
    return tuple(
        row
        for row in rows_of_three(cells)
        if not is_present(cells, f"section_three.{row}.total")
        and not any(is_present(cells, f"section_three.{row}.{column}") for column in APPLICANTS)
    )


def compare_results(cells: Cells) -> dict[str, Comparison]:
    """Per assessable column: the sum of the result rows against （七）总计 (T3-01)."""
    rows = result_rows(cells)
    return _comparisons(cells, rows, ("total_results",))


def compare_flow(cells: Cells) -> dict[str, Comparison]:
    """Per assessable column: received and carried over against results and carried forward (T3-02)."""
    return _comparisons(cells, ("new_received", "carried_over"), ("total_results", "carried_forward"))


def compare_rows(cells: Cells) -> dict[str, Comparison]:
    """Per assessable row: the six kinds of applicants against 总计 (T3-03); rows without a total are left out."""
    found: dict[str, Comparison] = {}
    for row in rows_of_three(cells):
        total = reported(cells, f"section_three.{row}.total")
        if total is None:
            continue
        parts = add(cells, [f"section_three.{row}.{applicant}" for applicant in APPLICANTS])
        if parts is not None:
            found[row] = Comparison(parts, Amount(total, False))
    return found


def _comparisons(cells: Cells, left: Iterable[str], right: Iterable[str]) -> dict[str, Comparison]:
    left, right = tuple(left), tuple(right)
    found: dict[str, Comparison] = {}
    for column in COLUMNS:
        a, b = add_rows(cells, left, column), add_rows(cells, right, column)
        if a is not None and b is not None:
            found[column] = Comparison(a, b)
    return found


def results_add_up(subject: Subject) -> Result:
    """T3-01: in each column the results add up to （七）总计."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    cells = report.cells
    found = compare_results(cells)
    if not found:
        return CELLS_MISSING
    wrong = {column: each for column, each in found.items() if not each.agrees}
    if not wrong:
        return _pass(_any_blank(found))
    rows = result_rows(cells)
    blank = all(each.blank for each in wrong.values())
    doubt = doubt_about(report, 3)
    values: dict[str, Any] = {
        column: {
            "sum": plain(each.left.value),
            "total_results": _plain_or_none(reported(cells, key("total_results", column))),
        }
        for column, each in wrong.items()
    }
    names = load_form(report.form).section_three_columns
    sides = {(each.left.value, printed(cells, key("total_results", column))) for column, each in wrong.items()}
    if len(sides) == 1:
        each = next(iter(wrong.values()))
        template = N_(
            "表三{columns}列：第（一）至（六）项办理结果相加为{sum}，（七）总计印为{printed}，相差{difference}{notes}"
        )
        values |= {
            "sum": plain(each.left.value),
            "printed": next(iter(sides))[1],
            "difference": plain(apart(each.left.value, each.right.value)),
        }
    else:
        template = N_("表三{columns}列：第（一）至（六）项办理结果相加与（七）总计不符：{details}{notes}")
        values["details"] = "；".join(
            f"“{names[column].text}”列相加为{each.left.value}、"
            f"总计印为{printed(cells, key('total_results', column))}"
            f"（相差{apart(each.left.value, each.right.value)}）"
            for column, each in wrong.items()
        )
    return _fail(
        "T3-01",
        weigh(Severity.ERROR, blank, doubt),
        template,
        {**values, "columns": quoted(names[column].text for column in wrong), **notes(_any_blank(wrong), doubt)},
        tuple(
            key(row, column)
            for column in wrong
            for row in (*rows, "total_results")
            if row == "total_results" or reported(cells, key(row, column))
        ),
        (3,),
    )


def flow_agrees(subject: Subject) -> Result:
    """T3-02: in each column new_received + carried_over = total_results + carried_forward (勾稽关系)."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    cells = report.cells
    found = compare_flow(cells)
    if not found:
        return CELLS_MISSING
    wrong = {column: each for column, each in found.items() if not each.agrees}
    if not wrong:
        return _pass(_any_blank(found))
    blank = all(each.blank for each in wrong.values())
    doubt = doubt_about(report, 3)
    whole_agrees = _whole_agrees(found, wrong)
    severity = less(Severity.ERROR) if whole_agrees else Severity.ERROR
    values: dict[str, Any] = {
        column: {"left": plain(each.left.value), "right": plain(each.right.value)}
        for column, each in wrong.items()
    }
    names = load_form(report.form).section_three_columns
    sides = {(each.left.value, each.right.value) for each in wrong.values()}
    if len(sides) == 1:
        left, right = next(iter(sides))
        template = N_(
            "表三{columns}列：本年新收加上年结转为{left}，办理结果总计加结转下年度为{right}，相差{difference}{notes}"
        )
        values |= {"left": plain(left), "right": plain(right), "difference": plain(apart(left, right))}
    else:
        template = N_("表三{columns}列：本年新收加上年结转，与办理结果总计加结转下年度不符：{details}{notes}")
        values["details"] = "；".join(
            f"“{names[column].text}”列前者为{each.left.value}、后者为{each.right.value}"
            f"（相差{apart(each.left.value, each.right.value)}）"
            for column, each in wrong.items()
        )
    said = notes(_any_blank(wrong), doubt)
    if whole_agrees:
        said["notes"] = [WHOLE_AGREES, *said["notes"]]
    return _fail(
        "T3-02",
        weigh(severity, blank, doubt),
        template,
        {**values, "columns": quoted(names[column].text for column in wrong), **said},
        tuple(
            key(row, column)
            for column in wrong
            for row in ("new_received", "carried_over", "total_results", "carried_forward")
        ),
        (3,),
    )


def _whole_agrees(found: Mapping[str, Comparison], wrong: Mapping[str, Comparison]) -> bool:
    """Whether the organ's whole agrees: by the total column, or where it is not known by all six together."""
    if "total" in found:
        return "total" not in wrong
    return sum(each.left.value - each.right.value for each in wrong.values()) == 0


def rows_add_up(subject: Subject) -> Result:
    """T3-03: in each row the six kinds of applicants add up to 总计; rows with a blank total are left out."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    cells = report.cells
    found = compare_rows(cells)
    if not found:
        return CELLS_MISSING
    wrong = {row: each for row, each in found.items() if not each.agrees}
    if not wrong:
        return _pass(_any_blank(found))
    blank = all(each.blank for each in wrong.values())
    doubt = doubt_about(report, 3)
    names = load_form(report.form).section_three_rows
    values: dict[str, Any] = {
        row: {"sum": plain(each.left.value), "total": plain(each.right.value)} for row, each in wrong.items()
    }
    if len(wrong) == 1:
        row, each = next(iter(wrong.items()))
        template = N_("表三“{row}”行：六类申请人相加为{sum}，总计印为{printed}，相差{difference}{notes}")
        values |= {
            "row": names[row].text,
            "sum": plain(each.left.value),
            "printed": plain(each.right.value),
            "difference": plain(apart(each.left.value, each.right.value)),
        }
    else:
        template = N_("表三有{count}行六类申请人相加与总计不符：{details}{notes}")
        values |= {
            "count": len(wrong),
            "details": "；".join(
                f"“{names[row].text}”行相加为{each.left.value}、总计印为{each.right.value}"
                f"（相差{apart(each.left.value, each.right.value)}）"
                for row, each in wrong.items()
            ),
        }
    return _fail(
        "T3-03",
        weigh(Severity.ERROR, blank, doubt),
        template,
        {**values, **notes(_any_blank(wrong), doubt)},
        tuple(key(row, column) for row in wrong for column in COLUMNS),
        (3,),
    )


def agrees_without_blanks(subject: Subject) -> Result:
    """T3-04: the sums of section three agree without reading blanks as 0."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    cells = report.cells
    if all(reported(cells, key("total_results", column)) is None for column in COLUMNS):
        return CELLS_MISSING
    blank = tuple(
        name for name, cell in cells.items() if cell.state is CellState.BLANK and name.startswith("section_three.")
    )
    if not blank:
        return Pass()
    found = [
        *compare_results(cells).values(),
        *compare_flow(cells).values(),
        *compare_rows(cells).values(),
    ]
    if not all(each.agrees for each in found) or not any(each.blank for each in found):
        return Pass()
    return _fail(
        "T3-04",
        Severity.NOTICE,
        N_("表三有{count}个单元格空白，按0计时各项勾稽关系才成立；没有的应填0"),
        {"count": len(blank)},
        blank,
        (3,),
    )


def group_heads_carry_no_number(subject: Subject) -> Result:
    """T3-05: heads that only group (法人或其他组织, （三）不予公开) carry no number of their own."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if not has_table(report, 3):
        return NotAssessable(N_("没有读到表三"))
    lints = [lint for lint in report.lints if lint.code == "number-in-group-head"]
    if not lints:
        return Pass()
    return _fail(
        "T3-05",
        Severity.NOTICE,
        N_("表三的分组标题处印有数字，无法归入任何一格：{text}"),
        {"text": "；".join(lint.text for lint in lints)},
        (),
        (3,),
    )


# --- section four ------------------------------------------------------------------------------------------


def blocks_add_up(subject: Subject) -> Result:
    """T4-01: in each block the four outcomes add up to 总计."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    cells = report.cells
    found: dict[str, Comparison] = {}
    for block in BLOCKS:
        parts = add(cells, [f"section_four.{block}.{outcome}" for outcome in OUTCOMES])
        total = add(cells, [f"section_four.{block}.total"])
        if parts is not None and total is not None:
            found[block] = Comparison(parts, total)
    if not found:
        return CELLS_MISSING
    wrong = {block: each for block, each in found.items() if not each.agrees}
    if not wrong:
        return _pass(_any_blank(found))
    blank = all(each.blank for each in wrong.values())
    doubt = doubt_about(report, 4)
    names = load_form(report.form).section_four_blocks
    values: dict[str, Any] = {
        block: {
            "sum": plain(each.left.value),
            "total": _plain_or_none(reported(cells, f"section_four.{block}.total")),
        }
        for block, each in wrong.items()
    }
    if len(wrong) == 1:
        block, each = next(iter(wrong.items()))
        template = N_("表四“{block}”：四项结果相加为{sum}，总计印为{printed}，相差{difference}{notes}")
        values |= {
            "block": names[block].name or names[block].text,
            "sum": plain(each.left.value),
            "printed": printed(cells, f"section_four.{block}.total"),
            "difference": plain(apart(each.left.value, each.right.value)),
        }
    else:
        template = N_("表四有{count}组四项结果相加与总计不符：{details}{notes}")
        values |= {
            "count": len(wrong),
            "details": "；".join(
                f"“{names[block].name or names[block].text}”相加为{each.left.value}、"
                f"总计印为{printed(cells, f'section_four.{block}.total')}"
                f"（相差{apart(each.left.value, each.right.value)}）"
                for block, each in wrong.items()
            ),
        }
    return _fail(
        "T4-01",
        weigh(Severity.ERROR, blank, doubt),
        template,
        {**values, **notes(_any_blank(wrong), doubt)},
        tuple(f"section_four.{block}.{column}" for block in wrong for column in (*OUTCOMES, "total")),
        (4,),
    )


def section_four_is_readable(subject: Subject) -> Result:
    """T4-02: all 15 numbers of section four can be read."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    names = [f"section_four.{block}.{column}" for block in BLOCKS for column in (*OUTCOMES, "total")]
    if not any(is_present(report.cells, name) for name in names):
        return NotAssessable(N_("没有读到表四"))
    wrong = tuple(
        name
        for name in names
        if (cell := report.cells.get(name)) is None or cell.state in (CellState.ABSENT, CellState.UNREADABLE)
    )
    if not wrong:
        return Pass()
    return _fail(
        "T4-02",
        Severity.NOTICE,
        N_("表四有{count}个数字缺失或无法识读：{places}"),
        {"count": len(wrong), "places": "；".join(_place(report, name) for name in wrong)},
        wrong,
        (4,),
    )


# --- small helpers -----------------------------------------------------------------------------------------


def _fail(
    rule: str,
    severity: Severity,
    template: str,
    values: Mapping[str, Any],
    cells: tuple[str, ...],
    sections: tuple[int, ...] = (2,),
) -> Fail:
    return Fail((Finding(rule, severity, template, values, cells, sections),))


def _pass(blank: bool) -> Pass:
    return Pass(BLANKS_AS_ZERO if blank else None)


def _any_blank(found: Mapping[str, Comparison]) -> bool:
    return any(each.blank for each in found.values())


def _plain_or_none(value: Number | None) -> int | float | None:
    return None if value is None else plain(value)


def _each_row(subject: Subject, form: str, rows: Iterable[str], judge: Callable[[Report, str], Result]) -> Result:
    """Judge rows of section two of one form; all findings together, a pass where any row could be judged."""
    report = subject.report
    if report.form != form:
        return NotAssessable(N_("本项只适用于另一版格式的表二"))
    results = [judge(report, row) for row in rows]
    findings = tuple(finding for each in results if isinstance(each, Fail) for finding in each.findings)
    if findings:
        return Fail(findings)
    passes = [each for each in results if isinstance(each, Pass)]
    if not passes:
        return CELLS_MISSING
    return next((each for each in passes if each.note), passes[0])


def _keys_of_row(report: Report, row: str) -> tuple[str, ...]:
    if report.form not in FORMS_WITH_TABLES:
        return ()
    return tuple(f"section_two.{row}.{column}" for column in load_form(report.form).columns_of(row))


def _amounts(report: Report, row: str, *columns: str) -> list[Amount | None]:
    return [add(report.cells, (f"section_two.{row}.{column}",)) for column in columns]


def _print(report: Report, row: str, column: str) -> str:
    return printed(report.cells, f"section_two.{row}.{column}")


def _row_two(report: Report, row: str) -> str:
    return load_form(report.form or "").section_two_rows[row].text


def _place(report: Report, name: str) -> str:
    return load_form(report.form or "").describe(name)


def _details(report: Report, names: Iterable[str]) -> str:
    return "；".join(f"{_place(report, name)} 印为{printed(report.cells, name)}" for name in names)


def _by_column(report: Report, names: Iterable[str]) -> dict[str, Any]:
    return {name.rsplit(".", 1)[1]: _plain_or_none(reported(report.cells, name)) for name in names}


TABLE_RULES = (
    Rule(
        "T2-00",
        N_("表二各行没有空白单元格"),
        "国办公开办函〔2019〕60号、〔2021〕30号格式",
        Severity.NOTICE,
        no_blank_cells,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T2-01",
        N_("没有规章制定权的机关不应有规章"),
        "《立法法》第九十一、九十三条",
        Severity.ERROR,
        no_regulations_without_power,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T2-02",
        N_("现行有效件数不少于本年制发减废止"),
        "格式表二",
        Severity.WARNING,
        in_force_not_too_few,
        FORM_YEARS,
        forms=("2021",),
    ),
    Rule(
        "T2-03",
        N_("现行有效件数应包含往年文件"),
        "格式表二",
        Severity.NOTICE,
        in_force_has_a_past,
        FORM_YEARS,
        forms=("2021",),
    ),
    Rule(
        "T2-04",
        N_("对外公开总数量不少于本年新公开数量"),
        "2019年格式表二",
        Severity.WARNING,
        published_is_within_total,
        FORM_YEARS,
        forms=("2019",),
    ),
    Rule(
        "T2-05",
        N_("新制作的规范性文件都应公开"),
        "《条例》第二十条第（一）项",
        Severity.WARNING,
        made_documents_are_published,
        FORM_YEARS,
        forms=("2019",),
    ),
    Rule(
        "T2-06",
        N_("集中采购的项目数量与金额应同有同无"),
        "2019年格式表二",
        Severity.WARNING,
        procurement_has_both_numbers,
        FORM_YEARS,
        forms=("2019",),
    ),
    Rule(
        "T2-07",
        N_("项目数量加增减不为负"),
        "2019年格式表二",
        Severity.ERROR,
        items_are_not_negative,
        FORM_YEARS,
        forms=("2019",),
    ),
    Rule(
        "T2-08",
        N_("有处理决定即应有项目"),
        "2019年格式表二",
        Severity.NOTICE,
        decisions_have_items,
        FORM_YEARS,
        forms=("2019",),
    ),
    Rule(
        "T3-00",
        N_("表三核对所需各行齐全"),
        "格式表三",
        Severity.NOTICE,
        needed_rows_are_there,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T3-01",
        N_("各项办理结果之和等于（七）总计"),
        "格式表三",
        Severity.ERROR,
        results_add_up,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T3-02",
        N_("新收加上年结转等于总计加结转下年度"),
        "格式表三印明的勾稽关系",
        Severity.ERROR,
        flow_agrees,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T3-03",
        N_("各类申请人之和等于总计"),
        "格式表三",
        Severity.ERROR,
        rows_add_up,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T3-04",
        N_("表三不靠空白按0计即相符"),
        "格式表三",
        Severity.NOTICE,
        agrees_without_blanks,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T3-05",
        N_("分组标题处没有数字"),
        "格式表三",
        Severity.NOTICE,
        group_heads_carry_no_number,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T4-01",
        N_("各组结果之和等于总计"),
        "格式表四",
        Severity.ERROR,
        blocks_add_up,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "T4-02",
        N_("表四15个数字均可识读"),
        "格式表四",
        Severity.NOTICE,
        section_four_is_readable,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
)
