"""Which archive of captures the record belongs to."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crawler.records import CaptureRole
from monitor.store.tables import ArchiveMark, CaptureRow

_SAMPLE = 5
_ONE = 1


def identity(session: Session) -> str | None:
    """The identity of its archive; None where it never met one."""
    return session.scalar(select(ArchiveMark.identity))


def claim(session: Session, wanted: str) -> str:
    """Notes the identity of the archive where none is known; gives what is known then."""
    known = identity(session)
    if known is None:
        session.execute(insert(ArchiveMark).values(id=_ONE, identity=wanted))
    return known or wanted


def newest_bodies(session: Session) -> list[str]:
    """The digests of the last documents that were captured: those an archive of this record surely has."""
    return list(
        session.scalars(
            select(CaptureRow.sha256)
            .where(CaptureRow.sha256.is_not(None), CaptureRow.role == CaptureRole.DOCUMENT.value)
            .order_by(CaptureRow.id.desc())
            .limit(_SAMPLE)
        )
    )
