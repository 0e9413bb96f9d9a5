"""What is still missing, and the latest whole pass over a column that an assessment knew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from monitor.publication import PublicationState
from monitor.store.database import chunks
from monitor.store.tables import ColumnPassRow, CountyAssessment, StandingRow


def missing_as_of(session: Session, obligations: Iterable[tuple[str, int]]) -> dict[tuple[str, int], datetime]:
    """Those of the obligations (organ code, report year) whose report is missing, with the moment of the
    assessment that says so."""
    found: dict[tuple[str, int], datetime] = {}
    for some in chunks(sorted(set(obligations))):
        statement = (
            select(StandingRow.organ_code, StandingRow.report_year, CountyAssessment.as_of)
            .join(CountyAssessment, CountyAssessment.county_code == StandingRow.county_code)
            .where(
                tuple_(StandingRow.organ_code, StandingRow.report_year).in_(some),
                StandingRow.state == PublicationState.MISSING.value,
            )
        )
        found |= {(row[0], row[1]): row[2] for row in session.execute(statement)}
    return found


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
