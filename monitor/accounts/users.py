"""Users, sessions and tokens as they are kept, and the entries of the audit log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.accounts.roles import Role
from monitor.accounts.scope import Scope
from monitor.alerts.states import BY

NO_USER = "(unknown)"
"""Stands in the log of changes for a name that no user bears: what people type there by mistake is a password."""
_NAME = re.compile(r"[\w.@-]{2,64}")


class WrongMail(ValueError):
    """Not one plain address of mail, ``name@domain``."""


def checked_mail(address: str) -> str | None:
    """The address without blanks around it; None for none. Raises WrongMail."""
    address = address.strip()
    name, _, domain = address.rpartition("@")
    plain = bool(name) and bool(domain) and address.isascii() and address.isprintable()
    if address and not (
        plain and len(address) <= 254 and not set(address) & set(' "(),:;<>[\\]') and "@" not in name
    ):
        raise WrongMail(address)
    return address or None


class WrongName(ValueError):
    """A user's name is 2 to 64 letters, digits or ``. _ @ -`` (Chinese characters are letters)."""


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises WrongName, also for the one that stands for the program itself."""
    name = name.strip()
    if not _NAME.fullmatch(name) or name.casefold() == BY:
        raise WrongName(name)
    return name


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in. ``closed_at``: no longer; ``visited_at``: when the visit before this one ended.

    ``mail``: the address to which the user may have digests sent; administrators enter it.
    """

    id: int
    name: str
    role: Role
    scope: Scope
    created_at: datetime
    language: str | None = None
    visited_at: datetime | None = None
    last_seen_at: datetime | None = None
    closed_at: datetime | None = None
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What another system shows to be let in: it reads what its scope covers, until it expires or is withdrawn."""

    id: int
    name: str
    scope: Scope
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """That somebody changed something: ``what`` (a word like ``user.added``) of ``subject``, with ``values``."""

    at: datetime
    who: str
    what: str
    subject: str
    county_code: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None
