"""All rules, and the judgement of one report by all of them.

To add a check: write it in the module of its family, put its :class:`Rule` into that module's tuple, and give it a
passing, a failing and a not-assessable example in ``tests/monitor/rules/examples.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from monitor.language import N_
from monitor.rules.base import (
    LAST_LEGACY_YEAR,
    Fail,
    Finding,
    Matter,
    NotAssessable,
    Result,
    Rule,
    Severity,
    Subject,
)
from monitor.rules.crossing import CROSSING_RULES
from monitor.rules.hierarchy import HIERARCHY_RULES
from monitor.rules.identity import IDENTITY_RULES
from monitor.rules.matters import group
from monitor.rules.narrative import NARRATIVE_RULES
from monitor.rules.plausibility import PLAUSIBILITY_RULES
from monitor.rules.repeats import REPEAT_RULES
from monitor.rules.revisions import Revisions, digest_of
from monitor.rules.shape import SHAPE_RULES
from monitor.rules.tables import TABLE_RULES
from monitor.rules.thresholds import thresholds
from monitor.rules.timeliness import TIMELINESS_RULES
from monitor.rules.years import YEAR_RULES
from parsers.schema import DocumentKind, Report

RULES: tuple[Rule, ...] = (
    *TABLE_RULES,
    *CROSSING_RULES,
    *YEAR_RULES,
    *SHAPE_RULES,
    *IDENTITY_RULES,
    *NARRATIVE_RULES,
    *REPEAT_RULES,
    *PLAUSIBILITY_RULES,
    *HIERARCHY_RULES,
)

USUAL_SEVERITIES: dict[str, Severity] = {
    **{rule.id: rule.severity for rule in RULES},
    **{rule.id: rule.severity for rule in TIMELINESS_RULES},
}
"""How much the usual finding of each rule weighs."""
OFF_BY_DEFAULT: frozenset[str] = frozenset(thresholds()["switched_off"])
"""Rules that are asked only where somebody has switched them on."""

TOLD_ELSEWHERE: dict[str, str] = {
    "P-02": N_("与本机关历年数字的比较即 Y-07"),
    "P-04": N_("表格全为0而正文另有说法，由 N-01、N-03、N-05 指出"),
    "Y-08": N_("两年格式不同时只比较新收申请、办理总计和复议诉讼，各条跨年规则都照此办理"),
    "S-12": N_("解读、图解、转发函、通知等不是报告，解析时即分出，不算已公布"),
    "D-01": N_("期满未见报告即状态“未公布”，程度由期限规则定"),
    "D-02": N_("晚于期限公布即状态“逾期公布”，程度由期限规则定"),
    "D-06": N_("公布后又撤下即标记“公布后撤下”，另有提醒"),
    "D-07": N_("公布后改动即标记“公布后有改动”，另有提醒，并逐格列出改动"),
    "D-08": N_("没有标明日期即标记“没有公布日期”，以首次见到的日期为上限"),
    "D-09": N_("将要到期属于预告，不是对报告的检查"),
    "T2-09": N_("与门户“规范性文件”栏目的件数核对，要另行采集该栏目，未设"),
}
"""Ids of the catalogue that no rule bears: their own would tell one mistake twice, or accuse of nothing; what else
tells of them."""
NEVER_GRAVER = frozenset({"D-03", *(rule.id for rule in RULES if rule.id.startswith("L-"))})
"""Rules that accuse nobody, whatever is switched: doubts about our reading, and a local date missed with the
statute's kept."""

OF_PRESENCE = frozenset({"I-01", "I-02", "I-03", "I-04", "I-06", "I-10", "I-11"})
"""Rules on whose report it is and of which year: all that is asked of report years up to 2018 (domain.md 2.6)."""

PRESENCE_ONLY = NotAssessable(N_("2018年及以前的报告只核对是否公布、属于哪个单位和年度，不核对内容"))
NO_REPORT = NotAssessable(N_("这份文件不是年度报告"))
NO_YEAR = NotAssessable(N_("报告年度不明，不知道本规则是否适用"))
SWITCHED_OFF = NotAssessable(N_("本规则默认不启用"))
OTHER_YEARS = NotAssessable(N_("本规则不适用于该报告年度"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all rules say of one report: the answer of each by id, the findings, and the matters they make."""

    results: Mapping[str, Result]
    findings: tuple[Finding, ...]
    matters: tuple[Matter, ...]


def judge(subject: Subject) -> Judgement:
    """Judge one report by all rules. Nothing is changed; a document that is no report is assessed by none."""
    results = {rule.id: _answer(rule, subject, rule.id in OFF_BY_DEFAULT) for rule in RULES}
    findings = tuple(
        finding for result in results.values() if isinstance(result, Fail) for finding in result.findings
    )
    return Judgement(results, findings, group(subject.report, findings) if findings else ())


def answers(subject: Subject, rules: Collection[str]) -> dict[str, Result]:
    """What some rules, named by their ids, say of one report, in the order of the catalogue."""
    return {rule.id: _answer(rule, subject, rule.id in OFF_BY_DEFAULT) for rule in RULES if rule.id in rules}


def _answer(rule: Rule, subject: Subject, off_by_default: bool) -> Result:
    if subject.report.kind is not DocumentKind.REPORT:
        return NO_REPORT
    if _is_legacy(subject.report) and rule.id not in OF_PRESENCE:
        return PRESENCE_ONLY
    if off_by_default and rule.id not in subject.switched_on:
        return SWITCHED_OFF
    if rule.years is not None:
        year = subject.report.report_year
        if year is None:
            return NO_YEAR
        if year not in rule.years:
            return OTHER_YEARS
    return rule.evaluate(subject)


def _is_legacy(report: Report) -> bool:
    """Whether a report is of a year before the present forms, or, its year not being known, in the old form."""
    if report.report_year is None:
        return report.form == "legacy"
    return report.report_year <= LAST_LEGACY_YEAR


GROUPING = "group"
"""Under this name the versions of the rules hold that of how findings are joined to matters."""


@cache
def rule_versions() -> Mapping[str, str]:
    """The version of each rule by its id, and that of :data:`GROUPING`: another version may say something else."""
    revisions = Revisions()
    asked = revisions.of_function(_answer)
    return {
        **{rule.id: revisions.of_rule(rule, asked, rule.id in OFF_BY_DEFAULT) for rule in RULES},
        GROUPING: revisions.of_function(group),
    }


def rules_digest() -> str:
    """A digest over all rules in their versions."""
    return digest_of(f"{name} {version}" for name, version in sorted(rule_versions().items()))


def judge_again(subject: Subject, changed: Collection[str], before: Iterable[Finding]) -> Judgement:
    """As :func:`judge`, where only these rules may say something else than before, when ``before`` was found.

    The results are those of the changed rules alone.
    """
    results = answers(subject, changed)
    kept: dict[str, list[Finding]] = {}
    for finding in before:
        kept.setdefault(finding.rule, []).append(finding)
    findings: list[Finding] = []
    for rule in RULES:
        if rule.id not in results:
            findings += kept.get(rule.id, ())
        elif isinstance(result := results[rule.id], Fail):
            findings += result.findings
    return Judgement(results, tuple(findings), group(subject.report, findings) if findings else ())


def may_apply(rules: Collection[str], report_year: int | None) -> bool:
    """Whether one of these rules may be asked of a report on this year (None: it names none)."""
    return any(
        rule.years is None or (report_year is not None and report_year in rule.years)
        for rule in RULES
        if rule.id in rules
    )
