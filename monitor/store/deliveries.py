"""The outbox in the database: what is to be told, to which channel, and how the attempts went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from monitor.store.database import chunks
from monitor.store.tables import Delivery, MailThread


class DeliveryState(StrEnum):
    """How far a message got."""

    PENDING = "pending"
    SENT = "sent"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Message:
    """One message for one channel, as it enters the outbox."""

    id: str
    dedup: str
    channel: str
    type: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """One message taken up for an attempt: ``attempts`` counts this one, ``again_at`` is when the next is due.

    ``give_up_at``: an attempt that fails then or later is the last.
    """

    id: str
    channel: str
    type: str
    payload: dict[str, Any]
    attempts: int
    again_at: datetime
    created_at: datetime
    give_up_at: datetime


def add_messages(session: Session, messages: Sequence[Message], at: datetime) -> None:
    """Puts messages into the outbox, due at once."""
    if messages:
        rows = [
            {
                "id": message.id,
                "dedup": message.dedup,
                "channel": message.channel,
                "type": message.type,
                "payload": dict(message.payload),
                "state": DeliveryState.PENDING.value,
                "attempts": 0,
                "next_attempt_at": at,
                "created_at": at,
            }
            for message in messages
        ]
        session.execute(insert(Delivery), rows)


def due_ids(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Id and channel of every message that is due at ``now``, oldest first."""
    statement = select(
        Delivery.id, Delivery.channel, Delivery.created_at, Delivery.next_attempt_at, Delivery.dedup
    ).where(Delivery.state == DeliveryState.PENDING.value, Delivery.next_attempt_at <= now)
    # Sorted here: how a database orders text depends on where it was set up.
    return [(row[0], row[1]) for row in sorted(session.execute(statement), key=lambda row: tuple(row[2:]))]


def claim(
    session: Session,
    delivery_id: str,
    now: datetime,
    pause_after: Callable[[int], timedelta],
    give_up_after: timedelta,
) -> ClaimedMessage | None:
    """Counts an attempt and puts the next one off by ``pause_after(attempts)``, before anything is sent.

    A process that dies while sending leaves the message due again at that time, the last time ``give_up_after``
    the first attempt. None where another process was faster or the message is not due any more.
    """
    row = session.get(Delivery, delivery_id)
    if row is None or row.state != DeliveryState.PENDING.value or row.next_attempt_at > now:
        return None
    attempts = row.attempts + 1
    give_up_at = row.give_up_at or now + give_up_after
    again_at = now + pause_after(attempts)
    if now < give_up_at < again_at:
        again_at = give_up_at
    message = ClaimedMessage(
        row.id, row.channel, row.type, row.payload, attempts, again_at, row.created_at, give_up_at
    )
    claimed = session.connection().execute(
        update(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.state == DeliveryState.PENDING.value,
            Delivery.attempts == row.attempts,
            Delivery.next_attempt_at == row.next_attempt_at,
        )
        .values(attempts=attempts, next_attempt_at=again_at, give_up_at=give_up_at)
    )
    return message if claimed.rowcount == 1 else None


def hold(session: Session, delivery_id: str, now: datetime, until: datetime) -> None:
    """Puts a message that is due off to ``until``; the time to try it again is as long as before."""
    row = session.get(Delivery, delivery_id)
    if row is None or row.state != DeliveryState.PENDING.value or row.next_attempt_at > now:
        return
    session.connection().execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.next_attempt_at == row.next_attempt_at)
        .values(next_attempt_at=until, give_up_at=row.give_up_at and row.give_up_at + (until - now))
    )


def mark_sent(session: Session, delivery_id: str, at: datetime) -> None:
    """The receiver has taken the message."""
    session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=DeliveryState.SENT.value, sent_at=at, last_error=None)
    )


def mark_failed(
    session: Session,
    delivery_id: str,
    error: str,
    *,
    give_up: bool,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """The attempt failed, with the reason in one line; ``payload`` where part of it need not be sent again."""
    values: dict[str, Any] = {"last_error": error}
    if give_up:
        values["state"] = DeliveryState.GIVEN_UP.value
    if payload is not None:
        values["payload"] = dict(payload)
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**values))


def count_by_state(session: Session) -> dict[str, int]:
    """How many messages are pending, sent and given up."""
    counted = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    counts = {state.value: 0 for state in DeliveryState}
    return counts | {row[0]: row[1] for row in counted}


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What has not been delivered: how many wait, when the first of them is due, and how many were given up."""

    pending: int
    next_at: datetime | None
    given_up: int


def outstanding(session: Session) -> Outstanding:
    """What has not been delivered, of all messages there are."""
    counts = count_by_state(session)
    waiting = select(func.min(Delivery.next_attempt_at)).where(Delivery.state == DeliveryState.PENDING.value)
    return Outstanding(
        counts[DeliveryState.PENDING.value], session.scalar(waiting), counts[DeliveryState.GIVEN_UP.value]
    )


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Messages of one channel that nobody got: how many, since when the first, and one of the reasons."""

    channel: str
    number: int
    since: datetime
    problem: str | None


def pending_since_before(session: Session, moment: datetime) -> list[Undelivered]:
    """Messages that failed and are older than ``moment``, or were due before it and never tried, by channel.

    What is held for quiet hours or a rest day is neither.
    """
    failed = and_(Delivery.created_at < moment, Delivery.attempts > 0)
    return _undelivered(session, DeliveryState.PENDING, or_(failed, Delivery.next_attempt_at < moment))


def given_up_since(session: Session, moment: datetime) -> list[Undelivered]:
    """Messages no older than ``moment`` that were given up, by channel."""
    return _undelivered(session, DeliveryState.GIVEN_UP, Delivery.created_at >= moment)


def _undelivered(session: Session, state: DeliveryState, age: ColumnElement[bool]) -> list[Undelivered]:
    statement = (
        select(Delivery.channel, func.count(), func.min(Delivery.created_at), func.max(Delivery.last_error))
        .where(Delivery.state == state.value, age)
        .group_by(Delivery.channel)
        .order_by(Delivery.channel)
    )
    return [Undelivered(*row) for row in session.execute(statement)]


def begin_again(session: Session, at: datetime) -> int:
    """Makes every message that was given up due at ``at``, with all its attempts before it; gives their number."""
    begun = session.connection().execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.GIVEN_UP.value)
        .values(state=DeliveryState.PENDING.value, attempts=0, next_attempt_at=at, give_up_at=None)
    )
    return begun.rowcount


def openings(session: Session, channel: str, alert_ids: Sequence[int]) -> dict[int, str]:
    """The Message-ID of the first mail to a channel about each of these alerts, as far as there was one."""
    found: dict[int, str] = {}
    for some in chunks(alert_ids):
        statement = select(MailThread.alert_id, MailThread.message_id).where(
            MailThread.channel == channel, MailThread.alert_id.in_(some)
        )
        found |= {row.alert_id: row.message_id for row in session.execute(statement)}
    return found


def remember_opening(
    session: Session, channel: str, alert_ids: Sequence[int], message_id: str, at: datetime
) -> None:
    """From now on this mail is the first one to the channel about these alerts."""
    if alert_ids:
        rows = [
            {"channel": channel, "alert_id": alert_id, "message_id": message_id, "at": at}
            for alert_id in alert_ids
        ]
        session.execute(insert(MailThread), rows)
