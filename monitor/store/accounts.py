"""Users, sessions, failures to log in, tokens and the audit log, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.accounts.users import ApiToken, AuditEntry, User
from monitor.store.tables import ApiTokenRow, AuditRow, FailedLogIn, UsedSignOn, UserAccount, UserSession


def within(scope: Scope, county_code: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """The condition that a column of county codes lies within a scope; no county lies within everything alone."""
    if scope.everything:
        return or_(county_code.is_(None), county_code.is_not(None))
    return or_(*(county_code.startswith(place, autoescape=True) for place in scope.places))


def users(session: Session, *, closed: bool = False) -> list[User]:
    """All users by name, with ``closed`` those too who may no longer log in."""
    statement = select(UserAccount).order_by(UserAccount.name)
    if not closed:
        statement = statement.where(UserAccount.closed_at.is_(None))
    return [_user(row) for row in session.scalars(statement)]


def user_named(session: Session, name: str) -> tuple[User, str | None] | None:
    """The user of a name, closed or not, with the hash of the password; None where there is none."""
    row = session.scalar(select(UserAccount).where(UserAccount.name == name))
    return None if row is None else (_user(row), row.password)


def user_with(session: Session, user_id: int) -> User | None:
    """The user of an id, closed or not; None where there is none."""
    row = session.get(UserAccount, user_id, populate_existing=True)
    return None if row is None else _user(row)


def add_user(session: Session, name: str, role: Role, scope: Scope, password: str | None, at: datetime) -> User:
    """A new user; ``password`` is the hash. The name must be free."""
    row = UserAccount(name=name, role=role.value, places=list(scope.places), password=password, created_at=at)
    session.add(row)
    session.flush()
    return _user(row)


def change_user(session: Session, user_id: int, **values: Any) -> None:
    """Sets ``role``, ``scope``, ``password`` (a hash), ``language``, ``closed_at``, ``visited_at``, …"""
    if isinstance(values.get("scope"), Scope):
        values["places"] = list(values.pop("scope").places)
    session.execute(update(UserAccount).where(UserAccount.id == user_id).values(**values))


def sign_on_subject(session: Session, user_id: int) -> str | None:
    """As whom (a digest) the provider of single sign-on knows a user; None where they never came from there."""
    return session.scalar(select(UserAccount.sign_on_subject).where(UserAccount.id == user_id))


def use_sign_on(session: Session, digest: str, at: datetime, forget_before: datetime) -> bool:
    """Notes that an attempt at single sign-on came back; False where it did so before."""
    session.execute(delete(UsedSignOn).where(UsedSignOn.at < forget_before))
    if session.get(UsedSignOn, digest) is not None:
        return False
    session.add(UsedSignOn(digest=digest, at=at))
    return True


def begin_session(session: Session, digest: str, user_id: int, at: datetime) -> None:
    """Keeps a session that begins."""
    session.execute(insert(UserSession), [{"digest": digest, "user_id": user_id, "begun_at": at, "seen_at": at}])


def user_of_session(
    session: Session, digest: str, now: datetime, at_rest: timedelta, at_most: timedelta
) -> tuple[User, datetime] | None:
    """Whose session it is and when it was last used; None where it is none, is over, or its user was closed."""
    found = session.execute(
        select(UserAccount, UserSession.seen_at)
        .join(UserSession, UserSession.user_id == UserAccount.id)
        .where(
            UserSession.digest == digest,
            UserSession.seen_at > now - at_rest,
            UserSession.begun_at > now - at_most,
            UserAccount.closed_at.is_(None),
        )
    ).first()
    return None if found is None else (_user(found[0]), found[1])


def touch_session(session: Session, digest: str, user: User, at: datetime, visit_gap: timedelta) -> None:
    """Notes that a session was used; after a longer pause a new visit has begun and the last one has ended."""
    session.execute(update(UserSession).where(UserSession.digest == digest).values(seen_at=at))
    values = {"last_seen_at": at}
    if user.last_seen_at is not None and at - user.last_seen_at > visit_gap:
        values["visited_at"] = user.last_seen_at
    session.execute(update(UserAccount).where(UserAccount.id == user.id).values(**values))


def end_session(session: Session, digest: str) -> None:
    """Logs out."""
    session.execute(delete(UserSession).where(UserSession.digest == digest))


def end_sessions_of(session: Session, user_id: int, *, but: str = "") -> None:
    """Logs a user out everywhere, but for one session."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.digest != but))


def end_old_sessions(session: Session, begun_before: datetime) -> None:
    """Forgets the sessions that are over anyway."""
    session.execute(delete(UserSession).where(UserSession.begun_at < begun_before))


def add_failure(session: Session, name: str, address: str, at: datetime) -> None:
    """Keeps a failure to log in."""
    session.execute(insert(FailedLogIn), [{"name": name[:64], "address": address[:64], "at": at}])


def forget_old_failures(session: Session, before: datetime) -> None:
    """Forgets the failures that count no more."""
    session.execute(delete(FailedLogIn).where(FailedLogIn.at < before))


def failures(session: Session, name: str, address: str, since: datetime) -> tuple[list[datetime], list[datetime]]:
    """When logging in failed since a moment: by this name, and from this address."""
    by_name = select(FailedLogIn.at).where(FailedLogIn.name == name[:64], FailedLogIn.at > since)
    by_address = select(FailedLogIn.at).where(FailedLogIn.address == address[:64], FailedLogIn.at > since)
    return list(session.scalars(by_name)), list(session.scalars(by_address))


def forget_failures(session: Session, name: str, before: datetime) -> None:
    """Forgets the failures of a name that got in, and all that are old."""
    session.execute(delete(FailedLogIn).where(or_(FailedLogIn.name == name, FailedLogIn.at < before)))


def tokens(session: Session) -> list[ApiToken]:
    """All tokens of other systems, those too that count no more, the newest first."""
    return [_token(row) for row in session.scalars(select(ApiTokenRow).order_by(ApiTokenRow.id.desc()))]


def add_token(
    session: Session, digest: str, name: str, scope: Scope, *, by: str, at: datetime, expires_at: datetime
) -> ApiToken:
    """Keeps a token by its digest."""
    row = ApiTokenRow(
        digest=digest,
        name=name,
        places=list(scope.places),
        created_at=at,
        created_by=by,
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return _token(row)


def token_with(session: Session, token_id: int) -> ApiToken | None:
    """The token of an id, whether it counts or not; None where there is none."""
    row = session.get(ApiTokenRow, token_id, populate_existing=True)
    return None if row is None else _token(row)


def token_of(session: Session, digest: str, now: datetime) -> ApiToken | None:
    """The token of a digest, if it counts now."""
    row = session.scalar(
        select(ApiTokenRow).where(
            ApiTokenRow.digest == digest, ApiTokenRow.withdrawn_at.is_(None), ApiTokenRow.expires_at > now
        )
    )
    return None if row is None else _token(row)


def touch_token(session: Session, token_id: int, at: datetime) -> None:
    """Notes that a token was used."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=at))


def withdraw_token(session: Session, token_id: int, at: datetime) -> None:
    """A token that counts no more."""
    session.execute(
        update(ApiTokenRow)
        .where(ApiTokenRow.id == token_id, ApiTokenRow.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
    )


def add_audit(session: Session, entry: AuditEntry) -> None:
    """Adds an entry to the audit log."""
    session.add(
        AuditRow(
            at=entry.at,
            who=entry.who,
            what=entry.what,
            subject=entry.subject,
            county_code=entry.county_code,
            values=dict(entry.values),
        )
    )


def audit_entries(
    session: Session, scope: Scope, *, before_id: int | None = None, who: str | None = None, limit: int = 100
) -> list[AuditEntry]:
    """The newest entries within a scope, before one where it is named."""
    statement = (
        select(AuditRow).where(within(scope, AuditRow.county_code)).order_by(AuditRow.id.desc()).limit(limit)
    )
    if before_id is not None:
        statement = statement.where(AuditRow.id < before_id)
    if who is not None:
        statement = statement.where(AuditRow.who == who)
    return [
        AuditEntry(row.at, row.who, row.what, row.subject, row.county_code, row.values, row.id)
        for row in session.scalars(statement)
    ]


def administrators(session: Session) -> int:
    """How many may administer everything: the last one of them must stay.

    Nobody else changes them before the transaction is over, so that two who go at once do not both go.
    """
    rows = session.scalars(
        select(UserAccount.places)
        .where(UserAccount.closed_at.is_(None), UserAccount.role == Role.ADMINISTRATOR.value)
        .with_for_update()
    )
    return sum(not places for places in rows)


def count_users(session: Session) -> int:
    """How many users there are who may log in."""
    return session.scalar(select(func.count()).where(UserAccount.closed_at.is_(None))) or 0


def _user(row: UserAccount) -> User:
    return User(
        row.id,
        row.name,
        Role(row.role),
        _scope(row.places),
        row.created_at,
        row.language,
        row.visited_at,
        row.last_seen_at,
        row.closed_at,
        row.mail,
    )


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        row.id,
        row.name,
        _scope(row.places),
        row.created_at,
        row.created_by,
        row.expires_at,
        row.last_used_at,
        row.withdrawn_at,
    )


def _scope(places: Iterable[str]) -> Scope:
    return Scope(tuple(places))
