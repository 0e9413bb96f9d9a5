"""Trial passes and discoveries in the database: see :class:`monitor.trials.Trial`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.store.accounts import within
from monitor.store.tables import TrialRow


def add(
    session: Session, kind: str, subject: str, county_code: str, portal_id: str | None, by: str, at: datetime
) -> int:
    """Keeps that a trial was asked for; gives its id."""
    row = TrialRow(
        kind=kind,
        subject=subject,
        county_code=county_code,
        portal_id=portal_id,
        asked_by=by,
        asked_at=at,
        lines={},
    )
    session.add(row)
    session.flush()
    return row.id


def trial(session: Session, trial_id: int) -> TrialRow | None:
    """The trial of an id."""
    return session.get(TrialRow, trial_id)


def finish(
    session: Session,
    trial_id: int,
    at: datetime,
    *,
    works: bool,
    lines: Mapping[str, Sequence[str]],
    portal_id: str | None = None,
    definition: str | None = None,
) -> None:
    """Keeps what a trial found, unless it has come to its end before."""
    told = {language: list(some) for language, some in lines.items()}
    values: dict[str, Any] = {"finished_at": at, "works": works, "lines": told}
    if definition is not None:
        values |= {"portal_id": portal_id, "definition": definition}
    session.execute(
        update(TrialRow).where(TrialRow.id == trial_id, TrialRow.finished_at.is_(None)).values(**values)
    )


def written(session: Session, trial_id: int, at: datetime) -> None:
    """Keeps that the definition was written."""
    session.execute(update(TrialRow).where(TrialRow.id == trial_id).values(written_at=at))


def going_on(session: Session, since: datetime) -> int:
    """How many trials that were asked for since a moment have not come to their end."""
    statement = select(func.count()).where(TrialRow.finished_at.is_(None), TrialRow.asked_at > since)
    return session.scalar(statement) or 0


def latest(
    session: Session, scope: Scope, kind: str, *, subject: str | None = None, limit: int = 20
) -> list[TrialRow]:
    """The latest trials of a kind within a scope, of one subject where it is named."""
    statement = (
        select(TrialRow)
        .where(TrialRow.kind == kind, within(scope, TrialRow.county_code))
        .order_by(TrialRow.id.desc())
        .limit(limit)
    )
    if subject is not None:
        statement = statement.where(TrialRow.subject == subject)
    return list(session.scalars(statement))
