"""Who asks the API, how often, and for which part of a list."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

from monitor.access import callers
from monitor.access.base import Access, Record
from monitor.access.listing import Key, Wanted
from monitor.api.limits import Limiter
from monitor.api.problems import NOBODY, Refused
from monitor.language import N_
from monitor.web.handling import SESSION_COOKIE, session_secret
from monitor.web.rendering import language_of

MOST = 500
USUAL = 100
LARGEST_NUMBER = 2**31 - 1
_BUSY = N_("请求太多：每分钟最多 {limit} 次，请 {seconds} 秒后再试。")
_CURSOR = N_("参数不对：cursor。请原样使用上一页答复中的 next。")
_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token given out by `nianbao tokens add`."
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, scheme_name="session", description="Somebody logged in to the pages."
)


def access_of(
    request: Request, _token: Annotated[Any, Security(_bearer)], _session: Annotated[Any, Security(_cookie)]
) -> Access:
    """What whoever asks may see. Raises Refused (401 without a token that counts, 429 for too many requests)."""
    record: Record = request.app.state.pages
    access = _caller(request, record)
    if access is None:
        raise Refused(401, NOBODY, {"WWW-Authenticate": 'Bearer realm="nianbao"'})
    limiter: Limiter = request.app.state.limiter
    wait = limiter.seconds_to_wait(access.who)
    if wait:
        raise Refused(429, _BUSY, {"Retry-After": str(wait)}, limit=limiter.limit, seconds=wait)
    return access


def _caller(request: Request, record: Record) -> Access | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    language = language_of(request)
    if scheme.lower() == "bearer":
        return callers.by_token(record, credentials.strip(), language)
    if scheme.lower() == "basic":
        # Readers of feeds know names and passwords alone: the token stands in the place of the password.
        return callers.by_token(record, _password(credentials), language)
    secret = session_secret(request) if not scheme else None
    return callers.by_session(record, secret, language) if secret else None


def _password(credentials: str) -> str:
    try:
        return base64.b64decode(credentials.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


Caller = Annotated[Access, Depends(access_of)]
County = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="Code of a county.", examples=["410526"])]
OrganCode = Annotated[str, Field(pattern=r"^[0-9A-Z]{6,18}$", description="Code of an organ.")]
Year = Annotated[int, Field(ge=2008, le=2099, description="Report year.")]
Audience = Annotated[str, Field(pattern="^(oversight|operator)$", description="Whom it is told to.")]
Format = Annotated[str, Field(pattern="^(json|csv)$", description="`json` or `csv`; else what Accept asks for.")]


class Parameters(BaseModel):
    """Parameters of an operation; one that it does not have is refused: nobody trusts a misspelt filter."""

    model_config = ConfigDict(extra="forbid")

    language: Annotated[
        str | None, Field(pattern="^(zh|en)$", description="Of what is told in words; else Accept-Language.")
    ] = None


class ListParameters(Parameters):
    """Parameters of every list."""

    limit: Annotated[int, Field(ge=1, le=MOST, description="How many items at most.")] = USUAL
    cursor: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Za-z0-9_-]{1,400}$", description="`next` of the page before; else from the beginning."
        ),
    ] = None
    format: Format | None = None

    def wanted(self, *kinds: type) -> Wanted:
        """Which page: its cursor holds values of these kinds. Raises Refused."""
        return Wanted(self.limit, read_cursor(self.cursor, kinds) if self.cursor else None)

    def only(self) -> dict[str, Any]:
        """The parameters of this list's own, by which it is narrowed."""
        return self.model_dump(exclude={*ListParameters.model_fields})


Given = TypeVar("Given", bound=Parameters)
From = Query()


def write_cursor(key: Key | None) -> str | None:
    """A key as it stands in an answer."""
    return None if key is None else base64.urlsafe_b64encode(orjson.dumps(list(key))).decode().rstrip("=")


def read_cursor(cursor: str, kinds: tuple[type, ...]) -> Key:
    """The reverse. Raises Refused for what was not given out by :func:`write_cursor` for the same list."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise Refused(422, _CURSOR) from None
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise Refused(422, _CURSOR)
    for value in values:
        if isinstance(value, int) and not 0 <= value <= LARGEST_NUMBER:
            raise Refused(422, _CURSOR)
        if isinstance(value, str) and (len(value) > 200 or not value.isprintable()):
            raise Refused(422, _CURSOR)
    return tuple(values)
