"""When each stage of the main job last ended well."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.store.tables import StageSuccess


def record(session: Session, stage: str, at: datetime) -> None:
    """The stage has ended well."""
    known = session.connection().execute(update(StageSuccess).where(StageSuccess.stage == stage).values(at=at))
    if known.rowcount == 0:
        session.execute(insert(StageSuccess).values(stage=stage, at=at))


def successes(session: Session) -> dict[str, datetime]:
    """The last good end of every stage that ever had one."""
    return {row.stage: row.at for row in session.execute(select(StageSuccess.stage, StageSuccess.at))}
