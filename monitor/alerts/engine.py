"""Brings the alerts in line with what is wrong right now.

One alert for each matter, ever. The same input twice changes nothing. What the assessment could not judge is held.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from monitor.alerts import outbox
from monitor.alerts.conditions import LEVEL, Condition, Grounds
from monitor.alerts.states import BY, AlertState, Change, Seen, Step, observe
from monitor.settings import ChannelSettings
from monitor.store import alerts as store
from monitor.store.alerts import EVERY_ALERT, Among
from monitor.working_days import WorkingDays

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


@dataclass(frozen=True, slots=True)
class Steps:
    """What happened to some alerts, as written into their history, and the identities of those that were held."""

    taken: tuple[tuple[int, int, Change], ...] = ()
    held: tuple[str, ...] = ()


def reconcile(
    session: Session,
    conditions: Iterable[Condition],
    as_of: datetime,
    *,
    grounds: Grounds | None = None,
    channels: Sequence[ChannelSettings] = (),
    calendar: WorkingDays | None = None,
    notes: Mapping[str, str] | None = None,
) -> ReconcileResult:
    """Opens, updates, resolves and reopens alerts, and puts what people are to be told into the outbox.

    ``grounds`` says what could be judged (None: everything); alerts it does not cover stay as they are.
    ``calendar`` has the working days (None: without the user's year file). All is done in the transaction of
    ``session``, so an alert and what waits to be told of it exist together or not at all.

    ``notes`` say by identity what staff decided of a matter: they go into its history and to whoever is told. A
    matter that is absent and has a note was withdrawn by decision, which does not mean that it is over.
    """
    steps = bring_in_line(session, conditions, as_of, grounds=grounds, notes=notes)
    return tell(session, [steps], steps.held, as_of, channels, calendar)


def bring_in_line(
    session: Session,
    conditions: Iterable[Condition],
    as_of: datetime,
    *,
    grounds: Grounds | None = None,
    among: Among = EVERY_ALERT,
    notes: Mapping[str, str] | None = None,
) -> Steps:
    """The same without telling anybody: :func:`tell` must follow in the same transaction.

    ``among``: the alerts of which ``conditions`` are all that holds; others are not looked at.
    """
    present = {condition.identity: condition for condition in conditions}
    seen = {identity: _seen(condition) for identity, condition in present.items()}
    before = store.unsettled_alerts(session, among)
    # Most alerts stand as they stood: only the others are looked at one by one.
    same = {
        identity
        for identity, now in seen.items()
        if before.get(identity)
        in (
            (AlertState.OPEN.value, now.digest, present[identity].county_code),
            (AlertState.ACKNOWLEDGED.value, now.digest, present[identity].county_code),
        )
    }
    known = store.known_alerts(session, (present.keys() | before.keys()) - same)
    opened: list[tuple[Condition, Change]] = []
    changed: list[tuple[int, Change, Condition | None]] = []
    moved: dict[int, str | None] = {}
    said = notes or {}
    held: list[str] = []
    for identity, condition in present.items():
        if identity in same:
            continue
        alert = known.get(identity)
        change = _noted(observe(alert.life if alert else None, seen[identity], True, as_of), said.get(identity))
        if change is not None and alert is None:
            opened.append((condition, change))
        elif change is not None and alert is not None:
            changed.append((alert.id, change, condition))
        elif alert is not None and alert.county_code != condition.county_code:
            moved[alert.id] = condition.county_code
    for identity, alert in known.items():
        if identity in present or (identity in said and alert.life.state is AlertState.RESOLVED):
            continue
        judged = grounds is None or grounds.cover(alert.kind, alert.organ_code, alert.report_year, alert.portal_id)
        change = _noted(observe(alert.life, None, judged, as_of), said.get(identity))
        if change is not None:
            changed.append((alert.id, change, None))
        if not judged and alert.life.state is not AlertState.RESOLVED:
            held.append(identity)
    store.move_alerts(session, moved)
    new_ids = store.add_alerts(session, [(condition, change.life) for condition, change in opened], as_of)
    store.change_alerts(session, changed, as_of)
    steps = [
        *((alert_id, change) for alert_id, (_, change) in zip(new_ids, opened, strict=True)),
        *((alert_id, change) for alert_id, change, _ in changed),
    ]
    events = store.add_events(session, steps, as_of, BY)
    taken = tuple((event, *step) for event, step in zip(events, steps, strict=True))
    return Steps(taken, tuple(held))


def tell(
    session: Session,
    parts: Iterable[Steps],
    held: Collection[str],
    as_of: datetime,
    channels: Sequence[ChannelSettings] = (),
    calendar: WorkingDays | None = None,
) -> ReconcileResult:
    """Puts what people are to be told of all these steps into the outbox, and sums the steps up.

    ``held`` are all alerts of which nobody knows whether their matter still holds: they are told to nobody again.
    """
    steps = [step for part in parts for step in part.taken]
    told = [outbox.Told(event, alert_id, change.step) for event, alert_id, change in steps if change.told]
    messages = 0
    days = calendar or WorkingDays()
    if told and channels:
        shown = store.alerts_by_id(session, [step.alert_id for step in told])
        messages = outbox.enqueue(session, told, shown, channels, as_of, days)
    if outbox.escalate(session, held, channels, as_of):
        messages += outbox.compose(session, channels, as_of, days)

    def of(*wanted: Step) -> tuple[int, ...]:
        return tuple(alert_id for _, alert_id, change in steps if change.step in wanted)

    return ReconcileResult(
        opened=of(Step.OPENED),
        updated=of(Step.UPDATED, Step.WORSENED, Step.REMINDED),
        resolved=of(Step.RESOLVED),
        reopened=of(Step.REOPENED),
        held=len(held),
        messages=messages,
    )


def _noted(change: Change | None, note: str | None) -> Change | None:
    """The step with what staff decided, which says more of it than any other note."""
    return change if change is None or note is None else replace(change, note=note)


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
