"""A provider of single sign-on on loopback: the code flow with PKCE, and lies as a test wants them."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlencode

import orjson
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from monitor.accounts.sign_on import challenge
from monitor.web.server import serving

CLIENT, CLIENT_SECRET = "nianbao at the office", "a secret of: the client / it"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass
class Provider:
    """Lets everybody in as ``claims`` say; ``lie`` changes the header and the claims of what it signs."""

    now: Callable[[], datetime]
    address: str = ""
    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "preferred_username": "viewer"})
    lie: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: KEY)
    published: Any = field(default_factory=lambda: KEY)
    alg: str = "RS256"
    document: dict[str, Any] = field(default_factory=dict)
    slow: float = 0
    slow_keys: float = 0
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def as_at_first(self) -> None:
        """Honest again, and knows nobody."""
        fresh = Provider(self.now)
        for name in (
            "claims",
            "lie",
            "key",
            "published",
            "alg",
            "document",
            "slow",
            "slow_keys",
            "asked",
            "codes",
        ):
            setattr(self, name, getattr(fresh, name))

    async def discovery(self, request: Request) -> Response:
        """What it says of itself."""
        self.asked.append("discovery")
        time.sleep(self.slow)
        told = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/ask?tenant=1",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "code_challenge_methods_supported": ["S256"],
        }
        return JSONResponse({**told, **self.document})

    async def keys(self, request: Request) -> Response:
        """Its public keys."""
        self.asked.append("keys")
        await asyncio.sleep(self.slow_keys)
        return JSONResponse(KeySet([self.published]).as_dict(private=False))

    async def ask(self, request: Request) -> Response:
        """Where the browser comes: here everybody is let in at once."""
        asked = dict(request.query_params)
        assert (asked["client_id"], asked["response_type"], asked["tenant"]) == (CLIENT, "code", "1")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code {len(self.codes)}"
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", status_code=302)

    async def token(self, request: Request) -> Response:
        """A code becomes an identity token, once, for who knows the secret and the verifier."""
        self.asked.append("token")
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        scheme, _, shown = request.headers["authorization"].partition(" ")
        client, _, secret = base64.b64decode(shown).decode().partition(":")
        asked = self.codes.pop(form["code"], None)
        if (
            asked is None
            or (scheme, unquote_plus(client), unquote_plus(secret)) != ("Basic", CLIENT, CLIENT_SECRET)
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != asked["redirect_uri"]
            or challenge(form["code_verifier"]) != asked["code_challenge"]
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        moment = int(self.now().timestamp())
        claims = {
            "iss": self.address,
            "aud": CLIENT,
            "nonce": asked["nonce"],
            "iat": moment,
            "exp": moment + 300,
            **self.claims,
            **self.lie,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)})

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.alg == "none":
            parts = ({"alg": "none"}, claims)
            return (
                ".".join(base64.urlsafe_b64encode(orjson.dumps(one)).decode().rstrip("=") for one in parts) + "."
            )
        registry = JWSRegistry(algorithms=[self.alg])
        return jwt.encode({"alg": self.alg, "kid": self.key.kid}, claims, self.key, registry=registry)


def shared_secret() -> OctKey:
    """The client's secret as a key, as if it were one to sign by."""
    return OctKey.import_key(CLIENT_SECRET.encode(), {"kid": "first"})


@contextmanager
def provider(now: Callable[[], datetime]) -> Iterator[Provider]:
    """One on loopback, for a block."""
    one = Provider(now)
    routes = [
        Route("/.well-known/openid-configuration", one.discovery),
        Route("/keys", one.keys),
        Route("/ask", one.ask),
        Route("/token", one.token, methods=["POST"]),
    ]
    with serving(Starlette(routes=routes), "127.0.0.1", 0) as address:
        one.address = address.rstrip("/")
        yield one
