"""What the record holds of portals one by one: their last runs, the passes over their columns, what a run fetched.

Everything here is asked by portal or by run, through an index: a page over a thousand portals costs as many steps
as there are portals, however many runs there were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, column, func, select, values
from sqlalchemy.orm import Session

from crawler.records import CaptureRole, Outcome
from monitor.store.database import chunks
from monitor.store.tables import CaptureRow, ColumnPassRow, Run

_WHOLE = [outcome.value for outcome in Outcome if outcome.whole]


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a portal; ``outcome`` None while it lasts, ``problem`` as the crawler words it."""

    id: str
    portal_id: str
    started_at: datetime
    finished_at: datetime | None
    full: bool
    outcome: Outcome | None
    problem: str | None
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LastRuns:
    """The last run of a portal that has ended, and the last of these that was whole."""

    last: RunRecord
    last_whole: RunRecord | None


@dataclass(frozen=True, slots=True)
class PassRecord:
    """How one column fared in one run. ``declared``: how many entries the page says there are, None: nothing."""

    run_id: str
    column_id: str
    at: datetime
    outcome: Outcome
    whole: bool
    pages: int
    entries: int
    declared: int | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class CaptureRecord:
    """One fetched document of a run."""

    id: int
    sequence: int
    role: CaptureRole
    address: str
    fetched_at: datetime
    status: int | None
    sha256: str | None
    size: int
    media_type: str | None
    column_id: str | None
    problem: str | None


_RUN = (Run.id, Run.portal_id, Run.started_at, Run.finished_at, Run.full, Run.outcome, Run.problem, Run.counts)
_PASS = (
    ColumnPassRow.run_id,
    ColumnPassRow.column_id,
    ColumnPassRow.at,
    ColumnPassRow.outcome,
    ColumnPassRow.whole,
    ColumnPassRow.pages,
    ColumnPassRow.entries,
    ColumnPassRow.declared,
    ColumnPassRow.problem,
)
_CAPTURE: tuple[Any, ...] = tuple(getattr(CaptureRow, name) for name in CaptureRecord.__slots__)


def last_runs_of(session: Session, portal_ids: Sequence[str]) -> dict[str, LastRuns]:
    """The last runs of some portals; those never crawled are left out."""
    found: dict[str, tuple[str, str | None]] = {}
    for part in chunks(portal_ids):
        wanted = values(column("id", String), name="wanted").data([(one,) for one in part]).cte("wanted")
        ended = (
            select(Run.id)
            .where(Run.portal_id == wanted.c.id, Run.finished_at.is_not(None))
            .order_by(Run.started_at.desc())
            .limit(1)
            .correlate(wanted)
        )
        statement = select(
            wanted.c.id, ended.scalar_subquery(), ended.where(Run.outcome.in_(_WHOLE)).scalar_subquery()
        )
        found |= {row[0]: (row[1], row[2]) for row in session.execute(statement) if row[1] is not None}
    ids = {run_id for pair in found.values() for run_id in pair if run_id}
    runs = {
        one.id: one
        for part in chunks(sorted(ids))
        for one in map(_run, session.execute(select(*_RUN).where(Run.id.in_(part))))
    }
    return {
        portal_id: LastRuns(runs[last], runs[whole] if whole else None)
        for portal_id, (last, whole) in found.items()
    }


def failing_since(session: Session, portal_id: str, whole_at: datetime | None) -> int:
    """How many runs of a portal have ended since its last whole one began (None: ever)."""
    statement = select(func.count()).where(Run.portal_id == portal_id, Run.finished_at.is_not(None))
    if whole_at is not None:
        statement = statement.where(Run.started_at > whole_at)
    return session.scalar(statement) or 0


def runs_of(
    session: Session, portal_id: str, *, before: datetime | None = None, limit: int = 30
) -> list[RunRecord]:
    """The runs of a portal that began before a moment, the latest first."""
    statement = select(*_RUN).where(Run.portal_id == portal_id).order_by(Run.started_at.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Run.started_at < before)
    return [_run(row) for row in session.execute(statement)]


def run_with(session: Session, run_id: str) -> RunRecord | None:
    """The run of an id."""
    row = session.execute(select(*_RUN).where(Run.id == run_id)).first()
    return None if row is None else _run(row)


def last_passes(
    session: Session, portal_id: str, column_ids: Sequence[str]
) -> dict[str, tuple[PassRecord, PassRecord | None]]:
    """By column the last pass over it in a run that has ended, and the last that was whole."""
    found = {}
    for column_id in column_ids:
        statement = (
            select(*_PASS)
            .where(
                ColumnPassRow.portal_id == portal_id,
                ColumnPassRow.column_id == column_id,
                ColumnPassRow.ended_at.is_not(None),
            )
            .order_by(ColumnPassRow.at.desc())
            .limit(1)
        )
        last = session.execute(statement).first()
        if last is not None:
            whole = session.execute(statement.where(ColumnPassRow.whole)).first()
            found[column_id] = (_pass(last), _pass(whole) if whole else None)
    return found


def passes_of(session: Session, run_id: str) -> list[PassRecord]:
    """The passes over columns in a run, in their order."""
    statement = select(*_PASS).where(ColumnPassRow.run_id == run_id).order_by(ColumnPassRow.sequence)
    return [_pass(row) for row in session.execute(statement)]


def captures_of(session: Session, run_id: str, *, after: int = -1, limit: int = 50) -> list[CaptureRecord]:
    """What a run fetched, in its order, behind a sequence number."""
    statement = (
        select(*_CAPTURE)
        .where(CaptureRow.run_id == run_id, CaptureRow.sequence > after)
        .order_by(CaptureRow.sequence)
        .limit(limit)
    )
    return [CaptureRecord(row[0], row[1], CaptureRole(row[2]), *row[3:]) for row in session.execute(statement)]


def _run(row: Any) -> RunRecord:
    run_id, portal_id, started_at, finished_at, full, outcome, problem, counts = row
    ended = Outcome(outcome) if outcome else None
    return RunRecord(run_id, portal_id, started_at, finished_at, full, ended, problem, counts)


def _pass(row: Any) -> PassRecord:
    run_id, column_id, at, outcome, *rest = row
    return PassRecord(run_id, column_id, at, Outcome(outcome), *rest)
