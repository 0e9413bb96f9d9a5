"""Single sign-on by OpenID Connect: what is sent to the provider, and when its answer is believed.

The authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700). Nothing here fetches
anything: that is :mod:`monitor.accounts.provider`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from itsdangerous import BadData, URLSafeSerializer

from monitor.accounts import tokens
from monitor.accounts.logging_in import ATTEMPT_LASTS

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

LEEWAY = timedelta(seconds=60)
"""So far the provider's clock may be from ours."""
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2
_SALT = "nianbao sign-on"


class NotBelieved(Exception):
    """What came back is not to be believed; ``why`` is a word for the log, without anything that came."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnknownKey(NotBelieved):
    """The token names a key that the provider's keys as we know them do not hold."""


class Unreachable(Exception):
    """The provider does not answer as it should; the message is one line for the log."""


class TurnedDown(Exception):
    """The provider gives nothing for the code: it is used up, made up, or took too long."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody on the way to the provider and back; ``next`` is the page of ours that they wanted."""

    state: str
    nonce: str
    verifier: str
    next: str
    begun: int

    @classmethod
    def begin(cls, next: str, now: datetime) -> Attempt:
        """A new one."""
        return cls(tokens.new_token(), tokens.new_token(), tokens.new_token(), next, int(now.timestamp()))

    def signed(self, secret: str) -> str:
        """As the browser keeps it, which may read it and not change it."""
        return _serializer(secret).dumps(astuple(self))


def attempt_in(text: str, secret: str, now: datetime) -> Attempt | None:
    """The attempt that a browser brings back; None where there is none, it is made up, or took too long."""
    try:
        attempt = Attempt(*_serializer(secret).loads(text))
    except (BadData, TypeError):
        return None
    age = now.timestamp() - attempt.begun
    return attempt if 0 <= age <= ATTEMPT_LASTS.total_seconds() else None


def is_answer_to(attempt: Attempt, state: str) -> bool:
    """Whether an answer came to this attempt."""
    return hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace"))


def address_to_ask(endpoint: str, attempt: Attempt, *, client_id: str, back: str, scopes: Collection[str]) -> str:
    """Where the browser is sent: the provider's endpoint with what it has to know."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": back,
        "scope": " ".join(dict.fromkeys(["openid", *scopes])),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge(attempt.verifier),
        "code_challenge_method": "S256",
    }
    parts = urlsplit(endpoint)
    kept = [one for one in parse_qsl(parts.query, keep_blank_values=True) if one[0] not in asked]
    return urlunsplit(parts._replace(query=urlencode([*kept, *asked.items()]), fragment=""))


def challenge(verifier: str) -> str:
    """What is told of a verifier before it is shown (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")


def believed(
    token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    algorithms: Collection[str],
    now: datetime,
) -> Mapping[str, Any]:
    """The claims of an identity token that is signed, in force, and meant for us and this attempt.

    Raises NotBelieved (UnknownKey). By OpenID Connect Core 1.0, 3.1.3.7; stricter in that a token for
    somebody else beside us is for neither.
    """
    from joserfc import errors, jwt

    try:
        claims = jwt.decode(token, keys, algorithms=list(algorithms)).claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except errors.InvalidKeyIdError as problem:
        raise UnknownKey(problem.error) from None
    except errors.ClaimError as problem:
        raise NotBelieved(f"{problem.error}: {problem.claim}") from None
    except errors.JoseError as problem:
        raise NotBelieved(problem.error) from None
    except (ValueError, TypeError) as problem:
        raise NotBelieved(type(problem).__name__) from None
    if claims["aud"] not in (client_id, [client_id]) or claims.get("azp", client_id) != client_id:
        raise NotBelieved("invalid_claim: aud")
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise NotBelieved("invalid_claim: sub")
    return dict(claims)


def name_in(claims: Mapping[str, Any], claim: str) -> str:
    """The name of our user that a claim gives, as it is: with a blank it is another one's.

    Raises NotBelieved where it gives none.
    """
    name = claims.get(claim)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_SUBJECT or name != name.strip():
        raise NotBelieved("no_name")
    if claim == "email" and claims.get("email_verified") is not True:
        raise NotBelieved("email_not_verified")
    return name


def subject_of(claims: Mapping[str, Any]) -> str:
    """Whom the provider means: no other provider and nobody else has the same."""
    return f"{claims['iss']}\n{claims['sub']}"


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=_SALT, signer_kwargs={"key_derivation": "hmac"})
