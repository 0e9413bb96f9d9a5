"""What is wrong right now, as conditions: from publication states, from matters of current versions, from portals.

Pure. What a publisher failed to do and what we failed to see are kept apart: an ``unverified`` obligation makes
no condition at all, and the grounds say what could be judged, so that our own blindness never resolves an alert.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from crawler.clock import SHANGHAI
from crawler.records import Outcome
from monitor.alerts.changes import Revision
from monitor.alerts.conditions import (
    LEVEL,
    AlertKind,
    Condition,
    Grounds,
    JudgedVersion,
    PortalHealth,
    PrintedCell,
    UnreadCapture,
)
from monitor.alerts.platforms import EVERYTHING, Platform, failing_platforms, keys_of
from monitor.alerts.wording import DATE_SOURCES, day, message
from monitor.decisions.switches import Switches
from monitor.decisions.wording import switch_in_words
from monitor.language import N_
from monitor.publication import DAYS_OF_PROOF, LookedAt, PublicationState, Standing
from monitor.rules.base import Finding, Matter, OrganFacts, Severity
from monitor.rules.timeliness import TIMELINESS_RULES, three_dates
from parsers.forms import FORM_KEYS, load_form

STALE_AFTER_INTERVALS = 3
"""A portal is stale when its last whole pass is older than so many crawl intervals (judgement)."""
GRAVE_AFTER_RUNS = 3
"""So many runs failing in a row turn a portal's warning into an error (judgement)."""
MOST_PORTALS_NAMED = 5
"""So many portals of a platform are named in the summary; all stand in the evidence."""
MOST_DIFFERENCES = 4
"""So many differences between two versions are told in the summary; all stand in the evidence."""
ESCALATIONS = (
    (30, N_("；逾期已超过 30 天")),
    (7, N_("；逾期已超过 7 天")),
)
"""Days past the due date at which the text of a missing report grows graver (domain.md D-01).

The next mail tells it, once for each step; it is no new alert."""

_KIND_OF_RULE = {"V-01": AlertKind.WRONG_FORM, "I-04": AlertKind.MISPLACED}
SIMILAR = "P-06"
"""The rule on texts of other organs."""
_SEVERITY_OF_FLAG = {
    "backdated": "warning",
    "changed": "warning",
    "removed": "error",
    "misplaced": "error",
    "early": "warning",
}

_DATED = frozenset(rule.id for rule in TIMELINESS_RULES)

_MISSING = N_(
    "{organ}{year}年度报告未公布：应于{due}前（含当日）公布；期限过后已在{passes}完整查看{where}，均未见到{overdue}。"
)
_LATE = N_("{organ}{year}年度报告逾期公布：应于{due}前（含当日）公布，{source}是{published}，晚了 {days} 天。")
_BACKDATED = N_(
    "{organ}{year}年度报告疑似倒签：标明{published}发布，未过期限{due}；但我们在{passes}完整查看{where}时没有它，"
    "{first_seen}才首次见到。"
)
_BACKDATED_UNDATED = N_(
    "{organ}{year}年度报告疑似倒签：我们在{passes}完整查看{where}时没有它，{first_seen}才首次见到；期限是{due}。"
)
_REMOVED = N_(
    "{organ}{year}年度报告公布后被撤下：最后一次见到是{last_seen}；{gone}起原网址{answer}，完整查看其栏目也未见到。"
)
_FILE_REMOVED = N_(
    "{organ}{year}年度报告公布后打不开了：报告是网页的附件，最后一次打开是{last_seen}；{gone}起附件的网址{answer}。"
)
_REMOVED_UNDATED = N_("{organ}{year}年度报告公布后被撤下：原网址已打不开，完整查看其栏目也未见到。")
_WHERE = N_("{portal}的“{column}”栏目")
_WHERE_ALL = N_("{portal}的“{column}”等 {number} 个栏目")
_ITS_COLUMN = N_("其栏目")
_TWO_DAYS = N_("{first}、{last}两天")
_MANY_DAYS = N_("{first}至{last}的 {number} 天")
_DIFFERENT_DAYS = N_("不同的两天")
_SO_MANY_DAYS = N_("不同的 {number} 天")
_EARLIER = N_("此前")
_NOT_OPEN = N_("已打不开（{answer}）")
_SAYS_GONE = N_("只显示内容不存在")
_CHANGED = N_("{organ}{year}年度报告公布后内容有改动：已留存 {versions} 个不同的版本。")
_CHANGED_IN = N_(
    "{organ}{year}年度报告公布后内容有改动：{differences}{repaired}。原来的版本{before}首次见到，改动后的{after}首次见到。"
)
_AND = N_("{first}；{next}")
_AND_OTHERS = N_("{first}等 {number} 处")
_REPAIRED = N_("；其中更正了此前提醒的 {number} 个问题")
_CHANGED_LATELY = N_("{organ}{year}年度报告公布后内容有改动。")
_MISPLACED = N_("{organ}{year}年度报告放在别的单位或栏目下。")

_EARLY = N_(
    "{organ}{year}年度报告统计期未满即公布：{source}是{published}，而统计期到{end}才结束，数字不可能是全年的。"
)
_SEEN_EARLY = N_(
    "{organ}{year}年度报告统计期未满即公布：我们{first_seen}就已见到，而统计期到{end}才结束，数字不可能是全年的。"
)

_CONTENT = N_("{organ}{year}年度报告{problem}：{finding}")
_CONTENT_WITHOUT_YEAR = N_("{organ}的一份报告（年度未定）{problem}：{finding}")
_AND_MORE = N_("{first}（同一原因另有 {more} 处）")
_PROBLEMS = {
    "T": N_("表内数字不一致"),
    "X": N_("各表之间不一致"),
    "N": N_("文字与表格不一致"),
    "Y": N_("与往年不衔接"),
    "H": N_("与下级或上级报告不一致"),
    "S": N_("内容不完整"),
    "V": N_("格式版本不对"),
    "I": N_("单位或年度需要核对"),
    "P": N_("数字异常，需要核对"),
    "U": N_("计量单位或写法需要核对"),
}
_OTHER_PROBLEM = N_("需要核对")

_UNREACHABLE = N_("门户“{portal}”无法访问{lasting}：{problem}")
_BLOCKED = N_("门户“{portal}”拒绝采集{lasting}：{problem}")
_LAYOUT = N_("门户“{portal}”能打开，但列表认不出来，版面可能已改{lasting}：{problem}")
_LASTING = N_("，已连续 {runs} 次")
_NO_DETAIL = N_("没有更多说明。")
_PLATFORM_UNREACHABLE = N_("{platform}上的 {number} 个门户都无法访问{lasting}：{portals}。原因：{problem}")
_PLATFORM_BLOCKED = N_("{platform}上的 {number} 个门户都拒绝采集{lasting}：{portals}。原因：{problem}")
_EVERYTHING = N_("几乎所有网站（请先检查本机的网络）")
_AND_MORE_PORTALS = N_("{names}等")
_STALE = N_("门户“{portal}”已超过 {days} 天没有完整采集：最近一次完整采集是{last}。")
_NEVER_WHOLE = N_("门户“{portal}”自{first}首次采集起，从未完整采集。")
_NEVER_CRAWLED = N_("门户“{portal}”已登记，但从未采集过。")
_PARSE_FAILED = N_("门户“{portal}”上的文件无法解析：{document}（{error}）")
_UNSURE_NUMBERS = N_(
    "门户“{portal}”上的一份报告已经读出，但有数字未能可靠识读（两次识读不一致，或无法复读），"
    "未作判断，也不作为该单位的差错：{document}"
)

_OF_OUTCOME = {
    Outcome.UNREACHABLE: (AlertKind.PORTAL_UNREACHABLE, _UNREACHABLE),
    Outcome.BLOCKED: (AlertKind.PORTAL_BLOCKED, _BLOCKED),
    Outcome.LAYOUT_CHANGED: (AlertKind.PORTAL_CHANGED, _LAYOUT),
}
WHOLE = frozenset(outcome for outcome in Outcome if outcome.whole)
"""Outcomes of runs that read a portal whole."""
SETTLED_BY: Mapping[AlertKind, frozenset[Outcome]] = {
    AlertKind.PORTAL_UNREACHABLE: WHOLE | {Outcome.PARTIAL, Outcome.BLOCKED, Outcome.LAYOUT_CHANGED},
    AlertKind.PORTAL_BLOCKED: WHOLE | {Outcome.PARTIAL, Outcome.LAYOUT_CHANGED},
    AlertKind.PORTAL_CHANGED: WHOLE,
}
"""Which outcomes show that a matter is over: a portal that blocks us is no longer unreachable, but one that is
unreachable may block us still. A crash of ours shows nothing."""


def conditions(
    standings: Iterable[Standing],
    judged: Iterable[JudgedVersion],
    as_of: datetime,
    *,
    revisions: Mapping[int, Sequence[Revision]] | None = None,
) -> list[Condition]:
    """Everything that is wrong with reports at ``as_of``, each matter once.

    ``judged`` are the current versions of all reports (not only those judged in this pass). ``revisions`` say, by
    the id of the version that stands now, what was changed in a report.
    """
    found: dict[str, Condition] = {}
    for version in judged:
        for condition in _of_version(version):
            found.setdefault(condition.identity, condition)
    for standing in standings:
        for condition in _of_standing(standing, as_of, (revisions or {}).get(standing.version_id or 0, ())):
            found.setdefault(condition.identity, condition)
    return list(found.values())


def run_conditions(
    portals: Iterable[PortalHealth], as_of: datetime, *, interval: timedelta = timedelta(days=1)
) -> list[Condition]:
    """What is wrong with the portals themselves: they fail, alone or with their platform, or are stale.

    ``portals`` must be all: whether a platform fails is seen from all that stand on it.
    """
    found: dict[str, Condition] = {}
    portals = tuple(portals)
    platforms = failing_platforms(portals)
    together = {portal.portal_id for platform in platforms for portal in platform.portals}
    for platform in platforms:
        condition = _of_platform(platform)
        found.setdefault(condition.identity, condition)
    for portal in portals:
        for condition in _of_portal(portal, as_of, interval, together=portal.portal_id in together):
            found.setdefault(condition.identity, condition)
    return list(found.values())


def unread_conditions(portals: Iterable[PortalHealth]) -> list[Condition]:
    """What was captured on the portals and could not be read, in whole or in part."""
    found: dict[str, Condition] = {}
    for portal in portals:
        for unread in portal.unread:
            condition = _unread(portal, unread)
            found.setdefault(condition.identity, condition)
    return list(found.values())


def notes(judged: Iterable[JudgedVersion]) -> dict[str, str]:
    """What staff decided of matters, by the identity of their conditions; of those they withdrew as well."""
    return {
        _identity(_subject(version), matter): version.notes[matter.key]
        for version in judged
        for matter in (*version.withdrawn, *version.matters)
        if matter.key in version.notes
    }


def weighed(
    conditions: Iterable[Condition], switches: Switches, language: str
) -> tuple[list[Condition], dict[str, str]]:
    """Conditions on dates as the switches of their rules leave them, and notes on those that changed or went."""
    left: list[Condition] = []
    said: dict[str, str] = {}
    for condition in conditions:
        switch = (
            switches.holding(condition.rule, condition.county_code)
            if condition.rule in _DATED and condition.county_code
            else None
        )
        if switch is None or condition.rule is None or condition.county_code is None:
            left.append(condition)
            continue
        found = Severity(condition.severity)
        severity = switches.severity(condition.rule, condition.county_code, found)
        gone = switches.is_off(condition.rule, condition.county_code) or severity is Severity.NOTICE
        if gone or severity is not found:
            said[condition.identity] = switch_in_words(switch, language)
        if not gone:
            left.append(replace(condition, severity=severity.value))
    return left, said


def grounds(standings: Iterable[Standing], judged: Iterable[JudgedVersion]) -> Grounds:
    """What the same assessment could judge of reports: see :class:`Grounds`.

    A report that is proven missing or no longer expected has no content left to be wrong.
    """
    publication = set()
    found = set()
    away = set()
    content = {
        (version.organ.code, version.report_year)
        for version in judged
        if version.organ and version.report_year is not None
    }
    for standing in standings:
        obligation = (standing.organ.code, standing.report_year)
        if standing.state is not PublicationState.UNVERIFIED:
            publication.add(obligation)
        if standing.version_id is not None:
            found.add(obligation)
        if standing.away:
            away.add(obligation)
        if standing.state in (PublicationState.MISSING, PublicationState.NOT_EXPECTED):
            content.add(obligation)
    return Grounds(frozenset(publication), frozenset(content), found=frozenset(found), away=frozenset(away))


def settled_portals(portals: Iterable[PortalHealth]) -> frozenset[tuple[AlertKind, str]]:
    """For each kind of alert on a portal, the portals of which the same assessment knows whether it is over."""
    settled = set()
    portals = tuple(portals)
    together = {portal.portal_id for platform in failing_platforms(portals) for portal in platform.portals}
    for portal in portals:
        for kind, outcomes in SETTLED_BY.items():
            if portal.last_outcome in outcomes or not portal.in_use:
                settled.add((kind, portal.portal_id))
            if portal.last_outcome in outcomes and portal.in_use:
                settled |= {(kind, _place_of(key)) for key in keys_of(portal)}
        # Age and unread documents are known from the record itself, whatever the last run brought. But a portal
        # that fails with its platform is stale still, though nobody is told of it one by one.
        settled.add((AlertKind.PARSE_FAILED, portal.portal_id))
        if portal.portal_id not in together:
            settled.add((AlertKind.STALE, portal.portal_id))
        if portal.last_outcome in WHOLE:  # reports whose organ is not settled hang on their portal
            settled |= {(kind, portal.portal_id) for kind in AlertKind if kind.audience == "oversight"}
    return frozenset(settled)


def _who(organ: OrganFacts) -> str:
    """County and organ in one, as people would write it."""
    return organ.name if organ.name.startswith(organ.county) else organ.county + organ.name


def _of_standing(standing: Standing, as_of: datetime, revisions: Sequence[Revision]) -> Iterator[Condition]:
    if standing.state is PublicationState.MISSING:
        level, text = _overdue(standing.due.on, as_of)
        yield _publication(
            standing,
            AlertKind.MISSING,
            standing.due.severity,
            _MISSING,
            {
                "overdue": message(text),
                LEVEL: level,
                "passes": _proof_days(standing.looked_at),
                "where": _where(standing.looked_at),
            },
        )
    if standing.state is PublicationState.LATE and standing.published_on is not None:
        source = DATE_SOURCES.get(standing.published_from or "", N_("所据日期"))
        days = standing.days_late
        if days is None:
            days = (standing.published_on - standing.due.on).days
        yield _publication(
            standing,
            AlertKind.LATE,
            standing.due.severity,
            _LATE,
            {"source": message(source), "days": days},
            substance=f"{standing.published_on} {standing.published_from}",
        )
    for flag, severity in _SEVERITY_OF_FLAG.items():
        if flag not in standing.flags:
            continue
        if flag == "changed":
            yield from _changed(standing, severity, revisions)
        else:
            yield _FLAGS[flag](standing, severity)


def _overdue(due: date, as_of: datetime) -> tuple[int, str]:
    """The last escalation that was reached, from 1, and its words."""
    days = (_day(as_of) - due).days
    reached = [text for limit, text in ESCALATIONS if days > limit]
    return len(reached), reached[0] if reached else ""


def _where(looked_at: Sequence[LookedAt]) -> dict[str, Any]:
    """The columns that were read, as a message: the first by name."""
    if not looked_at or not looked_at[0].portal:
        return message(_ITS_COLUMN)
    values = {"portal": looked_at[0].portal, "column": looked_at[0].column}
    if len(looked_at) == 1:
        return message(_WHERE, values)
    return message(_WHERE_ALL, {**values, "number": len(looked_at)})


def _proof_days(looked_at: Sequence[LookedAt]) -> dict[str, Any]:
    """The days of proof, by name where there are two and they are the same for all columns."""
    days = {tuple(_day(at) for at in one.at) for one in looked_at}
    fewest = min((len(each) for each in days), default=DAYS_OF_PROOF)
    if fewest != DAYS_OF_PROOF:
        return message(_SO_MANY_DAYS, {"number": fewest})
    if len(days) == 1:
        first, last = days.pop()
        return message(_TWO_DAYS, {"first": day(first), "last": day(last)})
    return message(_DIFFERENT_DAYS)


def _days_without(looked_at: Sequence[LookedAt]) -> dict[str, Any]:
    """The days on which a column was read and the report was not there."""
    days = sorted({_day(at) for one in looked_at for at in one.at})
    if not days:
        return message(_EARLIER)
    if len(days) == 1:
        return day(days[0])
    values = {"first": day(days[0]), "last": day(days[-1])}
    return message(_TWO_DAYS, values) if len(days) == 2 else message(_MANY_DAYS, {**values, "number": len(days)})


def _day(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def _backdated(standing: Standing, severity: str) -> Condition:
    seen = standing.first_seen_at
    return _publication(
        standing,
        AlertKind.BACKDATED,
        severity,
        _BACKDATED if standing.published_on else _BACKDATED_UNDATED,
        {
            "first_seen": day(_day(seen)) if seen else message(N_("后来")),
            "passes": _days_without(standing.looked_at),
            "where": _where(standing.looked_at),
        },
        substance=str(standing.published_on),
        rule="D-05",
    )


def _removed(standing: Standing, severity: str) -> Condition:
    template, values = _REMOVED_UNDATED, {}
    if standing.last_seen_at is not None and standing.gone_at is not None:
        answer = standing.gone_answer or ""
        template = _FILE_REMOVED if standing.file_gone else _REMOVED
        values = {
            "last_seen": day(_day(standing.last_seen_at)),
            "gone": day(_day(standing.gone_at)),
            "answer": message(_NOT_OPEN, {"answer": answer}) if answer.isdigit() else message(_SAYS_GONE),
        }
    return _publication(
        standing, AlertKind.REMOVED, severity, template, values, substance=str(standing.version_id or "")
    )


def _changed(standing: Standing, severity: str, revisions: Sequence[Revision]) -> Iterator[Condition]:
    """What was changed last.

    A change that only repairs what we had told of accuses nobody and is left out; so is one in which no number and
    no word differs, but blanks or the way in which they are set: software does that.
    """
    told = [each for each in revisions if each.differences and not each.only_repairs]
    if revisions and not told:
        return
    template = _CHANGED if standing.versions > 1 else _CHANGED_LATELY
    values: dict[str, Any] = {"versions": standing.versions}
    evidence: dict[str, Any] = {}
    if told:
        last = told[-1]
        template = _CHANGED_IN
        values |= {
            "differences": _in_one(last),
            "repaired": message(_REPAIRED, {"number": len(last.repaired)}) if last.repaired else "",
            "before": day(_day(last.before_seen_at)),
            "after": day(_day(last.after_seen_at)),
        }
        evidence["differences"] = [dict(each.said) for each in last.differences]
    yield _publication(
        standing,
        AlertKind.CHANGED,
        severity,
        template,
        values,
        evidence=evidence,
        substance=str(standing.version_id or ""),
    )


def _in_one(revision: Revision) -> dict[str, Any]:
    """The first differences in one message, and how many there are if that is not all."""
    said, *more = (dict(each.said) for each in revision.differences[:MOST_DIFFERENCES])
    for each in more:
        said = message(_AND, {"first": said, "next": each})
    if len(revision.differences) > MOST_DIFFERENCES:
        said = message(_AND_OTHERS, {"first": said, "number": len(revision.differences)})
    return said


def _early(standing: Standing, severity: str) -> Condition:
    """Published before its period was over (D-04): seen by us, or as the page shows."""
    end = date(standing.report_year, 12, 31)
    dates = standing.dates
    seen = dates is not None and dates.seen_on < end
    values: dict[str, Any] = {"end": day(end)}
    if dates is not None and seen:
        values["first_seen"] = day(dates.seen_on)
    elif dates is not None and dates.shown_on is not None:
        source = DATE_SOURCES.get(dates.shown_from or "", N_("所据日期"))
        values |= {"source": message(source), "published": day(dates.shown_on)}
    condition = _publication(
        standing,
        AlertKind.INCONSISTENT,
        severity,
        _SEEN_EARLY if seen else _EARLY,
        values,
        substance=str(standing.published_on),
        rule="D-04",
    )
    return replace(condition, identity=f"{condition.identity}/D-04")


def _misplaced(standing: Standing, severity: str) -> Condition:
    return _publication(
        standing, AlertKind.MISPLACED, severity, _MISPLACED, {}, substance=str(standing.address or "")
    )


_FLAGS: dict[str, Callable[[Standing, str], Condition]] = {
    "backdated": _backdated,
    "removed": _removed,
    "misplaced": _misplaced,
    "early": _early,
}


def _publication(
    standing: Standing,
    kind: AlertKind,
    severity: str,
    template: str,
    values: dict[str, Any],
    *,
    evidence: Mapping[str, Any] | None = None,
    substance: str = "",
    rule: str | None = None,
) -> Condition:
    """A condition on one obligation, with everything the state rests on; ``evidence`` is added to that."""
    known = {
        "organ": _who(standing.organ),
        "year": standing.report_year,
        "due": day(standing.due.on),
        "published": day(standing.published_on) if standing.published_on else "",
    }
    # What is said of a date leads to the page that bears it, and not to a later one beside it.
    of_a_date = kind in (AlertKind.LATE, AlertKind.BACKDATED) or rule == "D-04"
    address, version_id = (of_a_date and standing.dated_at) or (standing.address, standing.version_id)
    rests_on: dict[str, Any] = {
        "due": {
            "on": standing.due.on.isoformat(),
            "rule": standing.due.rule,
            "source": standing.due.source,
            "severity": standing.due.severity,
        },
        "published_on": standing.published_on.isoformat() if standing.published_on else None,
        "published_from": standing.published_from,
        "first_seen_at": standing.first_seen_at.isoformat() if standing.first_seen_at else None,
        **three_dates(standing.dates),
        "address": address,
        "version_id": version_id,
        "proof": [moment.isoformat() for moment in standing.proof],
        "looked_at": [
            {
                "portal": one.portal,
                "column": one.column,
                "address": one.address,
                "at": [moment.isoformat() for moment in one.at],
                "portal_id": one.portal_id,
                "column_id": one.column_id,
            }
            for one in standing.looked_at
        ],
        "last_seen_at": standing.last_seen_at.isoformat() if standing.last_seen_at else None,
        "gone_at": standing.gone_at.isoformat() if standing.gone_at else None,
    }
    return Condition(
        identity=f"{kind}/{standing.organ.code}/{standing.report_year}",
        kind=kind,
        severity=severity,
        template=template,
        values=known | values,
        evidence=rests_on | dict(evidence or {}),
        organ_code=standing.organ.code,
        county_code=standing.organ.county_code,
        report_year=standing.report_year,
        rule=rule,
        substance=substance,
    )


def _of_version(version: JudgedVersion) -> Iterator[Condition]:
    for matter in version.matters:
        # Reports with the same text are one matter together (monitor.alerts.from_texts).
        if matter.severity is not Severity.NOTICE and matter.findings[0].rule != SIMILAR:
            yield _content(version, matter)


def _content(version: JudgedVersion, matter: Matter) -> Condition:
    leading = matter.findings[0]
    cells = _cells(version, matter)
    year = version.report_year
    values = {
        "organ": _who(version.organ)
        if version.organ
        else (version.organ_printed or version.title or version.address),
        "year": year if year is not None else "",
        "problem": message(_PROBLEMS.get(leading.rule.partition("-")[0][:1], _OTHER_PROBLEM)),
        "finding": _finding(matter),
    }
    return Condition(
        identity=_identity(_subject(version), matter),
        kind=_kind_of(matter),
        severity=matter.severity.value,
        template=_CONTENT if year is not None else _CONTENT_WITHOUT_YEAR,
        values=values,
        evidence={
            "address": version.address,
            "version_id": version.version_id,
            "sha256": version.sha256,
            "title": version.title,
            "published_on": version.published_on.isoformat() if version.published_on else None,
            "findings": [_as_evidence(finding) for finding in matter.findings],
            "cause": matter.cause.to_json() if matter.cause else None,
            "cells": cells,
        },
        organ_code=version.organ.code if version.organ else None,
        county_code=version.organ.county_code if version.organ else version.county_code,
        portal_id=version.portal_id,
        report_year=year,
        rule=leading.rule,
        substance=_substance(version, matter),
    )


def _subject(version: JudgedVersion) -> str:
    """A version without organ and year is its address; one with them stays the same wherever it stands."""
    if version.organ is None or version.report_year is None:
        return f"?{version.address}"
    return f"{version.organ.code}/{version.report_year}"


def content_identity(organ_code: str, report_year: int, matter: Matter) -> str:
    """The identity of the alert on a matter of an organ's report, whether or not there is one."""
    return _identity(f"{organ_code}/{report_year}", matter)


def _identity(subject: str, matter: Matter) -> str:
    kind = _kind_of(matter)
    alone = kind in (AlertKind.WRONG_FORM, AlertKind.MISPLACED)
    return f"{kind}/{subject}" if alone else f"{kind}/{subject}/{matter.key}"


def _kind_of(matter: Matter) -> AlertKind:
    return _KIND_OF_RULE.get(matter.findings[0].rule, AlertKind.INCONSISTENT)


def _finding(matter: Matter) -> dict[str, Any]:
    """The leading finding in words, with how many more come from the same mistake."""
    leading = matter.findings[0]
    said = message(leading.template, leading.values)
    if len(matter.findings) > 1:
        said = message(_AND_MORE, {"first": said, "more": len(matter.findings) - 1})
    return said


def _as_evidence(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": message(finding.template, finding.values),
        "sections": list(finding.sections),
        "quote": finding.quote,
    }


def _named_cells(version: JudgedVersion, matter: Matter) -> list[PrintedCell]:
    """The cells the findings name, each once, in their order."""
    keys = dict.fromkeys(key for finding in matter.findings for key in finding.cells)
    return [version.cells[key] for key in keys if key in version.cells]


def _cells(version: JudgedVersion, matter: Matter) -> list[dict[str, Any]]:
    """What is printed in these cells and where; of absent ones there is nothing to show."""
    form = load_form(version.form) if version.form in FORM_KEYS else None
    suspects = {cell.cell: cell.value for cell in matter.should_read}
    named = _named_cells(version, matter)
    named += [version.cells[key] for key in suspects if key in version.cells and version.cells[key] not in named]
    shown = [
        {
            **cell.to_json(),
            "name": form.describe(cell.key) if form else cell.key,
            "suspect": cell.key in suspects,
        }
        for cell in named
        if cell.state != "absent"
    ]
    return sorted(shown, key=lambda cell: not cell["suspect"])


def _substance(version: JudgedVersion, matter: Matter) -> str:
    """A digest of the printed facts: the cells as they stand and the words quoted, not our wording.

    Of a wrong form the cells only show which form it is: their numbers are no part of the matter.
    """
    named = (
        () if _KIND_OF_RULE.get(matter.findings[0].rule) is AlertKind.WRONG_FORM else _named_cells(version, matter)
    )
    facts = [f"{cell.key} {cell.state} {cell.raw}" for cell in named]
    facts += [f"{finding.rule} {(finding.quote or '').strip('…')}" for finding in matter.findings]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _place_of(key: str) -> str:
    """What stands for a platform where otherwise the id of a portal stands."""
    return f"@{key}"


def _of_platform(platform: Platform) -> Condition:
    """One matter for all portals of a platform; which they are may change while it stays the same matter."""
    kind, _ = _OF_OUTCOME[platform.outcome]
    runs = max(portal.failing_runs for portal in platform.portals)
    counties = {portal.county_code for portal in platform.portals}
    names = [portal.name for portal in platform.portals]
    problems = Counter(portal.last_problem for portal in platform.portals if portal.last_problem)
    shown = "、".join(names[:MOST_PORTALS_NAMED])
    values = {
        "platform": message(_EVERYTHING) if platform.key == EVERYTHING else platform.key.removeprefix("*."),
        "number": len(names),
        "portals": message(_AND_MORE_PORTALS, {"names": shown}) if len(names) > MOST_PORTALS_NAMED else shown,
        "lasting": message(_LASTING, {"runs": runs}) if runs >= GRAVE_AFTER_RUNS else "",
        "problem": problems.most_common(1)[0][0] if problems else message(_NO_DETAIL),
    }
    template = _PLATFORM_UNREACHABLE if platform.outcome is Outcome.UNREACHABLE else _PLATFORM_BLOCKED
    return Condition(
        identity=f"{kind}/{_place_of(platform.key)}",
        kind=kind,
        severity="error" if runs >= GRAVE_AFTER_RUNS else "warning",
        template=template,
        values=values,
        evidence={
            "platform": platform.key,
            "portals": [portal.portal_id for portal in platform.portals],
            "checked": {
                "runs": {
                    portal.portal_id: portal.last_run_at.isoformat() if portal.last_run_at else None
                    for portal in platform.portals
                },
                "failing_runs": runs,
            },
        },
        county_code=counties.pop() if len(counties) == 1 else None,
        portal_id=_place_of(platform.key),
        substance=template,
    )


def _of_portal(
    portal: PortalHealth, as_of: datetime, interval: timedelta, *, together: bool = False
) -> Iterator[Condition]:
    """``together``: it fails with its platform, and that is told once for all of them."""
    if portal.in_use and portal.last_outcome in _OF_OUTCOME and not together:
        kind, template = _OF_OUTCOME[portal.last_outcome]
        grave = portal.failing_runs >= GRAVE_AFTER_RUNS
        values = {
            "lasting": message(_LASTING, {"runs": portal.failing_runs}) if grave else "",
            "problem": portal.last_problem or message(_NO_DETAIL),
        }
        yield _portal(portal, kind, "error" if grave else "warning", template, values)
    stale = staleness(portal, as_of, interval) if portal.in_use and not together else None
    if stale:
        yield stale


def _unread(portal: PortalHealth, unread: UnreadCapture) -> Condition:
    return Condition(
        identity=f"{AlertKind.PARSE_FAILED}/{portal.portal_id}/{unread.address}",
        kind=AlertKind.PARSE_FAILED,
        severity="warning",
        template=_UNSURE_NUMBERS if unread.rule else _PARSE_FAILED,
        values={
            "portal": portal.name,
            "document": unread.title or unread.address,
            "error": message(unread.error),
        },
        evidence={
            "address": unread.address,
            "sha256": unread.sha256,
            "first_seen_at": unread.fetched_at.isoformat(),
            "unsure": unread.error if unread.rule else None,
        },
        county_code=portal.county_code,
        portal_id=portal.portal_id,
        rule=unread.rule,
        substance=unread.sha256,
    )


def staleness(portal: PortalHealth, as_of: datetime, interval: timedelta) -> Condition | None:
    """The watchdog: goes by the age of the last whole pass, and knows portals that were never crawled."""
    limit = interval * STALE_AFTER_INTERVALS
    if portal.last_run_at is None and portal.first_run_at is None:
        return _portal(portal, AlertKind.STALE, "warning", _NEVER_CRAWLED, {})
    since = portal.last_whole_at or portal.first_run_at or portal.last_run_at
    if since is None or as_of - since <= limit:
        return None
    shown = day(since.astimezone(SHANGHAI).date())
    if portal.last_whole_at is None:
        return _portal(portal, AlertKind.STALE, "error", _NEVER_WHOLE, {"first": shown})
    days = f"{limit / timedelta(days=1):g}"
    return _portal(portal, AlertKind.STALE, "error", _STALE, {"days": days, "last": shown})


def _portal(
    portal: PortalHealth, kind: AlertKind, severity: str, template: str, values: dict[str, Any]
) -> Condition:
    return Condition(
        identity=f"{kind}/{portal.portal_id}",
        kind=kind,
        severity=severity,
        template=template,
        values={"portal": portal.name, **values},
        evidence={
            "run": {
                "outcome": portal.last_outcome.value if portal.last_outcome else None,
                "problem": portal.last_problem,
            },
            "last_whole_at": portal.last_whole_at.isoformat() if portal.last_whole_at else None,
            "checked": {
                "last_run_at": portal.last_run_at.isoformat() if portal.last_run_at else None,
                "failing_runs": portal.failing_runs,
                "answer": {
                    "address": portal.failed_request.address,
                    "status": portal.failed_request.status,
                    "at": portal.failed_request.at.isoformat(),
                }
                if portal.failed_request
                else None,
            },
        },
        county_code=portal.county_code,
        portal_id=portal.portal_id,
        substance=template,
    )
