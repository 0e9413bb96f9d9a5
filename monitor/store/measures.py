"""How much of what stands in the record: the counts that operators watch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.store import deliveries
from monitor.store.tables import Alert, ReportVersion, Run


@dataclass(frozen=True, slots=True)
class Counts:
    """``runs`` by outcome (those that last have none), ``alerts`` by kind and state, ``deliveries`` by state."""

    runs: Mapping[str | None, int]
    alerts: Mapping[tuple[str, str], int]
    deliveries: Mapping[str, int]
    reports: int
    versions: int


def counts(session: Session) -> Counts:
    """The counts as the record has them now. A report counts once, however many versions it has."""
    versions, reports = session.execute(
        select(func.count(), func.count(ReportVersion.report_key.distinct())).select_from(ReportVersion)
    ).one()
    runs = select(Run.outcome, func.count().label("number")).group_by(Run.outcome)
    alerts = select(Alert.kind, Alert.state, func.count()).group_by(Alert.kind, Alert.state)
    return Counts(
        runs={row.outcome: row.number for row in session.execute(runs)},
        alerts={(kind, state): number for kind, state, number in session.execute(alerts)},
        deliveries=deliveries.count_by_state(session),
        reports=reports,
        versions=versions,
    )
