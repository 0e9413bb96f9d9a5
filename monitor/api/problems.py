"""What the API says where it cannot answer: problem details (RFC 9457), one readable line with the remedy."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from monitor.language import N_, translate
from monitor.web.rendering import language_of

MEDIA_TYPE = "application/problem+json"
_logger = logging.getLogger(__name__)


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str = Field(description="Always about:blank: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.")
    status: int
    detail: str = Field(description="What is wrong and what to do, in the language of the request.")


NOBODY = N_(
    "没有有效的令牌。请在 Authorization 头中写 Bearer 和令牌；"
    "令牌用 nianbao tokens add 生成，过期或停用后要换新的。"
)
_TITLES = {
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_DETAILS = {
    401: NOBODY,
    403: N_("没有权限。"),
    404: N_("没有这一项，或者不在令牌可以查看的地区。"),
    405: N_("这个接口只能读取，请用 GET。"),
    500: N_("程序出错，已记入日志；请告知管理员。"),
    503: N_("现在读不到记录，请过几分钟再试。"),
}


class Refused(Exception):
    """A request that is not answered; ``text`` is a Chinese template with ``values``."""

    def __init__(self, status: int, text: str, headers: dict[str, str] | None = None, **values: object) -> None:
        super().__init__(status, text)
        self.status, self.text, self.headers, self.values = status, text, headers, values


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """The answer."""
    told = Problem(type="about:blank", title=_TITLES.get(status, "Error"), status=status, detail=detail)
    return Response(
        orjson.dumps(told.model_dump()),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={**(headers or {}), "Cache-Control": "no-store"},
    )


def refused(request: Request, error: Exception) -> Response:
    """What :class:`Refused` says."""
    assert isinstance(error, Refused)
    text = translate(error.text, language_of(request), error.values)
    return problem(error.status, text, error.headers)


def by_status(request: Request, error: Exception) -> Response:
    """What the framework refuses: no such address, another method."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else None
    return problem(status, translate(_DETAILS.get(status, _DETAILS[500]), language_of(request)), headers)


def not_found(request: Request, error: Exception) -> Response:
    """What does not exist or lies outside of the scope."""
    return problem(404, translate(_DETAILS[404], language_of(request)))


def not_allowed(request: Request, error: Exception) -> Response:
    """What the caller may not do."""
    return problem(403, translate(_DETAILS[403], language_of(request)))


def no_record(request: Request, error: Exception) -> Response:
    """The database cannot be read."""
    _logger.error("%s", error)
    return problem(503, translate(_DETAILS[503], language_of(request)), {"Retry-After": "60"})


def failed(request: Request, error: Exception) -> Response:
    """Something went wrong here; the server logs what."""
    return problem(500, translate(_DETAILS[500], language_of(request)))


def wrong_parameters(request: Request, error: Exception) -> Response:
    """Parameters that are none of the operation's or out of their bounds: each by its name."""
    assert isinstance(error, RequestValidationError)
    named = ", ".join(dict.fromkeys(_name(one) for one in error.errors()))
    text = N_("参数不对：{names}。请对照 /api/v1/openapi.json 中的说明。")
    return problem(422, translate(text, language_of(request), {"names": named}))


def _name(error: Any) -> str:
    place = [str(part) for part in error["loc"]]
    return ".".join(place[1:] or place)[:60]
