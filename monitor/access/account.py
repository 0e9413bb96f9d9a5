"""What users do to their own account."""

from __future__ import annotations

from sqlalchemy.orm import Session

from monitor.access.base import Access, audit
from monitor.accounts import logging_in, passwords, tokens
from monitor.accounts.roles import Right
from monitor.store import accounts, register


def change_password(access: Access, old: str, new: str, session_secret: str) -> None:
    """A new password for who knows the old one; the user's other sessions end.

    Guesses count as failures to log in. Raises WeakPassword, NotLetIn (Locked), StoreError.
    """
    passwords.check(new, access.who)
    logging_in.verify(access.database, access.who, old, "", access.now)
    with access.changing(Right.READ) as session:
        found = accounts.user_named(session, access.who)
        assert found is not None  # verified just now; users are never deleted
        accounts.change_user(session, found[0].id, password=passwords.hashed(new))
        accounts.end_sessions_of(session, found[0].id, but=tokens.digest(session_secret))
        audit(session, access, "user.password", access.who)


def place_names(access: Access) -> list[str]:
    """What the places of the reader's scope are called, with their codes; a place without a name is its code."""
    with access.reading() as session:
        return [_named(session, place) for place in access.scope.places]


def _named(session: Session, place: str) -> str:
    name = register.place_name(session, place)
    return f"{name}（{place}）" if name else place
