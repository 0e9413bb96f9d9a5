"""Other programs that ask: a token is let in as somebody who reads the counties of its scope."""

from __future__ import annotations

from monitor.access.base import Access, Record
from monitor.accounts import api_tokens, logging_in
from monitor.accounts.roles import Role


def by_token(record: Record, secret: str, language: str) -> Access | None:
    """What a token may see; None where it is none, expired or withdrawn. Raises StoreError."""
    token = api_tokens.token_of(record.database, secret, record.now())
    if token is None:
        return None
    return Access(record, f"token:{token.id}", Role.VIEWER, token.scope, language)


def by_session(record: Record, secret: str, language: str) -> Access | None:
    """What a user who is logged in to the pages may see; None where the session is over. Raises StoreError."""
    user = logging_in.user_of(record.database, secret, record.now())
    if user is None:
        return None
    return Access(record, user.name, user.role, user.scope, language, user.visited_at or user.created_at, user.id)
