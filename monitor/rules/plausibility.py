"""Checks of plausibility (P) and units (U) (domain.md 4.9). The numbers they go by are in ``thresholds.yaml``.

P-03 and P-06 need the organ's peers and are not here; P-02 is Y-07. P-04 (tables all zero beside
prose that names applications, reviews or documents) is N-01, N-03 and N-05: a rule of its own would tell one
mistake twice.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from monitor.language import N_
from monitor.rules.base import Fail, Finding, Need, NotAssessable, OrganKind, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import (
    BLANKS_AS_ZERO,
    CELLS_MISSING,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    RESULTS,
    add,
    add_rows,
    doubt_about,
    has_table,
    key,
    less,
    notes,
    plain,
    printed,
    reported,
    weigh,
)
from monitor.rules.organs import kind_of
from monitor.rules.tables import FORM_YEARS
from monitor.rules.texts import NO_TEXT, NOT_THIS_FORM, body, excerpt, squeezed_body
from monitor.rules.thresholds import thresholds
from monitor.rules.years import OTHER_FORM, names_predecessor, why_none, year_before
from parsers.forms import load_form
from parsers.schema import CellState, DocumentKind, Report

NO_TABLE = NotAssessable(N_("没有读到任何表格"))

_DENIED = tuple(row for row in RESULTS if row.startswith("denied_"))
_KIND_NAMES = {
    OrganKind.TOWNSHIP: "乡镇",
    OrganKind.SUBDISTRICT: "街道",
    OrganKind.DEPARTMENT: "部门",
}


def issued_is_plausible(subject: Subject) -> Result:
    """P-01: a township or department does not issue hundreds of normative documents in a year."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    kind = kind_of(subject)
    limit = thresholds()["issued_at_most"].get(kind.value) if kind else None
    if kind is None or limit is None:
        return NotAssessable(N_("机关类别不明，或者该类机关没有可比的数量"))
    column = "issued" if report.form == "2021" else "newly_made"
    name = f"section_two.normative_documents.{column}"
    issued = reported(report.cells, name)
    if issued is None:
        return CELLS_MISSING
    if issued <= limit:
        return Pass()
    return Fail(
        (
            Finding(
                "P-01",
                Severity.WARNING,
                N_(
                    "表二“{row}”{column}印为{issued}，远多于{kind}一年通常制发的数量（界限{limit}），可能把全部文件都计算在内"
                ),
                {
                    "row": load_form(report.form).section_two_rows["normative_documents"].text,
                    "column": load_form(report.form).section_two_columns[column].text,
                    "issued": plain(issued),
                    "kind": _KIND_NAMES[kind],
                    "limit": limit,
                },
                (name,),
                (2,),
            ),
        )
    )


def not_everything_zero(subject: Subject) -> Result:
    """P-05: not all of sections three and four is zero. True of most townships: a rate, never an alert."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    two_is_zero = True
    seen = 0
    for name, cell in report.cells.items():
        if name.startswith("section_two."):
            two_is_zero = two_is_zero and not cell.value
        elif cell.value:
            return Pass()
        elif cell.state is CellState.UNREADABLE:
            return CELLS_MISSING
        elif cell.state is CellState.REPORTED:
            seen += 1
    if not seen or not has_table(report, 3) or not has_table(report, 4) or _is_cut(report):
        return CELLS_MISSING
    template = (
        N_("表二、表三、表四的数据全部为0")
        if two_is_zero
        else N_("表三、表四的数据全部为0（没有申请，也没有复议和诉讼）")
    )
    return Fail(
        (
            Finding(
                "P-05",
                Severity.NOTICE,
                template,
                {"cells": seen},
                sections=(2, 3, 4) if two_is_zero else (3, 4),
            ),
        )
    )


def _is_cut(report: Report) -> bool:
    """Whether rows of section three are absent: then nobody knows what stood there."""
    total = report.cells.get("section_three.total_results.total")
    received = report.cells.get("section_three.new_received.total")
    return any(cell is None or cell.state is CellState.ABSENT for cell in (total, received))


def numbers_do_not_repeat(subject: Subject) -> Result:
    """P-07: no number of some size stands in several unrelated rows."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if not any(has_table(report, section) for section in (2, 3)):
        return NO_TABLE
    limits = thresholds()["repeated_number"]
    rows: dict[Any, dict[str, str]] = {}
    for name, cell in report.cells.items():
        if cell.value is None or cell.value < limits["at_least"]:
            continue
        section, row, column = name.split(".")
        if section == "section_two" or (
            section == "section_three" and row == "new_received" and column == "total"
        ):
            rows.setdefault(cell.value, {}).setdefault(row, name)
    for value, names in rows.items():
        if len(names) >= limits["rows"]:
            form = load_form(report.form)
            cells = tuple(names.values())
            return Fail(
                (
                    Finding(
                        "P-07",
                        Severity.NOTICE,
                        N_("数字{number}在{count}个不相干的行中重复出现：{places}"),
                        {
                            "number": plain(value),
                            "count": len(cells),
                            "places": "；".join(form.describe(name) for name in cells),
                        },
                        cells,
                    ),
                )
            )
    return Pass()


def answers_are_not_all_alike(subject: Subject) -> Result:
    """P-09: of very many applications not every one ends the same way, granted or refused."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    answered = reported(report.cells, key("total_results", "total"))
    granted = add_rows(report.cells, ("granted",), "total")
    denied = add_rows(report.cells, _DENIED, "total")
    if answered is None or granted is None or denied is None:
        return CELLS_MISSING
    if answered <= thresholds()["answers_all_alike"] or answered not in (granted.value, denied.value):
        return Pass()
    template = (
        N_("全年{count}件申请的办理结果全部是“予以公开”，请核对")
        if answered == granted.value
        else N_("全年{count}件申请的办理结果全部是“不予公开”，请核对")
    )
    names = [key(row, "total") for row in ("granted", *_DENIED, "total_results")]
    cells = tuple(name for name in names if reported(report.cells, name))
    return Fail((Finding("P-09", Severity.NOTICE, template, {"count": plain(answered)}, cells, (3,)),))


_DECISIONS = ("section_two.licensing.decisions", "section_two.penalty.decisions")
_MOVED_AWAY = re.compile(
    r"划转|移交|划入|划出|相对集中|集中(?:行使|审批|办理|许可)|(?:许可|处罚|执法)权?.{0,12}委托"
)
_MAY_HAVE_TAKEN_OVER = re.compile(r"审批(?:服务)?局|审批.{0,8}(?:管理局|中心)|综合(?:行政)?执法|城市管理")
_POWERS_MAY_HAVE_MOVED = N_("（当地设有“{other}”，许可、处罚职能可能已经划转）")


@names_predecessor
def decisions_do_not_vanish(subject: Subject) -> Result:
    """P-08: a department that licensed and fined much last year does not report none of both in this year.

    A pass where the prose tells that the powers were moved; a notice where the county or the prose names an
    organ that may have taken them over.
    """
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if kind_of(subject) is not OrganKind.DEPARTMENT:
        return NotAssessable(N_("只核对部门的行政许可和行政处罚"))
    before = year_before(subject)
    if before is None:
        return why_none(subject)
    if report.form != before.form:
        return OTHER_FORM
    then, now = add(before.cells, _DECISIONS), add(report.cells, _DECISIONS)
    if then is None or now is None:
        return CELLS_MISSING
    if now.value > 0 or then.value < thresholds()["decisions_that_vanish"]:
        return Pass(BLANKS_AS_ZERO if now.blank else None)
    text = squeezed_body(report)
    if _MOVED_AWAY.search(text):
        return Pass(N_("正文写明有关职能已经划转、集中或委托"))
    doubt = doubt_about(report, 2) or doubt_about(before, 2)
    others = (
        text,
        *(name for name in subject.county_organs if subject.organ is None or name != subject.organ.name),
    )
    match = next((found for name in others if (found := _MAY_HAVE_TAKEN_OVER.search(name))), None)
    said = notes(now.blank, doubt)
    if match:
        said = {**said, "notes": [*said["notes"], _POWERS_MAY_HAVE_MOVED], "other": match[0]}
    finding = Finding(
        "P-08",
        weigh(less(Severity.WARNING) if match else Severity.WARNING, now.blank, doubt),
        N_(
            "表二“行政许可”“行政处罚”的处理决定数量均为0，而{before}年度报告共有{then}件"
            "（许可{licensing}件、处罚{penalty}件），请核对是否漏填{notes}"
        ),
        {
            "before": before.report_year,
            "then": plain(then.value),
            "licensing": printed(before.cells, _DECISIONS[0]),
            "penalty": printed(before.cells, _DECISIONS[1]),
            **said,
        },
        _DECISIONS,
        (2,),
    )
    return Fail((finding,))


# --- units and prints --------------------------------------------------------------------------------------

_UNIT_AT_END = re.compile(r"(万元|元|件|条|宗|个|项|次|人|份)$")
_UNIT_CHARACTERS = frozenset("元件条宗个项次人份")
_AMOUNTS = ("section_two.admin_fees.amount_wan", "section_two.central_procurement.amount_wan")


def cells_carry_no_unit(subject: Subject) -> Result:
    """U-01: units stand in the label, not in the cell; and an amount has a unit at all."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    form = load_form(report.form)
    said: list[str] = []
    cells: list[str] = []
    seen = False
    for name, cell in report.cells.items():
        if cell.state is not CellState.REPORTED:
            continue
        seen = True
        raw = cell.raw.rstrip()
        if raw and raw[-1] in _UNIT_CHARACTERS:
            cells.append(name)
            unit = _UNIT_AT_END.search(raw)
            converted = f"，合{cell.value}万元" if cell.unit == "元" and unit and unit[1] == "元" else ""
            said.append(f"{form.describe(name)} 印为“{raw.strip()}”{converted}")
        elif name in _AMOUNTS and cell.unit is None and cell.value:
            cells.append(name)
            said.append(f"{form.describe(name)} 印为“{raw.strip()}”，单位不明，未作换算")
    if not seen:
        return NO_TABLE
    if not said:
        return Pass()
    values: dict[str, Any] = {"places": "；".join(said), "count": len(said)}
    return Fail(
        (Finding("U-01", Severity.NOTICE, N_("计量单位印在单元格内或不明：{places}"), values, tuple(cells)),)
    )


def amount_is_in_wan(subject: Subject) -> Result:
    """U-02: an amount in a 万元 column is not one in 元."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    before = year_before(subject)
    kind = kind_of(subject)
    limits = thresholds()["yuan_for_wan"]
    judged = False
    for name in _AMOUNTS:
        cell = report.cells.get(name)
        if cell is None or cell.value is None or (cell.unit is None and cell.value):
            continue
        judged = True
        then = reported(before.cells, name) if before else None
        ratio = cell.value / then if then else None
        if (
            ratio is not None
            and cell.value >= limits["amount_at_least"]
            and cell.value == int(cell.value)
            and limits["ratio_from"] <= ratio <= limits["ratio_to"]
        ):
            template = N_("{place}印为{amount}万元，是上一年度{then}万元的约一万倍，可能把元填作万元")
        elif (
            kind in (OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT)
            and cell.value >= thresholds()["township_amount_wan"]
        ):
            template = N_("{place}印为{amount}万元，远超乡镇、街道的通常规模，可能把元填作万元")
        else:
            continue
        values = {
            "place": load_form(report.form).describe(name),
            "amount": plain(cell.value),
            "then": None if then is None else plain(then),
        }
        doubt = doubt_about(report, 2)
        severity = less(Severity.WARNING) if doubt else Severity.WARNING
        return Fail((Finding("U-02", severity, template, values, (name,), (2,)),))
    return Pass() if judged else NotAssessable(N_("没有带单位的金额"))


def decimals_are_few(subject: Subject) -> Result:
    """U-03: an amount has no more than four decimals (1 元 = 0.0001 万元)."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    judged = False
    for name in _AMOUNTS:
        cell = report.cells.get(name)
        if cell is None or cell.value is None:
            continue
        judged = True
        decimals = re.search(r"\.(\d+)", cell.raw)
        if decimals and len(decimals[1]) > 4:
            return Fail(
                (
                    Finding(
                        "U-03",
                        Severity.NOTICE,
                        N_("{place}印为“{raw}”，小数多于4位"),
                        {
                            "place": load_form(report.form).describe(name),
                            "raw": cell.raw.strip(),
                            "decimals": len(decimals[1]),
                        },
                        (name,),
                        (2,),
                    ),
                )
            )
    return Pass() if judged else CELLS_MISSING


_MIXED_LIST = re.compile(r"\d+\s*(件|条)(?:、[^、。；;，,\d\n]{1,12}\d+\s*(?:件|条)){1,12}")
_UNIT_IN_LIST = re.compile(r"\d+\s*(件|条)")


def one_unit_in_a_list(subject: Subject) -> Result:
    """U-04: one enumeration counts in one unit, 件 or 条."""
    report = subject.report
    if report.kind is not DocumentKind.REPORT:
        return NOT_THIS_FORM
    text = body(report)
    if not text.strip():
        return NO_TEXT
    for match in _MIXED_LIST.finditer(text):
        if len(set(_UNIT_IN_LIST.findall(match[0]))) > 1:
            quote = excerpt(text, match.start(), match.end(), 12)
            return Fail(
                (
                    Finding(
                        "U-04",
                        Severity.NOTICE,
                        N_("同一列举中“件”“条”混用：{quote}"),
                        {"quote": quote},
                        sections=tuple(n for n, section in report.sections.items() if match[0] in section.text),
                        quote=quote,
                    ),
                )
            )
    return Pass()


def no_negative_numbers(subject: Subject) -> Result:
    """U-05: nothing but the change of items is negative."""
    return _wrong_numbers(
        subject,
        "U-05",
        N_("出现负数：{places}"),
        lambda name, cell: cell.value is not None and cell.value < 0 and not name.endswith(".change"),
    )


def counts_are_whole(subject: Subject) -> Result:
    """U-06: counts are whole numbers."""
    return _wrong_numbers(
        subject,
        "U-06",
        N_("件数、数量应为整数：{places}（可能把小数点当作千位分隔）"),
        lambda name, cell: (
            isinstance(cell.value, Decimal)
            and not name.endswith(".amount_wan")
            and cell.value != cell.value.to_integral_value()
        ),
    )


def _wrong_numbers(subject: Subject, rule: str, template: str, is_wrong: Any) -> Result:
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    wrong: list[str] = []
    seen = False
    for name, cell in report.cells.items():
        if cell.value is not None:
            seen = True
            if is_wrong(name, cell):
                wrong.append(name)
    if not seen:
        return NO_TABLE
    if not wrong:
        return Pass()
    form = load_form(report.form)
    values = {
        "places": "；".join(f"{form.describe(name)} 印为“{report.cells[name].raw.strip()}”" for name in wrong),
        "count": len(wrong),
    }
    return Fail((Finding(rule, Severity.ERROR, template, values, tuple(wrong)),))


_WORDS_FOR_NUMBERS = frozenset("无零Oo〇／/—－-–○")


def cells_hold_digits(subject: Subject) -> Result:
    """U-07: numbers are printed in digits, not as / — 无 零 or the letter O."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    wrong: list[str] = []
    seen = False
    for name, cell in report.cells.items():
        if cell.state is CellState.ABSENT:
            continue
        seen = True
        raw = cell.raw.strip()
        if raw and raw[0] in _WORDS_FOR_NUMBERS and not any(character.isdigit() for character in raw):
            wrong.append(name)
    if not seen:
        return NO_TABLE
    if not wrong:
        return Pass()
    form = load_form(report.form)
    shown = [f"{form.describe(name)} 印为“{report.cells[name].raw.strip()}”" for name in wrong[:8]]
    values = {"count": len(wrong), "places": "；".join(shown) + ("……" if len(wrong) > 8 else "")}
    return Fail(
        (Finding("U-07", Severity.NOTICE, N_("{count}个单元格没有填数字：{places}"), values, tuple(wrong)),)
    )


PLAUSIBILITY_RULES = (
    Rule(
        "P-01",
        N_("规范性文件制发数量合乎常理"),
        "《条例》第二十条第（一）项；同类机关的通常数量",
        Severity.WARNING,
        issued_is_plausible,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "P-05",
        N_("申请、复议和诉讼数据是否全为0"),
        "同类机关的通常情况",
        Severity.NOTICE,
        not_everything_zero,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "P-07",
        N_("同一数字没有在不相干的行中重复"),
        "同类机关的通常情况",
        Severity.NOTICE,
        numbers_do_not_repeat,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "P-08",
        N_("上年有大量许可、处罚的部门，本年不会一件也没有"),
        "《条例》第二十条第（五）（六）项；本机关上年的数量",
        Severity.WARNING,
        decisions_do_not_vanish,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "P-09",
        N_("大量申请的办理结果不全相同"),
        "同类机关的通常情况",
        Severity.NOTICE,
        answers_are_not_all_alike,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "U-01",
        N_("计量单位在表头而不在单元格"),
        "格式",
        Severity.NOTICE,
        cells_carry_no_unit,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "U-02", N_("金额以万元计"), "格式", Severity.WARNING, amount_is_in_wan, FORM_YEARS, forms=FORMS_WITH_TABLES
    ),
    Rule(
        "U-03",
        N_("金额小数不多于4位"),
        "格式",
        Severity.NOTICE,
        decimals_are_few,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule("U-04", N_("同一列举用同一计量单位"), "行文规范", Severity.NOTICE, one_unit_in_a_list),
    Rule("U-05", N_("没有负数"), "格式", Severity.ERROR, no_negative_numbers, FORM_YEARS, forms=FORMS_WITH_TABLES),
    Rule("U-06", N_("件数为整数"), "格式", Severity.ERROR, counts_are_whole, FORM_YEARS, forms=FORMS_WITH_TABLES),
    Rule(
        "U-07",
        N_("单元格内填数字"),
        "格式",
        Severity.NOTICE,
        cells_hold_digits,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
)
