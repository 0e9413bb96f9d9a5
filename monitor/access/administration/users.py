"""Users of the pages, as an administrator sees and changes them: within the administrator's own counties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from monitor.access.base import Access, NotFound
from monitor.accounts import managing, passwords
from monitor.accounts.managing import Manager, Unknown
from monitor.accounts.roles import Right, Role
from monitor.accounts.scope import Scope, WrongPlace
from monitor.accounts.users import User
from monitor.language import N_
from monitor.refusals import NotPossible
from monitor.store import register

WRONG_PLACE = N_("“{place}”不是六位的县区代码，也不是省、市代码的前两位或前四位")
_NO_PLACE = N_("请写明能看到的地区，或选“全部地区”")
_BOTH = N_("“全部地区”和地区代码只能选一种")
_NO_ROLE = N_("请选一种身份")
_NOT_ALIKE = N_("两次输入的密码不一样")
_TAKEN = N_("用户名“{name}”已有人用；请换一个")


@dataclass(frozen=True, slots=True)
class UserLine:
    """A user with the names of the places, empty for everything. ``self``: it is the reader's own account."""

    user: User
    places: tuple[str, ...]
    own: bool


def manager_of(access: Access) -> Manager:
    """The reader as somebody who manages. Raises NotAllowed."""
    access.require(Right.ADMINISTER)
    return Manager(access.who, access.scope, access.now)


def users(access: Access) -> list[UserLine]:
    """The users within the reader's counties, those who may log in first. Raises NotAllowed."""
    by = manager_of(access)
    with access.reading() as session:
        found = managing.users_of(session, by)
        names = place_names(session, [user.scope for user in found])
    found.sort(key=lambda user: (user.closed_at is not None, user.name))
    return [_line(access, user, names) for user in found]


def user(access: Access, user_id: int) -> UserLine:
    """One of them. Raises NotAllowed, NotFound."""
    by = manager_of(access)
    with access.reading() as session:
        found = _user(session, by, user_id)
        return _line(access, found, place_names(session, [found.scope]))


def add(access: Access, name: str, role: str, places: str, password: str, again: str, *, everything: bool) -> User:
    """A new user. Raises NotAllowed, NotPossible."""
    by = manager_of(access)
    chosen, scope = role_in(role), scope_in(places, everything=everything)
    managing.must_hold(by, scope)
    with access.reading() as session, _told():
        name = managing.must_be_free(session, name)
    kept = _new_password(name, password, again)
    with access.changing(Right.ADMINISTER) as session, _told():
        return managing.add_user(session, by, name, chosen, scope, kept)


def change(access: Access, user_id: int, role: str, places: str, *, everything: bool) -> None:
    """Another role and other places. Raises NotAllowed, NotFound, NotPossible."""
    by = manager_of(access)
    with access.changing(Right.ADMINISTER) as session:
        found = _user(session, by, user_id)
        managing.change_user(session, by, found, role_in(role), scope_in(places, everything=everything))


def set_password(access: Access, user_id: int, password: str, again: str) -> None:
    """A new password, with which a closed user may log in again. Raises NotAllowed, NotFound, NotPossible."""
    by = manager_of(access)
    with access.reading() as session:
        name = _user(session, by, user_id).name
    kept = _new_password(name, password, again)
    with access.changing(Right.ADMINISTER) as session:
        managing.set_password(session, by, _user(session, by, user_id), kept)


def set_mail(access: Access, user_id: int, address: str) -> None:
    """The address to which the user's digests go. Raises NotAllowed, NotFound, NotPossible."""
    by = manager_of(access)
    with access.changing(Right.ADMINISTER) as session:
        managing.set_mail(session, by, _user(session, by, user_id), address)


def close(access: Access, user_id: int) -> None:
    """No longer a user. Raises NotAllowed, NotFound, NotPossible."""
    by = manager_of(access)
    with access.changing(Right.ADMINISTER) as session:
        managing.close_user(session, by, _user(session, by, user_id))


def role_in(text: str) -> Role:
    """The role that a form names. Raises NotPossible."""
    try:
        return Role(text)
    except ValueError:
        raise NotPossible(_NO_ROLE) from None


def scope_in(text: str, *, everything: bool) -> Scope:
    """The places that a form names, one of the two ways. Raises NotPossible."""
    places = [place for place in re.split(r"[\s,，、;；]+", text) if place]
    if everything and places:
        raise NotPossible(_BOTH)
    if not everything and not places:
        raise NotPossible(_NO_PLACE)
    try:
        return Scope.of(places)
    except WrongPlace as wrong:
        raise NotPossible(WRONG_PLACE, place=wrong.place[:40]) from None


def place_names(session: Session, scopes: list[Scope]) -> dict[str, str]:
    """What the places of some scopes are called, with their codes."""
    found = {}
    for place in sorted({place for scope in scopes for place in scope.places}):
        name = register.place_name(session, place)
        found[place] = f"{name}（{place}）" if name else place
    return found


def _line(access: Access, user: User, names: dict[str, str]) -> UserLine:
    return UserLine(user, tuple(names[place] for place in user.scope.places), user.id == access.user_id)


def _user(session: Session, by: Manager, user_id: int) -> User:
    try:
        return managing.user_of(session, by, user_id)
    except Unknown:
        raise NotFound(user_id) from None


def _new_password(name: str, password: str, again: str) -> str:
    """The hash of a new password. Raises NotPossible."""
    if password != again:
        raise NotPossible(_NOT_ALIKE)
    try:
        passwords.check(password, name)
    except passwords.WeakPassword as weak:
        raise NotPossible(weak.template, number=weak.number) from None
    return passwords.hashed(password)


@contextmanager
def _told() -> Iterator[None]:
    """Says of a name that is taken what helps on a page."""
    try:
        yield
    except managing.NameTaken as taken:
        raise NotPossible(_TAKEN, **taken.values) from None
