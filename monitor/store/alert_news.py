"""What became of alerts since a moment, in the database: for who comes back and asks what is new."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.alerts.states import AlertState, Step
from monitor.store.accounts import within
from monitor.store.alerts import ShownAlert, alerts_by_id
from monitor.store.tables import Alert, AlertEvent


@dataclass(frozen=True, slots=True)
class NewsCount:
    """So many alerts of a county (None: of none), audience and kind that came since, or are over since."""

    county_code: str | None
    audience: str
    kind: str
    over: bool
    number: int


def counts_since(session: Session, since: datetime, scope: Scope, audiences: Collection[str]) -> list[NewsCount]:
    """How many alerts were opened or reopened after a moment and still stand, and how many ended after it."""
    over = Alert.state == AlertState.RESOLVED.value
    changed = _changed(since).subquery()
    group = (Alert.county_code, Alert.audience, Alert.kind, over)
    statement = (
        select(*group, func.count())
        .join(changed, changed.c.alert_id == Alert.id)
        .where(within(scope, Alert.county_code), Alert.audience.in_(sorted(audiences)))
        .group_by(*group)
    )
    return [NewsCount(row[0], row[1], row[2], bool(row[3]), row[4]) for row in session.execute(statement)]


def newest_since(
    session: Session, since: datetime, scope: Scope, audiences: Collection[str], limit: int
) -> list[ShownAlert]:
    """The alerts that are counted in :func:`counts_since`, the last change first."""
    changed = _changed(since).subquery()
    statement = (
        select(Alert.id)
        .join(changed, changed.c.alert_id == Alert.id)
        .where(within(scope, Alert.county_code), Alert.audience.in_(sorted(audiences)))
        .order_by(changed.c.event_id.desc())
        .limit(limit)
    )
    ids = list(session.scalars(statement))
    shown = alerts_by_id(session, ids)
    return [shown[one] for one in ids]


def _changed(since: datetime) -> Select[int, int]:
    """The alerts that were opened, reopened or resolved after a moment, with the last such event."""
    steps = (Step.OPENED.value, Step.REOPENED.value, Step.RESOLVED.value)
    return (
        select(AlertEvent.alert_id.label("alert_id"), func.max(AlertEvent.id).label("event_id"))
        .where(AlertEvent.at > since, AlertEvent.what.in_(steps))
        .group_by(AlertEvent.alert_id)
    )
