"""Completeness reports as they were made, in the database: what was told once can be told again, byte for byte."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import zstandard
from sqlalchemy import ColumnElement, delete, exists, insert, select
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.engines import insert_into
from monitor.store.tables import Assessment, KeptPart, KeptReport, Run

_LEVEL = 9


@dataclass(frozen=True, slots=True)
class ReportKey:
    """Which report: of which county (None: all), year, moment (to the second), in which language, since when."""

    county_code: str | None
    report_year: int
    as_of: datetime
    language: str
    since: datetime | None

    @property
    def second(self) -> datetime:
        """The moment to the second, as it is printed."""
        return self.as_of.replace(microsecond=0)


def put(session: Session, key: ReportKey, parts: Sequence[bytes]) -> None:
    """Keeps a report, replacing one of the same second. Parts that are kept already are not kept twice."""
    digests = [hashlib.sha256(part).hexdigest() for part in parts]
    known: set[str] = set()
    for some in chunks(sorted(set(digests))):
        known |= set(session.scalars(select(KeptPart.sha256).where(KeptPart.sha256.in_(some))))
    compressor = zstandard.ZstdCompressor(level=_LEVEL)
    new = {digest: part for digest, part in zip(digests, parts, strict=True) if digest not in known}
    if new:
        table: Any = KeptPart.__table__
        # Who makes the same report at the same moment keeps the same part.
        session.connection().execute(
            insert_into(session, table).on_conflict_do_nothing(),
            [{"sha256": digest, "document": compressor.compress(part)} for digest, part in sorted(new.items())],
        )
    session.execute(delete(KeptReport).where(*_is(key)), execution_options={"synchronize_session": False})
    session.execute(
        insert(KeptReport),
        [
            {
                "county_code": key.county_code or "",
                "report_year": key.report_year,
                "second": key.second,
                "as_of": key.as_of,
                "language": key.language,
                "since": key.since,
                "parts": digests,
            }
        ],
    )


def get(session: Session, key: ReportKey) -> tuple[datetime, list[bytes]] | None:
    """The exact moment and the parts of a report as it was made then; None where none was."""
    row = session.execute(select(KeptReport.as_of, KeptReport.parts).where(*_is(key))).first()
    if row is None:
        return None
    found: dict[str, bytes] = {}
    decompressor = zstandard.ZstdDecompressor()
    for some in chunks(sorted(set(row[1]))):
        for part in session.execute(select(KeptPart.sha256, KeptPart.document).where(KeptPart.sha256.in_(some))):
            found[part[0]] = decompressor.decompress(part[1])
    return row[0], [found[digest] for digest in row[1]]


def record_goes_on(session: Session, after: datetime) -> bool:
    """Whether anything was fetched or judged after a moment: what is told of it now is told in hindsight."""
    later = after + timedelta(seconds=1)
    fetched = exists().where(Run.started_at >= later)
    judged = exists().where(Assessment.assessed_at >= later)
    return bool(session.scalar(select(fetched | judged)))


def _is(key: ReportKey) -> tuple[ColumnElement[bool], ...]:
    return (
        KeptReport.county_code == (key.county_code or ""),
        KeptReport.report_year == key.report_year,
        KeptReport.second == key.second,
        KeptReport.language == key.language,
        KeptReport.since.is_(None) if key.since is None else KeptReport.since == key.since,
    )
