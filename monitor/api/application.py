"""The API as an application: its operations, how it describes itself, and what it says where it cannot answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from monitor.access import callers
from monitor.access.base import NotAllowed, NotFound, Record, StoreError
from monitor.api import exports, feed, lists, problems, reports
from monitor.api import schema as report_schema
from monitor.api.limits import Limiter
from monitor.api.problems import Problem, Refused

VERSION = "1.0.0"
PARTS = (lists.router, reports.router, feed.router, exports.router, report_schema.router)
_DESCRIPTION = (
    "What the pages of Nianbao show, as data: read only. Every request carries a token "
    "(`Authorization: Bearer nianbao_…`), which sees the counties of its scope; what lies outside is not there. "
    "Times are ISO 8601 with their offset. See docs/api.md."
)


def make_api(record: Record) -> FastAPI:
    """The API over a record; its state holds the record as ``pages`` and the :class:`Limiter` as ``limiter``."""
    refusals: dict[Any, Any] = {
        Refused: problems.refused,
        RequestValidationError: problems.wrong_parameters,
        HTTPException: problems.by_status,
        NotFound: problems.not_found,
        NotAllowed: problems.not_allowed,
        StoreError: problems.no_record,
        Exception: problems.failed,
    }
    api = FastAPI(
        title="Nianbao",
        version=VERSION,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        exception_handlers=refusals,
    )
    api.state.pages = record
    api.state.limiter = Limiter(
        record.settings.web.api_requests_per_minute, partial(callers.take_requests, record)
    )
    for part in PARTS:
        api.include_router(part)

    def description() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _described(api)
        return api.openapi_schema

    api.openapi = description  # type: ignore[method-assign]
    return api


def _described(api: FastAPI) -> dict[str, Any]:
    found = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=[{"url": "/api/v1"}],
    )
    schemas = found["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    return found
