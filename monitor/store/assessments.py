"""How versions were judged, in the database: assessments and findings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from monitor.alerts.conditions import PrintedCell
from monitor.rules.base import Cause, Finding, Matter, Severity
from monitor.store.database import chunks
from monitor.store.tables import Assessment, CountyAssessment, FindingRow, ReportVersion
from monitor.store.versions import forget_assessments

PRINTED = "printed"
"""Under this name the evidence of a finding keeps the cells it names, as they stand in the report."""
CAUSE = "cause"
"""Under this name the evidence of the leading finding keeps what is likely wrong behind its matter."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an assessment rests on: the version of the year before, the rules, and all else that they were given.

    ``register_digest`` is over the county's register and the organ's further reports: those of earlier years and
    those that stand beside the version.
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


def counts(session: Session, version_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Number of matters that weigh as errors and as warnings, by version, of these as far as they were judged."""
    found: dict[int, tuple[int, int]] = {}
    for part in chunks(sorted(version_ids)):
        statement = select(Assessment.version_id, Assessment.errors, Assessment.warnings).where(
            Assessment.version_id.in_(part)
        )
        found |= {row[0]: (row[1], row[2]) for row in session.execute(statement)}
    return found


def judged_of(session: Session, version_ids: Collection[int]) -> set[int]:
    """Those of some versions that were ever judged."""
    found: set[int] = set()
    for part in chunks(sorted(version_ids)):
        found |= set(session.scalars(select(Assessment.version_id).where(Assessment.version_id.in_(part))))
    return found


def put_judgements(session: Session, judged: Sequence[JudgedMatters], at: datetime) -> None:
    """Keeps judgements, replacing earlier ones of the same versions."""
    forget_assessments(session, [one.version_id for one in judged])
    assessments = [
        {
            "version_id": one.version_id,
            "previous_version_id": one.grounds.previous_version_id,
            "rules_digest": one.grounds.rules_digest,
            "register_digest": one.grounds.register_digest,
            "assessed_at": at,
            "errors": _count(one, Severity.ERROR),
            "warnings": _count(one, Severity.WARNING),
            "notices": _count(one, Severity.NOTICE),
        }
        for one in judged
    ]
    if assessments:
        session.execute(insert(Assessment), assessments)
    findings = [row for one in judged for row in _finding_rows(one)]
    if findings:
        session.execute(insert(FindingRow), findings)


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


def grave_matters(
    session: Session, version_ids: Collection[int]
) -> dict[int, tuple[tuple[Matter, ...], dict[str, PrintedCell]]]:
    """The matters of these versions that weigh as error or warning, and the cells they name."""
    rows: list[tuple[Any, ...]] = []
    for part in chunks(sorted(version_ids)):
        statement = (
            select(FindingRow.version_id, FindingRow.matter, FindingRow.matter_severity, FindingRow.evidence)
            .where(
                FindingRow.version_id.in_(part),
                FindingRow.matter_severity.in_((Severity.ERROR.value, Severity.WARNING.value)),
            )
            .order_by(FindingRow.id)
        )
        rows += [tuple(row) for row in session.execute(statement)]
    grouped: dict[int, dict[str, list[tuple[Any, ...]]]] = {}
    for row in rows:
        grouped.setdefault(row[0], {}).setdefault(row[1], []).append(row)
    return {version_id: _matters(matters) for version_id, matters in grouped.items()}


def matters_by_rules(
    session: Session, rules: Collection[str], version_ids: Collection[int]
) -> dict[int, tuple[tuple[Matter, ...], dict[str, PrintedCell]]]:
    """The matters of versions that some rules lead, whatever they weigh, and the cells they name."""
    grouped: dict[int, dict[str, list[tuple[Any, ...]]]] = {}
    for part in chunks(sorted(version_ids)):
        statement = (
            select(FindingRow.version_id, FindingRow.matter, FindingRow.matter_severity, FindingRow.evidence)
            .where(FindingRow.rule.in_(sorted(rules)), FindingRow.leading, FindingRow.version_id.in_(part))
            .order_by(FindingRow.id)
        )
        for row in session.execute(statement):
            grouped.setdefault(row[0], {}).setdefault(row[1], []).append(tuple(row))
    return {version_id: _matters(matters) for version_id, matters in grouped.items()}


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
