"""Checks of the prose against the tables and against itself (domain.md 4.3): N-01 to N-10.

The facts come from ``parsers.narrative``. A number that is approximate (余, 约), open (以上) or counts all years
is never held against a cell, and neither is one by which a government's report speaks of its own office only.
Where the prose tells a number more than once, one that agrees is enough: the rule accuses only where none does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

from monitor.language import N_
from monitor.rules.base import Fail, Finding, NotAssessable, OrganKind, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import (
    BLANKS_AS_ZERO,
    BLOCKS,
    CELLS_MISSING,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    OUTCOMES,
    RESULTS,
    Amount,
    add,
    add_rows,
    doubt_about,
    key,
    notes,
    other_rows,
    plain,
    result_rows,
    weigh,
)
from monitor.rules.organs import compact, kind_of
from monitor.rules.texts import opening
from monitor.rules.thresholds import thresholds
from parsers.narrative import CLOSED, SCATTERED, Topic, subsections
from parsers.schema import Fact, Number, Report

FORM_YEARS = range(2019, 2100)

NOTHING_SAID = NotAssessable(N_("正文没有说明可供核对的确切数字"))

# 件次 and 人次 count acts, not things; % and 元 are no counts.
_THINGS = frozenset("件宗条份项例起封个部篇则")
_OWN_OFFICE = re.compile(r"我办|本办|办公室|政府办|本级|本机关")
_SEVERAL_ORGANS = frozenset({OrganKind.COUNTY, OrganKind.PREFECTURE, OrganKind.PROVINCE, OrganKind.ZONE})
_COUNTY_OR_ABOVE = re.compile(r"(?:省|市|县|区|旗|州|盟)(?:人民)?政府$|(?:区|开发区|新区)$")
# Who a number is of: several organs, or the one that reports.
_NAMED = re.compile(
    r"(?P<several>全[省市县区州盟旗]|各(?:单位|部门|乡镇|镇街|街道|镇|乡|级|地|区县|县区|市县|有关单位)|[省市县区](?:级|直|属)(?:各|单位|部门)"
    r"|(?:^|[，,、；;年度])[省市县区](?:人民)?政府(?!网|门户|办|信息|公开|平台|大院|要求|部署|统一|安排|主导))"
    r"|[我本](?:[镇乡局委办院会所站队处厅县市区省州旗盟]|街道|街|中心|单位|机关|部门|管委会|园区|级)|全[镇乡局委院街]"
)
_OWN_TERRITORY = re.compile(r"[我本][省市县区州盟旗]")
_TELLS_OF_APPLICATIONS = ("applications_", "carried_", "disclosed_on_application")


# --- reading the facts --------------------------------------------------------------------------------------


def exact_facts(subject: Subject, name: str, units: frozenset[str] = _THINGS) -> list[Fact]:
    """The exact numbers of the report year that the prose tells under a key and that may be held against cells."""
    return [
        fact
        for fact in subject.report.narrative
        if fact.key == name
        and fact.unit in units
        and not (fact.cumulative or fact.approximate or fact.bound)
        and not _speaks_of_own_office(subject, fact)
        and not _speaks_of_other_organs(subject, fact)
    ]


def _speaks_of_own_office(subject: Subject, fact: Fact) -> bool:
    """Whether a report that sums up many organs tells a number of one office (我办收到…件)."""
    return _sums_up_many(subject) and bool(_OWN_OFFICE.search(fact.quote))


def _speaks_of_other_organs(subject: Subject, fact: Fact) -> bool:
    """Whether a number is of more than the organ itself: a town that tells what the whole county received.

    The last one named in the sentence before the number is the one it speaks of. A county may speak of 全县 or
    全市; where it also speaks of 我县, the other one is above it.
    """
    sentence = compact(_sentence(subject.report, fact))
    quote = compact(fact.quote)
    begin = max(sentence.find(quote), 0)
    number = sentence.find(f"{fact.value}", begin)
    named = list(_NAMED.finditer(sentence, 0, number if number >= 0 else begin + len(quote)))
    if not named or named[-1]["several"] is None:
        return False
    return not _sums_up_many(subject) or bool(_OWN_TERRITORY.search(sentence))


def _sums_up_many(subject: Subject) -> bool:
    kind = kind_of(subject)
    if kind is None:
        return bool(_COUNTY_OR_ABOVE.search(compact(subject.report.organ or "")))
    return kind in _SEVERAL_ORGANS


def _sentence(report: Report, fact: Fact) -> str:
    """The sentence in which a fact stands; its own words where they are not found."""
    section = report.sections.get(fact.section)
    text = section.text if section else ""
    at = text.find(fact.quote)
    if at < 0:
        return fact.quote
    begin = max(text.rfind(mark, 0, at) for mark in "。\n！？") + 1
    ends = [end for mark in "。\n！？" if (end := text.find(mark, at + len(fact.quote))) >= 0]
    return text[begin : min(ends, default=len(text))]


def _numbers(facts: list[Fact]) -> set[Number]:
    """What the facts may mean together: each of them, or all of them added up."""
    values: set[Number] = {fact.value for fact in facts}
    if len(values) > 1:
        values.add(sum(values))
    return values


def _heading(report: Report, fact: Fact) -> str:
    """The heading of the section in which a fact stands, without its number."""
    section = report.sections.get(fact.section)
    heading = section.heading if section and section.heading else ""
    return re.sub(r"^[\s#*]*[（(]?[一二三四五六]?[)）]?[、.．]?\s*", "", heading).strip("*# ") or "正文"


def _gap(left: Number, right: Number) -> int | float:
    return plain(left - right if left > right else right - left)


def _totals(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(key(name, "total") for name in names)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a number of the prose in the table: the cells and what they come to."""

    amount: Amount
    rows: tuple[str, ...]


def _sum(report: Report, *rows: str) -> _Reading | None:
    amount = add_rows(report.cells, rows, "total")
    return _Reading(amount, rows) if amount else None


def _difference(whole: _Reading | None, part: _Reading | None) -> _Reading | None:
    """What is left of ``whole``; None where a cell is missing or nothing is taken off."""
    if whole is None or part is None or part.amount.value == 0:
        return None
    amount = Amount(whole.amount.value - part.amount.value, whole.amount.blank or part.amount.blank)
    return _Reading(amount, whole.rows + part.rows)


def _agreement(values: set[Number], readings: Iterable[_Reading | None]) -> Pass | None:
    """A pass where one of the readings gives one of the numbers; one without blanks is preferred."""
    agreeing = [reading.amount.blank for reading in readings if reading and reading.amount.value in values]
    if not agreeing:
        return None
    return Pass(BLANKS_AS_ZERO if all(agreeing) else None)


def _need_table(subject: Subject) -> NotAssessable | None:
    return None if subject.report.form in FORMS_WITH_TABLES else NO_SUCH_FORM


# --- N-01, N-02, N-03: applications, reviews, lawsuits --------------------------------------------------------


def applications_received(subject: Subject) -> Result:
    """N-01: the applications received as told are the new ones, or those with last year's, or all dealt with."""
    report = subject.report
    if missing := _need_table(subject):
        return missing
    facts = exact_facts(subject, "applications_received")
    if not facts:
        return NOTHING_SAID
    new = _sum(report, "new_received")
    with_carried = _sum(report, "new_received", "carried_over")
    right_side = _sum(report, "total_results", "carried_forward")
    # An empty right side says nothing: where applications were received it is itself the mistake (T3-02).
    dealt_with = right_side if right_side and right_side.amount.value else None
    if agreed := _agreement(_numbers(facts), (new, with_carried, dealt_with)):
        return agreed
    if new is None or with_carried is None or right_side is None:
        return CELLS_MISSING
    fact, table = facts[0], new.amount.value
    carried = with_carried.amount.value - table
    against_zero = (fact.value == 0) != (with_carried.amount.value == 0)
    blank = with_carried.amount.blank
    doubt = doubt_about(report, 3, shifted=False)
    severity = weigh(Severity.ERROR if against_zero else Severity.WARNING, blank, doubt)
    if carried:
        template = N_(
            "“{heading}”称收到政府信息公开申请{narrative}{unit}，表三“本年新收”总计为{table}件"
            "（加上年结转{carried_over}件为{with_carried}件），均不相符，与“本年新收”相差{gap}件{notes}"
        )
    else:
        template = N_(
            "“{heading}”称收到政府信息公开申请{narrative}{unit}，表三“本年新收”总计为{table}件，相差{gap}件{notes}"
        )
    values = {
        "heading": _heading(report, fact),
        "narrative": plain(fact.value),
        "unit": fact.unit,
        "table": plain(table),
        "carried_over": plain(carried),
        "with_carried": plain(with_carried.amount.value),
        "gap": _gap(fact.value, table),
        **notes(blank, doubt),
    }
    cells = _totals(("new_received", "carried_over") if carried else ("new_received",))
    return _fail("N-01", severity, template, values, cells, fact)


def applications_answered(subject: Subject) -> Result:
    """N-02: the applications answered as told are （七）总计.

    Accepted too: （七）总计 without what was carried over from last year, or without （六）其他处理 (ended with no
    answer). 「全部答复」 says the number received, to which those carried over may come.
    """
    report = subject.report
    if missing := _need_table(subject):
        return missing
    facts = exact_facts(subject, "applications_answered")
    if not facts:
        return NOTHING_SAID
    results = _sum(report, "total_results")
    carried = _sum(report, "carried_over")
    others = _sum(report, *other_rows(report.cells))
    readings = (results, _difference(results, carried), _difference(results, others))
    if agreed := _agreement(_numbers(facts), readings):
        return agreed
    if results is None or carried is None:
        return CELLS_MISSING
    fact, table = facts[0], results.amount.value
    doubt = doubt_about(report, 3, shifted=False)
    blank = results.amount.blank
    if fact.derived:
        template = N_(
            "“{heading}”称收到的{narrative}{unit}申请已全部答复，表三“（七）总计”却为{table}件，相差{gap}件{notes}"
        )
    else:
        template = N_(
            "“{heading}”称答复、办结申请{narrative}{unit}，表三“（七）总计”为{table}件，相差{gap}件{notes}"
        )
    values = {
        "heading": _heading(report, fact),
        "narrative": plain(fact.value),
        "unit": fact.unit,
        "table": plain(table),
        "gap": _gap(fact.value, table),
        **notes(blank, doubt),
    }
    severity = weigh(Severity.WARNING, blank, doubt)
    return _fail("N-02", severity, template, values, _totals(("total_results",)), fact)


_OUTCOMES_TOLD: Mapping[str, Mapping[str, str]] = {
    "reviews": {
        "upheld": N_("“{heading}”称行政复议维持{narrative}{unit}，表四“结果维持”为{table}件，相差{gap}件{notes}"),
        "corrected": N_(
            "“{heading}”称行政复议纠正{narrative}{unit}，表四“结果纠正”为{table}件，相差{gap}件{notes}"
        ),
        "other": N_(
            "“{heading}”称行政复议其他结果{narrative}{unit}，表四“其他结果”为{table}件，相差{gap}件{notes}"
        ),
        "pending": N_(
            "“{heading}”称行政复议尚未审结{narrative}{unit}，表四“尚未审结”为{table}件，相差{gap}件{notes}"
        ),
    },
    "lawsuits": {
        "upheld": N_("“{heading}”称行政诉讼维持{narrative}{unit}，表四“结果维持”为{table}件，相差{gap}件{notes}"),
        "corrected": N_(
            "“{heading}”称行政诉讼纠正{narrative}{unit}，表四“结果纠正”为{table}件，相差{gap}件{notes}"
        ),
        "other": N_(
            "“{heading}”称行政诉讼其他结果{narrative}{unit}，表四“其他结果”为{table}件，相差{gap}件{notes}"
        ),
        "pending": N_(
            "“{heading}”称行政诉讼尚未审结{narrative}{unit}，表四“尚未审结”为{table}件，相差{gap}件{notes}"
        ),
    },
}


def carried_reviews_and_lawsuits(subject: Subject) -> Result:
    """N-03: applications carried over and forward, reviews, lawsuits and their outcomes as told are those printed.

    A number of reviews or lawsuits may be the total or some of the outcomes (only those closed, only the pending).
    """
    report = subject.report
    if missing := _need_table(subject):
        return missing
    checks: tuple[tuple[str, str, tuple[_Reading | None, ...]], ...] = (
        (
            "carried_over",
            N_("“{heading}”称上年结转申请{narrative}{unit}，表三“上年结转”总计为{table}件，相差{gap}件{notes}"),
            (_sum(report, "carried_over"),),
        ),
        (
            "carried_forward",
            N_(
                "“{heading}”称结转下年度申请{narrative}{unit}，表三“结转下年度”总计为{table}件，相差{gap}件{notes}"
            ),
            (_sum(report, "carried_forward"),),
        ),
        (
            "reviews",
            N_("“{heading}”称行政复议{narrative}{unit}，表四行政复议总计为{table}件，相差{gap}件{notes}"),
            _outcomes(report, BLOCKS[:1]),
        ),
        (
            "lawsuits",
            N_("“{heading}”称行政诉讼{narrative}{unit}，表四行政诉讼总计为{table}件，相差{gap}件{notes}"),
            _outcomes(report, BLOCKS[1:]),
        ),
        *(
            (f"{matter}_{outcome}", _OUTCOMES_TOLD[matter][outcome], _outcome(report, blocks, outcome))
            for matter, blocks in (("reviews", BLOCKS[:1]), ("lawsuits", BLOCKS[1:]))
            for outcome in OUTCOMES
        ),
    )
    findings: list[Finding] = []
    passed: list[Pass] = []
    for name, template, readings in checks:
        facts = exact_facts(subject, name)
        if not facts or readings[0] is None:
            continue
        if agreed := _agreement(_numbers(facts), readings):
            passed.append(agreed)
            continue
        fact, amount = facts[0], readings[0].amount
        section = 3 if name.startswith("carried") else 4
        doubt = doubt_about(report, section, shifted=False)
        values = {
            "heading": _heading(report, fact),
            "narrative": plain(fact.value),
            "unit": fact.unit,
            "table": plain(amount.value),
            "gap": _gap(fact.value, amount.value),
            **notes(amount.blank, doubt),
        }
        findings.append(
            Finding(
                "N-03",
                weigh(Severity.WARNING, amount.blank, doubt),
                template,
                values,
                _totals(readings[0].rows) if section == 3 else readings[0].rows,
                (fact.section, section),
                fact.quote,
            )
        )
    if findings:
        return Fail(tuple(findings))
    if not passed:
        return NOTHING_SAID
    return next((each for each in passed if each.note), Pass())


def _outcomes(report: Report, blocks: tuple[str, ...]) -> tuple[_Reading | None, ...]:
    """The total of the blocks first, then every sum of some of their outcomes."""
    totals = tuple(f"section_four.{block}.total" for block in blocks)
    whole = add(report.cells, totals)
    if whole is None:
        return (None,)
    readings: list[_Reading] = [_Reading(whole, totals)]
    known = [
        (name, amount)
        for block in blocks
        for name in (f"section_four.{block}.{outcome}" for outcome in (*OUTCOMES, "total"))
        if (amount := add(report.cells, (name,))) is not None and amount.value
    ]
    for count in range(1, len(known) + 1):
        for some in combinations(known, count):
            if _counts_twice([name for name, _ in some]):
                continue
            value = sum((amount.value for _, amount in some), start=0)
            readings.append(_Reading(Amount(value, False), tuple(name for name, _ in some)))
    return tuple(readings)


def _outcome(report: Report, blocks: tuple[str, ...], outcome: str) -> tuple[_Reading | None, ...]:
    """One outcome over all the blocks first, then in each of them: 复议后起诉 may be told apart."""
    names = tuple(f"section_four.{block}.{outcome}" for block in blocks)
    amount = add(report.cells, names)
    if amount is None:
        return (None,)
    each = [_Reading(one, (name,)) for name in names if (one := add(report.cells, (name,))) is not None]
    return (_Reading(amount, names), *each)


def _counts_twice(names: list[str]) -> bool:
    """Whether the total of a block stands beside one of its outcomes."""
    totals = {name.rpartition(".")[0] for name in names if name.endswith(".total")}
    return any(name.rpartition(".")[0] in totals for name in names if not name.endswith(".total"))


# --- N-04: silence --------------------------------------------------------------------------------------------


def applications_spoken_of(subject: Subject) -> Result:
    """N-04: where 总体情况 has a subsection on applications, the report says something of applications.

    A statement anywhere in the prose is enough, and so is any sentence of that subsection on 申请.
    """
    report = subject.report
    section = report.sections.get(1)
    if section is None or not section.present:
        return NotAssessable(N_("没有读到“总体情况”"))
    silent = [each for each in subsections(section.text) if each.topic is Topic.APPLICATIONS and each.body.strip()]
    if not silent:
        return NotAssessable(N_("“总体情况”没有单列“依申请公开”一节"))
    if any(fact.key.startswith(_TELLS_OF_APPLICATIONS) for fact in report.narrative):
        return Pass()
    # 来件 may be applications.
    if any(re.search("申请|来件", compact(each.body)) for each in silent):
        return Pass()
    finding = Finding(
        "N-04",
        Severity.WARNING,
        N_("“总体情况”中“{heading}”一节没有写申请情况（收到多少件、怎样办理；没有收到也应写明），写的是别的内容"),
        {"heading": silent[0].heading},
        sections=(1,),
        quote=opening(silent[0].printed, 40),
    )
    return Fail((finding,))


# --- N-05: normative documents ----------------------------------------------------------------------------------

_ROW = "section_two.normative_documents."
_REGULATIONS_ROW = "section_two.regulations."
_ISSUED = N_(
    "“{heading}”称制发规范性文件{narrative}{unit}，表二“规范性文件”本年制发为{table}件，相差{gap}件{notes}"
)
_PUBLISHED = N_(
    "“{heading}”称公开规范性文件{narrative}{unit}，表二“规范性文件”本年新公开为{table}件，相差{gap}件{notes}"
)
_REPEALED = N_(
    "“{heading}”称废止规范性文件{narrative}{unit}，表二“规范性文件”本年废止为{table}件，相差{gap}件{notes}"
)
_IN_FORCE = N_(
    "“{heading}”称现行有效规范性文件{narrative}{unit}，表二“规范性文件”现行有效为{table}件，相差{gap}件{notes}"
)
_REGULATIONS = {
    "issued": N_("“{heading}”称制定规章{narrative}{unit}，表二“规章”本年制发为{table}件，相差{gap}件{notes}"),
    "repealed": N_("“{heading}”称废止规章{narrative}{unit}，表二“规章”本年废止为{table}件，相差{gap}件{notes}"),
    "in_force": N_(
        "“{heading}”称现行有效规章{narrative}{unit}，表二“规章”现行有效为{table}件，相差{gap}件{notes}"
    ),
}
_TOLD_APART = N_("（{narrative}加正文所述本年制发的{issued}恰为{table}，可能是把新旧文件分开写了）")
_DOCUMENTS = {
    "2021": (
        ("normative_documents_issued_total", "issued", _ISSUED),
        ("normative_documents_repealed", "repealed", _REPEALED),
        ("normative_documents_in_force", "in_force", _IN_FORCE),
    ),
    "2019": (
        ("normative_documents_issued_total", "newly_made", _ISSUED),
        ("normative_documents_published", "newly_published", _PUBLISHED),
    ),
}


def normative_documents(subject: Subject) -> Result:
    """N-05: regulations and normative documents as told are those of section two; what is issued is published."""
    report = subject.report
    if missing := _need_table(subject):
        return missing
    assert report.form is not None
    findings: list[Finding] = []
    passed: list[Pass] = []
    doubt = doubt_about(report, 2, shifted=False)
    checks = [(name, _ROW + column, template) for name, column, template in _DOCUMENTS[report.form]]
    if report.form == "2021":
        checks += [(f"regulations_{name}", _REGULATIONS_ROW + name, text) for name, text in _REGULATIONS.items()]
    for name, cell, template in checks:
        facts = exact_facts(subject, name)
        amount = add(report.cells, (cell,))
        if not facts or amount is None:
            continue
        reading = _Reading(amount, (cell,))
        if agreed := _agreement({fact.value for fact in facts}, (reading,)):
            passed.append(agreed)
            continue
        fact = facts[0]
        values: dict[str, Any] = {
            "heading": _heading(report, fact),
            "narrative": plain(fact.value),
            "unit": fact.unit,
            "table": plain(amount.value),
            "gap": _gap(fact.value, amount.value),
            **notes(amount.blank, doubt),
        }
        # Those of earlier years and the new ones are often told apart: the reader of the finding should see it.
        new = {each.value for each in exact_facts(subject, "normative_documents_issued_total")}
        if cell == _ROW + "in_force" and (issued := amount.value - fact.value) in new and issued:
            values["notes"] = [*values["notes"], _TOLD_APART]
            values["issued"] = plain(issued)
        findings.append(
            Finding(
                "N-05",
                weigh(Severity.WARNING, amount.blank, doubt),
                template,
                values,
                (cell,),
                (fact.section, 2),
                fact.quote,
            )
        )
    unpublished = _unpublished(subject)
    if isinstance(unpublished, Finding):
        findings.append(unpublished)
    elif unpublished:
        passed.append(unpublished)
    if findings:
        return Fail(tuple(findings))
    if not passed:
        return NOTHING_SAID
    return next((each for each in passed if each.note), Pass())


def _unpublished(subject: Subject) -> Finding | Pass | None:
    """Whether fewer documents were published than issued (art. 20(一) of the Regulation); None where unknown."""
    report = subject.report
    published = exact_facts(subject, "normative_documents_published")
    if not published:
        return None
    issued_told = [fact.value for fact in exact_facts(subject, "normative_documents_issued_total")]
    issued_cell = add(report.cells, (_ROW + ("issued" if report.form == "2021" else "newly_made"),))
    issued = [*issued_told, *([issued_cell.value] if issued_cell else [])]
    if not issued:
        return None
    most = max(fact.value for fact in published)
    if any(most >= each for each in issued):
        return Pass()
    fact = next(fact for fact in published if fact.value == most)
    in_force = add(report.cells, (_ROW + "in_force",))
    values: dict[str, Any] = {
        "heading": _heading(report, fact),
        "narrative_published": plain(most),
        "unit": fact.unit,
        "issued": plain(min(issued)),
        "gap": plain(min(issued) - most),
    }
    if issued_told:
        values["narrative_issued"] = plain(issued_told[0])
    if issued_cell:
        values["table_issued"] = plain(issued_cell.value)
    if in_force:
        values["table_in_force"] = plain(in_force.value)
    cells = (_ROW + ("issued" if report.form == "2021" else "newly_made"),) if issued_cell else ()
    template = N_(
        "“{heading}”称主动公开规范性文件{narrative_published}{unit}，而本年制发{issued}件，少公开{gap}件；"
        "规范性文件依法都应主动公开"
    )
    return Finding("N-05", Severity.WARNING, template, values, cells, (fact.section, 2), fact.quote)


# --- N-06, N-07: the prose against itself -----------------------------------------------------------------------


def parts_and_whole(subject: Subject) -> Result:
    """N-06: the parts of a stated whole do not exceed it, and make it up where the list is complete.

    Two divisions of the same whole in one list (by applicant, then by channel) are told apart by their sums.
    """
    findings: list[Finding] = []
    groups = _groups(subject.report)
    for name, facts in groups.items():
        whole = next(fact for fact in facts if fact.whole)
        parts, divided = _last_division(whole, [fact for fact in facts if not fact.whole and fact.unit != "%"])
        total = sum((fact.value for fact in parts), start=0)
        complete = name.startswith(CLOSED) and not divided
        if total <= whole.value and not (complete and total < whole.value):
            continue
        if total > whole.value:
            severity = Severity.WARNING
            if name.startswith(SCATTERED):
                template = N_(
                    "“{heading}”称共有信息{whole}{unit}，文中分别所述{list}相加为{sum}{unit}，多出{gap}{unit}"
                )
            else:
                template = N_("“{heading}”称共{whole}{unit}，所列各项{list}相加为{sum}{unit}，多出{gap}{unit}")
        else:
            severity = Severity.NOTICE
            template = N_("“{heading}”称共{whole}{unit}，所列各项{list}相加只有{sum}{unit}，少{gap}{unit}")
        values = {
            "heading": _heading(subject.report, whole),
            "whole": plain(whole.value),
            "unit": whole.unit,
            "parts": [plain(fact.value) for fact in parts],
            "list": "＋".join(str(fact.value) for fact in parts),
            "sum": plain(total),
            "gap": _gap(total, whole.value),
        }
        quote = "；".join(dict.fromkeys(fact.quote for fact in (whole, *parts)))
        findings.append(Finding("N-06", severity, template, values, sections=(whole.section,), quote=quote))
    if findings:
        return Fail(tuple(findings))
    return Pass() if groups else NotAssessable(N_("正文没有“共多少、其中多少”的列举"))


def _groups(report: Report) -> Mapping[str, list[Fact]]:
    groups: dict[str, list[Fact]] = {}
    for fact in report.narrative:
        if fact.group:
            groups.setdefault(fact.group, []).append(fact)
    return {name: facts for name, facts in groups.items() if any(fact.whole for fact in facts)}


def _last_division(whole: Fact, parts: list[Fact]) -> tuple[list[Fact], bool]:
    """The parts behind the last place where they made up the whole exactly, and whether there was one."""
    kept: list[Fact] = []
    divided = False
    for part in parts:
        kept.append(part)
        if sum((fact.value for fact in kept), start=0) == whole.value:
            kept, divided = [], True
    return kept, divided


def rates(subject: Subject) -> Result:
    """N-07: a share lies between 0 and 100 %, fits its numbers, and the shares of one whole do not exceed it."""
    report = subject.report
    told = [fact for fact in report.narrative if fact.unit == "%"]
    if not told:
        return NotAssessable(N_("正文没有百分比"))
    findings: list[Finding] = []
    for fact in told:
        heading = _heading(report, fact)
        values = {"heading": heading, "rate": plain(fact.value), "said": fact.quote}
        if fact.value > 100:
            template = N_("“{heading}”中的比例为{rate}%，超出100%：“{said}”")
        elif fact.value == 100 and fact.bound == "at_least":
            template = N_("“{heading}”中的比例写作“{rate}%以上”，而比例最高为100%：“{said}”")
        else:
            continue
        findings.append(_notice("N-07", template, values, fact))
    for facts in _groups(report).values():
        findings.extend(_shares(report, facts))
    return Fail(tuple(findings)) if findings else Pass()


def _shares(report: Report, facts: list[Fact]) -> Iterable[Finding]:
    """The shares of one enumeration, each behind its number, against the whole."""
    whole = next(fact for fact in facts if fact.whole)
    shares = [fact for fact in facts if fact.unit == "%"]
    for part, share in pairwise(facts):
        if share.unit != "%" or part.unit == "%" or part.whole or not whole.value or share.approximate:
            continue
        right = Decimal(part.value) * 100 / Decimal(whole.value)
        if abs(right - share.value) <= _tolerance(share.value):
            continue
        values = {
            "heading": _heading(report, whole),
            "part": plain(part.value),
            "whole": plain(whole.value),
            "unit": whole.unit,
            "rate": plain(share.value),
            "right": plain(right.quantize(Decimal("0.01"))),
        }
        template = N_("“{heading}”称{part}{unit}占{rate}%，而{part}÷{whole}为{right}%")
        yield _notice("N-07", template, values, share)
    _, divided = _last_division(whole, [fact for fact in facts if not fact.whole and fact.unit != "%"][:-1])
    total = sum((share.value for share in shares), start=Decimal(0))
    if not divided and len(shares) > 1 and total > Decimal(thresholds()["narrative"]["shares_at_most"]):
        values = {"heading": _heading(report, whole), "sum": plain(total)}
        yield _notice("N-07", N_("“{heading}”中同一整体的各项占比相加为{sum}%，超过100%"), values, shares[-1])


def _tolerance(share: Number) -> Decimal:
    """What is let pass (a tenth of a point), or half of the last printed place where that is coarser."""
    exponent = Decimal(share).as_tuple().exponent
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return max(Decimal(thresholds()["narrative"]["share_points"]), Decimal("0.5").scaleb(-places)) + Decimal(
        "0.0001"
    )


# --- N-08, N-09: kinds of answers, ways of asking ----------------------------------------------------------------

_ANSWERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "answers_granted": ("予以公开", ("granted",)),
    "answers_partially_granted": ("部分公开", ("partially_granted",)),
    "answers_denied": ("不予公开", tuple(row for row in RESULTS if row.startswith("denied_"))),
    "answers_unable": ("无法提供", tuple(row for row in RESULTS if row.startswith("unable_"))),
    "answers_rejected": ("不予处理", tuple(row for row in RESULTS if row.startswith("rejected_"))),
}
_OTHER_ANSWERS = "answers_other"


def kinds_of_answers(subject: Subject) -> Result:
    """N-08: the answers of each kind as told are the sum of that kind's rows in section three.

    A kind that is told may hold kinds that are not (不予公开 with 无法提供 in it, 予以公开 with 部分公开): then
    their rows may make up the difference. Rows that do not come to （七）总计 are no measure: that is for T3-01.
    """
    report = subject.report
    if missing := _need_table(subject):
        return missing
    kinds = {**_ANSWERS, _OTHER_ANSWERS: ("其他处理", other_rows(report.cells))}
    told = {name: facts for name in kinds if (facts := exact_facts(subject, name))}
    if not told:
        return NOTHING_SAID
    results = _sum(report, "total_results")
    carried = _sum(report, "carried_over")
    from_last_year = carried.amount.value if carried else 0
    rows_together = _sum(report, *result_rows(report.cells))
    if results and rows_together and results.amount.value != rows_together.amount.value:
        return NotAssessable(N_("表三各类办理结果相加与“（七）总计”不符，无法据以核对"))
    sums = {name: _sum(report, *rows) for name, (_, rows) in kinds.items()}
    untold = [reading for name, reading in sums.items() if name not in told]
    findings: list[Finding] = []
    passed: list[Pass] = []
    doubt = doubt_about(report, 3, shifted=False)
    for name, facts in told.items():
        reading = sums[name]
        if reading is None:
            continue
        if agreed := _agreement(_numbers(facts), (reading, *_with_others(reading, untold))):
            passed.append(agreed)
            continue
        fact, table = facts[0], reading.amount
        # What was carried over from last year may be told apart from what was received.
        lacks = table.value - max(_numbers(facts))
        told_apart = lacks > 0 and (lacks <= from_last_year or _is_named_again(report, facts, kinds[name][0]))
        if told_apart or any(each is None for each in untold):
            continue
        values = {
            "heading": _heading(report, fact),
            "answer": kinds[name][0],
            "narrative": plain(fact.value),
            "unit": fact.unit,
            "table": plain(table.value),
            "gap": _gap(fact.value, table.value),
            **notes(table.blank, doubt),
        }
        template = N_(
            "“{heading}”称{answer}的申请{narrative}{unit}，表三“{answer}”各行总计相加为{table}件，相差{gap}件{notes}"
        )
        severity = weigh(Severity.WARNING, table.blank, doubt)
        cells = _totals(reading.rows)
        findings.append(Finding("N-08", severity, template, values, cells, (fact.section, 3), fact.quote))
    if findings:
        return Fail(tuple(findings))
    if not passed:
        return CELLS_MISSING
    return next((each for each in passed if each.note), Pass())


def _is_named_again(report: Report, facts: list[Fact], answer: str) -> bool:
    """Whether the prose names a kind of answer oftener than its numbers were read: some may be left unread."""
    return compact(report.sections[facts[0].section].text).count(answer) > len(facts)


def _with_others(reading: _Reading, others: Iterable[_Reading | None]) -> Iterable[_Reading]:
    """What the rows come to together with those of one or more of the other kinds."""
    known = [each for each in others if each and each.amount.value]
    for count in range(1, len(known) + 1):
        for some in combinations(known, count):
            value = sum((each.amount.value for each in some), start=reading.amount.value)
            blank = reading.amount.blank or any(each.amount.blank for each in some)
            yield _Reading(Amount(value, blank), reading.rows + tuple(row for each in some for row in each.rows))


def ways_of_asking(subject: Subject) -> Result:
    """N-09: the applications of all the channels told are not more than those received; each came one way.

    Fewer are no mistake: the prose may leave ways out. A list that names its whole is judged by N-06.
    """
    report = subject.report
    channels = exact_facts(subject, "applications_by_channel")
    listed = [fact for fact in channels if fact.group]
    loose = [fact for fact in channels if not fact.group]
    if len(loose) < 2:
        return Pass() if len(listed) > 1 else NotAssessable(N_("正文没有分渠道写明收到的申请件数"))
    total = sum((fact.value for fact in loose), start=0)
    table = _sum(report, "new_received", "carried_over") if report.form in FORMS_WITH_TABLES else None
    received = {fact.value for fact in exact_facts(subject, "applications_received")}
    if table:
        received.add(table.amount.value)
    if not received:
        return NotAssessable(N_("没有收到申请的总数可供核对"))
    if total <= max(received):
        return Pass()
    fact, most = loose[0], max(received)
    values = {
        "heading": _heading(report, fact),
        "list": "＋".join(str(each.value) for each in loose),
        "sum": plain(total),
        "received": plain(most),
        "gap": _gap(total, most),
    }
    template = N_("“{heading}”所述各渠道收到的申请{list}相加为{sum}件，多于收到的总数{received}件，多出{gap}件")
    quote = "；".join(dict.fromkeys(each.quote for each in loose))
    cells = _totals(table.rows) if table else ()
    return Fail((Finding("N-09", Severity.NOTICE, template, values, cells, (fact.section,), quote),))


# --- N-10: decisions and fees ------------------------------------------------------------------------------------

_DECISIONS = (
    ("licensing_decisions", "section_two.licensing.decisions", "行政许可"),
    ("penalty_decisions", "section_two.penalty.decisions", "行政处罚"),
    ("coercion_decisions", "section_two.coercion.decisions", "行政强制"),
)
_FEES = "section_two.admin_fees.amount_wan"
_YUAN = frozenset({"元"})


def decisions_and_fees(subject: Subject) -> Result:
    """N-10: decisions and fees of the year as told are those of section two; amounts may be rounded on a side."""
    report = subject.report
    if missing := _need_table(subject):
        return missing
    findings: list[Finding] = []
    passed: list[Pass] = []
    doubt = doubt_about(report, 2, shifted=False)
    for name, cell, matter in _DECISIONS:
        facts = exact_facts(subject, name)
        amount = add(report.cells, (cell,))
        if not facts or amount is None:
            continue
        if agreed := _agreement(_numbers(facts), (_Reading(amount, (cell,)),)):
            passed.append(agreed)
            continue
        fact = facts[0]
        values: dict[str, Any] = {
            "heading": _heading(report, fact),
            "matter": matter,
            "narrative": plain(fact.value),
            "unit": fact.unit,
            "table": plain(amount.value),
            "gap": _gap(fact.value, amount.value),
            **notes(amount.blank, doubt),
        }
        template = N_(
            "“{heading}”称作出{matter}决定{narrative}{unit}，表二“{matter}”本年处理决定数量为{table}，相差{gap}{notes}"
        )
        severity = weigh(Severity.WARNING, amount.blank, doubt)
        findings.append(Finding("N-10", severity, template, values, (cell,), (fact.section, 2), fact.quote))
    fees = exact_facts(subject, "admin_fees_amount", _YUAN)
    amount = add(report.cells, (_FEES,)) if fees else None
    if amount is not None:
        if any(_same_amount(fact.value, amount.value) for fact in fees):
            passed.append(Pass(BLANKS_AS_ZERO if amount.blank else None))
        else:
            findings.append(_fee_finding(report, fees[0], amount, doubt))
    if findings:
        return Fail(tuple(findings))
    if not passed:
        return NOTHING_SAID
    return next((each for each in passed if each.note), Pass())


def _same_amount(yuan: Number, wan: Number) -> bool:
    """Whether an amount in 元 and one in 万元 are the same, as far as the coarser print tells it."""
    told = Decimal(yuan)
    exponent = told.normalize().as_tuple().exponent
    zeros = exponent if isinstance(exponent, int) else 0
    places = Decimal(wan).as_tuple().exponent
    printed = Decimal(1).scaleb(places + 4 if isinstance(places, int) else 4)
    coarsest = max(Decimal(1).scaleb(zeros) if zeros > 2 else Decimal(0), printed)
    return abs(told - Decimal(wan) * 10_000) <= coarsest / 2


def _fee_finding(report: Report, fact: Fact, amount: Amount, doubt: Any) -> Finding:
    told = Decimal(fact.value) / 10_000
    values = {
        "heading": _heading(report, fact),
        "narrative": plain(fact.value),
        "narrative_wan": plain(told),
        "table": plain(amount.value),
        **notes(amount.blank, doubt),
    }
    ratio = Decimal(amount.value) / told if told else Decimal(0)
    if ratio >= thresholds()["narrative"]["yuan_for_wan_ratio"]:
        template = N_(
            "“{heading}”称行政事业性收费{narrative}元（{narrative_wan}万元），表二“行政事业性收费”印为{table}万元，"
            "可能把以元计的金额填入了万元栏{notes}"
        )
    else:
        template = N_(
            "“{heading}”称行政事业性收费{narrative}元（{narrative_wan}万元），表二“行政事业性收费”印为{table}万元，"
            "不相符{notes}"
        )
    severity = weigh(Severity.WARNING, amount.blank, doubt)
    return Finding("N-10", severity, template, values, (_FEES,), (fact.section, 2), fact.quote)


# --- findings ----------------------------------------------------------------------------------------------------


def _fail(
    rule: str, severity: Severity, template: str, values: Mapping[str, Any], cells: tuple[str, ...], fact: Fact
) -> Fail:
    return Fail((Finding(rule, severity, template, values, cells, (fact.section, 3), fact.quote),))


def _notice(rule: str, template: str, values: Mapping[str, Any], fact: Fact) -> Finding:
    return Finding(rule, Severity.NOTICE, template, values, sections=(fact.section,), quote=fact.quote)


_ARTICLE_50 = N_("《政府信息公开条例》第五十条")
_ARTICLE_20 = N_("《政府信息公开条例》第二十条第（一）项")
_ARTICLE_20_ALL = N_("《政府信息公开条例》第二十条第（五）（六）（八）项")
_ARITHMETIC = N_("数字之间的算术关系")

NARRATIVE_RULES: tuple[Rule, ...] = (
    Rule(
        "N-01",
        N_("正文所述收到的申请件数与表三一致"),
        _ARTICLE_50,
        Severity.WARNING,
        applications_received,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "N-02",
        N_("正文所述答复、办结的申请件数与表三总计一致"),
        _ARTICLE_50,
        Severity.WARNING,
        applications_answered,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "N-03",
        N_("正文所述结转、行政复议、行政诉讼件数与表三、表四一致"),
        _ARTICLE_50,
        Severity.WARNING,
        carried_reviews_and_lawsuits,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule(
        "N-04",
        N_("单列“依申请公开”一节的，应写明申请情况"),
        _ARTICLE_50,
        Severity.WARNING,
        applications_spoken_of,
    ),
    Rule(
        "N-05",
        N_("正文所述规章、规范性文件件数与表二一致，制发的规范性文件都已公开"),
        _ARTICLE_20,
        Severity.WARNING,
        normative_documents,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule("N-06", N_("分项之和不超过所述总数"), _ARITHMETIC, Severity.WARNING, parts_and_whole),
    Rule("N-07", N_("比例在0至100%之间，且与所述件数相符"), _ARITHMETIC, Severity.NOTICE, rates),
    Rule(
        "N-08",
        N_("正文所述各类办理结果的件数与表三一致"),
        _ARTICLE_50,
        Severity.WARNING,
        kinds_of_answers,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
    Rule("N-09", N_("各渠道收到的申请之和不超过收到的总数"), _ARITHMETIC, Severity.NOTICE, ways_of_asking),
    Rule(
        "N-10",
        N_("正文所述行政许可、行政处罚、行政强制决定和行政事业性收费与表二一致"),
        _ARTICLE_20_ALL,
        Severity.WARNING,
        decisions_and_fees,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
    ),
)
