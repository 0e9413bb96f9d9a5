"""Checks between the reports of one county: the county government's against its organs' (H), and peers (P-03).

Domain.md 4.5 and 4.9. A county government's report sums up those of its departments and townships unless it says
that it tells of its own office only. Organs led by their own system (垂直领导) may be summed up or not, and the
government's office may report what the government reports: sums are judged with and without them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from monitor.language import N_
from monitor.rules.base import (
    CountyReport,
    Fail,
    Finding,
    Members,
    Need,
    NotAssessable,
    OrganKind,
    Pass,
    Result,
    Rule,
    Severity,
    Spread,
    Subject,
)
from monitor.rules.cells import (
    BLANKS_AS_ZERO,
    CELLS_MISSING,
    FORMS_WITH_TABLES,
    NO_SUCH_FORM,
    Amount,
    add,
    apart,
    doubt_about,
    notes,
    plain,
    printed,
    reported,
    weigh,
)
from monitor.rules.organs import core_name, kind_of
from monitor.rules.texts import opening, squeezed_body
from monitor.rules.thresholds import thresholds
from monitor.rules.years import COUNTS, FORM_YEARS
from parsers.forms import load_form
from parsers.schema import Number

NEW_RECEIVED = "section_three.new_received.total"
TOTAL_RESULTS = "section_three.total_results.total"
CARRIED_OVER = "section_three.carried_over.total"
CARRIED_FORWARD = "section_three.carried_forward.total"
REVIEWS = "section_four.review.total"
IN_FORCE = "section_two.normative_documents.in_force"
SUMMED = (NEW_RECEIVED, TOTAL_RESULTS, REVIEWS)
KEY_CELLS = tuple(dict.fromkeys((*SUMMED, CARRIED_OVER, CARRIED_FORWARD, IN_FORCE, *COUNTS)))
"""The cells that are compared between organs: all that need be known of another organ's report."""

ONLY_COUNTIES = NotAssessable(N_("只核对县级政府的报告"))
NO_MEMBERS = NotAssessable(N_("没有本县各机关的报告可供比较"))
OWN_LEVEL_ONLY = NotAssessable(N_("报告写明只统计本级或本办，不是全县汇总"))
TOO_FEW_MEMBERS = NotAssessable(N_("本县各机关的报告尚未收齐，不作合计比较"))
NO_PEERS = NotAssessable(N_("没有同县同级机关的数字可供比较"))
TOO_FEW_PEERS = NotAssessable(N_("同县同级的机关太少，无从比较"))
NO_NUMBER_NAMED = NotAssessable(N_("报告没有写明汇总了多少个单位"))

_SOME_MISSING = N_("（另有{missing}个单位的报告尚未见到）")
_ABOUT_COUNTS = re.compile(r"申请|统计|口径|汇总")
_OWN_LEVEL = re.compile(
    r"(?:[县区市旗]|政府|政府办(?:公室)?)本级|本级(?:人民)?政府|(?:本|我)办(?![理法事])"
    r"|政府办(?:公室)?[^的由向]{0,8}?(?:收到|受理|接收|接到|新收)"
    r"|(?:口径|范围)[^。；]{0,6}?政府办(?:公室)?$"
    r"|不(?:含|包括|包含)[^。；]{0,12}(?:乡镇|镇街|街道|部门)"
)
_OF_MONEY = re.compile(r"预算|决算|财政|财务")
_OF_ALL = re.compile(r"全[县区市旗]|各级")
_PART_OF_A_SUM = re.compile(r"申请\D{0,12}\d+[件宗][^。；]*其中")
_SENTENCE_ENDS = re.compile(r"[。；！？\n]")
_CLAUSE_ENDS = re.compile(r"[，,]")
_UNITS = re.compile(
    r"汇总[^。；\n]{0,20}?(?P<first>\d{1,3})(?:个|家)(?P<rest>[^。；\n]{0,40}?)(?:的?(?:数据|情况|报告)|编制|形成|[。；\n]|$)"
)
_MORE_UNITS = re.compile(r"(\d{1,3})(?:个|家)")
_VERTICAL = re.compile(
    r"税务局|海关|气象局|调查队|生态环境(?:分)?局|自然资源(?:和规划)?分局|消防救援|邮政管理|烟草"
)


def summed_up(subject: Subject) -> Members | NotAssessable:
    """The reports that a county government's report sums up, or why they cannot be held against it."""
    if kind_of(subject) is not OrganKind.COUNTY:
        return ONLY_COUNTIES
    if subject.report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if subject.members is None or not subject.members.reports:
        return NO_MEMBERS
    if _tells_of_own_level_only(squeezed_body(subject.report)):
        return OWN_LEVEL_ONLY
    return subject.members


def _tells_of_own_level_only(text: str) -> bool:
    """Whether a clause on applications or on what is counted names the county's own level or office.

    Not where that is told as a part of a larger number: 全县共收到申请10件，其中县本级收到申请2件.
    """
    for sentence in _SENTENCE_ENDS.split(text):
        before = ""
        for clause in _CLAUSE_ENDS.split(sentence):
            before += f"{clause}，"
            if (
                _OWN_LEVEL.search(clause)
                and _ABOUT_COUNTS.search(clause)
                and not _OF_MONEY.search(clause)
                and not _OF_ALL.search(clause)
                and not _PART_OF_A_SUM.search(before)
            ):
                return True
    return False


def county_is_not_below_a_member(subject: Subject) -> Result:
    """H-01: no organ of the county has a larger number than the county's sum."""
    members = summed_up(subject)
    if isinstance(members, NotAssessable):
        return members
    report = subject.report
    findings: list[Finding] = []
    judged: list[bool] = []
    for name in SUMMED:
        county = add(report.cells, (name,))
        known = [
            (number, each)
            for each in members.reports
            if (number := each.numbers.get(name)) is not None and not _is_apart(each)
        ]
        if county is None or not known:
            continue
        judged.append(county.blank)
        number, largest = max(known, key=lambda one: (one[0], one[1].organ.code))
        if county.value >= number:
            continue
        section = _section(name)
        doubt = doubt_about(report, section)
        severity = weigh(Severity.ERROR, county.blank, doubt)
        findings.append(
            Finding(
                "H-01",
                weigh(severity, largest.doubtful, None),
                N_(
                    "{place}印为{county}，少于所属{member}报告的{number}，汇总数不应少于其中一个单位的数，"
                    "两份报告至少有一份有误{notes}"
                ),
                {
                    "place": _describe(report.form, name),
                    "county": printed(report.cells, name),
                    "member": largest.organ.name,
                    "member_code": largest.organ.code,
                    "number": plain(number),
                    **notes(county.blank, doubt),
                },
                (name,),
                (section,),
            )
        )
    return _answer(findings, judged)


def county_is_the_sum_of_its_members(subject: Subject) -> Result:
    """H-02: the county's numbers are the sums over its organs."""
    members = summed_up(subject)
    if isinstance(members, NotAssessable):
        return members
    report = subject.report
    limits = thresholds()["members"]
    findings: list[Finding] = []
    judged: list[bool] = []
    covered = False
    for name in SUMMED:
        known = [each for each in members.reports if name in each.numbers]
        # Who owes none here is summed up as well, and takes nobody's place.
        owing = sum(1 for each in known if each.listed)
        if owing < limits["coverage"] * members.expected:
            continue
        covered = True
        county = add(report.cells, (name,))
        if county is None:
            continue
        least, most = _sums(known, name)
        blank = county.blank or any(each.numbers[name] is None for each in known)
        judged.append(blank)
        if least.value <= county.value <= most.value:
            continue
        nearest = least.value if county.value < least.value else most.value
        gap = apart(county.value, nearest)
        missing = max(members.expected - owing, 0)
        grave = not missing and gap > limits["gap"] and gap > Decimal(str(limits["gap_share"])) * nearest
        section = _section(name)
        doubt = doubt_about(report, section)
        said = notes(blank, doubt)
        if missing:
            said = {**said, "notes": [*said["notes"], _SOME_MISSING], "missing": missing}
        findings.append(
            Finding(
                "H-02",
                weigh(Severity.WARNING if grave else Severity.NOTICE, blank, doubt),
                N_(
                    "{place}印为{county}，而本县{count}个单位报告的合计为{sum}，相差{gap}{notes}，"
                    "请核对汇总范围和漏报、重复"
                ),
                {
                    "place": _describe(report.form, name),
                    "county": printed(report.cells, name),
                    "count": len(known),
                    "sum": plain(nearest),
                    "expected": plain(nearest),
                    "gap": plain(gap),
                    **said,
                },
                (name,),
                (section,),
            )
        )
    return _answer(findings, judged, CELLS_MISSING if covered else TOO_FEW_MEMBERS)


def members_carry_over_what_they_carried_forward(subject: Subject) -> Result:
    """H-03: over the organs that reported in both years, carried over is what was carried forward."""
    members = summed_up(subject)
    if isinstance(members, NotAssessable):
        return members
    before = {each.organ.code: each for each in members.before}
    both = [
        (each.organ.name, then, now)
        for each in members.reports
        if each.listed
        and each.organ.code in before
        and (now := each.numbers.get(CARRIED_OVER)) is not None
        and (then := before[each.organ.code].numbers.get(CARRIED_FORWARD)) is not None
    ]
    if len(both) < thresholds()["members"]["coverage"] * members.expected:
        return TOO_FEW_MEMBERS
    then, now = sum(one[1] for one in both), sum(one[2] for one in both)
    if then == now:
        return Pass()
    differing = [one for one in both if one[1] != one[2]]
    finding = Finding(
        "H-03",
        Severity.NOTICE,
        N_(
            "两年都有报告的{count}个单位，上年“结转下年度继续办理”合计{then}，本年“上年结转”合计{now}，"
            "不相衔接的有：{details}"
        ),
        {
            "count": len(both),
            "then": plain(then),
            "now": plain(now),
            "details": "；".join(f"{name}（{left}→{right}）" for name, left, right in differing),
        },
        (CARRIED_OVER,),
        (3,),
    )
    return Fail((finding,))


def named_number_of_members_is_right(subject: Subject) -> Result:
    """H-04: the number of organs that the county says it sums up is that of the register, or of the reports."""
    members = summed_up(subject)
    if isinstance(members, NotAssessable):
        return members
    found = _UNITS.search(squeezed_body(subject.report))
    if found is None:
        return NO_NUMBER_NAMED
    named = sum(map(int, (found["first"], *_MORE_UNITS.findall(found["rest"]))))
    seen = len(members.reports)
    # The county government's own report may be counted or not, and so may those of organs led from above.
    led_from_above = sum(1 for each in members.reports if _is_apart(each))
    if any(count - led_from_above <= named <= count + 1 for count in (members.expected, seen)):
        return Pass()
    # Where more are summed up than registered, the register may be what is not complete.
    fewer = named < members.expected
    finding = Finding(
        "H-04",
        Severity.WARNING if fewer else Severity.NOTICE,
        N_("报告写明汇总{named}个单位，名录中应公布报告的有{expected}个，已见到报告{seen}个，请核对名单"),
        {"named": named, "expected": members.expected, "seen": seen},
        quote=opening(found.group(0), 80),
    )
    return Fail((finding,))


def county_has_all_documents_in_force(subject: Subject) -> Result:
    """H-05: the county's normative documents in force are not fewer than its organs' together."""
    members = summed_up(subject)
    if isinstance(members, NotAssessable):
        return members
    report = subject.report
    county = add(report.cells, (IN_FORCE,))
    known = [each for each in members.reports if IN_FORCE in each.numbers]
    if county is None or not known:
        return CELLS_MISSING
    least, _ = _sums(known, IN_FORCE)
    if county.value >= least.value:
        return Pass(BLANKS_AS_ZERO if county.blank else None)
    doubt = doubt_about(report, 2)
    finding = Finding(
        "H-05",
        Severity.NOTICE,
        N_(
            "{place}印为{county}件，少于本县{count}个单位报告的合计{sum}件"
            "（可能只统计了政府和政府办公室的文件）{notes}"
        ),
        {
            "place": _describe(report.form, IN_FORCE),
            "county": printed(report.cells, IN_FORCE),
            "count": len(known),
            "sum": plain(least.value),
            **notes(county.blank, doubt),
        },
        (IN_FORCE,),
        (2,),
    )
    return Fail((finding,))


def counts_are_like_those_of_peers(subject: Subject) -> Result:
    """P-03: no count is far from those of the organs of the same level and county."""
    report = subject.report
    if report.form not in FORMS_WITH_TABLES:
        return NO_SUCH_FORM
    if subject.peers is None:
        return NO_PEERS
    limits = thresholds()["peers"]
    enough = {name: spread for name, spread in subject.peers.spreads.items() if spread.organs >= limits["organs"]}
    if not enough:
        return TOO_FEW_PEERS
    numbers = {name: number for name in enough if (number := reported(report.cells, name)) is not None}
    if not numbers:
        return CELLS_MISSING
    far = {name: number for name, number in numbers.items() if is_far(number, enough[name])}
    if not far:
        return Pass()
    sections = tuple(sorted({_section(name) for name in far}))
    doubt = next((lint for number in sections if (lint := doubt_about(report, number))), None)
    places = "；".join(
        f"{_describe(report.form, name)} 印为{number}（{spread.organs}个单位的中位数为{spread.median}）"
        for name, number in far.items()
        if (spread := enough[name])
    )
    finding = Finding(
        "P-03",
        Severity.NOTICE,
        N_("与同县同级机关的数字相差悬殊，请核对（也可能因职能不同）：{places}{notes}"),
        {
            **{name: {"now": plain(number), "median": plain(enough[name].median)} for name, number in far.items()},
            "places": places,
            **notes(False, doubt),
        },
        tuple(far),
        sections,
    )
    return Fail((finding,))


def is_far(number: Number, spread: Spread) -> bool:
    """Whether a number is far from the others: its robust z beyond the limit, and the difference worth a word."""
    limits = thresholds()["peers"]
    difference = Decimal(apart(number, spread.median))
    # 0.6745: so many deviations of the normal distribution are its median distance. Where most have the same
    # number the distance is 0, and any other number would be infinitely far.
    far: Decimal = limits["far"] * max(Decimal(spread.deviation), Decimal(1))
    return difference >= limits["difference"] and difference * Decimal("0.6745") > far


def spread_of(numbers: Iterable[Number]) -> Spread | None:
    """Median and median distance from it; None where there are no numbers."""
    ordered = sorted(numbers)
    if not ordered:
        return None
    middle = _median(ordered)
    return Spread(len(ordered), middle, _median(sorted(apart(number, middle) for number in ordered)))


LEVELS: Mapping[OrganKind, str] = {
    OrganKind.TOWNSHIP: "township",
    OrganKind.SUBDISTRICT: "township",
    OrganKind.DEPARTMENT: "department",
}
"""Which kinds are of one level; of the others a county has too few to compare."""


def _median(ordered: list[Number]) -> Number:
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    both = Decimal(ordered[half - 1]) + Decimal(ordered[half])
    return int(both / 2) if both % 2 == 0 else both / 2


def _is_vertical(each: CountyReport) -> bool:
    """Whether the organ is led by its own system, so that the county may not sum it up."""
    return bool(_VERTICAL.search(each.organ.name))


def _is_apart(each: CountyReport) -> bool:
    """Whether the organ may rightly be left out of the county's sum."""
    return _is_vertical(each) or core_name(each.organ.name).endswith("政府办")


def _sums(known: list[CountyReport], name: str) -> tuple[Amount, Amount]:
    """The sum without the organs that may be left out, and that over all."""
    least = [each.numbers[name] for each in known if not _is_apart(each)]
    most = [each.numbers[name] for each in known]
    return _sum(least), _sum(most)


def _sum(numbers: list[Number | None]) -> Amount:
    return Amount(sum((number for number in numbers if number is not None), 0), None in numbers)


def _section(name: str) -> int:
    return {"section_two": 2, "section_three": 3, "section_four": 4}[name.partition(".")[0]]


def _describe(form: str | None, name: str) -> str:
    return load_form(form or "").describe(name)


def _answer(findings: list[Finding], judged: list[bool], otherwise: NotAssessable = CELLS_MISSING) -> Result:
    if findings:
        return Fail(tuple(findings))
    if not judged:
        return otherwise
    return Pass(BLANKS_AS_ZERO if any(judged) else None)


def _of_counties(id: str, title: str, severity: Severity, evaluate: Callable[[Subject], Result]) -> Rule:
    forms: Any = ("2021",) if id == "H-05" else FORMS_WITH_TABLES
    return Rule(
        id,
        title,
        "《条例》第四十九条第二款；县级政府报告汇总所属机关的数据",
        severity,
        evaluate,
        FORM_YEARS,
        forms=forms,
        needs=(Need.REGISTER, Need.MEMBERS),
    )


HIERARCHY_RULES = (
    _of_counties(
        "H-01", N_("县政府的汇总数不少于任何一个所属单位的数"), Severity.ERROR, county_is_not_below_a_member
    ),
    _of_counties(
        "H-02", N_("县政府的汇总数应为所属各单位之和"), Severity.WARNING, county_is_the_sum_of_its_members
    ),
    _of_counties(
        "H-03",
        N_("各单位合计的上年结转应与上一年度的结转下年度一致"),
        Severity.NOTICE,
        members_carry_over_what_they_carried_forward,
    ),
    _of_counties(
        "H-04", N_("县政府写明的汇总单位数应与名录相符"), Severity.WARNING, named_number_of_members_is_right
    ),
    _of_counties(
        "H-05",
        N_("县政府现行有效的规范性文件不少于所属各单位之和"),
        Severity.NOTICE,
        county_has_all_documents_in_force,
    ),
    Rule(
        "P-03",
        N_("各项数量与同县同级机关相称"),
        "同县同级机关的数量",
        Severity.NOTICE,
        counts_are_like_those_of_peers,
        FORM_YEARS,
        forms=FORMS_WITH_TABLES,
        needs=(Need.REGISTER, Need.PEERS),
    ),
)
