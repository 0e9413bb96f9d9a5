"""Reports with the same text as conditions: one matter for each group and county that it concerns (P-06).

Pure. Nobody is accused of a text that was published first, nor where a county's template is not known. What is
said is that the texts are the same and which of them is dated first: who wrote it nobody can see.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

from monitor.alerts.conditions import AlertKind, Condition, JudgedVersion
from monitor.alerts.from_standings import SIMILAR
from monitor.alerts.wording import DATE_SOURCES, day, message
from monitor.language import N_
from monitor.rules.base import Severity
from monitor.similarity.groups import Group, Member

MOST_NAMED = 4
"""So many reports are named in the summary; all stand in the evidence."""

_SAME = N_(
    "{reports}的文字与{others}相同或基本相同：剔除全县通用语句、数字和名称后，第一、五部分的相似度最高{percent}%，"
    "比较了{characters}个字{first}。"
)
_SAME_AMONG = N_(
    "{reports}的文字相同或基本相同：剔除全县通用语句、数字和名称后，第一、五部分的相似度最高{percent}%，"
    "比较了{characters}个字{first}。"
)
_FIRST = N_("；所标日期最早的是{report}（{published}）")
_REPORT = N_("{organ}{year}年度报告")
_AND = N_("{first}、{next}")
_AND_OTHERS = N_("{first}等 {number} 份")
_DATED = N_("{report}，{published}公布（{source}）：{address}")
_UNDATED = N_("{report}，没有可靠的公布日期：{address}")


def similar_conditions(
    groups: Iterable[Group],
    judged: Iterable[JudgedVersion],
    quote: Callable[[Group, Member], tuple[str, ...]],
) -> list[Condition]:
    """The matters of the judged versions, one for each group and county.

    ``judged`` are current versions of watched years: a member of a group is accused where the rule's finding on it
    weighs as a warning and staff did not withdraw it. ``quote`` gives the sentences that a member shares.
    """
    told = {
        version.version_id: matter.severity
        for version in judged
        for matter in version.matters
        if matter.severity is not Severity.NOTICE and matter.findings[0].rule == SIMILAR
    }
    found = []
    for group in groups:
        accused: dict[str, list[Member]] = defaultdict(list)
        for member in group.members:
            if member.version_id in told and member is not group.first:
                accused[member.organ.county_code].append(member)
        for county, members in sorted(accused.items()):
            grave = any(told[member.version_id] is Severity.ERROR for member in members)
            severity = Severity.ERROR if grave else Severity.WARNING
            found.append(_condition(group, county, members, quote(group, members[0]), severity))
    return found


def _condition(
    group: Group, county: str, accused: list[Member], shared: tuple[str, ...], severity: Severity
) -> Condition:
    others = [member for member in group.members if member not in accused]
    first = group.first
    leading = accused[0]
    _, pair = group.likest(leading.version_id)
    values: dict[str, Any] = {
        "reports": _named(accused),
        "percent": int(pair.similarity * 1000) / 10,
        "characters": pair.characters,
        "first": message(_FIRST, {"report": _report(first), "published": day(first.day)})
        if first and first.day
        else "",
    }
    if others:
        values["others"] = _named(others)
    template = _SAME if others else _SAME_AMONG
    anchor = group.anchor
    alone = leading if len(accused) == 1 else None
    members = sorted((one.organ.code, one.report_year) for one in group.members)
    return Condition(
        identity=f"{AlertKind.SIMILAR}/{anchor.organ.code}/{anchor.report_year}/{county}",
        kind=AlertKind.SIMILAR,
        severity=severity.value,
        template=template,
        values=values,
        evidence={
            "address": leading.published.address,
            "version_id": leading.version_id,
            "sha256": leading.published.sha256,
            "title": leading.published.title,
            "published_on": leading.day.isoformat() if leading.day else None,
            "findings": [
                _finding(message(template, values), None),
                *(
                    _finding(_line(member), quote)
                    for member, quote in zip_longest(group.members, shared[: len(group.members)])
                ),
            ],
            "reports": [
                {
                    "organ_code": member.organ.code,
                    "report_year": member.report_year,
                    "version_id": member.version_id,
                    "published_on": member.day.isoformat() if member.day else None,
                    "address": member.published.address,
                }
                for member in group.members
            ],
            "pairs": [[one.first_id, one.second_id, round(one.similarity, 4)] for one in group.pairs],
        },
        organ_code=alone.organ.code if alone else None,
        county_code=county,
        report_year=max(member.report_year for member in accused),
        rule=SIMILAR,
        substance=hashlib.sha256(repr(members).encode()).hexdigest(),
    )


def _report(member: Member) -> dict[str, Any]:
    return message(_REPORT, {"organ": member.name, "year": member.report_year})


def _named(members: list[Member]) -> dict[str, Any]:
    said, *more = (_report(member) for member in members[:MOST_NAMED])
    for each in more:
        said = message(_AND, {"first": said, "next": each})
    return message(_AND_OTHERS, {"first": said, "number": len(members)}) if len(members) > MOST_NAMED else said


def _line(member: Member) -> dict[str, Any]:
    values: dict[str, Any] = {"report": _report(member), "address": member.published.address}
    if member.day is None:
        return message(_UNDATED, values)
    source = DATE_SOURCES.get(member.published.published_from or "", N_("所据日期"))
    return message(_DATED, {**values, "published": day(member.day), "source": message(source)})


def _finding(said: dict[str, Any], quote: str | None) -> dict[str, Any]:
    return {
        "rule": SIMILAR,
        "severity": Severity.WARNING.value,
        "message": said,
        "sections": [1, 5],
        "quote": quote,
    }
