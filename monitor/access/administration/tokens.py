"""Tokens of other systems, as an administrator sees and changes them: within the administrator's own counties."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.access.administration.users import manager_of, place_names, scope_in
from monitor.access.base import Access, NotFound
from monitor.accounts import managing
from monitor.accounts.managing import LONGEST_VALID, Unknown
from monitor.accounts.roles import Right
from monitor.accounts.users import ApiToken
from monitor.language import N_
from monitor.refusals import NotPossible

USUAL_DAYS = 90
_NO_DAYS = N_("令牌的期限是 1 到 {number} 天")


class TokenState(StrEnum):
    """Whether a token counts."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    TokenState.VALID: N_("有效"),
    TokenState.EXPIRED: N_("已到期"),
    TokenState.WITHDRAWN: N_("已收回"),
}


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token with the names of its places, empty for everything."""

    token: ApiToken
    places: tuple[str, ...]
    state: TokenState


def tokens(access: Access) -> list[TokenLine]:
    """The tokens within the reader's counties, the newest first. Raises NotAllowed."""
    by = manager_of(access)
    with access.reading() as session:
        found = managing.tokens_of(session, by)
        names = place_names(session, [token.scope for token in found])
    return [
        TokenLine(token, tuple(names[place] for place in token.scope.places), _state(token, access))
        for token in found
    ]


def add(access: Access, name: str, places: str, days: str, *, everything: bool) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once. Raises NotAllowed, NotPossible."""
    by = manager_of(access)
    scope = scope_in(places, everything=everything)
    if not days.strip().isdecimal() or len(days.strip()) > 4:
        raise NotPossible(_NO_DAYS, number=LONGEST_VALID.days)
    with access.changing(Right.ADMINISTER) as session:
        return managing.add_token(session, by, name, scope, int(days))


def withdraw(access: Access, token_id: int) -> ApiToken:
    """A token that counts no more. Raises NotAllowed, NotFound."""
    by = manager_of(access)
    with access.changing(Right.ADMINISTER) as session:
        try:
            return managing.withdraw_token(session, by, token_id)
        except Unknown:
            raise NotFound(token_id) from None


def _state(token: ApiToken, access: Access) -> TokenState:
    if token.withdrawn_at is not None:
        return TokenState.WITHDRAWN
    return TokenState.EXPIRED if token.expires_at <= access.now else TokenState.VALID
