"""One report: what is known of the version, its content, its cells, what was found in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from monitor.access import listing
from monitor.api.answers import CSV, as_csv, described, marked, refusals, told, wants_csv
from monitor.api.asking import Caller, Format, Parameters
from monitor.api.lists import Number
from monitor.api.schema import reference

router = APIRouter(prefix="/reports/{number}", responses=refusals(401, 404, 422, 429, 503))


class TableParameters(Parameters):
    """How a table is told."""

    format: Format | None = None


class Cells(BaseModel):
    """All cells of a report."""

    items: list[listing.ReportedCell]


class Findings(BaseModel):
    """All findings of a report."""

    items: list[listing.FoundFinding]


@router.get("", responses=described(listing.ReportVersion))
def report(request: Request, access: Caller, number: Number, asked: Annotated[Parameters, Query()]) -> Response:
    """What is known of one version of a report."""
    return told(request, listing.report(access, number))


@router.get("/document", responses=described(None, content={"application/json": {"schema": reference()}}))
def document(request: Request, access: Caller, number: Number, asked: Annotated[Parameters, Query()]) -> Response:
    """The content of a version as `nianbao parse` prints it: sections, cells, facts, findings that count."""
    return told(request, listing.document(access, number))


@router.get("/cells", responses=described(Cells, as_csv=True))
def cells(
    request: Request, access: Caller, number: Number, asked: Annotated[TableParameters, Query()]
) -> Response:
    """The cells of a version in the order of the form, as printed."""
    found = listing.cells(access, number)
    if wants_csv(request, asked.format):
        return marked(request, as_csv(listing.ReportedCell, found), CSV)
    return told(request, {"items": found})


@router.get("/findings", responses=described(Findings, as_csv=True))
def findings(
    request: Request, access: Caller, number: Number, asked: Annotated[TableParameters, Query()]
) -> Response:
    """All findings of a version, those too that do not count."""
    found = listing.findings_of(access, number)
    if wants_csv(request, asked.format):
        return marked(request, as_csv(listing.FoundFinding, found), CSV)
    return told(request, {"items": found})
