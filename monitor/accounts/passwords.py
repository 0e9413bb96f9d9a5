"""Passwords: argon2id with the library's own parameters; nothing of a password is kept but its hash."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.language import N_

SHORTEST, LONGEST = 12, 256
_TOO_SHORT = N_("密码至少要 {number} 个字符")
_TOO_LONG = N_("密码最多 {number} 个字符")
_SIMPLE = N_("密码太简单：不要重复同几个字符，也不要包含用户名")


class WeakPassword(ValueError):
    """The password is not taken; ``template`` (Chinese) and ``number`` say why."""

    def __init__(self, template: str, number: int = 0) -> None:
        super().__init__(template)
        self.template, self.number = template, number


def check(password: str, name: str) -> None:
    """Raises WeakPassword where a password is too short, too long or easily guessed."""
    if len(password) < SHORTEST:
        raise WeakPassword(_TOO_SHORT, SHORTEST)
    if len(password) > LONGEST:
        raise WeakPassword(_TOO_LONG, LONGEST)
    if len(set(password)) < 5 or name.lower() in password.lower():
        raise WeakPassword(_SIMPLE)


def hashed(password: str) -> str:
    """The hash to keep."""
    return PasswordHasher().hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one of the hash; without a hash it takes as long and never is."""
    try:
        return PasswordHasher().verify(kept or _of_nobody(), password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_dated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return PasswordHasher().check_needs_rehash(kept)


@cache
def _of_nobody() -> str:
    return hashed("the password of nobody, so that an unknown name costs as much as a known one")
