"""Checks of identity (domain.md 4.7): whose report it is, of which year and period."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz.distance import Indel

from monitor.language import N_
from monitor.rules.base import Fail, Finding, Need, NotAssessable, OrganKind, Pass, Result, Rule, Severity, Subject
from monitor.rules.cells import doubt_about, notes, weigh
from monitor.rules.organs import compact, core_name, same_organ
from monitor.rules.texts import NO_TEXT, NOT_THIS_FORM, excerpt, section_text, squeezed_body
from parsers.forms import load_form
from parsers.organs import organ_kind
from parsers.schema import DocumentKind, Report

MODERN_YEARS = range(2019, 2100)

NO_ORGAN = NotAssessable(N_("没有读到报告机关的名称"))
NO_COUNTY = NotAssessable(N_("没有所在县级行政区的机关名录"))
NO_TITLE = NotAssessable(N_("没有读到标题"))

_GRASSROOTS = re.compile(r"(?:镇|乡|街道|苏木)$")
_PLACE_AHEAD = re.compile(r"[一-鿿]{1,10}(?:省|自治区|自治州|市|县|区|旗|盟|州)(?=[一-鿿]{2,})")


_PLACES_AHEAD = re.compile(r"^(?:[一-鿿]{1,8}?(?:省|自治区|自治州|市|县|区|旗|盟|州)(?=[一-鿿]{2,}))+")


@cache
def shared_names() -> dict[str, int]:
    """Township names that are known to be shared in the nation, and by how many townships."""
    text = (Path(__file__).parent / "shared_names.yaml").read_text(encoding="utf-8")
    names: dict[str, int] = yaml.safe_load(text)
    return names


def _is_report(report: Report) -> bool:
    return report.kind is DocumentKind.REPORT


def organ_is_registered(subject: Subject) -> Result:
    """I-01: the printed name is that of the organ or, where it is not settled, of some organ of the county."""
    report, organ = subject.report, subject.organ
    if not _is_report(report):
        return NOT_THIS_FORM
    if not report.organ:
        return NO_ORGAN
    if organ is None and not subject.county_organs:
        return NO_COUNTY
    known = (*((organ.name, *organ.aliases) if organ else ()), *subject.county_organs)
    # Another organ's name is not unknown: that is for I-04.
    if any(same_organ(report.organ, name) for name in known):
        return Pass()
    if organ:
        candidates, likely, county = [f"{organ.code} {organ.name}"], organ.name, organ.county
    else:
        printed = core_name(report.organ)
        nearest = sorted(subject.county_organs, key=lambda name: (Indel.distance(printed, core_name(name)), name))
        candidates, likely, county = nearest[:3], nearest[0], ""
    return Fail(
        (
            Finding(
                "I-01",
                Severity.WARNING,
                N_("标题印的机关“{printed}”不在{county}机关名录中，可能是“{likely}”（错字或识别错误）"),
                {
                    "printed": report.organ,
                    "likely": likely,
                    "county": county or "该县级行政区",
                    "candidates": candidates,
                },
                quote=report.title,
            ),
        )
    )


def title_has_year(subject: Subject) -> Result:
    """I-02: the title names the year."""
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    if not report.title:
        return NO_TITLE
    if report.report_year_from == "title" or re.search(r"(?:19|20)\d{2}|二[〇零○O0]", compact(report.title)):
        return Pass()
    if report.report_year is None:
        template = N_("标题没有写年度，正文中也没有找到：{title}")
    else:
        template = N_("标题没有写年度，{year}年是从正文得出的：{title}")
    return Fail(
        (
            Finding(
                "I-02",
                Severity.WARNING,
                template,
                {"title": report.title, "year": report.report_year},
                quote=report.title,
            ),
        )
    )


def organ_is_unique(subject: Subject) -> Result:
    """I-03: the organ can be told from what is printed, or from where it was found.

    A bare township name is judged by the names known to be shared; there is no list of all townships here, so
    a name that is not among them is not assessable. A county named in front of the name anywhere settles it.
    """
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    if subject.organ is not None:
        return Pass(N_("由所在栏目和机关名录确定"))
    if not report.organ:
        return NO_ORGAN
    name = core_name(report.organ)
    if not _GRASSROOTS.search(name):
        return NotAssessable(N_("没有部门名录，无法判断机关名称是否唯一"))
    stem = next((shared for shared in shared_names() if name == shared), None)
    if _PLACE_AHEAD.match(name):
        return Pass()
    if _county_stands_before(name, squeezed_body(report)):
        return Pass(N_("正文写明了所在县级行政区"))
    if stem is None:
        return NotAssessable(N_("没有全国乡镇名录，无法判断是否重名"))
    return Fail(
        (
            Finding(
                "I-03",
                Severity.WARNING,
                N_("仅凭“{organ}”无法确定是哪个机关：全国有{count}个{name}，标题和正文都没有写明所在县级行政区"),
                {"organ": report.organ, "name": name, "count": shared_names()[stem]},
                quote=report.title,
            ),
        )
    )


def _county_stands_before(name: str, text: str) -> bool:
    """Whether the text anywhere prints a county's name right before the name: 伊川县半坡镇."""
    return any(
        re.search(r"[一-鿿][县区市旗]$", text[max(0, match.start() - 2) : match.start()])
        for match in re.finditer(re.escape(name), text)
    )


# Who puts a report on a portal under its own name; 来源 and ContentSource name anybody and identify nothing.
_PUBLISHERS = ("发布机构", "公开机构", "公开主体", "发文机关", "发文机构")
_SIGNATURE = "落款"
_FEW_PLACES = 6
_ONE_SLIP = 2
"""One character printed for another, as the edits of Indel count it: a slip of the pen, not another organ."""


def title_is_the_columns_organ(subject: Subject) -> Result:
    """I-04: the organ in the title is that of the column, of the signature, and of the publisher the page names.

    Signature and publisher accuse only where all names are of townships and subdistricts: offices sign and publish
    for one another, under new and old names. Where the county's organs are known, the other must be one of them.
    """
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    by_column = _organ_of_column(subject)
    if isinstance(by_column, Fail) or not report.organ:
        return by_column
    by_page = _organ_of_page(subject)
    return by_page if isinstance(by_page, Fail) or not isinstance(by_column, Pass) else by_column


def _organ_of_column(subject: Subject) -> Result:
    report, organ = subject.report, subject.organ
    if not report.organ:
        return NO_ORGAN
    if organ is None:
        return NO_COUNTY
    if any(same_organ(report.organ, name) for name in (organ.name, *organ.aliases)):
        return Pass()
    others = [name for name in subject.county_organs if same_organ(report.organ, name)]
    if not others:
        return NotAssessable(N_("标题印的机关不在名录中，见I-01"))
    return Fail(
        (
            Finding(
                "I-04",
                Severity.ERROR,
                N_("标题写的是“{printed}”，却发布在“{organ}”的栏目"),
                {"printed": report.organ, "organ": organ.name, "other": others[0]},
                quote=report.title,
            ),
        )
    )


def _organ_of_page(subject: Subject) -> Result:
    """Whether signature and publisher, where the page prints them, are the organ of the title."""
    report = subject.report
    assert report.organ is not None
    named = [
        (name, report.metadata[name])
        for name in (_SIGNATURE, *_PUBLISHERS)
        if report.metadata.get(name, "").strip()
    ]
    own = _grassroots_name(report.organ)
    if own is None or not named:
        return NotAssessable(N_("没有可与标题核对的落款或发布机构"))
    compared = False
    for place, printed in named:
        other = _grassroots_name(printed)
        if other is None:
            continue
        compared = True
        if same_organ(own, other) or _GRASSROOTS.sub("", own) == _GRASSROOTS.sub("", other):
            continue
        if Indel.distance(own, other) <= _ONE_SLIP or own.endswith(other) or other.endswith(own):
            continue
        registered = any(same_organ(other, name) for name in subject.county_organs)
        if subject.county_organs and not registered:
            continue
        # Without the register one of the two names may only be misprinted.
        severity = Severity.ERROR if registered else Severity.WARNING
        values = {"printed": report.organ, "place": place, "other": " ".join(printed.split())}
        template = N_("标题写的是“{printed}”，{place}却是“{other}”，可能发错了栏目或误用了别的机关的报告")
        return Fail((Finding("I-04", severity, template, values, quote=report.title),))
    return Pass() if compared else NotAssessable(N_("没有可与标题核对的落款或发布机构"))


def _grassroots_name(printed: str) -> str | None:
    """The bare name of a township or subdistrict without the places before it, or None for every other name."""
    if organ_kind(printed) not in (OrganKind.TOWNSHIP, OrganKind.SUBDISTRICT):
        return None
    return _PLACES_AHEAD.sub("", core_name(printed))


def title_is_whole(subject: Subject) -> Result:
    """I-05: the title is whole: no word twice running, 年度报告 and not 工作报告, nothing on a stray line."""
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    if not report.title:
        return NO_TITLE
    codes = ("repeated-title-word", "stray-title-line")
    damage = [lint.text for lint in report.lints if lint.code in codes]
    if damage:
        template = N_("标题残缺：{text}（{title}）")
    elif re.search(r"公开(?:年度)?工作报告$", compact(report.title)):
        template = N_("标题用的是“工作报告”而不是“工作年度报告”：{title}")
    else:
        return Pass()
    values = {"text": "；".join(damage), "title": report.title}
    return Fail((Finding("I-05", Severity.NOTICE, template, values, quote=report.title),))


_DASH = r"(?:起)?(?:至|到|—|－|-|~|～|–)+"
_PERIOD = re.compile(
    rf"(20\d{{2}})年(\d{{1,2}})月(\d{{1,2}})日{_DASH}(?:(20\d{{2}})年)?(\d{{1,2}})月(\d{{1,2}})日"
)
_PERIOD_WORDS = re.compile(r"统计|期限|时限|数据")


def _period(report: Report) -> tuple[re.Match[str], str] | None:
    """The sentence on the period of the statistics, and the text it was found in (without blanks)."""
    for text in (report.preface, section_text(report, 1), section_text(report, 6)):
        squeezed = re.sub(r"\s+", "", text)
        for match in _PERIOD.finditer(squeezed):
            if _PERIOD_WORDS.search(squeezed, max(0, match.start() - 30), match.start()):
                return match, squeezed
    return None


_ACTIVITY = re.compile(
    r"(20\d{2})年(?:度|以来|全年)?[，,]?"
    r"(?:我(?:镇|乡|县|区|市|局|办|委|街道|单位|院|中心)|本(?:机关|单位|镇|乡|局)|全(?:年|镇|乡|县|区|市|局|街道)|共|主动公开|累计)"
)


def years_agree(subject: Subject) -> Result:
    """I-06: title, period and section one speak of the same year.

    An error where the period's sentence names another year than the title. Section one only counts where it
    tells of the organ's own doing in another year twice or more and never names the year of the title: plans,
    comparisons and documents of other years are legitimate.
    """
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    if report.report_year is None or report.report_year_from != "title":
        return NotAssessable(N_("标题没有写年度"))
    year = report.report_year
    found = _period(report)
    if found:
        match, text = found
        years = {int(match[1]), int(match[4] or match[1])}
        if year not in years:
            quote = excerpt(text, match.start(), match.end())
            return Fail(
                (
                    Finding(
                        "I-06",
                        Severity.ERROR,
                        N_("标题是{year}年度，统计期限写的却是{period}"),
                        {"year": year, "period": match[0], "period_year": int(match[1])},
                        quote=quote,
                    ),
                )
            )
    text = re.sub(r"\s+", "", section_text(report, 1))
    if not text:
        return Pass() if found else NO_TEXT
    if f"{year}年" not in text:
        counts = Counter(int(match[1]) for match in _ACTIVITY.finditer(text))
        if counts:
            other, times = counts.most_common(1)[0]
            if times >= 2 and other < year:
                first = _ACTIVITY.search(text)
                assert first is not None
                quote = excerpt(text, first.start(), first.end())
                return Fail(
                    (
                        Finding(
                            "I-06",
                            Severity.WARNING,
                            N_("标题是{year}年度，第一部分{times}次写的都是{other}年的工作，没有一处写{year}年"),
                            {"year": year, "other": other, "times": times},
                            sections=(1,),
                            quote=quote,
                        ),
                    )
                )
    return Pass()


_DISTRICT_LEVEL = re.compile(r"(?<![地园社片市城灌辖景治校库新山矿牧林、，省县])区级(?!以上)")
_COUNTY_WORDS = re.compile(r"县(?:政府|委|人民政府)")
_DISTRICT_WORDS = re.compile(r"(?<![地园社片市城景])区(?:政府|委|人民政府)")


def no_other_organ_or_level(subject: Subject) -> Result:
    """I-07: the text names no other organ of its level, sets it into no other county, has no 区级 in a county."""
    report, organ = subject.report, subject.organ
    if not _is_report(report):
        return NOT_THIS_FORM
    text = squeezed_body(report)
    if not text:
        return NO_TEXT
    other = _other_name(subject, text)
    if other:
        at = text.index(other)
        return Fail(
            (
                Finding(
                    "I-07",
                    Severity.WARNING,
                    N_("正文{count}次写到“{other}”，一次也没有写到本机关“{own}”，内容可能取自别的机关"),
                    {"count": text.count(other), "other": other, "own": core_name(organ.name) if organ else ""},
                    quote=excerpt(text, at, at + len(other)),
                ),
            )
        )
    elsewhere = _in_another_county(subject, text)
    if elsewhere:
        first = elsewhere[0]
        quote = excerpt(text, first.start(), first.end())
        return Fail(
            (
                Finding(
                    "I-07",
                    Severity.WARNING,
                    N_(
                        "正文{count}次把本机关写在别的县（{quote}），一次也没有写到{county}，内容可能取自同名的机关"
                    ),
                    {"count": len(elsewhere), "quote": quote, "county": organ.county if organ else ""},
                    quote=quote,
                ),
            )
        )
    match = _DISTRICT_LEVEL.search(text) if "区级" in text else None
    in_county = organ.county.endswith("县") if organ else match and _COUNTY_WORDS.search(text)
    if match and in_county and not _DISTRICT_WORDS.search(text):
        quote = excerpt(text, match.start(), match.end())
        return Fail(
            (
                Finding(
                    "I-07",
                    Severity.NOTICE,
                    N_("县里的机关在正文中写到“区级”，内容可能取自别处：{quote}"),
                    {"quote": quote},
                    quote=quote,
                ),
            )
        )
    return Pass()


def _other_name(subject: Subject, text: str) -> str | None:
    """Another township of the county that the text names twice or more while it never names its own."""
    if subject.organ is None:
        return None
    own = core_name(subject.organ.name)
    names = {own, *(core_name(alias) for alias in subject.organ.aliases), core_name(subject.report.organ or "")}
    stems = {_GRASSROOTS.sub("", name) for name in names if name}
    if not _GRASSROOTS.search(own) or any(stem in text for stem in stems if stem):
        return None
    for name in subject.county_organs:
        other = core_name(name)
        if other not in names and len(other) >= 3 and _GRASSROOTS.search(other) and text.count(other) >= 2:
            return other
    return None


PART_OF_YEAR = NotAssessable(N_("本机关当年设立、撤并或更名，统计期可以不满全年"))


_NO_NAME_OF_A_COUNTY = re.compile(r"[我本全该各省市州区乡镇辖外邻跨自治]县$")


def _in_another_county(subject: Subject, text: str) -> list[re.Match[str]]:
    """Where the text sets the organ into another county, twice or more, and never names its own county.

    Many townships share their name: a text that was taken from one of them names its county before it. Of years
    since 2019 only: before that counties had names that the register may not know.
    """
    organ, report = subject.organ, subject.report
    if organ is None or not organ.county.endswith("县") or (report.report_year or 0) not in MODERN_YEARS:
        return []
    own, stem = core_name(organ.name), organ.county.removesuffix("县")
    if not _GRASSROOTS.search(own) or not stem or stem in text or own not in text:
        return []
    found = [
        match
        for match in re.finditer(rf"[一-鿿]{{2}}县(?={re.escape(own)})", text)
        if not _NO_NAME_OF_A_COUNTY.search(match[0])
    ]
    same = [match for match in found if match[0] == found[0][0]]
    return same if len(same) >= 2 else []


def period_is_the_year(subject: Subject) -> Result:
    """I-08: the statistics cover 1 January to 31 December."""
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    found = _period(report)
    if found is None:
        return NotAssessable(N_("没有写明统计期限"))
    match, text = found
    start = (int(match[2]), int(match[3]))
    end = (int(match[5]), int(match[6]))
    if start == (1, 1) and end == (12, 31) and (match[4] is None or match[4] == match[1]):
        return Pass()
    if subject.organ is not None and not subject.organ.whole_year(report.report_year or int(match[1])):
        return PART_OF_YEAR
    return Fail(
        (
            Finding(
                "I-08",
                Severity.WARNING,
                N_("统计期限写的是{period}，不是当年1月1日至12月31日"),
                {"period": match[0]},
                quote=excerpt(text, match.start(), match.end()),
            ),
        )
    )


_REPEALED_ORDER = re.compile(r"第?(492|四百九十二|771)号")
_TRIAL_FORM = re.compile(r"国办公开办函[〔\[（(【]?2019[〕\]）)】]?60号")


def cites_the_law_in_force(subject: Subject) -> Result:
    """I-09: the Regulation is cited as order 711, and the form as that of its year."""
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    text = squeezed_body(report)
    if not text:
        return NO_TEXT
    order = _REPEALED_ORDER.search(text) if "号" in text else None
    trial = _TRIAL_FORM.search(text) if (report.report_year or 0) >= 2021 and "60号" in text else None
    match = order or trial
    if match is None:
        return Pass()
    template = (
        N_("引用的国务院令号“{cited}”不是现行《条例》的第711号")
        if order
        else N_("引用的格式文件“{cited}”已由国办公开办函〔2021〕30号取代")
    )
    return Fail(
        (
            Finding(
                "I-09",
                Severity.NOTICE,
                template,
                {"cited": match[0]},
                quote=excerpt(text, match.start(), match.end()),
            ),
        )
    )


_CORRECTION = re.compile(r"更正|更新|修订|修改|订正")


def no_other_report_differs(subject: Subject) -> Result:
    """I-10: no second report of the same organ and year stands on the portal with other numbers or other words.

    One with the same contents is a copy. A report that calls itself a correction beside the corrected one is a
    notice, and so are two that differ in their prose alone.
    """
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    if subject.others is None:
        return NotAssessable(N_("不知道同一机关同一年度是否另有报告在网"))
    rivals = [other for other in subject.others if _is_of_the_same(report, other.report)]
    for other in rivals:
        different = [
            name
            for name, cell in report.cells.items()
            if cell.value is not None
            and (beside := other.report.cells.get(name)) is not None
            and beside.value is not None
            and beside.value != cell.value
        ]
        same_words = all(_words(report, n) == _words(other.report, n) for n in (1, 5, 6))
        if not different and same_words:
            continue
        corrected = any(_CORRECTION.search(each.title or "") for each in (report, other.report))
        doubt = next(
            (lint for each in (report, other.report) for n in (2, 3, 4) if (lint := doubt_about(each, n))), None
        )
        severity = Severity.WARNING if different and not corrected else Severity.NOTICE
        places = "；".join(
            f"{load_form(report.form or '').describe(name)} {report.cells[name].raw.strip()}／"
            f"{other.report.cells[name].raw.strip()}"
            for name in different[:_FEW_PLACES]
        )
        if different:
            template = N_(
                "同一单位{year}年度另有一份报告在网，{count}处数字不同（本份／另一份）：{places}{more}；"
                "另一份在 {address}{notes}"
            )
        else:
            template = N_("同一单位{year}年度另有一份报告在网，表格数字相同而文字不同；另一份在 {address}{notes}")
        values = {
            "year": report.report_year,
            "count": len(different),
            "places": places,
            "more": "……" if len(different) > _FEW_PLACES else "",
            "address": other.address,
            **notes(False, doubt if different else None),
        }
        severity = weigh(severity, False, doubt) if different else severity
        return Fail((Finding("I-10", severity, template, values, tuple(different), quote=other.report.title),))
    return Pass(N_("另有内容相同的报告在网") if rivals else None)


def _is_of_the_same(report: Report, other: Report) -> bool:
    """Whether another document is a report by the same printed organ and of the same year without doubt."""
    return (
        _is_report(other)
        and other.report_year == report.report_year
        and (not report.organ or not other.organ or same_organ(report.organ, other.organ))
    )


def _words(report: Report, number: int) -> str:
    return "".join(section_text(report, number).split())


_YEAR_OF_COLUMN = re.compile(r"(?<![0-9])(20[0-9]{2})(?![0-9])")


def year_of_column(subject: Subject) -> Result:
    """I-11: a year in the name of the page's column is the report year, or the year after it, of publication."""
    report = subject.report
    if not _is_report(report):
        return NOT_THIS_FORM
    column = report.metadata.get("ColumnName", "")
    years = {int(year) for year in _YEAR_OF_COLUMN.findall(column)}
    if len(years) != 1 or report.report_year is None:
        return NotAssessable(N_("页面所在栏目的名称没有写明年度"))
    (year,) = years
    if year in (report.report_year, report.report_year + 1):
        return Pass()
    values = {"column": column, "column_year": year, "year": report.report_year}
    template = N_("报告是{year}年度的，所在栏目却是“{column}”")
    return Fail((Finding("I-11", Severity.NOTICE, template, values, quote=report.title),))


IDENTITY_RULES = (
    Rule(
        "I-01",
        N_("标题中的机关在名录中"),
        "机关名录",
        Severity.WARNING,
        organ_is_registered,
        needs=(Need.REGISTER,),
    ),
    Rule("I-02", N_("标题写明年度"), "格式", Severity.WARNING, title_has_year),
    Rule("I-03", N_("能够确定是哪个机关"), "机关名录", Severity.WARNING, organ_is_unique),
    Rule(
        "I-04",
        N_("标题中的机关与所在栏目、落款、发布机构一致"),
        "机关名录",
        Severity.ERROR,
        title_is_the_columns_organ,
    ),
    Rule("I-05", N_("标题完整规范"), "格式", Severity.NOTICE, title_is_whole),
    Rule("I-06", N_("标题、统计期限和正文的年度一致"), "格式", Severity.ERROR, years_agree),
    Rule(
        "I-07",
        N_("正文没有写成别的机关或层级"),
        "国办公开办函〔2021〕30号关于内容雷同的要求",
        Severity.NOTICE,
        no_other_organ_or_level,
    ),
    Rule("I-08", N_("统计期限为当年1月1日至12月31日"), "《条例》第四十九条", Severity.WARNING, period_is_the_year),
    Rule(
        "I-09", N_("引用现行有效的规定"), "国务院令第711号", Severity.NOTICE, cites_the_law_in_force, MODERN_YEARS
    ),
    Rule(
        "I-10",
        N_("同一年度没有两份内容不同的报告在网"),
        "《条例》第四十九条、第五十条",
        Severity.WARNING,
        no_other_report_differs,
        needs=(Need.OTHER_REPORTS,),
    ),
    Rule("I-11", N_("栏目写明的年度与报告年度相符"), "格式", Severity.NOTICE, year_of_column),
)
