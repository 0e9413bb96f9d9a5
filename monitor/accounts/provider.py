"""The provider of single sign-on: what it publishes about itself, and codes exchanged for identity tokens.

Every address passes the gate (:mod:`crawler.gate`), and what was checked is what is connected to; redirects are
not followed, and an answer is taken up to a size and within a time.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2
import orjson

from crawler.addresses import host_of
from crawler.gate import Gate, Refused
from monitor.accounts.sign_on import Attempt, NotBelieved, TurnedDown, UnknownKey, Unreachable, believed
from monitor.settings import SignOnSettings

if TYPE_CHECKING:
    import ssl

    from joserfc.jwk import KeySet

SECONDS = 10.0
"""So long the provider may take for one answer, however slowly it trickles."""
LARGEST_ANSWER = 1024 * 1024
KEPT_SECONDS = 3600.0
"""What the provider publishes is asked for again after so long."""
AGAIN_SECONDS = 15.0
"""After a failure nobody waits for the provider for so long; unknown keys are not asked for more often either."""
_WELL_KNOWN = "/.well-known/openid-configuration"
_logger = logging.getLogger(__name__)
# The library tells every address it asks to whoever listens (--verbose does).
logging.getLogger("httpx2").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class Published:
    """What the provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    in_the_header: bool
    """Whether the client shows its secret in a header, else in the form."""
    says_issuer: bool
    """Whether every answer in the browser names the issuer (RFC 9207)."""


class Provider:
    """The provider of the settings. For one event loop."""

    def __init__(
        self,
        settings: SignOnSettings,
        path: Callable[[Path], Path] = Path,
        seconds: float = SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.settings = settings
        self._path = path
        self._seconds = seconds
        self._clock = clock
        self._lock, self._keys_lock = asyncio.Lock(), asyncio.Lock()
        self._published: tuple[float, Published] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._failed = self._keys_failed = float("-inf")

    async def published(self) -> Published:
        """What it says of itself, asked for once an hour. Raises Unreachable."""
        async with self._lock:
            now = self._clock()
            if self._published is not None and now - self._published[0] < KEPT_SECONDS:
                return self._published[1]
            if now - self._failed < AGAIN_SECONDS:
                raise Unreachable("it did not answer a moment ago")
            try:
                found = await self._json("GET", self.settings.issuer.rstrip("/") + _WELL_KNOWN)
                told = self._read(found)
            except Unreachable:
                self._failed = self._clock()
                raise
            self._published = (now, told)
            return told

    async def claims(self, code: str, attempt: Attempt, back: str, now: datetime) -> Mapping[str, Any]:
        """Whom the code stands for. Raises Unreachable, TurnedDown, NotBelieved."""
        told = await self.published()
        token = await self._exchange(told, code, attempt.verifier, back)
        try:
            return self._believed(token, await self._keys_of(told), attempt, now)
        except UnknownKey:
            # Keys are changed now and then: once more with those of today.
            return self._believed(token, await self._keys_of(told, again=True), attempt, now)

    def _believed(self, token: str, keys: KeySet, attempt: Attempt, now: datetime) -> Mapping[str, Any]:
        return believed(
            token,
            keys,
            issuer=self.settings.issuer,
            client_id=self.settings.client_id,
            nonce=attempt.nonce,
            algorithms=self.settings.algorithms,
            now=now,
        )

    def _read(self, found: Mapping[str, Any]) -> Published:
        """Raises Unreachable where it is none that we can use."""
        if found.get("issuer") != self.settings.issuer:
            raise Unreachable("it says that it is another issuer")
        ask, token, keys = (found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
        schemes = ("https://", "http://") if self.settings.issuer.startswith("http://") else ("https://",)
        if not all(
            isinstance(one, str) and one.startswith(schemes) and one.isprintable() for one in (ask, token, keys)
        ):
            raise Unreachable("it does not name its addresses")
        if "S256" not in found.get("code_challenge_methods_supported", ["S256"]):
            raise Unreachable("it does not know PKCE by S256")
        methods = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if not {"client_secret_basic", "client_secret_post"} & set(methods):
            raise Unreachable("it takes no client secret")
        return Published(
            str(ask),
            str(token),
            str(keys),
            in_the_header="client_secret_basic" in methods,
            says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _keys_of(self, told: Published, again: bool = False) -> KeySet:
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        async with self._keys_lock:
            now = self._clock()
            if self._keys is not None:
                age = now - self._keys[0]
                if age < (AGAIN_SECONDS if again else KEPT_SECONDS):
                    return self._keys[1]
            if now - self._keys_failed < AGAIN_SECONDS:
                raise Unreachable("it did not give its keys a moment ago")
            try:
                found = await self._json("GET", told.jwks_uri)
                keys = KeySet.import_key_set({"keys": list(found["keys"])})
            except (JoseError, KeyError, TypeError, ValueError) as problem:
                self._keys_failed = self._clock()
                raise Unreachable(f"its keys cannot be read ({type(problem).__name__})") from None
            except Unreachable:
                self._keys_failed = self._clock()
                raise
            self._keys = (now, keys)
            return keys

    async def _exchange(self, told: Published, code: str, verifier: str, back: str) -> str:
        """The identity token for a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
            "client_id": self.settings.client_id,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if told.in_the_header:
            shown = f"{quote(self.settings.client_id, safe='')}:{quote(self._secret(), safe='')}"
            headers["Authorization"] = "Basic " + base64.b64encode(shown.encode()).decode()
        else:
            form["client_secret"] = self._secret()
        answer = await self._json("POST", told.token_endpoint, urlencode(form).encode(), headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotBelieved("no_token")
        return token

    def _secret(self) -> str:
        """Raises Unreachable where its file cannot be read."""
        if self.settings.client_secret or self.settings.client_secret_file is None:
            return self.settings.client_secret
        try:
            return self._path(self.settings.client_secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise Unreachable(f"[sign_on] client_secret_file cannot be read ({type(problem).__name__})") from None

    async def _json(
        self, method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The object that an address answers. Raises Unreachable, TurnedDown where a code is answered by 400."""
        host = urlsplit(address).hostname
        try:
            async with asyncio.timeout(self._seconds):
                status, data = await self._ask(method, address, body, headers or {})
        except TimeoutError:
            raise Unreachable(f"{host} did not answer within {self._seconds:g} seconds") from None
        except Refused as problem:
            raise Unreachable(" ".join(str(problem).split())[:200]) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as problem:
            reason = " ".join(str(problem).split())[:200] or type(problem).__name__
            raise Unreachable(f"{host}: {reason}") from None
        if method == "POST" and status == 400:
            raise TurnedDown
        if status != 200:
            raise Unreachable(f"{host} answered {status}")
        try:
            found = orjson.loads(data)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Unreachable(f"{host} answered what is no JSON object")
        return found

    async def _ask(self, method: str, address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        gate = Gate((host_of(address),), self.settings.allow_private_addresses)
        addresses = await asyncio.to_thread(gate.resolve, address)
        url = httpx2.URL(address)
        named = [*headers.items(), ("Host", url.netloc.decode("ascii")), ("Accept", "application/json")]
        async with httpx2.AsyncClient(
            verify=_tls(), timeout=self._seconds, follow_redirects=False, trust_env=False
        ) as client:
            for ip in addresses:
                request = client.build_request(
                    method,
                    url.copy_with(host=ip),
                    headers=named,
                    content=body or None,
                    extensions={"sni_hostname": url.raw_host.decode("ascii")},
                )
                try:
                    answer = await client.send(request, stream=True)
                except httpx2.ConnectError:
                    if ip == addresses[-1]:
                        raise
                    continue
                try:
                    data = b""
                    async for part in answer.aiter_bytes():
                        data += part
                        if len(data) > LARGEST_ANSWER:
                            raise ValueError("the answer is too large")
                    return answer.status_code, data
                finally:
                    await answer.aclose()
        raise OSError("no address")


@cache
def _tls() -> ssl.SSLContext:
    """The usual authorities, read once."""
    return httpx2.create_ssl_context(trust_env=False)
