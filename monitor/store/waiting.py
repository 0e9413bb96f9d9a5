"""Steps of alerts that wait to be told to a channel: written with the step, taken once, by one message."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from monitor.alerts.states import BY, AlertState, Step
from monitor.store.database import chunks
from monitor.store.deliveries import DeliveryState
from monitor.store.tables import Alert, AlertEvent, Delivery, WaitingStep


@dataclass(frozen=True, slots=True)
class NewWaiting:
    """A step to be told to a channel; ``event`` is its number in the history."""

    event: int
    channel: str
    alert_id: int
    step: Step
    severity: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The same as it stands in the database, when it happened, and how the alert stands now.

    ``note`` says why, where nobody's own words do: what staff decided of the matter, for example.
    """

    id: int
    channel: str
    alert_id: int
    step: Step
    severity: str
    at: datetime
    state: AlertState
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An unresolved alert that nobody muted: since when it has been open, and the event that opened it."""

    alert_id: int
    identity: str
    event: int
    since: datetime


def add(session: Session, steps: Sequence[NewWaiting], at: datetime) -> None:
    """Writes down that these channels are to be told of these steps, which happened at ``at``."""
    if steps:
        rows = [
            {
                "event_id": step.event,
                "channel": step.channel,
                "alert_id": step.alert_id,
                "what": step.step.value,
                "severity": step.severity,
                "at": at,
            }
            for step in steps
        ]
        session.execute(insert(WaitingStep), rows)


def waiting(session: Session) -> list[Waiting]:
    """Every step that still waits, in the order in which they happened."""
    statement = (
        select(WaitingStep, Alert.state, AlertEvent.note)
        .join(Alert, Alert.id == WaitingStep.alert_id)
        .outerjoin(AlertEvent, (AlertEvent.id == WaitingStep.event_id) & (AlertEvent.by == BY))
        .where(WaitingStep.taken_at.is_(None))
        .order_by(WaitingStep.id)
        .execution_options(populate_existing=True)
    )
    return [
        Waiting(row.id, row.channel, row.alert_id, Step(row.what), row.severity, row.at, AlertState(state), note)
        for row, state, note in session.execute(statement)
    ]


def take(session: Session, messages: Mapping[int, str | None], at: datetime) -> set[int]:
    """Takes waiting steps by number, each for a message (None: left out); gives those that were really taken.

    A step that another process took in the meantime is not among them, and must not be told again.
    """
    if not messages:
        return set()
    table = WaitingStep.__table__
    statement = (
        update(WaitingStep)
        .where(table.c.id == bindparam("step"), table.c.taken_at.is_(None))
        .values(taken_at=bindparam("now"), message_id=bindparam("message"))
    )
    rows = [{"step": each, "now": at, "message": messages[each]} for each in sorted(messages)]
    changed = session.connection().execute(statement, rows)
    if changed.rowcount == len(rows):
        return set(messages)
    mine: set[int] = set()
    for some in chunks(sorted(messages)):
        found = session.execute(select(WaitingStep.id, WaitingStep.message_id).where(WaitingStep.id.in_(some)))
        mine |= {row.id for row in found if row.message_id is not None and row.message_id == messages[row.id]}
    return mine


def drop(session: Session, channels: Collection[str], alert_ids: Collection[int], at: datetime) -> None:
    """What waits for these channels of these alerts is told to nobody any more."""
    for some in chunks(sorted(alert_ids)):
        session.execute(
            update(WaitingStep)
            .where(
                WaitingStep.channel.in_(channels), WaitingStep.alert_id.in_(some), WaitingStep.taken_at.is_(None)
            )
            .values(taken_at=at)
        )


def undelivered(session: Session) -> list[tuple[str, str, int]]:
    """Message, channel and alert of what is in messages that are not delivered yet, the oldest first."""
    statement = (
        select(WaitingStep.message_id, WaitingStep.channel, WaitingStep.alert_id)
        .join(Delivery, Delivery.id == WaitingStep.message_id)
        .where(Delivery.state == DeliveryState.PENDING.value)
        .order_by(WaitingStep.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement) if row[0] is not None]


@dataclass(frozen=True, slots=True)
class Telling:
    """What became of telling one channel of one step of an alert.

    ``taken_at`` None: it waits for its time. ``message`` False: it was left out (over, or muted, before that).
    ``delivery``: how far the message got, None where that is not kept any more.
    """

    step: Step
    channel: str
    at: datetime
    taken_at: datetime | None
    message: bool
    delivery: DeliveryState | None
    sent_at: datetime | None
    attempts: int
    again_at: datetime | None


def tellings(session: Session, alert_id: int) -> list[Telling]:
    """Everything that was told of an alert, or is going to be, in the order in which it happened."""
    statement = (
        select(WaitingStep, Delivery.state, Delivery.sent_at, Delivery.attempts, Delivery.next_attempt_at)
        .outerjoin(Delivery, Delivery.id == WaitingStep.message_id)
        .where(WaitingStep.alert_id == alert_id)
        .order_by(WaitingStep.id)
    )
    return [
        Telling(
            Step(row.what),
            row.channel,
            row.at,
            row.taken_at,
            row.message_id is not None,
            DeliveryState(state) if state else None,
            sent_at,
            attempts or 0,
            again_at,
        )
        for row, state, sent_at, attempts, again_at in session.execute(statement)
    ]


def last_told(
    session: Session, channel: str, alert_ids: Collection[int], *, taken_only: bool = False
) -> dict[int, Step]:
    """The last step of each of these alerts that the channel was told of or is going to be.

    ``taken_only``: leave out what it is going to be told of.
    """
    told = WaitingStep.message_id.is_not(None)
    found: dict[int, Step] = {}
    for some in chunks(sorted(alert_ids)):
        statement = (
            select(WaitingStep.alert_id, WaitingStep.what)
            .where(
                WaitingStep.channel == channel,
                WaitingStep.alert_id.in_(some),
                told if taken_only else told | WaitingStep.taken_at.is_(None),
            )
            .order_by(WaitingStep.id)
        )
        found |= {row.alert_id: Step(row.what) for row in session.execute(statement)}
    return found


def standing_unescalated(session: Session, channel: str) -> list[Standing]:
    """Alerts that are open or taken up, of which the channel has not been told since they were (re)opened."""
    begun = (Step.OPENED.value, Step.REOPENED.value)
    opening = (
        select(AlertEvent.alert_id, func.max(AlertEvent.id).label("event"))
        .where(AlertEvent.what.in_(begun))
        .group_by(AlertEvent.alert_id)
        .subquery()
    )
    told = (
        select(WaitingStep.id)
        .where(WaitingStep.event_id == AlertEvent.id, WaitingStep.channel == channel)
        .correlate(AlertEvent)
        .exists()
    )
    statement = (
        select(Alert.id, Alert.identity, AlertEvent.id.label("event"), AlertEvent.at)
        .join(opening, opening.c.alert_id == Alert.id)
        .join(AlertEvent, AlertEvent.id == opening.c.event)
        .where(Alert.state.in_((AlertState.OPEN.value, AlertState.ACKNOWLEDGED.value)), ~told)
        .order_by(Alert.id)
    )
    return [Standing(row.id, row.identity, row.event, row.at) for row in session.execute(statement)]
