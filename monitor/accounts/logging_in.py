"""Log-in and log-out: a name and a password become a session, and a session becomes a user again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from monitor.accounts import limits, passwords, tokens
from monitor.accounts.users import NO_USER, AuditEntry, User
from monitor.store import accounts
from monitor.store.database import Database

VISIT_GAP = timedelta(minutes=30)
"""After a pause of so long a new visit begins."""
_TOUCH_EVERY = timedelta(minutes=1)
ATTEMPT_LASTS = timedelta(minutes=10)
"""So long an attempt at single sign-on may take."""
BY_SIGN_ON = "sign_on"


class NotLetIn(Exception):
    """The name or the password is wrong; which of them is not told."""


class Locked(NotLetIn):
    """Too many tries: nobody is let in by this name or from this address before ``until`` (aware)."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def log_in(database: Database, name: str, password: str, address: str, now: datetime) -> tuple[User, str]:
    """The user and the secret of a new session, for the browser's cookie. Raises NotLetIn, Locked, StoreError."""
    user, kept = verify(database, name, password, address, now)
    with database.begin() as session:
        if passwords.is_dated(kept):
            accounts.change_user(session, user.id, password=passwords.hashed(password))
        secret = _let_in(session, user, now)
        accounts.add_audit(session, AuditEntry(now, user.name, "log_in", user.name))
    return user, secret


def sign_on(database: Database, name: str, subject: str, address: str, now: datetime) -> tuple[User, str]:
    """The user whom the provider of single sign-on vouches for, and the secret of a new session.

    ``subject`` is whom the provider means by ``name``: the first one who comes by a name stays the only one, for
    providers give names to others in time. Raises NotLetIn, StoreError.
    """
    digest = tokens.digest(subject)
    with database.begin() as session:
        found = accounts.user_named(session, name)
        user = found[0] if found and found[0].closed_at is None else None
        known = accounts.sign_on_subject(session, user.id) if user else None
        if user is not None and known in (None, digest):
            if known is None:
                accounts.change_user(session, user.id, sign_on_subject=digest)
            secret = _let_in(session, user, now)
            accounts.add_audit(session, AuditEntry(now, user.name, "log_in", user.name, None, {"how": BY_SIGN_ON}))
            return user, secret
        why = "unknown" if found is None else "closed" if user is None else "another"
        _note_failure(session, name[:64], address, now, why)
    raise NotLetIn


def sign_on_failed(database: Database, address: str, why: str, now: datetime) -> None:
    """Notes that somebody came back from the provider of single sign-on with nothing to be believed."""
    with database.begin() as session:
        _note_failure(session, NO_USER, address, now, why)


def may_come_back(database: Database, state: str, address: str, now: datetime) -> bool:
    """Whether an attempt at single sign-on comes back for the first time. Raises Locked, StoreError."""
    with database.begin() as session:
        _, failed = accounts.failures(session, "", limits.counted_as(address), now - limits.SPAN)
        until = limits.locked_until(failed, limits.OF_AN_ADDRESS, now)
        if until is None:
            return accounts.use_sign_on(session, tokens.digest(state), now, now - 2 * ATTEMPT_LASTS)
    raise Locked(until)


def _note_failure(session: Session, name: str, address: str, now: datetime, why: str) -> None:
    accounts.add_failure(session, "", limits.counted_as(address), now)
    accounts.add_audit(
        session, AuditEntry(now, name, "log_in.failed", name, None, {"how": BY_SIGN_ON, "why": why})
    )


def _let_in(session: Session, user: User, now: datetime) -> str:
    """Begins a session; gives its secret."""
    secret = tokens.new_token()
    accounts.end_old_sessions(session, now - tokens.SESSION_AT_MOST)
    accounts.begin_session(session, tokens.digest(secret), user.id, now)
    accounts.touch_session(session, tokens.digest(secret), user, now, VISIT_GAP)
    return secret


def verify(database: Database, name: str, password: str, address: str, now: datetime) -> tuple[User, str]:
    """The user whose name and password these are, with the hash. Raises NotLetIn, Locked, StoreError.

    ``address`` is empty where the user is known already: then the name alone is locked. A name that no user bears
    is kept nowhere: it is counted by its digest for as long as failures count, for it may be a password.
    """
    name, address = name.strip(), limits.counted_as(address)
    # The try counts as failed until it has succeeded: many at the same time do not get around the limit.
    with database.begin() as session:
        accounts.forget_old_failures(session, now - limits.SPAN)
        found = accounts.user_named(session, name)
        counted = name if found else tokens.digest(name)
        by_name, by_address = accounts.failures(session, counted, address, now - limits.SPAN)
        locks = (
            limits.locked_until(by_name, limits.OF_A_NAME, now),
            limits.locked_until(by_address if address else (), limits.OF_AN_ADDRESS, now),
        )
        until = max((lock for lock in locks if lock), default=None)
        if until is None:
            accounts.add_failure(session, counted, address, now)
    if until is not None:
        raise Locked(until)
    user, kept = found if found else (None, None)
    if not passwords.matches(password, kept) or user is None or kept is None or user.closed_at is not None:
        told = user.name if user else NO_USER
        with database.begin() as session:
            accounts.add_audit(session, AuditEntry(now, told, "log_in.failed", told))
        raise NotLetIn
    with database.begin() as session:
        accounts.forget_failures(session, name, now - limits.SPAN)
    return user, kept


def user_of(database: Database, secret: str, now: datetime) -> User | None:
    """Whose session it is; None where it is none or over. Notes that it is used. Raises StoreError."""
    digest = tokens.digest(secret)
    with database.reading() as session:
        found = accounts.user_of_session(session, digest, now, tokens.SESSION_AT_REST, tokens.SESSION_AT_MOST)
    if found is None:
        return None
    user, seen_at = found
    if now - seen_at >= _TOUCH_EVERY:
        with database.begin() as session:
            accounts.touch_session(session, digest, user, now, VISIT_GAP)
    return user


def log_out(database: Database, secret: str) -> None:
    """Ends a session. Raises StoreError."""
    with database.begin() as session:
        accounts.end_session(session, tokens.digest(secret))
