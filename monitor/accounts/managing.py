"""Users and tokens added, changed and closed, each with its entry in the audit log.

Whoever manages has a scope: users and tokens that see more than that are not there for them, and nobody gives more
than they have. The command line manages everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from monitor.accounts import tokens
from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope, common_place
from monitor.accounts.users import ApiToken, AuditEntry, User, WrongMail, WrongName, checked_mail, checked_name
from monitor.alerts.subscriptions import channel_name
from monitor.language import N_
from monitor.refusals import NotPossible
from monitor.store import accounts, subscriptions

LONGEST_VALID = timedelta(days=366)
"""A token is good for so long at most: what is forgotten must end by itself."""
LONGEST_TOKEN_NAME = 64

WRONG_NAME = N_("用户名“{name}”不行：用 2 到 64 个字母、汉字、数字或 . _ @ -")
_TAKEN = N_("已有名为“{name}”的用户；改身份或地区用 users change，重设密码用 users password")
_LAST = N_("“{name}”是最后一个能管理全部地区的管理员，不能停用，也不能改小；请先另设一个")
_NO_MAIL = N_("“{address}”不是邮箱地址；请写成 name@office.example 这样的形式")
_MORE = N_("不能给出比您自己更大的地区范围")
_NO_NAME = N_("请写明令牌给谁用（最多 {number} 个字）")
_WRONG_DAYS = N_("令牌的期限是 1 到 {number} 天")


class NameTaken(NotPossible):
    """There is a user of that name, whoever may see it."""


class Unknown(LookupError):
    """There is no such user or token, or it sees more than who asks."""


@dataclass(frozen=True, slots=True)
class Manager:
    """Who manages users and tokens, at a moment (aware)."""

    name: str
    scope: Scope
    now: datetime


def users_of(session: Session, by: Manager) -> list[User]:
    """The users that somebody manages, those too who were closed."""
    return [user for user in accounts.users(session, closed=True) if by.scope.contains(user.scope)]


def user_of(session: Session, by: Manager, user_id: int) -> User:
    """One of them. Raises Unknown."""
    user = accounts.user_with(session, user_id)
    if user is None or not by.scope.contains(user.scope):
        raise Unknown(user_id)
    return user


def must_be_free(session: Session, name: str) -> str:
    """The name as it is kept, where a user may bear it. Raises NotPossible, NameTaken."""
    try:
        name = checked_name(name)
    except WrongName:
        raise NotPossible(WRONG_NAME, name=name[:80]) from None
    if accounts.user_named(session, name) is not None:
        raise NameTaken(_TAKEN, name=name)
    return name


def add_user(session: Session, by: Manager, name: str, role: Role, scope: Scope, password: str | None) -> User:
    """A new user; ``password`` is the hash, None: by single sign-on alone. Raises NotPossible, NameTaken."""
    must_hold(by, scope)
    user = accounts.add_user(session, must_be_free(session, name), role, scope, password, by.now)
    _note(session, by, "user.added", user.name, scope, role=role.value, places=list(scope.places))
    return user


def change_user(session: Session, by: Manager, user: User, role: Role, scope: Scope) -> None:
    """Another role and other places. Raises NotPossible."""
    must_hold(by, scope)
    if role is not Role.ADMINISTRATOR or not scope.everything:
        _must_not_be_the_last(session, user)
    accounts.change_user(session, user.id, role=role.value, scope=scope)
    before: Mapping[str, Any] = {"role_before": user.role.value, "places_before": list(user.scope.places)}
    values = {"role": role.value, "places": list(scope.places), **before}
    _note(session, by, "user.changed", user.name, user.scope, scope, **values)


def set_password(session: Session, by: Manager, user: User, password: str) -> None:
    """A new password (the hash); the user may log in again, and is logged out everywhere.

    Who comes by single sign-on next is taken for this user: the name may belong to somebody else by now.
    """
    accounts.change_user(session, user.id, password=password, closed_at=None, sign_on_subject=None)
    accounts.end_sessions_of(session, user.id)
    accounts.forget_failures(session, user.name, by.now)
    _note(session, by, "user.password", user.name, user.scope)


def set_mail(session: Session, by: Manager, user: User, address: str) -> None:
    """The address to which the user's digests go, empty: none. Raises NotPossible.

    With another address their subscriptions end, and do not come back with the old one.
    """
    try:
        mail = checked_mail(address)
    except WrongMail:
        raise NotPossible(_NO_MAIL, address=address[:80]) from None
    if mail != user.mail:
        for row, _ in subscriptions.standing(session, user.id):
            subscriptions.end(session, row, channel_name(row.id), by.now)
    accounts.change_user(session, user.id, mail=mail)
    _note(session, by, "user.mail", user.name, user.scope, mail=mail)


def close_user(session: Session, by: Manager, user: User) -> None:
    """No longer a user. Raises NotPossible."""
    _must_not_be_the_last(session, user)
    accounts.change_user(session, user.id, closed_at=by.now)
    accounts.end_sessions_of(session, user.id)
    _note(session, by, "user.closed", user.name, user.scope)


def tokens_of(session: Session, by: Manager) -> list[ApiToken]:
    """The tokens that somebody manages, those too that count no more, the newest first."""
    return [token for token in accounts.tokens(session) if by.scope.contains(token.scope)]


def add_token(session: Session, by: Manager, name: str, scope: Scope, days: int) -> tuple[ApiToken, str]:
    """A new token and its secret, which is not kept. Raises NotPossible."""
    must_hold(by, scope)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_TOKEN_NAME:
        raise NotPossible(_NO_NAME, number=LONGEST_TOKEN_NAME)
    if not 1 <= days <= LONGEST_VALID.days:
        raise NotPossible(_WRONG_DAYS, number=LONGEST_VALID.days)
    secret = tokens.new_token(tokens.API_PREFIX)
    token = accounts.add_token(
        session,
        tokens.digest(secret),
        name,
        scope,
        by=by.name,
        at=by.now,
        expires_at=by.now + timedelta(days=days),
    )
    _note(session, by, "token.added", name, scope, id=token.id, places=list(scope.places), days=days)
    return token, secret


def withdraw_token(session: Session, by: Manager, token_id: int) -> ApiToken:
    """A token that counts no more. Raises Unknown."""
    token = accounts.token_with(session, token_id)
    if token is None or not by.scope.contains(token.scope):
        raise Unknown(token_id)
    if token.withdrawn_at is None:
        accounts.withdraw_token(session, token_id, by.now)
        _note(session, by, "token.withdrawn", token.name, token.scope, id=token.id)
    return token


def must_hold(by: Manager, scope: Scope) -> None:
    """Raises NotPossible where a scope is more than the manager has."""
    if not by.scope.contains(scope):
        raise NotPossible(_MORE)


def _must_not_be_the_last(session: Session, user: User) -> None:
    if user.role is not Role.ADMINISTRATOR or not user.scope.everything or user.closed_at is not None:
        return
    if accounts.administrators(session) <= 1:
        raise NotPossible(_LAST, name=user.name)


def _note(session: Session, by: Manager, what: str, subject: str, *scopes: Scope, **values: Any) -> None:
    entry = AuditEntry(by.now, by.name, what, subject, common_place(*scopes), values)
    accounts.add_audit(session, entry)
