"""Where messages go: the destinations of the settings, and the users who took the digest of a county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy.orm import Session

from monitor.accounts.users import WrongMail, checked_mail
from monitor.settings import ChannelSettings, Settings
from monitor.store import subscriptions as store
from monitor.store.tables import SubscriptionRow

Schedule = Literal["daily", "weekly"]
SCHEDULES: tuple[Schedule, ...] = ("daily", "weekly")
_NAME = "subscription-"


@dataclass(frozen=True, slots=True)
class Subscription:
    """That a user takes the digest of a county by mail, since ``begun_at``."""

    id: int
    county_code: str
    address: str
    schedule: Schedule
    begun_at: datetime


def may_subscribe(settings: Settings, address: str) -> bool:
    """Whether an address is one, at a domain of ``[mail] subscribers``."""
    try:
        plain = checked_mail(address)
    except WrongMail:
        return False
    return plain is not None and plain.rpartition("@")[2].lower() in settings.mail.subscribers


def destinations(session: Session, settings: Settings) -> list[ChannelSettings]:
    """All destinations of messages. Subscriptions that lie outside of what their users may see count no more."""
    return [
        *settings.notify.channels,
        *(
            _channel(row)
            for row, scope in store.standing(session)
            if scope.covers(row.county_code) and may_subscribe(settings, row.address)
        ),
    ]


def channel_name(subscription_id: int) -> str:
    """The name of the destination of a subscription."""
    return f"{_NAME}{subscription_id}"


def is_subscription(channel: str) -> bool:
    """Whether the name of a destination is that of a subscription."""
    return channel.startswith(_NAME)


def as_subscription(row: SubscriptionRow) -> Subscription:
    """A row as plain data."""
    return Subscription(row.id, row.county_code, row.address, cast("Schedule", row.schedule), row.begun_at)


def _channel(row: SubscriptionRow) -> ChannelSettings:
    return ChannelSettings.model_validate(
        {
            "name": channel_name(row.id),
            "kind": "mail",
            "counties": [row.county_code],
            "to": [row.address],
            "schedule": row.schedule,
            "language": row.language,
        }
    )
