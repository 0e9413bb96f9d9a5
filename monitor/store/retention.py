"""What stands in the record beyond its time, and taking it away. What must stay: see monitor.retention."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crawler.records import CaptureRole
from monitor.alerts.states import AlertState
from monitor.store.database import chunks
from monitor.store.deliveries import DeliveryState
from monitor.store.tables import (
    Alert,
    CaptureRow,
    ColumnPassRow,
    Delivery,
    KeptPart,
    KeptReport,
    Obligation,
    Organ,
    Page,
    PastObligation,
    ReportVersion,
    Run,
    Sighting,
    WaitingStep,
)

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@dataclass(frozen=True, slots=True)
class PassRow:
    """One pass over a column."""

    column_id: str
    run_id: str
    at: datetime
    whole: bool


@dataclass(frozen=True, slots=True)
class SeenRow:
    """When a document of a portal came, was seen last and went."""

    column_id: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    gone_at: datetime | None


def portals_crawled(session: Session) -> list[tuple[str, tuple[str, ...]]]:
    """All portals that were ever crawled, with the counties they were crawled for."""
    found: dict[str, set[str]] = {}
    for portal_id, county in session.execute(select(Run.portal_id, Run.county_code).distinct()):
        found.setdefault(portal_id, set()).add(county)
    return [(portal_id, tuple(sorted(found[portal_id]))) for portal_id in sorted(found)]


def passes_of(session: Session, portal_id: str) -> list[PassRow]:
    """All passes over the columns of a portal."""
    row = ColumnPassRow
    query = select(row.column_id, row.run_id, row.at, row.whole).where(row.portal_id == portal_id)
    return [PassRow(*one) for one in session.execute(query)]


def seen_at(session: Session, portal_id: str) -> list[SeenRow]:
    """What was seen at a portal, and when."""
    row = Sighting
    query = select(row.column_id, row.first_seen_at, row.last_seen_at, row.gone_at)
    return [SeenRow(*one) for one in session.execute(query.where(row.portal_id == portal_id))]


def counties_seen(session: Session, portal_id: str) -> set[str]:
    """The counties whose reports were seen at a portal."""
    query = (
        select(Organ.county_code)
        .join(ReportVersion, ReportVersion.organ_code == Organ.code)
        .join(Sighting, Sighting.version_id == ReportVersion.id)
        .where(Sighting.portal_id == portal_id)
        .distinct()
    )
    return set(session.scalars(query))


def first_sights(session: Session, counties: Collection[str]) -> list[tuple[date, datetime]]:
    """Due day and first sight of every report of these counties, wherever it stands."""
    query = (
        select(Obligation.due_on, Obligation.local_on, func.min(Sighting.first_seen_at))
        .join(Organ, Organ.code == Obligation.organ_code)
        .join(
            ReportVersion,
            and_(
                ReportVersion.organ_code == Obligation.organ_code,
                ReportVersion.report_year == Obligation.report_year,
            ),
        )
        .join(Sighting, Sighting.version_id == ReportVersion.id)
        .where(Organ.county_code.in_(sorted(counties)))
        .group_by(Obligation.organ_code, Obligation.report_year, Obligation.due_on, Obligation.local_on)
    )
    return [(min(filter(None, (due, local))), seen) for due, local, seen in session.execute(query)]


def due_days(session: Session) -> set[date]:
    """All days on which any report is or was due."""
    found: set[date] = set()
    for table in (Obligation, PastObligation):
        for row in session.execute(select(table.due_on, table.local_on).distinct()):
            found |= {day for day in row if day is not None}
    return found


def old_lists(session: Session, portal_id: str, before: datetime) -> list[tuple[str, str, str]]:
    """Captures of list pages of a portal from before a moment: column, run, digest."""
    query = select(CaptureRow.column_id, CaptureRow.run_id, CaptureRow.sha256).where(
        CaptureRow.portal_id == portal_id,
        CaptureRow.role == CaptureRole.LIST.value,
        CaptureRow.fetched_at < before,
        CaptureRow.column_id.is_not(None),
        CaptureRow.sha256.is_not(None),
    )
    return [(str(column), run, str(digest)) for column, run, digest in session.execute(query)]


def digests_kept(
    session: Session, portal_id: str, doomed_runs: Collection[tuple[str, str]], digests: Collection[str]
) -> set[str]:
    """Those of ``digests`` that anything else holds on to.

    That is every capture but those of the lists of ``doomed_runs`` (column and run of this portal), what an
    address shows now, and what was ever read as a document.
    """
    kept: set[str] = set()
    doomed = set(doomed_runs)
    for part in chunks(sorted(digests)):
        for column in (Page.sha256, Sighting.sha256, ReportVersion.sha256):
            kept |= set(session.scalars(select(column).where(column.in_(part))))
        query = select(
            CaptureRow.portal_id, CaptureRow.role, CaptureRow.column_id, CaptureRow.run_id, CaptureRow.sha256
        ).where(CaptureRow.sha256.in_(part))
        for portal, role, column_id, run_id, digest in session.execute(query):
            if portal != portal_id or role != CaptureRole.LIST.value or (column_id, run_id) not in doomed:
                kept.add(str(digest))
    return kept


def digests_in_open_alerts(session: Session) -> set[str]:
    """The digests that alerts name which are not resolved."""
    query = select(Alert.evidence).where(Alert.state != AlertState.RESOLVED.value)
    return {found for evidence in session.scalars(query) for found in _DIGEST.findall(json.dumps(evidence))}


def quiet_runs(session: Session, before: datetime) -> list[tuple[str, str]]:
    """Portal and id of runs that ended before a moment and fetched nothing but list pages, or nothing new."""
    fetched = exists().where(
        CaptureRow.run_id == Run.id,
        CaptureRow.role != CaptureRole.LIST.value,
        or_(CaptureRow.status.is_(None), CaptureRow.status != 304),
    )
    query = select(Run.portal_id, Run.id).where(Run.finished_at < before, ~fetched)
    return [(row.portal_id, row.id) for row in session.execute(query)]


def forget_completeness(session: Session, before: datetime) -> int:
    """Takes away kept completeness reports of before a moment, but the last of each county, year and language."""
    later = aliased(KeptReport)
    same = and_(
        later.county_code == KeptReport.county_code,
        later.report_year == KeptReport.report_year,
        later.language == KeptReport.language,
        later.second > KeptReport.second,
    )
    old = list(session.scalars(select(KeptReport.id).where(KeptReport.second < before, exists().where(same))))
    for part in chunks(old):
        _delete(session, KeptReport, KeptReport.id.in_(part))
    if old:
        used = {digest for parts in session.scalars(select(KeptReport.parts)) for digest in parts}
        unused = set(session.scalars(select(KeptPart.sha256))) - used
        for digests in chunks(sorted(unused)):
            _delete(session, KeptPart, KeptPart.sha256.in_(digests))
    return len(old)


def forget_messages(session: Session, before: datetime) -> int:
    """Takes away messages that were sent or given up before a moment, but those about unresolved alerts.

    That an alert's step was told stays known: it is kept with the step.
    """
    open_still = exists().where(
        WaitingStep.message_id == Delivery.id,
        Alert.id == WaitingStep.alert_id,
        Alert.state != AlertState.RESOLVED.value,
    )
    over = and_(
        Delivery.state != DeliveryState.PENDING.value,
        Delivery.created_at < before,
        or_(Delivery.sent_at.is_(None), Delivery.sent_at < before),
    )
    old = list(session.scalars(select(Delivery.id).where(over, ~open_still)))
    for part in chunks(old):
        _delete(session, Delivery, Delivery.id.in_(part))
    return len(old)


def _delete(session: Session, table: type[KeptReport | KeptPart | Delivery], which: ColumnElement[bool]) -> None:
    session.execute(delete(table).where(which), execution_options={"synchronize_session": False})
