"""Checks across the tables of one report, and between tables and section six (domain.md 4.2): X-01 to X-05.

X-05 looks at the report of the year before too. All are notices: each names what is unusual, not wrong.
"""

from __future__ import annotations

import re
from decimal import Decimal

from monitor.language import N_
from monitor.rules.base import Fail, Finding, Need, NotAssessable, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import (
    BLANKS_AS_ZERO,
    BLOCKS,
    CELLS_MISSING,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    add,
    add_rows,
    doubt_about,
    key,
    notes,
    plain,
)
from monitor.rules.tables import FORM_YEARS
from monitor.rules.texts import excerpt, section_text
from monitor.rules.thresholds import thresholds
from monitor.rules.years import names_predecessor, to_compare_with

_DISPUTES = tuple(f"section_four.{block}.total" for block in BLOCKS)
_RECEIVED = ("new_received", "carried_over")
_FEES = "section_two.admin_fees.amount_wan"
_YUAN_IN_WAN = 10_000

NO_SECTION_SIX = NotAssessable(N_("没有第六部分"))
NO_FEE_TOLD = NotAssessable(N_("第六部分没有写明收取信息处理费的确切金额"))


def disputes_have_applications(subject: Subject) -> Result:
    """X-01: reviews or suits about disclosure, but no application at all."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    disputes = add(report.cells, _DISPUTES)
    received = add_rows(report.cells, _RECEIVED, "total")
    if disputes is None or received is None:
        return CELLS_MISSING
    if disputes.value <= 0 or received.value > 0:
        return Pass(BLANKS_AS_ZERO if disputes.blank or received.blank else None)
    finding = Finding(
        "X-01",
        Severity.NOTICE,
        N_(
            "表四有复议、诉讼共{disputes}件，而表三本年新收和上年结转的申请均为0，请核对（也可能是往年的答复引起）"
        ),
        {"disputes": plain(disputes.value)},
        (*_DISPUTES, *(key(row, "total") for row in _RECEIVED)),
        (3, 4),
    )
    return Fail((finding,))


def disputes_are_in_proportion(subject: Subject) -> Result:
    """X-02: far more reviews and suits than answers given."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    disputes = add(report.cells, _DISPUTES)
    answered = add_rows(report.cells, ("total_results",), "total")
    if disputes is None or answered is None:
        return CELLS_MISSING
    times = thresholds()["disputes_for_each_answer"]
    if disputes.value <= times * (answered.value + 1):
        return Pass(BLANKS_AS_ZERO if disputes.blank or answered.blank else None)
    finding = Finding(
        "X-02",
        Severity.NOTICE,
        N_("表四有复议、诉讼共{disputes}件，而表三全年办理结果只有{answered}件，请核对是否计入了往年或无关的案件"),
        {"disputes": plain(disputes.value), "answered": plain(answered.value)},
        (*_DISPUTES, key("total_results", "total")),
        (3, 4),
    )
    return Fail((finding,))


def fees_told_are_in_the_table(subject: Subject) -> Result:
    """X-03: section six tells a fee that was collected, and the fees of section two are 0.

    An amount that the table's print would round to 0 is no contradiction.
    """
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    told = [
        fact
        for fact in report.narrative
        if fact.key == "info_processing_fee"
        and fact.section == 6
        and fact.unit == "元"
        and not (fact.cumulative or fact.approximate or fact.bound)
    ]
    if not told:
        return NO_FEE_TOLD
    amount = add(report.cells, (_FEES,))
    if amount is None:
        return CELLS_MISSING
    fact = max(told, key=lambda each: each.value)
    decimals = re.search(r"\.(\d+)", report.cells[_FEES].raw)
    last = Decimal(1).scaleb(-len(decimals[1])) if decimals else Decimal(1)
    if amount.value != 0 or Decimal(fact.value) / _YUAN_IN_WAN * 2 < last:
        return Pass()
    finding = Finding(
        "X-03",
        Severity.NOTICE,
        N_("第六部分称收取信息处理费{fee}元，而表二“行政事业性收费”金额为0，请核对"),
        {"fee": plain(fact.value)},
        (_FEES,),
        (2, 6),
        fact.quote,
    )
    return Fail((finding,))


_NEVER_DEMANDED = re.compile(
    r"(?:没有|未曾?|从未|不曾)(?:向[^，。；]{0,10})?(?:发出|出具|开具|下达|下发|送达|作出)[^，。；]{0,10}(?:收费|缴费)通知"
    r"|(?:没有|未曾?|从未|不曾)(?:向[^，。；]{0,10})?(?:要求|通知)[^，。；]{0,12}(?:缴纳|交纳|缴费|付费)"
)


def unpaid_fees_were_demanded(subject: Subject) -> Result:
    """X-04: applications ended for unpaid fees, and section six says that no fee was ever demanded.

    That nothing was collected is no contradiction: the demand was sent and not paid.
    """
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    unpaid = add(report.cells, (key("other_fee_unpaid", "total"),))
    if unpaid is None:
        return CELLS_MISSING
    if unpaid.value <= 0:
        return Pass(BLANKS_AS_ZERO if unpaid.blank else None)
    text = "".join(section_text(report, 6).split())
    if not text:
        return NO_SECTION_SIX
    match = _NEVER_DEMANDED.search(text)
    if match is None:
        return Pass()
    finding = Finding(
        "X-04",
        Severity.NOTICE,
        N_("表三有{count}件因逾期不缴费而不再处理，第六部分却称没有发出过收费通知：{quote}"),
        {"count": plain(unpaid.value), "quote": excerpt(text, match.start(), match.end())},
        (key("other_fee_unpaid", "total"),),
        (3, 6),
        match[0],
    )
    return Fail((finding,))


REVIEW_FIRST_YEARS = range(2024, 2100)
"""Since 1 January 2024 a refusal goes to review before it goes to court (行政复议法, art. 23)."""


@names_predecessor
def direct_suits_do_not_jump(subject: Subject) -> Result:
    """X-05: suits without a review before them do not jump up though refusals now need a review first.

    Suits over other matters than refusals remain possible: a notice only.
    """
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    name = "section_four.litigation_direct.total"
    then, now = add(before.cells, (name,)), add(report.cells, (name,))
    if then is None or now is None:
        return CELLS_MISSING
    limits = thresholds()["direct_suits_jump"]
    blank = then.blank or now.blank
    if now.value - then.value < limits["difference"] or now.value < limits["times"] * then.value:
        return Pass(BLANKS_AS_ZERO if blank else None)
    finding = Finding(
        "X-05",
        Severity.NOTICE,
        N_(
            "未经复议直接起诉由{before}年的{then}件增至{year}年的{now}件；2024年起对不予公开决定不服的应先申请复议，"
            "请核对（其他情形仍可直接起诉）{notes}"
        ),
        {
            "before": before.report_year,
            "year": report.report_year,
            "then": plain(then.value),
            "now": plain(now.value),
            **notes(blank, doubt_about(report, 4) or doubt_about(before, 4)),
        },
        (name,),
        (4,),
    )
    return Fail((finding,))


CROSSING_RULES = (
    Rule(
        "X-01",
        N_("有复议、诉讼即应有申请"),
        "《条例》第五十条；格式表三、表四",
        Severity.NOTICE,
        disputes_have_applications,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "X-02",
        N_("复议、诉讼件数与办理结果相称"),
        "同类机关的通常情况",
        Severity.NOTICE,
        disputes_are_in_proportion,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "X-03",
        N_("收取的信息处理费应计入行政事业性收费"),
        "国办函〔2020〕109号；格式表二",
        Severity.NOTICE,
        fees_told_are_in_the_table,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "X-04",
        N_("因不缴费而不再处理的，应发出过收费通知"),
        "国办函〔2020〕109号",
        Severity.NOTICE,
        unpaid_fees_were_demanded,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "X-05",
        N_("直接起诉的件数没有骤增"),
        "《行政复议法》第二十三条（2024年起施行）",
        Severity.NOTICE,
        direct_suits_do_not_jump,
        REVIEW_FIRST_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
)
