"""The evidence of alerts with what is known by now: the latest pass without a missing report, and what is gone.

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
from monitor.alerts.details import GONE, LATEST
from monitor.publication import PublicationState
from monitor.store import matters
from monitor.store.alerts import ShownAlert


def evidence_now(session: Session, shown: Iterable[ShownAlert]) -> dict[int, Mapping[str, Any]]:
    """The evidence of alerts, by number.

    What is missing still has :data:`LATEST` in each column that was looked at. Only a pass that the last
    assessment knew is named, and only where that came to the same: what was seen since may be the report.
    Of a report that was taken down :data:`GONE` is set: its address leads nowhere.
    """
    alerts = [one.alert for one in shown]
    found: dict[int, Mapping[str, Any]] = {alert.id: alert.evidence for alert in alerts}
    owed = {
        alert.id: (alert.organ_code, alert.report_year)
        for alert in alerts
        if alert.organ_code is not None and alert.report_year is not None
    }
    standings = matters.standings(session, owed.values())

    @cache
    def latest(portal_id: str, column_id: str, by: datetime) -> datetime | None:
        return matters.latest_whole(session, portal_id, column_id, by)

    for alert in alerts:
        now = standings.get(owed[alert.id]) if alert.id in owed else None
        if now is None:
            continue
        if "removed" in now.flags:
            found[alert.id] = {**alert.evidence, GONE: True}
        elif (alert.kind, now.state) == (AlertKind.MISSING, PublicationState.MISSING):
            looked_at = [
                _with(one, latest(one.get("portal_id", ""), one.get("column_id", ""), now.as_of))
                for one in alert.evidence.get("looked_at") or ()
            ]
            found[alert.id] = {**alert.evidence, "looked_at": looked_at}
    return found


def _with(looked_at: Mapping[str, Any], latest: datetime | None) -> Mapping[str, Any]:
    if latest is None:
        return looked_at
    return {**looked_at, LATEST: latest.astimezone(SHANGHAI).isoformat()}
