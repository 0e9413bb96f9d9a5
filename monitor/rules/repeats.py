"""Checks of what was taken over from the last report: its text (Y-06) and its numbers in the prose (Y-09).

Domain.md 4.4: both look at the organ's own report of the year before. That a text is another organ's tells P-06
(domain.md 4.9).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from rapidfuzz.distance import Indel

from monitor.language import N_
from monitor.rules.base import (
    Fail,
    Finding,
    Need,
    NotAssessable,
    Pass,
    Result,
    Rule,
    Severity,
    Subject,
    Twin,
)
from monitor.rules.cells import FORMS_WITH_TABLES, add, comparable
from monitor.rules.masking import masked_sentences, own_names, sentence_key
from monitor.rules.narrative import (
    FORM_YEARS,
    NOTHING_SAID,
    applications_answered,
    applications_received,
    carried_reviews_and_lawsuits,
    decisions_and_fees,
    exact_facts,
    kinds_of_answers,
    normative_documents,
)
from monitor.rules.texts import NO_TEXT, NOT_THIS_FORM, is_modern_report
from monitor.rules.thresholds import thresholds
from monitor.rules.years import names_predecessor, to_compare_with, why_none
from parsers.schema import Report

TEMPLATES_LEFT_IN = N_("（尚未剔除全县通用的语句）")
TEMPLATES_WEIGH = N_("（尚未剔除全县通用的语句，故降一级提示）")
NOT_COMPARED = NotAssessable(N_("尚未与其他机关的报告比对，或剔除全县通用语句后文字太短，不足以判断"))
PUBLISHED_FIRST = N_("（本报告公布在先）")
MOST_TWINS = 5
"""So many of the other reports are named."""
TOO_SHORT = NotAssessable(N_("第一、五部分的文字太短，不足以判断是否雷同"))


@names_predecessor
def text_is_not_last_years(subject: Subject) -> Result:
    """Y-06: sections one and five are not those of the year before but for their numbers.

    Sentences that most organs of the county share say nothing of an organ and are left out where they are known;
    where they are not, the finding says so and weighs one step less.
    """
    report, before = subject.report, subject.previous
    if not is_modern_report(report):
        return NOT_THIS_FORM
    if before is None or not is_modern_report(before) or before.report_year != (report.report_year or 0) - 1:
        return why_none(subject)
    shared = subject.county_sentences
    names = own_names(subject.organ)
    now, then = (
        "".join(one for one in masked_sentences(each, names) if sentence_key(one) not in (shared or ()))
        for each in (report, before)
    )
    if not now or not then:
        return NO_TEXT
    limits = thresholds()["text_of_last_year"]
    if min(len(now), len(then)) < limits["characters"]:
        return TOO_SHORT
    similarity = Indel.normalized_similarity(now, then, score_cutoff=limits["notice"])
    if similarity < limits["notice"]:
        return Pass()
    grave = similarity >= limits["warning"]
    left_in = [TEMPLATES_WEIGH if grave else TEMPLATES_LEFT_IN] if shared is None else []
    finding = Finding(
        "Y-06",
        Severity.WARNING if grave and not left_in else Severity.NOTICE,
        N_(
            "第一、五部分的文字与{before}年度报告的相似度为{percent}%（数字和年份不计），请核对是否沿用了上年的内容{notes}"
        ),
        {
            "before": before.report_year,
            "similarity": round(similarity, 4),
            # Cut, not rounded: nobody reads 98.0 % where the limit was not reached.
            "percent": int(similarity * 1000) / 10,
            "characters": len(now),
            "texts": [_text_digest(each, names) for each in (report, before)],
            "notes": left_in,
        },
        sections=(1, 5),
    )
    return Fail((finding,))


def text_is_not_another_organs(subject: Subject) -> Result:
    """P-06: sections one and five are not those of another organ, numbers and names aside.

    What most organs of the county share and stock phrases are left out before (:mod:`monitor.similarity`). Nobody
    is blamed: a report that was published before all the others it is like weighs no more than a notice.
    """
    if not is_modern_report(subject.report):
        return NOT_THIS_FORM
    twins = subject.twins
    if twins is None:
        return NOT_COMPARED
    if not twins:
        return Pass()
    known = any(twin.templates_known for twin in twins)
    first = all(twin.earlier is False for twin in twins)
    shown = "；".join(_named(twin) for twin in twins[:MOST_TWINS])
    nearest = max(twins, key=lambda twin: twin.similarity)
    finding = Finding(
        "P-06",
        Severity.WARNING if known and not first else Severity.NOTICE,
        N_(
            "第一、五部分的文字与{number}份其他机关的报告相同或基本相同（相似度最高{percent}%，数字、名称和"
            "全县通用语句不计，比较了{characters}个字）：{twins}{notes}"
        ),
        {
            "number": len(twins),
            "percent": int(nearest.similarity * 1000) / 10,
            "characters": nearest.characters,
            "twins": shown,
            "organs": [[twin.organ.code, twin.report_year] for twin in twins],
            "texts": [_text_digest(subject.report, own_names(subject.organ))],
            "notes": [*([] if known else [TEMPLATES_WEIGH]), *([PUBLISHED_FIRST] if first else [])],
        },
        sections=(1, 5),
    )
    return Fail((finding,))


def _text_digest(report: Report, names: Sequence[str]) -> str:
    """What stands for the text that was compared, templates included: which those are other reports decide."""
    return hashlib.sha256("".join(masked_sentences(report, names)).encode()).hexdigest()[:16]


def _named(twin: Twin) -> str:
    name = (
        twin.organ.name if twin.organ.name.startswith(twin.organ.county) else twin.organ.county + twin.organ.name
    )
    published = f"，{twin.published_on.isoformat()}公布" if twin.published_on else ""
    return f"{name}{twin.report_year}年度（{int(twin.similarity * 1000) / 10}%{published}）"


_ON_NUMBERS_OF_THE_PROSE: tuple[Callable[[Subject], Result], ...] = (
    applications_received,
    applications_answered,
    carried_reviews_and_lawsuits,
    normative_documents,
    kinds_of_answers,
    decisions_and_fees,
)


@names_predecessor
def numbers_of_the_prose_are_this_years(subject: Subject) -> Result:
    """Y-09: a number of the prose that disagrees with the table is not last year's, left standing.

    It is, where the prose of the year before told the same number of the same matter, the table of that year had
    it, and the table of this year has another. Zeros are left out: that nothing came in is told every year.
    """
    report, before = subject.report, to_compare_with(subject)
    if isinstance(before, NotAssessable):
        return before
    if not report.narrative:
        return NOTHING_SAID
    told_then = {(fact.key, fact.value) for fact in before.narrative if fact.value}
    again = [fact for fact in report.narrative if (fact.key, fact.value) in told_then]
    if not again:
        return Pass()
    last_year = Subject(before, organ=subject.organ, county_organs=subject.county_organs)
    findings: dict[tuple[str, ...], Finding] = {}
    for rule in _ON_NUMBERS_OF_THE_PROSE:
        answer = rule(subject)
        if not isinstance(answer, Fail):
            continue
        for accused in answer.findings:
            fact = next((each for each in again if each.quote == accused.quote), None)
            if (
                fact is None
                or accused.values.get("narrative") != fact.value
                or not _is_last_years(accused, report, before)
            ):
                continue
            if all(each.value != fact.value for each in exact_facts(last_year, fact.key, frozenset({fact.unit}))):
                continue
            findings.setdefault(accused.cells, _left_standing(accused, before))
    return Fail(tuple(findings.values())) if findings else Pass()


def _is_last_years(accused: Finding, report: Report, before: Report) -> bool:
    """Whether last year's table had the number that the prose tells and this year's table does not."""
    if not accused.cells or not all(comparable(name, report.form, before.form) for name in accused.cells):
        return False
    number = accused.values["narrative"]
    then, now = ([add(each.cells, (name,)) for name in accused.cells] for each in (before, report))
    if None in then or None in now:
        return False
    had = [amount.value for amount in then if amount]
    has = [amount.value for amount in now if amount]
    return number in (*had, sum(had)) and number not in (*has, sum(has))


def _left_standing(accused: Finding, before: Report) -> Finding:
    return Finding(
        "Y-09",
        Severity.NOTICE if accused.severity is Severity.NOTICE else Severity.WARNING,
        N_(
            "正文写的{narrative}{unit}与表格不符，却与{before}年度报告正文和表格中的同一数字相同，"
            "可能是上年的数字没有更新{notes}：{quote}"
        ),
        {
            "narrative": accused.values["narrative"],
            "unit": accused.values.get("unit", ""),
            "before": before.report_year,
            "quote": accused.quote,
            "rule": accused.rule,
            "notes": [],
        },
        accused.cells,
        accused.sections,
        accused.quote,
    )


REPEAT_RULES = (
    Rule(
        "Y-06",
        N_("文字不应与上一年度报告雷同"),
        "国办公开办函〔2021〕30号关于内容雷同的要求",
        Severity.WARNING,
        text_is_not_last_years,
        FORM_YEARS,
        needs=(Need.YEAR_BEFORE,),
    ),
    Rule(
        "P-06",
        N_("文字不应与其他机关的报告雷同"),
        "国办公开办函〔2021〕30号关于内容雷同的要求",
        Severity.WARNING,
        text_is_not_another_organs,
        FORM_YEARS,
        needs=(Need.REGISTER, Need.TWINS),
    ),
    Rule(
        "Y-09",
        N_("正文没有遗留上一年度的数字"),
        "《条例》第五十条；国办公开办函〔2021〕30号",
        Severity.WARNING,
        numbers_of_the_prose_are_this_years,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.YEAR_BEFORE,),
    ),
)
