"""What the record knows of the matters of alerts: how obligations stand, what was done, read and seen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.tables import (
    AlertEvent,
    ColumnPassRow,
    CountyAssessment,
    ReportVersion,
    Run,
    Sighting,
    StandingRow,
)


@dataclass(frozen=True, slots=True)
class LastStep:
    """When something was last done with an alert, by whom, and what was noted."""

    at: datetime
    by: str
    note: str | None


def last_steps(session: Session, alert_ids: Collection[int], what: str) -> dict[int, LastStep]:
    """The last step of a kind in the history of each of these alerts, as far as there is one."""
    found: dict[int, LastStep] = {}
    for some in chunks(sorted(alert_ids)):
        statement = (
            select(AlertEvent.alert_id, AlertEvent.at, AlertEvent.by, AlertEvent.note)
            .where(AlertEvent.alert_id.in_(some), AlertEvent.what == what)
            .order_by(AlertEvent.id)
        )
        found |= {row[0]: LastStep(row[1], row[2], row[3]) for row in session.execute(statement)}
    return found


@dataclass(frozen=True, slots=True)
class Now:
    """How an obligation stood at its last assessment, which was ``as_of``; the fields are those of a standing."""

    state: str
    address: str | None
    first_seen_at: datetime | None
    version_id: int | None
    flags: tuple[str, ...]
    as_of: datetime


def standings(session: Session, obligations: Collection[tuple[str, int]]) -> dict[tuple[str, int], Now]:
    """How these obligations (organ code, report year) stood at their last assessment."""
    found: dict[tuple[str, int], Now] = {}
    for some in chunks(sorted(set(obligations))):
        statement = (
            select(
                StandingRow.organ_code,
                StandingRow.report_year,
                StandingRow.state,
                StandingRow.address,
                StandingRow.first_seen_at,
                StandingRow.version_id,
                StandingRow.flags,
                CountyAssessment.as_of,
            )
            .join(CountyAssessment, CountyAssessment.county_code == StandingRow.county_code)
            .where(tuple_(StandingRow.organ_code, StandingRow.report_year).in_(some))
        )
        for row in session.execute(statement):
            found[row[0], row[1]] = Now(row[2], row[3], row[4], row[5], tuple(row[6]), row[7])
    return found


def first_seen(session: Session, version_ids: Collection[int]) -> dict[int, datetime]:
    """When versions of reports were first seen."""
    found: dict[int, datetime] = {}
    for some in chunks(sorted(set(version_ids))):
        statement = (
            select(Sighting.version_id, func.min(Sighting.first_seen_at))
            .where(Sighting.version_id.in_(some))
            .group_by(Sighting.version_id)
        )
        found |= {row[0]: row[1] for row in session.execute(statement) if row[0] is not None}
    return found


def found_at(
    session: Session, obligations: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[datetime, str]]:
    """When and at which address a report was first seen for each of these obligations, as far as one was."""
    found: dict[tuple[str, int], tuple[datetime, str]] = {}
    for some in chunks(sorted(set(obligations))):
        statement = (
            select(ReportVersion.organ_code, ReportVersion.report_year, Sighting.first_seen_at, Sighting.address)
            .join(ReportVersion, ReportVersion.id == Sighting.version_id)
            .where(tuple_(ReportVersion.organ_code, ReportVersion.report_year).in_(some))
            .order_by(Sighting.first_seen_at, Sighting.id)
        )
        for code, year, at, address in session.execute(statement):
            if code is not None and year is not None:
                found.setdefault((code, year), (at, address))
    return found


def last_run(
    session: Session, portal_id: str, outcomes: Collection[str], since: datetime, by: datetime
) -> tuple[datetime, str] | None:
    """End and outcome of the last run of a portal with one of these outcomes that ended between two moments."""
    statement = (
        select(Run.finished_at, Run.outcome)
        .where(
            Run.portal_id == portal_id,
            Run.finished_at > since,
            Run.finished_at <= by,
            Run.outcome.in_(sorted(outcomes)),
        )
        .order_by(Run.started_at.desc(), Run.id.desc())
        .limit(1)
    )
    row = session.execute(statement).first()
    return (row[0], row[1]) if row and row[0] and row[1] else None


def latest_whole(session: Session, portal_id: str, column_id: str, by: datetime) -> datetime | None:
    """When the last whole pass over a column began that had ended by a moment; None where there was none."""
    statement = (
        select(ColumnPassRow.at)
        .where(
            ColumnPassRow.portal_id == portal_id,
            ColumnPassRow.column_id == column_id,
            ColumnPassRow.whole,
            ColumnPassRow.ended_at <= by,
        )
        .order_by(ColumnPassRow.at.desc())
        .limit(1)
    )
    return session.scalars(statement).first()
