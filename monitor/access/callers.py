"""Other programs that ask: a token is let in as somebody who reads the counties of its scope."""

from __future__ import annotations

from datetime import timedelta

from monitor.access.base import Access, Record, StoreError
from monitor.accounts import logging_in, tokens
from monitor.accounts.roles import Role
from monitor.store import accounts, request_counts

TOUCH_EVERY = timedelta(hours=1)
"""When a token was last used is kept to the hour: asking must not write at every request."""


def by_token(record: Record, secret: str, language: str) -> Access | None:
    """What a token may see; None where it is none, expired or withdrawn. Raises StoreError."""
    if not secret.startswith(tokens.API_PREFIX):
        return None
    now = record.now()
    with record.database.reading() as session:
        token = accounts.token_of(session, tokens.digest(secret), now)
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at >= TOUCH_EVERY:
        with record.database.begin() as session:
            accounts.touch_token(session, token.id, now)
    return Access(record, f"token:{token.id}", Role.VIEWER, token.scope, language)


def by_session(record: Record, secret: str, language: str) -> Access | None:
    """What a user who is logged in to the pages may see; None where the session is over. Raises StoreError."""
    user = logging_in.user_of(record.database, secret, record.now())
    if user is None:
        return None
    return Access(record, user.name, user.role, user.scope, language, user.visited_at or user.created_at, user.id)


def take_requests(record: Record, caller: str, minute: int, number: int, limit: int) -> int:
    """So many of a caller's ``limit`` requests of a minute as are left, ``number`` at most, for this process.

    Where the database is busy or gone, all of them: nobody is refused because they could not be counted, and
    without a database there is no answer anyway.
    """
    try:
        with record.database.counting() as session:
            taken = request_counts.take(session, caller, minute, number)
    except StoreError:
        return number
    return max(0, min(number, limit - (taken - number)))
