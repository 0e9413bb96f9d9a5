"""Tokens of other systems: given out, listed, withdrawn, and whose they are."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.accounts import tokens
from monitor.accounts.scope import Scope
from monitor.accounts.users import ApiToken, AuditEntry
from monitor.store import accounts
from monitor.store.database import Database

LONGEST_DAYS = 730
"""A token lasts so long at most: what nobody renews ends by itself."""
USUAL_DAYS = 365
LONGEST_NAME = 100
_TOUCH_EVERY = timedelta(hours=1)


class WrongToken(ValueError):
    """A token cannot be given out so: the name is empty or too long, or it would last too long or not at all."""


def issue(
    database: Database, name: str, scope: Scope, *, by: str, now: datetime, days: int = USUAL_DAYS
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is told once and never kept. Raises WrongToken, StoreError."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable() or not 0 < days <= LONGEST_DAYS:
        raise WrongToken(name)
    secret = tokens.new_token(tokens.API_PREFIX)
    with database.begin() as session:
        token = accounts.add_token(
            session,
            tokens.digest(secret),
            name,
            scope,
            by=by,
            at=now,
            expires_at=now + timedelta(days=days),
        )
        values = {"places": list(scope.places), "expires_at": token.expires_at.isoformat()}
        accounts.add_audit(session, AuditEntry(now, by, "token.added", f"{token.id} {name}", values=values))
    return token, secret


def known(database: Database, *, counting_at: datetime | None = None) -> list[ApiToken]:
    """All tokens, the newest first; ``counting_at``: those alone that count at that moment. Raises StoreError."""
    with database.reading() as session:
        found = accounts.tokens(session)
    if counting_at is None:
        return found
    return [one for one in found if one.withdrawn_at is None and one.expires_at > counting_at]


def withdraw(database: Database, token_id: int, *, by: str, now: datetime) -> ApiToken | None:
    """Ends a token at once; gives it, or None where there is no such token. Raises StoreError."""
    with database.begin() as session:
        token = next((one for one in accounts.tokens(session) if one.id == token_id), None)
        if token is not None and token.withdrawn_at is None:
            accounts.withdraw_token(session, token_id, now)
            accounts.add_audit(session, AuditEntry(now, by, "token.withdrawn", f"{token.id} {token.name}"))
    return token


def token_of(database: Database, secret: str, now: datetime) -> ApiToken | None:
    """The token of a secret, if it counts now. Notes that it is used. Raises StoreError."""
    if not secret.startswith(tokens.API_PREFIX):
        return None
    with database.reading() as session:
        token = accounts.token_of(session, tokens.digest(secret), now)
    if token is not None and (token.last_used_at is None or now - token.last_used_at >= _TOUCH_EVERY):
        with database.begin() as session:
            accounts.touch_token(session, token.id, now)
    return token
