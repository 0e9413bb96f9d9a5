"""Lists of the record for other programs, a page at a time: what lies within a scope, after where a page ended.

Every list has an order that nothing changes (codes, years, numbers), so that a page begins after the last key of
the one before it, whatever was added or taken away meanwhile. Of each list one row more than a page is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.store.accounts import within
from monitor.store.alerts import SHOWN, ShownAlert
from monitor.store.database import chunks
from monitor.store.tables import (
    Alert,
    Assessment,
    County,
    CountyAssessment,
    FindingRow,
    Organ,
    ReportVersion,
    Run,
    StandingRow,
)

Key = tuple[Any, ...]
Row = dict[str, Any]

_WHOSE = func.coalesce(Organ.county_code, ReportVersion.county_code)
"""The county of a version: of its organ, or of the portal while the organ is not settled."""


def counties(session: Session, scope: Scope, *, after: Key | None, limit: int) -> list[Row]:
    """Counties in the order of their codes."""
    statement = select(
        County.code, County.name, County.prefecture, County.province, CountyAssessment.as_of.label("assessed_at")
    )
    statement = statement.outerjoin(CountyAssessment, CountyAssessment.county_code == County.code)
    return _rows(session, statement.where(within(scope, County.code)), (County.code,), after, limit)


def organs(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    kind: str | None = None,
    code: str | None = None,
    after: Key | None = None,
    limit: int = 1,
) -> list[Row]:
    """Organs of the register in the order of their codes."""
    statement = select(
        Organ.code,
        Organ.name,
        Organ.kind,
        Organ.county_code,
        County.name.label("county"),
        County.prefecture,
        County.province,
        Organ.valid_from,
        Organ.valid_to,
        Organ.aliases,
        Organ.listed_by_county,
    ).join(County, County.code == Organ.county_code)
    statement = statement.where(within(scope, Organ.county_code), *_equal({Organ.county_code: county}))
    return _rows(
        session, statement.where(*_equal({Organ.kind: kind, Organ.code: code})), (Organ.code,), after, limit
    )


def obligations(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    organ: str | None = None,
    year: int | None = None,
    state: str | None = None,
    after: Key | None,
    limit: int,
) -> list[Row]:
    """How obligations stood at the last assessment, in the order of counties, years and organs."""
    statement = (
        select(
            StandingRow.organ_code,
            Organ.name.label("organ"),
            Organ.kind,
            StandingRow.county_code,
            StandingRow.report_year,
            StandingRow.state,
            StandingRow.due_on.label("due"),
            StandingRow.due_rule,
            StandingRow.published_on,
            StandingRow.published_from,
            StandingRow.first_seen_at,
            StandingRow.days_late,
            StandingRow.address.label("url"),
            StandingRow.version_id.label("report_id"),
            StandingRow.errors,
            StandingRow.warnings,
            StandingRow.flags,
            StandingRow.reason,
            CountyAssessment.as_of.label("assessed_at"),
        )
        .join(Organ, Organ.code == StandingRow.organ_code)
        .join(CountyAssessment, CountyAssessment.county_code == StandingRow.county_code)
        .where(
            within(scope, StandingRow.county_code),
            *_equal(
                {
                    StandingRow.county_code: county,
                    StandingRow.organ_code: organ,
                    StandingRow.report_year: year,
                    StandingRow.state: state,
                }
            ),
        )
    )
    order = (StandingRow.county_code, StandingRow.report_year, StandingRow.organ_code)
    return _rows(session, statement, order, after, limit)


def reports(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    organ: str | None = None,
    year: int | None = None,
    stands: bool | None = None,
    ids: Collection[int] | None = None,
    after: Key | None = None,
    limit: int = 1,
) -> list[Row]:
    """Versions of reports in the order of their numbers, without their documents; ``ids``: of these alone."""
    standing = (StandingRow.version_id == ReportVersion.id).label("stands")
    statement = (
        select(
            ReportVersion.id,
            ReportVersion.organ_code,
            Organ.name.label("organ"),
            ReportVersion.organ_printed,
            _WHOSE.label("county_code"),
            ReportVersion.report_year,
            ReportVersion.title,
            ReportVersion.form,
            ReportVersion.published_on,
            ReportVersion.published_from,
            ReportVersion.first_seen_at,
            ReportVersion.portal_id,
            ReportVersion.column_id,
            ReportVersion.address.label("url"),
            ReportVersion.sha256,
            func.coalesce(standing, False).label("stands"),
            Assessment.errors,
            Assessment.warnings,
            Assessment.notices,
        )
        .outerjoin(Organ, Organ.code == ReportVersion.organ_code)
        .outerjoin(Assessment, Assessment.version_id == ReportVersion.id)
        .outerjoin(
            StandingRow,
            and_(
                StandingRow.organ_code == ReportVersion.organ_code,
                StandingRow.report_year == ReportVersion.report_year,
            ),
        )
        .where(*_equal({ReportVersion.organ_code: organ, ReportVersion.report_year: year}))
    )
    if county is not None or not scope.everything:
        statement = statement.where(ReportVersion.id.in_(_versions_of(scope, county)))
    if stands is not None:
        others = or_(StandingRow.version_id.is_(None), StandingRow.version_id != ReportVersion.id)
        statement = statement.where(StandingRow.version_id == ReportVersion.id if stands else others)
    if ids is not None:
        statement = statement.where(ReportVersion.id.in_(sorted(ids)))
    return [
        {**row, "stands": bool(row["stands"])}
        for row in _rows(session, statement, (ReportVersion.id,), after, limit)
    ]


def found_in(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    organ: str | None = None,
    year: int | None = None,
    rule: str | None = None,
    after: Key | None,
    limit: int,
) -> list[Row]:
    """Which finding is in which of the reports that stand, in the order of counties, years, organs and numbers."""
    statement = (
        select(
            StandingRow.county_code,
            StandingRow.report_year,
            StandingRow.organ_code,
            FindingRow.id,
            FindingRow.version_id,
        )
        .join(FindingRow, FindingRow.version_id == StandingRow.version_id)
        .where(
            within(scope, StandingRow.county_code),
            *_equal(
                {
                    StandingRow.county_code: county,
                    StandingRow.organ_code: organ,
                    StandingRow.report_year: year,
                    FindingRow.rule: rule,
                }
            ),
        )
    )
    order = (StandingRow.county_code, StandingRow.report_year, StandingRow.organ_code, FindingRow.id)
    return _rows(session, statement, order, after, limit)


def finding_ids(session: Session, version_ids: Collection[int]) -> dict[int, list[int]]:
    """The numbers of all findings of some versions, matter by matter as they were kept."""
    statement = select(FindingRow.version_id, FindingRow.matter, FindingRow.id).order_by(FindingRow.id)
    found: dict[int, dict[str, list[int]]] = {}
    for part in chunks(sorted(version_ids)):
        for version_id, matter, number in session.execute(statement.where(FindingRow.version_id.in_(part))):
            found.setdefault(version_id, {}).setdefault(matter, []).append(number)
    return {key: [number for some in matters.values() for number in some] for key, matters in found.items()}


def alerts(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    organ: str | None = None,
    year: int | None = None,
    state: str | None = None,
    kind: str | None = None,
    severity: str | None = None,
    audiences: Collection[str],
    updated_since: datetime | None = None,
    ids: Collection[int] | None = None,
    after: Key | None = None,
    limit: int = 1,
) -> list[ShownAlert]:
    """Alerts, the newest number first."""
    wanted = {
        Alert.county_code: county,
        Alert.organ_code: organ,
        Alert.report_year: year,
        Alert.state: state,
        Alert.kind: kind,
        Alert.severity: severity,
    }
    statement = SHOWN.where(
        within(scope, Alert.county_code), Alert.audience.in_(sorted(audiences)), *_equal(wanted)
    )
    if updated_since is not None:
        statement = statement.where(Alert.updated_at >= updated_since)
    if ids is not None:
        statement = statement.where(Alert.id.in_(sorted(ids)))
    if after is not None:
        statement = statement.where(Alert.id < after[0])
    return [ShownAlert(*row) for row in session.execute(statement.order_by(Alert.id.desc()).limit(limit))]


def latest_alerts(session: Session, county: str, audiences: Collection[str], limit: int) -> list[ShownAlert]:
    """The alerts of a county, what changed last first."""
    statement = SHOWN.where(Alert.county_code == county, Alert.audience.in_(sorted(audiences))).order_by(
        Alert.updated_at.desc(), Alert.id.desc()
    )
    return [ShownAlert(*row) for row in session.execute(statement.limit(limit))]


def runs(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    portal: str | None = None,
    outcome: str | None = None,
    after: Key | None,
    limit: int,
) -> list[Row]:
    """Crawl runs, the newest first: their ids begin with the moment of their start."""
    statement = select(
        Run.id,
        Run.portal_id,
        Run.county_code,
        Run.started_at,
        Run.finished_at,
        Run.full,
        Run.outcome,
        Run.problem,
        Run.counts,
    ).where(
        within(scope, Run.county_code),
        *_equal({Run.county_code: county, Run.portal_id: portal, Run.outcome: outcome}),
    )
    if after is not None:
        statement = statement.where(Run.id < after[0])
    return _named(session, statement.order_by(Run.id.desc()).limit(limit))


def standing_documents(
    session: Session,
    scope: Scope,
    *,
    county: str | None = None,
    year: int | None = None,
    after: Key | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    """County, year, organ, version and document of reports that stand, in this order."""
    statement = (
        select(
            StandingRow.county_code,
            StandingRow.report_year,
            StandingRow.organ_code,
            ReportVersion.id,
            ReportVersion.document,
        )
        .join(ReportVersion, ReportVersion.id == StandingRow.version_id)
        .where(
            within(scope, StandingRow.county_code),
            *_equal({StandingRow.county_code: county, StandingRow.report_year: year}),
        )
    )
    order = (StandingRow.county_code, StandingRow.report_year, StandingRow.organ_code)
    return [tuple(row) for row in session.execute(_after(statement, order, after).limit(limit))]


def _versions_of(scope: Scope, county: str | None) -> Any:
    """The numbers of versions of a county or a scope: of its organs, and those unsettled of its portals.

    Asked for apart, both go by an index, and a county's reports are not looked for among all.
    """
    organs = select(Organ.code).where(within(scope, Organ.county_code), *_equal({Organ.county_code: county}))
    unsettled = select(ReportVersion.id).where(
        ReportVersion.organ_code.is_(None),
        within(scope, ReportVersion.county_code),
        *_equal({ReportVersion.county_code: county}),
    )
    return select(ReportVersion.id).where(ReportVersion.organ_code.in_(organs)).union_all(unsettled)


def _equal(wanted: Mapping[Any, Any]) -> list[ColumnElement[bool]]:
    """That columns have the values that are given."""
    return [column == value for column, value in wanted.items() if value is not None]


def _after(statement: Any, order: Sequence[Any], after: Key | None) -> Any:
    if after is not None:
        begins = order[0] > after[0] if len(order) == 1 else tuple_(*order) > tuple_(*after)
        statement = statement.where(begins)
    return statement.order_by(*order)


def _rows(session: Session, statement: Any, order: Sequence[Any], after: Key | None, limit: int) -> list[Row]:
    return _named(session, _after(statement, order, after).limit(limit))


def _named(session: Session, statement: Any) -> list[Row]:
    return [dict(row._mapping) for row in session.execute(statement)]
