"""The digests that the reader takes by mail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from monitor.access.base import Access, NotFound, audit
from monitor.accounts.roles import Right
from monitor.alerts.subscriptions import (
    SCHEDULES,
    Schedule,
    Subscription,
    as_subscription,
    channel_name,
    may_subscribe,
)
from monitor.store import accounts, register
from monitor.store import subscriptions as store


class WrongAddress(ValueError):
    """Nobody may subscribe with the user's address; ``address`` is empty where there is none."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def own(access: Access, county_code: str | None = None) -> list[Subscription]:
    """The reader's subscriptions, to one county or all."""
    if access.user_id is None:
        return []
    with access.reading() as session:
        rows = store.standing(session, access.user_id)
    return [as_subscription(row) for row, _ in rows if county_code in (None, row.county_code)]


def own_address(access: Access) -> str:
    """The reader's address of mail as administrators entered it; empty where there is none."""
    if access.user_id is None:
        return ""
    with access.reading() as session:
        return _address(session, access.user_id)


def subscribe(access: Access, county_code: str, schedule: str) -> None:
    """The reader takes the digest of a county from now on, in place of one they took of it before.

    It goes to the reader's own address and to no other: nobody has mails sent to somebody else.

    Raises NotFound, WrongAddress, StoreError.
    """
    access.county(county_code)
    chosen: Schedule | None = next((one for one in SCHEDULES if one == schedule), None)
    if access.user_id is None or chosen is None:
        raise NotFound(schedule)
    with access.changing(Right.READ) as session:
        address = _address(session, access.user_id)
        if not may_subscribe(access.settings, address):
            raise WrongAddress(address)
        if register.county_names(session, county_code) is None:
            raise NotFound(county_code)
        for row, _ in store.standing(session, access.user_id):
            if row.county_code == county_code:
                store.end(session, row, channel_name(row.id), access.now)
        store.begin(
            session,
            access.user_id,
            county_code,
            address=address,
            schedule=chosen,
            language=access.language,
            at=access.now,
        )
        audit(session, access, "subscription.begun", county_code, county_code, address=address, schedule=chosen)


def unsubscribe(access: Access, county_code: str) -> None:
    """The reader takes the digest of the county no longer. Raises NotFound, StoreError."""
    with access.changing(Right.READ) as session:
        rows = [row for row, _ in store.standing(session, access.user_id or 0) if row.county_code == county_code]
        if not rows:
            raise NotFound(county_code)
        for row in rows:
            store.end(session, row, channel_name(row.id), access.now)
            audit(session, access, "subscription.ended", county_code, county_code, address=row.address)


def _address(session: Session, user_id: int) -> str:
    user = accounts.user_with(session, user_id)
    return (user.mail if user else None) or ""
