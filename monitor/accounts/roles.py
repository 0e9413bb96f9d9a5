"""The three roles and what each may do."""

from __future__ import annotations

from enum import StrEnum

from monitor.language import N_


class Right(StrEnum):
    """Something that not everybody may do."""

    READ = "read"
    """Look at everything within one's counties."""
    HANDLE = "handle"
    """Take up, mute and note alerts, dismiss findings, answer doubtful names."""
    ADMINISTER = "administer"
    """Users, due-date rules, routes, portals, jobs, the audit log."""


class Role(StrEnum):
    """What a user is."""

    VIEWER = "viewer"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"

    def may(self, right: Right) -> bool:
        """Whether somebody of this role has the right."""
        return right in _RIGHTS[self]


_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: frozenset({Right.READ}),
    Role.OFFICER: frozenset({Right.READ, Right.HANDLE}),
    Role.ADMINISTRATOR: frozenset(Right),
}
ROLE_NAMES = {Role.VIEWER: N_("查看者"), Role.OFFICER: N_("经办"), Role.ADMINISTRATOR: N_("管理员")}
