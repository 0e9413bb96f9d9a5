"""Digests of counties that users take by mail, in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.accounts.scope import Scope
from monitor.store.tables import SubscriptionRow, UserAccount, WaitingStep


def standing(session: Session, user_id: int | None = None) -> list[tuple[SubscriptionRow, Scope]]:
    """The subscriptions that count (of one user), with what their users may see, in the order of their begin.

    Those of users who may no longer log in count no more, nor those to another address than the user's of today.
    """
    statement = (
        select(SubscriptionRow, UserAccount.places)
        .join(UserAccount, UserAccount.id == SubscriptionRow.user_id)
        .where(
            SubscriptionRow.ended_at.is_(None),
            UserAccount.closed_at.is_(None),
            SubscriptionRow.address == UserAccount.mail,
        )
        .order_by(SubscriptionRow.id)
    )
    if user_id is not None:
        statement = statement.where(SubscriptionRow.user_id == user_id)
    return [(row[0], Scope(tuple(row[1]))) for row in session.execute(statement)]


def begin(
    session: Session, user_id: int, county_code: str, *, address: str, schedule: str, language: str, at: datetime
) -> None:
    """A new subscription."""
    session.add(
        SubscriptionRow(
            user_id=user_id,
            county_code=county_code,
            address=address,
            schedule=schedule,
            language=language,
            begun_at=at,
        )
    )


def end(session: Session, row: SubscriptionRow, channel: str, at: datetime) -> None:
    """Ends a subscription; what waits for its destination ``channel`` is told to nobody any more."""
    session.execute(update(SubscriptionRow).where(SubscriptionRow.id == row.id).values(ended_at=at))
    session.execute(
        update(WaitingStep)
        .where(WaitingStep.channel == channel, WaitingStep.taken_at.is_(None))
        .values(taken_at=at)
    )
