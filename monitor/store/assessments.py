"""How versions were judged, in the database: assessments and findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, false, func, insert, or_, select, update
from sqlalchemy.orm import Session

from monitor.alerts.conditions import PrintedCell
from monitor.decisions.deciding import DecidedVersion, Decisions, decide
from monitor.decisions.switches import Setting, Switches
from monitor.rules.base import Cause, Finding, Matter, Severity
from monitor.store import past_judgements
from monitor.store.database import chunks
from monitor.store.tables import (
    Assessment,
    CountyAssessment,
    FindingRow,
    Obligation,
    Organ,
    ParsedDocument,
    PastObligation,
    ReportVersion,
    RuleSet,
)
from monitor.store.versions import forget_assessments

PRINTED = "printed"
"""Under this name the evidence of a finding keeps the cells it names, as they stand in the report."""
CAUSE = "cause"
"""Under this name the evidence of the leading finding keeps what is likely wrong behind its matter."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an assessment rests on: the version of the year before, the rules, and all else that they were given.

    ``register_digest`` is over the county's register and the organ's other reports as they were read: those of
    earlier years and those that stand beside the version.
    """

    previous_version_id: int | None
    rules_digest: str
    register_digest: str


@dataclass(frozen=True, slots=True)
class JudgedMatters:
    """What a judgement said of one version: its matters, how many of each severity, and the cells they name."""

    version_id: int
    grounds: Grounds
    matters: tuple[Matter, ...]
    cells: Mapping[str, PrintedCell]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What is shown of a version beside its matters."""

    version_id: int
    organ_code: str | None
    report_year: int | None
    county_code: str
    portal_id: str
    address: str
    sha256: str
    form: str | None
    published_on: date | None
    organ_printed: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class CountyState:
    """What the last assessment of a county rests on, and what it counted: see :mod:`monitor.counties`.

    It was of ``as_of`` and may be another from ``until`` on (None: never by time alone). ``beside`` are portals
    elsewhere on which its reports stand; ``rests_on_passes``: more passes over the columns may change it.
    """

    county_code: str
    grounds: str
    as_of: datetime
    until: datetime | None
    rests_on_passes: bool
    beside: tuple[str, ...]
    counts: Mapping[str, Any]


def county_states(session: Session) -> dict[str, CountyState]:
    """What is remembered of the last assessment of every county, by code."""
    statement = select(*(getattr(CountyAssessment, name) for name in CountyState.__slots__))
    return {
        row[0]: CountyState(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6])
        for row in session.execute(statement)
    }


def assessed_later(session: Session, at: datetime, counties: Collection[str] | None = None) -> frozenset[str]:
    """The counties (of these) that were assessed as of a later moment, by what that left in the record."""
    found: set[str] = set()
    for statement in (
        select(CountyAssessment.county_code).where(CountyAssessment.as_of > at),
        *(
            select(Organ.county_code).distinct().join(table, table.organ_code == Organ.code).where(moment > at)
            for table, moment in ((Obligation, Obligation.held_from), (PastObligation, PastObligation.held_to))
        ),
    ):
        narrowed = statement
        if counties is not None:
            narrowed = statement.where(statement.selected_columns[0].in_(sorted(counties)))
        found |= set(session.scalars(narrowed))
    return frozenset(found)


def put_county_state(session: Session, state: CountyState) -> None:
    """Remembers an assessment of a county instead of the one before."""
    session.execute(
        delete(CountyAssessment).where(CountyAssessment.county_code == state.county_code),
        execution_options={"synchronize_session": False},
    )
    values = {name: getattr(state, name) for name in CountyState.__slots__}
    session.execute(insert(CountyAssessment), [values | {"beside": list(state.beside)}])


def known_grounds(session: Session, version_ids: Collection[int]) -> dict[int, Grounds]:
    """What the assessment of each of these versions rests on, as far as they were judged."""
    found: dict[int, Grounds] = {}
    for part in chunks(sorted(version_ids)):
        statement = select(
            Assessment.version_id,
            Assessment.previous_version_id,
            Assessment.rules_digest,
            Assessment.register_digest,
        ).where(Assessment.version_id.in_(part))
        found |= {row[0]: Grounds(row[1], row[2], row[3]) for row in session.execute(statement)}
    return found


def counts(
    session: Session, version_ids: Collection[int], decisions: Decisions | None = None
) -> dict[int, tuple[int, int]]:
    """Number of matters that weigh as errors and as warnings, by version, of these as far as they were judged.

    Given decisions, as these leave them.
    """
    found: dict[int, tuple[int, int]] = {}
    for part in chunks(sorted(version_ids)):
        statement = select(Assessment.version_id, Assessment.errors, Assessment.warnings).where(
            Assessment.version_id.in_(part)
        )
        found |= {row[0]: (row[1], row[2]) for row in session.execute(statement)}
    for version_id, one in decided_versions(session, decisions, version_ids).items():
        found[version_id] = (one.decided.count(Severity.ERROR), one.decided.count(Severity.WARNING))
    return found


def last_assessed(session: Session) -> datetime | None:
    """The latest moment as of which a county was assessed; None where none ever was."""
    return session.scalar(select(func.max(CountyAssessment.as_of)))


def judged_of(session: Session, version_ids: Collection[int]) -> set[int]:
    """Those of some versions that were ever judged."""
    found: set[int] = set()
    for part in chunks(sorted(version_ids)):
        found |= set(session.scalars(select(Assessment.version_id).where(Assessment.version_id.in_(part))))
    return found


def put_judgements(session: Session, judged: Sequence[JudgedMatters], at: datetime) -> None:
    """Keeps judgements, replacing earlier ones of the same versions.

    What these said stays as what was said then; what is said again was said since then.
    """
    rows = {one.version_id: list(_finding_rows(one)) for one in judged}
    since = past_judgements.keep(session, rows, at)
    forget_assessments(session, [one.version_id for one in judged])
    assessments = [
        {
            "version_id": one.version_id,
            "previous_version_id": one.grounds.previous_version_id,
            "rules_digest": one.grounds.rules_digest,
            "register_digest": one.grounds.register_digest,
            "assessed_at": since.get(one.version_id, at),
            "errors": _count(one, Severity.ERROR),
            "warnings": _count(one, Severity.WARNING),
            "notices": _count(one, Severity.NOTICE),
        }
        for one in judged
    ]
    if assessments:
        session.execute(insert(Assessment), assessments)
    findings = [row for of_version in rows.values() for row in of_version]
    if findings:
        session.execute(insert(FindingRow), findings)


def rule_sets(session: Session) -> dict[str, dict[str, str]]:
    """The versions of the rules by which reports were judged, by the digest of the set."""
    return {row[0]: row[1] for row in session.execute(select(RuleSet.digest, RuleSet.versions))}


def put_rule_set(session: Session, digest: str, versions: Mapping[str, str]) -> None:
    """Keeps the versions of the rules under the digest of the set."""
    if session.get(RuleSet, digest) is None:
        session.execute(insert(RuleSet), [{"digest": digest, "versions": dict(versions)}])


def judged_by(session: Session, version_ids: Collection[int], rules_digest: str) -> None:
    """Says of judged versions that these rules say the same of them."""
    for part in chunks(sorted(version_ids)):
        session.execute(
            update(Assessment).where(Assessment.version_id.in_(part)).values(rules_digest=rules_digest),
            execution_options={"synchronize_session": False},
        )


def findings_of(session: Session, version_ids: Collection[int]) -> dict[int, tuple[Finding, ...]]:
    """All that was found in these versions, those of one rule in their order."""
    found: dict[int, list[Finding]] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(FindingRow.version_id, FindingRow.evidence)
            .where(FindingRow.version_id.in_(part))
            .order_by(FindingRow.id)
        )
        for version_id, evidence in session.execute(statement):
            found.setdefault(version_id, []).append(Finding.from_json(evidence))
    return {version_id: tuple(findings) for version_id, findings in found.items()}


def years_named(session: Session, version_ids: Collection[int]) -> dict[int, int | None]:
    """The report year that the document of each of these versions names itself, None where it names none."""
    found: dict[int, int | None] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(ReportVersion.id, ParsedDocument.report_year)
            .join(ParsedDocument, ParsedDocument.sha256 == ReportVersion.sha256)
            .where(ReportVersion.id.in_(part))
        )
        found |= {row[0]: row[1] for row in session.execute(statement)}
    return found


def told_by(session: Session, rule: str, version_ids: Collection[int]) -> dict[int, Finding]:
    """What one rule found in these versions, the first finding of each; nothing for those it found nothing in."""
    found: dict[int, Finding] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(FindingRow.version_id, FindingRow.evidence)
            .where(FindingRow.rule == rule, FindingRow.version_id.in_(part))
            .order_by(FindingRow.id)
        )
        for version_id, evidence in session.execute(statement):
            found.setdefault(version_id, Finding.from_json(evidence))
    return found


Matters = dict[int, tuple[tuple[Matter, ...], dict[str, PrintedCell]]]
_GRAVE = (Severity.ERROR.value, Severity.WARNING.value)


def grave_matters(session: Session, version_ids: Collection[int], decisions: Decisions | None = None) -> Matters:
    """The matters of these versions that weigh as error or warning, and the cells they name.

    Given decisions, as these leave them.
    """
    found = _matters_where(session, FindingRow.matter_severity.in_(_GRAVE), version_ids)
    for version_id, one in decided_versions(session, decisions, version_ids).items():
        found[version_id] = (one.decided.grave, dict(one.cells))
    return {version_id: each for version_id, each in found.items() if each[0]}


def all_matters(session: Session, version_ids: Collection[int]) -> Matters:
    """All matters of versions as judged, notices too, and the cells they name."""
    return _matters_where(session, None, version_ids)


def decided_versions(
    session: Session, decisions: Decisions | None, version_ids: Collection[int]
) -> dict[int, DecidedVersion]:
    """What was decided of the versions that a decision may concern; the others are as they were judged."""
    if not decisions:
        return {}
    whose = _concerned(session, decisions, version_ids)
    return {
        version_id: DecidedVersion(matters, cells, decide(matters, cells, *whose[version_id], decisions))
        for version_id, (matters, cells) in all_matters(session, whose).items()
    }


def said_at(
    session: Session, version_ids: Collection[int], at: datetime, decisions: Decisions
) -> dict[int, DecidedVersion]:
    """What was said of versions at a moment, where something else is said now, as decisions leave it."""
    past = past_judgements.said_at(session, version_ids, at)
    whose = report_keys(session, past)
    found = {}
    for version_id, rows in past.items():
        if version_id not in whose:
            continue
        grouped: dict[str, list[tuple[Any, ...]]] = {}
        for _, matter, severity, _, evidence in rows:
            grouped.setdefault(matter, []).append((version_id, matter, severity, evidence))
        matters, cells = _matters(grouped)
        found[version_id] = DecidedVersion(matters, cells, decide(matters, cells, *whose[version_id], decisions))
    return found


def report_keys(session: Session, version_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Report key and county of versions: the county of the organ where that is settled."""
    found: dict[int, tuple[str, str]] = {}
    for part in chunks(sorted(version_ids)):
        for row in session.execute(_whose().where(ReportVersion.id.in_(part))):
            found[row[0]] = (row[1], row[2])
    return found


def _whose() -> Select[int, str, str]:
    county = func.coalesce(Organ.county_code, ReportVersion.county_code)
    return select(ReportVersion.id, ReportVersion.report_key, county).outerjoin(
        Organ, Organ.code == ReportVersion.organ_code
    )


def _concerned(session: Session, decisions: Decisions, version_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Report key and county of the versions in which a decision may change what weighs as error or warning."""
    found: dict[int, tuple[str, str]] = {}
    switches = decisions.switches
    for part in chunks(sorted(version_ids)):
        for version_id, report_key, county in session.execute(_whose().where(ReportVersion.id.in_(part))):
            if report_key in decisions.dismissals:
                found[version_id] = (report_key, county)
        if not switches:
            continue
        by_rule = (
            _whose()
            .add_columns(FindingRow.rule)
            .join(FindingRow, FindingRow.version_id == ReportVersion.id)
            .where(ReportVersion.id.in_(part), _may_matter(switches))
            .distinct()
        )
        for version_id, report_key, county, rule in session.execute(by_rule):
            if switches.holding(rule, county) is not None:
                found[version_id] = (report_key, county)
    return found


def _may_matter(switches: Switches) -> ColumnElement[bool]:
    """Findings that a switch may take out of the errors and warnings, or bring among them."""
    graver = {
        one.rule
        for one in switches.switches
        if one.setting.severity is not None and one.setting is not Setting.NOTICE
    }
    milder = {one.rule for one in switches.switches} - graver
    return or_(
        FindingRow.rule.in_(sorted(graver)) if graver else false(),
        FindingRow.rule.in_(sorted(milder)) & FindingRow.matter_severity.in_(_GRAVE) if milder else false(),
    )


def _matters_where(
    session: Session, condition: ColumnElement[bool] | None, version_ids: Collection[int]
) -> Matters:
    rows: list[tuple[Any, ...]] = []
    statement = select(
        FindingRow.version_id,
        FindingRow.matter,
        FindingRow.matter_severity,
        FindingRow.evidence,
    ).order_by(FindingRow.id)
    if condition is not None:
        statement = statement.where(condition)
    for part in chunks(sorted(version_ids)):
        narrowed = statement.where(FindingRow.version_id.in_(part))
        rows += [tuple(row) for row in session.execute(narrowed)]
    grouped: dict[int, dict[str, list[tuple[Any, ...]]]] = {}
    for row in rows:
        grouped.setdefault(row[0], {}).setdefault(row[1], []).append(row)
    return {version_id: _matters(matters) for version_id, matters in grouped.items()}


def matters_by_rules(
    session: Session, rules: Collection[str], version_ids: Collection[int], decisions: Decisions | None = None
) -> Matters:
    """The matters of versions that some rules lead, whatever they weigh, and the cells they name.

    Given decisions, as these leave them.
    """
    grouped: dict[int, dict[str, list[tuple[Any, ...]]]] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(FindingRow.version_id, FindingRow.matter, FindingRow.matter_severity, FindingRow.evidence)
            .where(FindingRow.rule.in_(sorted(rules)), FindingRow.leading, FindingRow.version_id.in_(part))
            .order_by(FindingRow.id)
        )
        for row in session.execute(statement):
            grouped.setdefault(row[0], {}).setdefault(row[1], []).append(tuple(row))
    found = {version_id: _matters(matters) for version_id, matters in grouped.items()}
    if not decisions:
        return found
    whose = report_keys(session, found)
    left = {
        version_id: (decide(matters, cells, *whose[version_id], decisions).matters, cells)
        for version_id, (matters, cells) in found.items()
    }
    return {version_id: each for version_id, each in left.items() if each[0]}


def version_facts(session: Session, version_ids: Collection[int]) -> list[VersionFacts]:
    """What is shown of versions, in the order of their ids."""
    found = []
    for part in chunks(sorted(version_ids)):
        statement = (
            select(
                ReportVersion.id,
                ReportVersion.organ_code,
                ReportVersion.report_year,
                ReportVersion.county_code,
                ReportVersion.portal_id,
                ReportVersion.address,
                ReportVersion.sha256,
                ReportVersion.form,
                ReportVersion.published_on,
                ReportVersion.organ_printed,
                ReportVersion.title,
            )
            .where(ReportVersion.id.in_(part))
            .order_by(ReportVersion.id)
        )
        rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
        found += [VersionFacts(*row) for row in rows]
    return found


def _count(judged: JudgedMatters, severity: Severity) -> int:
    return sum(1 for matter in judged.matters if matter.severity is severity)


def _finding_rows(judged: JudgedMatters) -> Iterable[dict[str, Any]]:
    for matter in judged.matters:
        for number, finding in enumerate(matter.findings):
            printed = [judged.cells[key].to_json() for key in finding.cells if key in judged.cells]
            yield {
                "version_id": judged.version_id,
                "rule": finding.rule,
                "severity": finding.severity.value,
                "matter": matter.key,
                "matter_severity": matter.severity.value,
                "leading": number == 0,
                "likely_cause": matter.likely_cause,
                "evidence": {
                    **finding.to_json(),
                    PRINTED: printed,
                    **({CAUSE: matter.cause.to_json()} if matter.cause and number == 0 else {}),
                },
            }


def _matters(grouped: Mapping[str, list[tuple[Any, ...]]]) -> tuple[tuple[Matter, ...], dict[str, PrintedCell]]:
    matters = []
    cells: dict[str, PrintedCell] = {}
    for key, rows in grouped.items():
        findings = tuple(Finding.from_json(row[3]) for row in rows)
        causes = [Cause.from_json(row[3][CAUSE]) for row in rows if CAUSE in row[3]]
        matters.append(Matter(key, Severity(rows[0][2]), findings, causes[0] if causes else None))
        for row in rows:
            for cell in row[3].get(PRINTED, ()):
                cells[cell["key"]] = PrintedCell.from_json(cell)
    return tuple(matters), cells
