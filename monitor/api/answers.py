"""Answers of the API: JSON or CSV, with a mark of their content, so that what did not change is not sent again."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from monitor.access.listing import Listed
from monitor.api.asking import write_cursor
from monitor.api.problems import MEDIA_TYPE
from monitor.spreadsheets import csv_value

Item = TypeVar("Item")
JSON, CSV = "application/json", "text/csv; charset=utf-8"


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


def described(
    model: Any,
    *,
    as_csv: bool = False,
    lists: bool = False,
    content: dict[str, Any] | None = None,
    marked: bool = True,
) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation, for the description of the API; ``marked``: with a mark of their content."""
    headers: dict[str, Any] = {
        "ETag": {"description": "Mark of the content, for If-None-Match.", "schema": {"type": "string"}}
    }
    if lists:
        headers["Link"] = {
            "description": 'Address of the next page with rel="next", where there is one.',
            "schema": {"type": "string"},
        }
    if not marked:
        return {200: {"description": "The answer", "content": content}}
    shown = {**(content or {}), **({"text/csv": {"schema": {"type": "string"}}} if as_csv else {})}
    return {
        200: {"description": "The answer", "model": model, "headers": headers, "content": shown},
        304: {"description": "Not changed since the answer that If-None-Match names"},
    }


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The refusals of an operation, for the description of the API."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    said = {
        401: "No token that counts",
        404: "Not there, or outside of the scope",
        422: "Parameters that the operation does not have or that are out of bounds",
        429: "Too many requests; Retry-After says when to ask again",
        501: "Not installed here",
        503: "The record cannot be read just now",
    }
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        found[status] = {"description": said[status], "content": content}
        if status in (429, 503):
            found[status]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return found


def listed(request: Request, page: Listed[Any], kind: type, wanted_format: str | None) -> Response:
    """A page of a list."""
    cursor = write_cursor(page.next)
    headers = next_link(request, cursor)
    if wants_csv(request, wanted_format):
        return marked(request, as_csv(kind, page.items), CSV, headers)
    return marked(request, as_json({"items": page.items, "next": cursor}), JSON, headers)


def next_link(request: Request, cursor: str | None) -> dict[str, str]:
    """The header that leads to the next page; nothing on the last one."""
    if cursor is None:
        return {}
    query = request.url.include_query_params(cursor=cursor).query
    return {"Link": f'<{request.url.path}?{query}>; rel="next"'}


def told(request: Request, data: Any) -> Response:
    """One thing as JSON."""
    return marked(request, as_json(data), JSON)


def marked(request: Request, body: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """The body with its mark; nothing but the mark where the caller has it already."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {
        **(headers or {}),
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie, Accept, Accept-Language",
    }
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=told)
    return Response(body, media_type=media_type, headers=told)


def is_known(header: str, etag: str) -> bool:
    """Whether an If-None-Match header names the mark (RFC 9110, 13.1.2: compared weakly)."""
    named = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in named or etag in named


def wants_csv(request: Request, wanted_format: str | None) -> bool:
    """What ``format`` says, else whether Accept names CSV and not JSON before it."""
    if wanted_format is not None:
        return wanted_format == "csv"
    accepted = [part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(",")]
    first = next((one for one in accepted if one in ("text/csv", JSON, "*/*", "application/*")), JSON)
    return first == "text/csv"


def as_json(data: Any) -> bytes:
    """Plain data and data classes."""
    return orjson.dumps(data)


def as_csv(kind: type, items: Iterable[Any]) -> bytes:
    """The fields of data classes, with their names in the first line; lists and the like as JSON in a cell."""
    names = [field.name for field in fields(kind)]
    return csv_lines([names, *([getattr(item, name) for name in names] for item in items)])


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8; text that would be taken for a formula is made harmless."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        value = orjson.dumps(value).decode()
    return csv_value(value)
