"""Brings the alerts in line with what is wrong right now.

One alert for each matter, ever. The same input twice changes nothing. What the assessment could not judge is held.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.alerts import outbox
from monitor.alerts.conditions import LEVEL, Condition, Grounds
from monitor.alerts.states import AlertState, Change, Seen, Step, observe
from monitor.settings import ChannelSettings
from monitor.store import alerts as store
from monitor.working_days import WorkingDays

BY = "nianbao"
"""Who stands in the history for steps that no person took."""
_PASSING_EVIDENCE = ("proof", "checked")
"""Evidence that grows with every pass while the matter stays the same: no update."""
_PASSING_VALUES = ("lasting",)
"""The same among the values: that a portal has now failed four times in a row and not three is no other matter."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, check_circular=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ReconcileResult:
    """Numbers of the alerts opened, updated, resolved, reopened; how many were held; how many messages go out."""

    opened: tuple[int, ...] = ()
    updated: tuple[int, ...] = ()
    resolved: tuple[int, ...] = ()
    reopened: tuple[int, ...] = ()
    held: int = 0
    messages: int = 0


def reconcile(
    session: Session,
    conditions: Iterable[Condition],
    as_of: datetime,
    *,
    grounds: Grounds | None = None,
    channels: Sequence[ChannelSettings] = (),
    calendar: WorkingDays | None = None,
) -> ReconcileResult:
    """Opens, updates, resolves and reopens alerts, and puts what people are to be told into the outbox.

    ``grounds`` says what could be judged (None: everything); alerts it does not cover stay as they are.
    ``calendar`` has the working days (None: without the user's year file). All is done in the transaction of
    ``session``, so an alert and what waits to be told of it exist together or not at all.
    """
    present = {condition.identity: condition for condition in conditions}
    seen = {identity: _seen(condition) for identity, condition in present.items()}
    before = store.alert_digests(session)
    # Most alerts stand as they stood: only the others are looked at one by one.
    same = {
        identity
        for identity, now in seen.items()
        if before.get(identity)
        in ((AlertState.OPEN.value, now.digest), (AlertState.ACKNOWLEDGED.value, now.digest))
    }
    known = store.known_alerts(session, [identity for identity in before if identity not in same])
    opened: list[tuple[Condition, Change]] = []
    changed: list[tuple[int, Change, Condition | None]] = []
    held = 0
    for identity, condition in present.items():
        if identity in same:
            continue
        alert = known.get(identity)
        change = observe(alert.life if alert else None, seen[identity], True, as_of)
        if change is not None and alert is None:
            opened.append((condition, change))
        elif change is not None and alert is not None:
            changed.append((alert.id, change, condition))
    for identity, alert in known.items():
        if identity in present:
            continue
        judged = grounds is None or grounds.cover(alert.kind, alert.organ_code, alert.report_year, alert.portal_id)
        change = observe(alert.life, None, judged, as_of)
        if change is not None:
            changed.append((alert.id, change, None))
        held += not judged and alert.life.state is not AlertState.RESOLVED
    new_ids = store.add_alerts(session, [(condition, change.life) for condition, change in opened], as_of)
    store.change_alerts(session, changed, as_of)
    steps = [
        *((alert_id, change) for alert_id, (_, change) in zip(new_ids, opened, strict=True)),
        *((alert_id, change) for alert_id, change, _ in changed),
    ]
    events = store.add_events(session, steps, as_of, BY)
    told = [
        outbox.Told(event, alert_id, change.step)
        for event, (alert_id, change) in zip(events, steps, strict=True)
        if change.told
    ]
    messages = 0
    days = calendar or WorkingDays()
    if told and channels:
        shown = store.alerts_by_id(session, [step.alert_id for step in told])
        messages = outbox.enqueue(session, told, shown, channels, as_of, days)
    if outbox.escalate(session, present.keys(), channels, as_of):
        messages += outbox.compose(session, channels, as_of, days)

    def of(*wanted: Step) -> tuple[int, ...]:
        return tuple(alert_id for alert_id, change in steps if change.step in wanted)

    return ReconcileResult(
        opened=of(Step.OPENED),
        updated=of(Step.UPDATED, Step.WORSENED, Step.REMINDED),
        resolved=of(Step.RESOLVED),
        reopened=of(Step.REOPENED),
        held=held,
        messages=messages,
    )


def _seen(condition: Condition) -> Seen:
    evidence = {name: value for name, value in condition.evidence.items() if name not in _PASSING_EVIDENCE}
    shown = [
        condition.template,
        {name: value for name, value in condition.values.items() if name not in _PASSING_VALUES},
        condition.severity,
        condition.rule,
        condition.substance,
        evidence,
    ]
    digest = hashlib.sha256(_ENCODER.encode(shown).encode()).hexdigest()
    return Seen(condition.severity, digest, condition.substance, condition.values.get(LEVEL, 0))
