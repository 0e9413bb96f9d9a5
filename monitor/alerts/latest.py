"""The evidence of a missing report with the latest pass that was without it too.

An alert keeps the passes that proved it: they stay what they are, or each day's pass would be a change of the
alert. The latest one is looked up when the alert is shown or told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from crawler.clock import SHANGHAI
from monitor.alerts.conditions import AlertKind
from monitor.alerts.details import LATEST
from monitor.alerts.states import AlertState
from monitor.store import latest_passes
from monitor.store.alerts import ShownAlert


def evidence_now(session: Session, alerts: Iterable[ShownAlert]) -> dict[int, Mapping[str, Any]]:
    """The evidence of alerts, by number.

    What is missing still has :data:`LATEST` in each column that was looked at. Only a pass that the last
    assessment knew is named, and only where that came to the same: what was seen since may be the report.
    """
    found: dict[int, Mapping[str, Any]] = {}
    open_ones: dict[int, tuple[str, int]] = {}
    for one in alerts:
        alert = one.alert
        found[alert.id] = alert.evidence
        holds = alert.kind == AlertKind.MISSING and alert.state != AlertState.RESOLVED
        if holds and alert.organ_code is not None and alert.report_year is not None:
            open_ones[alert.id] = (alert.organ_code, alert.report_year)
    missing = latest_passes.missing_as_of(session, open_ones.values())

    @cache
    def latest(portal_id: str, column_id: str, by: datetime) -> datetime | None:
        return latest_passes.latest_whole(session, portal_id, column_id, by)

    for alert_id, obligation in open_ones.items():
        if (as_of := missing.get(obligation)) is not None:
            looked_at = [
                _with(one, latest(one.get("portal_id", ""), one.get("column_id", ""), as_of))
                for one in found[alert_id].get("looked_at") or ()
            ]
            found[alert_id] = {**found[alert_id], "looked_at": looked_at}
    return found


def _with(looked_at: Mapping[str, Any], latest: datetime | None) -> Mapping[str, Any]:
    if latest is None:
        return looked_at
    return {**looked_at, LATEST: latest.astimezone(SHANGHAI).isoformat()}
