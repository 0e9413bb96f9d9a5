"""Which captures bear on an obligation: those of the report's addresses, and of the lists it was looked for in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crawler.records import Capture, CaptureRole
from monitor.store.database import chunks
from monitor.store.tables import CaptureRow, ColumnPassRow, ReportVersion, Run, Sighting


@dataclass(frozen=True, slots=True)
class KeptCapture:
    """A capture as the database knows it; ``id`` is its number there, ``portal_id`` and ``run_id`` whose it is."""

    id: int
    portal_id: str
    run_id: str
    capture: Capture

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from all others, in every database over the same archive."""
        return self.run_id, self.capture.sequence


@dataclass(frozen=True, slots=True)
class Stood:
    """Where and when a version of a report stood."""

    version_id: int
    portal_id: str
    column_id: str | None
    address: str
    parent_address: str | None
    role: str
    sha256: str
    first_seen_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Passed:
    """One pass over a column."""

    run_id: str
    portal_id: str
    column_id: str
    at: datetime
    ended_at: datetime | None
    whole: bool
    outcome: str


_COLUMNS: tuple[Any, ...] = (
    CaptureRow.id,
    CaptureRow.portal_id,
    CaptureRow.run_id,
    CaptureRow.sequence,
    CaptureRow.role,
    CaptureRow.address,
    CaptureRow.final_address,
    CaptureRow.fetched_at,
    CaptureRow.status,
    CaptureRow.sha256,
    CaptureRow.size,
    CaptureRow.media_type,
    CaptureRow.headers,
    CaptureRow.column_id,
    CaptureRow.parent_address,
    CaptureRow.problem,
)


_STOOD: Any = select(
    Sighting.version_id,
    Sighting.portal_id,
    Sighting.column_id,
    Sighting.address,
    Sighting.parent_address,
    Sighting.role,
    Sighting.sha256,
    Sighting.first_seen_at,
    Sighting.gone_at,
).order_by(Sighting.first_seen_at, Sighting.id)


def where_it_stood(session: Session, organ_code: str, report_year: int) -> list[Stood]:
    """All places and times at which the report of an obligation was seen, oldest first."""
    statement = _STOOD.join(ReportVersion, ReportVersion.id == Sighting.version_id).where(
        ReportVersion.organ_code == organ_code, ReportVersion.report_year == report_year
    )
    return [Stood(*_plain(row)) for row in session.execute(statement)]


def where_a_version_stood(session: Session, version_id: int) -> list[Stood]:
    """The same of one version, also of one that is nobody's yet."""
    statement = _STOOD.where(Sighting.version_id == version_id)
    return [Stood(*_plain(row)) for row in session.execute(statement)]


def documents_at(session: Session, portal_id: str, addresses: Collection[str]) -> list[KeptCapture]:
    """All captures of these addresses and of what hangs on them, oldest first."""
    found: list[KeptCapture] = []
    for part in chunks(sorted(addresses)):
        found += _captures(
            session,
            CaptureRow.portal_id == portal_id,
            CaptureRow.role != CaptureRole.LIST.value,
            or_(
                CaptureRow.address.in_(part),
                (CaptureRow.parent_address.in_(part)) & (CaptureRow.role == CaptureRole.ATTACHMENT.value),
            ),
        )
    return found


def lists_of(session: Session, portal_id: str, column_id: str, run_ids: Collection[str]) -> list[KeptCapture]:
    """The captures of a column's list in some runs, in their order."""
    found: list[KeptCapture] = []
    for part in chunks(sorted(run_ids)):
        found += _captures(
            session,
            CaptureRow.portal_id == portal_id,
            CaptureRow.column_id == column_id,
            CaptureRow.role == CaptureRole.LIST.value,
            CaptureRow.run_id.in_(part),
        )
    return found


def originals_of(session: Session, unchanged: Iterable[KeptCapture]) -> list[KeptCapture]:
    """For captures that were answered by "not modified", those which brought the bodies that are still good."""
    found = []
    for one in unchanged:
        found += _captures(
            session,
            CaptureRow.portal_id == one.portal_id,
            CaptureRow.address == one.capture.address,
            CaptureRow.sha256 == one.capture.sha256,
            CaptureRow.status != 304,
            CaptureRow.fetched_at <= one.capture.fetched_at,
            newest=True,
        )
    return list({one.key: one for one in found}.values())


def passes_over(session: Session, columns: Collection[tuple[str, str]], as_of: datetime) -> list[Passed]:
    """All finished passes over some columns by ``as_of``, oldest first."""
    found = []
    for portal_id, column_id in sorted(columns):
        statement = (
            select(
                ColumnPassRow.run_id,
                ColumnPassRow.portal_id,
                ColumnPassRow.column_id,
                ColumnPassRow.at,
                ColumnPassRow.ended_at,
                ColumnPassRow.whole,
                ColumnPassRow.outcome,
            )
            .where(
                ColumnPassRow.portal_id == portal_id,
                ColumnPassRow.column_id == column_id,
                ColumnPassRow.at <= as_of,
            )
            .order_by(ColumnPassRow.at, ColumnPassRow.id)
        )
        found += [Passed(*_plain(row)) for row in session.execute(statement)]
    return found


def capture_with_id(session: Session, capture_id: int) -> KeptCapture | None:
    """A capture by its number."""
    return next(iter(_captures(session, CaptureRow.id == capture_id)), None)


def county_of_capture(session: Session, capture_id: int) -> str | None:
    """The county for whose portal a capture was made; None where there is no such capture."""
    statement = select(Run.county_code).join(CaptureRow, CaptureRow.run_id == Run.id)
    return session.scalar(statement.where(CaptureRow.id == capture_id))


def capture_of_bytes(session: Session, portal_id: str, address: str, sha256: str) -> KeptCapture | None:
    """The first capture that brought these bytes from an address; None where the record has none."""
    statement = (
        select(*_COLUMNS)
        .where(CaptureRow.portal_id == portal_id, CaptureRow.address == address, CaptureRow.sha256 == sha256)
        .order_by(CaptureRow.fetched_at, CaptureRow.id)
        .limit(1)
    )
    return next((_kept(row) for row in session.execute(statement)), None)


def captures_with_digest(session: Session, beginning: str) -> list[KeptCapture]:
    """Captures whose digest begins so, oldest first."""
    return _captures(session, CaptureRow.sha256.startswith(beginning, autoescape=True))


def captures_in_order(
    session: Session, *, portal_id: str | None = None, address: str | None = None, most: int
) -> list[KeptCapture]:
    """The newest captures of a portal or an address, the newest first."""
    conditions: list[Any] = []
    if portal_id is not None:
        conditions.append(CaptureRow.portal_id == portal_id)
    if address is not None:
        conditions.append(CaptureRow.address == address)
    statement = select(*_COLUMNS).where(*conditions).order_by(CaptureRow.fetched_at.desc(), CaptureRow.id.desc())
    return [_kept(row) for row in session.execute(statement.limit(most))]


def _captures(session: Session, *conditions: Any, newest: bool = False) -> list[KeptCapture]:
    statement = select(*_COLUMNS).where(*conditions)
    if newest:
        statement = statement.order_by(CaptureRow.fetched_at.desc(), CaptureRow.id.desc()).limit(1)
    else:
        statement = statement.order_by(CaptureRow.fetched_at, CaptureRow.id)
    return [_kept(row) for row in session.execute(statement)]


def _kept(row: Any) -> KeptCapture:
    values = _plain(row)
    return KeptCapture(values[0], values[1], values[2], Capture(values[3], CaptureRole(values[4]), *values[5:]))


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(row)
